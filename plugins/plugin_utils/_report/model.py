# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: its rows, owners and counts. Pure.

A new column is a new field of ``Row``: JSON and CSV have it from there. ``build.py`` fills it in, and ``columns.py``
has the columns of the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HA_STATUSES,
    HIGHLY_AVAILABLE,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import (
    LEVELS,
    MISSING,
    NODE_UNKNOWN,
    NOT_STARTED,
    PENDING,
    SAME_NODE,
    SAME_ZONE,
    STATE_UNKNOWN,
    UNREACHABLE,
)

#: The status of an application that could not be checked.
UNKNOWN = "unknown"
STATUSES = (*HA_STATUSES, UNKNOWN)

#: The conclusions about an application, the most urgent first.
FAILED = "failed"
BLOCKED = "blocked"
DRIFTED = "drifted"
REPAIRED = "repaired"
LEFT_ALONE = "left_alone"
IN_ORDER = "in_order"
IGNORED = "ignored"
FINDINGS = (FAILED, BLOCKED, DRIFTED, REPAIRED, LEFT_ALONE, IGNORED, IN_ORDER)

#: The statuses of a drill of the router.
PASSED = "passed"
DRILL_STATUSES = (PASSED, FAILED)

#: The change of an application that drifted since the last audit; the other change is ``REPAIRED``.
NEW = "new"

#: The codes of problems, in the order in which they are shown.
PROBLEMS = (
    MISSING,
    SAME_NODE,
    SAME_ZONE,
    NOT_STARTED,
    UNREACHABLE,
    STATE_UNKNOWN,
    NODE_UNKNOWN,
    PENDING,
)


@dataclass(frozen=True)
class RowBlocker:
    """Why an application cannot reach its desired state, as its result shows it."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True)
class RowProblem(RowBlocker):
    """Why an application is not highly available, and what to do. ``repairable``: whether openshift_app_ha can."""

    repairable: bool = False


@dataclass(frozen=True)
class RowInstance:
    """An HAProxy instance: the address and the zone of its node. ``counts``: whether it counts for HA."""

    address: str
    port: int | None
    zone: str
    gear: str
    state: str
    counts: bool

    def __str__(self) -> str:
        place = f"{self.address}:{self.port}" if self.port else self.address
        return " ".join(part for part in (place, self.zone, self.state, "" if self.counts else "(not counted)") if part)


@dataclass(frozen=True)
class Row:
    """One application: its status before the run, the finding, and the reasons.

    The fields are the columns of report.csv and the keys of an application in report.json, in this order.
    """

    domain: str
    name: str
    owner: str | None
    #: One of ``STATUSES``.
    status: str
    #: One of ``FINDINGS``.
    finding: str
    #: The difference from the desired state, in a few words.
    missing: str
    steps: tuple[str, ...]
    gears_needed: int
    #: The owner's remaining gears; ``None``, as for all numbers: not known.
    gears_available: int | None
    blockers: tuple[RowBlocker, ...]
    message: str
    haproxy_count: int | None
    gear_count: int | None
    web_gears: int | None
    min_gears: int | None
    max_gears: int | None
    url: str
    #: Facts that the API does not expose and that may block a repair, and other remarks.
    warnings: tuple[str, ...] = ()
    #: The status after the run; in check mode, the predicted one.
    status_after: str = UNKNOWN
    #: The level at which the application was verified: ``count``, ``placement``, ``traffic``; empty: not known.
    verified: str = ""
    #: How far apart the instances that count are: ``zone``, ``node``, ``none``; empty: not read.
    spread: str = ""
    problems: tuple[RowProblem, ...] = ()
    instances: tuple[RowInstance, ...] = ()
    #: The host in an inventory that is the application; empty: none.
    host: str = ""
    #: Commands for a shell: the operator's, and those of an administrator on a broker host.
    repair_command: str = ""
    admin_commands: tuple[str, ...] = ()
    #: The rule of the policy that applies, as its number and its name; empty: none.
    rule: str = ""
    #: The address of the broker.
    broker: str = ""
    #: Since the last audit: ``NEW``, ``REPAIRED``, or empty.
    change: str = ""
    #: The first of the successive audits that found the drift, in ISO 8601; empty: no drift, or no history.
    drifted_since: str = ""
    #: The last drill of a router: its end in ISO 8601, its status, the router, its requests through the router, those
    #: that failed, and why it failed. Empty and ``None``: not known.
    last_drill: str = ""
    last_drill_status: str = ""
    last_drill_router: str = ""
    last_drill_requests: int | None = None
    last_drill_failed_requests: int | None = None
    last_drill_reason: str = ""

    @cached_property
    def ref(self) -> str:
        return f"{self.domain}/{self.name}" if self.domain else self.name

    @property
    def drifted(self) -> bool:
        """Whether the application was not in the desired state before the run, even if the run repaired it."""
        return self.finding in (BLOCKED, DRIFTED, REPAIRED) or (self.finding == FAILED and self.status != UNKNOWN)

    @property
    def still_drifted(self) -> bool:
        """Whether the application is not in the desired state after the run."""
        return self.drifted and self.finding != REPAIRED

    @property
    def failed(self) -> bool:
        return self.finding in (BLOCKED, FAILED)

    @property
    def reason(self) -> str:
        """Why the application is blocked or failed, without its name where the message begins with it."""
        if self.blockers:
            return " ".join(blocker.message for blocker in self.blockers)
        return self.message.removeprefix(f"{self.ref}: ") if self.finding == FAILED else ""


@dataclass(frozen=True)
class Owner:
    """An owner's gears: those that repairs of the drift need, and those that remain (``None``: not known)."""

    login: str
    applications: int
    gears_needed: int
    gears_available: int | None
    #: The address of the broker, if the report is on several.
    broker: str = ""

    @property
    def shortage(self) -> int:
        return 0 if self.gears_available is None else max(0, self.gears_needed - self.gears_available)


@dataclass(frozen=True)
class Audit:
    """An audit as a point of the trend. ``error``: why it could check nothing; the numbers are then 0."""

    time: datetime
    total: int = 0
    drifted: int = 0
    blocked: int = 0
    error: str = ""


@dataclass(frozen=True)
class Report:
    """The report on a fleet.

    ``error``: why some or all applications could not be checked. ``unmatched``: names in the selection that match no
    accessible application. ``files``: the names of the files with the same report, by format. ``series``: the name of
    the report in the history. ``trend``: the audits in the history, this one included. ``parts``: the reports of the
    brokers, if there are several. ``duration``: the seconds that the audit took. ``link``: the address of the page.
    ``repair_command``: repairs all applications that can be repaired.
    """

    title: str
    broker_url: str
    made_at: datetime
    rows: tuple[Row, ...]
    owners: tuple[Owner, ...]
    error: str = ""
    unmatched: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    repair_command: str = ""
    series: str = ""
    trend: tuple[Audit, ...] = ()
    parts: tuple[Report, ...] = ()
    duration: float | None = None
    link: str = ""

    @property
    def brokers(self) -> tuple[Report, ...]:
        """The report of each broker."""
        return self.parts or (self,)

    @property
    def has_failed(self) -> bool:
        """Whether no application could be checked."""
        return bool(self.error) and all(row.status == UNKNOWN for row in self.rows)

    @cached_property
    def last_audit(self) -> Audit | None:
        """The last audit before this one that did not fail; of several brokers, the latest."""
        times = (audit for part in self.brokers for audit in part.trend[:-1] if not audit.error)
        return max(times, key=lambda audit: audit.time, default=None)

    @cached_property
    def drifted(self) -> tuple[Row, ...]:
        """The applications that were not in the desired state before the run."""
        return tuple(row for row in self.rows if row.drifted)

    @cached_property
    def still_drifted(self) -> tuple[Row, ...]:
        """The applications that are not in the desired state after the run."""
        return tuple(row for row in self.drifted if row.still_drifted)

    @cached_property
    def new(self) -> tuple[Row, ...]:
        """The applications that drifted since the last audit."""
        return tuple(row for row in self.rows if row.change == NEW)

    @cached_property
    def repaired(self) -> tuple[Row, ...]:
        """The applications that were repaired since the last audit."""
        return tuple(row for row in self.rows if row.change == REPAIRED)

    @cached_property
    def by_status(self) -> dict[str, int]:
        counted = Counter(row.status for row in self.rows)
        return {status: counted[status] for status in STATUSES}

    @cached_property
    def by_finding(self) -> dict[str, int]:
        counted = Counter(row.finding for row in self.rows)
        return {finding: counted[finding] for finding in FINDINGS}

    @cached_property
    def by_problem(self) -> dict[str, int]:
        """The applications with each problem before the run."""
        counted = Counter(code for row in self.rows for code in dict.fromkeys(each.code for each in row.problems))
        return {code: counted[code] for code in dict.fromkeys([*PROBLEMS, *sorted(counted)])}

    @cached_property
    def by_level(self) -> dict[str, int]:
        """The applications that claim HA, by the level at which they were verified."""
        counted = Counter(row.verified for row in self.rows if row.status in (HIGHLY_AVAILABLE, DEGRADED))
        return {level: counted[level] for level in LEVELS}

    @cached_property
    def by_policy(self) -> bool:
        """Whether a policy gave an application its desired state."""
        return any(row.rule for row in self.rows)

    @cached_property
    def counts(self) -> dict[str, int]:
        """The same counts as in the ``summary`` of openshift_apps_ha, and ``unknown``; ``ignored`` with a policy."""
        return {
            "total": len(self.rows),
            **self.by_status,
            **{group: len(names) for group, names in self.names.items()},
            **({"ignored": self.by_finding[IGNORED]} if self.by_policy else {}),
        }

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The applications that ``counts`` counts as drifted, blocked and failed."""
        return {
            "drifted": tuple(row.ref for row in self.drifted),
            "blocked": tuple(row.ref for row in self.rows if row.finding == BLOCKED),
            "failed": tuple(row.ref for row in self.rows if row.failed),
        }

    @property
    def short_owners(self) -> tuple[Owner, ...]:
        """The owners whose remaining gears do not suffice."""
        return tuple(owner for owner in self.owners if owner.shortage)

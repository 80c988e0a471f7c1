# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to call an application highly available, and what was found. Types only; ``proving`` decides. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import (
    STARTED,
    UNKNOWN,
    Placement,
)

#: The levels of verification. At ``count`` an HAProxy instance counts if the application counts it; at ``placement`` if
#: it has an endpoint, is started and is on a node of its own; at ``traffic`` if it also answers a request.
COUNT, PLACEMENT, TRAFFIC = "count", "placement", "traffic"
LEVELS = (COUNT, PLACEMENT, TRAFFIC)
#: What two HAProxy instances must not share.
NODE, ZONE = "node", "zone"
SPREADS = (NODE, ZONE)

#: The codes of problems.
MISSING = "haproxy_missing"
SAME_NODE = "haproxy_same_node"
SAME_ZONE = "haproxy_same_zone"
NOT_STARTED = "haproxy_not_started"
STATE_UNKNOWN = "haproxy_state_unknown"
UNREACHABLE = "haproxy_unreachable"
PENDING = "operation_pending"
NODE_UNKNOWN = "haproxy_node_unknown"
PROBLEMS = (MISSING, SAME_NODE, SAME_ZONE, NOT_STARTED, STATE_UNKNOWN, UNREACHABLE, PENDING, NODE_UNKNOWN)


@dataclass(frozen=True)
class Probe:
    """The HTTP request to each HAProxy instance: its path, the seconds until an answer, and the accepted statuses.

    ``statuses``: ranges, first and last included.
    """

    path: str = "/"
    timeout: float = 5.0
    statuses: tuple[tuple[int, int], ...] = ((200, 499),)

    def accepts(self, status: int) -> bool:
        return any(first <= status <= last for first, last in self.statuses)


@dataclass(frozen=True)
class Verification:
    """What the user wants to be verified."""

    level: str = COUNT
    spread: str = NODE
    probe: Probe = Probe()

    @property
    def reads_placement(self) -> bool:
        return self.level != COUNT


#: What the application itself counts, without a further request.
BY_COUNT = Verification()


@dataclass(frozen=True)
class Problem:
    """Why an application is not highly available.

    Programs may compare ``code``. ``reason`` is a clause without a full stop, ``remedy`` a whole sentence.
    ``repairable``: whether openshift_app_ha can solve it. ``is_passing``: it may solve itself within minutes.
    """

    code: str
    ref: str
    reason: str
    remedy: str = ""
    repairable: bool = False
    is_passing: bool = False

    @property
    def message(self) -> str:
        return f"{self.ref}: {self.reason}. {self.remedy}".rstrip()


@dataclass(frozen=True)
class Instance:
    """One HAProxy instance with an endpoint.

    ``location``: its region and zone. ``failure``: why it did not answer the probe (empty: it answered; ``None``: it
    was not asked). ``counts``: whether it counts at the level that was asked for.
    """

    gear: str
    address: str
    port: int
    state: str
    location: str = ""
    failure: str | None = None
    counts: bool = False


@dataclass(frozen=True)
class Proof:
    """What a reading of the placement proved.

    ``level``: the level that was reached. ``problems``: why the application is not highly available at the level that
    was asked for (empty: it is). ``warnings``: what does not change its status. ``placement``: ``None`` if it could not
    be read. ``predicted``: nothing was read; a plan expects this.
    """

    level: str
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    instances: tuple[Instance, ...] = ()
    placement: Placement | None = None
    predicted: bool = False

    @property
    def holds(self) -> bool:
        return not self.problems

    @property
    def is_readable(self) -> bool:
        """Whether the HAProxy instances could be read."""
        return self.placement is not None and self.placement.has_endpoints

    @property
    def may_pass(self) -> bool:
        """Whether a later reading may show fewer problems without any repair."""
        return any(problem.is_passing for problem in (*self.problems, *self.warnings))

    @property
    def not_started(self) -> tuple[Instance, ...]:
        """The instances whose gears are not started, and whose nodes answer."""
        return tuple(instance for instance in self.instances if instance.state not in (STARTED, UNKNOWN))

    def strict(self) -> Proof:
        """The proof of a run that could not verify: an unknown state refutes high availability at each level."""
        unknown = tuple(warning for warning in self.warnings if warning.code == STATE_UNKNOWN)
        others = tuple(warning for warning in self.warnings if warning.code != STATE_UNKNOWN)
        return replace(self, problems=(*self.problems, *unknown), warnings=others)

    def problem(self, *codes: str) -> Problem | None:
        """The first problem with one of these codes."""
        return next((problem for problem in self.problems if problem.code in codes), None)


def codes_of(problems: Iterable[Problem]) -> tuple[str, ...]:
    return tuple(problem.code for problem in problems)

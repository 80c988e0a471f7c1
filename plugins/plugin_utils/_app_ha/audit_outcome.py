# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of an audit: what it found in one word, whether it fails, and which hosts fail. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import find_unknown_domains
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first

#: The outcomes of an audit, and of a run that changes applications. Workflows decide by them.
NO_DRIFT, DRIFT, COULD_NOT_OBSERVE = "no_drift", "drift", "could_not_observe"
#: The statistic with the outcome.
OUTCOME = "openshift_ha_outcome"
#: How many drifted applications are named.
MOST_DRIFTED = 5
CHECK_SELECTION = (
    "Check app_ha_select and the inventory, and that the account is a member of the domains. If an empty audit is "
    "expected, set app_ha_audit_allow_empty."
)


@dataclass(frozen=True)
class AuditOutcome:
    """``outcome``: one of the three. ``failure``: why the audit fails; empty if it succeeds.

    ``failures``: the message of each host that fails.
    """

    lines: tuple[str, ...]
    headline: str
    outcome: str
    failure: str = ""
    failures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Expectations:
    """What the variables require. ``select``: app_ha_select. ``by_host``: hosts fail for their own applications."""

    select: object = None
    fail_on_drift: bool = False
    allow_empty: bool = False
    by_host: bool = False


def judge_outcome(outcome: str, headline: str) -> str:
    """Why a workflow must not end after an audit with this outcome; empty if no application has drifted."""
    found = f" {headline}." if headline else ""
    if outcome == NO_DRIFT:
        return ""
    if outcome == DRIFT:
        return f"The audit found drift.{found} Approve the repair, or deny it."
    if outcome == COULD_NOT_OBSERVE:
        return f"The audit could not check the applications.{found} Its job states the reason. Then run it again."
    return (
        "openshift_ha_outcome is not set: no audit has ended before. Run this playbook in a workflow, after a job that "
        "audits or enables."
    )


def summarize_audit(
    report: Mapping[str, Any], expected: Expectations, here: str, can_fail: Iterable[str] | None = None
) -> AuditOutcome:
    """The outcome of an audit, from the result of ``openshift_ha_report``.

    ``here``: the host of the task, which fails if no other host is the reason. ``can_fail``: the hosts that can still
    fail; ``None``: all.
    """
    lines = (*str(report["summary"]).splitlines(), *map(str, report["paths"].values()))
    headline = str(report["headline"])
    failure = _explain(report, expected, headline)
    own = report["hosts"] if expected.by_host and failure and not _is_blind(report) else {}
    failures = {host: text for host, text in own.items() if can_fail is None or host in can_fail}
    is_complete = len(failures) == len(own) == _count_findings(report)
    if failure and not (failures and is_complete):
        failures.setdefault(here, failure)
    return AuditOutcome(lines, headline, _name_outcome(report, expected), failure, failures)


def _explain(report: Mapping[str, Any], expected: Expectations, headline: str) -> str:
    """Why the audit fails."""
    counts = report["counts"]
    if report["error"]:
        return headline
    if expected.fail_on_drift and _count_findings(report):
        names = dict.fromkeys([*report["names"]["drifted"], *report["names"]["failed"]])
        return f"{headline} The applications are {join_first(list(names), MOST_DRIFTED)}."
    if expected.allow_empty:
        return ""
    lacks_names = expected.fail_on_drift and bool(report["unmatched"])
    if counts["total"] == 0 or lacks_names or _unknown_domains(expected.select, report["unmatched"]):
        # Otherwise a night on which the account lost its domains would look like a success.
        return f"{headline} {CHECK_SELECTION}"
    return ""


def _name_outcome(report: Mapping[str, Any], expected: Expectations) -> str:
    counts = report["counts"]
    if counts["drifted"]:
        return DRIFT
    is_empty = counts["total"] == 0 and not expected.allow_empty
    misses_domains = not expected.allow_empty and bool(_unknown_domains(expected.select, report["unmatched"]))
    return COULD_NOT_OBSERVE if report["error"] or counts["unknown"] or is_empty or misses_domains else NO_DRIFT


def _is_blind(report: Mapping[str, Any]) -> bool:
    """Whether no application could be checked. The failure is then not that of a single host."""
    return bool(report["error"]) and report["counts"]["total"] == report["counts"]["unknown"]


def _count_findings(report: Mapping[str, Any]) -> int:
    """The applications that are not in the desired state, or could not be checked."""
    return int(report["counts"]["drifted"]) + int(report["counts"]["unknown"])


def _unknown_domains(select: object, unmatched: Iterable[str]) -> tuple[str, ...]:
    """The domains of the selection that have no accessible application."""
    domains = select.get("domains") if isinstance(select, Mapping) else None
    return find_unknown_domains(map(str, domains), unmatched) if isinstance(domains, (list, tuple)) else ()

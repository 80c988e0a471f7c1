# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in words: the headline, and the labels of statuses and findings. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HIGHLY_AVAILABLE,
    NOT_SCALABLE,
    STANDALONE,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import (
    MISSING,
    NODE_UNKNOWN,
    NOT_STARTED,
    PENDING,
    SAME_NODE,
    SAME_ZONE,
    STATE_UNKNOWN,
    UNREACHABLE,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    BLOCKED,
    DRIFTED,
    FAILED,
    IGNORED,
    IN_ORDER,
    LEFT_ALONE,
    REPAIRED,
    UNKNOWN,
    Report,
)

#: The headline names at most this many names of the selection.
MOST_NAMES = 5


#: The words for statuses and findings.
LABELS = {
    HIGHLY_AVAILABLE: "highly available",
    DEGRADED: "degraded",
    STANDALONE: "standalone",
    NOT_SCALABLE: "not scalable",
    UNKNOWN: "unknown",
    FAILED: "failed",
    BLOCKED: "blocked",
    DRIFTED: "drifted",
    REPAIRED: "repaired",
    LEFT_ALONE: "skipped",
    IGNORED: "ignored",
    IN_ORDER: "no drift",
}
#: The words for codes of problems and blockers. For others: the code.
_CODE_LABELS = {
    MISSING: "HAProxy instance missing",
    SAME_NODE: "HAProxy instances on the same node",
    SAME_ZONE: "HAProxy instances in the same zone",
    NOT_STARTED: "HAProxy instance not started",
    UNREACHABLE: "HAProxy instance does not answer",
    STATE_UNKNOWN: "state of HAProxy instance unknown",
    NODE_UNKNOWN: "node of HAProxy instance unknown",
    PENDING: "operation in progress",
    "capability": "no HA capability",
    "ha_disabled": "HA is disabled",
    "gear_limit": "not enough gears",
    "caller_gear_limit": "not enough gears of this account",
    "maximum": "maximum of gears",
    "minimum": "minimum of gears",
    "not_scalable": "not scalable",
    "permission": "role of this account",
    "maintenance": "maintenance",
    "relocation": "relocation needed",
    "node_unreachable": "node does not answer",
    "stopped": "application is stopped",
}
#: What each of them means.
MEANINGS = {
    HIGHLY_AVAILABLE: "HA with two or more HAProxy instances",
    DEGRADED: "HA in name only: fewer than two HAProxy instances",
    STANDALONE: "scalable, not HA",
    NOT_SCALABLE: "HA is not possible",
    UNKNOWN: "could not be checked",
    FAILED: "could not be checked or repaired",
    BLOCKED: "not in the desired state, and a repair is not possible",
    DRIFTED: "not in the desired state, and a repair is possible",
    REPAIRED: "was not in the desired state before this run",
    LEFT_ALONE: "not scalable",
    IGNORED: "the policy ignores it",
    IN_ORDER: "in the desired state",
}


def label(code: str) -> str:
    """The words for a status, a finding, a problem or a blocker."""
    return LABELS.get(code) or _CODE_LABELS.get(code) or code.replace("_", " ")


def render_headline(report: Report) -> str:
    """The outcome in a few sentences."""
    if report.error:
        partly = any(row.status != UNKNOWN for row in report.rows)
        return f"{'Not everything' if partly else 'Nothing'} could be checked. {report.error}"
    if not report.unmatched:
        return _outcome(report)
    names = join_first(report.unmatched, MOST_NAMES)
    return f"{_outcome(report)} Selected, but not accessible to this account: {names}."


def _outcome(report: Report) -> str:
    total, unchecked, drifted = len(report.rows), report.by_status[UNKNOWN], len(report.drifted)
    if not total:
        return "No application was checked."
    if drifted:
        sentence = f"{drifted:,} of {_applications(total)} drifted: {_drift(report)}."
        return f"{sentence} {unchecked:,} could not be checked." if unchecked else sentence
    if unchecked:
        return f"No drift found, but {unchecked:,} of {_applications(total)} could not be checked."
    return _no_drift(report.by_finding)


def _no_drift(counted: Mapping[str, int]) -> str:
    """The outcome where every application is in the desired state, is skipped or is ignored."""
    compliant, others = counted[IN_ORDER], ((LEFT_ALONE, "skipped (not scalable)"), (IGNORED, "ignored by the policy"))
    every = "all " if compliant > 1 and not any(counted[finding] for finding, _words in others) else ""
    parts = [f"{every}{_applications(compliant)} {_be(compliant)} in the desired state"] if compliant else []
    for finding, words in others:
        if number := counted[finding]:
            parts.append(f"{f'{number:,}' if parts else _applications(number)} {_be(number)} {words}")
    return f"No drift: {', '.join(parts)}."


def _drift(report: Report) -> str:
    """What can be done about the drift, and what was done."""
    counted = report.by_finding
    repairable = [row for row in report.drifted if row.finding == DRIFTED]
    gears, warned = sum(row.gears_needed for row in repairable), sum(bool(row.warnings) for row in repairable)
    broken = counted[FAILED] - report.by_status[UNKNOWN]
    parts = [
        f"{len(repairable):,} can be repaired ({_gears(gears)} needed)" if repairable else "",
        f"{warned:,} of them with a warning" if warned else "",
        f"{counted[REPAIRED]:,} repaired" if counted[REPAIRED] else "",
        f"{counted[BLOCKED]:,} blocked" if counted[BLOCKED] else "",
        f"{broken:,} failed" if broken else "",
        f"{counted[IGNORED]:,} ignored by the policy" if counted[IGNORED] else "",
    ]
    return ", ".join(part for part in parts if part)


def _be(number: int) -> str:
    return "is" if number == 1 else "are"


def _applications(number: int) -> str:
    return f"{number:,} application{'' if number == 1 else 's'}"


def _gears(number: int) -> str:
    return f"{number:,} gear{'' if number == 1 else 's'}"

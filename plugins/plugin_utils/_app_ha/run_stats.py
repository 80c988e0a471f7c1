# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statistics of a run that changes applications, in the form of those of an audit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.audit_outcome import (
    COULD_NOT_OBSERVE,
    DRIFT,
    NO_DRIFT,
    OUTCOME,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.summary import (
    BLOCKED,
    CHANGED,
    FAILED,
    NOT_STARTED,
    WOULD_CHANGE,
    Summary,
    parse_result,
)

PREFIX = "app_ha_enable"
TITLE = "High availability of applications, repair"
#: A statistic names at most this many applications: AWX passes statistics to later jobs. Their numbers are exact.
MOST_NAMES = 100
#: What people read in the subject of a message.
WORDS = {CHANGED: "changed", "drifted": "not in the desired state", "unknown": "not checked"}


def count_run(summary: Summary, results: Iterable[Mapping[str, Any]], unreached: int = 0) -> dict[str, Any]:
    """The statistics after a run, or after a batch of it. ``unreached``: hosts without a result."""
    names: dict[str, list[str]] = {group: [] for group in (CHANGED, "drifted", BLOCKED, FAILED)}
    unknown, ignored, total = unreached, 0, unreached
    for result in results:
        entry = parse_result(result)
        total += 1
        ignored += bool(result.get("ignored"))
        is_unknown = entry.state == FAILED and not (result.get("application") or {}).get("ha_status")
        unknown += is_unknown
        if entry.state == CHANGED:
            names[CHANGED].append(entry.name)
        if entry.state in (BLOCKED, FAILED, NOT_STARTED, WOULD_CHANGE) and not is_unknown:
            names["drifted"].append(entry.name)
        if entry.state in (BLOCKED, FAILED):
            names[FAILED].append(entry.name)
        if entry.state == BLOCKED:
            names[BLOCKED].append(entry.name)
    numbers = {
        "total": total,
        "unknown": unknown,
        "ignored": ignored,
        **{key: len(each) for key, each in names.items()},
    }
    numbers[FAILED] += unreached
    was_refused = not total and summary.failed
    outcome = DRIFT if names["drifted"] else COULD_NOT_OBSERVE if unknown or was_refused else NO_DRIFT
    return {
        OUTCOME: outcome,
        **{f"{PREFIX}_{key}": number for key, number in numbers.items()},
        **{f"{PREFIX}_{key}_names": each[:MOST_NAMES] for key, each in names.items()},
        **_notify(summary.lines, numbers),
    }


def count_nothing(line: str) -> dict[str, Any]:
    """The statistics of a run without anything to do. ``line``: the reason."""
    return {**count_run(Summary(()), ()), **_notify([line], {})}


def _notify(lines: list[str], numbers: Mapping[str, int]) -> dict[str, str]:
    """A short message for mail, a chat or AWX. The lines fit on a screen."""
    words = ", ".join(f"{numbers[key]:,} {word}" for key, word in WORDS.items() if numbers.get(key))
    text = "\n".join(lines)
    return {
        f"{PREFIX}_notification_subject": f"{TITLE}: {words or 'nothing to do'}",
        f"{PREFIX}_notification_text": f"{TITLE}\n{text}\n",
        f"{PREFIX}_notification_markdown": f"**{TITLE}**\n\n```\n{text.replace('```', chr(39) * 3)}\n```\n",
    }

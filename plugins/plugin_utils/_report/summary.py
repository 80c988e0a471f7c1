# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on a screen: the headline, counts, and equal reasons grouped, at most some thirty lines. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import COUNT, MISSING
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears, first_of, join_first
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    BLOCKED,
    DRIFTED,
    FAILED,
    REPAIRED,
    Report,
    Row,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.reasons import WARNING, reasons_of
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import label, render_headline

#: A section has at most this many lines, and a line of several applications names at most this many.
MOST_LINES, MOST_NAMES = 4, 5


def render_summary(report: Report) -> str:
    """A few lines for a person in a hurry. Applications with the same reason share a line, with their remedy."""
    lines = [render_headline(report), *_count_lines(report)]
    for finding in (FAILED, BLOCKED, DRIFTED, REPAIRED):
        rows = [row for row in report.rows if row.finding == finding]
        # The headline has the reason already.
        if rows and not (report.error and finding == FAILED):
            lines += [f"{label(finding).capitalize()}:", *_list_groups(rows, _DESCRIPTIONS[finding])]
    if warnings := _list_warnings(report.rows):
        lines += ["Warnings:", *warnings]
    if short := [f"{o.login}: needs {o.gears_needed:,}, {o.gears_available:,} left" for o in report.short_owners]:
        lines += ["Not enough gears:", *_list_first([(text, 1) for text in short])]
    return "\n".join(lines)


def _count_lines(report: Report) -> list[str]:
    if not report.rows:
        return []
    lines = [f"Found: {_list_counts(report.by_status)}."]
    # Where only instances are missing, the number of degraded applications is the same.
    if any(number for code, number in report.by_problem.items() if code != MISSING):
        numbers = ", ".join(f"{label(code)}: {number:,}" for code, number in report.by_problem.items() if number)
        lines.append(f"Problems: {numbers}.")
    if any(number for level, number in report.by_level.items() if level != COUNT):
        numbers = ", ".join(f"{level}: {number:,}" for level, number in report.by_level.items() if number)
        lines.append(f"Verified, of those that claim HA, at the level {numbers}.")
    return lines


# --- Groups: a description of a row alone, and what it shares with other rows ----------------------------------------


def _reason(row: Row) -> tuple[str, str]:
    alone = row.reason if row.reason.startswith(row.ref) else f"{row.ref}: {row.reason}"
    return alone, " ".join(reason.shared for reason in reasons_of(row) if reason.kind in (BLOCKED, FAILED))


def _difference(row: Row) -> tuple[str, str]:
    cost = f" (+{count_gears(row.gears_needed)})" if row.gears_needed else ""
    each = f" (+{count_gears(row.gears_needed)} each)" if row.gears_needed else ""
    return f"{row.ref}: {row.missing}{cost}", f"{row.missing}{each}."


def _repair(row: Row) -> tuple[str, str]:
    """The row shows the state before the repair."""
    text = row.message.removeprefix(f"{row.ref}: ") or "; ".join(row.steps)
    return f"{row.ref}: {text}", f"{text.rstrip('.')}."


#: For each finding, a text for an application alone, and the text that those with the same reason share.
_DESCRIPTIONS: Mapping[str, Callable[[Row], tuple[str, str]]] = {
    FAILED: _reason,
    BLOCKED: _reason,
    DRIFTED: _difference,
    REPAIRED: _repair,
}


def _list_groups(rows: Iterable[Row], describe: Callable[[Row], tuple[str, str]]) -> list[str]:
    return _list_members((*describe(row), row.ref) for row in rows)


def _list_warnings(rows: Iterable[Row]) -> list[str]:
    named = ((row, reason) for row in rows if row.warnings for reason in reasons_of(row) if reason.kind == WARNING)
    return _list_members((_with_name(row, reason.text), reason.shared, row.ref) for row, reason in named)


def _with_name(row: Row, text: str) -> str:
    return text if row.ref in text else f"{row.ref}: {text}"


def _list_members(members: Iterable[tuple[str, str, str]]) -> list[str]:
    """Lines for groups of (text of one alone, shared text, name), the largest group first."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for alone, shared, name in members:
        groups.setdefault(shared, []).append((alone, name))
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    return _list_first([(_describe_group(shared, group), len(group)) for shared, group in ordered])


def _describe_group(shared: str, group: list[tuple[str, str]]) -> str:
    if len(group) == 1:
        return group[0][0]
    names = join_first([name for _alone, name in group], MOST_NAMES)
    return f"{len(group):,} applications: {shared} They are {names}."


def _list_first(texts: list[tuple[str, int]]) -> list[str]:
    """The first of the texts as lines, and how many applications are in the others."""
    shown = first_of(texts, MOST_LINES)
    rest = sum(number for _text, number in texts) - sum(number for _text, number in shown)
    lines = [f"  {text}" for text, _number in shown]
    return [*lines, f"  and {rest:,} more"] if rest else lines


def _list_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {label(key)}" for key, number in counts.items() if number)

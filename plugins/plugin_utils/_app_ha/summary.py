# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary at the end of a run of the role app_ha. Pure.

It has the same layout for one application and for thousands, and fits on a screen: applications with the same change or
the same reason are one group, with the first names and what to do about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.changes import (
    UNCHANGED_VALUES,
    describe_status,
    list_changes,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import UNCHANGED as NO_EFFECT
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    NOT_SCALABLE,
    STANDALONE,
    AppRef,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import MISSING
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears, join_first
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import PLANNED

Result = Mapping[str, Any]

#: What happened to an application, in the order of the summary.
CHANGED, WOULD_CHANGE, NOT_STARTED = "changed", "would change", "not started"
BLOCKED, FAILED, UNCHANGED = "blocked", "failed", "unchanged"
CHANGES, FAILURES = (CHANGED, WOULD_CHANGE, NOT_STARTED), (BLOCKED, FAILED)
STATES = (*CHANGES, *FAILURES, UNCHANGED)

#: At most this many kinds of changes, kinds of unchanged applications, and reasons of failures are listed: 30 lines.
MOST_KINDS, MOST_REASONS = 5, 5
#: The same numbers for a run with more than one of changed, would change and not started: its batches differ.
FEW_KINDS, FEW_REASONS = 2, 4
#: At least this many reasons of failed applications are listed, even if many others are blocked.
LEAST_FAILED = 2
#: The length of a line with names: it fits a terminal, although Ansible indents it.
WIDTH = 76
#: The space for the number of the applications that are not named, and how many are named in any case.
MORE_WIDTH, LEAST_NAMES = 12, 3
#: In the kind of a change: HA is disabled.
DISABLED = f"-> {STANDALONE}"
#: The problem of an application that is blocked. Its reason needs no introduction.
CANNOT = "the desired state cannot be reached"
SEE_RESULTS = "see app_ha_results"


@dataclass(frozen=True)
class Entry:
    """What happened to one application. ``kind``: the change or the reason, which many applications may share.

    ``detail``: what a line about this application alone has in addition. ``remedy``: what to do. ``gears``: added.
    """

    name: str
    state: str
    kind: str
    detail: str = ""
    remedy: str = ""
    gears: int = 0


@dataclass(frozen=True)
class Summary:
    """``notes``: what concerns the run as a whole, such as why it was refused. ``failed``: whether a host failed."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()
    failed: bool = False

    @property
    def headline(self) -> str:
        """``52 applications: 27 would change, 8 blocked, 17 unchanged.``"""
        if not self.entries:
            return "No application was handled." if self.failed else "No applications: nothing to do."
        found = [(state, self.count(state)) for state in STATES if self.count(state)]
        if len(self.entries) == 1:
            return f"1 application: {found[0][0]}."
        return f"{len(self.entries):,} applications: {', '.join(f'{number:,} {state}' for state, number in found)}."

    @property
    def lines(self) -> list[str]:
        """All lines, with the headline first."""
        groups = {state: _group(entry for entry in self.entries if entry.state == state) for state in STATES}
        is_mixed = sum(bool(groups[state]) for state in CHANGES) > 1
        kinds, reasons = (FEW_KINDS, FEW_REASONS) if is_mixed else (MOST_KINDS, MOST_REASONS)
        failed = min(len(groups[FAILED]), max(LEAST_FAILED, reasons - len(groups[BLOCKED])))
        lines = [self.headline, *self.notes]
        for state in CHANGES:
            lines += _describe_changes(state, groups[state], kinds)
        lines += _describe_failures(BLOCKED, groups[BLOCKED], reasons - failed)
        lines += _describe_failures(FAILED, groups[FAILED], failed)
        return lines + list(_describe_unchanged(groups[UNCHANGED]))

    def count(self, *states: str) -> int:
        return sum(entry.state in states for entry in self.entries)

    @property
    def failure(self) -> str:
        """Why the run fails; empty if no application failed."""
        count = self.count(*FAILURES)
        if not count:
            return ""
        subject = "The application is" if len(self.entries) == 1 else f"{count:,} of {len(self.entries):,} applications"
        verb = "" if len(self.entries) == 1 else " is" if count == 1 else " are"
        return f"{subject}{verb} not in the desired state. The summary above states the reason."


def parse_result(result: Result, host: str = "") -> Entry:
    """What happened to an application. ``result``: as the role keeps it; ``host``: its name without an application."""
    before, after = result.get("before") or {}, result.get("application") or {}
    name = str(AppRef(f"{after['domain']}", f"{after['name']}")) if "name" in after else host
    if result.get("failed"):
        return _parse_failure(result, name)
    if result.get("ignored"):
        return Entry(name, UNCHANGED, "ignored by the policy", _name_rule(result.get("policy_rule")))
    statuses = [step.get("status") for step in result.get("steps") or ()]
    if not result.get("changed"):
        is_skipped = after.get("ha_status") == NOT_SCALABLE
        if PLANNED in statuses and not is_skipped:
            return Entry(name, NOT_STARTED, str(after.get("ha_status")))
        if is_skipped:
            return Entry(name, UNCHANGED, "not scalable", "skipped")
        return Entry(name, UNCHANGED, str(after.get("ha_status")))
    changes = list_changes(before, after)
    kind, detail = _describe_status_change(before, after), ", ".join(changes)
    if before.get("ha_status") == after.get("ha_status"):
        kind, detail = f"{kind}, {detail or UNCHANGED_VALUES}", ""
    state = WOULD_CHANGE if statuses and set(statuses) == {PLANNED} else CHANGED
    gears = [each.get("gear_count") or 0 for each in (before, after)]
    return Entry(name, state, kind, detail, gears=gears[1] - gears[0])


def _describe_status_change(before: Result, after: Result) -> str:
    """``degraded -> highly_available``, with the problems of the application unless an instance was only missing."""
    codes = [str(each.get("code")) for each in before.get("problems") or ()]
    status = describe_status(before, after)
    if set(codes) <= {MISSING}:
        return status
    first, arrow, last = status.partition(" -> ")
    return f"{first} ({', '.join(dict.fromkeys(codes))}){arrow}{last}"


def _parse_failure(result: Result, name: str) -> Entry:
    why = result.get("failure")
    if not isinstance(why, Mapping):
        return Entry(name, FAILED, str(result.get("msg")).removeprefix(f"{name}: "))
    state = BLOCKED if result.get("blockers") and not result.get("changed") else FAILED
    parts = [why.get("problem") if why.get("problem") != CANNOT else "", why.get("reason")]
    reason = ": ".join(str(part) for part in parts if part)
    effect = str(why.get("effect") or "")
    shown = "" if effect == NO_EFFECT else effect
    remedy = " ".join(part for part in (shown, str(why.get("next_step") or "")) if part)
    return Entry(name, state, reason if reason.endswith(("?", "!", "…")) else f"{reason}.", remedy=remedy)


def _name_rule(rule: object) -> str:
    """``rule 2 (tests)``."""
    if not isinstance(rule, Mapping):
        return ""
    return f"rule {rule.get('number')}" + (f" ({rule['name']})" if rule.get("name") else "")


def _group(entries: Iterable[Entry]) -> list[list[Entry]]:
    """The entries with the same kind and the same remedy, the largest group first."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.kind, entry.remedy), []).append(entry)
    return sorted(groups.values(), key=len, reverse=True)


def _describe_changes(state: str, groups: Sequence[list[Entry]], most: int) -> Iterator[str]:
    if not groups:
        return
    gears = sum(entry.gears for group in groups for entry in group)
    added = f", {'+' if gears > 0 else '-'}{count_gears(abs(gears))}" if gears else ""
    yield f"{_title(state, groups)}{added}:"
    # Whoever reads only the first line must not miss that HA is disabled.
    groups = sorted(groups, key=lambda group: DISABLED not in group[0].kind)
    shown = _first_groups(groups, most)
    for group in shown:
        first = group[0]
        if len(group) == 1:
            yield f"  {', '.join(part for part in (f'{first.name}: {first.kind}', first.detail) if part)}"
        else:
            yield _with_names(f"  {len(group):,} {first.kind}: ", group)
    yield from _describe_rest(groups[len(shown) :], "with other changes")


def _describe_failures(state: str, groups: Sequence[list[Entry]], most: int) -> Iterator[str]:
    if not groups:
        return
    yield f"{_title(state, groups)}:"
    shown = _first_groups(groups, most)
    for group in shown:
        yield from _describe_failure(group)
    yield from _describe_rest(groups[len(shown) :], "for other reasons")


def _describe_failure(group: Sequence[Entry]) -> Iterator[str]:
    first = group[0]
    if len(group) == 1:
        yield f"  {first.name}: {first.kind}"
    else:
        yield f"  {_for_each(first.kind)}"
        yield _with_names(f"    {len(group):,} applications: ", group)
    if first.remedy:
        yield f"    {_for_each(first.remedy) if len(group) > 1 else first.remedy}"


def _for_each(text: str) -> str:
    """The text about one application, changed for several; the words of the broker stay as they are."""
    text = re.sub("the application has (?!no valid )", "each application has ", text)
    return f"{text[:1].upper()}{text[1:]}"


def _describe_unchanged(groups: Sequence[list[Entry]]) -> Iterator[str]:
    if not groups:
        return
    shown = _first_groups(groups, MOST_KINDS)
    parts = [_describe_kind(group) for group in shown]
    left = sum(map(len, groups[len(shown) :]))
    parts += [f"{left:,} others"] if left else []
    yield f"{_title(UNCHANGED, groups)}: {', '.join(parts)}"


def _describe_kind(group: Sequence[Entry]) -> str:
    """``9 highly_available``, or the name of a single application."""
    first = group[0]
    if len(group) == 1:
        return f"{first.name} ({', '.join(part for part in (first.kind, first.detail) if part)})"
    return f"{len(group):,} {first.kind}"


def _first_groups(groups: Sequence[list[Entry]], most: int) -> Sequence[list[Entry]]:
    """The first groups, or all of them if only one more application is left."""
    return groups if sum(map(len, groups[most:])) <= 1 else groups[:most]


def _describe_rest(groups: Sequence[list[Entry]], what: str) -> Iterator[str]:
    left = sum(map(len, groups))
    if left:
        yield f"  {left:,} more applications {what}: {SEE_RESULTS}"


def _title(state: str, groups: Sequence[list[Entry]]) -> str:
    """``Would change (27)``."""
    return f"{state[0].upper()}{state[1:]} ({sum(map(len, groups)):,})"


def _with_names(start: str, group: Sequence[Entry]) -> str:
    """``start`` with the first names, as many as one line holds, and how many more there are."""
    names = [entry.name for entry in group]
    ends = list(accumulate((len(name) + 2 for name in names), initial=len(start)))[1:]
    count = sum(end <= WIDTH - MORE_WIDTH for end in ends)
    return start + join_first(names, max(count, LEAST_NAMES))

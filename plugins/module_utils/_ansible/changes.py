# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed about an application, in a few words for people: diffs, and lines of a summary. Pure.

``before`` and ``after`` are applications as the modules return them, see ``ApplicationView``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.shapes import CartridgeName, Diff, ScalesView
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import describe_maximum, escape_unprintable

View = Mapping[str, Any]

#: What is shown where it differs, each with its key. The gears of all cartridges together come from the web cartridge,
#: unless this does not change.
_GEARS = (("HAProxy", "haproxy_count"), ("web gears", "web_gears"), ("minimum", "min_gears"))
_MAXIMUM, _ALL_GEARS = "max_gears", "gear_count"
UNCHANGED_VALUES = "gears and limits stay as they are"


def describe_status(before: View, after: View) -> str:
    """``degraded -> highly_available``, or the status if it does not change."""
    return _change(before.get("ha_status"), after.get("ha_status"))


def list_changes(before: View, after: View) -> list[str]:
    """``["HAProxy 1 -> 2", "web gears 3 -> 4"]``: what differs, apart from the status."""
    return list(_find_changes(before, after))


def _find_changes(before: View, after: View) -> Iterator[str]:
    for label, key in _GEARS:
        if before.get(key) != after.get(key):
            yield f"{label} {_change(before.get(key), after.get(key))}"
    if before.get(_MAXIMUM) != after.get(_MAXIMUM):
        yield f"maximum {_change(*(_maximum(each.get(_MAXIMUM)) for each in (before, after)))}"
    if before.get("web_gears") == after.get("web_gears") and before.get(_ALL_GEARS) != after.get(_ALL_GEARS):
        yield f"gears {_change(before.get(_ALL_GEARS), after.get(_ALL_GEARS))}"
    problems = [_problems(each) for each in (before, after)]
    if problems[0] != problems[1] and before.get("haproxy_count") == after.get("haproxy_count"):
        yield f"problems {_change(*problems)}"


def build_diff(before: View, after: View, *more: str) -> Diff:
    """The diff of one application, two lines that Ansible shows as they are; empty if nothing differs.

    ``more``: further changes.
    """
    changes = [*list_changes(before, after), *more]
    if before == after and not more:
        return {"prepared": ""}
    name = f"{after.get('domain')}/{after.get('name')}"
    lines = f"{name}: {describe_status(before, after)}\n  {', '.join(changes) or UNCHANGED_VALUES}"
    return {"prepared": "".join(f"{escape_unprintable(line)}\n" for line in lines.split("\n"))}


def describe_scales(before: ScalesView | CartridgeName, after: ScalesView | CartridgeName) -> list[str]:
    """What differs about the gears and limits of a cartridge: ``["mysql-5.5: gears 1 -> 2"]``."""
    old, new = dict(before), dict(after)
    parts = [
        f"{label} {_change(old.get(key), new.get(key))}"
        for label, key in (("gears", "gears"), ("minimum", "min_gears"))
        if old.get(key) != new.get(key)
    ]
    if old.get(_MAXIMUM) != new.get(_MAXIMUM):
        parts.append(f"maximum {_change(_maximum(old.get(_MAXIMUM)), _maximum(new.get(_MAXIMUM)))}")
    return [f"{new['name']}: {', '.join(parts)}"] if parts else []


def _change(before: object, after: object) -> str:
    """The value, or the values before and after where they differ."""
    return " -> ".join(dict.fromkeys((str(before), str(after))))


def _maximum(value: Any) -> str:
    return describe_maximum(value) if isinstance(value, int) else str(value)


def _problems(view: View) -> str:
    codes = [str(problem.get("code")) for problem in view.get("problems") or () if isinstance(problem, Mapping)]
    return " and ".join(codes) or "none"

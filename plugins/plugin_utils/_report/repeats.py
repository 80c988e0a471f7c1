# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications that the inputs of a report contain more than once, such as two hosts of one application. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import FINDINGS, UNKNOWN, Row


def unify_rows(rows: Iterable[tuple[Row, str]]) -> tuple[Row, ...]:
    """Each application once, at its first position, with a warning. ``rows``: with the ids of the applications.

    Of several rows, the most urgent one counts. An application that was checked successfully counts as checked.
    """
    groups: list[list[Row]] = []
    by_id: dict[tuple[str, str], list[Row]] = {}
    by_name: dict[tuple[str, str], list[Row]] = {}
    without_id: dict[tuple[str, str], list[Row]] = {}
    for row, app_id in rows:
        name = (row.domain.lower(), row.name.lower())
        # Applications of different brokers may have the same names, but not the same id. With the same id but in
        # another domain, the domain was renamed.
        group = by_id.get((app_id, name[1])) if app_id else by_name.get(name)
        group = without_id.get(name) if group is None else group
        if group is None or not row.name:
            group = []
            groups.append(group)
        group.append(row)
        by_name.setdefault(name, group)
        if app_id:
            by_id[(app_id, name[1])] = group
            without_id.pop(name, None)
        elif by_name[name] is group and len(group) == 1:
            without_id[name] = group
    return tuple(map(_choose, groups))


def _choose(rows: list[Row]) -> Row:
    if len(rows) == 1:
        return rows[0]
    best = min(rows, key=lambda row: (row.status == UNKNOWN, FINDINGS.index(row.finding)))
    text = f"{best.ref} is in the data {len(rows)} times, and is counted once."
    return replace(best, warnings=(*dict.fromkeys([*best.warnings, text]),))

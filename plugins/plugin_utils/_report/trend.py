# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trend of the drift as numbers for a picture: an area of drifted applications, a line of blocked ones. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Audit

#: The size of the picture in its own units, and how many points it shows at most.
WIDTH, HEIGHT = 1000, 160
MOST_POINTS = 500


@dataclass(frozen=True)
class Trend:
    """``drifted``, ``area`` and ``blocked``: paths of SVG. ``failures``: where audits failed. ``most``: the scale."""

    drifted: str
    area: str
    blocked: str
    failures: tuple[str, ...]
    most: int
    first: datetime
    last: datetime
    sentence: str


def draw_trend(audits: Sequence[Audit], zone: tzinfo | None) -> Trend | None:
    """The trend of these audits, oldest first; ``None`` for fewer than two that did not fail."""
    good = [audit for audit in audits if not audit.error]
    if len(good) < 2:
        return None
    start, end = audits[0].time, audits[-1].time
    seconds = (end - start).total_seconds() or 1.0
    most = max(max(audit.drifted for audit in good), 1)
    shown = _thin(good)

    def across(audit: Audit) -> str:
        return f"{WIDTH * (audit.time - start).total_seconds() / seconds:.1f}"

    def path(number: Callable[[Audit], int]) -> str:
        return "L".join(f"{across(audit)} {HEIGHT * (1 - number(audit) / most):.1f}" for audit in shown)

    drifted = path(lambda audit: audit.drifted)
    return Trend(
        drifted=f"M{drifted}",
        area=f"M{across(shown[0])} {HEIGHT}L{drifted}L{across(shown[-1])} {HEIGHT}Z",
        blocked=f"M{path(lambda audit: min(audit.blocked, most))}" if any(audit.blocked for audit in good) else "",
        failures=tuple(across(audit) for audit in audits if audit.error),
        most=most,
        first=start.astimezone(zone),
        last=end.astimezone(zone),
        sentence=_describe(good, len(audits) - len(good)),
    )


def _thin(audits: list[Audit]) -> list[Audit]:
    """At most ``MOST_POINTS`` audits: of successive ones, the one with the most drift, and always the last one."""
    size = -(-len(audits) // MOST_POINTS)
    groups = [audits[start : start + size] for start in range(0, len(audits) - 1, size)]
    return [*(max(group, key=lambda audit: audit.drifted) for group in groups if audits[-1] not in group), audits[-1]]


def _describe(good: Sequence[Audit], failed: int) -> str:
    least, most = min(audit.drifted for audit in good), max(audit.drifted for audit in good)
    failures = f", of which {failed:,} failed" if failed else ""
    first, last = good[0].drifted, good[-1].drifted
    return (
        f"{len(good) + failed:,} audits{failures}. Drifted applications: {first:,} in the first, {last:,} in the last; "
        f"least {least:,}, most {most:,}."
    )

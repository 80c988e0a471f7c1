# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""So many web gears, or so many more or fewer: by one event, and never by a second one that corrects the first."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HA_MINIMUM,
    NO_LIMIT,
    Application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Blocker, Memory, others_at_work
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import ScaleBy, ScaleTo, Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears


@dataclass(frozen=True)
class DesiredGears:
    """So many web gears, however many there are."""

    gears: int

    def next_step(self, app: Application, _memory: Memory) -> Step | None:
        """One event with ``to``, or ``None`` when there are as many."""
        if app.web_gears == self.gears:
            return None
        return ScaleTo(self.gears, up=self.gears > app.web_gears)

    def blockers_of(self, _step: Step, app: Application, memory: Memory) -> tuple[Blocker, ...]:
        """Limits in the way; or another count after this run's event, which it does not scale away again.

        Two operators that correct each other at the same time may end anywhere: two scale-downs at once can even take
        the second HAProxy. The next run looks afresh.
        """
        others = others_at_work(app, memory)
        if others:
            return (Blocker("scaled_meanwhile", f"{others[0]} Run again when that is over."),)
        return _count_blockers(app, self.gears)

    def remarks(self, first: Application, now: Application, _memory: Memory) -> tuple[str, ...]:
        return haproxy_remarks(first, now)


@dataclass(frozen=True)
class GearChange:
    """So many web gears more than there are (below zero: fewer), once."""

    by: int

    def next_step(self, _app: Application, memory: Memory) -> Step | None:
        """The event itself, or ``None`` once it was done."""
        return ScaleBy(self.by) if memory.left_gears is None else None

    def blockers_of(self, _step: Step, app: Application, _memory: Memory) -> tuple[Blocker, ...]:
        return _count_blockers(app, app.web_gears + self.by)

    def remarks(self, first: Application, now: Application, memory: Memory) -> tuple[str, ...]:
        return others_at_work(now, memory) + haproxy_remarks(first, now)


def haproxy_remarks(first: Application, now: Application) -> tuple[str, ...]:
    """What a change of the web gears has meant for the HAProxy: a gear with HAProxy may have been the one to go."""
    if now.web_gears == first.web_gears:
        return ()
    if now.ha_status == DEGRADED:
        return (f"{now.ref} says HA but has {now.haproxy_count} HAProxy: openshift_app_ha brings the second one.",)
    if not now.ha and now.haproxy_count < first.haproxy_count:
        text = (
            f"{now.ref} has {now.haproxy_count} HAProxy, and had {first.haproxy_count}: it is not HA, and then gears "
            "with HAProxy go first. If it is made HA again, let openshift_app_ha bring the second one."
        )
        return (text,)
    return ()


def _count_blockers(app: Application, wanted: int) -> tuple[Blocker, ...]:
    """Why there cannot be so many web gears: the limits, which stay as they are."""
    has = f"{app.ref} has {count_gears(app.web_gears)}"
    if wanted < app.min_gears:
        text = f"{has} and its minimum is {app.min_gears}, so it cannot have {wanted}: {_what_helps(app)}."
        return (Blocker("minimum", text),)
    if wanted > app.web_gears and app.max_gears != NO_LIMIT and wanted > app.max_gears:
        hint = "raise it with max_gears of openshift_cartridge_scale"
        text = f"{has} and its maximum is {app.max_gears}, so {wanted - app.web_gears} more cannot be added: {hint}."
        return (Blocker("maximum", text),)
    return ()


def _what_helps(app: Application) -> str:
    """What to do about a minimum that is in the way: some cannot be lower."""
    if app.ha and app.min_gears == HA_MINIMUM:
        return "HA needs two"
    return "lower it with min_gears of openshift_cartridge_scale" if app.min_gears > 1 else "every application has one"

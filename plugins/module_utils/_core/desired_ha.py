# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application highly available, or not: which step brings it nearer to that, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HA_MINIMUM,
    HIGHLY_AVAILABLE,
    NO_LIMIT,
    Application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limits import limits_blockers, limits_step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Blocker, Memory, others_at_work
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import (
    DisableHa,
    MakeHa,
    ScaleDown,
    ScaleUp,
    SetLimits,
    Step,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears

SCALE_UP = "scale_up"
SET_MINIMUM = "set_minimum"
LEAVE = "none"
SCALE_STRATEGIES = (SCALE_UP, SET_MINIMUM, LEAVE)


@dataclass(frozen=True)
class DesiredHa:
    """What is wished of one application; ``None`` for a limit means: whatever it is.

    ``scale_strategy`` says how a missing HAProxy is brought, see the module's documentation.
    """

    ha: bool = True
    scale_strategy: str = SCALE_UP
    preserve_gear_count: bool = False
    min_gears: int | None = None
    max_gears: int | None = None
    allow_gear_removal: bool = False

    def next_step(self, app: Application, memory: Memory) -> Step | None:
        """The one write that comes next, or ``None`` when all that was wished is there."""
        limits = self._limits_step(app, memory)
        if not app.scalable or app.web_cartridge is None:
            return MakeHa() if self.ha else limits
        if self.ha and not app.ha:
            # Only a maximum of 1 is in make-ha's way; everything else waits until the second HAProxy is there.
            if app.max_gears == 1 and self.max_gears is not None and self.max_gears != 1:
                return SetLimits(max_gears=self.max_gears)
            return MakeHa()
        if app.ha and not self.ha:
            return DisableHa()
        if app.ha_status == DEGRADED and self.scale_strategy != LEAVE:
            return self._haproxy_step(app, limits)
        return limits or self._give_back_step(app, memory)

    def _haproxy_step(self, app: Application, limits: SetLimits | None) -> Step:
        """Bring the second HAProxy. Limits go first where they make room for it (or bring it), else they wait."""
        by_minimum = self.scale_strategy == SET_MINIMUM
        if limits is not None:
            after = limits.apply_to(app)
            if after.web_gears > app.web_gears:
                return limits
            if _has_room_above(after, app.web_gears) and not by_minimum:
                return limits
        if not by_minimum:
            return ScaleUp()
        maximum = self.max_gears if self.max_gears != app.max_gears else None
        if maximum is not None and maximum != NO_LIMIT and maximum <= app.web_gears:
            maximum = None
        return SetLimits(min_gears=app.web_gears + 1, max_gears=maximum, for_haproxy=True)

    def _limits_step(self, app: Application, memory: Memory) -> SetLimits | None:
        """The limits that still differ from those wished; a minimum that this run raised goes back with them."""
        step = limits_step(app, self.min_gears, self.max_gears)
        if step is not None and self.min_gears is None and self.preserve_gear_count and memory.raised_minimum:
            return replace(step, min_gears=memory.first_minimum)
        return step

    def _give_back_step(self, app: Application, memory: Memory) -> Step | None:
        """Take away the gear that only the HAProxy needed, the minimum that was raised for it first."""
        if not self.preserve_gear_count or memory.lent_gears < 1 or app.web_gears != memory.left_gears:
            return None
        if app.ha_status != HIGHLY_AVAILABLE:
            return None
        if memory.raised_minimum and self.min_gears is None:
            return SetLimits(min_gears=memory.first_minimum)
        return ScaleDown() if app.web_gears - 1 >= app.min_gears else None

    def blockers_of(self, step: Step, app: Application, memory: Memory) -> tuple[Blocker, ...]:
        """Why the broker would refuse ``step``, as far as the application itself shows it."""
        if isinstance(step, SetLimits) and not step.for_haproxy:
            return limits_blockers(step, app, self.allow_gear_removal, memory.lent_gears)
        if isinstance(step, MakeHa) and app.max_gears == 1:
            return (_at_maximum(app, HA_MINIMUM, "HA needs two gears"),)
        if isinstance(step, ScaleUp) and not _has_room_above(app, app.web_gears):
            return (_at_maximum(app, app.web_gears + 1, "the second HAProxy comes only with a new gear"),)
        if isinstance(step, SetLimits) and not _has_room_above(step.apply_to(app), app.web_gears):
            return (_at_maximum(app, app.web_gears + 1, "the second HAProxy comes only with a new gear"),)
        return ()

    def remarks(self, _first: Application, now: Application, memory: Memory) -> tuple[str, ...]:
        """What the user should know of the application at the end: what was left as it is, and why."""
        found = []
        if self.ha and now.ha_status == DEGRADED:
            found.append(f"{now.ref} says HA but has {now.haproxy_count} HAProxy: scale_strategy none leaves it so.")
        found += others_at_work(now, memory)
        if self.preserve_gear_count and memory.lent_gears and now.ha_status == HIGHLY_AVAILABLE:
            found.append(f"{now.ref} keeps the gear that this run added for the second HAProxy.")
        return tuple(found)


def _has_room_above(app: Application, gears: int) -> bool:
    return app.max_gears == NO_LIMIT or app.max_gears > gears


def _at_maximum(app: Application, needed: int, why: str) -> Blocker:
    message = (
        f"{app.ref} has {count_gears(app.web_gears)} and its maximum is {app.max_gears}, but {why}: "
        f"raise it with max_gears: {needed} (or more, or -1 for no limit)."
    )
    return Blocker("maximum", message)

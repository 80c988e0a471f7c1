# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Desired high availability of an application: the next step, and what blocks it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HIGHLY_AVAILABLE,
    NO_LIMIT,
    Application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limit_steps import SetLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limits import limits_step, removal_blockers
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Memory, remark_on_others
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.scaling_steps import ScaleDown, ScaleUp
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import DisableHa, MakeHa, Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_instances

SCALE_UP = "scale_up"
SET_MINIMUM = "set_minimum"
LEAVE = "none"
SCALE_STRATEGIES = (SCALE_UP, SET_MINIMUM, LEAVE)


@dataclass(frozen=True)
class DesiredHa:
    """The desired state of one application; ``None`` for a limit: any value.

    ``scale_strategy``: how a missing HAProxy instance is added, see the module's documentation.
    """

    ha: bool = True
    scale_strategy: str = SCALE_UP
    preserve_gear_count: bool = False
    min_gears: int | None = None
    max_gears: int | None = None
    allow_gear_removal: bool = False

    def next_step(self, app: Application, memory: Memory) -> Step | None:
        """The write that comes next, or ``None`` in the desired state."""
        limits = self._limits_step(app, memory)
        if not app.scalable or app.web_cartridge is None:
            return MakeHa() if self.ha else limits
        if self.ha and not app.ha:
            # Only a maximum of 1 blocks make-ha. All other limits are set after the second HAProxy instance was added.
            if app.max_gears == 1 and self.max_gears is not None and self.max_gears != 1:
                return SetLimits(max_gears=self.max_gears)
            return MakeHa()
        if app.ha and not self.ha:
            return DisableHa()
        if app.ha_status == DEGRADED and self.scale_strategy != LEAVE:
            return self._haproxy_step(app, limits)
        return limits or self._give_back_step(app, memory)

    def _haproxy_step(self, app: Application, limits: SetLimits | None) -> Step:
        """Add the second HAProxy instance. Limits that allow or add it are set first, all others afterwards."""
        by_minimum = self.scale_strategy == SET_MINIMUM
        if limits is not None:
            after = limits.apply_to(app)
            if after.web_gears > app.web_gears:
                return limits
            if _allows_more_than(after, app.web_gears) and not by_minimum:
                return limits
        if not by_minimum:
            return ScaleUp()
        maximum = self.max_gears if self.max_gears != app.max_gears else None
        if maximum is not None and maximum != NO_LIMIT and maximum <= app.web_gears:
            maximum = None
        return SetLimits(min_gears=app.web_gears + 1, max_gears=maximum, for_haproxy=True)

    def _limits_step(self, app: Application, memory: Memory) -> SetLimits | None:
        """The step that sets the desired limits. It also restores a minimum that this run raised."""
        step = limits_step(app, self.min_gears, self.max_gears)
        if step is not None and self.min_gears is None and self.preserve_gear_count and memory.raised_minimum:
            return replace(step, min_gears=memory.first_minimum)
        return step

    def _give_back_step(self, app: Application, memory: Memory) -> Step | None:
        """The step that removes the gear added for the HAProxy instance only, or first restores the raised minimum."""
        if not self.preserve_gear_count or memory.lent_gears < 1 or app.web_gears != memory.left_gears:
            return None
        if app.ha_status != HIGHLY_AVAILABLE:
            return None
        if memory.raised_minimum and self.min_gears is None:
            return SetLimits(min_gears=memory.first_minimum)
        return ScaleDown() if app.web_gears - 1 >= app.min_gears else None

    def blockers_of(self, step: Step, app: Application, memory: Memory) -> tuple[Blocker, ...]:
        """Why the broker would refuse ``step``, or why it must not be sent."""
        return step.blockers(app) or removal_blockers(step, app, self.allow_gear_removal, memory.lent_gears)

    def remarks(self, _first: Application, now: Application, memory: Memory) -> tuple[str, ...]:
        """What the user should know about the end of the run."""
        found = []
        if self.ha and now.ha_status == DEGRADED:
            instances = count_instances(now.haproxy_count)
            found.append(f"{now.ref} stays degraded with {instances}, because scale_strategy is none.")
        found += remark_on_others(now, memory)
        if self.preserve_gear_count and memory.lent_gears and now.ha_status == HIGHLY_AVAILABLE:
            found.append(f"{now.ref} keeps the gear that this run added for the second HAProxy instance.")
        return tuple(found)


def _allows_more_than(app: Application, gears: int) -> bool:
    return app.max_gears == NO_LIMIT or app.max_gears > gears

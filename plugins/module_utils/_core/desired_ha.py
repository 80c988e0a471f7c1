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
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.loan import KEPT, Loan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import (
    FEW_TRIES,
    Memory,
    Rest,
    remark_on_others,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import BY_COUNT, Verification
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.relocation import describe_rest, relocation_step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.relocation_rules import relocation_blockers
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.repairs import obstacles, repair_step, wait_step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.scaling_steps import ScaleDown, ScaleUp
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import RELOCATION, DisableHa, MakeHa, Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_instances

AUTO = "auto"
SCALE_UP = "scale_up"
SET_MINIMUM = "set_minimum"
LEAVE = "none"
SCALE_STRATEGIES = (AUTO, SCALE_UP, SET_MINIMUM, LEAVE)
#: How often a run sends a step that any number of runs may send. Another run may rely on its result, which the broker
#: shows before it rolls it back.
MANY_TRIES = 4


@dataclass(frozen=True)
class DesiredHa:
    """The desired state of one application; ``None`` for a limit: any value.

    ``scale_strategy``: how a missing HAProxy instance is added, see the module's documentation. ``relocate``: replace
    one of two instances on the same node.
    """

    ha: bool = True
    scale_strategy: str = AUTO
    preserve_gear_count: bool = False
    min_gears: int | None = None
    max_gears: int | None = None
    allow_gear_removal: bool = False
    verification: Verification = BY_COUNT
    relocate: bool = False

    @property
    def _borrows(self) -> bool:
        """Whether the minimum is raised for the HAProxy instance, and put back afterwards."""
        return self.scale_strategy == AUTO or (self.scale_strategy == SET_MINIMUM and self.preserve_gear_count)

    @property
    def tries(self) -> int:
        """How often a run sends a step that fails and that it may send again."""
        return MANY_TRIES if self.ha and self._borrows else FEW_TRIES

    def next_step(self, app: Application, memory: Memory) -> Step | None:
        """The write that comes next, or ``None`` if no write leads further."""
        if (step := relocation_step(app, memory)) is not None:
            return step
        if not self.ha or not app.ha:
            return self._counted_step(app, memory)
        wait = wait_step(app, memory)
        return wait or self._counted_step(app, memory) or repair_step(app, memory, self.relocate)

    def _counted_step(self, app: Application, memory: Memory) -> Step | None:
        """The next step towards the desired flag, counts and limits."""
        limits = limits_step(app, self.min_gears, self.max_gears)
        if not app.scalable or app.web_cartridge is None:
            return MakeHa() if self.ha else limits
        if self.ha and not app.ha:
            return self._ha_step(app, memory)
        if app.ha and not self.ha:
            return DisableHa()
        if app.counted_status == DEGRADED and self.scale_strategy != LEAVE:
            return self._haproxy_step(app, limits, memory)
        return self._back_step(app, memory) or limits or self._scale_down_step(app, memory)

    def _ha_step(self, app: Application, memory: Memory) -> Step:
        """Enable HA. Limits that this run raised are put back first, if HA was lost meanwhile."""
        if memory.has_raised and (lost := self._loan(app, memory, returns_gear=True).back_step(app)) is not None:
            return lost
        # Only a maximum of 1 blocks make-ha. All other limits are set after the second HAProxy instance was added.
        if app.max_gears == 1 and self.max_gears is not None and self.max_gears != 1:
            return SetLimits(max_gears=self.max_gears)
        return MakeHa()

    def _haproxy_step(self, app: Application, limits: SetLimits | None, memory: Memory) -> Step:
        """Add the second HAProxy instance. Limits that allow or add it are set first, all others afterwards."""
        by_event = self.scale_strategy == SCALE_UP
        if limits is not None:
            after = limits.apply_to(app)
            if after.web_gears > app.web_gears:
                return limits
            if _allows_more_than(after, app.web_gears) and by_event:
                return limits
        if by_event:
            return ScaleUp()
        return self._loan(app, memory.sent(SetLimits(for_haproxy=True), app)).raise_step(app)

    def _loan(self, app: Application, memory: Memory, returns_gear: bool | None = None) -> Loan:
        rest = memory.rest or Rest.of(app)
        if returns_gear is None:
            returns_gear = self.preserve_gear_count and KEPT not in memory.marks
        return Loan(rest, self.min_gears, self.max_gears, returns_gear)

    def _back_step(self, app: Application, memory: Memory) -> SetLimits | None:
        """The step that puts back the limits which this run raised for the HAProxy instance."""
        if not self._borrows or not memory.has_raised or app.counted_status != HIGHLY_AVAILABLE:
            return None
        return self._loan(app, memory).back_step(app)

    def _scale_down_step(self, app: Application, memory: Memory) -> Step | None:
        """The event that removes the gear of the scale-up event again."""
        if not self.preserve_gear_count or self.scale_strategy != SCALE_UP or app.counted_status != HIGHLY_AVAILABLE:
            return None
        if memory.lent_gears < 1 or app.web_gears != memory.left_gears or KEPT in memory.marks:
            return None
        return ScaleDown() if app.web_gears - 1 >= app.min_gears else None

    def needs_rest(self, step: Step, app: Application) -> bool:
        """Before HA is enabled, too: the limits that are shown then are those to put back."""
        keeps_limits = self._borrows and step.needs_capability
        return step.needs_rest(app) or (keeps_limits and not app.scales(None).at_rest)

    def blockers_of(self, step: Step, app: Application, memory: Memory) -> tuple[Blocker, ...]:
        """Why the broker would refuse ``step``, or why it must not be sent."""
        # The gear of a raised minimum belongs to this run, whichever operator's request has added it.
        lent = max(memory.lent_gears, int(step.restores or step.relocates))
        if step.mark == RELOCATION and (found := relocation_blockers(app, None)):
            return found
        return step.blockers(app) or removal_blockers(step, app, self.allow_gear_removal, lent)

    def obstacles(self, app: Application, memory: Memory) -> tuple[Blocker, ...]:
        """Why the application stays degraded, although no step is left."""
        return obstacles(app, memory, self.relocate) if self.ha and app.ha and app.scalable else ()

    def remarks(self, _first: Application, now: Application, memory: Memory) -> tuple[str, ...]:
        """What the user should know about the end of the run."""
        found = []
        if self.ha and now.counted_status == DEGRADED:
            instances = count_instances(now.haproxy_count)
            found.append(f"{now.ref} stays degraded with {instances}, because scale_strategy is none.")
        if self._borrows and memory.has_raised:
            return (*found, *self._remarks_on_loan(now, memory))
        found += remark_on_others(now, memory)
        if self.preserve_gear_count and memory.lent_gears and now.counted_status == HIGHLY_AVAILABLE:
            found.append(_remark_on_kept_gear(now))
        return tuple(found)

    def _remarks_on_loan(self, now: Application, memory: Memory) -> tuple[str, ...]:
        """Remarks if somebody else has changed the gears or limits that this run aims at."""
        loan = self._loan(now, memory)
        found = list(remark_on_others(now, replace(memory, left_gears=loan.gears_at_end)))
        if self.preserve_gear_count and memory.lent_gears and now.web_gears == loan.raised:
            found = [_remark_on_kept_gear(now)]
        if not loan.is_returned(now):
            found.append(f"{now.ref} has other limits than before: {loan.describe_before()}")
        return tuple(found)

    def restorable(self, app: Application, memory: Memory) -> str | None:
        """The limits from before, as a sentence, if this run has raised them and ends without putting them back.

        After a relocation that was not completed, also what is left of the application.
        """
        if left := describe_rest(app, memory):
            return left
        if not self._borrows or not memory.has_raised:
            return None
        loan = self._loan(app, memory)
        return None if loan.is_returned(app) else loan.describe_before()


def _remark_on_kept_gear(app: Application) -> str:
    return f"{app.ref} keeps the gear that this run added for the second HAProxy instance."


def _allows_more_than(app: Application, gears: int) -> bool:
    return app.max_gears == NO_LIMIT or app.max_gears > gears

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired number of web gears, or a change of it. A run never sends a second event to correct the first. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import DEGRADED, Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_scaling import DesiredScaling
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import (
    Memory,
    is_scaled_by_others,
    remark_on_others,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.scaling_steps import ScaleBy, ScaleTo
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears, count_instances


@dataclass(frozen=True)
class DesiredGears(DesiredScaling):
    """This number of web gears, whatever the number is now."""

    gears: int

    def scaling_step(self, app: Application, _memory: Memory) -> Step | None:
        """One event with ``to``, or ``None`` in the desired state."""
        if app.web_gears == self.gears:
            return None
        return ScaleTo(self.gears, up=self.gears > app.web_gears)

    def blockers_of(self, step: Step, app: Application, memory: Memory) -> tuple[Blocker, ...]:
        """Why the limits do not allow ``step``, or that somebody else has scaled the application since this run did.

        The run does not correct the other operator: two scale-downs at the same time can remove the second HAProxy
        instance. The next run starts with a new observation.
        """
        if is_scaled_by_others(app, memory):
            reason = (
                f"the application has {count_gears(app.web_gears)}, but this run scaled it to {memory.left_gears}: "
                "somebody else scales it at the same time"
            )
            return (Blocker("scaled_meanwhile", reason, "Run again when that has ended.", str(app.ref)),)
        return step.blockers(app)

    def remarks(self, first: Application, now: Application, _memory: Memory) -> tuple[str, ...]:
        return haproxy_remarks(first, now)


@dataclass(frozen=True)
class GearChange(DesiredScaling):
    """A change of the number of web gears by ``by`` (negative: fewer), once."""

    by: int

    def scaling_step(self, _app: Application, memory: Memory) -> Step | None:
        """The event, or ``None`` after it."""
        return ScaleBy(self.by) if memory.left_gears is None else None

    def blockers_of(self, step: Step, app: Application, _memory: Memory) -> tuple[Blocker, ...]:
        return step.blockers(app)

    def remarks(self, first: Application, now: Application, memory: Memory) -> tuple[str, ...]:
        return remark_on_others(now, memory) + haproxy_remarks(first, now)


def haproxy_remarks(first: Application, now: Application) -> tuple[str, ...]:
    """Warnings about HAProxy instances after a change of the web gears: a removed gear may have had one."""
    if now.web_gears == first.web_gears:
        return ()
    instances = count_instances(now.haproxy_count)
    if now.ha_status == DEGRADED:
        return (
            f"{now.ref} is degraded: it has {instances}. Use openshift_app_ha to add the missing HAProxy instance.",
        )
    if not now.ha and now.haproxy_count < first.haproxy_count:
        text = (
            f"{now.ref} has {instances} instead of {first.haproxy_count}: without HA, gears with HAProxy instances are "
            "removed first. If you make it highly available again, use openshift_app_ha."
        )
        return (text,)
    return ()

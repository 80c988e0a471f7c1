# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The minimum and the maximum of one cartridge. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, Cartridge
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_gears import haproxy_remarks
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_scaling import DesiredScaling
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limit_steps import SetLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limits import limits_step, removal_blockers
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Memory
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step


@dataclass(frozen=True)
class DesiredLimits(DesiredScaling):
    """The desired limits of a cartridge; ``None``: any value.

    ``cartridge``: its name with or without the version. No application has two versions of one cartridge.
    """

    cartridge: str
    min_gears: int | None = None
    max_gears: int | None = None
    allow_gear_removal: bool = False

    def find_in(self, app: Application) -> Cartridge | None:
        """The application's cartridge of this name, if exactly one matches."""
        exact = app.cartridge(self.cartridge)
        fitting = [c for c in app.cartridges if c.name.rpartition("-")[0] == self.cartridge]
        return exact or (fitting[0] if len(fitting) == 1 else None)

    def scaling_step(self, app: Application, _memory: Memory) -> Step | None:
        """One request with the limits that differ. A cartridge without limits always gets one, to be reported."""
        found = self.find_in(app)
        if found is None or not found.may_be_limited:
            name = found.name if found else self.cartridge
            return SetLimits(self.min_gears, self.max_gears, cartridge=name)
        return limits_step(app, self.min_gears, self.max_gears, found.name)

    def blockers_of(self, step: Step, app: Application, _memory: Memory) -> tuple[Blocker, ...]:
        """Why the broker would refuse ``step``, or why it must not be sent."""
        found = self.find_in(app)
        if found is None:
            names = ", ".join(cartridge.name for cartridge in app.cartridges)
            reason = f"the application has no cartridge {self.cartridge}"
            return (Blocker("no_cartridge", reason, f"Choose one of its cartridges: {names}.", str(app.ref)),)
        if not found.may_be_limited:
            return (_not_scalable(app, found),)
        return step.blockers(app) or removal_blockers(step, app, self.allow_gear_removal)

    def remarks(self, first: Application, now: Application, _memory: Memory) -> tuple[str, ...]:
        return haproxy_remarks(first, now)


def _not_scalable(app: Application, cartridge: Cartridge) -> Blocker:
    """Why a cartridge has no limits of its own, and what to scale instead."""
    web = app.web_cartridge
    if "web_proxy" in cartridge.tags:
        why = "the platform decides how many instances it has"
        remedy = f"Scale {web}; openshift_app_ha adds a missing HAProxy instance."
    elif app.is_on_web_gears(cartridge.name):
        why = f"it shares the gears of {web}"
        remedy = f"Scale {web}."
    else:
        why = "only web and service cartridges have limits"
        remedy = "Scale a web or service cartridge."
    return Blocker("not_scalable", f"{cartridge.name} cannot be scaled by itself: {why}", remedy, str(app.ref))

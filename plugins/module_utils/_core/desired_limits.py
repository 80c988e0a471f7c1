# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The minimum and the maximum of one cartridge."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, Cartridge
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_gears import haproxy_remarks
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limits import limits_blockers, limits_step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Blocker, Memory
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import SetLimits, Step


@dataclass(frozen=True)
class DesiredLimits:
    """The limits that a cartridge is to have; ``None``: whatever it is.

    ``cartridge``: its name, or its name without the version, which is enough as no application has two versions of one.
    """

    cartridge: str
    min_gears: int | None = None
    max_gears: int | None = None
    allow_gear_removal: bool = False

    def found_in(self, app: Application) -> Cartridge | None:
        """The cartridge that is meant, if the application has it (and only one that it could be)."""
        exact = app.cartridge(self.cartridge)
        fitting = [c for c in app.cartridges if c.name.rpartition("-")[0] == self.cartridge]
        return exact or (fitting[0] if len(fitting) == 1 else None)

    def next_step(self, app: Application, _memory: Memory) -> Step | None:
        """One request with the limits that differ; for a cartridge that can have none always, so that it is told."""
        found = self.found_in(app)
        if found is None or not found.may_be_limited:
            name = found.name if found else self.cartridge
            return SetLimits(self.min_gears, self.max_gears, cartridge=name)
        return limits_step(app, self.min_gears, self.max_gears, found.name)

    def blockers_of(self, step: Step, app: Application, _memory: Memory) -> tuple[Blocker, ...]:
        found = self.found_in(app)
        if found is None:
            there = ", ".join(cartridge.name for cartridge in app.cartridges)
            return (Blocker("no_cartridge", f"{app.ref} has no cartridge {self.cartridge}: it has {there}."),)
        if not found.may_be_limited:
            return (_without_limits(app, found),)
        return limits_blockers(step, app, self.allow_gear_removal) if isinstance(step, SetLimits) else ()

    def remarks(self, first: Application, now: Application, _memory: Memory) -> tuple[str, ...]:
        return haproxy_remarks(first, now)


def _without_limits(app: Application, cartridge: Cartridge) -> Blocker:
    """Why a cartridge has no limits of its own, and what to scale instead."""
    web = app.web_cartridge
    if "web_proxy" in cartridge.tags:
        why = f"the platform itself decides how many there are, and openshift_app_ha sees to two; scale {web}"
    elif app.is_on_web_gears(cartridge.name):
        why = f"it shares the gears of {web}; scale that one"
    else:
        why = "only web and service cartridges can"
    return Blocker("not_scalable", f"{cartridge.name} of {app.ref} cannot be scaled by itself: {why}.")

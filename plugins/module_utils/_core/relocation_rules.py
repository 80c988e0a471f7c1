# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an HAProxy instance may be replaced, and what to do otherwise. Pure."""

from __future__ import annotations

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import NO_LIMIT, Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import SAME_NODE, Problem
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proving import MOVE_COMMAND


def relocation_blockers(app: Application, quota: GearQuota | None) -> tuple[Blocker, ...]:
    """Why HA must not be disabled: it is not certain that it can be enabled again.

    ``quota``: what is known about the owner's account, ``None`` if it was not read yet.
    """
    if app.max_gears not in (NO_LIMIT, *range(app.web_gears, app.max_gears + 1)):
        return (_block(app, f"the maximum of {app.max_gears} would not allow the gears that it has"),)
    if quota is None:
        return ()
    caller = quota.caller
    if caller is None or not quota.caller_is_owner:
        return (_block(app, "it cannot be read whether the owner may enable HA again"),)
    if not caller.ha:
        return (_block(app, "the owner does not have the HA capability to enable HA again"),)
    if caller.consumed_gears > caller.max_gears:
        return (_block(app, "the owner uses more gears than allowed, so a removed gear could not be added again"),)
    return ()


def relocation_needed(app: Application, problem: Problem, tried: bool, may_relocate: bool) -> Blocker:
    """The blocker for instances that stay on the same node."""
    if tried:
        reason = f"{problem.reason} again after one was replaced"
        return Blocker("relocation", reason, _administrator(app), str(app.ref))
    if may_relocate and problem.repairable:
        return Blocker("relocation", problem.reason, f"Run again, or ask an administrator: {_move(app)}.", str(app.ref))
    return Blocker("relocation", problem.reason, problem.remedy, str(app.ref))


def _block(app: Application, why: str) -> Blocker:
    found = app.proof.problem(SAME_NODE) if app.proof else None
    reason = f"{found.reason if found else 'the HAProxy instances are on the same node'}, but {why}"
    return Blocker("relocation", reason, _administrator(app), str(app.ref))


def _administrator(app: Application) -> str:
    return f"Ask an administrator to move one to another node: {_move(app)}."


def _move(app: Application) -> str:
    """The administrator's command, for an instance that is not on the head gear."""
    instances = app.proof.instances if app.proof else ()
    gear = next((instance.gear for instance in instances if instance.gear != app.id), "GEAR")
    return MOVE_COMMAND.format(gear=gear)

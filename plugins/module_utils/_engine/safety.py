# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before gears are removed: check that all nodes of the application answer.

The broker chooses the gear to remove without regard to its node. While a node does not answer, a scale-down can remove
the second HAProxy instance that works, and leave the application with an operation that never ends (docs/broker.md).
"""

from __future__ import annotations

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import replaced
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import STARTED, Placement
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof_steps import Start
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first

#: A message names at most this many gears.
MOST_NAMED = 5


def removes_gears(step: Step, app: Application, after: Application | None = None) -> bool:
    """Whether gears of the application are removed, or HA is disabled in order to remove one.

    ``after``: the application after the step, if a plan has it.
    """
    after = step.apply_to(app) if after is None else after
    return after.gear_count < app.gear_count or (step.relocates and app.ha)


def removal_refusal(broker: Broker, step: Step, app: Application, will_start: bool = False) -> tuple[Blocker, ...]:
    """Why gears must not be removed now, after a reading of all states: one ``GET``.

    Raises ``BrokerError`` if the states cannot be read, or are those of another application: then nothing is removed
    either. ``will_start``: stopped gears are started before that.
    """
    placement = broker.states(app.ref)
    if not placement.has_gear(app.id):
        # The head gear has the id of the application, and is never removed.
        raise broker.sign(replaced(f"it has no gear {app.id}"))
    return _silent(app, placement) or (() if will_start else _head_gear_is_down(step, app, placement))


def predicted_refusal(broker: Broker, plan: Plan) -> tuple[Blocker, ...]:
    """The same for a plan, except for gears that the run itself adds before.

    A node that does not answer already prevents their creation.
    """
    will_start = False
    for planned in plan.path:
        will_start = will_start or isinstance(planned.step, Start)
        if removes_gears(planned.step, planned.app, planned.after) and not planned.step.gives_back:
            return removal_refusal(broker, planned.step, planned.app, will_start)
    return ()


def _silent(app: Application, placement: Placement) -> tuple[Blocker, ...]:
    silent = placement.silent_gears
    if not silent:
        return ()
    gears = join_first(silent, MOST_NAMED)
    reason = f"no gear is removed while a node does not answer (the state of these gears is unknown: {gears})"
    remedy = "Ask an administrator to check the node and operations that failed on it, then run again."
    return (Blocker("node_unreachable", reason, remedy, str(app.ref)),)


def _head_gear_is_down(step: Step, app: Application, placement: Placement) -> tuple[Blocker, ...]:
    """While an HAProxy instance is replaced, that of the head gear is the only one."""
    state = next((gear.state for gear in placement.gears if gear.id == app.id), "unknown")
    if not step.relocates or state == STARTED:
        return ()
    reason = f"the head gear, whose HAProxy instance would be the only one meanwhile, is not started ({state})"
    return (Blocker("relocation", reason, "Start the application, then run again.", str(app.ref)),)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replace one of two HAProxy instances on the same node, as far as the application's owner can do that. Pure.

The head gear and its instance are never removed. HA is disabled, the gear with the other instance is removed, and HA is
enabled again. With three or more gears, a minimum above the count then adds the new instance. docs/broker.md describes
the broker's rules. A run that is killed in between leaves an application that the next run brings to the desired state.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    HA_MINIMUM,
    Application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limit_steps import SetLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Memory, Rest
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import NOT_STARTED, SAME_NODE
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.scaling_steps import ScaleDown
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import RELOCATION, DisableHa, MakeHa, Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import (
    count_gears,
    count_instances,
    describe_maximum,
)

#: The mark of a relocation that must not go on, because a node does not answer any more, or a step failed.
ABANDONED = "abandoned"
#: The marks of the limits that a relocation has lowered, and put back.
LOWERED, RESTORED = "lowered", "restored"


def begin(app: Application, memory: Memory) -> Step | None:
    """The first step, or ``None`` if this run has relocated already: it does not try twice."""
    if app.proof is None or app.proof.problem(NOT_STARTED):
        return None
    found = app.proof.problem(SAME_NODE)
    can_begin = found is not None and found.repairable and RELOCATION not in memory.marks
    return DisableHa(relocates=True) if can_begin else None


def relocation_step(app: Application, memory: Memory) -> Step | None:
    """The next step of a relocation that this run has begun, ``None`` at its end. ``memory.relocation``: the start."""
    rest = memory.relocation
    if rest is None:
        return None
    if not app.ha:
        is_left = app.web_gears == rest.gears and app.haproxy_count >= HA_MINIMUM
        return _remove(app, rest) if is_left and ABANDONED not in memory.marks else MakeHa()
    if app.haproxy_count < HA_MINIMUM:
        gears = max(rest.gears, app.web_gears + 1)
        return SetLimits(gears, rest.maximum, mark=RESTORED if gears == rest.minimum else "")
    # HA hides a lower minimum than 2, so the limits alone do not show whether they were put back.
    is_lowered = LOWERED in memory.marks and RESTORED not in memory.marks
    is_raised = app.min_gears == rest.gears > rest.minimum and app.max_gears == rest.maximum
    back = SetLimits(rest.minimum, rest.maximum, restores=True, mark=RESTORED)
    return back if is_lowered or is_raised else None


def _remove(app: Application, rest: Rest) -> Step:
    """Remove the gear of the instance. Without HA, the broker removes gears with HAProxy first."""
    fewer = app.web_gears - 1
    return SetLimits(fewer, rest.maximum, mark=LOWERED) if app.min_gears > fewer else ScaleDown(relocates=True)


def describe_rest(app: Application, memory: Memory) -> str | None:
    """What a relocation that was not completed has left, and what was there before, as a sentence."""
    rest = memory.relocation
    if rest is None or relocation_step(app, memory) is None:
        return None
    state = "is HA" if app.ha else "is not HA"
    now = f"{count_gears(app.web_gears)} and {count_instances(app.haproxy_count)}"
    limits = f"the minimum was {rest.minimum} and the maximum {describe_maximum(rest.maximum)}"
    text = f"the application {state} now, and has {now}; before this run, it had {count_gears(rest.gears)}, {limits}."
    if app.haproxy_count < HA_MINIMUM:
        return f"{text} The next run adds the instance when another node has capacity for it."
    return text if app.ha else f"{text} The next run enables HA again."


def is_half_relocated(app: Application, memory: Memory) -> bool:
    """Whether HA is disabled for a relocation, and no instance was removed."""
    is_abandoned = memory.relocation is None or ABANDONED in memory.marks
    return not is_abandoned and not app.ha and app.haproxy_count >= HA_MINIMUM


def abandon(memory: Memory) -> Memory:
    """The memory of a relocation that must end: HA is enabled again, and nothing is removed."""
    return replace(memory, marks=memory.marks | {ABANDONED})

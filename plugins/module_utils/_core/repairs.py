# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about the problems that a proof found, and which of them remain. Pure."""

from __future__ import annotations

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Memory
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import (
    MISSING,
    NOT_STARTED,
    PENDING,
    SAME_NODE,
    STATE_UNKNOWN,
    Problem,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof_steps import (
    BARRIER,
    STARTED_ONCE,
    Start,
    Wait,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.relocation import ABANDONED, begin
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.relocation_rules import relocation_needed
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import RELOCATION, Step

#: The codes of blockers that differ from those of the problems.
BLOCKERS = {STATE_UNKNOWN: "node_unreachable", SAME_NODE: "relocation"}


def wait_step(app: Application, memory: Memory) -> Step | None:
    """The barrier, if the application is not what it shows. It comes before everything else."""
    pending = app.proof is not None and app.proof.problem(PENDING) is not None
    return Wait() if pending and BARRIER not in memory.marks else None


def repair_step(app: Application, memory: Memory, relocate: bool) -> Step | None:
    """The next step for an application with the desired counts, ``None`` if no step would help."""
    if app.proof is None or app.proof.problem(STATE_UNKNOWN):
        return None
    stopped = app.proof.problem(NOT_STARTED)
    if stopped is not None and stopped.repairable and STARTED_ONCE not in memory.marks:
        return Start()
    return begin(app, memory) if relocate else None


def obstacles(app: Application, memory: Memory, relocate: bool) -> tuple[Blocker, ...]:
    """Why the application stays degraded, although no step is left.

    A missing instance is none: it is only left out if the user wants that.
    """
    problems = app.proof.problems if app.proof else ()
    return tuple(_obstacle(app, problem, memory, relocate) for problem in problems if problem.code != MISSING)


def _obstacle(app: Application, problem: Problem, memory: Memory, relocate: bool) -> Blocker:
    if problem.code == SAME_NODE:
        tried = RELOCATION in memory.marks and ABANDONED not in memory.marks
        return relocation_needed(app, problem, tried, relocate)
    is_stopped = problem.code == NOT_STARTED and app.proof and app.proof.placement and not app.proof.placement.runs
    code = "stopped" if is_stopped else BLOCKERS.get(problem.code, problem.code)
    return Blocker(code, problem.reason, problem.remedy, problem.ref)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that solve what a proof found: wait for an operation in progress, and start stopped gears. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import NOT_STARTED, PENDING
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Request, Step, event

#: What a run remembers of these steps.
BARRIER, STARTED_ONCE = "barrier", "start"


@dataclass(frozen=True)
class Wait(Step):
    """The barrier: an event that changes nothing, and is answered when no operation is in progress or queued.

    A queued operation, which failed before, is completed or rolled back first. So nothing can be predicted beyond it.
    """

    action = "wait"
    mark = BARRIER
    is_barrier = True

    def request(self, _app: Application) -> Request:
        return event("scale-down", by=0)

    def apply_to(self, app: Application) -> Application:
        return app.without_problems(PENDING)

    def took_effect(self, _before: Application, _after: Application) -> bool:
        return True

    def describe(self, _app: Application) -> str:
        return "wait until no operation is in progress or queued (scale down by 0)"


@dataclass(frozen=True)
class Start(Step):
    """The ``start`` event: it starts stopped, idle and new gears, and leaves started ones as they are."""

    action = "start"
    mark = STARTED_ONCE
    is_repeatable = True
    shows_in_proof = True

    def request(self, _app: Application) -> Request:
        return event("start")

    def apply_to(self, app: Application) -> Application:
        return app.without_problems(NOT_STARTED)

    def took_effect(self, _before: Application, after: Application) -> bool:
        """Only a new proof shows it."""
        return after.proof is not None and after.proof.problem(NOT_STARTED) is None

    def describe(self, app: Application) -> str:
        gears = [instance.gear for instance in app.proof.not_started] if app.proof else []
        return f"start the gears of the application that are not started ({', '.join(gears)})"

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the desired states that are only about gears and limits have in common. Pure."""

from __future__ import annotations

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import FEW_TRIES, Memory
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import BY_COUNT, Verification
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.repairs import wait_step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step


class DesiredScaling:
    """Nothing to put back: these runs raise no limits of their own.

    After a write of its own, a run verifies where the HAProxy instances of a highly available application are.
    """

    def next_step(self, app: Application, memory: Memory) -> Step | None:
        """The write that comes next, or ``None`` in the desired state."""
        return wait_step(app, memory) or self.scaling_step(app, memory)

    def scaling_step(self, app: Application, memory: Memory) -> Step | None:
        """The next step towards the desired gears or limits."""
        raise NotImplementedError

    def needs_rest(self, step: Step, app: Application) -> bool:
        return step.needs_rest(app)

    def restorable(self, _app: Application, _memory: Memory) -> str | None:
        return None

    @property
    def verification(self) -> Verification:
        return BY_COUNT

    @property
    def tries(self) -> int:
        return FEW_TRIES

    def obstacles(self, _app: Application, _memory: Memory) -> tuple[Blocker, ...]:
        return ()

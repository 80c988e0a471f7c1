# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the desired states that are only about gears and limits have in common. Pure."""

from __future__ import annotations

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import FEW_TRIES, Memory
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step


class DesiredScaling:
    """Nothing to verify and nothing to put back: these runs raise no limits of their own."""

    def needs_rest(self, step: Step, app: Application) -> bool:
        return step.needs_rest(app)

    def restorable(self, _app: Application, _memory: Memory) -> str | None:
        return None

    @property
    def verification(self) -> None:
        return None

    @property
    def tries(self) -> int:
        return FEW_TRIES

    def obstacles(self, _app: Application, _memory: Memory) -> tuple[Blocker, ...]:
        return ()

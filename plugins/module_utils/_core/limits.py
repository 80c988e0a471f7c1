# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits of a cartridge: the step that sets them, and a check that it does not remove gears. Pure."""

from __future__ import annotations

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limit_steps import SetLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears


def limits_step(
    app: Application, minimum: int | None, maximum: int | None, cartridge: str | None = None
) -> SetLimits | None:
    """One request with all limits that differ from the desired ones. Sent alone, one could contradict the other.

    ``None`` as a limit: any value; as the cartridge: the web cartridge.
    """
    now = app.scales(cartridge)
    if minimum is not None and max(minimum, app.least_gears_of(cartridge)) == now.minimum:
        minimum = None
    if maximum == now.maximum:
        maximum = None
    if minimum is None and maximum is None:
        return None
    return SetLimits(min_gears=minimum, max_gears=maximum, cartridge=cartridge)


def removal_blockers(
    step: Step, app: Application, allow_gear_removal: bool, lent_gears: int = 0
) -> tuple[Blocker, ...]:
    """A maximum below the count removes gears immediately. The user must allow this.

    ``lent_gears``: gears that may be removed without permission, because the run itself added them.
    """
    removed = app.gear_count - step.apply_to(app).gear_count
    if removed <= lent_gears or allow_gear_removal:
        return ()
    reason = f"{count_gears(removed)} would be removed at once ({step.describe(app)})"
    return (Blocker("gear_removal", reason, "Set allow_gear_removal: true if that is intended.", str(app.ref)),)

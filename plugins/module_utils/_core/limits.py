# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits of a cartridge's gears: what of them is still to be set, and what stands in the way. Pure."""

from __future__ import annotations

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import NO_LIMIT, Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import SetLimits, scales_of
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears


def limits_step(
    app: Application, minimum: int | None, maximum: int | None, cartridge: str | None = None
) -> SetLimits | None:
    """The limits that still differ from those wished, in one request: the broker checks one alone against the other.

    ``None`` as a limit: whatever it is; as the cartridge: the web cartridge.
    """
    now = scales_of(app, cartridge)
    if minimum is not None and max(minimum, app.least_gears_of(cartridge)) == now.minimum:
        minimum = None
    if maximum == now.maximum:
        maximum = None
    if minimum is None and maximum is None:
        return None
    return SetLimits(min_gears=minimum, max_gears=maximum, cartridge=cartridge)


def limits_blockers(
    step: SetLimits, app: Application, allow_gear_removal: bool, lent_gears: int = 0
) -> tuple[Blocker, ...]:
    """Why the broker would refuse these limits, or do more than was said.

    ``lent_gears``: so many gears may go all the same, as the run itself added them.
    """
    return (
        _beyond_the_cartridge(step, app) or _crossed(step, app) or _removal(step, app, allow_gear_removal, lent_gears)
    )


def _beyond_the_cartridge(step: SetLimits, app: Application) -> tuple[Blocker, ...]:
    """A cartridge is made for so many gears: the broker would accept more, and not show it."""
    found = app.cartridge(step.cartridge)
    if found is None or found.supported_to == NO_LIMIT:
        return ()
    asked = {"min_gears": step.min_gears, "max_gears": step.max_gears}
    for option, gears in asked.items():
        if gears is not None and (gears == NO_LIMIT or gears > found.supported_to):
            most = count_gears(found.supported_to)
            text = f"{option} {gears} is more than {found.name} of {app.ref} can have: it is made for {most} at most."
            return (Blocker("maximum", text),)
    return ()


def _crossed(step: SetLimits, app: Application) -> tuple[Blocker, ...]:
    """The minimum above the maximum."""
    minimum, maximum = step.minimum_shown(app), step.maximum_shown(app)
    if maximum == NO_LIMIT or minimum <= maximum:
        return ()
    whose = _whose(step, app)
    if step.max_gears is None:
        known = scales_of(app, step.cartridge).maximum
        text = f"min_gears {minimum} is above the maximum {known} of {whose}: give max_gears too."
        return (Blocker("maximum", text),)
    if maximum < app.least_gears_of(step.cartridge):
        why = "HA needs two gears" if app.ha and app.is_on_web_gears(step.cartridge) else "it needs as many"
        text = f"max_gears {maximum} is below the minimum {minimum} of {whose}, which cannot be lowered: {why}."
        return (Blocker("minimum", text),)
    text = f"max_gears {maximum} is below the minimum {minimum} of {whose}: give min_gears too."
    return (Blocker("minimum", text),)


def _removal(step: SetLimits, app: Application, allow_gear_removal: bool, lent_gears: int) -> tuple[Blocker, ...]:
    """A maximum below the count takes gears away at once."""
    removed = app.gear_count - step.apply_to(app).gear_count
    if removed <= lent_gears or allow_gear_removal:
        return ()
    count = count_gears(scales_of(app, step.cartridge).count)
    text = (
        f"max_gears {step.maximum_shown(app)} is below the {count} of {_whose(step, app)}: {removed} would be removed "
        "at once. Say allow_gear_removal: true if that is meant."
    )
    return (Blocker("gear_removal", text),)


def _whose(step: SetLimits, app: Application) -> str:
    return str(app.ref) if step.cartridge is None else f"{step.cartridge} of {app.ref}"

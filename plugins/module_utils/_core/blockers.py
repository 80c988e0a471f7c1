# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the broker would refuse a step, or why the run does not send it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    HA_MINIMUM,
    NO_LIMIT,
    Application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears, escape_unprintable


@dataclass(frozen=True)
class Blocker:
    """A reason to stop.

    Programs may compare ``code``. ``reason`` is a clause without a full stop, and ``remedy`` a whole sentence.
    ``ref`` is the application, ``""`` for a refusal in the broker's own words.
    """

    code: str
    reason: str
    remedy: str = ""
    ref: str = ""

    @property
    def message(self) -> str:
        """``DOMAIN/APP: REASON. REMEDY``, as the modules return it."""
        reason = f"{self.reason}." if self.ref else self.reason
        parts = (f"{self.ref}: {reason}" if self.ref else reason, self.remedy)
        return escape_unprintable(" ".join(part for part in parts if part))


def maximum_blockers(app: Application, maximum: int) -> tuple[Blocker, ...]:
    """Whether ``maximum`` (-1: none) blocks the new gear for the second HAProxy instance."""
    if maximum == NO_LIMIT or maximum > app.web_gears:
        return ()
    return (build_maximum_blocker(app, app.web_gears + 1, "the second HAProxy instance needs a new gear"),)


def limit_blockers(app: Application, gears: int) -> tuple[Blocker, ...]:
    """Why the web cartridge's limits do not allow ``gears`` web gears."""
    ref = str(app.ref)
    if gears < app.min_gears:
        reason = f"{count_gears(gears)} would be below the minimum of {app.min_gears}"
        return (Blocker("minimum", reason, _remedy_for_minimum(app), ref),)
    if gears > app.web_gears and app.max_gears != NO_LIMIT and gears > app.max_gears:
        remedy = "Raise the maximum with max_gears of openshift_cartridge_scale."
        return (Blocker("maximum", f"{count_gears(gears)} would be above the maximum of {app.max_gears}", remedy, ref),)
    return ()


def _remedy_for_minimum(app: Application) -> str:
    """The next step if the minimum is too high. Some minimums cannot be lower."""
    if app.ha and app.min_gears == HA_MINIMUM:
        return "Keep 2 gears or more, because HA needs them."
    if app.min_gears > 1:
        return "Lower the minimum with min_gears of openshift_cartridge_scale."
    return "Keep 1 gear: every application needs one."


def build_maximum_blocker(app: Application, needed: int, why: str) -> Blocker:
    """The blocker for a maximum that must be raised to ``needed``. ``why`` is a clause."""
    reason = f"{why}, but the application has {count_gears(app.web_gears)} and its maximum is {app.max_gears}"
    return Blocker("maximum", reason, f"Set max_gears to {needed} or more (-1: no limit).", str(app.ref))

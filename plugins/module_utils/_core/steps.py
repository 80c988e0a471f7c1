# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that there are, and what each does to an application, in memory: the broker's own laws (docs/broker.md).

Each step is one request. ``resendable``: done twice it does no more than once, so it may be sent again after an answer
that left open what happened. ``once``: it is sent a single time, whatever comes of it, and what others do meanwhile
never counts for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Union

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    HA_MINIMUM,
    NO_LIMIT,
    Application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears

UP, DOWN = "scale_up", "scale_down"


@dataclass(frozen=True)
class MakeHa:
    """The ``make-ha`` event: two gears at least, an HAProxy only on a gear that it makes."""

    action = "make_ha"
    resendable = True
    once = False

    def apply_to(self, app: Application) -> Application:
        """As the broker does it (make-ha of 1, 2, 3 and 5 gears: 2/2, 2/1, 3/1, 5/1)."""
        minimum = max(app.min_gears, HA_MINIMUM)
        limited = replace(app, ha=True).with_web_limits(minimum, app.max_gears)
        return _grown(limited, max(app.web_gears, minimum))

    def seen_in(self, _before: Application, after: Application) -> bool:
        return after.ha

    def describe(self, app: Application) -> str:
        return f"make {app.ref} HA ({count_gears(app.web_gears)}, {app.haproxy_count} HAProxy)"


@dataclass(frozen=True)
class DisableHa:
    """The ``disable-ha`` event: gears and HAProxy stay, the flag goes."""

    action = "disable_ha"
    resendable = True
    once = False

    def apply_to(self, app: Application) -> Application:
        """A minimum that shows as 2 under HA is 1 below it, unless somebody set it to 2: the API hides which.

        With a maximum the broker keeps the 2: it stores both limits together.
        """
        hidden = app.min_gears == HA_MINIMUM and app.max_gears == NO_LIMIT
        minimum = 1 if hidden else app.min_gears
        return replace(app, ha=False).with_web_limits(minimum, app.max_gears)

    def seen_in(self, _before: Application, after: Application) -> bool:
        return not after.ha

    def describe(self, app: Application) -> str:
        return f"disable HA of {app.ref} (its {count_gears(app.web_gears)} and {app.haproxy_count} HAProxy stay)"


@dataclass(frozen=True)
class ScaleUp:
    """The ``scale-up`` event: one more web gear, with an HAProxy while HA has fewer than two."""

    action = UP
    resendable = False
    once = False

    def apply_to(self, app: Application) -> Application:
        return _grown(app, app.web_gears + 1)

    def seen_in(self, before: Application, after: Application) -> bool:
        return after.web_gears > before.web_gears

    def describe(self, app: Application) -> str:
        return _scaling_in_words(app, self.apply_to(app))


@dataclass(frozen=True)
class ScaleDown:
    """The ``scale-down`` event: one web gear less, one without HAProxy first."""

    action = DOWN
    resendable = False
    once = False

    def apply_to(self, app: Application) -> Application:
        return _shrunk(app, app.web_gears - 1)

    def seen_in(self, before: Application, after: Application) -> bool:
        return after.web_gears < before.web_gears

    def describe(self, app: Application) -> str:
        return f"{_scaling_in_words(app, self.apply_to(app))}: give back the gear that this run added"


@dataclass(frozen=True)
class ScaleTo:
    """The ``scale-up`` or ``scale-down`` event with ``to``.

    The broker turns the number into a difference when the request arrives, before it waits for the application's lock:
    sent twice at once it does it twice.
    """

    gears: int
    up: bool
    resendable = False
    once = False

    @property
    def action(self) -> str:
        return UP if self.up else DOWN

    def apply_to(self, app: Application) -> Application:
        return _with_count(app, self.gears)

    def seen_in(self, _before: Application, after: Application) -> bool:
        return after.web_gears >= self.gears if self.up else after.web_gears <= self.gears

    def describe(self, app: Application) -> str:
        return _scaling_in_words(app, self.apply_to(app))


@dataclass(frozen=True)
class ScaleBy:
    """The ``scale-up`` event (``scale-down`` below zero) with ``by``: so many web gears more than there are."""

    by: int
    resendable = False
    once = True

    @property
    def action(self) -> str:
        return UP if self.by > 0 else DOWN

    def apply_to(self, app: Application) -> Application:
        return _with_count(app, app.web_gears + self.by)

    def seen_in(self, before: Application, after: Application) -> bool:
        change = after.web_gears - before.web_gears
        return change >= self.by if self.by > 0 else change <= self.by

    def describe(self, app: Application) -> str:
        return _scaling_in_words(app, self.apply_to(app))


@dataclass(frozen=True)
class SetLimits:
    """A ``PUT`` of a cartridge's limits. A minimum above the count makes gears, a maximum below removes them.

    ``for_haproxy``: the minimum is raised only to bring the second HAProxy, so its gear can be given back.
    ``cartridge``: its full name; ``None``: the web cartridge.
    """

    min_gears: int | None = None
    max_gears: int | None = None
    for_haproxy: bool = False
    cartridge: str | None = None
    action = "set_limits"
    resendable = True
    once = False

    def apply_to(self, app: Application) -> Application:
        if not self.may_be_set(app):
            return app
        now, minimum, maximum = self._scales(app), self.minimum_shown(app), self.maximum_shown(app)
        capped = now.count if maximum == NO_LIMIT else min(now.count, maximum)
        count = capped if capped < now.count else max(now.count, minimum)
        if app.is_on_web_gears(self.cartridge):
            return _with_count(app.with_web_limits(minimum, maximum), count)
        return app.with_own_gears(str(self.cartridge), count, minimum, maximum)

    def seen_in(self, _before: Application, after: Application) -> bool:
        now = self._scales(after)
        return (now.minimum, now.maximum) == (self.minimum_shown(after), self.maximum_shown(after))

    def describe(self, app: Application) -> str:
        if not self.may_be_set(app):
            return f"set the limits of {self.cartridge}"
        now, after = self._scales(app), self.apply_to(app)
        parts = []
        if self.min_gears is not None:
            parts.append(f"minimum {now.minimum} -> {self.minimum_shown(app)}")
        if self.max_gears is not None:
            parts.append(f"maximum {_limit(now.maximum)} -> {_limit(self.maximum_shown(app))}")
        more = after.gear_count - app.gear_count
        change = f", {count_gears(abs(more))} {'added' if more > 0 else 'removed'}" if more else ""
        name = self.cartridge or app.web_cartridge
        return f"set the limits of {name}: {', '.join(parts)}{change}{_haproxy_change(app, after)}"

    def may_be_set(self, app: Application) -> bool:
        """Whether there is such a cartridge and the broker takes limits for it."""
        found = app.cartridge(self.cartridge)
        return self.cartridge is None or (found is not None and found.may_be_limited)

    def minimum_shown(self, app: Application) -> int:
        """The minimum as it will be shown: one below what HA or the cartridge need is accepted and shows as that."""
        asked = self._scales(app).minimum if self.min_gears is None else self.min_gears
        return max(asked, app.least_gears_of(self.cartridge))

    def maximum_shown(self, app: Application) -> int:
        return self._scales(app).maximum if self.max_gears is None else self.max_gears

    def _scales(self, app: Application) -> Scales:
        return scales_of(app, self.cartridge)


Step = Union[MakeHa, DisableHa, ScaleUp, ScaleDown, ScaleTo, ScaleBy, SetLimits]


@dataclass(frozen=True)
class Scales:
    """How many gears a cartridge has, and may have (``maximum`` -1: no limit)."""

    count: int
    minimum: int
    maximum: int


def scales_of(app: Application, cartridge: str | None) -> Scales:
    """Those of a cartridge of the application (``None``: the web cartridge; one that it has not: 0 gears, 1 to 1)."""
    if app.is_on_web_gears(cartridge):
        return Scales(app.web_gears, app.min_gears, app.max_gears)
    found = app.cartridge(cartridge)
    return Scales(found.current_scale, found.scales_from, found.scales_to) if found else Scales(0, 1, 1)


def _with_count(app: Application, web_gears: int) -> Application:
    return _grown(app, web_gears) if web_gears > app.web_gears else _shrunk(app, web_gears)


def _grown(app: Application, web_gears: int) -> Application:
    """With gears made: under HA the new ones take an HAProxy while there are fewer than two.

    A lower bound: a broker with a multiplier puts more, which its API does not tell.
    """
    missing = max(0, HA_MINIMUM - app.haproxy_count) if app.ha else 0
    return app.with_web_gears(web_gears, app.haproxy_count + min(web_gears - app.web_gears, missing))


def _shrunk(app: Application, web_gears: int) -> Application:
    """With gears taken: the broker takes HAProxy beyond the minimum (HA: 2, else 1) first, then plain gears.

    A lower bound: a broker with a multiplier keeps more.
    """
    surplus = max(0, app.haproxy_count - (HA_MINIMUM if app.ha else 1))
    return app.with_web_gears(web_gears, app.haproxy_count - min(app.web_gears - web_gears, surplus))


def _scaling_in_words(before: Application, after: Application) -> str:
    direction = "up" if after.web_gears > before.web_gears else "down"
    change = f"from {count_gears(before.web_gears)} to {after.web_gears}"
    return f"scale {direction} {change}{_haproxy_change(before, after)}"


def _haproxy_change(before: Application, after: Application) -> str:
    """Under HA a loss is a lower bound only, and so is not told."""
    lost = after.haproxy_count < before.haproxy_count
    if after.haproxy_count == before.haproxy_count or (lost and after.ha):
        return ""
    return f" (HAProxy {before.haproxy_count} -> {after.haproxy_count})"


def _limit(maximum: int) -> str:
    return "none" if maximum == NO_LIMIT else str(maximum)

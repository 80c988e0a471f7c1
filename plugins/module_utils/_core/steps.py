# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes that can be requested from a broker. Pure. docs/broker.md describes the broker's rules.

Each step is one request. Its class defines that request, its effect on an application, how to recognize the effect, why
the broker would refuse it, and its description. For a new step, add a class here; no other file lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    HA_MINIMUM,
    NO_LIMIT,
    Application,
    Scales,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import (
    Blocker,
    build_maximum_blocker,
    limit_blockers,
    maximum_blockers,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import (
    count_gears,
    count_instances,
    describe_maximum,
)

UP, DOWN = "scale_up", "scale_down"


@dataclass(frozen=True)
class Request:
    """A write: ``path`` continues the application's own path, ``body`` is sent as JSON."""

    method: str
    path: str
    body: Mapping[str, object]


def event(name: str, **fields: object) -> Request:
    """The request for an event of an application."""
    return Request("POST", "/events", {"event": name, **fields})


class Step:
    """One change: what all steps have in common.

    ``resendable``: two requests have the same effect as one, so the run may repeat it after an unknown outcome.
    ``once``: the run sends it only once, and a change by another user never counts as its effect.
    ``needs_capability``: the broker checks the owner's HA capability.
    """

    resendable = True
    once = False
    needs_capability = False

    @property
    def action(self) -> str:
        """The step's name in results."""
        raise NotImplementedError

    @property
    def is_lending(self) -> bool:
        """Whether it adds gears only for the HAProxy instance. The run can remove them afterwards."""
        return False

    def request(self, app: Application) -> Request:
        """The request that asks for this change."""
        raise NotImplementedError

    def apply_to(self, app: Application) -> Application:
        """The application after this change."""
        raise NotImplementedError

    def took_effect(self, before: Application, after: Application) -> bool:
        """Whether ``after`` shows the effect of this change on ``before``."""
        raise NotImplementedError

    def describe(self, app: Application) -> str:
        """The change in words, as a verb phrase."""
        raise NotImplementedError

    def blockers(self, _app: Application) -> tuple[Blocker, ...]:
        """Why the broker would refuse the step, as far as the application itself shows."""
        return ()

    def keeps_minimum_raised(self, raised: bool) -> bool:
        """Whether this step leaves the minimum raised for the HAProxy instance. ``raised``: whether it was before."""
        return raised


@dataclass(frozen=True)
class MakeHa(Step):
    """The ``make-ha`` event: at least two gears; an HAProxy instance only on a gear that it creates."""

    action = "make_ha"
    needs_capability = True

    def request(self, _app: Application) -> Request:
        return event("make-ha")

    def apply_to(self, app: Application) -> Application:
        """The broker's result. With 1, 2, 3 and 5 gears before, gears/HAProxy are 2/2, 2/1, 3/1 and 5/1."""
        minimum = max(app.min_gears, HA_MINIMUM)
        limited = replace(app, ha=True).with_web_limits(minimum, app.max_gears)
        return _grow(limited, max(app.web_gears, minimum))

    def took_effect(self, _before: Application, after: Application) -> bool:
        return after.ha

    def blockers(self, app: Application) -> tuple[Blocker, ...]:
        return (build_maximum_blocker(app, HA_MINIMUM, "HA needs 2 gears"),) if app.max_gears == 1 else ()

    def describe(self, app: Application) -> str:
        return f"enable HA ({count_gears(app.web_gears)}, {count_instances(app.haproxy_count)})"


@dataclass(frozen=True)
class DisableHa(Step):
    """The ``disable-ha`` event: it removes the flag, but no gears and HAProxy instances."""

    action = "disable_ha"

    def request(self, _app: Application) -> Request:
        return event("disable-ha")

    def apply_to(self, app: Application) -> Application:
        """Without HA, a minimum of 2 becomes 1, unless a user set it to 2. The API does not show which is the case.

        If a maximum is set, the minimum stays 2, because the broker stores both limits together.
        """
        hidden = app.min_gears == HA_MINIMUM and app.max_gears == NO_LIMIT
        minimum = 1 if hidden else app.min_gears
        return replace(app, ha=False).with_web_limits(minimum, app.max_gears)

    def took_effect(self, _before: Application, after: Application) -> bool:
        return not after.ha

    def describe(self, app: Application) -> str:
        return f"disable HA (keeps {count_gears(app.web_gears)} and {count_instances(app.haproxy_count)})"


@dataclass(frozen=True)
class ScaleUp(Step):
    """The ``scale-up`` event: one more web gear, with an HAProxy instance while HA has fewer than two."""

    action = UP
    resendable = False
    is_lending = True

    def request(self, _app: Application) -> Request:
        return event("scale-up")

    def apply_to(self, app: Application) -> Application:
        return _grow(app, app.web_gears + 1)

    def took_effect(self, before: Application, after: Application) -> bool:
        return after.web_gears > before.web_gears

    def blockers(self, app: Application) -> tuple[Blocker, ...]:
        return maximum_blockers(app, app.max_gears)

    def describe(self, app: Application) -> str:
        return _describe_scaling(app, self.apply_to(app))


@dataclass(frozen=True)
class ScaleDown(Step):
    """The ``scale-down`` event: one web gear less (``_shrink``: which one)."""

    action = DOWN
    resendable = False

    def request(self, _app: Application) -> Request:
        return event("scale-down")

    def apply_to(self, app: Application) -> Application:
        return _shrink(app, app.web_gears - 1)

    def took_effect(self, before: Application, after: Application) -> bool:
        return after.web_gears < before.web_gears

    def describe(self, app: Application) -> str:
        return f"{_describe_scaling(app, self.apply_to(app))}: remove the gear that this run added"


class _Scaling(Step):
    """An event with a number of gears. If it is sent twice, the broker may do it twice."""

    resendable = False

    def count_after(self, app: Application) -> int:
        """The number of web gears after the event."""
        raise NotImplementedError

    def apply_to(self, app: Application) -> Application:
        return _resize(app, self.count_after(app))

    def blockers(self, app: Application) -> tuple[Blocker, ...]:
        return limit_blockers(app, self.count_after(app))

    def describe(self, app: Application) -> str:
        return _describe_scaling(app, self.apply_to(app))


@dataclass(frozen=True)
class ScaleTo(_Scaling):
    """The ``scale-up`` or ``scale-down`` event with ``to``.

    The broker turns the number into a difference when the request arrives, before it waits for the application's lock:
    two requests at the same time change the count twice.
    """

    gears: int
    up: bool

    @property
    def action(self) -> str:
        return UP if self.up else DOWN

    def request(self, _app: Application) -> Request:
        return event("scale-up" if self.up else "scale-down", to=self.gears)

    def count_after(self, _app: Application) -> int:
        return self.gears

    def took_effect(self, _before: Application, after: Application) -> bool:
        return after.web_gears >= self.gears if self.up else after.web_gears <= self.gears


@dataclass(frozen=True)
class ScaleBy(_Scaling):
    """The ``scale-up`` event (``scale-down`` for a negative number) with ``by``: a difference in web gears."""

    by: int
    once = True

    @property
    def action(self) -> str:
        return UP if self.by > 0 else DOWN

    def request(self, _app: Application) -> Request:
        return event("scale-up" if self.by > 0 else "scale-down", by=abs(self.by))

    def count_after(self, app: Application) -> int:
        return app.web_gears + self.by

    def took_effect(self, before: Application, after: Application) -> bool:
        change = after.web_gears - before.web_gears
        return change >= self.by if self.by > 0 else change <= self.by


@dataclass(frozen=True)
class SetLimits(Step):
    """A ``PUT`` of a cartridge's limits. A minimum above the count adds gears, a maximum below removes them.

    ``for_haproxy``: the minimum is raised only for the second HAProxy instance, so its gear can be removed again.
    ``cartridge``: its full name; ``None``: the web cartridge.
    """

    min_gears: int | None = None
    max_gears: int | None = None
    for_haproxy: bool = False
    cartridge: str | None = None
    action = "set_limits"

    @property
    def is_lending(self) -> bool:
        return self.for_haproxy

    def keeps_minimum_raised(self, raised: bool) -> bool:
        return self.for_haproxy or (raised and self.min_gears is None)

    def request(self, app: Application) -> Request:
        body = {"scales_from": self.min_gears, "scales_to": self.max_gears}
        name = quote(self.cartridge or str(app.web_cartridge), safe="")
        return Request("PUT", f"/cartridge/{name}", {key: value for key, value in body.items() if value is not None})

    def apply_to(self, app: Application) -> Application:
        if not self.is_possible(app):
            return app
        now, minimum, maximum = app.scales(self.cartridge), self.effective_minimum(app), self.effective_maximum(app)
        capped = now.count if maximum == NO_LIMIT else min(now.count, maximum)
        count = capped if capped < now.count else max(now.count, minimum)
        if app.is_on_web_gears(self.cartridge):
            return _resize(app.with_web_limits(minimum, maximum), count)
        return app.with_own_gears(str(self.cartridge), count, minimum, maximum)

    def took_effect(self, _before: Application, after: Application) -> bool:
        now = after.scales(self.cartridge)
        return (now.minimum, now.maximum) == (self.effective_minimum(after), self.effective_maximum(after))

    def blockers(self, app: Application) -> tuple[Blocker, ...]:
        if self.for_haproxy:
            return maximum_blockers(app, self.apply_to(app).max_gears)
        return self._beyond_the_cartridge(app) or self._crossed(app)

    def _beyond_the_cartridge(self, app: Application) -> tuple[Blocker, ...]:
        """Limits above what the cartridge supports. The broker would accept them, but not show them."""
        found = app.cartridge(self.cartridge)
        if found is None or found.supported_to == NO_LIMIT:
            return ()
        for option, gears in (("min_gears", self.min_gears), ("max_gears", self.max_gears)):
            if gears is not None and (gears == NO_LIMIT or gears > found.supported_to):
                reason = f"{found.name} supports at most {count_gears(found.supported_to)}, but {option} is {gears}"
                return (Blocker("maximum", reason, f"Lower {option}.", str(app.ref)),)
        return ()

    def _crossed(self, app: Application) -> tuple[Blocker, ...]:
        """A minimum above the maximum."""
        minimum, maximum = self.effective_minimum(app), self.effective_maximum(app)
        if maximum == NO_LIMIT or minimum <= maximum:
            return ()
        ref = str(app.ref)
        whose = f" of {self.cartridge}" if self.cartridge else ""
        if self.max_gears is None:
            known = app.scales(self.cartridge).maximum
            reason = f"min_gears {minimum} is above the maximum{whose}, which is {known}"
            return (Blocker("maximum", reason, "Set max_gears too.", ref),)
        reason = f"max_gears {maximum} is below the minimum{whose}, which is {minimum}"
        least = app.least_gears_of(self.cartridge)
        if maximum < least:
            under_ha = app.ha and app.is_on_web_gears(self.cartridge)
            who = "HA" if under_ha else "the cartridge"
            return (Blocker("minimum", reason, f"Raise max_gears: {who} needs {count_gears(least)}.", ref),)
        return (Blocker("minimum", reason, "Set min_gears too.", ref),)

    def describe(self, app: Application) -> str:
        if not self.is_possible(app):
            return f"set the limits of {self.cartridge}"
        now, after = app.scales(self.cartridge), self.apply_to(app)
        parts = []
        if self.min_gears is not None:
            parts.append(f"minimum {now.minimum} -> {self.effective_minimum(app)}")
        if self.max_gears is not None:
            parts.append(f"maximum {describe_maximum(now.maximum)} -> {describe_maximum(self.effective_maximum(app))}")
        more = after.gear_count - app.gear_count
        change = f", {count_gears(abs(more))} {'added' if more > 0 else 'removed'}" if more else ""
        name = self.cartridge or app.web_cartridge
        return f"set the limits of {name}: {', '.join(parts)}{change}{_haproxy_change(app, after)}"

    def is_possible(self, app: Application) -> bool:
        """Whether the application has this cartridge and the broker accepts limits for it."""
        found = app.cartridge(self.cartridge)
        return self.cartridge is None or (found is not None and found.may_be_limited)

    def effective_minimum(self, app: Application) -> int:
        """The minimum that the broker will show: at least what HA or the cartridge needs."""
        asked = self._scales(app).minimum if self.min_gears is None else self.min_gears
        return max(asked, app.least_gears_of(self.cartridge))

    def effective_maximum(self, app: Application) -> int:
        return self._scales(app).maximum if self.max_gears is None else self.max_gears

    def _scales(self, app: Application) -> Scales:
        return app.scales(self.cartridge)


def _resize(app: Application, web_gears: int) -> Application:
    return _grow(app, web_gears) if web_gears > app.web_gears else _shrink(app, web_gears)


def _grow(app: Application, web_gears: int) -> Application:
    """The application with new gears. Under HA, they get HAProxy instances until there are two.

    The count is a lower bound: a broker with a multiplier adds more, and its API does not show the multiplier.
    """
    missing = max(0, HA_MINIMUM - app.haproxy_count) if app.ha else 0
    return app.with_web_gears(web_gears, app.haproxy_count + min(web_gears - app.web_gears, missing))


def _shrink(app: Application, web_gears: int) -> Application:
    """The application with fewer gears. The broker first removes surplus HAProxy instances (HA keeps 2, otherwise 1).

    The count is a lower bound: a broker with a multiplier keeps more.
    """
    surplus = max(0, app.haproxy_count - (HA_MINIMUM if app.ha else 1))
    return app.with_web_gears(web_gears, app.haproxy_count - min(app.web_gears - web_gears, surplus))


def _describe_scaling(before: Application, after: Application) -> str:
    direction = "up" if after.web_gears > before.web_gears else "down"
    change = f"from {count_gears(before.web_gears)} to {after.web_gears}"
    return f"scale {direction} {change}{_haproxy_change(before, after)}"


def _haproxy_change(before: Application, after: Application) -> str:
    """The change in words. Under HA a loss is not shown, because the predicted count is only a lower bound."""
    lost = after.haproxy_count < before.haproxy_count
    if after.haproxy_count == before.haproxy_count or (lost and after.ha):
        return ""
    return f" (HAProxy {before.haproxy_count} -> {after.haproxy_count})"

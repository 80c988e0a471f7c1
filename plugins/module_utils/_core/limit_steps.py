# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step that sets the limits of a cartridge. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import NO_LIMIT, Application, Scales
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker, maximum_blockers
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.resizing import describe_haproxy_change, resize
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Request, Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears, describe_maximum


@dataclass(frozen=True)
class SetLimits(Step):
    """A ``PUT`` of a cartridge's limits. A minimum above the count adds gears, a maximum below removes them.

    ``None`` as a limit: it stays as it is shown. ``for_haproxy``: the minimum is raised only for the second HAProxy
    instance. ``restores``: the limits from before that are put back. ``cartridge``: its full name; ``None``: the web
    cartridge. ``mark``: what the run remembers of it.
    """

    min_gears: int | None = None
    max_gears: int | None = None
    for_haproxy: bool = False
    cartridge: str | None = None
    restores: bool = False
    mark: str = ""
    action = "set_limits"

    @property
    def is_lending(self) -> bool:
        return self.for_haproxy

    @property
    def raises_minimum(self) -> bool:
        return self.for_haproxy

    def needs_rest(self, app: Application) -> bool:
        """Whether it would send a limit that another operation has raised for a moment."""
        keeps_a_limit = self.min_gears is None or self.max_gears is None or self.for_haproxy
        return keeps_a_limit and not app.scales(self.cartridge).at_rest

    def request(self, app: Application) -> Request:
        """Always both limits: the broker compares a single one with the other before it waits for the lock."""
        shown = self._scales(app)
        body = {
            "scales_from": shown.minimum if self.min_gears is None else self.min_gears,
            "scales_to": shown.maximum if self.max_gears is None else self.max_gears,
        }
        name = quote(self.cartridge or str(app.web_cartridge), safe="")
        return Request("PUT", f"/cartridge/{name}", body)

    def apply_to(self, app: Application) -> Application:
        if not self.is_possible(app):
            return app
        now, minimum, maximum = app.scales(self.cartridge), self.effective_minimum(app), self.effective_maximum(app)
        capped = now.count if maximum == NO_LIMIT else min(now.count, maximum)
        count = capped if capped < now.count else max(now.count, minimum)
        if app.is_on_web_gears(self.cartridge):
            return resize(app.with_web_limits(minimum, maximum), count)
        return app.with_own_gears(str(self.cartridge), count, minimum, maximum)

    def took_effect(self, _before: Application, after: Application) -> bool:
        now = after.scales(self.cartridge)
        return (now.minimum, now.maximum) == (self.effective_minimum(after), self.effective_maximum(after))

    def blockers(self, app: Application) -> tuple[Blocker, ...]:
        if self.for_haproxy:
            return maximum_blockers(app, self.effective_maximum(app))
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
        minimum, maximum = self.effective_minimum(app), self.effective_maximum(app)
        parts = []
        if minimum != now.minimum:
            parts.append(f"minimum {now.minimum} -> {minimum}")
        if maximum != now.maximum:
            parts.append(f"maximum {describe_maximum(now.maximum)} -> {describe_maximum(maximum)}")
        if not parts:
            parts.append(f"minimum {minimum}, maximum {describe_maximum(maximum)}")
        more = after.gear_count - app.gear_count
        change = f", {count_gears(abs(more))} {'added' if more > 0 else 'removed'}" if more else ""
        name = self.cartridge or app.web_cartridge
        return f"set the limits of {name}: {', '.join(parts)}{change}{describe_haproxy_change(app, after)}"

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

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that scale the web cartridge: the ``scale-up`` and ``scale-down`` events. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import (
    Blocker,
    limit_blockers,
    maximum_blockers,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.resizing import (
    describe_scaling,
    grow,
    resize,
    shrink,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import DOWN, UP, Request, Step, event


@dataclass(frozen=True)
class ScaleUp(Step):
    """The ``scale-up`` event: one more web gear, with an HAProxy instance while HA has fewer than two."""

    action = UP
    resendable = False
    is_lending = True

    def request(self, _app: Application) -> Request:
        return event("scale-up")

    def apply_to(self, app: Application) -> Application:
        return grow(app, app.web_gears + 1)

    def took_effect(self, before: Application, after: Application) -> bool:
        return after.web_gears > before.web_gears

    def blockers(self, app: Application) -> tuple[Blocker, ...]:
        return maximum_blockers(app, app.max_gears)

    def describe(self, app: Application) -> str:
        return describe_scaling(app, self.apply_to(app))


@dataclass(frozen=True)
class ScaleDown(Step):
    """The ``scale-down`` event: one web gear less (``shrink``: which one). ``relocates``: see ``relocation``."""

    relocates: bool = False
    action = DOWN
    resendable = False

    @property
    def gives_back(self) -> bool:
        return not self.relocates

    def request(self, _app: Application) -> Request:
        return event("scale-down")

    def apply_to(self, app: Application) -> Application:
        return shrink(app, app.web_gears - 1)

    def took_effect(self, before: Application, after: Application) -> bool:
        return after.web_gears < before.web_gears

    def describe(self, app: Application) -> str:
        why = "replace the HAProxy instance" if self.relocates else "remove the gear that this run added"
        return f"{describe_scaling(app, self.apply_to(app))}: {why}"


class _Scaling(Step):
    """An event with a number of gears. If it is sent twice, the broker may do it twice."""

    resendable = False

    def count_after(self, app: Application) -> int:
        """The number of web gears after the event."""
        raise NotImplementedError

    def apply_to(self, app: Application) -> Application:
        return resize(app, self.count_after(app))

    def blockers(self, app: Application) -> tuple[Blocker, ...]:
        return limit_blockers(app, self.count_after(app))

    def describe(self, app: Application) -> str:
        return describe_scaling(app, self.apply_to(app))


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

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that change an application: what all steps have in common, and the steps of HA. Pure.

Each step is one request. Its class defines that request, its effect on an application, how to recognize the effect, why
the broker would refuse it, and its description. ``scaling_steps`` and ``limit_steps`` have the others; no other file
lists them. docs/broker.md describes the broker's rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    HA_MINIMUM,
    NO_LIMIT,
    Application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker, build_maximum_blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.copying import copy_with
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import SAME_NODE
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.resizing import grow
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears, count_instances

UP, DOWN = "scale_up", "scale_down"
#: The mark of the step that begins a relocation.
RELOCATION = "relocation"


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
    ``restores``: it puts back what the run itself changed, so the run retries it until its time is up.
    ``is_barrier``: it changes nothing itself, and what follows cannot be predicted. ``relocates``: it is part of the
    replacement of an HAProxy instance. ``shows_in_proof``: only the placement shows its effect.
    """

    resendable = True
    once = False
    needs_capability = False
    restores = False
    is_barrier = False
    relocates = False
    shows_in_proof = False

    @property
    def mark(self) -> str:
        """What the run remembers of it; empty for most steps."""
        return ""

    @property
    def gives_back(self) -> bool:
        """Whether it removes only gears that the run itself added."""
        return self.restores

    @property
    def is_repeatable(self) -> bool:
        """Whether the run remembers it only when it was done, and otherwise sends it again."""
        return self.restores

    @property
    def action(self) -> str:
        """The step's name in results."""
        raise NotImplementedError

    @property
    def is_lending(self) -> bool:
        """Whether it adds gears only for the HAProxy instance. The run can remove them afterwards."""
        return False

    @property
    def raises_minimum(self) -> bool:
        """Whether it raises the web cartridge's minimum only for the HAProxy instance."""
        return False

    def needs_rest(self, _app: Application) -> bool:
        """Whether the run must wait until no other operation is adding gears, before it sends this."""
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
        limited = copy_with(app, ha=True).with_web_limits(minimum, app.max_gears)
        return grow(limited, max(app.web_gears, minimum))

    def took_effect(self, _before: Application, after: Application) -> bool:
        return after.ha

    def blockers(self, app: Application) -> tuple[Blocker, ...]:
        return (build_maximum_blocker(app, HA_MINIMUM, "HA needs 2 gears"),) if app.max_gears == 1 else ()

    def describe(self, app: Application) -> str:
        return f"enable HA ({count_gears(app.web_gears)}, {count_instances(app.haproxy_count)})"


@dataclass(frozen=True)
class DisableHa(Step):
    """The ``disable-ha`` event: it removes the flag, but no gears and HAProxy instances.

    ``relocates``: one of two instances on the same node is replaced next.
    """

    relocates: bool = False
    action = "disable_ha"

    @property
    def mark(self) -> str:
        return RELOCATION if self.relocates else ""

    def request(self, _app: Application) -> Request:
        return event("disable-ha")

    def apply_to(self, app: Application) -> Application:
        """Without HA, a minimum of 2 becomes 1, unless a user set it to 2. The API does not show which is the case.

        If a maximum is set, the minimum stays 2, because the broker stores both limits together.
        """
        hidden = app.min_gears == HA_MINIMUM and app.max_gears == NO_LIMIT
        minimum = 1 if hidden else app.min_gears
        shown = app.without_problems(SAME_NODE) if self.relocates else app
        return copy_with(shown, ha=False).with_web_limits(minimum, app.max_gears)

    def took_effect(self, _before: Application, after: Application) -> bool:
        return not after.ha

    def describe(self, app: Application) -> str:
        return f"disable HA (keeps {count_gears(app.web_gears)} and {count_instances(app.haproxy_count)})"

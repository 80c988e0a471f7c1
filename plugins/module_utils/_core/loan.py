# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A minimum that is raised for the second HAProxy instance, and put back afterwards. Pure.

Several operators may do this at the same time, without knowledge of each other. The broker computes limits under the
application's lock, so any number of raises to the same minimum adds one gear. Each operator that has sent a raise puts
the limits back, until it observes them. So the last operator leaves the owner's limits and the right number of gears.
docs/broker.md describes the broker's rules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import NO_LIMIT, Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limit_steps import SetLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Memory, Rest
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import describe_maximum

#: The mark of a gear that this run added and must not remove again, because a node does not answer.
KEPT = "kept"


def keep_gear(memory: Memory) -> Memory:
    """The memory of a run that puts back the limits only."""
    return replace(memory, marks=memory.marks | {KEPT})


@dataclass(frozen=True)
class Loan:
    """The limits before the raise (``rest``), and those that the user has set, which replace them at the end.

    ``returns_gear``: the gear that the raise added is removed again.
    """

    rest: Rest
    min_gears: int | None = None
    max_gears: int | None = None
    returns_gear: bool = False

    @property
    def raised(self) -> int:
        """The raised minimum."""
        return self.rest.gears + 1

    @property
    def minimum(self) -> int:
        """The minimum at the end of the run."""
        return self.rest.minimum if self.min_gears is None else self.min_gears

    @property
    def maximum(self) -> int:
        """The maximum at the end of the run."""
        return self.rest.maximum if self.max_gears is None else self.max_gears

    @property
    def gears_at_end(self) -> int:
        """The number of web gears at the end of the run."""
        gears = self.rest.gears if self.returns_gear else self.raised
        return gears if self.maximum == NO_LIMIT else min(gears, self.maximum)

    def describe_before(self) -> str:
        """The limits from before, as a sentence."""
        maximum = describe_maximum(self.rest.maximum)
        return f"before this run, the minimum was {self.rest.minimum} and the maximum {maximum}."

    def raise_step(self, app: Application) -> SetLimits:
        """Raise the minimum above the count.

        If the gear is returned, the maximum is raised with it: then nobody else adds a gear meanwhile, and a maximum at
        the count is no obstacle.
        """
        if self.returns_gear:
            return SetLimits(self.raised, self.raised, for_haproxy=True)
        allows_it = self.maximum == NO_LIMIT or self.maximum >= self.raised
        maximum = self.maximum if allows_it and self.maximum != app.max_gears else None
        return SetLimits(self.raised, maximum, for_haproxy=True)

    def back_step(self, app: Application) -> SetLimits | None:
        """The next step that puts the limits back; ``None`` if they are, or if somebody else has changed them."""
        return self._return_gear(app) if self.returns_gear else self._keep_gear(app)

    def _keep_gear(self, app: Application) -> SetLimits | None:
        if app.min_gears != self.raised or self._shown(app, self.minimum) == self.raised:
            return None
        is_ours = app.max_gears in (self.rest.maximum, self.raised)
        return SetLimits(self.minimum, self.maximum if is_ours else app.max_gears, restores=True)

    def _return_gear(self, app: Application) -> SetLimits | None:
        """First a maximum that removes the gear, then the maximum from before."""
        gears, limits = self.rest.gears, (app.min_gears, app.max_gears)
        at_end = self.maximum if NO_LIMIT < self.maximum <= gears else gears
        if app.web_gears == self.raised and limits in self._own_limits(app):
            return SetLimits(self.minimum, at_end, restores=True)
        left = {(self._shown(app, self.minimum), gears), *self._own_mixed_limits(app)}
        if app.web_gears <= gears and limits in left and self.maximum != app.max_gears:
            return SetLimits(self.minimum, self.maximum, restores=True)
        return None

    def _own_limits(self, app: Application) -> set[tuple[int, int]]:
        """All limits that operators with this aim set at any time."""
        minimums = {self._shown(app, self.rest.minimum), self._shown(app, self.minimum)}
        maximums = {self.rest.maximum, self.maximum, self.rest.gears}
        own = {(self.raised, self.raised), *((low, high) for low in minimums for high in maximums)}
        return own | self._own_mixed_limits(app)

    def _own_mixed_limits(self, app: Application) -> set[tuple[int, int]]:
        """One limit of the user, and a raised one.

        An operator with the same aim sends these if it starts after the raise: it reads the raised limit as the
        owner's.
        """
        mixed = set()
        if self.min_gears is not None:
            mixed.add((self._shown(app, self.minimum), self.raised))
        if self.max_gears is not None:
            mixed.add((self.raised, self.maximum))
        return mixed

    def is_returned(self, app: Application) -> bool:
        """Whether nothing of the raise is left."""
        return (app.min_gears, app.max_gears) == (self._shown(app, self.minimum), self.maximum)

    @staticmethod
    def _shown(app: Application, minimum: int) -> int:
        return max(minimum, app.least_gears_of(None))

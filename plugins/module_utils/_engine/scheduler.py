# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which application of a fleet is repaired next."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable

from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import Fleet, FleetApp


class Scheduler:
    """Returns the drifted applications one by one, with the owners in turn, because an operation locks the owner.

    An application starts when its owner's remaining gears suffice for it and for the owner's running repairs. The plan
    ensures that this happens. If somebody else has used the gears meanwhile, it starts alone, and the broker decides.
    Applications that need the caller's own gears start after all that need gears of other owners, because the broker
    checks the caller's limit for those too. At most ``concurrency`` applications run. Thread-safe.
    """

    def __init__(self, fleet: Fleet, concurrency: int) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[tuple[str, deque[FleetApp]]] = deque()
        by_owner: dict[str, deque[FleetApp]] = defaultdict(deque)
        for entry in fleet.changes:
            by_owner[entry.app.owner or ""].append(entry)
        self._waiting.extend(by_owner.items())
        self._left = dict(fleet.available)
        self._caller = fleet.caller
        self._running: dict[str, list[FleetApp]] = defaultdict(list)
        self._slots = concurrency

    def take(self) -> FleetApp | None:
        """Wait until the next application may start, and return it; ``None`` if none is left."""
        with self._changed:
            while (entry := self._next()) is None:
                if not any(entries for _owner, entries in self._waiting):
                    return None
                self._changed.wait()
            return entry

    def finish(self, entry: FleetApp) -> None:
        """Record that the repair of the application has ended, so that others may start."""
        owner = entry.app.owner or ""
        with self._changed:
            self._running[owner].remove(entry)
            self._slots += 1
            if owner in self._left:
                self._left[owner] -= max(0, entry.plan.after.web_gears - entry.app.web_gears)
            self._changed.notify_all()

    def close(self) -> None:
        """Start nothing more."""
        self.drop(lambda _entry: True)

    def drop(self, is_dropped: Callable[[FleetApp], bool]) -> None:
        """Do not start the applications for which ``is_dropped`` is true."""
        with self._changed:
            kept = [(owner, deque(e for e in entries if not is_dropped(e))) for owner, entries in self._waiting]
            self._waiting = deque(kept)
            self._changed.notify_all()

    def _next(self) -> FleetApp | None:
        if not self._slots:
            return None
        for _turn in range(len(self._waiting)):
            owner, entries = self._waiting[0]
            self._waiting.rotate(-1)
            if entries and self._may_start(owner, entries[0]):
                entry = entries.popleft()
                self._running[owner].append(entry)
                self._slots -= 1
                return entry
        return None

    def _may_start(self, owner: str, entry: FleetApp) -> bool:
        if owner == self._caller and entry.plan.gears_needed and self._others_need_gears():
            return False
        running = self._running[owner]
        if owner not in self._left or not running:
            return True
        return sum(e.plan.gears_needed for e in (*running, entry)) <= self._left[owner]

    def _others_need_gears(self) -> bool:
        left = [*self._waiting, *self._running.items()]
        return any(entry.plan.gears_needed for owner, entries in left if owner != self._caller for entry in entries)

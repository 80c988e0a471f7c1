# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many applications: one look at all of them, room for gears shared out per owner, drift repaired in parallel.

Each application's outcome is its own: what becomes of one stops nobody, unless that was wished.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, Domain, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError, Interrupted, NotFound
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Plan, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import (
    BrokenOff,
    Clock,
    Outcome,
    Patience,
    converge,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import observe, read_caller


@dataclass(frozen=True)
class Target:
    """One application of the fleet and what is wished of it. ``listed``: named by the user, not selected."""

    ref: AppRef
    desired: DesiredHa
    patience: Patience
    listed: bool = True


@dataclass(frozen=True)
class Unobserved:
    """An application that was named and cannot be looked at, or cannot be read."""

    target: Target
    error: BrokerError


@dataclass(frozen=True)
class FleetApp:
    """An application of the fleet as it was seen, with its plan, room for gears considered."""

    target: Target
    app: Application
    plan: Plan

    @property
    def left_alone(self) -> bool:
        """A selection takes in what is not scalable, but asks nothing of it."""
        return not self.target.listed and not self.app.scalable

    @property
    def drifted(self) -> bool:
        return bool(self.plan.path) and not self.left_alone

    @property
    def blocked(self) -> bool:
        return self.drifted and bool(self.plan.blockers)

    @property
    def changes(self) -> bool:
        return self.drifted and not self.plan.blockers


@dataclass(frozen=True)
class Fleet:
    """All that was seen and planned, in the order of the list or (select) by domain and name.

    ``available``: gears that each owner may still use, as far as it was read; ``needed``: what the drift of each
    owner's applications needs in all, those included that there is no room for. ``caller``: the login that asked, if it
    was read. ``unmatched``: what the selection names and nothing is.
    """

    entries: tuple[FleetApp | Unobserved, ...]
    available: Mapping[str, int] = field(default_factory=dict)
    needed: Mapping[str, int] = field(default_factory=dict)
    caller: str | None = None
    unmatched: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[FleetApp, ...]:
        return tuple(entry for entry in self.entries if isinstance(entry, FleetApp) and entry.changes)


@dataclass(frozen=True)
class Repair:
    """What became of an entry. ``outcome`` is ``None`` when it was not attempted; ``interrupted``: before its end."""

    entry: FleetApp
    outcome: Outcome | None
    seconds: float = 0.0
    interrupted: Interrupted | None = None


# --- Looking and planning ------------------------------------------------------------------------------------------


def look_up(
    apps: Iterable[Application | Unreadable], targets: Iterable[Target]
) -> tuple[tuple[Target, Application | Unreadable | None], ...]:
    """The applications of a list, in its order; ``None`` for one that is not within reach."""
    by_name = {app.ref.key: app for app in apps}
    return tuple((target, by_name.get(target.ref.key)) for target in targets)


def plan_fleet(broker: Broker, pairs: Iterable[tuple[Target, Application | Unreadable | None]]) -> Fleet:
    """Plan for every application; where any drifted, read the room (two ``GET``) and share it out, in order."""
    entries = tuple(_first_entry(broker, target, app) for target, app in pairs)
    if not any(isinstance(entry, FleetApp) and entry.changes for entry in entries):
        return Fleet(entries, needed=_needed(entries))
    domains, caller = broker.domains(), read_caller(broker)
    return Fleet(
        entries=_admitted(entries, _Share(domains, caller)),
        available=_available(domains),
        needed=_needed(entries),
        caller=caller.login if caller else None,
    )


def _admitted(entries: tuple[FleetApp | Unobserved, ...], share: _Share) -> tuple[FleetApp | Unobserved, ...]:
    """The entries with what the limits mean for them.

    Those of others have their turn first, as when they are repaired: the broker looks at the caller's own limit for
    them too, and the caller's own applications may fill it.
    """
    found = list(entries)
    turns = [(number, entry) for number, entry in enumerate(entries) if isinstance(entry, FleetApp) and entry.changes]
    for number, entry in sorted(turns, key=lambda turn: share.is_callers(turn[1])):
        found[number] = share.admit(entry)
    return tuple(found)


def _first_entry(broker: Broker, target: Target, app: Application | Unreadable | None) -> FleetApp | Unobserved:
    if app is None:
        error = NotFound(f"Application '{target.ref.name}' in domain '{target.ref.domain}' is not within reach")
        return Unobserved(target, broker.signed(error))
    if isinstance(app, Unreadable):
        return Unobserved(target, app.error)
    return FleetApp(target, app, plan(app, target.desired))


class _Share:
    """Gives the owners' room to one application after the other, each as if those before it were done."""

    def __init__(self, domains: Iterable[Domain], caller: Caller | None) -> None:
        self._domains = {domain.name.lower(): domain for domain in domains}
        self._caller = caller
        self._taken: dict[str, int] = defaultdict(int)

    def is_callers(self, entry: FleetApp) -> bool:
        return self._caller is not None and self._owner(entry) == self._caller.login

    def admit(self, entry: FleetApp) -> FleetApp:
        """The entry with the blockers that the limits mean for it; one that is blocked takes no room."""
        domain, owner = self._domain(entry), self._owner(entry)
        available = domain.available_gears if domain else None
        taken = self._taken[owner or ""]
        caller = self._caller
        room = GearQuota(
            owner=owner,
            available_gears=None if available is None else available - taken,
            caller=caller and replace(caller, consumed_gears=caller.consumed_gears + self._taken[caller.login]),
        )
        planned = plan(entry.app, entry.target.desired, room)
        if not planned.blockers:
            self._taken[owner or ""] += max(0, planned.after.web_gears - entry.app.web_gears)
        return replace(entry, plan=planned)

    def _domain(self, entry: FleetApp) -> Domain | None:
        return self._domains.get(entry.app.domain.lower())

    def _owner(self, entry: FleetApp) -> str | None:
        domain = self._domain(entry)
        return (domain.owner if domain else None) or entry.app.owner


def _available(domains: Iterable[Domain]) -> dict[str, int]:
    return {d.owner: d.available_gears for d in domains if d.owner is not None and d.available_gears is not None}


def _needed(entries: Iterable[FleetApp | Unobserved]) -> dict[str, int]:
    """What each owner's drift needs in all, whether or not there is room for it."""
    needed: dict[str, int] = defaultdict(int)
    for entry in entries:
        if isinstance(entry, FleetApp) and entry.drifted and entry.app.owner:
            needed[entry.app.owner] += entry.plan.gears_needed
    return dict(needed)


def guard(fleet: Fleet, max_changes: int | None, stop_on_error: bool) -> str | None:
    """Why nothing at all is to be changed, if so: more than ``max_changes``, or an error known beforehand."""
    changes = len(fleet.changes)
    if max_changes is not None and changes > max_changes:
        return f"{changes} applications would change, more than max_changes: {max_changes}. Nothing was changed."
    failing = [e for e in fleet.entries if isinstance(e, Unobserved) or e.blocked]
    if stop_on_error and failing and changes:
        return f"{failing[0].target.ref} fails in advance, and on_error is stop. Nothing was changed."
    return None


# --- Repairing -----------------------------------------------------------------------------------------------------


def repair(
    broker: Broker,
    fleet: Fleet,
    clock: Clock,
    concurrency: int = 4,
    stop_on_error: bool = False,
    progress: Callable[[int, int, Repair], None] = lambda _done, _total, _result: None,
) -> dict[AppRef, Repair]:
    """Bring every entry that changes to what is wished, ``concurrency`` at a time, owners in turn.

    ``progress`` is called in this thread as each is done. Returns what became of each, by the target's names. Raises
    ``Interrupted`` once no more may be written and those under way have ended, each told by ``progress`` as well.
    """
    queue = _Queue(fleet)
    total = len(fleet.changes)
    results: dict[AppRef, Repair] = {e.target.ref: Repair(e, None) for e in fleet.changes}
    own = threading.local()

    def work(entry: FleetApp) -> Repair:
        if not hasattr(own, "broker"):
            own.broker = broker.clone()
        return _repair_one(own.broker, entry, clock)

    interrupted: Interrupted | None = None
    with ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="fleet") as pool:
        running: dict[Future[Repair], FleetApp] = {}
        done = 0
        while True:
            while len(running) < concurrency and (entry := queue.next()) is not None:
                running[pool.submit(work, entry)] = entry
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                entry = running.pop(future)
                queue.finished(entry)
                result = future.result()
                interrupted = result.interrupted or interrupted
                if result.interrupted or (stop_on_error and result.outcome and result.outcome.failed):
                    queue.close()
                if result.outcome is not None:
                    done += 1
                    results[entry.target.ref] = result
                    progress(done, total, result)
    if interrupted is not None:
        raise Interrupted(f"{interrupted} {_how_far(results)}") from interrupted
    return results


def _how_far(results: Mapping[AppRef, Repair]) -> str:
    begun = [result for result in results.values() if result.outcome is not None]
    cut = sum(result.interrupted is not None for result in begun)
    return (
        f"Of {len(results)} applications, {len(begun) - cut} were finished, {cut} cut short, "
        f"{len(results) - len(begun)} not begun."
    )


def _repair_one(broker: Broker, entry: FleetApp, clock: Clock) -> Repair:
    started = clock.now()
    try:
        return Repair(entry, _converged(broker, entry, clock, started), clock.now() - started)
    except BrokenOff as cut:
        return Repair(entry, cut.outcome, clock.now() - started, cut.told)
    except Interrupted as told:
        return Repair(entry, None, interrupted=told)


def _converged(broker: Broker, entry: FleetApp, clock: Clock, started: float) -> Outcome:
    """One application, looked at once more: the look at the whole fleet, and at the room for it, may be minutes old."""
    try:
        seen = observe(broker, entry.app.ref, entry.target.desired)
    except BrokerError as error:
        return Outcome(entry.app, entry.app, error=error, asked="look at it before changing it")
    return converge(broker, seen, entry.target.desired, entry.target.patience, clock, started)


class _Queue:
    """Whose turn it is: owners one after the other (the broker locks the owner for a moment), within their room.

    An application starts when its owner's room holds what it needs at its peak beside those under way; the plan made
    sure that this comes about. Where it does not (somebody else took the room), it starts alone, for the broker to say.
    What needs gears of the caller's own waits for all that needs gears of others, for which the broker looks at the
    caller's limit too.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._waiting: deque[tuple[str, deque[FleetApp]]] = deque()
        by_owner: dict[str, deque[FleetApp]] = defaultdict(deque)
        for entry in fleet.changes:
            by_owner[entry.app.owner or ""].append(entry)
        self._waiting.extend(by_owner.items())
        self._left = dict(fleet.available)
        self._caller = fleet.caller
        self._running: dict[str, list[FleetApp]] = defaultdict(list)

    def next(self) -> FleetApp | None:
        """The next application that may start now, if there is one."""
        for _turn in range(len(self._waiting)):
            owner, entries = self._waiting[0]
            self._waiting.rotate(-1)
            if entries and self._fits(owner, entries[0]):
                entry = entries.popleft()
                self._running[owner].append(entry)
                return entry
        return None

    def finished(self, entry: FleetApp) -> None:
        owner = entry.app.owner or ""
        self._running[owner].remove(entry)
        if owner in self._left:
            self._left[owner] -= max(0, entry.plan.after.web_gears - entry.app.web_gears)

    def close(self) -> None:
        """Start nothing more."""
        self._waiting.clear()

    def _fits(self, owner: str, entry: FleetApp) -> bool:
        if owner == self._caller and entry.plan.gears_needed and self._others_need_gears():
            return False
        running = self._running[owner]
        if owner not in self._left or not running:
            return True
        return sum(e.plan.gears_needed for e in (*running, entry)) <= self._left[owner]

    def _others_need_gears(self) -> bool:
        left = [*self._waiting, *self._running.items()]
        return any(entry.plan.gears_needed for owner, entries in left if owner != self._caller for entry in entries)

"""The steps of one operation.

1. Compute the new shape under the lock, and reserve the gears on the owner's account.
2. Place the new gears on nodes.
3. Publish the new shape: every request sees the new gears, although the nodes are still working.
4. Wait for the nodes. Gears are removed half-way.
5. Complete it, or restore the old shape if a node failed.

After a gear has been removed, there is no way back: if a node does not answer then, the operation stays in the queue.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace

from . import errors, nodes, outages
from .faults import Fault, Faults
from .gear_control import Control, run_control
from .nodes import Placement
from .progress import in_progress, settle, without_removed
from .scaling import Reshape, ScalingRefused, Shape, ShapeChange
from .state import Application, State, User

_PLANNING_SHARE, _PLANNING_SECONDS = 0.1, 0.05
"""The share of its time that an operation needs before it publishes the new shape, and the upper limit in seconds."""
_HOLD_POLL = 0.005


class BrokerKilled(Exception):
    """The broker was killed in the middle of an operation. Nobody answers the request."""


@dataclass(frozen=True)
class Operation:
    """A change of an application.

    ``reshape`` computes it from the shape under the lock. ``control``: the job that the gears run. ``deletes``: it
    deletes the application.
    """

    name: str
    reshape: Reshape = ShapeChange
    control: Control | None = None
    deletes: bool = False


@dataclass
class Started:
    """An operation that has been published.

    ``pause``: the seconds of each half of its work. ``removed``: its gears or cartridges have been removed.
    """

    before: Shape
    change: ShapeChange
    pause: float
    removed: bool = False

    @property
    def removes(self) -> bool:
        """Whether it removes gears or cartridges, which nodes cannot undo."""
        return bool(self.change.removed) or not set(self.before.cartridges) <= set(self.change.shape.cartridges)


@dataclass(eq=False)
class Entry:
    """An operation in the queue of an application.

    ``error``: it has failed with this error and is still in the queue. ``rolling_back``: it must be rolled back, not
    completed. ``failures_left``: how often it fails again; None: as long as its fault rule is active.
    """

    operation: Operation
    fault: Fault | None = None
    creation: bool = False
    started: Started | None = None
    error: errors.Refusal | None = None
    rolling_back: bool = False
    failures_left: int | None = 0

    @property
    def name(self) -> str:
        return self.operation.name


class Execution:
    """Runs the first operation in the queue of an application, whose lock the caller holds."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    def run(self, application: Application, entry: Entry) -> None:
        """Start, complete or roll back an operation, and remove it from the queue if it has ended.

        Raises:
            Refusal: It failed. If it is still in the queue, it will be continued.
            BrokerKilled: The broker was killed.
        """
        if entry.error is not None:
            self._check_fault_is_over(entry, entry.error)
        if entry.started is None:
            self._start(application, entry)
        assert entry.started is not None
        if entry.rolling_back:
            self._roll_back(application, entry, entry.started)
        else:
            self._complete(application, entry, entry.started)

    def _check_fault_is_over(self, entry: Entry, error: errors.Refusal) -> None:
        if entry.failures_left is None:
            assert entry.fault is not None
            if self._faults.is_active(entry.fault):
                raise error
        elif entry.failures_left > 0:
            entry.failures_left -= 1
            raise error

    # --- start

    def _start(self, application: Application, entry: Entry) -> None:
        before = application.shape
        reserved = 0
        try:
            change = entry.operation.reshape(before)
            latency = self._latency(entry.operation, before, change)
            planning = min(latency * _PLANNING_SHARE, _PLANNING_SECONDS)
            _wait(planning)
            self._reserve(application.owner, change.added)
            reserved = change.added
            outages.check_maximum(change.shape)
            change = replace(change, shape=self._place(application, change.shape))
            entry.started = Started(before, change, (latency - planning) / 2)
            self._publish(application, entry, entry.started)
        except (errors.Refusal, ScalingRefused) as error:
            with self._state.lock:
                application.queue.remove(entry)
                application.owner.consumed_gears -= reserved
            refusal = errors.unprocessable(str(error)) if isinstance(error, ScalingRefused) else error
            raise refusal from None
        if self._works(entry.operation, before, change):
            self._wait_while_held("gears")
        _wait(entry.started.pause)
        if self._faults.claim(entry.fault, "broker_killed"):
            raise BrokerKilled

    def _latency(self, operation: Operation, before: Shape, change: ShapeChange) -> float:
        return self._state.settings.write_latency if self._works(operation, before, change) else 0.0

    @staticmethod
    def _works(operation: Operation, before: Shape, change: ShapeChange) -> bool:
        """Whether the operation takes time."""
        return operation.control is not None or change.shape != before

    def _wait_while_held(self, point: str) -> None:
        while self._state.settings.hold == point:
            time.sleep(_HOLD_POLL)

    def _place(self, application: Application, shape: Shape) -> Shape:
        settings = self._state.settings
        placement = Placement(settings.allow_multiple_haproxy_on_node, settings.zones_min_per_gear_group)
        with self._state.lock:
            start = 0 if application.shape.gears else self._state.next_node()
            return nodes.place_gears(shape, self._state.nodes, placement, start)

    def _publish(self, application: Application, entry: Entry, started: Started) -> None:
        before, change = started.before, started.change
        if entry.creation:
            self._add(application, change)
        elif (self._state.settings.limits_lead or self._state.settings.hold == "limits") and change.touches_gears:
            with self._state.lock:
                application.set_shape(replace(before, ha=change.shape.ha, stored=change.shape.stored))
            self._wait_while_held("limits")
            _wait(self._state.settings.limits_lead)
        with self._state.lock:
            application.set_shape(in_progress(application.shape, change.shape))

    def _add(self, application: Application, change: ShapeChange) -> None:
        with self._state.lock:
            if application.name in application.domain.applications:
                text = f"The supplied application name '{application.name}' already exists"
                raise errors.unprocessable(text, 100, "name")
            application.set_shape(in_progress(application.shape, change.shape))
            self._state.add_application(application)

    def _reserve(self, owner: User, gears: int) -> None:
        """Add gears to the owner's account. This briefly locks the owner, and so all applications of the owner."""
        settings = self._state.settings
        self._lock_owner(owner, settings.owner_lock_tries, settings.owner_lock_poll)
        try:
            self._wait_while_held("owner")
            with self._state.lock:
                if gears > 0 and owner.consumed_gears + gears > owner.max_gears:
                    raise errors.gear_limit(owner.login, owner.consumed_gears, owner.max_gears, gears)
                owner.consumed_gears += gears
        finally:
            owner.reserving = False

    def _lock_owner(self, owner: User, tries: int, poll: float) -> None:
        for _try in range(tries):
            with self._state.lock:
                if not owner.reserving:
                    owner.reserving = True
                    return
            time.sleep(poll)
        raise errors.lock_unavailable("user")

    # --- the work of the nodes, and the end

    def _complete(self, application: Application, entry: Entry, started: Started) -> None:
        before, after = started.before, started.change.shape
        down = self._state.down_nodes()
        if not started.removed:
            self._remove(application, entry, started, down)
        _wait(started.pause)
        touches_nodes = started.change.touches_nodes(before)
        if entry.error is None and (touches_nodes or entry.operation.control is not None):
            self._apply_fault(application, entry, started)
        if touches_nodes:
            self._check(application, entry, started, outages.of_addition(before, after, down))
            self._check(application, entry, started, outages.of_cluster(application.name, application.shape, down))
        self._finish(application, entry, started)

    def _remove(self, application: Application, entry: Entry, started: Started, down: Collection[str]) -> None:
        after = started.change.shape
        error, removed = outages.of_removal(started.before, after, down)
        if error is not None:
            with self._state.lock:
                for gear in removed:
                    application.set_shape(application.shape.with_gear(replace(gear, ready=False)))
            self._check(application, entry, started, error)
        if started.removes:
            started.removed = True
            with self._state.lock:
                application.set_shape(without_removed(application.shape, after))

    def _finish(self, application: Application, entry: Entry, started: Started) -> None:
        failed = None
        control = entry.operation.control
        with self._state.lock:
            shape = settle(started.change.shape, application.shape)
            if control is not None:
                shape, failed = run_control(shape, control, self._state.down_nodes())
            application.set_shape(shape)
            application.owner.consumed_gears -= started.change.removed
            application.queue.remove(entry)
            if entry.operation.deletes:
                self._state.remove_application(application)
        if failed is not None:
            _wait(self._state.settings.node_timeout)
            raise failed

    # --- failures

    def _apply_fault(self, application: Application, entry: Entry, started: Started) -> None:
        fault = self._faults.claim(entry.fault, "node_failure", "failed_rollback")
        if fault is None:
            return
        if fault.kind == "node_failure":
            self._restore(application, entry, started)
        else:
            failures = fault.rollback_failures
            entry.failures_left = None if failures is None else failures - 1
            self._keep(application, entry, started, outages.fault_error(fault))
        raise outages.fault_error(fault)

    def _check(self, application: Application, entry: Entry, started: Started, error: errors.Refusal | None) -> None:
        """Fail if a node does not answer: roll back, unless gears or cartridges have been or must be removed."""
        if error is None:
            return
        _wait(self._state.settings.node_timeout)
        if started.removes:
            self._keep(application, entry, started, error)
            raise error
        blocker = outages.of_new_gears(started.before, started.change.shape, self._state.down_nodes())
        if blocker is None:
            self._restore(application, entry, started)
        else:
            self._keep(application, entry, started, error)
        raise error

    def _keep(self, application: Application, entry: Entry, started: Started, error: errors.Refusal) -> None:
        """Leave a failed operation in the queue. If it is to be rolled back, ``ha`` and the limits have old values."""
        entry.error = error
        entry.rolling_back = not started.removes
        if entry.rolling_back:
            before = started.before
            with self._state.lock:
                application.set_shape(replace(application.shape, ha=before.ha, stored=before.stored))

    def _roll_back(self, application: Application, entry: Entry, started: Started) -> None:
        blocker = outages.of_new_gears(started.before, started.change.shape, self._state.down_nodes())
        if blocker is not None:
            _wait(self._state.settings.node_timeout)
            raise blocker
        self._restore(application, entry, started)

    def _restore(self, application: Application, entry: Entry, started: Started) -> None:
        with self._state.lock:
            if entry.creation:
                self._state.remove_application(application)
            application.set_shape(settle(started.before, application.shape))
            application.owner.consumed_gears -= started.change.added
            application.queue.remove(entry)


def _wait(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)

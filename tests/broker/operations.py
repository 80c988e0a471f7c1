"""Operations: changes of an application that take time.

One operation of an application runs at a time, under the application's lock. It has these steps:

1. Compute the new shape under the lock.
2. Reserve the gears on the owner's account.
3. Publish the new shape: every request sees it, although the nodes are still working.
4. Wait for the nodes. If a node fails, restore the old shape.

If the rollback fails, too, the operation stays in the application's queue. Later operations answer its error until
the node recovers.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace

from . import errors
from .faults import Fault, Faults
from .scaling import Reshape, ScalingRefused, Shape, ShapeChange, set_states
from .state import Application, State, User

_NODE_TEXTS = {
    140: "No nodes available for the specified gear size",
    143: "The server that your application is running on failed to respond in time.  This may be due to a system "
    "restart.",
    146: "Gear creation failed.  The server that was chosen to run your gear has already exceeded its capacity.  "
    "Try your request again.",
}
_PLANNING_SHARE, _PLANNING_SECONDS = 0.1, 0.05
"""The share of its time that an operation needs before it publishes the new shape, and the upper limit in seconds."""
_CARTRIDGE_TEXT = "The cartridge could not be set up on the gear: simulated failure\n"


@dataclass(frozen=True)
class Operation:
    """A change of an application.

    ``reshape`` computes it from the shape under the lock. ``on_nodes``: the operation always involves nodes.
    """

    name: str
    reshape: Reshape
    on_nodes: bool = False


@dataclass(frozen=True)
class FailedRollback:
    """An operation whose rollback failed. It stays first in the queue while its fault is active."""

    name: str
    before: Shape
    added: int
    error: errors.Refusal
    fault: Fault


class Operations:
    """Runs operations, each in the thread of its request."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    def run(self, application: Application, operation: Operation, fault: Fault | None = None) -> None:
        """Run an operation to its end.

        Raises:
            Refusal: The operation was refused, or it failed. The module's text describes a failed rollback.
        """
        if self._faults.claim(fault, "lock"):
            raise errors.lock_unavailable()
        self._acquire(application)
        try:
            self._run_queue(application, operation)
            self._perform(application, operation, fault)
        finally:
            with self._state.lock:
                application.busy = False

    def run_creation(self, application: Application, change: ShapeChange, fault: Fault | None = None) -> None:
        """Create an application. A failed creation leaves nothing behind."""
        self._reserve(application.owner, change.added)
        application.busy = True
        application.set_shape(set_states(change.shape, "unknown"))
        with self._state.lock:
            if application.name in application.domain.applications:
                application.owner.consumed_gears -= change.added
                text = f"The supplied application name '{application.name}' already exists"
                raise errors.unprocessable(text, 100, "name")
            self._state.add_application(application)
        _wait(self._state.settings.write_latency)
        failed = self._faults.claim(fault, "node_failure", "failed_rollback")
        with self._state.lock:
            application.busy = False
            application.set_shape(change.shape)
            if failed:
                self._state.remove_application(application)
                application.owner.consumed_gears -= change.added
        if failed:
            raise node_error(failed)

    def _acquire(self, application: Application) -> None:
        settings = self._state.settings
        for _try in range(settings.lock_tries):
            with self._state.lock:
                if not application.busy:
                    self._check_exists(application)
                    application.busy = True
                    return
            time.sleep(settings.lock_poll)
        raise errors.lock_unavailable()

    def _check_exists(self, application: Application) -> None:
        if application.id not in self._state.applications:
            raise errors.application_not_found(application.id)

    def _run_queue(self, application: Application, operation: Operation) -> None:
        while application.queue:
            first = application.queue[0]
            if isinstance(first, FailedRollback):
                self._recover(application, first, operation)
                continue
            application.queue.pop(0)
            try:
                self._perform(application, first, None)
            except errors.Refusal:
                continue

    def _recover(self, application: Application, failed: FailedRollback, waiting: Operation) -> None:
        if self._faults.is_active(failed.fault):
            application.queue.append(waiting)
            raise failed.error
        with self._state.lock:
            application.queue.pop(0)
            application.set_shape(failed.before)
            application.owner.consumed_gears -= failed.added

    def _perform(self, application: Application, operation: Operation, fault: Fault | None) -> None:
        before = application.shape
        try:
            change = operation.reshape(before)
        except ScalingRefused as refused:
            raise errors.unprocessable(str(refused)) from None
        on_nodes = operation.on_nodes or change.touches_gears
        latency = self._state.settings.write_latency if on_nodes or change.shape != before else 0.0
        planning = min(latency * _PLANNING_SHARE, _PLANNING_SECONDS)
        _wait(planning)
        self._reserve(application.owner, change.added)
        if self._state.settings.limits_lead and change.touches_gears:
            with self._state.lock:
                application.set_shape(replace(before, ha=change.shape.ha, stored=change.shape.stored))
            _wait(self._state.settings.limits_lead)
        old = {gear.id for gear in before.gears}
        with self._state.lock:
            application.set_shape(set_states(change.shape, "unknown", lambda gear: gear.id not in old))
        _wait(latency - planning)
        failed = self._faults.claim(fault, "node_failure", "failed_rollback") if on_nodes else None
        with self._state.lock:
            if failed is None:
                application.set_shape(change.shape)
                application.owner.consumed_gears -= change.removed
                return
            self._fail(application, operation, before, change, failed)
        raise node_error(failed)

    def _fail(
        self, application: Application, operation: Operation, before: Shape, change: ShapeChange, fault: Fault
    ) -> None:
        if fault.kind == "node_failure":
            application.set_shape(before)
            application.owner.consumed_gears -= change.added
            return
        application.set_shape(replace(change.shape, scalable=before.scalable, ha=before.ha))
        application.queue.insert(0, FailedRollback(operation.name, before, change.added, node_error(fault), fault))

    def _reserve(self, owner: User, gears: int) -> None:
        """Add gears to the owner's account. This briefly locks the owner, and so all applications of the owner."""
        settings = self._state.settings
        self._lock_owner(owner, settings.owner_lock_tries, settings.owner_lock_poll)
        try:
            if settings.owner_lock_hold:
                time.sleep(settings.owner_lock_hold)
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


def _wait(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)


def node_error(fault: Fault) -> errors.Refusal:
    """Return the broker's answer to a failed node: the cartridge's text (422), or a text with a reference (500)."""
    if fault.node_status == 422:
        return errors.unprocessable(_CARTRIDGE_TEXT, fault.exit_code)
    reason = _NODE_TEXTS.get(fault.exit_code, "An unexpected error occurred on the node")
    again = ". Please try again and contact support if the issue persists. " if fault.exit_code == 140 else ""
    text = f"Unable to complete the requested operation due to: {reason}{again}\nReference ID: {secrets.token_hex(16)}"
    return errors.refusal(500, text, fault.exit_code)

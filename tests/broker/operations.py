"""Operations: changes of an application that take time, as the broker runs them.

One runs at a time for each application, under its lock. What is to change is worked out under the lock, the gears
are reserved on the owner's account, the new shape is there for everybody to see at once, then the nodes take their
time; when a node fails, everything is put back. A rollback that fails as well leaves the operation in a queue, and
later operations of the application answer with its error until the node recovers.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import errors
from .faults import Fault, Faults
from .scaling import Plan, ScalingRefused, Shape, with_states
from .state import Application, State, User

_NODE_TEXTS = {
    140: "No nodes available for the specified gear size",
    143: "The server that your application is running on failed to respond in time.  This may be due to a system "
    "restart.",
    146: "Gear creation failed.  The server that was chosen to run your gear has already exceeded its capacity.  "
    "Try your request again.",
}
_UNSEEN_SHARE, _UNSEEN_SECONDS = 0.1, 0.05
"""How long an operation plans before its effect can be seen: this share of its time, at most so many seconds."""
_CARTRIDGE_TEXT = "The cartridge could not be set up on the gear: simulated failure\n"


@dataclass(frozen=True)
class Operation:
    """A change: ``plan`` works it out from the shape found under the lock. ``on_nodes``: gears are always involved."""

    name: str
    plan: Callable[[Shape], Plan]
    on_nodes: bool = False


@dataclass(frozen=True)
class Stuck:
    """A failed operation whose rollback failed too: it stays at the head of the queue while its fault is in force."""

    name: str
    before: Shape
    added: int
    error: errors.Refusal
    fault: Fault


class Operations:
    """Runs operations; threads call it, one for each request."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    def run(self, application: Application, operation: Operation, fault: Fault | None = None) -> None:
        """Run an operation to its end.

        Raises:
            Refusal: refused, or failed and rolled back; see the module's text for what is left after a failed rollback.
        """
        if self._faults.claim(fault, "lock"):
            raise errors.lock_unavailable()
        self._acquire(application)
        try:
            self._work_off_queue(application, operation)
            self._perform(application, operation, fault)
        finally:
            with self._state.lock:
                application.busy = False

    def run_new(self, application: Application, plan: Plan, fault: Fault | None = None) -> None:
        """Create an application; when that fails there is none."""
        self._reserve(application.owner, plan.added)
        application.busy = True
        application.become(with_states(plan.shape, "unknown"))
        with self._state.lock:
            if application.name in application.domain.applications:
                application.owner.consumed_gears -= plan.added
                text = f"The supplied application name '{application.name}' already exists"
                raise errors.unprocessable(text, 100, "name")
            self._state.add_application(application)
        _pass(self._state.settings.write_latency)
        failed = self._faults.claim(fault, "node_failure", "failed_rollback")
        with self._state.lock:
            application.busy = False
            application.become(plan.shape)
            if failed:
                self._state.remove_application(application)
                application.owner.consumed_gears -= plan.added
        if failed:
            raise node_error(failed)

    def _acquire(self, application: Application) -> None:
        settings = self._state.settings
        for _try in range(settings.lock_tries):
            with self._state.lock:
                if not application.busy:
                    self._check_there(application)
                    application.busy = True
                    return
            time.sleep(settings.lock_poll)
        raise errors.lock_unavailable()

    def _check_there(self, application: Application) -> None:
        if application.id not in self._state.applications:
            raise errors.application_not_found(application.id)

    def _work_off_queue(self, application: Application, operation: Operation) -> None:
        while application.queue:
            head = application.queue[0]
            if isinstance(head, Stuck):
                self._recover(application, head, operation)
                continue
            application.queue.pop(0)
            try:
                self._perform(application, head, None)
            except errors.Refusal:
                continue

    def _recover(self, application: Application, stuck: Stuck, waiting: Operation) -> None:
        if self._faults.in_force(stuck.fault):
            application.queue.append(waiting)
            raise stuck.error
        with self._state.lock:
            application.queue.pop(0)
            application.become(stuck.before)
            application.owner.consumed_gears -= stuck.added

    def _perform(self, application: Application, operation: Operation, fault: Fault | None) -> None:
        before = application.shape
        try:
            plan = operation.plan(before)
        except ScalingRefused as refused:
            raise errors.unprocessable(str(refused)) from None
        on_nodes = operation.on_nodes or plan.touches_gears
        latency = self._state.settings.write_latency if on_nodes or plan.shape != before else 0.0
        unseen = min(latency * _UNSEEN_SHARE, _UNSEEN_SECONDS)
        _pass(unseen)
        self._reserve(application.owner, plan.added)
        old = {gear.id for gear in before.gears}
        with self._state.lock:
            application.become(with_states(plan.shape, "unknown", lambda gear: gear.id not in old))
        _pass(latency - unseen)
        failed = self._faults.claim(fault, "node_failure", "failed_rollback") if on_nodes else None
        with self._state.lock:
            if failed is None:
                application.become(plan.shape)
                application.owner.consumed_gears -= plan.removed
                return
            self._fail(application, operation, before, plan, failed)
        raise node_error(failed)

    def _fail(self, application: Application, operation: Operation, before: Shape, plan: Plan, fault: Fault) -> None:
        if fault.kind == "node_failure":
            application.become(before)
            application.owner.consumed_gears -= plan.added
            return
        left = Shape(before.scalable, before.ha, plan.shape.groups, plan.shape.kept)
        application.become(left)
        application.queue.insert(0, Stuck(operation.name, before, plan.added, node_error(fault), fault))

    def _reserve(self, owner: User, gears: int) -> None:
        """Count gears on the owner's account; for a moment this locks the owner for all their applications."""
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


def _pass(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)


def node_error(fault: Fault) -> errors.Refusal:
    """What the broker answers when a node failed: the cartridge's own text (422), or its own with a reference (500)."""
    if fault.node_status == 422:
        return errors.unprocessable(_CARTRIDGE_TEXT, fault.exit_code)
    reason = _NODE_TEXTS.get(fault.exit_code, "An unexpected error occurred on the node")
    again = ". Please try again and contact support if the issue persists. " if fault.exit_code == 140 else ""
    text = f"Unable to complete the requested operation due to: {reason}{again}\nReference ID: {secrets.token_hex(16)}"
    return errors.refusal(500, text, fault.exit_code)

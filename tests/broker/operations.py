"""Operations: changes of an application that take time.

One operation of an application runs at a time, under the application's lock, which waiting requests poll. Each
operation is added to the application's queue, and the queue runs from its start. See :mod:`.execution` for the steps of
an operation.

An operation stays in the queue if its rollback fails, if it has removed a gear and a node does not answer, or if the
broker is killed. Every later operation first rolls it back or completes it, and fails as long as this is impossible.
"""

from __future__ import annotations

import time

from . import errors
from .execution import BrokerKilled, Entry, Execution, Operation
from .faults import Fault, Faults
from .scaling import Shape, ShapeChange
from .state import Application, State

__all__ = ["BrokerKilled", "Operation", "Operations"]


class Operations:
    """Runs operations, each in the thread of its request."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults
        self._execution = Execution(state, faults)

    def run(self, application: Application, operation: Operation, fault: Fault | None = None) -> None:
        """Run an operation to its end.

        Raises:
            Refusal: The operation was refused, or it failed. The module's text describes what can stay in the queue.
            BrokerKilled: The broker was killed. The application's lock stays held until it expires.
        """
        if self._faults.claim(fault, "lock"):
            raise errors.lock_unavailable()
        lock = self.lock(application)
        entry = Entry(operation, fault)
        with self._state.lock:
            application.queue.append(entry)
        self._run_queue(application, entry, lock)

    def run_creation(self, application: Application, change: ShapeChange, fault: Fault | None = None) -> None:
        """Create an application. A failed creation leaves nothing behind."""
        lock = application.lock = object()
        application.locked_at = time.monotonic()
        shape = application.shape
        application.set_shape(Shape(shape.scalable, shape.ha, ()))
        entry = Entry(Operation("create", lambda _empty: change), fault, creation=True)
        application.queue.append(entry)
        self._run_queue(application, entry, lock)

    def lock(self, application: Application) -> object:
        """Wait for the application's lock, and return it.

        Raises:
            Refusal: Another operation holds the lock, or the application has been deleted.
        """
        settings = self._state.settings
        for _try in range(settings.lock_tries):
            with self._state.lock:
                if application.lock is None or _is_expired(application, settings.lock_expiry):
                    if application.id not in self._state.applications:
                        raise errors.application_not_found(application.id)
                    application.lock = object()
                    application.locked_at = time.monotonic()
                    return application.lock
                application.waiting += 1
            time.sleep(settings.lock_poll)
            with self._state.lock:
                application.waiting -= 1
        raise errors.lock_unavailable()

    def unlock(self, application: Application, lock: object) -> None:
        """Release the application's lock, unless it has expired and another operation holds it."""
        with self._state.lock:
            if application.lock is lock:
                application.lock = None

    def _run_queue(self, application: Application, own: Entry, lock: object) -> None:
        """Run the queue, whose last entry is the caller's own operation."""
        try:
            while application.queue:
                first = application.queue[0]
                if not first.creation and application.id not in self._state.applications:
                    raise errors.application_not_found(application.id)
                self._execution.run(application, first)
        except BrokerKilled:
            raise
        except BaseException:
            if own.started is None:
                own.fault = None
            self.unlock(application, lock)
            raise
        self.unlock(application, lock)


def _is_expired(application: Application, expiry: float) -> bool:
    return time.monotonic() - application.locked_at >= expiry

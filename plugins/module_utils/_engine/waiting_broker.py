# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A broker that notes what a run waits for, for the lines about long waits. It changes no request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.exchange import Cutoff, never
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    NodeFailed,
    Unanswered,
    Unreachable,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Request
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiting import INTERVAL, Waits

#: What a run waits for after an error, by the class of the error.
CAUSES: tuple[tuple[type[BrokerError], str], ...] = (
    (Busy, "another operation holds the application's lock"),
    (Unreachable, "the broker cannot be reached"),
    (Unanswered, "a request was not answered, and its outcome is not yet known"),
    (NodeFailed, "an operation failed on a node, and its outcome is not yet known"),
)
READ = "the broker has not yet answered a read"
READ_AGAIN = "the broker did not answer a read, which is sent again"
CHECKED_AGAIN = "the application is checked until its state is certain"
SETTLING = "earlier operations of the application have not ended"


class WaitingBroker(Broker):
    """Notes the requests of a run, and their errors."""

    def __init__(
        self,
        connection: Connection,
        may_write: Callable[[], None] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
        cutoff: Cutoff = never,
        waits: Waits | None = None,
    ) -> None:
        self._waits = waits or Waits()
        super().__init__(connection, may_write, _noting(sleep, self._waits, READ_AGAIN), cutoff)
        self._has_slow_reads = connection.http_timeout > INTERVAL
        self._operation_timeout = connection.operation_timeout

    def application(self, ref: AppRef) -> Application:
        self._note_read()
        app: Application = self._noting_error(super().application, ref)
        return app

    def applications(self, *args: Any, **options: Any) -> Any:
        self._note_read()
        return self._noting_error(super().applications, *args, **options)

    def send(self, ref: AppRef, request: Request) -> None:
        own = self._waits.own
        if own is not None:
            own.activity = SETTLING if request.body.get("by") == 0 else _describe(request)
            own.until = self._waits.now() + self._operation_timeout
        self._waits.expect_long()
        try:
            self._noting_error(super().send, ref, request)
        finally:
            if own is not None:
                own.until = None
        if own is not None:
            own.cause = ""

    def _note_read(self) -> None:
        if own := self._waits.own:
            own.activity = READ
        if self._has_slow_reads:
            self._waits.expect_long()

    def _noting_error(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        try:
            return call(*args, **options)
        except BrokerError as error:
            cause = next((cause for kind, cause in CAUSES if isinstance(error, kind)), "")
            if cause and (own := self._waits.own):
                own.cause = cause
            raise


def connect_with_waits(
    connection: Connection, may_write: Callable[[], None], clock: Clock, cutoff: Cutoff, waits: Waits
) -> tuple[Broker, Clock]:
    """A client for the broker, and the clock for its runs. It sends no request yet."""
    broker = WaitingBroker(connection, may_write, clock.sleep, cutoff, waits)
    return broker, replace(clock, sleep=_noting(clock.sleep, waits, CHECKED_AGAIN))


def _describe(request: Request) -> str:
    what = request.body.get("event") or "a change of the limits"
    return f"the broker has not yet answered {what}, because this or an earlier operation is in progress"


def _noting(sleep: Callable[[float], None], waits: Waits, activity: str) -> Callable[[float], None]:
    """``sleep`` for pauses before retries, which together may take long."""

    def pause(seconds: float) -> None:
        if own := waits.own:
            own.activity = activity
        waits.expect_long()
        sleep(seconds)

    return pause

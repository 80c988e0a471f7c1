# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interruption: after a signal, or if the Ansible process has ended, a run sends no more writes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: Seconds between two checks of the flag during a sleep.
SLICE = 0.5


class Stop:
    """The request to stop. It is a plain flag without a lock, because a signal handler sets it."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._parent = os.getppid()

    @property
    def is_requested(self) -> bool:
        """Whether a signal was received, or the parent process has ended."""
        return self.signal is not None or os.getppid() != self._parent

    def check(self) -> None:
        """Raise ``Interrupted`` if a stop is requested."""
        if self.signal is not None:
            raise Interrupted(f"Interrupted by signal {self.signal}: nothing more was sent.")
        if self.is_requested:
            raise Interrupted("Interrupted, because Ansible has ended: nothing more was sent.")

    def sleep(self, seconds: float) -> None:
        """Sleep, but wake up when a stop is requested."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, SLICE))


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Catch SIGINT and SIGTERM in this context, and send a caught one again at its end."""
    stop = Stop()

    def request(number: int, _frame: FrameType | None) -> None:
        stop.signal = number

    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, request) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if stop.signal is not None:
            os.kill(os.getpid(), stop.signal)

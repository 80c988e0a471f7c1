# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report long waits: which application waits for what, for how long so far, and until when at most.

The first request that may take long starts one thread for all applications of a process. It only reads what the runs
have noted. Without such a request there is no thread. ``WaitingBroker`` notes what a run waits for, so that the code of
the run itself needs no calls.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

#: Seconds between two lines about the same application.
INTERVAL = 30.0


@dataclass
class Wait:
    """What one run waits for at present. Its own thread sets the fields, and the thread of ``Waits`` reads them.

    ``activity``: what it does. ``cause``: the last error, which explains the wait better; empty: none. ``deadline``:
    the clock's time at which the run gives up; ``None``: unknown. ``until``: when an unanswered request ends.
    """

    subject: str
    started: float
    deadline: float | None
    until: float | None = None
    activity: str = "the broker has not yet answered"
    cause: str = ""
    lines: int = 0

    def describe(self, now: float) -> str:
        """One line for users."""
        seconds = now - self.started
        ends = [end - self.started for end in (self.deadline, self.until) if end is not None]
        limit = f" of at most {max(*ends, seconds):.0f} s" if ends else ""
        return f"{self.subject}: waiting for {seconds:.0f} s{limit}: {self.cause or self.activity}."


class Waits:
    """The runs of this process. ``notice`` receives a line for users; without it, nothing is noted.

    Only the thread of this object calls ``notice``, and never while another thread prints in the context ``guard``.
    """

    def __init__(
        self,
        notice: Callable[[str], None] | None = None,
        now: Callable[[], float] = time.monotonic,
        interval: float = INTERVAL,
    ) -> None:
        self._notice = notice
        self.now = now
        self._interval = interval
        self._runs: dict[int, Wait] = {}
        self._changed = threading.Lock()
        self._printing = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._own = threading.local()

    @contextmanager
    def follow(self, subject: str, patience: float | None = None, started: float | None = None) -> Iterator[None]:
        """Note that this thread runs for an application. ``patience``: the seconds after which it gives up."""
        if self._notice is None:
            yield
            return
        begun = self.now() if started is None else started
        wait = Wait(subject, begun, None if patience is None else begun + patience)
        previous = self.own
        self._own.wait = wait
        with self._changed:
            self._runs[id(wait)] = wait
        try:
            yield
        finally:
            self._own.wait = previous
            with self._changed:
                del self._runs[id(wait)]

    @property
    def is_active(self) -> bool:
        return self._notice is not None

    @property
    def has_thread(self) -> bool:
        return self._thread is not None

    @property
    def own(self) -> Wait | None:
        """What this thread's run waits for, to be updated."""
        wait: Wait | None = getattr(self._own, "wait", None)
        return wait

    def expect_long(self) -> None:
        """Start the thread: what this run does next may take long."""
        if self._notice is None or self._thread is not None:
            return
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="waits", daemon=True)
                self._thread.start()

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Print in this context, while the thread of this object does not."""
        with self._printing:
            yield

    def close(self) -> None:
        """End the thread, and wait for its end: nothing is printed afterwards."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(self._pause()):
            for line in self._due():
                with self._printing:
                    if self._notice is not None and not self._ended.is_set():
                        # Nobody may read any more. The runs themselves must go on.
                        with suppress(OSError):
                            self._notice(line)

    def _pause(self) -> float:
        """The seconds until the next line may be due."""
        now = self.now()
        with self._changed:
            left = [wait.started + self._interval * (wait.lines + 1) - now for wait in self._runs.values()]
        return min([self._interval, *(max(0.01, each) for each in left)])

    def _due(self) -> list[str]:
        """A line for each application that has waited for another interval."""
        now = self.now()
        with self._changed:
            due = [wait for wait in self._runs.values() if now - wait.started >= self._interval * (wait.lines + 1)]
        for wait in due:
            wait.lines = int((now - wait.started) // self._interval)
        return [wait.describe(now) for wait in due]

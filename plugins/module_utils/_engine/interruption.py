# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interruption: after a signal, at the end of the task's time, or if the Ansible process has ended.

An interrupted run sends no more writes. Its reads and waits end within seconds. A write in progress is followed to its
end after the first signal only: a second signal, the end of the task's time, or the end of Ansible ends it at once.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: Seconds between two checks of the flag during a sleep.
SLICE = 0.5
#: How many seconds a read may last after the first signal.
LAST_READ = 2.0
#: Signals within this time are one request: Ansible and process managers send a signal to the whole group, too.
SAME_REQUEST = 0.5
#: After SIGINT, Ansible's own SIGTERM follows within this time, once.
ANSIBLE_FOLLOWS = 2.0


class Stop:
    """The request to stop. It consists of plain flags without a lock, because a signal handler sets them."""

    def __init__(self, controllers: tuple[int, ...] = (), output: int | None = None) -> None:
        #: The first signal.
        self.signal: int | None = None
        #: The signal that ends the process.
        self.fatal: int | None = None
        self._since = 0.0
        self._is_final = False
        self._has_followed = False
        self._parent = os.getppid()
        #: The processes of Ansible on this host, for a module: its parent is a shell, which survives them.
        self._controllers = controllers
        #: The file descriptor of a module's output. On another host, only a missing reader shows the end of Ansible.
        self._output = output

    def receive(self, number: int, _frame: FrameType | None = None) -> None:
        """Handle a signal."""
        now = time.monotonic()
        if number != signal.SIGALRM:
            self.fatal = self.fatal or number
        if self.signal is None:
            self.signal, self._since = number, now
            self._is_final = number == signal.SIGALRM
        elif not self._belongs_to_the_first(number, now - self._since):
            self._is_final = True

    def _belongs_to_the_first(self, number: int, seconds: float) -> bool:
        if self.signal == signal.SIGINT and number == signal.SIGTERM and not self._has_followed:
            self._has_followed = True
            return seconds < ANSIBLE_FOLLOWS
        return number == self.signal and seconds < SAME_REQUEST

    @property
    def is_requested(self) -> bool:
        """Whether a signal was received, or the parent process has ended."""
        return self.signal is not None or self._is_orphan

    @property
    def ends_process(self) -> bool:
        """Whether nobody waits for the result: this process ends, or its parent has ended."""
        return self.fatal is not None or self._is_orphan

    @property
    def _is_orphan(self) -> bool:
        if os.getppid() != self._parent or not all(_is_alive(number) for number in self._controllers):
            return True
        return self._output is not None and not _has_reader(self._output)

    def cutoff(self, is_write: bool, started: float) -> float | None:
        """The time at which a request ends that began at ``started``, or ``None``."""
        if self._is_final or self._is_orphan:
            return 0.0
        if self.signal is None or is_write:
            return None
        return max(self._since, started) + LAST_READ

    def check(self) -> None:
        """Raise ``Interrupted`` if a stop is requested."""
        if self.signal == signal.SIGALRM:
            raise Interrupted("The time of the task has ended: nothing more was sent.")
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


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):
        # A process that has ended and that its parent has not collected. Other systems than Linux have no such file.
        return Path(f"/proc/{number}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()[0] != "Z"
    return True


def _has_reader(output: int) -> bool:
    """Whether anybody can still read what is written to a pipe. Other files always can be read."""
    poll = select.poll()
    poll.register(output, 0)
    return not any(event & (select.POLLERR | select.POLLHUP) for _number, event in poll.poll(0))


@contextmanager
def stoppable(
    seconds: float | None = None, controllers: tuple[int, ...] = (), resends: bool = True, output: int | None = None
) -> Iterator[Stop]:
    """Catch SIGINT and SIGTERM in this context. With ``resends``, send a caught signal again when the context ends.

    The context also ends the run after ``seconds``, or when an alarm that is already set goes off. Ansible sets one for
    the keyword ``timeout``; its own handler would end the task without a result. ``controllers``: other processes whose
    end is the end of Ansible. ``output``: the file descriptor that Ansible reads.
    """
    stop = Stop(controllers, output)
    is_main = threading.current_thread() is threading.main_thread()
    has_alarm = is_main and (seconds is not None or signal.getitimer(signal.ITIMER_REAL)[0] > 0)
    with catch(stop, (*SIGNALS, signal.SIGALRM) if has_alarm else SIGNALS, resends):
        if is_main and seconds is not None:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield stop
        finally:
            if has_alarm:
                # The result is complete: it must not be lost any more.
                signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def catch(stop: Stop, numbers: Iterable[int] = SIGNALS, resends: bool = True) -> Iterator[None]:
    """Pass these signals to ``stop`` in this context, if this is the main thread."""
    is_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, stop.receive) for number in numbers} if is_main else {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if resends and stop.fatal is not None:
            os.kill(os.getpid(), stop.fatal)

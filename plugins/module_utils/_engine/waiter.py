# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time: the clock of a run, how long it retries, and how long it waits between two tries."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

#: The longest wait between two tries in seconds, unless the poll interval is longer.
LONGEST_REST = 30.0
#: After this many seconds, a request no longer waits for the application's lock: 10 polls, 5 seconds apart, and a
#: margin (docs/broker.md).
LOCK_WAIT = 56.0


@dataclass(frozen=True)
class Patience:
    """How long to retry, and the first wait between two tries, in seconds. Waits vary at random and double up to 30."""

    wait_timeout: float = 600.0
    poll_interval: float = 5.0


@dataclass(frozen=True)
class Clock:
    """The time of a run; tests use their own.

    ``jitter`` returns a factor around 1. ``lock_wait``: how long a request may wait for an application's lock.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = lambda: random.uniform(0.5, 1.5)
    lock_wait: float = LOCK_WAIT


class Waiter:
    """Waits between the tries of one run. ``started``: the clock's time of the application's first request."""

    def __init__(self, patience: Patience, clock: Clock, started: float) -> None:
        self._patience = patience
        self._clock = clock
        self._deadline = started + patience.wait_timeout
        self._rests = 0

    def rest(self) -> bool:
        """Wait before the next try. Returns ``False`` if the time is up."""
        interval = self._patience.poll_interval
        pause = min(interval * 2 ** min(self._rests, 10), max(LONGEST_REST, interval))
        self._rests += 1
        left = self._deadline - self._clock.now()
        if left <= 0:
            return False
        self._clock.sleep(min(pause * self._clock.jitter(), left))
        return True

    def reset(self) -> None:
        """Start again with short waits, because the broker has answered."""
        self._rests = 0

    def outlast_lock(self, sent: float) -> bool:
        """Wait until a request, ``sent`` at that time, no longer waits for the lock. ``False`` if the time is up."""
        until = sent + self._clock.lock_wait
        pause = min(until, self._deadline) - self._clock.now()
        if pause > 0:
            self._clock.sleep(pause)
        return until <= max(self._deadline, self._clock.now())

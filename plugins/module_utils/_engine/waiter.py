# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time: the clock of a run, how long it retries, and how long it waits between two tries."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

#: The longest wait between two tries in seconds, unless the poll interval is longer.
LONGEST_REST = 30.0


@dataclass(frozen=True)
class Patience:
    """How long to retry, and the first wait between two tries, in seconds. Waits vary at random and double up to 30."""

    wait_timeout: float = 600.0
    poll_interval: float = 5.0


@dataclass(frozen=True)
class Clock:
    """The time of a run; tests use their own. ``jitter`` returns a factor around 1."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = lambda: random.uniform(0.5, 1.5)


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

    def pauses(self, seconds: float) -> Iterator[None]:
        """Wait repeatedly, for at most ``seconds`` in total."""
        until = min(self._clock.now() + seconds, self._deadline)
        while self._clock.now() < until:
            self._clock.sleep(min(max(self._patience.poll_interval, 0.1), seconds))
            yield

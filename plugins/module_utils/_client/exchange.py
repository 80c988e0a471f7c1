# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and its answer: the deadline, the interruption, and whether anything was sent.

The time-outs of ``requests`` count for each single wait, so a peer that sends a byte now and then could hold a run
forever. The sockets in sockets.py therefore ask the exchange before each wait how long it may last.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Interrupted,
    Unanswered,
    Unreachable,
)

#: The longest single wait in seconds: how soon an interruption is noticed.
SLICE = 0.5
#: The most bytes of an answer without progress in its body: headers, 1xx answers, and lines between chunks.
MOST_OVERHEAD = 8 * 1024 * 1024

#: The time (of ``time.monotonic``) at which an interruption ends a request, or ``None``. Arguments: whether the request
#: is a write, and when it started.
Cutoff = Callable[[bool, float], "float | None"]


def never(_is_write: bool, _started: float) -> float | None:
    """The cutoff of a run that nothing interrupts."""
    return None


@dataclass(frozen=True)
class Limits:
    """The seconds for the whole request, and for its connection with TLS and proxy."""

    total: float
    connecting: float


class Exchange:
    """A request in progress. ``sent``: whether any byte of the request may have left."""

    def __init__(self, limits: Limits, is_write: bool, cutoff: Cutoff, check: Callable[[], None]) -> None:
        self.sent = False
        self._received = False
        self._overhead = 0
        self._limits = limits
        self._is_write = is_write
        self._cutoff = cutoff
        self._check = check
        self._started = time.monotonic()

    def wait_time(self) -> float:
        """How many seconds the next wait may last. Raises ``BrokerError`` or ``Interrupted`` if none is left."""
        now = time.monotonic()
        limit = self._limits.total if self.sent else min(self._limits.total, self._limits.connecting)
        left = self._started + limit - now
        if left <= 0:
            raise self._expiry(limit)
        cutoff = self._cutoff(self._is_write, self._started)
        if cutoff is not None:
            if now >= cutoff:
                self._interrupt()
            left = min(left, cutoff - now)
        # A time-out of 0 would make the socket non-blocking.
        return max(min(left, SLICE), 0.001)

    def count(self, received: int) -> None:
        """Count received bytes. Raises ``BrokerError`` for an answer that never gets to its body."""
        self._received = self._received or self.sent
        self._overhead += received
        if self._overhead > MOST_OVERHEAD:
            raise self.correct(Unanswered("the headers of the answer do not end"))

    def note_progress(self) -> None:
        """A part of the body has arrived. Raises like ``wait_time``: unpacking may take longer than receiving."""
        self._overhead = 0
        self.wait_time()

    def correct(self, error: BrokerError) -> BrokerError:
        """``error``, or the same error of the class that matches what was sent."""
        if error.__class__ is Unanswered and not self.sent:
            corrected: BrokerError = Unreachable(error.text)
        elif error.__class__ is Unreachable and self.sent:
            corrected = Unanswered(error.text)
        else:
            return error
        corrected.remedy = error.remedy
        return corrected

    def _expiry(self, limit: float) -> BrokerError:
        if not self.sent:
            return Unreachable(f"the connection to the broker timed out after {limit:g} s")
        if self._received:
            return Unanswered(f"the broker's answer was not complete within {limit:g} s")
        return Unanswered(f"the broker did not answer within {limit:g} s")

    def _interrupt(self) -> None:
        if self._is_write and self.sent:
            raise Unanswered("the run was interrupted before the broker answered")
        self._check()
        raise Interrupted("Interrupted: nothing more was sent.")


_CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


def current() -> Exchange | None:
    """The exchange of this thread."""
    return _CURRENT.get()


@contextmanager
def in_progress(exchange: Exchange) -> Iterator[None]:
    """Make ``exchange`` the current one, and correct the class of the errors in this context."""
    token = _CURRENT.set(exchange)
    try:
        yield
    except BrokerError as error:
        corrected = exchange.correct(error)
        if corrected is error:
            raise
        raise corrected from None
    finally:
        _CURRENT.reset(token)

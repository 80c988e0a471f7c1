# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the placement of applications that claim HA, and prove from it whether they are highly available."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import TypeVar

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Forbidden,
    Maintenance,
    NotFound,
    Replaced,
    Unanswered,
    Unauthorized,
    Unreachable,
    Unverified,
    replaced,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Placement
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import (
    COUNT,
    MISSING,
    PENDING,
    PLACEMENT,
    STATE_UNKNOWN,
    TRAFFIC,
    Proof,
    Verification,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proving import prove, unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.probe import probe_all
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Waiter

#: Seconds that the broker waits for the states of gears, if it is known that a node does not answer.
STATE_TIMEOUT = 3
#: Seconds of failed reads, of all workers together, after which no more placements are read.
MOST_LOST = 300.0
#: Errors that concern more than one application.
_GENERAL = (Unauthorized, Maintenance)
#: Errors that the next reading would have, too.
_LASTING = (Forbidden, NotFound, Replaced)

Read = Callable[[Broker, Application], Placement]
Result = TypeVar("Result")


def read_placement(broker: Broker, app: Application) -> Placement:
    """One ``GET``; two if a node does not answer."""
    return broker.placement(app.ref, STATE_TIMEOUT)


def verify(
    broker: Broker,
    app: Application,
    asked: Verification,
    barrier_passed: bool = False,
    read: Read = read_placement,
) -> Application:
    """The application with what its placement proves. Raises ``BrokerError`` if the broker itself is not available.

    An application that does not claim HA needs no proof. If the placement cannot be read, the proof states this. That
    of another application, which got the name meanwhile, proves nothing.
    """
    if not app.ha or not app.scalable:
        return app
    try:
        placement = read(broker, app)
        if not placement.has_gear(app.id):
            # The head gear has the id of the application, and is never removed.
            raise replaced(f"it has no gear {app.id}")
    except _GENERAL:
        raise
    except BrokerError as error:
        return replace(app, proof=unreadable(app, asked, error.text, is_passing=not isinstance(error, _LASTING)))
    asks = asked.level == TRAFFIC and placement.has_endpoints
    answers = probe_all(app, placement, asked.probe) if asks else None
    return replace(app, proof=prove(app, placement, asked, answers, barrier_passed))


def examine(broker: Broker, app: Application, asked: Verification, read: Read = read_placement) -> Application:
    """An application that does not claim HA, with the problems that it will have after HA is enabled.

    So a run does not start an application that its owner stopped, and does not enable HA for instances on one node.
    """
    proof = verify(broker, replace(app, ha=True), replace(asked, level=PLACEMENT), read=read).proof
    if proof is None:
        return app
    lasting = tuple(problem for problem in proof.problems if problem.code not in (MISSING, PENDING))
    return replace(app, proof=replace(proof, level=COUNT, problems=lasting, warnings=()))


def verify_until_proven(
    broker: Broker, app: Application, asked: Verification, waiter: Waiter, barrier_passed: bool
) -> Application:
    """Verify repeatedly until the proof holds, waiting does not help, or the time is up."""
    while True:
        proven = verify(broker, app, asked, barrier_passed)
        if proven.proof is None or not _is_worth_waiting(proven.proof, barrier_passed) or not waiter.rest():
            return proven


def unverified(proof: Proof) -> Unverified:
    """The error of a run that has written, and whose result cannot be read."""
    found = proof.problem(STATE_UNKNOWN) or next((p for p in proof.warnings if p.code == STATE_UNKNOWN), None)
    return Unverified(found.reason if found else "the placement of the HAProxy instances could not be read")


def _is_worth_waiting(proof: Proof, barrier_passed: bool) -> bool:
    """Whether the next reading may show more. The barrier waits better for an operation than polling does."""
    if proof.is_readable and proof.problem(PENDING) and not barrier_passed:
        return False
    return proof.may_pass


@dataclass(frozen=True)
class Pace:
    """How many applications are verified at the same time.

    ``check`` raises an exception to stop. ``progress`` is called with the number of read applications and their total.
    ``examines``: also read applications for which HA is to be enabled. A report does not need this prediction.
    """

    concurrency: int = 4
    check: Callable[[], None] = lambda: None
    progress: Callable[[int, int], None] = lambda _done, _total: None
    examines: bool = True


@dataclass(frozen=True)
class Claim:
    """An application to verify. ``enables_ha``: it does not claim HA yet, and a plan enables it."""

    app: Application
    asked: Verification
    enables_ha: bool = False

    @property
    def is_read(self) -> bool:
        return self.asked.reads_placement and self.app.scalable and (self.app.ha or self.enables_ha)

    def read(self, broker: Broker, read: Read) -> Application:
        if self.enables_ha:
            return examine(broker, self.app, self.asked, read)
        return verify(broker, self.app, self.asked, read=read)


def verify_many(broker: Broker, claims: Sequence[Claim], pace: Pace) -> list[Application]:
    """Verify many applications, and return them in order. Those that do not claim HA, and will not, cost nothing.

    Raises ``BrokerError`` if the broker itself is not available.
    """
    numbers = [number for number, claim in enumerate(claims) if claim.is_read]
    found = _read_many(broker, [claims[number].read for number in numbers], pace)
    read = dict(zip(numbers, found))
    return [read.get(number, claim.app) for number, claim in enumerate(claims)]


def read_placements(broker: Broker, apps: Sequence[Application], pace: Pace) -> list[Placement]:
    """The placements of all applications, in order. One without endpoints has a gear whose node does not answer.

    The placement of an application that was verified is not read again. Raises ``BrokerError`` for an application that
    cannot be read.
    """
    known = [app.proof.placement if app.proof else None for app in apps]
    jobs = [partial(_read_one, app) for app, placement in zip(apps, known) if placement is None]
    found = iter(_read_many(broker, jobs, pace))
    return [placement or next(found) for placement in known]


def _read_one(app: Application, broker: Broker, read: Read) -> Placement:
    return read(broker, app)


def _read_many(broker: Broker, jobs: Sequence[Callable[[Broker, Read], Result]], pace: Pace) -> list[Result]:
    """The results of all jobs, in order, at this pace. The first exception ends all workers."""
    waiting: SimpleQueue[int] = SimpleQueue()
    for number in range(len(jobs)):
        waiting.put(number)
    ends: SimpleQueue[int] = SimpleQueue()
    read, failed = _ThriftyRead(), threading.Event()
    results: dict[int, Result] = {}

    def work() -> None:
        try:
            with closing(broker.clone()) as own:
                while not failed.is_set():
                    pace.check()
                    number = waiting.get_nowait()
                    results[number] = jobs[number](own, read)
                    ends.put(number)
        except Empty:
            return
        except Exception:
            failed.set()
            raise
        finally:
            ends.put(-1)

    count = min(pace.concurrency, len(jobs))
    with ThreadPoolExecutor(max_workers=count or 1, thread_name_prefix="verify") as pool:
        workers = [pool.submit(work) for _worker in range(count)]
        done = 0
        for _worker in workers:
            for _number in iter(ends.get, -1):
                done += 1
                pace.progress(done, len(jobs))
        for worker in workers:
            worker.result()
    return [results[number] for number in range(len(jobs))]


class _ThriftyRead:
    """Reads the placements of a fleet. After the first failure, it asks for the states first.

    A node that does not answer costs 10 seconds for each application with a gear on it, because the broker refuses to
    show endpoints only after that time. The states alone take ``STATE_TIMEOUT``. If the broker itself does not answer
    any more, the rest is not read: each application would cost several time-outs. Shared by all workers.
    """

    def __init__(self) -> None:
        self._node_is_down = False
        #: The seconds of failed reads since the last answer.
        self._lost = 0.0

    def __call__(self, broker: Broker, app: Application) -> Placement:
        if self._lost > MOST_LOST:
            raise Unanswered("it was not read, because the broker did not answer for other applications")
        started = time.monotonic()
        try:
            placement = self._read(broker, app)
        except (Unreachable, Unanswered):
            self._lost += time.monotonic() - started
            raise
        self._lost = 0.0
        return placement

    def _read(self, broker: Broker, app: Application) -> Placement:
        if not self._node_is_down:
            placement = broker.placement(app.ref, STATE_TIMEOUT)
            self._node_is_down = not placement.has_endpoints
            return placement
        states = broker.states(app.ref, STATE_TIMEOUT)
        return states if states.silent_gears else broker.placement(app.ref, STATE_TIMEOUT)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repair a fleet with several workers. Each takes one application after the other, and has its own broker client.

The failure of one application does not stop the others, unless the user chose so, or the platform itself refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from queue import SimpleQueue

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError, Interrupted, NotFound
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.breaker import (
    PlatformRefusal,
    find_refusal,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import (
    Outcome,
    RunInterrupted,
    converge,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import Fleet, FleetApp
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import Observation, observe
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.scheduler import Scheduler
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock, Waiter
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiting import Waits


@dataclass(frozen=True)
class Repair:
    """The repair of an application.

    ``outcome`` is ``None`` if it did not start; ``refusal``: because the platform refused an earlier repair.
    ``interrupted``: it did not end.
    """

    entry: FleetApp
    outcome: Outcome | None
    seconds: float = 0.0
    interrupted: Interrupted | None = None
    refusal: PlatformRefusal | None = None


class FleetInterrupted(Interrupted):
    """The run was interrupted. ``repairs``: those of all applications, as ``repair`` returns them."""

    def __init__(self, text: str, repairs: Mapping[AppRef, Repair]) -> None:
        super().__init__(text)
        self.repairs = repairs


def repair(
    broker: Broker,
    fleet: Fleet,
    clock: Clock,
    concurrency: int = 4,
    stop_on_error: bool = False,
    progress: Callable[[int, int, Repair], None] = lambda _done, _total, _repair: None,
    waits: Waits | None = None,
) -> dict[AppRef, Repair]:
    """Bring every drifted application to its desired state, ``concurrency`` at a time, with the owners in turn.

    ``progress`` is called in the caller's thread, with the number of finished applications, their total and the repair.
    ``waits`` reports long waits, but never while ``progress`` runs.
    Returns the repairs by the targets' names. After an interruption, raises ``FleetInterrupted`` when the running
    repairs have ended; ``progress`` is called for them as well.
    """
    results: dict[AppRef, Repair] = {entry.target.ref: Repair(entry, None) for entry in fleet.changes}
    interrupted: Interrupted | None = None
    refusals: list[PlatformRefusal] = []
    done = 0
    waits = waits or Waits()
    run_one = partial(_follow_one, waits, clock)
    scheduler = Scheduler(fleet, concurrency)
    with closing(_work(broker, scheduler, run_one, min(concurrency, len(results)), stop_on_error)) as repairs:
        for finished in repairs:
            interrupted = finished.interrupted or interrupted
            if finished.outcome is not None:
                done += 1
                refusals += filter(None, [find_refusal(finished.outcome)])
                results[finished.entry.target.ref] = finished
                with waits.guard():
                    progress(done, len(results), finished)
    results = {ref: _with_refusal(each, refusals) for ref, each in results.items()}
    if interrupted is not None:
        raise FleetInterrupted(f"{interrupted} {_count_finished(results)}", results) from interrupted
    return results


def _with_refusal(each: Repair, refusals: list[PlatformRefusal]) -> Repair:
    """The repair with the refusal because of which it did not start."""
    if each.outcome is not None:
        return each
    return replace(each, refusal=next((refusal for refusal in refusals if refusal.concerns(each.entry)), None))


def _work(
    broker: Broker, scheduler: Scheduler, run_one: Callable[[Broker, FleetApp], Repair], count: int, stop_on_error: bool
) -> Generator[Repair, None, None]:
    """Run ``count`` workers, and yield each repair as it ends."""
    finished: SimpleQueue[Repair | None] = SimpleQueue()

    def work() -> None:
        try:
            with closing(broker.clone()) as own_broker:
                while (entry := scheduler.take()) is not None:
                    result = run_one(own_broker, entry)
                    _drop_others(scheduler, result, stop_on_error)
                    finished.put(result)
        except BaseException:
            # Other workers must not wait for an application that this worker does not finish.
            scheduler.close()
            raise
        finally:
            finished.put(None)

    with ThreadPoolExecutor(max_workers=count or 1, thread_name_prefix="fleet") as pool:
        try:
            workers = [pool.submit(work) for _worker in range(count)]
            for _worker in workers:
                for result in iter(finished.get, None):
                    yield result
                    # Only now: the caller has seen this one before the next starts.
                    scheduler.finish(result.entry)
            for worker in workers:
                worker.result()
        finally:
            scheduler.close()


def _drop_others(scheduler: Scheduler, result: Repair, stop_on_error: bool) -> None:
    """Start no further repair that this result makes pointless, or that the user does not want after it."""
    if result.interrupted or (stop_on_error and result.outcome and result.outcome.failed):
        scheduler.close()
    elif refusal := find_refusal(result.outcome):
        scheduler.drop(refusal.concerns)


def _follow_one(waits: Waits, clock: Clock, broker: Broker, entry: FleetApp) -> Repair:
    with waits.follow(str(entry.app.ref), entry.target.patience.wait_timeout):
        return _repair_one(broker, entry, clock)


def _repair_one(broker: Broker, entry: FleetApp, clock: Clock) -> Repair:
    started = clock.now()
    try:
        return Repair(entry, _converge_one(broker, entry, clock, started), clock.now() - started)
    except RunInterrupted as interrupted:
        return Repair(entry, interrupted.outcome, clock.now() - started, interrupted.cause)
    except Interrupted as interrupted:
        return Repair(entry, None, interrupted=interrupted)


def _converge_one(broker: Broker, entry: FleetApp, clock: Clock, started: float) -> Outcome:
    """Observe the application again, because the fleet's observation may be minutes old. Then converge it."""
    waiter = Waiter(entry.target.patience, clock, started)
    try:
        observation = _observe(broker, entry, waiter)
    except BrokerError as error:
        return Outcome(entry.app, entry.app, error=error, asked="observe the application before changing it")
    return converge(broker, observation, entry.target.desired, entry.target.patience, clock, started)


def _observe(broker: Broker, entry: FleetApp, waiter: Waiter) -> Observation:
    """Observe the application by its name, or by another one if its domain was renamed. Raises ``BrokerError``."""
    *others, last = (entry.app.ref, *entry.other_names)
    for ref in others:
        with suppress(NotFound):
            return observe(broker, ref, entry.target.desired, waiter=waiter, former=entry.app.id)
    return observe(broker, last, entry.target.desired, waiter=waiter, former=entry.app.id)


def _count_finished(results: Mapping[AppRef, Repair]) -> str:
    begun = [result for result in results.values() if result.outcome is not None]
    cut = sum(result.interrupted is not None for result in begun)
    return (
        f"Of {len(results)} applications, {len(begun) - cut} ended, {cut} stopped half-way, and "
        f"{len(results) - len(begun)} did not start."
    )

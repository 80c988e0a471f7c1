"""The repair of a fleet: its workers, and whose turn it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Forbidden,
    Interrupted,
    Maintenance,
    NodeFailed,
    Refused,
    Unauthorized,
    Unreachable,
    Untrusted,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine import fleet as fleet_module
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Outcome
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet import Repair, repair
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import Fleet, FleetApp, Target
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.scheduler import Scheduler
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock, Patience
from tests.unit.memory_broker import gears

DESIRED = DesiredHa()


class CountingBroker:
    """Counts the brokers of the workers."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0

    def clone(self) -> CountingBroker:
        self.opened += 1
        return self

    def close(self) -> None:
        self.closed += 1


def application(name: str, owner: str) -> FleetApp:
    """A standalone application that needs one more gear."""
    app = replace(gears(1).shown(), name=name, owner=owner)
    return FleetApp(Target(app.ref, DESIRED, Patience()), app, plan(app, DESIRED))


def fleet(*apps: FleetApp, caller: str | None = None, **available: int) -> Fleet:
    return Fleet(apps, available=available, caller=caller)


def names(scheduler: Scheduler, count: int) -> list[str]:
    """The names of the next applications, none of which ends."""
    return [entry.app.name for entry in (scheduler.take() for _turn in range(count)) if entry]


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What comes of the application of a name: an exception is raised, ``"failed"`` fails; by default it succeeds."""
    found: dict[str, Any] = {}

    def repair_one(_broker: Broker, entry: FleetApp, _clock: Clock) -> Repair:
        what = found.get(entry.app.name)
        if isinstance(what, Interrupted):
            return Repair(entry, None, interrupted=what)
        if isinstance(what, Exception) and not isinstance(what, BrokerError):
            raise what
        if isinstance(what, BrokerError):
            return Repair(entry, Outcome(entry.app, entry.app, error=what))
        blockers = (Blocker("maximum", "a blocker"),) if what == "failed" else ()
        return Repair(entry, Outcome(entry.app, entry.app, blockers=blockers))

    monkeypatch.setattr(fleet_module, "_repair_one", repair_one)
    return found


def repaired(broker: CountingBroker, planned: Fleet, **options: Any) -> list[str]:
    """The names of the applications that were attempted."""
    results = repair(cast("Broker", broker), planned, Clock(), **options)
    return [ref.name for ref, result in results.items() if result.outcome]


# --- Workers


@pytest.mark.usefixtures("outcomes")
def test_every_worker_closes_its_broker() -> None:
    broker = CountingBroker()
    apps = [application(f"shop{number}", "alice") for number in range(9)]
    assert len(repaired(broker, fleet(*apps), concurrency=3)) == 9
    assert (broker.opened, broker.closed) == (3, 3)


@pytest.mark.usefixtures("outcomes")
def test_there_are_no_more_workers_than_applications() -> None:
    broker = CountingBroker()
    assert repaired(broker, fleet(application("shop", "alice")), concurrency=50) == ["shop"]
    assert (broker.opened, broker.closed) == (1, 1)


def test_a_fleet_in_the_desired_state_needs_no_worker() -> None:
    broker, threads = CountingBroker(), threading.active_count()
    assert repaired(broker, fleet(), concurrency=4) == []
    assert (broker.opened, threading.active_count()) == (0, threads)


def test_a_failure_stops_the_others_only_if_the_user_wants_that(outcomes: dict[str, Any]) -> None:
    outcomes["first"] = "failed"
    planned = fleet(application("first", "alice"), application("second", "alice"))
    assert repaired(CountingBroker(), planned, concurrency=1) == ["first", "second"]
    assert repaired(CountingBroker(), planned, concurrency=1, stop_on_error=True) == ["first"]


@pytest.mark.parametrize("error", [Unauthorized("no"), Maintenance("soon"), Untrusted("expired")])
def test_a_refusal_by_the_platform_stops_the_others(outcomes: dict[str, Any], error: BrokerError) -> None:
    outcomes["second"] = error
    planned = fleet(*(application(name, "alice") for name in ("first", "second", "third", "fourth")))
    results = repair(cast("Broker", CountingBroker()), planned, Clock(), concurrency=1)
    assert [bool(each.outcome) for each in results.values()] == [True, True, False, False]
    assert [each.refusal.kind if each.refusal else None for each in results.values()] == [None, None] + [error.kind] * 2


@pytest.mark.parametrize(
    "error", [NodeFailed("No nodes available", 500, 140), Unreachable("no"), Forbidden("no"), Refused("no")]
)
def test_a_failure_of_one_application_stops_no_other(outcomes: dict[str, Any], error: BrokerError) -> None:
    outcomes["first"] = error
    planned = fleet(application("first", "alice"), application("second", "alice"))
    assert repaired(CountingBroker(), planned, concurrency=1) == ["first", "second"]


def test_a_platform_without_ha_stops_only_those_that_need_it(outcomes: dict[str, Any]) -> None:
    outcomes["first"] = Refused("This feature ('High Availability') is currently disabled. Enable it", 422)
    degraded = replace(gears(3, ha=True, haproxies=1).shown(), name="degraded", owner="alice")
    trap = FleetApp(Target(degraded.ref, DESIRED, Patience()), degraded, plan(degraded, DESIRED))
    planned = fleet(application("first", "alice"), application("second", "alice"), trap)
    assert repaired(CountingBroker(), planned, concurrency=1) == ["first", "degraded"]


def test_running_repairs_end_after_a_refusal_by_the_platform(
    outcomes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second repair is running when the first is refused, and is the last that starts."""
    outcomes["a1"] = Unauthorized("no")
    both, refused = threading.Barrier(2), threading.Event()
    stand_in = fleet_module._repair_one

    def repair_one(broker: Broker, entry: FleetApp, clock: Clock) -> Repair:
        both.wait(60)
        if entry.app.name == "a2":
            refused.wait(60)
        return stand_in(broker, entry, clock)

    monkeypatch.setattr(fleet_module, "_repair_one", repair_one)
    planned = fleet(*(application(f"a{number}", "alice") for number in range(1, 6)))
    ended = repaired(CountingBroker(), planned, concurrency=2, progress=lambda _done, _total, _repair: refused.set())
    assert ended == ["a1", "a2"]


def test_an_interruption_is_raised_when_the_others_have_ended(outcomes: dict[str, Any]) -> None:
    outcomes["second"] = Interrupted("Interrupted.")
    planned = fleet(*(application(name, "alice") for name in ("first", "second", "third")))
    broker = CountingBroker()
    with pytest.raises(Interrupted, match="Of 3 applications, 1 ended, 0 stopped half-way, and 2 did not start"):
        repaired(broker, planned, concurrency=1)
    assert broker.closed == 1


@pytest.mark.parametrize("concurrency", [1, 3])
def test_an_unexpected_error_ends_all_workers(outcomes: dict[str, Any], concurrency: int) -> None:
    outcomes["first"] = ZeroDivisionError()
    # The others wait for the gears of the first, which never ends.
    planned = fleet(*(application(name, "alice") for name in ("first", "second", "third")), alice=1)
    broker = CountingBroker()
    with pytest.raises(ZeroDivisionError):
        repaired(broker, planned, concurrency=concurrency)
    assert broker.opened == broker.closed


@pytest.mark.usefixtures("outcomes")
def test_an_error_of_the_progress_ends_all_workers() -> None:
    broker = CountingBroker()

    def progress(_done: int, _total: int, _repair: Repair) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        repaired(broker, fleet(*(application(f"a{n}", "alice") for n in range(9))), concurrency=2, progress=progress)
    assert broker.opened == broker.closed


# --- Turns


def test_owners_take_turns() -> None:
    apps = [application(name, owner) for name, owner in (("a1", "al"), ("a2", "al"), ("b1", "bo"), ("c1", "cy"))]
    assert names(Scheduler(fleet(*apps), 4), 4) == ["a1", "b1", "c1", "a2"]


def test_an_application_waits_for_the_gears_of_its_owner() -> None:
    scheduler = Scheduler(
        fleet(application("a1", "al"), application("a2", "al"), application("b1", "bo"), al=1, bo=1), 4
    )
    first = scheduler.take()
    assert first
    assert names(scheduler, 1) == ["b1"]
    waiter = threading.Thread(target=scheduler.take, daemon=True)
    waiter.start()
    waiter.join(0.05)
    assert waiter.is_alive()
    scheduler.finish(first)
    waiter.join(60)
    assert not waiter.is_alive()


def test_an_application_starts_alone_when_somebody_else_has_used_the_gears() -> None:
    assert names(Scheduler(fleet(application("a1", "al"), al=0), 4), 1) == ["a1"]


def test_the_callers_own_applications_come_after_all_others_that_need_gears() -> None:
    mine, other = application("mine", "al"), application("other", "bo")
    scheduler = Scheduler(fleet(mine, other, caller="al"), 4)
    first = scheduler.take()
    assert first
    assert first.app.name == "other"
    scheduler.finish(first)
    assert names(scheduler, 1) == ["mine"]


def test_nothing_starts_after_the_end() -> None:
    scheduler = Scheduler(fleet(application("a1", "al")), 4)
    scheduler.close()
    assert scheduler.take() is None

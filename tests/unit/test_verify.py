"""Reading the placements of a fleet: how many at the same time, in which order, and when it stops."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Forbidden,
    Interrupted,
    Maintenance,
    NotFound,
    Unanswered,
    Unauthorized,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Placement
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import Verification
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine import verify as verify_module
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.verify import (
    Claim,
    Pace,
    verify,
    verify_many,
    verify_until_proven,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Patience, Waiter
from tests.unit.memory_broker import FakeClock, gears

ASKED = Verification("placement")
#: Seconds after which a test stops waiting.
LIMIT = 60.0


@dataclass
class Placements:
    """A broker that only shows placements; ``answer`` may raise an error."""

    answer: Callable[[AppRef], Placement] = lambda _ref: gears(2, haproxies=2, ha=True).placed()
    asked: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def placement(self, ref: AppRef, _timeout: int | None = None) -> Placement:
        with self._lock:
            self.asked.append(ref.name)
        return self.answer(ref)

    def states(self, ref: AppRef, _timeout: int | None = None) -> Placement:
        with self._lock:
            self.asked.append(f"{ref.name} states")
        return replace(self.answer(ref), has_endpoints=False)

    def clone(self) -> Placements:
        return self

    def close(self) -> None:
        pass


def apps(count: int, ha: bool = True) -> list[tuple[Application, Verification]]:
    shown = gears(2, haproxies=2, ha=ha).shown()
    return [(replace(shown, name=f"a{number:03}"), ASKED) for number in range(count)]


def run(broker: Placements, claims: list[tuple[Application, Verification]], pace: Pace) -> list[Application]:
    return verify_many(broker, [Claim(*claim) for claim in claims], pace)  # type: ignore[arg-type]


def test_all_claims_are_read_once_and_returned_in_order() -> None:
    broker, seen = Placements(), []
    claims = apps(50)
    found = run(broker, claims, Pace(8, progress=lambda done, total: seen.append((done, total))))
    assert [app.name for app in found] == [app.name for app, _asked in claims]
    assert sorted(broker.asked) == [app.name for app in found]
    assert {app.verified for app in found} == {"placement"}
    assert seen == [(done, 50) for done in range(1, 51)]


def test_applications_without_a_claim_cost_nothing() -> None:
    broker = Placements()
    claims = [*apps(3, ha=False), *((app, Verification()) for app, _asked in apps(3))]
    assert [app.proof for app in run(broker, claims, Pace())] == [None] * 6
    assert broker.asked == []


def test_as_many_are_read_at_the_same_time_as_the_user_wants() -> None:
    """Every worker waits for the others: fewer at a time would end in a timeout, more are impossible."""
    barrier = threading.Barrier(4)

    def answer(_ref: AppRef) -> Placement:
        barrier.wait(LIMIT)
        return gears(2, haproxies=2, ha=True).placed()

    assert len(run(Placements(answer), apps(8), Pace(4))) == 8


@pytest.mark.parametrize("error", [Unauthorized("access denied", 401), Maintenance("closed", 503)])
def test_a_refusal_of_the_platform_stops_all_readings(error: BrokerError) -> None:
    def refuse(_ref: AppRef) -> Placement:
        raise error

    broker = Placements(refuse)
    with pytest.raises(type(error)):
        run(broker, apps(100), Pace(2))
    assert len(broker.asked) <= 4


def test_an_interruption_stops_all_readings() -> None:
    broker = Placements()

    def check() -> None:
        if len(broker.asked) >= 5:
            raise Interrupted("stop")

    with pytest.raises(Interrupted):
        run(broker, apps(100), Pace(1, check))
    assert len(broker.asked) == 5


@pytest.mark.parametrize(
    "error", [Unanswered("no answer within 30 s"), Forbidden("not permitted", 403), NotFound("not found", 404, 101)]
)
def test_one_unreadable_placement_does_not_hide_the_others(error: BrokerError) -> None:
    def answer(ref: AppRef) -> Placement:
        if ref.name == "a001":
            raise error
        return gears(2, haproxies=2, ha=True).placed()

    good, bad, other = run(Placements(answer), apps(3), Pace(1))
    assert (good.ha_status, other.ha_status) == ("highly_available", "highly_available")
    assert (bad.ha_status, bad.verified) == ("degraded", "count")
    assert bad.proof is not None
    assert error.text in bad.proof.problems[0].message


def test_a_broker_that_does_not_answer_any_more_is_not_asked_for_each_application(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify_module, "MOST_LOST", 0.0)

    def answer(ref: AppRef) -> Placement:
        if ref.name > "a001":
            raise Unanswered("no answer within 30 s")
        return gears(2, haproxies=2, ha=True).placed()

    broker = Placements(answer)
    found = run(broker, apps(50), Pace(1))
    assert broker.asked == ["a000", "a001", "a002"]
    assert [app.ha_status for app in found] == ["highly_available"] * 2 + ["degraded"] * 48
    last = found[-1].proof
    assert last is not None
    assert "the broker did not answer for other applications" in last.problems[0].message


def test_after_own_writes_the_placement_is_read_until_it_is_proven() -> None:
    states = iter(["building", "building", "started"])

    def answer(_ref: AppRef) -> Placement:
        placed = gears(2, haproxies=2, ha=True).placed()
        head, new = placed.gears
        return Placement((head, replace(new, state=next(states))))

    (app, _asked), time = apps(1)[0], FakeClock()
    waiter = Waiter(Patience(60, 5), time.clock(), time.now())
    broker = Placements(answer)
    found = verify_until_proven(broker, app, Verification(), waiter, barrier_passed=False)  # type: ignore[arg-type]
    assert (found.verified, len(broker.asked)) == ("placement", 3)


def test_the_readings_end_with_the_time() -> None:
    def answer(_ref: AppRef) -> Placement:
        raise Unanswered("no answer within 30 s")

    (app, _asked), time = apps(1)[0], FakeClock()
    waiter = Waiter(Patience(60, 5), time.clock(), time.now())
    found = verify_until_proven(Placements(answer), app, ASKED, waiter, barrier_passed=False)  # type: ignore[arg-type]
    assert (found.ha_status, time.now()) == ("degraded", 1060.0)


@pytest.mark.parametrize("error", [Forbidden("not permitted", 403), NotFound("not found", 404, 101)])
def test_an_answer_that_does_not_change_is_not_waited_for(error: BrokerError) -> None:
    def answer(_ref: AppRef) -> Placement:
        raise error

    (app, _asked), time = apps(1)[0], FakeClock()
    waiter = Waiter(Patience(60, 5), time.clock(), time.now())
    broker = Placements(answer)
    found = verify_until_proven(broker, app, ASKED, waiter, barrier_passed=False)  # type: ignore[arg-type]
    assert (found.ha_status, time.now(), len(broker.asked)) == ("degraded", 1000.0, 1)


def test_the_placement_of_another_application_with_the_same_name_proves_nothing() -> None:
    (former, _asked), time = apps(1)[0], FakeClock()
    app = replace(former, id="6b02f61a686c820dac0000ff")
    waiter = Waiter(Patience(60, 5), time.clock(), time.now())
    found = verify_until_proven(Placements(), app, ASKED, waiter, barrier_passed=False)  # type: ignore[arg-type]
    assert (found.ha_status, found.verified, time.now()) == ("degraded", "count", 1000.0)
    assert found.proof is not None
    assert "another application has its name now" in found.proof.problems[0].message


def test_a_stable_problem_is_not_waited_for() -> None:
    together = gears(2, haproxies=2, ha=True).placed()
    same = tuple(replace(g, endpoints=(replace(g.endpoints[0], address="10.0.0.1"),)) for g in together.gears)
    (app, _asked), time = apps(1)[0], FakeClock()
    waiter = Waiter(Patience(60, 5), time.clock(), time.now())
    broker = Placements(lambda _ref: Placement(same))
    found = verify_until_proven(broker, app, ASKED, waiter, barrier_passed=False)  # type: ignore[arg-type]
    assert (found.ha_status, time.now(), len(broker.asked)) == ("degraded", 1000.0, 1)


def test_the_states_come_first_after_a_node_did_not_answer() -> None:
    def answer(ref: AppRef) -> Placement:
        placed = gears(2, haproxies=2, ha=True).placed()
        if ref.name == "a002":
            return placed
        silent = tuple(replace(each, state="unknown", endpoints=()) for each in placed.gears)
        return Placement(silent, has_endpoints=False)

    broker = Placements(answer)
    found = run(broker, apps(3), Pace(1))
    assert broker.asked == ["a000", "a001 states", "a002 states", "a002"]
    assert [app.ha_status for app in found] == ["degraded", "degraded", "highly_available"]


def test_an_application_without_ha_is_not_read() -> None:
    broker = Placements()
    (standalone, _asked) = apps(1, ha=False)[0]
    assert verify(broker, standalone, ASKED) is standalone  # type: ignore[arg-type]
    assert broker.asked == []

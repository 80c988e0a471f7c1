"""The default strategy: raise the minimum for the second HAProxy instance, and put the limits back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import failure
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import HIGHLY_AVAILABLE, NO_LIMIT
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import AUTO, SET_MINIMUM, DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_limits import DesiredLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    Interrupted,
    Replaced,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limit_steps import SetLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import MakeHa, Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import (
    Outcome,
    RunInterrupted,
    converge,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import UNKNOWN
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import observe
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Patience, Waiter
from tests.unit.memory_broker import REF, Gears, MemoryBroker, Trouble, busy, gears, node_failed, unanswered

PATIENCE = Patience(wait_timeout=600.0, poll_interval=5.0)
DEGRADED = gears(3, ha=True)


def steps(app: Gears, **desired: object) -> list[Step]:
    return list(plan(app.shown(), DesiredHa(**desired)).steps)  # type: ignore[arg-type]


def go(broker: MemoryBroker, **desired: object) -> Outcome:
    aim, clock = DesiredHa(**desired), broker.time.clock()  # type: ignore[arg-type]
    waiter = Waiter(PATIENCE, clock, clock.now())
    observation = observe(broker, REF, aim, waiter=waiter)  # type: ignore[arg-type]
    return converge(broker, observation, aim, PATIENCE, clock)  # type: ignore[arg-type]


# --- The plan


def test_auto_is_the_default() -> None:
    assert DesiredHa().scale_strategy == AUTO


def test_the_minimum_is_raised_and_put_back() -> None:
    assert steps(gears(3, ha=True, minimum=3, maximum=9)) == [
        SetLimits(4, None, for_haproxy=True),
        SetLimits(3, 9, restores=True),
    ]


def test_a_hidden_minimum_of_one_is_put_back() -> None:
    assert steps(gears(3))[-1] == SetLimits(1, NO_LIMIT, restores=True)


@pytest.mark.parametrize("strategy", [AUTO, SET_MINIMUM])
def test_the_added_gear_is_removed_by_the_maximum(strategy: str) -> None:
    assert steps(gears(3, ha=True, minimum=3), scale_strategy=strategy, preserve_gear_count=True) == [
        SetLimits(4, 4, for_haproxy=True),
        SetLimits(3, 3, restores=True),
        SetLimits(3, NO_LIMIT, restores=True),
    ]


def test_a_maximum_at_the_count_is_no_obstacle_if_the_gear_is_returned() -> None:
    assert steps(gears(3, ha=True, maximum=3), preserve_gear_count=True) == [
        SetLimits(4, 4, for_haproxy=True),
        SetLimits(2, 3, restores=True),
    ]


@pytest.mark.parametrize("app", [gears(1, maximum=1), gears(3, maximum=3), gears(3, ha=True, maximum=3)])
def test_a_maximum_that_leaves_no_gear_blocks(app: Gears) -> None:
    assert [blocker.code for blocker in plan(app.shown(), DesiredHa()).blockers] == ["maximum"]


def test_one_gear_needs_make_ha_only() -> None:
    assert steps(gears(1)) == steps(gears(1), preserve_gear_count=True) == [MakeHa()]


def test_the_limits_of_the_user_take_the_places_of_those_before() -> None:
    assert steps(gears(3, ha=True), min_gears=3, max_gears=8) == [
        SetLimits(4, 8, for_haproxy=True),
        SetLimits(3, 8, restores=True),
    ]


def test_a_minimum_of_the_user_above_the_count_is_not_put_back() -> None:
    assert steps(gears(3, ha=True), min_gears=5) == [SetLimits(5, None)]


def test_the_callers_gears_do_not_matter() -> None:
    """The broker checks them for scale-up events only."""
    full = GearQuota("alice", 9, Caller("eve", ha=False, consumed_gears=0, max_gears=0))
    assert plan(gears(3, ha=True).shown(), DesiredHa(), full).blockers == ()
    assert [
        b.code for b in plan(gears(3, ha=True).shown(), DesiredHa(), replace(full, available_gears=0)).blockers
    ] == ["gear_limit"]


# --- A single operator


@pytest.mark.parametrize(
    ("app", "preserve", "requests", "writes"),
    [
        # The last one of each that writes verifies the placement. Before a removal, one reads the states of all gears.
        (gears(3, 2, ha=True), False, 1, 0),
        (gears(1), False, 4, 1),
        (DEGRADED, False, 6, 2),
        (DEGRADED, True, 9, 3),
        # Two of them read the quota before make-ha.
        (gears(3), False, 10, 3),
        (gears(3), True, 13, 4),
    ],
)
def test_requests_of_a_single_operator(app: Gears, preserve: bool, requests: int, writes: int) -> None:
    broker = MemoryBroker(app)
    outcome = go(broker, preserve_gear_count=preserve)
    assert (len(broker.requests), len(broker.writes), outcome.notes) == (requests, writes, ())
    assert (outcome.after.ha_status, outcome.error) == (HIGHLY_AVAILABLE, None)


LIMITS = [(1, NO_LIMIT), (1, 3), (3, 3), (3, 6)]


@pytest.mark.parametrize(("minimum", "maximum"), LIMITS)
@pytest.mark.parametrize("ha", [False, True])
@pytest.mark.parametrize("action", ["make_ha", "set_limits"])
@pytest.mark.parametrize(
    ("error", "effect"),
    [
        *[(unanswered(), effect) for effect in ("none", "done", "shown", "late")],
        *[(node_failed(), effect) for effect in ("none", "done", "shown")],
        (busy(), "none"),
    ],
)
def test_one_fault_leaves_the_right_gears_and_limits(
    action: str, ha: bool, minimum: int, maximum: int, error: BrokerError, effect: str
) -> None:
    start = gears(3, ha=ha, minimum=minimum, maximum=maximum)
    for number in range(3):
        broker = MemoryBroker(start, troubles=[Trouble(action, error, effect, seconds=30, skip=number)])
        outcome = go(broker, preserve_gear_count=True)
        broker.time.sleep(3600)
        assert outcome.error is None
        assert broker.final().shown() == gears(3, 2, ha=True, minimum=minimum, maximum=maximum).shown()


# --- Other operators


def limited(count: int, minimum: int, maximum: int) -> Callable[[Gears], Gears]:
    """What another operator has done: a number of gears, and limits."""
    return lambda app: replace(app, own_minimum=minimum, maximum=maximum).with_count(count)


def test_a_minimum_above_the_count_is_waited_for() -> None:
    """Another operator is raising it, and the limits are not the owner's."""
    growing = replace(DEGRADED, own_minimum=4, maximum=4)
    broker = MemoryBroker(growing, before_read={3: lambda app: app.with_count(4), 4: limited(3, 1, NO_LIMIT)})
    outcome = go(broker, preserve_gear_count=True)
    assert (broker.writes, outcome.error, outcome.changed) == ([], None, False)


@pytest.mark.parametrize("ha", [False, True])
def test_limits_of_an_operation_that_does_not_end_are_not_kept(ha: bool) -> None:
    broker = MemoryBroker(replace(gears(3, ha=ha), own_minimum=4))
    with pytest.raises(Busy, match="the minimum is 4 and the application has 3 gears"):
        go(broker)
    assert (broker.writes, broker.time.now()) == ([], 1000.0 + PATIENCE.wait_timeout)


def test_nothing_is_planned_from_limits_of_another_operation() -> None:
    growing = plan(replace(DEGRADED, own_minimum=4, maximum=4).shown(), DesiredHa(preserve_gear_count=True))
    assert (growing.steps, growing.blockers) == ((SetLimits(4, 4, for_haproxy=True),), ())
    assert growing.after == replace(DEGRADED, own_minimum=4, maximum=4).shown()


def test_other_limits_wait_as_well() -> None:
    """The one that is not set is sent along."""
    growing = replace(DEGRADED, own_minimum=4).shown()
    for desired in (DesiredLimits("php-5.4", max_gears=6), DesiredLimits("php-5.4", min_gears=3)):
        (step,) = plan(growing, desired).steps
        assert desired.needs_rest(step, growing)
    missing = DesiredLimits("mysql-5.5", min_gears=2)
    assert not missing.needs_rest(plan(DEGRADED.shown(), missing).steps[0], DEGRADED.shown())
    both = DesiredLimits("php-5.4", 3, 6)
    assert not both.needs_rest(plan(growing, both).steps[0], growing)


def test_a_raise_that_was_unanswered_and_undone_by_others_is_put_back_all_the_same() -> None:
    """It ran after the other operator had put back its own: the limits are right, and one gear is too many."""
    lost = Trouble("set_limits", unanswered(), meanwhile=limited(4, 1, NO_LIMIT))
    broker = MemoryBroker(DEGRADED, troubles=[lost])
    outcome = go(broker, preserve_gear_count=True)
    assert (outcome.error, broker.app.shown()) == (None, gears(3, 2, ha=True).shown())


def test_without_return_of_the_gear_others_limits_stay() -> None:
    broker = MemoryBroker(DEGRADED, before_read={2: limited(5, 5, 9)})
    outcome = go(broker)
    assert (broker.writes, broker.app.shown()) == (["set_limits"], gears(5, 2, ha=True, minimum=5, maximum=9).shown())
    assert "before this run, the minimum was 2 and the maximum none" in " ".join(outcome.notes)


def test_the_maximum_is_put_back_although_somebody_else_removes_a_gear() -> None:
    """Right after this run has removed its own: its maximum would stay otherwise."""
    broker = MemoryBroker(gears(4, ha=True, maximum=8), before_read={3: lambda app: app.with_count(3)})
    outcome = go(broker, preserve_gear_count=True)
    assert (outcome.error, broker.app.shown()) == (None, gears(3, 2, ha=True, maximum=8).shown())
    assert "acme/shop has 3 gears" in " ".join(outcome.notes)


def test_a_gear_that_this_run_keeps_is_not_attributed_to_others() -> None:
    broker = MemoryBroker(DEGRADED, before_read={2: limited(4, 2, 9)})
    outcome = go(broker, preserve_gear_count=True)
    assert "keeps the gear that this run added" in " ".join(outcome.notes)
    assert "somebody else" not in " ".join(outcome.notes)


def test_a_gear_that_others_add_after_the_return_is_not_attributed_to_this_run() -> None:
    broker = MemoryBroker(DEGRADED, before_read={3: limited(4, 2, 9)})
    outcome = go(broker, preserve_gear_count=True)
    assert broker.app.shown() == gears(4, 2, ha=True, maximum=9).shown()
    assert "keeps the gear" not in " ".join(outcome.notes)
    assert "somebody else" in " ".join(outcome.notes)


@pytest.mark.parametrize(
    ("options", "shown", "end"),
    [({"min_gears": 1}, (1, 4), (1, 8)), ({"max_gears": 9}, (4, 9), (3, 9))],
    ids=["min_gears", "max_gears"],
)
def test_an_operator_that_sets_one_limit_keeps_the_other_one_of_a_raise(
    options: dict[str, int], shown: tuple[int, int], end: tuple[int, int]
) -> None:
    """It has the same options, but sees two HAProxy instances already. It takes the raised limit for the owner's."""
    start = gears(3, ha=True, minimum=3, maximum=8)
    broker = MemoryBroker(start, before_read={2: limited(4, *shown)})
    outcome = go(broker, preserve_gear_count=True, **options)
    assert (outcome.error, outcome.notes) == (None, ())
    assert broker.app.shown() == gears(3, 2, ha=True, minimum=end[0], maximum=end[1]).shown()


def test_such_an_operator_may_be_late() -> None:
    """Its request runs when this run has removed the gear."""
    broker = MemoryBroker(gears(3, ha=True, minimum=3, maximum=8), before_read={3: limited(3, 1, 4)})
    outcome = go(broker, preserve_gear_count=True, min_gears=1)
    assert broker.app.shown() == gears(3, 2, ha=True, maximum=8).shown()
    assert (outcome.error, outcome.notes) == (None, ())


def test_a_maximum_that_the_owner_sets_meanwhile_stays() -> None:
    broker = MemoryBroker(DEGRADED, before_read={2: lambda app: replace(app, maximum=9)})
    go(broker)
    assert broker.app.shown() == gears(4, 2, ha=True, maximum=9).shown()


def test_limits_that_change_between_make_ha_and_the_raise_are_the_owners() -> None:
    broker = MemoryBroker(gears(3), before_read={2: lambda app: replace(app, maximum=9)})
    go(broker, preserve_gear_count=True)
    assert broker.app.shown() == gears(3, 2, ha=True, maximum=9).shown()


def test_gears_added_on_the_way_are_not_added_again() -> None:
    """An autoscaler adds a gear before make-ha has run: the count at that time is the one to keep."""
    broker = MemoryBroker(gears(3), before_read={2: lambda app: replace(app, haproxies=(True, *[False] * 4))})
    outcome = go(broker, preserve_gear_count=True)
    assert (broker.app.shown(), outcome.error) == (gears(5, 2, ha=True).shown(), None)


def test_ha_lost_after_the_raise_leaves_no_gear_without_an_instance() -> None:
    lost = replace(gears(4, minimum=4, maximum=4))
    broker = MemoryBroker(DEGRADED, before_read={2: lambda _app: lost})
    outcome = go(broker, preserve_gear_count=True)
    assert (outcome.error, broker.app.shown()) == (None, gears(3, 2, ha=True).shown())


# --- The end of a run that raised the limits


class StopAfter:
    """Allows this number of writes."""

    def __init__(self, writes: int) -> None:
        self.left = writes

    def __call__(self) -> None:
        if not self.left:
            raise Interrupted("Interrupted by signal 2: nothing more was sent.")
        self.left -= 1


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "lost"])
def test_an_interrupted_run_names_the_limits_from_before(lost: bool) -> None:
    troubles = [Trouble("set_limits", unanswered(), "done")] if lost else []
    broker = MemoryBroker(replace(DEGRADED, maximum=7), troubles=troubles, may_write=StopAfter(1))
    with pytest.raises(RunInterrupted) as cut:
        go(broker)
    assert "Before this run, the minimum was 2 and the maximum 7." in failure(cut.value.outcome)
    assert (cut.value.outcome.steps[0].status == UNKNOWN) == lost


def test_limits_are_not_named_if_they_are_as_before() -> None:
    outcome = go(MemoryBroker(DEGRADED, troubles=[Trouble("set_limits", node_failed(), times=2)]))
    assert "Before this run" not in failure(outcome)


def test_limits_are_put_back_until_the_time_is_up() -> None:
    """However many writes were planned."""
    failing = Trouble("set_limits", node_failed(), times=12, skip=1)
    broker = MemoryBroker(DEGRADED, troubles=[failing])
    outcome = go(broker)
    assert (outcome.error, broker.app.shown()) == (None, gears(4, 2, ha=True).shown())


def test_limits_that_cannot_be_put_back_are_named() -> None:
    broker = MemoryBroker(DEGRADED, troubles=[Trouble("set_limits", node_failed(), times=999, skip=1)])
    outcome = go(broker)
    assert outcome.error is not None
    assert "Before this run, the minimum was 2 and the maximum none." in failure(outcome)
    assert len(broker.writes) < 40


# --- Another application of the same name


@pytest.mark.parametrize("read", [2, 3])
def test_an_application_that_was_created_anew_is_not_touched(read: int) -> None:
    broker = MemoryBroker(DEGRADED, before_read={read: lambda app: replace(app.with_count(4), id="other")})
    outcome = go(broker, preserve_gear_count=True)
    assert (type(outcome.error), len(broker.writes), outcome.changed) == (Replaced, read - 1, True)
    assert [step.status for step in outcome.steps] == ["done"] * (read - 1)
    assert "another application has its name now" in failure(outcome)
    assert outcome.after.id == outcome.before.id


def test_a_lost_answer_and_a_new_application_are_an_unknown_outcome() -> None:
    broker = MemoryBroker(
        DEGRADED,
        troubles=[Trouble("set_limits", unanswered())],
        before_read={2: lambda app: replace(app, id="other")},
    )
    outcome = go(broker)
    assert (type(outcome.error), outcome.steps[0].status, outcome.changed) == (Replaced, UNKNOWN, True)
    assert "barrier" not in broker.requests


def test_the_barrier_is_not_followed_by_a_write_to_a_new_application() -> None:
    broker = MemoryBroker(
        gears(1), troubles=[Trouble("make_ha", busy())], before_read={2: lambda app: replace(app, id="other")}
    )
    outcome = go(broker)
    assert (type(outcome.error), outcome.changed, broker.requests) == (Replaced, False, ["get", "make_ha", "get"])


def test_a_former_observation_is_compared() -> None:
    broker = MemoryBroker(DEGRADED)
    with pytest.raises(Replaced, match="the id was 1 and is 6b02f61a686c820dac000076"):
        observe(broker, REF, DesiredHa(), former="1")  # type: ignore[arg-type]


# --- Laws


@given(st.integers(2, 6), st.sampled_from(LIMITS), st.booleans(), st.booleans())
def test_the_limits_are_those_from_before(count: int, limits: tuple[int, int], ha: bool, preserve: bool) -> None:
    minimum, maximum = min(limits[0], count), limits[1] if limits[1] == NO_LIMIT else max(limits[1], count + 1)
    before = gears(count, ha=ha, minimum=minimum if minimum > 2 else 1, maximum=maximum).shown()
    after = plan(before, DesiredHa(preserve_gear_count=preserve)).after
    assert (after.min_gears, after.max_gears) == (max(2, before.min_gears), before.max_gears)
    assert after.web_gears == count + (not preserve)

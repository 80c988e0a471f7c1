"""A run: which requests follow which answers, what is reported, and what is never sent twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import failure
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HIGHLY_AVAILABLE,
    STANDALONE,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import (
    LEAVE,
    SCALE_UP,
    SET_MINIMUM,
    DesiredHa,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Forbidden,
    Interrupted,
    Maintenance,
    NodeFailed,
    NotFound,
    Refused,
    Unanswered,
    Unauthorized,
    Unreachable,
    Untrusted,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import (
    Outcome,
    RunInterrupted,
    converge,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import DONE, FAILED, PLANNED, UNKNOWN
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import observe
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import LOCK_WAIT, Patience
from tests.unit.memory_broker import (
    REF,
    Account,
    MemoryBroker,
    Trouble,
    busy,
    gears,
    node_failed,
    unanswered,
)

PATIENCE = Patience(wait_timeout=600.0, poll_interval=5.0)
STANDALONE_ONE = gears(1)
IN_NAME_ONLY = gears(3, ha=True)
HIGHLY = gears(3, haproxies=2, ha=True)

#: For each kind of step, an application and a desired state that needs only this step.
ONE_STEP = {
    "make_ha": (STANDALONE_ONE, {}),
    "scale_up": (IN_NAME_ONLY, {}),
    "set_limits": (IN_NAME_ONLY, {"scale_strategy": SET_MINIMUM}),
    "disable_ha": (HIGHLY, {"ha": False}),
}
RESENDABLE = ["make_ha", "set_limits", "disable_ha"]


def go(broker: MemoryBroker, patience: Patience = PATIENCE, **desired: object) -> Outcome:
    """Run with the scale-up event, unless ``desired`` has another strategy. test_loan.py tests the default."""
    desired = DesiredHa(**{"scale_strategy": SCALE_UP, **desired})  # type: ignore[arg-type]
    clock = broker.time.clock()
    observation = observe(broker, REF, desired)  # type: ignore[arg-type]
    return converge(broker, observation, desired, patience, clock)  # type: ignore[arg-type]


def one_step(action: str, trouble: Trouble) -> tuple[MemoryBroker, Outcome]:
    app, desired = ONE_STEP[action]
    broker = MemoryBroker(app, troubles=[trouble])
    return broker, go(broker, **desired)  # type: ignore[arg-type]


def statuses(outcome: Outcome) -> list[tuple[str, str]]:
    return [(step.action, step.status) for step in outcome.steps]


def words(outcome: Outcome) -> str:
    return " ".join(step.detail for step in outcome.steps)


# --- Without faults


def test_compliant_application_costs_one_read() -> None:
    broker = MemoryBroker(HIGHLY)
    outcome = go(broker)
    assert (broker.requests, outcome.changed, outcome.steps) == (["get"], False, ())


def test_one_gear_costs_a_read_a_write_and_a_read() -> None:
    broker = MemoryBroker(STANDALONE_ONE)
    outcome = go(broker)
    assert broker.requests == ["get", "make_ha", "get", "placement"]
    assert (outcome.changed, outcome.error, outcome.after.ha_status) == (True, None, HIGHLY_AVAILABLE)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_trap_is_seen_through(count: int) -> None:
    broker = MemoryBroker(gears(count))
    outcome = go(broker)
    assert (broker.writes, outcome.after.ha_status) == (["make_ha", "scale_up"], HIGHLY_AVAILABLE)
    assert statuses(outcome) == [("make_ha", DONE), ("scale_up", DONE)]


def test_before_and_after_are_observations() -> None:
    outcome = go(MemoryBroker(gears(2)))
    assert (outcome.before, outcome.after) == (gears(2).shown(), gears(3, 2, ha=True).shown())


def test_seconds_of_a_step_are_those_of_its_request() -> None:
    broker = MemoryBroker(STANDALONE_ONE)
    broker.may_write = lambda: broker.time.sleep(14.25)
    assert [step.seconds for step in go(broker).steps] == [14.25]


def test_the_added_gear_is_removed() -> None:
    broker = MemoryBroker(gears(3))
    outcome = go(broker, preserve_gear_count=True)
    assert broker.writes == ["make_ha", "scale_up", "scale_down"]
    assert (outcome.after.web_gears, outcome.after.ha_status) == (3, HIGHLY_AVAILABLE)


def test_none_warns_that_it_stays_degraded() -> None:
    outcome = go(MemoryBroker(gears(2)), scale_strategy=LEAVE)
    assert (outcome.error, outcome.after.ha_status, len(outcome.notes)) == (None, DEGRADED, 1)


# --- Blocked


def test_blocked_sends_nothing() -> None:
    broker = MemoryBroker(gears(2, maximum=2))
    outcome = go(broker)
    assert (broker.requests, outcome.changed) == (["get"], False)
    assert [blocker.code for blocker in outcome.blockers] == ["maximum"]
    assert statuses(outcome) == [("make_ha", PLANNED), ("scale_up", PLANNED)]


def test_the_quota_is_read_before_two_writes() -> None:
    broker = MemoryBroker(gears(2), owner=Account("alice", max_gears=2))
    outcome = go(broker)
    assert (broker.requests, outcome.changed) == (["get", "domain", "user"], False)
    assert [blocker.code for blocker in outcome.blockers] == ["gear_limit"]


def test_a_quota_that_may_not_be_read_is_unknown_and_blocks_nothing() -> None:
    """A token for one application has no access to the domain and the account."""
    broker = MemoryBroker(gears(2), hidden=Forbidden("not allowed with your current authorization", 403, 1))
    assert go(broker).after.ha_status == HIGHLY_AVAILABLE


def test_a_maximum_lowered_meanwhile_blocks_the_rest() -> None:
    broker = MemoryBroker(gears(2), before_read={2: lambda app: replace(app, maximum=2)})
    outcome = go(broker)
    assert ([blocker.code for blocker in outcome.blockers], broker.writes) == (["maximum"], ["make_ha"])
    assert (outcome.changed, statuses(outcome)) == (True, [("make_ha", DONE), ("scale_up", PLANNED)])


# --- Busy


def test_the_run_waits_while_the_application_is_busy() -> None:
    broker = MemoryBroker(IN_NAME_ONLY, troubles=[Trouble("scale_up", busy(), times=5)])
    outcome = go(broker)
    assert (outcome.error, outcome.after.web_gears, outcome.after.ha_status) == (None, 4, HIGHLY_AVAILABLE)
    assert statuses(outcome) == [("scale_up", DONE)]


def test_busy_for_longer_than_the_patience_fails_unchanged() -> None:
    broker = MemoryBroker(IN_NAME_ONLY, troubles=[Trouble("scale_up", busy(), times=1000)])
    outcome = go(broker)
    assert (type(outcome.error).__name__, outcome.changed, statuses(outcome)) == ("Busy", False, [("scale_up", FAILED)])
    assert broker.app == IN_NAME_ONLY


def test_a_timeout_of_zero_means_one_try() -> None:
    broker = MemoryBroker(IN_NAME_ONLY, troubles=[Trouble("scale_up", busy(), times=1000)])
    go(broker, Patience(wait_timeout=0, poll_interval=5))
    assert broker.writes == ["scale_up"]


def test_after_busy_the_run_plans_again() -> None:
    """The other operation added the HAProxy instance, so this run has nothing to do and changes nothing."""
    broker = MemoryBroker(IN_NAME_ONLY, troubles=[Trouble("scale_up", busy(), meanwhile=lambda app: app.with_count(4))])
    outcome = go(broker)
    assert (outcome.error, outcome.changed, broker.app.count) == (None, False, 4)


def test_waiting_for_days_does_not_end_in_a_number_too_large() -> None:
    broker = MemoryBroker(IN_NAME_ONLY, troubles=[Trouble("scale_up", busy(), times=2000)])
    assert go(broker, Patience(wait_timeout=1e6, poll_interval=5.0)).after.ha_status == HIGHLY_AVAILABLE


def test_a_failed_connection_is_retried() -> None:
    broker = MemoryBroker(IN_NAME_ONLY, troubles=[Trouble("scale_up", Unreachable("refused"), times=2)])
    outcome = go(broker)
    assert (outcome.error, outcome.after.web_gears) == (None, 4)


def test_an_untrusted_certificate_is_not_retried() -> None:
    broker = MemoryBroker(IN_NAME_ONLY, troubles=[Trouble("scale_up", Untrusted("expired"), times=2)])
    outcome = go(broker)
    assert (type(outcome.error), broker.writes, outcome.changed) == (Untrusted, ["scale_up"], False)


def test_a_success_without_an_effect_is_unknown_and_not_repeated() -> None:
    broker, outcome = one_step("scale_up", Trouble("scale_up", None, "none", times=9))
    assert broker.writes == ["scale_up"]
    assert statuses(outcome) == [("scale_up", UNKNOWN)]
    assert outcome.error is not None


def test_an_unplanned_gear_causes_a_remark() -> None:
    broker = MemoryBroker(IN_NAME_ONLY, before_read={2: lambda app: app.with_count(5)})
    outcome = go(broker)
    assert outcome.error is None
    assert any("somebody else, such as an autoscaler" in note for note in outcome.notes)


# --- Refused


def test_refused_for_good_is_sent_once() -> None:
    refusal = Refused("'High Availability' is not an allowed feature for the account ('alice')", 422)
    broker, outcome = one_step("make_ha", Trouble("make_ha", refusal, times=9))
    assert (broker.writes, outcome.error, outcome.changed) == (["make_ha"], refusal, False)
    assert statuses(outcome) == [("make_ha", FAILED)]


def test_ha_enabled_by_another_user_is_a_success_without_a_change() -> None:
    trouble = Trouble(
        "make_ha",
        Refused("Application is already HA", 422),
        meanwhile=lambda app: replace(app, ha=True).with_count(2),
    )
    broker, outcome = one_step("make_ha", trouble)
    assert (outcome.error, outcome.changed, outcome.after.ha_status) == (None, False, HIGHLY_AVAILABLE)
    assert broker.writes == ["make_ha"]


def test_the_result_of_an_operation_counts_only_after_its_end() -> None:
    faster = Trouble("make_ha", busy(), meanwhile=lambda app: replace(app, ha=True).with_count(2))
    broker = MemoryBroker(STANDALONE_ONE, troubles=[faster])
    outcome = go(broker)
    assert broker.requests == ["get", "make_ha", "get", "get", "barrier", "get"]
    assert (outcome.changed, outcome.error) == (False, None)


def test_already_ha_because_our_first_request_took_effect_after_all_is_our_change() -> None:
    late = Trouble(
        "make_ha",
        Refused("Application is already HA", 422),
        meanwhile=lambda app: replace(app, ha=True).with_count(2),
    )
    outcome = go(MemoryBroker(STANDALONE_ONE, troubles=[Trouble("make_ha", unanswered()), late]))
    assert (outcome.changed, outcome.error) == (True, None)
    assert statuses(outcome) == [("make_ha", FAILED), ("make_ha", DONE)]


def test_somebody_faster_who_is_rolled_back_leaves_the_work_to_us() -> None:
    broker, outcome = one_step("make_ha", Trouble("make_ha", Refused("Application is already HA", 422), "shown"))
    assert (outcome.error, outcome.after.ha_status, broker.writes) == (None, HIGHLY_AVAILABLE, ["make_ha", "make_ha"])


def test_a_refused_write_is_no_change_even_if_the_wait_for_the_other_operation_fails() -> None:
    broker = MemoryBroker(
        STANDALONE_ONE,
        troubles=[
            Trouble("make_ha", Refused("Application is already HA", 422), "shown"),
            Trouble("barrier", busy(), times=1000),
        ],
    )
    outcome = go(broker)
    assert (outcome.error is None, outcome.changed, UNKNOWN in dict(statuses(outcome)).values()) == (
        False,
        False,
        False,
    )


@pytest.mark.parametrize("kind", [Forbidden, NotFound, Unauthorized, Maintenance])
def test_a_permanent_error_ends_the_run_immediately(kind: type[BrokerError]) -> None:
    broker = MemoryBroker(gears(3), troubles=[Trouble("scale_up", kind("no"))])
    outcome = go(broker)
    assert (type(outcome.error), outcome.changed, broker.writes) == (kind, True, ["make_ha", "scale_up"])
    assert statuses(outcome) == [("make_ha", DONE), ("scale_up", FAILED)]


def test_remaining_steps_are_reported_after_a_failure() -> None:
    broker = MemoryBroker(gears(3), troubles=[Trouble("make_ha", Forbidden("no"))])
    assert statuses(go(broker)) == [("make_ha", FAILED), ("scale_up", PLANNED)]


def test_the_removal_of_the_added_gear_is_among_the_remaining_steps() -> None:
    broker = MemoryBroker(IN_NAME_ONLY, refuses_minimum=2)
    outcome = go(broker, scale_strategy=SET_MINIMUM, preserve_gear_count=True)
    assert statuses(outcome) == [("set_limits", DONE), ("set_limits", FAILED), ("set_limits", PLANNED)]


# --- No usable answer


@pytest.mark.parametrize("action", ONE_STEP)
def test_unanswered_with_effect_is_done_and_not_sent_again(action: str) -> None:
    broker, outcome = one_step(action, Trouble(action, unanswered(), "done"))
    assert (broker.writes, outcome.error, outcome.changed) == ([action], None, True)
    assert statuses(outcome) == [(action, DONE)]


@pytest.mark.parametrize("action", RESENDABLE)
def test_an_unanswered_step_is_repeated_if_two_requests_equal_one(action: str) -> None:
    broker, outcome = one_step(action, Trouble(action, unanswered()))
    assert (broker.writes, outcome.error) == ([action, action], None)
    assert statuses(outcome) == [(action, FAILED), (action, DONE)]


def test_unanswered_scale_up_without_effect_is_never_sent_again() -> None:
    broker, outcome = one_step("scale_up", Trouble("scale_up", unanswered(), times=9))
    assert (broker.writes, type(outcome.error)) == (["scale_up"], Unanswered)
    assert statuses(outcome) == [("scale_up", UNKNOWN)]


def test_unanswered_scale_down_is_never_sent_again() -> None:
    broker = MemoryBroker(IN_NAME_ONLY, troubles=[Trouble("scale_down", unanswered(), times=9)])
    outcome = go(broker, preserve_gear_count=True)
    assert (broker.writes, outcome.changed) == (["scale_up", "scale_down"], True)
    assert statuses(outcome) == [("scale_up", DONE), ("scale_down", UNKNOWN)]


def test_a_late_scale_up_is_observed_and_adds_one_gear() -> None:
    late = Trouble("scale_up", unanswered(), "late", seconds=LOCK_WAIT - 10)
    broker, outcome = one_step("scale_up", late)
    assert (outcome.error, broker.app.count, broker.writes) == (None, 4, ["scale_up"])


def test_a_scale_up_seen_while_it_ran_and_rolled_back_is_not_called_done() -> None:
    broker, outcome = one_step("scale_up", Trouble("scale_up", unanswered(), "shown"))
    assert (broker.app, broker.writes) == (IN_NAME_ONLY, ["scale_up"])
    assert statuses(outcome) == [("scale_up", UNKNOWN)]


def test_a_scale_up_that_waited_and_is_rolled_back_then_is_not_called_done() -> None:
    broker, outcome = one_step("scale_up", Trouble("scale_up", unanswered(), "late and shown", seconds=20))
    assert (broker.app, statuses(outcome)) == (IN_NAME_ONLY, [("scale_up", UNKNOWN)])


def test_a_make_ha_seen_while_it_ran_and_rolled_back_is_sent_again() -> None:
    broker, outcome = one_step("make_ha", Trouble("make_ha", unanswered(), "shown"))
    assert (outcome.error, broker.app.ha, broker.writes) == (None, True, ["make_ha", "make_ha"])


def test_the_barrier_comes_before_the_observation_that_decides() -> None:
    broker, _outcome = one_step("make_ha", Trouble("make_ha", unanswered(), "done"))
    assert broker.requests == ["get", "make_ha", "get", "barrier", "get", "placement"]


def test_the_barrier_changes_nothing() -> None:
    broker = MemoryBroker(replace(IN_NAME_ONLY, maximum=5), troubles=[Trouble("scale_up", unanswered(), "done")])
    go(broker)
    assert (broker.requests.count("barrier"), broker.writes, broker.app.maximum) == (1, ["scale_up"], 5)


def test_a_late_barrier_keeps_the_changes_of_other_users() -> None:
    """It was not answered while it waited, and somebody set a maximum before it ran."""
    late = Trouble("barrier", unanswered(), "late", seconds=20, meanwhile=lambda app: replace(app, maximum=5))
    broker = MemoryBroker(IN_NAME_ONLY, troubles=[Trouble("scale_up", unanswered(), "done"), late])
    outcome = go(broker)
    broker.time.sleep(3600)
    assert (outcome.error, broker.writes) == (None, ["scale_up"])
    assert broker.final().shown() == gears(4, haproxies=2, ha=True, maximum=5).shown()


def test_the_barrier_does_not_preserve_a_change_that_is_rolled_back() -> None:
    lowered = Trouble("scale_up", busy(), "passing", meanwhile=lambda app: replace(app.with_count(2), maximum=2))
    broker = MemoryBroker(IN_NAME_ONLY, troubles=[lowered])
    outcome = go(broker)
    assert (outcome.error, outcome.blockers) == (None, ())
    assert broker.app.shown() == gears(4, haproxies=2, ha=True).shown()


def test_the_barrier_is_retried_while_a_minimum_is_being_raised() -> None:
    """It is refused before it gets to the lock then: HA is shown, with its minimum, and the gear is not there yet."""
    running = Trouble("make_ha", unanswered(), meanwhile=lambda app: replace(app, ha=True))
    broker = MemoryBroker(STANDALONE_ONE, troubles=[running], before_read={3: lambda app: app.with_count(2)})
    outcome = go(broker)
    assert broker.requests == ["get", "make_ha", "get", "barrier", "get", "barrier", "get", "placement"]
    assert (outcome.error, statuses(outcome), broker.app) == (None, [("make_ha", DONE)], gears(2, haproxies=2, ha=True))


@pytest.mark.parametrize("kind", [Refused, Maintenance, Forbidden, NotFound, Unauthorized])
@pytest.mark.parametrize("action", ["make_ha", "scale_up", "set_limits"])
def test_a_refused_barrier_leaves_the_outcome_unknown_and_the_last_observation(
    action: str, kind: type[BrokerError]
) -> None:
    """For example while the application is being upgraded: it is observed until the time is up."""
    app, desired = ONE_STEP[action]
    late = Trouble(action, unanswered(), "late", seconds=LOCK_WAIT + 100)
    broker = MemoryBroker(app, troubles=[late, Trouble("barrier", kind("no"), times=99)])
    outcome = go(broker, **desired)  # type: ignore[arg-type]
    assert (type(outcome.error), outcome.changed, broker.writes) == (Unanswered, True, [action])
    assert statuses(outcome)[0] == (action, UNKNOWN)
    assert outcome.after == broker.app.shown() != app.shown()
    assert broker.time.now() >= 1000.0 + PATIENCE.wait_timeout
    is_for_good = kind in (Forbidden, NotFound, Unauthorized)
    assert (broker.requests.count("barrier") == 1) == is_for_good


def test_the_run_continues_when_the_barrier_is_no_longer_refused() -> None:
    upgrading = Refused("Your application is being upgraded", 422, 1)
    troubles = [Trouble("make_ha", unanswered(), "done"), Trouble("barrier", upgrading, times=4)]
    broker = MemoryBroker(STANDALONE_ONE, troubles=troubles)
    outcome = go(broker)
    assert (outcome.error, statuses(outcome)) == (None, [("make_ha", DONE)])


@pytest.mark.parametrize("kind", [NotFound, Unauthorized])
def test_what_cannot_be_read_is_not_observed_any_longer(kind: type[BrokerError]) -> None:
    broker = MemoryBroker(
        STANDALONE_ONE,
        troubles=[Trouble("make_ha", unanswered()), Trouble("barrier", kind("no"), times=9)],
        blind=[None, None, kind("no")],
    )
    go(broker)
    assert broker.requests.count("get") == 3


def test_maintenance_during_a_doubt_is_waited_for() -> None:
    broker = MemoryBroker(
        STANDALONE_ONE,
        troubles=[Trouble("make_ha", unanswered(), "done")],
        blind=[None, Maintenance("back soon"), Maintenance("back soon")],
    )
    assert go(broker).error is None


@pytest.mark.parametrize("wait_timeout", [0, 30])
@pytest.mark.parametrize("action", ONE_STEP)
def test_nothing_is_certain_before_an_unanswered_write_cannot_wait_for_the_lock(
    action: str, wait_timeout: float
) -> None:
    """The effect is shown, but may be that of somebody else. The run does not wait longer than it may."""
    app, desired = ONE_STEP[action]
    broker = MemoryBroker(app, troubles=[Trouble(action, unanswered(), "done")])
    outcome = go(broker, Patience(wait_timeout, 5.0), **desired)  # type: ignore[arg-type]
    assert (broker.writes, statuses(outcome)[0], outcome.changed) == ([action], (action, UNKNOWN), True)
    assert (outcome.after, broker.time.now()) == (broker.app.shown(), 1000.0 + wait_timeout)


@pytest.mark.parametrize("action", ONE_STEP)
def test_a_write_that_overtakes_no_barrier_is_seen(action: str) -> None:
    """The lock is polled: an unanswered write may get it after a barrier that was sent later."""
    app, desired = ONE_STEP[action]
    broker = MemoryBroker(app, troubles=[Trouble(action, unanswered(), "late", seconds=LOCK_WAIT - 1)])
    outcome = go(broker, **desired)  # type: ignore[arg-type]
    assert (broker.writes, statuses(outcome), outcome.error) == ([action], [(action, DONE)], None)
    assert outcome.after == broker.app.shown()


def test_the_barrier_is_retried_while_the_lock_is_held() -> None:
    broker = MemoryBroker(
        IN_NAME_ONLY,
        troubles=[Trouble("scale_up", unanswered(), "done"), Trouble("barrier", busy(), times=3)],
    )
    outcome = go(broker)
    assert (outcome.error, broker.writes, broker.app.count) == (None, ["scale_up"], 4)


def test_without_the_barrier_the_outcome_is_unknown() -> None:
    broker = MemoryBroker(
        IN_NAME_ONLY,
        troubles=[Trouble("scale_up", unanswered(), "done"), Trouble("barrier", busy(), times=1000)],
    )
    outcome = go(broker)
    assert (outcome.changed, broker.writes) == (True, ["scale_up"])
    assert statuses(outcome)[0] == ("scale_up", UNKNOWN)


def test_no_more_than_twice_the_writes_that_were_planned() -> None:
    broker, outcome = one_step("make_ha", Trouble("make_ha", unanswered(), times=99))
    assert (broker.writes, outcome.error is None, outcome.changed) == (["make_ha", "make_ha"], False, False)


def test_the_last_words_of_the_broker_are_reported_when_the_writes_are_used_up() -> None:
    _broker, outcome = one_step("make_ha", Trouble("make_ha", Unanswered("upstream is gone (502)"), times=99))
    assert outcome.error is not None
    assert "upstream is gone (502)" in outcome.error.text


# --- Failed on a node


def test_a_rolled_back_step_is_retried_once() -> None:
    broker, outcome = one_step("scale_up", Trouble("scale_up", node_failed(), "shown"))
    assert (outcome.error, broker.app.count, broker.writes) == (None, 4, ["scale_up", "scale_up"])
    assert statuses(outcome) == [("scale_up", FAILED), ("scale_up", DONE)]


@pytest.mark.parametrize("action", ONE_STEP)
def test_rolled_back_twice_fails_unchanged(action: str) -> None:
    broker, outcome = one_step(action, Trouble(action, node_failed(), times=9))
    assert (broker.writes, type(outcome.error), outcome.changed) == ([action, action], NodeFailed, False)
    assert statuses(outcome) == [(action, FAILED), (action, FAILED)]


def test_half_rolled_back_is_a_change_and_fails() -> None:
    broker, outcome = one_step("make_ha", Trouble("make_ha", node_failed(), "half"))
    assert (type(outcome.error), outcome.changed, broker.writes) == (NodeFailed, True, ["make_ha"])
    assert (outcome.after.ha_status, outcome.after.web_gears) == (STANDALONE, 2)


def test_a_failed_operation_that_stays_queued_ends_the_run_as_unknown() -> None:
    broker = MemoryBroker(
        STANDALONE_ONE,
        troubles=[Trouble("make_ha", node_failed(), "half"), Trouble("barrier", node_failed(), times=99)],
    )
    outcome = go(broker)
    assert (outcome.changed, broker.writes, broker.requests.count("barrier")) == (True, ["make_ha"], 3)
    assert statuses(outcome)[0] == ("make_ha", UNKNOWN)


def test_a_step_with_an_error_answer_and_an_observed_effect_is_done() -> None:
    broker, outcome = one_step("scale_up", Trouble("scale_up", node_failed(), "done"))
    assert (outcome.error, broker.app.count, statuses(outcome)) == (None, 4, [("scale_up", DONE)])


# --- Failed observations


def test_a_failed_observation_is_retried() -> None:
    broker = MemoryBroker(STANDALONE_ONE, blind=[None, unanswered(), Unreachable("no route")])
    assert go(broker).after.ha_status == HIGHLY_AVAILABLE


def test_a_done_step_stays_done_if_the_next_observation_fails() -> None:
    broker = MemoryBroker(gears(2), blind=[None, Unauthorized("expired")])
    outcome = go(broker)
    assert (type(outcome.error), outcome.changed, broker.writes) == (Unauthorized, True, ["make_ha"])
    assert statuses(outcome) == [("make_ha", DONE), ("scale_up", PLANNED)]


def test_without_an_answer_and_an_observation_the_outcome_is_unknown() -> None:
    broker = MemoryBroker(
        STANDALONE_ONE, troubles=[Trouble("make_ha", unanswered(), "done")], blind=[None, *[unanswered()] * 999]
    )
    outcome = go(broker)
    assert (outcome.changed, statuses(outcome)[0]) == (True, ("make_ha", UNKNOWN))


# --- Other users


def test_a_gear_of_an_autoscaler_is_not_removed() -> None:
    broker = MemoryBroker(IN_NAME_ONLY, before_read={2: lambda app: app.with_count(app.count + 1)})
    outcome = go(broker, preserve_gear_count=True)
    assert (broker.writes, broker.app.count, outcome.error) == (["scale_up"], 5, None)
    assert "autoscaler" in " ".join(outcome.notes)


def test_an_autoscaler_that_adds_the_instance_leaves_nothing_to_do() -> None:
    broker = MemoryBroker(gears(2), before_read={2: lambda app: app.with_count(3)})
    outcome = go(broker, preserve_gear_count=True)
    assert (broker.writes, broker.app.count, outcome.after.ha_status) == (["make_ha"], 3, HIGHLY_AVAILABLE)


# --- Interrupted


class StopAfter:
    """Allows this number of writes."""

    def __init__(self, writes: int) -> None:
        self.left = writes

    def __call__(self) -> None:
        if not self.left:
            raise Interrupted("Interrupted by signal 2: nothing more was sent.")
        self.left -= 1


@pytest.mark.parametrize("passed", [0, 1])
def test_an_interrupted_run_writes_no_more(passed: int) -> None:
    broker = MemoryBroker(gears(2), may_write=StopAfter(passed))
    with pytest.raises(Interrupted):
        go(broker)
    assert broker.writes == ["make_ha"][:passed]


def interrupted(broker: MemoryBroker) -> RunInterrupted:
    with pytest.raises(RunInterrupted) as raised:
        go(broker)
    return raised.value


def test_an_interrupted_run_reports_what_was_done() -> None:
    """Make-ha succeeded; scale-up was not sent."""
    cut = interrupted(MemoryBroker(gears(2), may_write=StopAfter(1)))
    assert statuses(cut.outcome) == [("make_ha", DONE), ("scale_up", PLANNED)]
    assert (cut.outcome.changed, cut.outcome.failed) == (True, True)
    assert cut.outcome.after.ha
    assert f"Done: {cut.outcome.steps[0].detail}." in str(cut)
    assert "Done: enable HA" in failure(cut.outcome)


def test_a_run_interrupted_before_it_sent_anything_changed_nothing() -> None:
    cut = interrupted(MemoryBroker(gears(2), may_write=StopAfter(0)))
    assert (cut.outcome.changed, cut.outcome.before) == (False, cut.outcome.after)
    assert "Nothing was changed. Run again" in failure(cut.outcome)


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("scale_up", unanswered()),
        Trouble("scale_up", unanswered(), effect="done"),
        Trouble("scale_up", node_failed(), effect="shown"),
        Trouble("scale_up", None),
    ],
    ids=["no answer", "no answer, done", "failed below", "success, not seen"],
)
def test_a_run_interrupted_without_an_answer_reports_an_unknown_outcome(trouble: Trouble) -> None:
    cut = interrupted(MemoryBroker(IN_NAME_ONLY, troubles=[replace(trouble)], may_write=StopAfter(1)))
    assert statuses(cut.outcome)[:1] == [("scale_up", UNKNOWN)]
    assert cut.outcome.changed
    assert "outcome is unknown" in failure(cut.outcome)


def test_an_interrupted_run_sends_no_barrier_either() -> None:
    broker = MemoryBroker(STANDALONE_ONE, troubles=[Trouble("make_ha", unanswered())], may_write=StopAfter(1))
    with pytest.raises(Interrupted):
        go(broker)
    assert "barrier" not in broker.requests


# --- Random faults


@pytest.mark.parametrize(
    ("error", "effect"),
    [
        *[(unanswered(), effect) for effect in ("none", "done", "shown", "late")],
        *[(node_failed(), effect) for effect in ("none", "done", "shown")],
        (busy(), "none"),
    ],
)
@pytest.mark.parametrize("preserve", [False, True], ids=["", "preserve"])
@pytest.mark.parametrize("action", ["make_ha", "scale_up", "scale_down"])
def test_never_a_gear_too_many_or_too_few(action: str, preserve: bool, error: BrokerError, effect: str) -> None:
    """From 3 gears: 3 or 4 at the end, once all that was sent has come to an end, whatever became of one write."""
    broker = MemoryBroker(gears(3), troubles=[Trouble(action, error, effect, seconds=30)])
    go(broker, preserve_gear_count=preserve)
    broker.time.sleep(3600)
    assert broker.final().count in (3, 4)

"""Scaling to a number of gears, by a change, or by limits: the plan, the requests, and what is never sent twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.views import view
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_gears import DesiredGears, GearChange
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_limits import DesiredLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError, Refused, Unauthorized
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limit_steps import SetLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import DesiredState, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.scaling_steps import ScaleBy, ScaleTo
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Outcome, converge
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import DONE, FAILED, UNKNOWN
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import observe
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import LOCK_WAIT, Patience
from tests.unit.memory_broker import (
    REF,
    Account,
    Gears,
    MemoryBroker,
    Trouble,
    after_step,
    busy,
    gears,
    node_failed,
    unanswered,
)
from tests.unit.strategies import applications

PATIENCE = Patience(wait_timeout=600.0, poll_interval=5.0)
THREE = gears(3)

#: Desired states of an application with three gears, its action, and the gears at the end.
DESIRED: dict[str, tuple[DesiredState, str, int]] = {
    "gears up": (DesiredGears(5), "scale_up", 5),
    "gears down": (DesiredGears(2), "scale_down", 2),
    "by up": (GearChange(2), "scale_up", 5),
    "by down": (GearChange(-1), "scale_down", 2),
}
every_desired_state = pytest.mark.parametrize(("desired", "action", "end"), DESIRED.values(), ids=list(DESIRED))


def go(broker: MemoryBroker, desired: DesiredState) -> Outcome:
    observation = observe(broker, REF, desired)  # type: ignore[arg-type]
    return converge(broker, observation, desired, PATIENCE, broker.time.clock())  # type: ignore[arg-type]


def statuses(outcome: Outcome) -> list[str]:
    return [step.status for step in outcome.steps]


def codes(app: Gears, desired: DesiredState, quota: GearQuota | None = None) -> list[str]:
    return [blocker.code for blocker in plan(app.shown(), desired, quota).blockers]


# --- The plan


@pytest.mark.parametrize(
    ("app", "desired", "steps"),
    [
        (THREE, DesiredGears(3), ()),
        (THREE, DesiredGears(5), (ScaleTo(5, up=True),)),
        (THREE, DesiredGears(1), (ScaleTo(1, up=False),)),
        (THREE, GearChange(2), (ScaleBy(2),)),
        (THREE, GearChange(-2), (ScaleBy(-2),)),
        (THREE, DesiredLimits("php-5.4", 1, -1), ()),
        (THREE, DesiredLimits("php-5.4", 1, 5), (SetLimits(max_gears=5, cartridge="php-5.4"),)),
        (gears(3, minimum=3, maximum=3), DesiredLimits("php", 5, 6), (SetLimits(5, 6, cartridge="php-5.4"),)),
        (gears(3, 2, ha=True), DesiredLimits("php-5.4", 1), ()),
    ],
)
def test_one_write_at_most(app: Gears, desired: DesiredState, steps: tuple[object, ...]) -> None:
    assert plan(app.shown(), desired).steps == steps


@pytest.mark.parametrize(
    ("app", "desired", "code"),
    [
        (gears(3, 2, ha=True), DesiredGears(1), ["minimum"]),
        (gears(3, minimum=2), GearChange(-2), ["minimum"]),
        (gears(3, maximum=4), DesiredGears(5), ["maximum"]),
        (gears(3, maximum=3), GearChange(1), ["maximum"]),
        (gears(6, maximum=3), DesiredGears(5), []),
        (replace(gears(1), scalable=False), DesiredGears(2), ["not_scalable"]),
        (replace(gears(1), scalable=False), DesiredGears(1), []),
        (replace(gears(1), scalable=False), GearChange(1), ["not_scalable"]),
        (gears(3, maximum=4), DesiredLimits("php-5.4", min_gears=5), ["maximum"]),
        (gears(3, minimum=2), DesiredLimits("php-5.4", max_gears=1), ["minimum"]),
        (gears(3, 2, ha=True), DesiredLimits("php-5.4", max_gears=1, allow_gear_removal=True), ["minimum"]),
        (THREE, DesiredLimits("php-5.4", max_gears=2), ["gear_removal"]),
        (THREE, DesiredLimits("php-5.4", max_gears=2, allow_gear_removal=True), []),
        (THREE, DesiredLimits("haproxy-1.4", min_gears=1), ["not_scalable"]),
        (THREE, DesiredLimits("mysql-5.5", min_gears=1), ["no_cartridge"]),
        (THREE, DesiredLimits("p", min_gears=1), ["no_cartridge"]),
    ],
)
def test_the_limits_of_the_application_block_in_advance(app: Gears, desired: DesiredState, code: list[str]) -> None:
    assert codes(app, desired) == code


FULL_MEMBER = Caller("eve", ha=False, consumed_gears=0, max_gears=0)


@pytest.mark.parametrize(
    ("desired", "quota", "code"),
    [
        (DesiredGears(6), GearQuota("alice", 2), ["gear_limit"]),
        (GearChange(3), GearQuota("alice", 2), ["gear_limit"]),
        (DesiredLimits("php-5.4", min_gears=6), GearQuota("alice", 2), ["gear_limit"]),
        (DesiredGears(4), GearQuota("alice", 9, FULL_MEMBER), ["caller_gear_limit"]),
        (GearChange(1), GearQuota("alice", 9, FULL_MEMBER), ["caller_gear_limit"]),
        (DesiredGears(2), GearQuota("alice", 0, FULL_MEMBER), []),
        (DesiredLimits("php-5.4", min_gears=4), GearQuota("alice", 9, FULL_MEMBER), []),
    ],
)
def test_the_quotas_of_the_accounts_block_in_advance(desired: DesiredState, quota: GearQuota, code: list[str]) -> None:
    assert codes(THREE, desired, quota) == code


@pytest.mark.parametrize("minimum", [1, 3])
def test_a_maximum_that_ha_forbids_is_not_advised_to_be_tried_with_a_minimum(minimum: int) -> None:
    desired = DesiredLimits("php-5.4", max_gears=1, allow_gear_removal=True)
    (blocker,) = plan(gears(3, 2, ha=True, minimum=minimum).shown(), desired).blockers
    assert "HA needs 2 gears" in blocker.message
    assert "Set min_gears too" not in blocker.message


@pytest.mark.parametrize(
    ("app", "words"),
    [
        (gears(2), "0 gears would be below the minimum of 1. Keep 1 gear: every application needs one."),
        (gears(4, minimum=3), "2 gears would be below the minimum of 3. Lower the minimum with min_gears"),
        (gears(2, ha=True), "0 gears would be below the minimum of 2. Keep 2 gears or more, because HA needs them."),
    ],
)
def test_a_blocking_minimum_has_a_remedy(app: Gears, words: str) -> None:
    (blocker,) = plan(app.shown(), GearChange(-2)).blockers
    assert words in blocker.message


def test_fewer_gears_need_no_quota_so_nothing_is_unknown() -> None:
    assert plan(THREE.shown(), DesiredGears(2), GearQuota()).unknowns == ()
    assert plan(THREE.shown(), DesiredGears(4), GearQuota()).unknowns != ()


desired_states = st.one_of(
    st.integers(1, 14).map(DesiredGears),
    st.integers(-6, 6).filter(bool).map(GearChange),
    st.builds(
        DesiredLimits,
        st.sampled_from(["php-5.4", "php"]),
        st.none() | st.integers(1, 14),
        st.sampled_from([None, -1, *range(1, 15)]),
        st.booleans(),
    ),
)


@given(applications(), desired_states)
def test_the_plan_does_what_the_broker_does(app: Gears, desired: DesiredState) -> None:
    result = plan(app.shown(), desired)
    assert len(result.steps) <= 1
    if result.blockers:
        assert result.after == app.shown()
        return
    for step in result.steps:
        after = after_step(app, step)
        assert after is not None, f"{step} is refused"
        # A run verifies the placement after its own write.
        assert {**view(after.shown()), "verified": result.after.verified} == view(result.after)
        assert result.after.cartridges == after.shown().cartridges
        assert step.took_effect(app.shown(), result.after)


@given(applications(), desired_states)
def test_the_broker_refuses_a_blocked_step_or_removes_gears(app: Gears, desired: DesiredState) -> None:
    result = plan(app.shown(), desired)
    if result.blockers:
        after = after_step(app, result.steps[0])
        removed = after is not None and after.count < app.count
        assert after is None or (removed and [blocker.code for blocker in result.blockers] == ["gear_removal"])


@given(applications(), desired_states.filter(lambda desired: not isinstance(desired, GearChange)))
def test_planning_again_from_the_end_gives_nothing_to_do(app: Gears, desired: DesiredState) -> None:
    result = plan(app.shown(), desired)
    if not result.blockers:
        assert plan(result.after, desired).steps == ()


def test_a_removed_haproxy_instance_causes_a_remark() -> None:
    result = plan(gears(3, haproxies=2).shown(), DesiredGears(2))
    assert result.after.haproxy_count == 1
    assert "gears with HAProxy instances are removed first" in " ".join(result.remarks)
    assert plan(gears(4, haproxies=2, ha=True).shown(), DesiredGears(2)).remarks == ()


def test_a_loss_of_haproxy_under_ha_is_not_reported_as_it_is_a_lower_bound() -> None:
    """A broker with a multiplier keeps more of them."""
    (planned,) = plan(gears(8, haproxies=4, ha=True).shown(), DesiredGears(7)).path
    assert planned.detail == "scale down from 8 gears to 7"


# --- What is sent


@every_desired_state
def test_the_run_reads_writes_and_reads_once(desired: DesiredState, action: str, end: int) -> None:
    broker = MemoryBroker(THREE)
    outcome = go(broker, desired)
    # The broker chooses the gear to remove without regard to nodes that do not answer: their states are read first.
    checks = ["states"] if end < THREE.count else []
    assert broker.requests == ["get", *checks, action, "get"]
    assert (broker.app.count, outcome.error, outcome.changed, outcome.notes) == (end, None, True, ())


@every_desired_state
def test_unanswered_with_effect_is_done_and_not_sent_again(desired: DesiredState, action: str, end: int) -> None:
    broker = MemoryBroker(THREE, troubles=[Trouble(action, unanswered(), "done")])
    outcome = go(broker, desired)
    assert (broker.writes, broker.app.count, outcome.error) == ([action], end, None)
    assert statuses(outcome) == [DONE]


@every_desired_state
@pytest.mark.parametrize("effect", ["none", "shown", "late and shown"])
def test_unanswered_without_effect_is_unknown_and_never_sent_again(
    desired: DesiredState, action: str, end: int, effect: str
) -> None:
    broker = MemoryBroker(THREE, troubles=[Trouble(action, unanswered(), effect, times=9, seconds=20)])
    outcome = go(broker, desired)
    assert (broker.writes, broker.final().count, outcome.failed) == ([action], 3, True)
    assert statuses(outcome) == [UNKNOWN]
    assert end != 3


@every_desired_state
def test_the_late_effect_of_an_event_is_observed(desired: DesiredState, action: str, end: int) -> None:
    late = Trouble(action, unanswered(), "late", seconds=LOCK_WAIT - 10)
    broker = MemoryBroker(THREE, troubles=[late])
    assert go(broker, desired).error is None
    assert (broker.writes, broker.app.count) == ([action], end)


@every_desired_state
def test_a_success_without_an_effect_is_unknown_and_not_repeated(desired: DesiredState, action: str, end: int) -> None:
    broker = MemoryBroker(THREE, troubles=[Trouble(action, None, "none", times=9)])
    outcome = go(broker, desired)
    assert (broker.writes, statuses(outcome)) == ([action], [UNKNOWN])
    assert broker.app.count != end


@every_desired_state
def test_the_run_waits_while_the_application_is_busy(desired: DesiredState, action: str, end: int) -> None:
    broker = MemoryBroker(THREE, troubles=[Trouble(action, busy(), times=5)])
    outcome = go(broker, desired)
    assert (outcome.error, broker.app.count, statuses(outcome)) == (None, end, [DONE])


@pytest.mark.parametrize("kind", ["gears up", "gears down"])
def test_a_number_of_gears_is_retried_once_after_a_rollback(kind: str) -> None:
    desired, action, end = DESIRED[kind]
    broker = MemoryBroker(THREE, troubles=[Trouble(action, node_failed(), "shown")])
    outcome = go(broker, desired)
    assert (outcome.error, broker.app.count, statuses(outcome)) == (None, end, [FAILED, DONE])


@pytest.mark.parametrize("kind", ["by up", "by down"])
def test_a_change_is_not_retried_after_a_rollback(kind: str) -> None:
    desired, action, _end = DESIRED[kind]
    broker = MemoryBroker(THREE, troubles=[Trouble(action, node_failed(), "shown")])
    outcome = go(broker, desired)
    assert (broker.writes, broker.app, statuses(outcome)) == ([action], THREE, [FAILED])
    assert outcome.changed is False


@every_desired_state
def test_a_done_step_stays_done_without_a_following_observation(desired: DesiredState, action: str, end: int) -> None:
    broker = MemoryBroker(THREE, blind=[None, Unauthorized("expired")])
    outcome = go(broker, desired)
    assert (type(outcome.error), outcome.changed, broker.app.count) == (Unauthorized, True, end)
    assert [(step.action, step.status) for step in outcome.steps] == [(action, DONE)]


def test_limits_without_an_observed_effect_are_repeated() -> None:
    broker = MemoryBroker(THREE, troubles=[Trouble("set_limits", unanswered(), "shown")])
    outcome = go(broker, DesiredLimits("php-5.4", min_gears=5))
    assert (outcome.error, broker.app.count, statuses(outcome)) == (None, 5, [FAILED, DONE])


# --- Other users


def test_the_effect_of_another_operation_is_no_change_of_this_run() -> None:
    broker = MemoryBroker(THREE, troubles=[Trouble("scale_up", busy(), meanwhile=lambda app: app.with_count(5))])
    outcome = go(broker, DesiredGears(5))
    assert (outcome.error, outcome.changed, broker.writes, broker.app.count) == (None, False, ["scale_up"], 5)


def test_the_barrier_does_not_preserve_a_change_that_is_rolled_back() -> None:
    lowered = Trouble("scale_up", busy(), "passing", meanwhile=lambda app: replace(app.with_count(2), maximum=2))
    broker = MemoryBroker(THREE, troubles=[lowered])
    outcome = go(broker, DesiredGears(4))
    assert (outcome.error, outcome.blockers) == (None, ())
    assert broker.app.shown() == gears(4).shown()


def test_a_change_that_was_not_done_starts_from_the_new_number() -> None:
    broker = MemoryBroker(THREE, troubles=[Trouble("scale_up", busy(), meanwhile=lambda app: app.with_count(5))])
    outcome = go(broker, GearChange(2))
    assert (outcome.error, outcome.changed, broker.app.count) == (None, True, 7)


@pytest.mark.parametrize("count", [6, 4])
def test_another_number_after_the_event_is_reported_and_not_corrected(count: int) -> None:
    """Two operators scale from three gears to five at the same time. The result is seven, and neither scales down."""
    up = count == 6
    broker = MemoryBroker(gears(3 if up else 6), before_read={2: lambda app: app.with_count(count)})
    outcome = go(broker, DesiredGears(5))
    assert (broker.writes, broker.app.count) == (["scale_up" if up else "scale_down"], count)
    assert [blocker.code for blocker in outcome.blockers] == ["scaled_meanwhile"]
    assert (outcome.changed, outcome.after.web_gears) == (True, count)
    assert f"has {count} gears, but this run scaled it to 5" in outcome.blockers[0].message


def test_a_part_of_the_gears_is_not_taken_for_ours() -> None:
    """A write is not answered, and another user adds one gear. The gears of the write may still follow."""
    trouble = Trouble("scale_up", unanswered(), meanwhile=lambda app: app.with_count(4))
    for desired in (GearChange(2), DesiredGears(5)):
        broker = MemoryBroker(THREE, troubles=[replace(trouble)])
        outcome = go(broker, desired)
        assert (broker.writes, statuses(outcome), outcome.changed) == (["scale_up"], [UNKNOWN], True)


def test_a_different_number_after_a_change_causes_a_remark() -> None:
    broker = MemoryBroker(THREE, before_read={2: lambda app: app.with_count(9)})
    outcome = go(broker, GearChange(2))
    assert outcome.error is None
    assert "but this run scaled it to 5" in " ".join(outcome.notes)


def test_an_haproxy_lost_to_two_scale_downs_at_once_is_reported() -> None:
    broker = MemoryBroker(gears(3, 2, ha=True), before_read={2: lambda _app: gears(2, 1, ha=True)})
    outcome = go(broker, DesiredGears(2))
    assert outcome.error is None
    assert "is degraded: it has 1 HAProxy instance" in " ".join(outcome.notes)


def test_a_refused_change_does_not_count_as_done_by_another_user() -> None:
    """Another user has reached the maximum meanwhile. Those gears do not count as the requested ones."""
    refusal = Refused("Cannot scale up above maximum gear limit of 4.", 422, 168)
    app = gears(3, maximum=4)
    broker = MemoryBroker(app, troubles=[Trouble("scale_up", refusal, meanwhile=lambda app: app.with_count(4))])
    outcome = go(broker, GearChange(1))
    assert (outcome.error, outcome.changed, broker.writes) == (refusal, False, ["scale_up"])
    assert statuses(outcome) == [FAILED]


def test_a_maximum_lowered_meanwhile_blocks() -> None:
    refusal = Refused("Cannot scale up above maximum gear limit of 4.", 422, 168)
    lowered = Trouble("scale_up", refusal, meanwhile=lambda app: replace(app, maximum=4))
    outcome = go(MemoryBroker(THREE, troubles=[lowered]), DesiredGears(5))
    assert [blocker.code for blocker in outcome.blockers] == ["maximum"]
    assert outcome.changed is False


# --- Random faults


@pytest.mark.parametrize(
    ("error", "effect"),
    [
        *[(unanswered(), effect) for effect in ("none", "done", "shown", "late", "late and shown")],
        *[(node_failed(), effect) for effect in ("none", "done", "shown")],
        (busy(), "none"),
    ],
)
@every_desired_state
def test_done_once_or_not_at_all(desired: DesiredState, action: str, end: int, error: BrokerError, effect: str) -> None:
    """Once all that was sent has come to an end, whatever became of one write."""
    broker = MemoryBroker(THREE, troubles=[Trouble(action, error, effect, seconds=30)])
    outcome = go(broker, desired)
    broker.time.sleep(3600)
    assert broker.final().count in (3, end)
    if outcome.error is None:
        assert broker.app.count == end
    assert outcome.changed is (outcome.after.web_gears != 3)


def test_the_quota_is_not_read_for_one_write() -> None:
    """The broker refuses it as a whole."""
    broker = MemoryBroker(THREE, owner=Account("alice", max_gears=4))
    outcome = go(broker, DesiredGears(6))
    assert (broker.requests, outcome.changed, broker.app) == (["get", "scale_up", "get"], False, THREE)
    assert isinstance(outcome.error, Refused)

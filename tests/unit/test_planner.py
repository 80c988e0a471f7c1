"""The planner: examples, laws for every application and desired state, and a search for shorter plans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.views import view
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HIGHLY_AVAILABLE,
    NO_LIMIT,
    Application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import (
    AUTO,
    LEAVE,
    SCALE_STRATEGIES,
    SCALE_UP,
    SET_MINIMUM,
    DesiredHa,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limit_steps import SetLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Memory, blockers_of, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.scaling_steps import ScaleDown, ScaleUp
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import DisableHa, MakeHa, Step
from tests.unit.memory_broker import Gears, after_step, gears
from tests.unit.strategies import applications, desired_states

pytestmark = pytest.mark.any_release

#: The longest plan: raise a maximum of 1, make-ha, raise the minimum, restore it, remove the added gear.
MOST_STEPS = 5


def by_event(**desired: object) -> DesiredHa:
    """The desired state with the scale-up event, unless ``desired`` has another strategy."""
    return DesiredHa(**{"scale_strategy": SCALE_UP, **desired})  # type: ignore[arg-type]


def steps(app: Gears, **desired: object) -> list[Step]:
    return list(plan(app.shown(), by_event(**desired)).steps)


def codes(app: Gears, quota: GearQuota | None = None, **desired: object) -> list[str]:
    return [b.code for b in plan(app.shown(), by_event(**desired), quota).blockers]


# --- Examples


@pytest.mark.parametrize(("count", "expected"), [(1, [MakeHa()]), (2, [MakeHa(), ScaleUp()])])
def test_make_ha_alone_is_enough_only_if_it_creates_a_gear(count: int, expected: list[Step]) -> None:
    assert steps(gears(count)) == expected


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_degraded_application_gets_one_more_gear(count: int) -> None:
    result = plan(gears(count, ha=True).shown(), by_event())
    assert (result.steps, result.after.haproxy_count, result.after.web_gears) == ((ScaleUp(),), 2, count + 1)


def test_what_was_ha_before_and_kept_its_haproxies_needs_make_ha_only() -> None:
    assert steps(gears(3, haproxies=2)) == [MakeHa()]


def test_a_highly_available_application_needs_no_step() -> None:
    assert steps(gears(3, haproxies=2, ha=True)) == []


def test_set_minimum_adds_the_instance_by_the_minimum() -> None:
    assert steps(gears(3), scale_strategy=SET_MINIMUM) == [MakeHa(), SetLimits(min_gears=4, for_haproxy=True)]


def test_none_leaves_it_degraded_and_reports_that() -> None:
    result = plan(gears(3).shown(), DesiredHa(scale_strategy=LEAVE))
    assert (result.steps, result.after.ha_status) == ((MakeHa(),), DEGRADED)
    assert "1 HAProxy instance" in " ".join(result.remarks)


def test_the_added_gear_is_removed() -> None:
    assert steps(gears(3), preserve_gear_count=True) == [MakeHa(), ScaleUp(), ScaleDown()]


def test_the_gear_that_ha_needs_is_not_removed() -> None:
    assert steps(gears(1), preserve_gear_count=True) == [MakeHa()]


def test_set_minimum_returns_the_gear_by_the_limits() -> None:
    assert steps(gears(3, ha=True, minimum=3), scale_strategy=SET_MINIMUM, preserve_gear_count=True) == [
        SetLimits(4, 4, for_haproxy=True),
        SetLimits(3, 3, restores=True),
        SetLimits(3, NO_LIMIT, restores=True),
    ]


def test_a_minimum_above_the_count_adds_the_instance_by_itself() -> None:
    assert steps(gears(3), min_gears=5) == [MakeHa(), SetLimits(min_gears=5)]


def test_a_blocking_maximum_is_raised_first_if_the_user_allows_it() -> None:
    assert steps(gears(2, ha=True, maximum=2), max_gears=3) == [SetLimits(max_gears=3), ScaleUp()]


def test_a_maximum_of_one_is_raised_before_make_ha() -> None:
    assert steps(gears(1, maximum=1), max_gears=4) == [SetLimits(max_gears=4), MakeHa()]


def test_a_maximum_at_the_old_count_is_set_last_and_takes_the_added_gear() -> None:
    assert steps(gears(3, ha=True), max_gears=3) == [ScaleUp(), SetLimits(max_gears=3)]


def test_a_minimum_of_one_is_two_under_ha() -> None:
    assert steps(gears(2, haproxies=2, ha=True), min_gears=1) == []


def test_absent_only_disables_ha() -> None:
    result = plan(gears(3, haproxies=2, ha=True).shown(), DesiredHa(ha=False))
    assert (result.steps, result.after.haproxy_count, result.after.web_gears) == ((DisableHa(),), 2, 3)


def test_a_lowered_maximum_does_not_block_the_restored_minimum() -> None:
    """The minimum that only the plan itself raised must not block the desired maximum."""
    result = plan(
        gears(3, ha=True).shown(), DesiredHa(scale_strategy=SET_MINIMUM, preserve_gear_count=True, max_gears=3)
    )
    assert result.blockers == ()
    assert (result.after.web_gears, result.after.min_gears, result.after.max_gears) == (3, 2, 3)


# --- Blockers


@pytest.mark.parametrize(
    ("app", "desired", "code"),
    [
        pytest.param(replace(gears(1), scalable=False), {}, "not_scalable", id="not scalable"),
        pytest.param(gears(1, maximum=1), {}, "maximum", id="make-ha at a maximum of 1"),
        pytest.param(gears(2, maximum=2), {}, "maximum", id="make-ha would leave it degraded"),
        pytest.param(gears(3, ha=True, maximum=3), {"scale_strategy": SET_MINIMUM}, "maximum", id="minimum"),
        pytest.param(gears(3, maximum=4), {"min_gears": 5}, "maximum", id="minimum above the maximum"),
        pytest.param(gears(5, 2, ha=True, minimum=4), {"max_gears": 3}, "minimum", id="maximum below the minimum"),
        pytest.param(gears(5, 2, ha=True), {"max_gears": 3}, "gear_removal", id="gears would go"),
    ],
)
def test_the_limits_of_the_application_block_in_advance(app: Gears, desired: dict[str, object], code: str) -> None:
    assert codes(app, **desired) == [code]


def test_an_application_without_a_web_cartridge_cannot_be_made_ha() -> None:
    app = replace(gears(1).shown(), web_cartridge=None, web_gears=0)
    assert [blocker.code for blocker in plan(app, DesiredHa()).blockers] == ["not_scalable"]


def test_gears_are_removed_if_the_user_allows_it() -> None:
    assert codes(gears(5, 2, ha=True), max_gears=3, allow_gear_removal=True) == []


OWNER = Caller("alice", ha=True, consumed_gears=3, max_gears=10)
FULL_MEMBER = Caller("eve", ha=False, consumed_gears=0, max_gears=0)


@pytest.mark.parametrize(
    ("quota", "desired", "code"),
    [
        pytest.param(GearQuota("alice", 0, OWNER), {}, ["gear_limit"], id="owner's gears"),
        pytest.param(GearQuota("alice", 9, FULL_MEMBER), {}, ["caller_gear_limit"], id="caller's gears"),
        pytest.param(GearQuota("alice", 9, FULL_MEMBER), {"scale_strategy": SET_MINIMUM}, [], id="PUT asks the owner"),
        pytest.param(GearQuota("alice", 9, replace(OWNER, ha=False)), {}, ["capability"], id="capability"),
        pytest.param(GearQuota("alice", 9, OWNER, ha_allowed=False), {}, ["ha_disabled"], id="platform"),
        pytest.param(GearQuota("alice", 9, replace(OWNER, login="vic")), {}, ["permission"], id="view only"),
        pytest.param(GearQuota("alice", 9, OWNER), {}, [], id="nothing in the way"),
        pytest.param(GearQuota(), {}, [], id="nothing known"),
    ],
)
def test_the_quotas_of_the_accounts_block_in_advance(
    quota: GearQuota, desired: dict[str, object], code: list[str]
) -> None:
    assert codes(gears(2), quota, **desired) == code


def test_a_temporary_gear_needs_quota() -> None:
    assert codes(gears(2), GearQuota("alice", 0, OWNER), preserve_gear_count=True) == ["gear_limit"]


def test_the_capability_of_another_owner_is_unknown() -> None:
    result = plan(gears(1).shown(), DesiredHa(), GearQuota("alice", 9, FULL_MEMBER))
    assert result.blockers == ()
    assert any("capability" in unknown for unknown in result.unknowns)


# --- What the run remembers


def test_a_gear_that_somebody_else_added_is_not_removed() -> None:
    """Two more gears after one scale-up: an autoscaler added one, so the gear stays and a remark gives the reason."""
    before, now = gears(3, ha=True).shown(), gears(5, 2, ha=True).shown()
    desired = by_event(preserve_gear_count=True)
    memory = Memory().after(ScaleUp(), before, now)
    assert desired.next_step(now, memory) is None
    assert "autoscaler" in " ".join(plan(now, desired, memory=memory).remarks)


def test_a_gear_that_came_from_elsewhere_is_not_removed_by_a_maximum_either() -> None:
    memory = Memory().after(ScaleUp(), gears(3, ha=True).shown(), gears(5, 2, ha=True).shown())
    desired = DesiredHa(max_gears=3)
    blockers = blockers_of(SetLimits(max_gears=3), gears(5, 2, ha=True).shown(), desired, memory)
    assert [blocker.code for blocker in blockers] == ["gear_removal"]


def test_a_gear_below_a_meanwhile_raised_minimum_is_not_removed() -> None:
    memory = Memory().after(ScaleUp(), gears(3, ha=True).shown(), gears(4, 2, ha=True).shown())
    now = gears(4, 2, ha=True, minimum=4).shown()
    assert by_event(preserve_gear_count=True).next_step(now, memory) is None


def test_gears_are_removed_only_if_nobody_else_has_scaled() -> None:
    memory = Memory().after(ScaleUp(), gears(3, ha=True).shown(), gears(4, 2, ha=True).shown())
    assert by_event(preserve_gear_count=True).next_step(gears(4, 2, ha=True).shown(), memory) == ScaleDown()
    assert by_event(preserve_gear_count=True).next_step(gears(5, 2, ha=True).shown(), memory) is None


# --- Laws


@given(applications(), desired_states())
def test_a_plan_is_short(app: Gears, desired: DesiredHa) -> None:
    assert len(plan(app.shown(), desired).steps) <= MOST_STEPS


@given(applications(), desired_states())
def test_without_blockers_the_desired_state_is_reached(app: Gears, desired: DesiredHa) -> None:
    result = plan(app.shown(), desired)
    if not result.blockers:
        assert is_desired(result.after, desired)


@given(applications(), desired_states())
def test_planning_again_from_the_end_gives_nothing_to_do(app: Gears, desired: DesiredHa) -> None:
    result = plan(app.shown(), desired)
    if not result.blockers:
        assert plan(result.after, desired).steps == ()


@given(applications(), desired_states())
def test_with_blockers_the_application_is_unchanged(app: Gears, desired: DesiredHa) -> None:
    result = plan(app.shown(), desired)
    if result.blockers:
        assert result.after == app.shown()


@given(applications(), desired_states(), st.integers(0, 3))
def test_gears_of_other_cartridges_stay(app: Gears, desired: DesiredHa, others: int) -> None:
    before = replace(app.shown(), gear_count=app.count + others)
    after = plan(before, desired).after
    assert after.gear_count - after.web_gears == others


@given(applications(), desired_states())
def test_gears_are_removed_only_if_the_user_allows_it(app: Gears, desired: DesiredHa) -> None:
    for planned in plan(app.shown(), replace(desired, allow_gear_removal=False)).path:
        if not blockers_of(planned.step, planned.app, replace(desired, allow_gear_removal=False), Memory()):
            assert planned.step.apply_to(planned.app).web_gears >= app.count


@given(applications(), desired_states(ha=True))
def test_preserve_gear_count_keeps_the_count_but_for_what_ha_and_the_minimum_need(
    app: Gears, desired: DesiredHa
) -> None:
    result = plan(app.shown(), replace(desired, preserve_gear_count=True, allow_gear_removal=False))
    if not result.blockers:
        assert result.after.web_gears == max(app.count, 2, desired.min_gears or 0)


@given(applications(), desired_states(ha=True))
def test_preserve_gear_count_causes_no_remark_without_interference(app: Gears, desired: DesiredHa) -> None:
    remarks = plan(app.shown(), replace(desired, preserve_gear_count=True)).remarks
    assert not any("autoscaler" in remark for remark in remarks)


@given(applications(), desired_states())
def test_the_gears_needed_is_the_most_at_any_moment(app: Gears, desired: DesiredHa) -> None:
    result = plan(app.shown(), desired)
    counts = [planned.step.apply_to(planned.app).web_gears for planned in result.path]
    assert result.gears_needed == max([0, *(count - app.count for count in counts)])


@given(applications(), desired_states())
def test_every_step_of_a_plan_does_what_the_broker_does(app: Gears, desired: DesiredHa) -> None:
    """The plan agrees with the broker's rules: no planned step is refused, and the result is as predicted."""
    result = plan(app.shown(), desired)
    if result.blockers:
        return
    now: Gears | None = app
    for step in result.steps:
        now = after_step(now, step)
        assert now is not None, f"{step} is refused"
    assert view(now.shown()) == view(replace(result.after, proof=None))


# --- The shortest plan, and a plan if one is possible


def is_desired(app: Application, desired: DesiredHa) -> bool:
    floor = 2 if app.ha else 1
    return (
        app.ha == desired.ha
        and (not desired.ha or desired.scale_strategy == LEAVE or app.ha_status == HIGHLY_AVAILABLE)
        and desired.min_gears in (None, app.min_gears, *([1] if app.min_gears == floor else []))
        and desired.max_gears in (None, app.max_gears)
    )


def keeps_everything_else(app: Application, start: Application, desired: DesiredHa) -> bool:
    """Whether all other limits and gears are unchanged."""
    stays = desired.scale_strategy == SET_MINIMUM and not desired.preserve_gear_count
    minimum = max(start.min_gears, 2) if app.ha else app.min_gears
    if desired.ha and desired.min_gears is None and not stays and app.min_gears != minimum:
        return False
    if desired.max_gears is None and app.max_gears != start.max_gears:
        return False
    if not desired.preserve_gear_count or not desired.ha:
        return True
    kept = max(start.web_gears, 2, desired.min_gears or 0)
    if desired.allow_gear_removal and desired.max_gears not in (None, NO_LIMIT):
        kept = min(kept, desired.max_gears)
    return app.web_gears <= kept


def moves(now: Gears, start: Gears, desired: DesiredHa) -> Iterator[Step]:
    """All steps that the strategy allows, in any order."""
    minimums, maximums = {None, desired.min_gears}, {None, desired.max_gears}
    if not desired.ha:
        yield DisableHa()
    else:
        yield MakeHa()
        if desired.scale_strategy == SCALE_UP:
            yield ScaleUp()
        if desired.scale_strategy in (AUTO, SET_MINIMUM):
            minimums |= {now.count + 1}
            if desired.scale_strategy == AUTO or desired.preserve_gear_count:
                minimums |= {start.minimum}
            if desired.preserve_gear_count:
                maximums |= {now.count + 1, start.count, start.maximum}
        if desired.scale_strategy == SCALE_UP and desired.preserve_gear_count and now.count > start.count:
            yield ScaleDown()
    for minimum in minimums:
        for maximum in maximums:
            yield SetLimits(minimum, maximum)


def fewest_steps(start: Gears, desired: DesiredHa, at_least: str | None) -> int | None:
    """The length of the shortest plan, from a search through all plans. ``at_least``: the desired status."""
    reached, edge = {start}, [start]
    for length in range(MOST_STEPS + 1):
        for now in edge:
            app = now.shown()
            good = is_desired(app, desired) and keeps_everything_else(app, start.shown(), desired)
            if good and at_least in (None, app.ha_status):
                return length
        following = [after for now in edge for step in moves(now, start, desired) if (after := after_step(now, step))]
        edge = []
        for after in following:
            lost = after.count < start.count and not desired.allow_gear_removal
            if after not in reached and not lost and after.count <= start.count + 4:
                reached.add(after)
                edge.append(after)
    return None


SMALL_APPLICATIONS = [
    gears(count, haproxies, ha, minimum, maximum)
    for count in (1, 2, 3)
    for ha in ((False, True) if count > 1 else (False,))
    for haproxies in range(1, min(count, 2) + 1)
    for minimum in range(1, count + 1)
    if not (ha and minimum == 2)
    for maximum in (-1, count, count + 1)
]


@pytest.mark.parametrize(
    ("strategy", "preserve"),
    [
        pytest.param(strategy, preserve, marks=[] if strategy == "auto" else [pytest.mark.thorough])
        for strategy in SCALE_STRATEGIES
        for preserve in (False, True)
    ],
)
def test_the_plan_is_the_shortest_and_exists_if_possible(strategy: str, preserve: bool) -> None:
    """All small applications and desired states, against a search through all orders of all steps."""
    worse = []
    for app in SMALL_APPLICATIONS:
        for desired in small_desired_states(strategy, preserve):
            result = plan(app.shown(), desired)
            shortest = fewest_steps(app, desired, None if result.blockers else result.after.ha_status)
            found = None if result.blockers else len(result.steps)
            if found != shortest:
                worse.append(f"{app} {desired}: {found} steps {result.steps}, best {shortest}")
    assert not worse, f"{len(worse)} cases, among them:\n" + "\n".join(worse[:3])


def small_desired_states(strategy: str, preserve: bool) -> Iterator[DesiredHa]:
    for minimum in (None, 1, 2, 3, 4):
        for maximum in (None, -1, 2, 3, 4):
            if minimum and maximum and maximum != NO_LIMIT and minimum > maximum:
                continue
            for allowed in (False, True):
                yield DesiredHa(True, strategy, preserve, minimum, maximum, allowed)

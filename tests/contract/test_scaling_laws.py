"""Invariants of the model of gears and cartridges, for any sequence of operations."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.broker import scaling
from tests.broker.scaling import Group, ScalingRefused, Shape

WEB, PROXY, DATABASE, PLUGIN = "php-5.4", "haproxy-1.4", "mysql-5.5", "cron-1.4"

makers = st.sampled_from([[WEB], [WEB, DATABASE], [WEB, PLUGIN], [WEB, PLUGIN, DATABASE]])
limit = st.sampled_from([None, 1, 2, 3, 5])
steps = st.one_of(
    st.tuples(st.just("ha")),
    st.tuples(st.just("no_ha")),
    st.tuples(st.just("scale"), st.integers(-3, 4)),
    st.tuples(st.just("limits"), limit, st.sampled_from([None, -1, 1, 2, 3, 5, 6])),
)


class Walk:
    """A walk of an application through random steps. A step that the broker would refuse changes nothing."""

    def __init__(self, names: list[str], multiplier: int, ha: bool) -> None:
        numbers = itertools.count(1)
        self.multiplier = multiplier
        self.new_id = lambda: f"{next(numbers):024x}"
        self.shape = scaling.create(
            [*names, PROXY], scalable=True, ha=ha, multiplier=multiplier, head_id="0" * 24, new_id=self.new_id
        ).shape

    def web(self) -> Group:
        return self.shape.group_of(WEB)

    def proxies(self) -> int:
        return len(self.web().gears_of(PROXY))

    def limits(self) -> tuple[int, int]:
        rule = scaling.limits_of(self.shape, WEB, self.multiplier)
        assert rule.minimum is not None
        assert rule.maximum is not None
        return rule.minimum, rule.maximum

    def take(self, step: tuple[object, ...]) -> Shape:
        """Take a step, and return the shape before it."""
        before = self.shape
        try:
            self.shape = self._after(step)
        except ScalingRefused:
            assert self.shape == before
        return before

    def _after(self, step: tuple[object, ...]) -> Shape:
        shape, multiplier, new_id = self.shape, self.multiplier, self.new_id
        kind, *numbers = step
        if kind == "ha":
            refused = shape.ha or self.limits()[1] == 1
            return shape if refused else scaling.make_ha(shape, multiplier, new_id).shape
        if kind == "no_ha":
            return scaling.disable_ha(shape, multiplier, new_id).shape if shape.ha else shape
        if kind == "scale":
            return self._scaled(numbers[0])
        return self._limited(*numbers)

    def _scaled(self, by: object) -> Shape:
        assert isinstance(by, int)
        minimum, maximum = self.limits()
        target = len(self.web().gears) + by
        if target < minimum or (by > 0 and maximum != -1 and target > maximum):
            return self.shape
        return scaling.scale(self.shape, WEB, by, self.multiplier, self.new_id).shape

    def _limited(self, minimum: object, maximum: object) -> Shape:
        assert minimum is None or isinstance(minimum, int)
        assert maximum is None or isinstance(maximum, int)
        present = self.limits()
        new_minimum = present[0] if minimum is None else minimum
        new_maximum = present[1] if maximum is None else maximum
        crossed = new_maximum != -1 and new_maximum < new_minimum
        if (minimum, maximum) == (None, None) or crossed or (self.shape.ha and new_maximum == 1):
            return self.shape
        return scaling.set_limits(self.shape, WEB, minimum, maximum, self.multiplier, self.new_id).shape


walks = st.builds(Walk, makers, st.integers(0, 3), st.booleans())


@given(walks, st.lists(steps, max_size=12))
def test_counts_and_limits_are_valid_after_every_step(walk: Walk, path: list[tuple[object, ...]]) -> None:
    for step in path:
        walk.take(step)
        minimum, maximum = walk.limits()
        gears = len(walk.web().gears)
        assert minimum <= gears
        assert maximum == -1 or gears <= maximum
        assert 1 <= walk.proxies() <= gears
        own = [group for group in walk.shape.groups if group is not walk.web()]
        assert len(walk.shape.gears) == gears + sum(len(group.gears) for group in own)
        assert [group.cartridges for group in own] in ([], [(DATABASE,)])
        assert walk.web().gears[0].head
        assert sum(gear.head for gear in walk.shape.gears) == 1
        if walk.shape.ha:
            assert minimum >= 2


@given(walks, st.lists(steps, max_size=12))
def test_only_new_gears_get_haproxy_instances(walk: Walk, path: list[tuple[object, ...]]) -> None:
    for step in path:
        before = walk.take(step)
        old = {gear.id: gear for gear in before.gears}
        assert all(old[gear.id] == gear for gear in walk.shape.gears if gear.id in old)


@given(walks, st.lists(steps, max_size=12))
def test_high_availability_keeps_the_second_haproxy_instance(walk: Walk, path: list[tuple[object, ...]]) -> None:
    for step in path:
        before = walk.take(step)
        proxies_before = len(before.group_of(WEB).gears_of(PROXY))
        if walk.shape.ha and before.ha and proxies_before >= 2:
            assert walk.proxies() >= 2


@given(walks, st.lists(steps, max_size=12))
def test_no_step_changes_other_groups(walk: Walk, path: list[tuple[object, ...]]) -> None:
    for step in path:
        before = walk.take(step)
        assert [group for group in walk.shape.groups if WEB not in group.cartridges] == [
            group for group in before.groups if WEB not in group.cartridges
        ]


@given(walks, st.lists(steps, max_size=8))
def test_disabling_removes_no_gears(walk: Walk, path: list[tuple[object, ...]]) -> None:
    for step in path:
        walk.take(step)
    before = walk.take(("no_ha",))
    assert walk.shape.gears == before.gears


@given(walks, st.lists(steps, max_size=8))
def test_setting_the_current_maximum_changes_nothing(walk: Walk, path: list[tuple[object, ...]]) -> None:
    for step in path:
        walk.take(step)
    maximum = walk.limits()[1]
    after = scaling.set_limits(walk.shape, WEB, None, maximum, walk.multiplier, walk.new_id)
    assert not after.touches_gears
    assert replace(after.shape, stored=()) == replace(walk.shape, stored=())


@pytest.mark.parametrize(
    ("gears", "after_make_ha", "after_scale_up", "after_scale_down"),
    [
        (1, (2, 2), (3, 2), (2, 2)),
        (2, (2, 1), (3, 2), (2, 2)),
        (3, (3, 1), (4, 2), (3, 2)),
        (5, (5, 1), (6, 2), (5, 2)),
    ],
)
def test_the_trap_and_the_way_out(
    gears: int, after_make_ha: tuple[int, int], after_scale_up: tuple[int, int], after_scale_down: tuple[int, int]
) -> None:
    """Gears/HAProxy instances with multiplier 0, as in docs/broker.md."""
    walk = Walk([WEB], 0, ha=False)
    walk.take(("scale", gears - 1))
    observed = []
    for step in (("ha",), ("scale", 1), ("scale", -1)):
        walk.take(step)
        observed.append((len(walk.web().gears), walk.proxies()))
    assert observed == [after_make_ha, after_scale_up, after_scale_down]

"""Shared plans are the plans that each application would have alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, Cartridge
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.copying import copy_with
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import (
    AUTO,
    SCALE_STRATEGIES,
    DesiredHa,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Memory, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.shared_plans import SharedPlans

#: Equal cartridges are one object, as those that the broker's answers contain.
cartridge = cache(Cartridge)


def app(name: str, gears: int, haproxy: int, ha: bool, maximum: int = -1, minimum: int = 1) -> Application:
    web = cartridge("php-5.4", ("web_framework",), gears, minimum, maximum)
    proxy = cartridge("haproxy-1.4", ("web_proxy",), haproxy, 1, -1)
    numbers = {
        "gear_count": gears,
        "web_gears": gears,
        "min_gears": minimum,
        "max_gears": maximum,
        "haproxy_count": haproxy,
    }
    names = {"id": name, "name": name, "domain": "acme", "owner": "alice", "url": "", "web_cartridge": "php-5.4"}
    return Application(**names, **numbers, ha=ha, scalable=True, cartridges=(web, proxy))  # type: ignore[arg-type]


@pytest.mark.parametrize("strategy", SCALE_STRATEGIES)
def test_each_application_has_its_own_plan(strategy: str) -> None:
    desired = DesiredHa(scale_strategy=strategy)
    plans = SharedPlans()
    for gears, haproxy, ha, maximum in product((1, 2, 3), (1, 2), (False, True), (-1, 1, 2)):
        for name in ("shop", "wiki", "a%2fb", "crm"):
            each = app(name, gears, haproxy, ha, maximum)
            assert plans.plan(each, desired) == plan(each, desired)


@pytest.mark.parametrize("strategy", SCALE_STRATEGIES)
def test_each_application_is_at_rest_or_not_as_alone(strategy: str) -> None:
    desired, plans = DesiredHa(scale_strategy=strategy), SharedPlans()
    found = {}
    for gears, haproxy, ha, minimum in product((1, 2), (1, 2), (False, True), (1, 2, 3)):
        for name in ("shop", "wiki"):
            each = app(name, gears, haproxy, ha, minimum=minimum)
            step = desired.next_step(each, Memory())
            is_at_rest = step is None or not desired.needs_rest(step, each)
            assert plans.is_at_rest(each, desired) == is_at_rest
            found[is_at_rest] = each
    assert len(found) == (2 if strategy == AUTO else len(found))


def test_applications_of_the_same_state_are_planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = []
    monkeypatch.setattr(
        "ansible_collections.openshift_v2.apps.plugins.module_utils._core.shared_plans.plan",
        lambda each, desired: planned.append(each.name) or plan(each, desired),
    )
    plans, desired = SharedPlans(), DesiredHa()
    for name, gears in (("shop", 2), ("wiki", 2), ("crm", 3), ("till", 2)):
        plans.plan(app(name, gears, 1, True), desired)
    assert planned == ["shop", "crm"]


def test_a_copy_has_the_changes_and_nothing_computed() -> None:
    first = app("shop", 3, 1, True)
    assert first.ref.name == "shop"
    second = copy_with(first, name="wiki")
    assert (second, str(second.ref)) == (replace(first, name="wiki"), "acme/wiki")
    with pytest.raises(TypeError, match="no field nam"):
        copy_with(first, nam="wiki")

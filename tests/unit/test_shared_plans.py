"""Shared plans are the plans that each application would have alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, Cartridge
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.copying import copy_with
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import SCALE_STRATEGIES, DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.shared_plans import SharedPlans


def app(name: str, gears: int, haproxy: int, ha: bool, maximum: int = -1) -> Application:
    web = Cartridge("php-5.4", ("web_framework",), gears, 1, maximum)
    proxy = Cartridge("haproxy-1.4", ("web_proxy",), haproxy, 1, -1)
    numbers = {"gear_count": gears, "web_gears": gears, "min_gears": 1, "max_gears": maximum, "haproxy_count": haproxy}
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


def test_a_copy_has_the_changes_and_nothing_computed() -> None:
    first = app("shop", 3, 1, True)
    assert first.ref.name == "shop"
    second = copy_with(first, name="wiki")
    assert (second, str(second.ref)) == (replace(first, name="wiki"), "acme/wiki")
    with pytest.raises(TypeError, match="no field nam"):
        copy_with(first, nam="wiki")

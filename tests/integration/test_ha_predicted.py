"""openshift_app_ha in check mode, on random applications with random options: it predicts the outcome."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.harness import Ansible, Platform, TaskRun
from tests.predictions import assert_predicted

pytestmark = pytest.mark.any_release

MODULE = "openshift_v2.apps.openshift_app_ha"
SHOP = {"domain": "acme", "name": "shop"}


def seed_randomly(platform: Platform, chance: random.Random) -> None:
    """acme/shop with random gears, HAProxy instances, cartridges and limits, and an owner with random gears left."""
    gears = chance.randint(1, 6)
    several = gears > 1
    shape = {"gears": gears, "ha": several and chance.random() < 0.5, "haproxy": chance.choice([1, 1, 1 + several])}
    cartridges = ["php-5.4", *chance.choice([[], [], ["mysql-5.5"], ["cron-1.4"]])]
    platform.user(max_gears=chance.choice([100, 100, gears, gears + 1, gears + 2]))
    platform.domain("acme")
    platform.broker.seed({"applications": [{**SHOP, "cartridges": cartridges, **shape}]})
    if several and chance.random() < 0.6:
        limits = {
            "scales_from": chance.randint(1, gears),
            "scales_to": chance.choice([-1, gears, gears + 1, gears + 2]),
        }
        platform.call("PUT", "/domain/acme/application/shop/cartridge/php-5.4", limits)


def choose_options(chance: random.Random) -> dict[str, Any]:
    options: dict[str, Any] = {
        "scale_strategy": chance.choice([*["auto"] * 5, "scale_up", "set_minimum", "none"]),
        "preserve_gear_count": chance.random() < 0.5,
        "allow_gear_removal": chance.random() < 0.3,
        "verify": chance.choice(["count", "count", "placement"]),
        "state": chance.choice([*["present"] * 7, "absent"]),
    }
    if chance.random() < 0.35:
        options["min_gears"] = chance.randint(1, 4)
    if chance.random() < 0.35:
        options["max_gears"] = chance.choice([-1, 4, 5, 6, 8])
    return options


def codes(run: TaskRun) -> list[str]:
    return [blocker["code"] for blocker in run.result["blockers"]]


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(1, 6))])
def test_check_mode_predicts_what_the_run_does(ansible: Ansible, platform: Platform, seed: int) -> None:
    """A run that the broker refuses changes nothing, as predicted. A second run after the others changes nothing."""
    chance = random.Random(seed)
    ends = set()
    for _case in range(40):
        platform.broker.reset()
        seed_randomly(platform, chance)
        options = {**SHOP, "poll_interval": 0.1, "wait_timeout": 10, **choose_options(chance)}
        tasks = [{MODULE: options, "check_mode": check_mode} for check_mode in (True, False, False)]
        check, real, again = ansible.tasks(*tasks).of("openshift_app_ha")
        assert (check.failed, codes(check)) == (real.failed, codes(real)), options
        if real.failed:
            assert (check.result["changed"], real.result["changed"]) == (False, False), options
        else:
            assert_predicted(check, real)
            assert check.result.get("warnings") == real.result.get("warnings"), options
            assert (again.failed, again.result["changed"]) == (False, False), options
        ends.add((real.failed, real.result["changed"]))
    assert ends == {(True, False), (False, True), (False, False)}

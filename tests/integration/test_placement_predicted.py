"""Check mode predicts the run on random placements: nodes, states, limits, quotas, and nodes that do not answer.

For one application and for fleets, at the levels count and placement, against the embedded broker. Every state that the
broker itself determines must be predicted: whether something changes, the steps, the blockers, and the end.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.harness import Ansible, Platform

pytestmark = pytest.mark.any_release

ONE, FLEET = "openshift_v2.apps.openshift_app_ha", "openshift_v2.apps.openshift_apps_ha"
SCALE, LIMITS = "openshift_v2.apps.openshift_app_scale", "openshift_v2.apps.openshift_cartridge_scale"
NODES = 8
WAIT = {"wait_timeout": 1, "poll_interval": 0.02}


def choose_app(chance: random.Random, name: str, is_placed: bool) -> dict[str, Any]:
    gears = chance.randint(1, 5)
    haproxy = 1 if gears == 1 else chance.choice([1, 2])
    app = {
        "domain": "acme",
        "name": name,
        "cartridges": ["php-5.4", *chance.choice([[], [], [], ["mysql-5.5"], ["cron-1.4"]])],
        "gears": gears,
        "haproxy": haproxy,
        "ha": gears > 1 and chance.random() < 0.6,
        "min_gears": chance.choice([1, 1, gears]),
        "max_gears": chance.choice([-1, -1, -1, gears, gears + 1]),
    }
    if app["max_gears"] == 1 and app["ha"]:
        app["max_gears"] = -1
    if is_placed:
        app["nodes"] = [chance.randint(1, NODES if chance.random() < 0.8 else 2) for _gear in range(gears)]
    if is_placed and chance.random() < 0.3:
        app["states"] = [chance.choice(["started", "started", "stopped", "idle"]) for _gear in range(gears)]
    return app


def choose_options(chance: random.Random, level: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "scale_strategy": chance.choice([*["auto"] * 4, "scale_up", "set_minimum", "none"]),
        "preserve_gear_count": chance.random() < 0.5,
        "allow_gear_removal": chance.random() < 0.5,
        "relocate": chance.random() < 0.5,
        "verify": level,
        "state": chance.choice([*["present"] * 6, "absent"]),
    }
    if chance.random() < 0.25:
        options["min_gears"] = chance.randint(1, 4)
    if chance.random() < 0.25:
        options["max_gears"] = chance.choice([-1, 4, 5, 6])
    return {**options, **WAIT}


def seed(platform: Platform, chance: random.Random, level: str) -> None:
    """One to three applications. At ``count``, nothing is read that shows states, so all gears are started."""
    platform.broker.reset()
    platform.broker.settings(nodes=NODES, node_timeout=0)
    count = chance.randint(1, 3)
    apps = [choose_app(chance, f"app{number}", level == "placement") for number in range(count)]
    used = sum(app["gears"] + ("mysql-5.5" in app["cartridges"]) for app in apps)
    platform.user(max_gears=chance.choice([100, 100, 100, used, used + 1, used + 2]), ha=chance.random() < 0.9)
    platform.domain("acme")
    platform.broker.seed({"applications": apps})
    if level == "placement" and chance.random() < 0.25:
        platform.broker.set_node(platform.broker.state()["nodes"][chance.randrange(NODES)]["address"], down=True)


def outcome(result: dict[str, Any]) -> dict[str, Any]:
    """What is compared. The steps of a run that fails contain the broker's answer."""
    failed = bool(result.get("failed"))
    end = {key: value for key, value in result["application"].items() if key != "problems"}
    return {
        "failed": failed,
        "changed": result["changed"],
        "steps": [] if failed else [(step["action"], step["detail"]) for step in result["steps"]],
        "blockers": [blocker["code"] for blocker in result["blockers"]],
        "end": end,
        "problems": [problem["code"] for problem in result["application"].get("problems", ())],
    }


def choose_task(chance: random.Random, level: str) -> dict[str, Any]:
    kind = chance.choice([ONE, FLEET, FLEET, SCALE, LIMITS] if level == "count" else [ONE, FLEET])
    name = {"domain": "acme", "name": "app0"}
    if kind == FLEET:
        return {FLEET: {"select": {}, "concurrency": 1, **choose_options(chance, level)}}
    if kind == SCALE:
        return {
            SCALE: {**name, **WAIT, **chance.choice([{"gears": chance.randint(1, 6)}, {"by": chance.choice([-1, 1])}])}
        }
    if kind == LIMITS:
        limits = {"min_gears": chance.randint(1, 4), "max_gears": chance.choice([-1, 4, 5])}
        return {LIMITS: {**name, **WAIT, "cartridge": "php", "allow_gear_removal": chance.random() < 0.7, **limits}}
    return {ONE: {**name, **choose_options(chance, level)}}


def outcomes(result: dict[str, Any]) -> list[dict[str, Any]]:
    return list(map(outcome, result.get("results", [result])))


@pytest.mark.parametrize("level", ["count", "placement"])
@pytest.mark.parametrize("seed_number", [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(1, 4))])
def test_check_mode_predicts_the_run(ansible: Ansible, platform: Platform, level: str, seed_number: int) -> None:
    for case in range(30):
        chance = random.Random(f"{level} {seed_number} {case}")
        seed(platform, chance, level)
        task = choose_task(chance, level)
        before = platform.broker.state()["applications"]
        (action,) = (name.rpartition(".")[2] for name in task)
        check, real = ansible.tasks(*[{**task, "check_mode": mode} for mode in (True, False)]).of(action)
        assert check.writes == []
        assert outcomes(check.result) == outcomes(real.result), (seed_number, case, task, before)

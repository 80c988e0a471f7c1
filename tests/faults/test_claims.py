"""Whatever happens, a run claims only what is true: random applications, faults and levels on the embedded broker."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from tests.harness import Ansible, Platform, TaskRun

MODULE = "openshift_v2.apps.openshift_app_ha"
QUICK = {"wait_timeout": 0.5, "poll_interval": 0.02}
FAULTS = (
    "drop_before",
    "drop_after",
    "node_failure:1",
    "node_failure:143",
    "failed_rollback:1",
    "failed_rollback:2",
    "broker_killed",
    "status:502",
    "lock",
)
EVENTS = ("make-ha", "scale-up", "scale-down", "disable-ha", "start")
STATES = ("started", "started", "started", "stopped", "idle")


def scenario(chance: random.Random, platform: Platform) -> dict[str, Any]:
    """Seed an application, set faults, and return the options of the run."""
    nodes = chance.randint(1, 4)
    platform.broker.settings(
        nodes=nodes,
        node_timeout=0,
        lock_expiry=0.3,
        lock_poll=0.02,
        allow_multiple_haproxy_on_node=chance.random() < 0.4,
    )
    gears = chance.randint(2, 4)
    ha = chance.random() < 0.8
    app = {
        "domain": "acme",
        "name": "shop",
        "cartridges": ["php-5.4"],
        "gears": gears,
        "haproxy": chance.choice([1, 2, 2]),
        "ha": ha,
        "nodes": [chance.randint(1, nodes) for _gear in range(gears)],
        "states": [chance.choice(STATES) for _gear in range(gears)],
    }
    platform.broker.seed({"applications": [app]})
    rules = [
        {"event": chance.choice(EVENTS), "times": chance.randint(1, 2), "do": chance.choice(FAULTS)}
        for _rule in range(chance.randint(0, 2))
    ]
    if chance.random() < 0.2:
        rules.append({"path": "gear_groups", "times": 1, "do": "status:502"})
    platform.broker.faults(*rules)
    return {
        "verify": chance.choice(["count", "placement", "placement"]),
        "relocate": chance.random() < 0.6,
        "preserve_gear_count": chance.random() < 0.4,
        "wait_timeout": chance.choice([0.4, 1.5]),
        "poll_interval": 0.02,
    }


def true_instances(platform: Platform) -> set[str]:
    """The nodes of the HAProxy instances that are started and have an endpoint."""
    groups = platform.call("GET", "/domain/acme/application/shop/gear_groups?include=endpoints", None)
    return {
        endpoint["external_address"]
        for group in groups
        for gear in group["gears"]
        for endpoint in gear["endpoints"]
        if gear["state"] == "started" and "load_balancer" in endpoint["types"]
    }


def assert_true(run: TaskRun, platform: Platform, seed: int) -> None:
    app = run.result["application"]
    claims = app.get("ha_status") == "highly_available"
    if claims and app["verified"] == "placement":
        assert len(true_instances(platform)) >= 2, (seed, run.result)
        assert app["problems"] == [], seed
    if claims and run.result["changed"] and not run.failed and app["verified"] == "count":
        # What was found is at least a warning.
        assert run.result["warnings"], (seed, run.result)
    if not run.failed and not run.result["changed"]:
        assert run.events in ([], ["start"]) or "somebody else" in str(run.result["steps"]), (seed, run.result)
    removed = [r for r in run.requests if r["body"] == {"event": "scale-down"} and r["status"] == 200]
    assert len(removed) <= 1, (seed, run.result)


@pytest.mark.parametrize("block", [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(1, 8))])
def test_a_run_claims_only_what_is_true(ansible: Ansible, platform: Platform, block: int) -> None:
    for seed in range(block * 12, block * 12 + 12):
        chance = random.Random(seed)
        platform.broker.reset()
        platform.broker.settings(lock_poll=0.02)
        platform.user()
        platform.domain("acme")
        options = {"domain": "acme", "name": "shop", **scenario(chance, platform)}
        (run,) = ansible.tasks({"name": "run", MODULE: options}).of("openshift_app_ha")
        platform.broker.faults()
        assert_true(run, platform, seed)
        # Without further faults, what a later run claims is true, too.
        later = {**options, "verify": "placement", "wait_timeout": 5}
        (again,) = ansible.tasks({"name": "again", MODULE: later}).of("openshift_app_ha")
        assert_true(again, platform, seed)
        if not again.failed:
            assert len(true_instances(platform)) >= 2, (seed, again.result)


def node_of_the_new_gear(platform: Platform) -> str:
    (app,) = platform.broker.state()["applications"]
    return str(app["groups"][0]["gears"][-1]["node"])


@pytest.mark.parametrize("level", ["count", "placement"])
@pytest.mark.parametrize(("strategy", "writes"), [("auto", ["PUT", "PUT"]), ("scale_up", ["POST"])])
def test_a_node_that_fails_after_the_gear_was_added(
    ansible: Ansible, platform: Platform, monkeypatch: pytest.MonkeyPatch, strategy: str, writes: list[str], level: str
) -> None:
    """The gear is kept, the owner's limits are put back all the same, and nothing is claimed that was not seen."""
    platform.broker.settings(node_timeout=0)
    platform.app("acme", "shop", gears=3, minimum=2, maximum=6, ha=True)
    original = Broker.send

    def send(self: Broker, *given: Any) -> None:
        original(self, *given)
        platform.broker.set_node(node_of_the_new_gear(platform), down=True)

    monkeypatch.setattr(Broker, "send", send)
    options = {"preserve_gear_count": True, "scale_strategy": strategy, "verify": level}
    task = {"name": "run", MODULE: {"domain": "acme", "name": "shop", **options, **QUICK}}
    (run,) = ansible.tasks(task).of("openshift_app_ha")
    assert (run.failed, run.result["changed"], run.writes) == (True, True, writes), run.result
    assert [blocker["code"] for blocker in run.result["blockers"]] == ["node_unreachable"]
    app = run.result["application"]
    assert (app["ha_status"], [problem["code"] for problem in app["problems"]]) == (
        "degraded",
        ["haproxy_state_unknown"],
    )
    assert (app["web_gears"], app["min_gears"], app["max_gears"]) == (4, 2, 6)
    assert platform.shown("acme", "shop") == (True, 4, 2)

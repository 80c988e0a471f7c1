"""Whatever happens, a run claims only what is true: random applications, faults and levels on the embedded broker."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.harness import Ansible, Platform, TaskRun

MODULE = "openshift_v2.apps.openshift_app_ha"
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

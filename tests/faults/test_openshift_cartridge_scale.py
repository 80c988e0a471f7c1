"""openshift_cartridge_scale with faults of the network, a proxy or a node: limits may be sent twice without harm."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Ansible, Platform, TaskRun

ACTION = "openshift_cartridge_scale"
MODULE = f"openshift_v2.apps.{ACTION}"
PUT = {"method": "PUT", "times": 1}

#: Each from three gears: the options, and gears, minimum and maximum at the end.
DESIRED: dict[str, tuple[dict[str, Any], tuple[int, int, int]]] = {
    "adding": ({"min_gears": 5}, (5, 5, -1)),
    "removing": ({"max_gears": 2, "allow_gear_removal": True}, (2, 1, 2)),
}


def limit(ansible: Ansible, way: str | None = None, **options: Any) -> TaskRun:
    """Run the module once on acme/shop, with a short timeout."""
    patience = {"poll_interval": 0.1, "wait_timeout": 20}
    task_options = {"domain": "acme", "name": "shop", "cartridge": "php-5.4", **patience, **options}
    (run,) = ansible.tasks({"name": "shop", MODULE: task_options}, way=way).of(ACTION)
    return run


def scales(run: TaskRun) -> tuple[int, int, int]:
    shown = run.result["cartridge"]
    return shown["gears"], shown["min_gears"], shown["max_gears"]


def statuses(run: TaskRun) -> list[str]:
    return [step["status"] for step in run.result["steps"]]


@pytest.fixture
def three(platform: Platform) -> Platform:
    """acme/shop, three gears."""
    platform.app("acme", "shop", gears=3)
    return platform


@pytest.mark.parametrize("fault", ["drop_after", "reset", "html", "status:502"])
@pytest.mark.parametrize("desired", DESIRED)
def test_limits_without_an_answer_are_set_once(ansible: Ansible, three: Platform, desired: str, fault: str) -> None:
    options, end = DESIRED[desired]
    three.broker.faults({**PUT, "do": fault, "effect": True})
    run = limit(ansible, **options)
    assert not run.failed
    assert statuses(run) == ["done"]
    assert scales(run) == end
    assert three.shown("acme", "shop")[1] == end[0]


@pytest.mark.parametrize("desired", DESIRED)
def test_limits_that_never_arrived_are_sent_again(ansible: Ansible, three: Platform, desired: str) -> None:
    options, end = DESIRED[desired]
    three.broker.faults({**PUT, "do": "drop_before"})
    run = limit(ansible, **options)
    assert not run.failed
    assert statuses(run) == ["failed", "done"]
    assert scales(run) == end
    assert three.shown("acme", "shop")[1] == end[0]


@pytest.mark.parametrize("desired", DESIRED)
def test_the_run_waits_for_a_held_lock(ansible: Ansible, three: Platform, desired: str) -> None:
    options, end = DESIRED[desired]
    three.broker.faults({**PUT, "times": 3, "do": "lock"})
    run = limit(ansible, **options)
    assert not run.failed
    assert statuses(run) == ["done"]
    assert scales(run) == end


@pytest.mark.parametrize("desired", DESIRED)
def test_a_rolled_back_node_failure_is_retried_once(ansible: Ansible, three: Platform, desired: str) -> None:
    options, end = DESIRED[desired]
    three.broker.faults({**PUT, "do": "node_failure:143"})
    run = limit(ansible, **options)
    assert not run.failed
    assert statuses(run) == ["failed", "done"]
    assert scales(run) == end


@pytest.mark.parametrize("desired", DESIRED)
def test_a_failed_rollback_ends_the_run(ansible: Ansible, three: Platform, desired: str) -> None:
    options, _end = DESIRED[desired]
    three.broker.faults({"method": "PUT", "do": "failed_rollback"})
    run = limit(ansible, wait_timeout=2, **options)
    assert run.failed
    assert run.result["changed"] is True
    assert statuses(run)[0] == "unknown"
    assert "acme/shop" in run.result["msg"]

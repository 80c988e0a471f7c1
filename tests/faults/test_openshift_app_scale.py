"""openshift_app_scale with faults of the network, a proxy or a node, or with other users: nothing is scaled twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Ansible, Platform, TaskRun

ACTION = "openshift_app_scale"
MODULE = f"openshift_v2.apps.{ACTION}"

#: Each from three gears: the options, the event, and the gears at the end.
DESIRED: dict[str, tuple[dict[str, int], str, int]] = {
    "gears up": ({"gears": 5}, "scale-up", 5),
    "gears down": ({"gears": 2}, "scale-down", 2),
    "by up": ({"by": 2}, "scale-up", 5),
    "by down": ({"by": -1}, "scale-down", 2),
}


def scale(ansible: Ansible, way: str | None = None, **options: Any) -> TaskRun:
    """Run the module once on acme/shop, with a short timeout."""
    patience = {"poll_interval": 0.1, "wait_timeout": 20}
    task = {"name": "shop", MODULE: {"domain": "acme", "name": "shop", **patience, **options}}
    (run,) = ansible.tasks(task, way=way).of(ACTION)
    return run


def statuses(run: TaskRun) -> list[str]:
    return [step["status"] for step in run.result["steps"]]


@pytest.fixture
def three(platform: Platform) -> Platform:
    """acme/shop, three gears."""
    platform.app("acme", "shop", gears=3)
    return platform


def gears(platform: Platform) -> int:
    return platform.shown("acme", "shop")[1]


@pytest.mark.parametrize("fault", ["drop_after", "reset", "truncate", "html", "status:502", "status:504"])
@pytest.mark.parametrize("desired", DESIRED)
def test_an_event_without_an_answer_is_done_once(ansible: Ansible, three: Platform, desired: str, fault: str) -> None:
    options, event, end = DESIRED[desired]
    three.broker.faults({"event": event, "times": 1, "do": fault, "effect": True})
    run = scale(ansible, **options)
    assert not run.failed
    assert run.result["changed"] is True
    assert statuses(run) == ["done"]
    assert run.events == [event]
    assert gears(three) == end


@pytest.mark.parametrize("desired", DESIRED)
def test_an_event_that_never_arrived_is_unknown_and_not_sent_again(
    ansible: Ansible, three: Platform, desired: str
) -> None:
    options, event, _end = DESIRED[desired]
    three.broker.faults({"event": event, "times": 1, "do": "drop_before"})
    run = scale(ansible, wait_timeout=1, **options)
    assert run.failed
    assert run.result["changed"] is False
    assert statuses(run) == ["unknown"]
    assert run.events == [event]
    assert "outcome is unknown" in run.result["msg"]
    advice = "Check the number of gears later" if "by" in options else "Run again"
    assert f"The outcome is unknown. {advice}" in run.result["msg"]
    assert gears(three) == 3


@pytest.mark.parametrize("desired", DESIRED)
def test_the_run_waits_for_a_held_lock(ansible: Ansible, three: Platform, desired: str) -> None:
    options, event, end = DESIRED[desired]
    three.broker.faults({"event": event, "times": 3, "do": "lock"})
    run = scale(ansible, **options)
    assert not run.failed
    assert statuses(run) == ["done"]
    assert gears(three) == end


@pytest.mark.parametrize(("desired", "tries"), [("gears up", 2), ("gears down", 2), ("by up", 1), ("by down", 1)])
def test_a_rolled_back_node_failure_is_retried_once_for_gears_only(
    ansible: Ansible, three: Platform, desired: str, tries: int
) -> None:
    options, event, end = DESIRED[desired]
    three.broker.faults({"event": event, "times": 1, "do": "node_failure:143"})
    run = scale(ansible, **options)
    assert run.events == [event] * tries
    assert run.failed is (tries == 1)
    assert statuses(run) == ["failed", "done"][:tries]
    assert gears(three) == (3 if tries == 1 else end)
    assert run.result["changed"] is not run.failed


@pytest.mark.parametrize("desired", DESIRED)
def test_a_failed_rollback_ends_the_run(ansible: Ansible, three: Platform, desired: str) -> None:
    options, event, _end = DESIRED[desired]
    three.broker.faults({"event": event, "do": "failed_rollback"})
    run = scale(ansible, wait_timeout=2, **options)
    assert run.failed
    assert statuses(run) == ["unknown"]
    assert run.events == [event]
    assert "acme/shop" in run.result["msg"]


def at_once(*calls: Callable[[], TaskRun]) -> list[TaskRun]:
    runs: list[TaskRun] = []
    threads = [threading.Thread(target=lambda call=call: runs.append(call())) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return runs


def test_two_simultaneous_runs_never_end_below_the_number(ansible: Ansible, three: Platform, tmp_path: Path) -> None:
    three.broker.settings(write_latency=0.5)
    (tmp_path / "other").mkdir()
    other = Ansible(tmp_path / "other", three.url, ansible.credentials)
    runs = at_once(lambda: scale(ansible, gears=5), lambda: scale(other, gears=5))
    end = gears(three)
    assert end in (5, 7)
    three.broker.settings(write_latency=0)
    if end == 7:
        assert any(run.failed for run in runs)
        codes = [blocker["code"] for run in runs for blocker in run.result["blockers"]]
        assert set(codes) == {"scaled_meanwhile"}
    else:
        assert not any(run.failed for run in runs)
    again = scale(ansible, gears=5)
    assert not again.failed
    assert gears(three) == 5

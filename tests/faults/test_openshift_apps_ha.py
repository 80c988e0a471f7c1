"""A fleet with faults in a fifth of the writes, or with two operators at the same time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from tests.harness import DRIFTED, Ansible, Platform, TaskRun

MODULE = "openshift_v2.apps.openshift_apps_ha"


def fleet(ansible: Ansible, way: str | None = None, **options: Any) -> TaskRun:
    settings = {"select": {}, "concurrency": 6, "poll_interval": 0.1, "wait_timeout": 8, **options}
    (run,) = ansible.tasks({"name": "fleet", MODULE: settings}, way=way).of("openshift_apps_ha")
    return run


def held(platform: Platform) -> dict[str, tuple[bool, int, int]]:
    """What the broker shows of each application: ha, web gears, HAProxy."""
    return {f"app{number:02}": platform.shown("acme", f"app{number:02}") for number in range(DRIFTED)}


#: Faults of a write, and whether the application reaches the desired state nevertheless.
FAULTS: list[tuple[dict[str, Any], bool]] = [
    ({"do": "drop_after"}, True),
    ({"do": "status:504", "effect": True}, True),
    ({"do": "lock"}, True),
    ({"do": "node_failure:1"}, True),
    ({"do": "drop_before"}, False),
]


def test_no_application_is_scaled_twice_with_faults_in_a_fifth_of_the_writes(
    ansible: Ansible, drifted: Platform
) -> None:
    hit = {f"app{number * 5:02}": fault for number, fault in enumerate(FAULTS)}
    drifted.broker.faults(
        *[{"path": f"/{name}/events", "event": "scale-up", "times": 1, **rule} for name, (rule, _ends) in hit.items()]
    )
    run = fleet(ansible, scale_strategy="scale_up")
    shown = held(drifted)
    for entry in run.result["results"]:
        name = entry["application"]["name"]
        comes_right = hit[name][1] if name in hit else True
        assert shown[name] == ((True, 4, 2) if comes_right else (True, 3, 1)), name
        assert entry["failed"] is not comes_right
        assert entry["changed"] is comes_right
    unknown = [entry for entry in run.result["results"] if entry["failed"]]
    assert [step["status"] for entry in unknown for step in entry["steps"]] == ["unknown"]
    drifted.broker.faults()
    fleet(ansible)
    assert set(held(drifted).values()) == {(True, 4, 2)}
    assert fleet(ansible).result["changed"] is False


def test_a_lost_raise_of_the_minimum_is_sent_again(ansible: Ansible, drifted: Platform) -> None:
    """Two requests for the same limits have the effect of one."""
    rules = [fault for fault, _ends in FAULTS]
    drifted.broker.faults(
        *[{"path": f"/app{5 * n:02}/cartridge", "method": "PUT", "times": 1, **rule} for n, rule in enumerate(rules)]
    )
    run = fleet(ansible)
    assert not run.failed
    assert set(held(drifted).values()) == {(True, 4, 2)}
    assert {(app["min_gears"], app["max_gears"]) for app in (e["application"] for e in run.result["results"])} == {
        (2, -1)
    }


def test_two_operators_at_the_same_time_end_right(ansible: Ansible, drifted: Platform, tmp_path: Path) -> None:
    drifted.broker.settings(write_latency=0.3)
    (tmp_path / "other").mkdir()
    other = Ansible(tmp_path / "other", drifted.url, ansible.credentials)
    runs: list[TaskRun] = []
    threads = [threading.Thread(target=lambda who=who: runs.append(fleet(who))) for who in (ansible, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.failed for run in runs] == [False, False]
    assert set(held(drifted).values()) == {(True, 4, 2)}

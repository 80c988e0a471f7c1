"""An interrupted or killed run writes nothing more, and the next run continues."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness import DRIFTED, Ansible, Platform
from tests.waiting import wait_until

MODULE = "openshift_v2.apps.openshift_apps_ha"


def start(ansible: Ansible) -> subprocess.Popen[str]:
    """Start a run in a separate session, as in a terminal. It repairs two applications at a time."""
    playbook = ansible.directory / "interrupted.yml"
    task = f"{MODULE}: {{select: {{}}, concurrency: 2}}"
    playbook.write_text(f"- hosts: localhost\n  gather_facts: false\n  tasks:\n  - {task}\n", encoding="utf-8")
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "ansible-playbook"), str(playbook)],
        env=ansible.environment(ansible.directory / "unused.jsonl"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def writes(platform: Platform) -> int:
    return sum(request["method"] != "GET" for request in platform.broker.requests())


def written(platform: Platform) -> set[str]:
    """The applications for which a write was sent."""
    paths = [request["path"] for request in platform.broker.requests() if request["method"] != "GET"]
    return {path.partition("/application/")[2].partition("/")[0] for path in paths}


def are_all_answered(platform: Platform) -> bool:
    return all(request["seconds"] is not None for request in platform.broker.requests())


def stop(run: subprocess.Popen[str], how: str) -> None:
    if how == "ctrl-c":
        os.killpg(run.pid, signal.SIGINT)
    elif how == "term":
        os.kill(run.pid, signal.SIGTERM)
    else:
        os.kill(run.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    "how", ["ctrl-c", *(pytest.param(how, marks=pytest.mark.thorough) for how in ("term", "kill"))]
)
def test_an_interrupted_run_writes_nothing_more_and_the_next_run_continues(
    ansible: Ansible, drifted: Platform, how: str
) -> None:
    drifted.broker.settings(write_latency=0.4)
    drifted.broker.clear_requests()
    run = start(ansible)
    wait_until(lambda: writes(drifted) >= 3, explain=lambda: "the run sent no write")
    with drifted.broker.held():
        stop(run, how)
    output, _none = run.communicate(timeout=60)
    wait_until(lambda: are_all_answered(drifted))
    assert [name for name in written(drifted) if f"acme/{name}: " not in output] == []
    assert f"Of {DRIFTED} applications, " in output
    assert "Run again" in output
    after = writes(drifted)
    assert after < DRIFTED
    time.sleep(2)
    assert writes(drifted) == after
    drifted.broker.settings(write_latency=0)
    (again,) = ansible.tasks({"name": "again", MODULE: {"select": {}}}).of("openshift_apps_ha")
    assert not again.failed
    assert {drifted.shown("acme", f"app{number:02}") for number in range(DRIFTED)} == {(True, 4, 2)}

"""Progress lines and lines about long waits: where they appear, and how they are turned off."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiting import Waits
from tests import direct, launch
from tests.harness import IN_PROCESS, Ansible, Platform

MODULE, ONE = "openshift_v2.apps.openshift_apps_ha", "openshift_v2.apps.openshift_app_ha"
LINE = "[1/1] acme/shop: degraded -> highly_available"


def launched(ansible: Ansible, variables: dict[str, Any], **env: str) -> launch.Completed:
    """Repair everything in the Ansible process; standard output and standard error are separate."""
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [{MODULE: {"select": {}}}]}
    playbook = ansible.directory / "playbook.yml"
    playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
    environment = {**ansible.environment(ansible.directory / "record.jsonl"), **env}
    command = [str(launch.PROGRAM), str(playbook)]
    return launch.forked(command, environment, ansible.directory, separate_errors=True)


@pytest.fixture
def degraded(platform: Platform) -> Platform:
    platform.app("acme", "shop", gears=3, ha=True)
    return platform


@pytest.mark.usefixtures("degraded")
def test_standard_output_stays_one_json_document(ansible: Ansible) -> None:
    done = launched(ansible, {}, ANSIBLE_STDOUT_CALLBACK="one_document")
    (result,) = json.loads(done.stdout)
    assert result["changed"] is True
    assert LINE in done.stderr


@pytest.mark.usefixtures("degraded")
@pytest.mark.parametrize(
    ("variables", "env"), [({"app_ha_progress": "{{ 'no' }}"}, {}), ({}, {"OPENSHIFT_PROGRESS": "false"})]
)
def test_progress_can_be_turned_off(ansible: Ansible, variables: dict[str, Any], env: dict[str, str]) -> None:
    done = launched(ansible, variables, **env)
    assert done.returncode == 0
    assert LINE not in done.stdout + done.stderr


@pytest.mark.usefixtures("degraded")
def test_an_invalid_switch_is_refused_before_any_change(ansible: Ansible, platform: Platform) -> None:
    task = {MODULE: {"select": {}}, "vars": {"app_ha_progress": "perhaps"}}
    (refused,) = ansible.tasks(task, way=IN_PROCESS).of("openshift_apps_ha")
    assert refused.failed
    assert "app_ha_progress: 'perhaps' is neither true nor false" in refused.result["msg"]
    assert platform.shown("acme", "shop") == (True, 3, 1)


# --- Long waits, with an interval of some hundredths of a second


def run_with_waits(ansible: Ansible, module: str, **options: Any) -> tuple[dict[str, Any], list[str]]:
    """The result, and the lines about long waits."""
    lines: list[str] = []
    given = {"broker_url": ansible.broker_url, "poll_interval": 0.05, "wait_timeout": 20.0, **options}
    params = direct.validated(module, given)
    result = run(module, params, False, Runtime(waits=Waits(lines.append, interval=0.1)))
    seen = len(lines)
    time.sleep(0.2)
    assert len(lines) == seen, "a line after the end"
    return result, lines


def test_a_held_lock_is_reported(ansible: Ansible, degraded: Platform) -> None:
    degraded.broker.faults({"path": "/(events|cartridge)", "do": "lock", "times": 6})
    result, lines = run_with_waits(ansible, "openshift_app_ha", domain="acme", name="shop")
    assert not result.get("failed")
    assert lines
    assert all(line.startswith("acme/shop: waiting for ") for line in lines)
    assert any(" of at most 20 s: another operation holds the application's lock." in line for line in lines)


def test_a_slow_operation_is_reported_for_each_application_once(ansible: Ansible, platform: Platform) -> None:
    for name in ("a", "b"):
        platform.app("acme", name)
    platform.broker.settings(write_latency=0.25)
    result, lines = run_with_waits(ansible, "openshift_apps_ha", select={}, concurrency=2)
    assert not result.get("failed")
    assert {line.partition(":")[0] for line in lines} == {"acme/a", "acme/b"}
    assert "the broker has not yet answered make-ha" in lines[0]


def test_a_read_that_is_sent_again_is_reported(ansible: Ansible, degraded: Platform) -> None:
    degraded.broker.faults({"method": "GET", "do": "status:502", "times": 2})
    result, lines = run_with_waits(ansible, "openshift_apps_ha", select={})
    assert not result.get("failed")
    assert lines[0].startswith("The applications: waiting for 0 s: the broker did not answer a read")


def test_a_short_run_needs_no_thread(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", ha=True)
    waits = Waits(lambda _line: None)
    params = direct.validated("openshift_app_ha", {"broker_url": ansible.broker_url, "domain": "acme", "name": "shop"})
    assert not run("openshift_app_ha", params, False, Runtime(waits=waits)).get("failed")
    assert not waits.has_thread


@pytest.mark.usefixtures("degraded")
def test_a_task_with_no_log_reports_no_waits(ansible: Ansible) -> None:
    params = direct.validated("openshift_app_ha", {"broker_url": ansible.broker_url, "domain": "acme", "name": "shop"})
    waits = Waits(None, interval=0.01)
    assert run("openshift_app_ha", params, False, Runtime(waits=waits))["changed"]
    assert not waits.has_thread

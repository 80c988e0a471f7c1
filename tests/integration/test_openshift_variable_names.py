"""Misspelt variables in plays with the roles. Unit tests of the names: test_variable_names.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import Ansible, Platform, PlayRun

NAMES = "openshift_v2.apps.openshift_variable_names"


def failures(run: PlayRun) -> list[str]:
    return [task.result["msg"] for task in run.tasks if task.failed]


def run_on_hosts(ansible: Ansible, hosts: dict[str, Any], *arguments: str, **play: Any) -> PlayRun:
    tasks = [{NAMES: {"prefixes": ["app_ha"]}, "run_once": True}]
    plays = [{"hosts": "all", "gather_facts": False, "tasks": tasks, **play}]
    inventory = yaml.safe_dump({"all": {"hosts": hosts, "vars": {"ansible_connection": "local"}}})
    return ansible.playbook(plays, *arguments, inventory=inventory, env={"RECORDER_BROKER": None})


@pytest.mark.parametrize(
    "role", ["app_ha", *(pytest.param(role, marks=pytest.mark.thorough) for role in ("app_router", "broker_ha"))]
)
def test_each_role_refuses_a_misspelt_variable(ansible: Ansible, platform: Platform, role: str) -> None:
    variables = {f"{role}_allowed_thing": "{{ undefined_variable }}", "app_ha_applications": []}
    roles = [{"role": f"openshift_v2.apps.{role}"}]
    play = {"hosts": "localhost", "gather_facts": False, "roles": roles, "vars": variables}
    run = ansible.playbook([play])
    assert run.rc == 2
    (message,) = failures(run)
    assert message.startswith(f"Unknown variable: {role}_allowed_thing")
    assert message.endswith(f"ansible-doc -t role openshift_v2.apps.{role}. Nothing was changed.")
    assert platform.broker.requests() == []


def test_the_names_of_all_hosts_are_checked_once(ansible: Ansible) -> None:
    hosts = {"a": {"app_ha_min_gaers": 3}, "b": {"app_ha_stat": "present"}, "c": {}}
    run = run_on_hosts(ansible, hosts, "-e", "app_ha_ignore_variables=app_ha_team", "-e", "app_ha_team=x", serial=1)
    assert run.rc != 0
    (message,) = failures(run)
    assert "app_ha_min_gaers (did you mean app_ha_min_gears?), app_ha_stat (did you mean app_ha_state?)" in message
    assert "app_ha_team" not in message


@pytest.mark.thorough
def test_with_the_strategy_free_each_host_checks_its_own(ansible: Ansible) -> None:
    run = run_on_hosts(ansible, {"a": {"app_ha_min_gaers": 3}, "b": {}}, strategy="free")
    assert [(task.host, task.failed) for task in sorted(run.tasks, key=lambda task: task.host)] == [
        ("a", True),
        ("b", False),
    ]


def test_a_deprecated_variable_names_its_successor_and_the_release_that_drops_it(ansible: Ansible) -> None:
    tasks = [{NAMES: {"prefixes": ["app_router"]}}]
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"app_router_balance": "source"}, "tasks": tasks}
    run = ansible.playbook([play], env={"RECORDER_BROKER": None})
    assert run.rc == 0
    warning = "app_router_balance is deprecated and has no effect from version 2.0.0 on. Use app_router_extra_defaults"
    assert warning.replace(" ", "") in "".join(run.output.split())


@pytest.mark.parametrize("ignored", ["{{ own }}", []], ids=["allowed", "not allowed"])
def test_group_variables_may_allow_names_of_the_users_own(ansible: Ansible, tmp_path: Path, ignored: Any) -> None:
    group = tmp_path / "group_vars"
    group.mkdir()
    own = {"app_ha_team": "x", "own": ["app_ha_team"], "app_ha_ignore_variables": ignored}
    (group / "all.yml").write_text(yaml.safe_dump(own), encoding="utf-8")
    run = run_on_hosts(ansible, {"a": {}, "b": {}})
    assert (run.rc == 0) is bool(ignored), run.output

"""What AWX shows of a run: the hosts that fail, statistics (artifacts), and an outcome for workflows."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.harness import Ansible, Platform, PlayRun, stats

AUDIT_HA, ENABLE_HA = "openshift_v2.apps.audit_ha", "openshift_v2.apps.enable_ha"
AUDIT = {"ansible.builtin.import_role": {"name": "openshift_v2.apps.app_ha", "tasks_from": "audit"}}
ENV = {"RECORDER_BROKER": None, "ANSIBLE_SHOW_CUSTOM_STATS": "true"}
STATUSES = {
    "highly_available": ["wiki"],
    "degraded": ["crm"],
    "standalone": ["api", "intranet"],
    "not_scalable": ["plain"],
}


def inventory(**variables: dict[str, Any]) -> str:
    """Hosts in the groups of the inventory plugin, with these variables of their own."""
    names = [name for group in STATUSES.values() for name in group]
    hosts = {
        f"{name}-acme": {"openshift_domain": "acme", "openshift_app": name, **variables.get(name, {})} for name in names
    }
    groups = {
        f"openshift_ha_{status}": {"hosts": {f"{name}-acme": {} for name in members}}
        for status, members in STATUSES.items()
    }
    groups["openshift_domain_acme"] = {"hosts": dict.fromkeys(hosts)}
    return yaml.safe_dump({"all": {"hosts": hosts, "children": groups}})


def failed_hosts(run: PlayRun) -> dict[str, str]:
    return {task.host: task.result["msg"] for task in run.tasks if task.failed}


def hosts_with_results(run: PlayRun) -> set[str]:
    return {task.host for task in run.tasks}


def findings(ansible: Ansible) -> dict[str, tuple[str, str]]:
    report = json.loads((ansible.directory / "ha-report" / "report.json").read_text(encoding="utf-8"))
    return {each["name"]: (each["finding"], each["host"]) for each in report["applications"]}


DRIFTED = {"api-acme", "crm-acme", "intranet-acme"}


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(
    ("arguments", "failing"),
    [
        (["-e", "audit_ha_by_host=true"], DRIFTED),
        (["--limit", "openshift_ha_highly_available:openshift_ha_degraded"], {"crm-acme"}),
    ],
    ids=["by host", "limit"],
)
def test_only_the_hosts_that_drifted_fail(ansible: Ansible, arguments: list[str], failing: set[str]) -> None:
    variables = {"app_ha_fail_on_drift": True}
    run = ansible.playbook(AUDIT_HA, *arguments, inventory=inventory(), extra_vars=variables, env=ENV)
    assert run.rc == 2, run.output
    failures = failed_hosts(run)
    assert set(failures) == failing
    if "intranet-acme" in failing:
        assert failures["crm-acme"] == "acme/crm: not in the desired state: 1 of 2 HAProxy instances."
        assert failures["intranet-acme"].startswith("acme/intranet: not in the desired state: not HA, 1 of")
        assert "its maximum is 2" in failures["intranet-acme"]
    assert hosts_with_results(run) - failing <= {"localhost"}, "a host without drift has no line"
    assert stats(run)["openshift_ha_outcome"] == "drift"


@pytest.mark.usefixtures("fleet")
def test_the_role_fails_the_hosts_that_drifted(ansible: Ansible) -> None:
    play = {"hosts": "all", "gather_facts": False, "tasks": [AUDIT], "vars": {"app_ha_fail_on_drift": True}}
    run = ansible.playbook([play], inventory=inventory(), env=ENV)
    assert run.rc == 2, run.output
    assert set(failed_hosts(run)) == DRIFTED


@pytest.mark.thorough
def test_one_task_respects_the_variables_of_hosts(ansible: Ansible, fleet: Platform) -> None:
    """As the role does on these hosts. A host whose variables cannot hold in one task is named."""
    rule = {"rule": {"number": 2, "name": "internal"}, "state": "ignore"}
    of_hosts: dict[str, dict[str, Any]] = {
        "api": {"app_ha_state": "{{ 'absent' if openshift_app == 'api' else 'present' }}"},
        "crm": {"openshift_ha_desired": rule},
        "wiki": {"app_ha_min_gears": 3},
    }
    run = ansible.playbook(AUDIT_HA, inventory=inventory(**of_hosts), env=ENV)
    assert run.rc == 0, run.output
    found = findings(ansible)
    assert hosts_with_results(run) == {"localhost"}
    assert {name: finding for name, (finding, _host) in found.items()} == {
        "api": "in_order",
        "crm": "ignored",
        "intranet": "blocked",
        "plain": "left_alone",
        "wiki": "drifted",
    }
    assert {host for _finding, host in found.values()} == {f"{name}-acme" for name in found}
    fleet.broker.clear_requests()
    run = ansible.playbook(
        AUDIT_HA, inventory=inventory(**of_hosts, plain={"app_ha_delegate_to": "other"}), extra_vars=ONE_TASK, env=ENV
    )
    assert run.rc == 2, run.output
    (message,) = failed_hosts(run).values()
    assert "app_ha_delegate_to is set for plain-acme" in message
    assert fleet.broker.requests() == []


ONE_TASK = {"audit_ha_by_host": False}


def test_warnings_of_hosts_are_plain_texts(ansible: Ansible, platform: Platform) -> None:
    """Results of hosts have types of ansible-core's own from 2.19 on."""
    platform.broker.seed(
        {
            "users": [{"login": "carol"}],
            "domains": [{"name": "pay", "owner": "carol", "members": [{"login": "alice", "role": "edit"}]}],
            "applications": [{"domain": "pay", "name": "till", "cartridges": ["php-5.4"]}],
        }
    )
    play = {"hosts": "all", "gather_facts": False, "tasks": [AUDIT]}
    host = {"openshift_domain": "pay", "openshift_app": "till"}
    run = ansible.playbook([play], inventory=yaml.safe_dump({"all": {"hosts": {"till": host}}}), env=ENV)
    assert run.rc == 0, run.output
    folder = ansible.directory / "ha-report"
    (entry,) = json.loads((folder / "report.json").read_text(encoding="utf-8"))["applications"]
    (warning,) = entry["warnings"]
    assert warning == "The HA capability of the owner (carol) cannot be read in advance."
    texts = [run.output, *(path.read_text(encoding="utf-8") for path in folder.iterdir())]
    assert not [text for text in texts if "Summary(" in text or "event=" in text or "_Ansible" in text]


# --- Runs that change applications -----------------------------------------------------------------------------------


def test_a_run_has_the_statistics_of_an_audit(ansible: Ansible, fleet: Platform) -> None:
    variables = {"enable_ha_max_fail_percentage": 100}
    run = ansible.playbook(ENABLE_HA, inventory=inventory(), extra_vars=variables, env=ENV)
    assert run.rc == 2, run.output
    data = stats(run)
    assert data["openshift_ha_outcome"] == "drift"
    numbers = {key: data[f"app_ha_enable_{key}"] for key in ("total", "changed", "drifted", "blocked", "failed")}
    assert numbers == {"total": 3, "changed": 2, "drifted": 1, "blocked": 1, "failed": 1}
    assert sorted(data["app_ha_enable_changed_names"]) == ["acme/api", "acme/crm"]
    assert data["app_ha_enable_drifted_names"] == data["app_ha_enable_failed_names"] == ["acme/intranet"]
    subject = "High availability of applications, repair: 2 changed, 1 not in the desired state"
    assert data["app_ha_enable_notification_subject"] == subject
    assert "acme/intranet" in data["app_ha_enable_notification_text"]
    assert fleet.shown("acme", "api")[0]


@pytest.mark.usefixtures("fleet")
def test_a_run_without_anything_to_do_has_statistics_too(ansible: Ansible) -> None:
    run = ansible.playbook(ENABLE_HA, inventory=inventory(), extra_vars={"enable_ha_names": "wiki"}, env=ENV)
    assert run.rc == 0, run.output
    assert "Nothing to do" in run.output
    data = stats(run)
    assert (data["openshift_ha_outcome"], data["app_ha_enable_total"]) == ("no_drift", 0)
    assert data["app_ha_enable_notification_subject"].endswith(": nothing to do")


def test_a_workflow_decides_by_the_outcome(ansible: Ansible) -> None:
    variables = {"openshift_ha_outcome": "drift", "app_ha_audit_notification_subject": "HA: 3 drifted"}
    run = ansible.playbook("openshift_v2.apps.audit_outcome", extra_vars=variables, env=ENV)
    assert run.rc == 2, run.output
    expected = "The audit found drift. HA: 3 drifted. Approve the repair, or deny it."
    assert failed_hosts(run) == {"localhost": expected}

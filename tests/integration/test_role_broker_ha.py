"""The role broker_ha on folders that stand for broker hosts, on a PATH without Python.

tests/unit/test_broker_plan.py tests the decisions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.broker_host import BrokerHost, local_variables, path_without_python
from tests.harness import Ansible, PlayRun, TaskRun
from tests.parts import thorough

CONF = """\
CLOUD_DOMAIN="example.com"
# Default user capability to create Highly Available applications
DEFAULT_ALLOW_HA="false"
MONGO_PASSWORD="mooo"
# Config flag to allow scalable applications to become Highly Available
ALLOW_HA_APPLICATIONS="false"
MANAGE_HA_DNS="false"
ROUTER_HOSTNAME="www.example.com"
HA_DNS_PREFIX="ha-"
HA_DNS_SUFFIX=""
ALLOW_MULTIPLE_HAPROXY_ON_NODE="false"
"""


ROLE = "openshift_v2.apps.broker_ha"


@pytest.fixture
def host(tmp_path: Path) -> BrokerHost:
    host = BrokerHost.create(tmp_path / "broker")
    host.write_conf(CONF)
    host.accounts(alice=False, bob=True, carol=True)
    return host


def options(host: BrokerHost, hosts: int = 1) -> dict[str, Any]:
    own = {**local_variables(), "broker_ha_conf_path": str(host.conf)}
    brokers = {f"broker{number}": own for number in range(1, hosts + 1)}
    env = {**path_without_python(host), "ANSIBLE_INJECT_INVOCATION": "0"}
    return {"inventory": json.dumps({"brokers": {"hosts": brokers}}), "env": env}


def run_playbook(ansible: Ansible, host: BrokerHost, *arguments: str, hosts: int = 1, **variables: Any) -> PlayRun:
    """The playbook of the collection, on hosts that all are the same folder."""
    variables = {"broker_ha_become": False, **variables}
    return ansible.playbook("openshift_v2.apps.broker_ha", *arguments, **options(host, hosts), extra_vars=variables)


def run_roles(ansible: Ansible, host: BrokerHost, *steps: Mapping[str, Any]) -> list[list[TaskRun]]:
    """Run the role several times in one launch. Returns the tasks of each run."""
    tasks: list[dict[str, Any]] = []
    for step in steps:
        tasks += [
            {"name": "begin", "ansible.builtin.debug": {}},
            {"name": "role", "ansible.builtin.include_role": {"name": ROLE}, "vars": dict(step)},
        ]
    play = {"hosts": "brokers", "gather_facts": False, "tasks": tasks}
    run = ansible.playbook([play], **options(host))
    assert run.rc == 0, run.output
    parts: list[list[TaskRun]] = []
    for task in run.tasks:
        if task.task == "begin":
            parts.append([])
        else:
            parts[-1].append(task)
    return parts


def is_changed(tasks: Sequence[TaskRun]) -> bool:
    return any(task.result.get("changed") for task in tasks)


def report(tasks: Sequence[TaskRun]) -> list[str]:
    reports = [task for task in tasks if task.task.endswith(" : Report") and task.status != "skipped"]
    lines: list[str] = reports[-1].result["msg"]
    return lines


def test_check_apply_again_and_undo(ansible: Ansible, host: BrokerHost) -> None:
    grant = {"broker_ha_accounts": ["alice", "bob"], "broker_ha_accounts_without": ["carol"]}
    undo = {"broker_ha_allow": False, "broker_ha_accounts_without": ["alice"]}
    check = run_playbook(ansible, host, "--check", "--diff", **grant)
    assert check.rc == 0, check.output
    assert '-ALLOW_HA_APPLICATIONS="false"' in check.output
    assert '+ALLOW_HA_APPLICATIONS="true"' in check.output
    assert "+HA allowed: true" in check.output
    assert "The broker would be restarted." in report(check.tasks)
    assert (host.conf_text, host.sets, host.restarts, host.left_beside_conf) == (CONF, [], [], [])
    assert host.allowed == {"alice": "false", "bob": "true", "carol": "true"}

    real, again = run_roles(ansible, host, grant, grant)
    assert host.conf_text == CONF.replace('ALLOW_HA_APPLICATIONS="false"', 'ALLOW_HA_APPLICATIONS="true"')
    assert host.allowed == {"alice": "true", "bob": "true", "carol": "false"}
    assert host.restarts == ['openshift-broker restart "true"']
    assert {"The broker was restarted.", "alice: HA allowed false -> true", "bob: HA allowed is true"} <= set(
        report(real)
    )
    assert not is_changed(again)

    check = run_playbook(ansible, host, "--check", **undo)
    assert check.rc == 0, check.output
    assert host.allowed == {"alice": "true", "bob": "true", "carol": "false"}
    undone, again = run_roles(ansible, host, undo, undo)
    assert host.conf_text == CONF
    assert host.allowed == {"alice": "false", "bob": "true", "carol": "false"}
    assert host.restarts[1:] == ['openshift-broker restart "false"']
    assert "alice: HA allowed true -> false" in report(undone)
    assert not is_changed(again)


def test_all_settings(ansible: Ansible, host: BrokerHost) -> None:
    """Without a restart, which the report states."""
    (tasks,) = run_roles(
        ansible,
        host,
        {
            "broker_ha_default_allow": "yes",
            "broker_ha_multiplier": 4,
            "broker_ha_manage_dns": True,
            "broker_ha_router_hostname": "router.example.com",
            "broker_ha_dns_prefix": "",
            "broker_ha_dns_suffix": "-ha",
            "broker_ha_allow_multiple_haproxy_on_node": True,
            "broker_ha_restart_command": "",
        },
    )
    expected = CONF.replace('"false"', '"true"').replace("www.example.com", "router.example.com")
    expected = expected.replace('HA_DNS_PREFIX="ha-"', 'HA_DNS_PREFIX=""').replace('SUFFIX=""', 'SUFFIX="-ha"')
    assert host.conf_text == expected + 'DEFAULT_HA_MULTIPLIER="4"\n'
    assert host.restarts == []
    assert "The broker was not restarted and still uses the old settings." in report(tasks)


@pytest.mark.thorough
def test_accounts_are_changed_on_one_of_several_hosts(ansible: Ansible, host: BrokerHost) -> None:
    run = run_playbook(ansible, host, hosts=3, broker_ha_accounts=["alice"])
    assert run.rc == 0, run.output
    assert [task.host for task in run.of("openshift_broker_config")] == ["broker1", "broker2", "broker3"]
    ran = [task for task in run.of("openshift_user_capability") if task.status != "skipped"]
    assert [task.host for task in ran] == ["broker1"]
    assert len(host.sets) == 1


def test_a_failed_restart_stops_before_the_next_host(ansible: Ansible, host: BrokerHost) -> None:
    (host.folder / "restart_fails").write_text("Bundle failed\n", encoding="utf-8")
    run = run_playbook(ansible, host, hosts=2, broker_ha_accounts=["alice"])
    assert run.rc == 2
    (config,) = run.of("openshift_broker_config")
    assert "Bundle failed" in config.result["msg"]
    assert config.result["backup_file"] in config.result["msg"]
    assert host.sets == []


def test_both_lists_are_applied_although_one_fails(ansible: Ansible, host: BrokerHost) -> None:
    """The lists are texts with commas, as -e NAME=VALUE and surveys pass them."""
    run = run_playbook(ansible, host, broker_ha_accounts="nobody, alice", broker_ha_accounts_without="carol")
    assert run.rc == 2
    assert host.allowed == {"alice": "true", "bob": "true", "carol": "false"}
    assert "Error: User 'nobody' not found" in run.output
    (granted, _revoked) = run.of("openshift_user_capability")
    assert "The account was not changed." in granted.result["msg"]
    assert granted.result["msg"].endswith("Changes of the other accounts: alice: HA allowed false -> true.")
    assert {"The broker was restarted.", "alice: HA allowed false -> true"} <= set(report(run.tasks))


GEAR = {"gear": "b0b0", "node": "west.example.com"}


def spread(ansible: Ansible, host: BrokerHost, *arguments: str, **variables: Any) -> PlayRun:
    """Run the entry point spread on two hosts that are the same folder."""
    role = {"ansible.builtin.import_role": {"name": ROLE, "tasks_from": "spread"}}
    play = {"hosts": "brokers", "gather_facts": False, "tasks": [role]}
    return ansible.playbook([play], *arguments, **options(host, 2), extra_vars=variables)


def test_a_gear_is_moved_once_from_one_of_several_hosts(ansible: Ansible, host: BrokerHost) -> None:
    host.nodes("east.example.com", "west.example.com", b0b0="east.example.com")
    check = spread(ansible, host, "--check", broker_ha_spread=[GEAR])
    assert check.rc == 0, check.output
    assert host.moves == []
    assert "b0b0: would run: oo-admin-move --gear_uuid b0b0 -i west.example.com" in report(check.tasks)
    real = spread(ansible, host, broker_ha_spread=[GEAR])
    assert real.rc == 0, real.output
    assert len(host.moves) == 1
    assert report(real.tasks) == ["b0b0: moved from east.example.com to west.example.com"]
    again = spread(ansible, host, broker_ha_spread=[GEAR])
    assert not is_changed(again.tasks)
    assert report(again.tasks) == ["b0b0: is on west.example.com"]
    assert (host.conf_text, host.sets, host.restarts) == (CONF, [], [])


@pytest.mark.thorough
def test_a_failed_move_is_reported_after_all_other_changes(ansible: Ansible, host: BrokerHost) -> None:
    host.nodes("east.example.com", b0b0="east.example.com")
    run = run_playbook(ansible, host, broker_ha_spread="b0b0", broker_ha_accounts=["alice"])
    assert run.rc != 0
    assert host.allowed["alice"] == "true"
    assert "alice: HA allowed false -> true" in report(run.tasks)
    assert report(run.tasks)[-1].startswith(
        "b0b0: cannot move the gear: oo-admin-move ended with exit status 1: No nodes"
    )


@pytest.mark.parametrize("arguments", [thorough(["--check", "--diff"]), []])
def test_a_late_revocation_is_refused_in_advance(ansible: Ansible, host: BrokerHost, arguments: list[str]) -> None:
    """The platform no longer allows HA, so the program refuses to change the capability."""
    off = {"broker_ha_allow": False, "broker_ha_accounts_without": ["alice", "bob", "carol"]}
    run = run_playbook(ansible, host, *arguments, **off)
    assert run.rc == 2
    message = next(task.result["msg"] for task in run.tasks if task.status == "failed")
    assert "These accounts still have it: bob, carol. Nothing was changed." in message
    assert report(run.tasks) == [f"{host.conf}: not changed", "alice: HA allowed is false"]
    assert "HA allowed: false" not in run.output
    assert (host.conf_text, host.sets, host.restarts) == (CONF, [], [])


@pytest.mark.thorough
def test_a_late_revocation_of_accounts_without_the_capability(ansible: Ansible, host: BrokerHost) -> None:
    (tasks,) = run_roles(ansible, host, {"broker_ha_allow": False, "broker_ha_accounts_without": ["alice"]})
    assert not is_changed(tasks)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"broker_ha_multiplier": "many"}, ["broker_ha_multiplier"]),
        (
            {
                "broker_ha_accounts": ["bob", "alice"],
                "broker_ha_accounts_without": ["alice"],
                "broker_ha_allow": False,
                "broker_ha_accounts_host": "broker9",
                "broker_ha_dns_prefix": "a b",
            },
            [
                "both contain alice.",
                "broker_ha_allow is false",
                "must be a host of this run (broker1), not broker9.",
                "broker_ha_dns_prefix must be a valid part of a host name, not 'a b'. Nothing was changed.",
            ],
        ),
    ],
)
def test_invalid_variables_are_refused(
    ansible: Ansible, host: BrokerHost, variables: dict[str, Any], words: list[str]
) -> None:
    run = run_playbook(ansible, host, **variables)
    assert run.rc == 2
    assert [word for word in words if word not in run.tasks[-1].result["msg"]] == []
    assert (host.conf_text, host.calls) == (CONF, [])

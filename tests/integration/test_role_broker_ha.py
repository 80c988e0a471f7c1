"""The role broker_ha on folders that stand for broker hosts, on a PATH without Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.broker_host import BrokerHost, local_variables, path_without_python
from tests.harness import Ansible, PlayRun

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


@pytest.fixture
def host(tmp_path: Path) -> BrokerHost:
    host = BrokerHost.made(tmp_path / "broker")
    host.write_conf(CONF)
    host.accounts(alice=False, bob=True, carol=True)
    return host


def applied(ansible: Ansible, host: BrokerHost, *arguments: str, hosts: int = 1, **variables: Any) -> PlayRun:
    """The collection's playbook, on so many hosts that are one and the same folder."""
    own = {**local_variables(), "broker_ha_conf_path": str(host.conf)}
    brokers = {f"broker{number}": own for number in range(1, hosts + 1)}
    inventory = json.dumps({"brokers": {"hosts": brokers}})
    variables = {"broker_ha_become": False, **variables}
    env = {**path_without_python(host), "ANSIBLE_INJECT_INVOCATION": "0"}
    return ansible.playbook(
        "openshift_v2.apps.broker_ha", *arguments, inventory=inventory, env=env, extra_vars=variables
    )


def changed(run: PlayRun) -> bool:
    return any(task.result.get("changed") for task in run.tasks)


def report(run: PlayRun) -> list[str]:
    lines: list[str] = run.of("debug")[-1].result["msg"]
    return lines


def test_check_apply_again_and_undo(ansible: Ansible, host: BrokerHost) -> None:
    wished = {"broker_ha_accounts": ["alice", "bob"], "broker_ha_accounts_without": ["carol"]}
    check = applied(ansible, host, "--check", "--diff", **wished)
    assert check.rc == 0, check.output
    assert '-ALLOW_HA_APPLICATIONS="false"' in check.output
    assert '+ALLOW_HA_APPLICATIONS="true"' in check.output
    assert "+HA allowed: true" in check.output
    assert (host.conf_text, host.sets, host.restarts, host.left_beside_conf) == (CONF, [], [], [])
    assert host.allowed == {"alice": "false", "bob": "true", "carol": "true"}

    real = applied(ansible, host, **wished)
    assert real.rc == 0, real.output
    assert host.conf_text == CONF.replace('ALLOW_HA_APPLICATIONS="false"', 'ALLOW_HA_APPLICATIONS="true"')
    assert host.allowed == {"alice": "true", "bob": "true", "carol": "false"}
    assert host.restarts == ['openshift-broker restart "true"']
    assert "alice: HA allowed false -> true" in report(real)
    assert "The broker would be restarted." in report(check)
    assert "The broker was restarted." in report(real)
    assert "bob: HA allowed is true" in report(real)

    again = applied(ansible, host, **wished)
    assert (again.rc, changed(again)) == (0, False)
    assert len(host.restarts) == 1

    undo = {"broker_ha_allow": False, "broker_ha_accounts_without": ["alice"]}
    check = applied(ansible, host, "--check", **undo)
    undone = applied(ansible, host, **undo)
    assert (check.rc, undone.rc) == (0, 0), undone.output
    assert host.conf_text == CONF
    assert host.allowed == {"alice": "false", "bob": "true", "carol": "false"}
    assert host.restarts[1:] == ['openshift-broker restart "false"']
    assert not changed(applied(ansible, host, **undo))


def test_all_the_settings(ansible: Ansible, host: BrokerHost) -> None:
    run = applied(
        ansible,
        host,
        broker_ha_default_allow="yes",
        broker_ha_multiplier=4,
        broker_ha_manage_dns=True,
        broker_ha_router_hostname="router.example.com",
        broker_ha_dns_prefix="",
        broker_ha_dns_suffix="-ha",
        broker_ha_allow_multiple_haproxy_on_node=True,
    )
    assert run.rc == 0, run.output
    expected = CONF.replace('"false"', '"true"').replace("www.example.com", "router.example.com")
    expected = expected.replace('HA_DNS_PREFIX="ha-"', 'HA_DNS_PREFIX=""').replace('SUFFIX=""', 'SUFFIX="-ha"')
    assert host.conf_text == expected + 'DEFAULT_HA_MULTIPLIER="4"\n'


def test_on_several_hosts_accounts_are_handled_once(ansible: Ansible, host: BrokerHost) -> None:
    run = applied(ansible, host, hosts=3, broker_ha_accounts=["alice"])
    assert run.rc == 0, run.output
    assert [task.host for task in run.of("openshift_broker_config")] == ["broker1", "broker2", "broker3"]
    ran = [task for task in run.of("openshift_user_capability") if task.status != "skipped"]
    assert [task.host for task in ran] == ["broker1"]
    assert len(host.sets) == 1


def test_a_restart_that_fails_stops_before_the_next_host(ansible: Ansible, host: BrokerHost) -> None:
    (host.folder / "restart_fails").write_text("Bundle failed\n", encoding="utf-8")
    run = applied(ansible, host, hosts=2, broker_ha_accounts=["alice"])
    assert run.rc == 2
    (config,) = run.of("openshift_broker_config")
    assert "Bundle failed" in config.result["msg"]
    assert config.result["backup_file"] in config.result["msg"]
    assert host.sets == []


def test_both_lists_have_their_turn(ansible: Ansible, host: BrokerHost) -> None:
    run = applied(ansible, host, broker_ha_accounts=["nobody", "alice"], broker_ha_accounts_without=["carol"])
    assert run.rc == 2
    assert host.allowed == {"alice": "true", "bob": "true", "carol": "false"}
    assert "Error: User 'nobody' not found" in run.output
    (granted, _taken) = run.of("openshift_user_capability")
    assert "The account was not changed." in granted.result["msg"]
    assert granted.result["msg"].endswith("Of the others: alice: HA allowed false -> true.")
    assert {"The broker was restarted.", "alice: HA allowed false -> true"} <= set(report(run))


def test_accounts_can_be_a_text_with_commas(ansible: Ansible, host: BrokerHost) -> None:
    """As -e NAME=VALUE and surveys give them."""
    run = applied(ansible, host, broker_ha_accounts="alice, bob", broker_ha_accounts_without="carol")
    assert run.rc == 0, run.output
    assert host.allowed == {"alice": "true", "bob": "true", "carol": "false"}


def test_it_is_foreseen_when_it_is_too_late_to_take_it_away(ansible: Ansible, host: BrokerHost) -> None:
    """The platform does not allow HA already, and the program refuses."""
    off = {"broker_ha_allow": False, "broker_ha_accounts_without": ["alice", "bob", "carol"]}
    for arguments in (("--check", "--diff"), ()):
        run = applied(ansible, host, *arguments, **off)
        assert run.rc == 2
        message = next(task.result["msg"] for task in run.tasks if task.status == "failed")
        assert "These still have it: bob, carol." in message
        assert "run with broker_ha_allow: true and the same broker_ha_accounts_without first" in message
        assert report(run) == [f"{host.conf}: left as it is", "alice: HA allowed is false"]
        assert "HA allowed: false" not in run.output
    assert (host.conf_text, host.sets, host.restarts) == (CONF, [], [])
    none_left = applied(ansible, host, broker_ha_allow=False, broker_ha_accounts_without=["alice"])
    assert (none_left.rc, changed(none_left)) == (0, False), none_left.output


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"broker_ha_allow": False, "broker_ha_accounts": ["alice"]}, "broker_ha_allow is false"),
        ({"broker_ha_accounts": ["bob", "alice"], "broker_ha_accounts_without": ["alice"]}, "both name alice"),
        ({"broker_ha_multiplier": "many"}, "broker_ha_multiplier"),
        ({"broker_ha_accounts": ["alice"], "broker_ha_accounts_host": "broker9"}, "no host of this run: broker9"),
        (
            {"broker_ha_multiplier": -3, "broker_ha_router_hostname": "not a host;", "broker_ha_dns_prefix": "a b"},
            "less than 0. broker_ha_router_hostname is no name of a host: not a host;. broker_ha_dns_prefix or",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    ansible: Ansible, host: BrokerHost, variables: dict[str, Any], words: str
) -> None:
    run = applied(ansible, host, **variables)
    assert run.rc == 2
    assert words in run.tasks[-1].result["msg"]
    assert (host.conf_text, host.calls) == (CONF, [])


def test_without_a_restart_it_says_so(ansible: Ansible, host: BrokerHost) -> None:
    run = applied(ansible, host, broker_ha_restart_command="")
    assert run.rc == 0
    assert host.restarts == []
    assert "The broker was not restarted, and does not know them yet." in report(run)

"""openshift_user_info: the own account from the embedded broker, any account from a stand-in for the broker host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.broker_host import BrokerHost, local_variables, path_without_python
from tests.harness import AS_MODULE, IN_PROCESS, PASSWORD, Ansible, Platform, TaskRun
from tests.parts import thorough

MODULE = "openshift_v2.apps.openshift_user_info"


def read_own(ansible: Ansible, way: str | None = None, **options: Any) -> TaskRun:
    (run,) = ansible.tasks({"name": "info", MODULE: options}, way=way).of("openshift_user_info")
    return run


@pytest.fixture
def host(tmp_path: Path) -> BrokerHost:
    host = BrokerHost.create(tmp_path / "broker")
    host.accounts(alice=False, bob=True)
    return host


def read_others(host: BrokerHost, **options: Any) -> TaskRun:
    """Call the action plugin for a host without Python."""
    return host.run("openshift_user_info", **options)


def test_launch_for_a_host_without_python(ansible: Ansible, host: BrokerHost) -> None:
    """In a play whose defaults for the API name a broker that does not exist."""
    play = {
        "hosts": "broker",
        "gather_facts": False,
        "module_defaults": {"group/openshift_v2.apps.all": {"broker_url": "http://127.0.0.1:9", "password": PASSWORD}},
        "tasks": [{"name": "info", MODULE: {"login": ["bob", "alice"]}}],
    }
    inventory = json.dumps({"all": {"hosts": {"broker": local_variables()}}})
    run = ansible.playbook([play], inventory=inventory, env=path_without_python(host))
    (task,) = run.of("openshift_user_info")
    assert PASSWORD not in json.dumps(task.result)
    assert task.sent == []
    assert [(u["login"], u["ha"]) for u in task.result["users"]] == [("bob", True), ("alice", False)]


def test_the_own_account_from_the_api(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3)
    run = read_own(ansible)
    (alice,) = run.result["users"]
    assert run.sent == ["GET"]
    assert run.result["changed"] is False
    assert (alice["login"], alice["ha"], alice["source"]) == ("alice", True, "api")
    assert (alice["consumed_gears"], alice["max_gears"], alice["available_gears"]) == (3, 100, 97)
    assert alice["capabilities"]["gear_sizes"] == ["small"]
    assert alice["max_domains"] == 10


def test_check_mode_returns_the_same(ansible: Ansible) -> None:
    task = {"name": "info", MODULE: {}}
    check, real = ansible.tasks({**task, "check_mode": True}, task).of("openshift_user_info")
    assert check.result["users"] == real.result["users"]


def test_an_account_without_the_capability(ansible: Ansible, platform: Platform) -> None:
    platform.user(ha=False, max_gears=2)
    (alice,) = read_own(ansible).result["users"]
    assert (alice["ha"], alice["max_gears"]) == (False, 2)


def test_wrong_credentials_are_reported(ansible: Ansible) -> None:
    run = read_own(ansible, username="alice", password="wrong")
    assert run.failed
    assert "Access denied" in run.result["msg"]


@pytest.mark.parametrize("way", [IN_PROCESS, thorough(AS_MODULE)])
@pytest.mark.usefixtures("platform")
def test_one_of_the_two_sources_is_required(ansible: Ansible, way: str) -> None:
    tasks = {"name": "info", MODULE: {}}
    (run,) = ansible.tasks(tasks, way=way, env={"OPENSHIFT_BROKER_URL": None}).of("openshift_user_info")
    assert run.failed
    assert "broker_url, login" in run.result["msg"]


def test_any_account_from_the_broker_host(host: BrokerHost) -> None:
    run = read_others(host, login=["bob", "alice"])
    assert [(u["login"], u["ha"], u["source"]) for u in run.result["users"]] == [
        ("bob", True, "broker_host"),
        ("alice", False, "broker_host"),
    ]
    bob = run.result["users"][0]
    assert (bob["consumed_gears"], bob["max_gears"], bob["available_gears"]) == (3, 25, 22)
    assert (bob["consumed_domains"], bob["max_domains"], bob["max_teams"], bob["plan_id"]) == (1, 10, 0, None)
    assert bob["capabilities"]["ha"] is True
    assert bob["capabilities"]["subaccounts"] is False
    assert host.calls == [["-l", "bob"], ["-l", "alice"]]


def test_both_sources_return_the_same_keys(ansible: Ansible, host: BrokerHost) -> None:
    (own,) = read_own(ansible).result["users"]
    (other,) = read_others(host, login="alice").result["users"]
    assert own.keys() == other.keys()
    common = {"ha", "subaccounts", "gear_sizes", "view_global_teams", "private_ssl_certificates"}
    assert common <= own["capabilities"].keys()
    assert common <= other["capabilities"].keys()


def test_a_missing_account_fails_and_the_others_are_returned(host: BrokerHost) -> None:
    run = read_others(host, login=["nobody", "bob"])
    assert run.failed
    assert [user["login"] for user in run.result["users"]] == ["bob"]
    assert "nobody: cannot read the account: " in run.result["msg"]
    assert "User 'nobody' not found" in run.result["msg"]


def test_a_host_without_the_program_is_the_wrong_one(host: BrokerHost) -> None:
    (host.folder / "oo-admin-ctl-user").unlink()
    run = read_others(host, logins=["alice", "bob"])
    assert run.failed
    assert "Check that the host is a broker host" in run.result["msg"]
    assert run.result["msg"].endswith("Not read: bob.")

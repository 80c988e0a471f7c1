"""openshift_user_info: of oneself from the embedded broker, of any account from a stand-in on the broker host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.broker_host import BrokerHost, local_variables, path_without_python
from tests.harness import PASSWORD, Ansible, Platform, TaskRun

MODULE = "openshift_v2.apps.openshift_user_info"


def of_oneself(ansible: Ansible, way: str | None = None, **options: Any) -> TaskRun:
    (run,) = ansible.tasks({"name": "info", MODULE: options}, way=way).of("openshift_user_info")
    return run


@pytest.fixture
def host(tmp_path: Path) -> BrokerHost:
    host = BrokerHost.made(tmp_path / "broker")
    host.accounts(alice=False, bob=True)
    return host


def of_others(ansible: Ansible, host: BrokerHost, **options: Any) -> TaskRun:
    """On a host without Python, in a play whose defaults for the API name a broker that is not there."""
    play = {
        "hosts": "broker",
        "gather_facts": False,
        "ignore_errors": True,
        "module_defaults": {"group/openshift_v2.apps.all": {"broker_url": "http://127.0.0.1:9"}},
        "tasks": [{"name": "info", MODULE: options}],
    }
    inventory = json.dumps({"all": {"hosts": {"broker": local_variables()}}})
    run = ansible.playbook([play], inventory=inventory, env=path_without_python(host))
    (task,) = run.of("openshift_user_info")
    assert PASSWORD not in json.dumps(task.result)
    return task


def test_the_api_tells_of_oneself(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3)
    run = of_oneself(ansible)
    (alice,) = run.result["users"]
    assert run.sent == ["GET"]
    assert run.result["changed"] is False
    assert (alice["login"], alice["ha"], alice["source"]) == ("alice", True, "api")
    assert (alice["consumed_gears"], alice["max_gears"], alice["available_gears"]) == (3, 100, 97)
    assert alice["capabilities"]["gear_sizes"] == ["small"]
    assert alice["max_domains"] == 10


def test_check_mode_is_the_same(ansible: Ansible) -> None:
    task = {"name": "info", MODULE: {}}
    check, real = ansible.tasks({**task, "check_mode": True}, task).of("openshift_user_info")
    assert check.result["users"] == real.result["users"]


def test_an_account_without_the_capability(ansible: Ansible, platform: Platform) -> None:
    platform.user(ha=False, max_gears=2)
    (alice,) = of_oneself(ansible).result["users"]
    assert (alice["ha"], alice["max_gears"]) == (False, 2)


def test_bad_credentials_are_told(ansible: Ansible) -> None:
    run = of_oneself(ansible, username="alice", password="wrong")
    assert run.failed
    assert "Access denied" in run.result["msg"]


@pytest.mark.usefixtures("platform")
def test_one_of_the_two_sources_is_needed(ansible: Ansible, way: str) -> None:
    tasks = {"name": "info", MODULE: {}}
    (run,) = ansible.tasks(tasks, way=way, env={"OPENSHIFT_BROKER_URL": None}).of("openshift_user_info")
    assert run.failed
    assert "broker_url, login" in run.result["msg"]


def test_the_broker_host_tells_of_any_account(ansible: Ansible, host: BrokerHost) -> None:
    run = of_others(ansible, host, login=["bob", "alice"])
    assert [(u["login"], u["ha"], u["source"]) for u in run.result["users"]] == [
        ("bob", True, "broker_host"),
        ("alice", False, "broker_host"),
    ]
    bob = run.result["users"][0]
    assert (bob["consumed_gears"], bob["max_gears"], bob["available_gears"]) == (3, 25, 22)
    assert (bob["consumed_domains"], bob["max_domains"], bob["max_teams"], bob["plan_id"]) == (1, 10, 0, None)
    assert bob["capabilities"]["ha"] is True
    assert bob["capabilities"]["subaccounts"] is False
    assert run.sent == []
    assert host.calls == [["-l", "bob"], ["-l", "alice"]]


def test_both_sources_return_the_same_keys(ansible: Ansible, host: BrokerHost) -> None:
    (oneself,) = of_oneself(ansible).result["users"]
    (other,) = of_others(ansible, host, login="alice").result["users"]
    assert oneself.keys() == other.keys()
    common = {"ha", "subaccounts", "gear_sizes", "view_global_teams", "private_ssl_certificates"}
    assert common <= oneself["capabilities"].keys()
    assert common <= other["capabilities"].keys()


def test_an_account_that_is_not_there_fails_and_the_others_are_told(ansible: Ansible, host: BrokerHost) -> None:
    run = of_others(ansible, host, login=["nobody", "bob"])
    assert run.failed
    assert [user["login"] for user in run.result["users"]] == ["bob"]
    assert "nobody: could not be looked at." in run.result["msg"]
    assert "User 'nobody' not found" in run.result["msg"]


def test_where_the_program_is_not_the_host_is_the_wrong_one(ansible: Ansible, host: BrokerHost) -> None:
    (host.folder / "oo-admin-ctl-user").unlink()
    run = of_others(ansible, host, logins=["alice", "bob"])
    assert run.failed
    assert "Is it a broker host?" in run.result["msg"]
    assert run.result["msg"].endswith("Not asked for: bob.")

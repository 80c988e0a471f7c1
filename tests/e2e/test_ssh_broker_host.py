"""The administrator's side over a real SSH connection, to a server on loopback without Python.

Each test runs with a terminal, which is Ansible's default, and without one.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.broker_host import BrokerHost, SshServer, ssh_server
from tests.harness import Ansible, PlayRun, TaskRun
from tests.programs import required

CAPABILITY = "openshift_v2.apps.openshift_user_capability"
CONFIG = "openshift_v2.apps.openshift_broker_config"
INFO = "openshift_v2.apps.openshift_user_info"
SECRET = "m0o0-S3cret"
CONF = f"""\
CLOUD_DOMAIN="example.com"\r
DEFAULT_ALLOW_HA="false"\r
MONGO_PASSWORD="{SECRET}"\r
# Config flag to allow scalable applications to become Highly Available\r
ALLOW_HA_APPLICATIONS="false"\r
HA_DNS_SUFFIX="\u00fc"\r
# no newline at the end: {SECRET[0]}"""
HOSTILE = ["-eve", "a b", "x; touch pwned", "$(touch pwned)", "it's", 'quote "hi"', "*", "ü@é"]


@pytest.fixture
def host(tmp_path: Path) -> BrokerHost:
    host = BrokerHost.create(tmp_path / "broker")
    host.accounts(alice=False, bob=True, carol=False)
    return host


@pytest.fixture
def sshd(host: BrokerHost, tmp_path: Path) -> Iterator[SshServer]:
    with ssh_server(host, tmp_path / "ssh") as sshd:
        yield sshd


@pytest.fixture(params=["terminal", "pipe"])
def tty(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "terminal")


@pytest.fixture
def broker(sshd: SshServer, tty: bool) -> dict[str, Any]:
    """The variables of the host in the inventory."""
    return sshd.inventory(ansible_ssh_use_tty=tty)


def play(ansible: Ansible, broker: dict[str, Any], *tasks: dict[str, Any], arguments: tuple[str, ...] = ()) -> PlayRun:
    inventory = json.dumps({"all": {"hosts": {"broker": broker}}})
    plays = [{"hosts": "broker", "gather_facts": False, "ignore_errors": True, "tasks": list(tasks)}]
    return ansible.playbook(plays, *arguments, inventory=inventory)


def grant(ansible: Ansible, broker: dict[str, Any], *arguments: str, **options: Any) -> TaskRun:
    task = {"name": "grant", CAPABILITY: {"ha": True, **options}}
    (run,) = play(ansible, broker, task, arguments=arguments).of("openshift_user_capability")
    return run


def statuses(run: TaskRun) -> list[str]:
    return [result["status"] for result in run.result["results"]]


def test_python_is_not_available(ansible: Ansible, host: BrokerHost, broker: dict[str, Any]) -> None:
    path = {"name": "path", "ansible.builtin.raw": "command -v python python2 python3 || echo none; echo $PATH"}
    run = play(ansible, broker, path, {"name": "ping", "ansible.builtin.ping": {}})
    assert run.of("raw")[0].result["stdout"].split() == ["none", str(host.folder)]
    assert run.of("ping")[0].status != "ok"


def test_the_capability_check_apply_again_and_undo(ansible: Ansible, host: BrokerHost, broker: dict[str, Any]) -> None:
    logins = ["alice", "nobody", "bob"]
    check = grant(ansible, broker, "--check", "--diff", login=logins)
    assert host.sets == []
    real = grant(ansible, broker, login=logins)
    again = grant(ansible, broker, login=logins)
    undone = grant(ansible, broker, login=["alice", "bob"], ha=False)
    assert statuses(check) == ["planned", "failed", "unchanged"]
    assert statuses(real) == ["changed", "failed", "unchanged"]
    assert statuses(again) == ["unchanged", "failed", "unchanged"]
    assert statuses(undone) == ["changed", "changed"]
    assert "Error: User 'nobody' not found" in real.result["msg"]
    assert len(host.sets) == 3
    assert host.allowed == {"alice": "false", "bob": "false", "carol": "false"}


def test_hostile_logins_are_quoted(ansible: Ansible, host: BrokerHost, broker: dict[str, Any]) -> None:
    host.account_lines(*(f"{login}|false|0|1" for login in HOSTILE))
    run = grant(ansible, broker, login=HOSTILE)
    assert statuses(run) == ["changed"] * len(HOSTILE), run.result["msg"]
    assert [call[1] for call in host.sets] == HOSTILE
    assert not list(host.folder.parent.rglob("pwned"))


def test_standard_error_of_the_program_is_reported(ansible: Ansible, host: BrokerHost, broker: dict[str, Any]) -> None:
    host.write_conf('ALLOW_HA_APPLICATIONS="false"\n')
    run = grant(ansible, broker, login="alice")
    assert run.failed
    assert "exit status 5: Error: Platform does not allow HA applications" in run.result["msg"]


def test_exit_status_255_is_not_a_lost_connection(ansible: Ansible, host: BrokerHost, broker: dict[str, Any]) -> None:
    program = host.folder / "oo-admin-ctl-user"
    program.write_text(program.read_text(encoding="utf-8").replace("--allowha)", "--nothing)"), encoding="utf-8")
    run = grant(ansible, broker, login="alice")
    assert run.failed
    assert "too old" in run.result["msg"]


def test_after_a_lost_connection_the_account_is_read(
    ansible: Ansible, host: BrokerHost, broker: dict[str, Any]
) -> None:
    host.faults("set lost_after")
    run = grant(ansible, broker, login=["alice", "carol"])
    assert not run.failed
    assert statuses(run) == ["changed", "changed"]
    assert "took effect nevertheless" in run.result["warnings"][0]
    assert [call[1] for call in host.sets] == ["alice", "carol"]


def test_a_connection_lost_while_setting_has_an_unknown_outcome(
    ansible: Ansible, host: BrokerHost, broker: dict[str, Any]
) -> None:
    host.faults("set lost")
    run = grant(ansible, broker, login=["alice", "carol"])
    assert run.failed
    assert statuses(run) == ["unknown", "changed"]
    assert "connection to the broker host was lost" in run.result["msg"]
    assert "still may" in run.result["msg"]
    assert [call[1] for call in host.sets] == ["alice", "carol"]


def test_commands_that_change_something_are_never_retried(
    ansible: Ansible, host: BrokerHost, broker: dict[str, Any]
) -> None:
    """The SSH plugin's own retries would send them again. Commands that only read are still retried."""
    host.faults("show lost", "set lost_after")
    run = grant(ansible, {**broker, "ansible_ssh_retries": 2}, login="alice")
    assert statuses(run) == ["changed"], run.result["msg"]
    assert [len(host.sets), len(host.calls)] == [1, 4]


def test_a_connection_lost_after_the_file_was_replaced(
    ansible: Ansible, host: BrokerHost, broker: dict[str, Any]
) -> None:
    host.write_conf(CONF)
    real = (host.folder / "mv").resolve()
    (host.folder / "mv").unlink()
    cut = f"kill -KILL $(cat {host.folder}/connection); sleep 1"
    (host.folder / "mv").write_text(f'#!/bin/sh\n{real} "$@"\n{cut}\n', encoding="utf-8")
    (host.folder / "mv").chmod(0o755)
    options = {
        "path": str(host.conf),
        "settings": {"ALLOW_HA_APPLICATIONS": True},
        "restart": "service openshift-broker restart",
    }
    run = play(ansible, {**broker, "ansible_ssh_retries": 2}, {"name": "apply", CONFIG: options})
    (task,) = run.of("openshift_broker_config")
    assert (task.status, task.result["changed"], task.result["restarted"]) == ("ok", True, True), task.result["msg"]
    assert Path(task.result["backup_file"]).read_bytes() == CONF.encode()
    assert len(host.restarts) == 1


def test_a_host_that_disappears_is_unreachable(ansible: Ansible, host: BrokerHost, broker: dict[str, Any]) -> None:
    host.faults("show ok", "show lost")
    run = grant(ansible, broker, login=["alice", "bob", "carol"])
    assert run.status == "unreachable"
    assert statuses(run) == ["changed", "failed", "not_attempted"]
    assert host.allowed["alice"] == "true"
    assert "2 of 3 accounts" in run.result["msg"]
    before = len(host.calls)
    gone = grant(ansible, {**broker, "ansible_port": 9}, login="alice")
    assert gone.status == "unreachable"
    assert len(host.calls) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can use sudo without a password")
def test_become_works_with_sudo(ansible: Ansible, tmp_path: Path, tty: bool) -> None:
    """Here the user nobody owns the files of the host, which root owns in production."""
    sudo = required("sudo", package="sudo")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        host = BrokerHost.create(Path(folder) / "broker")
        host.accounts(alice=False)
        host.write_conf(CONF)
        subprocess.run(["chown", "-R", "nobody:", host.folder], check=True)
        restart = f"id -un >>{host.folder}/who"
        config = {"path": str(host.conf), "settings": {"ALLOW_HA_APPLICATIONS": True}, "restart": restart}
        program = str(host.folder / "oo-admin-ctl-user")
        tasks = [
            {"name": "apply", CONFIG: config, "become": True},
            {"name": "grant", CAPABILITY: {"login": "alice", "ha": True, "command": program}, "become": True},
        ]
        with ssh_server(host, tmp_path / "ssh") as sshd:
            broker = sshd.inventory(ansible_ssh_use_tty=tty, ansible_become_exe=sudo, ansible_become_user="nobody")
            run = play(ansible, broker, *tasks)
        assert [task.status for task in run.tasks] == ["ok", "ok"], run.output
        assert (host.folder / "who").read_text(encoding="utf-8") == "nobody\n"
        assert host.allowed == {"alice": "true"}
        assert host.conf.owner() == "nobody"


def test_accounts_are_returned(ansible: Ansible, broker: dict[str, Any]) -> None:
    task = {"name": "info", INFO: {"login": ["alice", "bob"]}}
    (run,) = play(ansible, broker, task).of("openshift_user_info")
    assert [(user["login"], user["ha"], user["max_gears"]) for user in run.result["users"]] == [
        ("alice", False, 25),
        ("bob", True, 25),
    ]


def test_the_configuration_check_apply_again_and_undo(
    ansible: Ansible, host: BrokerHost, broker: dict[str, Any]
) -> None:
    host.write_conf(CONF)

    def apply(value: bool, *arguments: str) -> TaskRun:
        options = {
            "path": str(host.conf),
            "settings": {"ALLOW_HA_APPLICATIONS": value, "DEFAULT_ALLOW_HA": value, "HA_DNS_SUFFIX": "ü"},
            "restart": "service openshift-broker restart",
        }
        run = play(ansible, broker, {"name": "apply", CONFIG: options}, arguments=arguments)
        assert SECRET not in run.output
        return run.of("openshift_broker_config")[0]

    check = apply(True, "--check", "--diff", "-vvvvv")
    assert (host.conf_text, host.restarts, host.left_beside_conf) == (CONF, [], [])
    real, again = apply(True, "-vvvvv"), apply(True)
    assert host.conf_text == CONF.replace('"false"', '"true"')
    undone = apply(False)
    assert host.conf_text == CONF
    assert [run.result["changed"] for run in (check, real, again, undone)] == [True, True, False, True], real.result
    assert len(host.restarts) == 2
    assert len(host.left_beside_conf) == 2


def test_a_connection_lost_during_the_restart_is_repaired_by_the_next_run(
    ansible: Ansible, host: BrokerHost, broker: dict[str, Any]
) -> None:
    host.write_conf(CONF)
    cut = f"[ -e {host.folder}/cut ] || {{ : >{host.folder}/cut; kill -KILL $(cat {host.folder}/connection); false; }}"
    options = {"path": str(host.conf), "settings": {"ALLOW_HA_APPLICATIONS": True}, "restart": cut}
    first = play(ansible, broker, {"name": "apply", CONFIG: options}).of("openshift_broker_config")[0]
    again = play(ansible, broker, {"name": "apply", CONFIG: options}).of("openshift_broker_config")[0]
    assert first.status == "unreachable"
    assert "Whether the broker was restarted is unknown" in first.result["msg"]
    assert again.status == "ok"
    assert again.result["restarted"] is True


def test_the_role_check_apply_again_and_undo(ansible: Ansible, host: BrokerHost, broker: dict[str, Any]) -> None:
    host.write_conf(CONF)
    inventory = json.dumps({"brokers": {"hosts": {"broker": broker}}})

    def apply(*arguments: str, **variables: Any) -> PlayRun:
        own = {"broker_ha_become": False, "broker_ha_conf_path": str(host.conf), **variables}
        run = ansible.playbook("openshift_v2.apps.broker_ha", *arguments, inventory=inventory, extra_vars=own)
        assert run.rc == 0, run.output
        return run

    apply("--check", "--diff", broker_ha_accounts=["alice"])
    assert (host.conf_text, host.sets) == (CONF, [])
    apply(broker_ha_accounts=["alice"])
    assert 'ALLOW_HA_APPLICATIONS="true"\r\n' in host.conf_text
    assert host.allowed["alice"] == "true"
    again = apply(broker_ha_accounts=["alice"])
    assert not any(task.result.get("changed") for task in again.tasks)
    apply(broker_ha_allow=False, broker_ha_accounts_without=["alice", "bob"])
    assert host.conf_text == CONF
    assert set(host.allowed.values()) == {"false"}

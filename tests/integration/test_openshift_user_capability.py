"""openshift_user_capability against a stand-in for oo-admin-ctl-user, on a PATH without Python.

One test launches Ansible; the others call the action plugin.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.broker_host import BrokerHost, local_variables, path_without_python
from tests.harness import Ansible, PlayRun, TaskRun

MODULE = "openshift_v2.apps.openshift_user_capability"


@pytest.fixture
def host(tmp_path: Path) -> BrokerHost:
    host = BrokerHost.create(tmp_path / "broker")
    host.accounts(alice=False, bob=True, carol=False)
    return host


def launch(ansible: Ansible, host: BrokerHost, *tasks: dict[str, Any], arguments: tuple[str, ...] = ()) -> PlayRun:
    """Run tasks with ansible-playbook."""
    inventory = {"all": {"hosts": {"broker": local_variables()}}}
    plays = [{"hosts": "broker", "gather_facts": False, "ignore_errors": True, "tasks": list(tasks)}]
    return ansible.playbook(plays, *arguments, inventory=json.dumps(inventory), env=path_without_python(host))


def grant(host: BrokerHost, **options: Any) -> TaskRun:
    """Call the action plugin."""
    return host.run("openshift_user_capability", **{"ha": True, **options})


def statuses(run: TaskRun) -> list[str]:
    return [result["status"] for result in run.result["results"]]


def test_launch_without_python(ansible: Ansible, host: BrokerHost) -> None:
    run = launch(
        ansible,
        host,
        {"name": "path", "ansible.builtin.raw": "command -v python python2 python3 || echo none; echo $PATH"},
        {"name": "check", MODULE: {"login": ["alice", "bob", "carol"], "ha": True}, "check_mode": True},
        {"name": "apply", MODULE: {"login": ["alice", "bob", "nobody"], "ha": True}},
        {"name": "ping", "ansible.builtin.ping": {}},  # Makes the host unreachable.
        arguments=("--diff",),
    )
    assert run.of("raw")[0].result["stdout"].split() == ["none", str(host.folder)]
    assert run.of("ping")[0].status != "ok"
    check, real = run.of("openshift_user_capability")
    assert statuses(check) == ["planned", "unchanged", "planned"]
    assert (real.failed, statuses(real)) == (True, ["changed", "unchanged", "failed"])
    assert host.allowed == {"alice": "true", "bob": "true", "carol": "false"}
    assert run.output.count("-HA allowed: false") == run.output.count("+HA allowed: true") == 2
    assert "--- before: alice" in run.output


def test_check_apply_again_and_undo(host: BrokerHost) -> None:
    logins = ["alice", "bob", "carol"]
    check = grant(host, login=logins, check_mode=True)
    assert host.allowed == {"alice": "false", "bob": "true", "carol": "false"}
    assert host.sets == []
    real = grant(host, login=logins)
    assert host.allowed == {"alice": "true", "bob": "true", "carol": "true"}
    assert len(host.sets) == 2
    again = grant(host, login=logins)
    undone = grant(host, login=logins, ha=False)
    assert host.allowed == {"alice": "false", "bob": "false", "carol": "false"}
    assert statuses(check) == ["planned", "unchanged", "planned"]
    assert statuses(real) == ["changed", "unchanged", "changed"]
    assert statuses(again) == ["unchanged"] * 3
    assert statuses(undone) == ["changed"] * 3
    assert [run.result["changed"] for run in (check, real, again, undone)] == [True, True, False, True]
    assert [r["ha"] for r in check.result["results"]] == [r["ha"] for r in real.result["results"]] == [True] * 3
    assert [(r["before"], r["changed"]) for r in real.result["results"]] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    assert host.calls[0] == ["-l", "alice"]


def test_each_account_is_returned_with_its_gears(host: BrokerHost) -> None:
    run = grant(host, login="alice")
    (alice,) = run.result["results"]
    assert (alice["login"], alice["consumed_gears"], alice["max_gears"], alice["available_gears"]) == (
        "alice",
        3,
        25,
        22,
    )
    assert alice["capabilities"]["gear_sizes"] == ["small", "medium"]
    assert run.result["msg"] == "alice: HA allowed false -> true"


def test_a_failing_account_does_not_stop_the_others(host: BrokerHost) -> None:
    run = grant(host, login=["alice", "nobody", "carol"])
    assert run.failed
    assert run.result["changed"] is True
    assert statuses(run) == ["changed", "failed", "changed"]
    assert host.allowed["carol"] == "true"
    assert run.result["msg"].startswith(
        "1 of 3 accounts are not in the desired state: nobody: cannot read the account: "
    )
    assert "Error: User 'nobody' not found." in run.result["msg"]
    assert "The broker creates an account with the first request" in run.result["msg"]


def test_a_platform_that_does_not_allow_ha(host: BrokerHost) -> None:
    host.write_conf('ALLOW_HA_APPLICATIONS="false"\n')
    run = grant(host, login=["alice", "bob"])
    assert run.failed
    assert statuses(run) == ["failed", "unchanged"]
    assert "Error: Platform does not allow HA applications" in run.result["msg"]
    assert "account was not changed." in run.result["msg"]
    assert "ALLOW_HA_APPLICATIONS" in run.result["msg"]
    assert len(host.calls) == 3


#: Faults of the program; then the status, the stored capability and words of the message.
FAULTS: dict[str, tuple[list[str], str, str, list[str]]] = {
    "busy": (["set busy"], "failed", "false", ["exit status 6", "Another operation is already running", "in a minute"]),
    "failed": (
        ["set failed"],
        "failed",
        "false",
        ["exit status 6", "Document(s) not saved", "account was not changed"],
    ),
    "database": (["show database"], "failed", "false", ["exit status 10", "primary node", "account was not changed"]),
    "database while setting": (["set database"], "failed", "false", ["exit status 10", "account was not changed"]),
    "environment": (["show environment"], "failed", "false", ["exit status 1", "use become"]),
    "garbage": (["show garbage"], "failed", "false", ["is not as expected", "contains no account"]),
    "killed": (["set killed"], "failed", "false", ["signal 9", "account was not changed"]),
    "killed, and the database gone": (
        ["show ok", "set killed_after", "show database"],
        "unknown",
        "true",
        ["signal 9", "The outcome is unknown", "exit status 10"],
    ),
    "no effect": (["set no_effect"], "failed", "false", ["reported success", "still false", "sub-account"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_the_program(host: BrokerHost, fault: str) -> None:
    faults, status, stored, words = FAULTS[fault]
    host.faults(*faults)
    run = grant(host, login="alice", command=str(host.folder / "oo-admin-ctl-user"))
    assert run.failed
    assert statuses(run) == [status]
    assert run.result["changed"] is False
    assert host.allowed["alice"] == stored
    assert len(host.sets) <= 1
    for word in words:
        assert word in run.result["msg"]


def test_a_change_that_took_effect_despite_a_failure(host: BrokerHost) -> None:
    host.faults("set killed_after")
    run = grant(host, login="alice")
    assert not run.failed
    assert statuses(run) == ["changed"]
    assert len(host.sets) == 1
    assert "took effect nevertheless" in run.result["warnings"][0]


def test_a_missing_program_stops(host: BrokerHost) -> None:
    (host.folder / "oo-admin-ctl-user").unlink()
    run = grant(host, login=["alice", "bob"])
    assert run.failed
    assert statuses(run) == ["failed", "not_attempted"]
    assert "exit status 127" in run.result["msg"]
    assert "command" in run.result["msg"]


def test_a_missing_ruby_is_reported(host: BrokerHost) -> None:
    program = host.folder / "oo-admin-ctl-user"
    program.write_text("#!/usr/bin/env oo-ruby\n", encoding="utf-8")
    run = grant(host, login="alice")
    assert "oo-ruby" in run.result["msg"]
    assert "Check that the host is a broker host" in run.result["msg"]


def test_a_program_without_permission_to_run(host: BrokerHost) -> None:
    (host.folder / "oo-admin-ctl-user").chmod(0o600)
    run = grant(host, login="alice", command=str(host.folder / "oo-admin-ctl-user"))
    assert run.failed
    assert "exit status 126" in run.result["msg"]


def test_an_old_program_without_ha(host: BrokerHost) -> None:
    program = host.folder / "oo-admin-ctl-user"
    program.write_text(program.read_text(encoding="utf-8").replace("--allowha)", "--nothing)"), encoding="utf-8")
    run = grant(host, login=["alice", "carol"])
    assert "exit status 255" in run.result["msg"]
    assert "too old" in run.result["msg"]
    assert statuses(run) == ["failed", "not_attempted"]


def test_the_folders_of_administrators_are_searched(host: BrokerHost) -> None:
    script = host.folder / "show-path"
    script.write_text('#!/bin/sh\necho "$PATH"\n', encoding="utf-8")
    script.chmod(0o755)
    run = grant(host, login="alice", command="show-path")
    assert f"{host.folder}:/usr/local/sbin:/usr/sbin:/sbin" in run.result["msg"]


HOSTILE = [
    "-eve",
    "--allowha",
    "a b",
    "x; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "it's",
    'quote "hi"',
    "*",
    "ü@é",
]


def test_hostile_logins_are_quoted(host: BrokerHost) -> None:
    host.account_lines(*(f"{login}|false|0|1" for login in HOSTILE))
    run = grant(host, login=HOSTILE)
    assert statuses(run) == ["changed"] * len(HOSTILE), run.result["msg"]
    assert set(host.allowed.values()) == {"true"}
    assert [call[1] for call in host.sets] == HOSTILE
    assert not list(host.folder.parent.rglob("pwned"))


@pytest.mark.parametrize("login", ["", "  ", "a\nb", "a\0b"])
def test_invalid_logins_are_refused(host: BrokerHost, login: str) -> None:
    run = grant(host, login=["alice", login])
    assert run.failed
    assert run.result["msg"].startswith("login: ")
    assert host.calls == []


def test_duplicate_logins(host: BrokerHost) -> None:
    run = grant(host, logins=["alice", "alice"])
    assert statuses(run) == ["changed"]


def test_an_empty_list_of_accounts(host: BrokerHost) -> None:
    run = grant(host, login=[])
    assert not run.failed
    assert run.result["changed"] is False
    assert host.calls == []


def test_a_capability_that_was_never_set_is_false(host: BrokerHost) -> None:
    host.accounts(dave=None)
    run = grant(host, login="dave", ha=False)
    assert statuses(run) == ["unchanged"]


def test_a_refused_become_is_reported(host: BrokerHost) -> None:
    sudo = host.folder / "sudo"
    sudo.write_text('#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n', encoding="utf-8")
    sudo.chmod(0o755)
    run = grant(host, login=["alice", "bob"], become=True, become_user="nobody", become_exe=str(sudo))
    assert run.failed
    assert statuses(run) == ["failed", "not_attempted"]
    assert "sudo: a password is required" in run.result["msg"]
    assert "Check become" in run.result["msg"]
    assert host.calls == []

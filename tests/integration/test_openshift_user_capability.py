"""openshift_user_capability against a stand-in for oo-admin-ctl-user, on a PATH without Python."""

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
    host = BrokerHost.made(tmp_path / "broker")
    host.accounts(alice=False, bob=True, carol=False)
    return host


def play(ansible: Ansible, host: BrokerHost, *tasks: dict[str, Any], arguments: tuple[str, ...] = ()) -> PlayRun:
    inventory = {"all": {"hosts": {"broker": local_variables()}}}
    plays = [{"hosts": "broker", "gather_facts": False, "ignore_errors": True, "tasks": list(tasks)}]
    return ansible.playbook(plays, *arguments, inventory=json.dumps(inventory), env=path_without_python(host))


def grant(ansible: Ansible, host: BrokerHost, *arguments: str, **options: Any) -> TaskRun:
    task = {"name": "grant", MODULE: {"ha": True, **options}}
    (run,) = play(ansible, host, task, arguments=arguments).of("openshift_user_capability")
    return run


def statuses(run: TaskRun) -> list[str]:
    return [result["status"] for result in run.result["results"]]


def test_python_is_out_of_reach(ansible: Ansible, host: BrokerHost) -> None:
    run = play(
        ansible,
        host,
        {"name": "look", "ansible.builtin.raw": "command -v python python2 python3 || echo none; echo $PATH"},
        {"name": "ping", "ansible.builtin.ping": {}},
    )
    assert run.of("raw")[0].result["stdout"].split() == ["none", str(host.folder)]
    assert run.of("ping")[0].status != "ok"


def test_check_apply_again_and_undo(ansible: Ansible, host: BrokerHost) -> None:
    logins = ["alice", "bob", "carol"]
    check = grant(ansible, host, "--check", "--diff", login=logins)
    assert host.allowed == {"alice": "false", "bob": "true", "carol": "false"}
    assert host.sets == []
    real = grant(ansible, host, login=logins)
    assert host.allowed == {"alice": "true", "bob": "true", "carol": "true"}
    assert len(host.sets) == 2
    again = grant(ansible, host, login=logins)
    undone = grant(ansible, host, login=logins, ha=False)
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


def test_each_account_comes_with_its_gears(ansible: Ansible, host: BrokerHost) -> None:
    run = grant(ansible, host, login="alice")
    (alice,) = run.result["results"]
    assert (alice["login"], alice["consumed_gears"], alice["max_gears"], alice["available_gears"]) == (
        "alice",
        3,
        25,
        22,
    )
    assert alice["capabilities"]["gear_sizes"] == ["small", "medium"]
    assert run.result["msg"] == "alice: HA allowed false -> true"


def test_the_difference_is_shown_for_each(ansible: Ansible, host: BrokerHost) -> None:
    tasks = {"name": "grant", MODULE: {"login": ["alice", "bob", "carol"], "ha": True}}
    run = play(ansible, host, tasks, arguments=("--check", "--diff"))
    assert run.output.count("-HA allowed: false") == run.output.count("+HA allowed: true") == 2
    assert "--- before: alice" in run.output


def test_one_that_fails_does_not_stop_the_others(ansible: Ansible, host: BrokerHost) -> None:
    run = grant(ansible, host, login=["alice", "nobody", "carol"])
    assert run.failed
    assert run.result["changed"] is True
    assert statuses(run) == ["changed", "failed", "changed"]
    assert host.allowed["carol"] == "true"
    assert run.result["msg"].startswith("1 of 3 accounts are not as wished: nobody: could not be looked at.")
    assert "Error: User 'nobody' not found." in run.result["msg"]
    assert "comes into being" in run.result["msg"]


def test_the_platform_that_does_not_allow_it(ansible: Ansible, host: BrokerHost) -> None:
    host.write_conf('ALLOW_HA_APPLICATIONS="false"\n')
    run = grant(ansible, host, login=["alice", "bob"])
    assert run.failed
    assert statuses(run) == ["failed", "unchanged"]
    assert "Error: Platform does not allow HA applications" in run.result["msg"]
    assert "account was not changed." in run.result["msg"]
    assert "ALLOW_HA_APPLICATIONS" in run.result["msg"]
    assert len(host.calls) == 3


#: What the program meets, and then what becomes of the account, of it in the store, and what is said.
FAULTS: dict[str, tuple[list[str], str, str, list[str]]] = {
    "busy": (["set busy"], "failed", "false", ["exit status 6", "Another operation is already running", "in a minute"]),
    "failed": (
        ["set failed"],
        "failed",
        "false",
        ["exit status 6", "Document(s) not saved", "account was not changed"],
    ),
    "database": (["look database"], "failed", "false", ["exit status 10", "primary node", "account was not changed"]),
    "database while setting": (["set database"], "failed", "false", ["exit status 10", "account was not changed"]),
    "environment": (["look environment"], "failed", "false", ["exit status 1", "use become"]),
    "garbage": (["look garbage"], "failed", "false", ["cannot be understood", "shows no account"]),
    "killed": (["set killed"], "failed", "false", ["signal 9", "account was not changed"]),
    "killed, and the database gone": (
        ["look ok", "set killed_after", "look database"],
        "unknown",
        "true",
        ["signal 9", "not known whether that took effect", "exit status 10"],
    ),
    "no effect": (["set no_effect"], "failed", "false", ["reported success", "still false", "sub-account"]),
}


def test_every_way_to_fail_is_told(ansible: Ansible, host: BrokerHost, tmp_path: Path) -> None:
    hosts = {fault: BrokerHost.made(tmp_path / f"broker{number}") for number, fault in enumerate(FAULTS)}
    tasks = []
    for fault, other in hosts.items():
        other.accounts(alice=False)
        other.faults(*FAULTS[fault][0])
        options = {"login": "alice", "ha": True, "command": str(other.folder / "oo-admin-ctl-user")}
        tasks.append({"name": fault, MODULE: options})
    for run in play(ansible, host, *tasks).of("openshift_user_capability"):
        _faults, status, stored, words = FAULTS[run.task]
        assert run.failed, run.task
        assert statuses(run) == [status], run.task
        assert run.result["changed"] is False
        assert hosts[run.task].allowed["alice"] == stored
        assert len(hosts[run.task].sets) <= 1
        for word in words:
            assert word in run.result["msg"], (run.task, run.result["msg"])


def test_what_took_effect_all_the_same_counts(ansible: Ansible, host: BrokerHost) -> None:
    host.faults("set killed_after")
    run = grant(ansible, host, login="alice")
    assert not run.failed
    assert statuses(run) == ["changed"]
    assert len(host.sets) == 1
    assert "took effect all the same" in run.result["warnings"][0]


def test_the_program_that_is_not_there_ends_it(ansible: Ansible, host: BrokerHost) -> None:
    (host.folder / "oo-admin-ctl-user").unlink()
    run = grant(ansible, host, login=["alice", "bob"])
    assert run.failed
    assert statuses(run) == ["failed", "not_attempted"]
    assert "exit status 127" in run.result["msg"]
    assert "command" in run.result["msg"]


def test_its_ruby_that_is_not_there_is_told_apart(ansible: Ansible, host: BrokerHost) -> None:
    program = host.folder / "oo-admin-ctl-user"
    program.write_text("#!/usr/bin/env oo-ruby\n", encoding="utf-8")
    run = grant(ansible, host, login="alice")
    assert "oo-ruby" in run.result["msg"]
    assert "Is it a broker host?" in run.result["msg"]


def test_a_program_that_may_not_be_run(ansible: Ansible, host: BrokerHost) -> None:
    (host.folder / "oo-admin-ctl-user").chmod(0o600)
    run = grant(ansible, host, login="alice", command=str(host.folder / "oo-admin-ctl-user"))
    assert run.failed
    assert "exit status 126" in run.result["msg"]


def test_an_old_program_that_does_not_know_ha(ansible: Ansible, host: BrokerHost) -> None:
    program = host.folder / "oo-admin-ctl-user"
    program.write_text(program.read_text(encoding="utf-8").replace("--allowha)", "--nothing)"), encoding="utf-8")
    run = grant(ansible, host, login=["alice", "carol"])
    assert "exit status 255" in run.result["msg"]
    assert "too old" in run.result["msg"]
    assert statuses(run) == ["failed", "not_attempted"]


def test_a_program_in_sbin_is_found(ansible: Ansible, host: BrokerHost) -> None:
    """What is not in the PATH is looked for where administrators' programs are."""
    task = {
        "name": "path",
        "openshift_v2.apps.openshift_user_capability": {"login": "alice", "ha": True, "command": "show-path"},
    }
    script = host.folder / "show-path"
    script.write_text('#!/bin/sh\necho "$PATH"\n', encoding="utf-8")
    script.chmod(0o755)
    (run,) = play(ansible, host, task).of("openshift_user_capability")
    assert f"{host.folder}:/usr/local/sbin:/usr/sbin:/sbin" in run.result["msg"]


HOSTILE = [
    "-eve",
    "--allowha",
    "a b",
    "x; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "it's",
    'say "hi"',
    "*",
    "ü@é",
]


def test_hostile_logins_are_only_logins(ansible: Ansible, host: BrokerHost) -> None:
    host.account_lines(*(f"{login}|false|0|1" for login in HOSTILE))
    run = grant(ansible, host, login=HOSTILE)
    assert statuses(run) == ["changed"] * len(HOSTILE), run.result["msg"]
    assert set(host.allowed.values()) == {"true"}
    assert [call[1] for call in host.sets] == HOSTILE
    assert not list(host.folder.parent.rglob("pwned"))


def test_logins_that_cannot_be_are_refused(ansible: Ansible, host: BrokerHost) -> None:
    tasks = [{"name": "grant", MODULE: {"login": ["alice", bad], "ha": True}} for bad in ("", "  ", "a\nb", "a\0b")]
    for run in play(ansible, host, *tasks).of("openshift_user_capability"):
        assert run.failed
        assert run.result["msg"].startswith("login: ")
    assert host.calls == []


def test_the_same_login_twice_is_one(ansible: Ansible, host: BrokerHost) -> None:
    run = grant(ansible, host, logins=["alice", "alice"])
    assert statuses(run) == ["changed"]


def test_no_accounts_are_nothing_to_do(ansible: Ansible, host: BrokerHost) -> None:
    run = grant(ansible, host, login=[])
    assert not run.failed
    assert run.result["changed"] is False
    assert host.calls == []


def test_an_account_of_which_nothing_was_ever_said_may_not(ansible: Ansible, host: BrokerHost) -> None:
    host.accounts(dave=None)
    run = grant(ansible, host, login="dave", ha=False)
    assert statuses(run) == ["unchanged"]


def test_become_that_is_refused_is_told(ansible: Ansible, host: BrokerHost) -> None:
    sudo = host.folder / "sudo"
    sudo.write_text('#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n', encoding="utf-8")
    sudo.chmod(0o755)
    task = {
        "name": "grant",
        MODULE: {"login": ["alice", "bob"], "ha": True},
        "become": True,
        "become_user": "nobody",
        "vars": {"ansible_become_exe": str(sudo)},
    }
    (run,) = play(ansible, host, task).of("openshift_user_capability")
    assert run.failed
    assert statuses(run) == ["failed", "not_attempted"]
    assert "sudo: a password is required" in run.result["msg"]
    assert "Check become" in run.result["msg"]
    assert host.calls == []

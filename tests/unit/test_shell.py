"""Shell scripts on a host without Python: how their output is interpreted, over any connection."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import (
    ScriptResult,
    get_remote,
    parse_output,
    quote_command,
    run_script,
)


def run_locally(text: str) -> Mapping[str, Any]:
    """Run it like a local connection of Ansible."""
    done = subprocess.run(["/bin/sh", "-c", text], capture_output=True, text=True, check=False)
    return {"rc": done.returncode, "stdout": done.stdout, "stderr": done.stderr}


@pytest.mark.parametrize("status", [0, 1, 127, 255])
def test_the_exit_status_of_the_script_is_returned(status: int) -> None:
    assert run_script(run_locally, f"echo out; echo err >&2; exit {status}") == ScriptResult(True, status, "out\nerr\n")


def test_without_its_last_mark_a_script_may_still_run() -> None:
    ran = parse_output("begin-m\nout\n", "Killed\n", "m")
    assert (ran.began, ran.status, ran.may_have_run, ran.output) == (True, None, True, "out\n")


def test_output_without_a_newline_at_its_end() -> None:
    assert run_script(run_locally, "printf out").output == "out"


def test_standard_input_is_empty() -> None:
    assert run_script(run_locally, "cat; echo done").output == "done\n"


def test_changes_by_a_terminal_are_undone() -> None:
    text = "Last login: today\r\nbegin-m\r\nout\r\n\r\nend-m 3\r\nConnection closed\r\n"
    assert parse_output(text, "", "m") == ScriptResult(True, 3, "out\n")


def test_without_its_first_mark_a_script_did_not_run() -> None:
    ran = parse_output("", "sudo: a password is required\n", "m")
    assert (ran.began, ran.status, ran.may_have_run) == (False, None, False)
    assert "a password is required" in ran.message


def test_marks_of_another_run_are_ignored() -> None:
    assert parse_output("begin-x\nend-x 0\n", "", "m").began is False


@pytest.mark.parametrize(
    ("error", "may_have_run"), [(AnsibleConnectionFailure("broken pipe"), True), (AnsibleError("no password"), False)]
)
def test_errors_of_the_connection_are_part_of_the_result(error: AnsibleError, may_have_run: bool) -> None:
    def fails(_text: str) -> Mapping[str, Any]:
        raise error

    ran = run_script(fails, "true")
    assert ran.may_have_run is may_have_run
    assert str(error) in ran.message


class Connection:
    """A connection of Ansible with its option for retries; ``known``: whether it has that option."""

    def __init__(self, known: bool) -> None:
        self.options: dict[str, Any] = {"reconnection_retries": 3} if known else {}

    def has_option(self, name: str) -> bool:
        return name in self.options

    def get_option(self, name: str) -> Any:
        return self.options[name]

    def set_option(self, name: str, value: Any) -> None:
        self.options[name] = value


@pytest.mark.parametrize(("known", "at"), [(True, [3, 0, 3]), (False, [None, None, None])])
def test_scripts_that_act_are_sent_without_retries(known: bool, at: list[int | None]) -> None:
    connection = Connection(known)
    retries: list[int | None] = []

    def fails(_text: str) -> Mapping[str, Any]:
        retries.append(connection.options.get("reconnection_retries"))
        raise AnsibleConnectionFailure("broken pipe")

    action: Any = SimpleNamespace(_connection=connection, _low_level_execute_command=fails)
    remote = get_remote(action)
    for execute in (remote.read, remote.act, remote.read):
        assert run_script(execute, "true").lost == "broken pipe"
    assert retries == at


def test_words_are_quoted() -> None:
    words = ["a b", "$(id)", "it's", "-x", ""]
    out = run_script(run_locally, f"printf '%s|' {quote_command(*words)}").output
    assert out == "".join(f"{word}|" for word in words)

"""Scripts on a host without Python: what their output means, whatever is in between."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import (
    Ran,
    command,
    remote_of,
    run_script,
    understood,
)


def on_this_machine(text: str) -> Mapping[str, Any]:
    """What Ansible's connection does, in short."""
    done = subprocess.run(["/bin/sh", "-c", text], capture_output=True, text=True, check=False)
    return {"rc": done.returncode, "stdout": done.stdout, "stderr": done.stderr}


@pytest.mark.parametrize("status", [0, 1, 127, 255])
def test_the_exit_status_is_the_scripts(status: int) -> None:
    assert run_script(on_this_machine, f"echo out; echo err >&2; exit {status}") == Ran(True, status, "out\nerr\n")


def test_an_end_that_is_missing_was_not_seen() -> None:
    ran = understood("begin-m\nout\n", "Killed\n", "m")
    assert (ran.began, ran.status, ran.may_have_run, ran.output) == (True, None, True, "out\n")


def test_output_without_a_newline_at_its_end() -> None:
    assert run_script(on_this_machine, "printf out").output == "out"


def test_standard_input_is_empty() -> None:
    assert run_script(on_this_machine, "cat; echo done").output == "done\n"


def test_what_a_terminal_makes_of_it_is_undone() -> None:
    text = "Last login: today\r\nbegin-m\r\nout\r\n\r\nend-m 3\r\nConnection closed\r\n"
    assert understood(text, "", "m") == Ran(True, 3, "out\n")


def test_without_its_beginning_it_did_not_run() -> None:
    ran = understood("", "sudo: a password is required\n", "m")
    assert (ran.began, ran.status, ran.may_have_run) == (False, None, False)
    assert "a password is required" in ran.words


def test_marks_of_another_run_do_not_count() -> None:
    assert understood("begin-x\nend-x 0\n", "", "m").began is False


@pytest.mark.parametrize(
    ("error", "may_have_run"), [(AnsibleConnectionFailure("broken pipe"), True), (AnsibleError("no password"), False)]
)
def test_errors_of_the_connection_are_told(error: AnsibleError, may_have_run: bool) -> None:
    def fails(_text: str) -> Mapping[str, Any]:
        raise error

    ran = run_script(fails, "true")
    assert ran.may_have_run is may_have_run
    assert str(error) in ran.words


class Connection:
    """Ansible's, as far as its retries are concerned; ``known``: whether it has any."""

    def __init__(self, known: bool) -> None:
        self.options: dict[str, Any] = {"reconnection_retries": 3} if known else {}

    def has_option(self, name: str) -> bool:
        return name in self.options

    def get_option(self, name: str) -> Any:
        return self.options[name]

    def set_option(self, name: str, value: Any) -> None:
        self.options[name] = value


@pytest.mark.parametrize(("known", "at"), [(True, [3, 0, 3]), (False, [None, None, None])])
def test_what_acts_is_sent_without_retries_whatever_comes_of_it(known: bool, at: list[int | None]) -> None:
    connection = Connection(known)
    seen: list[int | None] = []

    def fails(_text: str) -> Mapping[str, Any]:
        seen.append(connection.options.get("reconnection_retries"))
        raise AnsibleConnectionFailure("broken pipe")

    action: Any = SimpleNamespace(_connection=connection, _low_level_execute_command=fails)
    remote = remote_of(action)
    for execute in (remote.look, remote.act, remote.look):
        assert run_script(execute, "true").lost == "broken pipe"
    assert seen == at


def test_words_are_quoted() -> None:
    words = ["a b", "$(id)", "it's", "-x", ""]
    out = run_script(on_this_machine, f"printf '%s|' {command(*words)}").output
    assert out == "".join(f"{word}|" for word in words)

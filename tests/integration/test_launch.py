"""A run in a fork is the same as a launch of the program: settings, output, exit status, signals, fresh code."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests import costs, launch
from tests.harness import Ansible, PlayRun

pytestmark = pytest.mark.any_release

DEBUG = {"ansible.builtin.debug": {"msg": "hello"}}
COMMAND = "ansible.builtin.command"


def play(*tasks: dict[str, Any], **keywords: Any) -> list[dict[str, Any]]:
    return [{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks), **keywords}]


def both(ansible: Ansible, plays: list[Any], *arguments: str, **options: Any) -> tuple[PlayRun, PlayRun]:
    """The same playbook in a fork and as a program."""
    fork = ansible.playbook(plays, *arguments, **options)
    return fork, ansible.playbook(plays, *arguments, as_program=True, **options)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("plays", "status"),
    [
        (play(DEBUG), 0),
        (play({"ansible.builtin.fail": {"msg": "no"}}), 2),
        (play({"no_such_module": {}}), None),
        ([{"hosts": "localhost", "no_such_keyword": 1}], 4),
    ],
    ids=["success", "failed task", "no such module", "invalid play"],
)
def test_output_and_status(ansible: Ansible, plays: list[Any], status: int | None) -> None:
    fork, program = both(ansible, plays)
    assert fork.output == program.output
    assert fork.rc == program.rc
    assert status is None or fork.rc == status
    assert [task.result for task in fork.tasks] == [task.result for task in program.tasks]


@pytest.mark.thorough
def test_the_program_ansible_inventory(ansible: Ansible) -> None:
    command = [str(launch.PROGRAM.parent / "ansible-inventory"), "-i", "one,", "--list"]
    environment = ansible.environment(ansible.directory / "record.jsonl", {"ANSIBLE_INVENTORY_ENABLED": "host_list"})
    run = launch.forked([*command, "-vvv"], environment, ansible.directory, separate_errors=True)
    assert run.returncode == 0
    assert "one" in json.loads(run.stdout[run.stdout.index("{") :])["ungrouped"]["hosts"]
    failed = launch.forked([*command, "--no-such-option"], environment, ansible.directory, separate_errors=True)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert "--no-such-option" in failed.stderr


#: Settings that Ansible reads at different places: its display, its plugin loaders, its classes, its plugins.
SETTINGS = {
    "display": {"ANSIBLE_NOCOLOR": None, "ANSIBLE_FORCE_COLOR": "1"},
    "callback": {"ANSIBLE_STDOUT_CALLBACK": "minimal"},
    "class": {"ANSIBLE_CHECK_MODE_MARKERS": "1", "ANSIBLE_DIFF_ALWAYS": "1"},
    "inventory": {"ANSIBLE_INVENTORY_ENABLED": "host_list", "ANSIBLE_INVENTORY": "one,two"},
    "language": {"ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1", "TZ": "Asia/Tokyo"},
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", SETTINGS)
def test_settings_of_the_environment_take_effect(ansible: Ansible, name: str) -> None:
    task = {"ansible.builtin.debug": {"msg": "{{ ansible_play_hosts }} {{ '%H %Z' | strftime(0) }}"}}
    plays = play(task, hosts="all" if name == "inventory" else "localhost")
    plain = ansible.playbook(plays)
    fork, program = both(ansible, plays, "--check", env=SETTINGS[name])
    assert fork.output == program.output
    assert fork.output != plain.output


@pytest.mark.thorough
def test_settings_of_a_file_take_effect(ansible: Ansible) -> None:
    settings = ansible.directory / "own.cfg"
    settings.write_text("[defaults]\nstdout_callback = minimal\n", encoding="utf-8")
    run = ansible.playbook(play(DEBUG), env={"ANSIBLE_CONFIG": str(settings)})
    assert "localhost | SUCCESS" in run.output


@pytest.mark.thorough
def test_each_run_has_its_own_environment_and_folder(ansible: Ansible) -> None:
    task = {COMMAND: {"argv": ["sh", "-c", "echo $MARK; pwd"]}}
    for mark in ("one", "two"):
        (ran,) = ansible.playbook(play(task), env={"MARK": mark}).of("command")
        assert ran.result["stdout_lines"] == [mark, str(ansible.directory)]


@pytest.mark.thorough
def test_each_run_imports_plugins_anew(ansible: Ansible) -> None:
    plugin = ansible.directory / "filter_plugins" / "mark.py"
    plugin.parent.mkdir()
    for mark in ("one", "two, which is longer"):
        text = f"class FilterModule:\n    def filters(self):\n        return {{'mark': lambda _value: {mark!r}}}\n"
        plugin.write_text(text, encoding="utf-8")
        (ran,) = ansible.playbook(play({"ansible.builtin.debug": {"msg": "{{ 1 | mark }}"}})).of("debug")
        assert ran.result["msg"] == mark


@pytest.mark.thorough
def test_a_run_leaves_no_temporary_files(ansible: Ansible) -> None:
    ansible.playbook(play(DEBUG))
    assert list((ansible.directory / "tmp").iterdir()) == []


@pytest.mark.thorough
def test_a_killed_run_has_the_status_of_a_killed_program(ansible: Ansible) -> None:
    # The lookup runs in a worker, whose parent is ansible-playbook.
    template = "{{ lookup('ansible.builtin.pipe', 'kill -9 $(ps -o ppid= -p $PPID)') }}"
    fork, program = both(ansible, play({"ansible.builtin.debug": {"msg": template}}))
    assert (fork.rc, program.rc) == (-9, -9)


@pytest.mark.thorough
def test_a_run_that_takes_too_long_is_ended(ansible: Ansible, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "TIMEOUT", 3)
    with pytest.raises(subprocess.TimeoutExpired):
        ansible.playbook(play({"ansible.builtin.pause": {"seconds": 60}}))


@pytest.mark.thorough
def test_a_fork_counts_as_a_launch(ansible: Ansible) -> None:
    seconds, launches = costs.spent()
    ansible.playbook(play(DEBUG))
    now, counted = costs.spent()
    assert counted == launches + 1
    assert now > seconds

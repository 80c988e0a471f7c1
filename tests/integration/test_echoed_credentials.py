"""Credentials that a server repeats are in nothing that Ansible prints or logs, however much it is asked to print."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from tests.echoes import PASSWORDS, USER, echoes, leaked
from tests.harness import IN_PROCESS, WAYS, Ansible, Platform
from tests.unit.wire import Wire

PASSWORD = PASSWORDS[1]
#: Most of them are answered at once; a server that breaks off is asked three times.
SHAPES = (
    "401",
    "envelope, plain",
    "envelope, escapes",
    "Location",
    "page, 404",
    "page, UTF-16",
    "status line",
    "header",
    "name",
)
OPTIONS = {"broker_url": "{{ item }}", "http_timeout": 2}


@pytest.fixture
def servers() -> Iterator[list[Wire]]:
    with ExitStack() as stack:
        answers = echoes(PASSWORD)
        yield [stack.enter_context(Wire(answers[shape])) for shape in SHAPES]


@pytest.fixture
def echoing(tmp_path: Path, platform: Platform) -> Ansible:
    """Ansible that prints and logs all it can."""
    settings = {"ANSIBLE_LOG_PATH": str(tmp_path / "ansible.log"), "ANSIBLE_DISPLAY_TRACEBACK": "always"}
    credentials = {"OPENSHIFT_BROKER_USERNAME": USER, "OPENSHIFT_BROKER_PASSWORD": PASSWORD}
    return Ansible(tmp_path, platform.url, {**settings, **credentials})


@pytest.mark.parametrize("way", WAYS)
def test_ansible_prints_and_logs_no_echo(echoing: Ansible, servers: list[Wire], tmp_path: Path, way: str) -> None:
    task = {
        "openshift_v2.apps.openshift_app_ha": {**OPTIONS, "domain": "acme", "name": "shop", "wait_timeout": 0},
        "loop": [server.url for server in servers],
    }
    play = {"hosts": "localhost", "gather_facts": False, "ignore_errors": True, "tasks": [task]}
    if way != IN_PROCESS:
        play["environment"] = {"AS_MODULE": "1"}
    run = echoing.playbook([play], "-vvvv")
    assert run.output.count("withheld") > len(SHAPES) // 2
    assert all(server.requests for server in servers)
    assert leaked(PASSWORD, run.output) == []
    assert leaked(PASSWORD, (tmp_path / "ansible.log").read_text("utf-8")) == []


@pytest.mark.parametrize("shape", ["status line", "header", "page, plain"])
def test_ansible_inventory_prints_and_logs_no_echo(echoing: Ansible, tmp_path: Path, shape: str) -> None:
    with Wire(echoes(PASSWORD)[shape]) as server:
        source = tmp_path / "openshift_apps.yml"
        options = {"plugin": "openshift_v2.apps.openshift_apps", "broker_url": server.url, "http_timeout": 2}
        source.write_text(yaml.safe_dump(options), "utf-8")
        command = [str(Path(sys.executable).parent / "ansible-inventory"), "-i", str(source), "--list", "-vvvv"]
        environment = echoing.environment(tmp_path / "record.jsonl")
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert server.requests
    assert "could not be read" in "".join(done.stderr.replace("\n", " ").split("  "))
    assert leaked(PASSWORD, done.stdout + done.stderr) == []
    assert leaked(PASSWORD, (tmp_path / "ansible.log").read_text("utf-8")) == []

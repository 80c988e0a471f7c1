"""Ansible prints and logs no credentials that a server repeats, even with all details switched on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from tests.echoes import PASSWORDS, USER, echoes, leaked
from tests.harness import Ansible, Platform
from tests.unit.wire import Wire

PASSWORD = PASSWORDS[1]
#: Most of them need one request. A server that breaks the connection gets three.
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
    """Ansible that prints and logs as much as possible."""
    settings = {"ANSIBLE_LOG_PATH": str(tmp_path / "ansible.log"), "ANSIBLE_DISPLAY_TRACEBACK": "always"}
    credentials = {"OPENSHIFT_BROKER_USERNAME": USER, "OPENSHIFT_BROKER_PASSWORD": PASSWORD}
    return Ansible(tmp_path, platform.url, {**settings, **credentials})


@pytest.mark.thorough
def test_ansible_prints_and_logs_no_echo(echoing: Ansible, servers: list[Wire], tmp_path: Path) -> None:
    task = {
        "openshift_v2.apps.openshift_app_ha": {**OPTIONS, "domain": "acme", "name": "shop", "wait_timeout": 0},
        "loop": [server.url for server in servers],
    }
    in_process = {"hosts": "localhost", "gather_facts": False, "ignore_errors": True, "tasks": [task]}
    as_module = {**in_process, "environment": {"AS_MODULE": "1"}}
    run = echoing.playbook([in_process, as_module], "-vvvv")
    first, second = run.of("openshift_app_ha")
    assert json.dumps(first.result).count("withheld") > len(SHAPES) // 2
    assert json.dumps(second.result).count("withheld") > len(SHAPES) // 2
    assert all(len(server.requests) >= 2 for server in servers)
    assert leaked(PASSWORD, run.output) == []
    assert leaked(PASSWORD, (tmp_path / "ansible.log").read_text("utf-8")) == []


@pytest.mark.thorough
def test_ansible_inventory_prints_and_logs_no_echo(echoing: Ansible, tmp_path: Path) -> None:
    answers = echoes(PASSWORD)
    command = [str(Path(sys.executable).parent / "ansible-inventory"), "--list", "-vvvv"]
    with ExitStack() as stack:
        servers = [stack.enter_context(Wire(answers[shape])) for shape in ("status line", "header", "page, plain")]
        for number, server in enumerate(servers):
            source = tmp_path / f"{number}.openshift_apps.yml"
            options = {"plugin": "openshift_v2.apps.openshift_apps", "broker_url": server.url, "http_timeout": 2}
            source.write_text(yaml.safe_dump(options), "utf-8")
            command += ["-i", str(source)]
        environment = echoing.environment(tmp_path / "record.jsonl")
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert all(server.requests for server in servers)
    # Older versions of ansible-core break lines anywhere.
    messages = "".join(done.stderr.split())
    assert [server.url for server in servers if f"at{server.url}" not in messages] == []
    assert leaked(PASSWORD, done.stdout + done.stderr) == []
    assert leaked(PASSWORD, (tmp_path / "ansible.log").read_text("utf-8")) == []

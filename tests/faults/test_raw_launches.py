"""Ctrl-C, SIGTERM, SIGKILL and the keyword timeout against hostile servers: no process is left, and no write is lost.

In the Ansible process, as a module and with async. Each run is a launch of ansible-playbook.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.raw.playbooks import PlaybookRun
from tests.faults.raw.server import HostileServer, Peer
from tests.harness import AS_MODULE, IN_PROCESS, Ansible
from tests.unit.clients import FOUND
from tests.waiting import wait_until

MODULE = "openshift_v2.apps.openshift_app_scale"
ASYNC = "async"
#: A launch on a busy machine.
STARTS = 60.0
#: After the last signal, no process of the run is left, on a busy machine.
SOON = 60.0
KEYWORDS: dict[str, dict[str, Any]] = {IN_PROCESS: {}, AS_MODULE: {"environment": {"AS_MODULE": "1"}}}


def dripping_reads(peer: Peer, _request: bytes) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    peer.drip_forever([b"1\r\n \r\n"], 0.2)


def silent_writes(peer: Peer, request: bytes) -> None:
    if request.startswith(b"GET"):
        peer.send(FOUND)
    else:
        peer.silence()


BEHAVIOURS = {"read": dripping_reads, "write": silent_writes}


def start(ansible: Ansible, server: HostileServer, **keywords: Any) -> PlaybookRun:
    options = {"broker_url": server.url, "domain": "acme", "name": "shop", "gears": 4}
    environment = ansible.environment(ansible.directory / "record.jsonl", {"ANSIBLE_CALLBACKS_ENABLED": None})
    return PlaybookRun(ansible.directory, environment, {MODULE: options, "register": "result", **keywords})


def send(run: PlaybookRun, how: str) -> None:
    if how.startswith("ctrl-c"):
        run.ctrl_c()
    if how == "ctrl-c twice":
        time.sleep(1)
        run.ctrl_c()
    if how in ("term", "kill"):
        os.kill(run.process.pid, signal.SIGTERM if how == "term" else signal.SIGKILL)


def cases() -> list[Any]:
    """Each is a launch, so all but one are thorough. A write is followed after one Ctrl-C: see below."""
    combinations = [
        (way, what, how)
        for way in KEYWORDS
        for what in BEHAVIOURS
        for how in ("ctrl-c", "ctrl-c twice", "term", "kill")
        if (what, how) != ("write", "ctrl-c")
    ]
    quick = [(IN_PROCESS, "write", "ctrl-c twice"), (AS_MODULE, "write", "ctrl-c twice")]
    return [pytest.param(*each, marks=[] if each in quick else [pytest.mark.thorough]) for each in combinations]


@pytest.mark.parametrize(("way", "what", "how"), cases())
def test_no_process_is_left(ansible: Ansible, way: str, what: str, how: str) -> None:
    with HostileServer(BEHAVIOURS[what]) as server, start(ansible, server, **KEYWORDS[way]) as run:
        wait_until(lambda: server.requests if what == "read" else server.writes, STARTS, lambda: run.output)
        send(run, how)
        run.wait_for_end(SOON)
        output = run.output
    assert len(server.writes) == (what == "write")
    # Ansible does not read the result any more: the action plugin prints the message. While it waits for a process of
    # its own, Ansible may end it first.
    assert way != IN_PROCESS or "acme/shop: " in output
    if "acme/shop: " in output:
        assert ("The outcome is unknown." in output) is (what == "write")


@pytest.mark.thorough
@pytest.mark.parametrize(("what", "how"), [("read", "ctrl-c"), ("write", "ctrl-c"), ("write", "kill")])
def test_a_job_ends_with_the_run_that_polls_it(ansible: Ansible, what: str, how: str) -> None:
    """The file of the job has its result, unless the worker has read and removed it."""
    jobs = ansible.directory / "async"
    keywords = {ASYNC: 300, "poll": 1, "environment": {"ANSIBLE_ASYNC_DIR": str(jobs)}}
    with HostileServer(BEHAVIOURS[what]) as server, start(ansible, server, **keywords) as run:
        wait_until(lambda: server.requests if what == "read" else server.writes, STARTS, lambda: run.output)
        send(run, how)
        run.wait_for_end(SOON)
        messages = [json.loads(job.read_text(encoding="utf-8"))["msg"] for job in jobs.iterdir()]
    effect = "The outcome is unknown." if what == "write" else "Nothing was changed."
    assert all("because Ansible has ended" in message and effect in message for message in messages)


@pytest.mark.thorough
def test_a_worker_ends_after_a_second_sigterm(ansible: Ansible) -> None:
    """Sent to the worker itself, whose parent waits for it."""
    with HostileServer(silent_writes) as server, start(ansible, server) as run:
        wait_until(lambda: server.writes, STARTS, lambda: run.output)
        (worker,) = [number for number in run.processes() if number != run.process.pid]
        os.kill(worker, signal.SIGTERM)
        time.sleep(2)
        assert worker in run.processes()
        os.kill(worker, signal.SIGTERM)
        wait_until(lambda: worker not in run.processes(), SOON, lambda: run.output)
        assert "The outcome is unknown." in run.output


@pytest.mark.thorough
@pytest.mark.parametrize("way", KEYWORDS)
def test_a_write_is_followed_after_one_ctrl_c(ansible: Ansible, way: str) -> None:
    def behave(peer: Peer, request: bytes) -> None:
        if not request.startswith(b"GET"):
            peer.end.wait(5)
        peer.send(FOUND)

    with HostileServer(behave) as server, start(ansible, server, **KEYWORDS[way]) as run:
        wait_until(lambda: server.writes, STARTS, lambda: run.output)
        run.ctrl_c()
        run.wait_for_end(SOON + 5)
        output = run.output
    assert "acme/shop: " in output
    # The answer was a success, and the read after it shows no effect.
    assert "Interrupted by signal " in output


@pytest.mark.thorough
def test_a_module_prints_its_result_after_a_signal(ansible: Ansible) -> None:
    """With async, nothing but the module itself runs: what it prints is the result that async_status returns."""
    jobs = ansible.directory / "async"
    keywords = {ASYNC: 300, "poll": 0, "environment": {"ANSIBLE_ASYNC_DIR": str(jobs)}}
    with HostileServer(silent_writes) as server, start(ansible, server, **keywords) as run:
        wait_until(lambda: server.writes, STARTS, lambda: run.output)
        run.process.wait(STARTS)
        # async_wrapper has started the module last.
        module = max(run.processes())
        os.kill(module, signal.SIGTERM)
        time.sleep(2)
        os.kill(module, signal.SIGTERM)
        run.wait_for_end(SOON)
        (job,) = jobs.iterdir()
        result = json.loads(job.read_text(encoding="utf-8"))
    assert (result["failed"], result["changed"]) == (True, True)
    assert [step["status"] for step in result["steps"]] == ["unknown"]
    assert result["msg"].startswith("acme/shop: ")
    assert "The outcome is unknown." in result["msg"]


def timed_result(ansible: Ansible, what: str, **keywords: Any) -> dict[str, Any]:
    """The result of a task whose time ends."""
    path = ansible.directory / "result.json"
    with HostileServer(BEHAVIOURS[what]) as server:
        env = {"ANSIBLE_CALLBACKS_ENABLED": None}
        options = {"broker_url": server.url, "domain": "acme", "name": "shop", "gears": 4}
        tasks = [
            {MODULE: options, "register": "result", "ignore_errors": True, **keywords},
            {"ansible.builtin.copy": {"dest": str(path), "content": "{{ result | to_json }}", "mode": "0600"}},
        ]
        play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
        done = ansible.playbook([play], env=env)
        assert path.exists(), done.output
        assert len(server.writes) == (what == "write")
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


@pytest.mark.parametrize(
    ("what", "keywords"),
    [
        pytest.param("write", {"timeout": 6}, id="in-process", marks=pytest.mark.thorough),
        pytest.param("read", {"timeout": 6}, id="in-process, read", marks=pytest.mark.thorough),
        pytest.param("write", {"timeout": 20, **KEYWORDS[AS_MODULE]}, id="as-module", marks=pytest.mark.thorough),
        pytest.param("write", {ASYNC: 20, "poll": 1}, id="async", marks=pytest.mark.thorough),
    ],
)
def test_the_end_of_the_time_of_a_task_states_what_is_unknown(
    ansible: Ansible, what: str, keywords: dict[str, Any]
) -> None:
    result = timed_result(ansible, what, **keywords)
    is_write = what == "write"
    assert (result["failed"], result["changed"]) == (True, is_write)
    assert [step["status"] for step in result["steps"]] == (["unknown"] if is_write else [])
    assert result["application"]["name"] == "shop"
    assert result["msg"].startswith("acme/shop: ")
    assert "The time of the task has ended" in result["msg"]
    assert ("The outcome is unknown." in result["msg"]) is is_write


@pytest.mark.thorough
def test_a_module_that_does_not_end_in_time_fails_with_an_unknown_outcome(ansible: Ansible, tmp_path: Path) -> None:
    """An interpreter that is slow to start: the module does not learn in time that its time is up."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncase "$*" in *openshift_app_scale*) sleep 6;; esac\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    variables = {"ansible_python_interpreter": str(python)}
    result = timed_result(ansible, "read", timeout=4, vars=variables, **KEYWORDS[AS_MODULE])
    assert (result["failed"], result["changed"]) == (True, True)
    assert "did not return within the timeout of the task (4 s). The outcome is unknown." in result["msg"]

"""The drill of the role app_router with real routers: a fleet in which one application only seems highly available."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.broker_host import SshServer, ssh_server
from tests.e2e.router_parts import Gear, Nginx, Router
from tests.harness import Ansible, Platform, PlayRun
from tests.launch import PROGRAM
from tests.processes import Process, find_descendants, find_processes
from tests.programs import required

pytestmark = pytest.mark.thorough

ROLE = "openshift_v2.apps.app_router"
SCRIPT_TITLE = "Take each server of one application out of a router in turn"
#: Seconds after which a test stops waiting for a run.
LONG = 240


@dataclass(frozen=True)
class Fleet:
    """``acme/crm`` is degraded, ``acme/shop`` is highly available. ``acme/zoo`` only seems so."""

    ansible: Ansible
    router: Router

    def run(self, *arguments: str, tasks_from: str = "main") -> PlayRun:
        role = {"name": ROLE, "tasks_from": tasks_from}
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.import_role": role}]}
        own = {"app_router_check": "tcp", "app_router_drill_seconds": 1}
        return self.ansible.playbook([play], *arguments, extra_vars={**self.router.variables, **own})


@pytest.fixture(params=[Router, pytest.param(Nginx, marks=pytest.mark.thorough)])
def fleet(request: pytest.FixtureRequest, ansible: Ansible, platform: Platform) -> Iterator[Fleet]:
    names = {"crm": ("crm1",), "shop": ("shop1", "shop2"), "zoo": ("zoo1", "ill2")}
    gears = {app: [Gear(name, address=f"127.0.0.{n}") for n, name in enumerate(of, 1)] for app, of in names.items()}
    common = {"domain": "acme", "cartridges": ["php-5.4"], "gears": 2, "ha": True}
    applications = [
        {**common, "name": app, "haproxy": len(of), "endpoints": [gear.endpoint for gear in of]}
        for app, of in gears.items()
    ]
    platform.broker.seed({"applications": applications})
    name = "nginx" if request.param is Nginx else "haproxy"
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="router")))
        fleet = Fleet(ansible, request.param(required(name, package=name), directory))
        for gear in (gear for of in gears.values() for gear in of):
            stack.callback(gear.kill)
            gear.start()
        run = fleet.run()
        assert run.rc == 0, run.output
        stack.callback(fleet.router.stop)
        fleet.router.start()
        yield fleet


def result_of(run: PlayRun, name: str) -> dict[str, Any]:
    (task,) = (task for task in run.tasks if task.task.endswith(name))
    return task.result


def test_the_drill_stops_at_its_first_failed_request_and_puts_the_instance_back(fleet: Fleet) -> None:
    before = fleet.router.config.read_bytes()
    check = fleet.run("--check", tasks_from="drill")
    assert check.rc == 0, check.output
    steps = result_of(check, "Plan the drill")["steps"]
    assert [step["application"] for step in steps] == ["acme/shop", "acme/zoo"]

    path = fleet.ansible.directory / "drills.json"
    run = fleet.run("-e", f"app_router_drill_path={path}", tasks_from="drill")
    assert run.rc == 2, run.output
    summary = result_of(run, "Summarize the drill")["summary"]
    shop, zoo, crm = summary["applications"]
    assert (shop["application"], shop["status"], shop["failed_requests"]) == ("acme/shop", "passed", 0)
    assert shop["requests"] > 2
    assert (zoo["application"], zoo["status"], zoo["failed_requests"]) == ("acme/zoo", "failed", 1)
    assert (zoo["restored"], crm["status"], summary["failed_names"]) == (True, "skipped", ["acme/zoo"])
    message = result_of(run, "Fail if an application failed")["msg"]
    assert message.startswith("acme/zoo: the drill on localhost failed: a request failed without ")
    assert "Every HAProxy instance gets requests again" in message
    assert fleet.router.config.read_bytes() == before
    assert fleet.router.answer("zoo-acme.example.com")[0] == 200
    assert drilled(path) == [("acme/shop", "passed"), ("acme/zoo", "failed")]


def drilled(path: Path) -> list[tuple[str, str]]:
    """The application and the status of each record in the file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["version"] == 1
    return [(record["application"], record["status"]) for record in document["results"]]


def kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


@dataclass(frozen=True)
class Drill:
    """A run of the drill, in a session of its own, as in a terminal."""

    run: subprocess.Popen[str]
    sshd: SshServer
    config: str

    def processes(self) -> list[Process]:
        """Those on the router: the drill, and the one that puts the instance back."""
        return [process for process in find_processes(self.config) if SCRIPT_TITLE in process.command]

    def interrupt(self) -> None:
        os.killpg(self.run.pid, signal.SIGINT)

    def interrupt_twice(self) -> None:
        self.interrupt()
        self.interrupt()

    def terminate(self) -> None:
        self.run.send_signal(signal.SIGTERM)

    def kill_run(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.run.pid, signal.SIGKILL)

    def kill_script(self) -> None:
        """The process that sends the requests. The one that puts the instance back is no descendant of the run."""
        for process in find_descendants(self.run.pid):
            if SCRIPT_TITLE in process.command:
                kill(process)

    def kill_ssh_client(self) -> None:
        for process in find_descendants(self.run.pid):
            if process.command.startswith("ssh "):
                kill(process)

    def kill_ssh_session(self) -> None:
        for process in find_descendants(self.sshd.pid):
            if process.command.startswith("sshd"):
                kill(process)


Way = tuple[Callable[[Drill], None], dict[str, Any]]
LOCAL: dict[str, Any] = {"ansible_connection": "local"}
TERMINAL: dict[str, Any] = {"ansible_ssh_use_tty": True}
PIPE: dict[str, Any] = {"ansible_ssh_pipelining": True}
#: Ways to interrupt a drill, each with the connection to the router.
WAYS: tuple[Way, ...] = (
    (Drill.interrupt, LOCAL),
    (Drill.interrupt_twice, LOCAL),
    (Drill.terminate, LOCAL),
    (Drill.kill_run, LOCAL),
    (Drill.kill_script, LOCAL),
)
WAYS_OVER_SSH: tuple[Way, ...] = (
    (Drill.interrupt, TERMINAL),
    (Drill.kill_ssh_client, TERMINAL),
    (Drill.kill_ssh_session, TERMINAL),
    (Drill.kill_ssh_client, PIPE),
    (Drill.kill_ssh_session, PIPE),
)


@pytest.mark.parametrize("ways", [WAYS, WAYS_OVER_SSH], ids=["local", "ssh"])
def test_an_interrupted_drill_puts_the_instance_back(fleet: Fleet, tmp_path: Path, ways: tuple[Way, ...]) -> None:
    original = fleet.router.config.read_bytes()
    with ssh_server(None, tmp_path / "ssh") as sshd:
        for way, connection in ways:
            drill = start_drill(fleet, sshd, connection)
            assert_put_back(fleet, drill, way, f"{way.__name__}, {connection}")
            assert fleet.router.config.read_bytes() == original, (way, connection)


def assert_put_back(fleet: Fleet, drill: Drill, way: Callable[[Drill], None], case: str) -> None:
    original = fleet.router.config.read_bytes()
    try:
        wait(lambda: is_out(fleet.router, original), f"{case}: no instance was taken out")
        way(drill)
        output, _none = drill.run.communicate(timeout=LONG)
        wait(lambda: not drill.processes(), f"{case}: the drill did not end: {output}")
        wait(lambda: is_whole(fleet.router), f"{case}: the instance was not put back: {output}")
    finally:
        drill.kill_run()


def start_drill(fleet: Fleet, sshd: SshServer, connection: dict[str, Any]) -> Drill:
    """Start a drill of ``acme/shop``. Each instance is out for long enough to interrupt the drill."""
    directory = fleet.ansible.directory
    role = {"name": ROLE, "tasks_from": "drill"}
    variables = {**fleet.router.variables, "app_router_drill_seconds": 8, "app_router_applications": ["acme/shop"]}
    play = {"hosts": "router1", "gather_facts": False, "vars": variables, "tasks": [{"import_role": role}]}
    (directory / "drill.yml").write_text(json.dumps([play]), encoding="utf-8")
    host = sshd.inventory(ansible_python_interpreter=sys.executable, **connection)
    inventory = {"all": {"hosts": {"router1": host}}}
    (directory / "drill-inventory.yml").write_text(json.dumps(inventory), encoding="utf-8")
    run = subprocess.Popen(
        [str(PROGRAM), "drill.yml", "-i", "drill-inventory.yml"],
        env=fleet.ansible.environment(directory / "unused.jsonl"),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return Drill(run, sshd, str(fleet.router.config))


def wait(condition: Callable[[], bool], problem: str) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, problem
        time.sleep(0.05)


def is_out(router: Router, original: bytes) -> bool:
    """Whether an instance of ``acme/shop`` is out."""
    if isinstance(router, Nginx):
        return router.config.read_bytes() != original
    return any(state == "MAINT" for state, _result, _code in router.checked("shop"))


def is_whole(router: Router) -> bool:
    """Whether the router runs with all instances."""
    if isinstance(router, Nginx):
        return f'return 200 "{router.loaded}";'.encode() in router.config.read_bytes()
    return router.up("shop") == 2

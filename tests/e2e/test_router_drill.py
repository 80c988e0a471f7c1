"""The drill of the role app_router with real routers: a fleet in which one application only seems highly available."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.router_parts import ROOT, Gear, Nginx, Router, until
from tests.harness import Ansible, Platform, PlayRun
from tests.programs import required

pytestmark = pytest.mark.thorough

ROLE = "openshift_v2.apps.app_router"
SCRIPT = ROOT / "roles" / "app_router" / "files" / "drill.py"


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

    run = fleet.run(tasks_from="drill")
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
    assert_a_killed_drill_is_undone(fleet.router, {**steps[0], "seconds": 60})


def assert_a_killed_drill_is_undone(router: Router, step: dict[str, Any]) -> None:
    """A process of its own puts the instance back when the drill is killed."""
    before = router.config.read_bytes()

    def is_out() -> bool:
        if isinstance(router, Nginx):
            return router.config.read_bytes() != before
        return router.up("shop") == 1

    drill = subprocess.Popen([sys.executable, str(SCRIPT), json.dumps(step)], stdout=subprocess.DEVNULL)
    try:
        until(is_out)
    finally:
        drill.kill()
        drill.wait()
    until(lambda: not is_out())

"""The level traffic against real HAProxy processes: one was killed, one hangs, one answers 503, and the others work."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.router_parts import PATIENCE, Gear, free_port, until
from tests.harness import Ansible, Platform
from tests.programs import required

INFO = "openshift_v2.apps.openshift_app_info"
CONFIGURATION = """
global
    maxconn 50
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
listen gear
    bind {address}:{port}
    http-request deny deny_status 421 unless {{ hdr(host) -i {host} }}
    {server}
"""


@dataclass
class Balancer:
    """The HAProxy of a gear, on an address of its own, in front of a web server or of none."""

    program: str
    directory: Path
    address: str
    host: str
    backend: Gear | None
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"{self.address}:{self.port}"

    def start(self) -> None:
        file = self.directory / f"{self.port}.cfg"
        server = f"server web {self.backend.endpoint}" if self.backend else ""
        text = CONFIGURATION.format(address=self.address, port=self.port, host=self.host, server=server)
        file.write_text(text, encoding="utf-8")
        self._process = subprocess.Popen([self.program, "-db", "-f", str(file)], stderr=subprocess.DEVNULL)

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        if number == signal.SIGKILL:
            self._process.wait(PATIENCE)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(PATIENCE)


@pytest.fixture
def web() -> Iterator[Gear]:
    gear = Gear("web")
    gear.start()
    yield gear
    gear.kill()


@pytest.fixture
def balancers(tmp_path: Path, web: Gear) -> Iterator[dict[str, tuple[Balancer, Balancer]]]:
    """For each application the HAProxy of its head gear, which works, and another one."""
    program = required("haproxy", "haproxy")
    pairs: dict[str, tuple[Balancer, Balancer]] = {}
    for name in ("fine", "killed", "hanging", "error"):
        host = f"{name}-acme.example.com"
        other = None if name == "error" else web
        pairs[name] = (
            Balancer(program, tmp_path, "127.0.0.2", host, web),
            Balancer(program, tmp_path, "127.0.0.3", host, other),
        )
    everyone = [balancer for pair in pairs.values() for balancer in pair]
    try:
        for balancer in everyone:
            balancer.start()
        yield pairs
    finally:
        for balancer in everyone:
            balancer.stop()


def test_instances_that_do_not_answer_do_not_count(
    ansible: Ansible, platform: Platform, balancers: dict[str, tuple[Balancer, Balancer]]
) -> None:
    applications = [
        {
            "domain": "acme",
            "name": name,
            "cartridges": ["php-5.4"],
            "gears": 2,
            "haproxy": 2,
            "ha": True,
            "endpoints": [balancer.endpoint for balancer in pair],
        }
        for name, pair in balancers.items()
    ]
    platform.broker.seed({"applications": applications})
    probe = {"timeout": 2}
    task = {"name": "info", INFO: {"verify": "traffic", "probe": probe, "gather": ["endpoints"]}}

    def found() -> dict[str, dict[str, object]]:
        (run,) = ansible.tasks(task).of("openshift_app_info")
        return {app["name"]: app for app in run.result["applications"]}

    def works(name: str) -> bool:
        return bool(found()[name]["ha_status"] == "highly_available")

    until(lambda: all(works(name) for name in ("fine", "killed", "hanging")))
    balancers["killed"][1].send(signal.SIGKILL)
    balancers["hanging"][1].send(signal.SIGSTOP)
    apps = found()
    assert {name: app["ha_status"] for name, app in apps.items()} == {
        "fine": "highly_available",
        "killed": "degraded",
        "hanging": "degraded",
        "error": "degraded",
    }
    reasons = {"killed": "Connection refused", "hanging": "no answer within 2 s", "error": "HTTP status 503"}
    for name, reason in reasons.items():
        (problem,) = apps[name]["problems"]  # type: ignore[misc]
        assert problem["code"] == "haproxy_unreachable"
        assert reason in problem["message"]
        assert [endpoint["answered"] for endpoint in apps[name]["endpoints"]] == [True, False]  # type: ignore[attr-defined]
    assert apps["fine"]["verified"] == "traffic"

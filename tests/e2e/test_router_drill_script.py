"""The script that drills a router, with real programs and without Ansible."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.router_lab import Lab, open_lab
from tests.e2e.router_parts import Nginx, Router, free_port, until


@pytest.fixture(params=[Router, Nginx])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with open_lab(request.param) as lab:
        yield lab


def outcome(drill: subprocess.Popen[str]) -> dict[str, Any]:
    text, _none = drill.communicate(timeout=240)
    answer: dict[str, Any] = json.loads(text)
    return answer


def test_a_second_drill_takes_nothing_out(lab: Lab) -> None:
    lab.write()
    lab.router.start()
    settings = lab.settings()
    first = lab.drill(lab.plan(settings, 3600))
    try:
        until(lambda: not lab.is_whole)
        second = outcome(lab.drill(lab.plan(settings, 0.1)))
        assert (second["failure"], second["requests"]) == ("another drill of this router has not ended", 0)
    finally:
        first.terminate()
    assert outcome(first)["failure"].endswith("interrupted")
    until(lambda: lab.is_whole)
    assert outcome(lab.drill(lab.plan(settings, 0.1)))["failure"] == ""


def test_a_drill_behind_a_proxy_that_announces_its_clients(lab: Lab) -> None:
    option = "proxy_protocol" if isinstance(lab.router, Nginx) else "accept-proxy"
    bind = {"app_router_http_bind": [f"127.0.0.1:{free_port()} {option}", f"127.0.0.1:{lab.router.port}"]}
    lab.write(**bind)
    lab.router.start()
    drilled = outcome(lab.drill(lab.plan(lab.settings(**bind), 0.1)))
    assert (drilled["failure"], drilled["failed_requests"]) == ("", 0)


@pytest.fixture
def haproxy() -> Iterator[Lab]:
    with open_lab(Router) as lab:
        lab.write()
        lab.router.start()
        until(lambda: lab.is_whole)
        yield lab


@pytest.mark.thorough
def test_an_instance_that_somebody_else_puts_back_has_not_passed(haproxy: Lab) -> None:
    drill = haproxy.drill(haproxy.plan(haproxy.settings(), 8))
    until(lambda: not haproxy.is_whole)
    haproxy.router.set_state("shop", 0, "ready")
    assert outcome(drill)["failure"].startswith("somebody else has put gear-shop1 back meanwhile, or has reloaded")
    until(lambda: haproxy.is_whole)


@pytest.mark.thorough
def test_a_router_that_is_gone_has_nothing_to_put_back(haproxy: Lab) -> None:
    drill = haproxy.drill(haproxy.plan(haproxy.settings(), 3600))
    until(lambda: not haproxy.is_whole)
    haproxy.router.stop()
    result = outcome(drill)
    assert (result["restored"], result["failed_requests"]) == (False, 1)
    haproxy.router.start()
    until(lambda: haproxy.is_whole)

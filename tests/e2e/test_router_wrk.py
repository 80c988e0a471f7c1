"""The router under load by wrk: both programs, in both modes, while it is reloaded and while its gears are killed."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.router_parts import Kind, Load, Nginx, Router, until
from tests.e2e.test_router import SOME, Site, is_changed, run_site, write
from tests.e2e.test_router_fragment import Beside, NginxBeside
from tests.e2e.wrk import CONNECTIONS, Report, Wrk
from tests.harness import Ansible, Platform
from tests.programs import required

pytestmark = pytest.mark.thorough

STREAMS = (("GET", True), ("GET", False), ("POST", True), ("POST", False))
RELOADS = 5


@pytest.fixture(params=[Router, Nginx, Beside, NginxBeside])
def site(request: pytest.FixtureRequest, ansible: Ansible, platform: Platform) -> Iterator[Site]:
    name = "nginx" if issubclass(request.param, Nginx) else "haproxy"
    with tempfile.TemporaryDirectory(prefix="router") as directory:
        router = request.param(required(name, package=name), Path(directory))
        if isinstance(router, (Beside, NginxBeside)):
            router.prepare()
        yield from run_site(ansible, platform, router)


@contextlib.contextmanager
def load(site: Site) -> Iterator[tuple[Load, dict[str, Report]]]:
    """All kinds of requests at once. A slow client counts the progress. The reports are there when it has ended."""
    wrk = required("wrk", package="wrk")
    host = "shop-acme.example.com"
    streams = [Wrk(wrk, site.router.port, host, method, keep) for method, keep in STREAMS]
    progress = Load(site.router.port, host, (Kind(keep=False),))
    reports: dict[str, Report] = {}
    with progress.running():
        for stream in streams:
            stream.start(site.router.directory)
        try:
            yield progress, reports
        finally:
            reports |= {stream.title: stream.stop() for stream in streams}
    assert progress.failures == []


def describe(what: str, reports: dict[str, Report]) -> str:
    lines = [
        f"  {title}: {each.requests} requests, {each.per_second:.0f}/s, 99 % within {each.slowest_percent}, "
        f"{each.failed} failed"
        for title, each in reports.items()
    ]
    return "\n".join([what, *lines])


def test_wrk_counts_no_failure_outside_of_killed_instances(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    router, title = site.router, type(site.router).__name__
    with load(site) as (progress, reports):
        progress.more(SOME)
        assert is_changed(site.configure(app_router_unknown_text="Nothing (1)."))
        for _time in range(RELOADS):
            progress.more(SOME // RELOADS)
            subprocess.run(shlex.split(str(router.variables["app_router_reload_command"])), check=True)
        assert is_changed(site.configure(app_router_unknown_text="Nothing (2)."))
        progress.more(SOME)
    write(capsys, describe(f"{title}, wrk, {RELOADS + 2} reloads:", reports))
    assert {name: each.failed for name, each in reports.items()} == dict.fromkeys(reports, 0)
    assert all(each.requests for each in reports.values())

    with load(site) as (progress, reports):
        for gear in site.shop:
            progress.more(SOME)
            gear.kill()
            progress.more(SOME)
            gear.start()
            progress.until_answered_by(gear.name)
            if not isinstance(router, Nginx):
                until(lambda: router.up("shop") == len(site.shop))
        progress.more(SOME)
    write(capsys, describe(f"{title}, wrk, each of two instances killed:", reports))
    for name, each in reports.items():
        # A POST that was in progress on the killed instance may have been processed: it is not sent again.
        assert each.failed <= (CONNECTIONS * len(site.shop) if name.startswith("POST") else 0), (name, each)

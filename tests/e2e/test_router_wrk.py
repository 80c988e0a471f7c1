"""The router under load by wrk: both programs, in both modes, while it is reloaded and while its gears are killed."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.router_lab import Lab, open_lab
from tests.e2e.router_parts import Kind, Load, Nginx, Router, until
from tests.e2e.test_router_fragment import Beside, NginxBeside
from tests.e2e.wrk import CONNECTIONS, Report, Wrk
from tests.programs import required

pytestmark = pytest.mark.thorough

STREAMS = (("GET", True), ("GET", False), ("POST", True), ("POST", False))
HOST = "shop-acme.example.com"
RELOADS = 10
#: Number of requests of a slow client between one event and the next.
SOME = 50


@pytest.fixture(params=[Router, Nginx, Beside, NginxBeside])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with open_lab(request.param) as lab:
        if isinstance(lab.router, (Beside, NginxBeside)):
            lab.router.prepare()
        lab.write()
        lab.router.start()
        yield lab


@contextlib.contextmanager
def load(lab: Lab) -> Iterator[tuple[Load, dict[str, Report]]]:
    """All kinds of requests at once. A slow client shows the progress. The reports are there when it has ended."""
    wrk = required("wrk", package="wrk")
    streams = [Wrk(wrk, lab.router.port, HOST, method, keep) for method, keep in STREAMS]
    progress = Load(lab.router.port, HOST, (Kind(keep=False),))
    reports: dict[str, Report] = {}
    with progress.running(), contextlib.ExitStack() as stack:
        for stream in streams:
            stream.start(lab.router.directory)
            stack.callback(stream.kill)
        yield progress, reports
        reports |= {stream.title: stream.stop() for stream in streams}
    assert progress.failures == []


def write(capsys: pytest.CaptureFixture[str], what: str, reports: dict[str, Report]) -> None:
    lines = [
        f"  {title}: {each.requests} requests, {each.per_second:.0f}/s, 99 % within {each.slowest_percent}, "
        f"{each.failed} failed"
        for title, each in reports.items()
    ]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", what, *lines, ""]))


def test_no_request_fails_during_reloads(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    with load(lab) as (progress, reports):
        for number in range(RELOADS):
            progress.more(SOME // RELOADS)
            lab.write(app_router_unknown_text=f"Nothing {number}.")
            lab.reload()
            lab.router.until_answers("nowhere", 404, f"Nothing {number}.\n")
        progress.more(SOME)
    write(capsys, f"{type(lab.router).__name__}, {RELOADS} reloads", reports)
    assert {name: each.failed for name, each in reports.items()} == dict.fromkeys(reports, 0)
    assert all(each.requests for each in reports.values())


def test_only_posts_in_progress_on_a_killed_instance_fail(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    with load(lab) as (progress, reports):
        for gear in lab.gears:
            progress.more(SOME)
            gear.kill()
            progress.more(SOME)
            gear.start()
            progress.until_answered_by(gear.name)
            until(lambda: isinstance(lab.router, Nginx) or lab.is_whole)
        progress.more(SOME)
    write(capsys, f"{type(lab.router).__name__}, each of {len(lab.gears)} instances killed", reports)
    for name, each in reports.items():
        # A POST that was in progress on the killed instance may have been processed: it is not sent again.
        assert each.failed <= (CONNECTIONS * len(lab.gears) if name.startswith("POST") else 0), (name, each)

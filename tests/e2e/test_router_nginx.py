"""The same as test_router.py with Debian's nginx: gears that are killed and reloads under load."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.router_parts import Kind, Nginx
from tests.e2e.test_router import SOME, Site, assert_no_failures_outside, describe, is_changed, run_site, write
from tests.harness import Ansible, Platform
from tests.programs import required


@pytest.fixture
def site(ansible: Ansible, platform: Platform) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="router") as directory:
        yield from run_site(ansible, platform, Nginx(required("nginx", package="nginx"), Path(directory)))


@pytest.mark.thorough
def test_killed_instances_and_reloads_under_load(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    shop = site.load("shop")
    long = site.load("shop", (Kind(path="/slow/3"), Kind("POST", path="/slow/3")))
    kills = []
    with shop.running():
        for gear in site.shop:
            shop.more(SOME)
            kills.append(gear.kill())
            shop.more(SOME)
            gear.start()
            # A server that has failed gets its next request after fail_timeout.
            shop.until_answered_by(gear.name)
            shop.more(SOME)
    write(capsys, describe("nginx, each of two HAProxy instances killed", shop, kills))
    assert shop.gears == {"shop1", "shop2"}
    assert_no_failures_outside(shop, kills)

    load = site.load("shop")
    with long.running(), load.running():
        load.more(SOME)
        assert is_changed(site.configure(app_router_unknown_text="Nothing $here."))
        load.more(SOME)
    write(capsys, describe("nginx, a reload", load, []))
    write(capsys, describe("nginx, a reload, requests of 3 s", long, []))
    assert load.failures == []
    assert long.failures == []
    site.router.until_answers("nowhere", 404, "Nothing $here.\n")


@pytest.mark.thorough
def test_a_reload_that_nginx_rejects_is_undone(site: Site) -> None:
    before = site.router.config.read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        bound = [f"127.0.0.1:{site.router.port}", taken]
        run = site.attempt(app_router_http_bind=bound, app_router_reload_wait=2)
    assert run.rc == 2, run.output
    message = [task for task in run.tasks if task.failed][-1].result["msg"]
    assert message.startswith("nginx does not run with the new configuration 2 seconds after the reload.")
    assert "The former configuration is in place again." in message
    assert site.router.config.read_bytes() == before
    assert site.router.answer("shop-acme.example.com")[0] == 200

"""A real router in front of gears that die: Debian's haproxy, configured by the role app_router.

Small web servers stand for the gears' HAProxy, at the endpoints that the embedded broker reports. Clients ask
steadily and count; nothing depends on how long anything takes.
"""

from __future__ import annotations

import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.router_parts import Gear, Kind, Load, Router, Span, until
from tests.harness import Ansible, Platform, PlayRun
from tests.programs import required

ROLE = "openshift_v2.apps.app_router"
#: GET and POST, each on kept and on new connections.
KINDS = (*[Kind()] * 4, *[Kind(keep=False)] * 2, Kind("POST"), Kind("POST", keep=False))
#: Requests that are let through between one event and the next.
SOME = 200


@dataclass
class Site:
    """Two applications, a router in front of them, and what reaches them by it."""

    ansible: Ansible
    router: Router
    shop: tuple[Gear, Gear] = field(default_factory=lambda: (Gear("shop1"), Gear("shop2")))
    #: The second one becomes an endpoint only when the application gets its second HAProxy.
    crm: tuple[Gear, Gear] = field(default_factory=lambda: (Gear("crm1"), Gear("crm2")))

    def configure(self, **variables: Any) -> PlayRun:
        """Have the role configure the router, which must run with that when the role is done."""
        before = self.router.worker
        run = self.attempt(**variables)
        assert run.rc == 0, run.output
        if before and changed(run):
            assert self.router.worker not in (0, before)
        return run

    def attempt(self, **variables: Any) -> PlayRun:
        play = {"hosts": "localhost", "gather_facts": False, "roles": [ROLE]}
        return self.ansible.playbook([play], extra_vars={**self.router.variables, **variables})

    def load(self, application: str, kinds: tuple[Kind, ...] = KINDS) -> Load:
        return Load(self.router.port, f"{application}-acme.example.com", kinds)


def changed(run: PlayRun) -> bool:
    return any(task.result.get("changed") for task in run.tasks)


@pytest.fixture
def site(ansible: Ansible, platform: Platform) -> Iterator[Site]:
    """``acme/shop`` is highly available, ``acme/crm`` only in name; its gears and a router run."""
    with tempfile.TemporaryDirectory(prefix="router") as directory:  # Short: it holds a socket.
        site = Site(ansible, Router(required("haproxy", package="haproxy"), Path(directory)))
        gears = (*site.shop, *site.crm)
        applications = [
            {"name": "shop", "haproxy": 2, "endpoints": [gear.endpoint for gear in site.shop]},
            {"name": "crm", "haproxy": 1, "endpoints": [gear.endpoint for gear in site.crm]},
        ]
        of_all = {"domain": "acme", "cartridges": ["php-5.4"], "gears": 2, "ha": True}
        platform.broker.seed({"applications": [{**of_all, **each} for each in applications]})
        try:
            for gear in gears:
                gear.start()
            site.configure()
            site.router.start()
            yield site
        finally:
            site.router.stop()
            for gear in gears:
                gear.kill()


def kill_each_in_turn(site: Site, gears: tuple[Gear, ...], application: str, load: Load) -> list[Span]:
    """Kill one gear after the other, each when all are up again."""
    kills = []
    for gear in gears:
        until(lambda: site.router.up(application) == len(gears))
        load.more(SOME)
        kills.append(gear.kill())
        load.more(SOME)
        gear.start()
    until(lambda: site.router.up(application) == len(gears))
    load.more(SOME)
    return kills


def say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


def told(what: str, load: Load, kills: list[Span], retried: int | None = None) -> str:
    otherwise = len(load.failed_otherwise(kills))
    more = "" if retried is None else f", {retried} tried again with the other HAProxy"
    return f"{what}: {load.sent} requests, {len(load.failures)} failed ({otherwise} not under way on it){more}"


def test_a_killed_haproxy_is_an_outage_for_the_degraded_and_none_after_the_repair(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    shop, crm = site.load("shop"), site.load("crm")
    with shop.running(), crm.running():
        shop_kills = kill_each_in_turn(site, site.shop, "shop", shop)
        shop_retried = site.router.retried("shop")
        kills = kill_each_in_turn(site, site.crm[:1], "crm", crm)
    say(capsys, told("highly available, each of its two HAProxy killed", shop, shop_kills, shop_retried))
    say(capsys, told("degraded, its one HAProxy killed", crm, kills))
    assert shop.gears == {"shop1", "shop2"}
    assert crm.gears == {"crm1"}
    assert_none_failed_otherwise(shop, shop_kills)
    assert shop_retried > 0
    assert crm.failed_otherwise(kills)

    repaired = site.load("crm")
    with repaired.running():
        run = site.ansible.tasks({"openshift_v2.apps.openshift_app_ha": {"domain": "acme", "name": "crm"}})
        assert run.tasks[0].result["application"]["ha_status"] == "highly_available"
        assert changed(site.configure())
        assert repaired.failures == []
        kills = kill_each_in_turn(site, site.crm, "crm", repaired)
    say(capsys, told("repaired, each of its two HAProxy killed", repaired, kills, site.router.retried("crm")))
    assert repaired.gears == {"crm1", "crm2"}
    assert_none_failed_otherwise(repaired, kills)


def assert_none_failed_otherwise(load: Load, kills: list[Span]) -> None:
    """A GET under way on the killed HAProxy is tried again with the other; a POST, which it may have taken, is not."""
    assert [failure for failure in load.failures if not failure.what.startswith("POST")] == []
    assert load.failed_otherwise(kills) == []


def test_a_reload_fails_nothing_and_waits_for_long_requests(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    load = site.load("shop", (Kind(), Kind(keep=False), Kind("POST"), Kind("POST", keep=False)))
    long = site.load("shop", (Kind(path="/slow/5"), Kind("POST", path="/slow/5")))
    with long.running(), load.running():
        for number in range(2):
            load.more(SOME)
            assert changed(site.configure(app_router_unknown_text=f"Nothing here ({number}).")), number
        load.more(SOME)
        assert not changed(site.configure(app_router_unknown_text="Nothing here (1)."))
    say(capsys, told("2 reloads", load, []))
    say(capsys, told("2 reloads, requests of 5 s", long, []))
    assert load.failures == []
    assert long.failures == []


def test_an_answer_that_is_the_applications_own_business_takes_nothing_out_of_service(site: Site) -> None:
    for status in ("404", "401", "500"):
        site.configure(app_router_check_path=f"/status/{status}", app_router_check_interval="100ms")
        until(lambda: all(code == status for _state, _found, code in site.router.checked("shop")))  # noqa: B023
        assert site.router.checked("shop") == {("UP", "L7OK", status)}
    site.configure(app_router_check_path="/status/503", app_router_check_interval="100ms")
    until(lambda: site.router.up("shop") == 0)
    assert {found for _state, found, _code in site.router.checked("shop")} == {"L7STS"}


def test_a_reload_that_haproxy_refuses_is_none(site: Site) -> None:
    before = site.router.config.read_bytes()
    worker = site.router.worker
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        variables = {"app_router_http_bind": [f"127.0.0.1:{site.router.port}", taken], "app_router_reload_wait": 2}
        for _time in range(2):
            run = site.attempt(**variables, app_router_unknown_text="Nothing new.")
            assert run.rc == 2, run.output
            told = [task for task in run.tasks if task.failed][-1].result["msg"]
            assert told.startswith("HAProxy does not run with the new configuration 2 seconds after the reload.")
            assert told.endswith("The former configuration is in place again.")
            assert site.router.config.read_bytes() == before
    assert site.router.worker == worker
    site.configure(**variables, app_router_unknown_text="Nothing new.")
    assert site.router.answer("nowhere") == (404, "Nothing new.\n")


def test_a_name_that_is_not_to_be_resolved_keeps_no_other_application_from_being_routed(
    site: Site, platform: Platform
) -> None:
    odd = {"domain": "acme", "name": "odd", "cartridges": ["php-5.4"], "gears": 2, "ha": True}
    platform.broker.seed({"applications": [{**odd, "endpoints": ["node8.invalid:4001", "node9.invalid:4002"]}]})
    assert changed(site.configure())
    assert site.router.answer("odd-acme.example.com")[0] == 503
    assert site.router.answer("shop-acme.example.com")[0] == 200

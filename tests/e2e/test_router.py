"""A real router in front of gears that are killed: Debian's haproxy, configured by the role app_router.

Small web servers stand for the HAProxy instances of the gears, at the endpoints that the embedded broker reports.
Clients send requests steadily and count failures. No test depends on timing.
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

from tests.e2e.router_parts import RELOAD, Gear, Kind, Load, Router, Span, until
from tests.harness import Ansible, Platform, PlayRun
from tests.programs import required

ROLE = "openshift_v2.apps.app_router"
#: GET and POST, each on persistent and on new connections.
KINDS = (*[Kind()] * 4, *[Kind(keep=False)] * 2, Kind("POST"), Kind("POST", keep=False))
#: Number of requests between one event and the next.
SOME = 200


@dataclass
class Site:
    """Two applications, and a router in front of them."""

    ansible: Ansible
    router: Router
    shop: tuple[Gear, Gear] = field(default_factory=lambda: (Gear("shop1"), Gear("shop2")))
    #: The second gear becomes an endpoint when the application gets its second HAProxy instance.
    crm: tuple[Gear, Gear] = field(default_factory=lambda: (Gear("crm1"), Gear("crm2")))

    def configure(self, **variables: Any) -> PlayRun:
        """Configure the router with the role. When the role has ended, HAProxy must run with the new configuration."""
        before = self.router.worker
        run = self.attempt(**variables)
        assert run.rc == 0, run.output
        if before and is_changed(run):
            # For a moment, the former process may still accept connections.
            until(lambda: self.router.worker not in (0, before))
        return run

    def attempt(self, **variables: Any) -> PlayRun:
        play = {"hosts": "localhost", "gather_facts": False, "roles": [ROLE]}
        return self.ansible.playbook([play], extra_vars={**self.router.variables, **variables})

    def load(self, application: str, kinds: tuple[Kind, ...] = KINDS) -> Load:
        return Load(self.router.port, f"{application}-acme.example.com", kinds)


def is_changed(run: PlayRun) -> bool:
    return any(task.result.get("changed") for task in run.tasks)


@pytest.fixture
def site(ansible: Ansible, platform: Platform) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="router") as directory:  # The path of a socket must be short.
        yield from run_site(ansible, platform, Router(required("haproxy", package="haproxy"), Path(directory)))


def run_site(ansible: Ansible, platform: Platform, router: Router) -> Iterator[Site]:
    """``acme/shop`` is highly available, ``acme/crm`` is degraded. Their gears and a router run."""
    site = Site(ansible, router)
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
    """Kill one gear after the other, each time when all are up again."""
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


def write(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


def describe(what: str, load: Load, kills: list[Span], retried: int | None = None) -> str:
    otherwise = len(load.failures_outside(kills))
    more = "" if retried is None else f", {retried} retried with the other HAProxy instance"
    return f"{what}: {load.sent} requests, {len(load.failures)} failed ({otherwise} not sent to it during a kill){more}"


@pytest.mark.thorough
def test_a_killed_haproxy_instance_is_an_outage_only_before_the_repair(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    shop, crm = site.load("shop"), site.load("crm")
    with shop.running(), crm.running():
        shop_kills = kill_each_in_turn(site, site.shop, "shop", shop)
        shop_retried = site.router.retried("shop")
        kills = kill_each_in_turn(site, site.crm[:1], "crm", crm)
    write(capsys, describe("highly available, each of its HAProxy instances killed", shop, shop_kills, shop_retried))
    write(capsys, describe("degraded, its HAProxy instance killed", crm, kills))
    assert shop.gears == {"shop1", "shop2"}
    assert crm.gears == {"crm1"}
    assert_no_failures_outside(shop, shop_kills)
    assert shop_retried > 0
    assert crm.failures_outside(kills)

    repaired = site.load("crm")
    with repaired.running():
        run = site.ansible.tasks({"openshift_v2.apps.openshift_app_ha": {"domain": "acme", "name": "crm"}})
        assert run.tasks[0].result["application"]["ha_status"] == "highly_available"
        assert is_changed(site.configure())
        assert repaired.failures == []
        kills = kill_each_in_turn(site, site.crm, "crm", repaired)
    write(
        capsys, describe("repaired, each of its HAProxy instances killed", repaired, kills, site.router.retried("crm"))
    )
    assert repaired.gears == {"crm1", "crm2"}
    assert_no_failures_outside(repaired, kills)


def assert_no_failures_outside(load: Load, kills: list[Span]) -> None:
    """An interrupted GET is retried with the other HAProxy instance. A POST is not: it may have been processed."""
    assert [failure for failure in load.failures if not failure.what.startswith("POST")] == []
    assert load.failures_outside(kills) == []


def test_a_reload_interrupts_no_request(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    load = site.load("shop", (Kind(), Kind(keep=False), Kind("POST"), Kind("POST", keep=False)))
    long = site.load("shop", (Kind(path="/slow/5"), Kind("POST", path="/slow/5")))
    with long.running(), load.running():
        for number in range(2):
            load.more(SOME)
            assert is_changed(site.configure(app_router_unknown_text=f"Nothing here ({number}).")), number
        load.more(SOME)
        assert not is_changed(site.configure(app_router_unknown_text="Nothing here (1)."))
    write(capsys, describe("2 reloads", load, []))
    write(capsys, describe("2 reloads, requests of 5 s", long, []))
    assert load.failures == []
    assert long.failures == []


def test_only_gateway_errors_take_a_server_out_of_service(site: Site) -> None:
    for status in ("404", "401", "500"):
        site.configure(app_router_check_path=f"/status/{status}", app_router_check_interval="100ms")
        # A check in progress shows the code 0 for a moment.
        until(lambda: site.router.checked("shop") == {("UP", "L7OK", status)})  # noqa: B023
    site.configure(app_router_check_path="/status/503", app_router_check_interval="100ms")
    until(lambda: site.router.up("shop") == 0)
    assert {result for _state, result, _code in site.router.checked("shop")} == {"L7STS"}


def test_a_reload_that_haproxy_rejects_is_undone(site: Site) -> None:
    before = site.router.config.read_bytes()
    worker = site.router.worker
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        variables = {"app_router_http_bind": [f"127.0.0.1:{site.router.port}", taken], "app_router_reload_wait": 2}
        for _time in range(2):
            run = site.attempt(**variables, app_router_unknown_text="Nothing new.")
            assert run.rc == 2, run.output
            message = [task for task in run.tasks if task.failed][-1].result["msg"]
            assert message.startswith("HAProxy does not run with the new configuration 2 seconds after the reload.")
            assert "The former configuration is in place again." in message
            assert site.router.config.read_bytes() == before
            # A state that nobody has loaded must not return with a later restart.
            assert next(site.router.directory.glob("*.state")).read_text(encoding="utf-8") == "1\n"
    assert site.router.worker == worker
    site.configure(**{**variables, "app_router_reload_wait": RELOAD}, app_router_unknown_text="Nothing new.")
    site.router.until_answers("nowhere", 404, "Nothing new.\n")


@pytest.mark.thorough
def test_drained_and_disabled_servers_stay_so_across_a_reload(site: Site) -> None:
    site.router.set_state("shop", 0, "drain")
    site.router.set_state("crm", 0, "maint")
    assert is_changed(site.configure(app_router_unknown_text="Changed."))
    assert {state for state, _result, _code in site.router.checked("crm")} == {"MAINT"}
    assert sorted(state.split()[0] for state, _result, _code in site.router.checked("shop")) == ["DRAIN", "UP"]
    assert is_changed(site.configure(app_router_unknown_text="Again.", app_router_running_socket=""))
    assert {state for state, _result, _code in site.router.checked("crm")} == {"MAINT"}
    site.router.set_state("crm", 0, "ready")
    # An administrator's decision is not repeated by a later reload without the role.
    assert next(site.router.directory.glob("*.state")).read_text(encoding="utf-8") == "1\n"


def test_an_unresolvable_name_does_not_affect_other_applications(site: Site, platform: Platform) -> None:
    odd = {"domain": "acme", "name": "odd", "cartridges": ["php-5.4"], "gears": 2, "ha": True}
    platform.broker.seed({"applications": [{**odd, "endpoints": ["node8.invalid:4001", "node9.invalid:4002"]}]})
    assert is_changed(site.configure())
    assert site.router.answer("odd-acme.example.com")[0] == 503
    assert site.router.answer("shop-acme.example.com")[0] == 200

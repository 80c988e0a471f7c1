"""Fleets, and the broker as a program."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.broker import EmbeddedBroker
from tests.broker.fleet import BadFleet, load

from .client import BASE, Client

ROOT = Path(__file__).resolve().parents[2]
FLEET: dict[str, Any] = {
    "settings": {"default_ha_multiplier": 0, "write_latency": 0},
    "users": [{"login": "owner", "ha": True, "max_gears": 30}, {"login": "viewer"}],
    "domains": [{"name": "acme", "owner": "owner", "members": [{"login": "viewer", "role": "view"}]}],
    "applications": [
        {"domain": "acme", "name": "one", "cartridges": ["php-5.4"]},
        {
            "domain": "acme",
            "name": "trap",
            "cartridges": ["php-5.4", "mysql-5.5"],
            "gears": 3,
            "ha": True,
            "haproxy": 1,
        },
        {
            "domain": "acme",
            "name": "good",
            "cartridges": ["php-5.4", "cron-1.4"],
            "gears": 4,
            "ha": True,
            "min_gears": 3,
            "max_gears": 5,
            "endpoints": ["127.0.0.1:9001", "127.0.0.1:9002"],
        },
        {"domain": "acme", "name": "limited", "cartridges": ["php-5.4"], "gears": 2, "max_gears": 2, "upgrading": True},
        {"domain": "acme", "name": "plain", "cartridges": ["php-5.4"], "scalable": False},
    ],
}


@pytest.fixture(scope="module")
def seeded() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(fleet=FLEET) as broker:
        yield broker


def test_fleet_is_seeded(seeded: EmbeddedBroker) -> None:
    client = Client(seeded.url)
    assert client.counts("one") == (False, 1, 1)
    assert client.counts("trap") == (True, 3, 1)
    assert client.counts("good") == (True, 4, 2)
    assert client.counts("limited") == (False, 2, 1)
    assert client.get("/domain/acme/application/plain").data["scalable"] is False
    assert client.get("/user").data["consumed_gears"] == 1 + 4 + 4 + 2 + 1
    shown = client.get("/domain/acme/application/good/cartridge/php-5.4").data
    assert (shown["scales_from"], shown["scales_to"]) == (3, 5)
    assert Client(seeded.url, "viewer").event("one", "scale-up").status == 403
    assert client.event("limited", "scale-up").exit_code == 1


def test_web_gears_are_on_the_configured_nodes() -> None:
    """Numbers of nodes, or addresses of endpoints that are addresses of nodes."""
    together = {"domain": "acme", "gears": 2, "ha": True}
    by_address = {**together, "name": "two", "endpoints": ["10.0.0.5:1", "10.0.0.5:2"]}
    applications = [
        {**together, "name": "one", "cartridges": ["php-5.4"], "nodes": [4, 4], "states": ["started", "stopped"]},
        {**by_address, "cartridges": ["php-5.4"]},
    ]
    with EmbeddedBroker(fleet={**FLEET, "applications": applications}) as broker:
        state = broker.state()
        gears = [each["groups"][0]["gears"] for each in state["applications"]]
        assert [[gear["node"] for gear in each] for each in gears] == [["10.0.0.5", "10.0.0.5"]] * 2
        assert [gear["state"] for gear in gears[0]] == ["started", "stopped"]
        client = Client(broker.url)
        assert broker.move_gear("acme/two", gears[1][1]["id"], "10.0.0.6") == "moved to 10.0.0.6"
        groups = client.get("/domain/acme/application/two/gear_groups?include=endpoints").data
        assert [gear["endpoints"][1]["external_address"] for gear in groups[0]["gears"]] == ["10.0.0.5", "10.0.0.6"]


def test_given_addresses_are_used_once(broker: EmbeddedBroker, client: Client) -> None:
    """The first HAProxy gears have the given addresses, and a gear that replaces one is on another node."""
    application = {
        "domain": "acme",
        "name": "one",
        "cartridges": ["php-5.4"],
        "endpoints": ["10.0.0.5:1", "10.0.0.5:2"],
    }
    broker.seed({"applications": [application]})
    shown = []
    for event in ("make-ha", "disable-ha", "scale-down", "make-ha"):
        assert client.event("one", event).status == 200
        groups = client.get("/domain/acme/application/one/gear_groups?include=endpoints").data
        shown.append([gear["endpoints"][1]["external_address"] for gear in groups[0]["gears"]])
    assert shown == [["10.0.0.5"] * 2, ["10.0.0.5"] * 2, ["10.0.0.5"], ["10.0.0.5", "10.0.0.6"]]


def test_haproxy_endpoints_have_the_configured_addresses(seeded: EmbeddedBroker) -> None:
    groups = Client(seeded.url).get("/domain/acme/application/good/gear_groups?include=endpoints").data
    proxies = [
        (endpoint["external_address"], endpoint["external_port"])
        for gear in groups[0]["gears"]
        for endpoint in gear["endpoints"]
        if endpoint["types"] == ["load_balancer"]
    ]
    assert proxies == [("127.0.0.1", "9001"), ("127.0.0.1", "9002")]


def test_limits_of_the_fleet_survive_disable_ha_as_if_set_before(seeded: EmbeddedBroker) -> None:
    client = Client(seeded.url)
    assert client.event("good", "disable-ha").status == 200
    shown = client.get("/domain/acme/application/good/cartridge/php-5.4").data
    assert (shown["scales_from"], shown["scales_to"]) == (3, 5)


def _bad(section: str, value: Any) -> dict[str, Any]:
    return {**FLEET, section: value}


def _bad_application(**fields: Any) -> dict[str, Any]:
    application = {"domain": "acme", "name": "bad", "cartridges": ["php-5.4"], **fields}
    return _bad("applications", [{name: value for name, value in application.items() if value is not None}])


@pytest.mark.parametrize(
    ("fleet", "words"),
    [
        ([], "fleet: must be a map"),
        ({"apps": []}, "unknown field 'apps'"),
        (_bad("settings", {"speed": 1}), "unknown setting 'speed'"),
        (_bad("users", [{"login": ""}]), "users[0].login"),
        (_bad("domains", [{"name": "acme", "owner": "nobody"}]), "unknown user 'nobody'"),
        (_bad("domains", [{"name": "a-b", "owner": "owner"}]), "domains[0].name"),
        (_bad("domains", [{"name": "d", "owner": "owner", "members": [{"login": "viewer", "role": "x"}]}]), "role"),
        (_bad("domains", [{"name": "acme", "owner": "owner"}] * 2), "already exists"),
        (_bad_application(domain="nowhere"), "unknown domain 'nowhere'"),
        (_bad_application(name="no-name"), "applications[0].name"),
        (_bad_application(cartridges=["php-9"]), "unknown cartridge 'php-9'"),
        (_bad_application(cartridges=[]), "exactly one web cartridge"),
        (_bad_application(gears=0), "applications[0].gears"),
        (_bad_application(gears=1, ha=True), "at least 2 web gears"),
        (_bad_application(gears=2, haproxy=3), "more HAProxy instances than web gears"),
        (_bad_application(scalable=False, ha=True), "not scalable"),
        (_bad_application(gears=2, min_gears=3), "min_gears"),
        (_bad_application(gears=2, max_gears=1), "max_gears"),
        (_bad_application(endpoints=["here"]), "must be ADDRESS:PORT"),
        (_bad_application(nodes=[13]), "applications[0].nodes: must be numbers from 1 to 12"),
        (_bad_application(nodes=[1, 2]), "more nodes or states than web gears"),
        (_bad_application(states=["dead"]), "applications[0].states: must be one of"),
        (_bad_application(colour="red"), "unknown field 'colour'"),
    ],
)
def test_invalid_fleet_is_refused_with_the_place(fleet: Any, words: str) -> None:
    with pytest.raises(BadFleet) as caught, EmbeddedBroker(fleet=fleet):
        pass
    assert words in str(caught.value)


def test_yaml_and_json_files_are_equivalent(tmp_path: Path) -> None:
    (tmp_path / "fleet.json").write_text(json.dumps(FLEET))
    (tmp_path / "fleet.yml").write_text(json.dumps(FLEET))
    assert load(tmp_path / "fleet.json") == load(tmp_path / "fleet.yml") == FLEET


@contextmanager
def _program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.broker", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_program_serves_until_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps(FLEET))
    with _program("--fleet", str(path)) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("listening on ").strip()
        assert Client(url).counts("trap") == (True, 3, 1)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")


def test_program_serves_https() -> None:
    with _program("--tls") as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("listening on ").strip()
        ca_path = process.stdout.readline().removeprefix("ca: ").strip()
        assert url.startswith("https://127.0.0.1:")
        assert requests.get(f"{url}{BASE}/api", verify=ca_path, timeout=60).status_code == 200
        process.terminate()
        assert process.wait(timeout=60) == 0
    assert not Path(ca_path).exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [("[]", "must be a map"), ("{a: [", "while parsing"), (None, "No such file or directory")],
)
def test_program_refuses_an_invalid_fleet_in_one_line(tmp_path: Path, content: str | None, words: str) -> None:
    path = tmp_path / "fleet.yml"
    if content is not None:
        path.write_text(content)
    with _program("--fleet", str(path)) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err


def test_program_reports_a_port_in_use(running_broker: EmbeddedBroker) -> None:
    port = running_broker.url.rpartition(":")[2]
    with _program("--port", port) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert port in err

"""Nodes: placement, outages, states and moves of gears, and operations that stay in the queue."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.broker import EmbeddedBroker

from .client import BrokerAnswer, Client

GROUPS = "/domain/acme/application/a1/gear_groups"


@pytest.fixture
def nodes(broker: EmbeddedBroker) -> EmbeddedBroker:
    """The broker, which does not wait for nodes that do not answer."""
    broker.settings(node_timeout=0)
    return broker


def _gears(broker: EmbeddedBroker, cartridge: str = "php-5.4") -> list[dict[str, Any]]:
    """Return the gears of ``a1`` with a cartridge: the actual state."""
    groups = broker.state()["applications"][0]["groups"]
    gears: list[dict[str, Any]] = next(group["gears"] for group in groups if cartridge in group["cartridges"])
    return gears


def _pending(broker: EmbeddedBroker) -> list[str]:
    pending: list[str] = broker.state()["applications"][0]["pending"]
    return pending


def _proxies(client: Client) -> list[str]:
    """Return the addresses of the HAProxy endpoints."""
    return [
        endpoint["external_address"]
        for group in client.get(f"{GROUPS}?include=endpoints").data
        for gear in group["gears"]
        for endpoint in gear["endpoints"]
        if endpoint["types"] == ["load_balancer"]
    ]


def _states(client: Client) -> list[str]:
    return [gear["state"] for group in client.get(GROUPS).data for gear in group["gears"]]


def _make_3_2(client: Client) -> None:
    client.create("a1")
    client.event("a1", "make-ha")
    client.event("a1", "scale-up")


def _failed(answer: BrokerAnswer) -> tuple[int, int | None, str]:
    """Return the status, the exit code and the reason of a node's failure."""
    text = str(answer.text).partition("\nReference ID")[0]
    return answer.status, answer.exit_code, text.removeprefix("Unable to complete the requested operation due to: ")


def _no_answer(node: str) -> str:
    return (
        f"The server {node} that your application is running on failed to respond in time.  This may be due to a "
        "system restart."
    )


NO_FACTS = "Node execution failure (error getting facts)."


@pytest.mark.parametrize("count", [2, 5, 12])
def test_gears_are_spread_over_nodes(nodes: EmbeddedBroker, client: Client, count: int) -> None:
    nodes.settings(nodes=count)
    client.create("a1")
    client.event("a1", "make-ha")
    client.limits("a1", scales_from=2 * count)
    used = [gear["node"] for gear in _gears(nodes)]
    assert sorted(used) == sorted([node["address"] for node in nodes.state()["nodes"]] * 2)
    assert len(set(_proxies(client))) == 2


def test_first_gears_are_spread_over_nodes(nodes: EmbeddedBroker, client: Client) -> None:
    for number in range(12):
        client.create(f"app{number}")
    used = {each["groups"][0]["gears"][0]["node"] for each in nodes.state()["applications"]}
    assert len(used) == 12


def test_zones_have_equal_numbers_of_gears(nodes: EmbeddedBroker, client: Client) -> None:
    nodes.settings(nodes=6, zones=["east/a", "east/a", "east/a", "east/b", "east/b", "west/c"])
    nodes.set_node("10.0.0.7", True)
    client.create("a1")
    client.event("a1", "scale-up", to=4)
    places = [(gear["region"], gear["zone"]) for group in client.get(GROUPS).data for gear in group["gears"]]
    assert sorted(places) == [("east", "a")] * 2 + [("east", "b")] * 2
    assert [region["zones"] for region in client.get("/regions").data] == [["a", "b"], ["c"]]


def test_group_needs_gears_in_several_zones(nodes: EmbeddedBroker, client: Client) -> None:
    nodes.settings(nodes=4, zones=["east/a", "east/a", "east/b", "east/b"], zones_min_per_gear_group=2)
    client.create("a1")
    other = [node["address"] for node in nodes.state()["nodes"] if node["zone"] == "east/b"]
    for address in other:
        nodes.set_node(address, True)
    assert _failed(client.event("a1", "make-ha")) == (
        500,
        1,
        "Unable to find minimum zones required for application gear group. Available zones:1, Needed min zones:2",
    )
    assert client.counts("a1") == (False, 1, 1)
    nodes.set_node(other[0], False)
    assert client.event("a1", "make-ha").status == 200
    assert _gears(nodes)[1]["node"] == other[0]


def test_failed_placement_gives_the_gears_back(nodes: EmbeddedBroker, client: Client) -> None:
    nodes.settings(nodes=1)
    client.create("a1")
    before = nodes.state()
    assert client.event("a1", "make-ha").exit_code == 140
    assert nodes.state() == before


def test_scale_down_may_remove_the_good_haproxy_instance(nodes: EmbeddedBroker, client: Client) -> None:
    """The broker does not check nodes: here it removes the instance that works, and is stuck."""
    _make_3_2(client)
    client.event("a1", "disable-ha")
    _head, _second, third = _gears(nodes)
    nodes.set_node(third["node"], True)
    assert _failed(client.event("a1", "scale-down")) == (500, 143, NO_FACTS)
    assert client.counts("a1") == (False, 2, 1)
    assert _states(client) == ["started", "unknown"]
    assert _failed(client.event("a1", "scale-down", by=0)) == (500, 143, NO_FACTS)
    assert _pending(nodes) == ["scale-down", "scale-down"]
    nodes.set_node(third["node"], False)
    assert client.event("a1", "make-ha").status == 200
    assert (client.counts("a1"), _pending(nodes)) == ((True, 2, 1), [])
    assert client.get("/user").data["consumed_gears"] == 2


def test_removal_on_a_silent_node_waits_for_the_node(nodes: EmbeddedBroker, client: Client) -> None:
    _make_3_2(client)
    silent = _gears(nodes)[2]["node"]
    nodes.set_node(silent, True)
    assert _failed(client.event("a1", "scale-down")) == (500, 143, _no_answer(silent))
    assert client.counts("a1") == (True, 3, 2)
    assert _failed(client.event("a1", "scale-up")) == (500, 143, _no_answer(silent))
    nodes.set_node(silent, False)
    scaled = client.event("a1", "scale-up")
    assert scaled.text == "Application a1 has scaled to 4"
    assert client.counts("a1") == (True, 4, 2)
    assert client.get("/user").data["consumed_gears"] == 4


@pytest.mark.parametrize("gear", [0, 1, 2])
def test_new_gears_are_rolled_back_if_a_web_gear_does_not_answer(
    nodes: EmbeddedBroker, client: Client, gear: int
) -> None:
    """The head gear is needed for the environment variables, the others for their addresses."""
    _make_3_2(client)
    before = nodes.state()["applications"]
    silent = _gears(nodes)[gear]["node"]
    nodes.set_node(silent, True)
    for answer in (client.event("a1", "scale-up"), client.limits("a1", scales_from=4)):
        assert _failed(answer) == (500, 143, NO_FACTS if gear else _no_answer(silent))
    added = client.call("POST", "/domain/acme/application/a1/cartridges", {"name": "cron-1.4"})
    assert _failed(added) == (500, 143, _no_answer(silent))
    assert nodes.state()["applications"] == before
    assert client.limits("a1", scales_to=9).status == 200


def test_deletion_is_completed_when_the_node_answers(nodes: EmbeddedBroker, client: Client) -> None:
    _make_3_2(client)
    silent = _gears(nodes)[1]["node"]
    nodes.set_node(silent, True)
    assert client.call("DELETE", "/domain/acme/application/a1").exit_code == 143
    assert client.counts("a1") == (True, 3, 2)
    assert _states(client) == ["unknown", "unknown", "started"]
    nodes.set_node(silent, False)
    assert client.event("a1", "restart").status == 404
    assert nodes.state()["applications"] == []
    assert client.get("/user").data["consumed_gears"] == 0


def test_database_on_a_silent_node_does_not_hinder_web_gears(nodes: EmbeddedBroker, client: Client) -> None:
    client.create("a1", "php-5.4", "mysql-5.5")
    nodes.set_node(_gears(nodes, "mysql-5.5")[0]["node"], True)
    assert client.event("a1", "make-ha").status == 200
    stopped = client.event("a1", "stop")
    assert (stopped.status, stopped.exit_code) == (500, "")
    assert str(stopped.text).startswith("A gear stop did not complete on 1 gear. ")
    assert [gear["state"] for gear in _gears(nodes)] == ["stopped", "stopped"]


@pytest.mark.parametrize(
    ("gear", "event", "text"),
    [
        (0, "restart", "A gear restart did not complete on 2 gears."),
        (1, "restart", "A gear restart did not complete on 1 gear."),
        (2, "restart", None),
        (2, "start", "A gear start did not complete on 1 gear."),
        (1, "force-stop", "A gear stop did not complete on 2 gears."),
        (0, "tidy", "TidyCompOp failed on 1 gear."),
        (1, "reload", "ReloadCompConfigOp failed on 2 gears."),
    ],
)
def test_events_report_the_jobs_that_were_lost(
    nodes: EmbeddedBroker, client: Client, gear: int, event: str, text: str | None
) -> None:
    _make_3_2(client)
    nodes.set_node(_gears(nodes)[gear]["node"], True)
    answer = client.event("a1", event)
    if text is None:
        assert answer.status == 200
    else:
        assert answer.status == 500
        assert str(answer.text).startswith(text)
    assert _pending(nodes) == []


@pytest.mark.parametrize(
    ("cartridge", "states"),
    [("php-5.4", ["stopped"]), ("haproxy-1.4", ["started"]), ("mysql-5.5", ["started"])],
)
def test_cartridge_that_leads_the_gear_sets_its_state(
    nodes: EmbeddedBroker, client: Client, cartridge: str, states: list[str]
) -> None:
    client.create("a1", "php-5.4", "mysql-5.5")
    path = f"/domain/acme/application/a1/cartridge/{cartridge}/events"
    assert client.call("POST", path, {"event": "stop"}).status == 200
    assert [gear["state"] for gear in _gears(nodes)] == states
    expected = "stopped" if cartridge == "mysql-5.5" else "started"
    assert [gear["state"] for gear in _gears(nodes, "mysql-5.5")] == [expected]


def test_new_gears_of_a_stopped_application_are_started(client: Client) -> None:
    client.create("a1")
    client.event("a1", "stop")
    client.event("a1", "make-ha")
    assert _states(client) == ["stopped", "started"]


@pytest.mark.parametrize(
    ("query", "pauses"), [("", 10), ("?timeout=3", 3), ("?include=endpoints", 20), ("?include=endpoints&timeout=2", 12)]
)
def test_list_of_gears_waits_for_a_silent_node(
    nodes: EmbeddedBroker, client: Client, query: str, pauses: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.create("a1")
    nodes.set_node(_gears(nodes)[0]["node"], True)
    nodes.settings(node_timeout=10)
    slept: list[float] = []
    monkeypatch.setattr("tests.broker.views_parts.time.sleep", slept.append)
    answer = client.get(GROUPS + query)
    assert sum(slept) == pauses
    assert answer.status == (500 if "endpoints" in query else 200)


def test_endpoints_lost_in_a_move(nodes: EmbeddedBroker, client: Client) -> None:
    _make_3_2(client)
    head, second, _third = _gears(nodes)
    assert nodes.move_gear("acme/a1", second["id"], None, endpoints_lost=True).startswith("moved to ")
    assert _proxies(client) == [head["node"]]
    assert client.counts("a1") == (True, 3, 2)
    failed = client.event("a1", "scale-up")
    assert _failed(failed) == (
        500,
        1,
        f'No port interface exists for web_framework in gears ["{second["id"]}"] for application a1. '
        "Contact 'support'.",
    )
    assert client.counts("a1") == (True, 3, 2)
    assert nodes.move_gear("acme/a1", second["id"], second["node"]) == f"moved to {second['node']}"
    assert _proxies(client) == [head["node"], second["node"]]


def test_move_is_refused(nodes: EmbeddedBroker, client: Client) -> None:
    nodes.settings(nodes=3, zones=["east/a", "east/b", "west/c"])
    client.create("a1")
    gear = _gears(nodes)[0]
    assert nodes.move_gear("acme/a1", gear["id"], "10.0.0.4").endswith("source region: east destination region: west")
    nodes.set_node("10.0.0.3", True)
    assert nodes.move_gear("acme/a1", gear["id"], "10.0.0.3") == f"refused OpenShift::NodeException: {NO_FACTS}"
    same = "refused OpenShift::UserException: Error moving gear. Old and new servers are the same: "
    assert nodes.move_gear("acme/a1", gear["id"], None) == same + gear["node"]


@pytest.mark.parametrize(
    ("what", "value", "words"),
    [
        ("nodes", [], "nodes: must be a map"),
        ("nodes", {"node": "10.0.0.2"}, "nodes.down: is required"),
        ("nodes", {"node": "10.0.0.2", "down": 1}, "nodes.down: must be true or false"),
        ("nodes", {"node": "192.0.2.1", "down": True}, "nodes.node: unknown node '192.0.2.1'"),
        ("nodes", {"node": "10.0.0.2", "down": True, "up": 1}, "nodes: unknown field 'up'"),
        ("gears", {"application": "acme/no", "gear": "x", "state": "idle"}, "gears.application: unknown application"),
        ("gears", {"application": "acme/a1", "gear": "x", "state": "idle"}, "gears.gear: the application a1 has no"),
        ("gears", {"application": "acme/a1", "gear": "HEAD", "state": "dead"}, "gears.state: must be one of"),
        ("gears", {"application": "acme/a1", "gear": "HEAD"}, "gears.state: is required"),
        ("gears", {"application": "acme/a1", "gear": "HEAD", "move": "here"}, "gears.move: unknown node 'here'"),
        (
            "gears",
            {"application": "acme/a1", "gear": "HEAD", "move": None, "endpoints_lost": 1},
            "gears.endpoints_lost",
        ),
        ("settings", {"nodes": 0}, "settings.nodes: must be an integer, 1 or more"),
        ("settings", {"nodes": True}, "settings.nodes"),
        ("settings", {"zones": ["east"]}, "settings.zones: must be a list of REGION/ZONE"),
        ("settings", {"zones": "east/a"}, "settings.zones"),
        ("settings", {"allow_multiple_haproxy_on_node": 1}, "must be true or false"),
    ],
)
def test_bad_control_of_nodes_changes_nothing(
    nodes: EmbeddedBroker, client: Client, what: str, value: Any, words: str
) -> None:
    client.create("a1")
    before = nodes.state()
    if isinstance(value, dict) and value.get("gear") == "HEAD":
        value = {**value, "gear": _gears(nodes)[0]["id"]}
    answer = requests.post(f"{nodes.url}/__control/{what}", json=value, timeout=60)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True), answer.text
    assert nodes.state() == before


def test_node_with_gears_stays(nodes: EmbeddedBroker, client: Client) -> None:
    nodes.settings(nodes=2)
    client.create("a1")
    client.event("a1", "make-ha")
    answer = requests.post(f"{nodes.url}/__control/settings", json={"nodes": 1}, timeout=60)
    assert (answer.status_code, answer.json()) == (400, {"error": "settings.nodes: the node 10.0.0.3 has gears"})


def test_control_moves_and_stops_a_gear(nodes: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    gear = _gears(nodes)[0]["id"]
    control = f"{nodes.url}/__control"
    moved = requests.post(
        f"{control}/gears", json={"application": "acme/a1", "gear": gear, "move": "10.0.0.9"}, timeout=60
    )
    assert moved.json() == {"answer": "moved to 10.0.0.9"}
    stopped = {"application": "ACME/a1", "gear": gear, "state": "stopped"}
    assert requests.post(f"{control}/gears", json=stopped, timeout=60).json() == {"ok": True}
    assert requests.post(f"{control}/nodes", json={"node": "10.0.0.9", "down": True}, timeout=60).json() == {"ok": True}
    state = requests.get(f"{control}/state", timeout=60).json()
    assert {"address": "10.0.0.9", "zone": None, "down": True} in state["nodes"]
    shown = state["applications"][0]["groups"][0]["gears"][0]
    assert (shown["node"], shown["state"]) == ("10.0.0.9", "stopped")

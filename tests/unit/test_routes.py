"""Routes of an external router: plugin_utils/_router/routes.py. test_guard.py tests which changes are refused."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.routes import (
    Routes,
    RoutingOptions,
    build_routes,
)
from tests.unit.strategies import hostile_texts

HA = RoutingOptions(ha_prefix="ha-")


def endpoint(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"address": f"10.0.0.{number}", "port": 35000 + number, "gear": f"g{number}", "state": "started", **fields}


def app(name: str = "shop", domain: str = "acme", **fields: Any) -> dict[str, Any]:
    return {
        "domain": domain,
        "name": name,
        "ha_status": "highly_available",
        "url": f"http://{name}-{domain}.example.com/",
        "aliases": [],
        "endpoints": [endpoint(1), endpoint(2)],
        **fields,
    }


def hosts(routes: Routes) -> dict[str, list[str]]:
    return {route.ref: list(route.hosts) for route in routes.routes}


def servers(routes: Routes) -> list[str]:
    return [f"{server.name} {server.address}:{server.port}" for route in routes.routes for server in route.servers]


def test_an_application_has_its_host_names_and_all_its_haproxy_instances() -> None:
    routes = build_routes([app(aliases=["WWW.example.org"])], HA)
    assert hosts(routes) == {"acme/shop": ["shop-acme.example.com", "ha-shop-acme.example.com", "www.example.org"]}
    assert servers(routes) == ["gear-g1 10.0.0.1:35001", "gear-g2 10.0.0.2:35002"]
    assert routes.warnings == ()


def test_the_order_of_the_data_does_not_matter() -> None:
    apps = [app(name, aliases=["a.example.org", "b.example.org"]) for name in ("api", "crm", "shop", "wiki")]
    shuffled = [{**each, "aliases": each["aliases"][::-1], "endpoints": each["endpoints"][::-1]} for each in apps]
    random.shuffle(shuffled)
    assert build_routes(apps, HA) == build_routes(shuffled, HA)


@pytest.mark.parametrize(
    ("prefix", "suffix", "name"),
    [("ha-", "", "ha-shop-acme.example.com"), ("", "-ha", "shop-acme-ha.example.com"), ("", "", "")],
)
def test_the_brokers_own_name_for_the_router(prefix: str, suffix: str, name: str) -> None:
    routes = build_routes([app()], RoutingOptions(ha_prefix=prefix, ha_suffix=suffix))
    assert hosts(routes)["acme/shop"] == ["shop-acme.example.com", *([name] if name else [])]


def test_applications_that_are_not_highly_available() -> None:
    apps = [app(), app("crm", ha_status="degraded"), app("api", ha_status="standalone")]
    routes = build_routes(apps, HA)
    assert routes.warnings == ("Not highly available, so the loss of one gear causes an outage: acme/api, acme/crm.",)
    assert routes.summary["degraded"] == 1
    left = build_routes(apps, RoutingOptions(degraded=False))
    assert list(hosts(left)) == ["acme/shop"]
    assert left.summary["left_out"] == {"not_highly_available": 2}
    assert left.warnings == ()


def test_applications_that_are_not_scalable_are_left_out() -> None:
    routes = build_routes([app("plain", ha_status="not_scalable", endpoints=[])], HA)
    assert (routes.routes, routes.left_out, routes.warnings) == ((), {"not_scalable": 1}, ())


def test_gears_that_are_not_started() -> None:
    apps = [app(endpoints=[endpoint(1, state="unknown"), endpoint(2)])]
    assert len(servers(build_routes(apps, HA))) == 2
    assert servers(build_routes(apps, RoutingOptions(not_started=False))) == ["gear-g2 10.0.0.2:35002"]


def test_a_single_remaining_haproxy_instance_is_reported() -> None:
    apps = [app(endpoints=[endpoint(1), endpoint(2, state="unknown")]), app("crm")]
    routes = build_routes(apps, RoutingOptions(not_started=False))
    assert routes.warnings == (
        "Highly available, but only one HAProxy instance receives requests, so its loss causes an outage: acme/shop.",
    )


def test_instances_on_one_node_stay_with_a_warning() -> None:
    apps = [app(endpoints=[endpoint(1), endpoint(1, port=35009, gear="g9")]), app("crm", endpoints=[endpoint(1)])]
    routes = build_routes(apps, HA)
    assert len(servers(routes)) == 3
    assert "All HAProxy instances are on one node, so its loss causes an outage: acme/shop." in routes.warnings


def test_instances_whose_node_does_not_answer_stay_with_a_warning() -> None:
    routes = build_routes([app(endpoints=[endpoint(1, state="unknown"), endpoint(2)])], HA)
    assert len(servers(routes)) == 2
    assert routes.warnings == ("The node of a routed HAProxy instance does not answer the broker: acme/shop.",)


def test_instances_that_failed_the_request_are_left_out_except_an_applications_last() -> None:
    failed, good = endpoint(1, answered=False), endpoint(2, answered=True)
    routes = build_routes([app(endpoints=[failed, good])], HA)
    assert servers(routes) == ["gear-g2 10.0.0.2:35002"]
    assert "HAProxy instances that failed the HTTP request receive no requests: acme/shop." in routes.warnings
    last = build_routes([app(endpoints=[failed, endpoint(2, answered=False)])], HA)
    assert len(servers(last)) == 2
    assert last.warnings == ("All HAProxy instances failed the HTTP request, and are routed nevertheless: acme/shop.",)
    stopped = [failed, endpoint(2, answered=True, state="stopped")]
    assert servers(build_routes([app(endpoints=stopped)], RoutingOptions(not_started=False))) == [
        "gear-g1 10.0.0.1:35001"
    ]


def test_an_instance_that_was_not_asked_stays() -> None:
    assert len(servers(build_routes([app(endpoints=[endpoint(1, answered=None), endpoint(2)])], HA))) == 2


@pytest.mark.parametrize(
    ("code", "is_routed"),
    [("haproxy_missing", False), ("haproxy_same_node", True), ("haproxy_state_unknown", True)],
)
def test_only_applications_that_lack_instances_are_excluded(code: str, is_routed: bool) -> None:
    degraded = app(ha_status="degraded", problems=[{"code": code, "message": "m", "repairable": False}])
    routes = build_routes([degraded], RoutingOptions(degraded=False))
    assert bool(routes.routes) is is_routed


def test_duplicate_endpoints_are_one_haproxy_instance() -> None:
    routes = build_routes([app(endpoints=[endpoint(1), endpoint(1), endpoint(1, gear="g7"), endpoint(2)])], HA)
    assert servers(routes) == ["gear-g1 10.0.0.1:35001", "gear-g2 10.0.0.2:35002"]


def test_an_application_without_endpoints_keeps_its_host_names() -> None:
    routes = build_routes([app(endpoints=[])], HA)
    assert hosts(routes)["acme/shop"][0] == "shop-acme.example.com"
    assert routes.warnings == ("No HAProxy instance receives requests, so the router answers 503: acme/shop.",)


def test_a_claimed_alias_belongs_to_the_first_and_an_own_name_to_its_owner() -> None:
    both = "www.example.org"
    apps = [app("shop", aliases=[both]), app("crm", aliases=[both, "shop-acme.example.com"])]
    routes = build_routes(apps, RoutingOptions())
    assert hosts(routes) == {"acme/crm": ["crm-acme.example.com", both], "acme/shop": ["shop-acme.example.com"]}
    assert routes.warnings == (
        "acme/shop and acme/crm both claim the host name shop-acme.example.com: it is routed to acme/shop.",
        f"acme/crm and acme/shop both claim the host name {both}: it is routed to acme/crm.",
    )


def test_the_name_for_the_router_does_not_take_an_own_name() -> None:
    apps = [app("shop", "acme"), app("shop", "acme2")]
    routes = build_routes(apps, RoutingOptions(ha_suffix="2"))
    assert hosts(routes) == {
        "acme/shop": ["shop-acme.example.com"],
        "acme2/shop": ["shop-acme2.example.com", "shop-acme22.example.com"],
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"address": "2001:db8::1"}, "[2001:db8::1]:35001"),
        ({"address": "Node1.example.com"}, "node1.example.com:35001"),
        ({"port": "35001"}, "10.0.0.1:35001"),
    ],
)
def test_addresses(given: dict[str, Any], expected: str) -> None:
    routes = build_routes([app(endpoints=[endpoint(**given)])], HA)
    assert servers(routes) == [f"gear-g1 {expected}"]


@pytest.mark.parametrize(
    "given",
    [{"address": a} for a in ("", "10.0.0.256", "0.0.0.0", "10.0.0.1 backup", "a\nb", None, "%[src]")]
    + [{"address": a} for a in ("0x7f.1", "node1.0x7F", "fe80::1%eth0", "fe80::1%x]:1\n    server evil 6.6.6.6:666 #")]
    + [{"port": p} for p in (0, 65536, -1, "80 backup", None, True)]
    + [{"gear": g} for g in ("", "a b", "a\n", "{{ 1 }}", None)],
)
def test_an_invalid_endpoint_is_left_out(given: dict[str, Any]) -> None:
    routes = build_routes([app(endpoints=[endpoint(**given), endpoint(2)])], HA)
    assert servers(routes) == ["gear-g2 10.0.0.2:35002"]
    assert "acme/shop: the endpoint" in routes.warnings[-1]


@pytest.mark.parametrize("given", ["10.0.0.1:80", 5, ["10.0.0.1:80"], [None], {"address": "10.0.0.1"}])
def test_invalid_lists_of_endpoints_are_left_out(given: object) -> None:
    routes = build_routes([app(endpoints=given)], HA)
    assert servers(routes) == []
    assert any(text.startswith("acme/shop: the endpoint") for text in routes.warnings)


@pytest.mark.parametrize("given", ["www example.org", 5, [5], [{"id": "www.example.org"}]])
def test_invalid_aliases_are_left_out(given: object) -> None:
    routes = build_routes([app(aliases=given)], RoutingOptions())
    assert hosts(routes) == {"acme/shop": ["shop-acme.example.com"]}
    assert any(text.startswith("acme/shop: the host name") for text in routes.warnings)


SCOPED = st.builds("{}%{}".format, st.ip_addresses(v=6), st.text(min_size=1, max_size=12))
ODD = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
TEXT = hostile_texts() | st.sampled_from(["shop", "a\n  server x 1.2.3.4:5", "{{ 1 }}", "www.example.org", "%[src]"])
ENDPOINT = st.fixed_dictionaries(
    {"address": TEXT | SCOPED | st.ip_addresses().map(str), "port": TEXT | st.integers(), "gear": TEXT, "state": TEXT}
)
APP = st.fixed_dictionaries(
    {
        "domain": TEXT,
        "name": TEXT,
        "ha_status": st.sampled_from(["highly_available", "degraded", "not_scalable", "odd\n"]),
        "url": TEXT.map(lambda text: f"http://{text}.example.com/") | TEXT,
        "aliases": st.lists(TEXT | ODD, max_size=3) | ODD,
        "endpoints": st.lists(ENDPOINT | ODD, max_size=3) | ODD,
    }
)


@given(st.lists(APP, max_size=5))
def test_any_data_produces_only_safe_text(apps: list[dict[str, Any]]) -> None:
    routes = build_routes(apps, HA)
    assert all(
        re.fullmatch(r"[a-z0-9_.-]+ openshift_[A-Za-z0-9-]+_[A-Za-z0-9-]+", x) for x in routes.map_text.splitlines()
    )
    for server in servers(routes):
        assert re.fullmatch(r"gear-[A-Za-z0-9-]+ (\[[0-9a-f:.]+\]|[a-z0-9_.-]+):[0-9]+", server), server
    assert not [text for text in routes.warnings if not text.isprintable() or "{{" in text]
    assert len({host for route in routes.routes for host in route.hosts}) == len(routes.map_text.splitlines())


#: Addresses and names that some step would turn into the name of another host.
OTHER_HOSTS = (
    "sh\nop.example.org",
    "shop.example.org\r",
    "sh\top.example.org",
    "\u212aube.example.org",
    "\u017fhop.example.org",
)


@pytest.mark.parametrize("text", OTHER_HOSTS)
def test_a_name_never_becomes_that_of_another_host(text: str) -> None:
    routes = build_routes([app(aliases=[text])], HA)
    assert hosts(routes) == {"acme/shop": ["shop-acme.example.com", "ha-shop-acme.example.com"]}
    assert "is not routed: it is invalid" in routes.warnings[0]
    assert build_routes([app(url=f"http://{text}/")], HA).routes == ()
    assert servers(build_routes([app(endpoints=[{**endpoint(1), "address": text}])], HA)) == []


# --- Applications that the data contain more than once

REPEATED: dict[str, list[dict[str, Any]]] = {
    "twice": [app(id="1"), app(id="1")],
    "without ids": [app(), app()],
    "in other capitals": [app(id="1"), app("SHOP", "Acme", id="1")],
    "in a renamed domain": [app(id="1"), app(domain="new", id="1")],
}


@pytest.mark.parametrize("apps", REPEATED.values(), ids=REPEATED)
def test_an_application_is_routed_and_counted_once(apps: list[dict[str, Any]]) -> None:
    routes = build_routes([*apps, app("crm", id="2")], HA)
    assert len(routes.routes) == 2
    assert (routes.summary["applications"], routes.summary["servers"], routes.summary["left_out"]) == (2, 4, {})
    (warning,) = routes.warnings
    assert warning.startswith("Listed more than once, and routed once: ")


def test_a_broken_copy_does_not_remove_an_application() -> None:
    assert len(build_routes([app(url="?"), app()], HA).routes) == 1


def test_applications_with_the_same_id_and_different_names_are_all_routed() -> None:
    assert len(build_routes([app("a", id="1"), app("b", id="1")], HA).routes) == 2

"""What an external router routes: plugin_utils/_router/routes.py."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.routes import (
    Policy,
    Routes,
    absence,
    limit_of,
    refusal,
    routes_of,
    served_by,
)

HA = Policy(ha_prefix="ha-")


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


def configuration(*served: str) -> str:
    """What a router has that was made from routes."""
    sections = [f"backend openshift_{ref.replace('/', '_')}\n    server gear-1 10.0.0.1:1\n" for ref in served]
    without = "backend openshift_acme_empty\n    # nothing\n    server sorry 10.0.0.9:80 backup\n"
    return "frontend x\n    server gear-no\n" + "".join(sections) + without


def test_an_application_has_its_names_and_all_its_haproxy() -> None:
    routes = routes_of([app(aliases=["WWW.example.org"])], HA)
    assert hosts(routes) == {"acme/shop": ["shop-acme.example.com", "ha-shop-acme.example.com", "www.example.org"]}
    assert servers(routes) == ["gear-g1 10.0.0.1:35001", "gear-g2 10.0.0.2:35002"]
    assert routes.warnings == ()


def test_the_order_of_the_answer_does_not_matter() -> None:
    apps = [app(name, aliases=["a.example.org", "b.example.org"]) for name in ("api", "crm", "shop", "wiki")]
    shuffled = [{**each, "aliases": each["aliases"][::-1], "endpoints": each["endpoints"][::-1]} for each in apps]
    random.shuffle(shuffled)
    assert routes_of(apps, HA) == routes_of(shuffled, HA)


@pytest.mark.parametrize(
    ("prefix", "suffix", "name"),
    [("ha-", "", "ha-shop-acme.example.com"), ("", "-ha", "shop-acme-ha.example.com"), ("", "", "")],
)
def test_the_brokers_own_name_for_the_router(prefix: str, suffix: str, name: str) -> None:
    routes = routes_of([app()], Policy(ha_prefix=prefix, ha_suffix=suffix))
    assert hosts(routes)["acme/shop"] == ["shop-acme.example.com", *([name] if name else [])]


def test_not_highly_available_is_told_or_left_out() -> None:
    apps = [app(), app("crm", ha_status="degraded"), app("api", ha_status="standalone")]
    routes = routes_of(apps, HA)
    assert routes.warnings == ("Not highly available, so that one gear less is an outage: acme/api, acme/crm.",)
    assert routes.summary["degraded"] == 1
    left = routes_of(apps, Policy(degraded=False))
    assert list(hosts(left)) == ["acme/shop"]
    assert left.summary["left_out"] == {"not_highly_available": 2}
    assert left.warnings == ()


def test_what_is_not_scalable_cannot_be_routed() -> None:
    routes = routes_of([app("plain", ha_status="not_scalable", endpoints=[])], HA)
    assert (routes.routes, routes.left_out, routes.warnings) == ((), {"not_scalable": 1}, ())


def test_gears_that_are_not_started() -> None:
    apps = [app(endpoints=[endpoint(1, state="unknown"), endpoint(2)])]
    assert len(servers(routes_of(apps, HA))) == 2
    assert servers(routes_of(apps, Policy(not_started=False))) == ["gear-g2 10.0.0.2:35002"]


def test_one_haproxy_left_of_a_highly_available_one_is_told() -> None:
    apps = [app(endpoints=[endpoint(1), endpoint(2, state="unknown")]), app("crm")]
    routes = routes_of(apps, Policy(not_started=False))
    told = "Highly available, but with one HAProxy only to send requests to, so that its loss is an outage: acme/shop."
    assert routes.warnings == (told,)


def test_the_same_endpoint_twice_is_one_haproxy() -> None:
    routes = routes_of([app(endpoints=[endpoint(1), endpoint(1), endpoint(1, gear="g7"), endpoint(2)])], HA)
    assert servers(routes) == ["gear-g1 10.0.0.1:35001", "gear-g2 10.0.0.2:35002"]


def test_without_endpoints_it_keeps_its_names() -> None:
    routes = routes_of([app(endpoints=[])], HA)
    assert hosts(routes)["acme/shop"][0] == "shop-acme.example.com"
    assert routes.warnings == ("Without any endpoint to send requests to, so that 503 is answered: acme/shop.",)


def test_an_alias_that_two_claim_is_the_firsts_and_an_own_name_its_owners() -> None:
    both = "www.example.org"
    apps = [app("shop", aliases=[both]), app("crm", aliases=[both, "shop-acme.example.com"])]
    routes = routes_of(apps, Policy())
    assert hosts(routes) == {"acme/crm": ["crm-acme.example.com", both], "acme/shop": ["shop-acme.example.com"]}
    assert routes.warnings == (
        "shop-acme.example.com is claimed by acme/shop and by acme/crm: it is routed to acme/shop.",
        f"{both} is claimed by acme/crm and by acme/shop: it is routed to acme/crm.",
    )


def test_the_name_for_the_router_is_not_anothers_own_name() -> None:
    apps = [app("shop", "acme"), app("shop", "acme2")]
    routes = routes_of(apps, Policy(ha_suffix="2"))
    assert hosts(routes) == {
        "acme/shop": ["shop-acme.example.com"],
        "acme2/shop": ["shop-acme2.example.com", "shop-acme22.example.com"],
    }


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"address": "2001:db8::1"}, "[2001:db8::1]:35001"),
        ({"address": "Node1.example.com"}, "node1.example.com:35001"),
        ({"port": "35001"}, "10.0.0.1:35001"),
    ],
)
def test_addresses(given: dict[str, Any], shown: str) -> None:
    routes = routes_of([app(endpoints=[endpoint(**given)])], HA)
    assert servers(routes) == [f"gear-g1 {shown}"]


@pytest.mark.parametrize(
    "given",
    [{"address": a} for a in ("", "10.0.0.256", "0.0.0.0", "10.0.0.1 backup", "a\nb", None, "%[src]")]
    + [{"address": a} for a in ("0x7f.1", "node1.0x7F", "fe80::1%eth0", "fe80::1%x]:1\n    server evil 6.6.6.6:666 #")]
    + [{"port": p} for p in (0, 65536, -1, "80 backup", None, True)]
    + [{"gear": g} for g in ("", "a b", "a\n", "{{ 1 }}", None)],
)
def test_an_endpoint_that_is_none_is_left_out(given: dict[str, Any]) -> None:
    routes = routes_of([app(endpoints=[endpoint(**given), endpoint(2)])], HA)
    assert servers(routes) == ["gear-g2 10.0.0.2:35002"]
    assert "acme/shop: the endpoint" in routes.warnings[-1]


@pytest.mark.parametrize("given", ["10.0.0.1:80", 5, ["10.0.0.1:80"], [None], {"address": "10.0.0.1"}])
def test_endpoints_that_are_none_are_left_out(given: object) -> None:
    routes = routes_of([app(endpoints=given)], HA)
    assert servers(routes) == []
    assert any(text.startswith("acme/shop: the endpoint") for text in routes.warnings)


@pytest.mark.parametrize("given", ["www example.org", 5, [5], [{"id": "www.example.org"}]])
def test_aliases_that_are_none_are_left_out(given: object) -> None:
    routes = routes_of([app(aliases=given)], Policy())
    assert hosts(routes) == {"acme/shop": ["shop-acme.example.com"]}
    assert any(text.startswith("acme/shop: the host name") for text in routes.warnings)


SCOPED = st.builds("{}%{}".format, st.ip_addresses(v=6), st.text(min_size=1, max_size=12))
ODD = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
TEXT = st.text(max_size=12) | st.sampled_from(
    ["shop", "a\n  server x 1.2.3.4:5", "{{ 1 }}", "www.example.org", "%[src]"]
)
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
def test_whatever_is_answered_only_plain_words_come_out(apps: list[dict[str, Any]]) -> None:
    routes = routes_of(apps, HA)
    assert all(
        re.fullmatch(r"[a-z0-9_.-]+ openshift_[A-Za-z0-9-]+_[A-Za-z0-9-]+", x) for x in routes.map_text.splitlines()
    )
    for server in servers(routes):
        assert re.fullmatch(r"gear-[A-Za-z0-9-]+ (\[[0-9a-f:.]+\]|[a-z0-9_.-]+):[0-9]+", server), server
    assert not [text for text in routes.warnings if "\n" in text or "{{" in text]
    assert len({host for route in routes.routes for host in route.hosts}) == len(routes.map_text.splitlines())


# --- Against what a router has now -----------------------------------------------------------------------------------


def test_what_a_configuration_serves() -> None:
    assert served_by(configuration("acme/api", "acme/shop")) == ("acme/api", "acme/shop")
    assert served_by("backend openshift_acme_shop\n    server sorry 10.0.0.9:80 backup\n") == ()
    tls = "backend openshift-tls_acme_secure\n    server gear-1 10.0.0.1:1 check-ssl\n"
    assert served_by(tls) == ("acme/secure",)
    assert served_by("") == ()


@pytest.mark.parametrize(
    ("most", "of", "limit"), [("0", 9, 0), ("3", 9, 3), ("20%", 9, 2), ("20%", 1, 1), ("0%", 9, 0)]
)
def test_how_many_may_go(most: str, of: int, limit: int) -> None:
    assert limit_of(most, of) == limit


@pytest.mark.parametrize("most", ["", "some", "-1", "1.5", "%"])
def test_a_number_or_a_percentage_is_wanted(most: str) -> None:
    with pytest.raises(ValueError, match="neither a number nor a percentage"):
        limit_of(most, 9)


def test_an_application_that_lost_its_endpoints_counts_as_gone() -> None:
    before = served_by(configuration("acme/api", "acme/shop", "acme/wiki"))
    routes = routes_of([app("api", endpoints=[]), app("shop"), app("wiki")], HA)
    assert refusal(before, routes, "0", False).startswith("1 application of 3 would no longer be routed: acme/api.")
    assert refusal(before, routes, "1", False) == ""


def test_the_last_one_does_not_go_by_accident() -> None:
    before = served_by(configuration("acme/shop"))
    refused = refusal(before, routes_of([], HA), "100%", False)
    assert "1 application would lose all servers: acme/shop." in refused
    assert "app_router_allow_empty: true" in refused
    assert refusal(before, routes_of([], HA), "100%", True) == ""


@pytest.mark.parametrize("apps", [[], [app("api", endpoints=[])]])
def test_nothing_to_route_is_refused_whatever_came_before(apps: list[dict[str, Any]]) -> None:
    refused = refusal((), routes_of(apps, HA), "100%", False)
    assert refused.startswith("No application with a server to route to was found.")
    assert refusal((), routes_of(apps, HA), "0", True) == ""


def test_those_that_are_needed_must_be_there() -> None:
    routes = routes_of([app()], Policy(needed=("acme/SHOP", "acme/gone")))
    assert absence(routes) == "Named, but not to be routed or not within reach: acme/gone."
    assert absence(routes_of([app()], Policy(needed=("acme/shop",)))) == ""

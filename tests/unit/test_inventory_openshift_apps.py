"""Applications as hosts: their names, variables and groups, also with hostile data from the broker."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible.inventory.group import to_safe_group_name
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.hosts import (
    OWNER_PREFIX,
    STATUS_GROUPS,
    InventoryData,
    find_renamed,
    make_hosts,
    name_groups,
    name_owner_groups,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.templates import may_be_template

URL = "https://broker.example.com"
PAIR = ("alice@example.com", "alice.example.com")


def app(**changes: Any) -> dict[str, Any]:
    """An application as the modules return it, with the fields that the inventory reads."""
    usual = {
        "name": "shop",
        "domain": "acme",
        "id": "6b02f61a686c820dac000076",
        "owner": "alice",
        "ha_status": "degraded",
        "url": "http://shop-acme.example.com/",
    }
    return {**usual, **changes}


def hosts_of(*apps: dict[str, Any], gears_available: dict[str, int | None] | None = None) -> list[Any]:
    data = InventoryData(apps, gears_available)
    return list(make_hosts(data, URL, name_owner_groups(data, {})))


def test_an_application_as_a_host() -> None:
    (host,) = hosts_of(app())
    assert host.name == "shop-acme.example.com"
    assert host.groups == ("openshift_ha_degraded", "openshift_domain_acme", "openshift_owner_alice")
    assert host.variables == {
        "ansible_connection": "local",
        "openshift_domain": "acme",
        "openshift_app": "shop",
        "openshift_ha_status": "degraded",
        "openshift_broker_url": URL,
        "openshift_application": app(),
    }


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://shop-acme.example.com/", "shop-acme.example.com"),
        ("https://Shop-Acme.Example.com:8443/x", "shop-acme.example.com"),
        ("http://alice:secret@shop-acme.example.com/", "shop-acme.example.com"),
        ("", "shop-acme"),
        ("no address", "shop-acme"),
        ("http://[broken/", "shop-acme"),
        ("http://[::1]/", "shop-acme"),
        ("http://-x.example.com/", "shop-acme"),
        ("http://{{bad}}/", "shop-acme"),
        ("http://a,b/", "shop-acme"),
        ("http://bücher.example.com/", "shop-acme"),
        ("http://localhost/", "shop-acme"),
        ("http://127.0.0.1:8000/", "shop-acme"),
        ("http://all/", "shop-acme"),
        ("http://sh\nop.example.com/", "shop-acme"),
        ("http://sh\top.example.com/", "shop-acme"),
        ("http://\u212ashop.example.com/", "shop-acme"),
        ("http://shop\ud800.example.com/", "shop-acme"),
    ],
)
def test_the_name_of_a_host(url: str, name: str) -> None:
    assert [host.name for host in hosts_of(app(url=url))] == [name]


def test_no_two_applications_share_a_host() -> None:
    same = [app(name=name, domain=domain) for name, domain in (("a", "b"), ("c", "d"), ("c", "d!"), ("c", "d?"))]
    assert [host.name for host in hosts_of(*same)] == ["shop-acme.example.com", "c-d", "c-d-", "c-d--2"]


def test_application_without_known_owner_is_in_no_group_of_an_owner() -> None:
    (host,) = hosts_of(app(owner=None))
    assert host.groups == ("openshift_ha_degraded", "openshift_domain_acme")


def test_remaining_gears_of_owners() -> None:
    hosts = hosts_of(app(domain="ACME"), app(domain="b", url=""), gears_available={"acme": 0, "b": None})
    assert [host.variables["openshift_owner_gears_available"] for host in hosts] == [0, None]


@pytest.mark.parametrize("login", ["alice", "alice@example.com", "1st", "jürgen", "日本", "a b", "ALICE", "-", "é"])
def test_groups_are_named_as_ansible_names_them(login: str) -> None:
    safe = to_safe_group_name(OWNER_PREFIX + login, force=True, silent=True)
    assert name_groups(OWNER_PREFIX, [login], {}) == {login: safe}


def test_two_logins_never_share_a_group() -> None:
    names = name_groups(OWNER_PREFIX, (*PAIR, "bob"), {})
    assert names == {
        "alice@example.com": "openshift_owner_alice_example_com_ff8d9819",
        "alice.example.com": "openshift_owner_alice_example_com_0d88385e",
        "bob": "openshift_owner_bob",
    }
    assert list(find_renamed(OWNER_PREFIX, names)) == ["alice.example.com", "alice@example.com"]


def test_login_that_equals_the_group_of_another_does_not_share_it() -> None:
    names = name_groups(OWNER_PREFIX, (*PAIR, "alice_example_com_ff8d9819"), {})
    assert len(set(names.values())) == 3


def test_owner_of_an_earlier_source_keeps_the_group() -> None:
    known = name_groups(OWNER_PREFIX, PAIR[:1], {})
    by_group = {name: login for login, name in known.items()}
    assert name_groups(OWNER_PREFIX, PAIR[:1], by_group) == known
    later = name_groups(OWNER_PREFIX, PAIR, by_group)
    assert later[PAIR[0]] == known[PAIR[0]]
    assert later[PAIR[1]] != known[PAIR[0]]


def test_later_source_uses_the_group_of_the_earlier_source() -> None:
    first = name_groups(OWNER_PREFIX, PAIR, {})
    by_group = {name: login for login, name in first.items()}
    assert name_groups(OWNER_PREFIX, PAIR[:1], by_group) == {PAIR[0]: first[PAIR[0]]}


@given(st.sets(st.text(alphabet="ab@._- {%", min_size=1, max_size=4), max_size=12))
def test_names_of_groups_are_safe_and_all_different(texts: set[str]) -> None:
    names = name_groups(OWNER_PREFIX, texts, {})
    assert set(names) == texts
    assert len(set(names.values())) == len(texts)
    assert all(re.fullmatch(r"\w+", name) for name in names.values())


@given(st.text(max_size=40), st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_names_of_hosts_are_safe(url: str, name: str, domain: str) -> None:
    (host,) = hosts_of(app(url=f"http://{url}", name=name, domain=domain))
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*", host.name)
    assert all(re.fullmatch(r"\w+", group) for group in host.groups)


@pytest.mark.parametrize("text", ["{{ x }}", "a{%b", "{# x", "#jinja2:variable_start_string:'[['\n[[ x ]]"])
def test_possible_templates(text: str) -> None:
    assert may_be_template(text)


@pytest.mark.parametrize("text", ["", "http://shop-acme.example.com/", "{ {", "}}", "%}", "100%", "# x", "{'a': 1}"])
def test_plain_text(text: str) -> None:
    assert not may_be_template(text)


def test_the_groups_of_all_statuses() -> None:
    assert STATUS_GROUPS == (
        "openshift_ha_highly_available",
        "openshift_ha_degraded",
        "openshift_ha_standalone",
        "openshift_ha_not_scalable",
    )

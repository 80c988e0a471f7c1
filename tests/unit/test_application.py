"""Applications, domains and accounts as they come from the broker, whole and malformed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, Domain, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HIGHLY_AVAILABLE,
    NOT_SCALABLE,
    STANDALONE,
    Application,
    AppRef,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Unanswered,
    UnsupportedApi,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Endpoint, gears_from_json
from tests.unit.test_envelope import JSON


def cartridge(name: str, tag: str, scale: int, least: int = 1, most: int = -1) -> dict[str, Any]:
    return {"name": name, "tags": ["service", tag], "current_scale": scale, "scales_from": least, "scales_to": most}


def document(**changes: Any) -> dict[str, Any]:
    """``GET /domain/acme/application/shop?include=cartridges&nolinks=true``: 3 web gears, 1 HAProxy instance, MySQL."""
    return {
        "id": "6b02f61a686c820dac000076",
        "name": "shop",
        "domain_id": "acme",
        "ha": True,
        "scalable": True,
        "gear_count": 4,
        "app_url": "http://shop-acme.example.com/",
        "framework": "php-5.4",
        "members": [
            {"login": "alice", "role": "admin", "type": "user", "owner": True},
            {"login": "vic", "role": "view", "type": "user", "owner": False},
            {"name": "ops", "role": "edit", "type": "team", "owner": False},
        ],
        "cartridges": [
            cartridge("haproxy-1.4", "web_proxy", 1, most=1),
            cartridge("mysql-5.5", "database", 1, most=1),
            cartridge("php-5.4", "web_framework", 3, least=2, most=8),
        ],
        **changes,
    }


def test_an_application_is_read() -> None:
    app = Application.from_json(document())
    assert (app.ref, app.owner, app.gear_count) == (AppRef("acme", "shop"), "alice", 4)
    assert (app.web_cartridge, app.web_gears, app.min_gears, app.max_gears) == ("php-5.4", 3, 2, 8)
    assert app.haproxy_count == 1


@pytest.mark.parametrize(
    ("scalable", "ha", "haproxies", "status"),
    [
        (False, False, 0, NOT_SCALABLE),
        (True, False, 1, STANDALONE),
        (True, False, 2, STANDALONE),
        (True, True, 1, DEGRADED),
        (True, True, 0, DEGRADED),
        (True, True, 2, HIGHLY_AVAILABLE),
        (True, True, 5, HIGHLY_AVAILABLE),
    ],
)
def test_the_status_depends_on_the_instances(scalable: bool, ha: bool, haproxies: int, status: str) -> None:
    cartridges = [cartridge("haproxy-1.4", "web_proxy", haproxies), cartridge("php-5.4", "web_framework", 3)]
    app = Application.from_json(document(scalable=scalable, ha=ha, cartridges=cartridges))
    assert app.ha_status == status


def test_the_web_cartridge_is_known_by_the_framework_without_a_tag() -> None:
    cartridges = [cartridge("haproxy-1.4", "web_proxy", 1), cartridge("diy-0.1", "diy", 2)]
    assert Application.from_json(document(framework="diy-0.1", cartridges=cartridges)).web_gears == 2


def test_an_application_may_have_no_web_cartridge() -> None:
    app = Application.from_json(document(framework=None, cartridges=[cartridge("mysql-5.5", "database", 1)]))
    assert (app.web_cartridge, app.haproxy_count) == (None, 0)


def test_a_broker_without_ha_in_its_answers_is_too_old() -> None:
    old = document()
    del old["ha"]
    with pytest.raises(UnsupportedApi):
        Application.from_json(old)


@pytest.mark.parametrize("missing", ["id", "name", "domain_id", "scalable", "gear_count", "cartridges"])
def test_what_is_needed_and_missing_is_reported_by_its_name(missing: str) -> None:
    with pytest.raises(Unanswered, match=missing):
        Application.from_json({key: value for key, value in document().items() if key != missing})


WEB = cartridge("php-5.4", "web_framework", 3)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"gear_count": "4"}, id="a number as text"),
        pytest.param({"gear_count": 4.0}, id="a number with a point"),
        pytest.param({"gear_count": True}, id="a flag as number"),
        pytest.param({"gear_count": -1}, id="fewer gears than none"),
        pytest.param({"ha": "false"}, id="a flag as text"),
        pytest.param({"ha": None}, id="no flag"),
        pytest.param({"scalable": 1}, id="a flag as number"),
        pytest.param({"name": ""}, id="no name"),
        pytest.param({"id": 5}, id="a number as text"),
        pytest.param({"cartridges": []}, id="no cartridges"),
        pytest.param({"cartridges": {"php-5.4": {}}}, id="cartridges by name"),
        pytest.param({"cartridges": ["php-5.4"]}, id="names of cartridges"),
        pytest.param({"cartridges": [{**WEB, "current_scale": None}]}, id="no scale"),
        pytest.param({"cartridges": [WEB, {**WEB, "scales_from": True}]}, id="a flag as number after the number"),
        pytest.param({"cartridges": [WEB, {**WEB, "current_scale": 3.0}]}, id="a number with a point after the number"),
        pytest.param({"cartridges": [{**WEB, "name": ["php-5.4"]}]}, id="a name in a list"),
        pytest.param({"cartridges": [{**WEB, "tags": "web_framework"}]}, id="tags as text"),
        pytest.param({"cartridges": [{**WEB, "scales_to": -2}]}, id="a maximum below none"),
        pytest.param({"cartridges": [WEB, cartridge("haproxy-1.4", "web_proxy", -1_000_000)]}, id="HAProxy owed"),
    ],
)
def test_what_has_another_shape_is_not_guessed_at(changes: dict[str, Any]) -> None:
    with pytest.raises(Unanswered):
        Application.from_json(document(**changes))


@pytest.mark.parametrize("members", [None, "alice", [], [None], [{"login": "alice"}], [{"owner": True}]], ids=str)
def test_an_owner_who_is_not_reported_is_unknown(members: object) -> None:
    assert Application.from_json(document(members=members)).owner is None


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(document(), JSON)).map(lambda odd: document(**odd)) | JSON)
def test_any_document_is_an_application_or_a_broker_error(data: object) -> None:
    try:
        app = Application.from_json(data)
    except BrokerError:
        return
    assert app.ha_status in (HIGHLY_AVAILABLE, DEGRADED, STANDALONE, NOT_SCALABLE)


def test_an_account_is_read() -> None:
    user = {"login": "alice", "consumed_gears": 3, "max_gears": 10, "capabilities": {"ha": True}}
    assert Caller.from_json(user) == Caller("alice", ha=True, consumed_gears=3, max_gears=10)


@pytest.mark.parametrize("user", [None, [], {}, {"login": "alice", "consumed_gears": "3", "max_gears": 10}], ids=str)
def test_an_account_of_another_shape_is_not_guessed_at(user: object) -> None:
    with pytest.raises(Unanswered):
        Caller.from_json(user)


def test_a_domain_shows_its_owner_and_the_owners_remaining_gears() -> None:
    domain = Domain.from_json({"name": "acme", "available_gears": 7, "members": document()["members"]})
    assert domain == Domain("acme", "alice", 7)


@pytest.mark.parametrize("available", [None, "7", True])
def test_remaining_gears_that_are_not_reported_are_unknown(available: object) -> None:
    assert Domain.from_json({"name": "acme", "available_gears": available}).available_gears is None


@pytest.mark.parametrize(
    ("owner", "login", "known"),
    [("alice", "alice", True), ("alice", "eve", False), (None, "eve", None), ("alice", None, None)],
)
def test_whether_the_caller_is_the_owner(owner: str | None, login: str | None, known: bool | None) -> None:
    caller = Caller(login, True, 0, 5) if login else None
    assert GearQuota(owner=owner, caller=caller).caller_is_owner is known


GEAR = {
    "id": "5f0",
    "state": "started",
    "endpoints": [
        {"types": ["load_balancer"], "external_address": "10.0.0.7", "external_port": "38001"},
        {"types": ["web_framework"], "external_address": "10.0.0.7", "external_port": "38002"},
    ],
}


def test_gears_show_where_their_haproxy_instance_listens() -> None:
    (gear,) = gears_from_json([{"cartridges": [{"name": "php-5.4"}, {"name": "haproxy-1.4"}], "gears": [GEAR]}])
    assert (gear.cartridges, gear.endpoints) == (
        ("php-5.4", "haproxy-1.4"),
        (Endpoint("10.0.0.7", 38001, "5f0", "started"),),
    )


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "cartridges": JSON,
                "gears": JSON
                | st.lists(
                    st.fixed_dictionaries(
                        {"id": st.just("5f0")},
                        optional={
                            "endpoints": JSON
                            | st.lists(
                                st.fixed_dictionaries(
                                    {},
                                    optional={
                                        "types": JSON | st.just(["load_balancer"]),
                                        "external_address": JSON | st.just("10.0.0.7"),
                                        "external_port": JSON | st.sampled_from(["38001", "\u00b2", "x", -1]),
                                    },
                                )
                            ),
                        },
                    )
                ),
            },
        )
    )
    | JSON
)
def test_any_document_is_gears_or_a_broker_error(data: object) -> None:
    with suppress(BrokerError):
        gears_from_json(data)

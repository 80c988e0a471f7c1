"""openshift_routes: its options and refusals, by calls of the action plugin. The role's tests launch it.

tests/unit/test_routes.py and test_guard.py test the decisions.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions import run_action

APP = {
    "domain": "acme",
    "name": "shop",
    "ha_status": "degraded",
    "url": "http://shop-acme.example.com/",
    "aliases": ["www.example.org"],
    "endpoints": [{"address": "10.0.0.1", "port": 35001, "gear": "g1", "state": "idle"}],
}


def routes(**options: Any) -> dict[str, Any]:
    return run_action("openshift_routes", {"applications": [APP], **options})


SERVES_WIKI = "backend openshift_acme_wiki\n    server gear-a 10.0.0.1:1\n"


def test_options() -> None:
    results = (
        routes(),
        routes(not_highly_available="exclude", allow_empty=True),
        routes(not_started="exclude", ha_dns_prefix="", ha_dns_suffix="-ha", allow_empty=True),
        routes(passthrough=["acme/*"]),
        routes(present=SERVES_WIKI, max_removed="1"),
    )
    plain, excluded, idle, tls, fewer = results
    assert plain["map"].splitlines() == [
        "ha-shop-acme.example.com openshift_acme_shop",
        "shop-acme.example.com openshift_acme_shop",
        "www.example.org openshift_acme_shop",
    ]
    (route,) = plain["routes"]
    assert route["servers"] == [{"name": "gear-g1", "address": "10.0.0.1", "port": 35001}]
    assert plain["warnings"] == ["Not highly available, so the loss of one gear causes an outage: acme/shop."]
    assert excluded["routes"] == []
    assert idle["routes"][0]["servers"] == []
    assert idle["routes"][0]["hosts"][1] == "shop-acme-ha.example.com"
    assert (tls["routes"][0]["backend"], tls["routes"][0]["passthrough"]) == ("openshift-tls_acme_shop", True)
    assert not fewer.get("failed")
    assert not any(result["changed"] for result in results)


UNGATHERED = {key: value for key, value in APP.items() if key != "endpoints"}
MASKED = {**APP, "name": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}
FOREIGN = {"present": "global\n", "present_mark": "mine", "present_paths": ["/etc/h.cfg"]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"applications": [UNGATHERED]},
            "applications: the endpoints are missing. Nothing was changed. Call openshift_app_info with gather: "
            "[endpoints].",
        ),
        (
            {"max_removed": "some"},
            "max_removed: must be a number, or a percentage such as 20%, not 'some'. Nothing was changed.",
        ),
        (
            {"ha_dns_prefix": "ha."},
            "ha_dns_prefix: 'ha.' is not a valid part of a host name. Nothing was changed.",
        ),
        ({"needed": ["acme/wiki"]}, "Not available for routing: acme/wiki. Nothing was changed. Check that each is"),
        (
            {"present": SERVES_WIKI, "max_removed": "0"},
            "1 application of 1 would no longer be routed: acme/wiki. Nothing was changed. Check the broker's data. If "
            "this is intended, raise app_router_max_removed (the option max_removed).",
        ),
        (
            {"applications": [MASKED], "allow_empty": True},
            "Ansible has masked a part of the data: applications[0].name. Nothing was changed.",
        ),
        (
            {"applications": []},
            "No application with a server to route to was found. Nothing was changed. Check the selection",
        ),
        (
            FOREIGN,
            "/etc/h.cfg is a foreign configuration: this role did not write it, and it is not the unmodified file of "
            "the distribution. Nothing was changed. To replace it, set app_router_takeover: true",
        ),
        ({"present_base64": "no Base64"}, "present_base64: must be Base64. Nothing was changed."),
        (
            {"problems": [{"reason": "No disk.", "advice": "Buy one."}]},
            "No disk. Nothing was changed. Buy one.",
        ),
    ],
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    """In the order reason, effect, next step."""
    result = routes(**options)
    assert result["failed"]
    assert result["msg"].startswith(message)


def test_a_missing_application_is_not_also_reported_as_removed() -> None:
    result = routes(needed=["acme/wiki"], present=SERVES_WIKI, max_removed="0")
    assert "max_removed" not in result["msg"]


def test_all_refusals_are_reported_at_once() -> None:
    result = routes(applications=[], problems=[{"reason": "No disk.", "advice": "Buy one."}], **FOREIGN)
    reasons, _effect, advice = result["msg"].partition("Nothing was changed.")
    for reason in ("No disk.", "is a foreign configuration", "No application with a server"):
        assert reason in reasons
    for step in ("Buy one.", "takeover: true", "allow_empty: true"):
        assert step in advice

"""The drill of the role app_router: what is drilled, and what its outcomes mean. tests/e2e drills real routers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.drill import (
    describe_failure,
    describe_headline,
    parse_bind,
    parse_outcome,
    plan_drill,
    refuse_empty,
    summarize,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.haproxy import render_haproxy
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import SettingError, build_settings
from tests.unit.test_router_settings import route

ROUTES = [route("one", "4001"), route("shop", "4001", "4002")]


def app(name: str, status: str = "highly_available") -> dict[str, Any]:
    return {"domain": "acme", "name": name, "ha_status": status, "url": f"http://{name}-acme.example.com/"}


def test_only_highly_available_applications_with_two_servers_are_drilled() -> None:
    settings = build_settings({})
    apps = [app("shop"), app("crm", "degraded"), app("gone"), app("one")]
    drill = plan_drill(apps, render_haproxy(settings, ROUTES, (2, 6)), settings, 5)
    (step,) = drill.steps
    assert (step["application"], step["servers"]) == ("acme/shop", ["gear-1", "gear-2"])
    assert (step["address"], step["tls"], step["host"]) == (["127.0.0.1", 80], False, "shop-acme.example.com")
    assert {each["application"]: each["reason"] for each in drill.skipped} == {
        "acme/crm": "it is not highly available (degraded)",
        "acme/gone": "this router does not route it",
        "acme/one": "this router has only one of its HAProxy instances",
    }


def test_a_redirect_to_https_is_not_an_answer_of_the_application() -> None:
    settings = build_settings({"tls": "termination", "certificates": "/a.pem", "https_redirect": True})
    (step,) = plan_drill([app("shop")], render_haproxy(settings, ROUTES, (2, 6)), settings, 5).steps
    assert (step["address"], step["tls"]) == (["127.0.0.1", 443], True)


def test_haproxy_needs_its_socket() -> None:
    with pytest.raises(SettingError, match="app_router_admin_socket must be set"):
        plan_drill([], "", build_settings({"admin_socket": ""}), 5)


@pytest.mark.parametrize(
    ("bind", "address"),
    [
        ("*:80", ["127.0.0.1", 80]),
        ("80", ["127.0.0.1", 80]),
        ("10.0.0.5:81 accept-proxy", ["10.0.0.5", 81]),
        ("[::]:80", ["::1", 80]),
        ("[fe80::1]:80", ["fe80::1", 80]),
    ],
)
def test_where_requests_are_sent(bind: str, address: list[Any]) -> None:
    assert parse_bind(bind) == address


def test_a_socket_gets_no_requests() -> None:
    with pytest.raises(SettingError):
        parse_bind("unix@/run/x")


STEP = {"application": "acme/shop", "servers": ["gear-1", "gear-2"]}


def outcome(failure: str = "", restored: bool = True) -> dict[str, Any]:
    text = json.dumps({"failure": failure, "requests": 9, "failed_requests": int(bool(failure)), "restored": restored})
    return parse_outcome(STEP, {"rc": 0, "stdout": text})


@pytest.mark.parametrize(
    ("result", "status"),
    [
        ({"skipped": True}, "not_drilled"),
        ({"rc": 1, "stdout": "", "stderr": "no such file"}, "failed"),
        ({"rc": 0, "stdout": "{}"}, "failed"),
        ({"rc": 0, "stdout": "[]"}, "failed"),
    ],
)
def test_an_outcome_that_was_not_seen_is_no_success(result: dict[str, Any], status: str) -> None:
    assert parse_outcome(STEP, result)["status"] == status


def test_the_result() -> None:
    outcomes = [outcome(), outcome("a request failed without gear-2: status 503")]
    summary = summarize(outcomes, [{"application": "acme/crm", "status": "skipped", "reason": "x"}])
    assert (summary["total"], summary["passed"], summary["failed"], summary["skipped"]) == (2, 1, 1, 1)
    assert describe_headline(summary) == (
        "1 of 2 applications passed, 1 failed (acme/shop), 1 skipped: 18 requests, 1 of them failed."
    )
    assert describe_failure("r1", outcomes).startswith(
        "acme/shop: the drill on r1 failed: a request failed without gear-2: status 503. Every HAProxy instance gets "
        "requests again, and the drill has stopped."
    )
    assert describe_failure("r1", [outcome()]) == ""


def test_nothing_is_claimed_that_was_not_seen() -> None:
    assert "It did not see that every HAProxy instance gets requests again" in describe_failure(
        "r1", [outcome("the reload failed", restored=False)]
    )


def test_a_router_without_routes_is_not_drilled() -> None:
    assert refuse_empty("global\n").startswith("This router routes no application yet. Nothing was changed.")
    assert refuse_empty("backend openshift_acme_shop\n") == ""

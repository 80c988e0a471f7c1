"""The drill of the role app_router: what is drilled, and what its outcomes mean. tests/e2e drills real routers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.drill import (
    describe_failure,
    describe_headline,
    parse_bind,
    parse_outcome,
    plan_drill,
    refuse_empty,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.drill_file import record_drill
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.drill_record import (
    build_record,
    merge_results,
    parse_results,
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


STEP = {"application": "acme/shop", "id": "a1", "servers": ["gear-1", "gear-2"]}


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
    summary = summarize("r1", outcomes, [{"application": "acme/crm", "status": "skipped", "reason": "x"}])
    assert (summary["version"], summary["router"], summary["applications"][-1]["router"]) == (1, "r1", "r1")
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


NOW = datetime(2026, 11, 29, 18, 50, 12, 5, tzinfo=timezone(timedelta(hours=1)))


def record(router: str = "r1", **changes: Any) -> dict[str, Any]:
    return {**build_record(router, outcome(), NOW), **changes}


def test_a_record() -> None:
    assert record() == {
        "router": "r1",
        "application": "acme/shop",
        "id": "a1",
        "servers": ["gear-1", "gear-2"],
        "status": "passed",
        "requests": 9,
        "failed_requests": 0,
        "reason": "",
        "restored": True,
        "time": "2026-11-29T17:50:12Z",
    }


def test_the_file_keeps_the_last_drill_of_each_application_and_router() -> None:
    text = ""
    for each in (
        record(),
        record("r2", status="failed"),
        record(requests=12),
        record(status="skipped"),
        record(status="not_drilled"),
        # Created anew with the same name: another application.
        record(id="b2"),
    ):
        text = merge_results(text, [each])
    assert json.loads(text)["version"] == 1
    assert [(each["id"], each["router"], each["status"], each["requests"]) for each in parse_results(text)] == [
        ("a1", "r1", "passed", 12),
        ("a1", "r2", "failed", 9),
        ("b2", "r1", "passed", 9),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "it is not valid JSON"),
        (b"[]", "it has no results of drills"),
        (b'{"version": 2, "results": []}', "its version is 2, and only 1 can be read"),
        (b'{"version": 1, "results": [{"router": "r1"}]}', "a record has no router, application or id"),
        (b"\xff", "it is not UTF-8"),
    ],
)
def test_a_file_of_something_else_is_kept(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "drills.json"
    path.write_bytes(content)
    (warning,) = record_drill(path, record())
    assert warning == (
        f"{path}: the results of drills cannot be read: {reason}. The result of this drill was not added to it. "
        "Move the file away."
    )
    assert path.read_bytes() == content


def test_the_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "drills.json"
    assert record_drill(target, record()) == ()
    target.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(target)
    assert record_drill(link, record("r2")) == ()
    assert [each["router"] for each in parse_results(target.read_text(encoding="utf-8"))] == ["r1", "r2"]
    assert (link.is_symlink(), target.stat().st_mode & 0o777) == (True, 0o640)
    assert [path.name for path in target.parent.iterdir()] == ["drills.json"]


def test_a_file_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (warning,) = record_drill(tmp_path / "file" / "drills.json", record())
    assert "the results of drills cannot be written: Not a directory." in warning or "File exists" in warning

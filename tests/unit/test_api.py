"""The API: which requests each method sends, and what it returns."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    Busy,
    Refused,
    Unanswered,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Request
from tests.unit.clients import (
    APPLICATION,
    DONE,
    FOUND,
    SCALE_UP,
    WRITES,
    broker_at,
    failure,
    forget_surroundings,
)
from tests.unit.memory_broker import REF
from tests.unit.wire import Wire, envelope, error


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_surroundings(monkeypatch, tmp_path)


def test_reading_an_application_is_one_request_without_links() -> None:
    with Wire(FOUND) as wire:
        app = broker_at(wire.url).application(REF)
    assert (app.web_gears, app.haproxy_count, app.owner) == (3, 1, "alice")
    assert [(r.method, r.path) for r in wire.requests] == [
        ("GET", "/broker/rest/domain/acme/application/shop?include=cartridges&nolinks=true")
    ]
    assert wire.requests[0].headers["accept"] == "application/json; version=1.7"


GEARS = [{"gears": [{"id": "g1", "state": "started"}, {"id": "g2", "state": "unknown"}], "cartridges": []}]
NODE_DOWN = error(500, "Node execution failure (error getting facts).", 143)


def test_the_placement_is_one_request() -> None:
    with Wire(envelope(GEARS)) as wire:
        placement = broker_at(wire.url).placement(REF)
    assert (placement.has_endpoints, placement.silent_gears) == (True, ("g2",))
    path = "/broker/rest/domain/acme/application/shop/gear_groups"
    assert [r.path for r in wire.requests] == [f"{path}?include=endpoints&nolinks=true"]


def test_without_endpoints_the_states_are_read_while_a_node_does_not_answer() -> None:
    with Wire(NODE_DOWN, envelope(GEARS)) as wire:
        placement = broker_at(wire.url).placement(REF, timeout=3)
    assert (placement.has_endpoints, placement.silent_gears) == (False, ("g2",))
    path = "/broker/rest/domain/acme/application/shop/gear_groups"
    assert [r.path for r in wire.requests] == [
        f"{path}?include=endpoints&nolinks=true",
        f"{path}?timeout=3&nolinks=true",
    ]


#: Names that would lead to another path, some only after a proxy has decoded them.
PATH_NAMES = ["..", ".", "", "../bob", "a/b", "a\\b", "shop?x=1", "shop#x", "%2e%2e", "a%2fb", "a;b"]


@pytest.mark.parametrize("name", PATH_NAMES)
def test_names_that_lead_to_another_path_are_never_sent(name: str) -> None:
    with Wire(DONE) as wire:
        broker = broker_at(wire.url)
        for ref in (AppRef(name, "shop"), AppRef("acme", name)):
            calls = [
                lambda ref=ref: broker.application(ref),
                lambda ref=ref: broker.gears(ref),
                lambda ref=ref: broker.offers_ha(ref),
                lambda ref=ref: broker.wait_for_lock(ref),
                lambda ref=ref: broker.send(ref, Request("POST", "/events", {})),
            ]
            assert {type(failure(call)) for call in calls} == {Refused}
        for call in (lambda: broker.domain(name), lambda: broker.applications(domain=name)):
            assert isinstance(failure(call), Refused)
        assert isinstance(failure(lambda: broker.send(REF, Request("PUT", "/cartridge/..", {}))), Refused)
    assert wire.requests == []


@pytest.mark.parametrize("name", PATH_NAMES)
@pytest.mark.parametrize("key", ["name", "domain_id", "cartridge"])
def test_an_application_with_such_a_name_is_unreadable_and_hides_no_other(key: str, name: str) -> None:
    entry = copy.deepcopy(APPLICATION)
    if key == "cartridge":
        entry["cartridges"][0]["name"] = name
    else:
        entry[key] = name
    with Wire(envelope([entry, APPLICATION])) as wire:
        bad, good = broker_at(wire.url).applications()
    assert isinstance(bad, Unreadable)
    assert isinstance(good, Application)


@pytest.mark.parametrize("key", ["name", "domain_id"])
def test_a_name_of_thousands_of_characters_is_unreadable_and_shown_shortened(key: str) -> None:
    with Wire(envelope([{**APPLICATION, key: "x" * 10_240}])) as wire:
        (entry,) = broker_at(wire.url).applications()
    assert isinstance(entry, Unreadable)
    assert len(str(entry.ref)) < 300


@pytest.mark.parametrize(
    ("action", "method", "path", "body"),
    [
        ("make_ha", "POST", "/events", {"event": "make-ha"}),
        ("disable_ha", "POST", "/events", {"event": "disable-ha"}),
        ("scale_up", "POST", "/events", {"event": "scale-up"}),
        ("scale_down", "POST", "/events", {"event": "scale-down"}),
        ("set_limits", "PUT", "/cartridge/php-5.4", {"scales_from": 3, "scales_to": -1}),
        ("wait_for_lock", "POST", "/events", {"event": "scale-down", "by": 0}),
    ],
)
def test_writing_is_one_request(action: str, method: str, path: str, body: dict[str, object]) -> None:
    with Wire(DONE) as wire:
        WRITES[action](broker_at(wire.url))
    (request,) = wire.requests
    assert (request.method, request.path) == (
        method,
        f"/broker/rest/domain/acme/application/shop{path}?nolinks=true",
    )
    assert json.loads(request.body) == body


def test_names_are_quoted_in_the_path() -> None:
    with Wire(DONE) as wire:
        broker_at(wire.url).send(AppRef("a b", "x&y:z"), SCALE_UP)
    assert wire.requests[0].path.startswith("/broker/rest/domain/a%20b/application/x%26y%3Az/events")


def test_links_show_whether_the_platform_offers_ha() -> None:
    with Wire(envelope({"links": {"MAKE_HA": {}}}), envelope({"links": {"SCALE_UP": {}}})) as wire:
        broker = broker_at(wire.url)
        assert [broker.offers_ha(REF), broker.offers_ha(REF)] == [True, False]


def test_the_lock_is_busy_while_the_minimum_is_raised() -> None:
    """The broker refuses to scale by 0 only below the minimum."""
    with Wire(error(422, "Cannot scale down below gear limit of 2.", 168)) as wire:
        raised = failure(lambda: broker_at(wire.url).wait_for_lock(REF))
    assert (type(raised), raised.exit_code, raised.account, len(wire.requests)) == (Busy, 168, "alice", 1)
    assert "Cannot scale down below gear limit of 2." in raised.text


@pytest.mark.parametrize("text", ["Application shop is not scalable", "Your application is being upgraded"])
def test_any_other_refusal_of_the_lock_stays_a_refusal(text: str) -> None:
    with Wire(error(422, text, None)) as wire:
        raised = failure(lambda: broker_at(wire.url).wait_for_lock(REF))
    assert (type(raised), raised.http_status) == (Refused, 422)


def test_an_answer_about_another_application_is_an_error() -> None:
    with Wire(envelope({**APPLICATION, "name": "payroll"})) as wire:
        assert failure(lambda: broker_at(wire.url).application(REF)).__class__ is Unanswered


def test_names_may_differ_in_case() -> None:
    with Wire(FOUND) as wire:
        assert broker_at(wire.url).application(AppRef("ACME", "Shop")).ref == REF

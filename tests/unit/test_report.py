"""The report: what it makes of results, and that nothing in them gets out of its place."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timezone
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import as_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    FINDINGS,
    Report,
    ReportInput,
    as_csv,
    as_json,
    as_text,
    not_looked_at,
    report_input_from,
    report_of,
)

WHEN = datetime(2026, 11, 22, 3, 15, tzinfo=timezone.utc)
PLANNED = {"action": "scale_up", "detail": "scale up from 3 gears to 4", "status": "planned", "seconds": None}
MAXIMUM = {"code": "maximum", "message": "acme/shop has 2 gears and its maximum is 2"}
UNSEEN = "Whether carol, the owner of acme/api, has the HA capability cannot be seen beforehand."


def app(name: str = "shop", status: str = "highly_available", **more: Any) -> dict[str, Any]:
    """An application as the modules return it."""
    shapes = {
        "highly_available": {"ha": True, "haproxy_count": 2},
        "degraded": {"ha": True, "haproxy_count": 1},
        "standalone": {"ha": False, "haproxy_count": 1},
        "not_scalable": {"ha": False, "haproxy_count": 0},
    }
    common = {"name": name, "domain": "acme", "id": "1", "owner": "alice", "gear_count": 3, "web_gears": 3}
    limits = {"min_gears": 2, "max_gears": -1, "url": f"http://{name}-acme.example.com/"}
    return {**common, **limits, "ha_status": status, **shapes[status], **more}


def result(before: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A result of openshift_apps_ha for one application."""
    rest = {"steps": [], "blockers": [], "gears_needed": 0, "gears_available": None, "failed": False, "changed": False}
    return {**rest, "before": before, "application": before, **more}


def report(*results: dict[str, Any], **more: Any) -> Report:
    return report_of([ReportInput(results, **more)], "The audit", "https://broker.example.com", WHEN)


def drifted(name: str, status: str = "degraded", **more: Any) -> dict[str, Any]:
    planned = {"steps": [PLANNED], "gears_needed": 1, "changed": True, "application": app(name)}
    return {**result(app(name, status)), **planned, **more}


# --- What is found -------------------------------------------------------------------------------------------------

GONE = not_looked_at("acme", "gone", "acme/gone: could not be looked at: not within reach")
BLOCKED = drifted("shop", blockers=[MAXIMUM], failed=True, changed=False, application=app("shop", "degraded"))
DONE = {**PLANNED, "status": "done"}
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "as wished": (result(app()), "in_order", ""),
    "degraded": (drifted("shop"), "drifted", "1 HAProxy of 2"),
    "standalone": (drifted("shop", "standalone"), "drifted", "not HA, 1 HAProxy of 2"),
    "blocked": (BLOCKED, "blocked", "1 HAProxy of 2"),
    "not scalable, selected": (result(app(status="not_scalable")), "left_alone", ""),
    "not scalable, listed": (
        result(app(status="not_scalable"), blockers=[{"code": "not_scalable", "message": "no"}], failed=True),
        "blocked",
        "not scalable",
    ),
    "not looked at": (GONE, "failed", "could not be looked at"),
    "repaired": (drifted("shop", steps=[DONE]), "repaired", "1 HAProxy of 2"),
    "repair failed": (drifted("shop", steps=[DONE], failed=True), "failed", "1 HAProxy of 2"),
    "failed, and Ansible was told that nothing fails": (
        drifted("shop", steps=[{**DONE, "status": "unknown"}], failed_when_result=False, msg="lost"),
        "failed",
        "1 HAProxy of 2",
    ),
    "limits": (
        drifted("shop", "highly_available", application=app(min_gears=3, max_gears=10)),
        "drifted",
        "minimum 2 instead of 3, maximum none instead of 10",
    ),
    "HA that is not wished": (
        drifted("shop", "highly_available", steps=[{**PLANNED, "action": "disable_ha"}]),
        "drifted",
        "HA, against the wish",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_found(case: str) -> None:
    given_result, finding, missing = CASES[case]
    (row,) = report(given_result).rows
    assert (row.finding, row.missing) == (finding, missing)


def test_a_host_that_is_not_scalable_is_left_alone() -> None:
    (row,) = report(CASES["not scalable, listed"][0], lenient=True).rows
    assert (row.finding, row.blockers, row.failed) == ("left_alone", (), False)


def test_a_step_tells_what_became_of_it_unless_it_is_merely_planned() -> None:
    planned, done = (report(drifted("shop", steps=[step])).rows[0].steps for step in (PLANNED, DONE))
    assert (planned, done) == (("scale up from 3 gears to 4",), ("scale up from 3 gears to 4: done",))


def test_counts_and_names() -> None:
    made = report(result(app("wiki")), drifted("api"), BLOCKED, GONE)
    assert made.counts == {
        "total": 4,
        "highly_available": 1,
        "degraded": 2,
        "standalone": 0,
        "not_scalable": 0,
        "unknown": 1,
        "drifted": 2,
        "blocked": 1,
        "failed": 2,
    }
    assert made.drifted == ("acme/api", "acme/shop")
    assert made.blocked == ("acme/shop",)
    assert made.failed == ("acme/shop", "acme/gone")


# --- Owners --------------------------------------------------------------------------------------------------------


def owned(name: str, owner: str, needed: int, available: int | None) -> dict[str, Any]:
    before = app(name, "degraded", owner=owner)
    return drifted(name, before=before, gears_needed=needed, gears_available=available)


def test_owners_that_lack_gears_come_first() -> None:
    made = report(
        owned("a", "alice", 5, 9), owned("b", "bob", 2, 1), owned("c", "carol", 1, None), owned("d", "bob", 1, 0)
    )
    owners = [(o.login, o.applications, o.gears_needed, o.gears_available, o.shortage) for o in made.owners]
    assert owners == [("bob", 2, 3, 1, 2), ("alice", 1, 5, 9, 0), ("carol", 1, 1, None, 0)]


def test_gears_that_are_told_go_before_those_of_the_entries() -> None:
    made = report(owned("a", "alice", 5, 9), gears_available={"alice": 3, "zoe": 7})
    assert [(o.login, o.gears_available, o.shortage) for o in made.owners] == [("alice", 3, 2)]


# --- What a task registered ----------------------------------------------------------------------------------------


def test_what_was_registered() -> None:
    fleet = {"results": [result(app())], "summary": {"gears_available": {"alice": 4}}}
    assert report_input_from(result(app())) == ReportInput((result(app()),))
    assert report_input_from(fleet) == ReportInput((result(app()),), {"alice": 4})
    assert report_input_from({"results": [result(app())]}) == ReportInput((result(app()),))
    assert report_input_from({"results": [], "summary": {}}) == ReportInput(())
    assert report_input_from({"skipped": True}) == ReportInput(())
    assert report_input_from({"results": [], "msg": "no broker"}) == ReportInput((), error="no broker")
    assert report_input_from({"msg": "broker_url: is missing"}) == ReportInput((), error="broker_url: is missing")
    assert report_input_from({}).error


def test_a_broker_that_cannot_be_asked() -> None:
    made = report_of([report_input_from({"results": [], "msg": "The broker is down."})], "", "", WHEN)
    assert as_text(made) == "Nothing could be looked at. The broker is down."
    assert "Nothing could be looked at. The broker is down." in as_html(made)
    assert json.loads(as_json(made))["error"] == "The broker is down."


def test_hosts_none_of_which_could_be_looked_at() -> None:
    made = report(GONE, not_looked_at("acme", "api", "the same"))
    assert made.error == f"{GONE['msg']} The other 1 could not be looked at either."
    assert made.counts["unknown"] == 2


def test_one_broker_of_two() -> None:
    made = report_of([report_input_from({"msg": "The broker is down."}), ReportInput((result(app()),))], "", "", WHEN)
    assert as_text(made).splitlines()[0] == "Not everything could be looked at. The broker is down."


def test_what_was_selected_and_is_not_there() -> None:
    fleet = {"results": [result(app())], "summary": {"unmatched": ["nosuch", "shpo"]}}
    made = report_of([report_input_from(fleet)], "", "", WHEN)
    told = "All is as wished: 1 application, no drift. Selected, but not within reach: nosuch, shpo."
    assert as_text(made).splitlines()[0] == told
    assert json.loads(as_json(made))["unmatched"] == ["nosuch", "shpo"]
    assert mood(made) == "drift"


def mood(made: Report) -> str:
    """The colour of the headline."""
    return as_html(made).partition('<p class="headline ')[2].partition('"')[0]


def test_only_a_look_at_something_can_be_good() -> None:
    assert mood(report(result(app()))) == "good"
    assert mood(report()) == "drift"


# --- As text -------------------------------------------------------------------------------------------------------


def test_what_cannot_be_seen_beforehand_is_in_all_of_it() -> None:
    made = report(drifted("api", "standalone", warnings=[UNSEEN]))
    assert as_text(made).splitlines()[-2:] == ["Warnings:", f"  {UNSEEN}"]
    assert f"<p>{UNSEEN}</p>" in as_html(made)
    assert json.loads(as_json(made))["applications"][0]["warnings"] == [UNSEEN]
    (entry,) = csv.DictReader(io.StringIO(as_csv(made)))
    assert entry["warnings"] == UNSEEN


def test_text() -> None:
    blocked = {**BLOCKED, "gears_available": 0}
    made = report(result(app("wiki")), drifted("api"), blocked, GONE)
    assert as_text(made).splitlines() == [
        "2 of 4 applications drifted: 1 can be repaired (1 gear needed), 1 blocked. 1 could not be looked at.",
        "ReportInput: 1 highly available, 2 degraded, 1 unknown.",
        "Failed:",
        "  acme/gone: could not be looked at: not within reach",
        "Blocked:",
        "  acme/shop has 2 gears and its maximum is 2",
        "Drifted:",
        "  acme/api: 1 HAProxy of 2 (+1 gear)",
        "Too few gears:",
        "  alice needs 2 gears and has 0",
    ]


def test_long_lists_are_cut() -> None:
    lines = as_text(report(*(drifted(f"app{number}") for number in range(1500)))).splitlines()
    assert lines[0] == "1,500 of 1,500 applications drifted: 1,500 can be repaired (1,500 gears needed)."
    assert lines[-1] == "  and 1,490 more"
    assert len(lines) == 14


@pytest.mark.parametrize(
    ("results", "line"),
    [
        ((), "No application was looked at."),
        (
            (drifted("a", warnings=[UNSEEN]), drifted("b")),
            "2 of 2 applications drifted: 2 can be repaired (2 gears needed), 1 of them with a warning.",
        ),
        ((result(app()),), "All is as wished: 1 application, no drift."),
        ((result(app()), GONE), "No drift seen among 2 applications. 1 could not be looked at."),
        ((drifted("a", steps=[DONE]), drifted("b", failed=True)), "2 of 2 applications drifted: 1 repaired, 1 failed."),
    ],
)
def test_the_headline(results: tuple[dict[str, Any], ...], line: str) -> None:
    assert as_text(report(*results)).splitlines()[0] == line


# --- For programs --------------------------------------------------------------------------------------------------


def test_json() -> None:
    document = json.loads(as_json(report(BLOCKED, gears_available={"alice": 0})))
    assert document["version"] == 1
    assert document["made_at"] == "2026-11-22T03:15:00+00:00"
    assert document["broker_url"] == "https://broker.example.com"
    assert document["counts"]["blocked"] == document["findings"]["blocked"] == 1
    assert document["owners"] == [
        {"login": "alice", "applications": 1, "gears_needed": 1, "gears_available": 0, "shortage": 1}
    ]
    (entry,) = document["applications"]
    assert entry["blockers"] == [MAXIMUM]
    assert entry["steps"] == ["scale up from 3 gears to 4"]
    assert (entry["domain"], entry["name"], entry["status"], entry["max_gears"]) == ("acme", "shop", "degraded", -1)


def test_csv() -> None:
    (row,) = csv.DictReader(io.StringIO(as_csv(report(BLOCKED)), newline=""))
    assert row["name"] == "shop"
    assert row["blockers"] == "maximum: acme/shop has 2 gears and its maximum is 2"
    assert (row["gears_needed"], row["gears_available"], row["max_gears"]) == ("1", "", "-1")


@pytest.mark.parametrize("evil", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_csv_holds_no_formula(evil: str) -> None:
    (row,) = csv.DictReader(io.StringIO(as_csv(report(result(app(evil, owner=evil)))), newline=""))
    for field in (row["name"], row["owner"]):
        assert field[0] not in "=+-@\t\r"
        assert evil.strip() in field


# --- As a page -----------------------------------------------------------------------------------------------------

VOID = {"meta", "input", "link", "br", "img", "hr"}


class Page(HTMLParser):
    """Reads a page, sees that what is opened is closed, and keeps what there is of everything."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def text_in(self, *tags: str) -> list[str]:
        return [text for tag, text in self.texts if tag in tags and text.strip()]


HOSTILE = [
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "{{ lookup('pipe', 'id') }}",
    "{% for x in y %}",
    '" onmouseover="alert(1)',
    "' & <b>",
    "-->",
]


@pytest.mark.parametrize("evil", HOSTILE)
def test_what_a_broker_says_stays_text(evil: str) -> None:
    calm = Page(as_html(report(BLOCKED)))
    blocked = {**BLOCKED, "blockers": [{"code": "x", "message": evil}], "steps": [{**PLANNED, "detail": evil}]}
    page = Page(as_html(report({**blocked, "before": app(evil, "degraded", owner=evil, domain=evil)})))
    assert [(tag, name) for tag, name, _value in page.attributes] == [(t, n) for t, n, _value in calm.attributes]
    assert page.text_in("script", "style") == calm.text_in("script", "style")
    assert page.text_in("td").count(evil) == 2
    assert page.text_in("p").count(evil) == 1
    assert f"{evil}/{evil}" in page.text_in("a")


def test_the_title_and_the_address_stay_text() -> None:
    evil = "</title><script>alert(1)</script>"
    page = Page(as_html(report_of([ReportInput(())], evil, f"https://{evil}", WHEN)))
    assert page.text_in("h1") == [evil]
    assert len(page.text_in("script")) == 1


def test_only_web_addresses_are_links() -> None:
    def links(url: str) -> list[str]:
        page = Page(as_html(report(result(app(url=url)))))
        return [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]

    assert links("http://shop-acme.example.com/") == ["http://shop-acme.example.com/"]
    assert links("javascript:alert(1)") == links("") == links("http://[") == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://alice:geheim@broker.example.com/broker/rest", "https://broker.example.com/broker/rest"),
        ("https://broker.example.com/rest?token=geheim", "https://broker.example.com/rest"),
        ("", ""),
    ],
)
def test_no_credentials_are_shown(url: str, shown: str) -> None:
    made = report_of([ReportInput((result(app()),))], "The audit", url, WHEN)
    assert made.broker_url == shown
    assert "geheim" not in as_html(made) + as_json(made) + as_csv(made) + as_text(made)


def test_the_page_loads_nothing() -> None:
    page = Page(as_html(report(BLOCKED, GONE, result(app("wiki")))))
    assert {name for _tag, name, _value in page.attributes}.isdisjoint({"src", "srcset", "style", "onclick", "action"})
    assert "link" not in {tag for tag, _name, _value in page.attributes}
    assert not any("url(" in text or "@import" in text for text in page.text_in("style"))
    policy = next(value for _tag, name, value in page.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_rows_are_in_the_order_of_urgency() -> None:
    made = report(result(app("wiki")), drifted("blog"), drifted("api"), BLOCKED, GONE)
    page = Page(as_html(made))
    findings = [value for tag, name, value in page.attributes if (tag, name) == ("tr", "data-f")]
    assert findings == ["failed", "blocked", "drifted", "drifted", "in_order"]
    assert list(FINDINGS).index("failed") == 0
    names = page.text_in("a")
    assert names.index("acme/api") < names.index("acme/blog")


def test_the_same_input_gives_the_same_files() -> None:
    for form in (as_html, as_json, as_csv):
        assert form(report(BLOCKED, GONE)) == form(report(BLOCKED, GONE))


TEXTS = st.text(alphabet=st.characters(), max_size=20)


@given(texts=st.lists(TEXTS, min_size=5, max_size=5), number=st.one_of(st.none(), st.integers(), TEXTS))
def test_no_text_breaks_any_of_the_files(texts: list[str], number: Any) -> None:
    """Control characters, lone surrogates and writing from right to left included."""
    name, domain, owner, message, url = texts
    before = app(name, "degraded", domain=domain, owner=owner, url=url, gear_count=number)
    made = report(drifted(name, before=before, blockers=[{"code": "x", "message": message}], gears_needed=number))
    Page(as_html(made))
    (entry,) = json.loads(as_json(made))["applications"]
    (row,) = csv.DictReader(io.StringIO(as_csv(made), newline=""))
    assert row["name"].lstrip("'") == entry["name"].lstrip("'")
    for text in (as_html(made), as_json(made), as_csv(made), as_text(made)):
        assert text.encode("utf-8")
        assert "\x1b" not in text
        assert "\u202e" not in text

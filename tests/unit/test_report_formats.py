"""The metrics, the XML for CI servers, the message, and reports on several brokers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.files import render_csv, render_json
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.history import Entry, follow
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import render_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import (
    InputError,
    ReportInput,
    parse_registered,
    read_brokers,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.junit import render_junit
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.notification import (
    escape_markdown,
    notify,
    render_markdown,
    render_text,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.prom import HAS_LIBRARY, render_prom
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.returns import returned_values
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.several import build_reports
from tests.unit.reports import BLOCKED, GONE, MADE_AT, SKIPPED, app, drifted, report, result

needs_library = pytest.mark.skipif(not HAS_LIBRARY, reason="prometheus-client is not installed")
EAST, WEST = "https://east.example.com", "https://west.example.com/broker/rest"
EVIL = 'a"b\\c\nd</testcase>]]>&\x00\ufffe\ud800{}'


def with_history(made: Report, *drifted_before: str) -> Report:
    """The report with an earlier audit that found these applications drifted."""
    day_before = MADE_AT - timedelta(days=1)
    known = dict.fromkeys(drifted_before, day_before.isoformat(timespec="seconds"))
    entry = Entry(day_before, made.broker_url, made.series, {"total": 1, "drifted": len(known)}, known)
    return follow(made, [entry])[0]


# --- Metrics ----------------------------------------------------------------------------------------------------------


def metrics(made: Report) -> dict[str, float]:
    lines = [line for line in render_prom(made).splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


@needs_library
def test_metrics() -> None:
    made = replace(report(BLOCKED, drifted("api", "standalone"), result(app("wiki"))), series="night", duration=1.5)
    values = metrics(with_history(made, "acme/shop", "acme/wiki"))
    labels = 'broker="https://broker.example.com",report="night"'
    assert values[f"openshift_ha_drifted{{{labels}}}"] == 2
    assert values[f"openshift_ha_drifted_new{{{labels}}}"] == 1
    assert values[f"openshift_ha_repaired{{{labels}}}"] == 1
    assert values[f'openshift_ha_applications{{{labels},status="standalone"}}'] == 1
    assert values['openshift_ha_gears_needed{broker="https://broker.example.com",owner="alice",report="night"}'] == 2
    assert values[f"openshift_ha_audit_success{{{labels}}}"] == 1
    assert values[f"openshift_ha_audit_duration_seconds{{{labels}}}"] == 1.5
    assert values[f"openshift_ha_audit_last_success_timestamp_seconds{{{labels}}}"] == MADE_AT.timestamp()
    oldest = values[f"openshift_ha_oldest_drift_timestamp_seconds{{{labels}}}"]
    assert oldest == (MADE_AT - timedelta(days=1)).timestamp()


@needs_library
def test_metrics_of_a_failed_audit() -> None:
    made = with_history(replace(report(error="down"), series="report"), "acme/shop")
    values = metrics(made)
    labels = 'broker="https://broker.example.com",report="report"'
    assert values == {
        f"openshift_ha_audit_success{{{labels}}}": 0,
        f"openshift_ha_audit_last_run_timestamp_seconds{{{labels}}}": MADE_AT.timestamp(),
        f"openshift_ha_audit_last_success_timestamp_seconds{{{labels}}}": (MADE_AT - timedelta(days=1)).timestamp(),
    }


@needs_library
def test_labels_are_escaped() -> None:
    made = report(drifted("api", before=app("api", "degraded", owner='al"ice\\')))
    assert 'owner="al\\"ice\\\\"' in render_prom(made)


# --- XML --------------------------------------------------------------------------------------------------------------


def test_junit() -> None:
    made = report(BLOCKED, drifted("api"), result(app("wiki")), SKIPPED, GONE, unmatched=("shpo",))
    root = ElementTree.fromstring(render_junit(made))
    assert root.tag == "testsuites"
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6",
        "failures": "3",
        "errors": "1",
        "skipped": "1",
    }
    cases = {f"{case.get('classname')}/{case.get('name')}": case for case in root.iter("testcase")}
    assert {name: [child.tag for child in case] for name, case in cases.items()} == {
        "acme/shop": ["failure"],
        "acme/api": ["failure"],
        "acme/wiki": [],
        "acme/plain": ["skipped"],
        "acme/gone": ["error"],
        "selection/shpo": ["failure"],
    }
    failure = cases["acme/shop"].find("failure")
    assert failure is not None
    assert failure.get("type") == "blocked"
    assert failure.get("message") == "1 of 2 HAProxy instances: acme/shop has 2 gears and its maximum is 2"
    assert "Owner: alice" in (failure.text or "")


def test_junit_skips_what_the_policy_ignores() -> None:
    rule = {"number": 2, "name": "tests"}
    document = ElementTree.fromstring(render_junit(report(result(app("two"), ignored=True, policy_rule=rule))))
    (case,) = document.iter("testcase")
    (skipped,) = case
    assert (skipped.tag, skipped.get("message")) == ("skipped", "ignored by rule 2 (tests) of the policy")


def test_junit_of_a_failed_audit_has_an_error() -> None:
    root = ElementTree.fromstring(render_junit(report(error="The broker is down.")))
    assert root.get("errors") == "1"
    assert [error.get("message") for error in root.iter("error")] == ["The broker is down."]


@given(text=st.text())
def test_junit_is_valid_with_any_text(text: str) -> None:
    made = report(drifted(text, before=app(text, "degraded", domain=text), blockers=[{"code": "x", "message": text}]))
    raw = replace(made, title=text, broker_url=text, rows=(replace(made.rows[0], name=text, message=text),))
    for each in (made, raw):
        ElementTree.fromstring(render_junit(each))
        assert render_junit(each).encode("utf-8")


# --- Message ----------------------------------------------------------------------------------------------------------


def test_message() -> None:
    made = replace(report(BLOCKED, drifted("api"), result(app("wiki"))), link="https://reports.example.com/report.html")
    message = notify(with_history(made, "acme/shop", "acme/wiki"))
    assert message["has_news"]
    assert message["subject"] == "The audit: 2 drifted, 1 new, 1 repaired"
    assert message["text"] == (
        "The audit\n"
        "2 of 3 applications drifted: 1 can be repaired (1 gear needed), 1 blocked.\n"
        "New since 21 November 2026 (1):\n"
        "  acme/api: 1 of 2 HAProxy instances\n"
        "Repaired since 21 November 2026 (1):\n"
        "  acme/wiki\n"
        "Still drifted (1):\n"
        "  acme/shop: 1 of 2 HAProxy instances (since 21 November 2026); blocked: acme/shop has 2 gears and its "
        "maximum is 2\n"
        "Audit of 22 November 2026, 03:15 UTC. Broker: https://broker.example.com\n"
        "Report: https://reports.example.com/report.html\n"
    )
    assert (
        "\n\n**New since 21 November 2026 (1):**\n\n- `acme/api`: 1 of 2 HAProxy instances\n\n" in message["markdown"]
    )


def test_message_names_ten_of_each_kind() -> None:
    text = render_text(report(*(drifted(f"app{number}") for number in range(40))))
    assert text.count("HAProxy instances") == 10
    assert "  and 30 more\n" in text
    assert len(text) < 1500


def test_message_has_news_only_after_a_change() -> None:
    assert notify(report(drifted("api")))["has_news"]
    assert not notify(with_history(report(drifted("api")), "acme/api"))["has_news"]
    assert notify(with_history(report(result(app("api"))), "acme/api"))["has_news"]
    assert notify(with_history(report(error="down"), "acme/api"))["has_news"]
    assert not notify(report(result(app("api"))))["has_news"]


def test_message_has_news_if_the_audit_is_incomplete() -> None:
    """One application that could not be checked, or none at all: an account may have lost its domains."""
    assert notify(with_history(report(drifted("api"), GONE), "acme/api"))["has_news"]
    assert notify(with_history(report(), "acme/api"))["has_news"]


def test_message_without_drift_and_of_a_failure() -> None:
    assert notify(report(result(app("wiki"))))["subject"] == "The audit: no drift"
    failed = with_history(report(GONE, error="The broker is down."), "acme/gone")
    assert notify(failed)["subject"] == "The audit: the audit failed"
    assert "The last successful audit: 21 November 2026" in render_text(failed)
    assert "Nothing could be checked. The broker is down." in render_text(failed)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("max_gears is 2", "max_gears is 2"),
        ("[x](http://evil)", r"\[x\](http://evil)"),
        ("<!channel> & *all*", r"&lt;!channel&gt; &amp; \*all\*"),
        ("_x_ `id` # ~y~ |", r"\_x\_ \`id\` \# \~y\~ \|"),
        ("@here (@all) bob@example.com", "@\u200bhere (@\u200ball) bob@example.com"),
    ],
)
def test_markdown_is_escaped(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


def test_names_stay_text_in_markdown() -> None:
    made = report(drifted("x`](http://evil)<!channel>"))
    assert "\\`\\](http://evil)&lt;!channel&gt;" in render_markdown(made)


# --- Several brokers --------------------------------------------------------------------------------------------------


def several(*inputs: ReportInput, broker_url: str = "", default_url: str = "") -> Report:
    return build_reports(inputs, "The audit", broker_url, MADE_AT, default_url)


def test_results_of_one_broker_are_one_report() -> None:
    made = several(ReportInput((result(app()),), broker_url=EAST), ReportInput((GONE,)), ReportInput((), {"alice": 1}))
    assert (made.parts, made.broker_url) == ((), EAST)
    assert [row.broker for row in made.rows] == [EAST, EAST]
    assert several(ReportInput((result(app()),)), default_url=EAST).broker_url == EAST
    assert several(ReportInput((result(app()),), broker_url=EAST), broker_url=WEST).broker_url == WEST
    same = several(ReportInput((GONE,), broker_url=WEST), ReportInput((), broker_url="https://WEST.example.com/"))
    assert same.parts == ()


def test_several_brokers() -> None:
    made = several(
        ReportInput((drifted("shop"),), {"alice": 5}, broker_url=EAST),
        ReportInput((result(app("shop")),), {"alice": 0}, broker_url=WEST),
        ReportInput((), error="The broker is down.", broker_url="https://third.example.com"),
    )
    assert [part.broker_url for part in made.parts] == [EAST, WEST, "https://third.example.com"]
    assert [(row.broker, row.finding) for row in made.rows] == [(EAST, "drifted"), (WEST, "in_order")]
    assert made.error == "https://third.example.com: The broker is down."
    assert not made.has_failed
    assert [(owner.broker, owner.gears_available) for owner in made.owners] == [(EAST, 5), (WEST, 0)]
    document = json.loads(render_json(made))
    assert [broker["broker_url"] for broker in document["brokers"]] == [part.broker_url for part in made.parts]
    assert [entry["broker"] for entry in document["applications"]] == [EAST, WEST]
    assert "west.example.com" in render_csv(made)
    page = render_html(made)
    assert page.count('<section class="broker"') == 3
    # The column is as wide as the longest name of a broker.
    assert "#apps th:nth-child(3) { width: 12.1rem; }" in page
    assert "Nothing could be checked. The broker is down." in page


def test_history_of_each_broker() -> None:
    def night(day: int, east: Any, west: ReportInput) -> Report:
        return build_reports([ReportInput((east,), broker_url=EAST), west], "", "", MADE_AT + timedelta(days=day))

    entries: tuple[Entry, ...] = ()
    nights = [
        night(0, drifted("shop"), ReportInput((result(app("shop")),), broker_url=WEST)),
        night(1, drifted("shop"), ReportInput((), error="down", broker_url=WEST)),
        night(2, result(app("shop")), ReportInput((drifted("shop"),), broker_url=WEST)),
    ]
    for made in nights:
        followed, lines = follow(made, entries)
        entries = (*entries, *lines)
    assert len(entries) == 6
    assert [(row.broker, row.change) for row in followed.rows] == [(EAST, "repaired"), (WEST, "new")]
    # The same name is on both brokers.
    page = render_html(followed)
    for host in ("east.example.com", "west.example.com"):
        shown = host.replace(".", ".<wbr>")
        assert f'<a href="#q=acme%2Fshop+{host}">acme/shop</a> ({shown})' in page
    times = [part.last_audit.time if part.last_audit else None for part in followed.parts]
    assert times == [MADE_AT + timedelta(days=1), MADE_AT]


def test_results_that_name_their_broker() -> None:
    """The items of a loop over several brokers are in one variable."""
    items = [{**result(app("shop")), "broker_url": EAST}, {**result(app("shop")), "broker_url": WEST}]
    made = several(parse_registered({"results": items}))
    assert [part.broker_url for part in made.parts] == [EAST, WEST]
    assert parse_registered({**result(app()), "broker_url": EAST}).broker_url == EAST
    assert parse_registered({"results": [], "msg": "down", "broker_url": EAST}).broker_url == EAST


def test_option_for_several_brokers() -> None:
    variables = {"east": {"results": [drifted("shop")], "summary": {"gears_available": {"alice": 3}}}}
    nothing = {"results": None, "registered": None, "gears_available": None}
    brokers = [
        {**nothing, "broker_url": EAST, "registered": ["east"]},
        {**nothing, "broker_url": WEST, "results": [drifted("shop")], "gears_available": {"alice": 1}},
    ]
    made = several(*read_brokers(brokers, variables))
    assert [(part.broker_url, part.owners[0].gears_available) for part in made.parts] == [(EAST, 3), (WEST, 1)]
    with pytest.raises(InputError, match="nowhere"):
        read_brokers([{**nothing, "broker_url": EAST, "registered": ["nowhere"]}], {})


def test_credentials_in_addresses_are_removed() -> None:
    made = several(*(ReportInput((drifted("shop"),), broker_url=f"https://me:geheim@{name}") for name in ("a", "b")))
    shown = render_json(made) + render_html(made) + render_text(made) + render_junit(made) + str(returned_values(made))
    assert "geheim" not in shown


def test_no_text_breaks_the_message() -> None:
    made = report(drifted(EVIL, before=app(EVIL, "degraded", domain=EVIL, owner=EVIL)), error=EVIL)
    for text in (render_text(made), render_markdown(made)):
        assert text.encode("utf-8")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text)

"""The last drill of each application in the report, and data about drills that cannot be used."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.drills import find_old_drills, read_drills
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.files import render_csv, render_json
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import render_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Report

from .reports import MADE_AT, app, result


def record(**more: Any) -> dict[str, Any]:
    """A drill that passed, as the role app_router records it."""
    names = {"router": "router1", "application": "acme/shop", "id": "a1"}
    counts = {"requests": 96, "failed_requests": 0, "reason": "", "restored": True, "servers": ["gear-a1", "gear-b2"]}
    return {**names, "time": "2026-11-20T03:15:00Z", "status": "passed", **counts, **more}


FAILURE = {"status": "failed", "failed_requests": 1, "reason": "a request failed without gear-b2: status 503"}
APPS = [result(app("shop", id="A1")), result(app("wiki", id="c3"))]


def report(records: Any, path: Path | None = None) -> Report:
    drills = read_drills(path, records)
    return build_report([ReportInput(tuple(APPS))], "The audit", "", MADE_AT, None, drills)


def shown(*records: dict[str, Any]) -> dict[str, str]:
    """The status of the last drill of each application that has one."""
    return {row.ref: row.last_drill_status for row in report(records).rows if row.last_drill}


def test_a_drill_is_shown_in_all_formats() -> None:
    made = report([record(), record(application="acme/wiki", id="c3", **FAILURE)])
    first, second = json.loads(render_json(made))["applications"]
    assert (first["last_drill"], first["last_drill_status"]) == ("2026-11-20T03:15:00+00:00", "passed")
    assert (first["last_drill_requests"], first["last_drill_failed_requests"]) == (96, 0)
    assert (second["last_drill_reason"], second["last_drill_router"]) == (FAILURE["reason"], "router1")
    table = list(csv.DictReader(io.StringIO(render_csv(made))))
    assert [line["last_drill_failed_requests"] for line in table] == ["0", "1"]
    page = render_html(made)
    assert ">Last drill</th>" in page
    assert "96 requests, 1 failed" in page
    assert "20 Nov 2026" in page


def test_a_report_without_drills_has_no_column_for_them() -> None:
    assert ">Last drill</th>" not in render_html(report(None))


def test_the_latest_drill_on_a_router_counts() -> None:
    later = record(time="2026-11-21T03:15:00Z")
    assert shown(record(**FAILURE), later) == shown(later, record(**FAILURE)) == {"acme/shop": "passed"}


def test_a_drill_that_failed_on_any_router_counts() -> None:
    later = record(router="router2", time="2026-11-21T03:15:00Z")
    assert shown(record(**FAILURE), later) == {"acme/shop": "failed"}


def test_an_application_that_was_created_anew_was_not_drilled() -> None:
    assert shown(record(id="f9")) == {}
    assert shown(record(id="", application="ACME/Shop")) == {"acme/shop": "passed"}


def test_the_file_and_the_list_are_both_read(tmp_path: Path) -> None:
    path = tmp_path / "drills.json"
    path.write_text(json.dumps({"version": 1, "results": [record()]}), encoding="utf-8")
    made = report([record(application="acme/wiki", id="c3")], path)
    assert [row.last_drill_status for row in made.rows] == ["passed", "passed"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no such file"),
        (b"", "not valid JSON"),
        (b'{"version": 1, "results": [', "not valid JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "no results of drills"),
        (b'{"version": 2, "results": []}', "its version is 2"),
        (b'{"version": 1, "results": [1, null, {"status": "passed"}]}', "3 of 3 drills cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "drills.json"
    if content is not None:
        path.write_bytes(content)
    (warning,) = read_drills(path, None).warnings
    assert str(path) in warning
    assert words in warning


def test_records_that_cannot_be_read_do_not_hide_others() -> None:
    broken = [record(time="yesterday"), record(status="skipped"), {}, "text"]
    drills = read_drills(None, [*broken, record(requests="many")])
    assert drills.warnings == ("drill_results: 4 of 5 drills cannot be read and are not shown.",)
    found = drills.find("a1", "acme/shop")
    assert found is not None
    assert found.requests is None


def test_old_drills_are_named() -> None:
    rows = report([record()]).rows
    assert find_old_drills(rows, MADE_AT, 90) == ""
    assert find_old_drills(rows, MADE_AT + timedelta(days=100), 0) == ""
    warning = find_old_drills(rows, MADE_AT + timedelta(days=100), 90)
    assert warning.startswith("The last drill is more than 90 days ago: acme/shop.")


def test_texts_of_a_record_are_shown_as_text() -> None:
    evil = record(**{**FAILURE, "reason": "<script>alert(1)</script>\u202e"})
    page = render_html(report([evil]))
    assert "<script>alert" not in page
    assert "\u202e" not in page

"""The history of audits: since when applications drifted, what is new and repaired, and what a line has."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.history import (
    COMPLETE_LINES,
    MOST_ABSENCES,
    MOST_NAMES,
    Entry,
    broker_key,
    follow,
    parse_entry,
    render_entry,
    series_name,
    shorten,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.history_file import (
    parse_history,
    update_history,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput, unobserved
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.trend import MOST_POINTS, draw_trend
from tests.unit.reports import DONE, MADE_AT, app, drifted, result

PATH = Path("history.jsonl")
UNREACHABLE = ReportInput((), error="The broker did not answer.")


def audit(day: int, *results: Any, error: str = "") -> Report:
    """The report of an audit on that day."""
    inputs = [ReportInput(results, error=error)]
    made = build_report(inputs, "The audit", "https://broker.example.com", MADE_AT + timedelta(days=day))
    return replace(made, series="report")


def at(day: int) -> str:
    return (MADE_AT + timedelta(days=day)).isoformat(timespec="seconds")


def follow_all(*reports: Report, limit: int = 400) -> list[Report]:
    """The reports of these audits, with the history that each of them found."""
    data, followed = b"", []
    for each in reports:
        report, entries = follow(each, parse_history(data, PATH).entries)
        data = update_history(data, PATH, entries, limit)
        followed.append(report)
    return followed


def changes(report: Report) -> dict[str, tuple[str, str]]:
    return {row.name: (row.change, row.drifted_since) for row in report.rows}


# --- Since when, new and repaired -------------------------------------------------------------------------------------


def test_first_audit_knows_nothing_new() -> None:
    (first,) = follow_all(audit(0, drifted("api"), result(app("wiki"))))
    assert changes(first) == {"api": ("", at(0)), "wiki": ("", "")}
    assert first.last_audit is None


def test_new_repaired_and_still_drifted() -> None:
    second = follow_all(
        audit(0, drifted("api"), drifted("shop"), result(app("wiki"))),
        audit(1, result(app("api")), drifted("shop"), drifted("wiki")),
    )[-1]
    assert changes(second) == {"api": ("repaired", at(0)), "shop": ("", at(0)), "wiki": ("new", at(1))}
    assert [row.ref for row in second.new] == ["acme/wiki"]
    assert [row.ref for row in second.repaired] == ["acme/api"]
    assert second.last_audit
    assert second.last_audit.time == MADE_AT


def test_drift_that_returns_is_new() -> None:
    last = follow_all(audit(0, drifted("api")), audit(1, result(app("api"))), audit(2, drifted("api")))[-1]
    assert changes(last) == {"api": ("new", at(2))}


def test_application_that_could_not_be_checked_keeps_its_date() -> None:
    gone = unobserved("acme", "api", "acme/api: no answer")
    _first, second, third, fourth = follow_all(
        audit(0, drifted("api"), result(app("wiki"))),
        audit(1, gone, result(app("wiki"))),
        audit(2, gone, result(app("wiki"))),
        audit(3, drifted("api"), result(app("wiki"))),
    )
    assert changes(second)["api"] == changes(third)["api"] == ("", "")
    assert changes(fourth)["api"] == ("", at(0))


def test_part_of_the_audit_failed() -> None:
    """Where some hosts could not be checked, applications that are not in the report are not repaired."""
    last = follow_all(
        audit(0, drifted("api"), drifted("shop")),
        audit(1, drifted("shop"), error="h: the host was unreachable."),
        audit(2, drifted("api"), drifted("shop")),
    )[-1]
    assert changes(last) == {"api": ("", at(0)), "shop": ("", at(0))}


def test_failed_audits_are_no_last_audit() -> None:
    reports = [audit(0, drifted("api")), *(audit(day, error="down") for day in range(1, 15)), audit(15, drifted("api"))]
    last = follow_all(*reports, limit=5)[-1]
    assert changes(last) == {"api": ("", at(0))}
    assert last.last_audit
    assert last.last_audit.time == MADE_AT


def test_audit_of_a_part_forgets_nothing() -> None:
    """Somebody audits a few domains, or the account loses its domains for a night."""
    everything = (drifted("api"), drifted("shop"))
    reports = follow_all(audit(0, *everything), audit(1, drifted("shop")), audit(2), audit(3, *everything))
    assert changes(reports[-1]) == {"api": ("", at(0)), "shop": ("", at(0))}


def test_application_that_is_long_absent_is_forgotten() -> None:
    def return_after(absences: int) -> str:
        nights = [audit(day, drifted("shop")) for day in range(1, absences + 1)]
        last = follow_all(audit(0, drifted("api"), drifted("shop")), *nights, audit(99, drifted("api")))[-1]
        return changes(last)["api"][0]

    assert return_after(MOST_ABSENCES) == ""
    assert return_after(MOST_ABSENCES + 1) == "new"


def test_deleted_application_is_not_repaired() -> None:
    last = follow_all(audit(0, drifted("api"), drifted("shop")), audit(1, drifted("shop")))[-1]
    assert last.repaired == ()


def test_repair_run() -> None:
    repaired = drifted("api", steps=[DONE])
    _first, second, third = follow_all(audit(0, drifted("api")), audit(1, repaired), audit(2, result(app("api"))))
    assert changes(second) == {"api": ("repaired", at(0))}
    assert changes(third) == {"api": ("", "")}


def test_same_audit_again_changes_nothing() -> None:
    once, again = audit(1, drifted("api")), audit(1, drifted("api"))
    _report, entries = follow(once, ())
    data = update_history(b"", PATH, entries, 400)
    report, entries = follow(again, parse_history(data, PATH).entries)
    assert changes(report) == {"api": ("", at(1))}
    assert update_history(data, PATH, entries, 400) == data


def test_earlier_audit_ignores_later_ones() -> None:
    _first, _third, second = follow_all(
        audit(0, result(app("api"))), audit(2, drifted("api")), audit(1, drifted("api"))
    )
    assert changes(second) == {"api": ("new", at(1))}


def test_other_reports_and_brokers_have_their_own_history() -> None:
    other_name = replace(audit(1, drifted("api")), series="globex")
    other_broker = replace(audit(2, drifted("api")), broker_url="https://other.example.com")
    for report in follow_all(audit(0, result(app("api"))), other_name, other_broker):
        assert report.last_audit is None
    same = replace(audit(3, drifted("api")), broker_url="https://BROKER.example.com/broker/rest/")
    assert follow_all(audit(0, result(app("api"))), same)[-1].new


@pytest.mark.parametrize(
    ("name", "series"),
    [
        ("report", "report"),
        ("report-2026-11-22", "report"),
        ("report-2026-11-22T03:15:00+00:00", "report"),
        ("20261122-0315 acme", "acme"),
        ("2026-11-22", "report"),
        ("acme2", "acme2"),
        ("broker-v3.1", "broker-v3.1"),
    ],
)
def test_dates_in_names_do_not_separate_reports(name: str, series: str) -> None:
    assert series_name(name) == series


def test_ways_to_write_an_address() -> None:
    assert broker_key("https://Broker.example.com/broker/rest/") == broker_key("https://broker.example.com")


# --- Lines -----------------------------------------------------------------------------------------------------------


def test_line() -> None:
    report, (entry,) = follow(audit(0, drifted("api"), result(app("wiki"))), ())
    line = json.loads(render_entry(entry))
    assert line["time"] == at(0)
    assert line["broker"] == "https://broker.example.com"
    assert line["drifted"] == {"acme/api": at(0)}
    assert {**line["counts"], "new": 0, "repaired": 0} == {**report.counts, "new": 0, "repaired": 0}


def test_time_is_utc() -> None:
    made = replace(audit(0), made_at=MADE_AT.astimezone().replace(microsecond=123456))
    _report, (entry,) = follow(made, ())
    assert render_entry(entry).startswith('{"version":1,"time":"2026-11-22T03:15:00.123000+00:00"')


@given(names=st.dictionaries(st.text(st.characters(codec="utf-8")), st.just(at(0)), max_size=3))
def test_line_is_read_as_it_was_written(names: dict[str, str]) -> None:
    entry = Entry(MADE_AT, "https://broker", "report", {"total": 1}, names, {}, {}, 2, "error\n")
    text = render_entry(entry)
    assert "\n" not in text
    assert parse_entry(text) == entry


def lines_of(*entries: Entry) -> bytes:
    return b"".join(render_entry(entry).encode() + b"\n" for entry in entries)


ENTRY = Entry(MADE_AT, "https://broker.example.com", "report", {"total": 3}, {"acme/api": at(0)})
NEXT = replace(ENTRY, time=MADE_AT + timedelta(days=1))
DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"\xff\xfe",
    b'{"version":1}',
    b'{"version":2,"time":"2026-11-22T03:15:00+00:00"}',
    b'{"version":1,"time":"at night"}',
    b'{"version":1,"time":"2026-11-22T03:15:00+00:00","drifted":["acme/api"]}',
    b'{"version":1,"time":"2026-11-22T03:15:00+00:00","drifted":{"acme/api":"x"}}',
    b'{"version":1,"time":"2026-11-22T03:15:00+00:00","counts":{"total":"3"}}',
    b'{"version":1,"time":"2026-11-22T03:15:00+00:00","broker":3}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("damaged", DAMAGED[1:])
def test_damaged_line_is_named_skipped_and_kept(damaged: bytes) -> None:
    data = lines_of(ENTRY) + damaged + b"\n" + lines_of(NEXT)
    history = parse_history(data, PATH)
    assert history.entries == (ENTRY, NEXT)
    (warning,) = history.warnings
    assert warning.startswith("history.jsonl: line 2 (")
    later = replace(ENTRY, time=MADE_AT + timedelta(days=2))
    assert update_history(data, PATH, [later], 400) == data + lines_of(later)


def test_line_of_another_release_is_no_mistake_of_the_reader() -> None:
    (warning,) = parse_history(DAMAGED[5] + b"\n", PATH).warnings
    assert "another release of the collection wrote it" in warning
    assert "damaged and" not in warning


@pytest.mark.parametrize(
    "change", [lambda d: b"\xef\xbb\xbf" + d, lambda d: d.replace(b"\n", b"\r\n"), lambda d: d + d]
)
def test_what_editors_and_copies_do_to_the_file_loses_nothing(change: Callable[[bytes], bytes]) -> None:
    history = parse_history(change(lines_of(ENTRY, NEXT)), PATH)
    assert (set(map(str, history.entries)), history.warnings) == ({str(ENTRY), str(NEXT)}, ())


@pytest.mark.parametrize("cut", [1, 10, 60, -2])
def test_torn_last_line_is_ignored_and_replaced(cut: int) -> None:
    torn = lines_of(ENTRY) + lines_of(NEXT)[:cut]
    history = parse_history(torn, PATH)
    assert history.entries == (ENTRY,)
    assert "the last line is incomplete" in history.warnings[0]
    assert update_history(torn, PATH, [NEXT], 400) == lines_of(ENTRY, NEXT)


def test_last_line_without_its_end_is_complete() -> None:
    data = lines_of(ENTRY, NEXT)[:-1]
    assert parse_history(data, PATH).entries == (ENTRY, NEXT)
    assert parse_history(data, PATH).warnings == ()
    later = replace(ENTRY, time=MADE_AT + timedelta(days=2))
    assert update_history(data, PATH, [later], 400) == lines_of(ENTRY, NEXT, later)


@given(data=st.binary(max_size=200))
def test_any_content_is_read(data: bytes) -> None:
    written = update_history(data, PATH, [ENTRY], 400)
    assert parse_history(written, PATH).entries[-1] == ENTRY


# --- Bounds ----------------------------------------------------------------------------------------------------------


def series(days: Sequence[int], **more: Any) -> list[Entry]:
    return [replace(ENTRY, time=MADE_AT + timedelta(days=day), **more) for day in days]


def test_only_the_newest_lines_stay() -> None:
    entries = series(range(6))
    assert shorten(entries, 4) == [None, None, *entries[2:]]
    others = series(range(2), broker="https://other")
    assert shorten([*others, *entries], 4) == [*others, None, None, *entries[2:]]


def test_older_lines_have_fewer_names() -> None:
    names = {f"acme/a{number}": at(0) for number in range(MOST_NAMES + 50)}
    entries = series(range(COMPLETE_LINES + 2), drifted=names)
    kept = [entry for entry in shorten(entries, 400) if entry]
    assert [len(entry.drifted) for entry in kept] == [MOST_NAMES, MOST_NAMES, *[len(names)] * COMPLETE_LINES]
    assert [entry.left_out for entry in kept] == [50, 50, *[0] * COMPLETE_LINES]
    assert shorten(kept, 400) == kept


def test_year_of_nights_with_5000_drifted_applications() -> None:
    """Dates outlive the lines that the limit removes, and the size of the file is bounded."""
    base = audit(0, *(drifted(f"a{number}") for number in range(5)))
    rows = tuple(replace(base.rows[0], name=f"application{number}") for number in range(5000))
    full = replace(base, rows=rows)
    _report, (entry,) = follow(full, ())
    lines = [replace(entry, time=MADE_AT + timedelta(days=day)) for day in range(365)]
    data = b"".join(render_entry(each).encode() + b"\n" for each in shorten(lines, 400) if each)
    assert len(data) < 6_000_000
    report, entries = follow(replace(full, made_at=MADE_AT + timedelta(days=365)), parse_history(data, PATH).entries)
    assert {row.drifted_since for row in report.rows} == {at(0)}
    assert len(report.trend) == 366
    assert len(parse_history(update_history(data, PATH, entries, 100), PATH).entries) == 100


# --- Trend -----------------------------------------------------------------------------------------------------------


def test_trend() -> None:
    last = follow_all(
        audit(0, drifted("api"), drifted("shop")), audit(1, error="down"), audit(2, drifted("api"), result(app("shop")))
    )[-1]
    trend = draw_trend(last.trend, last.made_at.tzinfo)
    assert trend
    assert trend.drifted == "M0.0 0.0L1000.0 80.0"
    assert trend.failures == ("500.0",)
    assert trend.sentence == (
        "3 audits, of which 1 failed. Drifted applications: 2 in the first, 1 in the last; least 1, most 2."
    )
    assert (trend.first, trend.last) == (MADE_AT, MADE_AT + timedelta(days=2))


def test_no_trend_of_one_audit() -> None:
    (only,) = follow_all(audit(0, drifted("api")))
    assert draw_trend(only.trend, None) is None


def test_long_trend_has_few_points_and_its_peak() -> None:
    (base,) = follow_all(audit(0))
    point = base.trend[0]
    audits = [replace(point, time=MADE_AT + timedelta(hours=hour)) for hour in range(5 * MOST_POINTS)]
    audits[777] = replace(audits[777], drifted=9)
    trend = draw_trend(audits, None)
    assert trend
    assert trend.most == 9
    assert " 0.0" in trend.drifted
    assert trend.drifted.count("L") <= MOST_POINTS + 1

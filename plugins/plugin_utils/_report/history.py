# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of audits: what a line of history.jsonl has, and what an audit concludes from earlier lines. Pure.

The newest line of a broker knows since when each of its applications drifted. So an audit needs the lines before it
only for the trend, and the dates survive the removal of old lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone, tzinfo
from typing import Any, TypedDict

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.copying import copy_with
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    IN_ORDER,
    NEW,
    REPAIRED,
    UNKNOWN,
    Audit,
    Report,
    Row,
)

#: This many of the newest lines of a broker name all drifted applications; older lines name the first ``MOST_NAMES``.
COMPLETE_LINES, MOST_NAMES = 10, 100
#: An application is forgotten after this many audits in a row without it, such as audits of a few domains only.
MOST_ABSENCES = 10
_VERSION = 1
_LONGEST_ERROR = 300
#: A date in the name of a report, with or without a time.
_DATE = re.compile(
    r"\d{4}([-_.]?)\d{2}\1\d{2}(?:[T_ .-]?\d{2}[-:_.h]?\d{2}(?:[-:_.]?\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)


@dataclass(frozen=True)
class Entry:
    """A line of the history. ``error``: why the audit could check nothing.

    ``drifted``: the applications that are not in the desired state, with the time of the audit that first found it.
    ``unchecked``: the same for applications that had drifted before, and that this audit did not check. ``absent``: how
    many successive audits did not have an application of these at all. ``left_out``: how many drifted applications are
    not named.
    """

    time: datetime
    broker: str
    report: str
    counts: Mapping[str, int] = field(default_factory=dict)
    drifted: Mapping[str, str] = field(default_factory=dict)
    unchecked: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, int] = field(default_factory=dict)
    left_out: int = 0
    error: str = ""

    @property
    def series(self) -> tuple[str, str]:
        """The lines that belong together."""
        return broker_key(self.broker), self.report

    def is_same_audit(self, other: Entry) -> bool:
        return (self.series, self.time) == (other.series, other.time)


class EntryDocument(TypedDict):
    """A line of the history as JSON. ``version`` changes with every change of the shape that is not an addition."""

    version: int
    time: str
    broker: str
    report: str
    error: str
    counts: Mapping[str, int]
    drifted: Mapping[str, str]
    drifted_left_out: int
    unchecked: Mapping[str, str]
    absent: Mapping[str, int]


def series_name(name: str) -> str:
    """The name of a report in the history: without dates and times, so that the reports of all days belong together."""
    return _DATE.sub("", name).strip(" -_.") or "report"


def broker_key(address: str) -> str:
    """What is the same for all ways to write the address of a broker."""
    return address.lower().rstrip("/").removesuffix("/broker/rest").rstrip("/")


# --- Lines -----------------------------------------------------------------------------------------------------------


def render_entry(entry: Entry) -> str:
    """The entry as a line, without its end."""
    document: EntryDocument = {
        "version": _VERSION,
        "time": entry.time.isoformat(),
        "broker": entry.broker,
        "report": entry.report,
        "error": entry.error,
        "counts": entry.counts,
        "drifted": entry.drifted,
        "drifted_left_out": entry.left_out,
        "unchecked": entry.unchecked,
        "absent": entry.absent,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def parse_entry(text: str) -> Entry:
    """Read a line. Raises ``ValueError`` with the reason if it is damaged."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not valid JSON") from None
    if not isinstance(document, Mapping):
        raise ValueError("it is not an object")
    if document.get("version") != _VERSION:
        raise ValueError(f"its version is not {_VERSION}: another release of the collection wrote it")
    left_out = document.get("drifted_left_out")
    return Entry(
        time=_parse_time(document.get("time")),
        broker=_text(document, "broker"),
        report=_text(document, "report"),
        counts=_pairs(document, "counts", int),
        drifted=_dates(document, "drifted"),
        unchecked=_dates(document, "unchecked"),
        absent=_pairs(document, "absent", int),
        left_out=left_out if isinstance(left_out, int) else 0,
        error=_text(document, "error"),
    )


def _parse_time(value: Any) -> datetime:
    try:
        time = datetime.fromisoformat(value.replace("Z", "+00:00"))
        return time.astimezone(timezone.utc)
    except (AttributeError, ValueError, OverflowError):
        raise ValueError("time is not a date and time") from None


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key, "")
    if not isinstance(value, str):
        raise ValueError(f"{key} is not a text")
    return value


def _pairs(document: Mapping[str, Any], key: str, kind: type) -> Mapping[str, Any]:
    value = document.get(key, {})
    if not isinstance(value, Mapping) or not all(isinstance(item, kind) for item in value.values()):
        raise ValueError(f"{key} is not an object of the right shape")
    return value


def _dates(document: Mapping[str, Any], key: str) -> Mapping[str, str]:
    dates = _pairs(document, key, str)
    for date in set(dates.values()):
        _parse_time(date)
    return dates


# --- Conclusions -----------------------------------------------------------------------------------------------------


def follow(report: Report, entries: Sequence[Entry]) -> tuple[Report, tuple[Entry, ...]]:
    """The report with what follows from earlier audits, and its lines for the history: one for each broker."""
    followed = [_follow_broker(part, entries) for part in report.brokers]
    lines = tuple(line for _part, line in followed)
    if not report.parts:
        return followed[0][0], lines
    parts = tuple(part for part, _line in followed)
    return replace(report, parts=parts, rows=tuple(row for part in parts for row in part.rows)), lines


def _follow_broker(report: Report, entries: Sequence[Entry]) -> tuple[Report, Entry]:
    time = _to_milliseconds(report.made_at.astimezone(timezone.utc))
    entry = Entry(time, report.broker_url, report.series)
    earlier = sorted((e for e in entries if e.series == entry.series and e.time < time), key=lambda e: e.time)
    previous = next((each for each in reversed(earlier) if not each.error), None)
    known = {**previous.unchecked, **previous.drifted} if previous else {}
    # An incomplete line does not show which applications are new.
    knows_all = previous is not None and not previous.left_out
    found = time.isoformat(timespec="seconds")
    rows = tuple(_follow_row(row, known, knows_all, found) for row in report.rows)
    entry = _complete(entry, replace(report, rows=rows), known, previous.absent if previous else {})
    trend = tuple(_point(each) for each in [*earlier, entry])
    return replace(report, rows=_to_zone(rows, report.made_at.tzinfo), trend=trend), entry


def _to_zone(rows: Sequence[Row], zone: tzinfo | None) -> tuple[Row, ...]:
    """The rows with dates in the zone of the report. The history has them in UTC."""
    dates = {
        since: datetime.fromisoformat(since.replace("Z", "+00:00")).astimezone(zone).isoformat(timespec="seconds")
        for since in {row.drifted_since for row in rows if row.drifted_since}
    }
    return tuple(copy_with(row, drifted_since=dates[row.drifted_since]) if row.drifted_since else row for row in rows)


def _follow_row(row: Row, known: Mapping[str, str], knows_all: bool, found: str) -> Row:
    since = known.get(row.ref)
    if row.still_drifted:
        change = NEW if knows_all and since is None else ""
        return copy_with(row, change=change, drifted_since=since or found)
    if row.finding == REPAIRED or (row.finding == IN_ORDER and since):
        return copy_with(row, change=REPAIRED, drifted_since=since or "")
    return row


def _complete(entry: Entry, report: Report, known: Mapping[str, str], absences: Mapping[str, int]) -> Entry:
    """The line of an audit. What it did not check stays known, for some time if it was not even in the report."""
    if report.has_failed:
        return replace(entry, error=squeeze(report.error, _LONGEST_ERROR))
    drifted = {row.ref: row.drifted_since for row in report.rows if row.still_drifted}
    checked = {row.ref for row in report.rows if row.status != UNKNOWN}
    unchecked = {ref: since for ref, since in known.items() if ref not in checked}
    absent = {ref: absences[ref] for ref in unchecked if ref in absences}
    if report.rows and not report.error:
        missing = unchecked.keys() - {row.ref for row in report.rows}
        absent |= {ref: absences.get(ref, 0) + 1 for ref in sorted(missing)}
    forgotten = {ref for ref, number in absent.items() if number > MOST_ABSENCES}
    counts = {**report.counts, "drifted": len(drifted), "repaired": len(report.repaired), "new": len(report.new)}
    return replace(
        entry,
        counts=counts,
        drifted=drifted,
        unchecked={ref: since for ref, since in unchecked.items() if ref not in forgotten},
        absent={ref: number for ref, number in absent.items() if ref not in forgotten},
    )


def _point(entry: Entry) -> Audit:
    counts = entry.counts
    numbers = {key: counts.get(key, 0) for key in ("total", "drifted", "blocked")}
    return Audit(entry.time, **numbers, error=entry.error)


def _to_milliseconds(time: datetime) -> datetime:
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


# --- Bounds ----------------------------------------------------------------------------------------------------------


def shorten(entries: Sequence[Entry], limit: int) -> list[Entry | None]:
    """What stays of each entry: all of it, with fewer names, or nothing (``None``) beyond ``limit`` for its series."""
    places: dict[tuple[str, str], list[int]] = {}
    for place, entry in enumerate(entries):
        places.setdefault(entry.series, []).append(place)
    kept: list[Entry | None] = [None] * len(entries)
    for series in places.values():
        good = 0
        newest_first = sorted(series, key=lambda place: (entries[place].time, place), reverse=True)
        for age, place in enumerate(newest_first):
            entry = entries[place]
            # The last audit that did not fail stays, however many failed after it.
            if age < limit or (not entry.error and not good):
                kept[place] = entry if good < COMPLETE_LINES else _without_names(entry)
            good += not entry.error
    return kept


def _without_names(entry: Entry) -> Entry:
    if len(entry.drifted) + len(entry.unchecked) <= MOST_NAMES:
        return entry
    names = list(entry.drifted.items())
    left_out = entry.left_out + len(names[MOST_NAMES:])
    return replace(entry, drifted=dict(names[:MOST_NAMES]), unchecked={}, absent={}, left_out=left_out)

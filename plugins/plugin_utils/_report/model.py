# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From results of openshift_app_ha and openshift_apps_ha to a report, and the report as text, JSON and CSV. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HA_MINIMUM,
    HA_STATUSES,
    HIGHLY_AVAILABLE,
    NOT_SCALABLE,
    STANDALONE,
)

#: The status of an application that could not be looked at.
UNKNOWN = "unknown"
STATUSES = (*HA_STATUSES, UNKNOWN)

#: What was found out about an application, the most urgent first.
FAILED = "failed"
BLOCKED = "blocked"
DRIFTED = "drifted"
REPAIRED = "repaired"
LEFT_ALONE = "left_alone"
IN_ORDER = "in_order"
FINDINGS = (FAILED, BLOCKED, DRIFTED, REPAIRED, LEFT_ALONE, IN_ORDER)

WORDS = {
    HIGHLY_AVAILABLE: "highly available",
    DEGRADED: "degraded",
    STANDALONE: "standalone",
    NOT_SCALABLE: "not scalable",
    UNKNOWN: "unknown",
    FAILED: "failed",
    BLOCKED: "blocked",
    DRIFTED: "drifted",
    REPAIRED: "repaired",
    LEFT_ALONE: "left alone",
    IN_ORDER: "in order",
}

#: Control characters, lone surrogates and those that turn the direction of writing: none belongs into a report.
_UNWELCOME = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Row:
    """One application: what it is (``status``), what that means (``finding``), and what there is to say about it.

    ``gears_needed`` and ``gears_available`` count gears; numbers are ``None`` where they are not known. ``warnings``:
    what could not be seen beforehand and may yet stand in the way, and what else there is to know.
    """

    domain: str
    name: str
    owner: str | None
    status: str
    finding: str
    missing: str
    steps: tuple[str, ...]
    gears_needed: int
    gears_available: int | None
    blockers: tuple[tuple[str, str], ...]
    message: str
    haproxy_count: int | None
    gear_count: int | None
    web_gears: int | None
    min_gears: int | None
    max_gears: int | None
    url: str
    warnings: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        return f"{self.domain}/{self.name}" if self.domain else self.name

    @property
    def drifted(self) -> bool:
        """Whether it was found other than wished, whatever could be or was done about it."""
        return self.finding in (BLOCKED, DRIFTED, REPAIRED) or (self.finding == FAILED and self.status != UNKNOWN)

    @property
    def failed(self) -> bool:
        return self.finding in (BLOCKED, FAILED)

    @property
    def why(self) -> str:
        """What stands in the way, in words."""
        if self.blockers:
            return " ".join(message for _code, message in self.blockers)
        prefix = f"{self.ref}: "
        said = self.message[len(prefix) :] if self.message.startswith(prefix) else self.message
        return said if self.finding == FAILED else ""


@dataclass(frozen=True)
class Owner:
    """An owner's gears: those that the drift needs, and those that may still be used (``None``: not known)."""

    login: str
    applications: int
    gears_needed: int
    gears_available: int | None

    @property
    def shortage(self) -> int:
        return 0 if self.gears_available is None else max(0, self.gears_needed - self.gears_available)


@dataclass(frozen=True)
class Report:
    """All there is to tell.

    ``error``: why nothing could be looked at, if so. ``unmatched``: what was selected by its name and is not there.
    """

    title: str
    broker_url: str
    made_at: datetime
    rows: tuple[Row, ...]
    owners: tuple[Owner, ...]
    error: str = ""
    unmatched: tuple[str, ...] = ()

    @property
    def by_status(self) -> dict[str, int]:
        counted = Counter(row.status for row in self.rows)
        return {status: counted[status] for status in STATUSES}

    @property
    def by_finding(self) -> dict[str, int]:
        counted = Counter(row.finding for row in self.rows)
        return {finding: counted[finding] for finding in FINDINGS}

    @property
    def counts(self) -> dict[str, int]:
        """The counts of openshift_apps_ha's ``summary`` with the same meaning, and ``unknown``."""
        return {
            "total": len(self.rows),
            **self.by_status,
            "drifted": len(self.drifted),
            "blocked": len(self.blocked),
            "failed": len(self.failed),
        }

    @property
    def drifted(self) -> tuple[str, ...]:
        return tuple(row.ref for row in self.rows if row.drifted)

    @property
    def blocked(self) -> tuple[str, ...]:
        return tuple(row.ref for row in self.rows if row.finding == BLOCKED)

    @property
    def failed(self) -> tuple[str, ...]:
        return tuple(row.ref for row in self.rows if row.failed)

    @property
    def short_owners(self) -> tuple[Owner, ...]:
        return tuple(owner for owner in self.owners if owner.shortage)


# --- From results --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReportInput:
    """What one variable or option held: results, each one application's, and what was known beside them.

    ``gears_available``: by owner. ``error``: why there are no results, if that is so. ``lenient``: what is not
    scalable was not asked to be otherwise (a host of an inventory, say), and so has not failed. ``unmatched``: what was
    selected by its name and is not there.
    """

    results: tuple[Mapping[str, Any], ...]
    gears_available: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    lenient: bool = False
    unmatched: tuple[str, ...] = ()


def report_input_from(registered: Mapping[str, Any]) -> ReportInput:
    """What a task of openshift_app_ha (also in a loop) or openshift_apps_ha registered."""
    if "application" in registered:
        return ReportInput((registered,))
    results = registered.get("results")
    if isinstance(results, list) and (results or "summary" in registered):
        summary = registered.get("summary") or {}
        unmatched = tuple(summary.get("unmatched") or ())
        return ReportInput(tuple(results), summary.get("gears_available") or {}, unmatched=unmatched)
    if registered.get("skipped"):
        return ReportInput(())
    return ReportInput((), error=_line(registered.get("msg")) or "The task returned no results.")


def report_of(found: Iterable[ReportInput], title: str, broker_url: str, made_at: datetime) -> Report:
    """The report on all that was found, in its order; of ``broker_url`` all but credentials is shown."""
    parts = tuple(found)
    rows = tuple(_row(result, part.lenient) for part in parts for result in part.results)
    available = {_line(owner): n for part in parts for owner, n in part.gears_available.items()}
    return Report(
        title=_line(title),
        broker_url=_without_credentials(_line(broker_url)),
        made_at=made_at,
        rows=rows,
        owners=_owners(rows, available),
        error=_error(parts, rows),
        unmatched=tuple(_line(name) for part in parts for name in part.unmatched),
    )


def not_looked_at(domain: object, name: object, why: str) -> dict[str, Any]:
    """The result of an application whose turn never came."""
    named = {"domain": domain, "name": name}
    return {"failed": True, "changed": False, "msg": why, "application": named, "before": named}


def _error(parts: tuple[ReportInput, ...], rows: tuple[Row, ...]) -> str:
    errors = list(dict.fromkeys(part.error for part in parts if part.error))
    if not errors and rows and all(row.status == UNKNOWN for row in rows):
        more = f" The other {len(rows) - 1} could not be looked at either." if len(rows) > 1 else ""
        return rows[0].message + more
    return " ".join(errors)


def _row(result: Mapping[str, Any], lenient: bool) -> Row:
    after = result.get("application") or {}
    was = result.get("before") or after
    status = was.get("ha_status")
    row = Row(
        domain=_line(was.get("domain")),
        name=_line(was.get("name")),
        owner=_line(was.get("owner")) or None,
        status=status if status in HA_STATUSES else UNKNOWN,
        finding=IN_ORDER,
        missing="",
        steps=tuple(_step(step) for step in result.get("steps") or ()),
        gears_needed=_number(result.get("gears_needed")) or 0,
        gears_available=_number(result.get("gears_available")),
        blockers=tuple((_line(b.get("code")), _line(b.get("message"))) for b in result.get("blockers") or ()),
        message=_line(result.get("msg")),
        haproxy_count=_number(was.get("haproxy_count")),
        gear_count=_number(was.get("gear_count")),
        web_gears=_number(was.get("web_gears")),
        min_gears=_number(was.get("min_gears")),
        max_gears=_number(was.get("max_gears")),
        url=_line(was.get("url")),
        warnings=tuple(_line(text) for text in result.get("warnings") or ()),
    )
    if lenient and row.status == NOT_SCALABLE:
        return replace(row, finding=LEFT_ALONE, blockers=(), steps=(), gears_needed=0)
    row = replace(row, finding=_finding(row, result))
    return replace(row, missing=_missing(row, was, after, result))


def _finding(row: Row, result: Mapping[str, Any]) -> str:
    if row.status == UNKNOWN:
        return FAILED
    if row.blockers:
        return BLOCKED
    if _has_failed(result):
        return FAILED
    if any(step.get("status") == "planned" for step in result.get("steps") or ()):
        return DRIFTED
    if row.steps:
        return REPAIRED
    return LEFT_ALONE if row.status == NOT_SCALABLE else IN_ORDER


def _has_failed(result: Mapping[str, Any]) -> bool:
    """Under ``failed_when: false`` Ansible overwrites ``failed``; a single application's ``msg`` then still tells."""
    return bool(result.get("failed")) or ("failed_when_result" in result and "msg" in result)


def _missing(row: Row, was: Mapping[str, Any], after: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """What there is too little (or too much) of, in a few words."""
    if row.status == UNKNOWN:
        return "could not be looked at"
    actions = {step.get("action") for step in result.get("steps") or ()}
    if not row.drifted:
        return ""
    if "disable_ha" in actions:
        return "HA, against the wish"
    said = [] if row.status != STANDALONE else ["not HA"]
    if row.status == NOT_SCALABLE:
        said.append("not scalable")
    elif row.haproxy_count is not None and row.haproxy_count < HA_MINIMUM:
        said.append(f"{row.haproxy_count} HAProxy of {HA_MINIMUM}")
    if row.status == HIGHLY_AVAILABLE:
        said += _limits(was, after) or ["other limits wished"]
    return ", ".join(said)


def _limits(was: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    said = []
    for limit, word in (("min_gears", "minimum"), ("max_gears", "maximum")):
        if was.get(limit) != after.get(limit):
            said.append(f"{word} {_limit(was.get(limit))} instead of {_limit(after.get(limit))}")
    return said


def _limit(value: object) -> str:
    return "none" if value == -1 else _line(value)


def _step(step: Mapping[str, Any]) -> str:
    """A step in words; those that are merely planned are the rule and need no more."""
    text, status = _line(step.get("detail") or step.get("action")), step.get("status")
    return text if status == "planned" else f"{text}: {_line(status)}"


def _owners(rows: tuple[Row, ...], told: Mapping[str, Any]) -> tuple[Owner, ...]:
    """All owners of ``rows``: those that lack gears first, then those that need most."""
    applications = Counter(row.owner for row in rows if row.owner)
    needed: Counter[str] = Counter()
    available: dict[str, int] = {}
    for row in rows:
        if row.owner and row.drifted:
            needed[row.owner] += row.gears_needed
        if row.owner and row.gears_available is not None:
            available[row.owner] = max(row.gears_available, available.get(row.owner, row.gears_available))
    available.update({owner: n for owner, n in told.items() if isinstance(n, int)})
    owners = [Owner(login, n, needed[login], available.get(login)) for login, n in applications.items()]
    return tuple(sorted(owners, key=lambda o: (-o.shortage, -o.gears_needed, o.login)))


def _without_credentials(url: str) -> str:
    start, slashes, rest = url.partition("//")
    authority, slash, path = rest.partition("/")
    return start + slashes + authority.rpartition("@")[2] + slash + path.partition("?")[0]


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str:
    """Any value as plain text that no terminal, page or table takes for anything else."""
    return "" if value is None else _UNWELCOME.sub("\N{REPLACEMENT CHARACTER}", f"{value}")


def _line(value: object) -> str:
    return " ".join(_text(value).split())


# --- As text -------------------------------------------------------------------------------------------------------


def as_text(report: Report, most: int = 10) -> str:
    """A few lines for a person in a hurry; of each kind the first ``most``."""
    lines = [headline(report), f"ReportInput: {_counted(report.by_status)}."] if report.rows else [headline(report)]
    for heading, rows in (
        ("Failed", [row for row in report.rows if row.finding == FAILED]),
        ("Blocked", [row for row in report.rows if row.finding == BLOCKED]),
        ("Drifted", [row for row in report.rows if row.finding == DRIFTED]),
        ("Repaired", [row for row in report.rows if row.finding == REPAIRED]),
    ):
        if rows and not (report.error and heading == "Failed"):
            lines += [f"{heading}:", *_first_of([_about(row) for row in rows], most)]
    if warnings := [f"  {text}" for row in report.rows for text in row.warnings]:
        lines += ["Warnings:", *_first_of(warnings, most)]
    short = [f"  {o.login} needs {_gears(o.gears_needed)} and has {o.gears_available}" for o in report.short_owners]
    return "\n".join(lines + (["Too few gears:", *_first_of(short, most)] if short else []))


def headline(report: Report) -> str:
    """The outcome in a sentence or four."""
    if report.error:
        seen = any(row.status != UNKNOWN for row in report.rows)
        return f"{'Not everything' if seen else 'Nothing'} could be looked at. {report.error}"
    if not report.unmatched:
        return _outcome(report)
    names = ", ".join(text.strip() for text in _first_of(list(report.unmatched), 5))
    return f"{_outcome(report)} Selected, but not within reach: {names}."


def _outcome(report: Report) -> str:
    total, counted = len(report.rows), report.by_finding
    drifted, unseen = len(report.drifted), report.by_status[UNKNOWN]
    if not total:
        return "No application was looked at."
    if not drifted and not counted[FAILED]:
        return f"All is as wished: {_applications(total)}, no drift."
    repairable = [row for row in report.rows if row.finding == DRIFTED]
    gears, warned = sum(row.gears_needed for row in repairable), sum(bool(row.warnings) for row in repairable)
    said = [
        f"{counted[DRIFTED]:,} can be repaired ({_gears(gears)} needed)" if repairable else "",
        f"{warned:,} of them with a warning" if warned else "",
        f"{counted[REPAIRED]:,} repaired" if counted[REPAIRED] else "",
        f"{counted[BLOCKED]:,} blocked" if counted[BLOCKED] else "",
        f"{counted[FAILED] - unseen:,} failed" if counted[FAILED] > unseen else "",
    ]
    details = ", ".join(text for text in said if text)
    return " ".join(
        (
            [f"{drifted:,} of {_applications(total)} drifted: {details}."]
            if drifted
            else [f"No drift seen among {_applications(total)}."]
        )
        + ([f"{unseen:,} could not be looked at."] if unseen else [])
    )


def _about(row: Row) -> str:
    if row.why:
        return f"  {row.why}" if row.why.startswith(row.ref) else f"  {row.ref}: {row.why}"
    cost = f" (+{_gears(row.gears_needed)})" if row.gears_needed else ""
    return f"  {row.ref}: {row.missing}{cost}"


def _first_of(texts: list[str], most: int) -> list[str]:
    left = len(texts) - most
    return texts if left <= 0 else [*texts[:most], f"  and {left:,} more"]


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n:,} {WORDS[word]}" for word, n in counts.items() if n)


def _applications(number: int) -> str:
    return f"{number:,} application{'' if number == 1 else 's'}"


def _gears(number: int) -> str:
    return f"{number:,} gear{'' if number == 1 else 's'}"


# --- For programs --------------------------------------------------------------------------------------------------


def as_json(report: Report) -> str:
    """The whole report; a change of its shape that is not an addition changes ``version``."""
    document = {
        "version": 1,
        "title": report.title,
        "broker_url": report.broker_url,
        "made_at": report.made_at.isoformat(timespec="seconds"),
        "error": report.error,
        "unmatched": list(report.unmatched),
        "counts": report.counts,
        "findings": report.by_finding,
        "owners": [{**asdict(owner), "shortage": owner.shortage} for owner in report.owners],
        "applications": [
            {**asdict(row), "blockers": [{"code": code, "message": text} for code, text in row.blockers]}
            for row in report.rows
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


CSV_COLUMNS = (
    "domain",
    "name",
    "owner",
    "status",
    "finding",
    "missing",
    "steps",
    "gears_needed",
    "gears_available",
    "blockers",
    "message",
    "haproxy_count",
    "gear_count",
    "web_gears",
    "min_gears",
    "max_gears",
    "url",
    "warnings",
)


def as_csv(report: Report) -> str:
    """A line for each application (RFC 4180). Text that a spreadsheet would take for a formula gets a ``'`` first."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    for row in report.rows:
        fields = {
            **{column: getattr(row, column) for column in CSV_COLUMNS},
            "steps": "; ".join(row.steps),
            "blockers": "; ".join(f"{code}: {text}" for code, text in row.blockers),
            "warnings": "; ".join(row.warnings),
        }
        writer.writerow([_cell(fields[column]) for column in CSV_COLUMNS])
    return out.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value

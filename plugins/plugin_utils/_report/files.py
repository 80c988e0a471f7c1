# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as files: JSON and CSV for programs, and which files a report has."""

from __future__ import annotations

import csv
import io
import json
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from json.encoder import encode_basestring
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import render_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.junit import render_junit
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Audit, Owner, Report, Row
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.notification import (
    render_markdown,
    render_text,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.outdated import Outdated, mark_outdated
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.prom import render_prom
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.writing import write_file

#: In a spreadsheet, a text that begins with one of these is a formula. The last one is the sign for minus.
_FORMULA_STARTS = ("=", "+", "-", "@", "\u2212")
#: Characters with which no formula begins. An empty text begins with the empty one.
_PLAIN_STARTS = frozenset((*string.ascii_letters, *string.digits, ""))
CSV_COLUMNS = tuple(column.name for column in fields(Row))
_values_of = attrgetter(*CSV_COLUMNS)
#: An application in report.json, and the end of a document without applications.
_ROW = "  {\n" + ",\n".join(f'   "{column}": %s' for column in CSV_COLUMNS) + "\n  }"
_NO_ROWS = "[]\n}"
#: The beginning of a line in such an application, and what is between its items, and between the values of an item.
_LINE = "\n   "
_ITEM, _VALUE = f",{_LINE} ", f",{_LINE}  "


class OwnerEntry(TypedDict):
    """An owner in report.json."""

    login: str
    applications: int
    gears_needed: int
    gears_available: int | None
    shortage: int


class BrokerEntry(TypedDict):
    """A broker in report.json."""

    broker_url: str
    error: str
    unmatched: list[str]
    counts: dict[str, int]
    last_audit: str | None
    owners: list[OwnerEntry]


class ReportDocument(TypedDict):
    """report.json. ``version`` changes with every change of the shape that is not an addition."""

    version: int
    title: str
    broker_url: str
    made_at: str
    error: str
    unmatched: list[str]
    counts: dict[str, int]
    findings: dict[str, int]
    #: The applications with each problem.
    problems: dict[str, int]
    #: When the last audit before this one was; ``None``: not known.
    last_audit: str | None
    #: The applications that drifted, and that were repaired, since the last audit.
    new: list[str]
    repaired: list[str]
    #: Why this report is not of the last audit, which failed; ``None``: it is.
    outdated: Outdated | None
    brokers: list[BrokerEntry]
    owners: list[OwnerEntry]
    #: Each has the fields of ``Row``.
    applications: list[dict[str, Any]]


# --- For programs ----------------------------------------------------------------------------------------------------


def render_json(report: Report) -> str:
    """The whole report."""
    document: ReportDocument = {
        "version": 1,
        "title": report.title,
        "broker_url": report.broker_url,
        "made_at": report.made_at.isoformat(timespec="seconds"),
        "error": report.error,
        "unmatched": list(report.unmatched),
        "counts": report.counts,
        "findings": report.by_finding,
        "problems": report.by_problem,
        "last_audit": time_of(report.last_audit),
        "new": [row.ref for row in report.new],
        "repaired": [row.ref for row in report.repaired],
        "outdated": None,
        "brokers": [_broker_entry(part) for part in report.brokers],
        "owners": [_owner_entry(owner) for owner in report.owners],
        "applications": [],
    }
    return dump_document({**document}, map(_render_row, report.rows))


def dump_document(document: Mapping[str, Any], rows: Iterable[str]) -> str:
    """report.json, whose last key has these rows, which are rendered already."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    parts = list(rows)
    if not parts:
        return f"{text}\n"
    # Joined once: each copy of a large report takes much memory.
    parts[0] = f"{text.removesuffix(_NO_ROWS)}[\n{parts[0]}"
    parts[-1] = f"{parts[-1]}\n ]\n}}\n"
    return ",\n".join(parts)


def _render_row(row: Row) -> str:
    """A row as ``json.dumps`` with ``indent=1`` renders it in its place.

    It takes a fourth of the time, which matters for a large fleet.
    """
    return _ROW % tuple([_RENDERERS[value.__class__](value) for value in _values_of(row)])


def _render_items(items: tuple[object, ...]) -> str:
    """Texts, or objects of dataclasses."""
    if not items:
        return "[]"
    rendered = [encode_basestring(item) if isinstance(item, str) else _render_object(item) for item in items]
    return f"[{_LINE} {_ITEM.join(rendered)}{_LINE}]"


def _render_object(item: object) -> str:
    values = [f'"{key}": {_RENDERERS[value.__class__](value)}' for key, value in vars(item).items()]
    return f"{{{_LINE}  {_VALUE.join(values)}{_LINE} }}"


class _Renderers(dict[type, Callable[[Any], str]]):
    """How values are rendered, by their class."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        """As the class that it extends: Ansible has classes of its own for texts."""
        return next(self[base] for base in kind.__mro__ if base in self)


_RENDERERS = _Renderers(
    {
        str: encode_basestring,
        int: str,
        bool: {True: "true", False: "false"}.__getitem__,
        tuple: _render_items,
        type(None): lambda _value: "null",
    }
)


def time_of(audit: Audit | None) -> str | None:
    return audit.time.isoformat(timespec="seconds") if audit else None


def _broker_entry(report: Report) -> BrokerEntry:
    return {
        "broker_url": report.broker_url,
        "error": report.error,
        "unmatched": list(report.unmatched),
        "counts": report.counts,
        "last_audit": time_of(report.last_audit),
        "owners": [_owner_entry(owner) for owner in report.owners],
    }


def _owner_entry(owner: Owner) -> OwnerEntry:
    return {
        "login": owner.login,
        "applications": owner.applications,
        "gears_needed": owner.gears_needed,
        "gears_available": owner.gears_available,
        "shortage": owner.shortage,
    }


def render_csv(report: Report) -> str:
    """A line for each application (RFC 4180). A ``'`` precedes a text that a spreadsheet would take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    writer.writerows(map(_render_cells, report.rows))
    return out.getvalue()


def _render_cells(row: Row) -> list[object]:
    """The cells of a row. Most are empty, numbers, or texts that begin like a name."""
    return [
        v if v.__class__ is int or (isinstance(v, str) and v[:1] in _PLAIN_STARTS) else _cell(v) if v else ""
        for v in _values_of(row)
    ]


def _cell(value: object) -> object:
    if isinstance(value, tuple):
        value = "; ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def _is_formula(text: str) -> bool:
    """Whether a spreadsheet may take the text for a formula: it may skip characters without a shape, and quotes.

    Wide and small forms of the signs count as well.
    """
    if text[:1] in _PLAIN_STARTS:
        return False
    is_plain = text.isascii() and text.isprintable()
    normal = text if is_plain else unicodedata.normalize("NFKC", text)
    shown = normal if is_plain else "".join(filter(_has_shape, normal))
    return shown.lstrip(" '\"").startswith(_FORMULA_STARTS)


def _has_shape(character: str) -> bool:
    """Whether a reader sees it by itself. Marks, such as the variation selectors, belong to the character before."""
    return escape_unprintable(character) == character and not unicodedata.category(character).startswith("M")


# --- Writing ---------------------------------------------------------------------------------------------------------

#: How each format is rendered.
FORMATS: dict[str, Callable[[Report], str]] = {
    "html": render_html,
    "json": render_json,
    "csv": render_csv,
    "prom": render_prom,
    "junit": render_junit,
    "txt": render_text,
    "md": render_markdown,
}
DEFAULT_FORMATS = ("html", "json", "csv")
_EXTENSIONS = {"junit": "xml"}


class Written(NamedTuple):
    """What became of the files. ``outdated``: whether files of the last good audit were kept and marked."""

    changed: bool
    paths: dict[str, str]
    outdated: bool


def write_report(report: Report, directory: Path, name: str, formats: Iterable[str], check_mode: bool) -> Written:
    """Write these formats; in check mode only compare. An audit that failed keeps the files of the last good one."""
    chosen = set(formats)
    paths = {form: directory / f"{name}.{_EXTENSIONS.get(form, form)}" for form in FORMATS if form in chosen}
    report = replace(report, files={form: path.name for form, path in paths.items()})
    changed = outdated = False
    for form, path in paths.items():
        kept = mark_outdated(form, _read(path), report) if report.has_failed else None
        outdated |= kept is not None
        changed |= write_file(path, FORMATS[form](report) if kept is None else kept, check_mode)
    return Written(changed, {form: str(path) for form, path in paths.items()}, outdated)


def _read(path: Path) -> str:
    """The text of a file that this collection wrote; empty if there is none."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return ""

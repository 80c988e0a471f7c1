# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as files: JSON and CSV for programs, and how files are written."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, TypedDict

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import render_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Owner, Report, Row

#: In a spreadsheet, a text that begins with one of these is a formula. The last one is the sign for minus.
_FORMULA_STARTS = ("=", "+", "-", "@", "\u2212")
CSV_COLUMNS = tuple(column.name for column in fields(Row))


class OwnerEntry(TypedDict):
    """An owner in report.json."""

    login: str
    applications: int
    gears_needed: int
    gears_available: int | None
    shortage: int


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
        "owners": [_owner_entry(owner) for owner in report.owners],
        "applications": [asdict(row) for row in report.rows],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


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
    writer.writerows([_cell(getattr(row, column)) for column in CSV_COLUMNS] for row in report.rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, tuple):
        value = "; ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def _is_formula(text: str) -> bool:
    """Whether a spreadsheet may take the text for a formula: it may skip characters without a shape, and quotes.

    Wide and small forms of the signs count as well.
    """
    shown = "".join(c for c in unicodedata.normalize("NFKC", text) if escape_unprintable(c) == c)
    return shown.lstrip(" '\"").startswith(_FORMULA_STARTS)


# --- Writing ---------------------------------------------------------------------------------------------------------

#: How each format is rendered.
FORMATS: dict[str, Callable[[Report], str]] = {"html": render_html, "json": render_json, "csv": render_csv}


def write_report(
    report: Report, directory: Path, name: str, formats: Iterable[str], check_mode: bool
) -> tuple[bool, dict[str, str]]:
    """Write these formats; in check mode only compare. Returns whether a file changed, and the path of each format."""
    chosen = set(formats)
    paths = {form: directory / f"{name}.{form}" for form in FORMATS if form in chosen}
    report = replace(report, files={form: path.name for form, path in paths.items()})
    changed = [write_file(path, FORMATS[form](report), check_mode) for form, path in paths.items()]
    return any(changed), {form: str(path) for form, path in paths.items()}


def write_file(path: Path, content: str, check_mode: bool) -> bool:
    """Replace the file as a whole, unless its content is the same; in check mode only compare. Whether it differed."""
    data = content.encode("utf-8")
    # A symbolic link is kept: its target is replaced.
    path = path.resolve()
    if path.is_file() and path.read_bytes() == data:
        return False
    if not check_mode:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
    return True


def _replace(path: Path, data: bytes) -> None:
    """Write to a file beside it and rename that one, so that readers see the old content or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("xb") as file:
            file.write(data)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)

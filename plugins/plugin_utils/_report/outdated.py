# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit that could check nothing keeps the files of the last good audit and marks them as outdated. Pure.

Files without a place for a mark stay as they are. Files about this one run (junit, txt, md) are written in any case.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import TypedDict

from markupsafe import escape

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import UNKNOWN, Audit, Report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.prom import mark_failed

#: The place of the mark in the page. The page of an audit that failed has none.
PLACE = '<div id="outdated"></div>'
_MARK = re.compile(r'<div id="outdated">.*?</div>', re.DOTALL)


class Outdated(TypedDict):
    """The mark in report.json. ``since``: the first audit that failed; ``failed_audits``: how many, at least."""

    since: str
    last_attempt: str
    failed_audits: int
    error: str


def mark_outdated(form: str, text: str, report: Report) -> str | None:
    """The file of that format, marked as outdated; ``None`` if ``text`` is not from a good audit."""
    mark = _MARKERS.get(form)
    return mark(text, report) if mark else None


def describe_outdated(report: Report) -> Outdated:
    """Since when the files are outdated, and why."""
    failures = _failures(report)
    return {
        "since": failures[0].time.isoformat(timespec="seconds"),
        "last_attempt": report.made_at.isoformat(timespec="seconds"),
        "failed_audits": len(failures),
        "error": report.error,
    }


def _failures(report: Report) -> list[Audit]:
    """The audits that failed since the last good one; of several brokers, since the first failure of any."""
    longest: list[Audit] = []
    for part in report.brokers:
        failed: list[Audit] = []
        for audit in part.trend:
            failed = [*failed, audit] if audit.error else []
        longest = max(longest, failed, key=len)
    return longest or [Audit(report.made_at, error=report.error)]


def _mark_page(text: str, report: Report) -> str | None:
    if not _MARK.search(text):
        return None
    facts = describe_outdated(report)
    since = _failures(report)[0].time.astimezone(report.made_at.tzinfo)
    shown = f"{since.day} {since.strftime('%B %Y, %H:%M %Z')}"
    times = f" {facts['failed_audits']:,} audits failed." if facts["failed_audits"] > 1 else ""
    words = f"This report is outdated since {shown}, because the audit failed.{times} {report.error}"
    mark = f'<div id="outdated"><p class="outdated" role="alert">{escape(words)}</p></div>'
    return _MARK.sub(lambda _found: mark, text, count=1)


def _mark_document(text: str, report: Report) -> str | None:
    try:
        document = json.loads(text)
        counts = document["counts"]
        is_good = not document["error"] or counts["total"] > counts[UNKNOWN]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not is_good:
        return None
    return json.dumps({**document, "outdated": describe_outdated(report)}, indent=1, ensure_ascii=False) + "\n"


def _keep_table(text: str, _report: Report) -> str | None:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        return text if any(row.get("status") not in (None, "", UNKNOWN) for row in rows) else None
    except csv.Error:
        return None


_MARKERS: Mapping[str, Callable[[str, Report], str | None]] = {
    "html": _mark_page,
    "json": _mark_document,
    "csv": _keep_table,
    "prom": mark_failed,
}

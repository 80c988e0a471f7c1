# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What openshift_ha_report returns about a report. Pure."""

from __future__ import annotations

from typing import Any, TypedDict

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.files import time_of
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import PROBLEMS, UNKNOWN, Report, Row
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.notification import Notification, notify
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.summary import render_summary
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import render_headline

#: A statistic names at most this many applications: AWX passes statistics to later jobs. Their numbers are exact.
MOST_NAMES = 100


class ReportValues(TypedDict):
    """The returned values besides those about files."""

    headline: str
    summary: str
    counts: dict[str, int]
    problems: dict[str, int]
    levels: dict[str, int]
    names: dict[str, list[str]]
    hosts: dict[str, str]
    stats: dict[str, Any]
    error: str
    unmatched: list[str]
    last_audit: str | None
    new: list[str]
    repaired: list[str]
    drifted_since: dict[str, str]
    notification: Notification


def _describe_changes(report: Report) -> list[str]:
    """A line for the summary, if there is an earlier audit."""
    if not report.last_audit or report.has_failed:
        return []
    time = report.last_audit.time.astimezone(report.made_at.tzinfo)
    numbers = f"{len(report.new):,} new, {len(report.repaired):,} repaired"
    return [f"Since the last audit ({time.strftime('%Y-%m-%d %H:%M')}): {numbers}."]


def is_finding(row: Row) -> bool:
    """Whether the application is not in the desired state, or could not be checked."""
    return row.drifted or row.status == UNKNOWN


def _describe_host(row: Row) -> str:
    """Why the host of the application fails. Other messages name the application already."""
    if row.status == UNKNOWN:
        return row.message if row.message.startswith(row.ref) else f"{row.ref}: could not be checked. {row.message}"
    reason = f" {row.reason}" if row.failed else ""
    return f"{row.ref}: not in the desired state: {row.missing}.{reason}"


def returned_values(report: Report) -> ReportValues:
    names = {group: list(refs) for group, refs in report.names.items()}
    numbers = {f"app_ha_audit_{key}": number for key, number in report.counts.items()}
    numbers |= {f"app_ha_audit_{code}": report.by_problem[code] for code in PROBLEMS}
    numbers |= {f"app_ha_audit_verified_{level}": number for level, number in report.by_level.items()}
    changes = {"new": [row.ref for row in report.new], "repaired": [row.ref for row in report.repaired]}
    numbers |= {f"app_ha_audit_{group}": len(refs) for group, refs in changes.items()}
    lists = {f"app_ha_audit_{group}_names": refs[:MOST_NAMES] for group, refs in {**names, **changes}.items()}
    notification = notify(report)
    texts = {f"app_ha_audit_notification_{key}": text for key, text in notification.items() if key != "has_news"}
    return {
        "headline": render_headline(report),
        "summary": "\n".join([render_summary(report), *_describe_changes(report)]),
        "counts": report.counts,
        "problems": report.by_problem,
        "levels": report.by_level,
        "names": names,
        "hosts": {row.host: _describe_host(row) for row in report.rows if row.host and is_finding(row)},
        "stats": {**numbers, **lists, **texts},
        "error": report.error,
        "unmatched": list(report.unmatched),
        "last_audit": time_of(report.last_audit),
        "new": changes["new"],
        "repaired": changes["repaired"],
        "drifted_since": {row.ref: row.drifted_since for row in report.still_drifted},
        "notification": notification,
    }

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publish a report: compare it with the history, write its files, and add it to the history."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.columns import web_address
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.files import Written, write_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.history import follow, series_name
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.history_file import (
    FILE_NAME,
    History,
    read_history,
    record,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.prom import HAS_LIBRARY, MISSING_LIBRARY
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.shapes import find_name_problem

KEPT = "the audit failed, so the last good report was kept and marked as outdated."
_NOT_WRITTEN = "No report was written."


@dataclass(frozen=True)
class Target:
    """Where and how to write. ``directory``: ``None`` for no files. ``limit``: lines of the history, 0 for none."""

    directory: Path | None
    name: str
    formats: tuple[str, ...]
    limit: int
    link: str
    duration: float | None

    @property
    def history(self) -> Path | None:
        return self.directory / FILE_NAME if self.directory and self.limit and self.formats else None


@dataclass(frozen=True)
class Published:
    """The report with its history, the values to return about files, and warnings."""

    report: Report
    facts: dict[str, Any]
    warnings: tuple[str, ...]


def find_option_problem(params: Mapping[str, Any]) -> str:
    """Why the options are refused; empty if they are valid."""
    link, duration = params["report_url"] or "", params["duration"]
    if problem := find_name_problem(params["name"]):
        return f"name: {problem}. {_NOT_WRITTEN}"
    if params["history_limit"] < 0:
        return f"history_limit: must be 0 (no history) or more. {_NOT_WRITTEN}"
    if duration is not None and not (math.isfinite(duration) and duration >= 0):
        return f"duration: must be a number of seconds. {_NOT_WRITTEN}"
    if link and (not web_address(link) or escape_unprintable(link) != link or any(c in link for c in ' <>()[]\\`"')):
        return f"report_url: must be an address like https://reports.example.com/report.html. {_NOT_WRITTEN}"
    return MISSING_LIBRARY if "prom" in params["formats"] and not HAS_LIBRARY else ""


def read_target(params: Mapping[str, Any]) -> Target:
    directory = Path(params["directory"]).absolute() if params["directory"] else None
    formats, link = tuple(params["formats"]), params["report_url"] or ""
    return Target(directory, params["name"], formats, params["history_limit"], link, params["duration"])


def publish(report: Report, target: Target, check_mode: bool) -> Published:
    """Write the files, in check mode only compare. Raises ``OSError`` and ``ValueError`` if they cannot be written."""
    path = target.history
    history = read_history(path) if path else History()
    report, entries = follow(_describe(report, target), history.entries)
    written = Written(False, {}, False)
    if target.directory:
        written = write_report(report, target.directory, target.name, target.formats, check_mode)
    recorded, warnings = False, history.warnings
    if written.outdated:
        warnings = (*warnings, f"{target.directory}: {KEPT}")
    if path and history.usable:
        recorded, more = record(path, entries, target.limit, check_mode)
        warnings = (*warnings, *more)
    facts = {
        "changed": written.changed or recorded,
        "paths": written.paths,
        "outdated": written.outdated,
        "history": str(path) if path else "",
    }
    return Published(report, facts, warnings)


def _describe(report: Report, target: Target) -> Report:
    """The report with what its name and the options add."""
    parts = tuple(_describe(part, target) for part in report.parts)
    series = series_name(target.name)
    return replace(report, series=series, link=target.link, duration=target.duration, parts=parts)

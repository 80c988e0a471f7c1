# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last drill of each application, as the router's drill records it (docs/router.md).

A drill only adds to a report: data that is missing, damaged or old is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.drills import parse_drills
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import DRILL_STATUSES, FAILED, Row
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.values import line, number

_MOST_NAMED = 5
_WITHOUT = "The report shows no drills from it."


@dataclass(frozen=True)
class DrillRecord:
    """The last drill of one application on one router. ``app_id``: empty if it is not known."""

    router: str
    application: str
    app_id: str
    time: datetime
    status: str
    requests: int | None
    failed_requests: int | None
    reason: str

    @property
    def urgency(self) -> tuple[bool, datetime]:
        """Of several routers, a failed drill counts first, then the latest."""
        return self.status == FAILED, self.time


@dataclass(frozen=True)
class Drills:
    """The drill that counts for each application, by its id and by its name. ``warnings``: about unusable data."""

    by_id: Mapping[str, DrillRecord] = field(default_factory=dict)
    by_name: Mapping[str, DrillRecord] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def find(self, app_id: str, ref: str) -> DrillRecord | None:
        """The drill of the application. One that was created anew with the same name has another id."""
        if app_id and (found := self.by_id.get(app_id.lower())):
            return found
        found = self.by_name.get(ref.lower())
        return None if found and found.app_id and app_id else found


def read_drills(path: Path | None, records: Sequence[Any] | None) -> Drills:
    """The drills in the file and in the list of records."""
    found: list[DrillRecord] = []
    warnings: list[str] = []
    if path is not None:
        try:
            found, problem = _parse_records(_read_file(path))
            warnings += [f"drill_path: {path}: {problem}"] if problem else []
        except ValueError as error:
            warnings.append(f"drill_path: {path}: {error}. {_WITHOUT}")
    if records is not None:
        more, problem = _parse_records(records)
        found += more
        warnings += [f"drill_results: {problem}"] if problem else []
    return _index(found, warnings)


def _index(found: Iterable[DrillRecord], warnings: Iterable[str]) -> Drills:
    last: dict[tuple[str, str, str], DrillRecord] = {}
    for each in found:
        key = (each.router, each.application.lower(), each.app_id.lower())
        if key not in last or each.time >= last[key].time:
            last[key] = each
    ordered = sorted(last.values(), key=lambda record: record.urgency)
    by_id = {each.app_id.lower(): each for each in ordered if each.app_id}
    # A record with an id counts by its name only for an application whose id is not known.
    by_name = {each.application.lower(): each for each in sorted(ordered, key=lambda record: not record.app_id)}
    return Drills(by_id, by_name, tuple(warnings))


def _read_file(path: Path) -> Sequence[Any]:
    """The records of the file. Raises ``ValueError`` with the reason if it has none that can be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValueError("there is no such file, so nothing was drilled yet") from None
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from None
    except ValueError:
        raise ValueError("it is not UTF-8") from None
    return parse_drills(text)


def _parse_records(records: Sequence[Any]) -> tuple[list[DrillRecord], str]:
    """The records that can be read, and how many cannot."""
    parsed = [_parse_record(each) for each in records]
    found = [each for each in parsed if each]
    left = len(parsed) - len(found)
    return found, f"{left:,} of {len(parsed):,} drills cannot be read and are not shown." if left else ""


def _parse_record(record: Any) -> DrillRecord | None:
    if not isinstance(record, Mapping) or record.get("status") not in DRILL_STATUSES or not record.get("application"):
        return None
    try:
        time = datetime.fromisoformat(str(record.get("time")).replace("Z", "+00:00"))
    except ValueError:
        return None
    return DrillRecord(
        router=line(record.get("router")),
        application=line(record["application"]),
        app_id=line(record.get("id")),
        time=time if time.tzinfo else time.astimezone(),
        status=line(record["status"]),
        requests=number(record.get("requests")),
        failed_requests=number(record.get("failed_requests")),
        reason=line(record.get("reason")),
    )


def drill_values(drill: DrillRecord, made_at: datetime) -> dict[str, Any]:
    """The values of a row about its last drill, with the time in the zone of the report."""
    return {
        "last_drill": drill.time.astimezone(made_at.tzinfo).isoformat(timespec="seconds"),
        "last_drill_status": drill.status,
        "last_drill_router": drill.router,
        "last_drill_requests": drill.requests,
        "last_drill_failed_requests": drill.failed_requests,
        "last_drill_reason": drill.reason,
    }


def find_old_drills(rows: Iterable[Row], made_at: datetime, days: int) -> str:
    """The warning about drills that are older than ``days`` (0: no limit); empty if there are none."""
    limit = made_at - timedelta(days=days)
    old = [row.ref for row in rows if days and row.last_drill and datetime.fromisoformat(row.last_drill) < limit]
    if not old:
        return ""
    return f"The last drill is more than {days:,} days ago: {join_first(old, _MOST_NAMED)}. Run a drill of the router."

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a drill as others read it: the fact, the statistics, and the file of last drills. Pure.

docs/router.md documents the shape. New keys may be added; a key that is renamed or removed needs a new ``VERSION``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.drills import VERSION, parse_drills

PASSED, FAILED, SKIPPED, NOT_DRILLED = "passed", "failed", "skipped", "not_drilled"
#: The statuses of applications to which requests were sent.
_DRILLED = (PASSED, FAILED)


def summarize(
    router: str, outcomes: Sequence[Mapping[str, Any]], skipped: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The result of the drill of one router."""
    count = {status: sum(each["status"] == status for each in outcomes) for status in (PASSED, FAILED, NOT_DRILLED)}
    return {
        "version": VERSION,
        "router": router,
        "total": len(outcomes),
        **count,
        SKIPPED: len(skipped),
        "requests": sum(each["requests"] for each in outcomes),
        "failed_requests": sum(each["failed_requests"] for each in outcomes),
        "failed_names": [each["application"] for each in outcomes if each["status"] == FAILED],
        "applications": [*outcomes, *({"router": router, **each} for each in skipped)],
    }


def build_record(router: str, outcome: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The record of one application. ``now``: when its drill ended."""
    time = now.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"router": router, **outcome, "time": time}


def select_drilled(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The records of applications to which requests were sent."""
    return [dict(record) for record in records if record["status"] in _DRILLED]


def merge_results(text: str, records: Iterable[Mapping[str, Any]]) -> str:
    """The content of the file with these records. It keeps the last one of each application and router.

    Raises ``ValueError`` if the present content, ``text``, is not such a file.
    """
    last = {_key(record): record for record in [*parse_results(text), *select_drilled(records)]}
    results = sorted(last.values(), key=lambda record: (record["application"], record["id"], record["router"]))
    return json.dumps({"version": VERSION, "results": results}, indent=2) + "\n"


def parse_results(text: str) -> list[dict[str, Any]]:
    """The records of the file. Raises ``ValueError`` if it is not such a file."""
    if not text.strip():
        return []
    results = parse_drills(text)
    if not all(isinstance(each, Mapping) and all(isinstance(part, str) for part in _key(each)) for each in results):
        raise ValueError("a record has no router, application or id")
    return [dict(each) for each in results]


def _key(record: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return record.get("router"), record.get("application"), record.get("id")

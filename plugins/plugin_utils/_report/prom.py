# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as metrics for the textfile collector of Prometheus' node_exporter. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Report

try:
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    HAS_LIBRARY = True
except ImportError:
    HAS_LIBRARY = False

MISSING_LIBRARY = (
    "formats: prom needs the Python package prometheus-client on the controller, in the Python that runs Ansible. "
    "No report was written. Install it, for example with: python3 -m pip install prometheus-client"
)
PREFIX = "openshift_ha_"
_SUCCESS, _LAST_RUN = f"{PREFIX}audit_success", f"{PREFIX}audit_last_run_timestamp_seconds"
_SAMPLE = re.compile(r"(?P<metric>\w+)(?P<labels>\{.*\})? (?P<value>\S+)")

#: Each metric: its help, and its labels besides those of the report.
METRICS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "applications": ("Applications by status before the run.", ("status",)),
    "applications_by_finding": ("Applications by finding.", ("finding",)),
    "applications_by_problem": ("Applications that are not highly available, by problem.", ("problem",)),
    "drifted": ("Applications that are not in the desired state.", ()),
    "drifted_new": ("Applications that drifted since the last audit.", ()),
    "repaired": ("Applications that were repaired since the last audit.", ()),
    "oldest_drift_timestamp_seconds": ("When an audit first found the drift that lasts longest. 0: no drift.", ()),
    "gears_needed": ("Gears that repairs need, by owner.", ("owner",)),
    "gears_available": ("Gears that an owner may still use.", ("owner",)),
    "audit_success": ("Whether the last audit could check applications (1) or not (0).", ()),
    "audit_last_run_timestamp_seconds": ("When the last audit ran.", ()),
    "audit_last_success_timestamp_seconds": ("When the last audit that could check applications ran.", ()),
    "audit_duration_seconds": ("How long the last audit took.", ()),
}

#: The value of a metric for the values of its labels.
Samples = Iterable[tuple[Sequence[str], float]]


def render_prom(report: Report) -> str:
    """The metrics of all brokers of the report. Raises ``ImportError`` without the library."""
    registry = CollectorRegistry()
    gauges = {
        name: Gauge(PREFIX + name, text, ("broker", "report", *labels), registry=registry)
        for name, (text, labels) in METRICS.items()
    }
    used = set()
    for part in report.brokers:
        for name, samples in _measure(part, report.duration).items():
            for labels, value in samples:
                gauges[name].labels(part.broker_url, part.series, *labels).set(value)
                used.add(name)
    for name in METRICS.keys() - used:
        registry.unregister(gauges[name])
    text: str = generate_latest(registry).decode("utf-8")
    return text


def _measure(report: Report, duration: float | None) -> dict[str, Samples]:
    """The samples of one broker. An audit that failed has no data about the applications."""
    succeeded = not report.has_failed
    times = [audit.time for audit in report.trend if not audit.error]
    if succeeded:
        times.append(report.made_at)
    samples: dict[str, Samples] = {
        "audit_success": [((), float(succeeded))],
        "audit_last_run_timestamp_seconds": [((), report.made_at.timestamp())],
    }
    if times:
        samples["audit_last_success_timestamp_seconds"] = [((), max(times).timestamp())]
    if duration is not None:
        samples["audit_duration_seconds"] = [((), duration)]
    return {**samples, **_measure_applications(report)} if succeeded else samples


def _measure_applications(report: Report) -> dict[str, Samples]:
    drifted = [row for row in report.rows if row.still_drifted]
    oldest = min((row.drifted_since for row in drifted if row.drifted_since), default="")
    return {
        "applications": _labelled(report.by_status),
        "applications_by_finding": _labelled(report.by_finding),
        "applications_by_problem": _labelled(report.by_problem),
        "drifted": [((), len(drifted))],
        "drifted_new": [((), len(report.new))],
        "repaired": [((), len(report.repaired))],
        "oldest_drift_timestamp_seconds": [((), datetime.fromisoformat(oldest).timestamp() if oldest else 0)],
        "gears_needed": [((owner.login,), owner.gears_needed) for owner in report.owners],
        "gears_available": [
            ((owner.login,), owner.gears_available) for owner in report.owners if owner.gears_available is not None
        ],
    }


def _labelled(counts: Mapping[str, int]) -> Samples:
    return [((key,), number) for key, number in counts.items()]


def mark_failed(text: str, report: Report) -> str | None:
    """The metrics of the last good audit, marked as outdated: ``None`` if ``text`` has no such metrics."""
    lines = text.splitlines()
    values = {_SUCCESS: "0.0", _LAST_RUN: repr(report.made_at.timestamp())}
    marked = [_set_value(line, values) for line in lines]
    has_mark = any(line.startswith(_SUCCESS) for line in lines)
    has_numbers = any(line.startswith(f"{PREFIX}applications{{") for line in lines)
    return "\n".join(marked) + "\n" if has_mark and has_numbers else None


def _set_value(line: str, values: Mapping[str, str]) -> str:
    sample = _SAMPLE.fullmatch(line)
    if not sample or sample["metric"] not in values:
        return line
    return f"{sample['metric']}{sample['labels'] or ''} {values[sample['metric']]}"

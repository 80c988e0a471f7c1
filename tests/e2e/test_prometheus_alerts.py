"""The metrics and the example rules for alerts, checked by promtool of Prometheus."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.prom import render_prom
from tests.programs import required
from tests.unit.reports import BLOCKED, GONE, MADE_AT, app, drifted, report, result

RULES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "prometheus-alerts.yml"
LABELS = 'broker="https://broker.example.com",report="report"'
#: For each alert: a metric that raises it, its value, and the labels besides ``LABELS``.
RAISING = {
    "OpenShiftHaDriftIsNew": ("drifted_new", "2", ""),
    "OpenShiftHaDriftLasts": ("oldest_drift_timestamp_seconds", "1", ""),
    "OpenShiftHaApplicationsNotChecked": ("applications", "1", ',status="unknown"'),
    "OpenShiftHaAuditFailed": ("audit_success", "0", ""),
    "OpenShiftHaAuditOutdated": ("audit_last_success_timestamp_seconds", "1", ""),
    "OpenShiftHaGearsMissing": ("gears_needed", "3", ',owner="alice"'),
}
QUIET = {"drifted_new": 0, "oldest_drift_timestamp_seconds": 0, "audit_success": 1}


@pytest.fixture(scope="module")
def promtool() -> str:
    return required("promtool", "prometheus")


def run(*command: str, text: str = "") -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_metrics_are_valid(promtool: str) -> None:
    made = report(BLOCKED, GONE, drifted("api", "standalone"), result(app("wiki", owner='al"ice\\')))
    text = render_prom(replace(made, series="report", duration=1.5))
    run(promtool, "check", "metrics", text=text)


def test_rules_are_valid(promtool: str) -> None:
    assert "6 rules found" in run(promtool, "check", "rules", str(RULES))


def test_each_rule_raises_its_alert(promtool: str, tmp_path: Path) -> None:
    """After ten days: every metric at a bad value raises its alert, and good values raise none."""
    after = timedelta(days=10)
    bad = [
        {"series": f"openshift_ha_{metric}{{{LABELS}{more}}}", "values": f"{value}x240"}
        for metric, value, more in RAISING.values()
    ]
    bad.append({"series": f'openshift_ha_gears_available{{{LABELS},owner="alice"}}', "values": "1x240"})
    good = [
        {"series": f"openshift_ha_{metric}{{{LABELS}}}", "values": f"{value}x240"} for metric, value in QUIET.items()
    ]
    minutes = f"{int(after.total_seconds() // 60)}m"

    def alerts(series: list[dict[str, str]], raised: bool) -> dict[str, object]:
        # promtool compares labels and annotations: only the number of alerts matters for good values.
        expected = [{"eval_time": minutes, "expr": f'count(ALERTS{{alertname="{name}"}})'} for name in RAISING]
        samples = [{"labels": "{}", "value": 1}] if raised else []
        return {
            "interval": "1h",
            "input_series": series,
            "promql_expr_test": [{**each, "exp_samples": samples} for each in expected],
        }

    rules = tmp_path / "rules.yml"
    rules.write_bytes(RULES.read_bytes())
    tests = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1h",
        "tests": [alerts(bad, True), alerts(good, False)],
    }
    path = tmp_path / "test.yml"
    path.write_text(yaml.safe_dump(tests), encoding="utf-8")
    run(promtool, "test", "rules", str(path))


def test_metrics_of_the_rules_exist() -> None:
    """Every metric that a rule uses is one that the report writes."""
    pytest.importorskip("prometheus_client")
    text = render_prom(replace(report(BLOCKED, gears_available={"alice": 1}), made_at=MADE_AT, series="report"))
    used = {
        word for word in RULES.read_text(encoding="utf-8").replace("{", " ").split() if word.startswith("openshift_ha_")
    }
    assert used
    assert {metric for metric in used if f"# TYPE {metric} gauge" not in text} == set()

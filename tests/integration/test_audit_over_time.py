"""Audits over time, as users run them: the role, the message to a webhook, and several brokers in a report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.harness import Ansible, Platform, stats
from tests.integration.test_audit import audit

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "audit-and-notify.yml"
DOWN = "http://127.0.0.1:9"


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    platform.app("acme", "api")
    platform.app("acme", "crm", gears=3, ha=True)
    return platform


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a local webhook, and what it received."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", received
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.thorough
def test_the_role_reports_what_is_new_and_keeps_a_good_report(ansible: Ansible, fleet: Platform) -> None:
    drill = {"application": "acme/crm", "time": "2026-11-20T03:15:00Z", "status": "passed", "requests": 96}
    (ansible.directory / "drills.json").write_text(json.dumps({"version": 1, "results": [drill]}), encoding="utf-8")
    formats = {
        "app_ha_report_formats": ["html", "json", "junit", "txt", "prom"],
        "app_ha_report_url": "https://reports/ha",
        "app_ha_drill_path": "drills.json",
        "app_ha_policy": [{"match": {"domain": "acme"}, "min_gears": 2}],
    }
    _run, first = audit(ansible, extra_vars=formats)
    fleet.app("acme", "shop")
    run, second = audit(ansible, extra_vars=formats)
    assert first["new"] == []
    assert second["new"] == ["acme/shop"]
    assert stats(run)["app_ha_audit_new_names"] == ["acme/shop"]
    assert "Report: https://reports/ha" in stats(run)["app_ha_audit_notification_text"]
    assert "Since the last audit (" in run.output
    assert "1 new, 0 repaired." in run.output
    of_name = {row["name"]: row for row in second["applications"]}
    assert (of_name["crm"]["last_drill_status"], of_name["shop"]["last_drill"]) == ("passed", "")
    assert '"app_ha_policy": [{"match": {"domain": "acme"}, "min_gears": 2}]' in of_name["shop"]["repair_command"]
    metrics = (ansible.directory / "ha-report" / "report.prom").read_text(encoding="utf-8")
    assert "openshift_ha_audit_duration_seconds{" in metrics
    failed, kept = audit(ansible, extra_vars=formats, env={"OPENSHIFT_BROKER_URL": DOWN})
    assert failed.rc != 0
    assert "the last good report was kept and marked as outdated" in " ".join(failed.output.split())
    # The address of the broker that is down belongs to another history, so only the error is in the mark.
    assert kept["outdated"]["failed_audits"] == 1
    assert {**kept, "outdated": None} == second
    history = (ansible.directory / "ha-report" / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(history) == 3


@pytest.mark.thorough
def test_the_example_sends_its_message(ansible: Ansible, fleet: Platform) -> None:
    with webhook() as (address, received):
        variables = {"webhook_url": address, "report_url": "https://reports/ha"}
        runs = [ansible.playbook(EXAMPLE, extra_vars=variables) for _run in range(2)]
        fleet.app("acme", "shop")
        runs.append(ansible.playbook(EXAMPLE, extra_vars=variables))
    assert [run.rc for run in runs] == [0, 0, 0], runs[0].output
    # The second audit has nothing new.
    _first, message = received
    assert "**New since " in message["text"]
    assert "- `acme/shop`: not HA" in message["text"]


@pytest.mark.thorough
def test_results_of_several_brokers_in_one_report(ansible: Ansible, fleet: Platform, tmp_path: Path) -> None:
    def check(name: str, **options: Any) -> dict[str, Any]:
        task = {"openshift_v2.apps.openshift_apps_ha": {"select": {}, **options}}
        return {"name": name, **task, "check_mode": True, "failed_when": False, "register": name}

    report = {"registered": ["east", "west"], "directory": str(tmp_path)}
    ansible.tasks(
        check("east"),
        check("west", broker_url=DOWN),
        {"name": "report", "openshift_v2.apps.openshift_ha_report": report},
    )
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [broker["broker_url"] for broker in document["brokers"]] == [fleet.url, DOWN]
    assert document["brokers"][0]["error"] == ""
    assert document["brokers"][1]["error"] != ""
    assert {entry["broker"] for entry in document["applications"]} == {fleet.url}

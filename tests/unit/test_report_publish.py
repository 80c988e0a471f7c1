"""What a report leaves on the disk: crashes, concurrent audits, a history that is not usable, and outdated reports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report import history_file, prom, writing
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.files import FORMATS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.history_file import read_history
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.publish import (
    Published,
    Target,
    find_option_problem,
    publish,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.returns import returned_values
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.several import build_reports
from tests.unit.reports import MADE_AT, app, drifted, result

DOWN = "The broker did not answer within 30 s."


def audit(
    directory: Path, day: int, *results: Any, error: str = "", check_mode: bool = False, **more: Any
) -> Published:
    """Publish the report of that day."""
    inputs = [ReportInput(results, error=error)]
    made = build_reports(inputs, "The audit", "https://broker.example.com", MADE_AT + timedelta(days=day))
    facts = {"name": "report", "formats": ("html", "json", "csv"), "limit": 400, "link": "", "duration": None, **more}
    return publish(made, Target(directory, **facts), check_mode)


def document(directory: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    return loaded


def names_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


# --- History ----------------------------------------------------------------------------------------------------------


def test_history_is_beside_the_report(tmp_path: Path) -> None:
    first = audit(tmp_path, 0, drifted("api"), result(app("wiki")))
    second = audit(tmp_path, 1, result(app("api")), drifted("wiki"))
    assert first.facts["history"] == str(tmp_path / "history.jsonl")
    assert len((tmp_path / "history.jsonl").read_text(encoding="utf-8").splitlines()) == 2
    assert document(tmp_path)["new"] == ["acme/wiki"]
    assert document(tmp_path)["repaired"] == ["acme/api"]
    assert document(tmp_path)["last_audit"] == "2026-11-22T03:15:00+00:00"
    assert second.warnings == ()
    summary = returned_values(second.report)["summary"]
    assert summary.endswith("\nSince the last audit (2026-11-22 03:15): 1 new, 1 repaired.")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<span class="change new">new</span>' in page
    assert "<svg" in page.partition("Drifted applications")[2]


def test_check_mode_reads_the_history_and_writes_nothing(tmp_path: Path) -> None:
    audit(tmp_path, 0, result(app("api")))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    predicted = audit(tmp_path, 1, drifted("api"), check_mode=True)
    assert [row.ref for row in predicted.report.new] == ["acme/api"]
    assert predicted.facts["changed"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert audit(tmp_path, 1, drifted("api")) == predicted


@pytest.mark.parametrize("more", [{"limit": 0}, {"formats": ()}])
def test_no_history(tmp_path: Path, more: dict[str, Any]) -> None:
    written = audit(tmp_path, 0, drifted("api"), **more)
    assert written.facts["history"] == ""
    assert "history.jsonl" not in names_in(tmp_path)


def test_read_only_history(tmp_path: Path) -> None:
    audit(tmp_path, 0, result(app("api")))
    history = tmp_path / "history.jsonl"
    before = history.read_bytes()
    history.chmod(0o444)
    written = audit(tmp_path, 1, drifted("api"))
    assert [row.ref for row in written.report.new] == ["acme/api"]
    assert document(tmp_path)["new"] == ["acme/api"]
    assert history.read_bytes() == before
    (warning,) = written.warnings
    assert warning == (
        f"{history}: the history cannot be written: it is read-only. "
        "The report was written, but this audit was not added to the history."
    )


def test_history_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").mkdir()
    written = audit(tmp_path, 0, drifted("api"))
    assert document(tmp_path)["counts"]["drifted"] == 1
    (warning,) = written.warnings
    assert "the history cannot be read: it is not a file." in warning


def test_a_link_to_a_device_or_pipe_is_refused_and_never_replaced(tmp_path: Path) -> None:
    """As root, /dev/null can be replaced. Reading a pipe waits for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "history.jsonl").symlink_to(pipe)
    (warning,) = audit(reports, 0, drifted("api")).warnings
    assert "the history cannot be read: it is not a file." in warning
    (reports / "report.csv").unlink()
    (reports / "report.csv").symlink_to(pipe)
    with pytest.raises(OSError, match="it is not a file"):
        audit(reports, 1, drifted("api"))
    assert pipe.is_fifo()
    assert names_in(tmp_path) == {"pipe", "reports"}


def test_link_to_the_history_is_kept(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "reports" / "history.jsonl"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "elsewhere" / "fleet.jsonl")
    audit(link.parent, 0, drifted("api"))
    assert link.is_symlink()
    assert names_in(tmp_path / "elsewhere") == {"fleet.jsonl"}


def test_lock_of_another_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_file, "LOCK_SECONDS", 0.0)
    with writing.locked_directory(tmp_path, 0) as locked:
        assert locked
        written = audit(tmp_path, 0, drifted("api"))
    assert "another audit has locked the history" in written.warnings[0]
    assert document(tmp_path)["counts"]["drifted"] == 1


def test_concurrent_audits_lose_no_line(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda day: audit(tmp_path, day, drifted("api"), formats=("txt",)), range(24)))
    assert [each.warnings for each in results] == [()] * 24
    entries = read_history(tmp_path / "history.jsonl").entries
    assert sorted(entry.time for entry in entries) == [MADE_AT + timedelta(days=day) for day in range(24)]
    assert names_in(tmp_path) == {"history.jsonl", "report.txt"}


KILLED = """
import sys
from datetime import timedelta
from pathlib import Path
from tests.unit.test_report_publish import audit
from tests.unit.reports import drifted
print("ready", flush=True)
for day in range(1, 100_000):
    audit(Path(sys.argv[1]), day, *(drifted(f"app{n}") for n in range(40)), formats=("json", "csv"), limit=60)
"""


@pytest.mark.parametrize("milliseconds", [40, 90, 170])
def test_killed_audits_leave_whole_files(tmp_path: Path, milliseconds: int) -> None:
    """kill -9 at any moment: each file is whole, no line is lost, and the next audit works."""
    audit(tmp_path, 0, drifted("app0"), formats=("json", "csv"))
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            time.sleep(milliseconds / 1000)
        finally:
            process.send_signal(signal.SIGKILL)
    history = read_history(tmp_path / "history.jsonl")
    assert history.warnings == ()
    days = [(entry.time - MADE_AT).days for entry in history.entries]
    assert days == list(range(days[0], days[-1] + 1))
    assert document(tmp_path)["version"] == 1
    assert (tmp_path / "report.csv").read_bytes().endswith(b"\r\n")
    written = audit(tmp_path, 200_000, drifted("app0"))
    assert written.warnings == ()
    assert document(tmp_path)["last_audit"]


def test_temporary_files_of_killed_runs_are_removed(tmp_path: Path) -> None:
    old, recent, foreign = (tmp_path / name for name in (".report.csv.0123456789ab", ".report.csv.0123456789ac", ".x"))
    for path in (old, recent, foreign):
        path.touch()
    os.utime(old, (1, 1))
    os.utime(foreign, (1, 1))
    audit(tmp_path, 0, drifted("api"), formats=("csv",))
    assert names_in(tmp_path) == {recent.name, foreign.name, "report.csv", "history.jsonl"}


# --- Outdated reports -------------------------------------------------------------------------------------------------


def test_failed_audit_keeps_the_last_good_report(tmp_path: Path) -> None:
    formats = ("html", "json", "csv")
    audit(tmp_path, 0, drifted("api"), result(app("wiki")))
    good = {form: (tmp_path / f"report.{form}").read_text(encoding="utf-8") for form in formats}
    failed = audit(tmp_path, 1, error=DOWN)
    again = audit(tmp_path, 2, error=DOWN)
    assert failed.facts["outdated"]
    assert failed.warnings == (
        f"{tmp_path}: the audit failed, so the last good report was kept and marked as outdated.",
    )
    assert again.facts["outdated"]
    assert (tmp_path / "report.csv").read_text(encoding="utf-8")
    marked = document(tmp_path)
    assert marked["outdated"] == {
        "since": "2026-11-23T03:15:00+00:00",
        "last_attempt": "2026-11-24T03:15:00+00:00",
        "failed_audits": 2,
        "error": DOWN,
    }
    assert {**marked, "outdated": None} == json.loads(good["json"])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    banner = f"outdated since 23 November 2026, 03:15 UTC, because the audit failed. 2 audits failed. {DOWN}"
    assert page.count('<p class="outdated" role="alert">') == 1
    assert banner in page
    assert "acme/api" in page
    recovered = audit(tmp_path, 3, drifted("api"), result(app("wiki")))
    assert not recovered.facts["outdated"]
    assert document(tmp_path)["outdated"] is None
    assert banner not in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert {row.drifted_since for row in recovered.report.rows if row.drifted} == {"2026-11-22T03:15:00+00:00"}


def test_message_of_a_failure_stays_text(tmp_path: Path) -> None:
    audit(tmp_path, 0, drifted("api"))
    audit(tmp_path, 1, error="<script>alert(1)</script> \\g<0>")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; \\g&lt;0&gt;" in page


def test_failed_audit_without_a_good_report(tmp_path: Path) -> None:
    for day in range(2):
        assert not audit(tmp_path, day, error=DOWN).facts["outdated"]
    assert f"Nothing could be checked. {DOWN}" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert document(tmp_path)["error"] == DOWN


@pytest.mark.parametrize("content", ["", "{", "[]", '{"counts": 1, "error": "x"}', "\ud800"])
def test_foreign_files_are_replaced(tmp_path: Path, content: str) -> None:
    for form in ("html", "json", "csv"):
        (tmp_path / f"report.{form}").write_text(content, encoding="utf-8", errors="surrogatepass")
    assert not audit(tmp_path, 0, error=DOWN).facts["outdated"]
    assert document(tmp_path)["error"] == DOWN


def test_files_about_one_run_report_the_failure(tmp_path: Path) -> None:
    pytest.importorskip("prometheus_client")
    audit(tmp_path, 0, drifted("api"), formats=tuple(FORMATS))
    audit(tmp_path, 1, error=DOWN, formats=tuple(FORMATS))
    assert f'<error message="{DOWN}"' in (tmp_path / "report.xml").read_text(encoding="utf-8")
    assert DOWN in (tmp_path / "report.txt").read_text(encoding="utf-8")
    metrics = (tmp_path / "report.prom").read_text(encoding="utf-8")
    labels = 'broker="https://broker.example.com",report="report"'
    assert f"openshift_ha_audit_success{{{labels}}} 0.0" in metrics
    assert f"openshift_ha_drifted{{{labels}}} 1.0" in metrics
    assert f"openshift_ha_audit_last_success_timestamp_seconds{{{labels}}} {MADE_AT.timestamp():.7e}" in metrics


# --- Options ----------------------------------------------------------------------------------------------------------

OPTIONS: dict[str, Any] = {
    "name": "report",
    "history_limit": 400,
    "duration": None,
    "report_url": None,
    "formats": ["html"],
}


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("history_limit", -1, "history_limit: must be 0 (no history) or more."),
        ("duration", float("nan"), "duration: must be a number of seconds."),
        ("duration", -1.0, "duration: must be a number of seconds."),
        ("report_url", "javascript:alert(1)", "report_url: must be an address like"),
        ("report_url", "https://x/)[y](z", "report_url: must be an address like"),
        ("report_url", "https://x/\u202e", "report_url: must be an address like"),
        ("report_url", "https://reports.example.com/report.html", ""),
        ("duration", 0.0, ""),
    ],
)
def test_invalid_options(option: str, value: Any, problem: str) -> None:
    found = find_option_problem({**OPTIONS, option: value})
    assert found.startswith(problem) if problem else not found


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.publish.HAS_LIBRARY", False)
    assert find_option_problem({**OPTIONS, "formats": ["html", "prom"]}) == prom.MISSING_LIBRARY
    assert "python3 -m pip install prometheus-client" in prom.MISSING_LIBRARY
    assert find_option_problem(OPTIONS) == ""

"""openshift_ha_report: the files that it writes or would write, and where it takes the results from."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Ansible, Platform, PlayRun, TaskRun

MODULE = "openshift_ha_report"
FLEET = "openshift_v2.apps.openshift_apps_ha"
MADE_AT = "2026-11-22T03:15:00+00:00"


def look(**options: Any) -> dict[str, Any]:
    return {"name": "look", FLEET: options or {"select": {}}, "check_mode": True, "register": "seen"}


def report(**options: Any) -> dict[str, Any]:
    return {"name": "report", f"openshift_v2.apps.{MODULE}": {"made_at": MADE_AT, **options}}


def reported(run: PlayRun) -> TaskRun:
    return run.of(MODULE)[-1]


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Everything that can be the matter, of two owners, one of whom lacks gears."""
    account = {"password": "bobs-own-password", "ha": True}
    app = {"cartridges": ["php-5.4"], "scalable": True}
    platform.broker.seed(
        {
            "users": [{"login": "bob", "max_gears": 5, **account}],
            "domains": [{"name": "globex", "owner": "bob", "members": [{"login": "alice", "role": "admin"}]}],
            "applications": [
                {**app, "domain": "acme", "name": "api", "gears": 1},
                {**app, "domain": "acme", "name": "crm", "gears": 3, "haproxy": 1, "ha": True},
                {**app, "domain": "acme", "name": "intranet", "gears": 2, "max_gears": 2},
                {**app, "domain": "acme", "name": "plain", "scalable": False},
                {**app, "domain": "acme", "name": "wiki", "gears": 2, "haproxy": 2, "ha": True},
                {**app, "domain": "globex", "name": "shop", "gears": 2, "haproxy": 1, "ha": True},
                {**app, "domain": "globex", "name": "till", "gears": 2, "haproxy": 1, "ha": True},
            ],
        }
    )
    return platform


@pytest.mark.usefixtures("fleet")
def test_counts_are_those_of_the_modules_summary(ansible: Ansible) -> None:
    run = ansible.tasks(look(), report(registered="seen"))
    summary, told = run.of("openshift_apps_ha")[0].result["summary"], reported(run).result
    counts = dict(told["counts"])
    assert counts.pop("unknown") == 0
    assert counts == {name: summary[name] for name in counts}
    assert (counts["drifted"], counts["blocked"]) == (5, 2)
    assert told["names"]["blocked"] == ["acme/intranet", "globex/till"]
    assert "bob needs 2 gears and has 1" in told["summary"]
    assert {name: len(refs) for name, refs in told["names"].items()} == {n: counts[n] for n in told["names"]}
    assert reported(run).requests == []


def test_files_are_written_and_the_same_again_are_no_change(ansible: Ansible, fleet: Platform, tmp_path: Path) -> None:
    directory = tmp_path / "far" / "away"
    tasks = [look(), report(registered="seen", directory=str(directory))]
    first, again = ansible.tasks(*tasks), ansible.tasks(*tasks)
    assert (reported(first).result["changed"], reported(again).result["changed"]) == (True, False)
    assert sorted(path.name for path in directory.iterdir()) == ["report.csv", "report.html", "report.json"]
    assert reported(first).result["paths"] == {
        form: str(directory / f"report.{form}") for form in ("html", "json", "csv")
    }
    document = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    assert document["counts"] == reported(first).result["counts"]
    assert document["broker_url"] == fleet.url
    assert document["made_at"] == MADE_AT
    with (directory / "report.csv").open(encoding="utf-8", newline="") as file:
        found = {f"{row['domain']}/{row['name']}": row["finding"] for row in csv.DictReader(file)}
    assert found == {
        "acme/api": "drifted",
        "acme/crm": "drifted",
        "acme/intranet": "blocked",
        "acme/plain": "left_alone",
        "acme/wiki": "in_order",
        "globex/shop": "drifted",
        "globex/till": "blocked",
    }
    assert "globex/till" in (directory / "report.html").read_text(encoding="utf-8")


def test_check_mode_writes_nothing_and_tells_the_same(ansible: Ansible, fleet: Platform, tmp_path: Path) -> None:
    directory = tmp_path / "reports"
    made = report(registered="seen", directory=str(directory))
    check = ansible.tasks(look(), {**made, "check_mode": True})
    assert not directory.exists()
    real = ansible.tasks(look(), made)
    assert fleet.url in (directory / "report.html").read_text(encoding="utf-8")
    assert reported(check).result == reported(real).result


def test_no_directory_no_file(ansible: Ansible, tmp_path: Path) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    run = ansible.tasks(report(results=[]))
    assert (reported(run).result["changed"], reported(run).result["paths"]) == (False, {})
    assert reported(run).result["summary"] == "No application was looked at."
    assert {path.name for path in tmp_path.iterdir()} - before <= {
        "ansible.cfg",
        "home",
        "playbook.yml",
        "record.jsonl",
        "tmp",
    }


def test_formats_name_and_mode(ansible: Ansible, tmp_path: Path) -> None:
    report_only = report(results=[], directory=str(tmp_path), name="night", formats=["csv"])
    run = ansible.tasks(report_only)
    assert reported(run).result["paths"] == {"csv": str(tmp_path / "night.csv")}
    umask_file = tmp_path / "plain"
    umask_file.touch()
    assert stat.S_IMODE((tmp_path / "night.csv").stat().st_mode) == stat.S_IMODE(umask_file.stat().st_mode)


def test_a_relative_directory_begins_where_ansible_was_started(ansible: Ansible) -> None:
    elsewhere = ansible.directory / "books" / "book.yml"
    elsewhere.parent.mkdir()
    task = report(results=[], directory="reports", formats=["json"])
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
    elsewhere.write_text(json.dumps([play]), encoding="utf-8")
    run = ansible.playbook(elsewhere)
    assert run.rc == 0, run.output
    assert (ansible.directory / "reports" / "report.json").exists()


def test_a_directory_that_cannot_be_is_told(ansible: Ansible, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = ansible.tasks(report(results=[], directory=str(tmp_path / "file")))
    assert reported(run).failed
    assert "The report cannot be written" in reported(run).result["msg"]


@pytest.mark.usefixtures("fleet")
def test_results_by_value_are_as_good(ansible: Ansible) -> None:
    told = "{{ seen.summary.gears_available }}"
    run = ansible.tasks(look(), report(registered="seen"), report(results="{{ seen.results }}", gears_available=told))
    by_name, by_value = (task.result for task in run.of(MODULE))
    assert by_name == by_value
    assert by_name["counts"]["total"] == 7


@pytest.mark.usefixtures("fleet")
def test_a_loop_of_single_applications(ansible: Ansible) -> None:
    single = {
        "openshift_v2.apps.openshift_app_ha": {"domain": "acme", "name": "{{ item }}"},
        "loop": ["api", "intranet", "plain", "wiki", "gone"],
        "check_mode": True,
        "failed_when": False,
        "register": "seen",
    }
    run = ansible.tasks(single, report(registered="seen"))
    told = reported(run).result
    assert told["names"] == {
        "drifted": ["acme/api", "acme/intranet", "acme/plain"],
        "blocked": ["acme/intranet", "acme/plain"],
        "failed": ["acme/intranet", "acme/plain", "acme/gone"],
    }


def test_what_really_became_of_applications(ansible: Ansible, fleet: Platform) -> None:
    real = {**look(), "check_mode": False}
    run = ansible.tasks(real, report(registered="seen"))
    told = reported(run).result
    assert told["headline"] == "5 of 7 applications drifted: 3 repaired, 2 blocked."
    assert fleet.shown("acme", "crm") == (True, 4, 2)


def test_a_broker_that_cannot_be_asked(ansible: Ansible, tmp_path: Path) -> None:
    deaf = {**look(select={}, broker_url="http://127.0.0.1:9"), "failed_when": False}
    run = ansible.tasks(deaf, report(registered="seen", directory=str(tmp_path)))
    told = reported(run).result
    assert told["error"].startswith("The applications: could not be read: ")
    assert told["headline"] == f"Nothing could be looked at. {told['error']}"
    assert "Nothing could be looked at." in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "results"),
        ({"results": [], "registered": ["seen"]}, "mutually exclusive"),
        ({"hosts": ["localhost"]}, "registered"),
        ({"registered": ["nowhere"]}, "nowhere"),
        ({"results": [], "made_at": "at night"}, "made_at"),
        ({"results": [], "formats": ["pdf"]}, "formats"),
        ({"results": [], "color": "red"}, "color"),
    ],
)
def test_what_cannot_be_meant_is_refused(ansible: Ansible, options: dict[str, Any], word: str) -> None:
    run = ansible.tasks(report(**options))
    assert reported(run).failed
    assert word in reported(run).result["msg"]


MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
SHOP = {"domain": "acme", "name": "shop", "ha_status": "degraded"}


@pytest.mark.parametrize(
    ("results", "gears", "where"),
    [
        ([{"application": {**SHOP, "name": MASK}}], {}, "results[0].application.name"),
        (
            [{"application": SHOP}, {"application": SHOP, "before": {**SHOP, "domain": "ac********"}}],
            {},
            "before.domain",
        ),
        ([{"application": SHOP, "steps": [{"action": MASK, "detail": "x"}]}], {}, "steps[0].action"),
        ([{"application": SHOP, "blockers": [{"code": MASK, "message": "x"}]}], {}, "blockers[0].code"),
        ([{"application": SHOP}], {"al********": 1}, "gears_available"),
    ],
)
def test_masked_results_are_no_report(
    ansible: Ansible, tmp_path: Path, results: list[Any], gears: dict[str, int], where: str
) -> None:
    options: dict[str, Any] = {"results": results, "gears_available": gears, "directory": str(tmp_path / "report")}
    run = ansible.tasks(report(**options))
    assert reported(run).failed
    assert where in reported(run).result["msg"]
    assert not (tmp_path / "report").exists()


def test_a_message_from_which_a_secret_was_withheld_is_reported(ansible: Ansible) -> None:
    failed = {"application": SHOP, "failed": True, "msg": "The broker said: ********.", "changed": False}
    run = ansible.tasks(report(results=[failed]))
    assert not reported(run).failed
    assert reported(run).result["names"]["failed"] == ["acme/shop"]


def test_a_report_that_is_a_link_stays_one_and_keeps_its_mode(ansible: Ansible, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.html"
    target.write_text("of yesterday", encoding="utf-8")
    target.chmod(0o640)
    (tmp_path / "report.html").symlink_to(target)
    run = ansible.tasks(report(results=[], directory=str(tmp_path), formats=["html"]))
    assert not reported(run).failed
    assert (tmp_path / "report.html").readlink() == target
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640

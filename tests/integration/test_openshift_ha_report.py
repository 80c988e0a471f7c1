"""openshift_ha_report: the files that it writes or would write, and its options.

The action plugin is called in the test's own process, with what the modules return when they are called directly. A
few launches of Ansible show that it works in plays: options with templates, loops, relative directories, failures.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.action.openshift_ha_report import OF_REPORT, SPEC, ActionModule
from ansible_collections.openshift_v2.apps.plugins.modules.openshift_ha_report import DOCUMENTATION
from tests.harness import Ansible, Platform, PlayRun, TaskRun

MODULE = "openshift_ha_report"
FLEET = "openshift_v2.apps.openshift_apps_ha"
MADE_AT = "2026-11-22T03:15:00+00:00"
CHECK = {"name": "check", FLEET: {"select": {}}, "check_mode": True, "register": "audit"}


def report(**options: Any) -> dict[str, Any]:
    """The task."""
    return {"name": "report", f"openshift_v2.apps.{MODULE}": {"made_at": MADE_AT, **options}}


def reported(run: PlayRun) -> TaskRun:
    return run.of(MODULE)[-1]


class Task:
    """What the action plugin reads of a task. Like Ansible's tasks, it is hashable and can have weak references."""

    def __init__(self, **fields: Any) -> None:
        vars(self).update(fields)


def call(
    options: Mapping[str, Any], variables: Mapping[str, Any] | None = None, check_mode: bool = False
) -> dict[str, Any]:
    """Call the action plugin with these options and variables. Raises ``AnsibleActionFail`` as it does."""
    args = {"made_at": MADE_AT, **options}
    task = Task(args=args, check_mode=check_mode, async_val=0, environment=[], module_defaults=[])
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    action = ActionModule(task, connection, SimpleNamespace(), None, None, None)
    return action.run(task_vars=dict(variables or {}))


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Applications of every finding, of two owners, one of whom lacks gears."""
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


def check(ansible: Ansible, **options: Any) -> dict[str, Any]:
    """What a task of openshift_apps_ha registers."""
    task = {FLEET: {"select": {}, **options}, "check_mode": True}
    return ansible.tasks(task).of("openshift_apps_ha")[0].result


@pytest.mark.usefixtures("fleet")
def test_counts_are_those_of_the_modules_summary(ansible: Ansible) -> None:
    audit = check(ansible)
    returned = call({"registered": ["audit"]}, {"audit": audit})
    counts = dict(returned["counts"])
    assert counts.pop("unknown") == 0
    assert counts == {name: audit["summary"][name] for name in counts}
    assert (counts["drifted"], counts["blocked"]) == (5, 2)
    assert returned["names"]["blocked"] == ["acme/intranet", "globex/till"]
    assert "bob: needs 2, 1 left" in returned["summary"]
    assert {name: len(refs) for name, refs in returned["names"].items()} == {n: counts[n] for n in returned["names"]}


def test_files_are_written_and_the_same_again_are_no_change(ansible: Ansible, fleet: Platform, tmp_path: Path) -> None:
    directory = tmp_path / "far" / "away"
    options = {"registered": ["audit"], "directory": str(directory)}
    first, again = (call(options, {"audit": check(ansible)}) for _run in range(2))
    assert (first["changed"], again["changed"]) == (True, False)
    assert sorted(path.name for path in directory.iterdir()) == [
        "history.jsonl",
        "report.csv",
        "report.html",
        "report.json",
    ]
    assert first["paths"] == {form: str(directory / f"report.{form}") for form in ("html", "json", "csv")}
    document = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    assert document["counts"] == first["counts"]
    assert document["broker_url"] == fleet.url
    assert document["made_at"] == MADE_AT
    with (directory / "report.csv").open(encoding="utf-8", newline="") as file:
        findings = {f"{row['domain']}/{row['name']}": row["finding"] for row in csv.DictReader(file)}
    assert findings == {
        "acme/api": "drifted",
        "acme/crm": "drifted",
        "acme/intranet": "blocked",
        "acme/plain": "left_alone",
        "acme/wiki": "in_order",
        "globex/shop": "drifted",
        "globex/till": "blocked",
    }
    assert "globex/till" in (directory / "report.html").read_text(encoding="utf-8")


def test_check_mode_writes_nothing_and_returns_the_same(ansible: Ansible, fleet: Platform, tmp_path: Path) -> None:
    directory = tmp_path / "reports"
    options, variables = {"registered": ["audit"], "directory": str(directory)}, {"audit": check(ansible)}
    predicted = call(options, variables, check_mode=True)
    assert not directory.exists()
    assert predicted == call(options, variables)
    assert fleet.url in (directory / "report.html").read_text(encoding="utf-8")


def test_no_directory_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    returned = call({"results": []})
    assert (returned["changed"], returned["paths"]) == (False, {})
    assert returned["summary"] == "No application was checked."
    assert list(tmp_path.iterdir()) == []


def test_formats_and_name(tmp_path: Path) -> None:
    returned = call({"results": [], "directory": str(tmp_path), "name": "night", "formats": ["csv"]})
    assert returned["paths"] == {"csv": str(tmp_path / "night.csv")}
    assert {path.name for path in tmp_path.iterdir()} == {"night.csv", "history.jsonl"}


def test_directory_that_cannot_exist(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AnsibleActionFail, match="The report cannot be written"):
        call({"results": [], "directory": str(tmp_path / "file")})


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("name", "../report", "name: must not contain a path: set directory. No report was written."),
        ("name", "a\0b", "name: must not contain characters that are not printable."),
        ("name", "r" * 300, "name: must not be longer than 200 bytes."),
        ("directory", "a\0b", "directory: The report cannot be written: "),
        ("directory", "\ud800", "directory: The report cannot be written: "),
        ("directory", "d" * 300, "directory: The report cannot be written: "),
        ("results", [["acme"]], "results[0]: must be a dictionary, not a list."),
        ("results", {"application": {}}, "results: must be a list, not a dictionary."),
        ("results", [{"application": "acme"}], "results[0].application: must be a dictionary, not str."),
        ("gears_available", True, "gears_available: must be a dictionary, not a boolean (true)."),
    ],
)
def test_values_that_no_file_can_have(tmp_path: Path, option: str, value: Any, words: str) -> None:
    with pytest.raises(AnsibleActionFail) as error:
        call({"results": [], "directory": str(tmp_path / "reports"), option: value})
    assert str(error.value).startswith(words)
    assert str(error.value).isprintable()
    assert list(tmp_path.iterdir()) == []


def test_broker_url_of_the_option_takes_precedence(ansible: Ansible, tmp_path: Path) -> None:
    options = {"results": [], "directory": str(tmp_path), "formats": ["json"]}
    for more, shown in (({}, ansible.broker_url), ({"broker_url": "https://me:x@other/rest"}, "https://other/rest")):
        call({**options, **more})
        assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["broker_url"] == shown


def test_repaired_applications(ansible: Ansible, fleet: Platform) -> None:
    repaired = ansible.tasks({FLEET: {"select": {}}}).of("openshift_apps_ha")[0].result
    returned = call({"registered": ["repair"]}, {"repair": repaired})
    assert returned["headline"] == "5 of 7 applications drifted: 3 repaired, 2 blocked."
    assert fleet.shown("acme", "crm") == (True, 4, 2)


def test_broker_that_is_down(ansible: Ansible, tmp_path: Path) -> None:
    audit = check(ansible, broker_url="http://127.0.0.1:9")
    returned = call({"registered": ["audit"], "directory": str(tmp_path)}, {"audit": audit})
    assert returned["error"] == audit["msg"]
    assert returned["error"].startswith("The applications could not be read: ")
    assert returned["headline"] == f"Nothing could be checked. {returned['error']}"
    assert "Nothing could be checked." in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "results"),
        ({"results": [], "registered": ["audit"]}, "mutually exclusive"),
        ({"hosts": ["localhost"], "results": []}, "mutually exclusive"),
        ({"registered": ["nowhere"]}, "nowhere"),
        ({"results": [], "made_at": "at night"}, "made_at"),
        ({"results": [], "formats": ["pdf"]}, "formats"),
    ],
)
def test_invalid_options(options: dict[str, Any], word: str) -> None:
    with pytest.raises(AnsibleActionFail, match=word):
        call(options)


def test_options_are_as_documented() -> None:
    facts = ("type", "elements", "choices", "default", "required")

    def facts_of(options: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {
            name: {**{f: option.get(f) for f in facts}, "options": facts_of(option.get(key, {}), key)}
            for name, option in options.items()
        }

    documented = yaml.safe_load(DOCUMENTATION)["options"]
    assert facts_of({name: documented[name] for name in OF_REPORT}, "suboptions") == facts_of(OF_REPORT, "options")
    # The fragments document the others, and openshift_apps_ha the suboptions.
    own = documented.keys() - OF_REPORT.keys()
    assert own == {"applications", "state", "relocate", "concurrency"}
    shown = {name: {fact: documented[name].get(fact) for fact in facts} for name in own}
    assert shown == {name: {fact: SPEC[name].get(fact) for fact in facts} for name in own}


def test_masked_results_are_refused(tmp_path: Path) -> None:
    """tests/unit/test_report.py has all places of masks."""
    masked = {"application": {"domain": "acme", "name": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}}
    for options, variables in (
        ({"results": [masked]}, {}),
        ({"registered": ["audit"]}, {"audit": masked}),
    ):
        with pytest.raises(AnsibleActionFail, match=r"results\[0\]\.application\.name"):
            call({**options, "directory": str(tmp_path / "report")}, variables)
    with pytest.raises(AnsibleActionFail, match="gears_available"):
        call({"results": [], "gears_available": {"al********": 1}, "directory": str(tmp_path / "report")})
    assert not (tmp_path / "report").exists()


# --- In plays --------------------------------------------------------------------------------------------------------


def test_play_with_results_by_name_and_by_value(ansible: Ansible, fleet: Platform, tmp_path: Path) -> None:
    available = "{{ audit.summary.gears_available }}"
    directory = str(tmp_path / "reports")
    run = ansible.tasks(
        CHECK,
        report(registered="audit", directory=directory),
        report(results="{{ audit.results }}", gears_available=available, directory=directory),
        {**report(results=[], directory=directory), "check_mode": True},
        report(results=[], color="red"),
        report(results=[{"application": {"domain": "acme", "name": "a********"}}], directory=directory),
    )
    by_name, by_value, empty, unsupported, masked = run.of(MODULE)
    assert by_name.result["counts"]["total"] == 7
    assert by_name.requests == []
    assert (by_name.result["changed"], by_value.result["changed"]) == (True, False)
    assert {**by_value.result, "changed": True} == by_name.result
    assert fleet.url in (tmp_path / "reports" / "report.html").read_text(encoding="utf-8")
    # Check mode wrote nothing: the document still has the applications.
    assert empty.result["changed"]
    assert len(json.loads((tmp_path / "reports" / "report.json").read_text(encoding="utf-8"))["applications"]) == 7
    assert unsupported.failed
    assert "color" in unsupported.result["msg"]
    assert masked.failed
    assert "Ansible has masked a part of the results" in masked.result["msg"]


@pytest.mark.usefixtures("fleet")
def test_loop_over_single_applications(ansible: Ansible) -> None:
    single = {
        "openshift_v2.apps.openshift_app_ha": {"domain": "acme", "name": "{{ item }}"},
        "loop": ["api", "intranet", "plain", "wiki", "gone"],
        "check_mode": True,
        "failed_when": False,
        "register": "audit",
    }
    run = ansible.tasks(single, report(registered="audit"))
    assert reported(run).result["names"] == {
        "drifted": ["acme/api", "acme/intranet", "acme/plain"],
        "blocked": ["acme/intranet", "acme/plain"],
        "failed": ["acme/intranet", "acme/plain", "acme/gone"],
    }


@pytest.mark.usefixtures("fleet")
def test_an_invalid_option_of_the_observation_fails_and_keeps_the_good_report(ansible: Ansible, tmp_path: Path) -> None:
    def observe(name: str, **options: Any) -> dict[str, Any]:
        return {"name": name, f"openshift_v2.apps.{MODULE}": {"select": {}, "directory": str(tmp_path), **options}}

    unknown_key = [{"match": {"name": "shop"}, "stat": "absent"}]
    run = ansible.tasks(
        observe("good", made_at=MADE_AT),
        observe("choice", verify="sideways"),
        observe("file", policy=str(tmp_path / "nowhere.yml")),
        observe("rule", policy=unknown_key),
        observe("probe", probe={"path": "no slash"}),
        {**observe("as a module", policy=unknown_key), "environment": {"A": "b"}},
        observe("unreachable", broker_url="http://127.0.0.1:9"),
    )
    good, *refused, unreachable = (task.result for task in run.of(MODULE))
    # What the options cannot decide is a result of the audit.
    assert [task.status for task in run.of(MODULE)] == ["ok", *["ignored"] * len(refused), "ok"]
    words = ("verify", "policy: the file does not exist", "policy: rule 1: stat", "probe.path", "policy: rule 1: stat")
    for result, word in zip(refused, words, strict=True):
        assert word in result["msg"]
        assert (result["error"], result["outdated"]) == (result["msg"], True)
    assert unreachable["outdated"] is True
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert document["counts"]["total"] == good["counts"]["total"]
    assert document["outdated"]["error"] == unreachable["error"]


def test_relative_directory_begins_where_ansible_was_started(ansible: Ansible) -> None:
    elsewhere = ansible.directory / "books" / "book.yml"
    elsewhere.parent.mkdir()
    task = report(results=[], directory="reports", formats=["json"])
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
    elsewhere.write_text(json.dumps([play]), encoding="utf-8")
    run = ansible.playbook(elsewhere)
    assert run.rc == 0, run.output
    assert (ansible.directory / "reports" / "report.json").exists()

"""The audit, as a role and as a playbook, against the embedded broker."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import LOGIN, PASSWORD, Ansible, Platform, PlayRun, stats
from tests.parts import thorough

AUDIT_HA = "openshift_v2.apps.audit_ha"
AUDIT = {"ansible.builtin.import_role": {"name": "openshift_v2.apps.app_ha", "tasks_from": "audit"}}


NO_RECORDER = {"RECORDER_BROKER": None}
#: The status and the finding of each application of the fleet.
EXPECTED = {
    "acme/api": ("standalone", "drifted"),
    "acme/crm": ("degraded", "drifted"),
    "acme/intranet": ("standalone", "blocked"),
    "acme/plain": ("not_scalable", "left_alone"),
    "acme/wiki": ("highly_available", "in_order"),
}


def inventory(**groups: list[str]) -> str:
    """Hosts that are applications, in the groups of the inventory plugin."""
    hosts = {name: {"openshift_domain": "acme", "openshift_app": name} for names in groups.values() for name in names}
    children = {f"openshift_ha_{status}": {"hosts": {name: {} for name in names}} for status, names in groups.items()}
    return yaml.safe_dump({"all": {"hosts": hosts, "children": children}})


BY_STATUS = inventory(
    highly_available=["wiki"], degraded=["crm"], standalone=["api", "intranet"], not_scalable=["plain"]
)

OF_CAROL = yaml.safe_dump(
    {"openshift_ha_standalone": {"hosts": {"till": {"openshift_domain": "pay", "openshift_app": "till"}}}}
)


def audit(ansible: Ansible, *arguments: str, **options: Any) -> tuple[PlayRun, dict[str, Any]]:
    """The run, and the report that it wrote."""
    env = {**NO_RECORDER, "ANSIBLE_SHOW_CUSTOM_STATS": "true", **options.pop("env", {})}
    run = ansible.playbook(options.pop("playbook", AUDIT_HA), *arguments, env=env, **options)
    report = ansible.directory / "ha-report" / "report.json"
    return run, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}


def findings(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {f"{a['domain']}/{a['name']}": (a["status"], a["finding"]) for a in report["applications"]}


def methods(platform: Platform) -> list[str]:
    seen = [request["method"] for request in platform.broker.requests()]
    platform.broker.clear_requests()
    return seen


def failures(run: PlayRun) -> list[str]:
    return [task.result["msg"] for task in run.tasks if task.failed]


# --- The audit -----------------------------------------------------------------------------------------------------

CHOICES: dict[str, dict[str, Any]] = {
    "all": {},
    "selection": {"extra_vars": {"app_ha_select": {"domains": ["acme"]}}},
    "inventory": {"inventory": BY_STATUS},
    "hosts": {"inventory": BY_STATUS, "extra_vars": {"audit_ha_hosts": "all"}},
}
#: Only some combinations: the choice of applications does not depend on check mode.
COMBINATIONS = [
    ("all", False),
    thorough("all", True),
    thorough("selection", False),
    ("inventory", True),
    thorough("hosts", False),
]


@pytest.mark.thorough
@pytest.mark.usefixtures("fleet")
def test_the_report_has_the_command_that_repairs(ansible: Ansible) -> None:
    """For an application of a list, and for a host; the other applications stay as they are."""
    for choice, name in (("all", "acme/api"), ("hosts", "acme/crm")):
        _run, report = audit(ansible, **CHOICES[choice])
        command = next(row["repair_command"] for row in report["applications"] if f"acme/{row['name']}" == name)
        program, playbook, *arguments = shlex.split(command)
        assert program == "ansible-playbook"
        assert ansible.playbook(playbook, *arguments, env=NO_RECORDER).rc == 0
        _run, after = audit(ansible)
        changed = {each for each, found in findings(after).items() if found != findings(report)[each]}
        assert changed == {name}
        assert findings(after)[name] == ("highly_available", "in_order")


@pytest.mark.parametrize(("choice", "check"), COMBINATIONS)
def test_the_audit_reports_all_applications_and_changes_nothing(
    ansible: Ansible, fleet: Platform, choice: str, check: bool
) -> None:
    run, report = audit(ansible, *(["--check", "--diff"] if check else []), **CHOICES[choice])
    assert run.rc == 0, run.output
    requests = methods(fleet)
    assert set(requests) == {"GET"}
    if choice in ("all", "selection"):
        assert len(requests) == 3 + 2, "one more for each application that claims HA"
    assert findings(report) == EXPECTED
    assert "3 of 5 applications drifted: 2 can be repaired (2 gears needed), 1 blocked." in run.output
    assert not any(task.result.get("changed") for task in run.tasks)
    files = {path.name for path in (ansible.directory / "ha-report").iterdir()}
    assert files == {"history.jsonl", "report.csv", "report.html", "report.json"}
    data = stats(run)
    assert data["app_ha_audit_total"] == 5
    assert (data["app_ha_audit_drifted"], data["app_ha_audit_blocked"]) == (3, 1)
    assert sorted(data["app_ha_audit_drifted_names"]) == ["acme/api", "acme/crm", "acme/intranet"]
    assert data["app_ha_audit_blocked_names"] == data["app_ha_audit_failed_names"] == ["acme/intranet"]


PAIR = {"domain": "acme", "cartridges": ["php-5.4"], "gears": 2, "haproxy": 2, "ha": True}
OF_PAY = yaml.safe_dump({"apps": {"hosts": {"pay": {"openshift_domain": "acme", "openshift_app": "pay"}}}})


@pytest.mark.parametrize(
    "options",
    [{}, thorough({"inventory": OF_PAY, "extra_vars": {"audit_ha_hosts": "apps"}})],
    ids=["list", "host"],
)
def test_two_instances_on_one_node_are_found(ansible: Ansible, platform: Platform, options: dict[str, Any]) -> None:
    platform.broker.seed({"applications": [{**PAIR, "name": "pay", "nodes": [1, 1]}]})
    run, report = audit(ansible, **options)
    assert run.rc == 0, run.output
    assert findings(report) == {"acme/pay": ("degraded", "blocked")}
    (entry,) = report["applications"]
    assert entry["verified"] == "placement"
    assert [problem["code"] for problem in entry["problems"]] == ["haproxy_same_node"]
    assert "oo-admin-move --gear_uuid" in run.output
    data = stats(run)
    assert (data["app_ha_audit_haproxy_same_node"], data["app_ha_audit_verified_placement"]) == (1, 1)
    extra = options.get("extra_vars", {})
    run, report = audit(ansible, **{**options, "extra_vars": {**extra, "app_ha_relocate": True}})
    assert findings(report) == {"acme/pay": ("degraded", "drifted")}
    assert set(methods(platform)) == {"GET"}


def test_the_results_of_an_audit_in_one_task_do_not_pass_through_variables(ansible: Ansible, fleet: Platform) -> None:
    run, report = audit(ansible, "-e", "app_ha_verify=count")
    assert run.rc == 0, run.output
    assert findings(report) == EXPECTED
    assert all(task.status == "skipped" for task in run.of("openshift_apps_ha"))
    (written,) = (task for task in run.of("openshift_ha_report") if task.status != "skipped")
    assert "results" not in written.result
    assert written.result["names"]["blocked"] == ["acme/intranet"]
    assert report["broker_url"] == fleet.url


@pytest.mark.parametrize("become", [False, thorough(True)], ids=["in this process", "as a module"])
def test_several_hosts_with_lists_are_one_report(ansible: Ansible, fleet: Platform, become: bool) -> None:
    """A play with a list each, whose results are in variables; and one host whose observation runs as a module."""
    local = {"ansible_connection": "local"}
    hosts: dict[str, Any] = {
        "first": {**local, "app_ha_select": {"names": ["wiki", "crm"]}},
        "second": {**local, "app_ha_applications": [{"domain": "acme", "name": "api"}]},
    }
    play: dict[str, Any] = {"hosts": "all", "gather_facts": False, "tasks": [AUDIT]}
    if become:
        del hosts["second"]
        play["environment"] = {"SOME": "thing"}
    run, report = audit(ansible, playbook=[play], inventory=yaml.safe_dump({"all": {"hosts": hosts}}))
    assert run.rc == 0, run.output
    expected = ["acme/crm", "acme/wiki"] if become else ["acme/api", "acme/crm", "acme/wiki"]
    assert sorted(findings(report)) == expected
    assert all(findings(report)[name] == EXPECTED[name] for name in expected)
    assert set(methods(fleet)) == {"GET"}


def test_the_connection_of_the_play_is_that_of_the_audit(ansible: Ansible, fleet: Platform) -> None:
    """Also of secrets in module_defaults, which no result shows."""
    connection = {"broker_url": fleet.url, "username": LOGIN, "password": PASSWORD}
    defaults = {"group/openshift_v2.apps.all": connection}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [AUDIT], "module_defaults": defaults}
    nothing = {f"OPENSHIFT_BROKER_{name}": None for name in ("URL", "USERNAME", "PASSWORD")}
    run, report = audit(ansible, "-vvv", playbook=[play], extra_vars={"app_ha_select": {}}, env=nothing)
    assert run.rc == 0, run.output
    assert findings(report) == EXPECTED
    assert report["broker_url"] == fleet.url
    assert PASSWORD not in run.output


@pytest.mark.thorough
def test_the_audit_at_the_level_count_is_one_request(ansible: Ansible, platform: Platform) -> None:
    platform.broker.seed({"applications": [{**PAIR, "name": f"app{n}", "nodes": [1, 1]} for n in range(3)]})
    platform.broker.clear_requests()
    run, report = audit(ansible, "-e", "app_ha_verify=count")
    assert run.rc == 0, run.output
    assert {entry["finding"] for entry in report["applications"]} == {"in_order"}
    assert stats(run)["app_ha_audit_verified_count"] == 3
    assert methods(platform) == ["GET"]


@pytest.mark.thorough
def test_the_audit_shows_its_progress_unless_it_is_turned_off(ansible: Ansible, platform: Platform) -> None:
    platform.broker.seed({"applications": [{**PAIR, "name": f"app{n}"} for n in range(20)]})
    run, _report = audit(ansible, "-e", "app_ha_concurrency=8")
    assert "[10/20] placements were read" in run.output
    run, _report = audit(ansible, "-e", "app_ha_progress=false")
    assert "placements were read" not in run.output


def test_a_list_with_a_missing_application(ansible: Ansible, fleet: Platform) -> None:
    listed = [{"domain": "acme", "name": name} for name in ("crm", "gone", "wiki")]
    run, report = audit(ansible, extra_vars={"app_ha_applications": listed})
    assert run.rc == 0, run.output
    assert findings(report) == {
        "acme/crm": EXPECTED["acme/crm"],
        "acme/gone": ("unknown", "failed"),
        "acme/wiki": EXPECTED["acme/wiki"],
    }
    assert "application 'gone' in domain 'acme'" in run.output
    assert fleet.shown("acme", "crm") == (True, 3, 1)


@pytest.mark.thorough
def test_a_selection_in_the_inventory_is_used(ansible: Ansible, fleet: Platform) -> None:
    selecting = {"all": {"hosts": {"localhost": {"ansible_connection": "local", "app_ha_select": {"names": ["w*"]}}}}}
    run, report = audit(ansible, inventory=yaml.safe_dump(selecting))
    assert run.rc == 0, run.output
    assert findings(report) == {"acme/wiki": EXPECTED["acme/wiki"]}
    assert methods(fleet) == ["GET", "GET"]


@pytest.mark.parametrize("options", [{}, thorough({"inventory": BY_STATUS})], ids=["list", "hosts"])
def test_drift_fails_only_on_request(ansible: Ansible, fleet: Platform, options: dict[str, Any]) -> None:
    run, report = audit(ansible, "-e", "app_ha_fail_on_drift=true", **options)
    assert run.rc == 2
    assert findings(report) == EXPECTED
    (message,) = failures(run)
    assert {task.host for task in run.tasks} == {"localhost"}
    head, names = message.split(" The applications are ")
    assert head == "3 of 5 applications drifted: 2 can be repaired (2 gears needed), 1 blocked."
    assert sorted(names.rstrip(".").split(", ")) == ["acme/api", "acme/crm", "acme/intranet"]
    assert set(methods(fleet)) == {"GET"}


@pytest.mark.thorough
def test_no_drift_does_not_fail(ansible: Ansible, fleet: Platform) -> None:
    variables = {"app_ha_fail_on_drift": True, "app_ha_select": {"names": ["wiki", "plain"]}}
    run, report = audit(ansible, extra_vars=variables)
    assert run.rc == 0, run.output
    assert "No drift: 1 application is in the desired state, 1 is skipped (not scalable)." in run.output
    assert report["counts"]["drifted"] == 0
    assert methods(fleet) == ["GET", "GET"]


NOTHING = {
    "selection": {"extra_vars": {"app_ha_select": {"names": ["nosuch*"]}}},
    "list": {"extra_vars": {"app_ha_applications": []}},
    "inventory": {"inventory": yaml.safe_dump({"all": {"children": {"openshift_ha_degraded": {"hosts": {}}}}})},
    "hosts": {"inventory": "all: {hosts: {}}", "extra_vars": {"audit_ha_hosts": "all"}},
}


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize("choice", [each if each == "hosts" else thorough(each) for each in NOTHING])
def test_an_audit_of_no_applications_fails(ansible: Ansible, choice: str) -> None:
    run, report = audit(ansible, **NOTHING[choice])
    assert run.rc == 2, run.output
    assert stats(run)["openshift_ha_outcome"] == "could_not_observe"
    assert ("Nothing to audit: " in run.output) == (choice in ("inventory", "hosts"))
    assert report["counts"]["total"] == stats(run)["app_ha_audit_total"] == 0
    (message,) = failures(run)
    assert message.startswith("No application was checked. ")
    assert "app_ha_audit_allow_empty" in message


@pytest.mark.thorough
@pytest.mark.usefixtures("fleet")
def test_an_audit_of_no_applications_can_be_allowed(ansible: Ansible) -> None:
    allowed = ["-e", "app_ha_fail_on_drift=true", "-e", "app_ha_audit_allow_empty=true"]
    run, report = audit(ansible, *allowed, **NOTHING["hosts"])
    assert run.rc == 0, run.output
    assert "No application was checked." in run.output
    assert stats(run)["openshift_ha_outcome"] == "no_drift"
    assert report["counts"]["total"] == 0


def test_an_inaccessible_domain_always_fails(ansible: Ansible, fleet: Platform) -> None:
    select = {"domains": ["acme", "pay"], "names": ["wiki", "shpo"]}
    run, report = audit(ansible, extra_vars={"app_ha_select": select})
    assert run.rc == 2, run.output
    (message,) = failures(run)
    headline = "No drift: 1 application is in the desired state. Selected, but not accessible to this account: "
    assert message.startswith(f"{headline}pay, shpo. ")
    assert report["unmatched"] == ["pay", "shpo"]
    assert methods(fleet) == ["GET", "GET"]


PLUGIN_FILES = {"file": "acme.openshift_apps.yml", "folder": "."}


@pytest.mark.parametrize("source", [PLUGIN_FILES["file"], thorough(PLUGIN_FILES["folder"])], ids=["file", "folder"])
def test_an_unreadable_inventory_is_not_an_audit_of_all_applications(
    ansible: Ansible, fleet: Platform, tmp_path: Path, source: str
) -> None:
    folder = tmp_path / "inventory"
    folder.mkdir()
    file = folder / "acme.openshift_apps.yml"
    file.write_text("plugin: openshift_v2.apps.openshift_apps\npassword: wrong\nusername: alice\n", encoding="utf-8")
    run, report = audit(ansible, "-i", str(folder / source))
    assert run.rc == 2, run.output
    (message,) = failures(run)
    assert message.startswith(f"The inventory {file} could not be read: The applications could not be read: ")
    assert "Access denied (HTTP 401)" in message
    assert message.endswith("Then run again. No application was audited.")
    assert report == {}
    assert methods(fleet) == ["GET"]


@pytest.mark.usefixtures("fleet")
def test_misspelt_variables_are_refused(ansible: Ansible) -> None:
    run, report = audit(ansible, extra_vars={"audit_ha_hostz": "all", "app_ha_audit_total": 4, "enable_ha_hosts": "x"})
    assert run.rc == 2, run.output
    (message,) = failures(run)
    assert message.startswith("Unknown variable: audit_ha_hostz (did you mean audit_ha_hosts?). ")
    assert report == {}


@pytest.mark.thorough
@pytest.mark.usefixtures("fleet")
def test_one_unreadable_inventory_of_two_fails_if_ansible_is_set_to(ansible: Ansible, tmp_path: Path) -> None:
    bad = tmp_path / "west.openshift_apps.yml"
    bad.write_text("plugin: openshift_v2.apps.openshift_apps\npassword: wrong\nusername: alice\n", encoding="utf-8")
    env = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    run, report = audit(ansible, "-i", str(bad), inventory=BY_STATUS, env=env)
    assert run.rc != 0
    assert "Access denied (HTTP 401)" in " ".join(run.output.split())
    assert report == {}


def make_carols_app(platform: Platform, role: str) -> None:
    """Make carol's application pay/till, and give alice this role in her domain."""
    platform.broker.seed(
        {
            "users": [{"login": "carol"}],
            "domains": [{"name": "pay", "owner": "carol", "members": [{"login": LOGIN, "role": role}]}],
            "applications": [{"domain": "pay", "name": "till", "cartridges": ["php-5.4"]}],
        }
    )


@pytest.mark.thorough
def test_with_the_role_view_an_audit_works_and_drift_is_blocked(ansible: Ansible, platform: Platform) -> None:
    make_carols_app(platform, role="view")
    run, report = audit(ansible)
    assert run.rc == 0, run.output
    assert findings(report)["pay/till"] == ("standalone", "blocked")
    assert (
        "alice may only view the application. Give this account the role edit or admin in the domain pay." in run.output
    )


@pytest.mark.parametrize("options", [{}, thorough({"inventory": OF_CAROL})], ids=["list", "hosts"])
def test_an_unknown_capability_is_in_the_report(ansible: Ansible, platform: Platform, options: dict[str, Any]) -> None:
    make_carols_app(platform, role="edit")
    run, report = audit(ansible, **options)
    assert run.rc == 0, run.output
    (entry,) = (entry for entry in report["applications"] if entry["name"] == "till")
    (warning,) = entry["warnings"]
    assert entry["finding"] == "drifted"
    assert "carol" in warning
    assert "HA capability" in warning
    assert "1 can be repaired (1 gear needed), 1 of them with a warning." in run.output


@pytest.mark.parametrize("options", [{}, thorough({"inventory": BY_STATUS})], ids=["list", "hosts"])
def test_an_unreachable_broker_is_one_clear_failure(ansible: Ansible, options: dict[str, Any]) -> None:
    run, report = audit(ansible, env={"OPENSHIFT_BROKER_URL": "http://127.0.0.1:9"}, **options)
    assert run.rc == 2
    (message,) = failures(run)
    assert message.startswith("Nothing could be checked. ")
    assert "Check broker_url and the network, then run again." in message
    assert report["error"] in message
    assert {entry["status"] for entry in report["applications"]} <= {"unknown"}


def test_invalid_options_are_one_clear_failure(ansible: Ansible, fleet: Platform) -> None:
    run, report = audit(ansible, "-e", "app_ha_min_gears=0")
    assert run.rc == 2
    assert failures(run) == ["Nothing could be checked. min_gears: 0 is less than 1. Nothing was changed."]
    assert report["error"] == "min_gears: 0 is less than 1. Nothing was changed."
    assert methods(fleet) == []


def test_the_report_has_every_host(ansible: Ansible, fleet: Platform) -> None:
    """One has no connection to the broker, one fails before the audit, and one is in the desired state."""
    hosts = {
        "crm": {"openshift_app": "crm", "app_ha_delegate_to": "bastion"},
        "api": {"openshift_app": "api", "unlucky": True},
        "wiki": {"openshift_app": "{{ 'wi' ~ 'ki' }}"},
    }
    nowhere = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}
    source = {"apps": {"hosts": hosts, "vars": {"openshift_domain": "acme"}}, "others": {"hosts": {"bastion": nowhere}}}
    unlucky = {"name": "Bad luck", "ansible.builtin.fail": {"msg": "bad luck"}, "when": "unlucky is defined"}
    play = {"hosts": "apps", "gather_facts": False, "tasks": [unlucky, AUDIT]}
    run, report = audit(ansible, playbook=[play], inventory=yaml.safe_dump(source))
    assert findings(report) == {
        "acme/crm": ("unknown", "failed"),
        "acme/api": ("unknown", "failed"),
        "acme/wiki": EXPECTED["acme/wiki"],
    }
    messages = {entry["name"]: entry["message"] for entry in report["applications"]}
    assert messages["crm"].startswith("crm: ")
    assert messages["api"].startswith("api: the host failed or was unreachable")
    assert stats(run)["app_ha_audit_failed"] == 2
    assert set(methods(fleet)) == {"GET"}


@pytest.mark.thorough
def test_in_batches_there_is_one_report_at_the_end(ansible: Ansible, fleet: Platform) -> None:
    play = {"hosts": "all", "serial": 2, "gather_facts": False, "tasks": [AUDIT]}
    run, report = audit(ansible, playbook=[play], inventory=BY_STATUS)
    assert run.rc == 0, run.output
    assert findings(report) == EXPECTED
    assert [task.status for task in run.of("openshift_ha_report")].count("ok") == 1
    assert stats(run)["app_ha_audit_total"] == 5
    assert set(methods(fleet)) == {"GET"}


@pytest.mark.thorough
def test_reports_of_two_plays_add_up_in_the_artifacts(ansible: Ansible, fleet: Platform) -> None:
    plays = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"app_ha_select": {"names": [name]}, "app_ha_report_name": name},
            "tasks": [AUDIT],
        }
        for name in ("crm", "intranet")
    ]
    run, _report = audit(ansible, playbook=plays)
    data = stats(run)
    assert (data["app_ha_audit_total"], data["app_ha_audit_drifted"]) == (2, 2)
    assert data["app_ha_audit_drifted_names"] == ["acme/crm", "acme/intranet"]
    assert (ansible.directory / "ha-report" / "crm.html").exists()
    assert set(methods(fleet)) == {"GET"}


def test_variables_of_a_host_are_its_desired_state(ansible: Ansible, fleet: Platform) -> None:
    source = yaml.safe_load(BY_STATUS)
    source["all"]["hosts"]["wiki"]["app_ha_min_gears"] = 4
    source["all"]["hosts"]["crm"]["app_ha_scale_strategy"] = "none"
    _run, report = audit(ansible, inventory=yaml.safe_dump(source))
    assert findings(report)["acme/wiki"] == ("highly_available", "drifted")
    assert findings(report)["acme/crm"] == ("degraded", "in_order")
    assert set(methods(fleet)) == {"GET"}


@pytest.mark.thorough
def test_hosts_together_may_need_more_gears_than_their_owner_has(ansible: Ansible, fleet: Platform) -> None:
    (held,) = (user["consumed_gears"] for user in fleet.broker.state()["users"] if user["login"] == LOGIN)
    fleet.user(max_gears=held + 1)
    run, report = audit(ansible, inventory=inventory(degraded=["crm"], standalone=["api"]))
    (owner,) = report["owners"]
    assert (owner["gears_needed"], owner["gears_available"], owner["shortage"]) == (2, 1, 1)
    assert "alice: needs 2, 1 left" in run.output


@pytest.mark.thorough
def test_variables_set_where_and_how_the_report_is_written(ansible: Ansible, fleet: Platform, tmp_path: Path) -> None:
    directory = tmp_path / "www"
    variables = {
        "app_ha_report_directory": str(directory),
        "app_ha_report_formats": ["html"],
        "app_ha_report_name": "night",
        "app_ha_report_title": "The night's audit",
        "app_ha_report_broker_url": "https://broker.example.com",
    }
    audit(ansible, extra_vars=variables)
    assert {path.name for path in directory.iterdir()} == {"night.html", "history.jsonl"}
    text = (directory / "night.html").read_text(encoding="utf-8")
    assert "<h1>The night&#39;s audit</h1>" in text
    assert "broker.example.com" in text.replace("<wbr>", "")
    assert fleet.url not in text


def test_no_password_is_in_the_output_or_the_report(ansible: Ansible, fleet: Platform) -> None:
    run, _report = audit(ansible, "-vvv", "--diff")
    secret = ansible.credentials["OPENSHIFT_BROKER_PASSWORD"]
    assert secret not in run.output
    for path in (ansible.directory / "ha-report").iterdir():
        assert secret not in path.read_text(encoding="utf-8")
    assert set(methods(fleet)) == {"GET"}

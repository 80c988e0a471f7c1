"""The audit (role and playbook) and the batches of enable_ha, against the embedded broker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import LOGIN, Ansible, Platform, PlayRun

AUDIT_HA = "openshift_v2.apps.audit_ha"
ENABLE_HA = "openshift_v2.apps.enable_ha"
AUDIT = {"ansible.builtin.import_role": {"name": "openshift_v2.apps.app_ha", "tasks_from": "audit"}}
NOBODY = {"RECORDER_BROKER": None}
#: What the fleet is found to be: by application its status and finding.
FOUND = {
    "acme/api": ("standalone", "drifted"),
    "acme/crm": ("degraded", "drifted"),
    "acme/intranet": ("standalone", "blocked"),
    "acme/plain": ("not_scalable", "left_alone"),
    "acme/wiki": ("highly_available", "in_order"),
}


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    platform.app("acme", "api")
    platform.app("acme", "crm", gears=3, ha=True)
    platform.app("acme", "intranet", gears=2, maximum=2)
    platform.app("acme", "plain", scalable=False)
    platform.app("acme", "wiki", ha=True)
    platform.broker.clear_requests()
    return platform


def inventory(**groups: list[str]) -> str:
    """Hosts that are applications, in groups as the inventory plugin makes them."""
    hosts = {name: {"openshift_domain": "acme", "openshift_app": name} for names in groups.values() for name in names}
    children = {f"openshift_ha_{status}": {"hosts": {name: {} for name in names}} for status, names in groups.items()}
    return yaml.safe_dump({"all": {"hosts": hosts, "children": children}})


BY_STATUS = inventory(
    highly_available=["wiki"], degraded=["crm"], standalone=["api", "intranet"], not_scalable=["plain"]
)

BY_CAROL = yaml.safe_dump(
    {"openshift_ha_standalone": {"hosts": {"till": {"openshift_domain": "pay", "openshift_app": "till"}}}}
)


def audit(ansible: Ansible, *arguments: str, **options: Any) -> tuple[PlayRun, dict[str, Any]]:
    """The run, and the report that it wrote."""
    env = {**NOBODY, "ANSIBLE_SHOW_CUSTOM_STATS": "true", **options.pop("env", {})}
    run = ansible.playbook(options.pop("playbook", AUDIT_HA), *arguments, env=env, **options)
    report = ansible.directory / "ha-report" / "report.json"
    return run, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}


def found(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {f"{a['domain']}/{a['name']}": (a["status"], a["finding"]) for a in report["applications"]}


def methods(platform: Platform) -> list[str]:
    seen = [request["method"] for request in platform.broker.requests()]
    platform.broker.clear_requests()
    return seen


def stats(run: PlayRun) -> dict[str, Any]:
    """What set_stats handed over."""
    text = run.output.partition("CUSTOM STATS: ")[2].partition("RUN: ")[2]
    data: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    return data


def failures(run: PlayRun) -> list[str]:
    return [task.result["msg"] for task in run.tasks if task.failed]


# --- The audit -----------------------------------------------------------------------------------------------------

WAYS_TO_NAME = {
    "all": {},
    "selection": {"extra_vars": {"app_ha_select": {"domains": ["acme"]}}},
    "inventory": {"inventory": BY_STATUS},
    "hosts": {"inventory": BY_STATUS, "extra_vars": {"audit_ha_hosts": "all"}},
}


@pytest.mark.parametrize("way_to_name", WAYS_TO_NAME)
@pytest.mark.parametrize("arguments", [[], ["--check", "--diff"]], ids=["real", "check"])
def test_the_audit_tells_all_and_changes_nothing(
    ansible: Ansible, fleet: Platform, way_to_name: str, arguments: list[str]
) -> None:
    run, report = audit(ansible, *arguments, **WAYS_TO_NAME[way_to_name])
    assert run.rc == 0, run.output
    assert set(methods(fleet)) == {"GET"}
    assert found(report) == FOUND
    assert "3 of 5 applications drifted: 2 can be repaired (2 gears needed), 1 blocked." in run.output
    assert not any(task.result.get("changed") for task in run.tasks)
    assert {path.name for path in (ansible.directory / "ha-report").iterdir()} == {
        "report.csv",
        "report.html",
        "report.json",
    }
    handed_over = stats(run)
    assert handed_over["app_ha_audit_total"] == 5
    assert (handed_over["app_ha_audit_drifted"], handed_over["app_ha_audit_blocked"]) == (3, 1)
    assert sorted(handed_over["app_ha_audit_drifted_names"]) == ["acme/api", "acme/crm", "acme/intranet"]
    assert handed_over["app_ha_audit_blocked_names"] == handed_over["app_ha_audit_failed_names"] == ["acme/intranet"]


def test_however_many_applications_are_three_requests(ansible: Ansible, fleet: Platform) -> None:
    audit(ansible)
    assert methods(fleet) == ["GET"] * 3


def test_a_list_with_an_application_that_is_not_there(ansible: Ansible, fleet: Platform) -> None:
    listed = [{"domain": "acme", "name": name} for name in ("crm", "gone", "wiki")]
    run, report = audit(ansible, extra_vars={"app_ha_applications": listed})
    assert run.rc == 0, run.output
    assert found(report) == {
        "acme/crm": FOUND["acme/crm"],
        "acme/gone": ("unknown", "failed"),
        "acme/wiki": FOUND["acme/wiki"],
    }
    assert "acme/gone: could not be read: Application 'gone' in domain 'acme' is not within reach" in run.output
    assert fleet.shown("acme", "crm") == (True, 3, 1)


def test_a_selection_of_the_inventory_goes_before_all(ansible: Ansible, fleet: Platform) -> None:
    selecting = {"all": {"hosts": {"localhost": {"ansible_connection": "local", "app_ha_select": {"names": ["w*"]}}}}}
    run, report = audit(ansible, inventory=yaml.safe_dump(selecting))
    assert run.rc == 0, run.output
    assert found(report) == {"acme/wiki": FOUND["acme/wiki"]}
    assert methods(fleet) == ["GET"]


@pytest.mark.parametrize("options", [{}, {"inventory": BY_STATUS}], ids=["list", "hosts"])
def test_drift_fails_only_if_that_is_wished(ansible: Ansible, fleet: Platform, options: dict[str, Any]) -> None:
    run, report = audit(ansible, "-e", "app_ha_fail_on_drift=true", **options)
    assert run.rc == 2
    assert found(report) == FOUND
    (message,) = failures(run)
    head, names = message.split(" These are ")
    assert head == "3 of 5 applications drifted: 2 can be repaired (2 gears needed), 1 blocked."
    assert sorted(names.rstrip(".").split(", ")) == ["acme/api", "acme/crm", "acme/intranet"]
    assert set(methods(fleet)) == {"GET"}


def test_no_drift_does_not_fail(ansible: Ansible, fleet: Platform) -> None:
    wishes = {"app_ha_fail_on_drift": True, "app_ha_select": {"names": ["wiki", "plain"]}}
    run, report = audit(ansible, extra_vars=wishes)
    assert run.rc == 0, run.output
    assert "No drift: 1 application is in the desired state, 1 is skipped (not scalable)." in run.output
    assert report["counts"]["drifted"] == 0
    assert methods(fleet) == ["GET"]


NOTHING = {
    "selection": {"extra_vars": {"app_ha_select": {"names": ["nosuch*"]}}},
    "list": {"extra_vars": {"app_ha_applications": []}},
    "inventory": {"inventory": yaml.safe_dump({"all": {"children": {"openshift_ha_degraded": {"hosts": {}}}}})},
    "hosts": {"inventory": "all: {hosts: {}}", "extra_vars": {"audit_ha_hosts": "all"}},
}


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize("way_to_name", NOTHING)
def test_an_audit_of_nothing_is_told_and_no_good_night(ansible: Ansible, way_to_name: str) -> None:
    run, report = audit(ansible, **NOTHING[way_to_name])
    assert run.rc == 0, run.output
    assert "No application was checked." in run.output
    assert report["counts"]["total"] == stats(run)["app_ha_audit_total"] == 0
    run, _report = audit(ansible, "-e", "app_ha_fail_on_drift=true", **NOTHING[way_to_name])
    assert run.rc == 2, run.output
    (message,) = failures(run)
    assert message.startswith("No application was checked. ")
    assert "app_ha_audit_allow_empty" in message
    allowed = ["-e", "app_ha_fail_on_drift=true", "-e", "app_ha_audit_allow_empty=true"]
    run, _report = audit(ansible, *allowed, **NOTHING[way_to_name])
    assert run.rc == 0, run.output


def test_a_domain_that_is_not_within_reach_is_no_good_night_either(ansible: Ansible, fleet: Platform) -> None:
    wishes = {"app_ha_fail_on_drift": True, "app_ha_select": {"domains": ["acme", "pay"], "names": ["wiki", "shpo"]}}
    run, report = audit(ansible, extra_vars=wishes)
    assert run.rc == 2, run.output
    (message,) = failures(run)
    headline = "No drift: 1 application is in the desired state. Selected, but not accessible to this account: "
    assert message.startswith(f"{headline}pay, shpo. ")
    assert report["unmatched"] == ["pay", "shpo"]
    assert methods(fleet) == ["GET"]


PLUGIN_FILES = {"file": "acme.openshift_apps.yml", "folder": "."}


@pytest.mark.parametrize("source", PLUGIN_FILES.values(), ids=list(PLUGIN_FILES))
def test_an_inventory_that_cannot_be_read_is_not_an_audit_of_all(
    ansible: Ansible, fleet: Platform, tmp_path: Path, source: str
) -> None:
    folder = tmp_path / "inventory"
    folder.mkdir()
    file = folder / "acme.openshift_apps.yml"
    file.write_text("plugin: openshift_v2.apps.openshift_apps\npassword: wrong\nusername: alice\n", encoding="utf-8")
    run, report = audit(ansible, "-i", str(folder / source))
    assert run.rc == 2, run.output
    (message,) = failures(run)
    assert str(file) in message
    assert "could not be read" in message
    assert report == {}
    assert methods(fleet) == ["GET"]


@pytest.mark.usefixtures("fleet")
def test_of_two_inventories_one_that_cannot_be_read_fails_where_ansible_is_told_so(
    ansible: Ansible, tmp_path: Path
) -> None:
    bad = tmp_path / "west.openshift_apps.yml"
    bad.write_text("plugin: openshift_v2.apps.openshift_apps\npassword: wrong\nusername: alice\n", encoding="utf-8")
    told = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    run, report = audit(ansible, "-i", str(bad), inventory=BY_STATUS, env=told)
    assert run.rc != 0
    assert "Access denied (HTTP 401)" in run.output
    assert report == {}


def of_carol(platform: Platform, role: str) -> None:
    """pay/till, which is carol's, and our own role in her domain."""
    platform.broker.seed(
        {
            "users": [{"login": "carol"}],
            "domains": [{"name": "pay", "owner": "carol", "members": [{"login": LOGIN, "role": role}]}],
            "applications": [{"domain": "pay", "name": "till", "cartridges": ["php-5.4"]}],
        }
    )


def test_with_the_role_view_an_audit_works_and_drift_is_blocked(ansible: Ansible, platform: Platform) -> None:
    of_carol(platform, role="view")
    run, report = audit(ansible)
    assert run.rc == 0, run.output
    assert found(report)["pay/till"] == ("standalone", "blocked")
    assert "alice may only view pay/till: the role edit or admin in the domain pay is needed." in run.output


@pytest.mark.parametrize("options", [{}, {"inventory": BY_CAROL}], ids=["list", "hosts"])
def test_what_cannot_be_seen_beforehand_is_in_the_report(
    ansible: Ansible, platform: Platform, options: dict[str, Any]
) -> None:
    of_carol(platform, role="edit")
    run, report = audit(ansible, **options)
    assert run.rc == 0, run.output
    unseen = "Whether carol, the owner of pay/till, has the HA capability cannot be seen beforehand."
    (entry,) = (entry for entry in report["applications"] if entry["name"] == "till")
    assert (entry["finding"], entry["warnings"]) == ("drifted", [unseen])
    assert "1 can be repaired (1 gear needed), 1 of them with a warning." in run.output


@pytest.mark.parametrize("options", [{}, {"inventory": BY_STATUS}], ids=["list", "hosts"])
def test_a_broker_that_cannot_be_asked_is_one_clear_failure(ansible: Ansible, options: dict[str, Any]) -> None:
    run, report = audit(ansible, env={"OPENSHIFT_BROKER_URL": "http://127.0.0.1:9"}, **options)
    assert run.rc == 2
    (message,) = failures(run)
    assert message.startswith("Nothing could be checked. ")
    assert "Check broker_url and the network, then run again." in message
    assert report["error"] in message
    assert {entry["status"] for entry in report["applications"]} <= {"unknown"}


def test_bad_options_are_one_clear_failure(ansible: Ansible, fleet: Platform) -> None:
    run, report = audit(ansible, "-e", "app_ha_min_gears=0")
    assert run.rc == 2
    assert failures(run) == ["Nothing could be checked. min_gears: 0 is less than 1"]
    assert report["error"] == "min_gears: 0 is less than 1"
    assert methods(fleet) == []


def test_no_host_vanishes(ansible: Ansible, fleet: Platform) -> None:
    """One whose way to the broker is down, one that failed before its turn, and one that is as wished."""
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
    assert found(report) == {
        "acme/crm": ("unknown", "failed"),
        "acme/api": ("unknown", "failed"),
        "acme/wiki": FOUND["acme/wiki"],
    }
    messages = {entry["name"]: entry["message"] for entry in report["applications"]}
    assert messages["crm"].startswith("crm: ")
    assert messages["api"].startswith("api: the host failed or was unreachable")
    assert stats(run)["app_ha_audit_failed"] == 2
    assert set(methods(fleet)) == {"GET"}


def test_in_batches_there_is_one_report_at_the_end(ansible: Ansible, fleet: Platform) -> None:
    play = {"hosts": "all", "serial": 2, "gather_facts": False, "tasks": [AUDIT]}
    run, report = audit(ansible, playbook=[play], inventory=BY_STATUS)
    assert run.rc == 0, run.output
    assert found(report) == FOUND
    assert [task.status for task in run.of("openshift_ha_report")].count("ok") == 1
    assert stats(run)["app_ha_audit_total"] == 5
    assert set(methods(fleet)) == {"GET"}


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
    handed_over = stats(run)
    assert (handed_over["app_ha_audit_total"], handed_over["app_ha_audit_drifted"]) == (2, 2)
    assert handed_over["app_ha_audit_drifted_names"] == ["acme/crm", "acme/intranet"]
    assert (ansible.directory / "ha-report" / "crm.html").exists()
    assert set(methods(fleet)) == {"GET"}


def test_variables_of_a_host_are_its_wishes(ansible: Ansible, fleet: Platform) -> None:
    source = yaml.safe_load(BY_STATUS)
    source["all"]["hosts"]["wiki"]["app_ha_min_gears"] = 4
    source["all"]["hosts"]["crm"]["app_ha_scale_strategy"] = "none"
    _run, report = audit(ansible, inventory=yaml.safe_dump(source))
    assert found(report)["acme/wiki"] == ("highly_available", "drifted")
    assert found(report)["acme/crm"] == ("degraded", "in_order")
    assert set(methods(fleet)) == {"GET"}


def test_hosts_together_may_need_more_gears_than_their_owner_has(ansible: Ansible, fleet: Platform) -> None:
    (held,) = (user["consumed_gears"] for user in fleet.broker.state()["users"] if user["login"] == LOGIN)
    fleet.user(max_gears=held + 1)
    run, report = audit(ansible, inventory=inventory(degraded=["crm"], standalone=["api"]))
    (owner,) = report["owners"]
    assert (owner["gears_needed"], owner["gears_available"], owner["shortage"]) == (2, 1, 1)
    assert "alice: needs 2, 1 left" in run.output


def test_where_the_report_goes(ansible: Ansible, fleet: Platform, tmp_path: Path) -> None:
    directory = tmp_path / "www"
    wishes = {
        "app_ha_report_directory": str(directory),
        "app_ha_report_formats": ["html"],
        "app_ha_report_name": "night",
        "app_ha_report_title": "The night's audit",
        "app_ha_report_broker_url": "https://broker.example.com",
    }
    audit(ansible, extra_vars=wishes)
    (page,) = directory.iterdir()
    assert page.name == "night.html"
    text = page.read_text(encoding="utf-8")
    assert "<h1>The night&#39;s audit</h1>" in text
    assert "https://broker.example.com" in text
    assert fleet.url not in text


def test_no_password_is_in_any_of_it(ansible: Ansible, fleet: Platform) -> None:
    run, _report = audit(ansible, "-vvv", "--diff")
    secret = ansible.credentials["OPENSHIFT_BROKER_PASSWORD"]
    assert secret not in run.output
    for path in (ansible.directory / "ha-report").iterdir():
        assert secret not in path.read_text(encoding="utf-8")
    assert set(methods(fleet)) == {"GET"}


# --- enable_ha on an inventory ---------------------------------------------------------------------------------------


def many(platform: Platform, *names: str) -> str:
    """Degraded applications, and the inventory of them."""
    for name in names:
        platform.app("acme", name, gears=2, ha=True)
    platform.broker.clear_requests()
    return inventory(degraded=list(names))


def enable(ansible: Ansible, source: str, *arguments: str, **variables: Any) -> PlayRun:
    return ansible.playbook(ENABLE_HA, *arguments, inventory=source, extra_vars=variables, env=NOBODY)


def turns(run: PlayRun) -> list[str]:
    """The hosts in the order in which their batches came."""
    return [task.host for task in run.of("openshift_app_ha")]


def test_those_that_are_not_highly_available_are_the_default(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, BY_STATUS, enable_ha_max_fail_percentage=50)
    assert run.rc == 2
    assert sorted(turns(run)) == ["api", "crm", "intranet"]
    assert fleet.shown("acme", "api") == (True, 2, 2)
    assert fleet.shown("acme", "crm") == (True, 4, 2)
    assert failures(run)[0].startswith("acme/intranet: ")


def test_a_failing_canary_keeps_the_others_as_they_are(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "a1", gears=2, maximum=2)
    source = yaml.safe_load(many(platform, "b2", "c3", "d4"))
    source["all"]["hosts"]["a1"] = {"openshift_domain": "acme", "openshift_app": "a1"}
    source["all"]["children"]["openshift_ha_standalone"] = {"hosts": {"a1": {}}}
    run = enable(ansible, yaml.safe_dump(source), enable_ha_canary=1)
    assert run.rc == 2
    assert turns(run) == ["a1"]
    assert set(methods(platform)) == {"GET"}


def test_batches(ansible: Ansible, platform: Platform) -> None:
    source = many(platform, "a1", "b2", "c3", "d4", "e5")
    run = enable(ansible, source, enable_ha_canary=1, enable_ha_batch_size=2)
    assert run.rc == 0, run.output
    assert turns(run)[0] == "a1"
    assert set(turns(run)[1:3]) == {"b2", "c3"}
    assert set(turns(run)[3:]) == {"d4", "e5"}
    assert sorted(methods(platform)) == ["GET"] * 10 + ["POST"] * 5


def test_check_mode_predicts_for_every_application(ansible: Ansible, fleet: Platform) -> None:
    """Also after failures that would end the real run, and exactly what the real run then does."""
    tolerant = {"enable_ha_canary": 1, "enable_ha_max_fail_percentage": 100}
    check = enable(ansible, BY_STATUS, "--check", "--diff", enable_ha_canary=1)
    assert set(methods(fleet)) == {"GET"}
    assert sorted(turns(check)) == ["api", "crm", "intranet"]
    assert "--- before: acme/crm" in check.output
    real = enable(ansible, BY_STATUS, **{**tolerant, "enable_ha_canary": 5})
    predicted, done = (
        {task.host: (task.result["application"], task.result["changed"]) for task in run.of("openshift_app_ha")}
        for run in (check, real)
    )
    assert predicted == done
    assert (check.rc, real.rc) == (2, 2)


def test_more_changes_than_allowed_are_none(ansible: Ansible, platform: Platform) -> None:
    source = many(platform, "a1", "b2", "c3")
    refused = enable(ansible, source, enable_ha_max_changes=2)
    assert refused.rc == 2
    message = "3 applications would change, more than enable_ha_max_changes: 2. Nothing was changed."
    assert failures(refused) == [message]
    assert methods(platform) == []
    assert enable(ansible, source, enable_ha_max_changes=3).rc == 0


def test_an_inventory_without_drift_is_nothing_to_do(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, inventory(highly_available=["wiki"]))
    assert run.rc == 0, run.output
    assert methods(fleet) == []


def test_a_selection_with_limits(ansible: Ansible, fleet: Platform) -> None:
    variables = {"app_ha_select": {"names": ["api", "crm"]}, "app_ha_max_changes": 1}
    run = ansible.playbook(ENABLE_HA, extra_vars=variables, env=NOBODY)
    assert run.rc == 2
    assert failures(run) == ["2 applications would change, more than max_changes: 1. Nothing was changed."]
    assert set(methods(fleet)) == {"GET"}

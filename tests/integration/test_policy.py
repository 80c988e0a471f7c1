"""The policy in the modules: which rule applies, what takes precedence, and what is ignored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Unanswered
from tests.harness import LOGIN, Ansible, Platform, PlayRun, TaskRun

ONE, MANY = "openshift_v2.apps.openshift_app_ha", "openshift_v2.apps.openshift_apps_ha"
#: "Everyone who claims HA must have it."
CLAIM = [{"name": "claim", "match": {"claims_ha": True}}, {"name": "others", "state": "ignore"}]


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """A degraded application, a standalone one, a highly available one, and one that is not scalable."""
    platform.app("acme", "shop", gears=3, ha=True)
    platform.app("acme", "two")
    platform.app("acme", "ready", ha=True)
    platform.app("acme", "plain", scalable=False)
    return platform


def run(ansible: Ansible, module: str, check_mode: bool = False, **options: Any) -> TaskRun:
    task = {module: options, "check_mode": check_mode}
    (result,) = ansible.tasks(task).of(module.rpartition(".")[2])
    return result


def by_name(task: TaskRun) -> dict[str, dict[str, Any]]:
    return {each["application"]["name"]: each for each in task.result["results"]}


def predicted(task: TaskRun) -> dict[str, tuple[bool, int]]:
    """``ha`` and the number of web gears."""
    apps = {name: each["application"] for name, each in by_name(task).items()}
    return {name: (app["ha"], app["web_gears"]) for name, app in apps.items()}


def rules_of(task: TaskRun) -> dict[str, Any]:
    return {name: each["policy_rule"] and each["policy_rule"]["number"] for name, each in by_name(task).items()}


def test_everyone_who_claims_ha_must_have_it(ansible: Ansible, fleet: Platform) -> None:
    check = run(ansible, MANY, True, select={}, policy=CLAIM)
    real = run(ansible, MANY, select={}, policy=CLAIM)
    assert not real.failed, real.result
    assert fleet.shown("acme", "shop") == (True, 4, 2)
    assert fleet.shown("acme", "two") == (False, 1, 1)
    for task in (check, real):
        assert rules_of(task) == {"plain": 2, "ready": 1, "shop": 1, "two": 2}
        summary = task.result["summary"]
        counts = {key: summary[key] for key in ("total", "drifted", "changed", "failed", "ignored", "standalone")}
        assert counts == {"total": 4, "drifted": 1, "changed": 1, "failed": 0, "ignored": 2, "standalone": 1}
        assert (summary["unused_rules"], summary["after"]["highly_available"]) == ([], 2)
        two = by_name(task)["two"]
        assert (two["ignored"], two["changed"], two["failed"], two["steps"]) == (True, False, False, [])
        assert two["msg"] == "acme/two is standalone, ignored by rule 2 (others) of the policy."
        assert by_name(task)["shop"]["policy_rule"] == {"number": 1, "name": "claim"}


@pytest.mark.usefixtures("fleet")
def test_a_selection_of_those_that_claim_ha(ansible: Ansible) -> None:
    task = run(ansible, MANY, True, select={"claims_ha": True})
    assert by_name(task).keys() == {"ready", "shop"}
    assert "policy_rule" not in by_name(task)["shop"]
    assert by_name(run(ansible, MANY, True, select={"claims_ha": False, "scalable_only": True})).keys() == {"two"}


@pytest.mark.usefixtures("fleet")
def test_a_rule_takes_precedence_over_the_options_for_all_and_an_entry_over_the_rule(ansible: Ansible) -> None:
    policy = [
        {"match": "two", "state": "absent"},
        {"match": "ready", "min_gears": 4},
        {"match": "shop", "state": "ignore"},
    ]
    listed = [{"domain": "acme", "name": name} for name in ("two", "ready", "shop")]
    own = [{**listed[0], "state": "present"}, {**listed[1], "min_gears": 3}, {**listed[2], "state": "absent"}]
    task = run(ansible, MANY, True, applications=listed, min_gears=2, policy=policy)
    after = {
        name: (each["application"]["ha"], each["application"]["web_gears"]) for name, each in by_name(task).items()
    }
    assert after == {"two": (False, 2), "ready": (True, 4), "shop": (True, 3)}
    assert [each["ignored"] for each in task.result["results"]] == [False, False, True]
    task = run(ansible, MANY, True, applications=own, policy=policy)
    after = {
        name: (each["application"]["ha"], each["application"]["web_gears"]) for name, each in by_name(task).items()
    }
    assert after == {"two": (True, 2), "ready": (True, 3), "shop": (False, 3)}
    assert rules_of(task) == {"two": 1, "ready": 2, "shop": 3}


def test_an_entry_is_listed_twice_if_its_own_options_are_the_same(ansible: Ansible, fleet: Platform) -> None:
    """``state: present`` is the default, and still different from no state: only the former overrides the policy."""
    two = {"domain": "acme", "name": "two"}
    task = run(ansible, MANY, applications=[{**two}, {**two, "state": "present"}], policy=[{"state": "absent"}])
    assert "twice, with different settings (state)" in task.result["msg"]
    assert fleet.shown("acme", "two") == (False, 1, 1)
    task = run(ansible, MANY, True, applications=[{**two}, {**two}], policy=[{"state": "absent"}])
    assert task.result["summary"]["total"] == 1


def test_disabled_by_the_policy_counts_as_a_change(ansible: Ansible, fleet: Platform) -> None:
    policy = [{"match": {"claims_ha": True}, "state": "absent"}, {"state": "ignore"}]
    task = run(ansible, MANY, select={}, policy=policy, max_changes=1)
    too_many = "2 applications would change, more than max_changes: 1."
    assert task.result["msg"] == f"{too_many} Nothing was changed. Find out why before you raise the limit."
    assert fleet.shown("acme", "ready") == (True, 2, 2)
    assert not run(ansible, MANY, select={}, policy=policy, max_changes=2).failed
    assert fleet.shown("acme", "ready")[0] is False


def test_an_ignored_application_is_never_written_to_nor_verified(ansible: Ansible, fleet: Platform) -> None:
    fleet.broker.clear_requests()
    task = run(ansible, MANY, select={}, verify="placement", policy=[{"state": "ignore"}])
    assert [request["method"] for request in fleet.broker.requests()] == ["GET"]
    assert task.result["summary"]["ignored"] == 4
    fleet.broker.clear_requests()
    task = run(ansible, ONE, domain="acme", name="shop", policy=[{"match": "SHOP", "state": "ignore"}])
    assert [request["method"] for request in fleet.broker.requests()] == ["GET"]
    assert (task.result["ignored"], task.result["changed"]) == (True, False)
    assert task.result["before"] == task.result["application"]


def test_one_application_takes_the_policy_without_another_request(ansible: Ansible, fleet: Platform) -> None:
    fleet.broker.clear_requests()
    policy = [{"match": {"owner": "nobody"}}, {"name": "web", "match": {"cartridge": "php-*"}, "state": "present"}]
    task = run(ansible, ONE, domain="acme", name="ready", policy=policy)
    assert [request["method"] for request in fleet.broker.requests()] == ["GET"]
    assert task.result["policy_rule"] == {"number": 2, "name": "web"}
    task = run(ansible, ONE, True, domain="acme", name="ready", state="present", policy=[{"state": "absent"}])
    assert task.result["application"]["ha"] is False
    task = run(ansible, ONE, True, domain="acme", name="ready", policy=[{"match": "none"}])
    assert (task.result["policy_rule"], task.result["ignored"]) == (None, False)


def test_the_level_of_verification_comes_from_the_rule(ansible: Ansible, fleet: Platform) -> None:
    fleet.broker.clear_requests()
    task = run(ansible, MANY, True, select={"names": ["ready"]}, policy=[{"match": "ready", "verify": "placement"}])
    assert by_name(task)["ready"]["application"]["verified"] == "placement"
    assert ["gear_groups" in request["path"] for request in fleet.broker.requests()] == [
        False,
        True,
    ]


@pytest.mark.usefixtures("fleet")
def test_unused_rules_are_named(ansible: Ansible) -> None:
    policy = [{"name": "gone", "match": {"domain": "gone"}}, {"match": "*"}, {"match": "shop"}]
    task = run(ansible, MANY, True, select={}, policy=policy)
    assert task.result["summary"]["unused_rules"] == ["1 (gone)", "3"]
    assert task.result["warnings"] == [
        "policy: 2 rules apply to no application: 1 (gone), 3. Check their conditions, and whether an earlier rule "
        "matches first."
    ]


@pytest.mark.parametrize("module", [ONE, MANY])
def test_all_mistakes_are_reported_before_the_first_request(ansible: Ansible, fleet: Platform, module: str) -> None:
    names = {"domain": "acme", "name": "shop"} if module == ONE else {"select": {}}
    subject = "acme/shop: " if module == ONE else ""
    fleet.broker.clear_requests()
    policy = [{"stat": "absent"}, {"min_gears": 0}, {"match": {"domian": "x"}, "verify": "all"}]
    task = run(ansible, module, policy=policy, **names)
    assert task.result["msg"] == (
        f"{subject}policy: rule 1: stat: unknown key. Did you mean state? rule 3: verify: must be one of count, "
        "placement, traffic, not 'all'. rule 3: match: domian: unknown key. Did you mean domain? "
        "Nothing was changed."
    )
    contradictions = [{"min_gears": 0}, {"name": "low", "max_gears": 1}, {"min_gears": 5}]
    task = run(ansible, module, policy=contradictions, max_gears=3, **names)
    assert task.result["msg"] == (
        f"{subject}policy: rule 1: min_gears: 0 is less than 1. rule 2 (low): max_gears: 1 is not enough: high "
        "availability needs 2 gears. rule 3: min_gears: 5 is more than max_gears (3). Nothing was changed."
    )
    assert fleet.broker.requests() == []


def test_an_entry_that_contradicts_its_rule_is_refused(ansible: Ansible, fleet: Platform) -> None:
    listed = [{"domain": "acme", "name": "shop", "max_gears": 4}]
    task = run(ansible, MANY, applications=listed, policy=[{"min_gears": 5}])
    assert task.result["msg"] == (
        "applications: acme/shop: with rule 1 of the policy: min_gears: 5 is more than max_gears (4). "
        "Nothing was changed."
    )
    assert fleet.shown("acme", "shop") == (True, 3, 1)


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize("ending", ["yml", "json"])
def test_a_policy_in_a_file(ansible: Ansible, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"policy.{ending}"
    path.write_text(json.dumps(CLAIM), encoding="utf-8")
    task = run(ansible, MANY, True, select={}, policy=str(path))
    assert task.result["summary"]["ignored"] == 2
    assert run(ansible, ONE, True, domain="acme", name="two", policy=str(path)).result["ignored"] is True


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "the file does not exist: "),
        ("a: [", "is neither YAML nor JSON: "),
        ("state: ignore", "contains a dictionary. It must contain a list of rules."),
        ("", "is empty. It must contain a list of rules."),
        ("42", "must be a list of rules, not a number (42)."),
        ("$ANSIBLE_VAULT;1.1;AES256\n6162", "is encrypted. "),
    ],
)
def test_a_file_that_holds_no_policy(ansible: Ansible, tmp_path: Path, content: str | None, problem: str) -> None:
    path = tmp_path / "policy.yml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    task = run(ansible, MANY, select={}, policy=str(path))
    assert task.failed
    assert problem in task.result["msg"]


@pytest.mark.usefixtures("fleet")
def test_an_application_that_cannot_be_read_is_ignored_only_by_its_names(
    ansible: Ansible, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_list = Broker.applications

    def applications(broker: Broker, *args: Any) -> tuple[Any, ...]:
        unreadable = [Unreadable(AppRef("acme", name), Unanswered("no cartridges")) for name in ("odd", "test1")]
        return (*true_list(broker, *args), *unreadable)

    monkeypatch.setattr(Broker, "applications", applications)
    task = run(ansible, MANY, True, select={}, policy=[{"match": "test*", "state": "ignore"}, *CLAIM])
    entries = by_name(task)
    assert (entries["test1"]["ignored"], entries["test1"]["failed"]) == (True, False)
    assert entries["test1"]["msg"] == "acme/test1 could not be read, ignored by rule 1 of the policy."
    # It may claim HA, so that rule 3 must not hide it.
    assert (entries["odd"]["ignored"], entries["odd"]["failed"], entries["odd"]["policy_rule"]) == (False, True, None)
    assert task.result["summary"]["failed"] == 1


# --- The role ------------------------------------------------------------------------------------------------------


def play_on(hosts: str, role: str = "main", **variables: Any) -> dict[str, Any]:
    task = {"ansible.builtin.include_role": {"name": "openshift_v2.apps.app_ha", "tasks_from": role}}
    shown = {"name": "Shown", "ansible.builtin.debug": {"msg": "{{ app_ha_results | default([]) }}"}}
    return {"hosts": hosts, "gather_facts": False, "tasks": [task, shown], "vars": variables}


def results_by_host(run: PlayRun) -> dict[str, dict[str, Any]]:
    return {task.host: task.result["msg"][0] for task in run.tasks if task.task == "Shown"}


def test_variables_of_a_host_take_precedence_over_the_policy(ansible: Ansible, fleet: Platform) -> None:
    """And the policy over those for all hosts, from the play or the command line. The files do not matter."""
    fleet.app("acme", "third")
    hosts: dict[str, dict[str, Any]] = {
        "shop": {},
        "two": {"app_ha_state": "present"},
        "ready": {},
        "third": {},
    }
    for name, variables in hosts.items():
        variables.update({"openshift_domain": "acme", "openshift_app": name})
    inventory = {
        "all": {"hosts": hosts, "children": {"big": {"hosts": {"ready": {}}, "vars": {"app_ha_min_gears": 3}}}}
    }
    policy = [
        {"match": ["shop", "two"], "state": "ignore", "name": "not these"},
        {"match": "ready", "min_gears": 5, "max_gears": 6},
        {"match": "third", "preserve_gear_count": False, "min_gears": 4},
    ]
    run = ansible.playbook(
        [play_on("all", app_ha_min_gears=2)],
        "--check",
        inventory=yaml.safe_dump(inventory),
        extra_vars={"app_ha_policy": policy, "app_ha_state": "present"},
        env={"RECORDER_BROKER": None},
    )
    assert run.rc == 0, run.output
    found = results_by_host(run)
    # The command line sets the same state for all: that is no variable of the host.
    assert {name: each["ignored"] for name, each in found.items()} == {
        "shop": True,
        "two": True,
        "ready": False,
        "third": False,
    }
    assert found["third"]["application"]["min_gears"] == 4


@pytest.mark.thorough
@pytest.mark.parametrize("keyword", ["roles", "include_role"])
def test_a_host_takes_the_rule_unless_it_has_the_variable(
    ansible: Ansible, fleet: Platform, tmp_path: Path, keyword: str
) -> None:
    """With the keyword ``roles``, the defaults of the role are variables of the play, too."""
    path = tmp_path / "policy.yml"
    policy = [
        {"match": ["shop", "two"], "state": "ignore", "name": "not these"},
        {"match": "ready", "min_gears": 5, "max_gears": 6},
    ]
    path.write_text(yaml.safe_dump(policy), encoding="utf-8")
    names: dict[str, dict[str, Any]] = {"shop": {}, "two": {"app_ha_state": "present"}, "ready": {}}
    hosts = {name: {"openshift_domain": "acme", "openshift_app": name, **own} for name, own in names.items()}
    groups = {"big": {"hosts": {"ready": {}}, "vars": {"app_ha_min_gears": 3}}}
    inventory = yaml.safe_dump({"all": {"hosts": hosts, "children": groups}})
    extra_vars = {"app_ha_policy": str(path)}
    play = play_on("all")
    if keyword == "roles":
        play.update({"roles": ["openshift_v2.apps.app_ha"], "tasks": play["tasks"][1:]})
    run = ansible.playbook([play], inventory=inventory, extra_vars=extra_vars, env={"RECORDER_BROKER": None})
    assert run.rc == 0, run.output
    assert fleet.shown("acme", "shop") == (True, 3, 1)
    assert fleet.shown("acme", "two") == (True, 2, 2)
    assert fleet.shown("acme", "ready") == (True, 3, 2)
    found = results_by_host(run)
    assert found["ready"]["application"]["max_gears"] == 6
    assert {name: each["policy_rule"] for name, each in found.items()} == {
        "shop": {"number": 1, "name": "not these"},
        "two": {"number": 1, "name": "not these"},
        "ready": {"number": 2, "name": ""},
    }
    assert '"Unchanged (1): acme/shop (ignored by the policy, rule 1 (not these))"' in run.output


def test_all_mistakes_in_the_policy_of_hosts_are_one_message(ansible: Ansible, fleet: Platform) -> None:
    hosts = {name: {"openshift_domain": "acme", "openshift_app": name} for name in ("shop", "two")}
    inventory = yaml.safe_dump({"all": {"hosts": hosts}})
    extra_vars = {"app_ha_policy": [{"sate": "absent"}, {"verify": "all"}]}
    run = ansible.playbook([play_on("all")], inventory=inventory, extra_vars=extra_vars)
    assert run.rc == 2
    (message,) = {task.result["msg"] for task in run.tasks if task.failed}
    assert message == (
        "app_ha_policy: rule 1: sate: unknown key. Did you mean state? rule 2: verify: must be one of count, "
        "placement, traffic, not 'all'. Nothing was changed."
    )
    assert fleet.shown("acme", "two") == (False, 1, 1)


@pytest.mark.parametrize("by_host", [False, True], ids=["selection", "hosts"])
def test_the_audit_shows_the_rules(ansible: Ansible, fleet: Platform, tmp_path: Path, by_host: bool) -> None:
    """An audit of a selection and one of hosts report the same. It changes nothing."""
    names = ("shop", "two", "ready", "plain")
    hosts = {name: {"openshift_domain": "acme", "openshift_app": name} for name in names}
    variables = {"app_ha_policy": CLAIM, "app_ha_report_directory": str(tmp_path)}
    run = ansible.playbook(
        [play_on("all" if by_host else "localhost", "audit")],
        inventory=yaml.safe_dump({"all": {"hosts": hosts}}) if by_host else None,
        extra_vars=variables if by_host else {**variables, "app_ha_select": {}},
        env={"RECORDER_BROKER": None},
    )
    assert run.rc == 0, run.output
    assert fleet.shown("acme", "shop") == (True, 3, 1)
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    found = {app["name"]: (app["finding"], app["rule"]) for app in document["applications"]}
    assert found == {
        "shop": ("drifted", "1 (claim)"),
        "two": ("ignored", "2 (others)"),
        "ready": ("in_order", "1 (claim)"),
        "plain": ("left_alone" if by_host else "ignored", "2 (others)"),
    }
    assert document["counts"]["drifted"] == 1


@pytest.mark.usefixtures("fleet")
def test_a_module_of_its_own_process_takes_a_file_beside_the_playbook(ansible: Ansible) -> None:
    """The action plugin reads the file on the controller."""
    (ansible.directory / "beside.yml").write_text(yaml.safe_dump(CLAIM), encoding="utf-8")
    task = {MANY: {"select": {}, "policy": "beside.yml"}, "check_mode": True}
    (result,) = ansible.tasks(task, way="as-module").of("openshift_apps_ha")
    assert rules_of(result) == {"plain": 2, "ready": 1, "shop": 1, "two": 2}
    missing = {MANY: {"select": {}, "policy": "missing.yml"}, "check_mode": True}
    (result,) = ansible.tasks(missing, way="as-module").of("openshift_apps_ha")
    assert "policy: the file does not exist: " in result.result["msg"]
    assert result.result["msg"].endswith(" Nothing was changed.")


@pytest.mark.thorough
@pytest.mark.usefixtures("fleet")
def test_the_command_of_the_guide(ansible: Ansible) -> None:
    """The file is in the current directory, and the playbook in that of the collection."""
    (ansible.directory / "policy.yml").write_text(yaml.safe_dump(CLAIM), encoding="utf-8")
    run = ansible.playbook(
        "openshift_v2.apps.audit_ha", extra_vars={"app_ha_policy": "policy.yml"}, env={"RECORDER_BROKER": None}
    )
    assert run.rc == 0, run.output
    assert "1 of 4 applications drifted: 1 can be repaired (1 gear needed), 2 ignored by the policy." in run.output


@pytest.mark.usefixtures("fleet")
def test_information_on_those_that_claim_ha(ansible: Ansible) -> None:
    task = run(ansible, "openshift_v2.apps.openshift_app_info", select={"claims_ha": True, "owners": [LOGIN.upper()]})
    assert [app["name"] for app in task.result["applications"]] == ["ready", "shop"]
    task = run(ansible, "openshift_v2.apps.openshift_app_info", select={"owners": ["nobody", "no*"]})
    assert task.result["applications"] == []

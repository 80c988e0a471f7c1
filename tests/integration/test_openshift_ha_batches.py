"""The playbook enable_ha against the embedded broker. Unit tests of its choices: test_ha_batches.py."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.harness import PASSWORD, ROOT, Ansible, Platform, PlayRun

ENABLE_HA = "openshift_v2.apps.enable_ha"
APPS = (("acme", "crm"), ("acme", "shop"), ("acme", "shopping"), ("pay", "shop"))
ALL = [f"{domain}/{name}" for domain, name in APPS]
LISTED = {"app_ha_applications": [{"domain": domain, "name": name} for domain, name in APPS]}
SELECTED = {"app_ha_select": {"exclude": ["wiki"]}}
NOTHING = "Nothing to do: the inventory has no standalone or degraded application"


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Four applications that are not highly available, in two domains, and one that is."""
    platform.domain("pay")
    for domain, name in APPS:
        platform.app(domain, name)
    platform.app("acme", "wiki", ha=True)
    platform.broker.clear_requests()
    return platform


def enable(ansible: Ansible, *arguments: str, password: str = PASSWORD, **variables: Any) -> PlayRun:
    """Run enable_ha with the inventory plugin, on all applications of the account."""
    source = ansible.directory / "fleet.openshift_apps.yml"
    source.write_text("plugin: openshift_v2.apps.openshift_apps\n", encoding="utf-8")
    env = {"OPENSHIFT_BROKER_PASSWORD": password, "ANSIBLE_INVENTORY_UNPARSED_WARNING": None}
    return enable_without_plugin(ansible, "-i", str(source), *arguments, env=env, extra_vars=variables)


def enable_without_plugin(
    ansible: Ansible, *arguments: str, env: dict[str, Any] | None = None, **options: Any
) -> PlayRun:
    env = {"RECORDER_BROKER": None, **(env or {})}
    return ansible.playbook(options.pop("playbook", ENABLE_HA), *arguments, env=env, **options)


def last_message(run: PlayRun) -> str:
    return str(run.tasks[-1].result["msg"])


def failures(run: PlayRun) -> list[str]:
    return [task.result["msg"] for task in run.tasks if task.failed]


def repaired(platform: Platform) -> list[str]:
    return [f"{domain}/{name}" for domain, name in APPS if platform.shown(domain, name)[2] == 2]


def writes(platform: Platform) -> list[str]:
    return [request["method"] for request in platform.broker.requests() if request["method"] != "GET"]


def host_order(run: PlayRun) -> list[str]:
    """The hosts in the order in which their batches ran."""
    return [task.host for task in run.of("openshift_app_ha")]


# --- Hosts of the inventory plugin -----------------------------------------------------------------------------------


@pytest.mark.thorough
def test_empty_answers_stand_for_the_defaults(ansible: Ansible, fleet: Platform) -> None:
    names = ("hosts", "domains", "names", "batch_size", "canary", "max_fail_percentage", "max_changes", "dry_run")
    run = enable(ansible, **{f"enable_ha_{name}": "" for name in names})
    assert run.rc == 0, run.output
    assert repaired(fleet) == ALL


@pytest.mark.thorough
def test_only_the_chosen_applications_are_repaired(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_names="\nShop*,wiki\n", enable_ha_domains=["ACME"], enable_ha_max_changes=2)
    assert run.rc == 0, run.output
    assert repaired(fleet) == ["acme/shop", "acme/shopping"]
    assert writes(fleet) == ["POST", "POST"]


@pytest.mark.thorough
def test_only_hosts_within_the_limit_are_repaired(ansible: Ansible, fleet: Platform) -> None:
    """The limit of Ansible excludes localhost too, on which the first play runs otherwise."""
    run = enable(ansible, "--limit", "shop-*,wiki-*", enable_ha_domains="acme", enable_ha_max_changes=1)
    assert run.rc == 0, run.output
    assert repaired(fleet) == ["acme/shop"]


@pytest.mark.thorough
def test_mistakes_are_refused_with_a_limit_too(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, "--limit", "shop-*", enable_ha_domains="acne")
    assert run.rc == 2
    assert "no application in the domain acne" in last_message(run)
    assert writes(fleet) == []


def test_nothing_to_do_is_shown_and_does_not_fail(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_names="wiki,acme/(shop)|.*")
    assert run.rc == 0, run.output
    assert f"{NOTHING} with the names wiki, acme/(shop)|.*." in run.output
    assert writes(fleet) == []


@pytest.mark.thorough
def test_a_dry_run_is_like_check_mode(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_dry_run="yes", enable_ha_canary=1)
    assert run.rc == 0, run.output
    assert [task.result["changed"] for task in run.of("openshift_app_ha")] == [True] * 4
    (summary,) = (task.result["msg"] for task in run.tasks if task.task.endswith("Show the summary"))
    assert summary[:2] == ["4 applications: 4 would change.", "Would change (4), +4 gears:"]
    assert "HAProxy 1 -> 2" not in run.output
    assert " in batches: " not in run.output
    assert writes(fleet) == []


def test_all_mistakes_are_refused_in_one_message(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_canary="drei", enable_ha_max_changes="viele", enable_ha_domains="acme, acne")
    assert run.rc == 2
    (message,) = failures(run)
    assert message == (
        "enable_ha_canary: drei is neither a number of hosts (1 or more) nor a percentage. "
        "enable_ha_max_changes: viele is not a number (0 or more). "
        "enable_ha_domains: the inventory has no application in the domain acne. "
        "It has applications in the domains acme, pay. Nothing was changed."
    )
    assert writes(fleet) == []


@pytest.mark.thorough
def test_more_changes_than_the_limit_are_refused(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_max_changes=3)
    assert run.rc == 2
    too_many = "4 applications would change, more than enable_ha_max_changes: 3."
    assert failures(run) == [f"{too_many} Find out why before you raise the limit. Nothing was changed."]
    assert writes(fleet) == []


@pytest.mark.thorough
@pytest.mark.parametrize("arguments", [["--skip-tags", "always"], ["--start-at-task", "Configure the applications"]])
def test_a_run_without_the_first_play_changes_nothing(ansible: Ansible, fleet: Platform, arguments: list[str]) -> None:
    run = enable_without_plugin(ansible, *arguments, extra_vars=LISTED)
    assert run.rc == 2, run.output
    message = "The first play did not run, so no hosts were chosen. Nothing was changed."
    assert (message in run.output) is ("--skip-tags" in arguments)
    assert writes(fleet) == []


def test_misspelt_variables_are_refused_with_all_other_mistakes(ansible: Ansible, fleet: Platform) -> None:
    variables = {"enable_ha_domain": "acme", "app_ha_preserve_gears": True, "enable_ha_canary": "many"}
    run = enable(ansible, **variables)
    assert run.rc == 2
    assert failures(run) == [
        "Unknown variables: enable_ha_domain (did you mean enable_ha_domains?), app_ha_preserve_gears (did you mean "
        "app_ha_preserve_gear_count?). Correct the names, or list names of your own in enable_ha_ignore_variables or "
        "app_ha_ignore_variables. Documentation: the comments at the top of the playbook enable_ha.yml, ansible-doc -t "
        "role openshift_v2.apps.app_ha. "
        "enable_ha_canary: many is neither a number of hosts (1 or more) nor a percentage. Nothing was changed."
    ]
    assert writes(fleet) == []


def test_an_unreadable_inventory_is_not_an_inventory_without_drift(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, password="another one", enable_ha_names="shop")
    assert run.rc == 2
    source = ansible.directory / "fleet.openshift_apps.yml"
    assert last_message(run).startswith(f"The inventory {source} could not be read: ")
    assert "HTTP Basic: Access denied. (HTTP 401)" in last_message(run).replace("denied (", "denied. (")
    assert last_message(run).endswith("Then run again. Nothing was changed.")
    assert writes(fleet) == []


# --- Other hosts, lists and selections -------------------------------------------------------------------------------


@pytest.mark.thorough
def test_hosts_of_another_inventory_must_be_chosen(ansible: Ansible, fleet: Platform) -> None:
    hosts = yaml.safe_dump({"all": {"hosts": {"shop": {"openshift_domain": "acme", "openshift_app": "shop"}}}})
    run = enable_without_plugin(ansible, inventory=hosts)
    assert run.rc == 2
    assert "-e enable_ha_hosts=all" in last_message(run)
    assert "app_ha_applications" in last_message(run)
    assert writes(fleet) == []


@pytest.mark.thorough
@pytest.mark.usefixtures("fleet")
def test_of_two_hosts_of_one_application_the_first_is_changed(ansible: Ansible) -> None:
    """The domain is a variable of a group. The fourth host may belong to another broker, and is kept."""
    group = {"vars": {"openshift_domain": "acme", "ansible_connection": "local"}}
    apps = {"a": {"openshift_app": "shop"}, "b": {"openshift_app": "Shop"}, "c": {"openshift_app": "crm"}}
    other = {"d": {"openshift_app": "crm", "my_broker": "other"}}
    hosts = yaml.safe_dump({"all": {"children": {"acme": {**group, "hosts": {**apps, **other}}}}})
    run = enable_without_plugin(ansible, "--check", "-e", "enable_ha_hosts=all", inventory=hosts)
    assert sorted(host_order(run)) == ["a", "c", "d"]
    (batches,) = run.of("openshift_ha_batches")
    assert batches.result["warnings"] == ["Hosts that are the same application as another host are skipped: b (a)."]


@pytest.mark.thorough
def test_hosts_may_be_a_list_of_patterns_and_their_groups_may_limit_changes(ansible: Ansible, fleet: Platform) -> None:
    variables = ansible.directory / "group_vars"
    variables.mkdir()
    (variables / "openshift_domain_acme.yml").write_text("enable_ha_max_changes: 2\n", encoding="utf-8")
    run = enable(ansible, enable_ha_hosts=["shop*:!wiki*", "crm*"])
    assert run.rc == 2
    assert "4 applications would change, more than enable_ha_max_changes: 2." in last_message(run)
    assert writes(fleet) == []


def test_a_single_application_needs_no_inventory(ansible: Ansible, fleet: Platform) -> None:
    run = enable_without_plugin(ansible, extra_vars={"openshift_domain": "acme", "openshift_app": "shop"})
    assert run.rc == 0, run.output
    assert repaired(fleet) == ["acme/shop"]


@pytest.mark.thorough
def test_the_limit_holds_for_a_list(ansible: Ansible, fleet: Platform) -> None:
    refused = enable_without_plugin(ansible, extra_vars={"enable_ha_max_changes": 3, **LISTED})
    assert refused.rc == 2
    assert "4 applications would change, more than max_changes: 3. Nothing was changed." in last_message(refused)
    assert repaired(fleet) == []
    limits = {"enable_ha_max_changes": "4", "app_ha_max_changes": 4}
    assert enable_without_plugin(ansible, extra_vars={**limits, **LISTED}).rc == 0
    assert repaired(fleet) == ALL


@pytest.mark.thorough
def test_a_playbook_may_import_it_several_times_with_variables(ansible: Ansible, fleet: Platform) -> None:
    """The limit of the first import must not hold for the second, and its choice neither."""
    imports = [
        {"ansible.builtin.import_playbook": str(ROOT / "playbooks" / "enable_ha.yml"), "vars": variables}
        for variables in (
            {"app_ha_select": {"names": ["crm"]}, "enable_ha_max_changes": 1},
            {"app_ha_select": {"names": ["acme/shop*"]}, "enable_ha_max_changes": "2"},
        )
    ]
    run = enable_without_plugin(ansible, playbook=imports)
    assert run.rc == 0, run.output
    assert repaired(fleet) == ["acme/crm", "acme/shop", "acme/shopping"]


@pytest.mark.thorough
@pytest.mark.parametrize("of_plugin", [True, False], ids=["plugin", "no plugin"])
def test_a_list_of_the_inventory_does_not_replace_the_hosts_of_the_plugin(
    ansible: Ansible, fleet: Platform, of_plugin: bool
) -> None:
    inventory: dict[str, Any] = {"all": {"vars": SELECTED}}
    if of_plugin:
        crm = {"openshift_domain": "acme", "openshift_app": "crm"}
        inventory["all"]["children"] = {"openshift_ha_standalone": {"hosts": {"crm-acme": crm}}}
    run = enable_without_plugin(ansible, inventory=yaml.safe_dump(inventory))
    assert run.rc == 0, run.output
    assert repaired(fleet) == (["acme/crm"] if of_plugin else ALL)


# --- Batches ---------------------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_batches_run_one_after_the_other(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_canary=1, enable_ha_batch_size=2)
    assert run.rc == 0, run.output
    line = (
        "4 applications in batches: 1 first, then 2 at a time. If an application fails, the next batch does not start."
    )
    assert [task.result["msg"] for task in run.of("debug")] == [line]
    assert [task.task for task in run.tasks if task.status == "skipped"] == []
    # Each summary includes the earlier batches.
    summaries = [task.result["msg"] for task in run.tasks if task.task.endswith("Show the summary")]
    assert [summary[0] for summary in summaries] == [
        "1 application: changed.",
        "3 applications: 3 changed.",
        "4 applications: 4 changed.",
    ]
    assert [summary[1] for summary in summaries[:2]] == ["In later batches: 3 hosts.", "In later batches: 1 host."]
    assert run.output.index(line) < run.output.index("Configure the application")
    first, second, third, fourth = (host.partition(".")[0] for host in host_order(run))
    assert first == "crm-acme"
    assert {second, third} == {"shop-acme", "shopping-acme"}
    assert fourth == "shop-pay"
    assert writes(fleet) == ["POST"] * 4


@pytest.mark.thorough
@pytest.mark.parametrize("percentage", [0, 100], ids=str)
def test_a_failed_first_batch_ends_the_playbook(ansible: Ansible, fleet: Platform, percentage: int) -> None:
    """If a batch fails as a whole, no percentage helps."""
    fleet.app("acme", "aaa", gears=2, maximum=2)
    fleet.broker.clear_requests()
    run = enable(ansible, enable_ha_canary=1, enable_ha_max_fail_percentage=percentage)
    assert run.rc == 2
    assert [host.partition(".")[0] for host in host_order(run)] == ["aaa-acme"]
    assert "acme/aaa" in last_message(run)
    assert writes(fleet) == []


def test_check_mode_predicts_every_application(ansible: Ansible, fleet: Platform) -> None:
    """It goes on after failures that would end the real run, and predicts what the real run does."""
    fleet.app("acme", "aaa", gears=2, maximum=2)
    fleet.broker.clear_requests()
    check = enable(ansible, "--check", "--diff", enable_ha_canary=1)
    assert writes(fleet) == []
    assert len(host_order(check)) == 5
    assert "\nacme/crm: standalone -> highly_available\n" in check.output
    real = enable(ansible, enable_ha_canary=5, enable_ha_max_fail_percentage="50%")
    predicted, done = (
        {task.host: (task.result["application"], task.result["changed"]) for task in run.of("openshift_app_ha")}
        for run in (check, real)
    )
    assert predicted == done
    assert (check.rc, real.rc) == (2, 2)
    assert repaired(fleet) == ALL
    (failure,) = failures(real)
    assert failure.startswith("acme/aaa: ")

"""What enable_ha.yml makes of its variables: which applications, how many of them at most, how many at a time."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.harness import PASSWORD, Ansible, Platform, PlayRun

APPS = (("acme", "crm"), ("acme", "shop"), ("acme", "shopping"), ("pay", "shop"))
ALL = [f"{domain}/{name}" for domain, name in APPS]
LISTS: dict[str, dict[str, Any]] = {
    "list": {"app_ha_applications": [{"domain": domain, "name": name} for domain, name in APPS]},
    "selection": {"app_ha_select": {"exclude": ["wiki"]}},
}
NOTHING = "Nothing to do: none of the applications of this inventory that are not highly available"


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Four applications that are not highly available, in two domains, and one that is."""
    platform.domain("pay")
    for domain, name in APPS:
        platform.app(domain, name)
    platform.app("acme", "wiki", ha=True)
    return platform


def enable(ansible: Ansible, *arguments: str, password: str = PASSWORD, **variables: Any) -> PlayRun:
    """On the inventory of all applications that the account reaches."""
    source = ansible.directory / "fleet.openshift_apps.yml"
    source.write_text("plugin: openshift_v2.apps.openshift_apps\n", encoding="utf-8")
    env = {"OPENSHIFT_BROKER_PASSWORD": password, "ANSIBLE_INVENTORY_UNPARSED_WARNING": None}
    return enable_anywhere(ansible, "-i", str(source), *arguments, env=env, extra_vars=variables)


def enable_anywhere(ansible: Ansible, *arguments: str, env: dict[str, Any] | None = None, **options: Any) -> PlayRun:
    env = {"RECORDER_BROKER": None, **(env or {})}
    return ansible.playbook("openshift_v2.apps.enable_ha", *arguments, env=env, **options)


def last_words(run: PlayRun) -> str:
    return str(run.tasks[-1].result["msg"])


def repaired(platform: Platform) -> list[str]:
    return [f"{domain}/{name}" for domain, name in APPS if platform.shown(domain, name)[2] == 2]


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"enable_ha_domains": "pay"}, ["pay/shop"]),
        ({"enable_ha_domains": ["pay", "ACME"]}, ["acme/crm", "acme/shop", "acme/shopping", "pay/shop"]),
        ({"enable_ha_domains": "\n acme,\npay \n", "enable_ha_names": "shop"}, ["acme/shop", "pay/shop"]),
        ({"enable_ha_names": "shop"}, ["acme/shop", "pay/shop"]),
        ({"enable_ha_names": "Shop*\nc?m"}, ["acme/crm", "acme/shop", "acme/shopping", "pay/shop"]),
        ({"enable_ha_names": ["acme/shop", "*/crm"]}, ["acme/crm", "acme/shop"]),
        ({"enable_ha_names": "shop", "enable_ha_domains": "acme", "enable_ha_max_changes": 1}, ["acme/shop"]),
    ],
    ids=str,
)
def test_those_that_are_meant_are_repaired_and_no_others(
    ansible: Ansible, fleet: Platform, variables: dict[str, Any], wanted: list[str]
) -> None:
    run = enable(ansible, **variables)
    assert run.rc == 0, run.output
    assert repaired(fleet) == wanted


@pytest.mark.parametrize("variables", [{"enable_ha_names": "wiki"}, {"enable_ha_names": "sho"}], ids=str)
def test_nothing_left_to_do_is_said_and_is_no_failure(
    ansible: Ansible, fleet: Platform, variables: dict[str, Any]
) -> None:
    run = enable(ansible, **variables)
    assert run.rc == 0, run.output
    assert NOTHING in run.output
    assert repaired(fleet) == []


def test_a_domain_without_any_host_is_a_mistake(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_domains="acme, acne")
    assert run.rc == 2
    assert "The inventory has no application of acne, which enable_ha_domains names." in run.output
    assert repaired(fleet) == []


def test_empty_answers_are_as_none(ansible: Ansible, fleet: Platform) -> None:
    names = ("hosts", "domains", "names", "batch_size", "canary", "max_fail_percentage", "max_changes", "dry_run")
    run = enable(ansible, **{f"enable_ha_{name}": "" for name in names})
    assert run.rc == 0, run.output
    assert repaired(fleet) == ["acme/crm", "acme/shop", "acme/shopping", "pay/shop"]


def test_a_dry_run_is_as_check_and_diff(ansible: Ansible, fleet: Platform) -> None:
    fleet.broker.clear_requests()
    run = enable(ansible, enable_ha_dry_run="yes", enable_ha_canary=1)
    assert run.rc == 0, run.output
    assert {request["method"] for request in fleet.broker.requests()} == {"GET"}
    assert [task.result["changed"] for task in run.of("openshift_app_ha")] == [True] * 4
    assert '+    "haproxy_count": 2,' in run.output
    assert repaired(fleet) == []


def test_names_are_no_regular_expressions(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_names="acme/(shop)|.*", enable_ha_domains="acme")
    assert run.rc == 0, run.output
    assert NOTHING in run.output
    assert repaired(fleet) == []


@pytest.mark.usefixtures("fleet")
def test_what_nothing_was_found_for_is_said_in_a_sentence(ansible: Ansible) -> None:
    names = enable(ansible, enable_ha_names="wiki,blog")
    both = enable(ansible, enable_ha_names="wiki", enable_ha_domains="acme")
    assert last_words(names) == f"{NOTHING} has one of the names wiki, blog."
    assert last_words(both) == f"{NOTHING} is in the domains acme and has one of the names wiki."


def test_hosts_and_a_choice_among_those_of_the_plugin_exclude_each_other(ansible: Ansible, fleet: Platform) -> None:
    """What was chosen would be ignored, and all hosts be changed."""
    run = enable(ansible, enable_ha_hosts="all", enable_ha_names="shop")
    assert run.rc == 2
    assert "enable_ha_hosts is given as well as enable_ha_domains or enable_ha_names" in last_words(run)
    assert repaired(fleet) == []


# --- How many at most ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, "0", 3, " 3\n"], ids=repr)
def test_a_limit_holds_as_a_number_and_as_a_text(ansible: Ansible, fleet: Platform, limit: int | str) -> None:
    run = enable(ansible, enable_ha_max_changes=limit)
    assert run.rc == 2
    number = str(limit).strip()
    message = f"4 applications would change, more than enable_ha_max_changes: {number}. Nothing was changed."
    assert last_words(run) == message
    assert repaired(fleet) == []


@pytest.mark.usefixtures("fleet")
def test_a_limit_of_no_change_is_kept_where_there_is_nothing_to_do(ansible: Ansible) -> None:
    listed = {"app_ha_applications": [{"domain": "acme", "name": "wiki"}]}
    run = enable_anywhere(ansible, extra_vars={"enable_ha_max_changes": 0, **listed})
    assert run.rc == 0, run.output


@pytest.mark.parametrize("which", LISTS)
def test_the_limit_holds_for_lists_and_selections_too(ansible: Ansible, fleet: Platform, which: str) -> None:
    refused = enable_anywhere(ansible, extra_vars={"enable_ha_max_changes": 3, **LISTS[which]})
    assert refused.rc == 2
    assert "4 applications would change, more than max_changes: 3. Nothing was changed." in last_words(refused)
    assert repaired(fleet) == []
    assert enable_anywhere(ansible, extra_vars={"enable_ha_max_changes": "4", **LISTS[which]}).rc == 0
    assert repaired(fleet) == ALL


@pytest.mark.parametrize("limit", [0, "3"], ids=repr)
def test_the_limit_of_the_role_holds_for_hosts_too(ansible: Ansible, fleet: Platform, limit: int | str) -> None:
    run = enable(ansible, app_ha_max_changes=limit)
    assert run.rc == 2
    message = f"4 applications would change, more than app_ha_max_changes: {limit}. Nothing was changed."
    assert last_words(run) == message
    assert repaired(fleet) == []


def test_the_limit_is_for_one_list(ansible: Ansible, fleet: Platform) -> None:
    """It would hold for each of the lists of several hosts, and not for all of them."""
    variables = {"enable_ha_hosts": "all", "enable_ha_max_changes": 4, **LISTS["list"]}
    run = enable_anywhere(ansible, "-i", "one,two", extra_vars=variables)
    assert run.rc == 2
    assert "enable_ha_max_changes is the limit of one list or selection" in last_words(run)
    assert repaired(fleet) == []


def test_two_limits_that_differ_are_a_mistake(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_max_changes=9, app_ha_max_changes=8)
    assert run.rc == 2
    assert "enable_ha_max_changes is 9 and app_ha_max_changes is 8: give one of them." in last_words(run)
    limits = {"enable_ha_max_changes": "4", "app_ha_max_changes": 4}
    assert enable_anywhere(ansible, extra_vars={**limits, **LISTS["list"]}).rc == 0
    assert repaired(fleet) == ALL


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("canary", "drei"),
        ("canary", 0),
        ("canary", "0"),
        ("batch_size", "25 percent"),
        ("batch_size", "-1"),
        ("max_fail_percentage", "viele"),
        ("max_changes", "viele"),
        ("max_changes", -1),
        ("max_changes", True),
        ("dry_run", "ja"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_a_mistake(
    ansible: Ansible, fleet: Platform, variable: str, value: str | int
) -> None:
    run = enable(ansible, **{f"enable_ha_{variable}": value})
    assert run.rc == 2, run.output
    assert last_words(run).startswith(f"enable_ha_{variable}: {value} is ")
    assert last_words(run).endswith(". Nothing was changed.")
    assert repaired(fleet) == []


@pytest.mark.usefixtures("fleet")
def test_all_mistakes_are_told_at_once(ansible: Ansible) -> None:
    run = enable(ansible, enable_ha_canary="drei", enable_ha_batch_size="vier", enable_ha_max_changes="viele")
    assert [f"enable_ha_{name}: " in last_words(run) for name in ("canary", "batch_size", "max_changes")] == [True] * 3


# --- How many at a time ----------------------------------------------------------------------------------------------


def batches_told(run: PlayRun) -> list[str]:
    return [task.result["msg"] for task in run.tasks if " in batches: " in str(task.result.get("msg", ""))]


@pytest.mark.usefixtures("fleet")
def test_the_batches_are_told_once_beforehand(ansible: Ansible) -> None:
    run = enable(ansible, enable_ha_canary=1, enable_ha_batch_size=1)
    assert run.rc == 0, run.output
    told = "4 applications in batches: 1 first, then 1 at a time. If one of a batch fails, no other batch is begun."
    assert batches_told(run) == [told]
    assert run.output.index(told) < run.output.index("Hold the application as wished")


@pytest.mark.usefixtures("fleet")
def test_how_much_may_fail_is_told_with_the_batches(ansible: Ansible) -> None:
    run = enable(ansible, enable_ha_canary="1", enable_ha_max_fail_percentage="20", enable_ha_batch_size="50%")
    told = "1 first, then 50% at a time. If more than 20% of a batch fail, no other batch is begun."
    assert batches_told(run) == [f"4 applications in batches: {told}"]


def test_a_batch_that_fails_as_a_whole_is_the_last_whatever_may_fail(ansible: Ansible, fleet: Platform) -> None:
    fleet.app("acme", "aaa", gears=2, maximum=2)
    run = enable(ansible, enable_ha_canary=1, enable_ha_max_fail_percentage=100)
    told = "1 first, then 25% at a time. If all of a batch fail, no other batch is begun."
    assert batches_told(run) == [f"5 applications in batches: {told}"]
    assert run.rc == 2
    assert "acme/aaa" in last_words(run)
    assert repaired(fleet) == []


@pytest.mark.parametrize("variables", [{"enable_ha_canary": 4}, {"enable_ha_dry_run": True}], ids=str)
@pytest.mark.usefixtures("fleet")
def test_one_batch_is_not_worth_a_word(ansible: Ansible, variables: dict[str, Any]) -> None:
    run = enable(ansible, **variables)
    assert run.rc == 0, run.output
    assert batches_told(run) == []


# --- Nothing to choose from ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variables", [{}, {"enable_ha_names": "shop"}, {"enable_ha_domains": "acme"}], ids=str)
@pytest.mark.usefixtures("fleet")
def test_an_inventory_that_cannot_be_read_is_no_inventory_without_drift(
    ansible: Ansible, variables: dict[str, Any]
) -> None:
    run = enable(ansible, password="another one", **variables)
    assert run.rc == 2
    told = last_words(run)
    assert "an inventory of the plugin openshift_v2.apps.openshift_apps" in told
    assert "If an inventory was given, it has no groups of the plugin, or could not be read: see the warnings" in told
    assert told.endswith("Nothing was changed.")
    assert "HTTP 401" in run.output


def test_hosts_that_nobody_named_are_told_how_to(ansible: Ansible, fleet: Platform) -> None:
    hosts = yaml.safe_dump({"all": {"hosts": {"shop": {"openshift_domain": "acme", "openshift_app": "shop"}}}})
    run = enable_anywhere(ansible, inventory=hosts)
    assert run.rc == 2
    assert "-e enable_ha_hosts=all" in last_words(run)
    assert "app_ha_applications" in last_words(run)
    assert repaired(fleet) == []


def test_an_application_can_be_named_without_any_inventory(ansible: Ansible, fleet: Platform) -> None:
    run = enable_anywhere(ansible, extra_vars={"openshift_domain": "acme", "openshift_app": "shop"})
    assert run.rc == 0, run.output
    assert repaired(fleet) == ["acme/shop"]

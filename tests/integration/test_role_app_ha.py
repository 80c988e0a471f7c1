"""The role app_ha against the embedded broker: lists on localhost, hosts that are applications."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.harness import PASSWORD, Ansible, Platform, PlayRun, TaskRun

ROLE = "openshift_v2.apps.app_ha"
OF_HOST, OF_LIST = "openshift_app_ha", "openshift_apps_ha"
#: Newer ansible-cores leave what a module was given out of its result, unless they are told to.
INVOCATION = {"ANSIBLE_INJECT_INVOCATION": "true"}
SHOP = {"domain": "acme", "name": "shop"}
REPORT = {"name": "After the role", "ansible.builtin.debug": {"msg": "{{ app_ha_results }}"}}


def play(hosts: str = "localhost", **keywords: Any) -> dict[str, Any]:
    """A play of the role, and a task after it that shows what it left."""
    return {"hosts": hosts, "gather_facts": False, "roles": [ROLE], "tasks": [REPORT], **keywords}


def on_list(ansible: Ansible, applications: list[Any], *arguments: str, **variables: Any) -> PlayRun:
    extra_vars = {"app_ha_applications": applications, **variables}
    return ansible.playbook([play()], *arguments, extra_vars=extra_vars, env=INVOCATION)


def on_hosts(ansible: Ansible, hosts: dict[str, Any], *arguments: str, **variables: Any) -> PlayRun:
    """Several hosts work at once, so nobody could tell which task made which request: see ``methods``."""
    inventory = yaml.safe_dump({"all": {"hosts": hosts}})
    nobody = {"RECORDER_BROKER": None}
    return ansible.playbook([play("all")], *arguments, inventory=inventory, extra_vars=variables, env=nobody)


def methods(platform: Platform) -> list[str]:
    """The methods of all requests since the last call, sorted."""
    seen = sorted(request["method"] for request in platform.broker.requests())
    platform.broker.clear_requests()
    return seen


def host(name: str, **variables: Any) -> dict[str, Any]:
    return {"openshift_domain": "acme", "openshift_app": name, **variables}


def left(run: PlayRun, host_name: str = "localhost") -> list[dict[str, Any]]:
    """``app_ha_results`` as the task after the role found it on that host."""
    (shown,) = (task for task in run.tasks if task.task == REPORT["name"] and task.host == host_name)
    results: list[dict[str, Any]] = shown.result["msg"]
    return results


def writes(run: PlayRun) -> list[str]:
    return [method for task in run.tasks for method in task.writes]


def sent(run: PlayRun) -> list[str]:
    return [method for task in run.tasks for method in task.sent]


def last(run: PlayRun) -> TaskRun:
    return run.tasks[-1]


def ran(run: PlayRun, module: str) -> TaskRun:
    """The one task of that module that was not skipped."""
    (task,) = (task for task in run.of(module) if task.status != "skipped")
    return task


def given(run: PlayRun, module: str) -> dict[str, Any]:
    """The options that the module was given."""
    options: dict[str, Any] = ran(run, module).result["invocation"]["module_args"]
    return options


def names(results: list[dict[str, Any]]) -> list[str]:
    return [result["application"]["name"] for result in results]


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["application"]["ha_status"] for result in results]


# --- A list on localhost -------------------------------------------------------------------------------------------


def test_a_list_is_checked_applied_and_then_unchanged(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "api")
    platform.app("acme", "shop", gears=3, ha=True)
    platform.app("acme", "wiki", ha=True)
    applications = [{"domain": "acme", "name": name} for name in ("api", "shop", "wiki")]
    check = on_list(ansible, applications, "--check", "--diff")
    real = on_list(ansible, applications)
    again = on_list(ansible, applications)
    assert [run.rc for run in (check, real, again)] == [0, 0, 0], real.output
    assert writes(check) == []
    assert names(left(check)) == ["api", "shop", "wiki"]
    assert [result["changed"] for result in left(check)] == [True, True, False]
    assert [result["application"] for result in left(check)] == [result["application"] for result in left(real)]
    assert writes(real) == ["POST", "POST"]
    assert statuses(left(real)) == ["highly_available"] * 3
    assert platform.shown("acme", "shop") == (True, 4, 2)
    assert not any(result["changed"] for result in left(again))
    assert sent(again) == ["GET"]
    assert [ran(run, OF_LIST).result["changed"] for run in (check, real, again)] == [True, True, False]


def test_check_mode_shows_the_difference_and_who_it_is_of(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3, ha=True)
    check = on_list(ansible, [{"domain": "acme", "name": "shop"}], "--check", "--diff")
    assert "--- before: acme/shop" in check.output
    assert '-    "haproxy_count": 1' in check.output
    assert '+    "haproxy_count": 2' in check.output
    assert "changed: [localhost]" in check.output
    assert "acme/shop: degraded -> highly_available, HAProxy 1 -> 2, web gears 3 -> 4" in check.output


def test_one_that_fails_does_not_stop_the_others(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "stuck", gears=2, maximum=2)
    platform.app("acme", "plain", scalable=False)
    platform.app("acme", "shop")
    run = on_list(ansible, [{"domain": "acme", "name": name} for name in ("stuck", "plain", "unknown", "shop")])
    assert run.rc == 2
    assert platform.shown("acme", "shop") == (True, 2, 2)
    count, *reasons = last(run).result["msg"].splitlines()
    assert count == "3 of 4 applications are not as wished:"
    assert len(reasons) == 3
    assert [reason.partition(":")[0] for reason in reasons] == ["acme/stuck", "acme/plain", "acme/unknown"]
    assert "max_gears: 3" in reasons[0]
    assert "not scalable" in reasons[1]
    assert "Application 'unknown' in domain 'acme' is not within reach" in reasons[2]


def test_a_failure_of_many_is_told_in_a_few_lines(ansible: Ansible) -> None:
    run = on_list(ansible, [{"domain": "acme", "name": f"gone{number}"} for number in range(30)])
    assert run.rc == 2
    lines = last(run).result["msg"].splitlines()
    assert lines[0] == "30 of 30 applications are not as wished:"
    assert len(lines) == 12
    assert lines[-1] == "and 20 more"
    assert len(run.output) < 7000
    assert len(left_after_failure(ansible)) == 30


def left_after_failure(ansible: Ansible) -> list[dict[str, Any]]:
    """The results as a rescue finds them."""
    tasks = [{"block": [{"ansible.builtin.include_role": {"name": ROLE}}], "rescue": [REPORT]}]
    listed = [{"domain": "acme", "name": f"gone{number}"} for number in range(30)]
    return left(ansible.playbook([play(roles=[], tasks=tasks)], extra_vars={"app_ha_applications": listed}))


def test_more_changes_than_allowed_are_none(ansible: Ansible, platform: Platform) -> None:
    for name in ("api", "shop", "wiki"):
        platform.app("acme", name)
    listed = [{"domain": "acme", "name": name} for name in ("api", "shop", "wiki")]
    refused = on_list(ansible, listed, app_ha_max_changes=2)
    allowed = on_list(ansible, listed, app_ha_max_changes=3)
    assert (refused.rc, allowed.rc) == (2, 0)
    message = "3 applications would change, more than max_changes: 2. Nothing was changed."
    assert last(refused).result["msg"] == message
    assert writes(refused) == []
    assert statuses(left(allowed)) == ["highly_available"] * 3


def test_an_error_stops_the_others_if_that_is_wished(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    listed = [{"domain": "acme", "name": name} for name in ("unknown", "shop")]
    run = on_list(ansible, listed, app_ha_on_error="stop")
    assert run.rc == 2
    assert writes(run) == []
    first, second = last(run).result["msg"].splitlines()
    assert first == "acme/unknown fails in advance, and on_error is stop. Nothing was changed."
    assert second.startswith("acme/unknown: could not be read")


def test_a_selection(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "api")
    platform.app("acme", "plain", scalable=False)
    platform.app("acme", "shop")
    select = {"names": ["acme/*"], "exclude": ["api"]}
    run = ansible.playbook([play()], extra_vars={"app_ha_select": select}, env=INVOCATION)
    assert run.rc == 0, run.output
    assert names(left(run)) == ["plain", "shop"]
    assert platform.shown("acme", "api") == (False, 1, 1)
    assert platform.shown("acme", "shop") == (True, 2, 2)
    assert "acme/shop: standalone -> highly_available, HAProxy 1 -> 2, web gears 1 -> 2" in run.output
    assert "nothing to change: 1 other application" in run.output


def test_a_broker_that_cannot_be_reached_is_one_clear_message(ansible: Ansible) -> None:
    run = ansible.playbook(
        [play()],
        extra_vars={"app_ha_applications": [{"domain": "acme", "name": "shop"}]},
        env={"OPENSHIFT_BROKER_URL": "http://127.0.0.1:9"},
    )
    assert run.rc == 2
    (line,) = last(run).result["msg"].splitlines()
    assert line.startswith("The applications: could not be read: ")
    assert line.endswith("Nothing was changed. Check broker_url and the network, then run again.")


def test_the_results_can_be_had_after_a_failure(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    tasks = [{"block": [{"ansible.builtin.include_role": {"name": ROLE}}], "rescue": [REPORT]}]
    applications = [{"domain": "acme", "name": name} for name in ("unknown", "shop")]
    run = ansible.playbook([play(roles=[], tasks=tasks)], extra_vars={"app_ha_applications": applications})
    assert run.rc == 0
    assert names(left(run)) == ["unknown", "shop"]
    assert [result["failed"] for result in left(run)] == [True, False]


def test_what_an_application_says_itself_goes_first(ansible: Ansible, platform: Platform) -> None:
    for name in ("api", "crm", "shop"):
        platform.app("acme", name, gears=3, ha=True)
    applications = [
        {"domain": "acme", "name": "api"},
        {"domain": "acme", "name": "crm", "preserve_gear_count": False, "scale_strategy": "set_minimum"},
        {"domain": "acme", "name": "shop", "state": "absent"},
    ]
    run = on_list(ansible, applications, app_ha_preserve_gear_count=True)
    assert run.rc == 0, run.output
    assert platform.shown("acme", "api") == (True, 3, 2)
    assert platform.shown("acme", "crm") == (True, 4, 2)
    assert platform.shown("acme", "shop") == (False, 3, 1)
    assert [result["application"]["min_gears"] for result in left(run)][:2] == [2, 4]


#: Every option that can be set for all and for one, with a value that is not its default.
OPTIONS = {
    "state": "absent",
    "scale_strategy": "set_minimum",
    "preserve_gear_count": True,
    "min_gears": 2,
    "max_gears": 9,
    "allow_gear_removal": True,
    "wait_timeout": 700.0,
    "poll_interval": 6.0,
}


def test_every_option_reaches_the_module_from_a_variable_or_from_the_list(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    variables = {f"app_ha_{name}": value for name, value in OPTIONS.items()}
    of_all = {"concurrency": 7, "max_changes": 3, "on_error": "stop"}
    of_list = on_list(ansible, [SHOP], "--check", **variables, **{f"app_ha_{k}": v for k, v in of_all.items()})
    of_entry = on_list(ansible, [{**SHOP, **OPTIONS}], "--check")
    of_host = ansible.playbook([play()], "--check", extra_vars={**host("shop"), **variables}, env=INVOCATION)
    (entry,) = given(of_entry, OF_LIST)["applications"]
    assert {name: entry[name] for name in OPTIONS} == OPTIONS
    assert {name: given(of_host, OF_HOST)[name] for name in OPTIONS} == OPTIONS
    assert {name: given(of_list, OF_LIST)[name] for name in (*OPTIONS, *of_all)} == {**OPTIONS, **of_all}


@pytest.mark.parametrize(
    ("module", "variables", "itself"),
    [
        (OF_HOST, host("shop"), {"domain": "acme", "name": "shop"}),
        (OF_LIST, {"app_ha_select": {}}, {"select": {}}),
        (OF_LIST, {"app_ha_applications": [{"domain": "acme", "name": "shop"}]}, None),
    ],
    ids=["host", "selection", "list"],
)
def test_the_defaults_are_those_of_the_module(
    ansible: Ansible, platform: Platform, module: str, variables: dict[str, Any], itself: dict[str, Any] | None
) -> None:
    platform.app("acme", "shop")
    options = itself or {"applications": variables["app_ha_applications"]}
    tasks = [
        {"ansible.builtin.include_role": {"name": ROLE}},
        {f"openshift_v2.apps.{module}": options, "name": "The module"},
    ]
    run = ansible.playbook([play(roles=[], tasks=tasks)], "--check", extra_vars=variables, env=INVOCATION)
    by_role, alone = (task for task in run.of(module) if task.status != "skipped")
    assert by_role.result["invocation"]["module_args"] == alone.result["invocation"]["module_args"]


@pytest.mark.parametrize("variables", [host("shop"), {"app_ha_select": {}}], ids=["host", "selection"])
def test_the_connection_of_the_play_is_not_touched(
    ansible: Ansible, platform: Platform, variables: dict[str, Any]
) -> None:
    platform.app("acme", "shop")
    connection = {"broker_url": "{{ where }}", "username": "alice", "password": "{{ secret }}", "http_timeout": 7}
    defaults = {"group/openshift_v2.apps.all": connection}
    known = {**variables, "where": platform.url, "secret": PASSWORD}
    nothing = {f"OPENSHIFT_BROKER_{name}": None for name in ("URL", "USERNAME", "PASSWORD")}
    run = ansible.playbook([play(module_defaults=defaults)], env={**INVOCATION, **nothing}, extra_vars=known)
    assert run.rc == 0, run.output
    assert given(run, OF_HOST if "openshift_app" in variables else OF_LIST)["http_timeout"] == 7
    assert platform.shown("acme", "shop") == (True, 2, 2)


@pytest.mark.parametrize("variables", [host("shop"), {"app_ha_select": {}}], ids=["host", "selection"])
def test_the_roles_variables_and_not_the_plays_defaults_are_its_options(
    ansible: Ansible, platform: Platform, variables: dict[str, Any]
) -> None:
    platform.app("acme", "shop")
    module = OF_HOST if "openshift_app" in variables else OF_LIST
    defaults = {f"openshift_v2.apps.{module}": {"wait_timeout": 900, "min_gears": 5}}
    run = ansible.playbook([play(module_defaults=defaults)], "--check", extra_vars=variables, env=INVOCATION)
    options = given(run, module)
    assert (options["wait_timeout"], options["min_gears"]) == (600, None)


def test_an_empty_list_is_nothing(ansible: Ansible) -> None:
    run = on_list(ansible, [])
    assert run.rc == 0, run.output
    assert left(run) == []
    assert sent(run) == []


# --- Hosts that are applications -----------------------------------------------------------------------------------

HOSTS = {"api.example.com": host("api"), "shop.example.com": host("shop"), "wiki.example.com": host("wiki")}


def test_hosts_are_checked_applied_and_then_unchanged(ansible: Ansible, platform: Platform) -> None:
    """None of these hosts exists, and none has a connection: nobody logs in to an application."""
    platform.app("acme", "api")
    platform.app("acme", "shop", gears=3, ha=True)
    platform.app("acme", "wiki", ha=True)
    platform.broker.clear_requests()
    check, sent_by_check = on_hosts(ansible, HOSTS, "--check", "--diff"), methods(platform)
    real, sent_by_real = on_hosts(ansible, HOSTS), methods(platform)
    again, sent_again = on_hosts(ansible, HOSTS), methods(platform)
    assert [run.rc for run in (check, real, again)] == [0, 0, 0], real.output
    assert set(sent_by_check) == {"GET"}
    assert sent_by_real == ["GET"] * 5 + ["POST"] * 2
    assert sent_again == ["GET"] * 3
    for name in HOSTS:
        (expected,), (result,), (unchanged,) = (left(run, name) for run in (check, real, again))
        assert result["application"] == expected["application"]
        assert result["application"]["ha_status"] == "highly_available"
        assert result["changed"] == expected["changed"]
        assert unchanged["changed"] is False


def test_a_plain_host_on_the_command_line_needs_no_connection(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    run = ansible.playbook([play("all")], "-i", "shop,", extra_vars=host("shop"))
    assert run.rc == 0, run.output
    assert platform.shown("acme", "shop") == (True, 2, 2)
    assert statuses(left(run, "shop")) == ["highly_available"]


def test_a_host_handles_itself_and_not_the_list(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "api")
    platform.app("acme", "shop")
    listed = [{"domain": "acme", "name": "api"}]
    run = on_hosts(ansible, {"shop.example.com": host("shop")}, app_ha_applications=listed)
    assert run.rc == 0, run.output
    assert platform.shown("acme", "api") == (False, 1, 1)
    assert platform.shown("acme", "shop") == (True, 2, 2)


@pytest.mark.parametrize("known", [{}, {"openshift_ha_status": "not_scalable"}], ids=["found", "known"])
def test_a_host_that_is_not_scalable_is_reported_and_left_alone(
    ansible: Ansible, platform: Platform, known: dict[str, str]
) -> None:
    platform.app("acme", "plain", scalable=False)
    platform.broker.clear_requests()
    for arguments in (["--check"], []):
        run = on_hosts(ansible, {"plain.example.com": host("plain", **known)}, *arguments)
        assert run.rc == 0, run.output
        assert set(methods(platform)) == {"GET"}
        assert "acme/plain: not_scalable, left alone" in run.output
        (result,) = left(run, "plain.example.com")
        assert (result["changed"], result["failed"]) == (False, False)
        assert result["application"]["ha_status"] == "not_scalable"


def test_a_host_that_fails_says_why_and_the_others_go_on(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "stuck", gears=2, maximum=2)
    platform.app("acme", "shop")
    run = on_hosts(ansible, {"stuck.example.com": host("stuck"), "shop.example.com": host("shop")})
    assert run.rc == 2
    (failed,) = (task for task in run.tasks if task.failed)
    assert failed.host == "stuck.example.com"
    assert failed.result["msg"].startswith("acme/stuck: ")
    assert "max_gears: 3" in failed.result["msg"]
    assert platform.shown("acme", "shop") == (True, 2, 2)


@pytest.mark.usefixtures("platform")
def test_a_host_that_is_no_application_fails_with_the_reason_and_nothing_else(ansible: Ansible) -> None:
    run = on_hosts(ansible, {"gone.example.com": host("gone")})
    assert run.rc == 2
    assert "acme/gone: could not be read: " in run.output
    assert "[WARNING]" not in run.output


def test_variables_of_a_host_are_its_options(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "api", gears=3, ha=True)
    platform.app("acme", "shop", gears=3, ha=True)
    kept = host("api", app_ha_preserve_gear_count=True)
    run = on_hosts(ansible, {"api.example.com": kept, "shop.example.com": host("shop")})
    assert run.rc == 0, run.output
    assert platform.shown("acme", "api") == (True, 3, 2)
    assert platform.shown("acme", "shop") == (True, 4, 2)


def test_only_a_bastion_may_reach_the_broker(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    hosts = {"bastion": {"ansible_connection": "elsewhere"}, "shop.example.com": host("shop")}
    run = on_hosts(ansible, hosts, "--limit", "shop.example.com", app_ha_delegate_to="bastion")
    assert run.rc == 0, run.output
    assert "changed: [shop.example.com -> bastion]" in run.output
    assert platform.shown("acme", "shop") == (True, 2, 2)


def test_a_list_is_handled_where_the_play_runs(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    hosts = {"bastion": {"ansible_connection": "elsewhere"}}
    run = on_hosts(ansible, hosts, app_ha_applications=[{"domain": "acme", "name": "shop"}])
    assert run.rc == 0, run.output
    assert "changed: [bastion]" in run.output
    assert platform.shown("acme", "shop") == (True, 2, 2)


# --- What is refused before any request ----------------------------------------------------------------------------

#: Variables that cannot be meant, and a word that the message must have.
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing named": ({}, "app_ha_applications"),
    "list and selection": ({"app_ha_applications": [SHOP], "app_ha_select": {}}, "app_ha_select"),
    "selection of nothing known": ({"app_ha_select": {"name": "shop"}}, "name"),
    "no concurrency": ({"app_ha_select": {}, "app_ha_concurrency": 0}, "concurrency"),
    "audit's default": ({"app_ha_audit_all": True}, "app_ha_applications"),
    "null": ({"app_ha_applications": None}, "app_ha_applications"),
    "no domain": ({"app_ha_applications": [{"name": "shop"}]}, "domain"),
    "no name": ({"app_ha_applications": [{"domain": "acme"}]}, "name"),
    "no application": ({"app_ha_applications": ["shop"]}, "app_ha_applications"),
    "unknown option": ({"app_ha_applications": [{**SHOP, "gears": 3}]}, "gears"),
    "credentials per application": ({"app_ha_applications": [{**SHOP, "password": "geheim"}]}, "password"),
    "state": ({"app_ha_applications": [SHOP], "app_ha_state": "enabled"}, "app_ha_state"),
    "state of one": ({"app_ha_applications": [{**SHOP, "state": "enabled"}]}, "state"),
    "strategy": ({"app_ha_applications": [SHOP], "app_ha_scale_strategy": "up"}, "app_ha_scale_strategy"),
    "number": ({"app_ha_applications": [SHOP], "app_ha_min_gears": "many"}, "app_ha_min_gears"),
    "contradiction": ({"app_ha_applications": [SHOP], "app_ha_min_gears": 5, "app_ha_max_gears": 3}, "min_gears"),
    "application without domain": ({"openshift_app": "shop"}, "openshift_domain"),
    "domain without application": ({"openshift_domain": "acme", "app_ha_applications": [SHOP]}, "openshift_app"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_meant_is_refused_before_any_request(ansible: Ansible, case: str) -> None:
    variables, word = WRONG[case]
    run = ansible.playbook([play()], extra_vars=variables)
    assert run.rc == 2
    assert word in json.dumps(last(run).result["msg"])
    assert sent(run) == []


def test_a_list_says_which_application_cannot_be_meant(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    run = on_list(ansible, [SHOP, {"domain": "acme", "name": "api", "min_gears": 0}])
    assert run.rc == 2
    assert last(run).result["msg"] == "applications[1]: min_gears: 0 is less than 1"
    assert sent(run) == []


# --- Secrets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["environment", "variable"])
@pytest.mark.parametrize("right", [True, False], ids=["accepted", "refused"])
def test_no_password_is_printed(ansible: Ansible, platform: Platform, source: str, right: bool) -> None:
    platform.app("acme", "shop")
    secret = PASSWORD if right else "wrong-donkey-staple"
    variables: dict[str, Any] = {"app_ha_applications": [SHOP]}
    keywords: dict[str, Any] = {}
    if source == "variable":
        keywords["module_defaults"] = {"group/openshift_v2.apps.all": {"username": "alice", "password": "{{ secret }}"}}
        (ansible.directory / "secret.yml").write_text(yaml.safe_dump({"secret": secret}), encoding="utf-8")
        keywords["vars_files"] = ["secret.yml"]
    env = {"OPENSHIFT_BROKER_PASSWORD": secret if source == "environment" else None}
    run = ansible.playbook([play(**keywords)], "-vvvv", "--diff", env=env, extra_vars=variables)
    assert run.rc == (0 if right else 2)
    assert ("acme/shop" if right else "Check username and password") in run.output
    assert secret not in run.output

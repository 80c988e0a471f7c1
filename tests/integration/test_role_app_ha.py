"""The role app_ha against the embedded broker: lists on localhost, hosts that are applications."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import ENVIRONMENT, SPECS
from tests.harness import LOGIN, PASSWORD, Ansible, Platform, PlayRun, TaskRun
from tests.parts import thorough

ROLE = "openshift_v2.apps.app_ha"
OF_HOST, OF_LIST = "openshift_app_ha", "openshift_apps_ha"
#: By default, newer ansible-cores leave the options of a module out of its result.
INVOCATION = {"ANSIBLE_INJECT_INVOCATION": "true"}
SHOP = {"domain": "acme", "name": "shop"}
WRONG_PASSWORD = "wrong-donkey-staple"
#: An environment without a broker and an account.
NO_CONNECTION = {f"OPENSHIFT_BROKER_{name}": None for name in ("URL", "USERNAME", "PASSWORD")}
REPORT = {"name": "After the role", "ansible.builtin.debug": {"msg": "{{ app_ha_results }}"}}


def play(hosts: str = "localhost", **keywords: Any) -> dict[str, Any]:
    """A play with the role, and a task that shows its results."""
    return {"hosts": hosts, "gather_facts": False, "roles": [ROLE], "tasks": [REPORT], **keywords}


def on_list(ansible: Ansible, applications: list[Any], *arguments: str, **variables: Any) -> PlayRun:
    extra_vars = {"app_ha_applications": applications, **variables}
    return ansible.playbook([play()], *arguments, extra_vars=extra_vars, env=INVOCATION)


def on_hosts(ansible: Ansible, hosts: dict[str, Any], *arguments: str, **variables: Any) -> PlayRun:
    """Run the role on hosts, in parallel. The recorder cannot assign requests to tasks then: see ``methods``."""
    inventory = yaml.safe_dump({"all": {"hosts": hosts}})
    env = {"RECORDER_BROKER": None, **INVOCATION}
    return ansible.playbook([play("all")], *arguments, inventory=inventory, extra_vars=variables, env=env)


def methods(platform: Platform) -> list[str]:
    """The methods of all requests since the last call, sorted."""
    seen = sorted(request["method"] for request in platform.broker.requests())
    platform.broker.clear_requests()
    return seen


def host(name: str, **variables: Any) -> dict[str, Any]:
    return {"openshift_domain": "acme", "openshift_app": name, **variables}


def results_of(run: PlayRun, host_name: str = "localhost") -> list[dict[str, Any]]:
    """``app_ha_results`` on that host, as the task after the role shows it."""
    (task,) = (task for task in run.tasks if task.task == REPORT["name"] and task.host == host_name)
    results: list[dict[str, Any]] = task.result["msg"]
    return results


def writes(run: PlayRun) -> list[str]:
    return [method for task in run.tasks for method in task.writes]


def sent(run: PlayRun) -> list[str]:
    return [method for task in run.tasks for method in task.sent]


def last(run: PlayRun) -> TaskRun:
    return run.tasks[-1]


def summary_of(run: PlayRun) -> list[str]:
    """The lines of the summary that the role shows."""
    (task,) = (task for task in run.tasks if task.task.endswith("Show the summary"))
    lines: list[str] = task.result["msg"]
    return lines


def task_of(run: PlayRun, module: str, host_name: str = "localhost") -> TaskRun:
    """The only task of that module on that host that was not skipped."""
    (task,) = (task for task in run.of(module) if task.status != "skipped" and task.host == host_name)
    return task


def options_of(run: PlayRun, module: str, host_name: str = "localhost") -> dict[str, Any]:
    """The options of the module on that host, as the role set them."""
    options: dict[str, Any] = task_of(run, module, host_name).result["invocation"]["module_args"]
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
    assert names(results_of(check)) == ["api", "shop", "wiki"]
    assert [result["changed"] for result in results_of(check)] == [True, True, False]
    assert [result["application"] for result in results_of(check)] == [
        result["application"] for result in results_of(real)
    ]
    assert sorted(writes(real)) == ["POST", "PUT", "PUT"]
    assert statuses(results_of(real)) == ["highly_available"] * 3
    assert platform.shown("acme", "shop") == (True, 4, 2)
    assert not any(result["changed"] for result in results_of(again))
    assert sent(again) == ["GET"]
    assert [task_of(run, OF_LIST).result["changed"] for run in (check, real, again)] == [True, True, False]
    shop = "acme/shop: degraded -> highly_available"
    assert f"\n{shop}\n  HAProxy 1 -> 2, web gears 3 -> 4\n" in check.output
    assert "acme/wiki: " not in check.output
    api = "  acme/api: standalone -> highly_available, HAProxy 1 -> 2, web gears 1 -> 2, minimum 1 -> 2"
    for run, state in ((check, "would change"), (real, "changed")):
        assert "changed: [localhost]" in run.output
        assert summary_of(run) == [
            f"3 applications: 2 {state}, 1 unchanged.",
            f"{state.capitalize()} (2), +2 gears:",
            api,
            f"  {shop}, HAProxy 1 -> 2, web gears 3 -> 4",
            "Unchanged (1): acme/wiki (highly_available)",
        ]
    assert summary_of(again) == ["3 applications: 3 unchanged.", "Unchanged (3): 3 highly_available"]


def test_a_failed_application_does_not_stop_the_others(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "stuck", gears=2, maximum=2)
    platform.app("acme", "plain", scalable=False)
    platform.app("acme", "shop")
    run = on_list(ansible, [{"domain": "acme", "name": name} for name in ("stuck", "plain", "unknown", "shop")])
    assert run.rc == 2
    assert platform.shown("acme", "shop") == (True, 2, 2)
    assert last(run).result["msg"] == (
        "3 of 4 applications are not in the desired state. The summary above states the reason."
    )
    lines = summary_of(run)
    assert lines[0] == "4 applications: 1 changed, 2 blocked, 1 failed."
    assert lines[1] == "Changed (1), +1 gear:"
    assert lines[3] == "Blocked (2):"
    assert lines[4].startswith("  acme/stuck: the second HAProxy instance needs a new gear")
    assert lines[5] == "    Set max_gears to 3 or more (-1: no limit)."
    assert lines[6].startswith("  acme/plain: ")
    assert "not scalable" in lines[6]
    assert "Failed (1):" in lines
    assert any(line.startswith("  acme/unknown: could not be read: ") for line in lines)


def test_many_failures_are_reported_in_a_few_lines(ansible: Ansible) -> None:
    run = on_list(ansible, [{"domain": "acme", "name": f"gone{number}"} for number in range(30)])
    assert run.rc == 2
    headline, title, reason, names, remedy = summary_of(run)
    assert (headline, title) == ("30 applications: 30 failed.", "Failed (30):")
    assert reason.startswith("  Could not be read: application")
    assert names == "    30 applications: acme/gone0, acme/gone1, acme/gone2 and 27 more"
    assert remedy == "    Check domain and name, and that the account is a member of the domain."
    assert len(run.output) < 4700


@pytest.mark.thorough
def test_an_unknown_capability_is_one_warning_for_all_hosts_of_an_owner(ansible: Ansible, platform: Platform) -> None:
    names = ("till", "shop", "wiki")
    platform.broker.seed(
        {
            "users": [{"login": "carol", "ha": True}],
            "domains": [{"name": "pay", "owner": "carol", "members": [{"login": LOGIN, "role": "admin"}]}],
            "applications": [{"domain": "pay", "name": name, "cartridges": ["php-5.4"]} for name in names],
        }
    )
    run = on_hosts(ansible, {name: {"openshift_domain": "pay", "openshift_app": name} for name in names}, "--check")
    assert run.rc == 0, run.output
    assert run.output.count("[WARNING]: The HA capability of the owner (carol)") == 1


@pytest.mark.thorough
def test_failures_of_many_hosts_are_grouped(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", ha=True)
    run = on_hosts(ansible, {name: host(name) for name in ("shop", *(f"gone{number}" for number in range(7)))})
    assert run.rc == 2
    headline, title, reason, names, _remedy, unchanged = summary_of(run)
    assert (headline, title) == ("8 applications: 7 failed, 1 unchanged.", "Failed (7):")
    assert reason.startswith("  Could not be read: Application not found (HTTP 404, ")
    assert names == "    7 applications: acme/gone0, acme/gone1, acme/gone2 and 4 more"
    assert unchanged == "Unchanged (1): acme/shop (highly_available)"
    failed = {task.result["msg"] for task in run.tasks if task.failed}
    assert failed == {
        "The application is not in the desired state. The summary above and app_ha_results state the reason."
    }


def test_more_changes_than_the_limit_are_refused(ansible: Ansible, platform: Platform) -> None:
    for name in ("api", "shop", "wiki"):
        platform.app("acme", name)
    run = on_list(ansible, [{"domain": "acme", "name": name} for name in ("api", "shop", "wiki")], app_ha_max_changes=2)
    assert run.rc == 2
    too_many = "3 applications would change, more than max_changes: 2."
    assert last(run).result["msg"] == f"{too_many} Nothing was changed. Find out why before you raise the limit."
    assert writes(run) == []


def test_an_error_stops_the_others_on_request(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    listed = [{"domain": "acme", "name": name} for name in ("unknown", "shop")]
    run = on_list(ansible, listed, app_ha_on_error="stop")
    assert run.rc == 2
    assert writes(run) == []
    stops = "acme/unknown would fail, and on_error is stop. Nothing was changed."
    refusal = f"{stops} Solve this failure, or set on_error: continue."
    assert last(run).result["msg"] == refusal
    headline, note, not_started, listed, failed, reason, _remedy = summary_of(run)
    assert headline == "2 applications: 1 not started, 1 failed."
    assert (note, not_started, listed) == (refusal, "Not started (1):", "  acme/shop: standalone")
    assert failed == "Failed (1):"
    assert reason.startswith("  acme/unknown: could not be read: ")


def test_a_selection(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "api")
    platform.app("acme", "plain", scalable=False)
    platform.app("acme", "shop")
    select = {"names": ["acme/*"], "exclude": ["api"]}
    run = ansible.playbook([play()], extra_vars={"app_ha_select": select}, env=INVOCATION)
    assert run.rc == 0, run.output
    assert names(results_of(run)) == ["plain", "shop"]
    assert platform.shown("acme", "api") == (False, 1, 1)
    assert platform.shown("acme", "shop") == (True, 2, 2)
    assert summary_of(run)[2:] == [
        "  acme/shop: standalone -> highly_available, HAProxy 1 -> 2, web gears 1 -> 2, minimum 1 -> 2",
        "Unchanged (1): acme/plain (not scalable, skipped)",
    ]


@pytest.mark.parametrize("arguments", [[], thorough(["--check"])], ids=["real", "check"])
def test_an_unknown_domain_is_refused(ansible: Ansible, platform: Platform, arguments: list[str]) -> None:
    platform.app("acme", "api")
    select = {"domains": ["acme", "pya"], "names": ["api", "shpo"]}
    run = ansible.playbook([play()], *arguments, extra_vars={"app_ha_select": select})
    assert run.rc == 2
    assert last(run).result["msg"] == (
        "select: no accessible application matches pya. Check the spelling, and that the account is a member of the "
        "domain. Nothing was changed."
    )
    assert writes(run) == []


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"app_ha_select": True}, "select: must be a dictionary, not a boolean (true)."),
        thorough({"app_ha_applications": True}, "applications: must be a list, not a boolean (true)."),
        thorough({"app_ha_select": {}, "app_ha_probe": True}, "probe: must be a dictionary, not a boolean (true)."),
        thorough({"app_ha_select": {}, "app_ha_max_gears": "inf"}, "max_gears: must be a whole number, not 'inf'."),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(
    ansible: Ansible, variables: dict[str, Any], message: str
) -> None:
    run = ansible.playbook([play()], extra_vars=variables, env={"RECORDER_BROKER": None})
    assert run.rc == 2
    assert last(run).result["msg"] == f"{message} Nothing was changed."


def test_a_broker_that_cannot_be_reached_is_one_clear_message(ansible: Ansible) -> None:
    run = ansible.playbook(
        [play()],
        extra_vars={"app_ha_applications": [{"domain": "acme", "name": "shop"}]},
        env={"OPENSHIFT_BROKER_URL": "http://127.0.0.1:9"},
    )
    assert run.rc == 2
    (line,) = last(run).result["msg"].splitlines()
    assert line.startswith("The applications could not be read: ")
    assert line.endswith("Nothing was changed. Check broker_url and the network, then run again.")


@pytest.mark.thorough
def test_the_results_are_available_after_a_failure(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    tasks = [{"block": [{"ansible.builtin.include_role": {"name": ROLE}}], "rescue": [REPORT]}]
    applications = [{"domain": "acme", "name": name} for name in ("unknown", "shop")]
    run = ansible.playbook([play(roles=[], tasks=tasks)], extra_vars={"app_ha_applications": applications})
    assert run.rc == 0
    assert names(results_of(run)) == ["unknown", "shop"]
    assert [result["failed"] for result in results_of(run)] == [True, False]


def test_options_of_an_application_override_the_variables(ansible: Ansible, platform: Platform) -> None:
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
    assert [result["application"]["min_gears"] for result in results_of(run)][:2] == [2, 4]


#: Every option that can be set for all applications and for a single one, with a value that is not its default.
OPTIONS = {
    "state": "absent",
    "scale_strategy": "set_minimum",
    "preserve_gear_count": True,
    "min_gears": 2,
    "max_gears": 9,
    "allow_gear_removal": True,
    "verify": "placement",
    "spread": "zone",
    "probe": {"path": "/health", "timeout": 2.5, "statuses": ["200"]},
    "relocate": True,
    "wait_timeout": 700.0,
    "poll_interval": 6.0,
}
#: Options of a whole list or selection.
OPTIONS_OF_LIST = {"concurrency": 7, "max_changes": 3, "on_error": "stop"}
#: Options that the role does not set.
CONNECTION = set(ENVIRONMENT) | {"impersonate_user", "http_timeout", "operation_timeout", "ciphers"}


def defaults_of(module: str, **options: Any) -> dict[str, Any]:
    """The options of the module, of which only these are set; without those of the connection."""
    connection = {"broker_url": "https://broker.example.com", "username": "alice", "password": "x"}
    validated = ArgumentSpecValidator(**SPECS[module]()).validate({**connection, **options})
    assert not validated.error_messages
    return {name: value for name, value in validated.validated_parameters.items() if name not in CONNECTION}


#: The role differs from the module: an unknown domain is a failure.
FAIL = {"unknown_domains": "fail"}


def variables_for(options: dict[str, Any]) -> dict[str, Any]:
    return {f"app_ha_{name}": value for name, value in options.items()}


def test_variables_and_entries_become_options_of_the_modules(ansible: Ansible, platform: Platform) -> None:
    """Each case is a host with its own variables. Without variables, the defaults are those of the modules."""
    platform.app("acme", "shop")
    local = {"ansible_connection": "local"}
    hosts: dict[str, dict[str, Any]] = {
        "host": host("shop"),
        "host with variables": host("shop", **variables_for(OPTIONS)),
        "list": {**local, "app_ha_applications": [SHOP]},
        "list with variables": {
            **local,
            "app_ha_applications": [SHOP],
            **variables_for({**OPTIONS, **OPTIONS_OF_LIST}),
        },
        "list with entries": {**local, "app_ha_applications": [{**SHOP, **OPTIONS}]},
        "selection": {**local, "app_ha_select": {}},
    }
    run = on_hosts(ansible, hosts, "--check")
    expected: dict[str, tuple[str, dict[str, Any]]] = {
        "host": (OF_HOST, defaults_of(OF_HOST, **SHOP)),
        "host with variables": (OF_HOST, defaults_of(OF_HOST, **SHOP, **OPTIONS)),
        "list": (OF_LIST, defaults_of(OF_LIST, **FAIL, applications=[SHOP])),
        "list with variables": (
            OF_LIST,
            defaults_of(OF_LIST, **FAIL, applications=[SHOP], **OPTIONS, **OPTIONS_OF_LIST),
        ),
        "list with entries": (OF_LIST, defaults_of(OF_LIST, **FAIL, applications=[{**SHOP, **OPTIONS}])),
        "selection": (OF_LIST, defaults_of(OF_LIST, **FAIL, select={})),
    }
    for case, (module, options) in expected.items():
        given = options_of(run, module, case)
        assert {name: given[name] for name in options} == options, case


def test_the_role_keeps_the_connection_of_the_play(ansible: Ansible, platform: Platform) -> None:
    """It does not use other defaults of the play: its variables set these options."""
    platform.app("acme", "shop")
    platform.app("acme", "wiki")
    connection = {"broker_url": "{{ where }}", "username": "alice", "password": "{{ secret }}", "http_timeout": 7}
    others = {"wait_timeout": 900, "min_gears": 5}
    defaults = {
        "group/openshift_v2.apps.all": connection,
        f"openshift_v2.apps.{OF_HOST}": others,
        f"openshift_v2.apps.{OF_LIST}": others,
    }
    hosts = {
        "shop.example.com": host("shop"),
        "selecting": {"ansible_connection": "local", "app_ha_select": {"names": ["wiki"]}},
    }
    run = ansible.playbook(
        [play("all", module_defaults=defaults)],
        inventory=yaml.safe_dump({"all": {"hosts": hosts}}),
        extra_vars={"where": platform.url, "secret": PASSWORD},
        env={**INVOCATION, "RECORDER_BROKER": None, **NO_CONNECTION},
    )
    assert run.rc == 0, run.output
    for host_name, module in (("shop.example.com", OF_HOST), ("selecting", OF_LIST)):
        options = options_of(run, module, host_name)
        assert [options[name] for name in ("http_timeout", "wait_timeout", "min_gears")] == [7, 600, None]
    assert [platform.shown("acme", name) for name in ("shop", "wiki")] == [(True, 2, 2)] * 2


def test_an_empty_list_is_nothing(ansible: Ansible) -> None:
    run = on_list(ansible, [])
    assert run.rc == 0, run.output
    assert results_of(run) == []
    assert sent(run) == []


# --- Hosts that are applications -----------------------------------------------------------------------------------

HOSTS = {"api.example.com": host("api"), "shop.example.com": host("shop"), "wiki.example.com": host("wiki")}


def test_hosts_are_checked_applied_and_then_unchanged(ansible: Ansible, platform: Platform) -> None:
    """None of these hosts exists or has a connection: the role does not log in to applications."""
    platform.app("acme", "api")
    platform.app("acme", "shop", gears=3, ha=True)
    platform.app("acme", "wiki", ha=True)
    platform.broker.clear_requests()
    check, sent_by_check = on_hosts(ansible, HOSTS, "--check", "--diff"), methods(platform)
    real, sent_by_real = on_hosts(ansible, HOSTS), methods(platform)
    again, sent_again = on_hosts(ansible, HOSTS), methods(platform)
    assert [run.rc for run in (check, real, again)] == [0, 0, 0], real.output
    assert set(sent_by_check) == {"GET"}
    assert [method for method in sent_by_real if method != "GET"] == ["POST", "PUT", "PUT"]
    assert sent_again == ["GET"] * 3
    for name in HOSTS:
        (expected,), (result,), (unchanged,) = (results_of(run, name) for run in (check, real, again))
        assert result["application"] == expected["application"]
        assert result["application"]["ha_status"] == "highly_available"
        assert result["changed"] == expected["changed"]
        assert unchanged["changed"] is False


@pytest.mark.thorough
def test_a_plain_host_on_the_command_line_needs_no_connection(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    run = ansible.playbook([play("all")], "-i", "shop,", extra_vars=host("shop"))
    assert run.rc == 0, run.output
    assert platform.shown("acme", "shop") == (True, 2, 2)
    assert statuses(results_of(run, "shop")) == ["highly_available"]


@pytest.mark.parametrize("arguments", [[], thorough(["--check"])], ids=["real", "check"])
def test_hosts_are_handled_independently(ansible: Ansible, platform: Platform, arguments: list[str]) -> None:
    for name in ("api", "shop"):
        platform.app("acme", name, gears=3, ha=True)
    platform.app("acme", "crm")
    platform.app("acme", "stuck", gears=2, maximum=2)
    platform.app("acme", "plain", scalable=False)
    platform.broker.clear_requests()
    hosts = {
        "with variables": host("api", app_ha_preserve_gear_count=True),
        "with a list": host("shop", app_ha_applications=[{"domain": "acme", "name": "crm"}]),
        "blocked": host("stuck"),
        "missing": host("gone"),
        "not scalable": host("plain", openshift_ha_status="not_scalable"),
    }
    run = on_hosts(ansible, hosts, *arguments)
    assert run.rc == 2
    assert {task.host for task in run.tasks if task.failed} == {"blocked", "missing"}
    lines = summary_of(run)
    state = "would change" if arguments else "changed"
    assert lines[0] == f"5 applications: 2 {state}, 1 blocked, 1 failed, 1 unchanged."
    assert any(line.startswith("  acme/stuck: ") for line in lines)
    assert "    Set max_gears to 3 or more (-1: no limit)." in lines
    assert any(line.startswith("  acme/gone: ") for line in lines)
    assert "[WARNING]" not in run.output
    assert lines[-1] == "Unchanged (1): acme/plain (not scalable, skipped)"
    (result,) = results_of(run, "not scalable")
    assert (result["changed"], result["failed"]) == (False, False)
    assert result["application"]["ha_status"] == "not_scalable"
    gears = [results_of(run, name)[0]["application"]["web_gears"] for name in ("with variables", "with a list")]
    assert gears == [3, 4]
    assert platform.shown("acme", "api") == ((True, 3, 1) if arguments else (True, 3, 2))
    assert platform.shown("acme", "shop") == ((True, 3, 1) if arguments else (True, 4, 2))
    assert platform.shown("acme", "crm") == (False, 1, 1)


@pytest.mark.thorough
def test_only_a_bastion_may_reach_the_broker(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    hosts = {"bastion": {"ansible_connection": "elsewhere"}, "shop.example.com": host("shop")}
    run = on_hosts(ansible, hosts, "--limit", "shop.example.com", app_ha_delegate_to="bastion")
    assert run.rc == 0, run.output
    assert "changed: [shop.example.com -> bastion]" in run.output
    assert platform.shown("acme", "shop") == (True, 2, 2)


@pytest.mark.thorough
def test_a_list_is_handled_where_the_play_runs(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    hosts = {"bastion": {"ansible_connection": "elsewhere"}}
    run = on_hosts(ansible, hosts, app_ha_applications=[{"domain": "acme", "name": "shop"}])
    assert run.rc == 0, run.output
    assert "changed: [bastion]" in run.output
    assert platform.shown("acme", "shop") == (True, 2, 2)


# --- What is refused before any request ----------------------------------------------------------------------------

#: Invalid variables, and a word that the message must have.
INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "nothing named": ({}, "app_ha_applications"),
    "list and selection": ({"app_ha_applications": [SHOP], "app_ha_select": {}}, "app_ha_select"),
    "selection by an unknown key": ({"app_ha_select": {"name": "shop"}}, "name"),
    "no concurrency": ({"app_ha_select": {}, "app_ha_concurrency": 0}, "concurrency"),
    "default of the audit": ({"app_ha_audit_all": True}, "app_ha_applications"),
    "null": ({"app_ha_applications": None}, "app_ha_applications"),
    "no domain": ({"app_ha_applications": [{"name": "shop"}]}, "domain"),
    "no name": ({"app_ha_applications": [{"domain": "acme"}]}, "name"),
    "no application": ({"app_ha_applications": ["shop"]}, "applications[0]: must be a dictionary"),
    "unknown option": ({"app_ha_applications": [{**SHOP, "gears": 3}]}, "gears"),
    "credentials per application": ({"app_ha_applications": [{**SHOP, "password": "geheim"}]}, "password"),
    "state": ({"app_ha_applications": [SHOP], "app_ha_state": "enabled"}, "app_ha_state"),
    "state of one": ({"app_ha_applications": [{**SHOP, "state": "enabled"}]}, "state"),
    "strategy": ({"app_ha_applications": [SHOP], "app_ha_scale_strategy": "up"}, "app_ha_scale_strategy"),
    "number": ({"app_ha_applications": [SHOP], "app_ha_min_gears": "many"}, "app_ha_min_gears"),
    "contradiction": ({"app_ha_applications": [SHOP], "app_ha_min_gears": 5, "app_ha_max_gears": 3}, "min_gears"),
    "application without domain": ({"openshift_app": "shop"}, "openshift_domain"),
    "domain without application": ({"openshift_domain": "acme", "app_ha_applications": [SHOP]}, "openshift_app"),
    "number out of range": (
        {"app_ha_applications": [SHOP, {**SHOP, "name": "api", "min_gears": 0}]},
        "applications[1]: min_gears: 0 is less than 1",
    ),
}


def test_invalid_variables_are_refused_before_any_request(ansible: Ansible, platform: Platform) -> None:
    """Each case is a host with its own variables."""
    platform.broker.clear_requests()
    hosts = {case: {"ansible_connection": "local", **variables} for case, (variables, _word) in INVALID.items()}
    run = on_hosts(ansible, hosts)
    assert run.rc == 2
    messages = {task.host: json.dumps(task.result["msg"]) for task in run.tasks if task.failed}
    assert messages.keys() == INVALID.keys()
    assert {case: word for case, (_variables, word) in INVALID.items() if word not in messages[case]} == {}
    assert methods(platform) == []


# --- Secrets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [thorough(PASSWORD), WRONG_PASSWORD], ids=["accepted", "refused"])
def test_no_password_of_the_environment_is_printed(ansible: Ansible, platform: Platform, secret: str) -> None:
    platform.app("acme", "shop")
    env = {"OPENSHIFT_BROKER_PASSWORD": secret}
    run = ansible.playbook([play()], "-vvvv", "--diff", env=env, extra_vars={"app_ha_applications": [SHOP]})
    assert run.rc == (0 if secret == PASSWORD else 2)
    assert ("acme/shop" if secret == PASSWORD else "Check username and password") in run.output
    assert secret not in run.output


@pytest.mark.thorough
def test_no_password_of_a_variable_is_printed(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    secrets = {"accepted": PASSWORD, "refused": WRONG_PASSWORD}
    defaults = {"group/openshift_v2.apps.all": {"username": "alice", "password": "{{ secret }}"}}
    hosts = {name: {"ansible_connection": "local", "secret": secret} for name, secret in secrets.items()}
    run = ansible.playbook(
        [play("all", module_defaults=defaults)],
        "-vvvv",
        "--diff",
        inventory=yaml.safe_dump({"all": {"hosts": hosts}}),
        extra_vars={"app_ha_applications": [SHOP]},
        env={"RECORDER_BROKER": None, "OPENSHIFT_BROKER_PASSWORD": None},
    )
    assert [task.host for task in run.tasks if task.failed] == ["refused"]
    assert statuses(results_of(run, "accepted")) == ["highly_available"]
    assert "Check username and password" in run.output
    for secret in secrets.values():
        assert secret not in run.output

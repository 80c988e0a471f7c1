"""A module returns the same result inside the Ansible process, as a real module, and on another host."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from tests.harness import INVENTORY_ELSEWHERE, PASSWORD, ROOT, WAYS, Ansible, Platform, TaskRun

MODULE = "openshift_v2.apps.openshift_app_ha"
MASKED = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

#: Keywords of a task that run it on another host, as another user, later, or with another environment.
KEYWORDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "delegated": {"delegate_to": "bastion"},
    # su asks everybody but root for a password.
    **({"become": {"become": True, "become_method": "su", "become_user": "root"}} if os.geteuid() == 0 else {}),
    "async": {"async": 600, "poll": 1},
    "environment": {"environment": {"OPENSHIFT_BROKER_USERNAME": "alice"}},
}
#: What a module returns; Ansible adds other keys.
RETURNED = ("changed", "msg", "application", "before", "steps", "blockers", "diff", "warnings")
#: For each of the two ways, the keywords of a play that uses it.
ENVIRONMENT: dict[str, dict[str, Any]] = dict(zip(WAYS, ({}, {"environment": {"AS_MODULE": "1"}}), strict=True))


def play(*tasks: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {"hosts": "localhost", "gather_facts": False, "ignore_errors": True, "tasks": list(tasks), **keywords}


@pytest.mark.parametrize(
    "names",
    [["plain", "delegated"], pytest.param([*KEYWORDS], marks=pytest.mark.thorough)],
    ids=["in-process and elsewhere", "all"],
)
def test_every_way_returns_the_same(ansible: Ansible, platform: Platform, names: list[str]) -> None:
    platform.app("acme", "fixed", scalable=False)
    tasks = []
    for name in names:
        keywords = KEYWORDS[name]
        platform.app("acme", name, gears=3)
        own = {"domain": "acme", "name": name, "preserve_gear_count": True}
        if "async" not in keywords:
            tasks.append({"name": f"{name} predicted", MODULE: own, "check_mode": True, **keywords})
        tasks += [{"name": f"{name} {which}", MODULE: own, **keywords} for which in ("first", "second")]
        tasks.append({"name": f"{name} refused", MODULE: {"domain": "acme", "name": "fixed"}, **keywords})
        tasks.append({"name": f"{name} absent", MODULE: {"domain": "acme", "name": "gone"}, **keywords})
    identifiers = {name: platform.call("GET", f"/domain/acme/application/{name}", None)["id"] for name in names}
    env = {"ANSIBLE_INJECT_INVOCATION": "1"}
    runs = ansible.playbook([play(*tasks)], inventory=INVENTORY_ELSEWHERE, env=env).of("openshift_app_ha")
    results = {run.task: comparable(run, identifiers[run.task.split()[0]]) for run in runs}

    plain = {task.partition(" ")[2]: result for task, result in results.items() if task.startswith("plain ")}
    assert (plain["predicted"]["changed"], plain["first"]["changed"], plain["second"]["changed"]) == (True, True, False)
    steps = [(step["action"], step["status"]) for step in plain["first"]["steps"]]
    assert steps == [("make_ha", "done"), *[("set_limits", "done")] * 3]
    assert plain["first"]["application"]["id"] == "ID"
    assert (plain["refused"]["failed"], plain["absent"]["failed"]) == (True, True)
    assert [blocker["code"] for blocker in plain["refused"]["blockers"]] == ["not_scalable"]
    assert plain["absent"]["application"] == {"domain": "acme", "name": "gone"}

    expected = {f"{name} {which}": result for name in names for which, result in plain.items()}
    expected.pop("async predicted", None)
    assert results == expected
    assert {name: platform.shown("acme", name) for name in names} == dict.fromkeys(names, (True, 3, 2))
    check_invocations(runs, platform.url)


def comparable(run: TaskRun, identifier: str) -> dict[str, Any]:
    """The result without times, and without the name and the identifier of the task's own application."""
    result = {key: value for key, value in run.result.items() if key in RETURNED}
    result["steps"] = [{key: value for key, value in step.items() if key != "seconds"} for step in result["steps"]]
    result["failed"] = run.failed
    text = json.dumps(result).replace(identifier, "ID").replace(run.task.split()[0], "NAME")
    replaced: dict[str, Any] = json.loads(text)
    return replaced


def check_invocations(runs: list[TaskRun], url: str) -> None:
    """Every result contains the options, but no secret."""
    arguments = {run.task: run.result["invocation"]["module_args"] for run in runs}
    assert {task: each["domain"] for task, each in arguments.items()} == dict.fromkeys(arguments, "acme")
    assert {task: each["broker_url"] for task, each in arguments.items()} == dict.fromkeys(arguments, url)
    assert {task: each["password"] for task, each in arguments.items()} == dict.fromkeys(arguments, MASKED)
    assert [run.task for run in runs if PASSWORD in str(run.result)] == []


def test_defaults_and_variables_of_the_play_apply_to_both_ways(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    platform.app("acme", "other")
    defaults = {"broker_url": f"{platform.url}/broker/rest/", "username": "alice"}
    plays = [
        play(
            {"name": way, MODULE: {"domain": "acme", "app": app}, "vars": {"ansible_inject_invocation": True}},
            module_defaults={"group/openshift_v2.apps.all": defaults},
            **ENVIRONMENT[way],
        )
        for way, app in zip(WAYS, ("shop", "other"), strict=True)
    ]
    run = ansible.playbook(plays, env={"OPENSHIFT_BROKER_URL": None, "OPENSHIFT_BROKER_USERNAME": None})
    tasks = run.of("openshift_app_ha")
    assert {task.task: task.result["application"]["ha_status"] for task in tasks} == dict.fromkeys(
        WAYS, "highly_available"
    )
    assert [task.result["invocation"]["module_args"]["name"] for task in tasks] == ["shop", "other"]
    check_invocations(tasks, defaults["broker_url"])


def test_a_token_suffices_in_both_ways(ansible: Ansible, platform: Platform) -> None:
    token = platform.call("POST", "/user/authorizations", {"scope": "session", "note": "test"})["token"]
    plays = []
    for way, app in zip(WAYS, ("shop", "other"), strict=True):
        platform.app("acme", app, gears=2)
        plays.append(play({"name": way, MODULE: {"domain": "acme", "name": app}}, **ENVIRONMENT[way]))
    only_token = {"OPENSHIFT_BROKER_USERNAME": "", "OPENSHIFT_BROKER_PASSWORD": "", "OPENSHIFT_BROKER_TOKEN": token}
    tasks = ansible.playbook(plays, env=only_token).of("openshift_app_ha")
    assert {task.task: task.result["application"]["ha_status"] for task in tasks} == dict.fromkeys(
        WAYS, "highly_available"
    )
    assert [task.task for task in tasks if token in str(task.result)] == []


@pytest.mark.parametrize(
    ("scope", "refused"), [("domain/{id}/edit", False), ("domain/{id}/view", True), ("read", True)]
)
def test_the_scope_of_a_token_limits_the_run(ansible: Ansible, platform: Platform, scope: str, refused: bool) -> None:
    platform.app("acme", "shop", gears=2)
    domain = platform.call("GET", "/domain/acme", None)
    body = {"scope": scope.format(id=domain["id"]), "note": "test"}
    token = platform.call("POST", "/user/authorizations", body)["token"]
    task = {"name": "shop", MODULE: {"domain": "acme", "name": "shop"}}
    only_token = {"OPENSHIFT_BROKER_USERNAME": "", "OPENSHIFT_BROKER_PASSWORD": "", "OPENSHIFT_BROKER_TOKEN": token}
    (run,) = ansible.tasks(task, env=only_token).of("openshift_app_ha")
    assert run.failed is refused
    assert run.result["changed"] is not refused
    if refused:
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["permission"]


APPLICATION = {"domain": "acme", "name": "shop"}
#: The required options of each action plugin.
NEEDED: dict[str, dict[str, Any]] = {
    "openshift_app_ha": APPLICATION,
    "openshift_app_info": {},
    "openshift_app_scale": {**APPLICATION, "gears": 2},
    "openshift_apps_ha": {"select": {}},
    "openshift_awx_setup": {"definitions": {}},
    "openshift_broker_config": {"settings": {"A": "b"}},
    "openshift_broker_plan": {"report": {"path": "/etc/openshift/broker.conf"}},
    "openshift_cartridge_scale": {**APPLICATION, "cartridge": "php-5.4", "min_gears": 2},
    "openshift_gear_move": {"gears": ["0123456789abcdef01234567"]},
    "openshift_ha_batches": {},
    "openshift_ha_outcome": {"report": "audited"},
    "openshift_ha_plan": {"audit": {}},
    "openshift_ha_report": {"results": []},
    "openshift_router_plan": {"inventory": {"pattern": "routers", "hosts": ["router1"]}},
    "openshift_routes": {"applications": []},
    "openshift_user_capability": {"login": ["alice"], "ha": True},
    "openshift_user_info": {"login": ["alice"]},
    "openshift_variable_names": {"prefixes": ["app_ha"]},
}


def test_an_unsupported_option_is_reported_with_the_name_of_the_module(ansible: Ansible) -> None:
    assert list(NEEDED) == sorted(path.stem for path in (ROOT / "plugins" / "action").glob("openshift_*.py"))
    run = ansible.tasks(*[{"name": n, f"openshift_v2.apps.{n}": {**o, "nosuch": 1}} for n, o in NEEDED.items()])
    for task, name in zip(run.tasks, NEEDED, strict=True):
        assert f"Unsupported parameters for (openshift_v2.apps.{name}) module: nosuch" in task.result["msg"]

"""Modules run inside the Ansible process where that is the same, and as real modules anywhere else: same results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness import INVENTORY_ELSEWHERE, PASSWORD, ROOT, Ansible, Platform, TaskRun

MODULE = "openshift_v2.apps.openshift_app_ha"

#: How a task may be told to run elsewhere, otherwise or later.
KEYWORDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "delegated": {"delegate_to": "bastion"},
    "become": {"become": True, "become_method": "su", "become_user": "root"},
    "async": {"async": 600, "poll": 1},
    "environment": {"environment": {"OPENSHIFT_BROKER_USERNAME": "alice"}},
}


def without_times(run: TaskRun) -> dict[str, Any]:
    """The result without what is bound to differ: times, and what Ansible adds for async."""
    result = {key: value for key, value in run.result.items() if key in RETURNED}
    result["steps"] = [{k: v for k, v in step.items() if k != "seconds"} for step in result["steps"]]
    return result


RETURNED = ("changed", "failed", "msg", "application", "before", "steps", "blockers", "diff", "warnings")


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_every_way_gives_the_same(ansible: Ansible, platform: Platform, keyword: str) -> None:
    platform.app("acme", "shop", gears=3)
    platform.app("acme", "plain", scalable=False)
    applications = [platform.call("GET", f"/domain/acme/application/{name}", None) for name in ("shop", "plain")]
    plays = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "ignore_errors": True,
            "tasks": [
                {"name": name, MODULE: {"domain": "acme", "name": name}, **KEYWORDS[keyword]}
                for name in ("shop", "shop", "plain", "gone")
            ],
        }
    ]
    first, second, refused, gone = ansible.playbook(plays, inventory=INVENTORY_ELSEWHERE).of("openshift_app_ha")
    assert without_times(first)["changed"] is True
    assert first.result["application"]["id"] == applications[0]["id"]
    assert [(s["action"], s["status"]) for s in first.result["steps"]] == [("make_ha", "done"), ("scale_up", "done")]
    assert platform.shown("acme", "shop") == (True, 4, 2)
    assert without_times(second)["changed"] is False
    assert refused.failed
    assert [blocker["code"] for blocker in refused.result["blockers"]] == ["not_scalable"]
    assert gone.failed
    assert gone.result["application"] == {"domain": "acme", "name": "gone"}


def test_the_results_are_the_same_to_the_letter(ansible: Ansible, platform: Platform) -> None:
    for name in KEYWORDS:
        platform.app("acme", name, gears=3)
    tasks = []
    for name, keyword in KEYWORDS.items():
        for check_mode in (True, False, False):
            if check_mode and "async" in keyword:
                continue
            options = {"domain": "acme", "name": name, "preserve_gear_count": True}
            tasks.append({"name": name, MODULE: options, "check_mode": check_mode, **keyword})
    play = {"hosts": "localhost", "gather_facts": False, "ignore_errors": True, "tasks": tasks}
    runs = ansible.playbook([play], inventory=INVENTORY_ELSEWHERE).of("openshift_app_ha")
    results = {name: [alike(run, name) for run in runs if run.task == name] for name in KEYWORDS}
    assert results["plain"][0]["changed"] is True
    for name in ("delegated", "become", "environment"):
        assert results[name] == results["plain"], name
    assert results["async"] == results["plain"][1:]


def alike(run: TaskRun, name: str) -> dict[str, Any]:
    """A result with the application's own name and identifier taken out."""
    identifier = run.result["application"]["id"]
    text = json.dumps(without_times(run)).replace(identifier, "ID").replace(name, "NAME")
    result: dict[str, Any] = json.loads(text)
    return result


@pytest.mark.parametrize(
    ("env", "variables"),
    [({"ANSIBLE_INJECT_INVOCATION": "1"}, {}), ({}, {"ansible_inject_invocation": True})],
    ids=["environment", "variable"],
)
def test_the_invocation_shows_options_but_no_secrets(
    ansible: Ansible, platform: Platform, way: str, env: dict[str, str], variables: dict[str, bool]
) -> None:
    platform.app("acme", "shop", ha=True)
    task = {"name": "shop", MODULE: {"domain": "acme", "app": "shop"}, "vars": variables}
    (run,) = ansible.tasks(task, way=way, env=env).of("openshift_app_ha")
    arguments = run.result["invocation"]["module_args"]
    assert arguments["name"] == "shop"
    assert arguments["broker_url"] == platform.url
    assert arguments["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert PASSWORD not in str(run.result)


def test_the_plays_defaults_reach_the_module(ansible: Ansible, platform: Platform, way: str) -> None:
    platform.app("acme", "shop")
    play: dict[str, Any] = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {
            "group/openshift_v2.apps.all": {"broker_url": platform.url + "/broker/rest/", "username": "alice"}
        },
        "tasks": [{"name": "shop", MODULE: {"domain": "acme", "name": "shop"}}],
    }
    if way != "in-process":
        play["environment"] = {"AS_MODULE": "1"}
    run = ansible.playbook([play], env={"OPENSHIFT_BROKER_URL": None, "OPENSHIFT_BROKER_USERNAME": None})
    (task,) = run.of("openshift_app_ha")
    assert task.result["application"]["ha_status"] == "highly_available"


def test_a_token_is_enough(ansible: Ansible, platform: Platform, way: str) -> None:
    platform.app("acme", "shop", gears=2)
    token = platform.call("POST", "/user/authorizations", {"scope": "session", "note": "test"})["token"]
    task = {"name": "shop", MODULE: {"domain": "acme", "name": "shop"}}
    only_token = {"OPENSHIFT_BROKER_USERNAME": "", "OPENSHIFT_BROKER_PASSWORD": "", "OPENSHIFT_BROKER_TOKEN": token}
    (run,) = ansible.tasks(task, way=way, env=only_token).of("openshift_app_ha")
    assert run.result["application"]["ha_status"] == "highly_available"
    assert token not in str(run.result)


@pytest.mark.parametrize(
    ("scope", "refused"), [("domain/{id}/edit", False), ("domain/{id}/view", True), ("read", True)]
)
def test_a_tokens_scope_limits_it(ansible: Ansible, platform: Platform, scope: str, refused: bool) -> None:
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
#: What each action plugin asks for at least.
NEEDED: dict[str, dict[str, Any]] = {
    "openshift_app_ha": APPLICATION,
    "openshift_app_info": {},
    "openshift_app_scale": {**APPLICATION, "gears": 2},
    "openshift_apps_ha": {"select": {}},
    "openshift_broker_config": {"settings": {"A": "b"}},
    "openshift_broker_plan": {"report": {"path": "/etc/openshift/broker.conf"}},
    "openshift_cartridge_scale": {**APPLICATION, "cartridge": "php-5.4", "min_gears": 2},
    "openshift_ha_report": {"results": []},
    "openshift_router_plan": {"inventory": {"pattern": "routers", "hosts": ["router1"]}},
    "openshift_routes": {"applications": []},
    "openshift_user_capability": {"login": ["alice"], "ha": True},
    "openshift_user_info": {"login": ["alice"]},
}


def test_an_option_that_there_is_not_is_told_with_the_name_of_the_module(ansible: Ansible) -> None:
    assert list(NEEDED) == sorted(path.stem for path in (ROOT / "plugins" / "action").glob("openshift_*.py"))
    run = ansible.tasks(*[{"name": n, f"openshift_v2.apps.{n}": {**o, "nosuch": 1}} for n, o in NEEDED.items()])
    for task, name in zip(run.tasks, NEEDED, strict=True):
        assert f"Unsupported parameters for (openshift_v2.apps.{name}) module: nosuch" in task.result["msg"]

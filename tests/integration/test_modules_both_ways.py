"""Every module of the broker's API in the Ansible process and as a real module, compared with the operation alone.

Because the results are equal, the other tests of these modules run the operations without Ansible.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.harness import AS_MODULE, DIRECT, IN_PROCESS, Ansible, Platform, TaskRun
from tests.integration import (
    test_openshift_app_ha,
    test_openshift_app_scale,
    test_openshift_apps_ha,
    test_openshift_cartridge_scale,
)

COLLECTION = "openshift_v2.apps"
SHOP = {"domain": "acme", "name": "shop"}
#: Options without a value, which come from the environment.
EMPTY = {"username": None, "password": None, "token": None, "broker_url": None}
#: Each call runs in check mode and then for real. The order matters.
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("openshift_user_info", {}),
    ("openshift_app_info", {"domain": "acme", "name": "blog", "gather": ["endpoints"]}),
    ("openshift_app_ha", {**SHOP, "preserve_gear_count": True}),
    ("openshift_app_ha", {**SHOP, "preserve_gear_count": True}),
    ("openshift_app_ha", {"domain": "acme", "name": "plain"}),
    ("openshift_app_ha", {"domain": "acme", "app": "gone"}),
    ("openshift_app_scale", {**SHOP, "gears": 5}),
    ("openshift_app_scale", {**SHOP, "by": -1}),
    ("openshift_cartridge_scale", {**SHOP, "cartridge": "php-5.4", "min_gears": 3, "max_gears": 8}),
    ("openshift_cartridge_scale", {**SHOP, "cartridge": "mysql-5.5", "min_gears": 3}),
    ("openshift_apps_ha", {"applications": [SHOP, {"domain": "acme", "name": "gone"}]}),
    ("openshift_apps_ha", {"select": {"domains": ["acme"]}, "concurrency": 1}),
    ("openshift_apps_ha", {"select": {"names": ["blog"]}, **EMPTY}),
    ("openshift_app_info", {"select": {"exclude": ["blog"]}}),
    ("openshift_app_info", {"domain": "nosuch"}),
]
#: The name of the task with the empty options.
NO_VALUES = next(
    f"{number} {module}" for number, (module, options) in enumerate(CALLS) if EMPTY.keys() <= options.keys()
)
#: Invalid options of each module, from the tests of the modules.
REFUSED: dict[str, list[dict[str, Any]]] = {
    "openshift_app_ha": [{**SHOP, **bad} for bad in test_openshift_app_ha.BAD_OPTIONS.values()] + [{"domain": "acme"}],
    "openshift_app_scale": [{**SHOP, **bad} for bad in test_openshift_app_scale.BAD_OPTIONS.values()],
    "openshift_cartridge_scale": [
        {**SHOP, "cartridge": "php-5.4", **bad} for bad in test_openshift_cartridge_scale.BAD_OPTIONS.values()
    ],
    "openshift_apps_ha": list(test_openshift_apps_ha.BAD.values()),
    "openshift_app_info": [{"name": "shop"}, {"gather": ["all"]}, {"nosuch": 1}],
    "openshift_user_info": [{"username": "alice", "password": "wrong"}, {"http_timeout": 0}, {"nosuch": 1}],
}
#: What differs in every run: identifiers, the addresses and ports of gears, and the duration of steps.
DIFFERENT = re.compile(r'\b[0-9a-f]{24}\b|\b10(\.\d+){3}\b|(?<="port": )\d+|(?<="seconds": )[0-9.]+')
#: Keys, or their beginnings, that Ansible adds to results.
ADDED = ("_", "ansible_", "invocation", "exception", "failed")


def build_fleet(platform: Platform) -> None:
    """The same applications before each way."""
    platform.broker.reset()
    platform.broker.settings(lock_poll=0.05)
    platform.user()
    platform.domain("acme")
    platform.app("acme", "shop", gears=3)
    platform.app("acme", "blog", ha=True)
    platform.app("acme", "trap", gears=3, ha=True)
    platform.app("acme", "plain", scalable=False)


def valid_tasks(way: str) -> list[dict[str, Any]]:
    """All calls, with check mode; as a real module, which takes longer, check mode only once per module."""
    tasks: list[dict[str, Any]] = []
    checked: set[str] = set()
    for number, (module, options) in enumerate(CALLS):
        call = {"name": f"{number} {module}", f"{COLLECTION}.{module}": options, "diff": True}
        if way == IN_PROCESS or module not in checked:
            tasks.append({**call, "check_mode": True})
        tasks.append({**call, "check_mode": False})
        checked.add(module)
    return tasks


def invalid_tasks(way: str) -> list[dict[str, Any]]:
    """All invalid options; as a real module only the first, and the unknown options."""
    return [
        {"name": f"{module} {number}", f"{COLLECTION}.{module}": options}
        for module, several in REFUSED.items()
        for number, options in enumerate(several)
        if way == IN_PROCESS or number == 0 or "nosuch" in options
    ]


def returned(run: TaskRun) -> dict[str, Any]:
    """The result of the module, without what differs in every run, and without what Ansible adds."""
    kept = {key: value for key, value in run.result.items() if not key.startswith(ADDED)}
    text = DIFFERENT.sub("0", json.dumps(kept))
    result: dict[str, Any] = json.loads(text)
    return {"changed": False, **result, "failed": run.failed}


def assert_same(launched: list[TaskRun], direct: list[TaskRun]) -> None:
    for expected, run in zip(direct, launched, strict=True):
        assert run.sent == expected.sent, run.task
        unsupported = f"Unsupported parameters for ({run.action}) module: "
        message = {"msg": run.result["msg"].removeprefix(unsupported)} if run.failed else {}
        assert {**returned(run), **message} == returned(expected), run.task


@pytest.mark.parametrize("way", [IN_PROCESS, pytest.param(AS_MODULE, marks=pytest.mark.thorough)])
def test_results_and_requests_are_those_of_the_operation(ansible: Ansible, platform: Platform, way: str) -> None:
    valid, invalid = valid_tasks(way), invalid_tasks(way)
    runs = {}
    for each in (DIRECT, way):
        build_fleet(platform)
        runs[each] = ansible.tasks(*valid, *invalid, way=each).tasks
    assert_same(runs[way], runs[DIRECT])
    assert {run.result["changed"] for run in runs[DIRECT][: len(valid)]} == {True, False}
    assert {run.failed for run in runs[DIRECT][: len(valid)]} == {True, False}
    assert [run.task for run in runs[DIRECT][len(valid) :] if not run.failed] == []
    assert [run.failed for run in runs[way] if run.task == NO_VALUES] == [False] * (2 if way == IN_PROCESS else 1)
    modules = {run.action.rpartition(".")[2] for run in runs[way]}
    assert modules == set(REFUSED)

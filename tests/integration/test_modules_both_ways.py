"""Every module of the API as Ansible runs it, in-process and as a real module: what the operation alone returns.

The other tests of these modules run the operations directly; this one is why that is enough.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.harness import DIRECT, IN_PROCESS, Ansible, Platform, PlayRun, TaskRun
from tests.integration import (
    test_openshift_app_ha,
    test_openshift_app_scale,
    test_openshift_apps_ha,
    test_openshift_cartridge_scale,
)

COLLECTION = "openshift_v2.apps"
SHOP = {"domain": "acme", "name": "shop"}
#: Each is predicted and done: what follows finds what was there before.
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
    ("openshift_app_info", {"select": {"exclude": ["blog"]}}),
    ("openshift_app_info", {"domain": "nosuch"}),
]
#: Options that each module refuses, from the tests of the modules.
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
#: What differs each time: identifiers, addresses and ports of gears, and how long a step took.
DIFFERENT = re.compile(r'\b[0-9a-f]{24}\b|\b10(\.\d+){3}\b|(?<="port": )\d+|(?<="seconds": )[0-9.]+')

#: What Ansible adds to results.
ADDED = ("_", "ansible_", "invocation", "exception", "failed")


def build_fleet(platform: Platform) -> None:
    """The same applications each time."""
    platform.broker.reset()
    platform.broker.settings(lock_poll=0.05)
    platform.user()
    platform.domain("acme")
    platform.app("acme", "shop", gears=3)
    platform.app("acme", "blog", ha=True)
    platform.app("acme", "trap", gears=3, ha=True)
    platform.app("acme", "plain", scalable=False)


def returned(run: TaskRun) -> dict[str, Any]:
    """The result as the module made it, without what differs each time, nor what Ansible adds."""
    kept = {key: value for key, value in run.result.items() if not key.startswith(ADDED)}
    text = DIFFERENT.sub("0", json.dumps(kept))
    result: dict[str, Any] = json.loads(text)
    return {"changed": False, **result, "failed": run.failed}


def call_all(ansible: Ansible, platform: Platform, way: str) -> PlayRun:
    build_fleet(platform)
    tasks = [
        {"name": f"{number} {module}", f"{COLLECTION}.{module}": options, "check_mode": check, "diff": True}
        for number, (module, options) in enumerate(CALLS)
        for check in (True, False)
    ]
    return ansible.tasks(*tasks, way=way)


def test_results_and_requests_are_those_of_the_operation(ansible: Ansible, platform: Platform, way: str) -> None:
    direct, launched = (call_all(ansible, platform, each).tasks for each in (DIRECT, way))
    assert len(launched) == len(direct) == 2 * len(CALLS)
    for expected, run in zip(direct, launched, strict=True):
        assert run.sent == expected.sent, run.task
        assert returned(run) == returned(expected), run.task
    assert {run.result["changed"] for run in direct} == {True, False}
    assert {run.failed for run in direct} == {True, False}


def refused(several: list[dict[str, Any]], way: str) -> list[dict[str, Any]]:
    """All of them; as a module, which takes its time, the first and those whose options there are not."""
    return several if way == IN_PROCESS else [several[0], *(bad for bad in several if "nosuch" in bad)]


def test_refusals_are_those_of_the_operation(ansible: Ansible, platform: Platform, way: str) -> None:
    platform.app("acme", "shop")
    tasks = [
        {"name": f"{module} {number}", f"{COLLECTION}.{module}": options}
        for module, several in REFUSED.items()
        for number, options in enumerate(refused(several, way))
    ]
    direct, launched = (ansible.tasks(*tasks, way=each).tasks for each in (DIRECT, way))
    for expected, run in zip(direct, launched, strict=True):
        assert run.failed, run.task
        assert expected.failed, run.task
        assert run.sent == expected.sent, run.task
        unsupported = f"Unsupported parameters for ({run.action}) module: "
        assert run.result["msg"].removeprefix(unsupported) == expected.result["msg"], run.task

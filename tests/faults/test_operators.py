"""Several operators repair the same fleet at the same time, and do not know of each other.

Their reads are stale when they write, answers are lost, and nodes fail. Whatever happens, each application has its
right number of gears, two HAProxy instances and its owner's limits at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from tests.harness import LOGIN, PASSWORD, Ansible, Platform, TaskRun
from tests.operators import CASES, Trial
from tests.waiting import wait_until

SHOP = "/domain/acme/application/shop?include=cartridges&nolinks=true"
#: The answers of 15 % of the writes are lost before the effect, and as many after it.
LOST = [{"do": "drop_before", "chance": 0.15}, {"do": "drop_after", "chance": 0.18}]
#: In 15 % of the operations a node fails.
NODES = [{"do": "node_failure:143", "chance": 0.05}, {"do": "node_failure:1", "chance": 0.11}]


def of_writes(*faults: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"method": method, **fault} for fault in faults for method in ("PUT", "POST")]


@pytest.mark.parametrize("preserve", [False, True], ids=["", "preserve"])
def test_operators_at_the_same_time_leave_what_one_leaves(platform: Platform, preserve: bool) -> None:
    trial = Trial(platform, CASES, size=len(CASES), preserve_gear_count=preserve)
    results = trial.run(operators=3, seed=1)
    assert [result.get("msg") for result in results] == [None] * 3
    assert trial.wrong_ends(results) == []


@contextmanager
def raised_by_another(platform: Platform) -> Iterator[None]:
    """Another operator raises the limits of acme/shop. After a first read of them, its new gear is shown."""
    platform.app("acme", "shop", gears=3, ha=True)
    url = f"{platform.url}/broker/rest/domain/acme/application/shop/cartridge/php-5.4"
    raised = {"scales_from": 4, "scales_to": 4}
    with ThreadPoolExecutor(2) as pool, platform.broker.held("limits"):
        pool.submit(requests.put, url, json=raised, auth=(LOGIN, PASSWORD), timeout=60)
        wait_until(lambda: Application.from_json(platform.call("GET", SHOP, None)).min_gears == 4)
        platform.broker.clear_requests()
        pool.submit(end_when_seen, platform)
        yield


def end_when_seen(platform: Platform) -> None:
    """Let an operation go on when its limits were read, and let it end after the next request."""
    broker = platform.broker
    try:
        wait_until(lambda: any(request["status"] == 200 for request in broker.requests()))
        seen = len(broker.requests())
        broker.settings(hold="gears")
        wait_until(lambda: len(broker.requests()) > seen)
    finally:
        broker.settings(hold=None)


def preserve_gears(ansible: Ansible, module: str, check_mode: bool) -> TaskRun:
    scope = {"domain": "acme", "name": "shop"} if module == "openshift_app_ha" else {"select": {}}
    options = {**scope, "preserve_gear_count": True, "poll_interval": 0.1, "wait_timeout": 30}
    task = {"name": "shop", f"openshift_v2.apps.{module}": options, "check_mode": check_mode}
    return ansible.tasks(task).of(module)[0]


@pytest.mark.parametrize("module", ["openshift_app_ha", "openshift_apps_ha"])
@pytest.mark.parametrize("check_mode", [False, True], ids=["", "check"])
def test_limits_of_an_operation_in_progress_are_not_kept(
    ansible: Ansible, platform: Platform, module: str, check_mode: bool
) -> None:
    with raised_by_another(platform):
        run = preserve_gears(ansible, module, check_mode)
    assert (run.failed, run.result["changed"]) == (False, False)
    assert platform.shown("acme", "shop") == (True, 4, 2)


@pytest.mark.parametrize("module", ["openshift_app_ha", "openshift_apps_ha"])
def test_a_result_that_is_rolled_back_does_not_count(ansible: Ansible, platform: Platform, module: str) -> None:
    """The other operator's gear is shown, but its node fails."""
    platform.broker.faults({"method": "PUT", "times": 1, "do": "node_failure:143"})
    with raised_by_another(platform):
        run = preserve_gears(ansible, module, check_mode=False)
    assert (run.failed, run.result["changed"]) == (False, True)
    assert platform.shown("acme", "shop") == (True, 3, 2)


@pytest.mark.parametrize(
    ("failures", "statuses"), [(3, ["failed"] * 3 + ["done"] * 2), (4, ["failed"] * 4 + ["planned"])]
)
def test_a_raise_that_fails_on_a_node_is_sent_four_times(
    ansible: Ansible, platform: Platform, failures: int, statuses: list[str]
) -> None:
    platform.app("acme", "shop", gears=3, ha=True)
    platform.broker.faults({"method": "PUT", "times": failures, "do": "node_failure:143"})
    options = {"domain": "acme", "name": "shop", "poll_interval": 0.1, "wait_timeout": 30}
    (run,) = ansible.tasks({"name": "shop", "openshift_v2.apps.openshift_app_ha": options}).of("openshift_app_ha")
    assert [step["status"] for step in run.result["steps"]] == statuses
    assert run.failed == ("done" not in statuses)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(2))
# Not with min_gears: see "Several operators at the same time" in docs/broker.md.
@pytest.mark.parametrize("options", [{}, {"preserve_gear_count": True}], ids=["", "preserve"])
def test_lost_answers_and_failing_nodes_change_nothing_of_that(
    platform: Platform, options: dict[str, Any], seed: int
) -> None:
    """Three processes. A run that failed is no excuse."""
    trial = Trial(platform, CASES, size=60, **options)
    platform.broker.faults(*of_writes(*LOST, *NODES))
    results = trial.run(operators=3, seed=seed, as_processes=True)
    platform.broker.faults()
    assert trial.wrong_ends(results) == []
    assert trial.beyond_bounds == []

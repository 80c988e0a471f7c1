"""Several operators repair the same fleet at the same time, and do not know of each other.

Their reads are stale when they write, answers are lost, and nodes fail. Whatever happens, each application has its
right number of gears, two HAProxy instances and its owner's limits at the end.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

import pytest
import requests
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock
from tests.harness import LOGIN, PASSWORD, Ansible, Platform, TaskRun

#: The broker polls the lock ten times, this many seconds apart; a client knows after this many that a write has ended.
LOCK_POLL, LOCK_WAIT = 0.1, 1.3
#: Seconds by which a read is older than the write that was planned from it, at most.
STALE = 0.25
SHOP = "/domain/acme/application/shop?include=cartridges&nolinks=true"


@dataclass(frozen=True)
class Case:
    """An application at the start: web gears, HA, HAProxy instances, and limits."""

    gears: int
    ha: bool = True
    haproxy: int = 1
    minimum: int = 1
    maximum: int = -1

    def limits(self) -> tuple[int, int]:
        """The limits that the broker shows under HA."""
        return max(2, self.minimum), self.maximum

    def is_possible(self, preserve: bool) -> bool:
        return preserve or self.gears == 1 or self.haproxy > 1 or self.maximum in (-1, *range(self.gears + 1, 20))


CASES = (
    Case(1, ha=False),
    Case(2, ha=False),
    Case(3, ha=False),
    Case(3, ha=False, minimum=2, maximum=6),
    Case(2),
    Case(3),
    Case(3, minimum=3),
    Case(4, minimum=2, maximum=5),
    Case(3, minimum=3, maximum=3),
    Case(3, haproxy=2),
)


class Trial:
    """A fleet in the embedded broker, and the aim of all operators."""

    def __init__(self, platform: Platform, size: int, **options: Any) -> None:
        self.platform = platform
        self.options = options
        self.preserve = bool(options.get("preserve_gear_count"))
        possible = [case for case in CASES if case.is_possible(self.preserve)]
        self.cases = {f"app{number:02}": possible[number % len(possible)] for number in range(size)}
        platform.user(max_gears=1000)
        platform.broker.seed({"applications": [self._seed(*item) for item in self.cases.items()]})
        for name, case in self.cases.items():
            if (case.minimum, case.maximum) != (1, -1):
                limits = {"scales_from": case.minimum, "scales_to": case.maximum}
                platform.call("PUT", f"/domain/acme/application/{name}/cartridge/php-5.4", limits)
        platform.broker.settings(lock_poll=LOCK_POLL, write_latency=0.1, limits_lead=0.1)
        platform.broker.settings(owner_lock_poll=0.05, owner_lock_tries=100)

    @staticmethod
    def _seed(name: str, case: Case) -> dict[str, Any]:
        shape = {"gears": case.gears, "ha": case.ha, "haproxy": case.haproxy}
        return {"domain": "acme", "name": name, "cartridges": ["php-5.4"], **shape}

    def run(self, operators: int, seed: int) -> list[dict[str, Any]]:
        """The results of all operators, at the same time."""
        with ThreadPoolExecutor(operators) as pool:
            return list(pool.map(lambda number: self._operate(random.Random(f"{seed}/{number}")), range(operators)))

    def _operate(self, chance: random.Random) -> dict[str, Any]:
        names = chance.sample(list(self.cases), len(self.cases))
        params = {
            "broker_url": self.platform.url,
            "username": LOGIN,
            "password": PASSWORD,
            "applications": [{"domain": "acme", "name": name} for name in names],
            "concurrency": 4,
            "poll_interval": 0.1,
            "wait_timeout": 60,
            **self.options,
        }
        validated = ArgumentSpecValidator(**SPECS["openshift_apps_ha"]()).validate(params)
        assert not validated.error_messages
        # Before each write, after the read that it was planned from.
        runtime = Runtime(lambda: time.sleep(chance.uniform(0, STALE)), Clock(lock_wait=LOCK_WAIT))
        return run("openshift_apps_ha", validated.validated_parameters, False, runtime)

    def wrong_ends(self, results: list[dict[str, Any]]) -> list[str]:
        """The applications whose gears, HAProxy instances or limits are not the right ones.

        An application may only be as it was, apart from the HA flag, if an operator reports that it failed. Others may
        have seen its result before it was rolled back.
        """
        wrong = []
        for name, case in self.cases.items():
            reports = [next(e for e in r["results"] if e["application"]["name"] == name) for r in results]
            added = 0 if case.haproxy > 1 or (self.preserve and case.gears > 1) else 1
            right = (True, case.gears + added, 2, *case.limits())
            found = self._shown(name)
            is_unchanged = any(report["failed"] for report in reports) and found[1:3] == (case.gears, case.haproxy)
            if found != right and not (is_unchanged and found[3:] == case.limits()):
                steps = [[(step["detail"], step["status"]) for step in report["steps"]] for report in reports]
                wrong.append(f"{name}: {case} ended as {found}, not as {right}: {steps}")
        return wrong

    def _shown(self, name: str) -> tuple[bool, int, int, int, int]:
        app = self.platform.call("GET", f"/domain/acme/application/{name}?include=cartridges", None)
        (web,) = [c for c in app["cartridges"] if "web_framework" in c["tags"]]
        (proxy,) = [c for c in app["cartridges"] if "web_proxy" in c["tags"]]
        return app["ha"], web["current_scale"], proxy["current_scale"], web["scales_from"], web["scales_to"]


def faults_for(names: list[str], seed: int, lost: float, failing: float) -> list[dict[str, Any]]:
    """Lost answers, before and after the effect, and failing nodes, at random for single requests."""
    chance = random.Random(seed)
    rules = []
    for name in names:
        for method, path in (("PUT", f"/{name}/cartridge/"), ("POST", f"/{name}/events")):
            for _request in range(6):
                if chance.random() < lost:
                    do = chance.choice(["drop_before", "drop_after", "status:502"])
                    effect = {"effect": True} if do == "status:502" else {}
                    rules.append({"method": method, "path": path, "times": 1, "do": do, **effect})
                if method == "PUT" and chance.random() < failing:
                    rules.append({"method": method, "path": path, "times": 1, "do": "node_failure:143"})
    chance.shuffle(rules)
    return rules


@pytest.mark.parametrize("preserve", [False, True], ids=["", "preserve"])
def test_operators_at_the_same_time_leave_what_one_leaves(platform: Platform, preserve: bool) -> None:
    trial = Trial(platform, size=len(CASES), preserve_gear_count=preserve)
    results = trial.run(operators=3, seed=1)
    assert [result.get("msg") for result in results] == [None] * 3
    assert trial.wrong_ends(results) == []


@contextmanager
def raised_by_another(platform: Platform) -> Iterator[None]:
    """Another operator raises the limits of acme/shop, and its new gear is not shown yet."""
    platform.app("acme", "shop", gears=3, ha=True)
    platform.broker.settings(limits_lead=0.5, write_latency=0.5)
    url = f"{platform.url}/broker/rest/domain/acme/application/shop/cartridge/php-5.4"
    raised = {"scales_from": 4, "scales_to": 4}
    other = Thread(target=lambda: requests.put(url, json=raised, auth=(LOGIN, PASSWORD), timeout=60))
    other.start()
    deadline = time.monotonic() + 30
    while Application.from_json(platform.call("GET", SHOP, None)).min_gears != 4:
        assert time.monotonic() < deadline, "the limits were never raised"
    yield
    other.join()


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
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("preserve", [False, True], ids=["", "preserve"])
def test_lost_answers_and_failing_nodes_change_nothing_of_that(platform: Platform, preserve: bool, seed: int) -> None:
    trial = Trial(platform, size=60, preserve_gear_count=preserve)
    platform.broker.faults(*faults_for(list(trial.cases), seed, lost=0.2, failing=0.15))
    results = trial.run(operators=3, seed=seed)
    assert trial.wrong_ends(results) == []

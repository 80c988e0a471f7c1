"""Operators that repair one fleet at the same time, in threads or in processes of their own."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from threading import Event, Thread
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock
from tests import direct
from tests.harness import LOGIN, PASSWORD, Platform

#: The broker polls the lock ten times, this many seconds apart; a client knows after this many that a write has ended.
LOCK_POLL, LOCK_WAIT = 0.1, 1.3
#: Seconds by which a read is older than the write that was planned from it, at most.
STALE = 0.25
#: Seconds after which all operators must have ended, however slow the machine is.
DEADLINE = 300


@dataclass(frozen=True)
class Case:
    """An application at the start: web gears, HA, HAProxy instances, and limits."""

    gears: int
    ha: bool = True
    haproxy: int = 1
    minimum: int = 1
    maximum: int = -1

    def is_possible(self, preserve: bool) -> bool:
        return preserve or self.gears == 1 or self.haproxy > 1 or self.maximum in (-1, *range(self.gears + 1, 20))

    def gears_at_end(self, preserve: bool) -> int:
        return self.gears + (0 if self.haproxy > 1 or (preserve and self.gears > 1) else 1)

    def end(self, preserve: bool, min_gears: int | None = None) -> tuple[bool, int, int, int, int]:
        """HA, gears, HAProxy instances and limits at the end. HA hides a minimum of 1."""
        minimum = self.minimum if min_gears is None else min_gears
        return True, self.gears_at_end(preserve), 2, max(2, minimum), self.maximum


CASES = (
    Case(1, ha=False),
    Case(2, ha=False),
    Case(3, ha=False),
    Case(5, ha=False, minimum=4, maximum=6),
    Case(3, ha=False, minimum=2, maximum=6),
    Case(2),
    Case(3),
    Case(3, minimum=3),
    Case(4, minimum=2, maximum=5),
    Case(3, minimum=3, maximum=3),
    Case(2, ha=False, minimum=1, maximum=2),
    Case(3, haproxy=2),
)


class Trial:
    """A fleet in the embedded broker, and the aim of all operators.

    ``beyond_bounds``: the applications that had more gears than the run adds, or fewer than at the start, at any time.
    """

    def __init__(self, platform: Platform, cases: Sequence[Case], size: int, **options: Any) -> None:
        self.platform = platform
        self.options = options
        self.preserve = bool(options.get("preserve_gear_count"))
        self.beyond_bounds: list[str] = []
        possible = [case for case in cases if case.is_possible(self.preserve)]
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

    def run(self, operators: int, seed: int, as_processes: bool = False) -> list[dict[str, Any]]:
        """The results of all operators, at the same time."""
        params = {
            "broker_url": self.platform.url,
            "username": LOGIN,
            "password": PASSWORD,
            "concurrency": 4,
            "poll_interval": 0.1,
            "wait_timeout": 60,
            **self.options,
        }
        with self._watched(), _executor(operators, as_processes) as pool:
            started = [pool.submit(operate, params, list(self.cases), f"{seed}/{n}") for n in range(operators)]
            return [each.result(DEADLINE) for each in started]

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Note the applications whose number of gears is not possible at any time."""
        end = Event()

        def watch() -> None:
            while not end.wait(0.05):
                for app in self.platform.broker.state()["applications"]:
                    case, count = self.cases[app["name"]], app["gear_count"]
                    if not case.gears <= count <= case.gears + 1:
                        self.beyond_bounds.append(f"{app['name']}: {case} had {count} gears")

        watcher = Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            end.set()
            watcher.join()

    def wrong_ends(self, results: list[dict[str, Any]]) -> list[str]:
        """The applications whose gears, HAProxy instances or limits are not the right ones."""
        wrong = []
        for name, case in self.cases.items():
            right, found = case.end(self.preserve, self.options.get("min_gears")), self._shown(name)
            if found != right:
                reports = [next(e for e in r["results"] if e["application"]["name"] == name) for r in results]
                steps = [[(step["detail"], step["status"]) for step in report["steps"]] for report in reports]
                wrong.append(f"{name}: {case} ended as {found}, not as {right}: {steps}")
        return wrong

    def _shown(self, name: str) -> tuple[bool, int, int, int, int]:
        app = self.platform.call("GET", f"/domain/acme/application/{name}?include=cartridges", None)
        (web,) = [c for c in app["cartridges"] if "web_framework" in c["tags"]]
        (proxy,) = [c for c in app["cartridges"] if "web_proxy" in c["tags"]]
        return app["ha"], web["current_scale"], proxy["current_scale"], web["scales_from"], web["scales_to"]


def _executor(operators: int, as_processes: bool) -> Executor:
    if as_processes:
        return ProcessPoolExecutor(operators, mp_context=get_context("spawn"))
    return ThreadPoolExecutor(operators)


def operate(params: dict[str, Any], names: list[str], seed: str) -> dict[str, Any]:
    """Repair the applications, in an order of this operator. Each write is later than the read that it was planned
    from.
    """
    chance = random.Random(seed)
    applications = [{"domain": "acme", "name": name} for name in chance.sample(names, len(names))]
    options = direct.validated("openshift_apps_ha", {**params, "applications": applications})
    runtime = Runtime(lambda: time.sleep(chance.uniform(0, STALE)), Clock(lock_wait=LOCK_WAIT))
    return run("openshift_apps_ha", options, False, runtime)

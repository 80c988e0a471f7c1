"""openshift_app_ha with faults of the network, a proxy or a node: nothing is done twice, and reports are correct."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.harness import AS_MODULE, IN_PROCESS, LOGIN, PASSWORD, Ansible, Platform, TaskRun
from tests.parts import thorough
from tests.waiting import wait_until

MODULE = "openshift_v2.apps.openshift_app_ha"


def ha(ansible: Ansible, way: str | None = None, **options: Any) -> TaskRun:
    """Run the module once on acme/shop, with a short timeout, and by default with the scale-up event."""
    patience = {"poll_interval": 0.1, "wait_timeout": 20, "scale_strategy": "scale_up"}
    task = {"name": "shop", MODULE: {"domain": "acme", "name": "shop", **patience, **options}}
    (run,) = ansible.tasks(task, way=way).of("openshift_app_ha")
    return run


def statuses(run: TaskRun) -> list[tuple[str, str]]:
    return [(step["action"], step["status"]) for step in run.result["steps"]]


def web_limits(platform: Platform) -> tuple[int, int]:
    """Minimum and maximum of the web cartridge of acme/shop, as the broker shows them."""
    shown = platform.call("GET", "/domain/acme/application/shop/cartridge/php-5.4", None)
    return shown["scales_from"], shown["scales_to"]


@pytest.fixture
def degraded(platform: Platform) -> Platform:
    """acme/shop, HA in name only: three gears, one HAProxy instance."""
    platform.app("acme", "shop", gears=3, ha=True)
    return platform


@pytest.fixture
def standalone(platform: Platform) -> Platform:
    """acme/shop, one gear."""
    platform.app("acme", "shop")
    return platform


LOST_ANSWERS = ["drop_after", "reset", "truncate", "html", "not_json"]


@pytest.mark.parametrize("fault", LOST_ANSWERS)
def test_a_scale_up_without_an_answer_adds_one_gear(ansible: Ansible, degraded: Platform, fault: str) -> None:
    degraded.broker.faults({"event": "scale-up", "times": 1, "do": fault, "effect": True})
    run = ha(ansible)
    assert not run.failed
    assert run.result["changed"] is True
    assert statuses(run) == [("scale_up", "done")]
    assert run.events == ["scale-up"]
    assert degraded.shown("acme", "shop") == (True, 4, 2)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_an_answer_of_a_proxy_does_not_end_the_run(ansible: Ansible, degraded: Platform, status: int) -> None:
    degraded.broker.faults({"event": "scale-up", "times": 1, "do": f"status:{status}", "effect": True})
    run = ha(ansible)
    assert not run.failed
    assert run.events == ["scale-up"]
    assert degraded.shown("acme", "shop") == (True, 4, 2)


def test_a_scale_up_that_never_arrived_is_unknown_and_not_sent_again(ansible: Ansible, degraded: Platform) -> None:
    degraded.broker.faults({"event": "scale-up", "do": "drop_before"})
    run = ha(ansible, wait_timeout=1)
    assert run.failed
    assert run.result["changed"] is False
    assert statuses(run) == [("scale_up", "unknown")]
    assert run.events == ["scale-up"]
    assert "outcome is unknown" in run.result["msg"]
    assert degraded.shown("acme", "shop") == (True, 3, 1)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_make_ha_may_be_planned_again(ansible: Ansible, standalone: Platform, fault: str) -> None:
    standalone.broker.faults({"event": "make-ha", "times": 1, "do": fault})
    run = ha(ansible)
    assert not run.failed
    assert run.result["changed"] is True
    assert statuses(run)[-1] == ("make_ha", "done")
    assert standalone.shown("acme", "shop") == (True, 2, 2)


@pytest.mark.parametrize("way", [IN_PROCESS, thorough(AS_MODULE)])
def test_the_run_waits_for_a_held_lock(ansible: Ansible, degraded: Platform, way: str) -> None:
    degraded.broker.faults({"event": "scale-up", "times": 3, "do": "lock"})
    run = ha(ansible, way)
    assert not run.failed
    assert statuses(run) == [("scale_up", "done")]
    assert degraded.shown("acme", "shop") == (True, 4, 2)


def test_a_lock_that_is_never_released_fails_without_a_change(ansible: Ansible, degraded: Platform) -> None:
    degraded.broker.faults({"event": "scale-up", "do": "lock"})
    run = ha(ansible, wait_timeout=1)
    assert run.failed
    assert run.result["changed"] is False
    assert "Another operation is already running" in run.result["msg"]
    assert degraded.shown("acme", "shop") == (True, 3, 1)


@pytest.mark.parametrize("code", [1, 140, 143, 146])
def test_a_rolled_back_node_failure_is_retried_once(ansible: Ansible, standalone: Platform, code: int) -> None:
    standalone.broker.faults({"event": "make-ha", "times": 1, "do": f"node_failure:{code}"})
    run = ha(ansible)
    assert not run.failed
    assert statuses(run) == [("make_ha", "failed"), ("make_ha", "done")]
    assert standalone.shown("acme", "shop") == (True, 2, 2)


def test_a_node_that_fails_twice_is_reported(ansible: Ansible, degraded: Platform) -> None:
    degraded.broker.faults({"event": "scale-up", "do": "node_failure:140"})
    run = ha(ansible)
    assert run.failed
    assert run.result["changed"] is False
    assert run.events == ["scale-up", "scale-up"]
    assert "exit code 140" in run.result["msg"]
    assert degraded.shown("acme", "shop") == (True, 3, 1)


def test_a_failed_rollback_ends_the_run(ansible: Ansible, standalone: Platform) -> None:
    standalone.broker.faults({"event": "make-ha", "do": "failed_rollback"})
    run = ha(ansible, wait_timeout=2)
    assert run.failed
    assert run.events == ["make-ha"]
    assert "acme/shop" in run.result["msg"]


def test_gears_gone_between_make_ha_and_scale_up_are_reported_with_what_was_done(
    ansible: Ansible, platform: Platform
) -> None:
    platform.app("acme", "shop", gears=3)
    platform.broker.faults({"event": "scale-up", "do": "node_failure:146"})
    run = ha(ansible)
    assert run.failed
    assert run.result["changed"] is True
    assert statuses(run)[0] == ("make_ha", "done")
    assert run.result["application"]["ha_status"] == "degraded"
    assert "enable HA" in run.result["msg"]


def test_two_simultaneous_runs_end_in_the_desired_state(ansible: Ansible, standalone: Platform, tmp_path: Any) -> None:
    standalone.broker.settings(write_latency=0.5)
    other = Ansible(tmp_path / "other", standalone.url, ansible.credentials)
    other.directory.mkdir()
    runs: list[TaskRun] = []
    threads = [threading.Thread(target=lambda who=who: runs.append(ha(who))) for who in (ansible, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.failed for run in runs] == [False, False]
    assert {run.result["application"]["ha_status"] for run in runs} == {"highly_available"}
    assert standalone.shown("acme", "shop") == (True, 2, 2)


def once_sent(platform: Platform, body: dict[str, Any], then: Callable[[], object]) -> threading.Thread:
    """Another user, who acts as soon as the broker has received a request with that body."""

    def act() -> None:
        wait_until(lambda: body in [request["body"] for request in platform.broker.requests()])
        then()

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def put_limits(platform: Platform, **limits: int) -> requests.Response:
    """Another user sets limits for acme/shop."""
    address = f"{platform.url}/broker/rest/domain/acme/application/shop/cartridge/php-5.4"
    return requests.put(address, json=limits, auth=(LOGIN, PASSWORD), timeout=60)


def test_a_late_barrier_keeps_the_changes_of_other_users(ansible: Ansible, degraded: Platform) -> None:
    """The answer is late. Another user sets a maximum before the broker starts the operation."""
    degraded.broker.faults(
        {"event": "scale-up", "times": 1, "do": "drop_after"},
        {"event": "scale-down", "times": 1, "do": "slow:2"},
    )
    answers: list[requests.Response] = []
    barrier = {"event": "scale-down", "by": 0}
    other = once_sent(degraded, barrier, lambda: answers.append(put_limits(degraded, scales_to=5)))
    run = ha(ansible, operation_timeout=1)
    other.join()
    wait_until(lambda: all(request["seconds"] is not None for request in degraded.broker.requests()))
    assert [answer.status_code for answer in answers] == [200]
    assert not run.failed
    assert statuses(run) == [("scale_up", "done")]
    assert run.result["application"]["max_gears"] == 5
    assert web_limits(degraded) == (2, 5)


def test_gears_that_other_users_remove_and_add_again_stay(ansible: Ansible, degraded: Platform) -> None:
    """Another user's maximum of 2 removes a gear, is visible until its node fails, and is rolled back."""
    degraded.broker.settings(write_latency=2, lock_tries=200)
    degraded.broker.faults(
        {"event": "scale-up", "times": 1, "do": "slow:1"}, {"method": "PUT", "times": 1, "do": "node_failure:143"}
    )
    answers: list[requests.Response] = []
    other = once_sent(degraded, {"event": "scale-up"}, lambda: answers.append(put_limits(degraded, scales_to=2)))
    run = ha(ansible)
    other.join()
    assert [answer.status_code for answer in answers] == [500]
    assert not run.failed
    assert statuses(run)[-1] == ("scale_up", "done")
    assert degraded.shown("acme", "shop") == (True, 4, 2)
    assert web_limits(degraded) == (2, -1)


def test_failed_reads_are_retried(ansible: Ansible, degraded: Platform) -> None:
    degraded.broker.faults({"method": "GET", "times": 2, "do": "status:502"})
    run = ha(ansible)
    assert not run.failed
    assert degraded.shown("acme", "shop") == (True, 4, 2)


UNREADABLE = {"html": "not the broker's JSON", "truncate": "", "not_json": "not the broker's JSON", "drop_before": ""}


@pytest.mark.parametrize(("fault", "words"), UNREADABLE.items())
def test_answers_that_stay_unreadable_give_one_clear_message(
    ansible: Ansible, degraded: Platform, fault: str, words: str
) -> None:
    degraded.broker.faults({"method": "GET", "do": fault})
    run = ha(ansible)
    assert run.failed
    assert run.result["changed"] is False
    assert run.sent == ["GET"] * 3
    assert "acme/shop: could not be read" in run.result["msg"]
    assert words in run.result["msg"]
    assert "Nothing was changed" in run.result["msg"]


def test_maintenance_is_reported_in_the_operators_words(ansible: Ansible, degraded: Platform) -> None:
    degraded.broker.settings(maintenance="Back at 14:00 UTC.")
    run = ha(ansible)
    assert run.failed
    assert "Back at 14:00 UTC" in run.result["msg"]
    assert [blocker["code"] for blocker in run.result["blockers"]] == ["maintenance"]


def test_an_unknown_application_is_reported_in_the_brokers_words(ansible: Ansible) -> None:
    run = ha(ansible)
    assert run.failed
    assert "Application 'shop' not found" in run.result["msg"]
    assert run.result["application"] == {"domain": "acme", "name": "shop"}
    assert (run.result["changed"], run.result["steps"]) == (False, [])


@pytest.mark.parametrize("way", [IN_PROCESS, thorough(AS_MODULE)])
@pytest.mark.usefixtures("degraded")
def test_a_wrong_password_is_reported_without_it(ansible: Ansible, way: str) -> None:
    task = {"name": "shop", MODULE: {"domain": "acme", "name": "shop"}}
    run = ansible.tasks(task, way=way, env={"OPENSHIFT_BROKER_PASSWORD": "wrong-horse"})
    (result,) = run.of("openshift_app_ha")
    assert result.failed
    assert "Access denied" in result.result["msg"]
    assert "wrong-horse" not in run.output


@pytest.mark.parametrize(
    "source",
    ["environment", *(pytest.param(source, marks=pytest.mark.thorough) for source in ("variable", "task environment"))],
)
@pytest.mark.usefixtures("degraded")
def test_no_secret_reaches_the_most_verbose_output(ansible: Ansible, way: str, source: str) -> None:
    given: dict[str, Any] = {}
    options: dict[str, Any] = {}
    if source == "variable":
        given = {"username": LOGIN, "password": "{{ secret }}"}
        # Hidden from the command line that the harness might print, as a vault would hide it.
        (ansible.directory / "secret.yml").write_text(f"secret: {PASSWORD}\n", encoding="utf-8")
        options = {"env": {"OPENSHIFT_BROKER_USERNAME": None, "OPENSHIFT_BROKER_PASSWORD": None}}
    here = {"OPENSHIFT_BROKER_USERNAME": LOGIN, "OPENSHIFT_BROKER_PASSWORD": PASSWORD}
    if source == "task environment":
        options = {"env": dict.fromkeys(here)}
    play: dict[str, Any] = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars_files": ["secret.yml"] if source == "variable" else [],
        "tasks": [{"name": "shop", MODULE: {"domain": "acme", "name": name, **given}} for name in ("shop", "gone")],
    }
    if way != IN_PROCESS:
        play["environment"] = {"AS_MODULE": "1"}
    if source == "task environment":
        play["environment"] = {**play.get("environment", {}), **here}
    run = ansible.playbook([play], "-vvvv", "--diff", **options)
    assert "Application 'gone' not found" in run.output
    assert PASSWORD not in run.output
    assert "Traceback" not in run.output

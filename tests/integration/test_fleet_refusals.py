"""A fleet on a platform that refuses: when no further repair starts, and what the message contains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from tests import direct
from tests.harness import IN_PROCESS, Ansible, Platform
from tests.parts import thorough

OTHERS = 12


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Standalone applications."""
    apps = [{"domain": "acme", "name": f"app{n:02}", "cartridges": ["php-5.4"], "gears": 1} for n in range(OTHERS + 1)]
    platform.broker.seed({"applications": apps})
    return platform


def repair(ansible: Ansible, after_first: Callable[[], None], **options: Any) -> dict[str, Any]:
    """Repair everything; ``after_first`` runs after the first repair."""
    given = {"broker_url": ansible.broker_url, "select": {}, "concurrency": 1, "poll_interval": 0.05, **options}

    def progress(done: int, _total: int, _repair: Any) -> None:
        if done == 1:
            after_first()

    return run("openshift_apps_ha", direct.validated("openshift_apps_ha", given), False, Runtime(progress=progress))


REFUSALS: dict[str, tuple[Callable[[Platform], None], str, str]] = {
    "credentials": (
        lambda platform: platform.user(password="another"),
        "HTTP Basic: Access denied",
        "Check username and password, or token",
    ),
    "maintenance": (
        lambda platform: platform.broker.settings(maintenance="Back at 14:00 UTC."),
        "Back at 14:00 UTC",
        "Run again when the maintenance is over.",
    ),
    "HA disabled": (
        lambda platform: platform.broker.settings(allow_ha=False),
        "This feature ('High Availability') is currently disabled",
        "Ask an administrator to set ALLOW_HA_APPLICATIONS",
    ),
}


@pytest.mark.parametrize("on_error", ["continue", "stop"])
@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_by_the_platform_is_met_and_reported_once(
    ansible: Ansible, fleet: Platform, case: str, on_error: str
) -> None:
    refuse, reason, remedy = REFUSALS[case]

    def after_first() -> None:
        fleet.broker.clear_requests()
        refuse(fleet)

    result = repair(ansible, after_first, on_error=on_error)
    refused = [request for request in fleet.broker.requests() if request["status"] >= 400]
    assert len(refused) == 1
    entries = result["results"]
    assert [entry["failed"] for entry in entries] == [False] + [True] * OTHERS
    assert reason in entries[1]["msg"]
    for entry in entries[2:]:
        assert ": not attempted: " in entry["msg"]
        assert remedy in entry["msg"]
        assert (entry["changed"], [step["status"] for step in entry["steps"]][:1]) == (False, ["planned"])
    message = result["msg"]
    assert message.startswith(f"{OTHERS} of {OTHERS + 1} applications failed, {OTHERS - 1} of them not attempted. ")
    assert (message.count(reason), message.count(remedy)) == (1, 1)
    assert "Applications: acme/app02, acme/app03, " in message
    assert message.splitlines()[-1] == "Successful: 1 with changes (acme/app00)."


def test_repairs_in_progress_end_and_no_further_one_starts(ansible: Ansible, fleet: Platform) -> None:
    """Each of four workers meets the refusal at most once."""
    fleet.broker.settings(write_latency=0.05)
    fleet.broker.clear_requests()
    result = repair(ansible, lambda: fleet.user(password="another"), concurrency=4)
    refused = [request for request in fleet.broker.requests() if request["status"] == 401]
    assert 1 <= len(refused) <= 4
    assert sum("not attempted" in entry["msg"] for entry in result["results"]) >= OTHERS - 7
    assert all(entry["failed"] or entry["changed"] for entry in result["results"])


def test_no_available_nodes_are_a_matter_of_each_application(ansible: Ansible, fleet: Platform) -> None:
    fleet.broker.faults({"path": "/application/app0[1-9]/", "event": "make-ha", "do": "node_failure:140"})
    result = repair(ansible, lambda: None)
    assert [entry["failed"] for entry in result["results"]] == [False, *[True] * 9, *[False] * (OTHERS - 9)]
    headline, successes = result["msg"].splitlines()
    assert headline.startswith(f"9 of {OTHERS + 1} applications failed. Failed to enable HA (")
    assert headline.count("exit code 140") == 1
    assert ". Applications: acme/app01, acme/app02, " in headline
    assert successes == f"Successful: {OTHERS - 8} with changes (acme/app00, acme/app10, acme/app11, acme/app12)."


@pytest.mark.parametrize("check_mode", [True, thorough(False)])
def test_the_message_about_thousands_of_failures_stays_short(
    ansible: Ansible, platform: Platform, check_mode: bool
) -> None:
    platform.user(max_gears=2000)
    apps = [{"domain": "acme", "name": f"a{n:04}", "cartridges": ["php-5.4"], "gears": 1} for n in range(2000)]
    platform.broker.seed({"applications": apps})
    params = direct.validated("openshift_apps_ha", {"broker_url": ansible.broker_url, "select": {}})
    result = run("openshift_apps_ha", params, check_mode, Runtime())
    assert len(result["results"]) == 2000
    assert all(entry["failed"] for entry in result["results"])
    assert result["msg"].startswith("2000 of 2000 applications failed. The desired state cannot be reached: not enough")
    assert "a0000, acme/a0001, " in result["msg"]
    assert " and 1,990 more. " in result["msg"]
    assert len(result["msg"].splitlines()) <= 30
    assert len(result["msg"]) < 2000


def test_the_unknown_capability_of_an_owner_is_one_warning(ansible: Ansible, platform: Platform) -> None:
    platform.user("bob")
    members = [{"login": "alice", "role": "edit"}]
    apps = [{"domain": "globex", "name": f"a{n}", "cartridges": ["php-5.4"], "gears": 1} for n in range(3)]
    platform.broker.seed({"domains": [{"name": "globex", "owner": "bob", "members": members}], "applications": apps})
    params = direct.validated("openshift_apps_ha", {"broker_url": ansible.broker_url, "select": {}})
    result = run("openshift_apps_ha", params, True, Runtime())
    (warning,) = result["warnings"]
    assert warning == (
        "The HA capability of the owner (bob) cannot be read in advance. Applications: globex/a0, globex/a1, globex/a2."
    )


# --- Hosts and loops: each application is handled by a process, or an item, of its own

HOSTS = "all:\n  hosts:\n" + "".join(
    f"    h{n}: {{ansible_connection: local, openshift_domain: acme, openshift_app: app0{n}}}\n" for n in range(4)
)
ONE = "openshift_v2.apps.openshift_app_ha"
OPTIONS = {"domain": "acme", "name": "{{ openshift_app | default(item) }}"}


def play(task: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {"hosts": "all", "gather_facts": False, "ignore_errors": True, "tasks": [task], **keywords}


def refused_requests(platform: Platform) -> list[str]:
    return [request["path"] for request in platform.broker.requests() if request["status"] == 401]


@pytest.mark.usefixtures("fleet")
def test_hosts_of_a_task_repeat_no_request_with_invalid_credentials(ansible: Ansible, platform: Platform) -> None:
    task = {ONE: {**OPTIONS, "password": "wrong"}}
    seen = [
        len([request for request in run.requests if request["status"] == 401])
        for run in ansible.playbook([play(task)], "--forks", "1", inventory=HOSTS).of("openshift_app_ha")
    ]
    assert seen == [1, 0, 0, 0]
    runs = ansible.playbook([play(task, serial=1)], inventory=HOSTS, env={"OPENSHIFT_BROKER_PASSWORD": "wrong"}).of(
        "openshift_app_ha"
    )
    messages = [run.result["msg"] for run in runs]
    assert "HTTP Basic: Access denied" in messages[0]
    assert len(messages) == 4
    for number, message in enumerate(messages[1:], 1):
        assert message.startswith(f"acme/app0{number}: not attempted: the broker did not accept the credentials")
        assert "Check username and password" in message
    assert refused_requests(platform) == []


@pytest.mark.usefixtures("fleet")
def test_other_tasks_and_other_credentials_are_attempted(ansible: Ansible) -> None:
    wrong = {ONE: {**OPTIONS, "password": "{{ 'wrong' if item == 'app00' else omit }}"}, "loop": ["app00", "app01"]}
    again = {ONE: {**OPTIONS, "password": "wrong"}, "loop": ["app02", "app03"]}
    run = ansible.tasks(wrong, again, way=IN_PROCESS)
    first, second = (task.result["results"] for task in run.tasks if "results" in task.result)
    assert ["HTTP 401" in each.get("msg", "") for each in first] == [True, False]
    assert ["HTTP 401" in each["msg"] for each in second] == [True, False]
    assert "acme/app03: not attempted: " in second[1]["msg"]


RETRIES = {"until": "false", "retries": 2, "delay": 0}


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize("wrong", [{}, thorough({"environment": {"OPENSHIFT_BROKER_PASSWORD": "wrong"}})])
def test_a_retry_sends_its_request_again_with_the_credentials_of_the_task(
    ansible: Ansible, wrong: dict[str, Any]
) -> None:
    """Credentials from the environment of Ansible, which are valid, must not replace those of the task."""
    options = {"domain": "acme", "name": "app00", **({} if wrong else {"password": "wrong"})}
    (run,) = ansible.tasks({ONE: options, **RETRIES, **wrong}, way=IN_PROCESS).of("openshift_app_ha")
    assert [request["status"] for request in run.requests] == [401, 401, 401]

"""openshift_apps_ha against the embedded broker: one request reads the fleet, and drifted applications are repaired."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.harness import IN_PROCESS, LOGIN, PASSWORD, Ansible, Platform, TaskRun

MODULE = "openshift_v2.apps.openshift_apps_ha"


def task(check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return {"name": "fleet", MODULE: options, "check_mode": check_mode, "diff": True}


def application(domain: str, name: str, gears: int = 1, **more: Any) -> dict[str, Any]:
    return {"domain": domain, "name": name, "cartridges": ["php-5.4"], "scalable": True, "gears": gears, **more}


def account(login: str, max_gears: int) -> dict[str, Any]:
    return {"login": login, "password": PASSWORD, "ha": True, "max_gears": max_gears}


def outcome(entry: dict[str, Any]) -> tuple[str, bool, bool, str]:
    """The outcome for one application."""
    app = entry["application"]
    return (f"{app['domain']}/{app['name']}", entry["changed"], entry["failed"], app.get("ha_status", "?"))


def outcomes(run: TaskRun) -> list[tuple[str, bool, bool, str]]:
    return [outcome(entry) for entry in run.result["results"]]


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Three owners. Alice's quota is enough for all, bob's for one, carol's for none. Alice may edit everything."""
    platform.broker.seed(
        {
            "users": [account("bob", 7), account("carol", 2)],
            "domains": [
                {"name": "globex", "owner": "bob", "members": [{"login": LOGIN, "role": "edit"}]},
                {"name": "initech", "owner": "carol", "members": [{"login": LOGIN, "role": "edit"}]},
            ],
            "applications": [
                application("acme", "fine", 3, ha=True, haproxy=2),
                application("acme", "trap", 3, ha=True, haproxy=1),
                application("acme", "one", 1),
                application("acme", "three", 3),
                application("acme", "plain", scalable=False),
                application("globex", "first", 3),
                application("globex", "second", 3, ha=True, haproxy=1),
                application("initech", "full", 2),
            ],
        }
    )
    return platform


EXPECTED = [
    ("acme/fine", False, False, "highly_available"),
    ("acme/one", True, False, "highly_available"),
    ("acme/plain", False, False, "not_scalable"),
    ("acme/three", True, False, "highly_available"),
    ("acme/trap", True, False, "highly_available"),
    ("globex/first", True, False, "highly_available"),
    ("globex/second", False, True, "degraded"),
    ("initech/full", False, True, "standalone"),
]


def test_plan_prediction_and_outcome_agree_and_a_second_run_changes_nothing(ansible: Ansible, fleet: Platform) -> None:
    check, real, again = ansible.tasks(task(True, select={}), task(select={}), task(select={})).of("openshift_apps_ha")
    assert check.sent == ["GET", "GET", "GET"]
    assert outcomes(check) == outcomes(real) == EXPECTED
    assert check.result["msg"] == real.result["msg"]
    assert "2 of 8 applications failed" in real.result["msg"]
    for key in ("summary", "diff"):
        assert check.result[key] == real.result[key]
    assert real.result["changed"] is True
    assert len(real.writes) == 9
    assert fleet.shown("acme", "trap") == (True, 4, 2)
    assert fleet.shown("globex", "second", "bob") == (True, 3, 1)
    assert again.writes == []
    assert again.result["changed"] is False
    assert [(name, failed) for name, _changed, failed, _status in outcomes(again)] == [
        (name, failed) for name, _changed, failed, _status in EXPECTED
    ]


@pytest.mark.usefixtures("fleet")
def test_the_summary_counts_the_statuses_before_the_run(ansible: Ansible) -> None:
    (run,) = ansible.tasks(task(True, select={})).of("openshift_apps_ha")
    assert run.result["summary"] == {
        "total": 8,
        "highly_available": 1,
        "degraded": 2,
        "standalone": 4,
        "not_scalable": 1,
        "drifted": 6,
        "blocked": 2,
        "changed": 4,
        "failed": 2,
        "gears_needed": {"alice": 3, "bob": 2, "carol": 1},
        "gears_available": {"alice": 89, "bob": 1, "carol": 0},
        "after": {"highly_available": 5, "degraded": 1, "standalone": 1, "not_scalable": 1},
        "unmatched": [],
    }


def test_a_fleet_in_the_desired_state_costs_one_request(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", ha=True)
    (run,) = ansible.tasks(task(select={})).of("openshift_apps_ha")
    assert run.sent == ["GET"]
    assert not run.failed
    assert run.result["changed"] is False


@pytest.mark.usefixtures("fleet")
def test_an_empty_list_needs_no_request(ansible: Ansible) -> None:
    (run,) = ansible.tasks(task(applications=[])).of("openshift_apps_ha")
    assert run.sent == []
    assert not run.failed
    assert (run.result["changed"], run.result["results"], run.result["summary"]["total"]) == (False, [], 0)


def test_a_list_keeps_its_order_and_its_own_options(ansible: Ansible, fleet: Platform) -> None:
    listed = [
        {"domain": "acme", "name": "three", "preserve_gear_count": True},
        {"domain": "acme", "name": "gone"},
        {"domain": "ACME", "app": "One", "min_gears": 4},
        {"domain": "acme", "name": "plain"},
        {"domain": "acme", "name": "fine", "state": "absent"},
    ]
    check, real = ansible.tasks(task(True, applications=listed), task(applications=listed)).of("openshift_apps_ha")
    assert outcomes(check) == outcomes(real)
    assert outcomes(real) == [
        ("acme/three", True, False, "highly_available"),
        ("acme/gone", False, True, "?"),
        ("acme/one", True, False, "highly_available"),
        ("acme/plain", False, True, "not_scalable"),
        ("acme/fine", True, False, "standalone"),
    ]
    assert fleet.shown("acme", "three") == (True, 3, 2)
    assert fleet.shown("acme", "one") == (True, 4, 2)
    assert fleet.shown("acme", "fine") == (False, 3, 2)


@pytest.mark.usefixtures("fleet")
def test_a_selection_takes_the_matching_applications(ansible: Ansible) -> None:
    selections: list[tuple[dict[str, Any], list[str]]] = [
        ({"domains": ["Globex"]}, ["globex/first", "globex/second"]),
        ({"names": ["t*"]}, ["acme/three", "acme/trap"]),
        ({"names": ["acme/*"], "exclude": ["*e", "acme/plain"]}, ["acme/trap"]),
        ({"owned_only": True, "scalable_only": True}, ["acme/fine", "acme/one", "acme/three", "acme/trap"]),
        ({"names": ["nothing"]}, []),
    ]
    runs = ansible.tasks(*[task(True, select=select) for select, _names in selections]).of("openshift_apps_ha")
    for (_select, names), run in zip(selections, runs, strict=True):
        assert [name for name, *_rest in outcomes(run)] == names


@pytest.mark.usefixtures("fleet")
def test_names_in_a_selection_without_an_application_are_a_warning(ansible: Ansible) -> None:
    select = {"domains": ["ACME", "acmee"], "names": ["Acme/Three", "first", "x*"], "exclude": ["gone"]}
    (run,) = ansible.tasks(task(True, select=select)).of("openshift_apps_ha")
    assert [name for name, *_rest in outcomes(run)] == ["acme/three"]
    assert run.result["summary"]["unmatched"] == ["acmee", "first"]
    (warning,) = [text for text in run.result["warnings"] if "select" in text]
    assert warning.startswith("select: no accessible application matches acmee, first. Check the spelling")


@pytest.mark.usefixtures("fleet")
def test_a_name_that_is_empty_or_has_spaces_is_quoted_in_the_warning(ansible: Ansible) -> None:
    (run,) = ansible.tasks(task(True, select={"domains": ["", "acme ", "beta"]})).of("openshift_apps_ha")
    (warning,) = run.result["warnings"]
    assert warning.startswith("select: no accessible application matches '', 'acme ', beta. Check the spelling")


@pytest.mark.usefixtures("fleet")
def test_too_many_changes_are_refused_before_the_first_write(ansible: Ansible) -> None:
    check, real, enough = ansible.tasks(
        task(True, select={}, max_changes=3),
        task(select={}, max_changes=3),
        task(select={}, max_changes=4),
    ).of("openshift_apps_ha")
    for run in (check, real):
        assert run.failed
        assert run.writes == []
        assert run.result["changed"] is False
        assert "max_changes: 3" in run.result["msg"]
    assert enough.result["summary"]["changed"] == 4


def test_stop_starts_no_further_application_after_a_failure(ansible: Ansible, platform: Platform) -> None:
    for name in ("a", "b", "c"):
        platform.app("acme", name)
    platform.broker.faults({"path": "/application/a/events", "do": "node_failure:140"})
    (run,) = ansible.tasks(task(select={}, on_error="stop", concurrency=1, poll_interval=0.1)).of("openshift_apps_ha")
    assert run.failed
    assert outcomes(run)[0] == ("acme/a", False, True, "standalone")
    assert outcomes(run)[1:] == [("acme/b", False, True, "standalone"), ("acme/c", False, True, "standalone")]
    assert "not attempted" in run.result["results"][1]["msg"]
    assert platform.shown("acme", "b") == (False, 1, 1)


def test_a_failure_does_not_affect_the_others(ansible: Ansible, platform: Platform) -> None:
    for name in ("a", "b", "c"):
        platform.app("acme", name)
    platform.broker.faults({"path": "/application/a/events", "do": "node_failure:140"})
    (run,) = ansible.tasks(task(select={}, concurrency=1, poll_interval=0.1)).of("openshift_apps_ha")
    assert [failed for _name, _changed, failed, _status in outcomes(run)] == [True, False, False]
    assert "exit code 140" in run.result["results"][0]["msg"]
    assert platform.shown("acme", "c") == (True, 2, 2)


def test_progress_is_reported_after_each_application(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3, ha=True)
    assert "[1/1] acme/shop: degraded -> highly_available (+1 gear, " in ansible.tasks(task(select={})).output


def test_progress_in_the_ansible_process_respects_no_log_and_keeps_names(ansible: Ansible, platform: Platform) -> None:
    """The second application has the name of the account's password."""
    platform.app("acme", "blog")
    platform.user("bob", password="hunter2x")
    platform.broker.seed({"domains": [{"name": "globex", "owner": "bob"}]})
    platform.broker.seed({"applications": [application("globex", "hunter2x", 1)]})
    quiet = {**task(applications=[{"domain": "acme", "name": "blog"}]), "no_log": True, "name": "quiet"}
    bob = {**task(select={}, username="bob", password="hunter2x"), "diff": False}
    run = ansible.tasks(quiet, bob, way=IN_PROCESS)
    assert "acme/blog" not in run.output
    assert platform.shown("acme", "blog") == (True, 2, 2)
    assert "[1/1] globex/hunter2x: standalone -> highly_available" in run.output
    (result,) = run.of("openshift_apps_ha")[1].result["results"]
    assert result["application"]["name"] == "hunter2x"
    assert base64.b64encode(b"bob:hunter2x").decode() not in run.output


OTHER = {"state": "absent", "min_gears": 3}
BAD: dict[str, dict[str, Any]] = {
    "applications, select": {},
    "mutually exclusive": {"applications": [], "select": {}},
    "applications[1]: name": {"applications": [{"domain": "acme", "name": "a"}, {"domain": "acme", "name": "a b"}]},
    "applications[0]: min_gears": {"applications": [{"domain": "acme", "name": "a", "min_gears": 5, "max_gears": 3}]},
    "applications[1]: acme/a is in the list twice, with different settings (state, min_gears)": {
        "applications": [
            {"domain": "acme", "name": "a"},
            {"domain": "Acme", "app": "A", "state": "absent", "min_gears": 3},
        ]
    },
    "different settings (wait_timeout)": {
        "applications": [{"domain": "acme", "name": "a"}, {"domain": "acme", "name": "a", "wait_timeout": 5}]
    },
    "concurrency": {"select": {}, "concurrency": 0},
    "max_changes": {"select": {}, "max_changes": -1},
    "unknwon": {"select": {"unknwon": 1}},
    "nosuch": {"select": {}, "nosuch": 1},
}


def test_invalid_options_are_named_before_any_request(ansible: Ansible) -> None:
    runs = ansible.tasks(*[task(**options) for options in BAD.values()]).of("openshift_apps_ha")
    for words, run in zip(BAD, runs, strict=True):
        assert run.failed
        assert words in run.result["msg"]
        assert run.sent == []


def test_a_broker_in_maintenance_is_one_clear_failure(ansible: Ansible, fleet: Platform) -> None:
    fleet.broker.settings(maintenance="Back at 14:00 UTC.")
    (run,) = ansible.tasks(task(select={})).of("openshift_apps_ha")
    assert run.failed
    assert "Back at 14:00 UTC" in run.result["msg"]
    assert run.result["changed"] is False

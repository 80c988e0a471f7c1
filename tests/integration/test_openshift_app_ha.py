"""openshift_app_ha against the embedded broker: check mode, a real run, a second run, and HA disabled again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.harness import Ansible, Platform, TaskRun
from tests.predictions import assert_nothing_to_do, assert_predicted

MODULE = "openshift_v2.apps.openshift_app_ha"

#: Web gears at the start; the actions of the run; and the HA flag, web gears and HAProxy instances afterwards.
STARTS = {
    1: (["make_ha"], (True, 2, 2)),
    2: (["make_ha", "set_limits", "set_limits"], (True, 3, 2)),
    3: (["make_ha", "set_limits", "set_limits"], (True, 4, 2)),
    5: (["make_ha", "set_limits", "set_limits"], (True, 6, 2)),
}


def task(name: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return {"name": name, MODULE: {"domain": "acme", "name": name, **options}, "check_mode": check_mode, "diff": True}


def check_apply_again(name: str, **options: Any) -> list[dict[str, Any]]:
    return [task(name, True, **options), task(name, **options), task(name, **options)]


def assert_unchanged(again: TaskRun) -> None:
    assert_nothing_to_do(again)
    assert again.result["before"] == again.result["application"]


@pytest.mark.parametrize("multiplier", [0, 2])
def test_each_start_ends_highly_available_with_the_fewest_writes(
    ansible: Ansible, platform: Platform, multiplier: int
) -> None:
    platform.broker.settings(default_ha_multiplier=multiplier)
    tasks = []
    for gears in STARTS:
        platform.app("acme", f"from{gears}", gears)
        tasks += check_apply_again(f"from{gears}")
    runs = ansible.tasks(*tasks).of("openshift_app_ha")
    for (gears, (actions, shown)), check, real, again in zip(STARTS.items(), *[iter(runs)] * 3, strict=True):
        assert_predicted(check, real)
        assert [step["action"] for step in real.result["steps"]] == actions
        assert real.result["application"]["ha_status"] == "highly_available"
        assert platform.shown("acme", f"from{gears}") == shown
        assert_unchanged(again)


def test_a_standalone_application_with_one_gear_costs_four_requests(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    (real,) = ansible.tasks(task("shop")).of("openshift_app_ha")
    assert real.sent == ["GET", "POST", "GET", "GET"]


def test_ha_in_name_only_is_detected_and_repaired(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3, ha=True)
    assert platform.shown("acme", "shop") == (True, 3, 1)
    check, real, again = ansible.tasks(*check_apply_again("shop")).of("openshift_app_ha")
    assert_predicted(check, real)
    assert check.result["before"]["ha_status"] == "degraded"
    assert real.sent == ["GET", "PUT", "GET", "PUT", "GET", "GET"]
    assert platform.shown("acme", "shop") == (True, 4, 2)
    assert_unchanged(again)


@pytest.mark.parametrize("strategy", ["auto", "scale_up", "set_minimum"])
def test_preserve_gear_count_keeps_the_gear_count(ansible: Ansible, platform: Platform, strategy: str) -> None:
    tasks = []
    for gears in STARTS:
        platform.app("acme", f"from{gears}", gears)
        tasks += check_apply_again(f"from{gears}", preserve_gear_count=True, scale_strategy=strategy)
    runs = ansible.tasks(*tasks).of("openshift_app_ha")
    for gears, check, real, again in zip(STARTS, *[iter(runs)] * 3, strict=True):
        assert_predicted(check, real)
        assert platform.shown("acme", f"from{gears}") == (True, max(gears, 2), 2)
        assert real.result["application"]["min_gears"] == 2
        assert_unchanged(again)


def test_set_minimum_keeps_the_raised_minimum(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3)
    check, real, again = ansible.tasks(*check_apply_again("shop", scale_strategy="set_minimum")).of("openshift_app_ha")
    assert_predicted(check, real)
    assert [step["action"] for step in real.result["steps"]] == ["make_ha", "set_limits"]
    assert real.result["application"]["min_gears"] == 4
    assert_unchanged(again)


def test_strategy_none_keeps_it_degraded_with_a_warning(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3)
    check, real, again = ansible.tasks(*check_apply_again("shop", scale_strategy="none")).of("openshift_app_ha")
    assert_predicted(check, real)
    assert real.result["application"]["ha_status"] == "degraded"
    (warning,) = real.result["warnings"]
    assert {"1", "HAProxy"} <= set(re.findall(r"\w+", warning))
    assert_unchanged(again)


def test_absent_disables_ha_and_keeps_the_gears(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", ha=True)
    check, real, again = ansible.tasks(*check_apply_again("shop", state="absent")).of("openshift_app_ha")
    assert_predicted(check, real)
    assert platform.shown("acme", "shop") == (False, 2, 2)
    assert_unchanged(again)


def test_absent_predicts_the_minimum_of_an_application_with_a_maximum(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", maximum=6, ha=True)
    check, real, again = ansible.tasks(*check_apply_again("shop", state="absent")).of("openshift_app_ha")
    assert_predicted(check, real)
    assert real.result["application"]["min_gears"] == 2
    assert_unchanged(again)


def test_absent_changes_nothing_if_the_application_is_not_scalable(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "plain", scalable=False)
    (run,) = ansible.tasks(task("plain", state="absent")).of("openshift_app_ha")
    assert_unchanged(run)


#: The application at the start, the desired limits, and the actions of the run.
LIMITS = {
    "raised": ({"gears": 1}, {"min_gears": 3, "max_gears": 8}, ["make_ha", "set_limits"]),
    "adding": ({"gears": 3}, {"min_gears": 4}, ["make_ha", "set_limits"]),
    "blockingtwo": ({"gears": 2, "maximum": 2}, {"max_gears": 3}, ["make_ha", "set_limits", "set_limits"]),
    "blockingone": ({"gears": 1, "maximum": 1}, {"max_gears": -1}, ["set_limits", "make_ha"]),
    "lowered": (
        {"gears": 5},
        {"max_gears": 3, "allow_gear_removal": True},
        ["make_ha", "set_limits", "set_limits"],
    ),
}


def test_limits_are_set_as_well(ansible: Ansible, platform: Platform) -> None:
    tasks = []
    for name, (start, limits, _actions) in LIMITS.items():
        platform.app("acme", name, **start)
        tasks += check_apply_again(name, **limits)
    runs = ansible.tasks(*tasks).of("openshift_app_ha")
    for (_start, limits, actions), check, real, again in zip(LIMITS.values(), *[iter(runs)] * 3, strict=True):
        assert_predicted(check, real)
        assert [step["action"] for step in real.result["steps"]] == actions
        application = real.result["application"]
        assert application["ha_status"] == "highly_available"
        expected = {key: value for key, value in limits.items() if key in application}
        assert {key: application[key] for key in expected} == expected
        assert_unchanged(again)


BLOCKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "not_scalable": ({"scalable": False}, {}),
    "maximum": ({"gears": 2, "maximum": 2}, {}),
    "minimum": ({"gears": 5, "minimum": 5}, {"max_gears": 3, "allow_gear_removal": True}),
    "gear_removal": ({"gears": 5}, {"max_gears": 3}),
}


def test_blockers_in_the_application_stop_the_run_before_any_write(ansible: Ansible, platform: Platform) -> None:
    tasks = []
    for code, (start, options) in BLOCKED.items():
        name = code.replace("_", "")
        platform.app("acme", name, **start)
        tasks += [task(name, True, **options), task(name, **options)]
    runs = ansible.tasks(*tasks).of("openshift_app_ha")
    for code, check, real in zip(BLOCKED, *[iter(runs)] * 2, strict=True):
        for run in (check, real):
            assert run.failed
            assert run.writes == []
            assert run.result["changed"] is False
            assert [blocker["code"] for blocker in run.result["blockers"]] == [code]
        assert check.result["msg"] == real.result["msg"]
        assert f"acme/{code.replace('_', '')}" in real.result["msg"]


def test_the_gear_limit_of_the_owner_blocks_the_run_in_advance(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3)
    platform.app("acme", "small")
    platform.user(max_gears=4)
    runs = ansible.tasks(task("shop", True), task("shop"), task("small", True), task("small"))
    check, real, check_one, real_one = runs.of("openshift_app_ha")
    for run in (check, real, check_one, real_one):
        assert run.failed
        assert run.result["changed"] is False
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["gear_limit"]
    assert real.writes == []
    assert platform.shown("acme", "shop") == (False, 3, 1)
    assert platform.shown("acme", "small") == (False, 1, 1)


def test_a_missing_capability_of_the_account_blocks_the_run(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=1)
    platform.app("acme", "store", gears=3)
    platform.user(ha=False)
    runs = ansible.tasks(task("shop", True), task("shop"), task("store", True), task("store"))
    for run in runs.of("openshift_app_ha"):
        assert run.failed
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["capability"]
        assert run.result["changed"] is False
    assert runs.of("openshift_app_ha")[3].writes == []


def test_a_platform_without_ha_blocks_the_run(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    platform.broker.settings(allow_ha=False)
    check, real = ansible.tasks(task("shop", True), task("shop")).of("openshift_app_ha")
    for run in (check, real):
        assert run.failed
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["ha_disabled"]


def test_the_gear_limit_of_the_account_blocks_the_run_in_advance(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3)
    platform.user("bob", max_gears=0)
    platform.call("POST", "/domain/acme/members", {"login": "bob", "role": "edit"})
    as_bob = {"env": {"OPENSHIFT_BROKER_USERNAME": "bob"}}
    by_event = [task("shop", check_mode, scale_strategy="scale_up") for check_mode in (True, False)]
    check, real = ansible.tasks(*by_event, **as_bob).of("openshift_app_ha")
    for run in (check, real):
        assert run.failed
        assert run.writes == []
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["caller_gear_limit"]
    (by_minimum,) = ansible.tasks(task("shop"), **as_bob).of("openshift_app_ha")
    assert by_minimum.result["application"]["ha_status"] == "highly_available"


def test_a_member_with_the_role_view_is_refused(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    platform.user("eve")
    platform.call("POST", "/domain/acme/members", {"login": "eve", "role": "view"})
    check, real = ansible.tasks(task("shop", True), task("shop"), env={"OPENSHIFT_BROKER_USERNAME": "eve"}).of(
        "openshift_app_ha"
    )
    for run in (check, real):
        assert run.failed
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["permission"]
        assert run.result["changed"] is False


def test_an_unknown_capability_of_the_owner_is_a_warning(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    platform.user("bob")
    platform.call("POST", "/domain/acme/members", {"login": "bob", "role": "edit"})
    (check,) = ansible.tasks(task("shop", True), env={"OPENSHIFT_BROKER_USERNAME": "bob"}).of("openshift_app_ha")
    assert not check.failed
    assert "alice" in str(check.result["warnings"])
    assert "capability" in str(check.result["warnings"])


BAD_OPTIONS: dict[str, dict[str, Any]] = {
    "min_gears": {"min_gears": 5, "max_gears": 3},
    "max_gears": {"max_gears": 1},
    "nosuch": {"nosuch": 1},
    "scale_strategy": {"scale_strategy": "sideways"},
    "broker_url": {"broker_url": "ftp://broker.example.com"},
    "token": {"token": "abc", "username": "bob", "password": "other"},
    "domain": {"domain": "acme/../evil"},
    "wait_timeout": {"wait_timeout": -1},
    "http_timeout": {"http_timeout": 0},
    "ca_path": {"ca_path": "/no/such/file.pem"},
    "client_key": {"client_key": "/etc/hosts"},
}


def test_invalid_options_are_named_before_any_request(ansible: Ansible) -> None:
    runs = ansible.tasks(*[task("shop", **options) for options in BAD_OPTIONS.values()])
    for option, run in zip(BAD_OPTIONS, runs.of("openshift_app_ha"), strict=True):
        assert run.failed
        assert option in run.result["msg"]
        assert run.sent == []


def test_missing_options_are_named(ansible: Ansible) -> None:
    (no_name,) = ansible.tasks({"name": "no name", MODULE: {"domain": "acme"}}).of("openshift_app_ha")
    assert "name" in no_name.result["msg"]
    (no_broker,) = ansible.tasks(task("shop"), env={"OPENSHIFT_BROKER_URL": None}).of("openshift_app_ha")
    assert no_broker.result["msg"].startswith(
        "acme/shop: broker_url: is missing: set the option, or OPENSHIFT_BROKER_URL"
    )
    (no_password,) = ansible.tasks(task("shop"), env={"OPENSHIFT_BROKER_PASSWORD": None}).of("openshift_app_ha")
    assert "set the option, or OPENSHIFT_BROKER_PASSWORD in the environment" in no_password.result["msg"]

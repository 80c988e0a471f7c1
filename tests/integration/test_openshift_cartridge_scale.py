"""openshift_cartridge_scale against the embedded broker: check mode, a real run, a second run, and back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.broker.catalog import CARTRIDGES, Cartridge
from tests.harness import Ansible, Platform, TaskRun
from tests.predictions import assert_blocked_in_advance, assert_nothing_to_do, assert_scaling_predicted

ACTION = "openshift_cartridge_scale"
MODULE = f"openshift_v2.apps.{ACTION}"
#: A service with any number of own gears. The services of the platform have one gear.
CACHE = Cartridge(
    name="cache-1.0",
    component="cache",
    version="1.0",
    display_name="Cache",
    description="A cache that somebody made.",
    categories=("service", "embedded"),
    provides=("cache-1.0", "cache"),
)


def task(name: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    module_options = {"domain": "acme", "name": name, "cartridge": "php-5.4", **options}
    return {"name": name, MODULE: module_options, "check_mode": check_mode, "diff": True}


def check_apply_again(name: str, **options: Any) -> list[dict[str, Any]]:
    return [task(name, True, **options), task(name, **options), task(name, **options)]


def assert_predicted(check: TaskRun, real: TaskRun) -> None:
    assert_scaling_predicted(check, real, "cartridge", "cartridge_before")
    diff = real.result["diff"]["prepared"]
    before, after = real.result["cartridge_before"], real.result["cartridge"]
    assert f"minimum {before['min_gears']} -> {after['min_gears']}" in diff or before["min_gears"] == after["min_gears"]
    # What the application shows already is not repeated for its web cartridge.
    assert (f"{after['name']}: " in diff) == (not after["name"].startswith("php"))


def assert_unchanged(again: TaskRun) -> None:
    assert_nothing_to_do(again)
    assert again.result["cartridge"] == again.result["cartridge_before"]


def scales(run: TaskRun) -> tuple[int, int, int]:
    shown = run.result["cartridge"]
    return shown["gears"], shown["min_gears"], shown["max_gears"]


#: The application at the start, the options; gears, minimum and maximum of the web cartridge, and HAProxy instances,
#: afterwards.
LIMITS: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[int, int, int], int]] = {
    "both": ({"gears": 1}, {"min_gears": 3, "max_gears": 8}, (3, 3, 8), 1),
    "crossing": ({"gears": 3, "minimum": 2, "maximum": 3}, {"min_gears": 5, "max_gears": 6}, (5, 5, 6), 1),
    "same": ({"gears": 2}, {"min_gears": 4, "max_gears": 4}, (4, 4, 4), 1),
    "minimum": ({"gears": 2}, {"min_gears": 2}, (2, 2, -1), 1),
    "maximum": ({"gears": 2}, {"max_gears": 5}, (2, 1, 5), 1),
    "nolimit": ({"gears": 2, "maximum": 3}, {"max_gears": -1}, (2, 1, -1), 1),
    "repaired": ({"gears": 3, "ha": True}, {"min_gears": 4}, (4, 4, -1), 2),
    "removed": ({"gears": 5}, {"max_gears": 3, "allow_gear_removal": True}, (3, 1, 3), 1),
    "lower": (
        {"gears": 5, "minimum": 4},
        {"min_gears": 2, "max_gears": 2, "allow_gear_removal": True},
        (2, 2, 2),
        1,
    ),
}


def test_limits_are_set_with_one_request_and_stay(ansible: Ansible, platform: Platform) -> None:
    tasks = []
    for name, (start, options, _end, _haproxy) in LIMITS.items():
        platform.app("acme", name, **start)
        tasks += check_apply_again(name, **options)
    runs = ansible.tasks(*tasks).of(ACTION)
    for (name, (_start, _options, end, haproxy)), check, real, again in zip(
        LIMITS.items(), *[iter(runs)] * 3, strict=True
    ):
        assert_predicted(check, real)
        # Before a removal, the states of all gears are read, and after a change of an HA application its placement.
        is_removal = real.result["application"]["gear_count"] < real.result["before"]["gear_count"]
        is_ha = real.result["application"]["ha"]
        assert real.sent == ["GET", *["GET"] * is_removal, "PUT", "GET", *["GET"] * is_ha]
        assert scales(real) == end
        assert platform.shown("acme", name)[1:] == (end[0], haproxy)
        assert_unchanged(again)
    before = {run.task: run.result["cartridge_before"] for run in runs[1::3]}
    undo = [
        task(name, min_gears=was["min_gears"], max_gears=was["max_gears"], allow_gear_removal=True)
        for name, was in before.items()
    ]
    for run in ansible.tasks(*undo).of(ACTION):
        assert not run.failed
        assert scales(run)[1:] == (before[run.task]["min_gears"], before[run.task]["max_gears"])


def test_the_minimum_of_an_ha_application_is_at_least_two(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", ha=True)
    (run,) = ansible.tasks(task("shop", min_gears=1)).of(ACTION)
    assert_unchanged(run)
    platform.app("acme", "store", gears=4, minimum=4, ha=True)
    check, real, again = ansible.tasks(*check_apply_again("store", min_gears=1)).of(ACTION)
    assert_predicted(check, real)
    assert real.result["cartridge"]["min_gears"] == 2
    assert_unchanged(again)


def test_the_removal_of_a_gear_with_haproxy_is_a_warning(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", ha=True)
    platform.event("acme", "shop", {"event": "scale-up"})
    platform.event("acme", "shop", {"event": "disable-ha"})
    check, real, _again = ansible.tasks(*check_apply_again("shop", max_gears=2, allow_gear_removal=True)).of(ACTION)
    assert_predicted(check, real)
    assert "1 gear removed (HAProxy 2 -> 1)" in check.result["steps"][0]["detail"]
    assert "gears with HAProxy" in str(check.result["warnings"])


def test_the_version_of_the_cartridge_may_be_left_out(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    check, real, again = ansible.tasks(*check_apply_again("shop", cartridge="php", max_gears=4)).of(ACTION)
    assert_predicted(check, real)
    assert real.result["cartridge"]["name"] == "php-5.4"
    assert_unchanged(again)


def test_a_cartridge_with_own_gears(ansible: Ansible, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CARTRIDGES, CACHE.name, CACHE)
    body = {"name": "fast", "cartridges": [{"name": "php-5.4"}, {"name": "cache-1.0"}], "scale": True}
    platform.call("POST", "/domain/acme/applications", body)
    limits: list[dict[str, Any]] = [
        {"min_gears": 3, "max_gears": 5},
        {"min_gears": 1, "max_gears": 2, "allow_gear_removal": True},
    ]
    for options, gears in zip(limits, (3, 2), strict=True):
        runs = ansible.tasks(*check_apply_again("fast", cartridge="cache", **options)).of(ACTION)
        assert_predicted(*runs[:2])
        assert_unchanged(runs[2])
        assert scales(runs[1]) == (gears, options["min_gears"], options["max_gears"])
        application = runs[1].result["application"]
        assert (application["web_gears"], application["gear_count"]) == (1, 1 + gears)
    (refused,) = ansible.tasks(task("fast", cartridge="cache", max_gears=1)).of(ACTION)
    assert [blocker["code"] for blocker in refused.result["blockers"]] == ["gear_removal"]
    platform.user(max_gears=4)
    for run in ansible.tasks(
        task("fast", True, cartridge="cache", min_gears=4, max_gears=5),
        task("fast", cartridge="cache", min_gears=4, max_gears=5),
    ).of(ACTION):
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["gear_limit"]


BLOCKED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "minabove": ({"gears": 2, "maximum": 3}, {"min_gears": 4}, "maximum"),
    "maxbelow": ({"gears": 4, "minimum": 3}, {"max_gears": 2, "allow_gear_removal": True}, "minimum"),
    "removal": ({"gears": 4}, {"max_gears": 2}, "gear_removal"),
    "haone": ({"ha": True}, {"max_gears": 1, "allow_gear_removal": True}, "minimum"),
    "haoneboth": ({"ha": True}, {"min_gears": 1, "max_gears": 1, "allow_gear_removal": True}, "minimum"),
    "haproxy": ({"gears": 2}, {"cartridge": "haproxy-1.4", "min_gears": 2}, "not_scalable"),
    "haproxyone": ({"gears": 2}, {"cartridge": "haproxy", "max_gears": 1}, "not_scalable"),
    "missing": ({"gears": 2}, {"cartridge": "mysql-5.5", "min_gears": 2}, "no_cartridge"),
    "plain": ({"scalable": False}, {"min_gears": 2}, "not_scalable"),
}


def test_blockers_in_the_application_stop_the_run_before_any_write(ansible: Ansible, platform: Platform) -> None:
    tasks = []
    for name, (start, options, _code) in BLOCKED.items():
        platform.app("acme", name, **start)
        tasks += [task(name, True, **options), task(name, **options)]
    runs = ansible.tasks(*tasks).of(ACTION)
    assert_blocked_in_advance(runs, {name: code for name, (_start, _options, code) in BLOCKED.items()})


def test_cartridges_without_own_limits_are_refused(ansible: Ansible, platform: Platform) -> None:
    names = ["php-5.4", "mysql-5.5", "cron-1.4"]
    body = {"name": "full", "cartridges": [{"name": name} for name in names], "scale": True}
    platform.call("POST", "/domain/acme/applications", body)
    limits: list[dict[str, Any]] = [
        {"cartridge": "cron", "min_gears": 2},
        {"cartridge": "mysql", "min_gears": 2},
        {"cartridge": "mysql-5.5", "max_gears": -1},
        {"cartridge": "mysql-5.5", "min_gears": 1, "max_gears": 1},
    ]
    cron, mysql, unlimited, unchanged = ansible.tasks(*[task("full", **options) for options in limits]).of(ACTION)
    assert "shares the gears of php-5.4" in cron.result["msg"]
    for run in (mysql, unlimited):
        assert "supports at most 1 gear" in run.result["msg"]
        assert run.sent == ["GET"]
    assert_unchanged(unchanged)


def test_the_gear_limit_of_the_owner_blocks_the_run_in_advance(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=2)
    platform.user(max_gears=3)
    for run in ansible.tasks(task("shop", True, min_gears=4), task("shop", min_gears=4)).of(ACTION):
        assert run.failed
        assert run.result["changed"] is False
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["gear_limit"]
    assert platform.shown("acme", "shop") == (False, 2, 1)


def test_the_gear_limit_of_the_account_does_not_matter(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=2)
    platform.user("bob", max_gears=0)
    platform.call("POST", "/domain/acme/members", {"login": "bob", "role": "edit"})
    as_bob = {"env": {"OPENSHIFT_BROKER_USERNAME": "bob"}}
    check, real, again = ansible.tasks(*check_apply_again("shop", min_gears=3), **as_bob).of(ACTION)
    assert_predicted(check, real)
    assert_unchanged(again)


BAD_OPTIONS: dict[str, dict[str, Any]] = {
    "min_gears": {"min_gears": 5, "max_gears": 3},
    "max_gears": {"max_gears": 0},
    "min_gears, max_gears": {},
    "cartridge": {"cartridge": "../php", "min_gears": 2},
    "nosuch": {"min_gears": 2, "nosuch": 1},
    "poll_interval": {"min_gears": 2, "poll_interval": 0},
}


def test_invalid_options_are_named_before_any_request(ansible: Ansible) -> None:
    runs = ansible.tasks(*[task("shop", **options) for options in BAD_OPTIONS.values()])
    for option, run in zip(BAD_OPTIONS, runs.of(ACTION), strict=True):
        assert run.failed
        assert option in run.result["msg"]
        assert run.sent == []


@pytest.mark.usefixtures("platform")
def test_an_unknown_application_is_reported_in_the_brokers_words(ansible: Ansible) -> None:
    (run,) = ansible.tasks(task("gone", min_gears=2)).of(ACTION)
    assert run.failed
    assert "Application 'gone' not found" in run.result["msg"]
    assert run.result["application"] == {"domain": "acme", "name": "gone"}
    assert run.result["cartridge"] == run.result["cartridge_before"] == {"name": "php-5.4"}

"""openshift_cartridge_scale against the embedded broker: check, apply, again, undo."""

from __future__ import annotations

from typing import Any

import pytest

from tests.broker.catalog import CARTRIDGES, Cartridge
from tests.harness import Ansible, Platform, TaskRun
from tests.predictions import assert_blocked_beforehand, assert_nothing_to_do, assert_scaling_foretold

ACTION = "openshift_cartridge_scale"
MODULE = f"openshift_v2.apps.{ACTION}"
#: A service with gears of its own, and any number of them; those that come with the platform have one gear.
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
    wished = {"domain": "acme", "name": name, "cartridge": "php-5.4", **options}
    return {"name": name, MODULE: wished, "check_mode": check_mode, "diff": True}


def check_apply_again(name: str, **options: Any) -> list[dict[str, Any]]:
    return [task(name, True, **options), task(name, **options), task(name, **options)]


def assert_predicted(check: TaskRun, real: TaskRun) -> None:
    assert_scaling_foretold(check, real, "cartridge", "cartridge_before")
    for when, application, cartridge in (
        ("before", "before", "cartridge_before"),
        ("after", "application", "cartridge"),
    ):
        wanted = {**real.result[application], "cartridge": real.result[cartridge]}
        assert real.result["diff"][when] == wanted


def assert_unchanged(again: TaskRun) -> None:
    assert_nothing_to_do(again)
    assert again.result["cartridge"] == again.result["cartridge_before"]


def scales(run: TaskRun) -> tuple[int, int, int]:
    shown = run.result["cartridge"]
    return shown["gears"], shown["min_gears"], shown["max_gears"]


#: The start, the limits wished, then gears, minimum and maximum of the web cartridge, and HAProxy, at the end.
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


def test_limits_are_set_with_one_request_and_hold(ansible: Ansible, platform: Platform) -> None:
    tasks = []
    for name, (start, wished, _end, _haproxy) in LIMITS.items():
        platform.app("acme", name, **start)
        tasks += check_apply_again(name, **wished)
    runs = ansible.tasks(*tasks).of(ACTION)
    for (name, (_start, _wished, end, haproxy)), check, real, again in zip(
        LIMITS.items(), *[iter(runs)] * 3, strict=True
    ):
        assert_predicted(check, real)
        assert real.sent == ["GET", "PUT", "GET"]
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


def test_under_ha_a_minimum_below_two_counts_as_two(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", ha=True)
    (run,) = ansible.tasks(task("shop", min_gears=1)).of(ACTION)
    assert_unchanged(run)
    platform.app("acme", "store", gears=4, minimum=4, ha=True)
    check, real, again = ansible.tasks(*check_apply_again("store", min_gears=1)).of(ACTION)
    assert_predicted(check, real)
    assert real.result["cartridge"]["min_gears"] == 2
    assert_unchanged(again)


def test_a_removal_that_takes_an_haproxy_is_told(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", ha=True)
    platform.event("acme", "shop", {"event": "scale-up"})
    platform.event("acme", "shop", {"event": "disable-ha"})
    wish = {"max_gears": 2, "allow_gear_removal": True}
    check, real, _again = ansible.tasks(*check_apply_again("shop", **wish)).of(ACTION)
    assert_predicted(check, real)
    assert "1 gear removed (HAProxy 2 -> 1)" in check.result["steps"][0]["detail"]
    assert "gears with HAProxy go first" in str(check.result["warnings"])


def test_the_version_of_the_cartridge_may_be_left_out(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    check, real, again = ansible.tasks(*check_apply_again("shop", cartridge="php", max_gears=4)).of(ACTION)
    assert_predicted(check, real)
    assert real.result["cartridge"]["name"] == "php-5.4"
    assert_unchanged(again)


def test_gears_of_its_own(ansible: Ansible, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CARTRIDGES, CACHE.name, CACHE)
    body = {"name": "fast", "cartridges": [{"name": "php-5.4"}, {"name": "cache-1.0"}], "scale": True}
    platform.call("POST", "/domain/acme/applications", body)
    wishes: list[dict[str, Any]] = [
        {"min_gears": 3, "max_gears": 5},
        {"min_gears": 1, "max_gears": 2, "allow_gear_removal": True},
    ]
    for wish, gears in zip(wishes, (3, 2), strict=True):
        runs = ansible.tasks(*check_apply_again("fast", cartridge="cache", **wish)).of(ACTION)
        assert_predicted(*runs[:2])
        assert_unchanged(runs[2])
        assert scales(runs[1]) == (gears, wish["min_gears"], wish["max_gears"])
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


def test_what_the_application_shows_blocks_before_anything_is_sent(ansible: Ansible, platform: Platform) -> None:
    tasks = []
    for name, (start, wished, _code) in BLOCKED.items():
        platform.app("acme", name, **start)
        tasks += [task(name, True, **wished), task(name, **wished)]
    runs = ansible.tasks(*tasks).of(ACTION)
    assert_blocked_beforehand(runs, {name: code for name, (_start, _wished, code) in BLOCKED.items()})


def test_cartridges_without_limits_of_their_own_are_told_from_others(ansible: Ansible, platform: Platform) -> None:
    names = ["php-5.4", "mysql-5.5", "cron-1.4"]
    body = {"name": "full", "cartridges": [{"name": name} for name in names], "scale": True}
    platform.call("POST", "/domain/acme/applications", body)
    wishes: list[dict[str, Any]] = [
        {"cartridge": "cron", "min_gears": 2},
        {"cartridge": "mysql", "min_gears": 2},
        {"cartridge": "mysql-5.5", "max_gears": -1},
        {"cartridge": "mysql-5.5", "min_gears": 1, "max_gears": 1},
    ]
    cron, mysql, unlimited, as_it_is = ansible.tasks(*[task("full", **wish) for wish in wishes]).of(ACTION)
    assert "shares the gears of php-5.4" in cron.result["msg"]
    for run in (mysql, unlimited):
        assert "made for 1 gear at most" in run.result["msg"]
        assert run.sent == ["GET"]
    assert_unchanged(as_it_is)


def test_the_room_of_the_owner_is_known_beforehand(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=2)
    platform.user(max_gears=3)
    for run in ansible.tasks(task("shop", True, min_gears=4), task("shop", min_gears=4)).of(ACTION):
        assert run.failed
        assert run.result["changed"] is False
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["gear_limit"]
    assert platform.shown("acme", "shop") == (False, 2, 1)


def test_the_room_of_the_caller_does_not_matter(ansible: Ansible, platform: Platform) -> None:
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


def test_bad_options_are_refused_by_name_before_any_request(ansible: Ansible) -> None:
    runs = ansible.tasks(*[task("shop", **options) for options in BAD_OPTIONS.values()])
    for option, run in zip(BAD_OPTIONS, runs.of(ACTION), strict=True):
        assert run.failed
        assert option in run.result["msg"]
        assert run.sent == []


@pytest.mark.usefixtures("platform")
def test_an_unknown_application_is_told_in_the_brokers_words(ansible: Ansible) -> None:
    (run,) = ansible.tasks(task("gone", min_gears=2)).of(ACTION)
    assert run.failed
    assert "Application 'gone' not found" in run.result["msg"]
    assert run.result["application"] == {"domain": "acme", "name": "gone"}
    assert run.result["cartridge"] == run.result["cartridge_before"] == {"name": "php-5.4"}

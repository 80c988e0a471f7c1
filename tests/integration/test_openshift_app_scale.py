"""openshift_app_scale against the embedded broker: check mode, a real run, a second run, and back."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from tests.harness import Ansible, Platform, TaskRun
from tests.predictions import assert_blocked_in_advance, assert_nothing_to_do, assert_scaling_predicted

ACTION = "openshift_app_scale"
MODULE = f"openshift_v2.apps.{ACTION}"
LIMITS_MODULE = "openshift_v2.apps.openshift_cartridge_scale"


def task(name: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return {"name": name, MODULE: {"domain": "acme", "name": name, **options}, "check_mode": check_mode, "diff": True}


def check_apply_again(name: str, **options: Any) -> list[dict[str, Any]]:
    return [task(name, True, **options), task(name, **options), task(name, **options)]


def assert_predicted(check: TaskRun, real: TaskRun) -> None:
    assert_scaling_predicted(check, real)
    before, after = real.result["before"], real.result["application"]
    assert f"  web gears {before['web_gears']} -> {after['web_gears']}" in real.result["diff"]["prepared"].replace(
        ", ", "  "
    )


def assert_unchanged(again: TaskRun) -> None:
    assert_nothing_to_do(again)
    assert again.result["before"] == again.result["application"]


#: The application at the start, the desired web gears, and the HA flag, web gears and HAProxy instances afterwards.
WAYS_UP_AND_DOWN: dict[str, tuple[dict[str, Any], int, tuple[bool, int, int]]] = {
    "up": ({"gears": 1}, 4, (False, 4, 1)),
    "down": ({"gears": 5}, 2, (False, 2, 1)),
    "repaired": ({"gears": 3, "ha": True}, 5, (True, 5, 2)),
    "ha": ({"gears": 1, "ha": True}, 4, (True, 4, 2)),
}


def test_the_web_gears_go_up_or_down_to_the_number_and_back(ansible: Ansible, platform: Platform) -> None:
    tasks = []
    for name, (start, gears, _end) in WAYS_UP_AND_DOWN.items():
        platform.app("acme", name, **start)
        tasks += check_apply_again(name, gears=gears)
    runs = ansible.tasks(*tasks).of(ACTION)
    for (name, (_start, gears, end)), check, real, again in zip(
        WAYS_UP_AND_DOWN.items(), *[iter(runs)] * 3, strict=True
    ):
        assert_predicted(check, real)
        # Before a removal, the states of all gears are read, and after a change of an HA application its placement.
        is_removal = gears < real.result["before"]["web_gears"]
        is_ha = real.result["application"]["ha"]
        assert real.sent == ["GET", *["GET"] * is_removal, "POST", "GET", *["GET"] * is_ha]
        assert [request["body"]["to"] for request in real.requests if request["method"] == "POST"] == [gears]
        assert real.result["application"]["web_gears"] == gears
        assert platform.shown("acme", name) == end
        assert_unchanged(again)
    undo = [task(name, gears=max(start["gears"], 2)) for name, (start, _gears, _end) in WAYS_UP_AND_DOWN.items()]
    for run in ansible.tasks(*undo).of(ACTION):
        assert run.result["changed"] is True
        assert run.result["before"]["min_gears"] == run.result["application"]["min_gears"]


def test_by_sends_the_event_in_each_run(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=2)
    tasks = [task("shop", check, by=by) for by in (3, -2) for check in (True, False)]
    up, real_up, down, real_down = ansible.tasks(*tasks).of(ACTION)
    assert_predicted(up, real_up)
    assert_predicted(down, real_down)
    assert real_up.requests[1]["body"] == {"event": "scale-up", "by": 3}
    assert real_down.requests[-2]["body"] == {"event": "scale-down", "by": 2}
    assert [run.result["application"]["web_gears"] for run in (real_up, real_down)] == [5, 3]
    (again,) = ansible.tasks(task("shop", by=3)).of(ACTION)
    assert again.result["application"]["web_gears"] == 6


def test_the_removal_of_a_gear_with_haproxy_is_a_warning(ansible: Ansible, platform: Platform) -> None:
    """Without HA the broker removes them first, and a make-ha afterwards does not add the second instance."""
    platform.app("acme", "shop", ha=True)
    platform.event("acme", "shop", {"event": "scale-up"})
    platform.event("acme", "shop", {"event": "disable-ha"})
    check, real, again = ansible.tasks(*check_apply_again("shop", gears=2)).of(ACTION)
    assert_predicted(check, real)
    assert platform.shown("acme", "shop") == (False, 2, 1)
    assert "HAProxy 2 -> 1" in check.result["steps"][0]["detail"]
    assert check.result["application"]["haproxy_count"] == 1
    assert "gears with HAProxy" in str(check.result["warnings"])
    assert_unchanged(again)


def test_scaling_down_ha_in_name_only_is_a_warning(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=4, ha=True)
    check, real, _again = ansible.tasks(*check_apply_again("shop", gears=3)).of(ACTION)
    assert_predicted(check, real)
    assert check.result["application"]["ha_status"] == "degraded"
    assert "openshift_app_ha" in str(check.result["warnings"])


BLOCKED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "belowtwo": ({"ha": True}, {"gears": 1}, "minimum"),
    "belowminimum": ({"gears": 4, "minimum": 3}, {"gears": 2}, "minimum"),
    "abovemaximum": ({"gears": 2, "maximum": 3}, {"gears": 4}, "maximum"),
    "bytoolow": ({"gears": 2}, {"by": -2}, "minimum"),
    "bytoohigh": ({"gears": 2, "maximum": 3}, {"by": 2}, "maximum"),
    "plain": ({"scalable": False}, {"gears": 2}, "not_scalable"),
    "plainby": ({"scalable": False}, {"by": 1}, "not_scalable"),
}


def test_blockers_in_the_application_stop_the_run_before_any_write(ansible: Ansible, platform: Platform) -> None:
    tasks = []
    for name, (start, options, _code) in BLOCKED.items():
        platform.app("acme", name, **start)
        tasks += [task(name, True, **options), task(name, **options)]
    runs = ansible.tasks(*tasks).of(ACTION)
    assert_blocked_in_advance(runs, {name: code for name, (_start, _options, code) in BLOCKED.items()})


def test_the_gear_limit_of_the_owner_blocks_the_run_in_advance(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=2)
    platform.user(max_gears=4)
    tasks = [task("shop", check, **options) for options in ({"gears": 6}, {"by": 3}) for check in (True, False)]
    for run in ansible.tasks(*tasks).of(ACTION):
        assert run.failed
        assert run.result["changed"] is False
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["gear_limit"]
    assert platform.shown("acme", "shop") == (False, 2, 1)


def test_the_gear_limit_of_the_account_blocks_the_run_in_advance(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3)
    platform.user("bob", max_gears=0)
    platform.call("POST", "/domain/acme/members", {"login": "bob", "role": "edit"})
    as_bob = {"env": {"OPENSHIFT_BROKER_USERNAME": "bob"}}
    tasks = [task("shop", True, gears=4), task("shop", gears=4), task("shop", gears=2)]
    check, real, down = ansible.tasks(*tasks, **as_bob).of(ACTION)
    for run in (check, real):
        assert run.failed
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["caller_gear_limit"]
        assert "min_gears" in run.result["msg"]
    assert down.result["application"]["web_gears"] == 2


def test_a_member_with_the_role_view_is_refused(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    platform.user("eve")
    platform.call("POST", "/domain/acme/members", {"login": "eve", "role": "view"})
    as_eve = {"env": {"OPENSHIFT_BROKER_USERNAME": "eve"}}
    for run in ansible.tasks(task("shop", True, gears=2), task("shop", gears=2), **as_eve).of(ACTION):
        assert run.failed
        assert run.result["changed"] is False
        assert [blocker["code"] for blocker in run.result["blockers"]] == ["permission"]


def test_gears_of_databases_do_not_count(ansible: Ansible, platform: Platform) -> None:
    body = {"name": "db", "cartridges": [{"name": "php-5.4"}, {"name": "mysql-5.5"}], "scale": True}
    platform.call("POST", "/domain/acme/applications", body)
    check, real, again = ansible.tasks(*check_apply_again("db", gears=2)).of(ACTION)
    assert_predicted(check, real)
    assert (real.result["application"]["web_gears"], real.result["application"]["gear_count"]) == (2, 3)
    assert_unchanged(again)


BAD_OPTIONS: dict[str, dict[str, Any]] = {
    "gears": {"gears": 0},
    "by": {"by": 0},
    "gears, by": {},
    "gears|by": {"gears": 3, "by": 1},
    "nosuch": {"gears": 3, "nosuch": 1},
    "wait_timeout": {"gears": 3, "wait_timeout": -1},
    "domain": {"gears": 3, "domain": "acme/../evil"},
}


def test_invalid_options_are_named_before_any_request(ansible: Ansible) -> None:
    runs = ansible.tasks(*[task("shop", **options) for options in BAD_OPTIONS.values()])
    for option, run in zip(BAD_OPTIONS, runs.of(ACTION), strict=True):
        assert run.failed
        assert option in run.result["msg"]
        assert run.sent == []


@pytest.mark.usefixtures("platform")
def test_an_unknown_application_is_reported_in_the_brokers_words(ansible: Ansible) -> None:
    (run,) = ansible.tasks(task("gone", gears=2)).of(ACTION)
    assert run.failed
    assert "Application 'gone' not found" in run.result["msg"]
    assert run.result["application"] == {"domain": "acme", "name": "gone"}


def seed_ha(platform: Platform, **fields: Any) -> None:
    app = {"domain": "acme", "name": "shop", "cartridges": ["php-5.4"], "gears": 3, "haproxy": 2, "ha": True}
    platform.broker.seed({"applications": [{**app, **fields}]})


@pytest.mark.parametrize("module", [MODULE, LIMITS_MODULE])
def test_an_unreadable_placement_after_a_write_fails_without_repeating_it(
    ansible: Ansible, platform: Platform, module: str
) -> None:
    seed_ha(platform)
    platform.broker.faults({"path": "gear_groups", "do": "status:502"})
    given = {"gears": 4} if module == MODULE else {"cartridge": "php", "min_gears": 4}
    options = {"domain": "acme", "name": "shop", "wait_timeout": 0.3, "poll_interval": 0.05, **given}
    (run,) = ansible.tasks({"name": "scale", module: options}).of(module.rpartition(".")[2])
    assert (run.failed, run.result["changed"], len(run.writes)) == (True, True, 1)
    assert "could not verify the high availability" in run.result["msg"]
    assert run.result["application"]["ha_status"] == "degraded"
    platform.broker.faults()
    (again,) = ansible.tasks({"name": "again", module: options}).of(module.rpartition(".")[2])
    # Without a write, what the platform counts is enough.
    assert (again.failed, again.sent) == (False, ["GET"])


def test_instances_on_one_node_are_a_warning_after_a_write(ansible: Ansible, platform: Platform) -> None:
    seed_ha(platform, nodes=[1, 1, 2])
    (run,) = ansible.tasks(task("shop", gears=4)).of(ACTION)
    assert (run.failed, run.result["changed"]) == (False, True)
    assert run.result["application"]["ha_status"] == "highly_available"
    assert any("on the same node" in text for text in run.result["warnings"])


def test_an_instance_that_does_not_exist_is_found_after_a_write(ansible: Ansible, platform: Platform) -> None:
    """A scale-up failed and is queued: the next operation rolls it back first, with the instance that it counted."""
    seed_ha(platform, gears=2, haproxy=1)
    platform.broker.faults({"event": "scale-up", "times": 1, "do": "failed_rollback:1"})
    with contextlib.suppress(AssertionError):
        platform.event("acme", "shop", {"event": "scale-up"})
    assert platform.shown("acme", "shop") == (True, 3, 2)
    (run,) = ansible.tasks(task("shop", gears=4, wait_timeout=5, poll_interval=0.05)).of(ACTION)
    shown = run.result["application"]
    balancers = {
        endpoint["external_address"]
        for group in platform.call("GET", "/domain/acme/application/shop/gear_groups?include=endpoints", None)
        for gear in group["gears"]
        for endpoint in gear["endpoints"]
        if "load_balancer" in endpoint["types"]
    }
    assert (shown["ha_status"] == "highly_available") == (len(balancers) == 2)
    assert platform.shown("acme", "shop")[1] == shown["web_gears"]

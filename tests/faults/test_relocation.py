"""The replacement of an HAProxy instance fails half-way: HA is enabled again, and the limits are put back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Ansible, Platform, TaskRun

MODULE = "openshift_v2.apps.openshift_app_ha"
REMOVAL = {"event": "scale-down"}
#: Faults of the write that removes the gear, and whether its outcome is known.
FAULTS: list[dict[str, Any]] = [
    {**REMOVAL, "do": "drop_before", "times": 1},
    {**REMOVAL, "do": "status:502", "times": 1},
    {**REMOVAL, "do": "node_failure:1"},
    {**REMOVAL, "do": "lock"},
    {"method": "PUT", "do": "lock", "times": 20},
]


def relocate(ansible: Ansible) -> TaskRun:
    options = {"verify": "placement", "relocate": True, "wait_timeout": 1.5, "poll_interval": 0.05}
    task = {"name": "shop", MODULE: {"domain": "acme", "name": "shop", **options}}
    (run,) = ansible.tasks(task).of("openshift_app_ha")
    return run


def seed(platform: Platform, gears: int, **limits: int) -> None:
    """acme/shop with both instances on one node."""
    app = {"domain": "acme", "name": "shop", "cartridges": ["php-5.4"], "ha": True, "haproxy": 2, "gears": gears}
    platform.broker.seed({"applications": [{**app, "nodes": [1, 1, 2][:gears], **limits}]})
    platform.broker.settings(lock_tries=3)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.get('event', 'PUT')} {fault['do']}")
@pytest.mark.parametrize(("gears", "limits"), [(2, {"min_gears": 2, "max_gears": 2}), (3, {"min_gears": 3})])
def test_ha_is_enabled_again(
    ansible: Ansible, platform: Platform, gears: int, limits: dict[str, int], fault: dict[str, Any]
) -> None:
    seed(platform, gears, **limits)
    platform.broker.faults(fault)
    run = relocate(ansible)
    assert run.failed
    app = run.result["application"]
    assert (app["ha"], app["ha_status"], app["web_gears"], app["haproxy_count"]) == (True, "degraded", gears, 2)
    assert (app["min_gears"], app["max_gears"]) == (gears, limits.get("max_gears", -1))
    assert [problem["code"] for problem in app["problems"]] == ["haproxy_same_node"]
    assert platform.shown("acme", "shop") == (True, gears, 2)
    assert "is not HA now" not in run.result["msg"]
    assert [body["event"] for request in run.requests if "event" in (body := request["body"] or {})].count(
        "make-ha"
    ) == 1
    # The first failure is the one that is reported.
    failed = next(step for step in run.result["steps"] if step["status"] in ("failed", "unknown"))
    assert failed["detail"].partition(";")[0] in run.result["msg"]
    platform.broker.faults()
    again = relocate(ansible)
    assert not again.failed, again.result
    assert platform.shown("acme", "shop") == (True, gears, 2)


def test_ha_is_enabled_again_after_an_uncertain_first_step(ansible: Ansible, platform: Platform) -> None:
    """HA is seen as disabled, but the request was not answered, and the barrier does not get the lock."""
    seed(platform, 2)
    platform.broker.faults({"event": "disable-ha", "do": "drop_after"}, {**REMOVAL, "do": "lock"})
    run = relocate(ansible)
    assert (run.failed, run.result["changed"], run.events) == (True, True, ["disable-ha", "make-ha"])
    assert platform.shown("acme", "shop") == (True, 2, 2)


def test_what_is_left_is_reported_if_ha_cannot_be_enabled_either(ansible: Ansible, platform: Platform) -> None:
    seed(platform, 2)
    platform.broker.faults({**REMOVAL, "do": "node_failure:1"}, {"event": "make-ha", "do": "lock"})
    run = relocate(ansible)
    assert run.failed
    assert platform.shown("acme", "shop") == (False, 2, 2)
    assert "failed to scale down from 2 gears to 1" in run.result["msg"]
    assert "The application is not HA now, and has 2 gears and 2 HAProxy instances" in run.result["msg"]
    assert "The next run enables HA again." in run.result["msg"]

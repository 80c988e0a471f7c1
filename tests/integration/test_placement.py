"""The level placement against the embedded broker: what is found, repaired and predicted, and what is never claimed."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible import operations
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Interrupted
from tests import direct
from tests.harness import Ansible, Platform, TaskRun
from tests.predictions import assert_predicted
from tests.unit.wire import Wire, reply
from tests.waiting import wait_until

pytestmark = pytest.mark.any_release

HA, INFO = "openshift_v2.apps.openshift_app_ha", "openshift_v2.apps.openshift_app_info"
QUICK = {"wait_timeout": 3, "poll_interval": 0.05}


def ha(check_mode: bool = False, name: str = "shop", **options: Any) -> dict[str, Any]:
    given = {"domain": "acme", "name": name, **QUICK, **options}
    return {"name": name, HA: given, "check_mode": check_mode, "diff": True}


def at_placement(ansible: Ansible, *modes: bool, **options: Any) -> list[TaskRun]:
    """Run at the level placement: ``modes`` are the check modes, one run for each."""
    return ansible.tasks(*[ha(mode, verify="placement", **options) for mode in modes]).of("openshift_app_ha")


def codes(run: TaskRun, part: str = "application") -> list[str]:
    return [problem["code"] for problem in run.result[part]["problems"]]


def blockers(run: TaskRun) -> list[str]:
    return [blocker["code"] for blocker in run.result["blockers"]]


def actions(run: TaskRun) -> list[str]:
    return [step["action"] for step in run.result["steps"]]


def seed(platform: Platform, name: str = "shop", gears: int = 2, **fields: Any) -> None:
    app = {"domain": "acme", "name": name, "cartridges": ["php-5.4"], "gears": gears, "haproxy": 2, "ha": True}
    platform.broker.seed({"applications": [{**app, **fields}]})


def gears_of(platform: Platform, name: str = "shop") -> list[Mapping[str, Any]]:
    """The web gears as the broker holds them."""
    path = f"/domain/acme/application/{name}/gear_groups?include=endpoints"
    groups = platform.call("GET", path, None)
    return [gear for group in groups for gear in group["gears"]]


def node_of(gear: Mapping[str, Any]) -> str:
    return str(gear["endpoints"][0]["external_address"])


def balancers(platform: Platform, name: str = "shop") -> list[str]:
    """The addresses of the HAProxy instances."""
    found = [e for gear in gears_of(platform, name) for e in gear["endpoints"] if "load_balancer" in e["types"]]
    return [str(endpoint["external_address"]) for endpoint in found]


def test_a_compliant_application_costs_one_request_more(ansible: Ansible, platform: Platform) -> None:
    seed(platform)
    by_count, check, real = ansible.tasks(ha(), ha(True, verify="placement"), ha(verify="placement")).of(
        "openshift_app_ha"
    )
    assert (by_count.sent, by_count.result["application"]["verified"]) == (["GET"], "count")
    for run in (check, real):
        assert run.sent == ["GET", "GET"]
        assert not run.failed
        assert run.result["changed"] is False
        app = run.result["application"]
        assert (app["ha_status"], app["verified"], app["problems"]) == ("highly_available", "placement", [])
        assert [instance["counts"] for instance in run.result["instances"]] == [True, True]


@pytest.mark.parametrize("gears", [1, 2, 3])
def test_own_writes_are_always_verified_at_placement(ansible: Ansible, platform: Platform, gears: int) -> None:
    platform.app("acme", "shop", gears=gears)
    check, real = ansible.tasks(ha(True), ha()).of("openshift_app_ha")
    assert_predicted(check, real)
    assert real.result["application"]["verified"] == "placement"
    assert "gear_groups" in real.requests[-1]["path"]
    assert sum("gear_groups" in request["path"] for request in real.requests) == 1


@pytest.mark.parametrize("gears", [2, 3, pytest.param(5, marks=pytest.mark.thorough)])
@pytest.mark.parametrize(
    "limits",
    [{}, pytest.param({"min_gears": 2}, marks=pytest.mark.thorough), {"min_gears": "all", "max_gears": "all"}],
)
def test_co_located_instances_are_relocated(
    ansible: Ansible, platform: Platform, gears: int, limits: dict[str, Any]
) -> None:
    """Never below one running instance, with the same gears and limits at the end, and predicted exactly."""
    set_limits = {key: gears if value == "all" else value for key, value in limits.items()}
    seed(platform, gears=gears, nodes=[1, 1, *range(2, gears)], **set_limits)
    platform.user()
    before = platform.shown("acme", "shop")
    check, real, again = at_placement(ansible, True, False, False, relocate=True)
    assert codes(check, "before") == ["haproxy_same_node"]
    (warning,) = check.result.pop("warnings")
    assert "another node has capacity" in warning
    assert_predicted(check, real)
    assert not real.failed, real.result
    assert real.result["changed"] is True
    assert actions(real)[:1] == ["disable_ha"]
    assert len(set(balancers(platform))) == 2
    assert platform.shown("acme", "shop") == before
    assert (again.result["changed"], again.writes) == (False, [])
    now = real.result["application"]
    assert (now["min_gears"], now["max_gears"]) == (
        max(2, set_limits.get("min_gears", 2)),
        set_limits.get("max_gears", -1),
    )


def test_without_relocate_the_administrators_command_is_returned(ansible: Ansible, platform: Platform) -> None:
    seed(platform, nodes=[1, 1])
    head, other = (gear["id"] for gear in gears_of(platform))
    runs = at_placement(ansible, True, False)
    for run in runs:
        assert (run.failed, run.writes, run.result["changed"]) == (True, [], False)
        assert blockers(run) == ["relocation"]
        assert f"oo-admin-move --gear_uuid {other} -i NODE" in run.result["msg"]
        assert run.result["application"]["ha_status"] == "degraded"
        assert head != other


@pytest.mark.parametrize(
    ("fields", "options"),
    [
        ({"gears": 3, "haproxy": 3, "nodes": [1, 1, 1]}, {}),
        ({"gears": 3, "nodes": [1, 2, 2], "haproxy": 3}, {}),
    ],
)
def test_other_constellations_are_left_to_the_administrator(
    ansible: Ansible, platform: Platform, fields: dict[str, Any], options: dict[str, Any]
) -> None:
    seed(platform, **fields)
    runs = at_placement(ansible, True, False, relocate=True, **options)
    if codes(runs[0], "before") == []:
        assert [run.failed for run in runs] == [False, False]
        return
    for run in runs:
        assert (blockers(run), run.writes) == (["relocation"], [])


def test_another_owners_capability_cannot_be_read(ansible: Ansible, platform: Platform) -> None:
    platform.user("bob")
    platform.domain("bobs", "bob")
    app = {"domain": "bobs", "name": "shop", "cartridges": ["php-5.4"], "gears": 2, "haproxy": 2, "ha": True}
    platform.broker.seed({"applications": [{**app, "nodes": [1, 1]}]})
    platform.call("POST", "/domain/bobs/members", {"login": "alice", "role": "admin"}, "bob")
    runs = at_placement(ansible, True, False, relocate=True, domain="bobs")
    for run in runs:
        assert (blockers(run), run.writes) == (["relocation"], [])
        assert "owner" in run.result["msg"]


def test_a_relocation_that_ends_together_again_fails(ansible: Ansible, platform: Platform) -> None:
    platform.broker.settings(nodes=1, allow_multiple_haproxy_on_node=True)
    seed(platform, nodes=[1, 1])
    (real,) = at_placement(ansible, False, relocate=True)
    assert (real.failed, real.result["changed"], blockers(real)) == (True, True, ["relocation"])
    assert "again" in real.result["msg"]
    assert platform.shown("acme", "shop") == (True, 2, 2)


def test_a_relocation_without_another_node_is_resumed_by_the_next_run(ansible: Ansible, platform: Platform) -> None:
    platform.broker.settings(nodes=1)
    seed(platform, nodes=[1, 1])
    (real,) = at_placement(ansible, False, relocate=True)
    assert (real.failed, real.result["changed"]) == (True, True)
    assert "No nodes available" in real.result["msg"]
    assert "The application is not HA now, and has 1 gear and 1 HAProxy instance" in real.result["msg"]
    assert platform.shown("acme", "shop") == (False, 1, 1)
    platform.broker.settings(nodes=2)
    (again,) = at_placement(ansible, False, relocate=True)
    assert (again.failed, again.result["application"]["ha_status"]) == (False, "highly_available")
    assert len(set(balancers(platform))) == 2


def test_a_stopped_instance_is_started(ansible: Ansible, platform: Platform) -> None:
    seed(platform, gears=3, states=["started", "stopped", "started"])
    by_count, check, real, again = ansible.tasks(ha(), *[ha(m, verify="placement") for m in (True, False, False)]).of(
        "openshift_app_ha"
    )
    assert by_count.result["application"]["ha_status"] == "highly_available"
    assert codes(check, "before") == ["haproxy_not_started"]
    assert_predicted(check, real)
    assert actions(real) == ["start"]
    assert real.result["application"]["ha_status"] == "highly_available"
    assert (again.result["changed"], again.sent) == (False, ["GET", "GET"])


@pytest.mark.parametrize(("fault", "steps"), [("drop_before", ["failed", "done"]), ("drop_after", ["done"])])
def test_a_start_without_an_answer_is_checked(
    ansible: Ansible, platform: Platform, fault: str, steps: list[str]
) -> None:
    seed(platform, states=["started", "stopped"])
    platform.broker.faults({"event": "start", "times": 1, "do": fault})
    (real,) = at_placement(ansible, False, wait_timeout=60)
    assert not real.failed, real.result
    assert [(step["action"], step["status"]) for step in real.result["steps"]] == [("start", each) for each in steps]
    assert real.result["changed"] is True


def test_a_stopped_application_stays_stopped(ansible: Ansible, platform: Platform) -> None:
    seed(platform, states=["stopped", "stopped"])
    for run in at_placement(ansible, True, False):
        assert (run.failed, blockers(run), run.writes) == (True, ["stopped"], [])


def test_one_zone(ansible: Ansible, platform: Platform) -> None:
    platform.broker.settings(nodes=4, zones=["east/z1", "east/z1", "east/z2", "east/z2"])
    seed(platform, nodes=[1, 2])
    seed(platform, "crm", nodes=[1, 3])
    by_node, by_zone = ansible.tasks(ha(verify="placement"), ha(verify="placement", spread="zone")).of(
        "openshift_app_ha"
    )
    assert not by_node.failed
    assert any("haproxy_same_zone" in text for text in by_node.result["warnings"])
    assert (by_zone.failed, blockers(by_zone)) == (True, ["haproxy_same_zone"])
    (apart,) = ansible.tasks(ha(name="crm", verify="placement", spread="zone")).of("openshift_app_ha")
    assert not apart.failed
    assert "warnings" not in apart.result


def test_the_zone_of_a_new_instance_is_not_predicted(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    check, real = at_placement(ansible, True, False, spread="zone")
    assert not check.failed
    assert any("zone of the new HAProxy instance" in text for text in check.result["warnings"])
    assert (real.failed, real.result["changed"], blockers(real)) == (True, True, ["haproxy_same_zone"])


def test_a_node_that_does_not_answer(ansible: Ansible, platform: Platform) -> None:
    """It is stated, not guessed, and nothing is changed."""
    platform.broker.settings(node_timeout=0)
    seed(platform)
    platform.broker.set_node(balancers(platform)[1], down=True)
    for run in at_placement(ansible, True, False, relocate=True):
        assert (run.failed, blockers(run), run.writes) == (True, ["node_unreachable"], [])
        app = run.result["application"]
        assert (app["ha_status"], app["verified"], codes(run)) == ("degraded", "count", ["haproxy_state_unknown"])
    (info,) = ansible.tasks({"name": "i", INFO: {"verify": "placement"}}).of("openshift_app_info")
    (shop,) = info.result["applications"]
    assert (shop["ha_status"], shop["verified"]) == ("degraded", "count")


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("openshift_app_scale", {"gears": 2}),
        ("openshift_app_scale", {"by": -1}),
        ("openshift_cartridge_scale", {"cartridge": "php", "max_gears": 2, "allow_gear_removal": True}),
        ("openshift_app_ha", {"max_gears": 2, "allow_gear_removal": True}),
    ],
)
def test_no_gear_is_removed_while_a_node_does_not_answer(
    ansible: Ansible, platform: Platform, module: str, options: dict[str, Any]
) -> None:
    platform.broker.settings(node_timeout=0)
    seed(platform, gears=3)
    platform.broker.set_node(balancers(platform)[1], down=True)
    given = {"domain": "acme", "name": "shop", **QUICK, **options}
    task = {"name": "t", f"openshift_v2.apps.{module}": given}
    check, real = ansible.tasks({**task, "check_mode": True}, task).of(module)
    for run in (check, real):
        assert (run.failed, blockers(run), run.writes) == (True, ["node_unreachable"], [])
        assert run.result["changed"] is False
    for node in platform.broker.state()["nodes"]:
        platform.broker.set_node(node["address"], down=False)
    (after,) = ansible.tasks(task).of(module)
    assert not after.failed, after.result


def test_other_modules_remove_nothing_if_the_states_cannot_be_read(ansible: Ansible, platform: Platform) -> None:
    seed(platform, gears=3)
    platform.broker.faults({"path": "gear_groups", "do": "status:502"})
    given = {"domain": "acme", "name": "shop", **QUICK, "gears": 2}
    (run,) = ansible.tasks({"name": "t", "openshift_v2.apps.openshift_app_scale": given}).of("openshift_app_scale")
    assert (run.failed, run.writes, run.result["changed"]) == (True, [], False)


# --- What is never claimed: the three situations of a count ahead of the truth


def test_an_operation_that_failed_and_is_queued_is_drained(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3)
    platform.broker.faults({"event": "make-ha", "times": 1, "do": "failed_rollback:1"})
    (real,) = at_placement(ansible, False)
    assert real.result["application"]["ha_status"] == "highly_available"
    assert len(set(balancers(platform))) == 2


def test_a_killed_broker_leaves_a_count_that_is_not_believed(ansible: Ansible, platform: Platform) -> None:
    """HA and two HAProxy instances are counted, but one of them does not exist yet."""
    platform.broker.settings(lock_expiry=1000)
    platform.app("acme", "shop")
    platform.broker.faults({"event": "make-ha", "times": 1, "do": "broker_killed"})
    (killed,) = ansible.tasks(ha(wait_timeout=0.5)).of("openshift_app_ha")
    assert killed.failed
    assert platform.shown("acme", "shop") == (True, 2, 2)
    check, real = at_placement(ansible, True, False, wait_timeout=0.5)
    assert codes(check) == codes(real) == ["operation_pending"]
    assert real.failed
    assert real.result["application"]["ha_status"] == check.result["application"]["ha_status"] == "degraded"
    assert (check.failed, check.result["changed"], actions(check)) == (False, False, ["wait"])
    assert any("cannot be predicted" in text for text in check.result["warnings"])


def test_a_killed_broker_is_repaired_when_the_lock_expires(ansible: Ansible, platform: Platform) -> None:
    platform.broker.settings(lock_expiry=0.3)
    platform.app("acme", "shop")
    platform.broker.faults({"event": "make-ha", "times": 1, "do": "broker_killed"})
    ansible.tasks(ha(wait_timeout=0.05))
    platform.broker.faults()
    (real,) = at_placement(ansible, False, wait_timeout=60)
    assert not real.failed, real.result
    assert real.result["application"]["ha_status"] == "highly_available"
    assert len(set(balancers(platform))) == 2


@pytest.mark.parametrize("times", ["", ":1"])
def test_a_queued_operation_of_somebody_else_is_not_believed(ansible: Ansible, platform: Platform, times: str) -> None:
    """A scale-up failed, and so did its rollback: HA and two HAProxy instances are counted, and one exists."""
    seed(platform, gears=2, haproxy=1)
    platform.broker.faults({"event": "scale-up", "times": 1, "do": f"failed_rollback{times or ''}"})
    with contextlib.suppress(AssertionError):
        platform.event("acme", "shop", {"event": "scale-up"})
    assert platform.shown("acme", "shop") == (True, 3, 2)
    (info,) = ansible.tasks({"name": "i", INFO: {"verify": "placement"}}).of("openshift_app_info")
    (shop,) = info.result["applications"]
    assert (shop["ha_status"], [each["code"] for each in shop["problems"]]) == ("degraded", ["operation_pending"])
    (blocked,) = at_placement(ansible, False, wait_timeout=0.5)
    if not times:
        # The node is still sick: the barrier answers the error of the queued operation.
        assert (blocked.failed, blocked.result["application"]["ha_status"]) == (True, "degraded")
        platform.broker.faults()
    (real,) = at_placement(ansible, False)
    assert not real.failed, real.result
    assert real.result["application"]["ha_status"] == "highly_available"
    assert len(set(balancers(platform))) == 2


def test_lost_endpoints_are_reported_and_not_repaired(ansible: Ansible, platform: Platform) -> None:
    seed(platform)
    gear = gears_of(platform)[1]["id"]
    platform.broker.move_gear("acme/shop", gear, None, endpoints_lost=True)
    (real,) = at_placement(ansible, False)
    assert (real.failed, blockers(real)) == (True, ["haproxy_node_unknown"])
    assert (real.result["changed"], actions(real)) == (False, ["wait"])


def test_an_unreadable_placement_after_a_write_fails_without_repeating_it(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop")
    platform.broker.faults({"path": "gear_groups", "do": "status:502"})
    (real,) = ansible.tasks(ha(wait_timeout=0.3)).of("openshift_app_ha")
    assert (real.failed, real.result["changed"], actions(real)) == (True, True, ["make_ha"])
    assert "could not verify" in real.result["msg"]
    assert real.events == ["make-ha"]
    assert (real.result["application"]["ha_status"], codes(real)) == ("degraded", ["haproxy_state_unknown"])
    assert platform.shown("acme", "shop") == (True, 2, 2)


@pytest.mark.usefixtures("ansible")
@pytest.mark.parametrize("level", ["count", "placement"])
def test_an_interrupted_run_claims_nothing_that_it_did_not_verify(platform: Platform, level: str) -> None:
    seed(platform, gears=2, haproxy=1, ha=False)
    options = direct.validated("openshift_app_ha", {"domain": "acme", "name": "shop", "verify": level, **QUICK})
    result = operations.run("openshift_app_ha", options, False, Runtime(may_write=_Cut(2)))
    assert (result["failed"], result["changed"]) == (True, True)
    assert platform.shown("acme", "shop") == (True, 3, 2)
    app = result["application"]
    assert (app["ha_status"], [problem["code"] for problem in app["problems"]]) == (
        "degraded",
        ["haproxy_state_unknown"],
    )


# --- What a plan knows about the states and nodes of the instances


@pytest.mark.parametrize("gears", [1, 2])
def test_an_application_that_its_owner_stopped_is_not_started_by_way_of_ha(
    ansible: Ansible, platform: Platform, gears: int
) -> None:
    """A new gear would be started, so that the others would look as if they had stopped by accident."""
    seed(platform, gears=gears, haproxy=1, ha=False, states=["stopped"] * gears)
    for run in at_placement(ansible, True, False):
        assert (run.failed, blockers(run), run.writes, run.result["changed"]) == (True, ["stopped"], [], False)
        assert (run.result["application"]["ha_status"], codes(run)) == ("standalone", [])


@pytest.mark.parametrize("relocate", [True, False])
def test_instances_on_one_node_are_known_before_ha_is_enabled(
    ansible: Ansible, platform: Platform, relocate: bool
) -> None:
    """As after a relocation that was killed."""
    seed(platform, gears=3, nodes=[1, 1, 2], ha=False)
    check, real = at_placement(ansible, True, False, relocate=relocate)
    if not relocate:
        for run in (check, real):
            assert (run.failed, blockers(run), run.writes) == (True, ["relocation"], [])
        return
    check.result.pop("warnings")
    assert_predicted(check, real)
    assert actions(real)[:2] == ["make_ha", "disable_ha"]
    assert len(set(balancers(platform))) == 2


@pytest.mark.parametrize("states", [["started", "stopped"], ["stopped", "started"]])
@pytest.mark.parametrize("relocate", [True, False])
def test_a_stopped_instance_beside_the_other_one(
    ansible: Ansible, platform: Platform, states: list[str], relocate: bool
) -> None:
    seed(platform, nodes=[1, 1], states=states)
    check, real = at_placement(ansible, True, False, relocate=relocate)
    assert codes(check, "before") == ["haproxy_not_started", "haproxy_same_node"]
    if not relocate:
        for run in (check, real):
            assert (run.failed, blockers(run), run.writes) == (True, ["relocation"], [])
        return
    check.result.pop("warnings")
    assert_predicted(check, real)
    assert actions(real)[:2] == ["start", "disable_ha"]
    assert len(set(balancers(platform))) == 2


def test_a_relocation_after_a_start_needs_the_owners_capability_too(ansible: Ansible, platform: Platform) -> None:
    platform.user("bob")
    platform.domain("bobs", "bob")
    app = {"domain": "bobs", "name": "shop", "cartridges": ["php-5.4"], "gears": 2, "haproxy": 2, "ha": True}
    platform.broker.seed({"applications": [{**app, "nodes": [1, 1], "states": ["started", "stopped"]}]})
    platform.call("POST", "/domain/bobs/members", {"login": "alice", "role": "admin"}, "bob")
    for run in at_placement(ansible, True, False, relocate=True, domain="bobs"):
        assert (run.failed, blockers(run), run.writes) == (True, ["relocation"], [])


def test_co_location_found_after_a_write_at_count_is_a_warning(ansible: Ansible, platform: Platform) -> None:
    platform.broker.settings(nodes=1, allow_multiple_haproxy_on_node=True)
    platform.app("acme", "shop")
    real, again = ansible.tasks(ha(), ha()).of("openshift_app_ha")
    assert not real.failed
    app = real.result["application"]
    assert (app["ha_status"], app["verified"], app["problems"]) == ("highly_available", "count", [])
    assert any("haproxy_same_node" in text for text in real.result["warnings"])
    assert (again.result["changed"], again.result["application"]) == (False, app)


# --- A relocation that is cut off


class _Cut:
    """Lets a number of writes pass, then interrupts the run."""

    def __init__(self, writes: int) -> None:
        self.left = writes

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Interrupted("cut")


@pytest.mark.parametrize("gears", [2, 3])
@pytest.mark.parametrize("writes", [pytest.param(n, marks=[] if n == 3 else pytest.mark.thorough) for n in range(1, 6)])
def test_the_next_run_resumes_a_relocation_that_was_cut_off(
    ansible: Ansible, platform: Platform, gears: int, writes: int
) -> None:
    """HA, two instances on two nodes, and the same gears at the end; only a lowered minimum stays lowered."""
    seed(platform, gears=gears, nodes=[1, 1, *range(2, gears)], min_gears=gears)
    head = gears_of(platform)[0]["id"]
    options = direct.validated(
        "openshift_app_ha", {"domain": "acme", "name": "shop", "verify": "placement", "relocate": True, **QUICK}
    )
    operations.run("openshift_app_ha", options, False, Runtime(may_write=_Cut(writes)))
    assert [gear["state"] for gear in gears_of(platform) if gear["id"] == head] == ["started"]
    assert balancers(platform)
    (again,) = at_placement(ansible, False, relocate=True)
    assert not again.failed, again.result
    assert again.result["application"]["ha_status"] == "highly_available"
    assert platform.shown("acme", "shop") == (True, gears, 2)
    assert len(set(balancers(platform))) == 2


@pytest.mark.usefixtures("ansible")
def test_a_node_that_fails_during_a_relocation_leaves_ha_enabled(platform: Platform) -> None:
    """HA is disabled when the node is found to be silent: no gear is removed, and HA is enabled again."""
    platform.broker.settings(node_timeout=0)
    seed(platform, gears=3, nodes=[1, 1, 2])
    silent = gears_of(platform)[2]
    address = str(silent["endpoints"][0]["external_address"])

    class FailingNode(_Cut):
        def __call__(self) -> None:
            if self.left == 0:
                platform.broker.set_node(address, down=True)
            self.left -= 1

    options = direct.validated(
        "openshift_app_ha", {"domain": "acme", "name": "shop", "verify": "placement", "relocate": True, **QUICK}
    )
    runtime = Runtime(may_write=FailingNode(0))
    result = operations.run("openshift_app_ha", {**options, "wait_timeout": 0.2}, False, runtime)
    assert result["failed"]
    assert [step["action"] for step in result["steps"] if step["status"] == "done"] == ["disable_ha", "make_ha"]
    assert platform.shown("acme", "shop") == (True, 3, 2)


# --- An operation of somebody else that is in progress


@pytest.mark.parametrize("fails", [False, True])
def test_an_operation_in_progress_is_waited_for(ansible: Ansible, platform: Platform, fails: bool) -> None:
    """The count shows its result before its end, and it may yet fail."""
    platform.app("acme", "shop")
    platform.broker.faults({"event": "make-ha", "times": 1, "do": "node_failure:1" if fails else "slow:0"})
    with ThreadPoolExecutor(2) as pool, platform.broker.held():
        pool.submit(_make_ha, platform)
        wait_until(lambda: platform.shown("acme", "shop") == (True, 2, 2))
        by_count, check = ansible.tasks(ha(True), ha(True, verify="placement")).of("openshift_app_ha")
        pool.submit(_end_when_waited_for, platform)
        (real,) = ansible.tasks(ha(verify="placement", wait_timeout=60)).of("openshift_app_ha")
    assert by_count.result["application"]["ha_status"] == "highly_available"
    assert codes(check) == ["operation_pending"]
    assert check.result["application"]["ha_status"] == "degraded"
    assert not real.failed, real.result
    assert actions(real) == (["wait", "make_ha"] if fails else ["wait"])
    assert real.result["changed"] is fails
    assert real.result["application"]["ha_status"] == "highly_available"
    assert len(set(balancers(platform))) == 2


def _make_ha(platform: Platform) -> None:
    with contextlib.suppress(AssertionError):
        platform.event("acme", "shop", {"event": "make-ha"})


def _end_when_waited_for(platform: Platform) -> None:
    """Release the operation that is held, as soon as a request waits for its end."""
    try:
        wait_until(lambda: platform.broker.state()["applications"][0]["waiting"])
    finally:
        platform.broker.settings(hold=None)


# --- Traffic


def test_traffic_is_sent_to_each_instance(ansible: Ansible, platform: Platform) -> None:
    with Wire(reply(200, "")) as good, Wire(reply(503, "")) as bad:
        ports = [int(wire.url.rpartition(":")[2]) for wire in (good, bad)]
        seed(platform, endpoints=[f"127.0.0.1:{ports[0]}", f"localhost:{ports[1]}"])
        (real,) = ansible.tasks(ha(verify="traffic", probe={"timeout": 5, "path": "/health"})).of("openshift_app_ha")
    assert (real.failed, blockers(real), real.writes) == (True, ["haproxy_unreachable"], [])
    assert "HTTP status 503" in real.result["msg"]
    assert [instance["answered"] for instance in real.result["instances"]] == [True, False]
    assert {wire.requests[0].path for wire in (good, bad)} == {"/health"}
    assert {wire.requests[0].headers["host"] for wire in (good, bad)} == {"shop-acme.example.com"}
    assert not any("authorization" in wire.requests[0].headers for wire in (good, bad))


@pytest.mark.parametrize(
    ("probe", "option"),
    [
        ({"path": "health"}, "probe.path"),
        ({"path": "/a b"}, "probe.path"),
        ({"path": "/a\r\nX: y"}, "probe.path"),
        ({"timeout": 0}, "probe.timeout"),
        ({"timeout": 1e9}, "probe.timeout"),
        ({"statuses": []}, "probe.statuses"),
        ({"statuses": ["2xx"]}, "probe.statuses"),
        ({"statuses": ["399-200"]}, "probe.statuses"),
        ({"statuses": ["99"]}, "probe.statuses"),
    ],
)
def test_an_invalid_probe_is_named_before_any_request(
    ansible: Ansible, platform: Platform, probe: dict[str, Any], option: str
) -> None:
    seed(platform)
    info = {"name": "i", INFO: {"probe": probe}}
    for run, start in zip(ansible.tasks(ha(probe=probe), info).tasks, ("acme/shop: ", ""), strict=True):
        assert (run.failed, run.sent) == (True, [])
        assert run.result["msg"].startswith(f"{start}{option}: ")

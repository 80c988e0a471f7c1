"""openshift_apps_ha and openshift_app_info at the level placement for many applications, on the embedded broker."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Ansible, Platform, TaskRun

FLEET, INFO = "openshift_v2.apps.openshift_apps_ha", "openshift_v2.apps.openshift_app_info"
QUICK = {"wait_timeout": 3, "poll_interval": 0.05}


def app(name: str, **fields: Any) -> dict[str, Any]:
    common = {"domain": "acme", "name": name, "cartridges": ["php-5.4"], "gears": 2, "haproxy": 2, "ha": True}
    return {**common, **fields}


def fleet(ansible: Ansible, check_mode: bool = False, **options: Any) -> TaskRun:
    scope = {} if "applications" in options else {"select": {}}
    given = {**scope, "verify": "placement", **QUICK, **options}
    (run,) = ansible.tasks({"name": "fleet", FLEET: given, "check_mode": check_mode}).of("openshift_apps_ha")
    return run


def statuses(run: TaskRun, part: str = "application") -> dict[str, str]:
    return {each[part]["name"]: each[part]["ha_status"] for each in run.result["results"]}


def readings(run: TaskRun) -> int:
    return sum("gear_groups" in request["path"] for request in run.requests)


@pytest.fixture
def mixed(platform: Platform) -> Platform:
    """One of each: compliant, co-located, with a stopped gear, with one HAProxy instance, and standalone."""
    applications = [
        app("fine"),
        app("together", nodes=[1, 1]),
        app("stopped", gears=3, states=["started", "stopped", "started"]),
        app("trap", gears=3, haproxy=1),
        app("plain", gears=1, haproxy=1, ha=False),
    ]
    platform.broker.seed({"applications": applications})
    return platform


@pytest.mark.usefixtures("mixed")
def test_every_application_that_claims_ha_is_read_once(ansible: Ansible) -> None:
    audit = fleet(ansible, check_mode=True)
    # Of the standalone application, because the run reads it before it enables HA.
    assert readings(audit) == 5
    assert audit.writes == []
    assert statuses(audit, "before") == {
        "fine": "highly_available",
        "together": "degraded",
        "stopped": "degraded",
        "trap": "degraded",
        "plain": "standalone",
    }
    by_count = fleet(ansible, check_mode=True, verify="count")
    assert readings(by_count) == 0
    assert statuses(by_count, "before")["together"] == "highly_available"


@pytest.mark.usefixtures("mixed")
def test_check_mode_and_the_run_agree(ansible: Ansible) -> None:
    check, real = fleet(ansible, check_mode=True), fleet(ansible)
    assert statuses(check) == statuses(real)
    assert statuses(real) == {
        "fine": "highly_available",
        "together": "degraded",
        "stopped": "highly_available",
        "trap": "highly_available",
        "plain": "highly_available",
    }
    for run in (check, real):
        failed = [each["application"]["name"] for each in run.result["results"] if each["failed"]]
        changed = [each["application"]["name"] for each in run.result["results"] if each["changed"]]
        assert (failed, changed) == (["together"], ["plain", "stopped", "trap"])
        assert run.result["summary"]["drifted"] == 4
        assert run.result["summary"]["blocked"] == 1
        assert "oo-admin-move" in run.result["msg"]
    relocated = fleet(ansible, relocate=True)
    assert not relocated.failed
    assert statuses(relocated) == dict.fromkeys(statuses(real), "highly_available")
    again = fleet(ansible, relocate=True)
    assert (again.writes, again.result["changed"], readings(again)) == ([], False, 5)


def test_a_relocation_is_not_predicted_on_a_platform_without_ha(ansible: Ansible, platform: Platform) -> None:
    """HA would be disabled and could not be enabled again."""
    platform.broker.seed({"applications": [app("together", nodes=[1, 1])]})
    platform.broker.settings(allow_ha=False)
    for check_mode in (True, False):
        run = fleet(ansible, check_mode, relocate=True)
        (together,) = run.result["results"]
        assert (run.failed, together["changed"], run.writes) == (True, False, [])
        assert [blocker["code"] for blocker in together["blockers"]] == ["ha_disabled"]


@pytest.mark.usefixtures("mixed")
def test_one_application_overrides_the_level(ansible: Ansible) -> None:
    applications = [
        {"domain": "acme", "name": "fine"},
        {"domain": "acme", "name": "together", "verify": "placement", "relocate": True},
    ]
    run = fleet(ansible, applications=applications, verify="count")
    assert not run.failed, run.result
    assert [each["application"]["verified"] for each in run.result["results"]] == ["count", "placement"]


def test_a_node_that_does_not_answer_costs_no_more_than_the_states(ansible: Ansible, platform: Platform) -> None:
    """After the first failure, the states are read first: endpoints would take the broker's full time each."""
    platform.broker.settings(nodes=4, node_timeout=0)
    platform.broker.seed({"applications": [app(f"a{number}", nodes=[1, 2]) for number in range(6)]})
    platform.broker.seed({"applications": [app("good", nodes=[3, 4])]})
    platform.broker.set_node(platform.broker.state()["nodes"][1]["address"], down=True)
    audit = fleet(ansible, check_mode=True, concurrency=1)
    assert statuses(audit)["good"] == "highly_available"
    assert set(statuses(audit).values()) == {"degraded", "highly_available"}
    paths = [request["path"] for request in audit.requests if "gear_groups" in request["path"]]
    assert sum("include=endpoints" in path for path in paths) <= 2
    assert all("timeout=3" in path for path in paths if "include" not in path)
    for each in audit.result["results"]:
        if each["application"]["name"] != "good":
            assert [blocker["code"] for blocker in each["blockers"]] == ["node_unreachable"]
            assert each["application"]["verified"] == "count"


def test_no_gear_is_removed_while_a_node_does_not_answer(ansible: Ansible, platform: Platform) -> None:
    platform.broker.settings(node_timeout=0)
    platform.broker.seed({"applications": [app("shop", gears=4)]})
    platform.broker.set_node(platform.broker.state()["nodes"][1]["address"], down=True)
    options = {"verify": "count", "max_gears": 2, "allow_gear_removal": True}
    for run in (fleet(ansible, check_mode=True, **options), fleet(ansible, **options)):
        (shop,) = run.result["results"]
        assert ([each["code"] for each in shop["blockers"]], run.writes) == (["node_unreachable"], [])


def test_progress_is_shown_about_ten_times(ansible: Ansible, platform: Platform) -> None:
    platform.broker.seed({"applications": [app(f"a{number:02}", nodes=[1, 2]) for number in range(40)]})
    options = {"select": {}, "verify": "placement", "concurrency": 8}
    done = ansible.tasks({"name": "fleet", FLEET: options, "check_mode": True})
    lines = [line for line in done.output.splitlines() if line.endswith("placements were read")]
    assert (len(lines), lines[-1]) == (10, "[40/40] placements were read")


@pytest.mark.parametrize(
    "shape",
    [
        {"gears": 1, "haproxy": 1, "states": ["stopped"]},
        {"gears": 3, "haproxy": 1, "states": ["started", "stopped", "started"]},
        {"gears": 2, "haproxy": 2, "nodes": [1, 1]},
        {"gears": 2, "haproxy": 2, "states": ["started", "stopped"]},
        {"gears": 3, "haproxy": 2, "nodes": [1, 1, 2]},
        {"gears": 2, "haproxy": 2, "nodes": [1, 4]},
        {"gears": 2, "haproxy": 1, "nodes": [1, 4]},
    ],
    ids=str,
)
@pytest.mark.parametrize("relocate", [False, True])
def test_check_mode_reads_the_placement_of_standalone_applications(
    ansible: Ansible, platform: Platform, shape: dict[str, Any], relocate: bool
) -> None:
    """Node 4 does not answer. The single module and the fleet predict what the fleet does."""
    platform.broker.settings(nodes=4, node_timeout=0)
    platform.broker.seed({"applications": [app("shop", ha=False, **shape)]})
    platform.broker.set_node(platform.broker.state()["nodes"][3]["address"], down=True)
    options = {"verify": "placement", "relocate": relocate, **QUICK, "wait_timeout": 0.5}
    one = {"name": "one", "openshift_v2.apps.openshift_app_ha": {"domain": "acme", "name": "shop", **options}}
    (single,) = ansible.tasks({**one, "check_mode": True}).of("openshift_app_ha")
    check, real = (fleet(ansible, mode, **options).result["results"][0] for mode in (True, False))
    for predicted in (single.result, check):
        for key in ("changed", "blockers"):
            assert predicted[key] == real[key], key
        assert bool(predicted.get("failed")) == bool(real.get("failed"))
        assert predicted["application"]["ha_status"] == real["application"]["ha_status"]
        assert [step["action"] for step in predicted["steps"]] == [step["action"] for step in real["steps"]]


def test_while_a_node_is_down_the_other_endpoints_are_returned(ansible: Ansible, platform: Platform) -> None:
    platform.broker.settings(nodes=4, node_timeout=0)
    shapes = [app(f"bad{number}", nodes=[1, 4]) for number in range(3)]
    platform.broker.seed({"applications": [*shapes, app("good", nodes=[2, 3])]})
    platform.broker.set_node(platform.broker.state()["nodes"][3]["address"], down=True)
    platform.broker.clear_requests()
    for level in ("count", "placement"):
        options = {"gather": ["endpoints"], "verify": level, "concurrency": 1}
        (run,) = ansible.tasks({"name": "info", INFO: options}).of("openshift_app_info")
        assert not run.failed, run.result
        found = {each["name"]: each for each in run.result["applications"]}
        assert len(found["good"]["endpoints"]) == 2
        for name in ("bad0", "bad1", "bad2"):
            assert "endpoints" not in found[name]
            assert [gear["state"] for gear in found[name]["gears"]] == ["started", "unknown"]
            silent = found[name]["gears"][1]["id"]
            assert found[name]["endpoints_error"] == (
                f"The endpoints could not be read, because the nodes of these gears did not answer: {silent}."
            )
        assert any("acme/bad0, acme/bad1, acme/bad2" in text for text in run.result["warnings"])
        # Two of the first and of the good one; after the first failure, the states are read first.
        assert readings(run) == 6
    routes = {"openshift_v2.apps.openshift_routes": {"applications": run.result["applications"]}}
    (routed,) = ansible.tasks({"name": "routes", **routes}).of("openshift_routes")
    assert routed.failed
    assert routed.result["msg"].startswith("acme/bad0: The endpoints could not be read, because")
    assert routed.result["msg"].endswith("Run again when the nodes answer.")

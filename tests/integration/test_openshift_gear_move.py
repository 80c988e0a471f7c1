"""Moving gears with a stand-in for oo-admin-move, on a PATH without Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.broker_host import BrokerHost
from tests.harness import TaskRun

MODULE = "openshift_gear_move"
GEAR, HEAD = "b0b0", "5f0c"
EAST, WEST = "east.example.com", "west.example.com"


@pytest.fixture
def host(tmp_path: Path) -> BrokerHost:
    """Two nodes. Both HAProxy gears are on the first one."""
    host = BrokerHost.create(tmp_path / "broker")
    host.nodes(EAST, WEST, **{HEAD: EAST, GEAR: EAST})
    return host


def move(host: BrokerHost, *gears: object, **options: object) -> TaskRun:
    return host.run(MODULE, gears=list(gears), **options)


def test_a_gear_is_moved_to_a_node_and_then_unchanged(host: BrokerHost) -> None:
    entry = {"gear": GEAR, "node": WEST}
    check = move(host, entry, check_mode=True)
    assert (check.status, check.result["changed"], host.moves) == ("ok", True, [])
    assert check.result["msg"] == f"{GEAR}: would run: oo-admin-move --gear_uuid {GEAR} -i {WEST}."
    real, again = move(host, entry), move(host, entry)
    assert host.node_of == {HEAD: EAST, GEAR: WEST}
    assert host.moves == [["--gear_uuid", GEAR, "-i", WEST]] * 2
    assert [run.result["changed"] for run in (real, again)] == [True, False]
    assert real.result["msg"] == f"{GEAR}: moved from {EAST} to {WEST}."
    assert again.result["msg"] == f"{GEAR}: is on {WEST}."
    (result,) = again.result["results"]
    assert (result["status"], result["source"], result["target"]) == ("unchanged", WEST, WEST)


def test_the_platform_may_choose_the_node(host: BrokerHost) -> None:
    run = move(host, GEAR)
    assert run.result["results"][0]["target"] == WEST
    assert host.node_of[GEAR] == WEST
    assert host.moves == [["--gear_uuid", GEAR]]


def test_a_success_with_a_warning_is_a_success(host: BrokerHost) -> None:
    host.move_fault("quota")
    assert move(host, GEAR).result["results"][0]["status"] == "changed"


@pytest.mark.parametrize(
    ("fault", "reason", "effect", "status"),
    [
        ("locked", "Another operation is already running", "The gear was not moved.", "failed"),
        ("rolled_back", "Error moving app 'shop'", "The gear was not moved.", "failed"),
        ("remains", "failed to respond in time", f"is on {WEST}, but its old copy remains on {EAST}.", "failed"),
        ("environment", "Permission denied", "The gear was not moved.", "failed"),
        ("killed", "ended by signal 9", "The outcome is unknown.", "unknown"),
        ("silent", "shows no move", "The outcome is unknown.", "unknown"),
    ],
)
def test_a_failed_move_states_where_the_gear_is(
    host: BrokerHost, fault: str, reason: str, effect: str, status: str
) -> None:
    host.move_fault(fault)
    run = move(host, {"gear": GEAR, "node": WEST})
    assert run.status == "failed"
    assert run.result["msg"].startswith(f"{GEAR}: cannot move the gear: ")
    assert reason in run.result["msg"]
    assert effect in run.result["msg"]
    assert run.result["results"][0]["status"] == status
    assert run.result["changed"] is (fault == "remains")
    assert len(host.moves) == 1


@pytest.mark.parametrize(
    ("gear", "reason"),
    [
        ("gone", "Gear not found: gone"),
        (GEAR, "No nodes available"),
    ],
)
def test_a_refused_move_is_certain(host: BrokerHost, gear: str, reason: str) -> None:
    host.nodes(EAST, **{GEAR: EAST})
    run = move(host, gear)
    assert run.status == "failed"
    assert reason in run.result["msg"]
    assert "The gear was not moved." in run.result["msg"]
    assert not run.result["changed"]


def test_the_same_node_without_a_given_one_is_a_failure(host: BrokerHost) -> None:
    run = move(host, {"gear": GEAR, "node": WEST}, {"gear": "gone", "node": WEST}, {"gear": HEAD, "node": EAST})
    assert [each["status"] for each in run.result["results"]] == ["changed", "failed", "unchanged"]
    assert run.result["msg"].startswith("gone: cannot move the gear: ")


def test_a_missing_program_stops_all(host: BrokerHost) -> None:
    run = move(host, GEAR, HEAD, command="oo-nowhere")
    assert [each["status"] for each in run.result["results"]] == ["failed", "not_attempted"]


def test_invalid_gears_are_refused_together(host: BrokerHost) -> None:
    run = move(host, "a,b", GEAR, GEAR, {"gear": HEAD, "node": "-x"}, {"gear": "c", "to": WEST})
    assert run.status == "failed"
    assert run.result["msg"] == (
        "gears: entry 1: a,b is not the ID of a gear. the gear b0b0 is listed twice. entry 4: -x is not the name of a "
        "node. entry 5 has the unknown key to; it may have gear and node. Nothing was changed."
    )
    assert host.moves == []

"""Which HAProxy instances count at each level, and what is wrong otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HIGHLY_AVAILABLE,
    STANDALONE,
    Application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Unanswered
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import (
    Endpoint,
    Gear,
    Placement,
    gears_from_json,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import (
    LEVELS,
    PROBLEMS,
    SPREADS,
    Proof,
    Verification,
    codes_of,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proving import problems_of, prove, unreadable
from tests.unit.memory_broker import gears

AT_PLACEMENT = Verification("placement")
STATES = ("started", "stopped", "idle", "new", "building", "deploying", "unknown")


def app(web: int = 2, haproxies: int = 2, ha: bool = True) -> Application:
    return replace(gears(web, haproxies=haproxies, ha=ha).shown(), id="g1")


def gear(number: int, node: int | None, state: str = "started", zone: str = "") -> Gear:
    """Gear ``number``, with an HAProxy endpoint on ``node``; ``None``: without one. Gear 1 is the head gear."""
    name = f"g{number}"
    endpoints = () if node is None else (Endpoint(f"10.0.0.{node}", 35000 + number, name, state),)
    return Gear(name, state, ("haproxy-1.4", "php-5.4"), endpoints, zone)


def proof(*placed: Gear, count: int = 2, asked: Verification = AT_PLACEMENT, barrier: bool = False) -> Proof:
    return prove(app(max(2, len(placed)), count), Placement(placed), asked, barrier_passed=barrier)


def status(found: Proof, count: int = 2) -> str:
    return replace(app(haproxies=count), proof=found).ha_status


def test_two_started_instances_on_two_nodes_are_highly_available() -> None:
    found = proof(gear(1, 1), gear(2, 2))
    assert (found.level, found.problems, found.warnings) == ("placement", (), ())
    assert [instance.counts for instance in found.instances] == [True, True]
    assert status(found) == HIGHLY_AVAILABLE


@pytest.mark.parametrize(
    ("placed", "count", "codes"),
    [
        ((gear(1, 1), gear(2, None), gear(3, None)), 1, ["haproxy_missing"]),
        ((gear(1, 1), gear(2, 1)), 2, ["haproxy_same_node"]),
        ((gear(1, 1), gear(2, 2, "stopped")), 2, ["haproxy_not_started"]),
        ((gear(1, 1, "idle"), gear(2, 2)), 2, ["haproxy_not_started"]),
        ((gear(1, 1), gear(2, 2, "building")), 2, ["haproxy_not_started"]),
        ((gear(1, 1), gear(2, 2, "unknown")), 2, ["haproxy_state_unknown"]),
        ((gear(1, 1), gear(2, None)), 2, ["operation_pending"]),
        ((gear(1, 1), gear(2, None, "unknown")), 2, ["operation_pending"]),
        ((gear(1, 1, "stopped"), gear(2, None, "unknown")), 2, ["operation_pending", "haproxy_not_started"]),
        ((gear(1, 1), gear(2, 1), gear(3, 1)), 3, ["haproxy_same_node"]),
        ((gear(1, 1, "stopped"), gear(2, None)), 1, ["haproxy_missing", "haproxy_not_started"]),
    ],
)
def test_problems(placed: tuple[Gear, ...], count: int, codes: list[str]) -> None:
    found = proof(*placed, count=count)
    assert list(codes_of(found.problems)) == codes
    assert found.level == "placement"
    assert status(found, count) == DEGRADED


def test_a_third_instance_beside_another_one_does_no_harm() -> None:
    assert proof(gear(1, 1), gear(2, 1), gear(3, 2), count=3).holds


def test_an_instance_without_endpoint_is_on_an_unknown_node_when_no_operation_is_left() -> None:
    found = proof(gear(1, 1), gear(2, None), barrier=True)
    assert codes_of(found.problems) == ("haproxy_node_unknown",)
    assert not found.problems[0].repairable
    still_pending = proof(gear(1, 1), gear(2, None, "unknown"), barrier=True)
    assert codes_of(still_pending.problems) == ("operation_pending",)


def test_stopped_instances_are_repairable_only_while_another_gear_runs() -> None:
    (one_stopped,) = proof(gear(1, 1), gear(2, 2, "stopped")).problems
    (all_stopped,) = proof(gear(1, 1, "stopped"), gear(2, 2, "stopped")).problems
    assert (one_stopped.repairable, all_stopped.repairable) == (True, False)
    assert "no gear of the application is started" in all_stopped.message


@pytest.mark.parametrize(
    ("placed", "count", "repairable", "named"),
    [
        ((gear(1, 1), gear(2, 1)), 2, True, "g2"),
        # The broker's order does not matter: the head gear stays.
        ((gear(2, 1), gear(1, 1)), 2, True, "g2"),
        ((gear(1, None), gear(2, 1), gear(3, 1)), 2, False, "g3"),
        ((gear(1, 1), gear(2, 1), gear(3, 1)), 3, False, "g2"),
    ],
)
def test_the_owner_can_replace_the_other_one_of_a_pair_with_the_head_gear(
    placed: tuple[Gear, ...], count: int, repairable: bool, named: str
) -> None:
    (problem,) = proof(*placed, count=count).problems
    assert (problem.code, problem.repairable) == ("haproxy_same_node", repairable)
    assert f"oo-admin-move --gear_uuid {named} -i NODE" in problem.message
    assert ("relocate: true" in problem.message) is repairable


def test_instances_that_will_be_started_are_judged_as_if_they_were() -> None:
    """The start event does not move them to different nodes, so a plan must know what remains after it."""
    together = proof(gear(1, 1), gear(2, 1, "stopped"))
    assert codes_of(together.problems) == ("haproxy_not_started", "haproxy_same_node")
    assert all(problem.repairable for problem in together.problems)
    saved = proof(gear(1, 1), gear(2, 1), gear(3, 2, "stopped"), count=3)
    assert codes_of(saved.problems) == ("haproxy_not_started",)
    zone = "east/z1"
    by_zone = proof(gear(1, 1, zone=zone), gear(2, 2, "idle", zone), asked=Verification("placement", "zone"))
    assert codes_of(by_zone.problems) == ("haproxy_not_started", "haproxy_same_zone")


def test_different_zones_do_not_help_on_one_node() -> None:
    """An address translation or a wrong configuration can show this."""
    found = proof(gear(1, 1, zone="e/z1"), gear(2, 1, zone="e/z2"), asked=Verification("placement", "zone"))
    assert codes_of(found.problems) == ("haproxy_same_node",)
    assert status(found) == DEGRADED


@pytest.mark.parametrize("state", [None, "", "gone", 3, ["started"]])
def test_what_is_no_state_shows_no_node_that_answers(state: object) -> None:
    (found,) = gears_from_json([{"gears": [{"id": "g1", "state": state}], "cartridges": []}])
    assert found.state == "unknown"
    assert Placement((found,)).silent_gears == ("g1",)


@pytest.mark.parametrize("port", ["0", "65536", "99999999999", "-1", "", None])
def test_an_invalid_port_is_refused(port: object) -> None:
    endpoint = {"types": ["load_balancer"], "external_address": "10.0.0.1", "external_port": port}
    with pytest.raises(Unanswered, match="external_port"):
        gears_from_json([{"gears": [{"id": "g1", "state": "started", "endpoints": [endpoint]}], "cartridges": []}])


def test_a_run_that_could_not_verify_claims_nothing() -> None:
    found = unreadable(app(), Verification(), "the broker did not answer within 30 s").strict()
    assert (codes_of(found.problems), found.warnings, status(found)) == (("haproxy_state_unknown",), (), DEGRADED)


def test_states_alone_prove_nothing() -> None:
    hidden = Placement((gear(1, None), gear(2, None, "unknown")), has_endpoints=False)
    found = prove(app(), hidden, AT_PLACEMENT)
    assert (codes_of(found.problems), found.level, found.is_readable) == (("haproxy_state_unknown",), "count", False)
    assert "gear g2 does not answer" in found.problems[0].message


def test_an_unreadable_placement_is_not_guessed() -> None:
    found = unreadable(app(), AT_PLACEMENT, "the broker did not answer within 30 s.")
    assert (codes_of(found.problems), found.level, found.is_readable) == (("haproxy_state_unknown",), "count", False)
    assert status(found) == DEGRADED
    by_count = unreadable(app(), Verification(), "the broker did not answer within 30 s.")
    assert (by_count.problems, status(by_count)) == ((), HIGHLY_AVAILABLE)
    assert len(by_count.warnings) == 1


def test_zones() -> None:
    one, two = (gear(1, 1, zone="east/z1"), gear(2, 2, zone="east/z2"))
    same = (gear(1, 1, zone="east/z1"), gear(2, 2, zone="east/z1"))
    by_zone = Verification("placement", "zone")
    assert proof(one, two, asked=by_zone).holds
    assert proof(one, two).warnings == ()
    assert proof(*same).holds
    assert codes_of(proof(*same).warnings) == ("haproxy_same_zone",)
    assert codes_of(proof(*same, asked=by_zone).problems) == ("haproxy_same_zone",)
    assert codes_of(proof(gear(1, 1), gear(2, 2), asked=by_zone).problems) == ("haproxy_same_zone",)
    assert codes_of(proof(gear(1, 1, zone="e/z1"), gear(2, 1, zone="e/z1"), asked=by_zone).problems) == (
        "haproxy_same_node",
    )


def test_traffic_counts_instances_that_answered() -> None:
    placed = Placement((gear(1, 1), gear(2, 2)))
    asked = Verification("traffic")
    both = prove(app(), placed, asked, {("10.0.0.1", 35001): "", ("10.0.0.2", 35002): ""})
    assert (both.holds, both.level) == (True, "traffic")
    one = prove(app(), placed, asked, {("10.0.0.1", 35001): "", ("10.0.0.2", 35002): "HTTP status 503"})
    assert codes_of(one.problems) == ("haproxy_unreachable",)
    assert "10.0.0.2:35002: HTTP status 503" in one.problems[0].message
    assert one.level == "traffic"


def test_at_the_level_count_only_missing_instances_and_pending_operations_matter() -> None:
    asked = Verification()
    together = proof(gear(1, 1), gear(2, 1), asked=asked)
    assert (together.problems, together.level, status(together)) == ((), "count", HIGHLY_AVAILABLE)
    assert codes_of(together.warnings) == ("haproxy_same_node",)
    pending = proof(gear(1, 1), gear(2, None, "unknown"), asked=asked)
    assert (codes_of(pending.problems), pending.level, status(pending)) == (("operation_pending",), "count", DEGRADED)
    good = proof(gear(1, 1), gear(2, 2), asked=asked)
    assert (good.problems, good.level) == ((), "placement")


def test_what_the_count_alone_shows() -> None:
    assert codes_of(problems_of(app(haproxies=1))) == ("haproxy_missing",)
    assert problems_of(app()) == problems_of(app(ha=False, haproxies=1)) == ()
    assert app(ha=False).ha_status == STANDALONE


def test_a_proof_does_not_change_what_an_application_equals() -> None:
    found = proof(gear(1, 1), gear(2, 1))
    assert replace(app(), proof=found) == app()


def test_region_and_zone_are_parsed() -> None:
    def parsed(**fields: object) -> str:
        (found,) = gears_from_json([{"gears": [{"id": "g1", "state": "started", **fields}], "cartridges": []}])
        return found.location

    assert parsed(region="east", zone="z1") == "east/z1"
    assert parsed(region=None, zone=None) == parsed() == parsed(region="east", zone=None) == ""


@st.composite
def placements(draw: st.DrawFn) -> tuple[Application, Placement]:
    """Applications that claim HA, with any gears, also such as a broker can hardly show."""
    numbers = range(1, draw(st.integers(1, 5)) + 1)
    zones = st.sampled_from(["", "east/z1", "east/z2"])
    placed = [gear(n, draw(st.none() | st.integers(1, 3)), draw(st.sampled_from(STATES)), draw(zones)) for n in numbers]
    count = draw(st.integers(0, len(placed)))
    return app(len(placed), count), Placement(tuple(draw(st.permutations(placed))), draw(st.booleans()))


@given(
    found=placements(),
    asked=st.builds(Verification, st.sampled_from(LEVELS), st.sampled_from(SPREADS)),
    barrier=st.booleans(),
    data=st.data(),
)
def test_the_status_always_has_a_reason(
    found: tuple[Application, Placement], asked: Verification, barrier: bool, data: st.DataObject
) -> None:
    claimed, placement = found
    sockets = [(e.address, e.port) for each in placement.gears for e in each.endpoints]
    answers = {each: data.draw(st.sampled_from(["", "no answer"])) for each in sockets}
    result = prove(claimed, placement, asked, answers, barrier)
    proven = replace(claimed, proof=result)
    counted = [instance for instance in result.instances if instance.counts]
    assert all(instance.state == "started" for instance in counted)
    assert len({instance.address for instance in counted}) >= min(len(counted), 1)
    assert set(codes_of(result.problems)) <= set(PROBLEMS)
    assert len(codes_of(result.problems)) == len(set(codes_of(result.problems)))
    if asked.reads_placement:
        assert (proven.ha_status == HIGHLY_AVAILABLE) is (not result.problems)
        assert not result.problems or not (len(counted) >= 2 and claimed.haproxy_count >= 2)
        assert len({instance.address for instance in counted}) == len(counted)
        assert asked.spread == "node" or len({instance.location for instance in counted}) == len(counted)
    if proven.ha_status == HIGHLY_AVAILABLE and result.level != "count":
        assert len({instance.address for instance in counted}) >= 2
    if asked.level == "traffic" and result.holds:
        assert all(instance.failure == "" for instance in counted)
    if not result.holds:
        assert result.level in ("count", asked.level)

"""The arithmetic of the benchmarks: the verdicts for given samples. These tests measure nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.benchmarks import fleets, plays, series
from tests.benchmarks.measuring import Sample
from tests.benchmarks.report import Measured, render_page
from tests.benchmarks.series import Samples
from tests.benchmarks.targets import MB, Verdict, judge_series, ratio

SAMPLE = Sample(seconds=1.0, cpu=0.8, broker_cpu=0.1, memory=100 * MB, largest=60 * MB, reads=1, writes=0)


def took(*seconds: float, memory: int = 100 * MB) -> list[Sample]:
    return [replace(SAMPLE, seconds=each, memory=memory) for each in seconds]


def audits(at_1000: float, at_10000: float, memory: int = 200 * MB) -> Samples:
    """Audits that took so many seconds; Ansible's start takes one, ``uri`` two and twenty, the document alone four."""
    common = {plays.NOTHING.name: took(1), plays.GET_DOCUMENT.name: took(4)}
    return {
        1000: {**common, plays.AUDIT.name: took(at_1000), plays.FETCH.name: took(2)},
        10000: {**common, plays.AUDIT.name: took(at_10000, memory=memory), plays.FETCH.name: took(20)}
        | {plays.AUDIT_TASK.name: took(at_10000)},
    }


def verdicts(samples: Samples) -> dict[tuple[str, str], bool]:
    return {(v.key, v.target): v.met for v in judge_series("audit", samples)}


def test_a_ratio_is_the_median_of_the_turns_with_their_extremes() -> None:
    spread = ratio(took(2, 9, 4), took(1, 3, 8))
    assert (spread.middle, spread.least, spread.most) == (2.0, 0.5, 3.0)


@pytest.mark.parametrize(("at_1000", "met"), [(1.4, True), (1.41, False)])
def test_an_audit_is_judged_by_what_uri_takes(at_1000: float, met: bool) -> None:
    assert verdicts(audits(at_1000, 10))["a", "≤ 0.7"] is met


@pytest.mark.parametrize(("at_10000", "met"), [(10.0, True), (10.1, False)])
def test_an_audit_is_judged_by_what_its_document_takes(at_10000: float, met: bool) -> None:
    found = verdicts(audits(2, at_10000))
    assert [found[key, "≤ 2.5"] for key in ("f", "g")] == [met, met]


@pytest.mark.parametrize(("memory", "met"), [(300 * MB, True), (301 * MB, False)])
def test_memory_is_that_of_the_largest_fleet(memory: int, met: bool) -> None:
    assert verdicts(audits(2, 10, memory))["e", "≤ 300 MB"] is met


@pytest.mark.parametrize(("at_10000", "met"), [(11.0, True), (12.9, True), (13.1, False)])
def test_linear_is_without_the_start(at_10000: float, met: bool) -> None:
    assert verdicts(audits(2, at_10000))["e", "≤ 1.2"] is met


@pytest.mark.parametrize(("loop", "met"), [(60, [True, True]), (59, [True, False]), (29, [False, False])])
def test_faster_means_that_the_loop_takes_so_many_times_as_long(loop: float, met: list[bool]) -> None:
    sides = {plays.AUDIT.name: took(1), plays.ENSURE_EACH.name: took(2), plays.FETCH_EACH.name: took(loop)}
    assert [verdict.met for verdict in judge_series("loop", {20: sides, 200: sides})] == met


@pytest.mark.parametrize(("seconds", "met"), [(1 + 1.15 * 12.5, True), (15.5, False)])
def test_repair_is_judged_by_what_the_writes_take_at_least(seconds: float, met: bool) -> None:
    samples = {200: {plays.APPLY.name: took(seconds), plays.NOTHING.name: took(1)}}
    (verdict,) = judge_series("apply", samples)
    assert verdict.met is met


def test_every_series_is_judged_in_full() -> None:
    assert {each.key for each in series.ALL} == {"audit", "hosts", "loop", "apply"}
    sides = {side.name: took(2) for each in series.ALL for side in each.sides} | {plays.NOTHING.name: took(1)}
    verdicts = [v for each in series.ALL for v in judge_series(each.key, dict.fromkeys(each.sizes, sides))]
    assert {verdict.key for verdict in verdicts} == {"a", "b", "c", "d", "e", "f", "g"}


def test_fleets_are_of_as_many_owners_as_they_can() -> None:
    fleet = fleets.drifted(200)
    assert len(fleet["domains"]) == fleets.OWNERS
    assert len(fleet["applications"]) == 200
    assert fleets.ideal_seconds(200, latency=0.5, concurrency=8) == 12.5


def test_every_owner_has_some_of_all_shapes() -> None:
    shapes: dict[str, set[str]] = {}
    for app in fleets.drifted(40)["applications"]:
        shapes.setdefault(app["domain"], set()).add(str(app.get("haproxy")))
    assert set(map(frozenset, shapes.values())) == {frozenset({"1", "None"})}


def test_the_page_shows_missed_targets() -> None:
    missed = Verdict("a", "an audit", "≤ 1.5", "1.62", "1.50 to 1.70", met=False)
    sides = {side.name: took(3, 1, 2) for side in series.HOSTS.sides}
    text = render_page({"Date": "today"}, [Measured(series.HOSTS, {100: sides})], [missed])
    assert "| Date | today |" in text
    assert "| a | an audit | ≤ 1.5 | 1.62 | 1.50 to 1.70 | **missed** |" in text
    side = "one bare `requests.get` in an action plugin"
    row = f"| 100 | {side} | 2.00 | 1.00 to 3.00 | 1.00 | 0.80 | 0.10 (5%) | 100 | 60 | 1 |"
    assert row in text

"""The targets of the measurements: each with the measured value and whether it is met. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from . import plays, series
from .fleets import ideal_seconds
from .measuring import Sample
from .series import Samples, Series

MB = 1_000_000


@dataclass(frozen=True)
class Spread:
    """The median of some numbers, with the least and the greatest."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        """Needs at least one number."""
        return cls(median(numbers), min(numbers), max(numbers))


@dataclass(frozen=True)
class Verdict:
    """A target, the measured value, and whether the target is met. ``spread``: the extremes of the turns."""

    key: str
    what: str
    target: str
    measured: str
    spread: str
    met: bool


@dataclass(frozen=True)
class Target:
    """A target of a series."""

    series: Series
    judge: Callable[[Samples], Verdict]


def ratio(ours: Sequence[Sample], theirs: Sequence[Sample]) -> Spread:
    """The ratio of the durations of ours and theirs, turn by turn.

    Within each turn, both sides run one right after the other. A machine that is slow for a while is slow for both. The
    ratio of the medians would mix durations of different times.
    """
    return Spread.of([a.seconds / b.seconds for a, b in zip(ours, theirs, strict=True)])


def _at_most(key: str, what: str, limit: float, spread: Spread) -> Verdict:
    return Verdict(
        key=key,
        what=what,
        target=f"≤ {limit:g}",
        measured=f"{spread.middle:.2f}",
        spread=f"{spread.least:.2f} to {spread.most:.2f}",
        met=spread.middle <= limit,
    )


def _times_faster(key: str, what: str, limit: float, slowness: Spread) -> Verdict:
    return Verdict(
        key=key,
        what=what,
        target=f"≥ {limit:g} times as fast",
        measured=f"{1 / slowness.middle:.0f} times",
        spread=f"{1 / slowness.most:.0f} to {1 / slowness.least:.0f}",
        met=1 / slowness.middle >= limit,
    )


def _audit_against_fetch(samples: Samples) -> Verdict:
    size = 1000
    what = f"{size:,} applications audited with their report, against one `uri` task that fetches the same document"
    at_size = samples[size]
    return _at_most("a", what, 0.7, ratio(at_size[plays.AUDIT.name], at_size[plays.FETCH.name]))


def _audit_against_document(key: str, audit: plays.Side, samples: Samples) -> Verdict:
    size = 10_000
    what = (
        f"{size:,} applications audited with their report by {audit.name}, against an action plugin of a few lines "
        "that fetches the same document with `requests` and parses it"
    )
    at_size = samples[size]
    return _at_most(key, what, 2.5, ratio(at_size[audit.name], at_size[plays.GET_DOCUMENT.name]))


def _hosts_against_get(samples: Samples) -> Verdict:
    size = 1000
    what = (
        f"{size:,} compliant applications as hosts, {plays.FORKS} forks, `openshift_app_ha` against an action plugin "
        "of a few lines that sends the same GET with `requests`"
    )
    at_size = samples[size]
    return _at_most("b", what, 1.25, ratio(at_size[plays.ENSURE_HOST.name], at_size[plays.GET_HOST.name]))


def _audit_against_loop(samples: Samples) -> Verdict:
    size = max(samples)
    what = f"{size:,} applications audited with their report, against `uri` in a loop over them"
    at_size = samples[size]
    return _times_faster("c", what, 30, ratio(at_size[plays.AUDIT.name], at_size[plays.FETCH_EACH.name]))


def _loop_against_loop(samples: Samples) -> Verdict:
    size = max(samples)
    what = f"{size:,} compliant applications, `openshift_app_ha` in a loop against `uri` in a loop"
    at_size = samples[size]
    return _times_faster("c", what, 30, ratio(at_size[plays.ENSURE_EACH.name], at_size[plays.FETCH_EACH.name]))


def _apply_against_ideal(samples: Samples) -> Verdict:
    size = max(samples)
    latency, concurrency = series.WRITE_LATENCY, plays.CONCURRENCY
    what = (
        f"{size:,} drifted applications of 20 owners repaired, {concurrency} at a time, writes of {latency:g} s: "
        "without Ansible's start, against writes * latency / concurrency"
    )
    start = median(s.seconds for s in samples[size][plays.NOTHING.name])
    ideal = ideal_seconds(size, latency, concurrency)
    turns = [(s.seconds - start) / ideal for s in samples[size][plays.APPLY.name]]
    return _at_most("d", what, 1.15, Spread.of(turns))


def _memory(samples: Samples) -> Verdict:
    size = max(samples)
    limit = 300
    spread = Spread.of([s.memory / MB for s in samples[size][plays.AUDIT.name]])
    return Verdict(
        key="e",
        what=f"{size:,} applications audited with their report: memory of all processes together",
        target=f"≤ {limit} MB",
        measured=f"{spread.middle:.0f} MB",
        spread=f"{spread.least:.0f} to {spread.most:.0f}",
        met=spread.middle <= limit,
    )


def _linear(samples: Samples) -> Verdict:
    """Linear: the time for an application does not grow with the size of the fleet, within the precision."""
    small, large = 1000, max(samples)
    turns = [
        (many.seconds - start.seconds) / large
        for many, start in zip(samples[large][plays.AUDIT.name], samples[large][plays.NOTHING.name], strict=True)
    ]
    start = median(s.seconds for s in samples[small][plays.NOTHING.name])
    each = (median(s.seconds for s in samples[small][plays.AUDIT.name]) - start) / small
    what = f"{large:,} applications audited, per application and without Ansible's start, against {small:,}"
    return _at_most("e", what, 1.2, Spread.of([turn / each for turn in turns]))


TARGETS = (
    Target(series.AUDIT, _audit_against_fetch),
    Target(series.HOSTS, _hosts_against_get),
    Target(series.LOOP, _audit_against_loop),
    Target(series.LOOP, _loop_against_loop),
    Target(series.APPLY, _apply_against_ideal),
    Target(series.AUDIT, _memory),
    Target(series.AUDIT, _linear),
    Target(series.AUDIT, partial(_audit_against_document, "f", plays.AUDIT_TASK)),
    Target(series.AUDIT, partial(_audit_against_document, "g", plays.AUDIT)),
)


def judge_series(key: str, samples: Samples) -> list[Verdict]:
    """The verdicts on a series that was measured with all its sizes."""
    return [target.judge(samples) for target in TARGETS if target.series.key == key]

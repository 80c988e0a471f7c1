"""Series of measurements: the same plays side by side, for fleets that grow."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import fleets, plays
from .measuring import RunFailed, Sample, broker_with, run_playbook
from .plays import Side

#: Seconds that each write takes at the broker, where drift is repaired.
WRITE_LATENCY = 0.5
#: By what sizes are divided for a quick look.
QUICK = 10


@dataclass(frozen=True)
class Series:
    """``sides`` are run in turns with fleets of each size; the last side is what the others are compared with.

    ``sizes`` says for each size of the fleet how often.
    """

    key: str
    title: str
    about: str
    fleet: Callable[[int], dict[str, Any]]
    sides: tuple[Side, ...]
    sizes: Mapping[int, int]
    settings: Mapping[str, Any] | None = None

    @property
    def reference(self) -> Side:
        return self.sides[-1]

    def quick(self) -> Mapping[int, int]:
        """The sizes for a quick look: small, and once each."""
        return {size // QUICK: 1 for size in self.sizes if size >= QUICK}


#: Samples of a series by size and name of the side, in the order of the runs.
Samples = Mapping[int, Mapping[str, Sequence[Sample]]]

AUDIT = Series(
    key="audit",
    title="A fleet audited in one task",
    about="All applications that an account can reach, of 20 owners, a third of them not in order: looked at, the "
    "drift worked out, and the report written as HTML, JSON and CSV. `uri` only fetches what the audit fetches first.",
    fleet=fleets.mixed,
    sides=(plays.AUDIT, plays.NOTHING, plays.FETCH),
    sizes={100: 3, 300: 3, 1000: 5, 3000: 3, 10000: 3},
)

HOSTS = Series(
    key="hosts",
    title="Applications as hosts",
    about="Every application is a host of a static inventory, the same for all plays, and has no drift.",
    fleet=fleets.compliant,
    sides=(plays.HOLD_HOST, plays.DEBUG_HOST, plays.GET_HOST),
    # The turns of the large ones differ most.
    sizes={100: 3, 300: 3, 1000: 7},
)

LOOP = Series(
    key="loop",
    title="What people do today",
    about="Applications that are in order, one after the other in a loop, with the same request for each, against "
    "the same in the Ansible process and against the audit in one task.",
    fleet=fleets.compliant,
    sides=(plays.AUDIT, plays.HOLD_EACH, plays.FETCH_EACH),
    # Half a second for each with `uri`: once has to do.
    sizes={20: 1, 100: 1, 500: 1},
)

APPLY = Series(
    key="apply",
    title="Drift repaired",
    about=f"Every application needs one write, which takes {WRITE_LATENCY:g} s at the broker; "
    f"{plays.CONCURRENCY} are repaired at a time. The play without tasks is Ansible's start.",
    fleet=fleets.drifted,
    sides=(plays.APPLY, plays.NOTHING),
    sizes={40: 3, 80: 3, 200: 3},
    settings={"write_latency": WRITE_LATENCY},
)

ALL = (AUDIT, HOSTS, LOOP, APPLY)


def measure(series: Series, sizes: Mapping[int, int], say: Callable[[str], None]) -> Samples:
    """Run a series with these sizes, each so often. Raises ``RunFailed`` when a run does not do what is measured."""
    return {size: _measure_size(series, size, times, say) for size, times in sizes.items()}


def _measure_size(series: Series, size: int, times: int, say: Callable[[str], None]) -> dict[str, list[Sample]]:
    samples: dict[str, list[Sample]] = {side.name: [] for side in series.sides}
    for turn in range(times):
        # Every other turn the other way round, so that none has the better place.
        sides = series.sides if turn % 2 == 0 else series.sides[::-1]
        for side, sample in _one_turn(series, sides, size):
            samples[side.name].append(sample)
            say(f"{series.key}, {size} applications, {turn + 1} of {times}: {side.name}: {sample.seconds:.2f} s")
    return samples


def _one_turn(series: Series, sides: Sequence[Side], size: int) -> list[tuple[Side, Sample]]:
    """Each side once, with a broker of their own: what was repaired has drifted again in the next turn."""
    fleet = {**series.fleet(size), "settings": dict(series.settings or {})}
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        directory = Path(name)
        with broker_with(fleet, directory) as broker:
            return [
                (side, _checked(run_playbook(side.arguments(size, directory), broker, directory), side, size))
                for side in sides
            ]


def _checked(sample: Sample, side: Side, size: int) -> Sample:
    """The sample, if its run asked the broker for what it should. Raises ``RunFailed``."""
    if sample.reads < side.reads(size) or sample.writes != side.writes(size):
        raise RunFailed(f"{side.name}: {sample.reads} reads and {sample.writes} writes for {size} applications")
    return sample

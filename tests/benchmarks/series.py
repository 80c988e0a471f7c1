"""Series of measurements: the same plays side by side, for fleets of growing size."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import fleets, plays
from .measuring import RunFailed, Sample, broker_with, run_playbook
from .plays import Side

#: Seconds that the broker takes for each write in the series that repairs drift.
WRITE_LATENCY = 0.5
#: The divisor of sizes in quick mode.
QUICK = 10


@dataclass(frozen=True)
class Series:
    """``sides`` run in turns with fleets of each size. The last side is the reference for the others.

    ``sizes``: the number of turns for each size of the fleet.
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
        """The sizes in quick mode: small, with one turn each."""
        return {size // QUICK: 1 for size in self.sizes if size >= QUICK}


#: The samples of a series by size and name of the side, in the order of the runs.
Samples = Mapping[int, Mapping[str, Sequence[Sample]]]

AUDIT = Series(
    key="audit",
    title="A fleet audited in one task",
    about="The audit reads all applications that are accessible to an account, determines the drift, and writes the "
    "report as HTML, JSON and CSV. The applications belong to 20 owners, and a third of them have drifted. The "
    "task is what the playbook uses for this. `uri` only fetches the document that the audit fetches first. The bare "
    "action plugin only fetches and parses it.",
    fleet=fleets.mixed,
    sides=(plays.AUDIT, plays.AUDIT_TASK, plays.NOTHING, plays.GET_DOCUMENT, plays.FETCH),
    sizes={100: 3, 300: 3, 1000: 5, 3000: 3, 10000: 3, 20000: 1},
)

HOSTS = Series(
    key="hosts",
    title="Applications as hosts",
    about="Every application is a host of a static inventory, the same for all plays. None has drifted.",
    fleet=fleets.compliant,
    sides=(plays.ENSURE_HOST, plays.DEBUG_HOST, plays.GET_HOST),
    # The turns of large fleets differ most.
    sizes={100: 3, 300: 3, 1000: 7},
)

LOOP = Series(
    key="loop",
    title="Loops over applications",
    about="Applications without drift, one after the other in a loop, with the same request for each: by `uri`, by "
    "`openshift_app_ha`, and for comparison the audit of all of them in one task.",
    fleet=fleets.compliant,
    sides=(plays.AUDIT, plays.ENSURE_EACH, plays.FETCH_EACH),
    # `uri` takes half a second for each application, so one turn must suffice.
    sizes={20: 1, 100: 1, 500: 1},
)

APPLY = Series(
    key="apply",
    title="Drift repaired",
    about=f"Every application needs one write, which takes the broker {WRITE_LATENCY:g} s. "
    f"{plays.CONCURRENCY} applications are repaired at a time. The play without tasks shows how long Ansible needs "
    "to start.",
    fleet=fleets.drifted,
    sides=(plays.APPLY, plays.NOTHING),
    sizes={40: 3, 80: 3, 200: 3},
    settings={"write_latency": WRITE_LATENCY},
)

ALL = (AUDIT, HOSTS, LOOP, APPLY)


def measure(series: Series, sizes: Mapping[int, int], log: Callable[[str], None]) -> Samples:
    """Run a series. ``sizes``: the number of turns for each size. Raises ``RunFailed``."""
    return {size: _measure_size(series, size, times, log) for size, times in sizes.items()}


def _measure_size(series: Series, size: int, times: int, log: Callable[[str], None]) -> dict[str, list[Sample]]:
    samples: dict[str, list[Sample]] = {side.name: [] for side in series.sides}
    for turn in range(times):
        # Every other turn runs in reverse order, so that no side has an advantage.
        sides = series.sides if turn % 2 == 0 else series.sides[::-1]
        for side, sample in _one_turn(series, sides, size):
            samples[side.name].append(sample)
            log(f"{series.key}, {size} applications, {turn + 1} of {times}: {side.name}: {sample.seconds:.2f} s")
    return samples


def _one_turn(series: Series, sides: Sequence[Side], size: int) -> list[tuple[Side, Sample]]:
    """Run each side once, with a new broker: a fleet that one turn repaired has drifted again in the next."""
    fleet = {**series.fleet(size), "settings": dict(series.settings or {})}
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        directory = Path(name)
        with broker_with(fleet, directory) as broker:
            return [
                (side, _check(run_playbook(side.arguments(size, directory), broker, directory), side, size))
                for side in sides
            ]


def _check(sample: Sample, side: Side, size: int) -> Sample:
    """The sample, if its run sent the expected requests. Raises ``RunFailed``."""
    if sample.reads < side.reads(size) or sample.writes != side.writes(size):
        raise RunFailed(f"{side.name}: {sample.reads} reads and {sample.writes} writes for {size} applications")
    return sample

"""The measurements as a page in Markdown. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .measuring import Sample
from .plays import Side
from .series import Samples, Series
from .stages import SIZE
from .targets import MB, Spread, Verdict, ratio

_HEAD = """\
# Benchmarks

`make bench` writes this page; do not edit it. Only the ratios matter: both plays of a ratio were measured in turns, in
the same run, on the same machine, against the embedded broker in a process of its own.
"""

_TARGETS = """\
## Targets

In each turn, both plays ran one right after the other. A ratio is the median of all turns, followed by the extremes.
"""

_WHERE_TIME_GOES = """\
## Where the time of an audit goes

CPU seconds of the stages of one audit of {size:,} applications at the level `count`, a third of them drifted, one after
the other in a process of their own. Ansible's start is the play without tasks in the first table below.

{table}
What keeps the stages small:

- Each application is made as soon as its JSON is read, so the data of the whole document is never in memory.
- Equal cartridges and members are one object, and applications that differ in their names only share one plan.
- Reasons, counts and names are computed once for all files, and files are written in pieces.
- The results of the applications never leave the process of the task, and the playbook runs few tasks besides it.
"""

_HOW_TO_READ = """\
## Growth with the size of the fleet

Each line shows one play for a fleet of that size:

- seconds from the start of `ansible-playbook` to its end: median, least and most;
- CPU seconds of `ansible-playbook` and its children;
- CPU seconds of the broker during the play, and in brackets their share of the duration;
- the peak of memory of all processes together (pages that processes share count for each of them), and of the largest
  process;
- requests to the broker.

The other plays of a table are compared with its last play.
"""

_COLUMNS = (
    "applications",
    "play",
    "seconds",
    "least to most",
    "ratio",
    "CPU s",
    "broker's CPU s",
    "MB",
    "largest MB",
    "requests",
)

#: A number, one with its share, or a range of numbers.
_NUMBERS = re.compile(r"[\d.,]+( \(\d+%\)| to [\d.,]+)?")


@dataclass(frozen=True)
class Measured:
    """A series and its samples."""

    series: Series
    samples: Samples


def render_page(
    facts: Mapping[str, str],
    measured: Sequence[Measured],
    verdicts: Sequence[Verdict],
    stages: Mapping[str, float] | None = None,
) -> str:
    """The whole page. ``facts``: the conditions of the measurement. ``stages``: CPU seconds, if they were measured."""
    parts = [_HEAD, _table(("", ""), list(facts.items()))]
    if verdicts:
        parts += [_TARGETS, _verdicts(verdicts)]
    if stages:
        table = _table(("stage", "CPU s"), [(stage, f"{seconds:.2f}") for stage, seconds in stages.items()])
        parts.append(_WHERE_TIME_GOES.format(size=SIZE, table=table))
    parts.append(_HOW_TO_READ)
    for each in measured:
        parts += [f"### {each.series.title}\n", _wrap(each.series.about), _growth(each)]
    return "\n".join(parts)


def _verdicts(verdicts: Sequence[Verdict]) -> str:
    rows = [(v.key, v.what, v.target, v.measured, v.spread, "met" if v.met else "**missed**") for v in verdicts]
    return _table(("", "what", "target", "measured", "least to most", "verdict"), rows)


def _growth(measured: Measured) -> str:
    rows = []
    for size, by_side in measured.samples.items():
        reference = by_side[measured.series.reference.name]
        for side in measured.series.sides:
            rows.append(_row(size, side, by_side[side.name], reference))
    return _table(_COLUMNS, rows)


def _row(size: int, side: Side, samples: Sequence[Sample], reference: Sequence[Sample]) -> tuple[str, ...]:
    seconds = Spread.of([s.seconds for s in samples])
    return (
        f"{size:,}",
        side.name,
        f"{seconds.middle:.2f}",
        f"{seconds.least:.2f} to {seconds.most:.2f}",
        _two_digits(ratio(samples, reference).middle),
        f"{median(s.cpu for s in samples):.2f}",
        f"{median(s.broker_cpu for s in samples):.2f} ({median(s.broker_cpu / s.seconds for s in samples):.0%})",
        f"{median(s.memory for s in samples) / MB:.0f}",
        f"{median(s.largest for s in samples) / MB:.0f}",
        f"{median(s.reads + s.writes for s in samples):.0f}",
    )


def _wrap(text: str) -> str:
    return textwrap.fill(text, 120) + "\n"


def _two_digits(number: float) -> str:
    """Two significant digits, also of small ratios."""
    return f"{number:.2f}" if number >= 0.1 else f"{number:.3f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table. Columns that have numbers only are aligned right."""
    numbers = [all(_NUMBERS.fullmatch(row[i]) for row in rows) for i in range(len(head))]
    rule = ["---:" if number else "---" for number in numbers]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, rule, *rows))

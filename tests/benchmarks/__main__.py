"""``python -m tests.benchmarks``: measure, write the page, and fail if a target is missed."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from tests.harness import ROOT

from . import machine
from .measuring import RunFailed
from .report import Measured, render_page
from .series import ALL, measure
from .stages import measure_stages
from .targets import Verdict, judge_series

PAGE = ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all targets met (or none judged), 1 a target missed, 2 invalid arguments or a failed run."""
    options = _parse(arguments)
    # When terminated, end the broker and the run as well.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(128 + signal.SIGTERM))
    chosen = [series for series in ALL if not options.only or series.key in options.only]
    facts = machine.facts()
    try:
        measured = [
            Measured(series, measure(series, series.quick() if options.quick else series.sizes, _print))
            for series in chosen
        ]
    except RunFailed as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    verdicts = [] if options.quick else [v for each in measured for v in judge_series(each.series.key, each.samples)]
    verdicts.sort(key=lambda verdict: verdict.key)
    writes_page = not (options.quick or options.only)
    text = render_page(facts, measured, verdicts, measure_stages() if writes_page else None)
    if not writes_page:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")
        print(f"written: {PAGE.relative_to(ROOT)}")
    return _report_verdicts(verdicts)


def _report_verdicts(verdicts: Sequence[Verdict]) -> int:
    for verdict in verdicts:
        word = "met   " if verdict.met else "MISSED"
        print(f"{word} ({verdict.key}) {verdict.what}: {verdict.measured}, target {verdict.target}")
    return 0 if all(verdict.met for verdict in verdicts) else 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="How fast the collection is.")
    parser.add_argument(
        "--quick", action="store_true", help="divide sizes by ten, run each once; judge and write nothing"
    )
    parser.add_argument(
        "--only", action="append", choices=[series.key for series in ALL], help="run only this series; write nothing"
    )
    return parser.parse_args(arguments)


def _print(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Runs checks, then pytest even if a check failed, and ends with what failed and with pytest's summary.

    everything.py CHECK… -- PYTEST'S ARGUMENTS        CHECK: a target of the Makefile

Checks run two at a time. The output of each is printed when it has ended.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
AT_ONCE = 2
#: The last line that pytest prints, with the numbers of tests.
SUMMARY = re.compile(r"=*\s?(\d+ (passed|failed|skipped|error)|no tests ran).* in [\d.]+s")


@dataclass(frozen=True)
class Check:
    """A check that has ended."""

    name: str
    status: int
    seconds: float
    output: str


def check(name: str) -> Check:
    started = time.monotonic()
    done = subprocess.run(
        ["make", "--no-print-directory", name],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Check(name, done.returncode, time.monotonic() - started, done.stdout)


def run_checks(names: list[str]) -> list[str]:
    """Print the output of all checks. Return the names of those that failed."""
    failed = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for ended in as_completed(pool.submit(check, name) for name in names):
            result = ended.result()
            print(f"\n--- make {result.name} ({result.seconds:.0f} s)\n{result.output}", end="", flush=True)
            if result.status:
                failed.append(result.name)
                print(f"FAILED: make {result.name} (exit status {result.status})", flush=True)
    return failed


def run_pytest(arguments: list[str]) -> tuple[int, str]:
    """Return the exit status and the line with the numbers of tests."""
    print(flush=True)
    summary = ""
    with subprocess.Popen(
        [BIN / "pytest", *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if SUMMARY.match(line):
                summary = line.strip()
    return process.returncode, summary


def coverage() -> str | None:
    """One line about the code that the tests have run, or None if that was not measured."""
    with tempfile.TemporaryDirectory(prefix="coverage-") as directory:
        report = Path(directory) / "coverage.json"
        command = [BIN / "coverage", "json", "--quiet", "-o", report]
        if not (ROOT / ".coverage").exists() or subprocess.run(command, cwd=ROOT, check=False).returncode:
            return None
        totals = json.loads(report.read_text(encoding="utf-8"))["totals"]
    lines = 100 * totals["covered_lines"] / totals["num_statements"]
    branches = 100 * totals["covered_branches"] / totals["num_branches"]
    return f"Coverage of plugins/: {lines:.1f} % of the lines, {branches:.1f} % of the branches"


def main() -> int:
    separator = sys.argv.index("--")
    names, arguments = sys.argv[1:separator], sys.argv[separator + 1 :]
    (ROOT / ".coverage").unlink(missing_ok=True)
    failed = [f"make {name}" for name in run_checks(names)]
    status, summary = run_pytest(arguments)
    if status:
        failed.append(f"pytest (exit status {status})")
    print()
    if covered := coverage():
        print(covered)
    for name in failed:
        print(f"FAILED: {name}")
    if not failed:
        print(f"Passed: {', '.join(['make ' + name for name in names])}, pytest")
    print(summary or "pytest printed no summary")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

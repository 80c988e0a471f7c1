"""Runs unit and integration tests on each ansible-core of tests/requirements/cores.txt, each in its own environment.

    matrix.py [CORE…]        for example: matrix.py 2.16 2.21; without arguments, all of them

A core none of whose Pythons is here is skipped, and said to be. To skip all of them is a failure. The last line adds
up what pytest counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path("tests/requirements")
TOOLS = ROOT / "tests" / "tools"
UV = Path(sys.executable).parent / "uv"


@dataclass(frozen=True)
class Core:
    """An ansible-core, such as 2.18, its release, and the minor versions of Python 3 to test it on."""

    name: str
    release: str
    pythons: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of a core: its line in the table, whether that is a failure, and the tests counted by result."""

    text: str
    failed: bool
    counts: Counter[str]


def cores() -> list[Core]:
    """All cores, in the order of the file."""
    lines = (ROOT / REQUIREMENTS / "cores.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [Core(release.rpartition(".")[0], release, tuple(pythons)) for release, *pythons in rows]


def chosen(names: list[str]) -> list[Core]:
    """The cores of these names, or all. Raises SystemExit for a name that is none."""
    known = cores()
    if unknown := sorted(set(names) - {core.name for core in known}):
        raise SystemExit(f"Not in {REQUIREMENTS / 'cores.txt'}: {' '.join(unknown)}")
    return [core for core in known if not names or core.name in names]


def python_for(core: Core) -> str | None:
    """The path of a Python for the core, or None when there is none."""
    found = subprocess.run([TOOLS / "find_python.sh", *core.pythons], capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else None


def environment(core: Core, python: str) -> Path:
    """The folder of the core's programs, made if need be. Raises CalledProcessError."""
    directory = Path(".venvs") / core.name
    command: list[str | Path] = [TOOLS / "venv.sh", directory, REQUIREMENTS / f"core-{core.name}.txt", python, UV]
    subprocess.run(command, cwd=ROOT, check=True)
    return ROOT / directory / "bin"


def counted(report: Path) -> Counter[str]:
    """The numbers of tests passed, failed and skipped, from pytest's JUnit report."""
    counts: Counter[str] = Counter()
    for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        counts.update(passed=int(suite.get("tests", 0)) - failed - skipped, failed=failed, skipped=skipped)
    return counts


def test(programs: Path) -> Outcome:
    """Runs pytest in the environment whose programs these are."""
    with tempfile.TemporaryDirectory(prefix="matrix-") as directory:
        report = Path(directory) / "report.xml"
        status = subprocess.run(
            [programs / "pytest", "-n", "2", f"--junit-xml={report}", "tests/unit", "tests/integration"],
            cwd=ROOT,
            env={**os.environ, "PATH": os.pathsep.join([str(programs), os.environ["PATH"]])},
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode
        counts = counted(report) if report.exists() else Counter[str]()
    word = "passed" if status == 0 else f"FAILED (pytest's exit status {status})"
    return Outcome(word, status != 0, counts)


def run(core: Core) -> Outcome:
    """Tests one core, or says why not."""
    print(f"\nansible-core {core.release}", flush=True)
    python = python_for(core)
    if python is None:
        wanted = ", ".join(f"3.{minor}" for minor in core.pythons)
        return Outcome(f"SKIPPED: no Python for it here ({wanted})", False, Counter())
    try:
        programs = environment(core, python)
    except subprocess.CalledProcessError:
        return Outcome("FAILED: its environment could not be made", True, Counter())
    return test(programs)


def main() -> int:
    outcomes = {core: run(core) for core in chosen(sys.argv[1:])}

    print()
    for core, outcome in outcomes.items():
        print(f"ansible-core {core.release}: {outcome.text}")

    total = sum((outcome.counts for outcome in outcomes.values()), Counter())
    if not total["passed"]:
        print("No test was run and passed: nothing was proven.")
    print(f"matrix: {total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if not total["passed"] or any(outcome.failed for outcome in outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

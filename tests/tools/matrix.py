"""Runs unit and integration tests on releases of ansible-core, each in an environment of its own.

    matrix.py [CORE…]        for example: matrix.py 2.16 2.21, or: matrix.py all

tests/requirements/cores.txt lists the releases. Without arguments: the oldest, a middle and the newest, except the
release that make test runs on. A release without a matching Python on this machine is skipped and reported. If all are
skipped, the matrix fails. The last line has the sums of pytest's counts.
"""

from __future__ import annotations

import importlib.metadata
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
DEFAULT = ("2.16", "2.18", "2.21")
#: This release also runs the thorough tests that depend on Ansible's release: the newest one runs all in make ci.
THOROUGH = "2.16"
#: They need no other release: one sets up environments with releases of its own, one runs the tools for releases.
LEFT_OUT = ("tests/integration/test_installed.py", "tests/integration/test_release.py")


@dataclass(frozen=True)
class Core:
    """A version of ansible-core, such as 2.18, its release, and the minor versions of Python 3 to test it on."""

    name: str
    release: str
    pythons: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """The line in the table for a core, whether it failed, and the number of tests by result."""

    text: str
    failed: bool
    counts: Counter[str]


def cores() -> list[Core]:
    """All cores, in the order of the file."""
    lines = (ROOT / REQUIREMENTS / "cores.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [Core(release.rpartition(".")[0], release, tuple(pythons)) for release, *pythons in rows]


def select(names: list[str]) -> list[Core]:
    """The cores with these names. Raises SystemExit for an unknown name."""
    known = cores()
    if names == ["all"]:
        return known
    if not names:
        tested = importlib.metadata.version("ansible-core")
        names = [core.name for core in known if core.name in DEFAULT and core.release != tested]
    if unknown := sorted(set(names) - {core.name for core in known}):
        raise SystemExit(f"Not in {REQUIREMENTS / 'cores.txt'}: {' '.join(unknown)}")
    return [core for core in known if core.name in names]


def python_for(core: Core) -> str | None:
    """The path of a Python for the core, or None."""
    found = subprocess.run([TOOLS / "find_python.sh", *core.pythons], capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else None


def environment(core: Core, python: str) -> Path:
    """The folder of the core's programs. Sets the environment up if necessary. Raises CalledProcessError."""
    directory = Path(".venvs") / core.name
    command: list[str | Path] = [TOOLS / "venv.sh", directory, REQUIREMENTS / f"core-{core.name}.txt", python, UV]
    subprocess.run(command, cwd=ROOT, check=True)
    return ROOT / directory / "bin"


def count_tests(report: Path) -> Counter[str]:
    """The numbers of tests passed, failed and skipped, from pytest's JUnit report."""
    counts: Counter[str] = Counter()
    for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        counts.update(passed=int(suite.get("tests", 0)) - failed - skipped, failed=failed, skipped=skipped)
    return counts


def test(programs: Path, thorough: bool) -> Outcome:
    """Run pytest in the environment with these programs."""
    part = ["--part", "release" if thorough else "smoke"]
    with tempfile.TemporaryDirectory(prefix="matrix-") as directory:
        report = Path(directory) / "report.xml"
        status = subprocess.run(
            [
                programs / "pytest",
                # One more than there are cores, because some tests wait.
                *("-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal", "-q"),
                *part,
                *(f"--ignore={file}" for file in LEFT_OUT),
                *(f"--junit-xml={report}", "tests/unit", "tests/integration"),
            ],
            cwd=ROOT,
            env={**os.environ, "PATH": os.pathsep.join([str(programs), os.environ["PATH"]])},
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode
        counts = count_tests(report) if report.exists() else Counter[str]()
    word = "passed" if status == 0 else f"FAILED (pytest's exit status {status})"
    return Outcome(word, status != 0, counts)


def run(core: Core) -> Outcome:
    """Test one core, or report why it is skipped."""
    print(f"\nansible-core {core.release}", flush=True)
    python = python_for(core)
    if python is None:
        versions = ", ".join(f"3.{minor}" for minor in core.pythons)
        return Outcome(f"SKIPPED: this machine has no Python {versions}", False, Counter())
    try:
        programs = environment(core, python)
    except subprocess.CalledProcessError:
        return Outcome("FAILED: cannot set up its environment", True, Counter())
    return test(programs, thorough=core.name == THOROUGH)


def main() -> int:
    outcomes = {core: run(core) for core in select(sys.argv[1:])}

    print()
    for core, outcome in outcomes.items():
        print(f"ansible-core {core.release}: {outcome.text}")

    total = sum((outcome.counts for outcome in outcomes.values()), Counter())
    if not total["passed"]:
        print("No test passed.")
    print(f"matrix: {total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if not total["passed"] or any(outcome.failed for outcome in outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

"""What each layer of tests costs: launches of Ansible's programs, and CPU seconds.

``tests/conftest.py`` imports the hooks of this file. The numbers of each test are properties of its report, which
``--junit-xml`` writes.
"""

from __future__ import annotations

import resource
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import PurePath
from typing import Any

import pytest

#: How many programs this process has launched, by name.
launched: Counter[str] = Counter()
#: CPU seconds of processes that are not children of this one.
elsewhere: list[float] = []
START = pytest.StashKey[tuple[float, int]]()


def _count(event: str, arguments: tuple[Any, ...]) -> None:
    """Count each program that is launched. This is an audit hook."""
    if event == "subprocess.Popen":
        launched[PurePath(str(arguments[0])).name] += 1


sys.addaudithook(_count)


def add(cpu_seconds: float, launched_program: str | None = None) -> None:
    """Count CPU time of a process that is not a child of this one, and the program that it ran."""
    elsewhere.append(cpu_seconds)
    if launched_program is not None:
        launched[launched_program] += 1


def spent() -> tuple[float, int]:
    """CPU seconds of this process and its ended children, and launches of Ansible's programs, so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    launches = sum(count for name, count in launched.items() if name.startswith("ansible"))
    return sum(part.ru_utime + part.ru_stime for part in used) + sum(elsewhere), launches


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    item.stash[START] = spent()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "teardown":
        before = item.stash[START]
        now = spent()
        seconds, launches = now[0] - before[0], now[1] - before[1]
        report.user_properties += [("cpu_seconds", round(seconds, 3)), ("launches", launches)]
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print a line for each layer."""
    tests: Counter[str] = Counter()
    costs: Counter[tuple[str, str]] = Counter()
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        if getattr(report, "when", None) != "teardown":
            continue
        layer = PurePath(report.nodeid).parts[1]
        tests[layer] += 1
        for name, value in report.user_properties:
            costs[layer, name] += value
    terminalreporter.section("costs")
    for layer, number in sorted(tests.items()):
        launches, seconds = costs[layer, "launches"], costs[layer, "cpu_seconds"]
        terminalreporter.line(
            f"{layer:12} {number:5} tests {launches:4} launches of Ansible {seconds:7.0f} CPU seconds"
        )

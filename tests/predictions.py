"""Assertions about check mode, a second run and a blocked run, for tests of the modules for single applications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.harness import TaskRun


def untimed(steps: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(step["action"], step["detail"]) for step in steps]


def assert_predicted(check: TaskRun, real: TaskRun, *more: str) -> None:
    """Check mode wrote nothing and returned the same as the real run. ``more``: further keys to compare."""
    assert check.writes == []
    assert check.result.keys() == real.result.keys()
    for key in ("application", "before", "blockers", "changed", "diff", "gears_needed", *more):
        assert check.result[key] == real.result[key], key
    assert untimed(check.result["steps"]) == untimed(real.result["steps"])
    assert {step["status"] for step in check.result["steps"]} <= {"planned"}
    assert {step["status"] for step in real.result["steps"]} <= {"done"}


def assert_scaling_predicted(check: TaskRun, real: TaskRun, *more: str) -> None:
    """Like ``assert_predicted``, with at least one step, and with the same warnings."""
    assert_predicted(check, real, *more)
    assert real.result["steps"]
    assert check.result.get("warnings") == real.result.get("warnings")


def assert_nothing_to_do(again: TaskRun) -> None:
    """The second run found the desired state with one request."""
    assert again.sent == ["GET"]
    assert again.result["changed"] is False
    assert again.result["steps"] == []


def assert_blocked_in_advance(runs: list[TaskRun], codes: Mapping[str, str]) -> None:
    """For each application of acme, in check mode and in a real run: blocked with that code after one request."""
    for (name, code), check, real in zip(codes.items(), *[iter(runs)] * 2, strict=True):
        for run in (check, real):
            assert run.failed
            assert run.sent == ["GET"]
            assert run.result["changed"] is False
            assert [blocker["code"] for blocker in run.result["blockers"]] == [code]
        assert check.result["msg"] == real.result["msg"]
        assert f"acme/{name}" in real.result["msg"]

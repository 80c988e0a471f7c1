"""What tests of the modules for single applications ask of check mode, of a second run, and of a blocked one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.harness import TaskRun


def timeless(steps: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(step["action"], step["detail"]) for step in steps]


def assert_foretold(check: TaskRun, real: TaskRun, *more: str) -> None:
    """Check mode wrote nothing and told all that the real run then returned, ``more`` keys of it as well."""
    assert check.writes == []
    assert check.result.keys() == real.result.keys()
    for key in ("application", "before", "blockers", "changed", "diff", "gears_needed", *more):
        assert check.result[key] == real.result[key], key
    assert timeless(check.result["steps"]) == timeless(real.result["steps"])
    assert {step["status"] for step in check.result["steps"]} <= {"planned"}
    assert {step["status"] for step in real.result["steps"]} <= {"done"}


def assert_scaling_foretold(check: TaskRun, real: TaskRun, *more: str) -> None:
    """As ``assert_foretold``, with a step at least, and the same warnings."""
    assert_foretold(check, real, *more)
    assert real.result["steps"]
    assert check.result.get("warnings") == real.result.get("warnings")


def assert_nothing_to_do(again: TaskRun) -> None:
    """The second run found all as wished, with one request."""
    assert again.sent == ["GET"]
    assert again.result["changed"] is False
    assert again.result["steps"] == []


def assert_blocked_beforehand(runs: list[TaskRun], codes: Mapping[str, str]) -> None:
    """Of each application of acme, in check mode and then not: refused with that code from one look."""
    for (name, code), check, real in zip(codes.items(), *[iter(runs)] * 2, strict=True):
        for run in (check, real):
            assert run.failed
            assert run.sent == ["GET"]
            assert run.result["changed"] is False
            assert [blocker["code"] for blocker in run.result["blockers"]] == [code]
        assert check.result["msg"] == real.result["msg"]
        assert f"acme/{name}" in real.result["msg"]

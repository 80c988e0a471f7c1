"""The parts of the tests: what ``make test``, the rest of ``make ci`` and the matrix run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

#: The parts, and what they are.
PARTS = {
    "smoke": "what make test runs, and the matrix on each release",
    "rest": "what make ci runs besides",
    "release": "what the matrix runs on one release: smoke, and the thorough tests that depend on Ansible's release",
}


def thorough(*values: Any) -> Any:
    """A parameter whose test is thorough, because it costs as much as the others and tests the same code."""
    return pytest.param(*values, marks=pytest.mark.thorough)


def select(items: list[pytest.Item], part: str) -> list[pytest.Item]:
    """The tests of a part, in the same order."""
    rest = set(_rest_of(items))
    if part == "smoke":
        return [item for item in items if item not in rest]
    if part == "rest":
        return [item for item in items if item in rest]
    return [item for item in items if item not in rest or not item.get_closest_marker("any_release")]


def _rest_of(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """The tests of AWX, the thorough ones, and all end-to-end tests but the first of each file."""
    first: dict[Path, pytest.Item] = {}
    for item in items:
        layer = item.path.parent.name
        is_further = layer == "e2e" and first.setdefault(item.path, item) is not item
        if is_further or layer == "awx" or item.get_closest_marker("thorough"):
            yield item

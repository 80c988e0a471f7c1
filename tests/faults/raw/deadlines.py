"""A wall-clock deadline for a case."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import pytest

Result = TypeVar("Result")


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """What ``call`` returns or raises. The test fails if that takes longer; the thread is left behind then."""
    results: list[Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        pytest.fail(f"no result within {seconds:g} s")
    if errors:
        raise errors[0]
    return results[0]

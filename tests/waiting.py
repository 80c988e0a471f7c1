"""Wait until something has happened, however long that takes on a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds after which it will not happen any more.
PATIENCE = 60.0


def wait_until(
    condition: Callable[[], object], seconds: float = PATIENCE, explain: Callable[[], str] = lambda: ""
) -> None:
    """Wait for a condition. Fails the test, with the explanation, if that takes longer than some seconds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"it took more than {seconds:g} s\n{explain()}"
        time.sleep(0.01)

"""Fixtures of several files."""

from __future__ import annotations

import pytest

from tests.harness import Platform


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """An application of each status, and one whose maximum blocks the repair. Some files have a fleet of their own."""
    platform.app("acme", "api")
    platform.app("acme", "crm", gears=3, ha=True)
    platform.app("acme", "intranet", gears=2, maximum=2)
    platform.app("acme", "plain", scalable=False)
    platform.app("acme", "wiki", ha=True)
    platform.broker.clear_requests()
    return platform

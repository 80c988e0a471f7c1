"""Fixtures: one server for all tests, with new data for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.broker import EmbeddedBroker

from .client import Client


@pytest.fixture(scope="session")
def running_broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture
def broker(running_broker: EmbeddedBroker) -> EmbeddedBroker:
    """A broker with only the domain ``acme`` of ``owner``, who has a quota of 30 gears. Locks are polled fast."""
    running_broker.reset()
    running_broker.settings(lock_poll=0.02, lock_tries=3000, owner_lock_poll=0.02, owner_lock_tries=3000)
    running_broker.seed(
        {
            "users": [{"login": "owner", "ha": True, "max_gears": 30}, {"login": "editor", "max_gears": 30}],
            "domains": [{"name": "acme", "owner": "owner", "members": [{"login": "editor", "role": "edit"}]}],
        }
    )
    return running_broker


@pytest.fixture
def client(broker: EmbeddedBroker) -> Client:
    return Client(broker.url)

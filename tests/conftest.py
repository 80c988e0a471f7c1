"""Fixtures of the tests against the embedded broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import ENVIRONMENT
from tests import direct, parts
from tests.broker import EmbeddedBroker
from tests.costs import pytest_runtest_makereport, pytest_runtest_protocol, pytest_terminal_summary
from tests.harness import DRIFTED, LOGIN, PASSWORD, WAYS, Ansible, Platform

__all__ = ["pytest_runtest_makereport", "pytest_runtest_protocol", "pytest_terminal_summary"]


def pytest_addoption(parser: pytest.Parser) -> None:
    texts = [f"{name}: {text}" for name, text in parts.PARTS.items()]
    parser.addoption("--part", choices=tuple(parts.PARTS), help="; ".join(texts))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    part = config.getoption("--part")
    if part is None:
        return
    selected = parts.select(items, part)
    deselected = set(items) - set(selected)
    items[:] = selected
    config.hook.pytest_deselected(items=list(deselected))


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture
def platform(server: EmbeddedBroker) -> Platform:
    """A broker with the account alice and her domain acme. It polls locks fast."""
    server.reset()
    server.settings(lock_poll=0.05)
    platform = Platform(server)
    platform.user()
    platform.domain("acme")
    return platform


@pytest.fixture
def drifted(platform: Platform) -> Platform:
    """DRIFTED applications of 3 gears that claim HA and have one HAProxy instance: each needs one scale-up."""
    applications = [
        {"domain": "acme", "name": f"app{number:02}", "cartridges": ["php-5.4"], "gears": 3, "haproxy": 1, "ha": True}
        for number in range(DRIFTED)
    ]
    platform.broker.seed({"applications": applications})
    platform.user(max_gears=1000)
    return platform


@pytest.fixture
def ansible(tmp_path: Path, platform: Platform) -> Iterator[Ansible]:
    """Ansible with alice's credentials in the environment, which this process has too, for direct runs."""
    credentials = {"OPENSHIFT_BROKER_USERNAME": LOGIN, "OPENSHIFT_BROKER_PASSWORD": PASSWORD}
    ansible = Ansible(tmp_path, platform.url, credentials)
    with direct.environment({**dict.fromkeys(ENVIRONMENT.values()), **ansible.connection}):
        yield ansible


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """A test with this fixture runs both ways: in the Ansible process, and as the real module."""
    way: str = request.param
    return way

"""Fixtures of the tests for AWX: programs of an environment of their own, and a stand-in of AWX."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.awx import StandIn
from tests.awx.setup_run import PROJECT, REPOSITORY, Setup
from tests.harness import ROOT


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of ansible-playbook, ansible-runner and ansible-builder, from the environment that has awx.awx."""
    folder = ROOT / ".venvs" / "awx" / "bin"
    if not (folder / "ansible-runner").exists():
        pytest.fail("needs an environment of its own: make awx-venv")
    return folder


@pytest.fixture
def awx() -> Iterator[StandIn]:
    """A fresh AWX that can fetch the example project."""
    with StandIn({REPOSITORY: PROJECT}) as stand_in:
        yield stand_in


@pytest.fixture
def setup(awx: StandIn, programs: Path, tmp_path: Path) -> Setup:
    return Setup(awx, programs, tmp_path)

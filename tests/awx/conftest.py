"""Fixtures of the tests for AWX: the programs of a separate environment, and a stand-in for AWX."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.awx import StandIn
from tests.awx.setup_run import PROJECT, REPOSITORY, Setup, set_up
from tests.awx.site import VARIABLES, add_what_must_exist
from tests.harness import ROOT


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of ansible-playbook, ansible-runner and ansible-builder, from their environment."""
    folder = ROOT / ".venvs" / "awx" / "bin"
    if not (folder / "ansible-runner").exists():
        pytest.fail("needs a separate environment: make awx-venv")
    return folder


@pytest.fixture
def awx() -> Iterator[StandIn]:
    """A new AWX with access to the example project."""
    with StandIn({REPOSITORY: PROJECT}) as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def awx_after_run() -> Iterator[StandIn]:
    """AWX after a run. Each test leaves it like that."""
    with StandIn({REPOSITORY: PROJECT}) as stand_in:
        add_what_must_exist(stand_in)
        assert set_up(stand_in, **VARIABLES).failure == ""
        yield stand_in


@pytest.fixture
def setup(awx: StandIn, programs: Path, tmp_path: Path) -> Setup:
    return Setup(awx, programs, tmp_path)

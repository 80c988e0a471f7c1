"""Programs of the distribution that end-to-end tests run."""

from __future__ import annotations

import os
import shutil

import pytest

#: Debian keeps servers where users' PATH does not look.
_SYSTEM_FOLDERS = "/usr/sbin:/sbin"


def required(program: str, package: str) -> str:
    """The path of ``program``. Without it the test is skipped, saying which Debian ``package`` brings it; where
    TESTS_REQUIRE_PROGRAMS is set, as in continuous integration, it fails instead: a test that never runs proves
    nothing."""
    found = shutil.which(program) or shutil.which(program, path=_SYSTEM_FOLDERS)
    if found:
        return found
    missing = f"needs the program {program}: apt-get install {package}"
    if os.environ.get("TESTS_REQUIRE_PROGRAMS"):
        pytest.fail(missing)
    pytest.skip(missing)

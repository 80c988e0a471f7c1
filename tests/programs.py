"""Programs of the distribution that tests run."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

#: Debian keeps servers in folders that are not on a user's PATH.
_SYSTEM_FOLDERS = "/usr/sbin:/sbin"


def required(program: str, package: str) -> str:
    """The path of ``program``, which is in the Debian package ``package``. See ``missing``."""
    found = shutil.which(program) or shutil.which(program, path=_SYSTEM_FOLDERS)
    return found or missing(f"needs the program {program}: apt-get install {package}")


def missing(need: str) -> NoReturn:
    """Skip the test. With TESTS_REQUIRE_PROGRAMS in the environment, as in continuous integration, fail it."""
    if os.environ.get("TESTS_REQUIRE_PROGRAMS"):
        pytest.fail(need)
    pytest.skip(need)

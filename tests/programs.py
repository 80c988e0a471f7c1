"""Programs of the distribution that end-to-end tests run."""

from __future__ import annotations

import os
import shutil

import pytest

#: The folders of servers in Debian, which are not in the PATH of users.
_SYSTEM_FOLDERS = "/usr/sbin:/sbin"


def required(program: str, package: str) -> str:
    """The path of ``program``.

    If it is missing, the test is skipped with the name of the Debian ``package``. If TESTS_REQUIRE_PROGRAMS is set, as
    in continuous integration, the test fails instead.
    """
    found = shutil.which(program) or shutil.which(program, path=_SYSTEM_FOLDERS)
    if found:
        return found
    missing = f"needs the program {program}: apt-get install {package}"
    if os.environ.get("TESTS_REQUIRE_PROGRAMS"):
        pytest.fail(missing)
    pytest.skip(missing)

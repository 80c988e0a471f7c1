"""Runs `ansible-test sanity` on a copy of the checkout, in the environment of the Python that runs this program.

ansible-test requires a path that ends in ansible_collections/NAMESPACE/NAME and does not follow links. In a folder that
git ignores, it skips all tests and succeeds: this program fails if the essential tests were skipped.
Arguments go to ansible-test: `sanity.py --test pylint`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import checkout

BIN = Path(sys.executable).parent
# Tests that must run, unless arguments select others.
ESSENTIAL = frozenset({"action-plugin-docs", "ansible-doc", "compile", "import", "pep8", "pylint", "validate-modules"})


def environment() -> dict[str, str]:
    """The environment with interpreters on its PATH. pyenv's shims fail for versions that are not active."""
    path = [entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(entry).name != "shims"]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    interpreters = [str(directory) for directory in sorted(pyenv.glob("versions/*/bin"))]
    return {**os.environ, "PATH": os.pathsep.join([str(BIN), *path, *interpreters])}


def run_sanity(collection: Path) -> tuple[int, set[str]]:
    """Return the exit status and the names of the tests that ran. Print the output of ansible-test."""
    ran: set[str] = set()
    command = [str(BIN / "ansible-test"), "sanity", "--color", "no", *sys.argv[1:]]
    with subprocess.Popen(
        command,
        cwd=collection,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if found := re.match(r"Running sanity test \W*([\w-]+)", line):
                ran.add(found.group(1))
    return process.returncode, ran


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="sanity-") as directory:
        collection = Path(directory) / "ansible_collections" / "openshift_v2" / "apps"
        checkout.copy_to(collection)
        status, ran = run_sanity(collection)
    skipped = ESSENTIAL - ran if not sys.argv[1:] else set()
    if status == 0 and (skipped or not ran):
        print("FAILED: ansible-test sanity skipped:", *(sorted(skipped) or ["everything"]))
        return 1
    print(f"ansible-test sanity: {len(ran)} kinds of tests ran, exit status {status}")
    return status


if __name__ == "__main__":
    sys.exit(main())

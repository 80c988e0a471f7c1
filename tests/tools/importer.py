"""Imports the archive as Ansible Galaxy and Automation Hub do, with galaxy-importer. A warning is a failure.

importer.py PROGRAMS        PROGRAMS: the folder with the programs of galaxy-importer's environment
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import build

#: Settings of galaxy-importer, as variables. ruff checks what flake8 would.
SETTINGS = {
    "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true",
    "GALAXY_IMPORTER_OFFLINE_ANSIBLE_LINT": "true",
    "GALAXY_IMPORTER_RUN_ANSIBLE_DOC": "true",
    "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "true",
    "GALAXY_IMPORTER_RUN_FLAKE8": "false",
}
#: What galaxy-importer prints when it has imported the archive.
SUCCESS = "Importer processing completed successfully"


def run_importer(archive: Path, programs: Path) -> str:
    """Return what galaxy-importer printed about this archive."""
    done = subprocess.run(
        [programs / "python", "-m", "galaxy_importer.main", archive.name],
        cwd=archive.parent,
        env={**os.environ, **SETTINGS, "PATH": os.pathsep.join([str(programs), os.environ["PATH"]])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def main() -> int:
    programs = Path(sys.argv[1]).absolute()
    with tempfile.TemporaryDirectory(prefix="importer-") as directory:
        output = run_importer(build.build(directory), programs)
    print(output, end="")
    warnings = [line for line in output.splitlines() if line.startswith(("WARNING", "ERROR", "CRITICAL"))]
    if warnings or SUCCESS not in output:
        print(f"FAILED: galaxy-importer printed {len(warnings)} warnings or errors")
        return 1
    print("galaxy-importer: no warnings")
    return 0


if __name__ == "__main__":
    sys.exit(main())

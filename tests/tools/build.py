"""Builds the collection, installs it and verifies the installed files: offline, in a temporary folder.

    build.py [FOLDER]        FOLDER: where to leave the archive

The archive may hold files of the checkout only: no environments, caches or results, and nothing that users do not need.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import checkout

GALAXY = Path(sys.executable).parent / "ansible-galaxy"
MADE_BY_BUILD = frozenset({"FILES.json", "MANIFEST.json"})
#: What users do not need.
FOR_DEVELOPERS = frozenset({"tests", ".github", "LICENSES"})


def galaxy(collections: str, *arguments: str) -> None:
    """Run ansible-galaxy with this folder of collections, without the environment's link to the checkout."""
    subprocess.run(
        [GALAXY, "collection", *arguments],
        cwd=checkout.ROOT,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": collections, "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"},
        stdin=subprocess.DEVNULL,
        check=True,
    )


def strays(archive: Path) -> list[str]:
    """The files in the archive that do not belong there."""
    with tarfile.open(archive) as built:
        names = {member.name for member in built.getmembers() if not member.isdir()}
    allowed = {path.as_posix() for path in checkout.files() if path.parts[0] not in FOR_DEVELOPERS}
    return sorted(names - MADE_BY_BUILD - allowed)


def build(directory: str) -> Path:
    """Build the archive in this empty folder."""
    galaxy(directory, "build", "--output-path", directory)
    (archive,) = Path(directory).glob("*.tar.gz")
    return archive


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="build-") as directory:
        archive = build(directory)
        if found := strays(archive):
            print("Add these files to build_ignore in galaxy.yml:", *found, sep="\n    ")
            return 1
        galaxy(directory, "install", "--offline", str(archive))
        galaxy(directory, "verify", "--offline", "openshift_v2.apps")
        for folder in sys.argv[1:]:
            shutil.copy2(archive, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

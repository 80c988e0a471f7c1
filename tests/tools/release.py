"""Makes a release in a temporary clone: changelog, version, checks, archive.

    release.py [--commit] [--without-checks] VERSION

By default the checkout stays as it is, and only gets the archive. With --commit, the current branch also gets the
commit of the release, and a tag of the version. Nothing is pushed or published. --without-checks leaves out linters,
ansible-test sanity and galaxy-importer.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
IMPORTER = ROOT / ".venvs" / "importer" / "bin"
ENVIRONMENT = {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}
#: A version of the collection, and what comes before it: the line in galaxy.yml, an image, an archive, a requirement.
NAMED = re.compile(
    r"(?P<what>^version: |openshift-apps-ee:|openshift_v2-apps-|openshift_v2\.apps(?:[ :]|:?==))"
    r"(?P<version>\d+\.\d+\.\d+)",
    re.MULTILINE,
)
#: Files that name former versions: what happened then, what was measured with them, and the tests of the tools.
RECORDS = ("CHANGELOG.rst", "changelogs/", "docs/benchmarks.md", "docs/upgrading.md", "tests/")
#: The version in the examples of how to release.
EXAMPLE = "1.2.3"
Version = tuple[int, int, int]


class Refused(Exception):
    """Why there is no release."""


def parse_version(text: str) -> Version:
    """The numbers of a version such as 1.2.3. Raises Refused."""
    found = re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", text)
    if not found:
        raise Refused(f"VERSION must be three numbers, for example VERSION=1.2.3, not {text!r}.")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


def reasons_against(
    version: str, released: list[str], tags: list[str], changes: list[str], fragments: int
) -> list[str]:
    """Why this version cannot be released.

    released: the versions in the changelog. changes: what git reports as not committed. fragments: their number.
    """
    number = parse_version(version)
    reasons = []
    if changes:
        reasons.append("There are changes that are not committed: " + ", ".join(line.strip() for line in changes))
    if version in tags:
        reasons.append(f"The tag {version} exists.")
    if newer := [other for other in released if parse_version(other) >= number]:
        reasons.append(f"The changelog already has {', '.join(newer)}. The version must be newer.")
    if not fragments:
        reasons.append("There is no fragment in changelogs/fragments, so there is nothing to release.")
    return reasons


def run(*command: str | Path, at: Path) -> None:
    """Run a program that must succeed. Raises Refused."""
    print("+", *(Path(part).name if isinstance(part, Path) else part for part in command), flush=True)
    done = subprocess.run(command, cwd=at, env=ENVIRONMENT, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise Refused(f"{Path(command[0]).name} failed with exit status {done.returncode}.")


def git(*arguments: str, at: Path = ROOT) -> list[str]:
    """The lines that git prints."""
    return subprocess.run(["git", *arguments], cwd=at, check=True, capture_output=True, text=True).stdout.splitlines()


def check_preconditions(version: str) -> None:
    """Raises Refused unless this version can be released from the checkout."""
    changelog = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))
    fragments = len(list((ROOT / "changelogs" / "fragments").glob("*.yml")))
    released, tags = list(changelog["releases"]), git("tag", "--list")
    if reasons := reasons_against(version, released, tags, git("status", "--porcelain"), fragments):
        raise Refused("\n".join(reasons))


def identity() -> list[str]:
    """Arguments of git clone: who commits in the checkout also commits in the clone. Raises Refused."""
    try:
        return [f"--config={name}={git('config', name)[0]}" for name in ("user.name", "user.email")]
    except subprocess.CalledProcessError as error:
        raise Refused("git has no name or address for commits. Set them: git config user.name, user.email.") from error


def present_texts(root: Path, files: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """The files, relative to the root, that must name the present version if they name one, with their texts."""
    for path in files:
        if path.as_posix().startswith(RECORDS):
            continue
        try:
            yield path, (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def named_versions(root: Path, files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Each place that names a version, as file and line, and that version. Examples are left out."""
    for path, text in present_texts(root, files):
        for found in NAMED.finditer(text):
            if found["version"] != EXAMPLE:
                line = text.count("\n", 0, found.start("version")) + 1
                yield f"{path.as_posix()}:{line}", found["version"]


def set_version(root: Path, files: Iterable[Path], version: str) -> None:
    """Write the version into all places that name one. Examples stay as they are."""
    for path, text in present_texts(root, files):
        changed = NAMED.sub(
            lambda found: found[0] if found["version"] == EXAMPLE else found["what"] + version,
            text,
        )
        if changed != text:
            (root / path).write_text(changed, encoding="utf-8")


def make_release(version: str, clone: Path, folder: Path, checks: bool) -> Path:
    """Commit the release in the clone. Return its archive in the folder."""
    set_version(clone, [Path(name) for name in git("ls-files", at=clone)], version)
    run(BIN / "antsibull-changelog", "release", "--version", version, at=clone)
    run(BIN / "antsibull-changelog", "lint-changelog-yaml", "changelogs/changelog.yaml", at=clone)
    run("git", "add", "--all", at=clone)
    run("git", "commit", "--quiet", "--message", f"Release {version}", at=clone)
    run(BIN / "python", clone / "tests/tools/build.py", str(folder), at=clone)
    if checks:
        run(BIN / "python", clone / "tests/tools/importer.py", str(IMPORTER), at=clone)
    (archive,) = folder.glob("*.tar.gz")
    check_archive(archive, version)
    return archive


def check_archive(archive: Path, version: str) -> None:
    """Raises Refused unless the archive has this version and its changelog."""
    with tarfile.open(archive) as opened:
        manifest = yaml.safe_load(opened.extractfile("MANIFEST.json") or "{}")
        changelog = opened.extractfile("CHANGELOG.rst")
        text = changelog.read().decode() if changelog else ""
    if manifest["collection_info"]["version"] != version or f"\nv{version}\n" not in text:
        raise Refused(f"The archive is not that of version {version}.")


def take_over(version: str, clone: Path) -> None:
    """Give the current branch of the checkout the commit of the clone, and the tag."""
    run("git", "fetch", "--quiet", str(clone), "HEAD", at=ROOT)
    run("git", "merge", "--quiet", "--ff-only", "FETCH_HEAD", at=ROOT)
    run("git", "tag", "--annotate", "--message", f"Release {version}", version, at=ROOT)


def measured_version() -> str:
    """The version with which docs/benchmarks.md was measured."""
    (found,) = re.findall(r"openshift_v2\.apps (\S+)", (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8"))
    return str(found)


def release(version: str, commit: bool, checks: bool) -> None:
    """Make the release, and print what is left to do. Raises Refused."""
    check_preconditions(version)
    if checks:
        run("make", "--no-print-directory", "lint", "sanity", at=ROOT)
    with tempfile.TemporaryDirectory(prefix="release-") as directory:
        clone, folder = Path(directory) / "clone", Path(directory) / "archive"
        folder.mkdir()
        run("git", "clone", "--quiet", *identity(), str(ROOT), str(clone), at=Path(directory))
        archive = make_release(version, clone, folder, checks)
        if commit:
            take_over(version, clone)
        target = ROOT / archive.name
        target.write_bytes(archive.read_bytes())
    print(f"\n{target.name} is ready.")
    if (measured := measured_version()) != version:
        print(f"docs/benchmarks.md was measured with {measured}. `make bench` measures again.")
    if commit:
        print(f"Then: git push origin HEAD {version}, ansible-galaxy collection publish {target.name}")
    else:
        print("Nothing was committed. Run again with COMMIT=yes for the commit and the tag.")


def main() -> int:
    parser = argparse.ArgumentParser(description="Make a release.")
    parser.add_argument("version")
    parser.add_argument("--commit", action="store_true", help="give the current branch the commit, and a tag")
    parser.add_argument("--without-checks", action="store_true", help="leave out linters, sanity and the importer")
    arguments = parser.parse_args()
    try:
        release(arguments.version, arguments.commit, not arguments.without_checks)
    except Refused as reason:
        print(f"\n{reason}\nThere is no release. No commit and no tag was made.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

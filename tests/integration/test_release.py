"""`make release`: tried in clones, without the checks, which are targets of their own."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from tests.harness import ROOT
from tests.tools.release import Refused, parse_version, reasons_against

PYTHON = ROOT / ".venv" / "bin" / "python"
NEWS = "the trial of a release has this line."


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the last commit with one more fragment, and with somebody to commit as."""
    directory = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, directory], check=True)
    for name, value in {"user.name": "A maintainer", "user.email": "maintainer@example.com"}.items():
        subprocess.run(["git", "config", name, value], cwd=directory, check=True)
    fragment = directory / "changelogs" / "fragments" / "trial.yml"
    fragment.parent.mkdir(exist_ok=True)
    fragment.write_text(yaml.safe_dump({"minor_changes": [NEWS]}, explicit_start=True), encoding="utf-8")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", "Add a fragment")
    return directory


def git(clone: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=clone, check=True, capture_output=True, text=True).stdout


def release(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [PYTHON, "tests/tools/release.py", "--without-checks", *arguments]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.thorough
def test_a_release_is_tried_and_then_made(clone: Path, subtests: pytest.Subtests) -> None:
    before = git(clone, "rev-parse", "HEAD")
    with subtests.test("a trial leaves the archive only"):
        done = release(clone, "99.0.0")
        assert done.returncode == 0, done.stdout + done.stderr
        assert (git(clone, "rev-parse", "HEAD"), git(clone, "tag"), git(clone, "status", "--porcelain")) == (
            before,
            "",
            "",
        )
        with tarfile.open(clone / "openshift_v2-apps-99.0.0.tar.gz") as archive:
            names = archive.getnames()
            changelog = archive.extractfile("CHANGELOG.rst")
            assert changelog is not None
            assert f"- {NEWS}" in changelog.read().decode()
        assert [name for name in names if name.startswith(("tests", ".ci", ".github", "changelogs/fragments"))] == []

    with subtests.test("with --commit, the branch has the commit and the tag"):
        done = release(clone, "--commit", "99.0.0")
        assert done.returncode == 0, done.stdout + done.stderr
        assert git(clone, "log", "--format=%s", f"{before.strip()}..99.0.0") == "Release 99.0.0\n"
        assert git(clone, "status", "--porcelain") == ""
        assert yaml.safe_load((clone / "galaxy.yml").read_text(encoding="utf-8"))["version"] == "99.0.0"
        assert not list((clone / "changelogs/fragments").glob("*.yml"))

    with subtests.test("not twice"):
        done = release(clone, "--commit", "99.0.0")
        assert done.returncode == 1
        assert "The tag 99.0.0 exists." in done.stderr


def test_changes_that_are_not_committed_are_refused(clone: Path) -> None:
    (clone / "README.md").write_text("changed", encoding="utf-8")
    done = release(clone, "99.0.0")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "There are changes that are not committed: M README.md",
        "There is no release. No commit and no tag was made.",
    ]


@pytest.mark.parametrize(
    ("version", "reason"),
    [("1.1.0", "already has 1.1.0"), ("1.0.9", "already has 1.1.0"), ("2.0.0", "The tag 2.0.0 exists")],
)
def test_a_version_must_be_newer(version: str, reason: str) -> None:
    (found,) = reasons_against(version, ["0.1.0", "1.1.0"], ["2.0.0"], [], 1)
    assert reason in found


def test_there_must_be_something_to_release() -> None:
    (found,) = reasons_against("1.2.0", ["1.1.0"], [], [], 0)
    assert "nothing to release" in found
    assert reasons_against("1.2.0", ["1.1.0"], [], [], 1) == []


@pytest.mark.parametrize("text", ["", "1", "1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0 "])
def test_a_version_is_three_numbers(text: str) -> None:
    with pytest.raises(Refused, match="three numbers"):
        parse_version(text)

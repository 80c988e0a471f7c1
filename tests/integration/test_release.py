"""`make release`: tried in clones, without the checks, which are targets of their own."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from tests.harness import ROOT
from tests.tools.release import Refused, named_versions, parse_version, reasons_against, set_version

PYTHON = ROOT / ".venv" / "bin" / "python"
NEWS = "the trial of a release has this line."


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the last commit without its tags, with one more fragment, and with somebody to commit as."""
    directory = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-tags", ROOT, directory], check=True)
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
        files = [Path(name) for name in git(clone, "ls-files").splitlines()]
        places = dict(named_versions(clone, files))
        assert set(places.values()) == {"99.0.0"}
        assert {"docs/awx.md", "galaxy.yml"} <= {place.partition(":")[0] for place in places}

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


def test_a_version_is_replaced_where_it_is_the_present_one(tmp_path: Path) -> None:
    texts = {
        "galaxy.yml": "namespace: openshift_v2\nversion: 1.0.0\n",
        "docs/awx.md": "`build --tag registry.example.com/openshift-apps-ee:1.0.0`",
        "docs/development.md": "$ make release VERSION=1.2.3\n$ publish openshift_v2-apps-1.2.3.tar.gz\n",
        "README.md": "openshift_v2-apps-1.0.0.tar.gz openshift_v2.apps:==1.0.0 openshift_v2.apps 1.0.0",
        "docs/benchmarks.md": "openshift_v2.apps 1.0.0",
        "docs/upgrading.md": "openshift_v2.apps 0.1.0",
        "plugins/module.py": "version_added: 1.0.0\nother_version: 1.0.0\n",
        "meta/execution-environment.yml": "version: 1\n",
    }
    files = [Path(name) for name in texts]
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG openshift_v2.apps 1.0.0")
    set_version(tmp_path, [*files, Path("picture.png")], "1.1.0")
    changed = {name for name, text in texts.items() if (tmp_path / name).read_text(encoding="utf-8") != text}
    assert changed == {"galaxy.yml", "docs/awx.md", "README.md"}
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == texts["README.md"].replace("1.0.0", "1.1.0")
    assert dict(named_versions(tmp_path, files)) == {
        "galaxy.yml:2": "1.1.0",
        "docs/awx.md:1": "1.1.0",
        "README.md:1": "1.1.0",
    }

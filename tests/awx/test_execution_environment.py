"""The execution environment: ansible-builder with the example and with the metadata of the collection."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import yaml

from tests.harness import ROOT
from tests.tools import checkout

EXAMPLES = ROOT / "docs" / "examples"


def build(programs: Path, *arguments: str | Path) -> str:
    done = subprocess.run(
        [programs / "ansible-builder", *arguments],
        env={**os.environ, "PATH": os.pathsep.join([str(programs), os.environ["PATH"]])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_example_installs_only_this_collection(programs: Path, tmp_path: Path) -> None:
    definition = EXAMPLES / "execution-environment.yml"
    output = ("--context", tmp_path / "context", "--output-filename", "Containerfile")
    build(programs, "create", "--file", definition, *output)
    context = tmp_path / "context" / "_build"
    requirements = yaml.safe_load((context / "requirements.yml").read_text(encoding="utf-8"))
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert [(one["type"], one["name"]) for one in requirements["collections"]] == [("git", galaxy["repository"])]
    assert not [name for name in ("requirements.txt", "bindep.txt") if (context / name).exists()]
    containerfile = (tmp_path / "context" / "Containerfile").read_text(encoding="utf-8")
    assert "git-core" in containerfile
    assert "ansible-galaxy collection install" in containerfile


def test_the_collection_requires_only_requests(programs: Path, tmp_path: Path) -> None:
    """With the files in git: a build of the collection has the same."""
    checkout.copy_to(tmp_path / "ansible_collections" / "openshift_v2" / "apps")
    found = yaml.safe_load(build(programs, "introspect", tmp_path))
    assert [line.partition("#")[0].strip() for line in found["python"]] == ["requests>=2.20"]
    assert found["system"] == []


def test_the_examples_name_the_same_collection() -> None:
    paths = (EXAMPLES / "requirements.yml", EXAMPLES / "awx-project" / "collections" / "requirements.yml")
    first, second = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths)
    assert first == second

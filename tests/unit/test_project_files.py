"""The files with which people join the project: what they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.tools import checkout
from tests.tools.release import named_versions

ROOT = Path(__file__).resolve().parents[2]
TARGETS = set(re.findall(r"^([a-z0-9-]+):.*?## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / ".github").rglob("*.md")])


def load(name: str) -> object:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_pre_commit_runs_the_checks_of_make_lint() -> None:
    config = load(".pre-commit-config.yaml")
    assert isinstance(config, dict)
    (repository,) = config["repos"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (linters,) = re.findall(r"^LINTERS := (.*)$", makefile, re.MULTILINE)
    assert sorted(hook["entry"] for hook in repository["hooks"]) == sorted(f"make {name}" for name in linters.split())
    for hook in repository["hooks"]:
        pattern = re.compile(hook.get("files", ""))
        files = [path for path in ROOT.glob("[!.]*/**/*") if path.is_file()]
        assert any(pattern.search(path.relative_to(ROOT).as_posix()) for path in files), hook["id"]


def test_the_workflow_runs_what_ci_runs() -> None:
    workflow = load(".github/workflows/ci.yml")
    assert isinstance(workflow, dict)
    steps = [step for step in workflow["jobs"]["everything"]["steps"] if "run" in step]
    assert (steps[-1]["run"], steps[-1]["env"]) == ("bash .ci/run", {"CORES": "all"})
    assert (ROOT / ".ci" / "run").is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_targets_and_files_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = re.findall(r"(?:`|\$ )make ([a-z][a-z0-9 -]*)", text)
    named = {word for command in commands for word in command.split() if not word.startswith("-")}
    assert named - TARGETS == set()
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


def test_every_target_is_in_the_help_and_is_no_file() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    lists = dict(re.findall(r"^([A-Z]+) := (.*)$", makefile, re.MULTILINE))
    names = set(re.sub(r"\$\((\w+)\)", lambda found: lists[found.group(1)], phony).split())
    assert {name for name in names - TARGETS if not name.endswith("-venv")} == {"get-pip"}
    assert TARGETS - names == set()


def test_all_files_name_the_version_of_the_collection() -> None:
    galaxy = load("galaxy.yml")
    assert isinstance(galaxy, dict)
    places = dict(named_versions(ROOT, checkout.files()))
    assert len(places) > 1
    assert {place: version for place, version in places.items() if version != galaxy["version"]} == {}

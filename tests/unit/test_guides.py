"""The guides: their links, their list, and that the pages which promise to be complete are complete and true."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import NEXT_STEPS, REMEDIES
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import (
    REFUSALS_BY_EXIT_CODE,
    REFUSALS_BY_WORDS,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core import errors
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import PROBLEMS

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs" / "README.md"
GUIDES = sorted({*(ROOT / "docs").glob("*.md")} - {LIST})
PAGES = sorted(
    [ROOT / "README.md", LIST, *GUIDES, *(ROOT / "roles").glob("*/README.md"), *ROOT.glob("tests/*/README.md")]
)
TROUBLESHOOTING = ROOT / "docs" / "troubleshooting.md"
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(([^)\s]+)\)")
MAX_LINES = 400


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@lru_cache
def prose(path: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^ *(```|~~~).*?^ *\1", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@lru_cache
def anchors(path: Path) -> set[str]:
    """The anchors of the headings of a page, as GitHub and the documentation site make them."""
    headings = re.findall(r"^#+ +(.*)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def dead_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _hash, anchor = target.partition("#")
        path = Path(os.path.normpath(page.parent / file)) if file else page
        if not path.exists():
            yield f"{name(page)}: {target} does not exist"
        elif anchor and (path.suffix != ".md" or anchor not in anchors(path)):
            yield f"{name(page)}: {target} has no such heading"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    assert list(dead_links(page)) == []


def test_dead_links_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.test_guides.ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("# One\n[a](#one) [b](#two) [c](other.md) [d](page.md#one) [e](https://x)\n```\n[f](no.md)\n```\n")
    assert list(dead_links(page)) == ["page.md: #two has no such heading", "page.md: other.md does not exist"]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_is_not_too_long(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_the_list_has_every_guide() -> None:
    linked = {Path(os.path.normpath(LIST.parent / target)) for target in LINK.findall(prose(LIST))}
    missing = {*GUIDES, *(ROOT / "roles").glob("*/README.md")} - linked
    assert {name(path) for path in missing} == set()


def literals(path: Path) -> Iterator[str]:
    """The texts in a Python file. Parts that are computed are gaps."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "\0".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))


@lru_cache
def texts() -> str:
    """Every text of the collection, and of the embedded broker for the broker's own words."""
    found: list[str] = []
    for folder in ("plugins", "tests/broker"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            found += literals(path)
    for folder in ("playbooks", "roles"):
        found += (path.read_text(encoding="utf-8") for path in sorted((ROOT / folder).rglob("*.yml")))
    return "\0".join(" ".join(text.split()) for text in found)


def rows(path: Path) -> list[list[str]]:
    """The cells of all tables of a page, without heads."""
    lines = [line for line in prose(path).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]
    return [row for row in cells if not set("".join(row)) <= set("-: ")]


def spans(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def quoted_words() -> list[str]:
    """The words of messages in troubleshooting.md: the first cell that is not a code."""
    found = []
    for row in rows(TROUBLESHOOTING):
        cell = row[1] if re.fullmatch(r"`[a-z_]+`", row[0]) else row[0]
        found += spans(cell)
    return found


def test_quoted_words_are_those_of_messages() -> None:
    parts = [part.strip() for words in quoted_words() for part in words.split("…") if part.strip()]
    assert len(parts) > 50
    assert [part for part in parts if part not in texts()] == []


def codes_in_calls() -> set[str]:
    """The codes of all blockers that the code creates."""
    found = set()
    for path in (ROOT / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Blocker" and node.args:
                found |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
    return {str(code) for code in found}


def test_every_code_of_a_blocker_or_problem_is_explained() -> None:
    table = set(REFUSALS_BY_EXIT_CODE.values()) | {code for _words, code in REFUSALS_BY_WORDS}
    codes = codes_in_calls() | table | set(PROBLEMS) | {"refused", "stopped"}
    assert codes >= {"maximum", "relocation", "upgrading", "haproxy_missing"}
    explained = {spans(row[0])[0] for row in rows(TROUBLESHOOTING) if re.fullmatch(r"`[a-z_]+`", row[0])}
    assert explained == codes


def kinds() -> set[str]:
    return {each.kind for each in vars(errors).values() if isinstance(each, type) and hasattr(each, "kind")}


def test_every_kind_of_error_and_its_next_step_are_explained() -> None:
    assert kinds() <= NEXT_STEPS.keys()
    page = {span for row in rows(TROUBLESHOOTING) for cell in row for span in spans(cell)}
    steps = [re.sub(r"\{\w+\}", "…", step) for step in (*NEXT_STEPS.values(), *REMEDIES.values())]
    assert [step for step in steps if step not in page] == []


def breaking_changes() -> list[str]:
    """The incompatible changes since 0.1.0, in fragments and in released versions."""
    found: list[str] = []
    for path in sorted((ROOT / "changelogs" / "fragments").glob("*.yml")):
        found += (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("breaking_changes", [])
    changelog = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))
    for version, release in (changelog["releases"] or {}).items():
        if version != "0.1.0":
            found += release.get("changes", {}).get("breaking_changes", [])
    return found


def test_every_breaking_change_is_in_the_upgrade_notes() -> None:
    notes = (ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
    missing = {
        change: names
        for change in breaking_changes()
        if (names := [each for each in re.findall(r"``([^`]+)``", change) if each not in notes])
    }
    assert missing == {}

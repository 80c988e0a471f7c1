"""The language: no file contains a phrase that ``tests/wording.py`` lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import wording

#: The test of a folder reads everything below it.
COVERED = (
    *(path.relative_to(wording.ROOT).as_posix() for path in sorted((wording.ROOT / "plugins").iterdir())),
    "roles",
    "playbooks",
    *(path.relative_to(wording.ROOT).as_posix() for path in sorted((wording.ROOT / "tests").iterdir())),
    "changelogs",
    *(f"docs/{path.name}" for path in sorted((wording.ROOT / "docs").iterdir()) if path.name != "awx.md"),
    *(path.name for path in sorted(wording.ROOT.glob("*.md"))),
)


def find(path: Path) -> list[str]:
    return [str(offence) for file in wording.files_in(path) for offence in wording.offences(file)]


@pytest.mark.parametrize("name", [name for name in COVERED if list(wording.files_in(wording.ROOT / name))])
def test_no_phrase_is_left(name: str) -> None:
    left = find(wording.ROOT / name)
    assert not left, "\n" + "\n".join(left)


@pytest.mark.parametrize(
    "text",
    [
        "what was wished",
        "held as wished",
        "everything is in order",
        "not in order",
        "other than wished",
        "an application with two HAProxy",
        "look at it",
        "it was looked at",
        "tell which",
        "the caller is told",
        "the broker says",
        "it is said once for a play",
        "bring the second one",
        "foretell",
        "what was foretold",
        "shown beforehand",
        "not scalable and left alone",
        "it is left as it is",
        "within reach",
        "say an option",
        "what cannot be: refused",
        "that cannot be meant",
        "a number that can be meant",
        "the others have another turn",
        "no room for a gear",
        "needs 1 gear more",
        "X may use only 0 more",
        "an operation is under way",
        "whose answer was lost",
        "nobody knows",
        "an owner whom you are not",
        "as whom it acts",
        "if nothing is said",
        "a run that was told to stop",
        "Nor do hosts know of each other",
        "test_the_caller_is_told",
        "WhatIsWished",
        "not scalable and left\n    # alone",
        '"not scalable and left "\n    "alone"',
    ],
)
def test_each_phrase_is_found(text: str, tmp_path: Path) -> None:
    (tmp_path / "text.md").write_text(f"# {text}.\n", encoding="utf-8")
    assert find(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "the requests, in order of arrival",
        "cannot be read",
        "it looks like a secret",
        "two HAProxy instances",
        "HAProxy 2.4",
        "owners in turn",
        "the connection was lost",
        "essays",
    ],
)
def test_the_usual_meaning_of_a_word_is_fine(text: str, tmp_path: Path) -> None:
    (tmp_path / "text.md").write_text(f"# {text}.\n", encoding="utf-8")
    assert find(tmp_path) == []


@pytest.mark.parametrize("exemption", wording.EXEMPTIONS, ids=lambda exemption: exemption.text)
def test_each_exemption_is_needed(exemption: wording.Exemption) -> None:
    files = (file for name in COVERED for file in wording.files_in(wording.ROOT / name))
    assert any(re.search(exemption.text, file.read_text(encoding="utf-8"), re.MULTILINE) for file in files)


def test_a_failure_names_the_place_and_what_to_write(tmp_path: Path) -> None:
    file = tmp_path / "text.md"
    file.write_text("Good.\nThe broker says so.\n", encoding="utf-8")
    assert find(file) == [f'{file}:2: write "report, return, show, state" instead of "says"']

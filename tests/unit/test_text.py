"""Text from elsewhere: what is shown of it, and what data keeps of it."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import (
    clean_data,
    clean_result,
    escape_unprintable,
    squeeze,
    to_line,
    to_lines,
)
from tests.unit.strategies import any_texts, hostile_texts

#: Categories of characters without a shape of their own, and the white space that is not a space.
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def unsafe(text: str) -> list[str]:
    return [character for character in text if unicodedata.category(character) in UNSAFE]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("shop", "shop"),
        ("Läden 店", "Läden 店"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b2Jclear", r"\x9b2Jclear"),
        ("a\nforged: line", r"a\nforged: line"),
        ("a\r\tb", r"a\r\tb"),
        ("\ud800", r"\ud800"),
        ("txt.\u202eexe", r"txt.\u202eexe"),
        ("\u2066a\u2069", r"\u2066a\u2069"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("a\u2028b\u0085", r"a\u2028b\x85"),
        ("\u3164\u2800", r"\u3164\u2800"),
        ("\U000e0041", r"\U000e0041"),
        ("\0\x7f", r"\x00\x7f"),
    ],
)
def test_a_name_shows_its_unprintable_characters(name: str, shown: str) -> None:
    assert escape_unprintable(name) == shown
    assert str(AppRef("acme", name)) == f"acme/{shown}"


@given(any_texts())
def test_every_form_for_people_is_printable(text: str) -> None:
    assert not unsafe(escape_unprintable(text))
    assert not unsafe(to_line(text))
    assert not unsafe(to_lines(text).replace("\n", ""))
    assert not unsafe(squeeze(text))
    assert to_line(text) == " ".join(to_line(text).splitlines()).strip()


@given(st.text(st.characters(categories=("L", "N", "P", "S"), exclude_characters="\u3164\uffa0\u115f\u1160\u2800")))
def test_printable_text_stays(text: str) -> None:
    assert escape_unprintable(text) == to_lines(text) == clean_data(text) == text


def test_lines_of_a_message_stay() -> None:
    assert to_lines("acme/shop: failed.\n  1 reason\r\n") == "acme/shop: failed.\n  1 reason\\r\n"
    assert to_line(" a\n b\u2028c\xa0d ") == "a b c d"


@given(
    st.recursive(
        any_texts() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(any_texts(), inner)
    )
)
def test_data_stays_as_it_is_unless_it_cannot_be_written(data: Any) -> None:
    kept = clean_data(data)
    written = json.dumps(kept, ensure_ascii=False).encode()
    assert json.loads(written) == kept
    assert not re.search("[\x7f-\x9f\u2028\u2029]", "".join(texts_in(kept)))
    if not re.search("[\x7f-\x9f\u2028\u2029\ud800-\udfff]", "".join(texts_in(data))):
        assert kept == data


def texts_in(data: Any) -> list[str]:
    if isinstance(data, dict):
        return [text for pair in data.items() for part in pair for text in texts_in(part)]
    if isinstance(data, list):
        return [text for item in data for text in texts_in(item)]
    return [data] if isinstance(data, str) else []


@given(hostile_texts())
def test_a_result_has_clean_texts_and_unchanged_data(name: str) -> None:
    result = {
        "msg": f"{name}: failed\nat once",
        "warnings": [name],
        "application": {"name": name, "owner": None},
        "results": [{"msg": name, "blockers": [{"code": "x", "message": name}]}],
        "summary": {"gears_available": {name: 3}},
        "error": None,
    }
    cleaned = clean_result(result)
    assert cleaned["msg"] == f"{to_lines(name)}: failed\nat once"
    assert cleaned["warnings"] == [escape_unprintable(name)]
    assert cleaned["application"] == {"name": clean_data(name), "owner": None}
    assert cleaned["results"] == [{"msg": to_lines(name), "blockers": [{"code": "x", "message": to_lines(name)}]}]
    assert cleaned["summary"] == {"gears_available": {clean_data(name): 3}}
    assert cleaned["error"] is None


def test_what_needs_no_change_is_not_copied() -> None:
    result = {"msg": "done", "results": [{"application": {"name": "Läden"}, "warnings": []}]}
    assert clean_result(result)["results"] is result["results"]
    assert clean_data(result) is result

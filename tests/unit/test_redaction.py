"""Credentials that a server repeats are found in whatever encoding, and texts without them stay as they are."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils.redaction import (
    HIDDEN,
    WITHHELD,
    Redactor,
    redactor_of,
)

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "upper case": lambda text: text.upper() if text.upper().casefold() == text.casefold() else text,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, url-safe": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64, within more": lambda text: base64.b64encode(f"x{text}yz".encode()).decode(),
    "percent": lambda text: quote(text, safe=""),
    "percent, all": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "form": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON, all": lambda text: "".join(f"\\u{ord(character):04x}" for character in text),
    "repr": repr,
    "bytes": lambda text: repr(text.encode()),
    "HTML": html.escape,
    "HTML, all": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "HTML, hex": lambda text: "".join(f"&#x{ord(character):x};" for character in text),
    "markup": lambda text: f"{text[:3]}<b>{text[3:]}</b>",
    "white space": lambda text: "\n ".join(list(text)),
    "hex": lambda text: text.encode().hex(),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "UTF-16, read as bytes": lambda text: text.encode("utf-16").decode("latin-1"),
}
#: Characters up to U+FFFF: ``\uXXXX`` of what is beyond takes two.
PASSWORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="<>", exclude_categories=("C", "Z")),
    min_size=8,
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(PASSWORDS, st.sampled_from(sorted(ENCODINGS)), st.sampled_from(["alice", "a.b@example.com"]))
def test_every_encoding_is_found(password: str, encoding: str, user: str) -> None:
    redactor = redactor_of(user, password, None)
    for repeated in (password, f"{user}:{password}"):
        assert redactor.clean(f"no such user ({ENCODINGS[encoding](repeated)}) here") == WITHHELD


@pytest.mark.parametrize("outer", ["base64", "percent", "JSON, all", "HTML, all", "percent, all"])
@pytest.mark.parametrize("inner", ["base64", "base64, url-safe", "percent", "JSON", "HTML", "hex"])
@pytest.mark.parametrize("password", ["CANARY  two spaces", 'p/w+ä"\\&%41', "line\nend-secret", "t0k3n" * 10])
def test_encodings_of_encodings_are_found(password: str, inner: str, outer: str) -> None:
    text = ENCODINGS[outer](ENCODINGS[inner](f"alice:{password}"))
    assert redactor_of("alice", password, None).clean(f"header: Basic {text}!") == WITHHELD


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_bodies_in_any_character_set_are_searched(charset: str) -> None:
    redactor = redactor_of("alice", "CANARY-ä-secret", None)
    for text in ("x CANARY-ä-secret y", f"Basic {ENCODINGS['base64']('alice:CANARY-ä-secret')}"):
        assert redactor.is_held_by(text.encode(charset))
        assert not redactor.is_held_by("nothing of the kind here".encode(charset))


WORDS = ["Application", "wiki", "is", "not", "scalable", "100%", "a+b", "&amp;", "\\n", "x" * 30, "cannot", "ABCDEFGH"]


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_other_texts_stay_as_they_are(words: list[str]) -> None:
    text = " ".join(words)
    assert redactor_of("alice", "correct-horse-battery", "another-token").clean(text) == text
    assert Redactor().clean(text) == text


def test_a_short_secret_is_hidden_as_a_word_of_its_own() -> None:
    redactor = redactor_of("alice", "wiki", None)
    assert redactor.clean("no user wiki, but wikipedia") == f"no user {HIDDEN}, but wikipedia"
    assert redactor.clean(f"Basic {ENCODINGS['base64']('alice:wiki')}") == WITHHELD
    assert redactor.clean(f"got {ENCODINGS['base64']('wiki')}, no") == WITHHELD


def test_a_password_that_is_the_login_hides_no_login() -> None:
    text = "operator is currently using 3 out of 3 limit"
    assert redactor_of("operator", "operator", None).clean(text) == text


def test_a_part_that_the_other_side_has_left_is_found() -> None:
    redactor = redactor_of("alice", "correct-horse", None)
    assert redactor.clean(ENCODINGS["base64"]("alice:correct-horse")[:20] + "…") == WITHHELD


@pytest.mark.parametrize("proxy", ["http://u:pr0xy%40pass@proxy:3128", "http://u:pr0xy@pass@@proxy:3128"])
def test_the_password_of_a_proxy_is_a_secret(proxy: str) -> None:
    redactor = redactor_of("alice", "correct-horse", None, {"https": proxy})
    assert redactor.clean(f"Failed to parse: {proxy}") == WITHHELD


def test_data_is_left_as_it_is_unless_it_can_only_be_an_echo() -> None:
    def withheld(password: str, value: str) -> object:
        data = {"list": [{"name": value}]}
        return redactor_of("alice", password, None).withhold(data, json.dumps(data).encode())["list"][0]["name"]

    assert withheld("wiki", "wiki") == "wiki"
    assert withheld("correcthorse", "correcthorse") == "correcthorse"
    assert withheld("correct horse", "a correct horse") is None
    assert withheld("wiki", f"Basic {ENCODINGS['base64']('alice:wiki')}") is None
    assert withheld("correct/horse", "http://shop/?p=correct/horse") is None

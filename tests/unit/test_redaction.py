"""Repeated credentials are found in every encoding. Texts without credentials stay unchanged."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.decoding import (
    MOST_CHARACTERS,
    count_characters,
    matches_any_view,
    simplify,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.redaction import (
    HIDDEN,
    LONG,
    WITHHELD,
    Redactor,
    build_redactor,
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
    "JSON, all": lambda text: re.sub("(....)", r"\\u\1", text.encode("utf-16-be").hex()),
    "repr": repr,
    "bytes": lambda text: repr(text.encode()),
    "HTML": html.escape,
    "HTML, all": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "HTML, hex": lambda text: "".join(f"&#x{ord(character):x};" for character in text),
    "markup": lambda text: f"{text[:3]}<b>{text[3:]}</b>",
    "white space": lambda text: "\n ".join(list(text)),
    "hex": lambda text: text.encode().hex(),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "UTF-8, read as Latin-1": lambda text: text.encode().decode("latin-1"),
    "UTF-16, read as bytes": lambda text: text.encode("utf-16").decode("latin-1"),
}
#: Encodings that often surround others.
OUTER = {
    name: ENCODINGS[name]
    for name in (
        "plain",
        "base64",
        "base64, url-safe",
        "base64, within more",
        "percent",
        "percent, all",
        "form",
        "JSON",
        "repr",
        "HTML",
        "HTML, hex",
        "hex",
        "white space",
    )
}
PASSWORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x1FFFF, exclude_categories=("C", "Z", "M")), min_size=8, max_size=20
).filter(lambda text: count_characters(simplify(text)) >= LONG)


#: Characters that another form of Unicode writes in another way, some of them with a space.
UNUSUAL = st.sampled_from(
    "\u00b8\u00b4\u02db\u00a8\ufb01\u01c5\u1e9e\u0130\u0149\uff9e\uff8a\ud55c\u2026\u00bc\uff1c&\u00c3\u00e7"
)


@settings(max_examples=400, deadline=None)
@given(
    PASSWORDS | st.text(UNUSUAL | st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=14),
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from(sorted(OUTER)),
    st.sampled_from(["alice", "a.b@x"]),
)
@example("00000<C\u00b8", "HTML", "white space", "alice")
@example("Ŭ맓뾯쏭=ċaŏ", "UTF-8, read as Latin-1", "base64", "alice")
@example("correct-h\u00e8&se", "UTF-8, read as Latin-1", "white space", "alice")
def test_every_encoding_is_found(password: str, inner: str, outer: str, user: str) -> None:
    # Text that was read in the wrong character set counts as two encodings.
    assume(outer == "plain" or not inner.startswith("UTF-16"))
    redactor = build_redactor(user, password, None)
    for repeated in (password, f"{user}:{password}"):
        text = OUTER[outer](ENCODINGS[inner](repeated))
        assert redactor.clean(f"no such user ({text}) here") == WITHHELD


@given(st.text(UNUSUAL | st.characters(exclude_categories=("C",)), max_size=12))
@example("\u0345\u00b8")
def test_white_space_and_the_form_of_unicode_make_no_difference(text: str) -> None:
    written = [" ".join(text), *(unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD"))]
    written += ["".join(each.split()) for each in written]
    assert {simplify(each) for each in [simplify(text), *written]} == {simplify(text)}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_texts_without_a_secret_stay_unchanged(text: str) -> None:
    assert build_redactor("alice", "correct-horse-battery", None).clean(text) == text


@pytest.mark.parametrize("outer", ["base64", "percent", "JSON, all", "HTML, all", "percent, all"])
@pytest.mark.parametrize("inner", ["base64", "base64, url-safe", "percent", "JSON", "HTML", "hex"])
@pytest.mark.parametrize("password", ["CANARY  two spaces", 'p/w+ä"\\&%41', "line\nend-secret", "t0k3n" * 10])
def test_encodings_of_encodings_are_found(password: str, inner: str, outer: str) -> None:
    text = ENCODINGS[outer](ENCODINGS[inner](f"alice:{password}"))
    assert build_redactor("alice", password, None).clean(f"header: Basic {text}!") == WITHHELD


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_bodies_in_any_character_set_are_searched(charset: str) -> None:
    redactor = build_redactor("alice", "CANARY-ä-secret", None)
    for text in ("x CANARY-ä-secret y", f"Basic {ENCODINGS['base64']('alice:CANARY-ä-secret')}"):
        assert redactor.finds_secret_in(text.encode(charset))
        assert not redactor.finds_secret_in("nothing of the kind here".encode(charset))


WORDS = ["Application", "wiki", "is", "not", "scalable", "100%", "a+b", "&amp;", "\\n", "x" * 30, "cannot", "ABCDEFGH"]


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_ordinary_texts_stay_unchanged(words: list[str]) -> None:
    text = " ".join(words)
    assert build_redactor("alice", "correct-horse-battery", "another-token").clean(text) == text
    assert Redactor().clean(text) == text


def test_a_short_secret_is_hidden_as_a_separate_word() -> None:
    redactor = build_redactor("alice", "wiki", None)
    assert redactor.clean("no user wiki, but wikipedia") == f"no user {HIDDEN}, but wikipedia"
    assert redactor.clean(f"Basic {ENCODINGS['base64']('alice:wiki')}") == WITHHELD
    assert redactor.clean(f"got {ENCODINGS['base64']('wiki')}, no") == WITHHELD


def test_a_password_that_is_the_login_hides_no_login() -> None:
    text = "operator is currently using 3 out of 3 limit"
    assert build_redactor("operator", "operator", None).clean(text) == text


def test_a_part_of_a_secret_is_found() -> None:
    redactor = build_redactor("alice", "correct-horse", None)
    assert redactor.clean(ENCODINGS["base64"]("alice:correct-horse")[:20] + "…") == WITHHELD


@pytest.mark.parametrize("proxy", ["http://u:pr0xy%40pass@proxy:3128", "http://u:pr0xy@pass@@proxy:3128"])
def test_the_password_of_a_proxy_is_a_secret(proxy: str) -> None:
    redactor = build_redactor("alice", "correct-horse", None, {"https": proxy})
    assert redactor.clean(f"Failed to parse: {proxy}") == WITHHELD


def test_only_certain_echoes_are_withheld_from_data() -> None:
    def withheld(password: str, value: str) -> object:
        data = {"list": [{"name": value}]}
        return build_redactor("alice", password, None).withhold(data, json.dumps(data).encode())["list"][0]["name"]

    assert withheld("wiki", "wiki") == "wiki"
    assert withheld("correcthorse", "correcthorse") == "correcthorse"
    assert withheld("correct horse", "a correct horse") is None
    assert withheld("wiki", f"Basic {ENCODINGS['base64']('alice:wiki')}") is None
    assert withheld("correct/horse", "http://shop/?p=correct/horse") is None


@pytest.mark.parametrize("encoding", ["percent, all", "HTML, all", "JSON, all", "hex", "base64", "quoted-printable"])
def test_an_encoded_short_secret_is_found(encoding: str) -> None:
    redactor = build_redactor("alice", "wiki", None)
    assert redactor.clean(f"no such user ({ENCODINGS[encoding]('wiki')}) here") == WITHHELD
    assert redactor.finds_secret_in(f"no such user ({ENCODINGS[encoding]('wiki')}) here".encode())


def test_the_shortest_secrets_keep_texts_readable() -> None:
    text = "Application wiki: 3 gears of 5 (100%) are started; see https://example.com/x?a=b&c=d"
    assert build_redactor("alice", "a", None).clean(text).count(HIDDEN) == 1
    assert build_redactor("alice", "zq", None).clean(text) == text


def test_ordinary_names_are_no_echoes() -> None:
    redactor = build_redactor("alice", "correcthorse", None)
    for name in ("correcthorse", "shop", "php-5.4", "alice@example.com", "a_b", "wiki: the \u00e4pp", "", None):
        assert not redactor.finds_secret_in_name(name)
    for name in (f"Basic {ENCODINGS['base64']('alice:correcthorse')}", "correct%68orse", "alice:correcthorse"):
        assert redactor.finds_secret_in_name(name)


def test_only_the_searched_part_is_shown() -> None:
    redactor = build_redactor("alice", "correct horse", None)
    for before in range(0, 10_000, 7):
        text = redactor.clean("x" + " " * before + "correct horse")
        assert text == WITHHELD or "c" not in text


def test_encodings_of_a_secret_are_withheld_from_data() -> None:
    redactor = build_redactor("alice", "correcthorse", None)
    for encoding in ("base64", "base64, url-safe"):
        data = {"name": ENCODINGS[encoding]("alice:correcthorse"), "other": "shop"}
        assert redactor.withhold(data, json.dumps(data).encode()) == {"name": None, "other": "shop"}


def test_a_redactor_does_not_show_its_secrets() -> None:
    assert "correct" not in repr(
        build_redactor("alice", "correct-horse", "correct-token", {"http": "http://u:correct@p"})
    )


HOSTILE = {
    "tags": "<" * 60_000,
    "comments": "<!--" * 15_000,
    "entities": "&amp;" * 12_000,
    "backslashes": "\\" * 60_000,
    "percents": "%25" * 20_000,
    "everything": "%41\\u0041&#65;=41 <b>QUJD</b> 414243 ''+\"\"\u00c3\u00a4 1, 2, 3, 4 a\0b\0" * 1_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_search_is_bounded(kind: str) -> None:
    texts: list[str] = []
    matches_any_view([HOSTILE[kind][:8_192]], lambda view: bool(texts.append(view)))
    assert sum(map(len, texts)) < MOST_CHARACTERS + 100_000
    assert len(texts) == len(set(texts))


def test_a_text_with_too_many_views_counts_as_an_echo() -> None:
    assert matches_any_view([str(number) * 40_000 for number in range(10, 99)], lambda _view: False)

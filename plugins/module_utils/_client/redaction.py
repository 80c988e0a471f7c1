# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove credentials that a server repeats from everything that is shown. Pure.

The broker, or a server in front of it, may repeat a request in any encoding. So a text from the network is decoded in
all likely ways. If one of the results contains a secret, the whole text is withheld: in an encoded text, the place of
the secret is uncertain. Redact a text before it is cut, squeezed or quoted: a part of a secret cannot be recognised.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.decoding import (
    count_characters,
    decode_once,
    matches_any_view,
    read_as_texts,
    simplify,
)

#: Shown instead of a text that repeats credentials.
WITHHELD = "(the text is withheld because it may repeat the credentials)"
#: Shown instead of a short secret that is a separate word.
HIDDEN = "********"
#: Shorter secrets may be parts of words, so they are only found as separate words.
LONG = 6
#: Even shorter secrets are not searched in decoded texts: random texts contain them.
TINY = 4
#: A secret of letters and digits may also be a name, unless it has at least this length.
NO_NAME = 32
#: A shorter encoded secret may also be a name.
LONG_ENCODING = 12
#: The number of characters that are searched. Fewer may be shown, because a secret may cross the end.
SEARCHED, SHOWN = 8_192, 4_096

#: Ordinary names of applications, domains, cartridges and accounts: nothing in them to decode.
_NAME = re.compile(r"[A-Za-z0-9]{1,32}(?:[.@_-][A-Za-z0-9]{1,32}){0,8}")


@dataclass(frozen=True)
class Redactor:
    """Finds and hides secrets in texts. ``secrets`` are plain values; ``pairs`` have the form ``user:password``."""

    secrets: tuple[str, ...] = field(default=(), repr=False)
    pairs: tuple[str, ...] = field(default=(), repr=False)

    def clean(self, text: str) -> str:
        """The beginning of ``text`` (``SHOWN`` characters), or ``WITHHELD`` if it contains an encoded or long secret.

        ``HIDDEN`` replaces a short secret that is a separate word.
        """
        return WITHHELD if self.finds_secret_in(text) else self._hide_words(text[:SEARCHED])[:SHOWN]

    def finds_secret_in(self, content: str | bytes) -> bool:
        """Whether a text, or the body of an answer in any character set, contains a secret.

        Only the beginning is searched. A short secret counts only if it is encoded: ``clean`` replaces the others.
        """
        if not (self._needles or self._words):
            return False
        first, *others = read_as_texts(content[:SEARCHED])
        return matches_any_view([self._hide_words(first), *others], self._contains_secret)

    def finds_secret_in_name(self, name: str | None) -> bool:
        """Whether a name from the server contains a secret. An ordinary name does not, even if it equals a secret."""
        if not name or _NAME.fullmatch(name):
            return False
        if name not in self._names:
            self._names[name] = self.finds_secret_in(name)
        return self._names[name]

    def may_withhold(self, body: bytes) -> bool:
        """Whether ``withhold`` may find a text in the data of ``body``. Usually, this search is its only cost."""
        return any(form in body for form in self._echo_forms)

    def withhold(self, data: Any, body: bytes) -> Any:
        """``data``, parsed from ``body``, with ``None`` instead of every text that certainly repeats a secret.

        Possible names stay: the name of an application may equal a password.
        """
        if not self.may_withhold(body):
            return data
        echoes = [simplify(echo) for echo in self._echoes]

        def is_echo(text: str) -> bool:
            return matches_any_view([text], lambda view: any(echo in simplify(view) for echo in echoes))

        return _withhold_echoes(data, is_echo)

    def _contains_secret(self, view: str) -> bool:
        """Whether a view contains a secret."""
        text = simplify(view)
        return any(needle in text for needle in self._needles) or any(word.search(view) for word in self._words)

    def _hide_words(self, text: str) -> str:
        for word in self._short_words:
            text = word.sub(HIDDEN, text)
        return text

    @cached_property
    def _names(self) -> dict[str, bool]:
        """The results for names that were already searched: a fleet may have the same owner a thousand times."""
        return {}

    @cached_property
    def _needles(self) -> tuple[str, ...]:
        """The texts that no view may contain. Views of the secrets, too: a server may decode a part of its answer."""
        texts = [*self.secrets, *self.pairs, *filter(None, map(_cut_password, self.pairs))]
        views = {simplify(view) for text in texts for view in (text, *decode_once(text))}
        return tuple(sorted(view for view in views if count_characters(view) >= LONG))

    @cached_property
    def _short_words(self) -> tuple[re.Pattern[str], ...]:
        return tuple(_compile_word(secret) for secret in self.secrets if secret.split() and _is_short(secret))

    @cached_property
    def _words(self) -> tuple[re.Pattern[str], ...]:
        """The separate words that no view may contain: short secrets, and encodings of the shortest ones."""
        short = [text for text in (*self.secrets, *self.pairs) if text.split() and _is_short(text)]
        forms = {form for text in short for form in encode_all(text)}
        forms |= {text for text in short if count_characters(simplify(text)) >= TINY}
        return tuple(_compile_word(form) for form in sorted(forms))

    @cached_property
    def _echoes(self) -> tuple[str, ...]:
        """The secrets and encodings that certainly are no name, address or other data of a broker."""
        long = [secret for secret in self.secrets if not _is_short(secret)]
        certain = [secret for secret in long if not secret.isalnum() or len(secret) >= NO_NAME]
        encoded = [form for text in (*long, *self.pairs) for form in encode_base64(text) if len(form) >= LONG_ENCODING]
        return tuple(dict.fromkeys([*certain, *encoded]))

    @cached_property
    def _echo_forms(self) -> tuple[bytes, ...]:
        return tuple(sorted({form for echo in self._echoes for form in _list_json_forms(echo)}))


def build_redactor(
    username: str | None, password: str | None, token: str | None, proxies: Mapping[str, str] | None = None
) -> Redactor:
    """The redactor for these credentials, and for those in the addresses of ``proxies``."""
    of_proxies = [found for address in (proxies or {}).values() for found in _find_credentials(address)]
    # A password that equals the login cannot be distinguished from it.
    own = password if password and password.casefold() != (username or "").casefold() else None
    secrets = [secret for secret in (own, token, *(secret for _user, secret in of_proxies)) if secret]
    pairs = [f"{username or ''}:{password}"] if password else []
    pairs += [f"{user}:{secret}" for user, secret in of_proxies]
    return Redactor(tuple(dict.fromkeys(secrets)), tuple(dict.fromkeys(pairs)))


def encode_all(text: str) -> list[str]:
    """``text`` in Base64, and as lower-case and upper-case hexadecimal digits."""
    digits = text.encode("utf-8", "surrogateescape").hex()
    return [*encode_base64(text), digits, digits.upper()]


def encode_base64(text: str) -> list[str]:
    """``text`` in Base64 without padding, in both alphabets if they differ."""
    raw = text.encode("utf-8", "surrogateescape")
    both = [base64.b64encode(raw), base64.urlsafe_b64encode(raw)]
    return list(dict.fromkeys(each.decode("ascii").rstrip("=") for each in both))


def _find_credentials(address: str) -> Iterator[tuple[str, str]]:
    """User and password in an address such as ``http://user:password@proxy:3128``, both encoded and decoded."""
    before, at, _host = address.rpartition("@")
    if not at:
        return
    user, _colon, rest = before.rpartition("//")[2].partition(":")
    try:
        parts = urlsplit(address)
        found = {(parts.username or "", parts.password or ""), (user, rest)}
    except ValueError:
        found = {(user, rest)}
    for name, password in sorted(found):
        if password:
            yield name, password
            yield unquote(name), unquote(password)


def _cut_password(pair: str) -> str:
    """The user and a part of the password of ``user:password``: a server may cut the rest."""
    user, colon, password = pair.partition(":")
    return f"{user}{colon}{password[: max(3, len(password) // 2)]}" if user and len(password) >= LONG else ""


def _is_short(text: str) -> bool:
    return count_characters(simplify(text)) < LONG


def _compile_word(text: str) -> re.Pattern[str]:
    """A pattern that finds ``text`` as a separate word, with any white space between its parts."""
    before = r"(?<![\w+/=-])" if re.match(r"\w", text) else ""
    after = r"(?![\w+/-])" if re.search(r"\w\Z", text) else ""
    return re.compile(before + r"\s+".join(map(re.escape, text.split())) + after, re.IGNORECASE)


def _list_json_forms(text: str) -> Iterable[bytes]:
    """The forms of ``text`` in JSON: a part that has only one form, or else all forms of the whole."""
    part = max(re.findall("[A-Za-z0-9]+", text), key=len, default="")
    if len(part) >= LONG_ENCODING:
        yield part.encode("ascii")
        return
    for form in (text, quote(text, safe=""), escape(text)):
        for written in (json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1]):
            yield written.encode("utf-8", "surrogateescape")
            yield written.replace("/", "\\/").encode("utf-8", "surrogateescape")


def _withhold_echoes(data: Any, is_echo: Callable[[str], bool]) -> Any:
    if isinstance(data, str):
        return None if is_echo(data) else data
    if isinstance(data, Mapping):
        return {key: _withhold_echoes(value, is_echo) for key, value in data.items()}
    if isinstance(data, list):
        return [_withhold_echoes(value, is_echo) for value in data]
    return data

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep credentials that a server repeats out of everything that is shown. Pure.

A server, or what is in front of it, may repeat what it was sent, in any encoding. So a text that came over the network
is decoded in every way that is likely, and is withheld as a whole if one of the results holds a secret: to cut the
secret out of an encoded text would be a guess. This has to happen before a text is cut, squeezed or quoted, because
a part of a secret is not recognised any more.
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
    first_views,
    is_in_a_view,
    length_of,
    plain,
    texts_of,
)

#: Shown instead of a text that repeats credentials.
WITHHELD = "(the text is withheld because it may repeat the credentials)"
#: Shown instead of a short secret that stands as a word of its own.
HIDDEN = "********"
#: A shorter secret may be a part of any word, so it is only looked for as a word of its own.
LONG = 6
#: A still shorter one would be found in any text that is decoded by chance.
TINY = 4
#: Secrets of letters and digits may be names as well: only from this length on they are certainly none.
NO_NAME = 32
#: A shorter encoding may be a name as well.
LONG_ENCODING = 12
#: Characters of a text that are searched, and those of them that may be shown: a secret may lie across the end.
SEARCHED, SHOWN = 8_192, 4_096

#: Names of applications, domains, cartridges and accounts that are no encoding: nothing to decode.
_NAME = re.compile(r"[A-Za-z0-9]{1,32}(?:[.@_-][A-Za-z0-9]{1,32}){0,8}")


@dataclass(frozen=True)
class Redactor:
    """Finds and hides secrets in texts; ``secrets`` in plain, ``pairs`` as ``user:password``."""

    secrets: tuple[str, ...] = field(default=(), repr=False)
    pairs: tuple[str, ...] = field(default=(), repr=False)

    def clean(self, text: str) -> str:
        """The beginning of ``text`` (``SHOWN`` characters), or ``WITHHELD`` if it holds a secret in any encoding.

        A short secret that stands as a word of its own is replaced by ``HIDDEN``.
        """
        return WITHHELD if self.is_held_by(text) else self._without_words(text[:SEARCHED])[:SHOWN]

    def is_held_by(self, content: str | bytes) -> bool:
        """Whether a text, or the body of an answer in whatever character set, holds a secret.

        Only the beginning is searched. A short secret counts where it was encoded: ``clean`` replaces it elsewhere.
        """
        if not (self._needles or self._words):
            return False
        as_it_is, *otherwise = texts_of(content[:SEARCHED])
        return is_in_a_view([self._without_words(as_it_is), *otherwise], self._is_in)

    def is_held_by_name(self, name: str | None) -> bool:
        """Whether a name that the server gives holds a secret; an ordinary name is not one, even if it equals one."""
        if not name or _NAME.fullmatch(name):
            return False
        if name not in self._names:
            self._names[name] = self.is_held_by(name)
        return self._names[name]

    def withhold(self, data: Any, body: bytes) -> Any:
        """``data``, parsed from ``body``, with ``None`` in place of every text that can only be an echo.

        What may be a name is left as it is: an application may be called like a password. Costs no more than a search
        in ``body`` where there is no echo.
        """
        if not any(form in body for form in self._echo_forms):
            return data
        echoes = [plain(echo) for echo in self._echoes]

        def is_echo(text: str) -> bool:
            return is_in_a_view([text], lambda view: any(echo in plain(view) for echo in echoes))

        return _without(data, is_echo)

    def _is_in(self, view: str) -> bool:
        """Whether a decoded text holds a secret."""
        shown = plain(view)
        return any(needle in shown for needle in self._needles) or any(word.search(view) for word in self._words)

    def _without_words(self, text: str) -> str:
        for word in self._short_words:
            text = word.sub(HIDDEN, text)
        return text

    @cached_property
    def _names(self) -> dict[str, bool]:
        """Names that were searched: a fleet has the same owner a thousand times."""
        return {}

    @cached_property
    def _needles(self) -> tuple[str, ...]:
        """What no decoded text may hold. Decoded as well: what is in front of the broker may do that to a part."""
        texts = [*self.secrets, *self.pairs, *filter(None, map(_beginning, self.pairs))]
        views = {plain(view) for text in texts for view in (text, *first_views(text))}
        return tuple(sorted(view for view in views if length_of(view) >= LONG))

    @cached_property
    def _short_words(self) -> tuple[re.Pattern[str], ...]:
        return tuple(_as_word(secret) for secret in self.secrets if secret.split() and _is_short(secret))

    @cached_property
    def _words(self) -> tuple[re.Pattern[str], ...]:
        """What no decoded text may hold as a word of its own: short secrets, and encodings of the shortest."""
        short = [text for text in (*self.secrets, *self.pairs) if text.split() and _is_short(text)]
        forms = {form for text in short for form in encodings(text)}
        forms |= {text for text in short if length_of(plain(text)) >= TINY}
        return tuple(_as_word(form) for form in sorted(forms))

    @cached_property
    def _echoes(self) -> tuple[str, ...]:
        """What is no name, no address and no other data of a broker for certain."""
        long = [secret for secret in self.secrets if not _is_short(secret)]
        certain = [secret for secret in long if not secret.isalnum() or len(secret) >= NO_NAME]
        encoded = [form for text in (*long, *self.pairs) for form in in_base64(text) if len(form) >= LONG_ENCODING]
        return tuple(dict.fromkeys([*certain, *encoded]))

    @cached_property
    def _echo_forms(self) -> tuple[bytes, ...]:
        return tuple(sorted({form for echo in self._echoes for form in _json_forms(echo)}))


def redactor_of(
    username: str | None, password: str | None, token: str | None, proxies: Mapping[str, str] | None = None
) -> Redactor:
    """The redactor for these credentials and those in the addresses of ``proxies``."""
    of_proxies = [found for address in (proxies or {}).values() for found in _credentials_in(address)]
    # A password that is the login itself cannot be told from it.
    own = password if password and password.casefold() != (username or "").casefold() else None
    secrets = [secret for secret in (own, token, *(secret for _user, secret in of_proxies)) if secret]
    pairs = [f"{username or ''}:{password}"] if password else []
    pairs += [f"{user}:{secret}" for user, secret in of_proxies]
    return Redactor(tuple(dict.fromkeys(secrets)), tuple(dict.fromkeys(pairs)))


def encodings(text: str) -> list[str]:
    """``text`` in Base64 and as hexadecimal digits in both cases."""
    digits = text.encode("utf-8", "surrogateescape").hex()
    return [*in_base64(text), digits, digits.upper()]


def in_base64(text: str) -> list[str]:
    """``text`` in Base64, without padding, in each alphabet that makes a difference."""
    raw = text.encode("utf-8", "surrogateescape")
    both = [base64.b64encode(raw), base64.urlsafe_b64encode(raw)]
    return list(dict.fromkeys(each.decode("ascii").rstrip("=") for each in both))


def _credentials_in(address: str) -> Iterator[tuple[str, str]]:
    """User and password in an address such as ``http://user:password@proxy:3128``, as they stand and decoded."""
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


def _beginning(pair: str) -> str:
    """Of ``user:password`` the user and a part of the password: what is left where the other side has cut it."""
    user, colon, password = pair.partition(":")
    return f"{user}{colon}{password[: max(3, len(password) // 2)]}" if user and len(password) >= LONG else ""


def _is_short(text: str) -> bool:
    return length_of(plain(text)) < LONG


def _as_word(text: str) -> re.Pattern[str]:
    """Finds ``text`` as a word of its own, whatever white space it is written with."""
    before = r"(?<![\w+/=-])" if re.match(r"\w", text) else ""
    after = r"(?![\w+/-])" if re.search(r"\w\Z", text) else ""
    return re.compile(before + r"\s+".join(map(re.escape, text.split())) + after, re.IGNORECASE)


def _json_forms(text: str) -> Iterable[bytes]:
    """What a JSON document holds where it holds ``text``: a part that is always written alike, or all ways."""
    part = max(re.findall("[A-Za-z0-9]+", text), key=len, default="")
    if len(part) >= LONG_ENCODING:
        yield part.encode("ascii")
        return
    for form in (text, quote(text, safe=""), escape(text)):
        for written in (json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1]):
            yield written.encode("utf-8", "surrogateescape")
            yield written.replace("/", "\\/").encode("utf-8", "surrogateescape")


def _without(data: Any, is_echo: Callable[[str], bool]) -> Any:
    if isinstance(data, str):
        return None if is_echo(data) else data
    if isinstance(data, Mapping):
        return {key: _without(value, is_echo) for key, value in data.items()}
    if isinstance(data, list):
        return [_without(value, is_echo) for value in data]
    return data

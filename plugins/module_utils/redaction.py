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
import binascii
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit

#: Shown instead of a text that repeats credentials.
WITHHELD = "(the text is withheld because it repeats the credentials)"
#: Shown instead of a short secret that stands as a word of its own.
HIDDEN = "********"
#: A shorter secret may be a part of any word, so it is only looked for as a word of its own.
LONG = 6
#: Secrets of letters and digits may be names as well: only from this length on they are certainly none.
NO_NAME = 32
#: Bounds of the search: characters of a text, decodings of one another, and texts in all.
SEARCHED, DEPTH, MOST_VIEWS = 16_384, 3, 300

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[ :,-]?){4,}")
_MARKUP = re.compile(r"<[^>]*>")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[0-7]{3}|.)", re.DOTALL)
_QUOTED_PRINTABLE = re.compile(r"=([0-9A-Fa-f]{2})")
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Redactor:
    """Finds and hides secrets in texts; ``secrets`` in plain, ``basic`` as ``user:password``."""

    secrets: tuple[str, ...] = ()
    basic: str = ""

    def clean(self, text: str) -> str:
        """``text``, or ``WITHHELD`` if it holds a secret in any encoding.

        A short secret that stands as a word of its own is replaced by ``HIDDEN``.
        """
        if self.is_held_by(text):
            return WITHHELD
        for secret in self._short():
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text, flags=re.IGNORECASE)
        return text

    def is_held_by(self, content: str | bytes) -> bool:
        """Whether a text, or the body of an answer in whatever character set, holds a secret."""
        needles, words = self._needles(), self._encoded_words()
        return bool(needles or words) and any(
            any(needle in _plain(view) for needle in needles) or any(word.search(view) for word in words)
            for view in _views(content)
        )

    def withhold(self, data: Any, body: bytes) -> Any:
        """``data``, parsed from ``body``, with ``None`` in place of every text that can only be an echo.

        What may be a name is left as it is: an application may be called like a password. Costs no more than a search
        in ``body`` where there is no echo.
        """
        echoes = self._echoes()
        if not any(form in body for echo in echoes for form in _forms(echo)):
            return data
        return _without(data, lambda text: any(_plain(echo) in _plain(v) for v in _views(text) for echo in echoes))

    def _short(self) -> list[str]:
        return [secret for secret in self.secrets if 0 < len(_plain(secret)) < LONG]

    def _needles(self) -> list[str]:
        """What no text may hold once it is decoded and plain."""
        texts = [*self.secrets, self.basic, _beginning(self.basic)]
        return [plain for plain in map(_plain, texts) if len(plain) >= LONG]

    def _encoded_words(self) -> list[re.Pattern[str]]:
        """Encodings of secrets that are too short to be looked for in what is decoded."""
        short = [text for text in (*self.secrets, self.basic) if 0 < len(_plain(text)) < LONG]
        forms = sorted({form for text in short for form in _encodings(text)})
        return [re.compile(rf"(?<![\w+/=-]){re.escape(form)}(?![\w+/=-])") for form in forms]

    def _echoes(self) -> list[str]:
        """What is no name, no address and no other data of a broker for certain."""
        secrets = [s for s in self.secrets if len(_plain(s)) >= LONG and (not s.isalnum() or len(s) >= NO_NAME)]
        return secrets + [form for form in _encodings(self.basic)[:1] if len(form) >= 2 * LONG]


def redactor_of(
    username: str | None, password: str | None, token: str | None, proxies: Mapping[str, str] | None = None
) -> Redactor:
    """The redactor for these credentials and those in the addresses of ``proxies``."""
    of_proxies = [secret for address in (proxies or {}).values() for secret in _password_in(address)]
    # A password that is the login itself cannot be told from it.
    own = password if password and password.casefold() != (username or "").casefold() else None
    secrets = [secret for secret in (own, token, *of_proxies) if secret]
    return Redactor(tuple(dict.fromkeys(secrets)), f"{username or ''}:{password}" if password else "")


def _password_in(address: str) -> Iterator[str]:
    """The password in an address such as ``http://user:password@proxy:3128``, as it stands and decoded."""
    before, at, _host = address.rpartition("@")
    if not at:
        return
    try:
        password = urlsplit(address).password
    except ValueError:
        password = None
    for found in (password, before.rpartition(":")[2]):
        if found:
            yield from {found, unquote_plus(found)}


def _beginning(basic: str) -> str:
    """Of ``user:password`` the user and a part of the password: what is left where the other side has cut it."""
    user, colon, password = basic.partition(":")
    return f"{user}{colon}{password[: max(3, len(password) // 2)]}" if user and len(password) >= LONG else ""


def _encodings(text: str) -> list[str]:
    raw = text.encode("utf-8", "surrogateescape")
    base = base64.b64encode(raw).decode("ascii")
    return [base, base.rstrip("="), base64.urlsafe_b64encode(raw).decode("ascii"), raw.hex()] if raw else []


def _forms(text: str) -> set[bytes]:
    """How a text may stand in JSON."""
    forms = {text, text.replace("/", "\\/"), quote(text, safe=""), html.escape(text)}
    forms |= {text.encode("unicode_escape").decode("ascii"), text.replace("\\", "\\\\").replace('"', '\\"')}
    return {form.encode("utf-8", "surrogateescape") for form in forms if form}


def _without(data: Any, is_echo: Callable[[str], bool]) -> Any:
    if isinstance(data, str):
        return None if is_echo(data) else data
    if isinstance(data, Mapping):
        return {key: _without(value, is_echo) for key, value in data.items()}
    if isinstance(data, list):
        return [_without(value, is_echo) for value in data]
    return data


def _plain(text: str) -> str:
    """``text`` without white space, control characters and differences of case or width."""
    return _visible(unicodedata.normalize("NFKC", text).casefold())


def _visible(text: str) -> str:
    """Without white space, control characters and what stands for an unreadable character."""
    return "".join(c for c in text if c.isprintable() and not c.isspace() and c != "\N{REPLACEMENT CHARACTER}")


# --- Decoding --------------------------------------------------------------------------------------------------------


def _views(content: str | bytes) -> Iterator[str]:
    """The text and what comes of decoding it, and that again."""
    todo = [(text, 0) for text in _texts(content)]
    seen: set[str] = set()
    while todo and len(seen) < MOST_VIEWS:
        text, depth = todo.pop(0)
        if text in seen:
            continue
        seen.add(text)
        yield text
        if depth < DEPTH:
            todo += [(view, depth + 1) for decode in _DECODERS for view in decode(text) if view != text]


def _texts(content: str | bytes) -> Iterator[str]:
    """The content as text, in every character set that fits; a text may have been read in the wrong one."""
    if isinstance(content, str):
        yield content[:SEARCHED]
        try:
            raw = content[:SEARCHED].encode("latin-1")
        except UnicodeEncodeError:
            return
    else:
        raw = content[: 4 * SEARCHED]
        yield raw.decode("utf-8", "replace")
    if b"\0" in raw or raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            yield raw.decode(encoding, "ignore")
            yield raw[1:].decode(encoding, "ignore")
    if any(byte > 127 for byte in raw):
        yield raw.decode("latin-1")
        yield raw.decode("utf-8", "ignore")


def _unescaped(text: str) -> Iterable[str]:
    """Backslash escapes of JSON, Python and shells."""

    def character(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] in "uUx" and len(code) > 1:
            return chr(min(int(code[1:], 16), 0x10FFFF))
        if len(code) == 3:
            return chr(int(code, 8))
        return _CONTROL.get(code, code)

    if "\\" not in text:
        return []
    view = _ESCAPE.sub(character, text)
    # Pairs of surrogates, as JSON writes what is beyond the first 65,536 characters.
    return [view, *_as_bytes(view), view.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")]


def _as_bytes(text: str) -> list[str]:
    """A text whose characters are the bytes of another one."""
    try:
        return [text.encode("latin-1").decode("utf-8", "ignore")]
    except UnicodeEncodeError:
        return []


def _percent(text: str) -> Iterable[str]:
    return [unquote_plus(text), unquote_plus(text.replace("+", "%2B"))] if "%" in text or "+" in text else []


def _entities(text: str) -> Iterable[str]:
    return [html.unescape(text)] if "&" in text else []


def _compact(text: str) -> Iterable[str]:
    """Without white space and control characters, between which an encoded text may be spread."""
    compact = _visible(text)
    return [compact] if compact != text else []


def _markup(text: str) -> Iterable[str]:
    return [_MARKUP.sub("", text)] if "<" in text else []


def _printable(text: str) -> Iterable[str]:
    if not _QUOTED_PRINTABLE.search(text):
        return []
    joined = re.sub(r"=\r?\n", "", text)
    return _as_bytes(_QUOTED_PRINTABLE.sub(lambda found: chr(int(found[1], 16)), joined))


def _base64(text: str) -> Iterable[str]:
    """All runs decoded, from each of the four places where a group may begin."""
    runs = [run.replace("-", "+").replace("_", "/") for run in _BASE64.findall(text)]
    for start in range(4):
        decoded = [_decoded(run[start:]) for run in runs]
        if any(decoded):
            yield b" ".join(decoded).decode("utf-8", "ignore")


def _decoded(run: str) -> bytes:
    whole = run[: len(run) - (len(run) % 4 == 1)]
    try:
        return base64.b64decode(whole + "=" * (-len(whole) % 4))
    except (binascii.Error, ValueError):
        return b""


def _hex(text: str) -> Iterable[str]:
    runs = [re.sub("[^0-9A-Fa-f]", "", run) for run in _HEX.findall(text)]
    raw = b" ".join(bytes.fromhex(run[: len(run) // 2 * 2]) for run in runs)
    return [raw.decode("utf-8", "ignore")] if raw else []


_DECODERS: tuple[Callable[[str], Iterable[str]], ...] = (
    _unescaped,
    _percent,
    _entities,
    _markup,
    _compact,
    _base64,
    _printable,
    _hex,
)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decode a text in all likely ways, several times in a row. Pure.

A *view* is a decoded form of a text. A hostile server may send the texts. So every decoder runs in linear time, and the
number and the size of the views are limited.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator

#: Limits: decodings in a row, views, and characters in all views.
DEPTH, MOST_VIEWS, MOST_CHARACTERS = 4, 1_000, 1_000_000

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_HEX = re.compile(r"(?:(?:0x)?[0-9A-Fa-f]{2}[ :,;-]{0,2}){4,}[0-9A-Fa-f]?")
_NUMBERS = re.compile(r"(?:[0-9]{1,7}[,;\s]{1,4}){3,}[0-9]{1,7}")
_TAG = re.compile(r"<[^<>]*>")
_ESCAPE = re.compile(
    r"\\(?:[ux]\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([0-7]{3})|(.))", re.DOTALL
)
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_PERCENT = re.compile(r"%(?:([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))")
_QUOTED_PRINTABLE = re.compile(r"=(?:([0-9A-Fa-f]{2})|\r?\n)")
_HIGH_BYTES = re.compile("[\x80-\xff]{2,}")
#: Surrogates, to which Python decodes bytes that are not UTF-8, and the Latin-1 characters of these bytes.
_NOT_UTF8 = {0xDC00 + byte: byte for byte in range(0x80, 0x100)}
#: The characters of Windows-1252 that differ from Latin-1, and their bytes.
_WINDOWS = {ord(bytes([byte]).decode("cp1252", "replace")): byte for byte in range(0x80, 0xA0)}
_WINDOWS.pop(0xFFFD, None)
#: At least four characters that are neither control characters nor bytes that are not UTF-8. Zeros count: UTF-16.
_READABLE = re.compile("[^\x01-\x08\x0e-\x1f\x7f-\x9f\udc80-\udcff]{4,}")
_INVISIBLE = dict.fromkeys((*range(33), 127))
_WHITE_SPACE = dict.fromkeys(map(ord, " \t\r\n\v\f"))


def matches_any_view(texts: Iterable[str], matches: Callable[[str], bool]) -> bool:
    """Whether ``matches`` is true for one of the texts or one of their views.

    Also true when a limit is reached, because some views are unknown then.
    """
    todo = deque((text, 0) for text in texts)
    known: set[str] = set()
    characters = 0
    while todo:
        text, depth = todo.popleft()
        if text in known:
            continue
        known.add(text)
        characters += len(text)
        if matches(text) or len(known) > MOST_VIEWS or characters > MOST_CHARACTERS:
            return True
        if depth < DEPTH:
            todo.extend((view, depth + 1) for decode in _DECODERS for view in decode(text))
    return False


def decode_once(text: str) -> Iterator[str]:
    """What a server may turn a text into: it decodes a plain text, or lacks characters in its character set."""
    for decode in _SERVER_DECODERS:
        yield from decode(text)
    for charset in ("ascii", "latin-1"):
        for errors in ("replace", "ignore"):
            yield text.encode(charset, errors).decode(charset)


def read_as_texts(content: str | bytes) -> list[str]:
    """The content as text: first as it is probably shown, then in other possible character sets."""
    if isinstance(content, str):
        return [content, *_decode_wide(_restore_bytes(content))]
    texts = [content.decode("utf-8", "replace"), _read_bytes(content), content.decode("utf-8", "ignore")]
    return [*dict.fromkeys(texts), *_decode_wide(content)]


def simplify(text: str) -> str:
    """``text`` without white space, control characters and differences of case, width or composition.

    The result does not depend on whether a server removed the white space before or after it decoded the text.
    """
    if text.isascii():
        return text.translate(_INVISIBLE).lower()
    return _decompose(_decompose(text).casefold())


def _decompose(text: str) -> str:
    """``text`` without white space and control characters, in the fully decomposed form of Unicode.

    A character such as a cedilla decomposes to a space and a mark. Without the space, the mark belongs to the character
    before, and its place among the other marks of that character may change. So the text is normalized a second time.
    """
    return unicodedata.normalize("NFKD", _remove_invisible(unicodedata.normalize("NFKD", _remove_invisible(text))))


def count_characters(text: str) -> int:
    """The number of characters as users count them: a letter with its accents counts once."""
    return len(text if text.isascii() else unicodedata.normalize("NFC", text))


def _remove_invisible(text: str) -> str:
    """``text`` without white space, control characters and replacement characters."""
    if text.isascii():
        return text.translate(_INVISIBLE)
    return "".join(c for c in text if c.isprintable() and not c.isspace() and c != "\N{REPLACEMENT CHARACTER}")


# --- Bytes -----------------------------------------------------------------------------------------------------------


def _read_bytes(raw: bytes) -> str:
    """UTF-8; bytes that are not UTF-8 become characters of Latin-1."""
    return raw.decode("utf-8", "surrogateescape").translate(_NOT_UTF8)


def _restore_bytes(text: str) -> bytes:
    """The bytes of a text that was read as Latin-1."""
    return text.encode("latin-1", "replace")


def _decode_wide(raw: bytes, fewest_zeros: int = 1) -> list[str]:
    """The bytes as UTF-16 and UTF-32 from every possible start, if they contain a mark or enough zeros."""
    has_mark = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not has_mark and raw.count(0) < fewest_zeros:
        return []
    widths = [(16, 2), (32, 4)] if b"\0\0" in raw else [(16, 2)]
    starts = [(bits, start) for bits, width in widths for start in range(width)]
    return [raw[start:].decode(f"utf-{bits}-{order}", "ignore") for bits, start in starts for order in ("le", "be")]


def _keep_readable(raw: bytes) -> Iterator[str]:
    """Only the parts that can be text. A word that only looks encoded decodes to bytes that are rarely text."""
    text = raw.decode("utf-8", "surrogateescape")
    for view in (text, *_decode_mojibake(text)):
        yield " ".join(_READABLE.findall(view))


def _build_views(runs: Iterable[bytes]) -> Iterator[str]:
    """The readable parts of decoded bytes."""
    decoded = list(runs)
    yield from _keep_readable(b"\n".join(decoded))
    for raw in decoded:
        yield from _decode_wide(raw, 1 + len(raw) // 8)


def _reinterpret_characters(text: str) -> list[str]:
    """The views of a text whose characters may be single bytes of other characters."""
    return [text, *_decode_mojibake(text), *_decode_spread(text)]


# --- Decoders: each returns the views of a text, if any --------------------------------------------------------------


def _decode_mojibake(text: str) -> Iterable[str]:
    """Decode UTF-8 that was read as another character set."""
    if text.isascii():
        return []
    read = text.translate(_WINDOWS)
    view = _HIGH_BYTES.sub(lambda found: _read_bytes(_restore_bytes(found[0])), read)
    return [view] if view != read else []


def _decode_spread(text: str) -> Iterable[str]:
    """Decode UTF-16 or UTF-32 that was read as single bytes."""
    return _decode_wide(_restore_bytes(text), 1 + len(text) // 16) if "\0" in text else []


def _decode_backslashes(text: str) -> Iterable[str]:
    """Decode backslash escapes of JSON, Python, JavaScript and shells."""

    def character(found: re.Match[str]) -> str:
        braces, short, long, byte, octal, other = found.groups()
        if octal:
            return chr(int(octal, 8))
        if other:
            return _CONTROL.get(other, other)
        return chr(min(int(braces or short or long or byte, 16), 0x10FFFF))

    if "\\" not in text:
        return []
    # JSON writes characters above U+FFFF as pairs of surrogates.
    view = _ESCAPE.sub(character, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _reinterpret_characters(view)


def _decode_percent(text: str) -> Iterable[str]:
    """Decode the escapes of URLs and forms."""
    if "%" not in text and "+" not in text:
        return []
    found = [text, text.replace("+", " ")]
    decoded = [_PERCENT.sub(lambda match: chr(int(match[1] or match[2], 16)), each) for each in found]
    return [view for each in decoded for view in _reinterpret_characters(each)]


def _decode_entities(text: str) -> Iterable[str]:
    return [html.unescape(text)] if "&" in text else []


def _remove_markup(text: str) -> Iterable[str]:
    """Remove comments and tags."""
    if "<" not in text:
        return []
    first, *others = text.split("<!--")
    parts = [after if end else before for before, end, after in (other.partition("-->") for other in others)]
    return [_TAG.sub("", text), _TAG.sub("", first + "".join(parts))]


def _undouble_quotes(text: str) -> Iterable[str]:
    """Replace doubled quotes, which CSV, YAML and SQL use."""
    return [text.replace('""', '"').replace("''", "'")] if '""' in text or "''" in text else []


def _remove_white_space(text: str) -> Iterable[str]:
    """Remove white space and control characters, which may separate the characters of an encoded text."""
    if text.isascii():
        return [_remove_invisible(text)]
    # If the characters are bytes of other characters, control characters and Latin-1 spaces belong to the text.
    joined = text.translate(_WHITE_SPACE)
    return dict.fromkeys([joined, _remove_invisible(text), _remove_invisible(unicodedata.normalize("NFKC", text))])


def _decode_quoted_printable(text: str) -> Iterable[str]:
    if "=" not in text:
        return []
    return _reinterpret_characters(
        _QUOTED_PRINTABLE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "", text)
    )


def _decode_base64_runs(text: str) -> Iterable[str]:
    """Decode all runs from each of the four possible starts of a group."""
    runs = [run.replace("-", "+").replace("_", "/") for run in _BASE64.findall(text)]
    for start in range(4) if runs else ():
        yield from _build_views(_decode_base64(run[start:]) for run in runs)


def _decode_base64(run: str) -> bytes:
    whole = run[: len(run) - (len(run) % 4 == 1)]
    try:
        return base64.b64decode(whole + "=" * (-len(whole) % 4))
    except (binascii.Error, ValueError):
        return b""


def _decode_hex(text: str) -> Iterable[str]:
    """Decode all runs of hexadecimal digits. The character before may look like one more digit, so start twice."""
    runs = [re.sub("0x|[^0-9A-Fa-f]", "", run) for run in _HEX.findall(text)]
    for start in range(2) if runs else ():
        yield from _build_views(bytes.fromhex(run[start : start + (len(run) - start) // 2 * 2]) for run in runs)


def _decode_numbers(text: str) -> Iterable[str]:
    """Decode lists of the numbers of characters or bytes."""
    runs = [re.findall("[0-9]+", run) for run in _NUMBERS.findall(text)]
    if not runs:
        return []
    return _reinterpret_characters(" ".join("".join(chr(min(int(number), 0x10FFFF)) for number in run) for run in runs))


#: The decoders that a server may apply to a text that is not encoded.
_SERVER_DECODERS: tuple[Callable[[str], Iterable[str]], ...] = (
    _decode_backslashes,
    _decode_percent,
    _decode_entities,
    _remove_markup,
    _undouble_quotes,
    _decode_mojibake,
)
_DECODERS: tuple[Callable[[str], Iterable[str]], ...] = (
    *_SERVER_DECODERS,
    _decode_spread,
    _remove_white_space,
    _decode_quoted_printable,
    _decode_base64_runs,
    _decode_hex,
    _decode_numbers,
)

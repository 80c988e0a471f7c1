# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receive the body of an answer, and unpack it in small pieces. Its size is limited at every stage."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.exchange import Exchange
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import TooLarge, Unanswered

with suppress(ImportError):
    # session.py reports a missing library.
    import urllib3

if TYPE_CHECKING:
    import requests

#: The encodings that requests offer. Libraries for others cannot limit the size of what they unpack.
ACCEPTED = "gzip, deflate"
BLOCK = 65536
#: The most encodings of one answer, one over the other.
MOST_ENCODINGS = 5
UNREADABLE = "the broker's answer is incomplete or unreadable"
#: About how many bytes of memory each of these characters of JSON stands for: objects, lists, items, pairs.
MEMORY = {b"{": 100, b"[": 60, b",": 32, b":": 32}
#: The most memory for the data of an answer, as a multiple of its size limit. A broker's answer needs 4 times its size.
MOST_MEMORY = 6
#: Smaller answers are not checked: they cannot need much memory.
SMALL = 1024 * 1024
GZIP, ZLIB, RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


def receive(response: requests.Response, limit: int, exchange: Exchange) -> bytes:
    """The unpacked body of a streamed response. Raises ``BrokerError``."""
    names = response.headers.get("Content-Encoding", "").lower().split(",")
    encodings = [name.strip() for name in names if name.strip() not in ("", "identity")]
    if not encodings and _announced(response) > limit:
        raise _too_large(limit)
    try:
        body = unpack(_pieces(response.raw, exchange), encodings, limit, exchange.note_progress)
        _refuse_dense(body, limit)
        return body
    except MemoryError:
        raise TooLarge("the answer does not fit into the memory of the process") from None
    except (zlib.error, ValueError, OSError, HTTPException, urllib3.exceptions.HTTPError):
        # Not quoted: they contain what was received.
        raise Unanswered(UNREADABLE) from None


def _refuse_dense(body: bytes, limit: int) -> None:
    """Raise ``TooLarge`` for an answer of millions of tiny items, which needs up to 30 times its size when parsed."""
    if len(body) < SMALL or len(body) * max(MEMORY.values()) <= MOST_MEMORY * limit:
        return
    needed = sum(body.count(character) * size for character, size in MEMORY.items())
    if needed > MOST_MEMORY * limit:
        problem = f"the data of the answer needs more memory than {MOST_MEMORY} times max_response_size"
        raise TooLarge(f"{problem} ({limit} bytes)")


def _announced(response: requests.Response) -> int:
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def unpack(pieces: Iterable[bytes], encodings: list[str], limit: int, progress: Callable[[], None]) -> bytes:
    """Undo ``encodings``, the last one first. No stage may yield more than about ``limit`` bytes.

    ``progress`` is called for each piece. Raises ``BrokerError``, ``zlib.error`` or ``ValueError``.
    """
    if len(encodings) > MOST_ENCODINGS:
        raise ValueError("too many encodings")
    stage = iter(pieces)
    for name in reversed(encodings):
        if name not in ("gzip", "x-gzip", "deflate"):
            raise Unanswered("the broker's answer has an encoding that was not requested")
        # What cannot be packed grows a little.
        stage = _inflate(_limited(stage, limit, limit + limit // 100 + 4096, progress), name)
    body = io.BytesIO()
    for piece in _limited(stage, limit, limit, progress):
        body.write(piece)
    # This copies nothing, because the buffer is not used any more.
    return body.getvalue()


def _pieces(raw: Any, exchange: Exchange) -> Iterator[bytes]:
    for piece in raw.stream(BLOCK, decode_content=False):
        exchange.note_progress()
        yield piece


def _limited(pieces: Iterable[bytes], limit: int, most: int, progress: Callable[[], None]) -> Iterator[bytes]:
    """The same pieces, at most ``most`` bytes. ``limit`` is named in the error."""
    size = 0
    for piece in pieces:
        progress()
        size += len(piece)
        if size > most:
            raise _too_large(limit)
        yield piece


def _inflate(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Unpack a stream. A gzip stream may have several members; anything else after the first is ignored."""
    unpacker: Any = None
    members = 0
    for piece in pieces:
        left = piece
        while left:
            if unpacker is None:
                if members and (name == "deflate" or left[:1] != b"\x1f"):
                    return
                unpacker = zlib.decompressobj(_window(name, left))
                members += 1
            yield unpacker.decompress(left, BLOCK)
            left = unpacker.unconsumed_tail
            if unpacker.eof:
                left, unpacker = unpacker.unused_data, None
    while unpacker is not None and (rest := unpacker.decompress(b"", BLOCK)):
        yield rest
    if unpacker is not None and not unpacker.eof:
        raise ValueError("the packed answer is incomplete")


def _window(name: str, start: bytes) -> int:
    """zlib's parameter. Some servers send deflate without the header of zlib (RFC 1950)."""
    if name != "deflate":
        return GZIP
    has_header = start[0] & 0x8F == 8 and (len(start) == 1 or (start[0] * 256 + start[1]) % 31 == 0)
    return ZLIB if has_header else RAW


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the answer is larger than max_response_size ({limit} bytes)")

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of messages, and how text from elsewhere is shown. Pure.

Names and texts of a broker may contain anything: terminal sequences, line breaks, characters that reverse or hide what
follows, and lone surrogates, which no file and no terminal can hold. One of these functions processes each of them
before it is shown: ``escape_unprintable`` for a name, ``to_line`` for a text in one line, ``to_lines`` for a complete
message, and ``clean_data`` for data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

#: Characters that Python calls printable, but that show nothing: joiners and fillers.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U0001d159")
#: What data cannot carry: lone surrogates, which no file can hold, and control characters that JSON does not escape, so
#: that terminals and logs receive them wherever Ansible shows a result.
_NOT_IN_DATA = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: Where a result has texts for people, with line breaks or without. All other values are data.
_TEXTS = frozenset({"msg", "message", "headline", "summary", "error", "lines", "failure"})
_LINES = frozenset({"warnings", "detail"})

#: How many characters of an answer that is not the broker's are quoted.
QUOTED_CHARACTERS = 120

Item = TypeVar("Item")


def count_things(number: int, singular: str, plural: str = "") -> str:
    """``1 gear``, ``2,000 gears``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def count_gears(number: int) -> str:
    return count_things(number, "gear")


def count_instances(number: int) -> str:
    return count_things(number, "HAProxy instance")


def describe_maximum(maximum: int) -> str:
    """A maximum of gears; the broker writes "no limit" as -1."""
    return "none" if maximum == -1 else str(maximum)


def join_first(texts: Sequence[str], most: int) -> str:
    """The first ``most`` texts with commas, and how many more there are."""
    shown = first_of(texts, most)
    left = len(texts) - len(shown)
    return ", ".join(shown) + (f" and {left:,} more" if left else "")


def first_of(texts: Sequence[Item], most: int) -> Sequence[Item]:
    """The first ``most`` items, or all of them if only one more is left: it takes no more space than its count."""
    return texts if len(texts) <= most + 1 else texts[:most]


def squeeze(text: str, most: int = QUOTED_CHARACTERS) -> str:
    """``text`` as one line of at most ``most`` printable characters."""
    plain = to_line("".join(c if c.isprintable() else " " for c in text))
    return plain if len(plain) <= most else plain[:most] + "…"


def escape_unprintable(text: str, keep: str = "") -> str:
    """``text`` with a visible escape such as ``\\x1b`` or ``\\u202e`` for each character that is not printable.

    This includes control characters, line breaks, lone surrogates, and characters that have no width or change the
    direction of writing. ``keep``: characters that stay.
    """
    if text.isprintable() and _INVISIBLE.isdisjoint(text):
        return text
    return "".join(c if c in keep or _is_visible(c) else _escape(c) for c in text)


def to_line(text: str) -> str:
    """``text`` as one line: white space becomes single spaces, other characters that are not printable are escaped."""
    if text.isascii() and text.isprintable() and "  " not in text and text == text.strip(" "):
        return text
    return escape_unprintable(" ".join(text.split()))


def to_lines(text: str) -> str:
    """A complete message. Its line breaks stay, other characters that are not printable are escaped."""
    return escape_unprintable(text, keep="\n")


def clean_data(value: Any) -> Any:
    """Data that can be written as JSON in UTF-8, and shown: ``_NOT_IN_DATA`` becomes escapes, everything else stays.

    Strings in the keys and values of mappings and in lists are covered. What needs no change is not copied.
    """
    if isinstance(value, str):
        return _NOT_IN_DATA.sub(lambda found: _escape(found[0]), value)
    return _map_items(value, lambda _key, item: clean_data(item))


def clean_result(value: Any) -> Any:
    """The result of a task: texts for people without unprintable characters, data as ``clean_data`` returns it."""
    if isinstance(value, str):
        return clean_data(value)
    return _map_items(value, _clean_item)


def _clean_item(key: Any, value: Any) -> Any:
    """A text or a list of texts for people, or data."""
    if key not in _TEXTS and key not in _LINES:
        return clean_result(value)
    clean = to_lines if key in _TEXTS else escape_unprintable
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return _map_items(value, lambda _key, item: clean(item))
    return clean_result(value)


def _map_items(value: Any, change: Callable[[Any, Any], Any]) -> Any:
    """The mapping or list with ``change(key, item)`` for each item: the same object if nothing changes."""
    if isinstance(value, Mapping):
        pairs = [(clean_data(key), change(key, item)) for key, item in value.items()]
        same = all(key is old and item is value[old] for (key, item), old in zip(pairs, value))
        return value if same else dict(pairs)
    if isinstance(value, (list, tuple)):
        items = [change(None, item) for item in value]
        return value if all(new is old for new, old in zip(items, value)) else items
    return value


def _is_visible(character: str) -> bool:
    return character.isprintable() and character not in _INVISIBLE


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")

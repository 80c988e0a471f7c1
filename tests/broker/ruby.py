"""Conversions of request parameters, with the same results as the broker's own Ruby code.

The broker converts parameters from JSON bodies, forms and query strings in the same way. Which values count as a
number, as true or as absent is part of the protocol.
"""

from __future__ import annotations

import math
import re
from typing import Any

_DECIMAL = re.compile(r"\A\s*([+-]?)(0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB][01]+(?:_[01]+)*|0[oO]?[0-7]+(?:_[0-7]+)*"
                      r"|[0-9]+(?:_[0-9]+)*)\s*\Z")  # fmt: skip
_LEADING_FLOAT = re.compile(r"\A\s*[+-]?[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def integer(value: Any) -> int | None:
    """Return a parameter as an integer, or None if it is not one.

    A string may contain blanks, a sign, underscores and the prefixes 0x, 0b and 0 (octal). A JSON number is truncated.
    A string with a fraction is not an integer (transcript ``errors``: ``by=abc`` counts as absent).
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return _parse_integer(value)
    return None


def _parse_integer(text: str) -> int | None:
    match = _DECIMAL.match(text)
    if match is None:
        return None
    sign = -1 if match[1] == "-" else 1
    digits = match[2].replace("_", "").lower()
    if digits.startswith("0x"):
        return sign * int(digits[2:], 16)
    if digits.startswith("0b"):
        return sign * int(digits[2:], 2)
    if digits.startswith("0") and len(digits) > 1:
        return sign * int(digits.removeprefix("0o"), 8)
    return sign * int(digits)


def present(value: Any) -> Any:
    """Return the value, or None if it is null, false, an empty or blank string, or an empty list or map."""
    if value is None or value is False:
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, list | dict):
        return value or None
    return value


def leading_float(text: str | None) -> float:
    """Return the number at the start of a text, or 0.0 (transcript ``versions``: ``version=abc`` is 0.0)."""
    match = _LEADING_FLOAT.match(text or "")
    return float(match[0].replace("_", "")) if match else 0.0


def text(value: Any) -> str:
    """Return a parameter as text. Null becomes the empty string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def join_words(words: list[str]) -> str:
    """Join words in the style of the broker's messages: ``a``, ``a and b``, ``a, b, and c``."""
    if len(words) <= 1:
        return "".join(words)
    if len(words) == 2:
        return " and ".join(words)
    return ", ".join(words[:-1]) + ", and " + words[-1]


def count_noun(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 member``, ``2 members``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

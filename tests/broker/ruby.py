"""Conversions of request parameters, as lenient and as strict as the broker's own.

A parameter comes out of a JSON body, a form body or the query string. The broker reads all of them with
the same few conversions; what counts as a number, as true or as absent is therefore part of its protocol.
"""

from __future__ import annotations

import math
import re
from typing import Any

_DECIMAL = re.compile(r"\A\s*([+-]?)(0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB][01]+(?:_[01]+)*|0[oO]?[0-7]+(?:_[0-7]+)*"
                      r"|[0-9]+(?:_[0-9]+)*)\s*\Z")  # fmt: skip
_LEADING_FLOAT = re.compile(r"\A\s*[+-]?[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def integer(value: Any) -> int | None:
    """The integer that a parameter stands for, None when it stands for none.

    Strings may carry blanks, a sign, underscores and the prefixes 0x, 0b and 0 (octal); fractions are cut off
    from JSON numbers, but a fraction in a string is no integer (transcript ``errors``: ``by=abc`` counts as absent).
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return _integer_of_text(value)
    return None


def _integer_of_text(text: str) -> int | None:
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
    """The value itself, or None when it is blank: null, false, or an empty (or all blank) string, list or map."""
    if value is None or value is False:
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, list | dict):
        return value or None
    return value


def leading_float(text: str | None) -> float:
    """The number at the start of a text, 0.0 when there is none (transcript ``versions``: ``version=abc`` is 0.0)."""
    match = _LEADING_FLOAT.match(text or "")
    return float(match[0].replace("_", "")) if match else 0.0


def text(value: Any) -> str:
    """A parameter as text; null is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def sentence(words: list[str]) -> str:
    """A list of words as the broker writes it in a message: ``a``, ``a and b``, ``a, b, and c``."""
    if len(words) <= 1:
        return "".join(words)
    if len(words) == 2:
        return " and ".join(words)
    return ", ".join(words[:-1]) + ", and " + words[-1]


def count(number: int, noun: str) -> str:
    """``1 member``, ``2 members``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

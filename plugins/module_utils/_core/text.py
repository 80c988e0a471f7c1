# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of messages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

#: How many characters of an answer that is not the broker's are quoted.
QUOTED_CHARACTERS = 120

Item = TypeVar("Item")


def count_things(number: int, singular: str, plural: str = "") -> str:
    """``1 gear``, ``2 gears``."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


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
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= most else plain[:most] + "…"

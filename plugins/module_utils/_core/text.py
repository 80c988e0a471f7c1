# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pieces of text that messages are made of. Pure."""

from __future__ import annotations

#: How many characters of an answer that is not the broker's are quoted.
QUOTED_CHARACTERS = 120


def count_gears(count: int) -> str:
    return f"{count} gear" if count == 1 else f"{count} gears"


def squeeze(text: str, most: int = QUOTED_CHARACTERS) -> str:
    """``text`` as one line of printable characters, ``most`` of them."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= most else plain[:most] + "…"

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of results, as the report has them. Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import to_line

#: A larger number is not a number of gears.
_LARGEST = 10**15


def number(value: Any) -> int | None:
    if value.__class__ is int and -_LARGEST <= value <= _LARGEST:
        whole: int = value
        return whole
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return int(str(value)) if is_number else None


def line(value: object) -> str:
    """A value as one line of plain text, safe for terminals, pages and tables."""
    if isinstance(value, str):
        return to_line(value)
    return "" if value is None else to_line(f"{value}")

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find what Ansible has masked in data, because nobody must act on such data. Pure.

Ansible replaces every value that equals a secret, and every part of a text that does, in what a module returns. With
the password ``wiki`` the application of that name would have another name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: What Ansible puts in place of a value, and of a part of a text.
MASKS = ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "********")


def damaged_values(data: Any, path: str = "") -> Iterator[str]:
    """The paths, such as ``applications[3].name``, of the texts and keys in ``data`` that hold a mask."""
    if isinstance(data, str):
        if any(mask in data for mask in MASKS):
            yield path
    elif isinstance(data, Mapping):
        for key, value in data.items():
            if any(mask in str(key) for mask in MASKS):
                yield f"{path} (the name of a field)"
            else:
                yield from damaged_values(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, (list, tuple)):
        for number, value in enumerate(data):
            yield from damaged_values(value, f"{path}[{number}]")

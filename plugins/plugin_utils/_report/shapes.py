# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the data and the name of a report have the right shapes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable

#: Names of files that Windows cannot store, with any extension, and characters that it cannot store.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|\Z)", re.IGNORECASE)
_RESERVED = '<>"|?*'
#: Bytes. A file system allows 255, and a temporary file has a longer name.
LONGEST_NAME = 200


def find_name_problem(name: str) -> str:
    """Why the files of a report cannot have this name; empty if they can."""
    if not name.strip(". "):
        return "must not be empty or consist of dots"
    if "/" in name or "\\" in name:
        return "must not contain a path: set directory"
    if escape_unprintable(name) != name:
        return "must not contain characters that are not printable"
    if any(character in name for character in _RESERVED) or _DEVICE.match(name) or name != name.strip():
        return f"must be a name that every operating system allows: no spaces around it, none of {_RESERVED}, not NUL"
    if len(name.encode()) > LONGEST_NAME:
        return f"must not be longer than {LONGEST_NAME} bytes"
    return ""


def find_malformed(results: Iterable[Any]) -> Iterator[str]:
    """A sentence for each part of the results that is not what a module returns."""
    for number, result in enumerate(results):
        path = f"results[{number}]"
        if not isinstance(result, Mapping):
            yield _sentence(path, "a dictionary", result)
            continue
        for field in ("application", "before"):
            if not isinstance(result.get(field) or {}, Mapping):
                yield _sentence(f"{path}.{field}", "a dictionary", result[field])
            elif not is_list_of(Mapping, (result.get(field) or {}).get("problems") or []):
                yield _sentence(f"{path}.{field}.problems", "a list of dictionaries", result[field]["problems"])
        for field in ("steps", "blockers", "instances"):
            if not is_list_of(Mapping, result.get(field) or []):
                yield _sentence(f"{path}.{field}", "a list of dictionaries", result[field])
        if not isinstance(result.get("warnings") or [], (list, tuple)):
            yield _sentence(f"{path}.warnings", "a list", result["warnings"])


def is_list_of(kind: type, value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, kind) for item in value)


def _sentence(path: str, desired: str, value: Any) -> str:
    return f"{path}: must be {desired}, not {type(value).__name__}."

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read single fields of the broker's JSON: each function returns the value, or raises ``Unanswered``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Unanswered
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import clean_data

#: A larger number of gears or applications is not plausible.
LARGEST_NUMBER = 10**15
#: A longer name is not plausible, and would fill every message and log. The broker accepts at most 32 characters.
LONGEST_NAME = 255


#: What a name cannot have, because it would lead to another path.
_SEPARATORS = frozenset("/\\?#%;")


def is_mapping(data: object) -> bool:
    """Whether it is an object of JSON. The check of the type comes first, because it takes a tenth of the time."""
    return data.__class__ is dict or isinstance(data, Mapping)


def to_mapping(data: Any, what: str) -> Mapping[str, Any]:
    if not is_mapping(data):
        raise Unanswered(f"the broker's answer has no {what}: {type(data).__name__} instead of an object")
    mapping: Mapping[str, Any] = data
    return mapping


def to_text(fields: Mapping[str, Any], key: str, what: str) -> str:
    value = fields.get(key)
    if not value or not isinstance(value, str):
        raise malformed_error(what, key)
    return value


def is_name(text: str) -> bool:
    """Whether it can name something in a path. Dot segments and separators would lead to another path."""
    if text.isalnum():
        # The check that most names pass comes first.
        return len(text) <= LONGEST_NAME
    if text in ("", ".", "..") or len(text) > LONGEST_NAME:
        return False
    return _SEPARATORS.isdisjoint(text)


def is_sendable(text: str) -> bool:
    """Whether the broker can be asked about it: a name, without characters that are shown as escapes, or not at all."""
    return is_name(text) and (text.isalnum() or clean_data(text) == text)


def to_name(fields: Mapping[str, Any], key: str, what: str) -> str:
    """A text that is sent back in paths."""
    value = fields.get(key)
    if not isinstance(value, str) or not is_name(value):
        raise malformed_error(what, key)
    return value


def to_list(fields: Mapping[str, Any], key: str, what: str) -> list[Any]:
    value = fields.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise malformed_error(what, key)
    return value


def is_number(value: object) -> bool:
    """Whether it is a plausible whole number. Python cannot print numbers of some thousand digits."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER


def to_number(fields: Mapping[str, Any], key: str, what: str, least: int = 0) -> int:
    value = fields.get(key)
    if value.__class__ is int and least <= value < LARGEST_NUMBER:
        whole: int = value
        return whole
    if not is_number(value) or int(str(value)) < least:
        raise malformed_error(what, key)
    return int(str(value))


def to_number_or(fields: Mapping[str, Any], key: str, otherwise: int) -> int:
    """A number that may be missing, because it only helps to predict a refusal."""
    value = fields.get(key)
    if value.__class__ is int and -LARGEST_NUMBER < value < LARGEST_NUMBER:
        whole: int = value
        return whole
    return int(str(value)) if is_number(value) else otherwise


def to_flag(fields: Mapping[str, Any], key: str) -> bool:
    value = fields.get(key)
    if value is True or value is False:
        return value
    raise malformed_error("application", key)


def malformed_error(what: str, key: str) -> Unanswered:
    return Unanswered(f"the broker's answer is not usable: the {what} has no valid '{key}'")

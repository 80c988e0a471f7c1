# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a task's arguments as YAML and templates made them, before Ansible converts them. Pure.

Ansible turns a name such as ``012``, which YAML reads as the number 10, into the text "10" without a warning. It also
accepts ``true`` as 1 and ``1_000`` as 1000, and fails with a Python error for infinity.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Union

from ansible.module_utils.common.validation import check_type_dict

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable, join_first

#: The options that are names, or lists of names.
NAMES = frozenset(
    {"domain", "name", "cartridge", "domains", "names", "exclude", "owners", "login", "username", "impersonate_user"}
)
#: The largest whole number; a larger one is a typing error.
LARGEST = 1_000_000_000
#: The largest number that may be a name: names have at most 32 characters.
LARGEST_NAME = 10**32
#: A warning names at most this many options.
MOST_NAMED = 5

_WHOLE_NUMBER = re.compile(r"\s*[+-]?[0-9]+(\.0*)?\s*\Z", re.ASCII)
_NUMBER = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*\Z", re.ASCII)
_QUOTE_IT = "Put the name in quotes"
_NO_VALUE = f"has no value. {_QUOTE_IT} if it is called null."

Spec = Mapping[str, Mapping[str, Any]]


class ArgumentError(Exception):
    """Invalid arguments. The text has a sentence for each, which begins with the path of the option.

    ``options``: the names of these options, without suboptions.
    """

    def __init__(self, problems: Collection[Problem]) -> None:
        super().__init__(" ".join(f"{problem.path}: {problem.text}" for problem in problems))
        self.options = frozenset(re.split(r"[.\[]", problem.path)[0] for problem in problems)


@dataclass(frozen=True)
class Problem:
    """An invalid argument, with the path of its option, such as ``applications[3].name``."""

    path: str
    text: str


@dataclass(frozen=True)
class Numeral:
    """A name that is a number."""

    path: str
    name: int


Findings = Iterator[Union[Problem, Numeral]]


def check_arguments(spec: Spec, arguments: Mapping[str, Any], names: Collection[str] = NAMES) -> tuple[str, ...]:
    """Check names, numbers, dictionaries and lists. Returns warnings. Raises ``ArgumentError``.

    ``names``: the options that are names. Everything else is left to Ansible.
    """
    found = list(_check_options(spec, arguments, "", names))
    if problems := [each for each in found if isinstance(each, Problem)]:
        raise ArgumentError(problems)
    numerals = [f"{each.path} ({each.name})" for each in found if isinstance(each, Numeral)]
    if not numerals:
        return ()
    subject = "This name is a number, and is" if len(numerals) == 1 else "These names are numbers, and are"
    return (
        f"{subject} used as shown here: {join_first(numerals, MOST_NAMED)}. YAML may have changed "
        f"it: for example, 012 becomes 10. {_QUOTE_IT}.",
    )


def name_application(spec: Spec, arguments: Mapping[str, Any]) -> str:
    """The application of a task with invalid arguments, as far as its names are valid, for the message."""
    if not {"domain", "name"} <= spec.keys():
        return ""
    by_alias = [[arguments.get(key) for key in (name, *spec[name].get("aliases", ()))] for name in ("domain", "name")]
    given = [next((value for value in values if value not in (None, "")), None) for values in by_alias]
    valid = [value for value in given if isinstance(value, (str, int)) and not isinstance(value, bool)]
    return "/".join(map(_shorten, valid))


def add_warnings(result: Mapping[str, Any], warnings: Collection[str]) -> dict[str, Any]:
    """The result of a task with more warnings."""
    return {**result, "warnings": [*warnings, *result.get("warnings", ())]} if warnings else dict(result)


def _check_options(spec: Spec, arguments: Mapping[str, Any], prefix: str, names: Collection[str]) -> Findings:
    options = {alias: name for name, option in spec.items() for alias in (name, *option.get("aliases", ()))}
    for key, value in arguments.items():
        name = options.get(key)
        if name is None:
            continue
        path, option = f"{prefix}{key}", spec[name]
        if value is not None:
            yield from _check_option(option, value, path, name in names, names)
        elif name in names and option.get("required"):
            yield Problem(path, _NO_VALUE)
        elif option.get("default") is not None and option.get("type", "str") != "str":
            # Ansible would try to convert null.
            yield Problem(path, "has no value. Set one, or remove the option.")
    given = {options.get(key) for key in arguments}
    for name, option in spec.items():
        # Ansible does not report in which entry of a list an option is missing.
        if prefix and option.get("required") and name not in given:
            yield Problem(f"{prefix}{name}", "is missing.")


def _check_option(option: Mapping[str, Any], value: Any, path: str, is_name: bool, names: Collection[str]) -> Findings:
    kind = option.get("type", "str")
    if kind == "int":
        yield from _check_whole_number(value, path)
    elif kind == "float":
        yield from _check_number(value, path)
    elif kind == "dict":
        yield from _check_dictionary(option, value, path, names)
    elif kind == "list":
        yield from _check_list(option, value, path, is_name, names)
    elif kind == "str" and is_name:
        yield from _check_name(value, path)


def _check_dictionary(option: Mapping[str, Any], value: Any, path: str, names: Collection[str]) -> Findings:
    if isinstance(value, str):
        with suppress(TypeError):
            # Ansible also reads dictionaries in JSON, and key=value.
            value = check_type_dict(value)
    if isinstance(value, Mapping):
        yield from _check_options(option.get("options") or {}, value, f"{path}.", names)
    else:
        yield Problem(path, f"must be a dictionary, not {_describe(value)}.")


def _check_list(option: Mapping[str, Any], value: Any, path: str, is_name: bool, names: Collection[str]) -> Findings:
    if isinstance(value, Mapping) or (isinstance(value, (bool, float)) and not is_name):
        yield Problem(path, f"must be a list, not {_describe(value)}.")
        return
    if isinstance(value, str):
        # Ansible splits it at commas.
        for part in value.split(",") if option.get("elements") == "dict" else ():
            yield from _check_dictionary(option, part, path, names)
        return
    is_list = isinstance(value, (list, tuple))
    element = {**option, "type": option.get("elements", "str")}
    for number, item in enumerate(value if is_list else [value]):
        place = f"{path}[{number}]" if is_list else path
        if item is None and is_name:
            yield Problem(place, _NO_VALUE)
        elif item is not None or element["type"] == "dict":
            yield from _check_option(element, item, place, is_name, names)


def _check_name(value: Any, path: str) -> Findings:
    if isinstance(value, (bool, float, date)):
        reason = "YAML reads some words without quotes as such values"
        yield Problem(path, f"is {_describe(value)}, not a name. {reason}. {_QUOTE_IT}.")
    elif isinstance(value, (Mapping, list, tuple, set)):
        yield Problem(path, f"must be a name, not {_describe(value)}.")
    elif isinstance(value, int) and abs(value) > LARGEST_NAME:
        # Python refuses to write thousands of digits.
        yield Problem(path, f"is {_describe(value)}, not a name. {_QUOTE_IT}.")
    elif isinstance(value, int):
        yield Numeral(path, int(value))


def _check_whole_number(value: Any, path: str) -> Findings:
    number = value
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        number = int(value)
    if isinstance(value, str) and _WHOLE_NUMBER.match(value):
        # Python refuses to read thousands of digits.
        number = int(value.partition(".")[0]) if len(value) <= 20 else LARGEST + 1
    if isinstance(number, bool) or not isinstance(number, int):
        yield Problem(path, f"must be a whole number, not {_describe(value)}.")
    elif abs(number) > LARGEST:
        yield Problem(path, f"must be a whole number of at most {LARGEST:,}.")


def _check_number(value: Any, path: str) -> Findings:
    number = float(value) if isinstance(value, str) and _NUMBER.match(value) else value
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        yield Problem(path, f"must be a number, not {_describe(value)}.")
    elif number is value and isinstance(value, float) and not math.isfinite(value):
        yield Problem(path, f"must be a finite number, not {value}.")
    elif abs(number) > LARGEST:
        yield Problem(path, f"must be a number of at most {LARGEST:,}.")


def _describe(value: Any) -> str:
    """What a value is, in the words of YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"a boolean ({str(value).lower()})"
    if isinstance(value, (int, float)):
        return f"a number ({_shorten(value)})"
    if isinstance(value, date):
        return f"a date ({value})"
    if isinstance(value, str):
        return f"'{_shorten(value)}'"
    return "a dictionary" if isinstance(value, Mapping) else "a list"


def _shorten(value: Any, most: int = 40) -> str:
    try:
        text = escape_unprintable(str(value))
    except ValueError:
        # Python refuses to write thousands of digits.
        return "with too many digits"
    return text if len(text) <= most else f"{text[:most]}…"

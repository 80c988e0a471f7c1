# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpret the lines of ``broker.conf``, and plan which of them to change for the desired settings. Pure.

The broker reads lines ``NAME=VALUE``, with or without blanks around the ``=``. It removes quotes around the value and
everything after a ``#``. If several lines have the same name, the last one counts. Lines below a ``[section]`` are
ignored. With ``export`` in front, the line sets another name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Values that the broker takes as true, and values that clearly mean false, in lower case.
_TRUE = frozenset(("true", "t", "yes", "y", "1"))
_FALSE = frozenset(("false", "f", "no", "n", "0", ""))
_NAME = re.compile(r"[A-Z][A-Z0-9_]*\Z")
#: Words in names of secrets, and in comments that may contain one.
SECRET_WORDS = ("PASS", "SECRET", "SALT", "TOKEN", "CREDENTIAL", "MONGO_USER", "KEYVALUE", "API_KEY", "ACCESS_KEY")
_SECRET = re.compile("|".join(SECRET_WORDS))
#: The characters that Ruby treats as blanks.
_BLANKS = " \t\n\v\f\r"
_QUOTES = "\"'"
#: Characters that cannot be quoted in a way that both the broker and a shell understand.
_INVALID = re.compile(r"[\x00-\x1f\x7f\"'#\\$`]")
_ASSIGNMENT = re.compile(
    r"(?P<lead>[ \t]*)(?P<comment>#[# \t]*)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<sign>[ \t]*=[ \t]*)"
    r"(?P<rest>[^\r]*)(?P<end>\r*)\Z"
)
_SECTION = re.compile(r"[ \t]*\[[^=]+\][ \t\r]*\Z")
_QUOTED = re.compile(r"(?P<quote>[\"']).*?(?P=quote)(?P<tail>[ \t]*(?:#.*)?)\Z")
_BARE = re.compile(r"[^#]*?(?P<tail>[ \t]*(?:#.*)?)\Z")


class SettingError(Exception):
    """A setting that is invalid or cannot be written."""


@dataclass(frozen=True)
class Assignment:
    """A line that sets a value, or did so before it was commented out. ``number`` counts from 1."""

    number: int
    lead: str
    name: str
    sign: str
    quote: str
    value: str
    tail: str
    end: str
    active: bool

    def with_value(self, value: str) -> str:
        """The line with another value. A quote that ends its comment is removed if the broker would misread it."""
        quote = self.quote or ("" if value and " " not in value else '"')
        rest = f"{quote}{value}{quote}{self.tail}"
        if _effective_value(rest) != value:
            rest = f"{quote}{value}{quote}{self.tail.rstrip(_BLANKS + _QUOTES)}"
        return f"{self.lead}{self.name}{self.sign}{rest}{self.end}"


@dataclass(frozen=True)
class Conf:
    """The file as it was read, its lines without newlines.

    The values of all other settings than the desired ones are masked, because they may be secrets.
    ``final_newline``: whether the last line ends with a newline.
    """

    lines: tuple[str, ...]
    final_newline: bool = True


@dataclass(frozen=True)
class Edit:
    """Replace the line ``number`` by ``line``, or insert it after that line (0: at the top)."""

    number: int
    line: str
    replaces: bool


@dataclass(frozen=True)
class ConfPlan:
    """``edits`` in the order of lines; ``before`` and ``after``: the effective values, ``None`` where not set."""

    edits: tuple[Edit, ...]
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    lines: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.edits)


def parse_settings(settings: Mapping[str, Any]) -> dict[str, str | bool]:
    """The option ``settings``, validated: texts and booleans. Raises ``SettingError``."""
    if not settings:
        raise SettingError("settings: must contain at least one setting")
    return {_parse_name(str(name)): _parse_value(str(name), value) for name, value in settings.items()}


def _parse_name(name: str) -> str:
    if not _NAME.match(name):
        raise SettingError(f"settings: {name!r} is not a valid name: only capitals, digits and underscores are allowed")
    if _SECRET.search(name):
        raise SettingError(
            f"settings: {name} looks like a secret. Secrets are not allowed, because sudo may log the command line "
            "that sets the value"
        )
    return name


def _parse_value(name: str, value: object) -> str | bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, (str, int, float)):
        raise SettingError(f"settings: {name} must be a text, a number or a boolean, not {type(value).__name__}")
    text = str(value)
    if _INVALID.search(text):
        raise SettingError(f"settings: {name}: {text!r} contains quotes, #, $, \\, ` or control characters")
    if text != text.strip():
        raise SettingError(f"settings: {name}: {text!r} begins or ends with spaces")
    return text


def plan_conf(conf: Conf, desired: Mapping[str, str | bool]) -> ConfPlan:
    """The edits that make every desired setting effective and change nothing else."""
    assignments = _parse_assignments(conf.lines, frozenset(desired))
    edits: list[Edit] = []
    warnings: list[str] = []
    before: dict[str, str | None] = {}
    after: dict[str, str | None] = {}
    for name, value in desired.items():
        active = [each for each in assignments if each.name == name and each.active]
        before[name] = active[-1].value if active else None
        if len(active) > 1:
            warnings.append(_describe_duplicates(active))
        if active and _is_equivalent(active[-1].value, value):
            after[name] = active[-1].value
            continue
        after[name] = _text(value)
        if active:
            edits.append(Edit(active[-1].number, active[-1].with_value(_text(value)), replaces=True))
        else:
            edits.append(_build_insertion(conf, assignments, name, _text(value)))
    ordered = tuple(sorted(edits, key=lambda edit: (edit.number, not edit.replaces)))
    return ConfPlan(ordered, before, after, apply_edits(conf.lines, ordered), tuple(warnings))


def _parse_assignments(lines: tuple[str, ...], names: frozenset[str]) -> list[Assignment]:
    """The lines above the first section that set one of these, including those that are commented out."""
    assignments: list[Assignment] = []
    for number, line in enumerate(lines[: _end_of_settings(lines)], 1):
        match = _ASSIGNMENT.match(line)
        if not match or match.group("name") not in names:
            continue
        rest = _QUOTED.match(match.group("rest")) or _BARE.match(match.group("rest"))
        if not rest:
            continue
        parts = rest.groupdict()
        assignments.append(
            Assignment(
                number,
                match.group("lead"),
                match.group("name"),
                match.group("sign"),
                parts.get("quote") or "",
                _effective_value(match.group("rest")),
                parts["tail"],
                match.group("end"),
                active=match.group("comment") is None,
            )
        )
    return assignments


def _effective_value(rest: str) -> str:
    """The value that the broker reads from the text after the ``=``.

    ParseConfig removes the first and the last character if both are quotes, even if they are not a pair.
    OpenShift::Config then removes comments, also within quotes, and the first and last character if a quote is left.
    """
    text = rest.strip(_BLANKS)
    if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
        text = text[1:-1]
    text = re.sub(r"[ \t]*#.*", "", text.replace("\\:", ":"))
    for quote in _QUOTES:
        if text.startswith(quote):
            text = text[1:-1]
    return text


def _end_of_settings(lines: tuple[str, ...]) -> int:
    """The number of lines above the first section."""
    return next((number for number, line in enumerate(lines) if _SECTION.match(line)), len(lines))


def _build_insertion(conf: Conf, assignments: list[Assignment], name: str, value: str) -> Edit:
    """A new line: after the last one that is commented out, otherwise after all settings."""
    commented_out = [each for each in assignments if each.name == name]
    if commented_out:
        twin = commented_out[-1]
        line = Assignment(0, twin.lead, name, twin.sign, twin.quote or '"', "", "", twin.end, active=True)
        return Edit(twin.number, line.with_value(value), replaces=False)
    number = _end_of_settings(conf.lines)
    active = [each for each in assignments if each.active]
    quote = active[-1].quote if active and not _needs_quotes(value) else '"'
    end = "\r" if number and conf.lines[number - 1].endswith("\r") else ""
    return Edit(number, f"{name}={quote}{value}{quote}{end}", replaces=False)


def _needs_quotes(value: str) -> bool:
    return not value or " " in value


def _is_equivalent(present: str, desired: str | bool) -> bool:
    """Whether the broker reads the present value as the desired one."""
    if isinstance(desired, bool):
        return present.lower() in (_TRUE if desired else _FALSE)
    return present == desired


def _text(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def _describe_duplicates(active: list[Assignment]) -> str:
    numbers = ", ".join(str(each.number) for each in active[:-1])
    return (
        f"{active[0].name} is set {len(active)} times: the broker uses the last line, {active[-1].number}. "
        f"The lines before it have no effect and were not changed: {numbers}."
    )


def apply_edits(lines: tuple[str, ...], edits: tuple[Edit, ...]) -> tuple[str, ...]:
    """The lines after the edits."""
    replaced = {edit.number: edit.line for edit in edits if edit.replaces}
    after_line: dict[int, list[str]] = {}
    for edit in edits:
        if not edit.replaces:
            after_line.setdefault(edit.number, []).append(edit.line)
    result = list(after_line.get(0, []))
    for number, line in enumerate(lines, 1):
        result += [replaced.get(number, line), *after_line.get(number, [])]
    return tuple(result)


def join_lines(lines: tuple[str, ...], final_newline: bool = True) -> str:
    """The lines as one text for a diff."""
    return "\n".join(lines) + ("\n" if lines and final_newline else "")

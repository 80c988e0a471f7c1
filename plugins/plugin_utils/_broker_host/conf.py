# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The broker's ``broker.conf``: what its lines mean, and which of them to change for what is wished. Pure.

The broker reads lines ``NAME=VALUE``, with or without blanks around the ``=``; quotes around the value are taken off,
what follows a ``#`` is left out, of several lines with one name the last counts, and those below a ``[section]`` are
not looked for. An ``export`` in front makes it another name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: What the broker takes for yes, and what is plainly meant as no, in lower case.
_YES = frozenset(("true", "t", "yes", "y", "1"))
_NO = frozenset(("false", "f", "no", "n", "0", ""))
_NAME = re.compile(r"[A-Z][A-Z0-9_]*\Z")
#: What names of secrets hold, and comments that may tell one.
SECRET_WORDS = ("PASS", "SECRET", "SALT", "TOKEN", "CREDENTIAL", "MONGO_USER", "KEYVALUE", "API_KEY", "ACCESS_KEY")
_SECRET = re.compile("|".join(SECRET_WORDS))
#: What Ruby takes for blanks.
_BLANKS = " \t\n\v\f\r"
_QUOTES = "\"'"
#: These cannot be written so that the broker and a shell that reads the file both get them back.
_UNFIT = re.compile(r"[\x00-\x1f\x7f\"'#\\$`]")
_ASSIGNMENT = re.compile(
    r"(?P<lead>[ \t]*)(?P<comment>#[# \t]*)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<sign>[ \t]*=[ \t]*)"
    r"(?P<rest>[^\r]*)(?P<end>\r*)\Z"
)
_SECTION = re.compile(r"[ \t]*\[[^=]+\][ \t\r]*\Z")
_QUOTED = re.compile(r"(?P<quote>[\"']).*?(?P=quote)(?P<tail>[ \t]*(?:#.*)?)\Z")
_BARE = re.compile(r"[^#]*?(?P<tail>[ \t]*(?:#.*)?)\Z")


class SettingError(Exception):
    """A setting that cannot be meant, or cannot be written."""


@dataclass(frozen=True)
class Assignment:
    """A line that sets something, or did before it was commented out. ``number`` counts from 1."""

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
        """The line with another value, all else as it is. Quotes at a comment's end go if they get in its way."""
        quote = self.quote or ("" if value and " " not in value else '"')
        rest = f"{quote}{value}{quote}{self.tail}"
        if _as_read(rest) != value:
            rest = f"{quote}{value}{quote}{self.tail.rstrip(_BLANKS + _QUOTES)}"
        return f"{self.lead}{self.name}{self.sign}{rest}{self.end}"


@dataclass(frozen=True)
class Conf:
    """The file as it was seen, its lines without their newlines.

    The values of all settings but the wished ones are masked: they may be secrets and are nobody's business here.
    ``final_newline``: whether the last line ends with one.
    """

    lines: tuple[str, ...]
    final_newline: bool = True


@dataclass(frozen=True)
class Edit:
    """Put ``line`` in place of the line ``number``, or behind it (0: at the top)."""

    number: int
    line: str
    replaces: bool


@dataclass(frozen=True)
class ConfPlan:
    """``edits`` by their lines; ``before`` and ``after``: the effective values, ``None`` where there is none."""

    edits: tuple[Edit, ...]
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    lines: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.edits)


def wished_from(settings: Mapping[str, Any]) -> dict[str, str | bool]:
    """The option ``settings``, checked: texts, and true or false. Raises ``SettingError``."""
    if not settings:
        raise SettingError("settings: names no setting")
    return {_checked_name(str(name)): _checked_value(str(name), value) for name, value in settings.items()}


def _checked_name(name: str) -> str:
    if not _NAME.match(name):
        raise SettingError(f"settings: {name!r} is no name of a setting: capitals, digits and underscores only")
    if _SECRET.search(name):
        raise SettingError(
            f"settings: {name} looks like a secret. What is set passes through a command line that sudo may log, so "
            "secrets are not set in this way"
        )
    return name


def _checked_value(name: str, value: object) -> str | bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, (str, int, float)):
        raise SettingError(f"settings: {name} must be a text, a number, or true or false, not {type(value).__name__}")
    text = str(value)
    if _UNFIT.search(text):
        raise SettingError(f"settings: {name}: {text!r} holds quotes, #, $, \\, ` or control characters")
    if text != text.strip():
        raise SettingError(f"settings: {name}: {text!r} begins or ends with spaces")
    return text


def plan_conf(conf: Conf, wished: Mapping[str, str | bool]) -> ConfPlan:
    """What to change so that every wished setting is in the file and effective, and nothing else changes."""
    found = _assignments(conf.lines, frozenset(wished))
    edits: list[Edit] = []
    warnings: list[str] = []
    before: dict[str, str | None] = {}
    after: dict[str, str | None] = {}
    for name, value in wished.items():
        active = [each for each in found if each.name == name and each.active]
        before[name] = active[-1].value if active else None
        if len(active) > 1:
            warnings.append(_duplicates(active))
        if active and _means(active[-1].value, value):
            after[name] = active[-1].value
            continue
        after[name] = _text(value)
        if active:
            edits.append(Edit(active[-1].number, active[-1].with_value(_text(value)), replaces=True))
        else:
            edits.append(_insertion(conf, found, name, _text(value)))
    ordered = tuple(sorted(edits, key=lambda edit: (edit.number, not edit.replaces)))
    return ConfPlan(ordered, before, after, applied(conf.lines, ordered), tuple(warnings))


def _assignments(lines: tuple[str, ...], names: frozenset[str]) -> list[Assignment]:
    """The lines above the first section that set one of these, commented-out ones too."""
    found: list[Assignment] = []
    for number, line in enumerate(lines[: _end_of_settings(lines)], 1):
        match = _ASSIGNMENT.match(line)
        if not match or match.group("name") not in names:
            continue
        rest = _QUOTED.match(match.group("rest")) or _BARE.match(match.group("rest"))
        if not rest:
            continue
        parts = rest.groupdict()
        found.append(
            Assignment(
                number,
                match.group("lead"),
                match.group("name"),
                match.group("sign"),
                parts.get("quote") or "",
                _as_read(match.group("rest")),
                parts["tail"],
                match.group("end"),
                active=match.group("comment") is None,
            )
        )
    return found


def _as_read(rest: str) -> str:
    """The value that the broker takes from what stands behind the ``=``.

    ParseConfig takes the first and the last quote off, be they a pair or the end of a comment. Only then
    OpenShift::Config cuts comments off, within quotes too, and the first and last character if a quote is still there.
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
    """How many lines are above the first section."""
    return next((number for number, line in enumerate(lines) if _SECTION.match(line)), len(lines))


def _insertion(conf: Conf, found: list[Assignment], name: str, value: str) -> Edit:
    """A new line: behind the last that has it commented out, else behind all settings."""
    out = [each for each in found if each.name == name]
    if out:
        twin = out[-1]
        line = Assignment(0, twin.lead, name, twin.sign, twin.quote or '"', "", "", twin.end, active=True)
        return Edit(twin.number, line.with_value(value), replaces=False)
    number = _end_of_settings(conf.lines)
    active = [each for each in found if each.active]
    quote = active[-1].quote if active and not _needs_quotes(value) else '"'
    end = "\r" if number and conf.lines[number - 1].endswith("\r") else ""
    return Edit(number, f"{name}={quote}{value}{quote}{end}", replaces=False)


def _needs_quotes(value: str) -> bool:
    return not value or " " in value


def _means(present: str, wished: str | bool) -> bool:
    """Whether the broker takes the value for what is wished."""
    if isinstance(wished, bool):
        return present.lower() in (_YES if wished else _NO)
    return present == wished


def _text(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def _duplicates(active: list[Assignment]) -> str:
    numbers = ", ".join(str(each.number) for each in active[:-1])
    return (
        f"{active[0].name} is set {len(active)} times: the broker takes the last, line {active[-1].number}. "
        f"What line {numbers} says has no effect and was left alone."
    )


def applied(lines: tuple[str, ...], edits: tuple[Edit, ...]) -> tuple[str, ...]:
    """The lines as they are after the edits."""
    replaced = {edit.number: edit.line for edit in edits if edit.replaces}
    behind: dict[int, list[str]] = {}
    for edit in edits:
        if not edit.replaces:
            behind.setdefault(edit.number, []).append(edit.line)
    result = list(behind.get(0, []))
    for number, line in enumerate(lines, 1):
        result += [replaced.get(number, line), *behind.get(number, [])]
    return tuple(result)


def as_text(lines: tuple[str, ...], final_newline: bool = True) -> str:
    """Lines as a text for a diff."""
    return "\n".join(lines) + ("\n" if lines and final_newline else "")

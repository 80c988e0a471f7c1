# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find misspelt variables of roles and playbooks, and suggest the name that was probably meant. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase

#: How similar a known name must be to be suggested, from 0 to 1.
SIMILAR = 0.6
#: The variable with this ending lists names of the user's own.
IGNORE = "ignore_variables"


@dataclass(frozen=True)
class Dropped:
    """A former name: the name to use instead, and the version of the collection that no longer accepts it."""

    successor: str
    until: str


@dataclass(frozen=True)
class Family:
    """All names that begin with ``prefix`` and an underscore and have a meaning.

    ``outputs``: names that a role sets for later tasks or jobs. They are known, but never suggested. ``documented``:
    where the variables are described.
    """

    prefix: str
    variables: frozenset[str]
    outputs: frozenset[str] = frozenset()
    dropped: Mapping[str, Dropped] = field(default_factory=dict)
    documented: str = ""

    @property
    def ignore_variable(self) -> str:
        return f"{self.prefix}_{IGNORE}"

    @property
    def known(self) -> frozenset[str]:
        return self.variables | self.outputs | self.dropped.keys() | {self.ignore_variable}

    def select(self, names: Iterable[str]) -> set[str]:
        """The names that belong to the family."""
        return {name for name in names if name.startswith(f"{self.prefix}_")}

    def find_unknown(self, names: Iterable[str], ignored: Iterable[str] = ()) -> set[str]:
        """The names of the family that have no meaning. ``ignored``: names, or patterns with ``*`` and ``?``."""
        unknown = self.select(names) - self.known
        return {name for name in unknown if not any(fnmatchcase(name, pattern) for pattern in ignored)}


@dataclass(frozen=True)
class Review:
    """What is wrong with the names of the defined variables. ``refusal`` is empty if nothing is."""

    refusal: str = ""
    warnings: tuple[str, ...] = ()


def review(unknown: Mapping[str, Iterable[str]], defined: Iterable[str], families: Mapping[str, Family]) -> Review:
    """``unknown``: the unknown names of each family. ``defined``: all names, of which some may be former ones."""
    mistakes = [name for names in unknown.values() for name in sorted(names)]
    checked = [families[prefix] for prefix in unknown]
    warnings = [
        f"{name} is deprecated and has no effect from version {dropped.until} on. Use {dropped.successor}."
        for family in checked
        for name, dropped in sorted(family.dropped.items())
        if name in set(defined)
    ]
    return Review(_refuse(mistakes, checked, families), tuple(warnings))


def _refuse(mistakes: list[str], checked: list[Family], families: Mapping[str, Family]) -> str:
    if not mistakes:
        return ""
    blamed = [family for family in checked if family.select(mistakes)]
    named = ", ".join(f"{name}{_hint(suggest(name, families.values()))}" for name in mistakes)
    noun = "Unknown variable" if len(mistakes) == 1 else "Unknown variables"
    own = " or ".join(family.ignore_variable for family in blamed)
    documented = ", ".join(dict.fromkeys(family.documented for family in blamed if family.documented))
    return f"{noun}: {named}. Correct the names, or list names of your own in {own}. Documentation: {documented}."


def suggest(name: str, families: Iterable[Family]) -> str | None:
    """The known name that was probably meant: of the same family, or with the same ending in another one."""
    own: list[str] = []
    others: list[str] = []
    ending = name
    for family in families:
        prefix = f"{family.prefix}_"
        if name.startswith(prefix):
            own, ending = sorted(family.variables), name[len(prefix) :]
        else:
            others += sorted(family.variables)
    start = name[: len(name) - len(ending)]
    similar = get_close_matches(ending, [each[len(start) :] for each in own], 1, SIMILAR)
    with_ending = [each for each in [*own, *others] if each.endswith(f"_{ending}")]
    # A similar name of the same family is the better guess, unless a name has one more word in front.
    if similar and not any(each in own for each in with_ending):
        return start + similar[0]
    return next(iter(with_ending), None)


def _hint(suggestion: str | None) -> str:
    return f" (did you mean {suggestion}?)" if suggestion else ""

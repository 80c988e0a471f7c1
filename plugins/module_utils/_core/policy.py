# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy: ordered rules that give each application its desired state. The first rule that matches counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.globs import Globs
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.repeats import UniqueApp

PRESENT, ABSENT, IGNORE = "present", "absent", "ignore"
STATES = (PRESENT, ABSENT, IGNORE)


@dataclass(frozen=True)
class Facts:
    """What rules compare. ``refs``: all names of the application, several if its domain was renamed.

    ``is_known``: whether the application could be read. Otherwise only its names are known.
    """

    refs: tuple[AppRef, ...]
    owner: str = ""
    cartridges: tuple[str, ...] = ()
    claims_ha: bool = False
    is_known: bool = True

    @classmethod
    def of_names(cls, *refs: AppRef) -> Facts:
        """Those of an application that could not be read."""
        return cls(refs, is_known=False)

    @classmethod
    def of_app(cls, app: Application, refs: tuple[AppRef, ...] = ()) -> Facts:
        cartridges = tuple(cartridge.name for cartridge in app.cartridges)
        return cls(refs or (app.ref,), app.owner or "", cartridges, app.ha)

    @classmethod
    def of_unique(cls, unique: UniqueApp) -> Facts:
        app = unique.app
        return cls.of_app(app, unique.refs) if isinstance(app, Application) else cls.of_names(*unique.refs)


@dataclass(frozen=True)
class Match:
    """The conditions of a rule; ``None``: any. An application must meet all of them.

    ``name`` compares ``domain/name`` where a pattern has a slash.
    """

    domain: Globs | None = None
    name: Globs | None = None
    owner: Globs | None = None
    cartridge: Globs | None = None
    claims_ha: bool | None = None

    def test(self, facts: Facts) -> bool | None:
        """Whether the application meets the conditions; ``None`` if this depends on facts that are not known."""
        return self.test_others(facts) if self.test_name(facts) else False

    def test_name(self, facts: Facts) -> bool:
        return self.name is None or any(map(self.name.match_ref, facts.refs))

    def test_others(self, facts: Facts) -> bool | None:
        """``test`` without the condition for names. Many applications have the same answer."""
        if self.domain is not None and not any(self.domain.match(ref.domain) for ref in facts.refs):
            return False
        if not facts.is_known:
            depends = self.owner is not None or self.cartridge is not None or self.claims_ha is not None
            return None if depends else True
        if self.claims_ha is not None and facts.claims_ha != self.claims_ha:
            return False
        if self.owner is not None and not self.owner.match(facts.owner):
            return False
        return self.cartridge is None or any(map(self.cartridge.match, facts.cartridges))


@dataclass(frozen=True)
class Rule:
    """One rule. ``number``: its place in the policy, from 1. ``name``: a label for people.

    ``settings``: what it sets, as options of the modules. ``state`` may also be ``ignore``.
    """

    number: int
    match: Match = field(default_factory=Match)
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def ignores(self) -> bool:
        return bool(self.settings.get("state") == IGNORE)

    def __str__(self) -> str:
        return f"{self.number} ({self.name})" if self.name else str(self.number)


@dataclass(frozen=True)
class Policy:
    """The rules in their order."""

    rules: tuple[Rule, ...] = ()

    def find_rules(self, facts: Facts) -> tuple[Rule | None, ...]:
        """The rules of which one applies to the application; ``None``: no rule. There is usually exactly one.

        There are several if it depends on unknown facts whether an earlier rule applies.
        """
        possible: list[Rule | None] = []
        for rule, answer in self._find_candidates(facts):
            if rule.match.test_name(facts):
                possible.append(rule)
                if answer:
                    return tuple(possible)
        return (*possible, None)

    def _find_candidates(self, facts: Facts) -> tuple[tuple[Rule, bool | None], ...]:
        """The rules whose conditions, apart from those on names, are or may be met, with the answers."""
        domains = tuple(ref.domain for ref in facts.refs)
        key = (domains, facts.owner, facts.cartridges, facts.claims_ha, facts.is_known)
        found = self._candidates.get(key)
        if found is None:
            answers = ((rule, rule.match.test_others(facts)) for rule in self.rules)
            found = self._candidates[key] = tuple(pair for pair in answers if pair[1] is not False)
        return found

    @cached_property
    def _candidates(self) -> dict[object, tuple[tuple[Rule, bool | None], ...]]:
        """The answers so far: thousands of applications have few combinations of domain, owner and cartridges."""
        return {}

    def find_rule(self, facts: Facts) -> Rule | None:
        """The rule that applies; ``None`` without such a rule, or if this is not certain."""
        first, *others = self.find_rules(facts)
        return None if others else first

    def find_unused(self, used: Iterable[int]) -> tuple[Rule, ...]:
        """The rules whose numbers are not among these."""
        numbers = set(used)
        return tuple(rule for rule in self.rules if rule.number not in numbers)

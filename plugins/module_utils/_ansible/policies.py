# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give each application its desired state: from its own options, then the policy, then the options for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import (
    OptionError,
    desired_ha_from,
    patience_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policy_source import read_policy
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.shapes import PolicyRuleView
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import Facts, Policy, Rule
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import PolicyError, parse_policy
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import Fleet, FoundTarget
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Patience

#: A warning names at most this many rules.
MOST_RULES = 10


@dataclass(frozen=True)
class Decision:
    """The desired state of an application, or that it is ignored. ``rule``: the rule that applies, if there is one.

    ``patience``: how long to wait for it.
    """

    desired: DesiredHa
    patience: Patience
    ignored: bool = False
    rule: Rule | None = None


class PolicyOption:
    """The policy together with the options for all applications, which apply where a rule sets nothing.

    Raises ``OptionError`` if a rule contradicts itself or these options.
    """

    def __init__(self, policy: Policy, params: Mapping[str, Any]) -> None:
        self.policy = policy
        self._params = params
        self._default = Decision(desired_ha_from(params), patience_from(params))
        self._by_rule: dict[int, Decision] = {}
        mistakes = []
        for rule in policy.rules:
            try:
                self._by_rule[rule.number] = self._decide(rule, {})
            except OptionError as error:
                mistakes.append(f"rule {rule}: {error}.")
        if mistakes:
            raise OptionError("policy", " ".join(mistakes))

    def decide(self, facts: Facts, own: Mapping[str, Any]) -> Decision:
        """``own``: the options of this application, which take precedence. Raises ``OptionError``."""
        rule = self.policy.find_rule(facts)
        if not own:
            return self._default if rule is None else self._by_rule[rule.number]
        try:
            return self._decide(rule, own)
        except OptionError as error:
            origin = f"with rule {rule} of the policy" if rule else "with the options for all applications"
            raise OptionError(f"applications: {facts.refs[0]}", f"{origin}: {error}") from error

    def _decide(self, rule: Rule | None, own: Mapping[str, Any]) -> Decision:
        settings = dict(rule.settings) if rule else {}
        if rule is not None and rule.ignores:
            if "state" not in own:
                return replace(self._default, ignored=True, rule=rule)
            del settings["state"]
        params = {**self._params, **settings, **own}
        return Decision(desired_ha_from(params), patience_from(params), rule=rule)

    def settle(self, found: FoundTarget) -> FoundTarget:
        """The target with its desired state. Raises ``OptionError``."""
        target, unique = found.target, found.unique
        facts = Facts.of_unique(unique) if unique else Facts.of_names(target.ref)
        decision = self.decide(facts, target.own)
        if decision.rule is None and not target.own:
            return found
        settled = replace(
            target,
            desired=decision.desired,
            patience=decision.patience,
            ignored=decision.ignored,
            rule=decision.rule,
        )
        return FoundTarget(settled, unique)

    def find_unused(self, fleet: Fleet) -> tuple[str, ...]:
        """The rules that apply to no application of the fleet."""
        used = {entry.target.rule.number for entry in fleet.entries if entry.target.rule}
        return tuple(map(str, self.policy.find_unused(used)))


def policy_from(params: Mapping[str, Any]) -> PolicyOption | None:
    """The option ``policy``; ``None`` if it is not set. Raises ``OptionError``."""
    value = params.get("policy")
    if value is None:
        return None
    return PolicyOption(parse_option(value), params)


def parse_option(value: Any, folders: Iterable[str] = ("",)) -> Policy:
    """The policy in a list, a text or a file. Raises ``OptionError``."""
    try:
        return parse_policy(read_policy(value, folders))
    except PolicyError as error:
        raise OptionError("policy", str(error)) from error


def view_rule(rule: Rule | None) -> PolicyRuleView | None:
    """The rule, as the modules return it."""
    return {"number": rule.number, "name": rule.name} if rule else None


def unused_warnings(rules: tuple[str, ...]) -> list[str]:
    """The warning about rules that apply to no application; empty without such rules."""
    if not rules:
        return []
    subject = "policy: one rule applies" if len(rules) == 1 else f"policy: {len(rules)} rules apply"
    hint = "Check their conditions, and whether an earlier rule matches first."
    return [f"{subject} to no application: {join_first(rules, MOST_RULES)}. {hint}"]

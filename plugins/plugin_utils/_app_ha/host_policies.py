# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies of hosts that are applications, whose own variables take precedence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import PRESENT, Facts, Policy, Rule
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import (
    NAME,
    NUMBER,
    SETTINGS,
    PolicyError,
    parse_policy,
)

#: The variable of the inventory plugin with the rule that applies to a host, and the key with its place and name.
DESIRED, RULE = "openshift_ha_desired", "rule"
PREFIX = "app_ha_"
#: The variable of the role with the policy.
POLICY = "app_ha_policy"
#: The state of a host is not known before its application is read.
UNCERTAIN = "uncertain"


def find_own_settings(of_host: Iterable[str], of_run: Iterable[str]) -> frozenset[str]:
    """The settings that variables of a host hold.

    ``of_host``: the names of its variables from the inventory and from facts. ``of_run``: those that the command line
    or the play sets, which hold for all hosts.
    """
    names = {name[len(PREFIX) :] for name in set(of_host) - set(of_run) if name.startswith(PREFIX)}
    return frozenset(names & SETTINGS.keys())


def without_settings(rules: Sequence[Any], own: frozenset[str]) -> list[Any]:
    """The rules without these settings. A rule still ends the search, even if it sets nothing any more."""
    return [{"match": None, **{key: value for key, value in rule.items() if key not in own}} for rule in rules]


def read_desired(desired: Any) -> list[Any]:
    """The rule in the inventory's variable, as a policy; empty if no rule applies. Raises ``PolicyError``."""
    if desired is None:
        return []
    if not isinstance(desired, Mapping) or not isinstance(desired.get(RULE), Mapping):
        raise PolicyError(f"{DESIRED}: must be a dictionary with the key {RULE}, as the inventory plugin sets it.")
    rule = desired[RULE]
    settings = {key: value for key, value in desired.items() if key != RULE}
    rules = [{NUMBER: rule.get(NUMBER), NAME: rule.get(NAME) or None, "match": {}, **settings}]
    parse_policy(rules)
    return rules


class Policies:
    """The different policies of many hosts, each once. ``of_host``: the key in ``policies`` for each host."""

    def __init__(self) -> None:
        self.policies: dict[str, list[Any]] = {}
        self.of_host: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._read: dict[str, list[Any]] = {}

    def read_once(self, value: Any, load: Callable[[Any], list[Any]]) -> list[Any]:
        """The rules that ``load`` returns for this value. It is called once for each different value."""
        text = repr(value)
        if text not in self._read:
            self._read[text] = load(value)
        return self._read[text]

    def add(self, host: str, rules: list[Any]) -> None:
        text = repr(rules)
        key = self._keys.setdefault(text, str(len(self._keys) + 1))
        self.policies.setdefault(key, rules)
        self.of_host[host] = key


def predict_state(policy: Policy, ref: AppRef | None, application: Any) -> str:
    """The state that the policy gives a host, as far as its variables show it, otherwise ``UNCERTAIN``.

    ``application``: the variable openshift_application, if it has it. This has no cartridges.
    """
    if ref is None:
        return UNCERTAIN
    facts = Facts.of_names(ref)
    if isinstance(application, Mapping) and not any(rule.match.cartridge for rule in policy.rules):
        facts = Facts((ref,), str(application.get("owner") or ""), (), application.get("ha") is True)
    states = {_state_of(rule) for rule in policy.find_rules(facts)}
    return states.pop() if len(states) == 1 else UNCERTAIN


def _state_of(rule: Rule | None) -> str:
    return str(rule.settings.get("state", PRESENT)) if rule else PRESENT

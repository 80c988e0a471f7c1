# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are applications, as one list for a single task: with their own settings, and one policy for all. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import NUMBER
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.host_policies import (
    DESIRED,
    POLICY,
    PREFIX,
    find_own_settings,
    read_desired,
)

#: The address of the broker, from the inventory plugin.
BROKER = "openshift_broker_url"
#: Variables of the role without any effect on an audit, or on hosts that are applications.
WITHOUT_EFFECT = frozenset(
    f"{PREFIX}{name}"
    for name in (
        "applications",
        "select",
        "audit_all",
        "audit_hosts",
        "ignore_variables",
        "max_changes",
        "on_error",
        "poll_interval",
        "wait_timeout",
        "results",
    )
)
#: A message names at most this many hosts.
MOST_NAMED = 5
#: Settings of the role for which an empty text means the default.
MAY_BE_EMPTY = ("verify", "probe")

#: Evaluates one of the variables of a host.
Evaluate = Callable[[str, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class ListedHost:
    """A host that is an application. ``settings``: its own. ``desired``: the rule of its inventory's policy."""

    host: str
    domain: str
    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    desired: Mapping[str, Any] | None = None

    @property
    def ref(self) -> AppRef:
        return AppRef(self.domain, self.name)


@dataclass(frozen=True)
class ListedHosts:
    """``conflicts``: why one task cannot observe them all. ``policy``: that of the hosts, in a file or as a list."""

    hosts: tuple[ListedHost, ...] = ()
    policy: Any = None
    conflicts: tuple[str, ...] = ()
    brokers: tuple[str, ...] = ()

    @property
    def applications(self) -> list[dict[str, Any]]:
        """The option of openshift_apps_ha."""
        return [{"domain": each.domain, "name": each.name, **each.settings} for each in self.hosts]

    @property
    def rules(self) -> Any:
        """The option ``policy``: the variable of the hosts, or else the rules from the policy of their inventory."""
        return self.policy if self.policy not in (None, "") else _rules_of(self.hosts)

    @property
    def host_of(self) -> dict[tuple[str, str], str]:
        """The host that is an application; of several, the first."""
        return {each.ref.key: each.host for each in reversed(self.hosts)}

    @property
    def refusal(self) -> str:
        """Why they cannot be audited together at all; empty if they can."""
        if len(self.brokers) < 2:
            return ""
        addresses = join_first(self.brokers, MOST_NAMED)
        return (
            f"The hosts belong to several brokers ({addresses}), and an audit sends its requests to one of them. Run "
            "it once for each broker, with the inventory of this broker. No application was audited."
        )


def list_hosts(
    hosts: Iterable[str],
    read: Callable[[str], Mapping[str, Any]],
    of_run: Mapping[str, Any],
    of_play: Mapping[str, Any],
    known: frozenset[str],
    evaluate: Evaluate,
) -> ListedHosts:
    """The hosts as a list.

    ``read``: the variables of a host from the inventory and from facts. ``of_run``: those that hold for all hosts.
    ``of_play``: those of the host that would run the task. ``known``: the variables of the role.
    """
    reader = _Reader(of_run, of_play, known, evaluate)
    for host in hosts:
        reader.add(host, read(host))
    return reader.listed


class _Reader:
    """Collects the hosts, and what one task cannot do for them."""

    def __init__(
        self, of_run: Mapping[str, Any], of_play: Mapping[str, Any], known: frozenset[str], evaluate: Evaluate
    ) -> None:
        self._of_run, self._of_play, self._evaluate = of_run, of_play, evaluate
        self._reports = known - WITHOUT_EFFECT - {POLICY}
        self._hosts: list[ListedHost] = []
        self._others: list[str] = []
        self._policies: dict[str, tuple[str, Any]] = {}
        self._differing: dict[str, list[str]] = {}
        self._brokers: dict[str, str] = {}

    def add(self, host: str, own: Mapping[str, Any]) -> None:
        variables = {**own, **self._of_run}
        if "openshift_app" not in variables or "openshift_domain" not in variables:
            self._others.append(host)
            return
        settings = find_own_settings(own, self._of_run)
        self._note_policy(host, own, variables)
        self._note_differences(host, own, settings)
        if address := str(own.get(BROKER) or "").rstrip("/"):
            self._brokers.setdefault(address.lower(), address)
        self._hosts.append(
            ListedHost(
                host,
                str(self._value("openshift_domain", variables)),
                str(self._value("openshift_app", variables)),
                self._read_settings(settings, variables),
                None if POLICY in variables else self._value(DESIRED, variables),
            )
        )

    def _read_settings(self, names: Iterable[str], variables: Mapping[str, Any]) -> dict[str, Any]:
        values = {name: self._value(f"{PREFIX}{name}", variables) for name in sorted(names)}
        return {
            name: value
            for name, value in values.items()
            if value is not None and not (value == "" and name in MAY_BE_EMPTY)
        }

    def _note_policy(self, host: str, own: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        of_host = POLICY in own and POLICY not in self._of_run
        value = self._value(POLICY, variables) if of_host else None
        self._policies.setdefault(repr(value), (host, value))

    def _note_differences(self, host: str, own: Mapping[str, Any], settings: frozenset[str]) -> None:
        """Variables of the host that would have to hold for the whole task."""
        names = self._reports.intersection(own) - self._of_run.keys() - {f"{PREFIX}{name}" for name in settings}
        for name in names:
            if own[name] != self._of_play.get(name):
                self._differing.setdefault(name, []).append(host)

    def _value(self, name: str, variables: Mapping[str, Any]) -> Any:
        return self._evaluate(name, variables) if name in variables else None

    @property
    def listed(self) -> ListedHosts:
        policies = [value for _host, value in self._policies.values()]
        return ListedHosts(
            tuple(self._hosts),
            policies[0] if len(policies) == 1 else None,
            tuple(self._find_conflicts()),
            tuple(self._brokers.values()),
        )

    def _find_conflicts(self) -> Iterable[str]:
        if self._others:
            yield f"openshift_domain and openshift_app are not set for {join_first(self._others, MOST_NAMED)}"
        if len(self._policies) > 1:
            hosts = [host for host, _value in self._policies.values()]
            yield f"{POLICY} has different values for {join_first(hosts, MOST_NAMED)}"
        for name, hosts in sorted(self._differing.items()):
            yield f"{name} is set for {join_first(hosts, MOST_NAMED)}"


def _rules_of(hosts: Sequence[ListedHost]) -> list[Any] | None:
    """A policy with a rule for each different desired state, by the names of the applications; ``None``: no rules."""
    found: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for each in hosts:
        for rule in read_desired(each.desired):
            found.setdefault(json.dumps(rule, sort_keys=True, default=str), (rule, []))[1].append(str(each.ref))
    rules = [{**rule, "match": {"name": names}} for rule, names in found.values()]
    numbers = [rule[NUMBER] for rule in rules]
    if len(set(numbers)) < len(numbers):
        # Inventories with policies of their own: the places of their rules are not unique.
        rules = [{key: value for key, value in rule.items() if key != NUMBER} for rule in rules]
    return rules or None

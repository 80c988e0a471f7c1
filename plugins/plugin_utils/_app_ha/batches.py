# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts the playbook enable_ha handles, and in which batches. Pure.

Hosts are chosen by their names and groups alone. The variables of a thousand hosts would take seconds to evaluate, so
only those of the first chosen host are considered: ``FirstHost``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property, partial
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.globs import has_wildcard
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import ABSENT, IGNORE, PRESENT
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_things, first_of, join_first
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import BEFORE_RAISING
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.answers import Answers, find_mistakes
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.same_hosts import UniqueHosts

LOCALHOST = "localhost"
#: How many names a message has. A survey takes thousands.
MOST_NAMED = 10
#: Prefixes of the groups that the inventory plugin creates.
HA_GROUPS, DOMAIN_GROUPS = "openshift_ha_", "openshift_domain_"
TO_ENABLE = ("openshift_ha_standalone", "openshift_ha_degraded")
UNCHANGED = ("openshift_ha_highly_available", "openshift_ha_not_scalable")
#: Where nothing changes if the policy disables HA.
UNCHANGED_IF_ABSENT = ("openshift_ha_standalone", "openshift_ha_not_scalable")
#: The hosts that the policy of the inventory ignores.
IGNORED = "openshift_ha_ignored"
ONE_BATCH = "100%"
OF_LIST = "The applications of a list or a selection, in one task."
WHAT_TO_USE = (
    "Use an inventory of the plugin openshift_v2.apps.openshift_apps (-i acme.openshift_apps.yml), any hosts with the "
    "variables openshift_domain and openshift_app (-i inventory.yml -e enable_ha_hosts=all), or the variable "
    "app_ha_applications or app_ha_select. If you gave an inventory, it could not be read or has no groups of the "
    "plugin: see the warnings above."
)


@dataclass(frozen=True)
class Inventory:
    """The hosts of each group, the hosts that ``enable_ha_hosts`` matches, and those that --limit allows.

    ``allowed``: ``None`` without --limit. ``list_for_run``: whether the command line or the play (not a host) sets
    app_ha_applications or app_ha_select. ``unread``: which files of the inventory could not be read, and why.
    """

    groups: Mapping[str, Sequence[str]]
    matched: Sequence[str] = ()
    allowed: Sequence[str] | None = None
    list_for_run: bool = False
    unread: str = ""

    @property
    def has_ha_groups(self) -> bool:
        """Whether it has groups of the inventory plugin."""
        return bool(self.ha_groups)

    @property
    def ha_groups(self) -> list[str]:
        return sorted(group for group in self.groups if group.startswith(HA_GROUPS))

    @property
    def domains(self) -> dict[str, Sequence[str]]:
        """The hosts of each domain. The key is the domain as it is in names of groups, in lower case."""
        return {
            group[len(DOMAIN_GROUPS) :].lower(): hosts
            for group, hosts in self.groups.items()
            if group.startswith(DOMAIN_GROUPS)
        }

    def hosts_of(self, groups: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(host for group in groups for host in self.groups.get(group, ())))

    @cached_property
    def _members(self) -> dict[str, frozenset[str]]:
        return {group: frozenset(self.groups.get(group, ())) for group in (*UNCHANGED, *UNCHANGED_IF_ABSENT)}

    def members(self, group: str) -> frozenset[str]:
        """The hosts of one of the groups whose applications do not change."""
        return self._members[group]

    @property
    def to_enable(self) -> list[str]:
        """The hosts to handle by default."""
        ignored = set(self.groups.get(IGNORED, ()))
        return [host for host in self.hosts_of(TO_ENABLE) if host not in ignored]


@dataclass(frozen=True)
class FirstHost:
    """What the variables of the first chosen host show: the application that it is, or the list that it handles.

    ``answers``: its own values of variables of the playbook, by their names in ``Answers``.
    """

    is_application: bool = False
    has_domain: bool = False
    has_list: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batches:
    """The keywords of the play that makes the hosts highly available, and a line to show before it.

    ``predicts``: whether the user asked for a prediction. ``list_limit``: the limit of changes for the list or the
    selection that the host handles; empty: none.
    """

    hosts: tuple[str, ...]
    serial: tuple[str, str]
    max_fail_percentage: str
    predicts: bool = False
    list_limit: str = ""
    line: str = ""
    warnings: tuple[str, ...] = ()


def choose(
    answers: Answers,
    inventory: Inventory,
    read_host: Callable[[str], FirstHost],
    check_mode: bool = False,
    unify: Callable[[tuple[str, ...]], UniqueHosts] = UniqueHosts,
    state_of: Callable[[str], str] = lambda _host: PRESENT,
) -> tuple[Batches, list[str]]:
    """The hosts in their batches, and all reasons to refuse them.

    ``read_host`` reads the variables of one host. ``check_mode``: of the run; predictions need no batches. ``unify``
    finds hosts that are the same application. ``state_of``: the state of a host in the policy, ``UNCERTAIN`` if it
    depends on facts that are not known.
    """
    chosen = _choose_hosts(answers, inventory)
    allowed = frozenset(chosen if inventory.allowed is None else inventory.allowed)
    unique = unify(tuple(host for host in chosen if host in allowed))
    hosts = unique.hosts
    first = read_host(next(iter(hosts or chosen), LOCALHOST))
    answers = replace(answers, **first.answers)
    mistakes = list(find_mistakes(answers))
    refusals = [*mistakes, *_inventory_refusals(answers, inventory, first, bool(chosen)), *unique.refusals]
    if not mistakes:
        refusals += _limit_refusals(answers, first, hosts, partial(_may_change, inventory, state_of))
    if refusals:
        return Batches((), (ONE_BATCH, ONE_BATCH), "0"), refusals
    one_batch = check_mode or answers.predicts
    batches = Batches(
        hosts=hosts,
        serial=(ONE_BATCH, ONE_BATCH) if one_batch else (answers.first_batch, answers.other_batches),
        max_fail_percentage="100" if one_batch else answers.failure_percentage,
        predicts=answers.predicts,
        list_limit="" if first.is_application else answers.max_changes,
        line=_describe(answers, chosen, hosts, one_batch) if first.is_application or not hosts else OF_LIST,
        warnings=(*unique.warnings, *unknown_names(answers, inventory, refused=False)),
    )
    return batches, []


def _choose_hosts(answers: Answers, inventory: Inventory) -> list[str]:
    """The hosts that the answers name, without regard to --limit."""
    if answers.hosts:
        return list(inventory.matched)
    if answers.chooses:
        return choose_by_name(answers, inventory, inventory.to_enable)
    if inventory.has_ha_groups and not inventory.list_for_run:
        return inventory.to_enable
    return [LOCALHOST]


def choose_by_name(answers: Answers, inventory: Inventory, hosts: list[str]) -> list[str]:
    """Those of the hosts whose domains and names the answers contain."""
    if answers.domains:
        domains = inventory.domains
        chosen = {host for domain in answers.domains for host in domains.get(_group_part(domain), ())}
        hosts = [host for host in hosts if host in chosen]
    if answers.names:
        pattern = _name_pattern(answers.names)
        hosts = [host for host in hosts if pattern.match(host.lower())]
    return hosts


def _group_part(domain: str) -> str:
    """The domain as it is in the name of its group."""
    return re.sub(r"[^a-z0-9_]", "_", domain)


def _name_pattern(names: Sequence[str]) -> re.Pattern[str]:
    """A pattern for hosts with these applications. Names may contain wildcards, and may be ``domain/name``.

    Hosts are named NAME-DOMAIN or NAME-DOMAIN.suffix, and neither NAME nor DOMAIN has a dash.
    """
    part = {"*": "[^.-]*", "?": "[^.-]"}
    patterns = [
        "-".join(
            "".join(part.get(char, re.escape(char) if char.isalnum() else "!") for char in each)
            for each in reversed(name.split("/"))
        )
        for name in names
    ]
    return re.compile(f"(?:{'|'.join(patterns)})(?:[.-]|$)")


def _inventory_refusals(answers: Answers, inventory: Inventory, first: FirstHost, any_chosen: bool) -> Iterator[str]:
    """Why the inventory does not have what the user asked for."""
    host_is_named = first.is_application or first.has_domain
    named_without_inventory = first.has_list or (host_is_named and any_chosen)
    if inventory.unread and not inventory.has_ha_groups and not named_without_inventory:
        yield f"{inventory.unread} Then run again."
        return
    if answers.hosts:
        return
    if answers.chooses and not inventory.has_ha_groups and not host_is_named:
        yield (
            "enable_ha_domains and enable_ha_names choose from the groups of the inventory plugin, and this inventory "
            f"has no such groups. {WHAT_TO_USE}"
        )
    elif not answers.chooses and any_chosen and not first.has_list and not host_is_named:
        yield f"The variables and the inventory name no applications. {WHAT_TO_USE}"
    else:
        yield from find_unknown(answers, inventory)


def find_unknown(answers: Answers, inventory: Inventory) -> Iterator[str]:
    """A sentence for the domains, and one for the names, that the inventory does not have."""
    unknown = [*_unknown_domains(answers, inventory), *unknown_names(answers, inventory, refused=True)]
    yield from unknown
    if unknown and inventory.unread:
        yield inventory.unread


def _unknown_domains(answers: Answers, inventory: Inventory) -> Iterator[str]:
    known = inventory.domains
    unknown = [domain for domain in answers.domains if _group_part(domain) not in known]
    if unknown:
        has = f"applications in {enumerate_values('domain', sorted(known))}" if known else "no applications at all"
        names = enumerate_values("domain", unknown)
        yield f"{answers.prefix}_domains: the inventory has no application in {names}. It has {has}."


def unknown_names(answers: Answers, inventory: Inventory, refused: bool) -> Iterator[str]:
    """A sentence about names without wildcards that no application of the inventory has, in whatever state it is.

    ``refused``: whether it is to be a refusal. In a slice of the inventory, other slices may have these applications.
    """
    if refused == answers.is_slice:
        return
    hosts = [host.lower() for host in inventory.hosts_of(inventory.ha_groups)]
    exact = [name for name in answers.names if not has_wildcard(name)]
    unknown = [name for name in exact if not any(map(_name_pattern([name]).match, hosts))]
    if unknown:
        where = "this slice of the inventory" if answers.is_slice else "the inventory"
        # A guess compares the name with those of all hosts.
        guesses = [_with_guess(name, hosts) for name in first_of(unknown, MOST_NAMED)]
        names = join_first([*guesses, *unknown[len(guesses) :]], MOST_NAMED)
        noun = "application" if len(unknown) == 1 else "applications"
        yield f"{answers.prefix}_names: {where} does not have the {noun} {names}."


def _with_guess(name: str, hosts: Sequence[str]) -> str:
    """The name, and the one that was probably meant."""
    refs = ["/".join(reversed(host.partition(".")[0].split("-", 1))) for host in hosts]
    known = refs if "/" in name else [ref.rpartition("/")[2] for ref in refs]
    guesses = get_close_matches(name, sorted(set(known)), 1)
    return f"{name} (did you mean {guesses[0]}?)" if guesses else name


def _may_change(inventory: Inventory, state_of: Callable[[str], str], host: str) -> bool:
    """Whether the host counts as a change, as far as its groups and the policy show it."""
    state = state_of(host)
    unchanged = {PRESENT: UNCHANGED, ABSENT: UNCHANGED_IF_ABSENT}.get(state, ())
    return state != IGNORE and not any(host in inventory.members(group) for group in unchanged)


def _limit_refusals(
    answers: Answers, first: FirstHost, hosts: Sequence[str], may_change: Callable[[str], bool]
) -> Iterator[str]:
    """Why more would change than the user allows."""
    if first.is_application and answers.limit:
        changes = sum(map(may_change, hosts))
        if changes > int(answers.limit):
            counted = count_things(changes, "application")
            yield f"{counted} would change, more than {answers.limit_name}: {answers.limit}. {BEFORE_RAISING}"
    elif not first.is_application and answers.max_changes and len(hosts) > 1:
        yield (
            f"enable_ha_max_changes limits one list or selection, but each of {len(hosts)} hosts may have its own. "
            "Use app_ha_max_changes, which limits each of them."
        )


def _describe(answers: Answers, chosen: Sequence[str], hosts: Sequence[str], one_batch: bool) -> str:
    """The line to show: why there is nothing to do, or the batches."""
    if not hosts:
        return f"Nothing to do: {_why_nothing(answers, chosen)}."
    if one_batch or _batch_size(answers.first_batch, len(hosts)) >= len(hosts):
        return f"{count_things(len(hosts), 'application')} in one batch."
    percentage = float(answers.failure_percentage)
    failures = "more than " + answers.failure_percentage + "% of the applications of a batch fail"
    if percentage == 0:
        failures = "an application fails"
    elif percentage >= 100:
        failures = "all applications of a batch fail"
    return (
        f"{len(hosts)} applications in batches: {answers.first_batch} first, then {answers.other_batches} at a time. "
        f"If {failures}, the next batch does not start."
    )


def _why_nothing(answers: Answers, chosen: Sequence[str]) -> str:
    if chosen:
        return "--limit excludes all chosen hosts"
    if answers.hosts:
        return f"enable_ha_hosts ({answers.hosts}) matches no host of the inventory"
    domains = f" in {enumerate_values('domain', answers.domains)}" if answers.domains else ""
    names = f" with {enumerate_values('name', answers.names)}" if answers.names else ""
    return f"the inventory has no standalone or degraded application{domains}{names}"


def enumerate_values(noun: str, values: Sequence[str]) -> str:
    """``the domain acme``, ``the domains acme, pay``."""
    return f"the {noun}{'' if len(values) == 1 else 's'} {join_first(values, MOST_NAMED)}"


def _batch_size(batch: str, total: int) -> int:
    """The hosts of a batch, as Ansible counts them."""
    return max(int(batch[:-1]) * total // 100, 1) if batch.endswith("%") else int(batch)

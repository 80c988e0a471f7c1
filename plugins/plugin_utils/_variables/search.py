# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find misspelt variables among those of the run and of its hosts. Only names are read, no value is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.names import Family, Review, review

#: Evaluates one variable of a host. Its other variables are available to templates.
Evaluate = Callable[[str, Mapping[str, Any]], Any]


#: Variables of other prefixes that the role app_ha needs to know of.
NOTED = ("openshift_ha_desired",)


@dataclass
class Search:
    """Collects unknown and former names of these families from the variables of several hosts."""

    families: Sequence[Family]
    evaluate: Evaluate
    unknown: dict[str, set[str]] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)

    def add(self, variables: Mapping[str, Any]) -> None:
        """The variables of one host. A list of ignored names counts for the host on which it is defined."""
        self.defined.update(name for name in NOTED if name in variables)
        for family in self.families:
            names = family.select(variables)
            self.defined |= names
            unknown = family.find_unknown(names)
            if unknown and family.ignore_variable in variables:
                ignored = parse_names(self.evaluate(family.ignore_variable, variables))
                unknown = family.find_unknown(unknown, ignored)
            self.unknown.setdefault(family.prefix, set()).update(unknown)

    def review(self, families: Mapping[str, Family]) -> Review:
        return review(self.unknown, self.defined, families)


def search_names(
    families: Sequence[Family],
    evaluate: Evaluate,
    variables: Mapping[str, Any],
    one_by_one: bool,
    further: Iterable[str] = (),
) -> Search:
    """Search the variables of a task, those of the hosts of its play, and those of ``further`` hosts.

    ``one_by_one``: see ``hosts_to_check``.
    """
    search = Search(families, evaluate)
    search.add(variables)
    hosts = hosts_to_check(
        variables["ansible_play_hosts_all"],
        variables["ansible_play_batch"],
        one_by_one,
        variables["inventory_hostname"],
    )
    for host in (*hosts, *further):
        search.add(variables["hostvars"].raw_get(host))
    return search


def parse_names(value: Any) -> list[str]:
    """Names as a list, or as one text with spaces or commas."""
    if isinstance(value, (list, tuple)):
        return [name for each in value for name in parse_names(each)]
    return [] if value is None else str(value).replace(",", " ").split()


def hosts_to_check(play_hosts: Sequence[str], batch: Iterable[str], one_by_one: bool, own: str) -> list[str]:
    """The hosts whose names to check in one task: all hosts in the first batch, later those of the batch.

    ``one_by_one``: whether the strategy runs the task for each host, so that each checks its ``own`` names.
    """
    if one_by_one:
        return [own]
    in_batch = list(batch)
    return list(play_hosts) if play_hosts and play_hosts[0] in in_batch else in_batch

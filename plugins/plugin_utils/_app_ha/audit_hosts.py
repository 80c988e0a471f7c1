# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts the playbook audit_ha audits, and whether one task observes them all. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.answers import Answers, find_contradictions
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.batches import (
    LOCALHOST,
    WHAT_TO_USE,
    Inventory,
    choose_by_name,
    enumerate_values,
    find_unknown,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.listed_hosts import ListedHosts

PREFIX = "audit_ha"
NOT_AUDITED = "No application was audited."


@dataclass(frozen=True)
class AuditHosts:
    """What the hosts are chosen from. ``files``: the inventory files of the plugin."""

    answers: Answers
    inventory: Inventory
    files: Sequence[str] = ()

    @property
    def refusals(self) -> list[str]:
        """Why nothing can be audited."""
        if refusal := self._unread:
            return [refusal]
        return [*find_contradictions(self.answers), *self._find_refusals()]

    @property
    def _unread(self) -> str:
        """No file of the plugin could be read. It makes its groups from each file."""
        if self.inventory.list_for_run or not self.files or self.inventory.has_ha_groups:
            return ""
        reason = self.inventory.unread or (
            f"The inventory {', '.join(self.files)} could not be read. The warnings above show the reason."
        )
        return f"{reason} Then run again."

    def _find_refusals(self) -> Iterator[str]:
        if self.answers.chooses and not self.inventory.has_ha_groups:
            yield (
                f"{PREFIX}_domains and {PREFIX}_names choose from the groups of the inventory plugin, and this "
                f"inventory has no such groups. {WHAT_TO_USE.replace('enable_ha', PREFIX)}"
            )
            return
        yield from find_unknown(self.answers, self.inventory)
        if not self.chooses_hosts and self.play_host != LOCALHOST:
            yield (
                "--limit excludes localhost, which audits a list, a selection or all applications. Remove --limit, or "
                "choose hosts of an inventory."
            )

    @property
    def chooses_hosts(self) -> bool:
        """Whether the user or the inventory chose hosts. Otherwise it is a list, a selection, or all applications."""
        named = bool(self.answers.hosts or self.answers.chooses)
        return named or (self.inventory.has_ha_groups and not self.inventory.list_for_run)

    @property
    def play_host(self) -> str:
        """The host that runs a single task: localhost, or the first host that --limit allows."""
        allowed = self.inventory.allowed
        return LOCALHOST if allowed is None or LOCALHOST in allowed else next(iter(allowed), LOCALHOST)

    @cached_property
    def hosts(self) -> list[str]:
        """The chosen hosts that --limit allows."""
        if self.inventory.allowed is None:
            return self._chosen
        allowed = frozenset(self.inventory.allowed)
        return [host for host in self._chosen if host in allowed]

    @cached_property
    def _chosen(self) -> list[str]:
        if self.answers.hosts:
            return list(self.inventory.matched)
        if not self.chooses_hosts:
            return []
        hosts = self.inventory.hosts_of(self.inventory.ha_groups)
        return choose_by_name(self.answers, self.inventory, hosts)

    @property
    def why_nothing(self) -> str:
        """Why there are no hosts, although the user or the inventory chose some; empty if there are hosts."""
        if self.hosts or not self.chooses_hosts:
            return ""
        if self._chosen:
            return "--limit excludes all chosen hosts"
        if self.answers.hosts:
            return f"{PREFIX}_hosts ({self.answers.hosts}) matches no host of the inventory"
        domains = f" in {enumerate_values('domain', self.answers.domains)}" if self.answers.domains else ""
        names = f" with {enumerate_values('name', self.answers.names)}" if self.answers.names else ""
        return f"the inventory has no application{domains}{names}"


@dataclass(frozen=True)
class AuditMode:
    """``hosts``: those of the play. ``audited``: the hosts that one task observes; ``None``: each host observes itself.

    ``by_host``: whether hosts that are not in the desired state fail, instead of the host of the task. ``line``: what
    to show before the audit.
    """

    hosts: tuple[str, ...]
    audited: tuple[str, ...] | None = None
    by_host: bool = False
    line: str = ""
    refusal: str = ""


def choose_mode(chosen: AuditHosts, listed: ListedHosts, by_host: bool | None) -> AuditMode:
    """How the hosts are audited. ``by_host``: the variable audit_ha_by_host; ``None``: not set."""
    alone = (chosen.play_host,)
    if not chosen.chooses_hosts:
        return AuditMode(alone)
    if listed.refusal:
        return AuditMode((), refusal=listed.refusal)
    # Without localhost, the task runs on a host that may be in the desired state.
    blames = bool(by_host) or chosen.play_host != LOCALHOST
    if not listed.conflicts:
        line = f"Nothing to audit: {chosen.why_nothing}." if chosen.why_nothing else ""
        return AuditMode(alone, tuple(chosen.hosts), blames, line)
    reasons = "; ".join(listed.conflicts)
    if by_host is False:
        refusal = f"{PREFIX}_by_host is false, but one task cannot audit all hosts: {reasons}. {NOT_AUDITED}"
        return AuditMode((), refusal=refusal)
    line = f"The hosts are audited one by one, which takes longer than in one task: {reasons}."
    return AuditMode(tuple(chosen.hosts), None, True, line)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Select applications. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.globs import Globs, has_wildcard
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.repeats import UniqueApp, unify


@dataclass(frozen=True)
class Selection:
    """Which of the accessible applications.

    ``names`` and ``exclude`` are globs: they match ``domain/name`` if they contain a slash, and ``name`` otherwise.
    ``owners``: logins or globs. Case is ignored. ``claims_ha``: what the platform's flag must be; ``None``: any.
    """

    domains: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    owned_only: bool = False
    scalable_only: bool = False
    owners: tuple[str, ...] = ()
    claims_ha: bool | None = None

    def includes(self, unique: UniqueApp) -> bool:
        """Whether the application is selected, by any of its names. An unreadable one may be scalable, and so on."""
        if self._is_everything:
            return True
        refs = unique.refs
        domain = not self.domains or any(ref.key[0] in self._domains for ref in refs)
        named = not self.names or any(map(self._names.match_ref, refs))
        return domain and named and self._has_details(unique.app) and not any(map(self._excluded.match_ref, refs))

    def _has_details(self, app: Application | Unreadable) -> bool:
        if isinstance(app, Unreadable):
            return True
        owned = not self.owners or self._owners.match(app.owner or "")
        claims = self.claims_ha is None or app.ha == self.claims_ha
        return owned and claims and (not self.scalable_only or app.scalable)

    @cached_property
    def _is_everything(self) -> bool:
        return self == Selection(owned_only=self.owned_only)

    @cached_property
    def _domains(self) -> frozenset[str]:
        return frozenset(domain.lower() for domain in self.domains)

    @cached_property
    def _names(self) -> Globs:
        return Globs(self.names)

    @cached_property
    def _excluded(self) -> Globs:
        return Globs(self.exclude)

    @cached_property
    def _owners(self) -> Globs:
        return Globs(self.owners)


def select(apps: Iterable[Application | Unreadable], selection: Selection) -> tuple[UniqueApp, ...]:
    """The selected applications, each once, sorted by domain and name."""
    return tuple(sorted(filter(selection.includes, unify(apps)), key=lambda unique: unique.app.ref.key))


def find_unmatched(apps: Iterable[Application | Unreadable], selection: Selection) -> tuple[str, ...]:
    """The domains of a selection, and its names and owners without wildcards, that match no application."""
    listed = list(apps) if selection.domains or selection.names or selection.owners else []
    domains = {domain.lower() for domain in selection.domains}
    within = [app.ref.key for app in listed if not domains or app.ref.key[0] in domains]
    known = {domain for domain, _name in within}
    named = {name for _domain, name in within} | {f"{domain}/{name}" for domain, name in within}
    owners = {(app.owner or "").lower() for app in listed if isinstance(app, Application)}
    plain = (name for name in selection.names if not has_wildcard(name))
    return (
        *(domain for domain in selection.domains if domain.lower() not in known),
        *(name for name in plain if name.lower() not in named),
        *(f"owner {owner}" for owner in selection.owners if not has_wildcard(owner) and owner.lower() not in owners),
    )


def find_unknown_domains(domains: Iterable[str], unmatched: Iterable[str]) -> tuple[str, ...]:
    """The domains of a selection among those of its words that match no application."""
    missing = set(unmatched)
    return tuple(domain for domain in dict.fromkeys(domains) if domain in missing)

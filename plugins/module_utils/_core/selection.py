# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Select applications. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.repeats import UniqueApp, unify


@dataclass(frozen=True)
class Selection:
    """Which of the accessible applications.

    ``names`` and ``exclude`` are globs: they match ``domain/name`` if they contain a slash, and ``name`` otherwise.
    Case is ignored.
    """

    domains: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    owned_only: bool = False
    scalable_only: bool = False

    def includes(self, unique: UniqueApp) -> bool:
        """Whether the application is selected, by any of its names. An unreadable one may be scalable."""
        app, refs = unique.app, unique.refs
        domains = [domain.lower() for domain in self.domains]
        domain = not domains or any(ref.key[0] in domains for ref in refs)
        named = not self.names or any(_matches(ref, self.names) for ref in refs)
        scalable = not self.scalable_only or isinstance(app, Unreadable) or app.scalable
        return domain and named and scalable and not any(_matches(ref, self.exclude) for ref in refs)


def select(apps: Iterable[Application | Unreadable], selection: Selection) -> tuple[UniqueApp, ...]:
    """The selected applications, each once, sorted by domain and name."""
    return tuple(sorted(filter(selection.includes, unify(apps)), key=lambda unique: unique.app.ref.key))


def find_unmatched(apps: Iterable[Application | Unreadable], selection: Selection) -> tuple[str, ...]:
    """The domains of a selection, and its names without wildcards, that match no application."""
    domains = {domain.lower() for domain in selection.domains}
    refs = [app.ref.key for app in apps] if domains or selection.names else []
    within = [(domain, name) for domain, name in refs if not domains or domain in domains]
    known = {domain for domain, _name in within}
    named = {name for _domain, name in within} | {f"{domain}/{name}" for domain, name in within}
    plain = (name for name in selection.names if not any(mark in name for mark in "*?["))
    return (
        *(domain for domain in selection.domains if domain.lower() not in known),
        *(name for name in plain if name.lower() not in named),
    )


def find_unknown_domains(domains: Iterable[str], unmatched: Iterable[str]) -> tuple[str, ...]:
    """The domains of a selection among those of its words that match no application."""
    missing = set(unmatched)
    return tuple(domain for domain in dict.fromkeys(domains) if domain in missing)


def _matches(ref: AppRef, globs: Iterable[str]) -> bool:
    full, name = str(ref).lower(), ref.name.lower()
    return any(fnmatchcase(full if "/" in glob else name, glob.lower()) for glob in globs)

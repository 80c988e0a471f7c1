# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognize an application that the broker's list contains more than once. Pure.

A list may contain an application twice, because the broker reads it while others change it: with the same name, perhaps
in other capitals, or with its names before and after its domain was renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef, Unreadable


@dataclass(frozen=True)
class UniqueApp:
    """An application with the names of all its copies in the list, the first copy first."""

    app: Application | Unreadable
    copies: tuple[AppRef, ...]

    @property
    def refs(self) -> tuple[AppRef, ...]:
        """Its different names; more than one if its domain was renamed. Capitals make no difference."""
        if not self.is_repeated and self.copies == (self.app.ref,):
            return self.copies
        different: dict[object, AppRef] = {}
        for ref in (self.app.ref, *self.copies):
            different.setdefault(ref.key, ref)
        return tuple(different.values())

    @property
    def is_repeated(self) -> bool:
        return len(self.copies) > 1


def unify(apps: Iterable[Application | Unreadable]) -> tuple[UniqueApp, ...]:
    """The applications, each once, at its first position.

    A copy with unusable data counts only if there is no other copy.
    """
    found: list[UniqueApp] = []
    positions: dict[object, int] = {}
    for app in apps:
        marks = _marks(app)
        position = next((positions[mark] for mark in marks if mark in positions), None)
        if position is None:
            position = len(found)
            found.append(UniqueApp(app, (app.ref,)))
        else:
            first = found[position]
            best = app if isinstance(first.app, Unreadable) else first.app
            found[position] = UniqueApp(best, (*first.copies, app.ref))
        for mark in marks:
            positions.setdefault(mark, position)
    return tuple(found)


def repeated_names(apps: Iterable[UniqueApp]) -> Iterator[str]:
    """The applications that a list contained more than once, with all their names."""
    return (" = ".join(map(str, each.refs)) for each in apps if each.is_repeated)


def _marks(app: Application | Unreadable) -> tuple[object, ...]:
    """What identifies the application; nothing for unusable data without names.

    Only domains can be renamed, so an ``id`` identifies an application only together with its own name.
    """
    if isinstance(app, Application):
        return (app.ref.key, (app.id, app.ref.key[1], "id")) if app.id else (app.ref.key,)
    return (app.ref.key,) if all(part.isalnum() for part in app.ref.key) else ()

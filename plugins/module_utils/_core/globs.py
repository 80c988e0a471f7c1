# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns with wildcards, compiled once. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef

WILDCARDS = "*?["


@dataclass(frozen=True)
class Globs:
    """Patterns with ``*``, ``?`` and ``[seq]``. A text matches if it matches one of them. Case is ignored.

    A text that equals a pattern matches too: a login may contain brackets.
    """

    patterns: tuple[str, ...]

    def match(self, text: str) -> bool:
        lower = text.lower()
        return lower in self._texts or bool(self._all and self._all.match(lower))

    def match_ref(self, ref: AppRef) -> bool:
        """Patterns with a slash are compared with ``domain/name``, all others with the name."""
        name = ref.name.lower()
        if name in self._texts or (self._of_names and self._of_names.match(name)):
            return True
        if not self._has_slash:
            return False
        full = f"{ref.domain.lower()}/{name}"
        return full in self._texts or bool(self._of_refs and self._of_refs.match(full))

    @cached_property
    def _texts(self) -> frozenset[str]:
        return frozenset(pattern.lower() for pattern in self.patterns)

    @cached_property
    def _has_slash(self) -> bool:
        return any("/" in pattern for pattern in self.patterns)

    @cached_property
    def _all(self) -> re.Pattern[str] | None:
        return _compile(self.patterns)

    @cached_property
    def _of_names(self) -> re.Pattern[str] | None:
        return _compile(pattern for pattern in self.patterns if "/" not in pattern)

    @cached_property
    def _of_refs(self) -> re.Pattern[str] | None:
        return _compile(pattern for pattern in self.patterns if "/" in pattern)


def has_wildcard(pattern: str) -> bool:
    return any(mark in pattern for mark in WILDCARDS)


def _compile(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for all patterns with wildcards; ``None`` without such patterns."""
    translated = [translate(pattern.lower()) for pattern in patterns if has_wildcard(pattern)]
    return re.compile("|".join(f"(?:{each})" for each in translated)) if translated else None

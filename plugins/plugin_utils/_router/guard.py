# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose configuration a router has, and whether it may be replaced. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

#: Whose a configuration is. ``none``: there is none, or nothing but comments.
NONE, OURS, PACKAGE, FOREIGN = "none", "ours", "package", "foreign"
_ALGORITHMS = ("md5", "sha1", "sha256", "sha384", "sha512")


@dataclass(frozen=True)
class Present:
    """The configuration that a router has now.

    ``content``: its bytes; ``paths``: its path and, if that is a link, the path of the file; ``mark``: a text in the
    first line, a comment, of configurations that are our own (empty: all count as our own); ``packaged``: lines of
    ``PATH DIGEST`` as the package managers print them for the files that they installed.
    """

    content: bytes = b""
    paths: tuple[str, ...] = ()
    mark: str = ""
    packaged: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def origin(self) -> str:
        lines = [line.strip() for line in self.text.splitlines()]
        if not self.mark:
            return OURS if any(lines) else NONE
        if lines and lines[0].startswith("#") and self.mark in lines[0]:
            return OURS
        if not any(line and not line.startswith("#") for line in lines):
            return NONE
        return PACKAGE if self._is_as_installed() else FOREIGN

    def _is_as_installed(self) -> bool:
        digests = {_digest(algorithm, self.content) for algorithm in _ALGORITHMS}
        found = (line.split() for line in self.packaged)
        return any(len(words) >= 2 and words[0] in self.paths and words[1].lower() in digests for words in found)


def _digest(algorithm: str, content: bytes) -> str:
    # Package managers record MD5 as well; it is compared here and protects nothing.
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def takeover_refusal(present: Present, takeover: bool) -> str:
    """Why the configuration must not be replaced, whatever by; empty if it may be."""
    if present.origin != FOREIGN or takeover:
        return ""
    path = next(iter(present.paths), "The configuration")
    return (
        f"{path} was not written by this role, nor is it the distribution's unmodified file. To replace it, set "
        "app_router_takeover: true (the option takeover); a backup of it is kept."
    )


def joined(refusals: Iterable[str]) -> str:
    """Several refusals as one text; empty if there is none."""
    return " ".join(refusal for refusal in refusals if refusal)

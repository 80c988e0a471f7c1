# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide whether new routes may replace the configuration that a router has now. Pure.

Every check returns its refusals, and ``format_refusals`` reports all of them in one message.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.routes import (
    Routes,
    count,
    enumerate_refs,
)

#: Origins of a configuration. ``none``: it does not exist, or contains nothing but comments.
NONE, OURS, PACKAGE, FOREIGN = "none", "ours", "package", "foreign"
NOTHING_CHANGED = "Nothing was changed."

_ALGORITHMS = ("md5", "sha1", "sha256", "sha384", "sha512")


@dataclass(frozen=True)
class Refusal:
    """Why the router must not be changed, and what the user can do."""

    reason: str
    advice: str


def format_refusals(refusals: Iterable[Refusal]) -> str:
    """All refusals as one message: the reasons, the effect, the next steps. Empty if there are no refusals."""
    given = list(dict.fromkeys(refusals))
    if not given:
        return ""
    reasons = [refusal.reason for refusal in given]
    advice = list(dict.fromkeys(refusal.advice for refusal in given if refusal.advice))
    return " ".join([*reasons, NOTHING_CHANGED, *advice])


@dataclass(frozen=True)
class PresentConfig:
    """The configuration that a router has now.

    ``paths``: its path and, if that is a symbolic link, the path of the target. ``mark``: a text in the first line, a
    comment, of our own configurations; if empty, every configuration counts as our own. ``packaged``: lines of
    ``PATH DIGEST``, as package managers print them for the files that they installed.
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

    def find_others(self, files: Mapping[str, str]) -> list[str]:
        """The paths of the other ``files`` that no package has installed as they are. Links have other paths."""
        known = {words[1].lower() for words in (line.split() for line in self.packaged) if len(words) >= 2}
        return [
            path
            for path, content in files.items()
            if path not in self.paths
            and known.isdisjoint(_digest(algorithm, content.encode("utf-8", "replace")) for algorithm in _ALGORITHMS)
        ]

    def _is_as_installed(self) -> bool:
        digests = {_digest(algorithm, self.content) for algorithm in _ALGORITHMS}
        lines = (line.split() for line in self.packaged)
        return any(len(words) >= 2 and words[0] in self.paths and words[1].lower() in digests for words in lines)


def _digest(algorithm: str, content: bytes) -> str:
    # Some package managers record MD5. The digest is only compared here and protects nothing.
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def check_takeover(present: PresentConfig, takeover: bool) -> list[Refusal]:
    """Refuse to replace a configuration that somebody else wrote."""
    if present.origin != FOREIGN or takeover:
        return []
    path = next(iter(present.paths), "The configuration")
    return [
        Refusal(
            f"{path} is a foreign configuration: this role did not write it, and it is not the unmodified file of the "
            "distribution.",
            "To replace it, set app_router_takeover: true (the option takeover); a backup is kept.",
        )
    ]


def check_included(present: PresentConfig, files: Mapping[str, str], takeover: bool) -> list[Refusal]:
    """Refuse to replace a configuration that includes files of others: they would no longer be served.

    ``files``: the content of all files with servers that the present configuration consists of, by path.
    """
    others = [] if takeover or present.origin == OURS else present.find_others(files)
    if not others:
        return []
    path = next(iter(present.paths), "The configuration")
    return [
        Refusal(
            f"{path} includes files of others, which would no longer be served: {enumerate_refs(others)}.",
            "Use app_router_mode: fragment to keep them, or set app_router_takeover: true (the option takeover).",
        )
    ]


def check_required(routes: Routes) -> list[Refusal]:
    """Refuse if an application that must be routed is not."""
    if not routes.missing:
        return []
    return [
        Refusal(
            f"Not available for routing: {enumerate_refs(list(routes.missing))}.",
            "Check that each is written as domain/name and is scalable, and that the account may view its domain; with "
            "not_highly_available: exclude it must also be highly available.",
        )
    ]


def check_removal(served: tuple[str, ...], routes: Routes, max_removed: str, allow_empty: bool) -> list[Refusal]:
    """Refuse routes that would leave too many of the applications ``served`` now without any server.

    ``max_removed``: a number, or a percentage of ``served`` (rounded up). Raises ``ValueError`` if it is neither.
    """
    limit = parse_limit(max_removed, len(served))
    kept = {route.ref.lower() for route in routes.routes if route.servers}
    lost = [ref for ref in served if ref.lower() not in kept]
    if not kept and not allow_empty:
        effect = f"; {count(len(served), 'application')} would lose all servers: {enumerate_refs(list(served))}"
        return [
            Refusal(
                f"No application with a server to route to was found{effect if served else ''}.",
                "Check the selection and the broker's data. If this is intended, set app_router_allow_empty: true (the "
                "option allow_empty).",
            )
        ]
    if len(lost) > limit:
        number = f"{count(len(lost), 'application')} of {len(served)}"
        return [
            Refusal(
                f"{number} would no longer be routed: {enumerate_refs(lost)}.",
                "Check the broker's data. If this is intended, raise app_router_max_removed (the option max_removed).",
            )
        ]
    return []


def check_takeover_removal(foreign: Mapping[str, Iterable[str]], routes: Routes, max_removed: str) -> list[Refusal]:
    """Refuse a takeover that would leave too many backends of the foreign configuration without any server.

    ``foreign``: the addresses of the servers of each backend. Raises ``ValueError`` as ``parse_limit`` does.
    """
    routed = {f"{server.address}:{server.port}" for route in routes.routes for server in route.servers}
    lost = [name for name, addresses in foreign.items() if routed.isdisjoint(addresses)]
    if len(lost) <= parse_limit(max_removed, len(foreign)):
        return []
    return [
        Refusal(
            f"{count(len(lost), 'backend')} of {len(foreign)} in the foreign configuration would no longer be served: "
            f"{enumerate_refs(lost)}.",
            "Use app_router_mode: fragment to keep them, or raise app_router_max_removed (the option max_removed).",
        )
    ]


def parse_limit(max_removed: str, total: int) -> int:
    """The number that a number, or a percentage of ``total``, stands for. Raises ``ValueError`` if it is neither."""
    match = re.fullmatch(r"(\d+)(%?)", max_removed.strip())
    if not match:
        raise ValueError(f"must be a number, or a percentage such as 20%, not {max_removed!r}")
    number = int(match[1])
    return math.ceil(total * number / 100) if match[2] else number

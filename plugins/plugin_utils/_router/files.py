# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which files a router gets, whether they differ from the present ones, and whether to reload. Pure.

Every configuration names a map of its own. The rename that puts the configuration in place therefore switches both at
once. Former maps are removed after the reload only: a map that is left over means that a reload is still due.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_DIGEST_LENGTH = 12


@dataclass(frozen=True)
class PresentFiles:
    """What a router has now: the checksum of its configuration (SHA-1, empty if missing), and of each map by path."""

    config_checksum: str
    map_checksums: Mapping[str, str]

    @classmethod
    def from_results(cls, file: Mapping[str, Any], maps: Iterable[Mapping[str, Any]]) -> PresentFiles:
        """From the results of the modules stat and find."""
        checksums = {str(each["path"]): str(each.get("checksum") or "") for each in maps}
        return cls(str(file.get("checksum") or ""), checksums)


@dataclass(frozen=True)
class RouterFiles:
    """The configuration and the map that a router gets."""

    config: str
    map_path: str
    map_text: str

    def differ_from(self, present: PresentFiles) -> bool:
        """Whether the router has another configuration or map now."""
        map_checksum = present.map_checksums.get(self.map_path)
        return present.config_checksum != _sha1(self.config) or map_checksum != _sha1(self.map_text)

    def find_stale_maps(self, present: PresentFiles) -> list[str]:
        """The maps of former configurations."""
        return [path for path in present.map_checksums if path != self.map_path]


def build_files(template: str, placeholder: str, map_text: str, map_start: str) -> RouterFiles:
    """The files of a router.

    ``template``: the configuration with ``placeholder`` for the path of the map. ``map_start``: folder and prefix of
    that path; the rest is a digest of the whole content.
    """
    digest = hashlib.sha256(_encode(template + map_text)).hexdigest()[:_DIGEST_LENGTH]
    path = f"{map_start}{digest}.map"
    return RouterFiles(template.replace(placeholder, path), path, map_text)


def build_reload_note_path(map_start: str) -> str:
    """The empty map whose only purpose is to record that a reload is due."""
    return f"{map_start}none.map"


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _sha1(text: str) -> str:
    # The modules stat and find return SHA-1; it is only compared.
    return hashlib.sha1(_encode(text), usedforsecurity=False).hexdigest()


def build_takeover_diff(path: str, backup: str, config: str) -> dict[str, str]:
    """The difference for a takeover. It hides the former content, which may contain passwords."""
    where = f"Backup: {backup}" if backup else "A backup will be kept beside it."
    return {
        "before_header": path,
        "after_header": path,
        "before": f"(The former configuration is foreign and may contain secrets: it is not shown. {where})\n",
        "after": config,
    }


def is_reload_due(changed: Iterable[object], stale_maps: Iterable[str]) -> bool:
    """Whether to reload: something was written, or an earlier run has not reloaded."""
    return any(changed) or any(stale_maps)


def can_confirm(socket: str, seconds: int) -> bool:
    """Whether to ask the program which configuration it runs with."""
    return bool(socket) and seconds > 0


def build_question(socket: str) -> dict[str, str]:
    """Where to ask: the URL, and the path of the socket if it is not a network address."""
    if socket.startswith("/"):
        return {"url": "http://localhost/", "unix_socket": socket}
    return {"url": f"http://{socket}/", "unix_socket": ""}

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name the certificates of a router where HAProxy finds them. Pure.

HAProxy reads the key of ``NAME.pem`` from ``NAME.pem.key``. A certificate with a separate key gets two symbolic links.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

_DIGEST_LENGTH = 12


def link_path(start: str, certificate: Mapping[str, Any]) -> str:
    """What the configuration names: the file or folder itself, or a link if the key is separate."""
    if not certificate["key"]:
        return str(certificate["certificate"])
    pair = f"{certificate['certificate']}\n{certificate['key']}".encode("utf-8", "surrogateescape")
    return f"{start}{hashlib.sha256(pair).hexdigest()[:_DIGEST_LENGTH]}.pem"


def build_links(start: str, certificates: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The symbolic links that certificates with separate keys need: ``path`` and ``src`` of each."""
    links = []
    for each in certificates:
        if each["key"]:
            path = link_path(start, each)
            links.append({"path": path, "src": str(each["certificate"])})
            links.append({"path": f"{path}.key", "src": str(each["key"])})
    return links

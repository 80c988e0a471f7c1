# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of drills: the role app_router writes it, and the report of an audit reads it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import to_line

#: Of the file's shape, which docs/router.md documents.
VERSION = 1


def parse_drills(text: str) -> list[Any]:
    """The records, as they are. Raises ``ValueError`` with the reason if this is no file of drills."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not valid JSON") from None
    results = document.get("results") if isinstance(document, Mapping) else None
    if not isinstance(results, list):
        raise ValueError("it has no results of drills")
    if document.get("version") != VERSION:
        raise ValueError(f"its version is {to_line(str(document.get('version')))}, and only {VERSION} can be read")
    return results

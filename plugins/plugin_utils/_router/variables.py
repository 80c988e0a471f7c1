# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpret the variables of the role app_router as users write them. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any


def parse_words(value: object) -> list[str]:
    """A list of texts. Users also write it as one text with commas, for example with ``-e``."""
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [word for item in value for word in parse_words(item)]
    return [word.strip() for word in str(value).split(",") if word.strip()]


def parse_log_targets(value: object) -> list[str]:
    """The value of app_router_log. Items of a list stay whole, because a target may contain commas."""
    if isinstance(value, (list, tuple)):
        return [target for item in value for target in _items(item)]
    return parse_words(value)


def _items(value: object) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [target for item in value for target in _items(item)]
    return [] if value is None or not str(value).strip() else [str(value).strip()]


def parse_lines(value: object) -> list[str]:
    """Additional lines of a configuration, from a text or a list of texts."""
    if isinstance(value, (list, tuple)):
        return [line for item in value for line in parse_lines(item)]
    return [] if value is None else [line.rstrip() for line in str(value).strip("\n").splitlines()]


def choose_selection(applications: object, select: Mapping[str, Any] | None) -> dict[str, Any]:
    """The selection for openshift_app_info. A list of applications, also an empty one, takes precedence."""
    return dict(select or {}) if applications is None else {"names": parse_words(applications)}


def is_empty_list(applications: object) -> bool:
    """Whether the user names no application: there is nothing to read. ``None`` is no list."""
    return applications is not None and not parse_words(applications)


def describe_other_selection(router: str) -> str:
    """The refusal for a router whose selection is not the one that was read."""
    return (
        f"{router}: cannot configure this router: it selects other applications than those that were read. Nothing was "
        "changed. Give app_router_applications and app_router_select the same values for all routers, for example in "
        "the variables of their group or with -e."
    )


def describe_missing_routers(pattern: str, unread: str) -> str:
    """The refusal for an inventory without routers. ``unread``: which files of it could not be read, and why."""
    if unread:
        return f"The inventory has no router: no host matches {pattern}. Nothing was changed. {unread} Then run again."
    return (
        f"The inventory has no router: no host matches {pattern}. Nothing was changed. Add the routers to the "
        "inventory, or set router_hosts. If -i names an inventory, see the warnings above: perhaps it is not readable."
    )


def build_map_prefix(config_path: str) -> str:
    """How names of map files begin: different for two configurations whose maps are in the same folder."""
    return f"openshift-apps-{hashlib.sha256(config_path.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}-"

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gears of an application, and the endpoints of their HAProxy instances. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.fields import (
    malformed_error,
    to_list,
    to_mapping,
    to_text,
)


@dataclass(frozen=True)
class Endpoint:
    """Where an external router sends requests: address and port of an HAProxy instance, its gear, and its state."""

    address: str
    port: int
    gear: str
    state: str


@dataclass(frozen=True)
class Gear:
    """A gear. ``cartridges`` are those of its group of gears; ``endpoints`` those of its own HAProxy instance."""

    id: str
    state: str
    cartridges: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]


def gears_from_json(data: object) -> tuple[Gear, ...]:
    """Parse ``GET .../gear_groups?include=endpoints``. Raises ``Unanswered`` if it is malformed."""
    if not isinstance(data, list):
        raise malformed_error("application", "gear groups")
    gears = []
    for group in data:
        fields = to_mapping(group, "gear group")
        names = tuple(str(to_mapping(c, "cartridge").get("name")) for c in to_list(fields, "cartridges", "gear group"))
        gears += [_gear(to_mapping(gear, "gear"), names) for gear in to_list(fields, "gears", "gear group")]
    return tuple(gears)


def _gear(fields: Mapping[str, Any], cartridges: tuple[str, ...]) -> Gear:
    gear, state = to_text(fields, "id", "gear"), str(fields.get("state"))
    all_endpoints = [to_mapping(e, "endpoint") for e in to_list(fields, "endpoints", "gear")]
    balancers = [e for e in all_endpoints if "load_balancer" in to_list(e, "types", "endpoint")]
    endpoints = tuple(Endpoint(to_text(e, "external_address", "endpoint"), _port(e), gear, state) for e in balancers)
    return Gear(gear, state, cartridges, endpoints)


def _port(fields: Mapping[str, Any]) -> int:
    """The broker writes ports as text."""
    text = str(fields.get("external_port"))
    if not (text.isascii() and text.isdigit()):
        raise malformed_error("endpoint", "external_port")
    return int(text)

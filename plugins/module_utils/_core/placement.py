# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gears of an application and the endpoints of their HAProxy instances, as ``gear_groups`` shows them. Pure.

An endpoint has the address of its node. Nothing else shows on which node an HAProxy instance is.
"""

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

#: States of gears. The broker reads them from a file on the node: they are no health checks.
STARTED, STOPPED, IDLE, NEW = "started", "stopped", "idle", "new"
BUILDING, DEPLOYING = "building", "deploying"
#: The node of the gear did not answer.
UNKNOWN = "unknown"
STATES = (STARTED, STOPPED, IDLE, NEW, BUILDING, DEPLOYING, UNKNOWN)
LAST_PORT = 65535


@dataclass(frozen=True)
class Endpoint:
    """Where an external router sends requests: address and port of an HAProxy instance, its gear, and its state."""

    address: str
    port: int
    gear: str
    state: str


@dataclass(frozen=True)
class Gear:
    """A gear. ``cartridges`` are those of its group of gears; ``endpoints`` those of its own HAProxy instance.

    ``location``: region and zone, empty if the platform has none.
    """

    id: str
    state: str
    cartridges: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    location: str = ""


@dataclass(frozen=True)
class Placement:
    """All gears of an application. ``has_endpoints``: whether the endpoints could be read, too.

    The broker shows no endpoint of an application while the node of one of its gears does not answer.
    """

    gears: tuple[Gear, ...]
    has_endpoints: bool = True

    @property
    def silent_gears(self) -> tuple[str, ...]:
        """The gears whose nodes do not answer."""
        return tuple(gear.id for gear in self.gears if gear.state == UNKNOWN)

    def has_gear(self, gear_id: str) -> bool:
        """Whether the application has that gear."""
        return any(gear.id == gear_id for gear in self.gears)

    @property
    def runs(self) -> bool:
        """Whether at least one gear is started."""
        return any(gear.state == STARTED for gear in self.gears)


def gears_from_json(data: object) -> tuple[Gear, ...]:
    """Parse ``GET .../gear_groups``, with or without endpoints. Raises ``Unanswered`` if it is malformed."""
    if not isinstance(data, list):
        raise malformed_error("application", "gear groups")
    gears = []
    for group in data:
        fields = to_mapping(group, "gear group")
        names = tuple(str(to_mapping(c, "cartridge").get("name")) for c in to_list(fields, "cartridges", "gear group"))
        gears += [_gear(to_mapping(gear, "gear"), names) for gear in to_list(fields, "gears", "gear group")]
    return tuple(gears)


def _gear(fields: Mapping[str, Any], cartridges: tuple[str, ...]) -> Gear:
    gear, state = to_text(fields, "id", "gear"), _state(fields)
    all_endpoints = [to_mapping(e, "endpoint") for e in to_list(fields, "endpoints", "gear")]
    balancers = [e for e in all_endpoints if "load_balancer" in to_list(e, "types", "endpoint")]
    endpoints = tuple(Endpoint(to_text(e, "external_address", "endpoint"), _port(e), gear, state) for e in balancers)
    return Gear(gear, state, cartridges, endpoints, _location(fields))


def _state(fields: Mapping[str, Any]) -> str:
    """The state. Whatever is no state of a gear does not show that its node answers."""
    state = fields.get("state")
    return state if isinstance(state, str) and state in STATES else UNKNOWN


def _location(fields: Mapping[str, Any]) -> str:
    """``REGION/ZONE``; the broker writes null for both if the platform has no zones."""
    parts = (fields.get("region"), fields.get("zone"))
    return "/".join(str(part) for part in parts if part) if fields.get("zone") else ""


def _port(fields: Mapping[str, Any]) -> int:
    """The broker writes ports as text."""
    text = str(fields.get("external_port"))
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) <= LAST_PORT):
        raise malformed_error("endpoint", "external_port")
    return int(text)

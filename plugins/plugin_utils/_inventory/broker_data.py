# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the applications from the broker, and what the cache holds of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.fleet_results import unmatched_warnings
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.views import view
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import UnsupportedApi
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import Selection, find_unmatched, select
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.hosts import InventoryData

#: Increased with every change of the shape of what is cached.
CACHE_FORMAT = 1


def read_applications(
    connection: Connection, selection: Selection, owner_gears: bool
) -> tuple[InventoryData, tuple[str, ...]]:
    """The applications of the selection, and warnings. One ``GET``, and a second one for the owners' gears."""
    broker = Broker(connection)
    try:
        observed = broker.applications(selection.owned_only)
        _refuse_old_broker(broker, observed)
        domains = broker.domains() if owner_gears else None
    finally:
        broker.close()
    apps = [app for app in select(observed, selection) if isinstance(app, Application)]
    available = None if domains is None else {domain.name.lower(): domain.available_gears for domain in domains}
    warnings = tuple(_warnings(observed, apps, find_unmatched(observed, selection)))
    return InventoryData(tuple(view(app) for app in apps), available), warnings


def _refuse_old_broker(broker: Broker, observed: tuple[Application | Unreadable, ...]) -> None:
    """Raise ``UnsupportedApi`` if the broker is too old: otherwise the inventory would be empty without an error."""
    for app in observed:
        if isinstance(app, Unreadable) and isinstance(app.error, UnsupportedApi):
            raise broker.sign(app.error)


def _warnings(
    observed: tuple[Application | Unreadable, ...], selected: list[Application], unmatched: tuple[str, ...]
) -> Iterator[str]:
    """``unmatched``: names in the selection that match nothing."""
    unreadable = [app for app in observed if isinstance(app, Unreadable)]
    if unreadable:
        first = unreadable[0]
        plural = "" if len(unreadable) == 1 else "s"
        yield (
            f"Skipped {len(unreadable)} application{plural} with invalid data from the broker. "
            f"The first is {str(first.ref)!r}: {first.error.text}"
        )
    yield from unmatched_warnings(unmatched)
    if not observed:
        yield "No application is accessible to this account."
    elif not selected and not unmatched and not unreadable:
        yield "select matches no application that is accessible to this account."


# --- Cache -----------------------------------------------------------------------------------------------------------


def fingerprint(connection: Connection, select_option: Mapping[str, Any], owner_gears: bool) -> str:
    """The account and the selection as a part of the cache's key, so that no other account uses it. No secrets."""
    account = [connection.username, connection.impersonate_user, connection.client_cert]
    facts = [CACHE_FORMAT, connection.url, account, select_option, owner_gears]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


def to_cache(data: InventoryData) -> dict[str, Any]:
    return {"applications": list(data.applications), "gears_available": data.gears_available}


def from_cache(entry: Mapping[str, Any]) -> InventoryData:
    return InventoryData(tuple(entry["applications"]), entry["gears_available"])

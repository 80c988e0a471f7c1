# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the applications from the broker, and what the cache holds of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.fleet_results import (
    repeat_warnings,
    unmatched_warnings,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.masking import mask_refusal
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policies import unused_warnings, view_rule
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.views import view
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import UnsupportedApi
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import Facts, Policy, Rule
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.repeats import repeated_names
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import Selection, find_unmatched, select
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import clean_data
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.hosts import InventoryData

#: Increased with every change of the shape of what is cached.
CACHE_FORMAT = 2


class UnusableCache(Exception):
    """The cache must not be used. The text is the reason."""


def read_applications(
    connection: Connection, selection: Selection, owner_gears: bool, policy: Policy | None = None
) -> InventoryData:
    """The applications of the selection. One ``GET``, and a second one for the owners' gears.

    ``policy``: the rule that applies is part of the data.
    """
    broker = Broker(connection)
    try:
        observed = broker.applications(selection.owned_only)
        _refuse_old_broker(broker, observed)
        domains = broker.domains() if owner_gears else None
    finally:
        broker.close()
    selected = select(observed, selection)
    apps = [unique.app for unique in selected if isinstance(unique.app, Application)]
    available = None if domains is None else {domain.name.lower(): domain.available_gears for domain in domains}
    repeated = repeat_warnings(tuple(repeated_names(selected)))
    rules = [policy.find_rule(Facts.of_unique(unique)) for unique in selected] if policy else []
    unused = policy.find_unused(rule.number for rule in rules if rule) if policy else ()
    desired = (_view_rule(rule) for unique, rule in zip(selected, rules) if isinstance(unique.app, Application))
    return InventoryData(
        applications=tuple(clean_data(view(app)) for app in apps),
        gears_available=clean_data(available),
        warnings=(
            *_warnings(observed, apps, find_unmatched(observed, selection)),
            *repeated,
            *unused_warnings(tuple(map(str, unused))),
        ),
        complete=not any(isinstance(app, Unreadable) for app in observed),
        desired=tuple(desired) if policy else None,
    )


def _view_rule(rule: Rule | None) -> dict[str, Any] | None:
    """The desired state of one application: what the rule sets, and which rule it is."""
    if rule is None:
        return None
    desired: dict[str, Any] = clean_data({**rule.settings, "rule": view_rule(rule)})
    return desired


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
            f"The first is '{first.ref}': {first.error.text}"
        )
    yield from unmatched_warnings(unmatched)
    if not observed:
        yield "No application is accessible to this account."
    elif not selected and not unmatched and not unreadable:
        yield "select matches no application that is accessible to this account."


# --- Cache -----------------------------------------------------------------------------------------------------------


def fingerprint(
    connection: Connection, select_option: Mapping[str, Any], owner_gears: bool, rules: list[Any] | None = None
) -> str:
    """The account, the selection and the policy as a part of the cache's key, so that no other account uses it.

    A token is an account. The digest is too short to find the token, which is random.
    """
    account = [connection.username, connection.token, connection.impersonate_user, connection.client_cert]
    facts = [CACHE_FORMAT, connection.url, account, select_option, owner_gears]
    facts += [] if rules is None else [repr(rules)]
    return _digest(facts)[:12]


def to_cache(data: InventoryData) -> dict[str, Any]:
    """Incomplete data is not kept: it is not the state of the broker, and each run must warn of it."""
    if not data.complete:
        return {"format": CACHE_FORMAT, "incomplete": True}
    content = _content(data.applications, data.gears_available, data.warnings, data.desired)
    return {"format": CACHE_FORMAT, **content, "digest": _digest(content)}


def from_cache(entry: Any) -> InventoryData | None:
    """The data, or ``None`` if it was incomplete.

    Raises ``UnusableCache`` for anything else than the result of ``to_cache`` in this version.
    """
    if not isinstance(entry, Mapping):
        raise UnusableCache("it is damaged")
    if entry.get("format") != CACHE_FORMAT:
        raise UnusableCache("another version of this plugin wrote it")
    if entry.get("incomplete"):
        return None
    try:
        content = _content(entry["applications"], entry["gears_available"], entry["warnings"], entry.get("desired"))
        intact = entry["digest"] == _digest(content)
    except (KeyError, TypeError, ValueError):
        intact = False
    if not intact:
        raise UnusableCache("it is damaged")
    if problem := mask_refusal("cache", content, "It was ignored."):
        raise UnusableCache(problem)
    desired = tuple(content["desired"]) if "desired" in content else None
    return InventoryData(
        tuple(content["applications"]), content["gears_available"], tuple(content["warnings"]), desired=desired
    )


def _content(applications: Any, gears_available: Any, warnings: Any, desired: Any) -> dict[str, Any]:
    own = {} if desired is None else {"desired": list(desired)}
    return {"applications": list(applications), "gears_available": gears_available, "warnings": list(warnings), **own}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()

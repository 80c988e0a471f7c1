# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications as hosts of an inventory: their names, variables and groups. Pure.

The broker's data determine the names of hosts and groups, and Ansible evaluates templates in names as well. Therefore
names have safe characters only.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, repeat
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import HA_STATUSES
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import IGNORE

#: These groups exist even without hosts, so that a pattern with one of them never matches an unknown group.
STATUS_GROUPS = tuple(f"openshift_ha_{status}" for status in HA_STATUSES)
#: The hosts that the policy ignores. It exists with a policy only.
IGNORED_GROUP = "openshift_ha_ignored"
DESIRED = "openshift_ha_desired"
DOMAIN_PREFIX = "openshift_domain_"
OWNER_PREFIX = "openshift_owner_"

_HOST_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
_NOT_IN_HOST_NAMES = re.compile(r"[^A-Za-z0-9._-]")
#: The fillers are letters without a shape.
_NOT_IN_GROUP_NAMES = re.compile("[\\W\u115f\u1160\u3164\uffa0]")
#: Names with a meaning of their own in Ansible.
_RESERVED = frozenset({"all", "ungrouped", "localhost", "127.0.0.1"})


@dataclass(frozen=True)
class InventoryData:
    """The applications of a broker.

    ``applications``: each as the modules return it (``results.view``), sorted by domain and name.
    ``gears_available``: the remaining gears of the owner of each domain (lower case), ``None`` where they are not
    known. ``None`` if they were not read.
    ``warnings``: what the user must know about the selection. ``complete``: whether all data was valid.
    ``desired``: with a policy, what the rule of each application sets, in their order; ``None`` for one without a rule.
    """

    applications: tuple[Mapping[str, Any], ...]
    gears_available: Mapping[str, int | None] | None = None
    warnings: tuple[str, ...] = ()
    complete: bool = True
    desired: tuple[Mapping[str, Any] | None, ...] | None = None


@dataclass(frozen=True)
class Host:
    """An application as a host. Texts in ``variables`` are unchanged and may look like templates."""

    name: str
    variables: Mapping[str, Any]
    groups: tuple[str, ...]


def name_owner_groups(data: InventoryData, known: Mapping[str, str]) -> dict[str, str]:
    """The group of each owner, by login. ``known``: the logins of groups that exist already, by group."""
    return name_groups(OWNER_PREFIX, (app["owner"] for app in data.applications if app["owner"]), known)


def make_hosts(data: InventoryData, broker_url: str, owners: Mapping[str, str]) -> tuple[Host, ...]:
    """The applications as hosts. ``owners``: the groups from ``name_owner_groups``."""
    domains = name_groups(DOMAIN_PREFIX, (app["domain"] for app in data.applications), {})
    taken: set[str] = set()
    hosts = []
    for app, desired in zip(data.applications, data.desired or repeat(None)):
        name = next(name for name in _host_names(app) if name not in taken)
        taken.add(name)
        groups = [f"openshift_ha_{app['ha_status']}", domains[app["domain"]]]
        groups += [owners[app["owner"]]] if app["owner"] else []
        groups += [IGNORED_GROUP] if desired and desired.get("state") == IGNORE else []
        variables = _variables(app, broker_url, data.gears_available)
        variables.update({} if data.desired is None else {DESIRED: desired})
        hosts.append(Host(name, variables, tuple(groups)))
    return tuple(hosts)


def name_groups(prefix: str, texts: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """The name of a group for each text: safe as Ansible requires, and different for different texts.

    Texts with the same safe name get names that end in a digest of the text. ``known``: the texts of groups that exist
    already, by group. Those texts keep their groups.
    """
    named = {text: name for name, text in known.items()}
    plain = {text: _plain_name(prefix, text) for text in texts}
    chosen = {text: named.get(text, name) for text, name in plain.items()}
    movable = {text for text in plain if text not in named}
    while clashing := [t for t in _find_clashes(chosen, known) if t in movable and chosen[t] == plain[t]]:
        chosen.update({text: f"{plain[text]}_{_digest(text)}" for text in clashing})
    return chosen


def find_renamed(prefix: str, names: Mapping[str, str]) -> dict[str, str]:
    """The groups whose name ends in a digest, by text, sorted."""
    return {text: names[text] for text in sorted(names) if names[text] != _plain_name(prefix, text)}


def _plain_name(prefix: str, text: str) -> str:
    return _NOT_IN_GROUP_NAMES.sub("_", prefix + text)


def _find_clashes(chosen: Mapping[str, str], known: Mapping[str, str]) -> Iterator[str]:
    by_name: dict[str, set[str]] = defaultdict(set)
    for text, name in (*chosen.items(), *((text, name) for name, text in known.items())):
        by_name[name].add(text)
    return (text for text, name in chosen.items() if len(by_name[name]) > 1)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _host_names(app: Mapping[str, Any]) -> Iterator[str]:
    """An endless series of names for the host: the one in its address, then names from its name and domain."""
    in_address = _host_in(app["url"])
    if in_address:
        yield in_address
    fallback = _NOT_IN_HOST_NAMES.sub("-", f"{app['name']}-{app['domain']}").lstrip("-._").lower() or "application"
    yield fallback
    for number in count(2):
        yield f"{fallback}-{number}"


def _host_in(url: str) -> str | None:
    """The host in an address, if it is safe as the name of a host."""
    if not (url.isascii() and url.isprintable()):
        # urlsplit removes line breaks and tabs, and some letters become ASCII in lower case: the name of another host.
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host if host and _HOST_NAME.match(host) and host not in _RESERVED else None


def _variables(
    app: Mapping[str, Any], broker_url: str, gears_available: Mapping[str, int | None] | None
) -> dict[str, Any]:
    variables = {
        "ansible_connection": "local",
        "openshift_domain": app["domain"],
        "openshift_app": app["name"],
        "openshift_ha_status": app["ha_status"],
        "openshift_broker_url": broker_url,
        "openshift_application": dict(app),
    }
    if gears_available is not None:
        variables["openshift_owner_gears_available"] = gears_available.get(app["domain"].lower())
    return variables

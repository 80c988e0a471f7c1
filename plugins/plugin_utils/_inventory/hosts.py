# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How applications become hosts of an inventory: their names, variables and groups. Pure.

Names of hosts and groups are built from what a broker says, and Ansible evaluates templates in names as well. So they
hold harmless characters only, whatever the broker says.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import HA_STATUSES

#: There whether or not an application has the status: a pattern that names them never meets an unknown group.
STATUS_GROUPS = tuple(f"openshift_ha_{status}" for status in HA_STATUSES)
DOMAIN_PREFIX = "openshift_domain_"
OWNER_PREFIX = "openshift_owner_"
#: What makes Ansible take a string for a template; a header of the last kind brings delimiters of its own.
TEMPLATE_MARKS = ("{{", "{%", "{#", "#jinja2:")

_HOST_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
_NO_HOST_NAME = re.compile(r"[^A-Za-z0-9._-]")
_NO_GROUP_NAME = re.compile(r"\W")
#: Names that mean something else to Ansible.
_RESERVED = frozenset({"all", "ungrouped", "localhost", "127.0.0.1"})


@dataclass(frozen=True)
class InventoryData:
    """What is shown of a broker's applications.

    ``applications``: each as the modules return it (``results.view``), by domain and name. ``gears_available``: what
    the owner of each domain (small letters) may still use, ``None`` where that is unknown; ``None``: not asked for.
    """

    applications: tuple[Mapping[str, Any], ...]
    gears_available: Mapping[str, int | None] | None = None


@dataclass(frozen=True)
class Host:
    """An application as a host. ``variables`` hold what the broker says as it is, marks of templates included."""

    name: str
    variables: Mapping[str, Any]
    groups: tuple[str, ...]


def may_be_template(text: str) -> bool:
    """Whether some ansible-core may take the text for a template."""
    return any(mark in text for mark in TEMPLATE_MARKS)


def owner_groups(found: InventoryData, known: Mapping[str, str]) -> dict[str, str]:
    """The group of each owner by login. ``known``: owners' groups that are there already, and whose they are."""
    return group_names(OWNER_PREFIX, (app["owner"] for app in found.applications if app["owner"]), known)


def hosts_from(found: InventoryData, broker_url: str, owners: Mapping[str, str]) -> tuple[Host, ...]:
    """The applications as hosts, ``owners`` as ``owner_groups`` gives them."""
    domains = group_names(DOMAIN_PREFIX, (app["domain"] for app in found.applications), {})
    taken: set[str] = set()
    hosts = []
    for app in found.applications:
        name = next(name for name in _host_names(app) if name not in taken)
        taken.add(name)
        groups = [f"openshift_ha_{app['ha_status']}", domains[app["domain"]]]
        groups += [owners[app["owner"]]] if app["owner"] else []
        hosts.append(Host(name, _variables(app, broker_url, found.gears_available), tuple(groups)))
    return tuple(hosts)


def group_names(prefix: str, texts: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """A group's name for each text: safe as Ansible wants it, and never the same for two texts.

    Where two would share a name, each gets a digest of its text behind it. ``known`` names groups that are there
    already, and their texts: those keep them.
    """
    named = {text: name for name, text in known.items()}
    plain = {text: _plain_name(prefix, text) for text in texts}
    chosen = {text: named.get(text, name) for text, name in plain.items()}
    movable = {text for text in plain if text not in named}
    while clashing := [t for t in _clashing(chosen, known) if t in movable and chosen[t] == plain[t]]:
        chosen.update({text: f"{plain[text]}_{_digest(text)}" for text in clashing})
    return chosen


def find_renamed(prefix: str, names: Mapping[str, str]) -> dict[str, str]:
    """Those of the groups that got another name because two would have shared it, by text, sorted."""
    return {text: names[text] for text in sorted(names) if names[text] != _plain_name(prefix, text)}


def _plain_name(prefix: str, text: str) -> str:
    return _NO_GROUP_NAME.sub("_", prefix + text)


def _clashing(chosen: Mapping[str, str], known: Mapping[str, str]) -> Iterator[str]:
    by_name: dict[str, set[str]] = defaultdict(set)
    for text, name in (*chosen.items(), *((text, name) for name, text in known.items())):
        by_name[name].add(text)
    return (text for text, name in chosen.items() if len(by_name[name]) > 1)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _host_names(app: Mapping[str, Any]) -> Iterator[str]:
    """Names for the host, best first: the one in its address, else one of its name and domain, without end."""
    in_address = _host_in(app["url"])
    if in_address:
        yield in_address
    fallback = _NO_HOST_NAME.sub("-", f"{app['name']}-{app['domain']}").lstrip("-._").lower() or "application"
    yield fallback
    for number in count(2):
        yield f"{fallback}-{number}"


def _host_in(url: str) -> str | None:
    """The host of an address, unless there is none, or none that can safely name a host."""
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

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are the same application: it must not be changed twice at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first

#: A warning names at most this many hosts.
MOST_NAMED = 10
#: Prefixes of variables that describe a host, and choose neither a broker nor settings.
DESCRIPTIONS = ("ansible_", "inventory_", "openshift_", "group_names")
#: The address of the broker decides which application it is.
BROKER = "openshift_broker_url"
SETTINGS = "app_ha_"


@dataclass(frozen=True)
class UniqueHosts:
    """``hosts``: each application once. ``warnings``: about the others. ``refusals``: about different settings."""

    hosts: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()


def unify_hosts(
    hosts: Iterable[str],
    identify: Callable[[str], AppRef | None],
    read_variables: Callable[[str], Mapping[str, Any]],
) -> UniqueHosts:
    """The hosts without those whose application an earlier host already is.

    ``identify`` is fast. ``read_variables`` is slow, so it reads only hosts of the same name in the same domain. Hosts
    with other variables that differ may use different brokers, and are kept.
    """
    kept: dict[str, AppRef | None] = {}
    first_hosts: dict[tuple[str, str], list[str]] = {}
    repeated: list[str] = []
    refusals: list[str] = []
    for host in hosts:
        ref = identify(host)
        same_name = first_hosts.setdefault(ref.key, []) if ref else []
        variables = read_variables(host) if same_name else {}
        first = next((each for each in same_name if _is_same(read_variables(each), variables)), None)
        if first is None:
            kept[host] = ref
            same_name.append(host)
        elif differences := _differing(read_variables(first), variables, SETTINGS):
            refusals.append(
                f"{first} and {host} are the same application ({ref}), with different settings "
                f"({', '.join(differences)})."
            )
        else:
            repeated.append(f"{host} ({first})")
    return UniqueHosts(tuple(kept), _warn(repeated), tuple(refusals))


def _warn(repeated: list[str]) -> tuple[str, ...]:
    if not repeated:
        return ()
    names = join_first(repeated, MOST_NAMED)
    return (f"Hosts that are the same application as another host are skipped: {names}.",)


def _is_same(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether nothing but the hosts' descriptions and settings differs."""
    return first.get(BROKER) == second.get(BROKER) and not [
        name for name in _differing(first, second) if not name.startswith((*DESCRIPTIONS, SETTINGS))
    ]


def _differing(first: Mapping[str, Any], second: Mapping[str, Any], prefix: str = "") -> list[str]:
    names = sorted({*first, *second})
    return [name for name in names if name.startswith(prefix) and first.get(name) != second.get(name)]

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect hosts, variables and groups, so that an inventory receives all of them or none.

Expressions of ``compose``, ``groups`` and ``keyed_groups`` are evaluated for each host, and may fail at any of them.
Ansible keeps the hosts that a plugin added before it failed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.inventory.data import InventoryData

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.templates import may_be_template


class Staging:
    """Has the methods of Ansible's inventory that a plugin uses. ``commit`` repeats their calls on ``target``."""

    def __init__(self, target: Any) -> None:
        self._target = target
        self._calls: list[tuple[str, tuple[Any, ...]]] = []
        self._preview: Any = InventoryData()  # type: ignore[no-untyped-call,unused-ignore]
        self._preview.current_source = getattr(target, "current_source", None)
        for name in target.groups:
            self._preview.add_group(name)
        for name, group in target.groups.items():
            for child in group.child_groups:
                self._preview.add_child(name, child.name)

    def add_group(self, group: str) -> Any:
        return self._call("add_group", group)

    def add_host(self, host: str, group: str | None = None) -> Any:
        if host not in self._preview.hosts:
            self._copy_host(host)
        return self._call("add_host", host, group)

    def add_child(self, group: str, child: str) -> Any:
        return self._call("add_child", group, child)

    def set_variable(self, entity: str, name: str, value: Any) -> None:
        self._call("set_variable", entity, name, value)

    def get_host(self, name: str) -> Any:
        return self._preview.get_host(name)

    def commit(self) -> None:
        """Add everything to the target."""
        for method, arguments in self._calls:
            getattr(self._target, method)(*arguments)

    def _call(self, method: str, *arguments: Any) -> Any:
        answer = getattr(self._preview, method)(*arguments)
        self._calls.append((method, arguments))
        return answer

    def _copy_host(self, name: str) -> None:
        """Expressions use the variables and groups that the host has from earlier inventory sources."""
        known = self._target.hosts.get(name)
        if known is None:
            return
        self._preview.add_host(name)
        for variable, value in known.vars.items():
            self._preview.set_variable(name, variable, value)
        for group in known.groups:
            self._preview.add_child(group.name, name)


def name_keys(value: Any) -> Any:
    """The result of a key of ``keyed_groups``, with names of groups as Ansible requires them.

    Since ansible-core 2.19 an expression keeps its type, and a name must be a string. An empty value means no group.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {str(key): name_keys(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [name_keys(item) for item in value]
    return str(value)


def sanitize_group_name(value: Any, transform: Callable[..., str]) -> str:
    """The name of a group, which YAML may have read as a number. ``transform`` is Ansible's own function.

    By default, Ansible does not change names. Characters that are not printable, and templates, are always replaced.
    """
    name = value if isinstance(value, str) else str(value)
    unsafe = may_be_template(name) or escape_unprintable(name) != name
    return transform(name, force=True, silent=True) if unsafe else transform(name)

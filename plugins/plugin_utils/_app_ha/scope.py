# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which applications the role app_ha handles on a host, and which hosts the playbook audit_ha audits. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.batches import HA_GROUPS, LOCALHOST

HOW_TO_NAME = (
    "For a host that is an application, set both openshift_domain and openshift_app. For any other host, set either "
    "app_ha_applications or app_ha_select."
)


@dataclass(frozen=True)
class RoleHost:
    """The variables of a host that is not an application. ``domain``: whether it has openshift_domain.

    ``audits_all``: all accessible applications, if the variables name none. ``is_alone``: the play has no other host.
    ``unread``: which files of the inventory could not be read, and why.
    """

    name: str
    applications: Any = None
    select: Any = None
    domain: bool = False
    audits_all: bool = False
    is_alone: bool = False
    unread: str = ""

    @property
    def refusal(self) -> str:
        """Why the variables do not name the applications; empty if they do."""
        named = [variable is not None for variable in (self.applications, self.select)]
        if not self.domain and not all(named) and (any(named) or self.audits_all):
            return ""
        if self.unread:
            return f"{self.unread} Then run again. Nothing was changed."
        return f"{self.name}: the variables do not name the applications. Nothing was changed. {HOW_TO_NAME}"

    @property
    def options(self) -> dict[str, Any]:
        """The option of openshift_apps_ha that names the applications."""
        if self.applications is not None:
            return {"applications": self.applications}
        return {"select": {} if self.select is None else self.select}

    @property
    def observe(self) -> dict[str, Any]:
        """The same option of the report, which reads the applications itself; empty if it is about several hosts."""
        return self.options if self.is_alone else {}


@dataclass(frozen=True)
class AuditHosts:
    """What the playbook audit_ha decides from.

    ``pattern``: audit_ha_hosts, empty if it is not set, and ``matched`` the hosts that it matches. ``list_for_run``:
    whether the command line sets app_ha_applications or app_ha_select. ``files``: the inventory files of the plugin.
    """

    groups: Mapping[str, Sequence[str]]
    pattern: Any = ""
    matched: Sequence[str] = ()
    list_for_run: bool = False
    files: Sequence[str] = ()
    unread: str = ""

    @property
    def refusal(self) -> str:
        """Why nothing can be audited: no file of the plugin could be read. It makes its groups from each file."""
        if self.list_for_run or not self.files or self._groups_of_plugin:
            return ""
        reason = self.unread or (
            f"The inventory {', '.join(self.files)} could not be read. The warnings above show the reason."
        )
        return f"{reason} Then run again. No application was audited."

    @property
    def hosts(self) -> list[str]:
        """The hosts of the play. If there are none, localhost audits a list, a selection, all or no applications."""
        return self._chosen or [LOCALHOST]

    @property
    def nothing(self) -> bool:
        """Whether the user chose hosts, but there are none: no application is audited then, and not all of them."""
        return not self._chosen and bool(self.pattern or (self._groups_of_plugin and not self.list_for_run))

    @property
    def _groups_of_plugin(self) -> list[str]:
        return sorted(group for group in self.groups if group.startswith(HA_GROUPS))

    @property
    def _chosen(self) -> list[str]:
        if self.pattern:
            return list(self.matched)
        if self.list_for_run:
            return []
        return list(dict.fromkeys(host for group in self._groups_of_plugin for host in self.groups[group]))

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which applications the role app_ha handles on a host. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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

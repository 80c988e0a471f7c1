# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work out what an external router routes, on the controller; what is decided is in plugin_utils/_router."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.masking import mask_refusal
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import NOT_SCALABLE
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import (
    OURS,
    Present,
    joined,
    takeover_refusal,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.routes import (
    Policy,
    Route,
    Routes,
    absence,
    refusal,
    routes_of,
    served_by,
)

INCLUDE = "include"
SPEC: dict[str, Any] = {
    "applications": {"type": "list", "elements": "dict", "required": True},
    "not_highly_available": {"type": "str", "choices": [INCLUDE, "exclude"], "default": INCLUDE},
    "not_started": {"type": "str", "choices": [INCLUDE, "exclude"], "default": INCLUDE},
    "ha_dns_prefix": {"type": "str", "default": "ha-"},
    "ha_dns_suffix": {"type": "str", "default": ""},
    "passthrough": {"type": "list", "elements": "str", "default": []},
    "needed": {"type": "list", "elements": "str", "default": []},
    "present": {"type": "str", "default": ""},
    "present_base64": {"type": "str", "default": ""},
    "present_paths": {"type": "list", "elements": "str", "default": []},
    "present_mark": {"type": "str", "default": ""},
    "packaged": {"type": "list", "elements": "str", "default": []},
    "takeover": {"type": "bool", "default": False},
    "max_removed": {"type": "str", "default": "20%"},
    "allow_empty": {"type": "bool", "default": False},
}


class ActionModule(NamedAction):
    """The action plugin of ``openshift_routes``; there is no module behind it."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        del tmp
        params = self.validate_options({"argument_spec": SPEC})
        _check_masks(params["applications"])
        _check_endpoints(params["applications"])
        routes = routes_of(params["applications"], _policy(params))
        if missing := absence(routes):
            raise AnsibleActionFail(
                f"{missing} Nothing was changed. Each is named as domain/name; is it there, scalable and, if "
                "others are left out, highly available, and does the account see it (role view in its domain)?"
            )
        present = _present(params)
        if why_not := _refusals(present, routes, params):
            raise AnsibleActionFail(f"{why_not} Nothing was changed.")
        return {**result, **_told(routes), "present_origin": present.origin}


def _present(params: Mapping[str, Any]) -> Present:
    """The configuration that the router has. Raises ``AnsibleActionFail``."""
    try:
        content = base64.b64decode(params["present_base64"], validate=True)
    except ValueError:
        raise AnsibleActionFail("present_base64: must be Base64. Nothing was changed.") from None
    return Present(
        content or params["present"].encode("utf-8", "surrogateescape"),
        tuple(params["present_paths"]),
        params["present_mark"],
        tuple(params["packaged"]),
    )


def _refusals(present: Present, routes: Routes, params: Mapping[str, Any]) -> str:
    """All reasons why these routes must not replace what is there; empty if they may. Raises ``AnsibleActionFail``."""
    served = served_by(present.text) if present.origin == OURS else ()
    try:
        removal = refusal(served, routes, params["max_removed"], params["allow_empty"])
    except ValueError as error:
        raise AnsibleActionFail(f"max_removed: {error}") from error
    return joined([takeover_refusal(present, params["takeover"]), removal])


def _check_masks(applications: list[Mapping[str, Any]]) -> None:
    """Masked data would take applications out of service, or route to wrong addresses."""
    if problem := mask_refusal("data", {"applications": applications}, "Nothing was changed."):
        raise AnsibleActionFail(problem)


def _check_endpoints(applications: list[Mapping[str, Any]]) -> None:
    """Without this, forgetting to gather them would look like a fleet that has lost all its gears."""
    for app in applications:
        if "endpoints" not in app and app.get("ha_status") != NOT_SCALABLE:
            raise AnsibleActionFail("applications: no endpoints. Give openshift_app_info gather: [endpoints].")


def _policy(params: Mapping[str, Any]) -> Policy:
    for option in ("ha_dns_prefix", "ha_dns_suffix"):
        if not re.fullmatch("[A-Za-z0-9-]*", params[option]):
            raise AnsibleActionFail(f"{option}: {params[option]!r} cannot be part of a host name")
    return Policy(
        degraded=params["not_highly_available"] == INCLUDE,
        not_started=params["not_started"] == INCLUDE,
        ha_prefix=params["ha_dns_prefix"].lower(),
        ha_suffix=params["ha_dns_suffix"].lower(),
        tls=tuple(params["passthrough"]),
        needed=tuple(params["needed"]),
    )


def _told(routes: Routes) -> dict[str, Any]:
    told: dict[str, Any] = {
        "changed": False,
        "routes": [_route(route) for route in routes.routes],
        "map": routes.map_text,
        "summary": routes.summary,
        "headline": routes.headline,
    }
    if routes.warnings:
        told["warnings"] = list(routes.warnings)
    return told


def _route(route: Route) -> dict[str, Any]:
    return {
        "domain": route.domain,
        "name": route.name,
        "ha_status": route.ha_status,
        "backend": route.backend,
        "passthrough": route.tls,
        "host": route.host,
        "hosts": list(route.hosts),
        "servers": [{"name": s.name, "address": s.address, "port": s.port} for s in route.servers],
    }

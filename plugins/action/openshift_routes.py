# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute the routes of an external router, on the controller. The decisions are in plugin_utils/_router."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.masking import mask_refusal
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import NOT_SCALABLE
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import (
    FOREIGN,
    NONE,
    NOTHING_CHANGED,
    OURS,
    PresentConfig,
    Refusal,
    check_included,
    check_removal,
    check_required,
    check_takeover,
    check_takeover_removal,
    format_refusals,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.routes import (
    Route,
    Routes,
    RoutingOptions,
    build_routes,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.served import (
    parse_dump,
    parse_foreign,
    parse_served,
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
    "included": {"type": "str", "default": ""},
    "packaged": {"type": "list", "elements": "str", "default": []},
    "problems": {"type": "list", "elements": "dict", "default": []},
    "takeover": {"type": "bool", "default": False},
    "max_removed": {"type": "str", "default": "20%"},
    "allow_empty": {"type": "bool", "default": False},
}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_routes``; it has no module behind it."""

    def answer(self, _variables: Mapping[str, Any]) -> dict[str, Any]:
        params = self.validate_options({"argument_spec": SPEC})
        _check_masks(params["applications"])
        _check_endpoints(params["applications"])
        routes = build_routes(params["applications"], _parse_options(params))
        present = _parse_present(params)
        if problem := format_refusals(_collect_refusals(present, routes, params)):
            raise AnsibleActionFail(problem)
        return {**_build_result(routes), "present_origin": present.origin}


def _fail(problem: str, advice: str = "") -> AnsibleActionFail:
    return AnsibleActionFail(format_refusals([Refusal(problem, advice)]))


def _parse_present(params: Mapping[str, Any]) -> PresentConfig:
    """The configuration that the router has. Raises ``AnsibleActionFail``."""
    try:
        content = base64.b64decode(params["present_base64"], validate=True)
    except ValueError:
        raise _fail("present_base64: must be Base64.") from None
    return PresentConfig(
        content or params["present"].encode("utf-8", "surrogateescape"),
        tuple(params["present_paths"]),
        params["present_mark"],
        tuple(params["packaged"]),
    )


def _collect_refusals(present: PresentConfig, routes: Routes, params: Mapping[str, Any]) -> list[Refusal]:
    """Why these routes must not replace the present configuration. Raises ``AnsibleActionFail``."""
    problems = [Refusal(str(each.get("reason", "")), str(each.get("advice", ""))) for each in params["problems"]]
    dumped = parse_dump(params["included"])
    included = {path: dumped[path] for path in present.find_others(dumped)}
    served = parse_served(present.text) if present.origin == OURS else ()
    try:
        removal = check_removal(served, routes, params["max_removed"], params["allow_empty"])
        if not removal and params["takeover"] and present.origin not in (OURS, NONE):
            foreign = parse_foreign("\n".join([_read_foreign(present), *included.values()]))
            removal = check_takeover_removal(foreign, routes, params["max_removed"])
    except ValueError as error:
        raise _fail(f"max_removed: {error}.") from None
    # A required application that is missing is also a removed one: a higher limit would not help.
    first_contact = check_takeover(present, params["takeover"]) or check_included(present, included, params["takeover"])
    return [*problems, *first_contact, *(check_required(routes) or removal)]


def _read_foreign(present: PresentConfig) -> str:
    """The configuration of somebody else; that of the package serves nothing of anybody."""
    return present.text if present.origin == FOREIGN else ""


def _check_masks(applications: list[Mapping[str, Any]]) -> None:
    """Refuse masked data: it would remove applications from the router, or route them to wrong addresses."""
    if problem := mask_refusal("data", {"applications": applications}, NOTHING_CHANGED):
        raise AnsibleActionFail(problem)


def _check_endpoints(applications: list[Mapping[str, Any]]) -> None:
    """Refuse applications without endpoints: they would look as if they had lost all their gears."""
    for app in applications:
        if "endpoints" not in app and app.get("endpoints_error"):
            raise _fail(
                f"{app.get('domain')}/{app.get('name')}: {app['endpoints_error']}",
                "Run again when the nodes answer.",
            )
        if "endpoints" not in app and app.get("ha_status") != NOT_SCALABLE:
            raise _fail("applications: the endpoints are missing.", "Call openshift_app_info with gather: [endpoints].")


def _parse_options(params: Mapping[str, Any]) -> RoutingOptions:
    for option in ("ha_dns_prefix", "ha_dns_suffix"):
        if not re.fullmatch("[A-Za-z0-9-]*", params[option]):
            raise _fail(f"{option}: {params[option]!r} is not a valid part of a host name.")
    return RoutingOptions(
        degraded=params["not_highly_available"] == INCLUDE,
        not_started=params["not_started"] == INCLUDE,
        ha_prefix=params["ha_dns_prefix"].lower(),
        ha_suffix=params["ha_dns_suffix"].lower(),
        passthrough=tuple(params["passthrough"]),
        required=tuple(params["needed"]),
    )


def _build_result(routes: Routes) -> dict[str, Any]:
    result: dict[str, Any] = {
        "changed": False,
        "routes": [_view_route(route) for route in routes.routes],
        "map": routes.map_text,
        "summary": routes.summary,
        "headline": routes.headline,
    }
    if routes.warnings:
        result["warnings"] = list(routes.warnings)
    return result


def _view_route(route: Route) -> dict[str, Any]:
    return {
        "domain": route.domain,
        "name": route.name,
        "ha_status": route.ha_status,
        "backend": route.backend,
        "passthrough": route.passthrough,
        "host": route.host,
        "hosts": list(route.hosts),
        "servers": [{"name": s.name, "address": s.address, "port": s.port} for s in route.servers],
    }

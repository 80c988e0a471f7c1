# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide for the role broker_ha, on the controller. The decisions are in plugin_utils/_broker_host/role.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.moves import parse_moves
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.role import (
    SETTINGS,
    RoleVariables,
    SpreadVariables,
    build_report,
    describe_late_revocation,
    describe_problems,
    find_failure,
    parse_gears,
    parse_logins,
)

REQUIRED_STR = {"type": "str", "required": True}
RESULTS = {"type": "list", "elements": "dict", "default": []}
QUESTIONS: dict[str, dict[str, Any]] = {
    "variables": {
        "allow": {"type": "bool", "required": True},
        "default_allow": {"type": "bool"},
        "multiplier": {"type": "int"},
        "manage_dns": {"type": "bool"},
        "router_hostname": {"type": "str"},
        "dns_prefix": {"type": "str"},
        "dns_suffix": {"type": "str"},
        "allow_multiple_haproxy_on_node": {"type": "bool"},
        "accounts": {"type": "raw"},
        "accounts_without": {"type": "raw"},
        "spread": {"type": "raw"},
        "accounts_host": REQUIRED_STR,
        "host": REQUIRED_STR,
        "hosts": {"type": "list", "elements": "str", "required": True},
    },
    "spread": {
        "gears": {"type": "raw"},
        "accounts_host": REQUIRED_STR,
        "host": REQUIRED_STR,
        "hosts": {"type": "list", "elements": "str", "required": True},
    },
    "revocation": {"results": {"type": "list", "elements": "dict", "required": True}, "command": REQUIRED_STR},
    "success": {},
    "report": {
        "path": REQUIRED_STR,
        "config": {"type": "dict", "default": {}},
        "accounts": RESULTS,
        "accounts_without": RESULTS,
        "observed": RESULTS,
        "moves": RESULTS,
    },
}
SPEC: dict[str, Any] = {
    # The value of ``success`` is a complete result, so it has no suboptions.
    name: {"type": "dict", **({"options": options} if options else {})}
    for name, options in QUESTIONS.items()
}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_broker_plan``; it has no module behind it."""

    def answer(self, _variables: Mapping[str, Any]) -> dict[str, Any]:
        question, given = self.validate_question(SPEC)
        if question == "variables":
            return _answer_variables(given)
        if question == "spread":
            return _answer_spread(given)
        if question == "success":
            if failure := find_failure(given):
                raise AnsibleActionFail(failure)
            return {}
        if question == "revocation":
            if late := describe_late_revocation(given["results"], given["command"]):
                raise AnsibleActionFail(late)
            return {}
        return {"lines": _build_lines(given, self._task.check_mode)}


def _answer_variables(given: Mapping[str, Any]) -> dict[str, Any]:
    variables = RoleVariables(
        {name: given[name] for name in SETTINGS},
        parse_logins(given["accounts"]),
        parse_logins(given["accounts_without"]),
        given["accounts_host"],
        given["hosts"],
        _parse_spread(given["spread"], given),
    )
    if problem := describe_problems(variables.problems):
        raise AnsibleActionFail(problem)
    return {
        "allow": variables.allow,
        "settings": variables.settings,
        "accounts": list(variables.accounts),
        "accounts_without": list(variables.accounts_without),
        "handles_accounts": given["host"] == variables.accounts_host,
        "gears": _list_gears(variables.spread),
    }


def _answer_spread(given: Mapping[str, Any]) -> dict[str, Any]:
    spread = _parse_spread(given["gears"], given)
    if problem := describe_problems(spread.problems):
        raise AnsibleActionFail(problem)
    return {"gears": _list_gears(spread) if given["host"] == spread.host else []}


def _parse_spread(gears: object, given: Mapping[str, Any]) -> SpreadVariables:
    moves, problems = parse_moves(parse_gears(gears))
    return SpreadVariables(moves, problems, given["accounts_host"], given["hosts"])


def _list_gears(spread: SpreadVariables) -> list[dict[str, str]]:
    """The gears for openshift_gear_move."""
    return [{"gear": move.gear, "node": move.node} for move in spread.moves]


def _build_lines(given: Mapping[str, Any], check_mode: bool) -> list[str]:
    accounts = [*given["accounts"], *given["accounts_without"]]
    return build_report(given["path"], given["config"], accounts, given["observed"], check_mode, given["moves"])

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide for the role app_ha and the playbook audit_ha. The decisions are in plugin_utils/_app_ha/scope.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.run_scope import (
    LISTS,
    find_inventory_files,
    match_hosts,
    read_run_variables,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.scope import AuditHosts, RoleHost
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.failures import UNREAD, describe_unread

QUESTIONS: dict[str, dict[str, Any]] = {
    "applications": {
        "host": {"type": "str", "required": True},
        "applications": {"type": "raw"},
        "select": {"type": "raw"},
        "domain": {"type": "raw"},
        "all": {"type": "bool", "default": False},
    },
    "audit": {"hosts": {"type": "raw"}},
}
SPEC: dict[str, Any] = {name: {"type": "dict", "options": options} for name, options in QUESTIONS.items()}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_ha_plan``; there is no module behind it."""

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        question, given = self.validate_question(SPEC)
        if question == "applications":
            return _answer_applications(given, variables)
        return self._answer_audit(given, variables)

    def _answer_audit(self, given: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        run_variables = read_run_variables(self._task)
        pattern = given["hosts"] or ""
        chosen = AuditHosts(
            groups=variables["groups"],
            pattern=pattern,
            matched=match_hosts(self, pattern, variables) if pattern else (),
            list_for_run=any(name in run_variables for name in LISTS),
            files=find_inventory_files(variables.get("ansible_inventory_sources") or ()),
            unread=describe_unread(UNREAD),
        )
        if chosen.refusal:
            raise AnsibleActionFail(chosen.refusal)
        return {"hosts": chosen.hosts, "nothing": chosen.nothing}


def _answer_applications(given: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    host = RoleHost(
        name=given["host"],
        applications=given["applications"],
        select=given["select"],
        domain=given["domain"] is not None,
        audits_all=given["all"],
        is_alone=len(variables.get("ansible_play_hosts_all") or ()) == 1,
        unread=describe_unread(UNREAD),
    )
    if host.refusal:
        raise AnsibleActionFail(host.refusal)
    return {"options": host.options, "observe": host.observe}

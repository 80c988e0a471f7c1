# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide for the role app_ha and the playbook audit_ha. The decisions are in plugin_utils/_app_ha/scope.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policy_source import read_policy
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import PolicyError, parse_policy
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import (
    ControllerAction,
    to_plain,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.run_scope import (
    LISTS,
    find_inventory_files,
    match_hosts,
    read_run_variables,
    read_variables_of_run,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.host_policies import (
    DESIRED,
    POLICY,
    Policies,
    find_own_settings,
    read_desired,
    without_settings,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.scope import AuditHosts, RoleHost
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.failures import UNREAD, describe_unread
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.templates import may_be_template
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.known import read_families
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.search import search_names

# The parent reads them once for all its workers.
FAMILIES = read_families()
QUESTIONS: dict[str, dict[str, Any]] = {
    "applications": {
        "host": {"type": "str", "required": True},
        "applications": {"type": "raw"},
        "select": {"type": "raw"},
        "domain": {"type": "raw"},
        "all": {"type": "bool", "default": False},
    },
    "audit": {"hosts": {"type": "raw"}},
    "policy": {"prefixes": {"type": "list", "elements": "str", "default": [], "choices": sorted(FAMILIES)}},
}
SPEC: dict[str, Any] = {name: {"type": "dict", "options": options} for name, options in QUESTIONS.items()}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_ha_plan``; there is no module behind it."""

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        question, given = self.validate_question(SPEC)
        if question == "applications":
            return _answer_applications(given, variables)
        if question == "policy":
            return self._answer_policy(given["prefixes"], variables)
        return self._answer_audit(given, variables)

    def _answer_policy(self, prefixes: Sequence[str], variables: Mapping[str, Any]) -> dict[str, Any]:
        """The policies of the hosts of this batch. All mistakes are found here, once for all hosts."""
        families = [FAMILIES[prefix] for prefix in prefixes]
        search = search_names(families, self.evaluate, variables, not self.is_lockstep)
        review = search.review(FAMILIES)
        warned = {"warnings": list(review.warnings)} if review.warnings else {}
        if review.refusal:
            return {**warned, "failed": True, "msg": f"{review.refusal} Nothing was changed."}
        # The names of variables are read in a moment; to read the policies of many hosts takes seconds.
        has_policy = not prefixes or not search.defined.isdisjoint((POLICY, DESIRED))
        return {**warned, **(self._find_policies(variables) if has_policy else {"policies": {}, "of_host": {}})}

    def _find_policies(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        found, hostvars = Policies(), variables["hostvars"]
        of_run = read_variables_of_run(self._task)
        hosts = variables["ansible_play_batch"] if self.is_lockstep else [variables["inventory_hostname"]]
        for host in hosts:
            own = hostvars.raw_get(host)
            names = {**own, **of_run}
            if "openshift_app" in names and not {POLICY, DESIRED}.isdisjoint(names):
                rules = self._read_rules(names, found)
                found.add(host, without_settings(rules, find_own_settings(own, of_run)))
        return {"policies": found.policies, "of_host": found.of_host}

    def _read_rules(self, variables: Mapping[str, Any], found: Policies) -> list[Any]:
        """The rules in the variable of the role, or else in that of the inventory plugin."""
        value = self._evaluate_policy(variables)
        try:
            if value in (None, ""):
                return read_desired(to_plain(self.evaluate(DESIRED, variables))) if DESIRED in variables else []
            return found.read_once(value, self._load_rules)
        except PolicyError as error:
            raise AnsibleActionFail(f"{POLICY}: {error} Nothing was changed.") from None

    def _load_rules(self, value: Any) -> list[Any]:
        """Raises ``PolicyError``."""
        rules = to_plain(read_policy(value, (self._loader.get_basedir(), str(Path.cwd()))))
        parse_policy(rules)
        return list(rules)

    def _evaluate_policy(self, variables: Mapping[str, Any]) -> Any:
        """The value of the variable. To evaluate a long list for thousands of hosts would take long."""
        raw = variables.get(POLICY)
        return self.evaluate(POLICY, variables) if may_be_template(repr(raw)) else to_plain(raw)

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

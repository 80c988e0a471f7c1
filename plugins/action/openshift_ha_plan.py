# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide for the role app_ha and the playbook audit_ha. The decisions are in plugin_utils/_app_ha/scope.py."""

from __future__ import annotations

import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policy_source import read_policy
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import PolicyError, parse_policy
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.plain import to_plain
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.run_scope import (
    LISTS,
    find_inventory_files,
    match_hosts,
    read_run_variables,
    read_variables_of_run,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.answers import (
    Answers,
    find_flag_mistakes,
    parse_flag,
    parse_list,
    parse_text,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.audit_hosts import (
    NOT_AUDITED,
    PREFIX,
    AuditHosts,
    choose_mode,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.batches import Inventory, unknown_names
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.host_policies import (
    DESIRED,
    POLICY,
    Policies,
    find_own_settings,
    read_desired,
    without_settings,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.listed_hosts import list_hosts
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.scope import RoleHost
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.failures import UNREAD, describe_unread
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.known import read_defaults, read_families
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.search import search_names

# The parent reads them once for all its workers.
FAMILIES = read_families()
#: The variables of the role.
FAMILY = FAMILIES["app_ha"]
PREFIXES = {"type": "list", "elements": "str", "default": [], "choices": sorted(FAMILIES)}
APPLICATIONS: dict[str, Any] = {
    "host": {"type": "str", "required": True},
    "applications": {"type": "raw"},
    "select": {"type": "raw"},
    "domain": {"type": "raw"},
    "all": {"type": "bool", "default": False},
}
QUESTIONS: dict[str, dict[str, Any]] = {
    "applications": APPLICATIONS,
    "audit": {
        "prefixes": PREFIXES,
        **{name: {"type": "raw"} for name in ("hosts", "domains", "names", "by_host", "sliced")},
    },
    "policy": {
        "prefixes": PREFIXES,
        "audited": {"type": "list", "elements": "str"},
        "applications": {"type": "dict", "options": APPLICATIONS},
    },
}
SPEC: dict[str, Any] = {name: {"type": "dict", "options": options} for name, options in QUESTIONS.items()}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_ha_plan``; there is no module behind it."""

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        question, given = self.validate_question(SPEC)
        if question == "applications":
            return _answer_applications(given, variables)
        families = [FAMILIES[prefix] for prefix in given["prefixes"]]
        audited = given.get("audited") or ()
        search = search_names(families, self.evaluate, variables, not self.is_lockstep, audited)
        review = search.review(FAMILIES)
        try:
            if review.refusal:
                raise AnsibleActionFail(f"{review.refusal} Nothing was changed.")
            if question == "policy":
                answer = self._answer_policy(given, search.defined, variables)
            else:
                answer = self._answer_audit(given, variables)
        except AnsibleActionFail as error:
            # As a result, because an error would hide the warnings.
            answer = {"failed": True, "msg": str(error)}
        warnings = [*review.warnings, *answer.pop("warnings", ())]
        return {**answer, **({"warnings": warnings} if warnings else {})}

    def _answer_policy(
        self, given: Mapping[str, Any], defined: AbstractSet[str], variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The policies of the hosts of this batch. All mistakes are found here, once for all hosts.

        Also which applications the only host of the play handles, unless it is an application.
        """
        answer: dict[str, Any] = {"policies": {}, "of_host": {}, "time": time.time()}
        if given["audited"] is not None:
            return answer
        # The names of variables are read in a moment; to read the policies of many hosts takes seconds.
        if not given["prefixes"] or not defined.isdisjoint((POLICY, DESIRED)):
            answer.update(self._find_policies(variables))
        if given["applications"] is not None and _is_alone(variables) and "openshift_app" not in variables:
            answer.update(_answer_applications(given["applications"], variables))
        return answer

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
        value = self.evaluate(POLICY, variables) if POLICY in variables else None
        try:
            if value in (None, ""):
                return read_desired(self.evaluate(DESIRED, variables)) if DESIRED in variables else []
            return found.read_once(value, self._load_rules)
        except PolicyError as error:
            raise AnsibleActionFail(f"{POLICY}: {error} Nothing was changed.") from None

    def _load_rules(self, value: Any) -> list[Any]:
        """Raises ``PolicyError``."""
        rules = to_plain(read_policy(value, (self._loader.get_basedir(), str(Path.cwd()))))
        parse_policy(rules)
        return list(rules)

    def _answer_audit(self, given: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        run_variables, hostvars = read_run_variables(self._task), variables["hostvars"]
        answers = Answers(
            hosts=given["hosts"] or "",
            domains=parse_list(given["domains"]),
            names=parse_list(given["names"]),
            sliced=parse_text(given["sliced"]),
            prefix=PREFIX,
        )
        inventory = Inventory(
            groups=variables["groups"],
            matched=match_hosts(self, answers.hosts, variables) if answers.hosts else (),
            allowed=variables["ansible_play_hosts_all"] if "ansible_limit" in variables else None,
            list_for_run=any(name in run_variables for name in LISTS),
            unread=describe_unread(UNREAD),
        )
        chosen = AuditHosts(answers, inventory, find_inventory_files(variables.get("ansible_inventory_sources") or ()))
        refusals = [*find_flag_mistakes(given), *chosen.refusals]
        if refusals:
            raise AnsibleActionFail(" ".join([*refusals, NOT_AUDITED]))
        of_play = {**read_defaults(FAMILY.prefix), **hostvars.raw_get(chosen.play_host), **run_variables}
        of_run = read_variables_of_run(self._task)
        listed = list_hosts(chosen.hosts, hostvars.raw_get, of_run, of_play, FAMILY.variables, self.evaluate)
        mode = choose_mode(chosen, listed, parse_flag(given["by_host"]))
        if mode.refusal:
            raise AnsibleActionFail(mode.refusal)
        warnings = list(unknown_names(answers, inventory, refused=False))
        return {
            "hosts": list(mode.hosts),
            "one_task": mode.audited is not None,
            "audited": list(mode.audited or ()),
            "by_host": mode.by_host,
            "line": mode.line,
            **({"warnings": warnings} if warnings else {}),
        }


def _is_alone(variables: Mapping[str, Any]) -> bool:
    """Whether the play has no other host."""
    return len(variables.get("ansible_play_hosts_all") or ()) == 1


def _answer_applications(given: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    host = RoleHost(
        name=given["host"],
        applications=given["applications"],
        select=given["select"],
        domain=given["domain"] is not None,
        audits_all=given["all"],
        is_alone=_is_alone(variables),
        unread=describe_unread(UNREAD),
    )
    if host.refusal:
        raise AnsibleActionFail(host.refusal)
    return {"options": host.options, "observe": host.observe}

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose hosts and batches for the playbook enable_ha. The decisions are in plugin_utils/_app_ha."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.vars.hostvars import HostVars

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policy_source import read_policy
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import PRESENT, Policy
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import PolicyError, parse_policy
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.plain import to_plain
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.run_scope import (
    LISTS,
    match_hosts,
    read_run_variables,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.answers import Answers, parse_list, parse_text
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.batches import (
    LOCALHOST,
    Batches,
    FirstHost,
    Inventory,
    choose,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.host_policies import (
    DESIRED,
    POLICY,
    UNCERTAIN,
    predict_state,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.run_stats import count_nothing
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.same_hosts import unify_hosts
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.failures import UNREAD, describe_unread
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.known import read_families
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.names import Review
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.search import Search

SPEC: dict[str, Any] = {
    "hosts": {"type": "raw"},
    "domains": {"type": "raw"},
    "names": {"type": "raw"},
    "canary": {"type": "raw"},
    "batch_size": {"type": "raw"},
    "max_fail_percentage": {"type": "raw"},
    "max_changes": {"type": "raw"},
    "role_max_changes": {"type": "raw"},
    "dry_run": {"type": "raw"},
    "sliced": {"type": "raw"},
}
FAMILIES = read_families()
#: The variables of the playbook, and those of its role.
PREFIXES = ("enable_ha", "app_ha")
_NAMES = {"type": "list", "elements": "str"}
#: The options that are names, by their variables in the playbook.
NAMES: dict[str, Any] = {"enable_ha_domains": _NAMES, "enable_ha_names": _NAMES}
#: Variables that limit what changes. They also hold if a host or its group sets them.
OF_HOST = {
    "max_changes": "enable_ha_max_changes",
    "role_max_changes": "app_ha_max_changes",
    "dry_run": "enable_ha_dry_run",
}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_ha_batches``; there is no module behind it."""

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        params = self.validate_options({"argument_spec": SPEC})
        given = {name: params[name.removeprefix("enable_ha_")] for name in NAMES}
        self.check_options({"argument_spec": NAMES}, given, NAMES)
        answers = _parse(params)
        run_variables = read_run_variables(self._task)
        inventory = Inventory(
            groups=variables["groups"],
            matched=match_hosts(self, answers.hosts, variables) if answers.hosts else (),
            allowed=variables["ansible_play_hosts_all"] if "ansible_limit" in variables else None,
            list_for_run=any(name in run_variables for name in LISTS),
            unread=describe_unread(UNREAD),
        )
        read_host = partial(_read_host, variables["hostvars"], run_variables)
        hostvars = variables["hostvars"]
        unify = partial(unify_hosts, identify=partial(_identify, hostvars), read_variables=hostvars.raw_get)
        mistakes, state_of = self._read_policy(run_variables, hostvars)
        batches, refusals = choose(answers, inventory, read_host, self._task.check_mode, unify, state_of)
        refusals = [*mistakes, *refusals]
        names, lists = self._review_names(batches.hosts or [LOCALHOST], run_variables, hostvars)
        if refusals or names.refusal:
            message = " ".join(filter(None, [names.refusal, *refusals, "Nothing was changed."]))
            return {"failed": True, "msg": message}
        warnings = [*names.warnings, *batches.warnings]
        return {**self._keywords(batches, lists), **({"warnings": warnings} if warnings else {})}

    def _read_policy(
        self, run_variables: Mapping[str, Any], hostvars: HostVars
    ) -> tuple[list[str], Callable[[str], str]]:
        """The mistakes in the policy for the whole run, and the state that it gives a host."""
        try:
            value = self.evaluate(POLICY, run_variables) if run_variables.get(POLICY) is not None else None
        except AnsibleError:
            # The template needs variables of the hosts. The role evaluates it for each of them.
            return [], lambda _host: UNCERTAIN
        policy = None
        try:
            if value not in (None, ""):
                rules = to_plain(read_policy(value, (self._loader.get_basedir(), str(Path.cwd()))))
                policy = parse_policy(rules)
        except PolicyError as error:
            return [f"{POLICY}: {error}"], lambda _host: UNCERTAIN
        return [], partial(_state_of, hostvars, policy)

    def _review_names(
        self, hosts: Iterable[str], run_variables: Mapping[str, Any], hostvars: HostVars
    ) -> tuple[Review, frozenset[str]]:
        """Find misspelt variables of the run and of the chosen hosts. The role finds those of other prefixes.

        Also returns the hosts that are no applications.
        """
        lists = set()
        search = Search([FAMILIES[prefix] for prefix in PREFIXES], self.evaluate)
        search.add(run_variables)
        for host in hosts:
            variables = {**hostvars.raw_get(host), **run_variables}
            search.add(variables)
            if "openshift_app" not in variables:
                lists.add(host)
        return search.review(FAMILIES), frozenset(lists)

    def _keywords(self, batches: Batches, lists: Collection[str]) -> dict[str, Any]:
        return {
            "hosts": list(batches.hosts),
            "application_hosts": [host for host in batches.hosts if host not in lists],
            "list_hosts": [host for host in batches.hosts if host in lists],
            "serial": list(batches.serial),
            "max_fail_percentage": float(batches.max_fail_percentage),
            "check_mode": self._task.check_mode or batches.predicts,
            "diff_mode": self._task.diff,
            "list_limit": batches.list_limit,
            "line": batches.line,
            **({} if batches.hosts else _statistics_of_nothing(batches.line)),
        }


def _statistics_of_nothing(line: str) -> dict[str, Any]:
    """The statistics of a run without anything to do, as ansible.builtin.set_stats returns them."""
    return {"ansible_stats": {"data": count_nothing(line), "per_host": False, "aggregate": False}}


def _parse(params: Mapping[str, Any]) -> Answers:
    return Answers(
        hosts=params["hosts"] or "",
        domains=parse_list(params["domains"]),
        names=parse_list(params["names"]),
        canary=parse_text(params["canary"]),
        batch_size=parse_text(params["batch_size"]),
        max_fail_percentage=parse_text(params["max_fail_percentage"]),
        max_changes=parse_text(params["max_changes"]),
        role_max_changes=parse_text(params["role_max_changes"]),
        dry_run=parse_text(params["dry_run"]),
        sliced=parse_text(params["sliced"]),
    )


def _state_of(hostvars: HostVars, policy: Policy | None, name: str) -> str:
    """The state of a host in the policy of the run, or in that of its inventory."""
    host = hostvars._inventory.get_host(name)
    own = host.vars if host else {}
    if policy is not None:
        return predict_state(policy, _identify(hostvars, name), own.get("openshift_application"))
    desired = own.get(DESIRED)
    return str(desired.get("state") or PRESENT) if isinstance(desired, Mapping) else PRESENT


def _identify(hostvars: HostVars, name: str) -> AppRef | None:
    """The application that the inventory's own variables of a host and of its groups name, if they do.

    All variables of a host would take milliseconds.
    """
    host = hostvars._inventory.get_host(name)
    sources = [host.vars, *(group.vars for group in reversed(host.get_groups()))] if host else []
    names = ("openshift_domain", "openshift_app")
    domain, app = (next((source[name] for source in sources if name in source), None) for name in names)
    is_plain = isinstance(domain, str) and isinstance(app, str) and "{{" not in f"{domain}{app}"
    return AppRef(str(domain), str(app)) if is_plain else None


def _read_host(hostvars: HostVars, run_variables: Mapping[str, Any], host: str) -> FirstHost:
    own = hostvars.raw_get(host)
    variables = {**run_variables, **own}
    return FirstHost(
        is_application="openshift_app" in variables,
        has_domain="openshift_domain" in variables,
        has_list=any(variables.get(name) is not None for name in LISTS),
        # The variables of the run take precedence. hostvars evaluates templates.
        answers={
            option: parse_text(hostvars[host][name])
            for option, name in OF_HOST.items()
            if name in own and name not in run_variables
        },
    )

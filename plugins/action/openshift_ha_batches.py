# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose hosts and batches for the playbook enable_ha. The decisions are in plugin_utils/_app_ha."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible.plugins.loader import lookup_loader
from ansible.vars.hostvars import HostVars

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.answers import Answers, parse_list, parse_text
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.batches import (
    Batches,
    FirstHost,
    Inventory,
    choose,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.same_hosts import unify_hosts

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
}
_NAMES = {"type": "list", "elements": "str"}
#: The options that are names, by their variables in the playbook.
NAMES: dict[str, Any] = {"enable_ha_domains": _NAMES, "enable_ha_names": _NAMES}
LISTS = ("app_ha_applications", "app_ha_select")
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
        names = {name: params[name.removeprefix("enable_ha_")] for name in NAMES}
        self.check_options({"argument_spec": NAMES}, names, NAMES)
        answers = _parse(params)
        run_variables = self._run_variables()
        inventory = Inventory(
            groups=variables["groups"],
            matched=self._match(answers.hosts, variables) if answers.hosts else (),
            allowed=variables["ansible_play_hosts_all"] if "ansible_limit" in variables else None,
            list_for_run=any(name in run_variables for name in LISTS),
        )
        read_host = partial(_read_host, variables["hostvars"], run_variables)
        hostvars = variables["hostvars"]
        unify = partial(unify_hosts, identify=partial(_identify, hostvars), read_variables=hostvars.raw_get)
        batches, refusals = choose(answers, inventory, read_host, self._task.check_mode, unify)
        if refusals:
            return {"failed": True, "msg": " ".join([*refusals, "Nothing was changed."])}
        return self._keywords(batches)

    def _run_variables(self) -> dict[str, Any]:
        """The variables that hold for the whole run: those of the command line and of the play, not of any host."""
        variables: dict[str, Any] = self._task.get_variable_manager().get_vars(play=self._task.get_play())
        return variables

    def _match(self, pattern: Any, variables: Mapping[str, Any]) -> list[str]:
        """The hosts that a pattern matches, regardless of --limit."""
        lookup = lookup_loader.get("ansible.builtin.inventory_hostnames", loader=self._loader, templar=self._templar)
        patterns = list(pattern) if isinstance(pattern, (list, tuple)) else [pattern]
        return [str(host) for host in lookup.run(patterns, variables=variables)]

    def _keywords(self, batches: Batches) -> dict[str, Any]:
        return {
            "hosts": list(batches.hosts),
            "serial": list(batches.serial),
            "max_fail_percentage": float(batches.max_fail_percentage),
            "check_mode": self._task.check_mode or batches.predicts,
            "diff_mode": self._task.diff or batches.predicts or self._task.check_mode,
            "list_limit": batches.list_limit,
            "line": batches.line,
            **({"warnings": list(batches.warnings)} if batches.warnings else {}),
        }


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
    )


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
        # Those of the run have precedence. hostvars evaluates templates.
        answers={
            option: parse_text(hostvars[host][name])
            for option, name in OF_HOST.items()
            if name in own and name not in run_variables
        },
    )

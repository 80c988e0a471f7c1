# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Summarize the results of the role app_ha. The decisions are in plugin_utils/_app_ha."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.plain import PlainHosts, to_plain
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.audit_outcome import (
    OUTCOME,
    Expectations,
    summarize_audit,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.outcome import (
    SEE_SUMMARY,
    RoleOutcome,
    summarize_batch,
    summarize_host,
    summarize_list,
)

SPEC: dict[str, Any] = {
    "application": {"type": "str"},
    "applications": {"type": "str"},
    "report": {"type": "str"},
    "select": {"type": "raw"},
    "fail_on_drift": {"type": "bool", "default": False},
    "allow_empty": {"type": "bool", "default": False},
    "by_host": {"type": "bool", "default": False},
    "hosts": {"type": "list", "elements": "str"},
    "verdict": {
        "type": "dict",
        "options": {"headline": {"type": "str", "required": True}, "failure": {"type": "str", "default": ""}},
    },
    "batch": {"type": "str"},
    "show": {"type": "str"},
    "brief": {"type": "bool", "default": False},
}
INPUTS = ("application", "applications")
QUESTIONS = ("report", "batch", "show", "verdict")
#: Ansible then shows the result although the task succeeded.
SHOWN = {"_ansible_verbose_always": True}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_ha_outcome``; there is no module behind it."""

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        params = self.validate_options(
            {
                "argument_spec": SPEC,
                "mutually_exclusive": [QUESTIONS, *((option, each) for option in INPUTS for each in QUESTIONS)],
                "required_one_of": [(*INPUTS, *QUESTIONS)],
            }
        )
        if params["batch"]:
            return self._summarize_batch(params["batch"], variables)
        if params["show"]:
            return _show(params, variables)
        if params["verdict"]:
            return _give_verdict(params["verdict"])
        if params["report"]:
            return _summarize_audit(params, variables)
        outcome = _summarize(params, variables)
        return {
            "results": list(outcome.results),
            "lines": list(outcome.lines),
            "failure": outcome.failure,
        }

    def _summarize_batch(self, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Group the failures of all hosts of the batch, if the strategy runs them together."""
        hosts = variables["ansible_play_batch"] if self.is_lockstep else []
        hostvars = PlainHosts(variables["hostvars"])
        outcomes = [hostvars.raw_get(host).get(name) or {} for host in hosts]
        failures = [str(outcome["failure"]) for outcome in outcomes if outcome.get("failure")]
        batch = summarize_batch(failures, len(hosts))
        return {"brief": batch.brief, **({"msg": list(batch.lines), **SHOWN} if batch.lines else {})}


def _show(params: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Show what changed, or fail with the reason."""
    outcome = _read_result(params["show"], variables)
    if outcome.get("failure"):
        return {"failed": True, "msg": SEE_SUMMARY if params["brief"] else outcome["failure"]}
    return {"msg": outcome["lines"], **SHOWN}


def _give_verdict(verdict: Mapping[str, str]) -> dict[str, Any]:
    """Fail with the failure, or show the headline."""
    if verdict["failure"]:
        return {"failed": True, "msg": verdict["failure"]}
    return {"msg": verdict["headline"], **SHOWN}


def _summarize_audit(params: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    report = _read_result(params["report"], variables)
    if not report:
        raise AnsibleActionFail(f"No task has registered a result in {params['report']}.")
    expected = Expectations(params["select"], params["fail_on_drift"], params["allow_empty"], params["by_host"])
    outcome = summarize_audit(report, expected, str(variables["inventory_hostname"]), params["hosts"])
    return {
        "lines": list(outcome.lines),
        "headline": outcome.headline,
        "failure": outcome.failure,
        "failures": dict(outcome.failures),
        "verdict_hosts": list(outcome.failures) or [str(variables["inventory_hostname"])],
        "stats": {OUTCOME: outcome.outcome},
    }


def _summarize(params: Mapping[str, Any], variables: Mapping[str, Any]) -> RoleOutcome:
    """Summarize the first registered result that was not skipped. Raises ``AnsibleActionFail``."""
    if application := _read_result(params["application"], variables):
        return summarize_host(application)
    if applications := _read_result(params["applications"], variables):
        return summarize_list(applications)
    names = " or ".join(params[option] for option in INPUTS if params[option])
    raise AnsibleActionFail(f"No task has registered a result in {names}.")


def _read_result(name: str | None, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The result of that name; empty if it does not exist, or if its task was skipped."""
    result = variables.get(name) if name else None
    if not isinstance(result, Mapping) or result.get("skipped"):
        return {}
    plain: dict[str, Any] = to_plain(result)
    return plain

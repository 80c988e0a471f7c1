# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Summarize the results of the role app_ha. The decisions are in plugin_utils/_app_ha."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.plain import to_plain
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.audit_outcome import (
    OUTCOME,
    Expectations,
    judge_outcome,
    summarize_audit,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.outcome import (
    SEE_SUMMARY,
    RoleOutcome,
    summarize_host,
    summarize_list,
    summarize_run,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.run_stats import count_run
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.summary import Summary

SPEC: dict[str, Any] = {
    "application": {"type": "str"},
    "applications": {"type": "str"},
    "report": {"type": "str"},
    "select": {"type": "raw"},
    "fail_on_drift": {"type": "bool", "default": False},
    "allow_empty": {"type": "bool", "default": False},
    "by_host": {"type": "bool", "default": False},
    "hosts": {"type": "list", "elements": "str"},
    "audit_verdict": {
        "type": "dict",
        "options": {"headline": {"type": "str", "required": True}, "failure": {"type": "str", "default": ""}},
    },
    "outcome": {"type": "str"},
    "headline": {"type": "str", "default": ""},
    "summary": {"type": "str"},
    "stats": {"type": "str"},
    "verdict": {"type": "str"},
}
INPUTS = ("application", "applications")
QUESTIONS = ("report", "summary", "stats", "verdict", "audit_verdict", "outcome")
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
        if params["outcome"] is not None:
            failure = judge_outcome(params["outcome"], params["headline"])
            return _give_verdict({"headline": "The audit found no drift.", "failure": failure})
        if params["audit_verdict"]:
            return _give_verdict(params["audit_verdict"])
        if params["report"]:
            return _summarize_audit(params, variables)
        if params["summary"]:
            return {"msg": self._summarize_run(params["summary"], variables)[0].lines, **SHOWN}
        if params["stats"]:
            # As ansible.builtin.set_stats returns them.
            counts = count_run(*self._summarize_run(params["stats"], variables))
            return {"ansible_stats": {"data": counts, "per_host": False, "aggregate": False}}
        if params["verdict"]:
            return self._decide(params["verdict"], variables)
        outcome = _summarize(params, variables)
        # An earlier play may have left outcomes, too.
        play = self._task.get_play()._uuid
        return {"results": list(outcome.results), "note": outcome.note, "failure": outcome.failure, "play": play}

    def _summarize_run(self, name: str, variables: Mapping[str, Any]) -> tuple[Summary, list[Mapping[str, Any]], int]:
        """The summary for all hosts of the play so far, if the strategy runs them together.

        Also the results, and how many hosts failed without one.
        """
        own = variables["inventory_hostname"]
        hosts = list(variables["ansible_play_hosts_all"]) if self.is_lockstep else [own]
        active, batch = set(variables["ansible_play_hosts"]), set(variables["ansible_play_batch"])
        outcomes = {host: self._read_outcome(host, name) for host in hosts}
        missing = [host for host, outcome in outcomes.items() if not outcome]
        last = max((number for number, host in enumerate(hosts) if host in batch), default=0)
        summary = summarize_run(
            {host: outcome for host, outcome in outcomes.items() if outcome},
            unreached=[host for host in missing if host not in active],
            later=sum(host in active for host in hosts[last + 1 :] if not outcomes[host]),
        )
        results = [result for outcome in outcomes.values() for result in outcome.get("results") or ()]
        return summary, results, sum(host not in active for host in missing)

    def _read_outcome(self, host: str, name: str) -> Mapping[str, Any]:
        """The outcome of a host in this play; empty if it has none. All variables of a host would take milliseconds."""
        manager = self._task.get_variable_manager()
        outcome = manager._nonpersistent_fact_cache.get(host, {}).get(name) or {}
        plain: dict[str, Any] = to_plain(outcome)
        return plain if plain.get("play") == self._task.get_play()._uuid else {}

    def _decide(self, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Fail if the host has failed. If others of the batch have failed too, the reason is only in the summary."""
        failure = _read_result(name, variables).get("failure")
        if not failure:
            return {}
        is_grouped = self.is_lockstep and "openshift_app" in variables
        others = set(variables["ansible_play_batch"]) - {variables["inventory_hostname"]} if is_grouped else ()
        is_one_of_several = any(self._read_outcome(host, name).get("failure") for host in others)
        return {"failed": True, "msg": SEE_SUMMARY if is_one_of_several else failure}


def _give_verdict(verdict: Mapping[str, str]) -> dict[str, Any]:
    """Fail with the failure, or show the headline."""
    if verdict["failure"]:
        return {"failed": True, "msg": verdict["failure"]}
    return {"msg": verdict["headline"], **SHOWN}


def _summarize_audit(params: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    report = _read_result(params["report"], variables)
    if not report:
        raise _no_result(params["report"])
    expected = Expectations(params["select"], params["fail_on_drift"], params["allow_empty"], params["by_host"])
    outcome = summarize_audit(report, expected, str(variables["inventory_hostname"]), params["hosts"])
    stats = {OUTCOME: outcome.outcome}
    return {
        "lines": list(outcome.lines),
        "headline": outcome.headline,
        "failure": outcome.failure,
        "failures": dict(outcome.failures),
        "verdict_hosts": list(outcome.failures) or [str(variables["inventory_hostname"])],
        "stats": stats,
        # As ansible.builtin.set_stats returns them.
        "ansible_stats": {"data": stats, "per_host": False, "aggregate": False},
    }


def _summarize(params: Mapping[str, Any], variables: Mapping[str, Any]) -> RoleOutcome:
    """Summarize the first registered result that was not skipped. Raises ``AnsibleActionFail``."""
    if application := _read_result(params["application"], variables):
        return summarize_host(application)
    if applications := _read_result(params["applications"], variables):
        return summarize_list(applications)
    raise _no_result(*(params[option] for option in INPUTS if params[option]))


def _no_result(*names: str) -> AnsibleActionFail:
    hint = "Run again without --start-at-task, --tags and --skip-tags."
    return AnsibleActionFail(f"No task has registered a result in {' or '.join(names)}. Nothing was changed. {hint}")


def _read_result(name: str | None, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The result of that name; empty if it does not exist, or if its task was skipped."""
    result = variables.get(name) if name else None
    if not isinstance(result, Mapping) or result.get("skipped"):
        return {}
    plain: dict[str, Any] = to_plain(result)
    return plain

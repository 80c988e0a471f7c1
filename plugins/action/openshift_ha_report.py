# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the report of an audit, on the controller. plugin_utils/_report decides what is in it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.utils.vars import load_extra_vars

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.fleet_observer import (
    observation_spec,
    observe_fleet,
    without_collections,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.plain import (
    PlainHosts,
    PlainVariables,
    to_plain,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.run_scope import read_variables_of_run
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.listed_hosts import list_hosts
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import parse_made_at
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.commands import AuditScope
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.drills import find_old_drills, read_drills
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.files import DEFAULT_FORMATS, FORMATS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import (
    InputError,
    ReportInput,
    assign_hosts,
    parse_registered,
    read_brokers,
    read_hosts,
    read_variables,
    refuse_damaged,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.publish import (
    find_option_problem,
    publish,
    read_target,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.returns import returned_values
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.scope import (
    scope_of_options,
    scope_of_variables,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.several import build_reports
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.known import read_families

WHAT_TO_DO_APART = "No report was written. Audit these hosts one by one: set audit_ha_by_host, or run the role on them."
#: The variables of the role app_ha.
OF_ROLE = read_families()["app_ha"].variables
#: Where the results come from.
SOURCES = ("results", "registered", "brokers", "applications", "select")
#: The options about the report itself. Those that name the applications are validated by the observation.
OF_REPORT: dict[str, Any] = {
    "results": {"type": "list", "elements": "dict"},
    "registered": {"type": "list", "elements": "str"},
    "hosts": {"type": "list", "elements": "str"},
    "brokers": {
        "type": "list",
        "elements": "dict",
        "options": {
            "broker_url": {"type": "str", "required": True},
            "results": {"type": "list", "elements": "dict"},
            "registered": {"type": "list", "elements": "str"},
            "gears_available": {"type": "dict"},
        },
        "mutually_exclusive": [("results", "registered")],
        "required_one_of": [("results", "registered")],
    },
    "gears_available": {"type": "dict"},
    "title": {"type": "str", "default": "High availability of applications"},
    "broker_url": {"type": "str"},
    "shown_broker_url": {"type": "str"},
    "made_at": {"type": "str"},
    "duration": {"type": "float"},
    "drill_path": {"type": "path"},
    "drill_results": {"type": "list", "elements": "raw"},
    "drill_max_age": {"type": "int", "default": 90},
    "directory": {"type": "path"},
    "name": {"type": "str", "default": "report"},
    "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": list(DEFAULT_FORMATS)},
    "history_limit": {"type": "int", "default": 400},
    "report_url": {"type": "str"},
}
OBSERVED = observation_spec()
SPEC: dict[str, Any] = {**OBSERVED, **OF_REPORT}
RULES: dict[str, Any] = {
    "mutually_exclusive": [SOURCES, *(("hosts", source) for source in SOURCES if source != "registered")],
    "required_one_of": [(*SOURCES, "hosts")],
}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_ha_report``; no module of this name runs."""

    _requires_connection = True

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        with without_collections():
            return self._report(variables)

    def _report(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        params = self._validate()
        if problem := find_option_problem(params):
            raise AnsibleActionFail(problem)
        started = time.monotonic()
        report, warnings, is_refused = self._build(params, variables)
        if params["duration"] is None and (_observes_list(params) or _observes_hosts(params)):
            params["duration"] = round(time.monotonic() - started, 1)
        try:
            written = publish(report, read_target(params), bool(self._task.check_mode))
        except (OSError, ValueError) as error:
            # ValueError: characters that no path can have. An error while data is written does not name the file.
            where = "" if getattr(error, "filename", None) else f"{params['directory']}: "
            raise AnsibleActionFail(f"directory: The report cannot be written: {where}{error}") from None
        self._option_warnings = (*self._option_warnings, *warnings, *written.warnings)
        values = {**returned_values(written.report), **written.facts}
        return {**values, "failed": True, "msg": report.error} if is_refused else values

    def _validate(self) -> dict[str, Any]:
        """Validate the options about the report. The observation validates its own, unless there is none."""
        sources = {name: {"type": "raw"} for name in ("applications", "select")}
        own = {name: value for name, value in self._task.args.items() if name not in OBSERVED.keys() - OF_REPORT.keys()}
        own.update({name: self._task.args[name] for name in sources if name in self._task.args})
        return self.validate_options({"argument_spec": {**OF_REPORT, **sources}, **RULES}, own, names=())

    def _build(self, params: Mapping[str, Any], variables: Mapping[str, Any]) -> tuple[Report, tuple[str, ...], bool]:
        """The report, the warnings of the observation, and whether it refused an option."""
        try:
            made_at = parse_made_at(params["made_at"], datetime.now())
            collected = self._collect(params, variables)
            inputs = [*collected.inputs, ReportInput((), params["gears_available"] or {})]
            refuse_damaged(inputs, collected.is_intact)
        except InputError as error:
            raise AnsibleActionFail(str(error)) from None
        shown = params["shown_broker_url"] or params["broker_url"] or ""
        default_url = os.environ.get("OPENSHIFT_BROKER_URL", "")
        drills = read_drills(Path(params["drill_path"]) if params["drill_path"] else None, params["drill_results"])
        scope = self._describe_scope(params, variables)
        report = build_reports(inputs, params["title"], shown, made_at, default_url, scope, drills)
        old = find_old_drills(report.rows, made_at, params["drill_max_age"])
        warnings = (*collected.warnings, *drills.warnings, *([old] if old else []))
        return report, warnings, collected.is_refused

    def _policy_folders(self) -> Iterator[str]:
        """Where a relative path of a policy may begin."""
        yield self._loader.get_basedir()
        yield str(Path.cwd())

    def _describe_scope(self, params: Mapping[str, Any], variables: Mapping[str, Any]) -> AuditScope:
        """What decided the desired state, for the commands of the report."""
        inventories = [str(source) for source in variables.get("ansible_inventory_sources") or ()]
        folders = self._policy_folders()
        if _observes_list(params):
            return scope_of_options(to_plain(self._task.args), OBSERVED, inventories, folders)
        return scope_of_variables(to_plain(load_extra_vars(self._loader)), inventories, folders)

    def _collect(self, params: Mapping[str, Any], variables: Mapping[str, Any]) -> _Collected:
        """The results of tasks, or of an observation by this task."""
        if _observes_list(params):
            return self._observe({}, variables)
        if _observes_hosts(params):
            return self._observe_hosts(params["hosts"], variables)
        return _Collected(_read_inputs(params, variables), False)

    def _observe_hosts(self, hosts: list[str], variables: Mapping[str, Any]) -> _Collected:
        """Observe these hosts of the inventory in one task, each with its own settings."""
        of_run = read_variables_of_run(self._task)
        listed = list_hosts(hosts, variables["hostvars"].raw_get, of_run, variables, OF_ROLE, self.evaluate)
        problem = listed.refusal or "; ".join(listed.conflicts)
        if problem:
            raise InputError(problem if listed.refusal else f"hosts: {problem}. {WHAT_TO_DO_APART}")
        own = self._task.args.get("policy")
        options = {"applications": listed.applications, "policy": listed.rules if own in (None, "") else own}
        observed = self._observe(options, variables)
        (part,) = observed.inputs
        return replace(observed, inputs=assign_hosts(part, listed.host_of))

    def _observe(self, more: Mapping[str, Any], variables: Mapping[str, Any]) -> _Collected:
        options = {name: value for name, value in self._task.args.items() if name in OBSERVED}
        observed = observe_fleet(self, {**options, **more}, variables)
        warnings = tuple(observed.result.get("warnings") or ())
        return _Collected([parse_registered(observed.result)], observed.is_intact, warnings, observed.is_refused)


@dataclass(frozen=True)
class _Collected:
    """The data of the report. ``is_intact``, ``is_refused``: see ``Observation``."""

    inputs: list[ReportInput]
    is_intact: bool
    warnings: tuple[str, ...] = ()
    is_refused: bool = False


def _observes_list(params: Mapping[str, Any]) -> bool:
    return params["applications"] is not None or params["select"] is not None


def _observes_hosts(params: Mapping[str, Any]) -> bool:
    return params["hosts"] is not None and params["registered"] is None


def _read_inputs(params: Mapping[str, Any], task_vars: Mapping[str, Any]) -> list[ReportInput]:
    if params["results"] is not None:
        return [ReportInput(tuple(params["results"]))]
    if params["brokers"] is not None:
        return read_brokers(params["brokers"], PlainVariables(task_vars))
    if params["hosts"] is None:
        return read_variables(params["registered"], PlainVariables(task_vars))
    return read_hosts(params["hosts"], params["registered"], PlainHosts(task_vars["hostvars"]))

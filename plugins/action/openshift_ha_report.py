# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the report of an audit, on the controller. plugin_utils/_report decides what is in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import parse_made_at
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.files import DEFAULT_FORMATS, FORMATS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import (
    InputError,
    ReportInput,
    read_brokers,
    read_hosts,
    read_variables,
    refuse_malformed,
    refuse_masked,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.publish import (
    find_option_problem,
    publish,
    read_target,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.returns import returned_values
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.several import build_reports

SPEC: dict[str, Any] = {
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
    "made_at": {"type": "str"},
    "duration": {"type": "float"},
    "directory": {"type": "path"},
    "name": {"type": "str", "default": "report"},
    "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": list(DEFAULT_FORMATS)},
    "history_limit": {"type": "int", "default": 400},
    "report_url": {"type": "str"},
}
RULES: dict[str, Any] = {
    "mutually_exclusive": [("results", "registered", "brokers"), ("results", "hosts"), ("hosts", "brokers")],
    "required_one_of": [("results", "registered", "brokers")],
    "required_by": {"hosts": ("registered",)},
}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_ha_report``; no module runs."""

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        params = self.validate_options({"argument_spec": SPEC, **RULES}, names=())
        if problem := find_option_problem(params):
            raise AnsibleActionFail(problem)
        report = _build(params, variables)
        try:
            written = publish(report, read_target(params), bool(self._task.check_mode))
        except (OSError, ValueError) as error:
            # ValueError: characters that no path can have.
            raise AnsibleActionFail(f"directory: The report cannot be written: {error}") from None
        self._option_warnings = (*self._option_warnings, *written.warnings)
        return {**returned_values(written.report), **written.facts}


def _build(params: Mapping[str, Any], task_vars: Mapping[str, Any]) -> Report:
    try:
        inputs = _read_inputs(params, task_vars)
        refuse_malformed(inputs)
        refuse_masked(inputs)
        made_at = parse_made_at(params["made_at"], datetime.now())
    except InputError as error:
        raise AnsibleActionFail(str(error)) from None
    default_url = os.environ.get("OPENSHIFT_BROKER_URL", "")
    inventories = [str(source) for source in task_vars.get("ansible_inventory_sources") or ()]
    return build_reports(inputs, params["title"], params["broker_url"] or "", made_at, inventories, default_url)


def _read_inputs(params: Mapping[str, Any], task_vars: Mapping[str, Any]) -> list[ReportInput]:
    available = params["gears_available"] or {}
    if params["results"] is not None:
        return [ReportInput(tuple(params["results"]), available)]
    if params["brokers"] is not None:
        inputs = read_brokers(params["brokers"], task_vars)
    elif params["hosts"] is None:
        inputs = read_variables(params["registered"], task_vars)
    else:
        inputs = read_hosts(params["hosts"], params["registered"], task_vars["hostvars"])
    return [*inputs, ReportInput((), available)]

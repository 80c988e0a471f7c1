# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of one broker: credential, inventory, job templates, schedules and the workflow. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup import managed
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.desired import (
    NOTIFIED,
    Variables,
    describe,
    grants,
    required_objects,
    shared_objects,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.objects import Desired, Key, Setup, Values

SCHEDULE = "every night"
#: Where AWX and projects have collections, for a sync of an inventory. ansible-core 2.19 and newer do not read the
#: variable ANSIBLE_COLLECTIONS_PATHS, which AWX sets, so without this a sync does not find them.
SOURCE_VARIABLES: Mapping[str, str] = {
    "ANSIBLE_COLLECTIONS_PATH": (
        "/runner/requirements_collections:/runner/project/collections:~/.ansible/collections:/usr/share/ansible/collections"
    )
}
#: audit -(success)-> drift -(failure: drift)-> approval -(success)-> enable -(always)-> audit again -(success)-> drift
#: again. No other failure has a successor, so it fails the workflow.
EDGES: Mapping[str, tuple[str, str]] = {
    "audit": ("success_nodes", "drift"),
    "drift": ("failure_nodes", "approval"),
    "approval": ("success_nodes", "enable"),
    "enable": ("always_nodes", "audit again"),
    "audit again": ("success_nodes", "drift again"),
}
NODES: Mapping[str, str] = {
    "audit": "audit in the workflow",
    "drift": "drift in the workflow",
    "approval": "",
    "enable": "enable",
    "audit again": "audit in the workflow",
    "drift again": "drift in the workflow",
}
EDGE_KINDS = ("success_nodes", "failure_nodes", "always_nodes")
AUDIT_DESCRIPTION = "Reports applications that are not highly available. Changes nothing."


@dataclass(frozen=True)
class BrokerObjects:
    """The objects of ``broker``, in the order in which they are created."""

    variables: Variables
    broker: Values

    def every(self) -> Iterator[Desired]:
        if not self.broker.get("credential"):
            yield self._credential()
        yield self._inventory()
        yield self._source()
        failing = {"app_ha_fail_on_drift": True, **self._variables_of("audit")}
        notified = self.variables.notified(*NOTIFIED)
        yield self._audit("audit", f"{AUDIT_DESCRIPTION} Fails on drift.", failing, notified)
        yield self._schedule(self.template("audit"), bool(self.variables["audit_scheduled"]))
        yield self._enable()
        if self.variables["workflow"]:
            yield from self._workflow()

    def _variables_of(self, what: str) -> dict[str, Any]:
        """Those of both job templates, so that they agree, and those of this one, which take precedence."""
        return {**self.variables["variables"], **self.variables[f"{what}_variables"]}

    def template(self, what: str) -> Key:
        return Key("job_templates", self.variables.name(self.broker, what))

    @property
    def inventory(self) -> Key:
        return Key("inventories", self.variables.name(self.broker))

    @property
    def credential(self) -> Key:
        name = self.broker.get("credential") or self.variables.name(self.broker)
        return Key("credentials", name, self.variables.credential_type)

    @property
    def workflow(self) -> Key:
        return Key("workflow_job_templates", self.variables.name(self.broker, "audit and repair"))

    def _credential(self) -> Desired:
        definitions = self.variables.definitions
        given = {name: value for name, value in self.broker.items() if name in definitions["inputs"]}
        inputs = {name: str(value) for name, value in given.items() if value not in (None, "")}
        inputs["validate_certs"] = str(bool(self.broker.get("validate_certs", True))).lower()
        return Desired(
            self.credential,
            {"description": describe(f"For {self.broker['url']}."), "inputs": inputs},
            {"organization": self.variables.organization, "credential_type": self.variables.credential_type},
            secrets=frozenset(definitions["secret_inputs"]),
        )

    def _inventory(self) -> Desired:
        address = self.broker.get("url") or self.broker["name"]
        fields = {
            **managed.INVENTORY,
            "description": describe(f"The applications of {address}, each as a host."),
            "variables": self.variables["inventory_variables"],
        }
        fixed = {"organization": self.variables.organization, "kind": ""}
        return Desired(self.inventory, fields, fixed, self.variables.instance_groups())

    def _source(self) -> Desired:
        fields = {
            **managed.SOURCE,
            "description": describe("Reads the applications from the broker."),
            "source": "scm",
            "source_project": self.variables.project,
            "source_path": self.broker.get("inventory_file") or self.variables["inventory_file"],
            "source_vars": {**SOURCE_VARIABLES, **self.variables["source_variables"]},
            "credential": self.credential,
            "execution_environment": self.variables.environment,
            "update_cache_timeout": self.variables["inventory_cache"],
        }
        key = Key("inventory_sources", "openshift_apps", self.inventory)
        return Desired(key, fields, {"inventory": self.inventory}, self.variables.notified("error"))

    def _template(
        self, what: str, fields: Values, links: Mapping[str, tuple[Key, ...]], survey: Values | None = None
    ) -> Desired:
        common = {
            **managed.JOB_TEMPLATE,
            "inventory": self.inventory,
            "project": self.variables.project,
            "execution_environment": self.variables.environment,
            "forks": self.variables["forks"],
            "job_slice_count": 1,
            "diff_mode": True,
            "timeout": self.variables["timeout"],
            "verbosity": self.variables["verbosity"],
            "survey_enabled": survey is not None,
        }
        credentials = (self.credential, *self.variables.keys("credentials", "credentials"))
        return Desired(
            self.template(what),
            {**common, **fields, "description": describe(fields["description"])},
            links={"credentials": credentials, **self.variables.instance_groups(), **links},
            added={"labels": self.variables.keys("labels", "labels")},
            survey=survey,
        )

    def _audit(self, what: str, description: str, extra_vars: Values, links: Mapping[str, tuple[Key, ...]]) -> Desired:
        fields = {
            "description": description,
            "job_type": "check",
            "playbook": self.variables["audit_playbook"],
            "extra_vars": {"app_ha_report_formats": [], **extra_vars},
        }
        return self._template(what, fields, links)

    def _enable(self) -> Desired:
        # Exact names of the survey may be in another slice.
        sliced = {"enable_ha_sliced": True} if self.variables["slices"] > 1 else {}
        fields = {
            "description": "Makes all applications highly available, or those that the answers of the survey choose.",
            "job_type": "run",
            "playbook": self.variables["enable_playbook"],
            "extra_vars": {**sliced, **self._variables_of("enable")},
            "job_slice_count": self.variables["slices"],
        }
        return self._template(
            "enable", fields, self.variables.notified(*NOTIFIED), self.variables.definitions["survey"]
        )

    def _schedule(self, template: Key, enabled: bool) -> Desired:
        fields = {
            **managed.LAUNCH,
            "description": describe("Starts every night."),
            "rrule": schedule_rule(self.variables),
            "enabled": enabled,
            "extra_data": {},
        }
        return Desired(Key("schedules", SCHEDULE, template), fields, {"unified_job_template": template})

    # --- The workflow

    def _workflow(self) -> Iterator[Desired]:
        description = f"{AUDIT_DESCRIPTION} For the workflow: does not fail on drift, and has no notifications."
        succeeding = {**self._variables_of("audit"), "app_ha_fail_on_drift": False}
        silent: dict[str, tuple[Key, ...]] = dict.fromkeys(self.variables.notified(*NOTIFIED), ())
        yield self._audit(NODES["audit"], description, succeeding, silent)
        yield self._template(
            NODES["drift"],
            {
                "description": "Fails if the audit of the workflow found drift. Sends no request to the broker.",
                "job_type": "run",
                "playbook": self.variables["outcome_playbook"],
                "extra_vars": {},
            },
            {"credentials": (), **silent},
        )
        fields = {
            **managed.WORKFLOW,
            "description": describe(
                "Audits, asks for approval if applications have drifted, makes them highly available, and audits again."
            ),
        }
        yield Desired(
            self.workflow,
            fields,
            {"organization": self.variables.organization},
            self.variables.notified(*NOTIFIED, "approval"),
            {"labels": self.variables.keys("labels", "labels")},
        )
        yield self._schedule(self.workflow, bool(self.variables["workflow_scheduled"]))
        yield from (self._node(name, what) for name, what in NODES.items())

    def _node(self, name: str, what: str) -> Desired:
        edge, successor = EDGES.get(name, ("", ""))
        links = {kind: (self._node_key(successor),) if kind == edge else () for kind in EDGE_KINDS}
        fields: dict[str, Any] = {**managed.LAUNCH, "extra_data": {}, "all_parents_must_converge": False}
        approval = None
        if what:
            fields["unified_job_template"] = self.template(what)
        else:
            approval = {
                "name": f"{self.variables.name(self.broker)} - repair what has drifted?",
                "description": "Open the audit of this workflow: it names the applications. Approve to repair them.",
                "timeout": self.variables["approval_timeout"],
            }
        key = self._node_key(name)
        return Desired(key, fields, {"workflow_job_template": self.workflow}, links, approval=approval)

    def _node_key(self, name: str) -> Key:
        return Key("workflow_job_template_nodes", name, self.workflow)


def schedule_rule(variables: Variables) -> str:
    """The rule of the schedules."""
    if variables["audit_rrule"]:
        return str(variables["audit_rrule"])
    time, zone = str(variables["audit_time"]).replace(":", ""), variables["audit_timezone"]
    start = f":20260101T{time}00Z" if zone == "UTC" else f";TZID={zone}:20260101T{time}00"
    return f"DTSTART{start} RRULE:FREQ=DAILY;INTERVAL=1"


def describe_setup(values: Values, definitions: Values) -> Setup:
    """Everything that the variables describe."""
    variables = Variables(values, definitions)
    objects = [*shared_objects(variables)]
    for broker in variables["brokers"]:
        objects += BrokerObjects(variables, broker).every()
    required = required_objects(variables, (each.key for each in objects))
    return Setup(variables.organization, tuple(objects), required, grants(variables, objects))

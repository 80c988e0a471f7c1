# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that all brokers share, those that must exist, and the roles of teams. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup import managed, messages
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.objects import (
    MARK,
    Desired,
    Grant,
    Key,
    Values,
)

#: The roles of a team, by what it may do: for each type of object, the role in AWX.
ROLES: Mapping[str, Mapping[str, str]] = {
    "run": {"job_templates": "execute_role", "workflow_job_templates": "execute_role"},
    "approve": {"workflow_job_templates": "approval_role"},
    "admin": {
        "job_templates": "admin_role",
        "workflow_job_templates": "admin_role",
        "inventories": "admin_role",
        "credentials": "use_role",
    },
}
NOTIFIED = ("error", "success")
#: The association for each event with a variable.
NOTIFICATIONS: Mapping[str, str] = {
    "error": "notification_templates_error",
    "success": "notification_templates_success",
    "approval": "notification_templates_approvals",
}


@dataclass(frozen=True)
class Variables:
    """The validated variables of the playbook, without their prefix, and the definitions of its file of variables."""

    values: Values
    definitions: Values

    def __getitem__(self, name: str) -> Any:
        return self.values.get(f"awx_setup_{name}")

    @property
    def organization(self) -> Key:
        return Key("organizations", self["organization"])

    @property
    def credential_type(self) -> Key:
        return Key("credential_types", self.definitions["type"]["name"])

    @property
    def project(self) -> Key:
        return Key("projects", self["project"])

    @property
    def environment(self) -> Key | None:
        name = self["execution_environment"]
        return Key("execution_environments", name) if name else None

    def name(self, broker: Values, what: str = "") -> str:
        """The name of an object of a broker in AWX."""
        return f"{self['prefix']} {str(broker['name']).strip()}{f' - {what}' if what else ''}"

    def keys(self, path: str, name: str) -> tuple[Key, ...]:
        """The objects that a variable lists by name."""
        return tuple(Key(path, str(each)) for each in self[name] or ())

    def notified(self, *events: str) -> dict[str, tuple[Key, ...]]:
        """The associations with notification templates, for the events whose variables are set."""
        return {
            NOTIFICATIONS[event]: self.keys("notification_templates", f"notifications_{event}")
            for event in events
            if self[f"notifications_{event}"] is not None
        }

    def instance_groups(self) -> dict[str, tuple[Key, ...]]:
        if self["instance_groups"] is None:
            return {}
        return {"instance_groups": self.keys("instance_groups", "instance_groups")}


def describe(text: str) -> str:
    """A description with the mark."""
    return f"{text} {MARK}"


def shared_objects(variables: Variables) -> Iterator[Desired]:
    """What all brokers share, in the order in which it is created."""
    galaxy = variables["galaxy_credentials"]
    yield Desired(
        variables.organization,
        links={} if galaxy is None else {"galaxy_credentials": variables.keys("credentials", "galaxy_credentials")},
    )
    yield from (
        Desired(key, fixed={"organization": variables.organization}) for key in variables.keys("labels", "labels")
    )
    yield from (_notification_template(variables, each) for each in variables["notification_templates"] or ())
    if variables["execution_environment_image"] and variables.environment:
        image = {
            "image": variables["execution_environment_image"],
            "description": describe("For jobs of OpenShift HA."),
        }
        yield Desired(variables.environment, image)
    yield _credential_type(variables)
    if variables["project_url"]:
        yield _project(variables)


def _credential_type(variables: Variables) -> Desired:
    kind = variables.definitions["type"]
    fields = {name: kind[name] for name in ("description", "inputs", "injectors")}
    return Desired(variables.credential_type, fields, fixed={"kind": "cloud"})


def _notification_template(variables: Variables, given: Values) -> Desired:
    fields = {
        "description": describe("Reports audits and repairs."),
        "notification_configuration": given["configuration"],
        "messages": messages.render(given["type"]),
    }
    fixed = {"organization": variables.organization, "notification_type": given["type"]}
    key = Key("notification_templates", given["name"])
    return Desired(key, fields, fixed, secrets=frozenset({"notification_configuration"}))


def _project(variables: Variables) -> Desired:
    credential = variables["project_credential"]
    fields = {
        **managed.PROJECT,
        "description": describe("Playbooks and inventories of OpenShift HA."),
        "scm_url": variables["project_url"],
        "scm_branch": variables["project_branch"] or "",
        "scm_update_on_launch": variables["project_update_on_launch"],
        "credential": Key("credentials", credential) if credential else None,
    }
    fixed = {"organization": variables.organization, "scm_type": "git"}
    return Desired(variables.project, fields, fixed, links=variables.notified("error"))


def required_objects(variables: Variables, created: Iterable[Key]) -> tuple[Key, ...]:
    """The objects that the playbook uses and does not create."""
    brokers = variables["brokers"]
    names = ("galaxy_credentials", "credentials")
    found = [
        *([] if variables["project_url"] else [variables.project]),
        *([variables.environment] if variables.environment else []),
        *([Key("credentials", variables["project_credential"])] if variables["project_credential"] else []),
        *(key for name in names for key in variables.keys("credentials", name)),
        *(Key("credentials", b["credential"], variables.credential_type) for b in brokers if b.get("credential")),
        *(key for event in NOTIFICATIONS for key in variables.keys("notification_templates", f"notifications_{event}")),
        *variables.keys("instance_groups", "instance_groups"),
        *(Key("teams", name) for names_ in (variables["teams"] or {}).values() for name in names_ or ()),
    ]
    made = set(created)
    return tuple(dict.fromkeys(key for key in found if key not in made))


def grants(variables: Variables, objects: Iterable[Desired]) -> tuple[Grant, ...]:
    """The roles of the teams for the objects."""
    teams = variables["teams"] or {}
    keys = [each.key for each in objects]
    return tuple(
        Grant(Key("teams", name), key, roles[key.path])
        for kind, roles in ROLES.items()
        for name in teams.get(kind) or ()
        for key in keys
        if key.path in roles
    )

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of AWX: how they are identified, what they must be like, and what was found. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

#: The last words of the description of every object that the playbook created.
MARK = "Created by openshift_v2.apps.awx_setup."

#: What each type of object is called in messages, by its path in the API.
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "organizations": "organization",
        "teams": "team",
        "labels": "label",
        "instance_groups": "instance group",
        "execution_environments": "execution environment",
        "credential_types": "credential type",
        "credentials": "credential",
        "credential_input_sources": "external source",
        "notification_templates": "notification template",
        "projects": "project",
        "inventories": "inventory",
        "inventory_sources": "inventory source",
        "job_templates": "job template",
        "schedules": "schedule",
        "workflow_job_templates": "workflow",
        "workflow_job_template_nodes": "node",
    }
)
#: The objects that belong to no organization.
GLOBAL = frozenset({"organizations", "instance_groups", "execution_environments", "credential_types"})
#: The field of an object that names the object which it is a part of.
PARENT_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "inventory_sources": "inventory",
        "schedules": "unified_job_template",
        "workflow_job_template_nodes": "workflow_job_template",
        "credentials": "credential_type",
        "credential_input_sources": "target_credential",
    }
)
#: The field that holds the name.
NAME_FIELDS: Mapping[str, str] = MappingProxyType(
    {"workflow_job_template_nodes": "identifier", "credential_input_sources": "input_field_name"}
)

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """Identifies an object before AWX gives it a number. ``parent``: what it is a part of, or its credential type."""

    path: str
    name: str
    parent: Key | None = None

    @property
    def name_field(self) -> str:
        return NAME_FIELDS.get(self.path, "name")

    def __str__(self) -> str:
        words = f"{WORDS[self.path]} '{self.name}'"
        return f"{words} of the {self.parent}" if self.parent and self.path != "credentials" else words


@dataclass(frozen=True)
class Desired:
    """What an object must be like. Values and links may be keys of other objects.

    ``fields``: compared and written. ``fixed``: needed to create it; another value is an object of another kind.
    ``links``: the complete list of associated objects. ``added``: objects that must be among the associated ones.
    ``secrets``: keys of the dictionaries among the fields whose values are never shown.
    """

    key: Key
    fields: Values = field(default_factory=dict)
    fixed: Values = field(default_factory=dict)
    links: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    added: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    survey: Values | None = None
    approval: Values | None = None
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Grant:
    """A role of an object for a team."""

    team: Key
    key: Key
    role: str


@dataclass(frozen=True)
class Setup:
    """Everything that must be there. ``required``: objects that must exist already."""

    organization: Key
    objects: tuple[Desired, ...]
    required: tuple[Key, ...]
    grants: tuple[Grant, ...]

    def workflows(self) -> Iterator[Key]:
        return (each.key for each in self.objects if each.key.path == "workflow_job_templates")


@dataclass
class Found:
    """What AWX has: objects, associations and surveys by key, the roles of teams, and the names that several have.

    ``foreign``: nodes of the workflows, and external sources of the credentials, that are not part of the setup.
    """

    objects: dict[Key, dict[str, Any]] = field(default_factory=dict)
    links: dict[tuple[Key, str], tuple[int, ...]] = field(default_factory=dict)
    surveys: dict[Key, dict[str, Any]] = field(default_factory=dict)
    foreign: dict[Key, dict[str, Any]] = field(default_factory=dict)
    roles: dict[Key, frozenset[int]] = field(default_factory=dict)
    ambiguous: set[Key] = field(default_factory=set)

    def id_of(self, key: Key) -> int | None:
        found = self.objects.get(key)
        return None if found is None else int(found["id"])

    def has_mark(self, key: Key) -> bool:
        """Whether the playbook created the object."""
        return str(self.objects[key].get("description", "")).endswith(MARK)

    def name_of(self, path: str, identifier: int) -> str:
        """The name of an object that was read; empty for others."""
        named = (key.name for key, each in self.objects.items() if key.path == path and each["id"] == identifier)
        return next(named, "")

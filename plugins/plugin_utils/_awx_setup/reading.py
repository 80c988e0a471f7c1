# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the objects of a setup from AWX: a request for each type, and one for each list that objects do not contain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.client import Client
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.objects import (
    GLOBAL,
    PARENT_FIELDS,
    Found,
    Key,
    Setup,
)

_NODES = "workflow_job_template_nodes"
_INPUT_SOURCES = "credential_input_sources"
#: In the order in which they are found: objects are found by the numbers of what they are part of.
_PARTS = ("inventory_sources", "schedules", _NODES)


@dataclass(frozen=True)
class Reader:
    """Reads what AWX has of ``setup``."""

    client: Client
    setup: Setup

    def read(self) -> Found:
        found = Found()
        keys = self._keys()
        self._read(found, [self.setup.organization])
        whole = [key for key in keys if key.path not in _PARTS and key != self.setup.organization]
        # Credentials of different types may have the same name.
        for path in sorted({key.path for key in whole}, key=lambda path: (path == "credentials", path)):
            self._read(found, [key for key in whole if key.path == path])
        for path in _PARTS:
            self._read_parts(found, [key for key in keys if key.path == path])
        self._read_input_sources(found)
        self._read_links(found)
        self._read_roles(found)
        return found

    def _keys(self) -> list[Key]:
        made = (each.key for each in self.setup.objects)
        return list(dict.fromkeys([self.setup.organization, *self.setup.required, *made]))

    def _read(self, found: Found, keys: list[Key]) -> None:
        if not keys:
            return
        path, query = keys[0].path, []
        organization = found.id_of(self.setup.organization)
        if path not in GLOBAL:
            if organization is None:
                return
            # Credentials that AWX brings, such as "Ansible Galaxy", belong to no organization.
            query = [] if path in ("credentials", "job_templates") else [("organization", organization)]
        objects = self.client.named(f"{path}/", "name", (key.name for key in keys), query)
        for key in keys:
            named = [one for one in objects if one["name"] == key.name and self._has_parent(found, key, one)]
            own = [one for one in named if path in GLOBAL or one.get("organization") == organization]
            chosen = own or [one for one in named if self._is_general(found, key, one)]
            if chosen:
                found.objects[key] = chosen[0]
            if len(chosen) > 1:
                found.ambiguous.add(key)

    def _is_general(self, found: Found, key: Key, one: Mapping[str, Any]) -> bool:
        """Whether it may be used, or is to be repaired, although it is not in the organization."""
        if key.path == "job_templates":
            # A job template belongs to the organization of its project, and somebody may have set another project.
            ours = (found.id_of(each.key) for each in self.setup.objects if each.key.path == "inventories")
            return one.get("inventory") in ours
        return one.get("organization") is None and key.parent is None

    def _has_parent(self, found: Found, key: Key, one: Mapping[str, Any]) -> bool:
        return key.parent is None or found.id_of(key.parent) == one.get(PARENT_FIELDS[key.path])

    def _read_parts(self, found: Found, keys: list[Key]) -> None:
        parents = {found.id_of(key.parent): key.parent for key in keys if key.parent in found.objects}
        if not parents:
            return
        path = keys[0].path
        known = set(keys)
        for one in self.client.named(f"{path}/", PARENT_FIELDS[path], parents):
            name = str(one.get(keys[0].name_field) or "")
            key = Key(path, name, parents.get(one[PARENT_FIELDS[path]]))
            if key in known:
                found.objects[key] = one
            elif path == _NODES:
                found.foreign[key] = one

    def _read_input_sources(self, found: Found) -> None:
        """What takes precedence over the inputs of a credential, for example the address of the broker."""
        created = (each.key for each in self.setup.objects if each.key.path == "credentials")
        keys = {found.id_of(key): key for key in created if key in found.objects}
        if not keys:
            return
        field = PARENT_FIELDS[_INPUT_SOURCES]
        for one in self.client.named(f"{_INPUT_SOURCES}/", field, keys):
            found.foreign[Key(_INPUT_SOURCES, str(one["input_field_name"]), keys[one[field]])] = one

    def _read_links(self, found: Found) -> None:
        for desired in self.setup.objects:
            actual = found.objects.get(desired.key)
            if actual is None:
                continue
            if desired.survey is not None:
                below = f"{desired.key.path}/{actual['id']}/survey_spec/"
                found.surveys[desired.key] = self.client.get(below)
            added = [name for name, others in desired.added.items() if others]
            for association in [*desired.links, *added]:
                numbers = tuple(self._linked(desired.key.path, actual, association))
                found.links[desired.key, association] = numbers

    def _linked(self, path: str, actual: Mapping[str, Any], association: str) -> Iterator[int]:
        """Most associations are not in the object; those that are there are complete."""
        summary = (actual.get("summary_fields") or {}).get(association)
        if association.endswith("_nodes"):
            yield from actual.get(association) or ()
        elif association == "credentials" and isinstance(summary, list):
            yield from (each["id"] for each in summary)
        elif association == "labels" and summary and summary["count"] == len(summary["results"]):
            yield from (each["id"] for each in summary["results"])
        else:
            yield from (each["id"] for each in self._listed(f"{path}/{actual['id']}/{association}/"))

    def _listed(self, path: str) -> Iterable[Mapping[str, Any]]:
        # In the order of AWX, which is that of the association.
        answer = self.client.get(path, [("page_size", 200)])
        return answer.get("results") or ()

    def _read_roles(self, found: Found) -> None:
        for team in dict.fromkeys(grant.team for grant in self.setup.grants):
            if number := found.id_of(team):
                roles = self.client.every(f"teams/{number}/roles/")
                found.roles[team] = frozenset(each["id"] for each in roles)
        for key in dict.fromkeys(grant.key for grant in self.setup.grants):
            actual = found.objects.get(key)
            if actual is not None and "object_roles" not in (actual.get("summary_fields") or {}):
                found.objects[key] = self.client.get(f"{key.path}/{actual['id']}/")

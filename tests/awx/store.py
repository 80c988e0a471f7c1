"""The objects of the stand-in: how they are created, changed, associated and found."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .fields import Refused, Values, clean, invalid, is_relation
from .resources import RESOURCES, UNIONS, Resource


class Store:
    """Objects by path and identifier. ``contents``: the folder of each git repository, by its address."""

    def __init__(self, contents: Mapping[str, Path]) -> None:
        self.contents = dict(contents)
        self.objects: dict[str, dict[int, Values]] = {path: {} for path in RESOURCES}
        self.links: dict[tuple[int, str], list[int]] = {}
        self.surveys: dict[int, Values] = {}
        self._last = 0

    def add(self, resource: Resource, values: Values) -> Values:
        """Store a new object without validation. Identifiers are unique among all paths."""
        self._last += 1
        kept = {**{field.name: field.default for field in resource.fields}, **values, "id": self._last}
        self.objects[resource.path][self._last] = copy.deepcopy(kept)
        return self.objects[resource.path][self._last]

    def get(self, path: str, identifier: int) -> Values:
        """Raises Refused."""
        values = self.objects[path].get(identifier)
        if values is None:
            raise Refused(404, {"detail": "Not found."})
        return values

    def fetch(self, project: Values) -> str:
        """The status of a project after its update."""
        return "successful" if project["scm_url"] in self.contents else "failed"

    def templates(self) -> Iterator[tuple[Resource, Values]]:
        """All unified job templates."""
        for resource in RESOURCES.values():
            if resource.template:
                yield from ((resource, values) for values in self.objects[resource.path].values())

    def linked(self, identifier: int, association: str) -> list[int]:
        return self.links.setdefault((identifier, association), [])

    # --- Values of requests

    def merge(self, resource: Resource, sent: Mapping[str, Any], existing: Values | None) -> Values:
        """The object after the request. Like AWX, it ignores unknown fields. Raises Refused."""
        values = dict(existing or {field.name: copy.deepcopy(field.default) for field in resource.fields})
        for field in resource.fields:
            if field.name not in sent:
                if existing is None and field.required and not field.read_only:
                    raise invalid(field.name, "It is required.")
                continue
            if field.read_only or (field.fixed and existing is not None):
                continue
            value = clean(field, sent[field.name])
            if value is not None and is_relation(field) and not self._exists(field.kind, value):
                raise invalid(field.name, f"{field.kind} {value} does not exist.")
            values[field.name] = value
        return values

    def _exists(self, path: str, identifier: int) -> bool:
        if path == "unified_job_templates":
            approvals = self.objects["workflow_approval_templates"]
            return identifier in approvals or any(values["id"] == identifier for _resource, values in self.templates())
        return identifier in self.objects.get(path, {})

    def check_unique(self, resource: Resource, values: Values) -> None:
        """Raises Refused."""
        for names in resource.unique:
            for other in self.objects[resource.path].values():
                if other["id"] != values.get("id") and all(other[name] == values[name] for name in names):
                    message = f"Another {resource.type} has the same {', '.join(names)}."
                    raise Refused(400, {"__all__": [message]})

    # --- Search

    def find(self, path: str, query: Sequence[tuple[str, str]]) -> list[Values]:
        """The objects that match all plain conditions and one of those that begin with ``or__``. Raises Refused."""
        if path in UNIONS:
            candidates = [
                {**values, "type": RESOURCES[part].type}
                for part in UNIONS[path]
                for values in self.objects[part].values()
            ]
        else:
            candidates = [{**values, "type": RESOURCES[path].type} for values in self.objects[path].values()]
        plain = [(name, value) for name, value in query if not name.startswith("or__")]
        either = [(name[4:], value) for name, value in query if name.startswith("or__")]
        self._check_conditions(path, {name.partition("__in")[0] for name, _value in [*plain, *either]})
        return [
            values
            for values in candidates
            if all(self._matches(values, name, value) for name, value in plain)
            and (not either or any(self._matches(values, name, value) for name, value in either))
        ]

    def _check_conditions(self, path: str, names: set[str]) -> None:
        known = {"id", "type", "name", "organization", "status", "unified_job_template"}
        if path in RESOURCES:
            resource = RESOURCES[path]
            known = {"id", "type", *(field.name for field in resource.fields), *resource.associations}
        if unknown := names - known:
            raise Refused(400, {"detail": f"{path} cannot be searched by {sorted(unknown)}."})

    def _matches(self, values: Values, name: str, expected: str) -> bool:
        if name.endswith("__in"):
            return str(values.get(name.removesuffix("__in"))) in expected.split(",")
        if name not in values:
            return int(expected) in self.linked(values["id"], name)
        value = values[name]
        if isinstance(value, bool):
            return str(value).lower() == expected.lower()
        return value is not None and str(value) == expected

    # --- Removal

    def remove(self, path: str, identifier: int) -> None:
        """Remove an object, what is part of it, and all references to it."""
        self.objects[path].pop(identifier, None)
        for resource in RESOURCES.values():
            for values in list(self.objects[resource.path].values()):
                if any(values[name] == identifier for name in resource.parts_of):
                    self.remove(resource.path, values["id"])
                for field in resource.fields:
                    if is_relation(field) and values[field.name] == identifier:
                        values[field.name] = None
        for linked in self.links.values():
            linked[:] = [one for one in linked if one != identifier]

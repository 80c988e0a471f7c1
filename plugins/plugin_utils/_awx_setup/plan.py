# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare AWX with the desired objects, and plan the requests that make them equal. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup import display
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.managed import VARIABLES, WORKFLOW_TOGETHER
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.objects import (
    Desired,
    Found,
    Grant,
    Key,
    Setup,
    Values,
)

CREATED = "created"
#: The status of a project while AWX fetches its files, and after it has.
ACTIVE = ("new", "pending", "waiting", "running")
SYNCHRONIZED = ("successful", "ok")
#: The parts of a workflow are connected when all of them exist.
_EDGES = frozenset({"success_nodes", "failure_nodes", "always_nodes"})
#: AWX refuses to switch it off while a job template of the project uses it.
_OVERRIDE = "allow_override"
#: Associations in which the first object takes precedence.
_ORDERED = frozenset({"instance_groups", "galaxy_credentials"})


@dataclass(frozen=True)
class Change:
    """A difference: texts without secrets."""

    of: str
    property: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.of}: {self.property}: {self.before} -> {self.after}"


@dataclass(frozen=True)
class Step:
    """A request that changes AWX. ``body`` may contain keys of objects, which become their numbers.

    ``kind``: create, change, remove, associate, disassociate, survey, approval, change_approval, grant or sync.
    ``below``: the association, or the role of a grant. ``other``: the object that it is about.
    """

    kind: str
    key: Key
    body: Values = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    below: str = ""
    other: Key | int | None = None


@dataclass(frozen=True)
class Planner:
    """Plans the steps for ``setup``. ``update_secrets``: write secrets, which AWX does not show."""

    setup: Setup
    found: Found
    update_secrets: bool = False

    def plan(self) -> list[Step]:
        steps: list[Step] = []
        edges: list[Step] = []
        later: list[Step] = []
        for desired in self.setup.objects:
            for step in self._write(desired):
                steps += split_override(step, later)
            links = [*self._links(desired)]
            steps += (step for step in links if step.below not in _EDGES)
            edges += (step for step in links if step.below in _EDGES)
        # AWX allows only one connection between two nodes, so old connections are removed before new ones are added.
        edges.sort(key=lambda step: step.kind == "associate")
        return [*steps, *later, *self._foreign(), *edges, *self._grants(self.setup.grants)]

    # --- Fields

    def _write(self, desired: Desired) -> Iterator[Step]:
        actual = self.found.objects.get(desired.key)
        if actual is None:
            yield self._create(desired)
        else:
            changes = self._differences(desired, actual)
            if changes:
                body = {name: encode(name, desired.fields[name]) for name in self._together(desired, changes)}
                yield Step("change", desired.key, body, tuple(changes.values()))
            elif desired.key.path == "projects":
                yield from self._synchronization(desired.key, str(actual.get("status") or "never updated"))
        if desired.approval:
            yield from self._approval(desired, actual)
        if desired.survey:
            yield from self._survey(desired)

    def _synchronization(self, key: Key, status: str) -> Iterator[Step]:
        """After a failed or canceled update, AWX may not have the files."""
        if status in ACTIVE:
            yield Step("sync", key)
        elif status not in SYNCHRONIZED:
            yield Step("sync", key, changes=(Change(str(key), "synchronization", status, "started"),))

    def _create(self, desired: Desired) -> Step:
        values = {**desired.fixed, **desired.fields}
        # Empty values are AWX's own defaults, and an older AWX may not know all of them.
        sent = {name: encode(name, each) for name, each in values.items() if not is_empty(each)}
        body = {desired.key.name_field: desired.key.name, **sent}
        of = str(desired.key)
        shown = {name: self._show(desired, name, each) for name, each in desired.fields.items() if not is_empty(each)}
        lines = (Change(of, name, "", text) for name, text in shown.items())
        return Step("create", desired.key, body, (Change(of, "", "", CREATED), *lines))

    def _differences(self, desired: Desired, actual: Values) -> dict[str, Change]:
        """The changes by property. An older AWX has no value for properties that it does not know."""
        found = {}
        for name, target in desired.fields.items():
            # Without the mark, the description belongs to the operator.
            if name not in actual or (name == "description" and not self.found.has_mark(desired.key)):
                continue
            if not self._is_equal(desired, name, target, actual[name]):
                values = [actual[name], target]
                if name == "messages":
                    values = different_parts(actual[name] or {}, target)
                before, after = (self._show(desired, name, value) for value in values)
                if before == after:
                    before = f"{before} (other)"
                found[name] = Change(str(desired.key), name, before, after)
        return found

    def _is_equal(self, desired: Desired, name: str, target: Any, actual: Any) -> bool:
        if isinstance(target, Key):
            # An object that does not exist yet has no number.
            return actual is not None and self.found.id_of(target) == actual
        if name in ("inputs", "notification_configuration", "messages") and desired.key.path != "credential_types":
            return self._is_part(target, actual or {}, exact=name == "inputs")
        if name in VARIABLES:
            return bool(display.parse_variables(actual) == target)
        if is_empty(target) and is_empty(actual):
            return True
        if isinstance(target, str) and isinstance(actual, str):
            return target.strip() == actual.strip()
        return bool(target == actual)

    def _is_part(self, target: Values, actual: Values, exact: bool) -> bool:
        """Whether AWX has these values; secrets count as equal if AWX has one. ``exact``: and no others."""
        if exact and {name for name in actual if not is_empty(actual[name])} - set(target):
            return False
        for name, value in target.items():
            if actual.get(name) == display.ENCRYPTED:
                if self.update_secrets:
                    return False
            elif isinstance(value, Mapping) and isinstance(actual.get(name) or {}, Mapping):
                if not self._is_part(value, actual.get(name) or {}, exact=False):
                    return False
            elif actual.get(name) != value and not (is_empty(value) and is_empty(actual.get(name))):
                return False
        return True

    def _together(self, desired: Desired, names: Iterable[str]) -> list[str]:
        chosen = list(names)
        if desired.key.path == "workflow_job_templates" and set(chosen) & set(WORKFLOW_TOGETHER):
            chosen += [name for name in WORKFLOW_TOGETHER if name not in chosen]
        return chosen

    def _show(self, desired: Desired, name: str, value: Any) -> str:
        if isinstance(value, Key):
            return value.name
        if isinstance(desired.fields.get(name), Key) and isinstance(value, int):
            return self.found.name_of(desired.fields[name].path, value) or f"number {value}"
        return display.show(name, value, desired.secrets)

    # --- Survey and approval

    def _survey(self, desired: Desired) -> Iterator[Step]:
        actual, target = self.found.surveys.get(desired.key, {}), desired.survey or {}
        changes = [*survey_changes(str(desired.key), target, actual)]
        if changes:
            created = desired.key not in self.found.objects
            yield Step("survey", desired.key, target, () if created else tuple(changes))

    def _approval(self, desired: Desired, actual: Values | None) -> Iterator[Step]:
        target, of = desired.approval or {}, f"approval of the {desired.key}"
        summary = ((actual or {}).get("summary_fields") or {}).get("unified_job_template") or {}
        if summary.get("unified_job_type") != "workflow_approval":
            before = str(summary.get("name") or "(empty)")
            change = Change(of, "approval", before, str(target["name"]))
            yield Step("approval", desired.key, target, () if actual is None else (change,))
            return
        changes = tuple(
            Change(of, name, display.show(name, summary.get(name)), display.show(name, value))
            for name, value in target.items()
            if summary.get(name) != value
        )
        if changes:
            yield Step("change_approval", desired.key, target, changes, other=int(summary["id"]))

    # --- Associations

    def _links(self, desired: Desired) -> Iterator[Step]:
        for association, target in desired.links.items():
            yield from self._link(desired.key, association, target, exact=True)
        for association, target in desired.added.items():
            yield from self._link(desired.key, association, target, exact=False)

    def _link(self, key: Key, association: str, target: tuple[Key, ...], exact: bool) -> Iterator[Step]:
        actual = self.found.links.get((key, association), ())
        numbers = [self.found.id_of(other) for other in target]
        surplus = [number for number in actual if number not in numbers] if exact else []
        missing = [other for other, number in zip(target, numbers) if number is None or number not in actual]
        if association in _ORDERED:
            surplus, missing = reorder(actual, numbers, target)
        of = str(key)
        for number in surplus:
            name = self._name_of(number)
            yield Step("disassociate", key, {}, (Change(of, association, name, "(none)"),), association, number)
        for other in missing:
            change = Change(of, association, "(none)", other.name)
            yield Step("associate", key, {}, (change,), association, other)

    def _name_of(self, number: int) -> str:
        keys = (key for key, each in self.found.objects.items() if each["id"] == number)
        return next((key.name for key in keys), f"number {number}")

    def _foreign(self) -> Iterator[Step]:
        for key in self.found.foreign:
            yield Step("remove", key, changes=(Change(str(key), "", "exists", "removed"),))

    def _grants(self, grants: Iterable[Grant]) -> Iterator[Step]:
        for grant in grants:
            actual = self.found.objects.get(grant.key, {})
            roles = (actual.get("summary_fields") or {}).get("object_roles") or {}
            number = (roles.get(grant.role) or {}).get("id")
            if number is None or number not in self.found.roles.get(grant.team, frozenset()):
                change = Change(str(grant.team), f"{grant.role} of the {grant.key}", "(none)", "granted")
                yield Step("grant", grant.key, {}, (change,), grant.role, grant.team)


def split_override(step: Step, later: list[Step]) -> list[Step]:
    """The steps to send now. A project allows no other branches any more when the job templates ask for none."""
    if step.kind != "change" or step.body.get(_OVERRIDE, True):
        return [step]
    parts = []
    for names in (set(step.body) - {_OVERRIDE}, {_OVERRIDE}):
        body = {name: value for name, value in step.body.items() if name in names}
        changes = tuple(change for change in step.changes if change.property in names)
        parts.append(Step(step.kind, step.key, body, changes))
    later.append(parts[1])
    return parts[:1] if parts[0].body else [Step("sync", step.key)]


def reorder(actual: Iterable[int], numbers: list[int | None], target: tuple[Key, ...]) -> tuple[list[int], list[Key]]:
    """What to remove and what to add, so that the order is right: AWX adds at the end."""
    kept = list(actual)
    right = next((at for at, number in enumerate(kept) if [number] != numbers[at : at + 1]), len(kept))
    return kept[right:], list(target[right:])


def different_parts(before: Values, after: Values) -> list[Values]:
    """Two nested dictionaries, without the values that both have."""
    parts: list[dict[str, Any]] = [{}, {}]
    for name in dict.fromkeys([*before, *after]):
        pair = [before.get(name) or {}, after.get(name) or {}]
        if all(isinstance(value, Mapping) for value in pair):
            pair = different_parts(*pair)
        if pair[0] != pair[1]:
            for part, value in zip(parts, pair):
                part[name] = value
    return list(parts)


def is_empty(value: Any) -> bool:
    """Whether AWX treats the value as empty: it returns one empty value for another."""
    return value is None or value in ("", {}, [])


def encode(name: str, value: Any) -> Any:
    """The value as AWX takes it: a dictionary of variables is a text."""
    if name in VARIABLES and name != "extra_data":
        return json.dumps(value) if value else ""
    return value


def survey_changes(of: str, target: Values, actual: Values) -> Iterator[Change]:
    """The differences of two surveys. Keys of a question that the desired survey does not have are ignored."""
    for name in ("name", "description"):
        if target[name] != actual.get(name):
            yield Change(of, f"survey {name}", display.show(name, actual.get(name)), display.show(name, target[name]))
    before = {str(each.get("variable")): each for each in actual.get("spec") or ()}
    after = {str(each["variable"]): each for each in target["spec"]}
    for variable in [*after, *(each for each in before if each not in after)]:
        old, new = before.get(variable), after.get(variable)
        if old is None or new is None:
            yield Change(of, f"survey question {variable}", _exists(old), _exists(new))
            continue
        for key, value in new.items():
            if _plain(key, value) != _plain(key, old.get(key)):
                shown = display.show(key, old.get(key)), display.show(key, value)
                yield Change(of, f"survey question {variable}, {key}", *shown)
    common = [each for each in after if each in before]
    if common != [each for each in before if each in after]:
        yield Change(of, "survey order", ", ".join(before), ", ".join(after))


def _exists(question: Values | None) -> str:
    return "(none)" if question is None else "exists"


def _plain(key: str, value: Any) -> Any:
    """Choices may be a list or lines."""
    return value.splitlines() if key == "choices" and isinstance(value, str) else value

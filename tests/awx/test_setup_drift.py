"""Whatever somebody changes by hand in AWX is changed back by the next run, or belongs to the operator."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.brokers import describe_setup
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.managed import OPERATORS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.objects import PARENT_FIELDS, Desired, Setup
from tests.awx import StandIn
from tests.awx.fields import Field, is_relation
from tests.awx.resources import RESOURCES, Resource
from tests.awx.setup_run import EAST, REPOSITORY, definitions_with, read_playbook, set_up
from tests.awx.site import VARIABLES

#: Fields that identify an object. With another value, it is another object.
IDENTIFYING = {"name", "identifier", *PARENT_FIELDS.values()}
#: Drift that AWX does not allow: it keeps the value that the object was created with.
FIXED = {"organization", "kind", "scm_type", "notification_type"}


def setup_of(variables: dict[str, Any]) -> Setup:
    defaults, definitions = read_playbook()
    given = {"awx_setup_project_url": REPOSITORY, "awx_setup_brokers": [EAST], **variables}
    values = {**dict.fromkeys(definitions["options"]), **defaults, **given}
    return describe_setup(values, definitions_with(values))


DESIRED = setup_of(VARIABLES).objects
PATHS = sorted({desired.key.path for desired in DESIRED})


def properties_of(desired: Desired) -> set[str]:
    """What a run manages of an object."""
    parents = {PARENT_FIELDS[desired.key.path]} if desired.key.parent else set()
    return {desired.key.name_field, *parents, *desired.fields, *desired.fixed, *desired.links, *desired.added}


@pytest.fixture
def awx(awx_after_run: StandIn) -> StandIn:
    return awx_after_run


@pytest.mark.parametrize("path", PATHS)
def test_every_property_is_managed_or_the_operators(path: str) -> None:
    managed = set.union(*(properties_of(desired) for desired in DESIRED if desired.key.path == path))
    operators = OPERATORS.get(path, frozenset())
    # No object of a type has gaps. An approval is a node with a template that AWX creates for it.
    exempt = {"unified_job_template"} if path == "workflow_job_template_nodes" else set()
    assert all(properties_of(desired) | exempt == managed for desired in DESIRED if desired.key.path == path)
    assert managed | operators == RESOURCES[path].writable
    assert managed & operators == set()


def other_value(field: Field, current: Any) -> Any:
    """A value that somebody may have set."""
    if field.kind == "bool":
        return not current
    if field.kind == "int":
        return (current or 0) + 3
    if field.kind == "variables":
        return '{"planted": "by hand"}'
    if field.kind == "dict":
        return {"planted": "by hand"}
    if field.choices:
        return next(choice for choice in field.choices if choice not in (current, ""))
    return "planted by hand"


def plant(awx: StandIn, resource: Resource, desired: Desired) -> set[str]:
    """Change every managed property of an object, and return their names."""
    name = desired.key.name
    actual = awx.all(resource.path)[name]
    planted: dict[str, Any] = {}
    for field in resource.fields:
        if field.name not in desired.fields or field.name in IDENTIFYING | FIXED | {"description", "inputs"}:
            continue
        if field.name == "messages":
            planted[field.name] = {event: {"message": "planted by hand"} for event in ("started", "success", "error")}
            continue
        if is_relation(field):
            planted[field.name] = None if actual[field.name] is not None else min(awx.snapshot(field.kind))
        else:
            planted[field.name] = other_value(field, actual[field.name])
    awx.set_by_hand(resource.path, name, **planted)
    return set(planted)


@pytest.mark.parametrize("path", [path for path in PATHS if path not in ("organizations", "labels")])
def test_planted_drift_is_predicted_shown_and_repaired(awx: StandIn, path: str) -> None:
    resource = RESOURCES[path]
    # The last one, because the stand-in finds the last one with a name.
    desired = [each for each in DESIRED if each.key.path == path][-1]
    before = awx.snapshot(path)
    planted = plant(awx, resource, desired)
    awx.clear_requests()
    predicted = set_up(awx, check=True, **VARIABLES)
    assert awx.writes() == []
    outcome = set_up(awx, **VARIABLES)
    assert outcome.failure == ""
    shown = {change.property for change in outcome.changes if change.of == str(desired.key)}
    assert planted <= shown
    assert predicted.lines() == outcome.lines()
    after = awx.snapshot(path)
    assert {k: normalize(v) for k, v in after.items()} == {k: normalize(v) for k, v in before.items()}
    awx.clear_requests()
    assert set_up(awx, **VARIABLES).changes == ()
    assert awx.writes() == []


def normalize(values: dict[str, Any]) -> dict[str, Any]:
    """AWX returns an empty text for a prompt that was removed."""
    return {name: None if value in ("", {}) else value for name, value in values.items()}

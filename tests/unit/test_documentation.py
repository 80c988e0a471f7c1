"""The RETURN documentation of the modules against the types of their results, and against real results."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible import operations, shapes
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.views import view, view_info
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Placement
from tests.unit.memory_broker import MemoryBroker, gears
from tests.unit.test_runtime_yml import ROOT, yaml_of

INFO, FLEET = "openshift_app_info", "openshift_apps_ha"
#: Modules for one application, each with options that change something, and options that are blocked.
OF_ONE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "openshift_app_ha": ({"policy": []}, {"max_gears": 2, "policy": []}),
    "openshift_app_scale": ({"gears": 4}, {"gears": 8}),
    "openshift_cartridge_scale": ({"cartridge": "php", "min_gears": 4}, {"cartridge": "php", "max_gears": 2}),
}
#: The type of each module's result.
RESULTS: dict[str, type] = {
    "openshift_app_ha": shapes.SingleHaResult,
    "openshift_app_scale": shapes.AppResult,
    "openshift_cartridge_scale": shapes.CartridgeResult,
    INFO: shapes.InfoResult,
    FLEET: shapes.FleetResult,
}
#: Keys of results that Ansible itself defines.
ANSIBLES_OWN = {"changed", "failed", "warnings"}
#: An entry of a fleet's results is documented by its differences from the result of openshift_app_ha.
ENTRY = "results"
DOCUMENTED_TYPES = {str: "str", int: "int", bool: "bool", float: "float"}


def returned(module: str) -> dict[str, Any]:
    documented: dict[str, Any] = yaml_of(module, "RETURN")
    return documented


def result(module: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    broker = MemoryBroker(gears(3, ha=True, maximum=6))
    monkeypatch.setattr(operations, "Broker", lambda *_arguments: broker)
    given = {"domain": "acme", "name": "shop", "broker_url": "https://b", "username": "alice", "password": "x"}
    validated = ArgumentSpecValidator(SPECS[module]()["argument_spec"]).validate({**given, **options})
    return run(module, validated.validated_parameters, False, Runtime(clock=broker.time.clock()))


NONE_TYPE = None.__class__


def widest(hint: Any) -> Any:
    """The alternative of a type with the most keys: the type of an unreadable application has only names."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    alternatives = [each for each in get_args(hint) if each is not NONE_TYPE]
    return max(alternatives, key=lambda each: len(getattr(each, "__annotations__", ())))


def hints_of(hint: Any) -> dict[str, Any]:
    """The keys of a type, or of all its alternatives, with their types."""
    is_union = get_origin(hint) in (Union, types.UnionType)
    alternatives = [each for each in get_args(hint) if is_typeddict(each)] if is_union else [hint]
    return {key: each for shape in alternatives for key, each in get_type_hints(shape).items()}


def documented_type(hint: Any) -> tuple[str, str | None]:
    """``type`` and ``elements`` in the documentation of a value of this type."""
    hint = widest(hint)
    if get_origin(hint) is list:
        return "list", documented_type(get_args(hint)[0])[0]
    return DOCUMENTED_TYPES.get(hint, "dict"), None


def differences(documented: Mapping[str, Any], shape: Any, path: str, ignored: frozenset[str]) -> list[str]:
    """What the documentation of a dictionary and its type do not have in common."""
    hints = {key: hint for key, hint in hints_of(shape).items() if key not in ignored}
    found = [f"{path}.{key} is not documented" for key in hints.keys() - documented.keys()]
    found += [f"{path}.{key} is not in {shape}" for key in documented.keys() - hints.keys()]
    for key in hints.keys() & documented.keys():
        option, hint = documented[key], widest(hints[key])
        if (option["type"], option.get("elements")) != documented_type(hint):
            found.append(f"{path}.{key} is a {option['type']}, not {documented_type(hint)}")
        whole = get_args(hint)[0] if get_origin(hint) is list else hints[key]
        inner = widest(whole)
        if is_typeddict(inner) and inner is not shapes.Diff and (path, key) != (FLEET, ENTRY):
            found += differences(option.get("contains", {}), whole, f"{path}.{key}", frozenset())
    return found


@pytest.mark.parametrize("module", RESULTS)
def test_the_documented_keys_are_those_of_the_results_type(module: str) -> None:
    assert differences(returned(module), RESULTS[module], module, frozenset(ANSIBLES_OWN)) == []


def test_the_entries_of_a_fleet_are_results_of_single_applications() -> None:
    entry = returned(FLEET)[ENTRY]["contains"]
    hints = get_type_hints(shapes.AppResult)
    assert {key: (option["type"], None) for key, option in entry.items()} == {
        key: documented_type(hints[key]) for key in entry
    }


@pytest.mark.parametrize("module", RESULTS)
def test_differences_are_found(module: str) -> None:
    documented = returned(module)
    first = next(iter(documented))
    without = {key: value for key, value in documented.items() if key != first}
    assert differences(without, RESULTS[module], module, frozenset(ANSIBLES_OWN)) == [
        f"{module}.{first} is not documented"
    ]
    renamed = {**without, "other": {**documented[first], "type": "int"}}
    assert len(differences(renamed, RESULTS[module], module, frozenset(ANSIBLES_OWN))) == 2
    wrong = {**documented, first: {**documented[first], "type": "complex"}}
    (found,) = differences(wrong, RESULTS[module], module, frozenset(ANSIBLES_OWN))
    assert "is a complex" in found


@pytest.mark.parametrize("module", OF_ONE)
def test_an_application_has_the_same_description_everywhere(module: str) -> None:
    application = returned(module)["application"]["contains"]
    assert application == returned("openshift_app_ha")["application"]["contains"]
    assert application == returned(module)["before"]["contains"]
    everywhere = returned(INFO)["applications"]["contains"]
    assert application == {key: everywhere[key] for key in application}


@pytest.mark.parametrize("module", OF_ONE)
@pytest.mark.parametrize("part", ["steps", "blockers"])
def test_steps_and_blockers_have_the_same_descriptions_except_for_their_kinds(module: str, part: str) -> None:
    def plain(contains: dict[str, Any]) -> dict[str, Any]:
        kinds = ("action", "code")
        return {key: None if key in kinds else {**option, "sample": None} for key, option in contains.items()}

    assert plain(returned(module)[part]["contains"]) == plain(returned("openshift_app_ha")[part]["contains"])


def test_an_application_has_the_documented_keys() -> None:
    app = gears(3).shown()
    assert view(app).keys() == returned("openshift_app_ha")["application"]["contains"].keys()
    documented = returned(INFO)["applications"]["contains"]
    read, unread = (view_info(app, Placement((), has_endpoints)).keys() for has_endpoints in (True, False))
    assert read | unread == documented.keys()
    assert (read - unread, unread - read) == ({"endpoints"}, {"endpoints_error"})
    assert view_info(app).keys() == {key for key, value in documented.items() if "returned" not in value}
    assert view_info(app)["cartridges"][0].keys() == documented["cartridges"]["contains"].keys()


@pytest.mark.parametrize("module", OF_ONE)
def test_a_result_has_the_documented_keys(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    documented = returned(module)
    done, blocked = (result(module, options, monkeypatch) for options in OF_ONE[module])
    assert (done["changed"], blocked.get("failed")) == (True, True)
    assert done.keys() - ANSIBLES_OWN == documented.keys() - {"msg", "failure"}
    assert blocked.keys() - ANSIBLES_OWN == documented.keys()
    for part in ("steps", "blockers"):
        for entry in (*done[part], *blocked[part]):
            assert entry.keys() == documented[part]["contains"].keys()
    if "cartridge" in documented:
        assert done["cartridge"].keys() == done["cartridge_before"].keys() == documented["cartridge"]["contains"].keys()


@pytest.mark.parametrize("module", [FLEET, INFO])
def test_a_selection_is_described_once(module: str) -> None:
    documentation = yaml_of(module, "DOCUMENTATION")
    assert "openshift_v2.apps.application.select" in documentation["extends_documentation_fragment"]
    assert "select" not in documentation["options"]


def test_the_inventory_uses_the_same_description() -> None:
    text = (ROOT / "plugins" / "inventory" / "openshift_apps.py").read_text(encoding="utf-8")
    assert "- openshift_v2.apps.application.select" in text
    assert "owned_only:" not in text.split("EXAMPLES")[0]

"""What modules say that they return, against each other (RETURN knows no fragments) and against what they do return."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible import operations
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.results import describe_application, view
from tests.unit.memory_broker import MemoryBroker, gears
from tests.unit.test_runtime_yml import ROOT, yaml_of

INFO = "openshift_app_info"
#: Modules for one application, each with options that change something, and ones that are blocked.
OF_ONE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "openshift_app_ha": ({}, {"max_gears": 2}),
    "openshift_app_scale": ({"gears": 4}, {"gears": 8}),
    "openshift_cartridge_scale": ({"cartridge": "php", "min_gears": 4}, {"cartridge": "php", "max_gears": 2}),
}
#: What Ansible itself makes of a result.
MORE = {"failed", "warnings"}


def returned(module: str) -> dict[str, Any]:
    documented: dict[str, Any] = yaml_of(module, "RETURN")
    return documented


def result(module: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    broker = MemoryBroker(gears(3, ha=True, maximum=6))
    monkeypatch.setattr(operations, "Broker", lambda *_arguments: broker)
    given = {"domain": "acme", "name": "shop", "broker_url": "https://b", "username": "alice", "password": "x"}
    validated = ArgumentSpecValidator(SPECS[module]()["argument_spec"]).validate({**given, **options})
    return run(module, validated.validated_parameters, False, Runtime(clock=broker.time.clock()))


@pytest.mark.parametrize("module", OF_ONE)
def test_an_application_is_described_alike_everywhere(module: str) -> None:
    application = returned(module)["application"]["contains"]
    assert application == returned("openshift_app_ha")["application"]["contains"]
    assert application == returned(module)["before"]["contains"]
    everywhere = returned(INFO)["applications"]["contains"]
    assert application == {key: everywhere[key] for key in application}


@pytest.mark.parametrize("module", OF_ONE)
@pytest.mark.parametrize("part", ["steps", "blockers"])
def test_steps_and_blockers_are_described_alike_but_for_their_kinds(module: str, part: str) -> None:
    def plain(contains: dict[str, Any]) -> dict[str, Any]:
        kinds = ("action", "code")
        return {key: None if key in kinds else {**told, "sample": None} for key, told in contains.items()}

    assert plain(returned(module)[part]["contains"]) == plain(returned("openshift_app_ha")[part]["contains"])


def test_an_application_has_what_is_documented() -> None:
    app = gears(3).shown()
    assert view(app).keys() == returned("openshift_app_ha")["application"]["contains"].keys()
    told = returned(INFO)["applications"]["contains"]
    assert describe_application(app, ()).keys() == told.keys()
    assert describe_application(app, None).keys() == {key for key, value in told.items() if "returned" not in value}
    assert describe_application(app, None)["cartridges"][0].keys() == told["cartridges"]["sample"][0].keys()


@pytest.mark.parametrize("module", OF_ONE)
def test_what_is_returned_is_what_is_documented(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = returned(module)
    done, blocked = (result(module, options, monkeypatch) for options in OF_ONE[module])
    assert (done["changed"], blocked.get("failed")) == (True, True)
    assert done.keys() - MORE == told.keys() - {"msg"} | {"changed"}
    assert blocked.keys() - MORE == told.keys() | {"changed"}
    for part in ("steps", "blockers"):
        for entry in (*done[part], *blocked[part]):
            assert entry.keys() == told[part]["contains"].keys()
    if "cartridge" in told:
        assert done["cartridge"].keys() == done["cartridge_before"].keys() == told["cartridge"]["contains"].keys()


@pytest.mark.parametrize("module", ["openshift_apps_ha", INFO])
def test_a_selection_is_described_once(module: str) -> None:
    documentation = yaml_of(module, "DOCUMENTATION")
    assert "openshift_v2.apps.application.select" in documentation["extends_documentation_fragment"]
    assert "select" not in documentation["options"]


def test_the_inventory_describes_it_no_other_way() -> None:
    text = (ROOT / "plugins" / "inventory" / "openshift_apps.py").read_text(encoding="utf-8")
    assert "- openshift_v2.apps.application.select" in text
    assert "owned_only:" not in text.split("EXAMPLES")[0]

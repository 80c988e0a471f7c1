"""A broker of before the attribute ``ha``: what is missing is named, and nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import UnsupportedApi
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import Selection
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.broker_data import read_applications
from tests.unit.clients import APPLICATION, forget_surroundings
from tests.unit.wire import Wire, envelope

OLD = {name: value for name, value in APPLICATION.items() if name != "ha"}
ONE = {"domain": "acme", "name": "shop"}
MODULES: dict[str, list[dict[str, Any]]] = {
    "openshift_app_ha": [ONE, {**ONE, "state": "absent"}],
    "openshift_app_scale": [{**ONE, "gears": 4}, {**ONE, "by": -1}],
    "openshift_cartridge_scale": [{**ONE, "cartridge": "php-5.4", "max_gears": 2, "allow_gear_removal": True}],
    "openshift_app_info": [ONE, {}, {"select": {}}],
    "openshift_apps_ha": [{"select": {}}, {"applications": [ONE]}],
}


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check"])
@pytest.mark.parametrize(
    ("module", "options"), [(module, options) for module, found in MODULES.items() for options in found]
)
def test_the_missing_attribute_is_named_and_nothing_is_written(
    module: str, options: dict[str, Any], check_mode: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    forget_surroundings(monkeypatch, tmp_path)
    is_list = "name" not in options
    with Wire(envelope([OLD] if is_list else OLD)) as wire:
        given = {**options, "broker_url": wire.url, "username": "alice", "password": "secret"}
        validated = ArgumentSpecValidator(SPECS[module]()["argument_spec"]).validate(given)
        assert not validated.errors.errors
        result = run(module, validated.validated_parameters, check_mode, Runtime())
    assert {request.method for request in wire.requests} == {"GET"}
    assert result["failed"]
    assert "no attribute 'ha'" in result["msg"]
    assert "OpenShift Enterprise 2.2 or later" in result["msg"]


def test_the_inventory_names_it_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_surroundings(monkeypatch, tmp_path)
    with Wire(envelope([OLD])) as wire, pytest.raises(UnsupportedApi, match="no attribute 'ha'"):
        read_applications(Connection(wire.url, token="abc"), Selection(), owner_gears=False)

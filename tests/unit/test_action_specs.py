"""The specs of action plugins that run without a module agree with the documentation."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import yaml

COLLECTION = "ansible_collections.openshift_v2.apps.plugins"
MODULES = (
    "openshift_broker_config",
    "openshift_broker_plan",
    "openshift_ha_batches",
    "openshift_ha_outcome",
    "openshift_router_plan",
    "openshift_routes",
    "openshift_user_capability",
)
CHECKED = ("type", "elements", "required", "default", "choices", "aliases")


def checked(option: dict[str, Any]) -> dict[str, Any]:
    return {fact: option[fact] for fact in CHECKED if option.get(fact) not in (None, False)}


@pytest.mark.parametrize("module", MODULES)
def test_the_spec_has_the_documented_options(module: str) -> None:
    documented = yaml.safe_load(importlib.import_module(f"{COLLECTION}.modules.{module}").DOCUMENTATION)["options"]
    spec = importlib.import_module(f"{COLLECTION}.action.{module}").SPEC
    assert {name: checked(option) for name, option in documented.items()} == {n: checked(o) for n, o in spec.items()}
    for name, option in documented.items():
        suboptions = option.get("suboptions", {})
        assert {n: checked(o) for n, o in suboptions.items()} == {
            n: checked(o) for n, o in spec[name].get("options", {}).items()
        }

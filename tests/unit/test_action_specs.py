"""Actions without a module behind them take the options that are documented."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import yaml

COLLECTION = "ansible_collections.openshift_v2.apps.plugins"
MODULES = (
    "openshift_broker_config",
    "openshift_ha_batches",
    "openshift_ha_outcome",
    "openshift_user_capability",
)
FACTS = ("type", "elements", "required", "default", "choices", "aliases")


def facts(option: dict[str, Any]) -> dict[str, Any]:
    return {fact: option[fact] for fact in FACTS if option.get(fact) not in (None, False)}


@pytest.mark.parametrize("module", MODULES)
def test_options_are_as_documented(module: str) -> None:
    documented = yaml.safe_load(importlib.import_module(f"{COLLECTION}.modules.{module}").DOCUMENTATION)["options"]
    spec = importlib.import_module(f"{COLLECTION}.action.{module}").SPEC
    assert {name: facts(option) for name, option in documented.items()} == {n: facts(o) for n, o in spec.items()}

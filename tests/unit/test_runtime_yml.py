"""meta/runtime.yml lists the modules of the broker's API, and every module has its documentation and tests."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MODULES = {path.stem: path for path in sorted((ROOT / "plugins" / "modules").glob("*.py"))}
RUNTIME = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))

# These modules do not use the API, so they have no connection options: they work on a host, with files or with data.
NOT_OF_THE_API = {
    "openshift_awx_setup",
    "openshift_broker_config",
    "openshift_broker_plan",
    "openshift_gear_move",
    "openshift_ha_batches",
    "openshift_ha_outcome",
    "openshift_ha_plan",
    "openshift_router_plan",
    "openshift_routes",
    "openshift_user_capability",
    "openshift_variable_names",
}
OF_THE_API = sorted(MODULES.keys() - NOT_OF_THE_API)


def text_of(module: str, name: str) -> str:
    """The string that the module assigns to this name at its top level."""
    for node in ast.parse(MODULES[module].read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        ):
            return str(ast.literal_eval(node.value))
    pytest.fail(f"{module} has no {name}")


def yaml_of(module: str, name: str) -> Any:
    return yaml.safe_load(text_of(module, name))


def test_modules_were_found() -> None:
    assert OF_THE_API


def test_the_group_all_lists_exactly_the_modules_of_the_api() -> None:
    assert RUNTIME["action_groups"] == {"all": OF_THE_API}


def test_every_module_has_an_action_plugin() -> None:
    actions = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}
    assert actions == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_module_is_documented(module: str) -> None:
    documentation = yaml_of(module, "DOCUMENTATION")
    assert documentation["module"] == module
    assert documentation["description"]
    assert yaml_of(module, "RETURN")


@pytest.mark.parametrize("module", MODULES)
def test_examples_use_the_full_name_of_the_module(module: str) -> None:
    assert f"openshift_v2.apps.{module}:" in text_of(module, "EXAMPLES")
    assert yaml_of(module, "EXAMPLES")


@pytest.mark.parametrize("module", MODULES)
def test_only_modules_of_the_api_have_connection_options(module: str) -> None:
    fragments = yaml_of(module, "DOCUMENTATION").get("extends_documentation_fragment", [])
    assert ("openshift_v2.apps.broker" in fragments) == (module in OF_THE_API)


@pytest.mark.parametrize("module", MODULES)
def test_module_has_integration_tests(module: str) -> None:
    assert list((ROOT / "tests" / "integration").rglob(f"test_{module}*.py"))

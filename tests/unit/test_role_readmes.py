"""The READMEs of the roles against meta/argument_specs.yml: every variable is documented, with its default."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.known import read_families

ROOT = Path(__file__).resolve().parents[2]
ROLES = tuple(path.name for path in sorted((ROOT / "roles").iterdir()))


@lru_cache
def options(role: str) -> dict[str, dict[str, Any]]:
    """The variables of all entry points; of several with the same name, that of the first entry point."""
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = {}
    for spec in specs["argument_specs"].values():
        found = {**spec["options"], **found}
    return found


def rows(role: str) -> list[tuple[list[str], list[str]]]:
    """The variables of each line of a table in the README, and the cells after them."""
    text = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [(re.findall(r"`([a-z_]+)`", first), cells) for first, *cells in lines if "`" in first]


def documented_defaults(role: str) -> dict[str, Any]:
    """The defaults of the variables that have a line of their own and a default in code."""
    found = {}
    for variables, cells in rows(role):
        # The table of the desired state also has the name of the module's option.
        option = f"`{variables[0].removeprefix(f'{role}_')}`" if variables else ""
        default = cells[1] if cells[0] == option else cells[0]
        code = re.match(r"`([^`]+)`(?: \(|$)", default)
        if len(variables) == 1 and code:
            found[variables[0]] = yaml.safe_load(code[1])
    return found


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_is_in_a_table(role: str) -> None:
    named = {name for variables, _cells in rows(role) for name in variables}
    assert sorted(options(role).keys() - named) == []


@pytest.mark.parametrize("role", ROLES)
def test_every_name_of_a_variable_is_known(role: str) -> None:
    named = {name for variables, _cells in rows(role) for name in variables if name.startswith(f"{role}_")}
    assert sorted(named - read_families()[role].variables - read_families()[role].dropped.keys()) == []


@pytest.mark.parametrize("role", ROLES)
def test_documented_defaults_are_those_of_the_role(role: str) -> None:
    documented = documented_defaults(role)
    assert len(documented) > 8
    wrong = {
        name: (default, options(role)[name].get("default"))
        for name, default in documented.items()
        if name in options(role) and "default" in options(role)[name] and options(role)[name]["default"] != default
    }
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_a_default_is_documented_unless_it_is_empty(role: str) -> None:
    documented = documented_defaults(role)
    lines = {variables[0] for variables, _cells in rows(role) if len(variables) == 1}
    missing = {
        name
        for name, option in options(role).items()
        if name in lines and option.get("default") not in (None, "", [], {}) and name not in documented
    }
    # Its default is a sentence.
    assert missing <= {"app_router_unknown_text"}

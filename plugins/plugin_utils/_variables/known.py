# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the known names of variables: from the roles of this collection, and from ``names.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.names import Dropped, Family

FOLDER = Path(__file__).parent
ROLES = FOLDER.parents[2] / "roles"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read_families() -> dict[str, Family]:
    """The families of names, by prefix."""
    families: dict[str, Family] = {}
    for prefix, listed in _read(FOLDER / "names.yml").items():
        role = listed.get("role")
        variables = {*listed.get("variables", []), *(_read_role(ROLES / role) if role else ())}
        families[prefix] = Family(
            prefix,
            frozenset(name for name in variables if name.startswith(f"{prefix}_")),
            frozenset(listed.get("outputs", [])),
            {name: Dropped(**each) for name, each in listed.get("dropped", {}).items()},
            listed["documented"],
        )
    return families


@cache
def read_defaults(role: str) -> Mapping[str, Any]:
    """The default values of the variables of a role, unevaluated."""
    return _read(ROLES / role / "defaults" / "main.yml")


def _read_role(role: Path) -> set[str]:
    """The variables of all entry points of a role."""
    entry_points = _read(role / "meta" / "argument_specs.yml")["argument_specs"].values()
    options = {name for entry_point in entry_points for name in entry_point.get("options", {})}
    return options | _read(role / "defaults" / "main.yml").keys()


def _read(path: Path) -> Mapping[str, Any]:
    document: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), LOADER)
    return document

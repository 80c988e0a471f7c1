# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What decided the desired state in an audit, for the commands that repair what it found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.commands import AuditScope

#: The options that decide the desired state, or how it is reached. The variables of the role have a prefix.
_OPTIONS = (
    "scale_strategy",
    "preserve_gear_count",
    "min_gears",
    "max_gears",
    "allow_gear_removal",
    "spread",
    "probe",
    "relocate",
    "policy",
)
_PREFIX = "app_ha_"


def scope_of_options(
    options: Mapping[str, Any], spec: Mapping[str, Any], inventories: Iterable[str], folders: Iterable[str]
) -> AuditScope:
    """The scope of an audit with these options of the module. ``folders``: where the path of a policy may begin."""
    given = {name: options.get(name) for name in _OPTIONS}
    # What equals the default decides nothing: the role has the same defaults.
    changed = {
        name: value
        for name, value in given.items()
        if value is not None and str(value).lower() != str(spec[name].get("default")).lower()
    }
    listed = options.get("applications")
    own = {
        (str(entry.get("domain")).lower(), str(entry.get("name")).lower()): {
            name: value for name, value in entry.items() if name in _OPTIONS and value is not None
        }
        for entry in (listed if isinstance(listed, (list, tuple)) else ())
        if isinstance(entry, Mapping)
    }
    return AuditScope(tuple(inventories), _name_variables(changed, folders), own)


def scope_of_variables(extra_vars: Mapping[str, Any], inventories: Iterable[str], folders: Iterable[str]) -> AuditScope:
    """The scope of an audit of hosts: the inventory has all variables but those of the command line."""
    given = {name: extra_vars.get(_PREFIX + name) for name in _OPTIONS}
    return AuditScope(
        tuple(inventories), _name_variables({name: v for name, v in given.items() if v is not None}, folders)
    )


def _name_variables(options: Mapping[str, Any], folders: Iterable[str]) -> dict[str, Any]:
    variables = {_PREFIX + name: value for name, value in options.items()}
    policy = options.get("policy")
    if isinstance(policy, str):
        variables[f"{_PREFIX}policy"] = _find_policy(policy, folders)
    return variables


def _find_policy(policy: str, folders: Iterable[str]) -> str:
    """The absolute path of a policy's file: the command may run elsewhere. A policy as a text stays."""
    if "\n" in policy or policy.lstrip().startswith(("[", "-")):
        return policy
    candidates = (Path(folder, policy.strip()).expanduser() for folder in folders)
    return next((str(each.absolute()) for each in candidates if each.is_file()), policy)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a run was started with: variables of the whole run, hosts of a pattern, inventory files of the plugin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader

#: The variables that name applications without an inventory.
LISTS = ("app_ha_applications", "app_ha_select")
FILE_ENDINGS = ("openshift_apps.yml", "openshift_apps.yaml")


def read_run_variables(task: Task) -> dict[str, Any]:
    """The variables that hold for the whole run: those of the command line and of the play, not of any host."""
    variables: dict[str, Any] = task.get_variable_manager().get_vars(play=task.get_play())
    return variables


def read_variables_of_run(task: Task) -> dict[str, Any]:
    """The same without the defaults of roles, unless the command line or the play sets the same value."""
    variables, play = read_run_variables(task), task.get_play()
    defaults: dict[str, Any] = {}
    for role in play.roles:
        defaults.update(role.get_default_vars())
    chosen = {*task.get_variable_manager().extra_vars, *play.get_vars()}
    return {
        name: value
        for name, value in variables.items()
        if name in chosen or name not in defaults or value != defaults[name]
    }


def match_hosts(action: ActionBase, pattern: Any, variables: Mapping[str, Any]) -> list[str]:
    """The hosts that a pattern, or a list of patterns, matches, regardless of --limit."""
    lookup = lookup_loader.get("ansible.builtin.inventory_hostnames", loader=action._loader, templar=action._templar)
    patterns = list(pattern) if isinstance(pattern, (list, tuple)) else [pattern]
    return [str(host) for host in lookup.run(patterns, variables=variables)]


def find_inventory_files(sources: Iterable[str]) -> list[str]:
    """The files of the inventory plugin among the sources of the inventory and directly in those that are folders."""
    found = []
    for source in map(str, sources):
        if source.endswith(FILE_ENDINGS):
            found.append(source)
        elif Path(source).is_dir():
            found += sorted(str(path) for path in Path(source).iterdir() if path.name.endswith(FILE_ENDINGS))
    return found

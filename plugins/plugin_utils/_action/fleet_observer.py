# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe many applications for another task: openshift_apps_ha in check mode, in the same worker process.

Its results never pass through the variables of Ansible, which takes most of the time and memory of a large audit.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, operate
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction

MODULE = "openshift_v2.apps.openshift_apps_ha"
#: Options of the module that only concern changes.
OF_CHANGES = frozenset({"max_changes", "on_error", "unknown_domains"})
#: What the result of a module has that refused its options.
_OF_REFUSAL = frozenset({"failed", "changed", "msg", "warnings", "invocation", "exception", "deprecations"})


def observation_spec() -> dict[str, dict[str, Any]]:
    """The options of an observation."""
    spec: dict[str, dict[str, Any]] = SPECS["openshift_apps_ha"]()["argument_spec"]
    return {name: option for name, option in spec.items() if name not in OF_CHANGES}


@contextmanager
def without_collections() -> Iterator[None]:
    """Without searches for reference cycles, which would read, and so copy, all the memory of the parent process.

    A worker process ends after its task, and the many objects of an observation have no cycles.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _observe(module: str, params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> dict[str, Any]:
    """Without the readings that only predict whether HA could be enabled: a report is about the present state."""
    return operate(module, params, check_mode, replace(runtime, examines=False))


@dataclass(frozen=True)
class Observation:
    """The result of the module. ``is_intact``: it never passed through Ansible, which masks secrets in results.

    ``is_refused``: an option is invalid, so nothing was read.
    """

    result: Mapping[str, Any]
    is_intact: bool
    is_refused: bool


def observe_fleet(action: NamedAction, options: Mapping[str, Any], variables: Mapping[str, Any]) -> Observation:
    """Observe the applications that ``options`` name. A failure is part of the result, as for a registered one."""
    task = action._task.copy()
    task.action = MODULE
    task.args = dict(options)
    task.check_mode, task.diff = True, False
    observer = action._shared_loader_obj.action_loader.get(
        MODULE,
        task=task,
        connection=action._connection,
        play_context=action._play_context,
        loader=action._loader,
        templar=action._templar,
        shared_loader_obj=action._shared_loader_obj,
    )
    observer.adopt(action)
    observer.operate = _observe
    try:
        result = observer.run(task_vars=dict(variables))
    except AnsibleActionFail as error:
        return Observation({"failed": True, "msg": str(error)}, observer.runs_in_process, True)
    except AnsibleError as error:
        # The host of the task cannot be reached.
        return Observation({"failed": True, "msg": str(error)}, observer.runs_in_process, False)
    return Observation(result, observer.runs_in_process, _is_refusal(result))


def _is_refusal(result: Mapping[str, Any]) -> bool:
    """Whether the module refused its options. Its other results name the broker, unless it crashed."""
    named = {key for key in result if not key.startswith("_ansible_")}
    return bool(result.get("failed")) and named <= _OF_REFUSAL

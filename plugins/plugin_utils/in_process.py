# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module's operation inside the Ansible process where that gives the same result as the module."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import Any

from ansible import constants as C  # noqa: N812
from ansible.errors import AnsibleError
from ansible.module_utils.common.parameters import remove_values

# At the top, so that they are loaded once in the parent and inherited by every forked worker.
from ansible_collections.openshift_v2.apps.plugins.module_utils.broker import HAS_REQUESTS
from ansible_collections.openshift_v2.apps.plugins.module_utils.converge import Clock
from ansible_collections.openshift_v2.apps.plugins.module_utils.fleet import Result as Repaired
from ansible_collections.openshift_v2.apps.plugins.module_utils.interruption import Stop, stoppable
from ansible_collections.openshift_v2.apps.plugins.module_utils.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils.options import ENVIRONMENT, SPECS, handed_over
from ansible_collections.openshift_v2.apps.plugins.module_utils.results import progress_line
from ansible_collections.openshift_v2.apps.plugins.plugin_utils.named_action import NamedAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils.rehearsal import rehearse

if HAS_REQUESTS:
    # Only for speed: whatever may be wrong with it, the tasks themselves will tell better.
    with suppress(Exception):
        # Python specializes what has run twice.
        rehearse()
        rehearse()

#: The variable that Ansible's setting of that name goes by.
INJECT_INVOCATION = "ansible_inject_invocation"
MASKED = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def _kept_stderr() -> int | None:
    """A descriptor of the parent's standard error, which a worker that Ansible detaches from it still has."""
    try:
        return os.dup(2)
    except OSError:
        return None


STDERR = _kept_stderr()


class InProcessAction(NamedAction):
    """Base of the action plugins: ``module`` is the short name of the module that each belongs to."""

    module: str
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        del tmp
        if self._same_here():
            return {**result, **self._in_process(task_vars or {})}
        return {**result, **self._as_module(task_vars or {})}

    def _same_here(self) -> bool:
        """Whether it is the same as running the module: on this machine, as this user, with this environment."""
        return (
            HAS_REQUESTS
            and self._connection.transport == "local"
            and not self._play_context.become
            and not self._task.async_val
            and not any(self._task.environment or [])
        )

    def _in_process(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        spec = SPECS[self.module]()
        # As for the module: what a task leaves empty is taken from the environment as well.
        self._task.args = handed_over(self._task.args, os.environ)
        validation, _unused = self.validate_argument_spec(**spec)
        params = validation.validated_parameters
        with stoppable() as stop:
            tell = partial(self._tell, stop, validation._no_log_values)
            runtime = Runtime(stop.check, Clock(sleep=stop.sleep), partial(_progress, tell), bool(self._task.diff))
            result = run(self.module, params, self._task.check_mode, runtime)
            if stop.told and result.get("msg"):
                tell(f"{task_vars.get('inventory_hostname', 'localhost')}: {result['msg']}")
        if _shows_invocation(task_vars):
            result["invocation"] = {"module_args": _masked(params, spec["argument_spec"])}
        return _without_secrets(result, validation._no_log_values)

    def _tell(self, stop: Stop, secrets: set[str], line: str) -> None:
        """A line for people, cleaned as results are."""
        if self._task.no_log:
            return
        clean = str(remove_values(line, secrets))
        if not stop.told:
            self._display.display(clean)
        elif STDERR is not None:
            # Ansible no longer reads what its display is told here, nor the result.
            with suppress(OSError):
                os.write(STDERR, f"{clean}\n".encode("utf-8", "replace"))

    def _as_module(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """The real module, where the task wants it; what the controller's environment holds is handed over."""
        environment: dict[str, str] = {}
        self._compute_environment_string(environment)
        args = handed_over(self._task.args, {**os.environ, **environment})
        # They are options now; as environment they would be on a command line, which -vvvv shows.
        told = set(ENVIRONMENT.values())
        self._task.environment = [{name: value for name, value in environment.items() if name not in told}]
        result: dict[str, Any] = self._execute_module(
            module_args=args, task_vars=task_vars, wrap_async=self._task.async_val
        )
        return result


def _progress(tell: Callable[[str], None], done: int, total: int, repaired: Repaired) -> None:
    """A line for each application of a fleet as it is done."""
    tell(progress_line(done, total, repaired))


def _without_secrets(result: dict[str, Any], secrets: set[str]) -> dict[str, Any]:
    """As a module's result is cleaned.

    ``remove_values`` copies everything, which for a fleet takes as long as all our own work. So each part is looked
    through first, as JSON, which escapes a secret within a text as it escapes the secret alone.
    """
    escaped = [json.dumps(str(secret))[1:-1] for secret in secrets if str(secret)]

    def clean(value: Any) -> Any:
        text = json.dumps(value)
        return remove_values(value, secrets) if any(secret in text for secret in escaped) else value

    return {
        key: [clean(item) for item in value] if isinstance(value, list) else clean(value)
        for key, value in result.items()
    }


def _shows_invocation(task_vars: dict[str, Any]) -> bool:
    """Whether a module would return its ``invocation``: a setting of newer ansible-cores, before that always."""
    if INJECT_INVOCATION in task_vars:
        return _setting(task_vars)
    return _setting_for_all()


def _setting(task_vars: dict[str, Any]) -> bool:
    try:
        return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
    except (AnsibleError, KeyError):
        return True


@cache
def _setting_for_all() -> bool:
    """Without a variable: the same for all hosts, so the parent finds it out for its workers."""
    return _setting({})


def _masked(params: dict[str, Any], spec: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The options as a module's ``invocation`` shows them."""
    return {
        option: MASKED if value is not None and spec.get(option, {}).get("no_log") else value
        for option, value in params.items()
    }


_setting_for_all()

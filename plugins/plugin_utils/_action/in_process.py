# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module's operation inside the Ansible process where that gives the same result as the module."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import Any

from ansible import constants as C  # noqa: N812
from ansible.errors import AnsibleActionFail, AnsibleError

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.credentials import (
    FILE_VARIABLE,
    dump,
    mask_secrets,
    split_secrets,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import (
    SPECS,
    OptionError,
    fill_from_environment,
    rest_url,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.results import progress_line

# At the top, so that they are loaded once in the parent and inherited by every forked worker.
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.transport import HAS_REQUESTS
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Clock
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet import Repair
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.interruption import Stop, stoppable
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction

#: The variable that Ansible's setting of that name goes by.
INJECT_INVOCATION = "ansible_inject_invocation"


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
            and not self._environment
            and not self._broker_environment
        )

    def _in_process(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        # As for the module: what a task leaves empty is taken from the environment as well.
        params = self.validate_options(SPECS[self.module](), self._all_options(os.environ))
        with stoppable() as stop:
            tell = partial(self._tell, stop)
            runtime = Runtime(stop.check, Clock(sleep=stop.sleep), partial(_progress, tell), bool(self._task.diff))
            result = run(self.module, params, self._task.check_mode, runtime)
            if stop.told and result.get("msg"):
                tell(f"{task_vars.get('inventory_hostname', 'localhost')}: {result['msg']}")
        if _shows_invocation(task_vars):
            result["invocation"] = {"module_args": mask_secrets(params)}
        return result

    def _all_options(self, environ: Mapping[str, str]) -> dict[str, Any]:
        """The task's options with its secrets, and what the environment adds.

        None of it enters the task's arguments. Raises ``AnsibleActionFail`` for an address with credentials in it,
        which would be shown with the other options.
        """
        options = fill_from_environment({**self._task.args, **self._secrets}, environ)
        if "@" in str(options.get("broker_url") or ""):
            self._task.args.pop("broker_url", None)
            try:
                rest_url(str(options["broker_url"]))
            except OptionError as error:
                raise AnsibleActionFail(str(error)) from None
        return options

    def _tell(self, stop: Stop, line: str) -> None:
        """A line for people."""
        if self._task.no_log:
            return
        if not stop.told:
            self._display.display(line)
        elif STDERR is not None:
            # Ansible no longer reads what its display is told here, nor the result.
            with suppress(OSError):
                os.write(STDERR, f"{line}\n".encode("utf-8", "replace"))

    def _as_module(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """The real module, where the task wants it; what the controller's environment holds is handed over."""
        args, secrets = split_secrets(self._all_options({**os.environ, **self._broker_environment}))
        with self._handed_over(secrets) as path:
            environment = {**self._environment, FILE_VARIABLE: path} if path else self._environment
            self._task.environment = [environment]
            result: dict[str, Any] = self._execute_module(
                module_args=args, task_vars=task_vars, wrap_async=self._task.async_val
            )
        shown = result.get("invocation", {}).get("module_args", {})
        shown.update(mask_secrets(secrets))
        return result

    @contextmanager
    def _handed_over(self, secrets: Mapping[str, str]) -> Iterator[str | None]:
        """A file on the task's host that holds ``secrets`` for the module, which removes it; its path."""
        if not secrets:
            yield None
            return
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        directory = shell.tmpdir
        path = shell.join_path(directory, "credentials.json")
        self._transfer_data(path, dump(secrets))
        self._fixup_perms2((directory, path), execute=False)  # type: ignore[no-untyped-call]
        try:
            yield path
        finally:
            # Ansible removes it with its folder, unless it is set to keep that. With async it is still to be read.
            if C.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES") and not self._task.async_val:
                self._low_level_execute_command(shell.remove(path), sudoable=False)


def _progress(tell: Callable[[str], None], done: int, total: int, repaired: Repair) -> None:
    """A line for each application of a fleet as it is done."""
    tell(progress_line(done, total, repaired))


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


_setting_for_all()

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module's operation inside the Ansible process if the result is the same as that of the module."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

from ansible import constants as C  # noqa: N812
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.credentials import (
    FILE_VARIABLE,
    dump,
    mask_secrets,
    split_secrets,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.fleet_results import progress_line
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import OptionError, rest_url
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policy_source import read_policy
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.proofs import verification_line
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS, fill_from_environment

# At the top, so that they are loaded once in the parent and inherited by every forked worker.
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.session import HAS_REQUESTS
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import PolicyError
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable, to_lines
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet import Repair
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.interruption import Stop, catch, stoppable
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiting import Waits
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.progress import VARIABLE, shows_progress
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.shared_refusal import SharedRefusal
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.supervision import (
    Following,
    TimeIsUp,
    explain_lost_result,
    name_controllers,
    time_limit,
)

#: The variable of Ansible's setting that adds ``invocation`` to results.
INJECT_INVOCATION = "ansible_inject_invocation"


def _duplicate_stderr() -> int | None:
    """Duplicate the parent's standard error. A worker keeps the copy when Ansible detaches it from the original."""
    try:
        return os.dup(2)
    except OSError:
        return None


STDERR = _duplicate_stderr()


class InProcessAction(NamedAction):
    """Base class of the action plugins of the API's modules. ``module`` is the short name of the module.

    ``operate``: what runs the operation in this process, instead of ``run``.
    """

    module: str
    operate: Callable[[str, Mapping[str, Any], bool, Runtime], dict[str, Any]] | None = None
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        del tmp
        if self.runs_in_process:
            return self.with_warnings({**result, **self._run_in_process(task_vars or {})})
        return self.with_warnings({**result, **self._follow_module(task_vars or {})})

    @property
    def runs_in_process(self) -> bool:
        """Whether the module would run on this machine, as this user, with this environment."""
        return (
            HAS_REQUESTS
            and self._connection.transport == "local"
            and not self._play_context.become
            and not self._task.async_val
            and not self._environment
            and not self._broker_environment
        )

    def _run_in_process(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        # As for the module, the environment provides the options that the task does not set.
        params = self.validate_options(SPECS[self.module](), self._collect_options(os.environ))
        is_shown = shows_progress(self._templar.template(task_vars.get(VARIABLE)), os.environ)
        with stoppable() as stop:
            print_line = partial(self._print_line, stop)
            # After an interruption, these lines are the only trace of what was done.
            progress = partial(_print_progress, print_line, lambda: is_shown or stop.ends_process)
            waits = Waits(print_line if is_shown and not self._task.no_log else None)
            shared = SharedRefusal(vars(C)["DEFAULT_LOCAL_TMP"], self._task._uuid, params)
            runtime = Runtime(
                stop.check,
                Clock(sleep=stop.sleep),
                progress,
                partial(_print_verification, print_line, lambda: is_shown or stop.ends_process),
                diff=bool(self._task.diff),
                waits=waits,
                refusal_of_others=shared.of_others,
                record_refusal=shared.record,
                cutoff=stop.cutoff,
            )
            result = (self.operate or run)(self.module, params, self._task.check_mode, runtime)
            self._print_lost_message(stop, result, task_vars)
        if _returns_invocation(task_vars):
            result["invocation"] = {"module_args": mask_secrets(params)}
        return result

    def _collect_options(self, environ: Mapping[str, str]) -> dict[str, Any]:
        """The task's options, its secrets and the options from the environment. None is added to its arguments.

        Raises ``AnsibleActionFail`` for an address with credentials: Ansible would show it with the other options.
        """
        options = fill_from_environment({**self._task.args, **self._secrets}, environ)
        if isinstance(options.get("policy"), str):
            options["policy"] = self._read_policy(options["policy"])
        if "@" in str(options.get("broker_url") or ""):
            self._task.args.pop("broker_url", None)
            try:
                rest_url(str(options["broker_url"]))
            except OptionError as error:
                raise AnsibleActionFail(str(error)) from None
        return options

    def _read_policy(self, value: str) -> Any:
        """The policy in a file of the controller, beside the playbook or in the current directory."""
        try:
            return read_policy(value, (self._loader.get_basedir(), str(Path.cwd())))
        except PolicyError as error:
            raise AnsibleActionFail(f"policy: {error} Nothing was changed.") from None

    def _print_lost_message(self, stop: Stop, result: Mapping[str, Any], task_vars: Mapping[str, Any]) -> None:
        """Print the message of an interrupted task: Ansible drops its result."""
        if stop.ends_process and result.get("msg"):
            self._print_line(stop, f"{task_vars.get('inventory_hostname', 'localhost')}: {result['msg']}")

    def _print_line(self, stop: Stop, line: str) -> None:
        """Print a line for users, unless the task has ``no_log``."""
        if self._task.no_log:
            return
        line = to_lines(line)
        if not stop.ends_process:
            self._display.display(line, stderr=True)
        elif STDERR is not None:
            # After an interruption, Ansible reads neither this worker's display nor its result.
            with suppress(OSError):
                os.write(STDERR, f"{line}\n".encode())

    def _follow_module(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Run the real module, and wait for its result also after an interruption."""
        stop = Following()
        with catch(stop):
            try:
                result = self._run_module(task_vars)
            except AnsibleConnectionFailure:
                if not stop.ends_process:
                    raise
                result = {}
            if stop.ends_process and "changed" not in result:
                # The module was interrupted before its first statement, or with its connection.
                result = self._explain_lost_result("the task was interrupted before the module returned", "Run again.")
            self._print_lost_message(stop, result, task_vars)
        return result

    def _explain_lost_result(self, problem: str, next_step: str) -> dict[str, Any]:
        return explain_lost_result(self.module, self._task.args, self._task.check_mode, problem, next_step)

    def _run_module(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Run the real module on the task's host, with the options from the controller's environment."""
        options = self._collect_options({**os.environ, **self._broker_environment})
        self.check_options(SPECS[self.module](), options)
        args, secrets = split_secrets(options)
        with self._provide_credentials(secrets) as path:
            environment = {**self._environment, FILE_VARIABLE: path} if path else self._environment
            is_local = self._connection.transport == "local"
            # A job with poll: 0 continues after the end of Ansible.
            if is_local and (self._task.poll or not self._task.async_val):
                environment = {**environment, **name_controllers()}
            try:
                with time_limit(self._task.async_val, is_local) as variables:
                    self._task.environment = [{**environment, **variables}]
                    result: dict[str, Any] = self._execute_module(
                        module_args=args, task_vars=task_vars, wrap_async=self._task.async_val
                    )
            except TimeIsUp:
                problem = f"the module did not return within the timeout of the task ({self._task.timeout} s)"
                return self._explain_lost_result(problem, "Check the state, or run again with a longer timeout.")
        result.get("invocation", {}).get("module_args", {}).update(mask_secrets(secrets))
        return result

    @contextmanager
    def _provide_credentials(self, secrets: Mapping[str, str]) -> Iterator[str | None]:
        """Write ``secrets`` to a file on the task's host and yield its path. The module removes the file."""
        if not secrets:
            yield None
            return
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        directory = shell.tmpdir
        path = shell.join_path(directory, "credentials.json")
        self._transfer_data(path, dump(secrets))
        self._fixup_perms2((directory, path), execute=False)
        try:
            yield path
        finally:
            # By default, Ansible removes the directory with the file. With async, the module has not yet read the file.
            if C.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES") and not self._task.async_val:
                self._low_level_execute_command(shell.remove(path), sudoable=False)


def _print_progress(
    print_line: Callable[[str], None], is_shown: Callable[[], bool], done: int, total: int, repaired: Repair
) -> None:
    """Print a line for each finished application of a fleet."""
    if is_shown():
        print_line(escape_unprintable(progress_line(done, total, repaired)))


def _print_verification(print_line: Callable[[str], None], is_shown: Callable[[], bool], done: int, total: int) -> None:
    """Print a line about ten times while placements are read."""
    if (line := verification_line(done, total)) and is_shown():
        print_line(line)


def _returns_invocation(task_vars: dict[str, Any]) -> bool:
    """Whether a module would return its ``invocation``. Older ansible-cores have no such setting: they always do."""
    if INJECT_INVOCATION in task_vars:
        return _read_invocation_setting(task_vars)
    return _read_global_invocation_setting()


def _read_invocation_setting(task_vars: dict[str, Any]) -> bool:
    try:
        return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
    except (AnsibleError, KeyError):
        return True


@cache
def _read_global_invocation_setting() -> bool:
    """The setting without a host's variables."""
    return _read_invocation_setting({})


# The parent reads it once for all its workers.
_read_global_invocation_setting()

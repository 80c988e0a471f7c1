# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all action plugins of the collection share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.credentials import (
    FILE_VARIABLE,
    SECRET_OPTIONS,
    split_secrets,
    without_secrets,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import ENVIRONMENT


class NamedAction(ActionBase):
    """An action plugin whose errors about options name the module, and quote no option's value."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._secrets: dict[str, str] = {}
        self._environment: dict[str, str] = {}
        self._broker_environment: dict[str, str] = {}

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._withdraw_secrets()
        self._withdraw_environment()
        return result

    def _withdraw_secrets(self) -> None:
        """Keep secrets here instead of in the task's arguments, which callbacks see and Ansible quotes in errors.

        They got there from ``module_defaults`` or the task itself. A second attempt (``until``) finds them kept.
        """
        self._task.args, secrets = split_secrets(self._task.args)
        self._secrets.update(secrets)
        # Up to ansible-core 2.18 callbacks see the defaults with their templates evaluated.
        self._task.module_defaults = [
            {action: _cleaned(options) for action, options in defaults.items()}
            for defaults in self._task.module_defaults or []
        ]

    def _withdraw_environment(self) -> None:
        """Keep the broker's variables of the task's ``environment`` here, and only leave it the others.

        They become options: as environment callbacks would see them, and -vvvv shows a command line that holds them.
        """
        if not any(self._task.environment or []):
            return
        environment: dict[str, str] = {}
        self._compute_environment_string(environment)
        for variable in set(ENVIRONMENT.values()).intersection(environment):
            self._broker_environment[variable] = environment.pop(variable)
        environment.pop(FILE_VARIABLE, None)
        self._environment = environment
        self._task.environment = [environment]

    def validate_options(self, spec: Mapping[str, Any], options: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The options validated by ``spec`` (arguments of ``ArgumentSpecValidator``); those of the task by default.

        Raises ``AnsibleActionFail`` as ``validate_argument_spec`` does, but without the task's arguments, which
        ansible-core 2.19 and newer quote.
        """
        given = {**self._task.args, **self._secrets} if options is None else dict(options)
        validation = ArgumentSpecValidator(**spec).validate(given)
        if validation.errors.errors:
            problem = str(validation.errors.msg)
            if isinstance(validation.errors[0], UnsupportedError):
                problem = f"Unsupported parameters for ({self.ansible_name}) module: {problem}"
            raise AnsibleActionFail(problem)
        params: dict[str, Any] = validation.validated_parameters
        return params


def _cleaned(options: Any) -> Any:
    """Defaults without secrets; those of other modules are not touched, for their templates may not be evaluable."""
    has_secrets = isinstance(options, Mapping) and any(option in options for option in SECRET_OPTIONS)
    return without_secrets(options) if has_secrets else options

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base class of all action plugins of the collection."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.arguments import (
    NAMES,
    ArgumentError,
    add_warnings,
    check_arguments,
    name_application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.credentials import (
    FILE_VARIABLE,
    SECRET_OPTIONS,
    split_secrets,
    without_secrets,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import ENVIRONMENT
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import to_lines

#: The secrets and the broker's variables that were withdrawn from each task. Not in the task: callbacks see tasks.
_KEPT: WeakKeyDictionary[Any, tuple[dict[str, str], dict[str, str]]] = WeakKeyDictionary()


class NamedAction(ActionBase):
    """An action plugin that hides secrets from Ansible. Its errors name the module and quote no option's value."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = _KEPT.setdefault(self._task, ({}, {}))
        self._secrets, self._broker_environment = kept
        self._environment: dict[str, str] = {}
        #: Warnings about the task's options, for its result.
        self._option_warnings: tuple[str, ...] = ()
        self._deprecations: tuple[dict[str, Any], ...] = ()

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._withdraw_secrets()
        self._withdraw_environment()
        return result

    def adopt(self, other: NamedAction) -> None:
        """Use the secrets and the broker's environment that were withdrawn from the task of another action."""
        self._secrets.update(other._secrets)
        self._broker_environment.update(other._broker_environment)

    def _withdraw_secrets(self) -> None:
        """Move secrets from the task's arguments to this object: callbacks see arguments, and Ansible quotes them.

        The secrets come from ``module_defaults`` or from the task. A retry (``until``) has a new object, which finds
        them in ``_KEPT``.
        """
        self._task.args, secrets = split_secrets(self._task.args)
        self._secrets.update(secrets)
        # Up to ansible-core 2.18, callbacks see the evaluated defaults.
        self._task.module_defaults = [
            {action: _remove_secrets(options) for action, options in defaults.items()}
            for defaults in self._task.module_defaults or []
        ]

    def _withdraw_environment(self) -> None:
        """Move the broker's variables from the task's ``environment`` to this object. They become options.

        Callbacks see the environment, and -vvvv shows a command line that contains it.
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

    def validate_options(
        self,
        spec: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
        names: Collection[str] = NAMES,
    ) -> dict[str, Any]:
        """Validate options (by default those of the task) against the arguments of ``ArgumentSpecValidator``.

        ``names``: the options that are names. Raises ``AnsibleActionFail``. Unlike ``validate_argument_spec`` in
        ansible-core 2.19 and newer, the error does not quote the task's arguments.
        """
        given = {**self._task.args, **self._secrets} if options is None else dict(options)
        self.check_options(spec, given, names)
        validation = ArgumentSpecValidator(**spec).validate(given)
        if validation.errors.errors:
            problem = str(validation.errors.msg)
            if isinstance(validation.errors[0], UnsupportedError):
                problem = f"Unsupported parameters for ({self.ansible_name}) module: {problem}"
            raise make_failure(problem)
        self._note(validation)
        params: dict[str, Any] = validation.validated_parameters
        return params

    def check_options(
        self, spec: Mapping[str, Any], options: Mapping[str, Any], names: Collection[str] = NAMES
    ) -> None:
        """Check what YAML made of the options, before Ansible converts them. Raises ``AnsibleActionFail``."""
        try:
            self._option_warnings = check_arguments(spec["argument_spec"], options, names)
        except ArgumentError as error:
            application = name_application(spec["argument_spec"], options)
            raise make_failure(f"{application}: {error} Nothing was changed.".removeprefix(": ")) from None

    def _note(self, validation: Any) -> None:
        """Note what the validation found besides errors. ``AnsibleModule`` shows the same."""
        both = (f"Both option {each['option']} and its alias {each['alias']} are set." for each in validation._warnings)
        self._option_warnings = (*self._option_warnings, *both)
        keys = ("msg", "version", "date", "collection_name")
        self._deprecations = tuple({key: each.get(key) for key in keys} for each in validation._deprecations)

    def with_warnings(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """The result of the task with the warnings about its options, and their deprecations."""
        if self._deprecations:
            result = {**result, "deprecations": [*self._deprecations, *result.get("deprecations", ())]}
        return add_warnings(result, self._option_warnings)


def make_failure(message: str) -> AnsibleActionFail:
    """The error that ends a task with this message.

    ansible-core 2.18 and older shows it together with the error that is being handled, as if the plugin had crashed.
    """
    failure = AnsibleActionFail(to_lines(message))
    result = getattr(failure, "result", None)
    if isinstance(result, dict):
        result.pop("exception", None)
    return failure


def _remove_secrets(options: Any) -> Any:
    """The defaults without secrets. The other values are not changed, because they may contain invalid templates."""
    has_secrets = isinstance(options, Mapping) and any(option in options for option in SECRET_OPTIONS)
    return without_secrets(options) if has_secrets else options

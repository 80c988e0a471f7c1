# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the inventory plugin: templates are evaluated, then the same validation as in the modules applies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleValidationError, UnsupportedError

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.arguments import ArgumentError, check_arguments
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import OptionError
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policies import PolicyOption
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policy_source import read_policy
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import (
    app_ha_spec,
    connection_spec,
    selection_spec,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import PolicyError, parse_policy
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.templates import AS_TEXT, unmark

HINT_FOR_SECRETS = "If the value is not a template, put !unsafe before it. If it is vaulted, check the vault password."


class InvalidOptions(Exception):
    """The options are not valid. The text names each of them."""


def option_spec() -> dict[str, dict[str, Any]]:
    """The options that are not those of Ansible itself."""
    own: dict[str, dict[str, Any]] = {
        "select": selection_spec(),
        "owner_gears": {"type": "bool", "default": False},
        "policy": {"type": "raw"},
    }
    return {**connection_spec(), **own}


def read_rules(value: Any, path: str) -> list[Any] | None:
    """The rules of the option ``policy`` in the inventory file ``path``; ``None`` if it is not set.

    Raises ``OptionError`` for a policy that is not valid.
    """
    if value is None:
        return None
    try:
        rules = read_policy(value, (str(Path(path).absolute().parent), str(Path.cwd())))
        defaults = {name: option.get("default") for name, option in app_ha_spec().items()}
        PolicyOption(parse_policy(rules), defaults)
    except PolicyError as error:
        raise OptionError("policy", str(error)) from None
    return list(rules)


def validate_options(config: Mapping[str, Any], templar: Any, warn: Callable[[str], None]) -> dict[str, Any]:
    """These options from the inventory file, or else from the environment.

    An empty value counts as not set, in the file and in the environment. Raises ``OptionError`` for a template that
    fails, ``InvalidOptions`` for other errors. ``warn`` is called with each warning.
    """
    spec = option_spec()
    evaluated = {o: _evaluate(o, config[o], spec[o], templar) for o in spec if o in config}
    given = {option: value for option, value in evaluated.items() if value not in (None, "")}
    problems: list[str] = []
    try:
        for warning in check_arguments(spec, given):
            warn(warning)
    except ArgumentError as error:
        problems.append(str(error).rstrip("."))
        given = {option: value for option, value in given.items() if option not in error.options}
    result = ArgumentSpecValidator(spec).validate(given)
    problems += [_describe(error) for error in result.errors.errors]
    if problems:
        raise InvalidOptions(". ".join(problems))
    params = dict(result.validated_parameters)
    params["select"] = params["select"] or {}
    return params


def _evaluate(option: str, value: Any, spec: Mapping[str, Any], templar: Any) -> Any:
    """The value of an option, with its templates evaluated. Text stays text, even if it looks like a list."""
    try:
        result = templar.template(value, **(AS_TEXT if spec["type"] in ("str", "path") else {}))
        if getattr(result, "__ENCRYPTED__", False):
            # A vaulted value, which is not a string in ansible-core 2.18 and older.
            result = str(result)
    except Exception as error:
        # The error quotes the template. Of a secret, it would quote the value.
        details = f". {HINT_FOR_SECRETS}" if spec.get("no_log") else f": {error}"
        raise OptionError(option, f"the template cannot be evaluated{details}") from None
    return unmark(result)


def _describe(error: AnsibleValidationError) -> str:
    """The error with the reason, which Ansible leaves out for unknown options."""
    return f"Unknown option: {error.msg}" if isinstance(error, UnsupportedError) else str(error.msg)

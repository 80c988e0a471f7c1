# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of the action plugins without a module: they decide on the controller, and connect to no host."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.arguments import NAMES
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import clean_result
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction, make_failure
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.plain import to_plain

#: Strategies that start a task on all hosts of a batch before the next task.
LOCKSTEP = ("linear", "debug")
#: A text without these is no template.
TEMPLATE_MARKS = ("{{", "{%", "{#", "#jinja2:")


class ControllerAction(NamedAction):
    """An action plugin that implements ``answer`` only."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        answer = clean_result(self._answer(task_vars or {}))
        return self.with_warnings({"changed": False, **result, **answer})

    def _answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self.answer(variables)
        except AnsibleActionFail as error:
            # Messages quote the data, which comes from a broker.
            raise make_failure(str(error)) from None

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The result of the task; ``variables`` are those of its host. Raises ``AnsibleActionFail``."""
        raise NotImplementedError

    @property
    def is_lockstep(self) -> bool:
        """Whether the strategy runs a task with run_once only once. The strategy free runs it on each host."""
        strategy: str = self._task.get_play().strategy
        return strategy.rpartition(".")[2] in LOCKSTEP

    def evaluate(self, name: str, variables: Mapping[str, Any]) -> Any:
        """The value of one variable among the ``variables`` of a host, in built-in types.

        Without a template, it is not evaluated: for thousands of hosts, that would take long.
        """
        text = repr(variables[name])
        if not any(mark in text for mark in TEMPLATE_MARKS):
            return to_plain(variables[name])
        templar = self._templar.copy_with_new_env(available_variables=dict(variables))
        return to_plain(templar.template(variables[name]))

    def validate_options(
        self,
        spec: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
        names: Collection[str] = NAMES,
    ) -> dict[str, Any]:
        """As in the base class. The values have built-in types."""
        params: dict[str, Any] = to_plain(super().validate_options(spec, options, names))
        return params

    def validate_question(self, spec: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The only option of ``spec`` that is set, and its suboptions. Raises ``AnsibleActionFail``."""
        names = list(spec)
        rules = {"required_one_of": [names], "mutually_exclusive": [names]}
        params = self.validate_options({"argument_spec": spec, **rules})
        question = next(name for name in names if params[name] is not None)
        return question, params[question]

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set up AWX for the playbook awx_setup. The decisions and the requests are in plugin_utils/_awx_setup."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup import summary
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.check import (
    BROKERS,
    NO_AWX,
    NO_BROKERS,
    are_brokers,
    find_problems,
    has_awx,
    hide_secrets,
    refuse_unknown,
    secrets_of,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.client import Access
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.run import NOTHING_CHANGED, Refused, Run

SPEC: dict[str, Any] = {"definitions": {"type": "dict", "required": True}}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_awx_setup``; there is no module behind it."""

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        definitions = self.validate_options({"argument_spec": SPEC})["definitions"]
        values, hidden = self._read(variables, definitions)
        access = Access.from_environment(os.environ, hidden)
        run = Run(values, definitions, access, bool(self._task.check_mode))
        try:
            outcome = run.outcome()
        except Refused as refused:
            raise AnsibleActionFail(access.redact(str(refused))) from None
        for warning in outcome.warnings:
            self._display.warning(warning)
        result = {
            "changed": bool(outcome.changes),
            "changes": outcome.lines(),
            "diff": outcome.diff(),
            "msg": outcome.failure or summary.summarize(values, outcome),
        }
        return {**result, "failed": True} if outcome.failure else result

    def _read(
        self, variables: Mapping[str, Any], definitions: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Iterable[str]]:
        """The validated variables, and the secrets among them. Raises AnsibleActionFail."""
        options = definitions["options"]
        # Unknown names come first: one of them may be the misspelt list of the brokers.
        if refusal := refuse_unknown(variables, options):
            raise AnsibleActionFail(f"{refusal} {NOTHING_CHANGED}")
        values = {name: self._evaluate(name, variables) for name in options if name in variables}
        if not are_brokers(values.get(BROKERS)):
            raise AnsibleActionFail(f"{NO_BROKERS} {NOTHING_CHANGED}")
        brokers = [hide_secrets(broker, definitions["secret_inputs"]) for broker in values[BROKERS]]
        validation = ArgumentSpecValidator(options).validate({**values, BROKERS: brokers})
        found = validation.validated_parameters
        problems = validation.error_messages or [
            *find_problems(found, brokers),
            *([] if has_awx(os.environ) else [NO_AWX]),
        ]
        if problems:
            raise AnsibleActionFail(" ".join([*map(_as_sentence, problems), NOTHING_CHANGED]))
        hidden = secrets_of(values, definitions["secret_inputs"])
        found[BROKERS] = [
            {
                **{name: value for name, value in validated.items() if value is not None},
                **{name: given[name] for name in definitions["secret_inputs"] if given.get(name)},
            }
            for validated, given in zip(found[BROKERS], values[BROKERS])
        ]
        return found, hidden

    def _evaluate(self, name: str, variables: Mapping[str, Any]) -> Any:
        try:
            return self.evaluate(name, variables)
        except AnsibleError as error:
            reason = str(error).rstrip(".")
            hint = "Mark a template that the jobs must evaluate with !unsafe."
            raise AnsibleActionFail(f"{name} cannot be evaluated: {reason}. {hint} {NOTHING_CHANGED}") from None


def _as_sentence(text: str) -> str:
    return text if text.endswith((".", ")")) else f"{text}."

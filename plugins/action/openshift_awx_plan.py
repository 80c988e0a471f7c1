# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate the variables of the playbook awx_setup. The decisions are in plugin_utils/_awx_setup."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.check import (
    BROKERS,
    NO_AWX,
    NO_BROKERS,
    are_brokers,
    find_problems,
    has_awx,
    hide_secrets,
    refuse_unknown,
)

SPEC: dict[str, Any] = {
    "options": {"type": "dict", "required": True},
    "secret_inputs": {"type": "list", "elements": "str", "required": True},
}
NOTHING_CHANGED = "Nothing was changed."


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_awx_plan``; there is no module behind it."""

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        params = self.validate_options({"argument_spec": SPEC})
        options = params["options"]
        # Unknown names come first: one of them may be the misspelt list of the brokers.
        if refusal := refuse_unknown(variables, options):
            raise AnsibleActionFail(f"{refusal} {NOTHING_CHANGED}")
        values = {name: self.evaluate(name, variables) for name in options if name in variables}
        if not are_brokers(values.get(BROKERS)):
            raise AnsibleActionFail(f"{NO_BROKERS} {NOTHING_CHANGED}")
        brokers = [hide_secrets(broker, params["secret_inputs"]) for broker in values[BROKERS]]
        validation = ArgumentSpecValidator(options).validate({**values, BROKERS: brokers})
        problems = validation.error_messages or [
            *find_problems(validation.validated_parameters, brokers),
            *([] if has_awx(os.environ) else [NO_AWX]),
        ]
        if problems:
            raise AnsibleActionFail(" ".join([*map(_as_sentence, problems), NOTHING_CHANGED]))
        return {"brokers": brokers}


def _as_sentence(text: str) -> str:
    return text if text.endswith((".", ")")) else f"{text}."

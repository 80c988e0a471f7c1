# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's side: from ``AnsibleModule`` to an operation and back."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.credentials import mask_secrets, receive
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.transport import (
    HAS_REQUESTS,
    REQUESTS_IMPORT_ERROR,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Clock
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.interruption import stoppable


def run_module(name: str) -> None:
    """Run the operation of that (short) name and exit, as a module does."""
    try:
        secrets = receive(os.environ)
    except (OSError, ValueError) as error:
        problem: str | None = f"The credentials that were handed over cannot be read: {type(error).__name__}."
        secrets = {}
    else:
        problem = None
    module = AnsibleModule(supports_check_mode=True, **SPECS[name]())
    if problem:
        module.fail_json(msg=f"{problem} Nothing was changed. Run again, or run the task on the controller.")
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    params = _take_over(module, secrets)
    with stoppable() as stop:
        result = run(name, params, module.check_mode, Runtime(stop.check, Clock(sleep=stop.sleep), diff=module._diff))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def _take_over(module: AnsibleModule, secrets: dict[str, str]) -> dict[str, Any]:
    """The options with their secrets, of which the module itself keeps none.

    Ansible would replace every part of the result that equals a secret: data of the broker, such as the name of an
    application, would be damaged. The texts of the result hold no secret, because they are redacted where they enter.
    """
    params = {**module.params, **secrets}
    module.params = mask_secrets(params)
    module.no_log_values = set()
    return params

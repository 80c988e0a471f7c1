# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry of all modules: ``AnsibleModule`` provides the options and returns the result of an operation."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.credentials import mask_secrets, receive
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.supervision import (
    receive_controllers,
    receive_limit,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.session import (
    HAS_REQUESTS,
    REQUESTS_IMPORT_ERROR,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.interruption import stoppable
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock


def run_module(name: str) -> None:
    """Run the operation of the module with that short name, print its result and exit."""
    problem = ""
    seconds, controllers = receive_limit(os.environ), receive_controllers(os.environ)
    secrets: dict[str, str] = {}
    try:
        secrets = receive(os.environ)
    except (OSError, ValueError) as error:
        problem = f"cannot read the credentials of the task: {type(error).__name__}."
    module = AnsibleModule(supports_check_mode=True, **SPECS[name]())
    if problem:
        module.fail_json(msg=f"{name}: {problem} Nothing was changed. Run again, or run the task on the controller.")
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    params = _merge_secrets(module, secrets)
    with stoppable(seconds, controllers, resends=False, output=sys.stdout.fileno()) as stop:
        runtime = Runtime(stop.check, Clock(sleep=stop.sleep), diff=module._diff, cutoff=stop.cutoff)
        result = run(name, params, module.check_mode, runtime)
        _end(module, result)


def _end(module: AnsibleModule, result: dict[str, Any]) -> NoReturn:
    """Print the result and exit, while signals are still caught: an interrupted run has a result, too."""
    try:
        if result.pop("failed", False):
            module.fail_json(**result)
        module.exit_json(**result)
    finally:
        sys.stdout.flush()


def _merge_secrets(module: AnsibleModule, secrets: dict[str, str]) -> dict[str, Any]:
    """The options with the secrets. The module itself forgets its secrets.

    Otherwise Ansible would mask every part of the result that equals a secret, and damage the broker's data, such as
    the name of an application. The result contains no secret: texts are redacted when they are received.
    """
    params = {**module.params, **secrets}
    module.params = mask_secrets(params)
    module.no_log_values = set()
    return params

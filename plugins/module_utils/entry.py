# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's side: from ``AnsibleModule`` to an operation and back."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.openshift_v2.apps.plugins.module_utils.broker import HAS_REQUESTS, REQUESTS_IMPORT_ERROR
from ansible_collections.openshift_v2.apps.plugins.module_utils.converge import Clock
from ansible_collections.openshift_v2.apps.plugins.module_utils.interruption import stoppable
from ansible_collections.openshift_v2.apps.plugins.module_utils.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils.options import SPECS


def run_module(name: str) -> None:
    """Run the operation of that (short) name and leave, as a module does."""
    module = AnsibleModule(supports_check_mode=True, **SPECS[name]())
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    with stoppable() as stop:
        result = run(
            name, module.params, module.check_mode, Runtime(stop.check, Clock(sleep=stop.sleep), diff=module._diff)
        )
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grant or revoke the HA capability on a broker host. The decisions are in plugin_utils/_broker_host/capability.py."""

from __future__ import annotations

from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import PROGRAM
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import clean_result
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.capability import (
    build_result,
    set_capabilities,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.program import UserProgram, validate_logins
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import get_remote

SPEC: dict[str, Any] = {
    "login": {"type": "list", "elements": "str", "required": True, "aliases": ["logins"]},
    "ha": {"type": "bool", "required": True},
    "command": {"type": "str", "default": PROGRAM},
}


class ActionModule(NamedAction):
    """The action plugin of ``openshift_user_capability``; it has no module behind it."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        del tmp
        params = self.validate_options({"argument_spec": SPEC})
        program = UserProgram(get_remote(self), params["command"])
        logins = validate_logins(params["login"])
        changes = set_capabilities(logins, params["ha"], self._task.check_mode, program.observe, program.grant)
        return self.with_warnings({**result, **clean_result(build_result(changes))})

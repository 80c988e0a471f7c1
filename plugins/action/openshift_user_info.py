# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openshift_user_info: the own account from the API (_action/in_process.py), any account from the broker host."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import view_account
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import clean_result
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.in_process import InProcessAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.failures import ProgramFailure
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.program import UserProgram, validate_logins
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import get_remote


class ActionModule(InProcessAction):
    """The action plugin of ``openshift_user_info``."""

    module = "openshift_user_info"

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        if self._task.args.get("login") is None and self._task.args.get("logins") is None:
            return super().run(tmp, task_vars)
        if self._task.async_val:
            raise AnsibleActionFail("login: async is not supported for a broker host. Omit async or login.")
        result = NamedAction.run(self, tmp, task_vars)
        params = self.validate_options(SPECS[self.module]())
        program = UserProgram(get_remote(self), params["command"])
        return self.with_warnings({**result, **clean_result(_read_accounts(program, validate_logins(params["login"])))})


def _read_accounts(program: UserProgram, logins: list[str]) -> dict[str, Any]:
    """The result of the module: the accounts, and why others could not be read."""
    users: list[dict[str, Any]] = []
    failures: dict[str, ProgramFailure] = {}
    not_read: list[str] = []
    for number, login in enumerate(logins, 1):
        answer = program.observe(login)
        if not isinstance(answer, ProgramFailure):
            users.append(view_account(answer))
            continue
        failures[login] = answer
        if answer.everywhere or answer.lost:
            not_read = logins[number:]
            break
    result: dict[str, Any] = {"changed": False, "users": users}
    if failures:
        lost = any(failure.lost for failure in failures.values())
        result["unreachable" if lost else "failed"] = True
        reasons = [f"{login}: cannot read the account: {failure}" for login, failure in failures.items()]
        result["msg"] = " ".join(reasons + ([f"Not read: {', '.join(not_read)}."] if not_read else []))
    return result

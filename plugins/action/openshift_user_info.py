# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openshift_user_info: of oneself from the API, see plugin_utils/in_process.py; of any account from the broker host."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import shown
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.in_process import InProcessAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.ctl_user import Problem
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.program import UserProgram, logins_from
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import remote_of


class ActionModule(InProcessAction):
    """The action plugin of ``openshift_user_info``."""

    module = "openshift_user_info"

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        if self._task.args.get("login") is None and self._task.args.get("logins") is None:
            return super().run(tmp, task_vars)
        if self._task.async_val:
            raise AnsibleActionFail("login: the broker host cannot be asked with async.")
        result = NamedAction.run(self, tmp, task_vars)
        params = self.validate_options(SPECS[self.module]())
        program = UserProgram(remote_of(self), params["command"])
        return {**result, **_told(program, logins_from(params["login"]))}


def _told(program: UserProgram, logins: list[str]) -> dict[str, Any]:
    """What the module returns: of the accounts that could not be looked at, why not."""
    users: list[dict[str, Any]] = []
    problems: dict[str, Problem] = {}
    not_asked: list[str] = []
    for number, login in enumerate(logins, 1):
        answer = program.look(login)
        if not isinstance(answer, Problem):
            users.append(shown(answer))
            continue
        problems[login] = answer
        if answer.everywhere or answer.lost:
            not_asked = logins[number:]
            break
    result: dict[str, Any] = {"changed": False, "users": users}
    if problems:
        lost = any(problem.lost for problem in problems.values())
        result["unreachable" if lost else "failed"] = True
        told = [f"{login}: could not be looked at. {why}" for login, why in problems.items()]
        result["msg"] = " ".join(told + ([f"Not asked for: {', '.join(not_asked)}."] if not_asked else []))
    return result

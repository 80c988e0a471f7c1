# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins share that have oo-admin-ctl-user run_script on the task's host, without Python there."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Account
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host import ctl_user as user_admin
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import Execute, Remote, run_script


class UserProgram:
    """The program of that name or path on the task's host."""

    def __init__(self, remote: Remote, name: str) -> None:
        self._remote = remote
        self._name = name

    def look(self, login: str) -> Account | user_admin.Problem:
        """The account as it is."""
        return self._asked(self._remote.look, login, user_admin.looking(self._name, login))

    def grant(self, login: str, ha: bool) -> Account | user_admin.Problem:
        """Set the capability HA, once; the account as it is then."""
        return self._asked(self._remote.act, login, user_admin.setting(self._name, login, ha))

    def _asked(self, execute: Execute, login: str, script: str) -> Account | user_admin.Problem:
        return user_admin.outcome(run_script(execute, script), self._name, login)


def logins_from(given: list[str]) -> list[str]:
    """The logins of the option ``login``, each once, in order. Raises ``AnsibleActionFail`` for one that cannot be."""
    for login in given:
        problem = user_admin.problem_with_login(login)
        if problem:
            raise AnsibleActionFail(f"login: {problem}. Nothing was changed.")
    return list(dict.fromkeys(given))

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run oo-admin-ctl-user on the task's host, without Python there. The action plugins share this."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Account
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host import ctl_user
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.failures import ProgramFailure
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import Execute, Remote, run_script


class UserProgram:
    """The program with this name or path on the task's host."""

    def __init__(self, remote: Remote, name: str) -> None:
        self._remote = remote
        self._name = name

    def observe(self, login: str) -> Account | ProgramFailure:
        """The account as it is now."""
        return self._run(self._remote.read, login, ctl_user.build_show_script(self._name, login))

    def grant(self, login: str, ha: bool) -> Account | ProgramFailure:
        """Set the HA capability once, and return the account as it is afterwards."""
        return self._run(self._remote.act, login, ctl_user.build_set_script(self._name, login, ha))

    def _run(self, execute: Execute, login: str, script: str) -> Account | ProgramFailure:
        return ctl_user.parse_outcome(run_script(execute, script), self._name, login)


def validate_logins(given: list[str]) -> list[str]:
    """The option ``login``, in order and without duplicates. Raises ``AnsibleActionFail`` for an invalid login."""
    for login in given:
        if problem := ctl_user.check_login(login):
            raise AnsibleActionFail(f"login: {problem}. Nothing was changed.")
    return list(dict.fromkeys(given))

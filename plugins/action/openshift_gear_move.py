# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move gears to other nodes, on a broker host. The decisions are in plugin_utils/_broker_host/moves.py."""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.moves import (
    PROGRAM,
    build_result,
    move_gears,
    parse_moves,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import get_remote, run_script

SPEC: dict[str, Any] = {
    "gears": {"type": "list", "elements": "raw", "required": True},
    "command": {"type": "str", "default": PROGRAM},
}


class ActionModule(NamedAction):
    """The action plugin of ``openshift_gear_move``; it has no module behind it."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        del tmp
        params = self.validate_options({"argument_spec": SPEC})
        moves, problems = parse_moves(params["gears"])
        if problems:
            raise AnsibleActionFail(" ".join([f"gears: {problems[0]}", *problems[1:], "Nothing was changed."]))
        # A move that may have taken effect is not sent again.
        run = partial(run_script, get_remote(self).act)
        outcomes = move_gears(moves, params["command"], self._task.check_mode, run)
        return {**result, **build_result(outcomes, params["command"])}

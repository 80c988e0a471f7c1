# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shell commands that the report offers: the operator's repair, and those of an administrator. Pure.

A command is pasted into a shell, and Ansible evaluates templates in extra variables. So there is no command for a name
that has other characters than names on the platform have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from shlex import quote
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import PROGRAM
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import COUNT, SAME_NODE, SAME_ZONE
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proving import MOVE_COMMAND
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import REPAIRED, UNKNOWN, Row

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LOGIN = re.compile(r"[^\W_][\w.@+=:/\\ -]*")


def build_repair_command(row: Row, host: str, inventories: Sequence[str], absent: bool) -> str:
    """The command that repairs one application; empty if it needs no repair, or if no command can be written.

    ``host``: the host of these inventories that is the application. Without it the command names the application.
    ``absent``: HA is not desired.
    """
    if not row.drifted or row.finding == REPAIRED or row.status == UNKNOWN:
        return ""
    if not all(_PLAIN.fullmatch(name) for name in (row.domain, row.name, host or "host")):
        return ""
    options: dict[str, Any] = {"app_ha_verify": row.verified} if row.verified not in ("", COUNT) else {}
    if any(problem.code == SAME_NODE and problem.repairable for problem in row.problems):
        options["app_ha_relocate"] = True
    command = "ansible-playbook openshift_v2.apps.enable_ha"
    if host:
        sources = "".join(f" -i {quote(source)}" for source in inventories)
        options = {"enable_ha_hosts": "all", **options, **({"app_ha_state": "absent"} if absent else {})}
        return f"{command}{sources} --limit {host} -e {quote(json.dumps(options))}"
    entry = {"domain": row.domain, "name": row.name, **({"state": "absent"} if absent else {})}
    return f"{command} -e {quote(json.dumps({'app_ha_applications': [entry], **options}))}"


def build_admin_commands(row: Row) -> tuple[str, ...]:
    """What an administrator runs on a broker host so that the application can be highly available."""
    codes = {blocker.code for blocker in row.blockers}
    commands = []
    if row.owner and _LOGIN.fullmatch(row.owner):
        if "capability" in codes:
            commands.append(f"{PROGRAM} -l {quote(row.owner)} --allowha true")
        if "gear_limit" in codes:
            commands.append(f"{PROGRAM} -l {quote(row.owner)} --setmaxgears N")
    if row.finding != REPAIRED and {problem.code for problem in row.problems} & {SAME_NODE, SAME_ZONE}:
        commands += [MOVE_COMMAND.format(gear=gear) for gear in _movable(row) if _PLAIN.fullmatch(gear)]
    return tuple(commands)


def _movable(row: Row) -> list[str]:
    """The gear to move: the first instance whose node another one has already; with different nodes, the last one."""
    used: set[str] = set()
    for instance in row.instances:
        if instance.address in used:
            return [instance.gear]
        used.add(instance.address)
    return [row.instances[-1].gear] if row.instances else []

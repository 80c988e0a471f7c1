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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import PROGRAM
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import COUNT, LEVELS, SAME_NODE, SAME_ZONE
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proving import MOVE_COMMAND
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import REPAIRED, UNKNOWN, Row

#: A command for more applications than this is too long to paste.
MOST_REPAIRED = 100
#: A command with more characters of variables for each application, such as a long policy, is too long, too.
LONGEST_VARIABLES = 1500
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LOGIN = re.compile(r"[^\W_][\w.@+=:/\\ -]*")


@dataclass(frozen=True)
class AuditScope:
    """What the audit was about, for the commands that repair what it found.

    ``inventories``: where the hosts come from. ``variables``: those of the role that decide the desired state of all
    applications. ``own``: the options of single applications in the list, by domain and name in lower case.
    """

    inventories: Sequence[str] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def name(self, row: Row) -> dict[str, Any]:
        """The application as an entry of a list."""
        own = self.own.get((row.domain.lower(), row.name.lower()), {})
        return {"domain": row.domain, "name": row.name, **own}


def build_repair_command(rows: Sequence[Row], scope: AuditScope) -> str:
    """The command that repairs these applications; empty if there are none, too many, or names that it cannot have.

    It names the hosts that are the applications. Applications without a host in an inventory are named as a list.
    Without a part of what decides the desired state, the command would repair too much, so there is none then.
    """
    if not 0 < len(rows) <= MOST_REPAIRED or len({bool(row.host) for row in rows}) > 1:
        return ""
    if not all(_PLAIN.fullmatch(name) for row in rows for name in (row.domain, row.name, row.host or "host")):
        return ""
    carried = [scope.variables, *(map(scope.name, rows) if scope.own else ())]
    if not all(map(_can_carry, carried)):
        return ""
    options = {**scope.variables}
    level = max((row.verified for row in rows if row.verified), key=LEVELS.index, default=COUNT)
    if level != COUNT:
        options["app_ha_verify"] = level
    if any(problem.code == SAME_NODE and problem.repairable for row in rows for problem in row.problems):
        options["app_ha_relocate"] = True
    command = "ansible-playbook openshift_v2.apps.enable_ha"
    if not rows[0].host:
        variables = {"app_ha_applications": [scope.name(row) for row in rows], **options}
        return f"{command} -e {quote(json.dumps(variables))}"
    sources = "".join(f" -i {quote(source)}" for source in scope.inventories)
    hosts = ":".join(row.host for row in rows)
    return f"{command}{sources} --limit {hosts} -e {quote(json.dumps({'enable_ha_hosts': 'all', **options}))}"


def _can_carry(settings: Mapping[str, Any]) -> bool:
    """Whether a command can have these variables. Ansible would evaluate a template in them."""
    if not settings:
        return True
    text = json.dumps(settings, default=str)
    return len(text) <= LONGEST_VARIABLES and not any(mark in text for mark in ("{{", "{%", "{#"))


def needs_repair(row: Row) -> bool:
    """Whether the application is not in the desired state, and was not repaired."""
    return row.drifted and row.finding != REPAIRED and row.status != UNKNOWN


def admin_commands(row: Row) -> dict[str, tuple[str, ...]]:
    """What an administrator runs on a broker host, by the code of the blocker or the problem that it removes."""
    found: dict[str, tuple[str, ...]] = {}
    codes = {each.code for each in (*row.blockers, *row.problems)}
    if row.owner and _LOGIN.fullmatch(row.owner):
        if "capability" in codes:
            found["capability"] = (f"{PROGRAM} -l {quote(row.owner)} --allowha true",)
        if "gear_limit" in codes:
            found["gear_limit"] = (f"{PROGRAM} -l {quote(row.owner)} --setmaxgears N",)
    moves = tuple(MOVE_COMMAND.format(gear=gear) for gear in _movable(row) if _PLAIN.fullmatch(gear))
    if moves and row.finding != REPAIRED:
        found.update({code: moves for code in ("relocation", SAME_NODE, SAME_ZONE) if code in codes})
    return found


def _movable(row: Row) -> list[str]:
    """The gear to move: the first instance whose node another one has already; with different nodes, the last one."""
    used: set[str] = set()
    for instance in row.instances:
        if instance.address in used:
            return [instance.gear]
        used.add(instance.address)
    return [row.instances[-1].gear] if row.instances else []

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the runtime state of HAProxy's servers that a reload keeps. Pure.

``show servers state`` prints a table. Each server that still has the same address keeps its row: administrators may
have drained or disabled it, and checks may have found it down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: The columns of the table by which a server is recognised.
_BACKEND, _SERVER, _ADDRESS, _NAME, _PORT = "be_name", "srv_name", "srv_addr", "srv_fqdn", "srv_port"
#: A table without servers, which is loaded without a warning.
EMPTY = "1\n"


def select_states(table: str, routes: Iterable[Mapping[str, Any]]) -> str:
    """The table with the servers of these routes only. Without a table: one without servers."""
    lines = [line for line in table.splitlines() if line.strip()]
    if len(lines) < 2 or lines[0].strip() != "1" or not lines[1].startswith("# "):
        return EMPTY
    columns = lines[1][2:].split()
    known = {
        (route["backend"], server["name"], str(server["address"]).strip("[]"), str(server["port"]))
        for route in routes
        for server in route["servers"]
    }
    kept = [line for line in lines[2:] if not known.isdisjoint(_keys(dict(zip(columns, line.split()))))]
    return "\n".join([*lines[:2], *kept, ""])


def _keys(row: Mapping[str, str]) -> set[tuple[str, ...]]:
    """The server by its address, and by its host name if it has one."""
    return {tuple(row.get(column, "") for column in (_BACKEND, _SERVER, by, _PORT)) for by in (_ADDRESS, _NAME)}

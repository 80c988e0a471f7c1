# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Group equal reasons: why applications are blocked or failed, their problems, and warnings. Pure.

Reasons are equal if they differ only in the names of applications and owners, in ids of gears, and in addresses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.commands import admin_commands
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    BLOCKED,
    FAILED,
    FINDINGS,
    REPAIRED,
    Row,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import label

#: The kinds of reasons after those of blocked and failed applications.
PROBLEM, WARNING = "problem", "warning"
_KINDS = (*FINDINGS, PROBLEM, WARNING)

_GEAR_OR_ADDRESS = re.compile(r"\b([0-9a-f]{24,32}|(\d{1,3}\.){3}\d{1,3}(:\d+)?)\b")
_LIST = re.compile(r"…(, …)+( and [\d,]+ more)?")


@dataclass(frozen=True)
class RowReason:
    """One reason of one application. ``shared``: without what differs between applications."""

    kind: str
    code: str
    text: str
    shared: str

    @property
    def id(self) -> str:
        """The same in every report, so that an address with it stays valid."""
        return _identify(self.kind, self.shared)


@dataclass(frozen=True)
class Reason:
    """Equal reasons of ``rows``. ``owners``: each with the number of applications, the largest first."""

    id: str
    kind: str
    title: str
    text: str
    rows: tuple[Row, ...]
    owners: tuple[tuple[str, int], ...]
    commands: tuple[str, ...]


def reasons_of(row: Row) -> tuple[RowReason, ...]:
    """Why the application is blocked, failed or degraded, and its warnings, without its name."""
    if not _has_reasons(row):
        return ()
    return tuple(RowReason(kind, code, text, _share(text, row)) for kind, code, text in _list(row))


def _has_reasons(row: Row) -> bool:
    return bool(row.blockers or row.problems or row.warnings) or row.finding == FAILED


def _list(row: Row) -> Iterator[tuple[str, str, str]]:
    if row.blockers:
        for blocker in row.blockers:
            yield BLOCKED, blocker.code, _without_name(blocker.message, row)
    elif row.finding == FAILED:
        yield FAILED, "", _without_name(row.message, row)
    stated = " ".join(blocker.message for blocker in row.blockers)
    if row.finding != REPAIRED:
        for problem in row.problems:
            # A blocker has the reason of its problem, but may have another remedy.
            if problem.message.partition(". ")[0] not in stated:
                yield PROBLEM, problem.code, _without_name(problem.message, row)
    for warning in row.warnings:
        yield WARNING, "", _without_name(warning, row)


def _without_name(message: str, row: Row) -> str:
    return message.removeprefix(f"{row.ref}: ")


def _share(text: str, row: Row) -> str:
    """The text without the names of the application and its owner, ids and addresses."""
    return _share_rest(text.replace(row.ref, "the application"), row.owner)


@lru_cache(maxsize=4096)
def _share_rest(text: str, owner: str | None) -> str:
    """A fleet has few different reasons, each many times."""
    if owner:
        login = re.escape(owner)
        text = re.sub(rf"\bowner (\({login}\)|{login}(?!\w))", "owner", text)
        text = re.sub(rf" -l {login}(?![\w.@-])", " -l OWNER", text)
        text = re.sub(rf"(?<![\w.@-]){login}(?![\w@-])", "the owner", text)
    return _LIST.sub("…", _GEAR_OR_ADDRESS.sub("…", text))


@lru_cache(maxsize=4096)
def _identify(kind: str, shared: str) -> str:
    return sha256(f"{kind} {shared}".encode()).hexdigest()[:8]


def group_reasons(rows: Iterable[Row]) -> tuple[Reason, ...]:
    """The most urgent kind first, then the reason that most applications have."""
    groups: dict[str, list[tuple[Row, RowReason]]] = {}
    for row in rows:
        for reason in {reason.id: reason for reason in reasons_of(row)}.values():
            groups.setdefault(reason.id, []).append((row, reason))
    return tuple(sorted(map(_group, groups.values()), key=lambda r: (_KINDS.index(r.kind), -len(r.rows), r.text)))


def _group(members: list[tuple[Row, RowReason]]) -> Reason:
    reason = members[0][1]
    rows = tuple(row for row, _reason in members)
    owners = Counter(row.owner for row in rows if row.owner)
    commands = dict.fromkeys(command for row in rows for command in admin_commands(row).get(reason.code, ()))
    return Reason(
        id=reason.id,
        kind=reason.kind,
        title=label(reason.code) if reason.code else label(reason.kind),
        text=reason.text if len(rows) == 1 else reason.shared,
        rows=rows,
        owners=tuple(sorted(owners.items(), key=lambda item: (-item[1], item[0]))),
        commands=tuple(commands),
    )

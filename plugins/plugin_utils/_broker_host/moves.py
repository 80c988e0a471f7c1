# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move gears to other nodes with ``oo-admin-move``, a program on a broker host: commands, output and results. Pure.

The program prints lines with labels, then messages of the move. After a move it prints a line with both nodes and ends
with 0. If a move is refused or fails, it prints the reason and ends with 1. It does not check where the other HAProxy
instance runs, and it has no dry run. A move takes minutes and is never sent twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host import failures
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.failures import (
    KnownFailure,
    ProgramFailure,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import (
    WITH_SYSTEM_FOLDERS,
    ScriptResult,
    quote_command,
)

PROGRAM = "oo-admin-move"
UNCHANGED, CHANGED, PLANNED, FAILED, UNKNOWN, NOT_ATTEMPTED = (
    "unchanged",
    "changed",
    "planned",
    "failed",
    "unknown",
    "not_attempted",
)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_MOVED = re.compile(
    r"[Gg]ear with uuid '(?P<gear>[^']+)' of app '[^']*' (?:was moved successfully )?"
    r"from '(?P<source>[^']+)' to '(?P<target>[^']+)'"
)
_REMAINING = re.compile(
    r"gear uuid '(?P<gear>[^']+)' is now moved to '(?P<target>[^']+)' "
    r"but not completely deconfigured from '(?P<source>[^']+)'"
)
_SAME = re.compile(r"Old and new servers are the same: (?P<node>\S+)")
_LABELS = re.compile(r"^(?:URL|Login|App UUID|Gear UUID): .*\n?|^(?:DEBUG: (?!Moving failed)|#+ ).*\n?", re.MULTILINE)
_AGAIN = (
    "Check where the gear is: openshift_app_info with gather=endpoints shows the addresses. Then run again, with the "
    "node on which the gear should be."
)
_KNOWN: tuple[KnownFailure, ...] = (
    (1, "Gear not found", "Check the ID of the gear: openshift_app_info with gather=endpoints shows it.", True, False),
    (
        1,
        "Old and new servers are the same",
        "The platform chose the node on which the gear already is. Set the node to which to move it.",
        True,
        False,
    ),
    (1, "No nodes available", "Add a node to the gear's district, or set the node to which to move it.", True, False),
    (1, "Another operation is already running", "The application is locked: run again in a minute.", True, False),
    (1, "must belong to the same region", "Choose a node in the same region.", True, False),
    (1, "only allowed from", "Choose a node that belongs to a district.", True, False),
    (1, "Cannot change node profile", "Choose a node with the profile (gear size) of the gear.", True, False),
    (1, "exceeds profile quota limits", "Free disk space in the gear.", True, False),
    (1, "platform is not the same", "Choose a node with the platform of the gear.", True, False),
    (1, "Not enough disk space", "Choose a node with more free disk space.", True, False),
    (1, "Rolling back gear", f"{failures.LOGS} The program put the gear back on its node.", True, False),
    (1, "ermission denied", failures.BECOME, True, True),
    (1, "", f"{failures.LOGS} {_AGAIN}", False, False),
    (255, "", "Check the option command: the program does not support the given options.", True, True),
    *failures.COMMON,
)

Run = Callable[[str], ScriptResult]


@dataclass(frozen=True)
class Move:
    """A gear to move. ``node``: the server identity of the target node; empty: the platform chooses another node."""

    gear: str
    node: str = ""

    def command(self, program: str) -> str:
        """The command line, as an administrator would type it."""
        target = ("-i", self.node) if self.node else ()
        return quote_command(program, "--gear_uuid", self.gear, *target)

    def script(self, program: str) -> str:
        return f"{WITH_SYSTEM_FOLDERS}\n{self.command(program)}"


@dataclass(frozen=True)
class MoveOutcome:
    """The outcome for one gear. ``source`` and ``target``: its nodes before and after, empty if they are not known.

    ``stops``: the failure affects all other gears, too. ``lost``: the connection was lost.
    """

    move: Move
    status: str
    msg: str
    source: str = ""
    target: str = ""
    moved: bool = False
    stops: bool = False
    lost: bool = False

    @property
    def failed(self) -> bool:
        return self.status in (FAILED, UNKNOWN, NOT_ATTEMPTED)

    @property
    def changed(self) -> bool:
        return self.moved or self.status in (CHANGED, PLANNED)


def parse_moves(given: Iterable[Any]) -> tuple[list[Move], list[str]]:
    """The gears to move, and what is wrong with the given ones. Each is an ID, or has ``gear`` and ``node``."""
    moves: list[Move] = []
    problems: list[str] = []
    for number, each in enumerate(given, 1):
        entry = each if isinstance(each, dict) else {"gear": each}
        if unknown := sorted(set(map(str, entry)) - {"gear", "node"}):
            problems.append(f"entry {number} has the unknown key {', '.join(unknown)}; it may have gear and node.")
        gear, node = _text(entry.get("gear")), _text(entry.get("node"))
        if not _WORD.match(gear):
            problems.append(f"entry {number}: {gear or 'an empty text'} is not the ID of a gear.")
        elif node and not _WORD.match(node):
            problems.append(f"entry {number}: {node} is not the name of a node.")
        elif any(move.gear == gear for move in moves):
            problems.append(f"the gear {gear} is listed twice.")
        moves.append(Move(gear, node))
    return moves, problems


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def move_gears(moves: Iterable[Move], program: str, check_mode: bool, run: Run) -> tuple[MoveOutcome, ...]:
    """Move each gear in turn. After a failure that affects all gears, the others are not attempted."""
    outcomes: list[MoveOutcome] = []
    for move in moves:
        if any(outcome.stops for outcome in outcomes):
            outcomes.append(MoveOutcome(move, NOT_ATTEMPTED, f"{move.gear}: not attempted. The gear was not moved."))
        elif check_mode:
            outcomes.append(MoveOutcome(move, PLANNED, f"{move.gear}: would run: {move.command(program)}"))
        else:
            outcomes.append(parse_outcome(run(move.script(program)), move, program))
    return tuple(outcomes)


def parse_outcome(result: ScriptResult, move: Move, program: str) -> MoveOutcome:
    """The outcome of one run of the program."""
    moved, remaining = (_find_move(pattern, result.output, move) for pattern in (_MOVED, _REMAINING))
    source, target = _nodes(moved or remaining)
    if result.status == 0 and moved:
        return MoveOutcome(move, CHANGED, f"{move.gear}: moved from {source} to {target}", source, target, moved=True)
    same = _SAME.search(result.output)
    if result.status == 1 and same and same["node"] == move.node:
        return MoveOutcome(move, UNCHANGED, f"{move.gear}: is on {move.node}", move.node, move.node)
    if result.status == 0:
        reason = f"the output of {program} shows no move: {failures.excerpt(_shorten(result))}"
        return MoveOutcome(move, UNKNOWN, _describe(move, reason, "The outcome is unknown.", _AGAIN))
    if remaining:
        effect = f"The gear is on {target}, but its old copy remains on {source}."
        reason = failures.explain_failure(_shorten(result), program, _KNOWN, _AGAIN).text
        msg = _describe(move, reason, effect, f"Remove the old copy from {source}.")
        return MoveOutcome(move, FAILED, msg, source, target, moved=True)
    return _explain(move, failures.explain_failure(_shorten(result), program, _KNOWN, _AGAIN))


def _find_move(pattern: re.Pattern[str], output: str, move: Move) -> re.Match[str] | None:
    """The line about the gear that names both nodes."""
    return next((found for found in pattern.finditer(output) if found["gear"] == move.gear), None)


def _nodes(found: re.Match[str] | None) -> tuple[str, str]:
    """The nodes before and after the move, empty if they are not known."""
    return (found["source"], found["target"]) if found else ("", "")


def _shorten(result: ScriptResult) -> ScriptResult:
    """The result without the lines that every run prints, so that an excerpt of it shows the reason."""
    if not result.began or result.status is None:
        return result
    kept = _LABELS.sub("", result.output)
    return ScriptResult(result.began, result.status, kept if kept.strip() else result.output)


def _explain(move: Move, failure: ProgramFailure) -> MoveOutcome:
    effect = "The gear was not moved." if failure.certain else "The outcome is unknown."
    return MoveOutcome(
        move,
        FAILED if failure.certain else UNKNOWN,
        _describe(move, failure.text, effect, _AGAIN if failure.unfinished else failure.advice),
        stops=failure.everywhere or failure.lost,
        lost=failure.lost,
    )


def _describe(move: Move, reason: str, effect: str, next_step: str) -> str:
    return f"{move.gear}: cannot move the gear: {failures.end(reason)} {effect} {next_step}"


def build_result(outcomes: tuple[MoveOutcome, ...], program: str) -> dict[str, Any]:
    """The result of the module."""
    failed = [outcome for outcome in outcomes if outcome.failed]
    lines = [outcome.msg for outcome in (*failed, *(each for each in outcomes if not each.failed))]
    result: dict[str, Any] = {
        "changed": any(outcome.changed for outcome in outcomes),
        "results": [_view(outcome, program) for outcome in outcomes],
        "msg": " ".join(failures.end(line) for line in lines) or "No gears to move.",
    }
    if any(outcome.lost for outcome in outcomes):
        result["unreachable"] = True
    elif failed:
        result["failed"] = True
    return result


def _view(outcome: MoveOutcome, program: str) -> dict[str, Any]:
    return {
        "gear": outcome.move.gear,
        "node": outcome.move.node,
        "source": outcome.source,
        "target": outcome.target,
        "changed": outcome.changed,
        "failed": outcome.failed,
        "status": outcome.status,
        "command": outcome.move.command(program),
        "msg": outcome.msg,
    }

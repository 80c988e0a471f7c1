# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the capability HA of accounts as wished: look, set where it differs, and tell what came of each.

The program is had run by ``look`` and ``grant``. Setting is never repeated: whatever is doubtful is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Account, shown
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.ctl_user import Problem

Look = Callable[[str], Union[Account, Problem]]
Grant = Callable[[str, bool], Union[Account, Problem]]

UNCHANGED = "unchanged"
CHANGED = "changed"
PLANNED = "planned"
FAILED = "failed"
UNKNOWN = "unknown"
NOT_ATTEMPTED = "not_attempted"
#: Of a failure of many, so many accounts are named with their reasons.
_NAMED = 10


@dataclass(frozen=True)
class AccountChange:
    """What became of one account.

    ``before`` and ``after``: the account as it was seen, ``None`` where it was not. ``ends``: whether it makes no sense
    to go on with other accounts, ``lost``: because the connection was lost.
    """

    login: str
    wanted: bool
    status: str
    msg: str
    before: Account | None = None
    after: Account | None = None
    warning: str = ""
    ends: bool = False
    lost: bool = False

    @property
    def failed(self) -> bool:
        return self.status in (FAILED, UNKNOWN, NOT_ATTEMPTED)

    @property
    def changed(self) -> bool:
        return self.status in (CHANGED, PLANNED)


def hold_all(
    logins: Iterable[str], wanted: bool, check_mode: bool, look: Look, grant: Grant
) -> tuple[AccountChange, ...]:
    """Every account has its turn, unless what went wrong with one is the same for all."""
    entries: list[AccountChange] = []
    for login in logins:
        if any(entry.ends for entry in entries):
            entries.append(
                AccountChange(login, wanted, NOT_ATTEMPTED, f"{login}: not attempted. The account was not changed.")
            )
        else:
            entries.append(hold(login, wanted, check_mode, look, grant))
    return tuple(entries)


def hold(login: str, wanted: bool, check_mode: bool, look: Look, grant: Grant) -> AccountChange:
    """Hold one account as wished; in check mode only look."""
    seen = look(login)
    if isinstance(seen, Problem):
        msg = f"{login}: could not be looked at. {seen.text} The account was not changed. {seen.advice}"
        return AccountChange(login, wanted, FAILED, msg, ends=seen.everywhere or seen.lost, lost=seen.lost)
    if seen.ha == wanted:
        return AccountChange(login, wanted, UNCHANGED, f"{login}: HA allowed is {_word(wanted)}", seen, seen)
    done = f"{login}: HA allowed {_word(seen.ha)} -> {_word(wanted)}"
    if check_mode:
        return AccountChange(login, wanted, PLANNED, done, seen, seen)
    answer = grant(login, wanted)
    if isinstance(answer, Problem):
        return _settled(AccountChange(login, wanted, FAILED, done, seen), answer, look)
    if answer.ha == wanted:
        return AccountChange(login, wanted, CHANGED, done, seen, answer)
    msg = (
        f"{login}: the program reported success, but HA allowed is still {_word(answer.ha)}. "
        "A sub-account may have it from its parent account: set it there."
    )
    return AccountChange(login, wanted, FAILED, msg, seen, answer)


def _settled(entry: AccountChange, problem: Problem, look: Look) -> AccountChange:
    """What an account is after setting it went wrong. ``entry`` has the words for success in ``msg``."""
    login, wanted, seen, ends = entry.login, entry.wanted, entry.before, problem.everywhere
    trying = f"{login}: failed to set HA allowed to {_word(wanted)}. {problem.text}"
    if problem.certain:
        return AccountChange(
            login, wanted, FAILED, f"{trying} The account was not changed. {problem.advice}", seen, seen, ends=ends
        )
    now = look(login)
    if isinstance(now, Problem):
        msg = (
            f"{trying} It is not known whether that took effect, for the account could not be looked at afterwards: "
            f"{now.text} {now.advice}"
        )
        return AccountChange(login, wanted, UNKNOWN, msg, seen, ends=now.everywhere or now.lost, lost=now.lost)
    if now.ha == wanted:
        warning = f"{login}: {problem.text} It took effect all the same, as the account shows."
        return AccountChange(login, wanted, CHANGED, entry.msg, seen, now, warning)
    if problem.unfinished:
        msg = f"{trying} It has not taken effect so far, but may yet. {problem.advice}"
        return AccountChange(login, wanted, UNKNOWN, msg, seen, now)
    return AccountChange(login, wanted, FAILED, f"{trying} The account was not changed. {problem.advice}", seen, now)


def result_of(entries: tuple[AccountChange, ...]) -> dict[str, Any]:
    """What the module returns."""
    failed = [entry for entry in entries if entry.failed]
    result: dict[str, Any] = {
        "changed": any(entry.changed for entry in entries),
        "results": [_shown(entry) for entry in entries],
        "diff": [_diff(entry) for entry in entries if entry.changed],
        "msg": _failure(failed, entries) if failed else _summary(entries),
    }
    warnings = [entry.warning for entry in entries if entry.warning]
    if warnings:
        result["warnings"] = warnings
    if any(entry.lost for entry in entries):
        result["unreachable"] = True
    elif failed:
        result["failed"] = True
    return result


def _shown(entry: AccountChange) -> dict[str, Any]:
    account = entry.after or entry.before
    known = shown(account) if account else {}
    now = entry.wanted if entry.changed else entry.after.ha if entry.after else None
    if known:
        known["capabilities"] = {**known["capabilities"], "ha": now}
    return {
        **known,
        "login": entry.login,
        "ha": now,
        "before": entry.before.ha if entry.before else None,
        "changed": entry.changed,
        "failed": entry.failed,
        "status": entry.status,
        "msg": entry.msg,
    }


def _diff(entry: AccountChange) -> dict[str, str]:
    return {
        "before_header": entry.login,
        "after_header": entry.login,
        "before": f"HA allowed: {_word(not entry.wanted)}\n",
        "after": f"HA allowed: {_word(entry.wanted)}\n",
    }


def _summary(entries: tuple[AccountChange, ...]) -> str:
    changed = [entry for entry in entries if entry.changed]
    if not changed:
        return f"Nothing to change: {len(entries)} {'account' if len(entries) == 1 else 'accounts'}."
    if len(changed) == 1:
        return changed[0].msg
    return f"HA allowed {_word(not changed[0].wanted)} -> {_word(changed[0].wanted)} for {len(changed)} accounts."


def _failure(failed: list[AccountChange], entries: tuple[AccountChange, ...]) -> str:
    if len(entries) == 1:
        return failed[0].msg
    reasons = [entry.msg for entry in failed[:_NAMED]]
    more = [f"And {len(failed) - _NAMED} more."] if len(failed) > _NAMED else []
    head = f"{len(failed)} of {len(entries)} accounts are not as wished:"
    return " ".join([head, *reasons, *more, *_of_the_others(entries)])


def _of_the_others(entries: tuple[AccountChange, ...]) -> list[str]:
    """What changed, or in check mode would, although others failed."""
    changed = [entry.msg for entry in entries if entry.changed]
    if not changed:
        return []
    more = f"; and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    return [f"Of the others: {'; '.join(changed[:_NAMED])}{more}."]


def _word(flag: bool) -> str:
    return "true" if flag else "false"

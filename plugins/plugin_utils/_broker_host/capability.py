# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set the HA capability of accounts: observe each account, set it only if it differs, and report the outcome.

A command that sets the capability is never repeated. After a doubtful outcome, the account is observed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Account, view_account
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import first_of
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.failures import ProgramFailure

Observe = Callable[[str], Union[Account, ProgramFailure]]
Grant = Callable[[str, bool], Union[Account, ProgramFailure]]

UNCHANGED = "unchanged"
CHANGED = "changed"
PLANNED = "planned"
FAILED = "failed"
UNKNOWN = "unknown"
NOT_ATTEMPTED = "not_attempted"
#: A message names at most this many accounts with their reasons.
_MAX_NAMED = 10
_NOT_CHANGED = "The account was not changed."


@dataclass(frozen=True)
class AccountChange:
    """The outcome for one account.

    ``before`` and ``after``: the observed account, ``None`` if it was not observed. ``stops``: the failure affects all
    other accounts, too. ``lost``: the connection was lost.
    """

    login: str
    desired: bool
    status: str
    msg: str
    before: Account | None = None
    after: Account | None = None
    warning: str = ""
    stops: bool = False
    lost: bool = False

    @property
    def failed(self) -> bool:
        return self.status in (FAILED, UNKNOWN, NOT_ATTEMPTED)

    @property
    def changed(self) -> bool:
        return self.status in (CHANGED, PLANNED)


def set_capabilities(
    logins: Iterable[str], desired: bool, check_mode: bool, observe: Observe, grant: Grant
) -> tuple[AccountChange, ...]:
    """Set each account in turn. After a failure that affects all accounts, the others are not attempted."""
    changes: list[AccountChange] = []
    for login in logins:
        if any(change.stops for change in changes):
            changes.append(AccountChange(login, desired, NOT_ATTEMPTED, f"{login}: not attempted. {_NOT_CHANGED}"))
        else:
            changes.append(set_capability(login, desired, check_mode, observe, grant))
    return tuple(changes)


def set_capability(login: str, desired: bool, check_mode: bool, observe: Observe, grant: Grant) -> AccountChange:
    """Set the capability of one account; in check mode only observe the account."""
    before = observe(login)
    if isinstance(before, ProgramFailure):
        msg = f"{login}: cannot read the account: {before.text} {_NOT_CHANGED} {before.advice}"
        stops = before.everywhere or before.lost
        return AccountChange(login, desired, FAILED, msg, stops=stops, lost=before.lost)
    if before.ha == desired:
        return AccountChange(login, desired, UNCHANGED, f"{login}: HA allowed is {_word(desired)}", before, before)
    success = f"{login}: HA allowed {_word(before.ha)} -> {_word(desired)}"
    if check_mode:
        return AccountChange(login, desired, PLANNED, success, before, before)
    answer = grant(login, desired)
    if isinstance(answer, ProgramFailure):
        return _settle(AccountChange(login, desired, FAILED, success, before), answer, observe)
    if answer.ha == desired:
        return AccountChange(login, desired, CHANGED, success, before, answer)
    msg = (
        f"{login}: cannot set HA allowed to {_word(desired)}: the program reported success, but HA allowed is still "
        f"{_word(answer.ha)}. A sub-account may inherit it: set it for the parent account."
    )
    return AccountChange(login, desired, FAILED, msg, before, answer)


def _settle(change: AccountChange, failure: ProgramFailure, observe: Observe) -> AccountChange:
    """The outcome after the program failed. ``change`` has the message for success."""
    login, desired, before, stops = change.login, change.desired, change.before, failure.everywhere
    problem = f"{login}: cannot set HA allowed to {_word(desired)}: {failure.text}"
    not_changed = f"{problem} {_NOT_CHANGED} {failure.advice}"
    if failure.certain:
        return AccountChange(login, desired, FAILED, not_changed, before, before, stops=stops)
    after = observe(login)
    if isinstance(after, ProgramFailure):
        msg = f"{problem} The outcome is unknown, because the account cannot be read: {after.text} {after.advice}"
        return AccountChange(
            login, desired, UNKNOWN, msg, before, stops=after.everywhere or after.lost, lost=after.lost
        )
    if after.ha == desired:
        warning = f"{login}: {failure.text} It took effect nevertheless: the account shows it."
        return AccountChange(login, desired, CHANGED, change.msg, before, after, warning)
    if failure.unfinished:
        msg = f"{problem} It has not taken effect yet, but still may. {failure.advice}"
        return AccountChange(login, desired, UNKNOWN, msg, before, after)
    return AccountChange(login, desired, FAILED, not_changed, before, after)


def build_result(changes: tuple[AccountChange, ...]) -> dict[str, Any]:
    """The result of the module."""
    failed = [change for change in changes if change.failed]
    result: dict[str, Any] = {
        "changed": any(change.changed for change in changes),
        "results": [_view(change) for change in changes],
        "diff": [_diff(change) for change in changes if change.changed],
        "msg": _describe_failures(failed, changes) if failed else _summarize(changes),
    }
    if warnings := [change.warning for change in changes if change.warning]:
        result["warnings"] = warnings
    if any(change.lost for change in changes):
        result["unreachable"] = True
    elif failed:
        result["failed"] = True
    return result


def _view(change: AccountChange) -> dict[str, Any]:
    account = change.after or change.before
    fields = view_account(account) if account else {}
    ha = change.desired if change.changed else change.after.ha if change.after else None
    if fields:
        fields["capabilities"] = {**fields["capabilities"], "ha": ha}
    return {
        **fields,
        "login": change.login,
        "ha": ha,
        "before": change.before.ha if change.before else None,
        "changed": change.changed,
        "failed": change.failed,
        "status": change.status,
        "msg": change.msg,
    }


def _diff(change: AccountChange) -> dict[str, str]:
    return {
        "before_header": change.login,
        "after_header": change.login,
        "before": f"HA allowed: {_word(not change.desired)}\n",
        "after": f"HA allowed: {_word(change.desired)}\n",
    }


def _summarize(changes: tuple[AccountChange, ...]) -> str:
    changed = [change for change in changes if change.changed]
    if not changed:
        return f"Nothing to change: {len(changes)} {'account' if len(changes) == 1 else 'accounts'}."
    if len(changed) == 1:
        return changed[0].msg
    return f"HA allowed {_word(not changed[0].desired)} -> {_word(changed[0].desired)} for {len(changed)} accounts."


def _describe_failures(failed: list[AccountChange], changes: tuple[AccountChange, ...]) -> str:
    if len(changes) == 1:
        return failed[0].msg
    reasons = [change.msg for change in first_of(failed, _MAX_NAMED)]
    left = len(failed) - len(reasons)
    more = [f"And {left} more."] if left else []
    headline = f"{len(failed)} of {len(changes)} accounts are not in the desired state:"
    return " ".join([headline, *reasons, *more, *_describe_others(changes)])


def _describe_others(changes: tuple[AccountChange, ...]) -> list[str]:
    """What changed (or would change, in check mode) although other accounts failed."""
    changed = [change.msg for change in changes if change.changed]
    if not changed:
        return []
    shown = first_of(changed, _MAX_NAMED)
    left = len(changed) - len(shown)
    more = f"; and {left} more" if left else ""
    return [f"Changes of the other accounts: {'; '.join(shown)}{more}."]


def _word(flag: bool) -> str:
    return "true" if flag else "false"

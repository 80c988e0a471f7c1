# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words for people: what happened, to which application, what was and was not changed, what to do next. Pure."""

from __future__ import annotations

from shlex import quote

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import UPGRADING
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Forbidden,
    Maintenance,
    Refused,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import CALLER_REMEDY
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Outcome
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import DONE, UNKNOWN

#: What to do about an error of each kind.
ADVICE = {
    "unreachable": "Check broker_url and the network. Running again is safe.",
    "untrusted": "Nothing was sent.",
    "unanswered": "Look again in a few minutes, or run again: it goes on from what it finds then.",
    "wrong_protocol": "Check broker_url: is it http:// or https://, and is the port right? If so, look again in a few "
    "minutes, or run again: it goes on from what it finds then.",
    "busy": "Run again later, or allow it a longer wait_timeout.",
    "refused": "Run again when the reason is gone.",
    "misdirected": "Check broker_url.",
    "unauthorized": "Check username and password, or token, and whether impersonate_user, if given, is an account of "
    "theirs.",
    "forbidden": "The account needs the role edit or admin in the domain, a token the scope for it.",
    "not_found": "Check domain and name, and that the account is a member of the domain.",
    "no_broker": "Check broker_url: host, port, and whether there is a path before /broker/rest.",
    "maintenance": "The broker is in maintenance: run again when it is over.",
    "node_failed": "Tell the platform's administrators if it stays so. Running again is safe.",
    "unsupported_api": "A broker with REST API 1.6 or later is needed.",
    "halted": "Run again: it goes on from what it finds then.",
    "error": "Look at the application, and run again: it goes on from what it finds then.",
}

#: The kinds that raise the question which broker that was, and those that raise the question as whom it was asked.
_WHERE = ("unreachable", "untrusted", "unanswered", "wrong_protocol", "misdirected", "no_broker", "maintenance")
_WHO = ("unauthorized", "forbidden", "not_found", "unsupported_api")

#: What to do about a refusal, by its blocker's code.
ADVICE_ON_BLOCKER = {
    "capability": "An administrator grants it on the broker host with oo-admin-ctl-user -l {owner} --allowha true, "
    "or with openshift_user_capability or the role broker_ha.",
    "ha_disabled": "An administrator allows it with ALLOW_HA_APPLICATIONS in the broker's configuration.",
    "gear_limit": "Raise the owner's gear limit, or free gears.",
    "caller_gear_limit": f"{CALLER_REMEDY[0].upper()}{CALLER_REMEDY[1:]}.",
    "maximum": "Raise the maximum with max_gears (openshift_cartridge_scale, openshift_app_ha).",
    "minimum": "Lower the minimum with min_gears (openshift_cartridge_scale); HA needs two gears.",
}

#: The refusals of docs/broker.md by their exit code, or where they have none by words of theirs.
_BY_EXIT_CODE = {100: "not_scalable", 104: "caller_gear_limit"}
_BY_WORDS = (
    ("above maximum gear limit", "maximum"),
    ("max gear limit is '1'", "maximum"),
    ("cannot be higher than the scales_to factor", "maximum"),
    ("below gear limit", "minimum"),
    ("cannot be lower than the scales_from factor", "minimum"),
    ("max gear limit to '1'", "minimum"),
    ("is not an allowed feature for the account", "capability"),
    ("is currently disabled", "ha_disabled"),
    ("Only scalable applications", "not_scalable"),
    ("is not scalable", "not_scalable"),
    ("cannot be scaled", "not_scalable"),
    ("can not set scaling policies", "not_scalable"),
    ("additional gears", "gear_limit"),
    (UPGRADING, "upgrading"),
)


def blockers_from(error: BrokerError, acting_as_owner: bool = False) -> tuple[Blocker, ...]:
    """The blocker that a refusal stands for, with the code it would have had beforehand; none for other errors."""
    if isinstance(error, Forbidden):
        return (Blocker("permission", error.text),)
    if isinstance(error, Maintenance):
        return (Blocker("maintenance", error.text),)
    if not isinstance(error, Refused):
        return ()
    code = _BY_EXIT_CODE.get(error.exit_code or 0)
    code = code or next((code for words, code in _BY_WORDS if words in error.words), "refused")
    if code == "caller_gear_limit" and acting_as_owner:
        code = "gear_limit"
    return (Blocker(code, error.text),)


def observation_failure(ref: AppRef | str, error: BrokerError) -> str:
    """The message for an application (or all of them) that could not even be looked at."""
    return f"{ref}: could not be looked at: {_said(error)}. Nothing was changed. {ADVICE[error.kind]}"


def failure(outcome: Outcome, acting_as: str | None = None) -> str:
    """The message for an application that was not brought to what was wished. ``acting_as``: the login that asked."""
    ref = outcome.before.ref
    if outcome.error is None:
        reasons = " ".join(blocker.message for blocker in outcome.blockers)
        return f"{ref}: not brought to what was wished. {reasons} {_changes(outcome)}"
    doing = outcome.asked or "bring it to what was wished"
    advice = _advice(outcome.error, outcome.before.owner, acting_as or outcome.error.account)
    return f"{ref}: failed to {doing}: {_said(outcome.error)}. {_changes(outcome)} {advice}"


def _advice(error: BrokerError, owner: str | None, acting_as: str | None) -> str:
    codes = [blocker.code for blocker in blockers_from(error, owner is not None and owner == acting_as)]
    advice = next((ADVICE_ON_BLOCKER[code] for code in codes if code in ADVICE_ON_BLOCKER), ADVICE[error.kind])
    # Quoted, as it will be pasted into the shell of an administrator.
    return advice.format(owner=quote(owner) if owner else "OWNER")


def _said(error: BrokerError) -> str:
    numbers = [f"HTTP {error.http_status}" if error.http_status else "", _exit(error.exit_code)]
    known = ", ".join(number for number in numbers if number)
    text = error.text.strip().rstrip(".")
    return (f"{text} ({known})" if known else text) + _asked(error)


def _asked(error: BrokerError) -> str:
    """Which broker that was, and as whom it was asked, where that is the next question."""
    if error.address and error.kind in _WHERE:
        return f", at {error.address}"
    if error.address and error.kind in _WHO:
        return f", at {error.address} as {error.account}"
    return ""


def _exit(code: int | None) -> str:
    return "" if code in (None, 0) else f"exit code {code}"


def _changes(outcome: Outcome) -> str:
    """What was and was not changed."""
    done = [step.detail for step in outcome.steps if step.status == DONE]
    said = [f"Done: {'; '.join(done)}."] if done else []
    if any(step.status == UNKNOWN for step in outcome.steps):
        said.append("It is not known whether that took effect, or will yet.")
    elif outcome.after != outcome.before and not done:
        said.append("It is not as it was before, though: see application and before.")
    return " ".join(said) or "Nothing was changed."

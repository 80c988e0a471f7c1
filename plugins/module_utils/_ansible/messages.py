# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages about failures: ``DOMAIN/APP: WHAT FAILED: REASON. EFFECT. NEXT STEP.`` Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from shlex import quote

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.shapes import FailureView
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import classify_refusal
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Forbidden,
    Maintenance,
    Refused,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import CALLER_REMEDY
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import (
    escape_unprintable,
    first_of,
    join_first,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import VERIFY, Outcome
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import DONE, UNKNOWN

UNCHANGED = "Nothing was changed."
RUN_AGAIN = "Run again: the application is checked first."
#: The next step after an unknown outcome of a change that each run makes again (``by`` of openshift_app_scale).
CHECK_FIRST = "Check the number of gears later, before you run again: each run changes it again."

#: The next step after an error, by its kind.
NEXT_STEPS = {
    "unreachable": "Check broker_url and the network, then run again.",
    "untrusted": "Check ca_path and the broker's certificate, then run again.",
    "misconfigured": "Correct the settings of the connection, then run again.",
    "unanswered": RUN_AGAIN,
    "too_large": "Check what answers at broker_url, or set max_response_size to a larger value.",
    "wrong_protocol": "Check broker_url: the scheme (http:// or https://) or the port may be wrong.",
    "busy": "Run again later, or set a longer wait_timeout.",
    "refused": "Remove the cause, then run again.",
    "misdirected": "Check broker_url.",
    "unauthorized": "Check username and password, or token, and impersonate_user if it is set.",
    "forbidden": "Use an account with the role edit or admin in the domain, or a token with a sufficient scope.",
    "not_found": "Check domain and name, and that the account is a member of the domain.",
    "no_broker": "Check broker_url: the host, the port, and any path before /broker/rest.",
    "maintenance": "Run again when the maintenance is over.",
    "node_failed": "Run again, and report the failure to the platform's administrators if it persists.",
    "unsupported_api": "Use a broker with REST API 1.6 or later (OpenShift Enterprise 2.2 or later).",
    "replaced": "Run again if you mean the application that has this name now.",
    "halted": RUN_AGAIN,
    "unverified": RUN_AGAIN,
    "error": RUN_AGAIN,
}

#: The next step after a refusal, by the code of its blocker.
REMEDIES = {
    "capability": "Ask an administrator to run oo-admin-ctl-user -l {owner} --allowha true on the broker host, "
    "or to use openshift_user_capability or the role broker_ha.",
    "ha_disabled": "Ask an administrator to set ALLOW_HA_APPLICATIONS to true in the broker's configuration.",
    "gear_limit": "Raise the owner's gear limit, or free gears.",
    "caller_gear_limit": CALLER_REMEDY,
    "maximum": "Raise the maximum with max_gears of openshift_app_ha or openshift_cartridge_scale.",
    "minimum": "Lower the minimum with min_gears of openshift_cartridge_scale; HA needs at least two gears.",
}

#: The kinds of errors that raise the question which broker answered, and those that also raise the question which
#: account sent the request.
_ABOUT_ADDRESS = (
    "unreachable",
    "untrusted",
    "misconfigured",
    "unanswered",
    "too_large",
    "wrong_protocol",
    "misdirected",
    "no_broker",
    "maintenance",
)
_ABOUT_ACCOUNT = ("unauthorized", "forbidden", "not_found", "unsupported_api")


def next_step_after(kind: str) -> str:
    """The next step after an error of that kind, or after a refusal with that code."""
    return REMEDIES.get(kind) or NEXT_STEPS[kind]


def blockers_from(error: BrokerError, acting_as_owner: bool = False) -> tuple[Blocker, ...]:
    """The blocker for a refusal, with the code that a prediction would use; none for other errors.

    ``acting_as_owner``: whether the account that sent the request owns the application.
    """
    if isinstance(error, Forbidden):
        return (Blocker("permission", error.text),)
    if isinstance(error, Maintenance):
        return (Blocker("maintenance", error.text),)
    if not isinstance(error, Refused):
        return ()
    code = classify_refusal(error)
    if code == "caller_gear_limit" and acting_as_owner:
        code = "gear_limit"
    return (Blocker(code, error.text),)


@dataclass(frozen=True)
class Failure:
    """The parts of a message, each at most one sentence."""

    subject: str
    problem: str
    reason: str
    effect: str
    next_step: str

    def __str__(self) -> str:
        # The subject is the name of an application, or words such as "The applications".
        separator = " " if self.subject.startswith("The ") else ": "
        text = f"{self.subject}{separator}{_state(self.problem, self.reason)} {self.effect} {self.next_step}"
        return escape_unprintable(text.rstrip())

    @property
    def view(self) -> FailureView:
        """The parts, as the modules return them, so that failures can be grouped by their reason."""
        return {
            "problem": escape_unprintable(self.problem),
            "reason": escape_unprintable(self.shared_reason),
            "effect": escape_unprintable(self.effect),
            "next_step": escape_unprintable(self.next_step),
        }

    @property
    def shared_reason(self) -> str:
        """The reason without the quoted names of the application, and without the broker's reference ID."""
        names = "|".join(re.escape(name) for name in self.subject.split("/"))
        return re.sub(rf" (?:in domain )?'(?:{names})'|[.]? Reference ID: \w+", "", self.reason)


def observation_failure(subject: AppRef | str, error: BrokerError) -> str:
    """The message for an application (or all of them) that could not be read."""
    return str(explain_unread(subject, error))


def failure(outcome: Outcome, acting_as: str | None = None) -> str:
    """The message for an application that is not in the desired state. ``acting_as``: the login of the requests."""
    return str(explain(outcome, acting_as))


def explain_unread(subject: AppRef | str, error: BrokerError) -> Failure:
    """Why an application (or all of them) could not be read."""
    return Failure(str(subject), "could not be read", _reason(error), UNCHANGED, error.remedy or NEXT_STEPS[error.kind])


def explain(outcome: Outcome, acting_as: str | None = None) -> Failure:
    """Why an application is not in the desired state. ``acting_as``: the login of the requests."""
    ref = outcome.before.ref
    if outcome.error is None:
        reason, next_step = _explain_blockers(outcome.blockers)
        return Failure(str(ref), "the desired state cannot be reached", reason, _effect(outcome), next_step)
    verb = "could not" if outcome.asked == VERIFY else "failed to"
    problem = f"{verb} {outcome.asked or 'reach the desired state'}"
    next_step = _next_step(outcome.error, outcome.before.owner, acting_as or outcome.error.account)
    if any(step.status == UNKNOWN and step.once for step in outcome.steps):
        next_step = CHECK_FIRST
    return Failure(str(ref), problem, _reason(outcome.error), _effect(outcome), next_step)


def summarize(failures: Iterable[Failure], most_groups: int, most_names: int) -> list[str]:
    """One message for all failures with the same reason and the same next step, for the first ``most_groups``."""
    groups: dict[tuple[str, str], list[Failure]] = {}
    for each in failures:
        groups.setdefault((each.shared_reason, each.next_step), []).append(each)
    shown = first_of(list(groups.values()), most_groups)
    left = sum(map(len, groups.values())) - sum(map(len, shown))
    more = [f"See results for {left} more applications with other reasons."] if left else []
    return [_summarize_group(group, most_names) for group in shown] + more


def _summarize_group(group: list[Failure], most_names: int) -> str:
    first = group[0]
    if len(group) == 1:
        return str(first)
    problem = first.problem if len({each.problem for each in group}) == 1 else "failed to reach the desired state"
    reason = first.reason if len({each.reason for each in group}) == 1 else first.shared_reason
    what = _state(f"{problem[0].upper()}{problem[1:]}", reason)
    names = join_first([each.subject for each in group], most_names)
    same_effect = len({each.effect for each in group}) == 1
    effect = first.effect if same_effect else "See results for what was changed."
    text = escape_unprintable(f"{what} Applications: {names}. {effect} {first.next_step}".rstrip())
    # Only in sentences of this collection: the words of the broker stay as they are.
    return re.sub("the application has (?!no valid )", "each application has ", text)


def _explain_blockers(blockers: Iterable[Blocker]) -> tuple[str, str]:
    """The reasons as one sentence, and the remedies."""
    found = tuple(blockers)
    reasons = [blocker.reason.rstrip(".") for blocker in found]
    remedies = [blocker.remedy for blocker in found if blocker.remedy]
    return "; ".join(reasons), " ".join(dict.fromkeys(remedies))


def _next_step(error: BrokerError, owner: str | None, acting_as: str | None) -> str:
    codes = [blocker.code for blocker in blockers_from(error, owner is not None and owner == acting_as)]
    next_step = next((REMEDIES[code] for code in codes if code in REMEDIES), error.remedy or NEXT_STEPS[error.kind])
    # Quoted, because an administrator pastes it into a shell.
    return next_step.format(owner=quote(owner) if owner else "OWNER")


def _reason(error: BrokerError) -> str:
    numbers = [f"HTTP {error.http_status}" if error.http_status else "", _exit(error.exit_code)]
    known = ", ".join(number for number in numbers if number)
    text = error.text.strip().rstrip(".")
    return (f"{text} ({known})" if known else text) + _sender(error)


def _sender(error: BrokerError) -> str:
    """The broker's address and the account, for errors that raise this question."""
    if error.address and error.kind in _ABOUT_ADDRESS:
        return f", at {error.address}"
    if error.address and error.kind in _ABOUT_ACCOUNT:
        return f", at {error.address} as {error.account}"
    return ""


def _exit(code: int | None) -> str:
    return "" if code in (None, 0) else f"exit code {code}"


def _effect(outcome: Outcome) -> str:
    """What was and was not changed, and the limits to put back."""
    left = outcome.restorable
    return f"{_changes(outcome)} {left[0].upper()}{left[1:]}" if left else _changes(outcome)


def _changes(outcome: Outcome) -> str:
    times = Counter(step.detail for step in outcome.steps if step.status == DONE)
    done = "; ".join(detail if count == 1 else f"{detail} ({count} times)" for detail, count in times.items())
    if any(step.status == UNKNOWN for step in outcome.steps):
        return f"The outcome is unknown; done before: {done}." if done else "The outcome is unknown."
    if done:
        return f"Done: {done}."
    if outcome.after != outcome.before:
        return "The application has changed: compare before and application in the result."
    return UNCHANGED


def _state(problem: str, reason: str) -> str:
    """What failed and why, as one sentence."""
    sentence = f"{problem}: {reason}" if reason else problem
    return sentence if sentence.endswith(("?", "!", "…")) else f"{sentence}."

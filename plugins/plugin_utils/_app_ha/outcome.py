# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of the role app_ha: the results it keeps, whether it failed, and the lines that it shows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import NOT_SCALABLE, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import first_of, join_first

#: How many changed applications are named, and for each reason of a failure; how many reasons.
MOST_CHANGED, MOST_NAMED, MOST_REASONS = 20, 10, 10
#: If more hosts of a batch fail, their reasons are grouped. Each of them then has the same short message.
MOST_FAILED_HOSTS = 5
SEE_SUMMARY = "The application is not in the desired state. The summary above and app_ha_results state the reason."

#: A registered result.
Registered = Mapping[str, Any]


@dataclass(frozen=True)
class RoleOutcome:
    """``failure``: why the role fails, a message of several lines; empty if it succeeds."""

    results: tuple[dict[str, Any], ...] = ()
    lines: tuple[str, ...] = ()
    failure: str = ""


def summarize_host(result: Registered) -> RoleOutcome:
    """The outcome for a host that is an application, from the result of ``openshift_app_ha``.

    A result with a message is a failed one. An application that is not scalable is skipped and does not fail.
    """
    codes = [blocker.get("code") for blocker in result.get("blockers") or ()]
    failed = "msg" in result and NOT_SCALABLE not in codes
    results = ({**result, "failed": failed},)
    if failed:
        return RoleOutcome(results, failure=str(result["msg"]))
    return RoleOutcome(results, (_describe_change(result),))


def summarize_list(result: Registered) -> RoleOutcome:
    """The outcome for a list or a selection, from the result of ``openshift_apps_ha``."""
    results = tuple(dict(each) for each in result.get("results") or ())
    if "msg" not in result:
        return RoleOutcome(results, tuple(_describe_changes(results)))
    message = str(result["msg"])
    failed = [str(each.get("msg")) for each in results if each.get("failed")]
    # The module's own message names all reasons, unless it refuses the whole run.
    if failed and not message.startswith(f"{len(failed)} of {len(results)} "):
        message = "\n".join([message, *group_failures(failed)])
    return RoleOutcome(results, failure=message.removeprefix("1 of 1 applications failed. "))


@dataclass(frozen=True)
class BatchOutcome:
    """The failures of all hosts of a batch. ``brief``: each host only refers to ``lines``, which name all reasons."""

    lines: tuple[str, ...] = ()
    brief: bool = False


def summarize_batch(failures: Sequence[str], total: int) -> BatchOutcome:
    """``failures``: the messages of the hosts that failed; ``total``: the number of all hosts of the batch."""
    if len(failures) <= MOST_FAILED_HOSTS:
        return BatchOutcome()
    headline = f"{len(failures)} of {total} applications are not in the desired state:"
    return BatchOutcome((headline, *group_failures(failures)), brief=True)


def group_failures(messages: Iterable[str]) -> list[str]:
    """A line for each reason, with the applications that have it. Messages begin with the name of the application."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for message in messages:
        subject, _colon, rest = message.partition(": ")
        names = "|".join(re.escape(name) for name in subject.split("/"))
        shared = re.sub(rf" (?:in domain )?'(?:{names})'|[.]? Reference ID: \w+", "", rest)
        groups.setdefault(shared, []).append((subject, message))
    shown = first_of(list(groups.items()), MOST_REASONS)
    left = sum(map(len, groups.values())) - sum(len(group) for _reason, group in shown)
    more = [f"{left:,} more applications failed for other reasons: see app_ha_results."] if left else []
    return [_describe_group(reason, group) for reason, group in shown] + more


def _describe_group(reason: str, group: Sequence[tuple[str, str]]) -> str:
    if len(group) == 1:
        return group[0][1]
    shared = reason.replace("the application has ", "each application has ")
    return (
        f"{len(group):,} applications: {shared} They are {join_first([name for name, _reason in group], MOST_NAMED)}."
    )


def _describe_changes(results: Sequence[Registered]) -> Iterable[str]:
    """A line for each application that changed or would change, and one for the others."""
    changed = [result for result in results if result.get("changed")]
    shown = first_of(changed, MOST_CHANGED)
    yield from (_describe_change(result) for result in shown)
    if len(shown) < len(changed):
        yield f"and {len(changed) - len(shown):,} more"
    ignored = sum(bool(result.get("ignored")) for result in results)
    others = len(results) - len(changed) - ignored
    if not results:
        yield "no applications"
    elif others:
        noun = "application" if others == 1 else "applications"
        yield f"nothing to change: {others} {'other ' if changed else ''}{noun}"
    if ignored:
        yield f"ignored by the policy: {ignored} {'application' if ignored == 1 else 'applications'}"


def _describe_change(result: Registered) -> str:
    """``acme/shop: degraded -> highly_available, HAProxy 1 -> 2, web gears 3 -> 4``."""
    before, after = result.get("before") or {}, result.get("application") or {}
    name = str(AppRef(f"{after.get('domain')}", f"{after.get('name')}"))
    status = _change(before, after, "ha_status")
    if result.get("ignored"):
        return f"{name}: {status}, ignored by rule {_name_rule(result.get('policy_rule'))} of the policy"
    if status == NOT_SCALABLE:
        return f"{name}: {status}, skipped"
    haproxy, gears = _change(before, after, "haproxy_count"), _change(before, after, "web_gears")
    return f"{name}: {status}, HAProxy {haproxy}, web gears {gears}"


def _name_rule(rule: object) -> str:
    """``2 (tests)``."""
    if not isinstance(rule, Mapping):
        return ""
    return f"{rule.get('number')} ({rule['name']})" if rule.get("name") else f"{rule.get('number')}"


def _change(before: Registered, after: Registered, key: str) -> str:
    """The value, or the values before and after where they differ."""
    return " -> ".join(dict.fromkeys((str(before.get(key)), str(after.get(key)))))

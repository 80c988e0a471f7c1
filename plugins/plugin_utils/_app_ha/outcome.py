# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of the role app_ha: the results it keeps, whether it failed, and the lines that it shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import NOT_SCALABLE, AppRef

#: How many changed, failed and drifted applications are named.
MOST_CHANGED, MOST_FAILED, MOST_DRIFTED = 50, 10, 5
CHECK_SELECTION = (
    "Check app_ha_select and the inventory, and that the account is a member of the domains. If an empty audit is "
    "expected, set app_ha_audit_allow_empty."
)

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
    if "msg" in result:
        return RoleOutcome(results, failure="\n".join(_describe_failures(str(result["msg"]), results)))
    return RoleOutcome(results, tuple(_describe_changes(results)))


def summarize_audit(report: Registered, fail_on_drift: bool, allow_empty: bool) -> RoleOutcome:
    """The outcome of an audit, from the result of ``openshift_ha_report``."""
    lines = (*str(report["summary"]).splitlines(), *map(str, report["paths"].values()))
    headline, counts = str(report["headline"]), report["counts"]
    failure = ""
    if report["error"]:
        failure = headline
    elif fail_on_drift and counts["drifted"] + counts["unknown"] > 0:
        names = dict.fromkeys([*report["names"]["drifted"], *report["names"]["failed"]])
        failure = f"{headline} The applications are {_join(list(names), MOST_DRIFTED)}."
    elif fail_on_drift and not allow_empty and (counts["total"] == 0 or report["unmatched"]):
        # Otherwise a night on which the account lost its domains would look like a success.
        failure = f"{headline} {CHECK_SELECTION}"
    return RoleOutcome(lines=lines, failure=failure)


def _describe_changes(results: Sequence[Registered]) -> Iterable[str]:
    """A line for each application that changed or would change, and one for the others."""
    changed = [result for result in results if result.get("changed")]
    yield from (_describe_change(result) for result in changed[:MOST_CHANGED])
    yield from _more(changed, MOST_CHANGED)
    others = len(results) - len(changed)
    if not results:
        yield "no applications"
    elif others:
        noun = "application" if others == 1 else "applications"
        yield f"nothing to change: {others} {'other ' if changed else ''}{noun}"


def _describe_change(result: Registered) -> str:
    """``acme/shop: degraded -> highly_available, HAProxy 1 -> 2, web gears 3 -> 4``."""
    before, after = result.get("before") or {}, result.get("application") or {}
    name = str(AppRef(f"{after.get('domain')}", f"{after.get('name')}"))
    status = _change(before, after, "ha_status")
    if status == NOT_SCALABLE:
        return f"{name}: {status}, skipped"
    haproxy, gears = _change(before, after, "haproxy_count"), _change(before, after, "web_gears")
    return f"{name}: {status}, HAProxy {haproxy}, web gears {gears}"


def _change(before: Registered, after: Registered, key: str) -> str:
    """The value, or the values before and after where they differ."""
    return " -> ".join(dict.fromkeys((str(before.get(key)), str(after.get(key)))))


def _describe_failures(message: str, results: Sequence[Registered]) -> Iterable[str]:
    """How many applications failed, or why the whole run was refused, and the message of each."""
    failed = [result for result in results if result.get("failed")]
    # The module's own summary begins like this. It names three applications, the lines below name more.
    if not failed or not message.startswith(f"{len(failed)} of "):
        yield message
    elif len(results) > 1:
        yield f"{len(failed)} of {len(results)} applications could not reach the desired state:"
    yield from (str(result.get("msg")) for result in failed[:MOST_FAILED])
    yield from _more(failed, MOST_FAILED)


def _more(values: Sequence[Any], most: int) -> Iterable[str]:
    if len(values) > most:
        yield f"and {len(values) - most} more"


def _join(names: Sequence[str], most: int) -> str:
    more = "".join(f" {text}" for text in _more(names, most))
    return ", ".join(names[:most]) + more

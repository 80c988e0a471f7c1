# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the report from its inputs: a row for each application, the owners, the error. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    HA_MINIMUM,
    HA_STATUSES,
    HIGHLY_AVAILABLE,
    NO_LIMIT,
    NOT_SCALABLE,
    STANDALONE,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.copying import copy_with
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import MISSING
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.commands import (
    AuditScope,
    admin_commands,
    build_repair_command,
    needs_repair,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.drills import Drills, drill_values
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import (
    ApplicationResult,
    ApplicationView,
    BlockerView,
    InputError,
    PolicyRuleView,
    ReportInput,
    StepView,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    BLOCKED,
    DRIFTED,
    FAILED,
    IGNORED,
    IN_ORDER,
    LEFT_ALONE,
    REPAIRED,
    UNKNOWN,
    Owner,
    Report,
    Row,
    RowBlocker,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.proofs import (
    measure_spread,
    read_instances,
    read_level,
    read_problems,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.repeats import unify_rows
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import label
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.values import line, number

Value = TypeVar("Value")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
#: What a row has where the result has nothing. Copies of it take half the time of new rows.
_EMPTY = Row(
    *("", "", None, UNKNOWN, IN_ORDER, "", (), 0, None, (), ""),
    *(None, None, None, None, None, ""),
)


def build_report(
    inputs: Iterable[ReportInput],
    title: str,
    broker_url: str,
    made_at: datetime,
    scope: AuditScope | None = None,
    drills: Drills | None = None,
) -> Report:
    """The report on all inputs, in their order. It shows ``broker_url`` without credentials.

    ``scope``: for the commands that repair the applications. ``drills``: the last drills of a router.
    """
    scope, drills = scope or AuditScope(), drills or Drills()
    parts, address = tuple(inputs), strip_credentials(line(broker_url))
    found = ((_row(result, part, scope, address), _id(result)) for part in parts for result in part.results)
    rows = unify_rows((_with_drill(row, app_id, drills, made_at), app_id) for row, app_id in found)
    available = {line(owner): number for part in parts for owner, number in part.gears_available.items()}
    return Report(
        title=line(title),
        broker_url=address,
        made_at=made_at,
        rows=rows,
        owners=_owners(rows, available),
        error=_error(parts, rows),
        unmatched=tuple(line(name) for part in parts for name in part.unmatched),
        repair_command=build_repair_command(
            [row for row in rows if row.repair_command and row.finding == DRIFTED], scope
        ),
    )


def parse_made_at(text: str | None, now: datetime) -> datetime:
    """The date and time in ISO 8601, in the local zone if it names none; ``now`` without a text.

    Raises ``InputError`` for any other text.
    """
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00")) if text else now
    except ValueError as error:
        raise InputError(f"made_at: {text!r} is not a date and time like 2026-11-22T03:15:00+00:00") from error
    return time if time.tzinfo else time.astimezone()


def strip_credentials(url: str) -> str:
    """The address without user, password and query."""
    scheme = _SCHEME.match(url)
    if "@" in url:
        url = (scheme.group() if scheme else "") + url.rpartition("@")[2]
    return url.partition("?")[0]


# --- Rows ------------------------------------------------------------------------------------------------------------


def _row(result: ApplicationResult, part: ReportInput, scope: AuditScope, address: str) -> Row:
    row = _read_row(result, part.host, address)
    if part.lenient and row.status == NOT_SCALABLE:
        return copy_with(row, finding=LEFT_ALONE, blockers=(), steps=(), gears_needed=0)
    finding = _finding(row, result)
    if finding == IN_ORDER:
        return row
    if finding == IGNORED:
        # The policy does not require that its problems are solved.
        return copy_with(row, finding=finding, problems=())
    row = copy_with(row, finding=finding)
    before = result.get("before") or result.get("application") or ApplicationView()
    after = result.get("application") or ApplicationView()
    absent = _disables(result)
    # The playbook enable_ha does not disable HA.
    is_repairable = needs_repair(row) and not absent
    return copy_with(
        row,
        missing=_missing(row, before, after, absent),
        repair_command=build_repair_command([row], scope) if is_repairable else "",
        admin_commands=tuple(dict.fromkeys(each for commands in admin_commands(row).values() for each in commands)),
    )


def _with_drill(row: Row, app_id: str, drills: Drills, made_at: datetime) -> Row:
    if not drills.by_name:
        return row
    drill = drills.find(app_id, row.ref)
    return copy_with(row, **drill_values(drill, made_at)) if drill else row


def _read_row(result: ApplicationResult, host: str, address: str) -> Row:
    """The row without what is concluded from the result."""
    after = result.get("application") or ApplicationView()
    before = result.get("before") or after
    instances = read_instances(result.get("instances"))
    status = _status(before)
    return copy_with(
        _EMPTY,
        domain=line(before.get("domain")),
        name=line(before.get("name")),
        owner=line(before.get("owner")) or None,
        status=status,
        steps=_convert(_step, result.get("steps")),
        gears_needed=number(result.get("gears_needed")) or 0,
        gears_available=number(result.get("gears_available")),
        blockers=_convert(_blocker, result.get("blockers")),
        message=line(result.get("msg")),
        haproxy_count=number(before.get("haproxy_count")),
        gear_count=number(before.get("gear_count")),
        web_gears=number(before.get("web_gears")),
        min_gears=number(before.get("min_gears")),
        max_gears=number(before.get("max_gears")),
        url=line(before.get("url")),
        warnings=_convert(line, result.get("warnings")),
        status_after=status if after is before else _status(after),
        verified=read_level(before),
        spread=measure_spread(instances),
        problems=read_problems(before.get("problems")),
        instances=instances,
        broker=address,
        host=line(host),
        rule=_rule(result.get("policy_rule")),
    )


def _convert(convert: Callable[[Any], Value], items: Iterable[Any] | None) -> tuple[Value, ...]:
    """Most applications have none of these items."""
    return tuple(map(convert, items)) if items else ()


def _blocker(blocker: BlockerView) -> RowBlocker:
    return RowBlocker(line(blocker.get("code")), line(blocker.get("message")))


def _status(application: ApplicationView) -> str:
    status = application.get("ha_status")
    return status if status in HA_STATUSES else UNKNOWN


def _id(result: ApplicationResult) -> str:
    return line((result.get("before") or result.get("application") or ApplicationView()).get("id"))


def _rule(rule: PolicyRuleView | None) -> str:
    """``2 (tests)``, or an empty text without a rule."""
    if not isinstance(rule, Mapping) or not isinstance(rule.get("number"), int):
        return ""
    name = line(rule.get("name"))
    return f"{rule['number']} ({name})" if name else str(rule["number"])


def _finding(row: Row, result: ApplicationResult) -> str:
    if result.get("ignored"):
        return IGNORED
    if row.status == UNKNOWN:
        return FAILED
    if row.blockers:
        return BLOCKED
    if _has_failed(result):
        return FAILED
    if row.steps:
        return DRIFTED if any(step.get("status") == "planned" for step in result["steps"]) else REPAIRED
    return LEFT_ALONE if row.status == NOT_SCALABLE else IN_ORDER


def _has_failed(result: ApplicationResult) -> bool:
    """With ``failed_when: false`` Ansible overwrites ``failed``. A failed result then still has a ``msg``."""
    return bool(result.get("failed")) or ("failed_when_result" in result and "msg" in result)


def _disables(result: ApplicationResult) -> bool:
    return any(step.get("action") == "disable_ha" for step in result.get("steps") or ())


def _missing(row: Row, before: ApplicationView, after: ApplicationView, absent: bool) -> str:
    """The difference from the desired state, in a few words."""
    if row.status == UNKNOWN:
        return "could not be checked"
    if not row.drifted:
        return ""
    if absent:
        return "HA is not desired"
    parts = ["not HA"] if row.status == STANDALONE else []
    if row.status == NOT_SCALABLE:
        parts.append("not scalable")
    elif row.haproxy_count is not None and row.haproxy_count < HA_MINIMUM:
        parts.append(f"{row.haproxy_count} of {HA_MINIMUM} HAProxy instances")
    parts += [label(problem.code) for problem in row.problems if problem.code != MISSING]
    if row.status == HIGHLY_AVAILABLE:
        parts += _limits(before, after) or ["limits are not in the desired state"]
    return ", ".join(parts)


def _limits(before: ApplicationView, after: ApplicationView) -> list[str]:
    limits = (
        ("minimum", before.get("min_gears"), after.get("min_gears")),
        ("maximum", before.get("max_gears"), after.get("max_gears")),
    )
    return [f"{word} {_limit(old)} (desired: {_limit(new)})" for word, old, new in limits if old != new]


def _limit(value: object) -> str:
    return "none" if value == NO_LIMIT else line(value)


def _step(step: StepView) -> str:
    """A step in words, with its status unless it is planned."""
    text, status = line(step.get("detail") or step.get("action")), step.get("status")
    if status == "planned":
        return text
    return f"{text}: {'unknown outcome' if status == 'unknown' else line(status)}"


# --- Owners and errors -----------------------------------------------------------------------------------------------


def _owners(rows: tuple[Row, ...], summary: Mapping[str, Any]) -> tuple[Owner, ...]:
    """The owners of the rows: first those that lack gears, then those that need most.

    ``summary``: remaining gears by owner, which take precedence over those in the rows.
    """
    applications = Counter(row.owner for row in rows if row.owner)
    needed: Counter[str] = Counter()
    available: dict[str, int] = {}
    for row in rows:
        if row.owner and row.drifted:
            needed[row.owner] += row.gears_needed
        if row.owner and row.gears_available is not None:
            available[row.owner] = max(row.gears_available, available.get(row.owner, row.gears_available))
    available.update({owner: number for owner, number in summary.items() if isinstance(number, int)})
    owners = [Owner(login, n, needed[login], available.get(login)) for login, n in applications.items()]
    return tuple(sorted(owners, key=lambda o: (-o.shortage, -o.gears_needed, o.login)))


def _error(parts: tuple[ReportInput, ...], rows: tuple[Row, ...]) -> str:
    """Why some or all applications could not be checked, each reason once."""
    errors = list(dict.fromkeys(line(part.error) for part in parts if part.error))
    if errors or not rows or any(row.status != UNKNOWN for row in rows):
        return " ".join(errors)
    others = len(rows) - 1
    if not others:
        return rows[0].message
    rest = "other application" if others == 1 else f"other {others:,} applications"
    return f"{rows[0].message} The {rest} could not be checked either."

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results for many applications. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import (
    RUN_AGAIN,
    UNCHANGED,
    Failure,
    blockers_from,
    explain,
    explain_unread,
    failure,
    next_step_after,
    observation_failure,
    summarize,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policies import (
    Decision,
    unused_warnings,
    view_rule,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.proofs import proof_warnings
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.results import (
    ha_result,
    ignored_result,
    predict,
    unobserved_ha_result,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.shapes import (
    FleetResult,
    FleetSummary,
    HaResult,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.views import (
    view,
    view_blockers,
    view_instances,
    view_steps,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    HA_STATUSES,
    Application,
    AppRef,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears, first_of, join_first
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.breaker import PlatformRefusal
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Outcome
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet import Repair
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import (
    Fleet,
    FleetApp,
    FleetEntry,
    IgnoredApp,
    Unobserved,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import record_plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import Observation

#: The summary of a fleet names at most this many reasons, applications of each reason, warnings, and unmatched names.
MOST_REASONS, MOST_NAMES, MOST_WARNINGS, MOST_UNMATCHED = 10, 10, 5, 5


@dataclass(frozen=True)
class FleetRun:
    """How a fleet was handled.

    ``repairs``: the repairs of the applications that were to change; ``None`` if no write was sent, that is in check
    mode or because of ``refusal``. ``acting_as``: the login of the requests. ``diff``: whether results have diffs,
    which take most of the memory of a large fleet. ``cut``: why the run was interrupted, and how many ended.
    """

    repairs: Mapping[AppRef, Repair] | None = None
    refusal: str | None = None
    acting_as: str | None = None
    diff: bool = False
    cut: str | None = None


@dataclass(frozen=True)
class _Entry:
    """The result for one application; ``failure`` is ``None`` if it did not fail."""

    result: HaResult
    failure: Failure | None = None
    attempted: bool = True


def fleet_result(fleet: Fleet, run: FleetRun) -> FleetResult:
    """The result of ``openshift_apps_ha``."""
    entries = [_entry_of(each, run) for each in fleet.entries]
    if fleet.by_policy:
        for each, entry in zip(fleet.entries, entries):
            entry.result.update({"policy_rule": view_rule(each.target.rule), "ignored": each.target.ignored})
    results = [entry.result for entry in entries]
    result: FleetResult = {
        "changed": any(each["changed"] for each in results),
        "results": results,
        "summary": _count(fleet, results),
    }
    if fleet.by_policy:
        result["summary"]["ignored"] = sum(isinstance(entry, IgnoredApp) for entry in fleet.entries)
        result["summary"]["unused_rules"] = list(fleet.unused_rules)
    if run.diff:
        result["diff"] = [each["diff"] for each in results if "diff" in each]
    warnings = [
        *unmatched_warnings(fleet.unmatched),
        *unused_warnings(fleet.unused_rules),
        *repeat_warnings(fleet.repeated_in_list, "applications names"),
        *repeat_warnings(fleet.repeated),
        *_group_warnings(results),
    ]
    if warnings:
        result["warnings"] = warnings
    if run.refusal:
        result.update({"failed": True, "msg": run.refusal})
    elif run.cut:
        result.update({"failed": True, "msg": f"{run.cut} {_summarize(entries)}"})
    elif any(entry.failure for entry in entries):
        result.update({"failed": True, "msg": _summarize(entries)})
    return result


def unobserved_fleet_result(error: BrokerError) -> FleetResult:
    """The result if the applications could not be read."""
    return {
        "failed": True,
        "changed": False,
        "msg": observation_failure("The applications", error),
        "results": [],
        "blockers": view_blockers(blockers_from(error)),
    }


def unmatched_warnings(unmatched: tuple[str, ...]) -> list[str]:
    """The warning about names in a selection that no accessible application has; empty if all names have one."""
    if not unmatched:
        return []
    # Quoted if it is empty, or if spaces at its ends are the mistake.
    names = join_first([name if name and name == name.strip() else repr(name) for name in unmatched], MOST_UNMATCHED)
    hint = "Check the spelling, and that the account is a member of the domain."
    return [f"select: no accessible application matches {names}. {hint}"]


def refuse_unknown_domains(domains: tuple[str, ...]) -> str | None:
    """Why a run must not begin if its selection names these domains; ``None`` without such domains."""
    if not domains:
        return None
    return f"{unmatched_warnings(domains)[0]} {UNCHANGED}"


def repeat_warnings(names: tuple[str, ...], what: str = "The broker lists") -> list[str]:
    """The warning about applications that a list contains more than once; empty if there are none."""
    if not names:
        return []
    return [f"{what} more than once: {join_first(names, MOST_NAMES)}. Each application is handled and counted once."]


def progress_line(done: int, total: int, repaired: Repair) -> str:
    """``[12/340] acme/shop: degraded -> highly_available (+1 gear, 14.2 s)``."""
    outcome = repaired.outcome
    if outcome is None:
        return f"[{done}/{total}] {repaired.entry.app.ref}: not attempted"
    if outcome.failed:
        return f"[{done}/{total}] {failure(outcome)}"
    return f"[{done}/{total}] {_describe_change(outcome.before, outcome.after, f'{repaired.seconds:.1f} s')}"


def _entry_of(entry: FleetEntry, run: FleetRun) -> _Entry:
    """The result for one application: that of ``openshift_app_ha``, always with ``failed`` and ``msg``."""
    if isinstance(entry, IgnoredApp):
        return _Entry(_ignored_entry(entry))
    if isinstance(entry, Unobserved):
        ref = entry.target.ref
        return _Entry(unobserved_ha_result(ref, entry.error), explain_unread(ref, entry.error))
    if entry.is_skipped or not entry.drifted:
        skipped = ", skipped" if entry.is_skipped else ""
        return _Entry(_unchanged_result(entry, f"{entry.app.ref} is {entry.app.ha_status}{skipped}."))
    if entry.blocked or (run.repairs is None and not run.refusal):
        return _entry_for(entry, predict(Observation(entry.app, entry.plan)), run.diff)
    repaired = run.repairs.get(entry.target.ref) if run.repairs else None
    if repaired is not None and repaired.outcome is not None:
        return _entry_for(entry, repaired.outcome, run.diff, run.acting_as)
    return _entry_not_attempted(entry, run, repaired.refusal if repaired else None)


def _ignored_entry(entry: IgnoredApp) -> HaResult:
    """The result for an application that the policy ignores, also if it could not be read."""
    target = entry.target
    why = f"ignored by rule {target.rule} of the policy"
    what = f"is {entry.app.ha_status}" if entry.app else "could not be read"
    result = ignored_result(
        entry.app or target.ref, Decision(target.desired, target.patience, ignored=True, rule=target.rule)
    )
    return {"failed": False, "msg": f"{target.ref} {what}, {why}.", **result}


def _entry_for(entry: FleetApp, outcome: Outcome, diff: bool, acting_as: str | None = None) -> _Entry:
    """The entry for an outcome, real or predicted."""
    message = _describe_change(outcome.before, outcome.after)
    result: HaResult = {"failed": False, "msg": message, **ha_result(outcome, acting_as)}
    result["gears_available"] = entry.plan.gears_available
    if not (diff and outcome.changed):
        del result["diff"]
    return _Entry(result, explain(outcome, acting_as) if outcome.failed else None)


def _entry_not_attempted(entry: FleetApp, run: FleetRun, refusal: PlatformRefusal | None) -> _Entry:
    """The entry for an application that was to change and was not attempted.

    It has failed if the platform's ``refusal``, ``on_error: stop`` or an interruption ended the run, but not if the run
    was refused as a whole.
    """
    reason, next_step = "on_error is stop, and another application failed", "Solve the other failure, then run again."
    if refusal:
        reason, next_step = refusal.reason, next_step_after(refusal.kind)
    elif run.refusal:
        reason, next_step = "the whole run was refused", ""
    elif run.cut:
        reason, next_step = "the run was interrupted", RUN_AGAIN
    why = Failure(str(entry.app.ref), "not attempted", reason, UNCHANGED, next_step)
    result = _unchanged_result(entry, str(why))
    result["steps"] = view_steps(record_plan(entry.plan.path))
    result["failed"] = not run.refusal
    if result["failed"]:
        result["failure"] = why.view
    # The failure that ended the run has the same next step, so the message shows it only there.
    return _Entry(result, None if run.refusal else replace(why, next_step=""), attempted=False)


def _unchanged_result(entry: FleetApp, message: str) -> HaResult:
    """The result for an unchanged application: the same view twice, which saves memory in a large fleet."""
    unchanged = view(entry.app)
    result: HaResult = {
        "failed": False,
        "msg": message,
        "changed": False,
        "application": unchanged,
        "before": unchanged,
        "steps": [],
        "blockers": [],
        "gears_needed": 0 if entry.is_skipped else entry.plan.gears_needed,
        "gears_available": entry.plan.gears_available,
        "instances": view_instances(entry.app),
    }
    if warnings := proof_warnings([entry.app]):
        result["warnings"] = warnings
    return result


def _summarize(entries: list[_Entry]) -> str:
    """How many applications failed, and a line for each reason: first what was attempted, last the successes."""
    failed = [entry for entry in entries if entry.failure]
    ordered = sorted(failed, key=lambda entry: not entry.attempted)
    count = sum(not entry.attempted for entry in failed)
    untried = f", {count} of them not attempted" if count else ""
    failures = [entry.failure for entry in ordered if entry.failure]
    headline = f"{len(failed)} of {len(entries)} applications failed{untried}."
    first, *others = summarize(failures, MOST_REASONS, MOST_NAMES)
    return "\n".join([f"{headline} {first}", *others, *_describe_successes(entries)])


def _describe_successes(entries: list[_Entry]) -> list[str]:
    """The applications that did not fail, as one sentence; empty if there are none. A prediction has the same words."""
    results = [entry.result for entry in entries if not entry.failure]
    changed = [_name_of(result) for result in results if result["changed"]]
    others = len(results) - len(changed)
    parts = [f"{len(changed)} with changes ({join_first(changed, MOST_NAMES)})"] if changed else []
    parts += [f"{others} without changes"] if others else []
    return [f"Successful: {', '.join(parts)}."] if parts else []


def _name_of(result: HaResult) -> str:
    return str(AppRef(result["application"]["domain"], result["application"]["name"]))


def _describe_change(before: Application, after: Application, took: str = "") -> str:
    """One line: ``acme/shop: degraded -> highly_available (+1 gear)``. ``took``: the time that it took."""
    gears = after.gear_count - before.gear_count
    change = f"{'+' if gears > 0 else '-'}{count_gears(abs(gears))}" if gears else ""
    details = ", ".join(part for part in (change, took) if part)
    return f"{before.ref}: {before.ha_status} -> {after.ha_status}" + (f" ({details})" if details else "")


def _count(fleet: Fleet, results: list[HaResult]) -> FleetSummary:
    """Counts. Statuses are those before the run; ``after`` counts those at the end (in check mode, as predicted)."""
    apps = [entry for entry in fleet.entries if isinstance(entry, FleetApp)]
    observed = (entry.app for entry in fleet.entries if not isinstance(entry, Unobserved))
    before = _count_statuses(app.ha_status for app in observed if app)
    return {
        "total": len(results),
        "highly_available": before["highly_available"],
        "degraded": before["degraded"],
        "standalone": before["standalone"],
        "not_scalable": before["not_scalable"],
        "drifted": sum(entry.drifted for entry in apps),
        "blocked": sum(entry.blocked for entry in apps),
        "changed": sum(result["changed"] for result in results),
        "failed": sum(result["failed"] for result in results),
        "gears_needed": dict(fleet.needed),
        "gears_available": dict(fleet.available),
        "after": _count_statuses(result["application"].get("ha_status") for result in results),
        "unmatched": list(fleet.unmatched),
    }


def _count_statuses(statuses: Iterable[object]) -> dict[str, int]:
    counts = Counter(statuses)
    return {status: counts[status] for status in HA_STATUSES}


def _group_warnings(results: Iterable[HaResult]) -> list[str]:
    """The warnings about single applications; equal ones once, with the names of the applications."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for result in results:
        name = _name_of(result)
        for text in result.get("warnings", []):
            groups.setdefault(text.removeprefix(f"{name}: "), []).append((name, text))
    texts = [_group_warning(shared, group) for shared, group in groups.items()]
    shown = first_of(texts, MOST_WARNINGS)
    left = len(texts) - len(shown)
    return [*shown, *([f"There are {left} more warnings."] if left else [])]


def _group_warning(shared: str, group: list[tuple[str, str]]) -> str:
    if len(group) == 1:
        name, text = group[0]
        return text if text.startswith(f"{name}: ") else f"{name}: {text}"
    return f"{shared[:1].upper()}{shared[1:]} Applications: {join_first([name for name, _text in group], MOST_NAMES)}."

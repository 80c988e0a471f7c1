# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How what was seen and done is returned by the modules. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import (
    blockers_from,
    failure,
    observation_failure,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    HA_STATUSES,
    Application,
    AppRef,
    Cartridge,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_limits import DesiredLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Gear
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Outcome
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet import Repair
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import Fleet, FleetApp, Unobserved
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import PLANNED, StepRecord
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import Observation

ModuleResult = dict[str, Any]


def view(app: Application) -> ModuleResult:
    """An application as the modules return it."""
    return {
        "name": app.name,
        "domain": app.domain,
        "id": app.id,
        "owner": app.owner,
        "ha": app.ha,
        "ha_status": app.ha_status,
        "haproxy_count": app.haproxy_count,
        "gear_count": app.gear_count,
        "web_gears": app.web_gears,
        "min_gears": app.min_gears,
        "max_gears": app.max_gears,
        "url": app.url,
    }


def prediction(seen: Observation) -> ModuleResult:
    """What the real run would return, from the plan alone: check mode."""
    return result_of(predict(seen))


def predict(seen: Observation) -> Outcome:
    """How the real run would end, from the plan alone."""
    planned = tuple(StepRecord(p.step.action, p.detail, PLANNED) for p in seen.plan.path)
    return Outcome(
        before=seen.app,
        after=seen.plan.after,
        steps=planned,
        changed=bool(planned) and not seen.plan.blockers,
        blockers=seen.plan.blockers,
        notes=(*seen.plan.unknowns, *seen.plan.remarks),
        gears_needed=seen.plan.gears_needed,
        gears_available=seen.plan.gears_available,
    )


def result_of(outcome: Outcome, acting_as: str | None = None) -> ModuleResult:
    """An outcome as a module's result. ``acting_as``: the login that asked, where it is known."""
    before, after = view(outcome.before), view(outcome.after)
    as_owner = acting_as is not None and acting_as == outcome.before.owner
    blockers = outcome.blockers or (blockers_from(outcome.error, as_owner) if outcome.error else ())
    header = str(outcome.before.ref)
    result: ModuleResult = {
        "changed": outcome.changed,
        "application": after,
        "before": before,
        "steps": [asdict(step) for step in outcome.steps],
        "blockers": [{"code": blocker.code, "message": blocker.message} for blocker in blockers],
        "gears_needed": outcome.gears_needed,
        "gears_available": outcome.gears_available,
        "diff": {"before": before, "after": after, "before_header": header, "after_header": header},
    }
    if outcome.notes:
        result["warnings"] = list(outcome.notes)
    if outcome.blockers or outcome.error:
        result.update(failed=True, msg=failure(outcome, acting_as))
    return result


def unobserved_result(ref: AppRef, error: BrokerError) -> ModuleResult:
    """The result for an application that could not be looked at: nothing was sent."""
    named = {"domain": ref.domain, "name": ref.name}
    return {
        "failed": True,
        "changed": False,
        "msg": observation_failure(ref, error),
        "application": named,
        "before": dict(named),
        "steps": [],
        "blockers": [{"code": blocker.code, "message": blocker.message} for blocker in blockers_from(error)],
        "gears_needed": 0,
        "gears_available": None,
    }


def cartridge_result(outcome: Outcome, desired: DesiredLimits, acting_as: str | None = None) -> ModuleResult:
    """``result_of`` with the cartridge that was meant: ``cartridge`` and ``cartridge_before``, in the diff as well."""
    result = result_of(outcome, acting_as)
    now, before = (_scales_view(desired, app) for app in (outcome.after, outcome.before))
    diff = {
        **result["diff"],
        "before": {**result["before"], "cartridge": before},
        "after": {**result["application"], "cartridge": now},
    }
    return {**result, "cartridge": now, "cartridge_before": before, "diff": diff}


def _scales_view(desired: DesiredLimits, app: Application) -> ModuleResult:
    """A cartridge's gears and limits; only its name, as it was given, where the application has it not."""
    found = desired.find_in(app)
    if found is None:
        return {"name": desired.cartridge}
    return {
        "name": found.name,
        "gears": found.current_scale,
        "min_gears": found.scales_from,
        "max_gears": found.scales_to,
    }


def unobserved_cartridge_result(ref: AppRef, desired: DesiredLimits, error: BrokerError) -> ModuleResult:
    """``unobserved_result`` with the cartridge's name, as it was given."""
    named = {"name": desired.cartridge}
    return {**unobserved_result(ref, error), "cartridge": named, "cartridge_before": dict(named)}


# --- A fleet ---------------------------------------------------------------------------------------------------------


def describe_application(app: Application, gears: tuple[Gear, ...] | None) -> ModuleResult:
    """An application as ``openshift_app_info`` returns it; ``gears`` only where they were asked for."""
    result = view(app)
    result["aliases"] = list(app.aliases)
    result["members"] = [asdict(member) for member in app.members]
    result["cartridges"] = [_cartridge_view(cartridge) for cartridge in app.cartridges]
    if gears is not None:
        result["gears"] = [{"id": g.id, "state": g.state, "cartridges": list(g.cartridges)} for g in gears]
        result["endpoints"] = [asdict(endpoint) for gear in gears for endpoint in gear.endpoints]
    return result


def _cartridge_view(cartridge: Cartridge) -> ModuleResult:
    return {
        "name": cartridge.name,
        "tags": list(cartridge.tags),
        "current_scale": cartridge.current_scale,
        "scales_from": cartridge.scales_from,
        "scales_to": cartridge.scales_to,
    }


def fleet_result(
    fleet: Fleet,
    done: Mapping[AppRef, Repair] | None,
    refusal: str | None = None,
    acting_as: str | None = None,
    diff: bool = False,
) -> ModuleResult:
    """The result of ``openshift_apps_ha``.

    ``done``: what became of the applications that were to change; ``None``: nothing was sent (check mode, or
    ``refusal``, which then says why). Diffs only with ``diff``: of a large fleet they are most of the memory.
    """
    results = [_entry_result(entry, done, refusal, acting_as, diff) for entry in fleet.entries]
    result: ModuleResult = {
        "changed": any(entry["changed"] for entry in results),
        "results": results,
        "summary": _summary(fleet, results),
    }
    if diff:
        result["diff"] = [entry["diff"] for entry in results if entry.get("diff")]
    warnings = _first_of([text for entry in results for text in entry.get("warnings", [])], 5)
    if warnings or fleet.unmatched:
        result["warnings"] = [*unmatched_warnings(fleet.unmatched), *warnings]
    tried = [r["msg"] for e, r in zip(fleet.entries, results) if r["failed"] and not _not_attempted(e, done)]
    left = [r["msg"] for e, r in zip(fleet.entries, results) if r["failed"] and _not_attempted(e, done)]
    if refusal:
        result.update(failed=True, msg=refusal)
    elif tried or left:
        result.update(failed=True, msg=_failures(tried, left, len(results)))
    return result


def _failures(tried: list[str], left: list[str], total: int) -> str:
    """How many failed, how many of them for nobody tried any more, and the first three, those that were tried first."""
    untried = f", {len(left)} of them not attempted" if left else ""
    messages = tried + left
    return f"{len(messages)} of {total} applications failed{untried}. {' '.join(_first_of(messages, 3))}"


def _not_attempted(entry: FleetApp | Unobserved, done: Mapping[AppRef, Repair] | None) -> bool:
    """Whether it was to be changed and had no turn any more, after another had failed with ``on_error: stop``."""
    repaired = done.get(entry.target.ref) if done else None
    return repaired is not None and repaired.outcome is None


def unmatched_warnings(unmatched: tuple[str, ...]) -> list[str]:
    """The warning of what a selection names and nothing is, if there is any."""
    if not unmatched:
        return []
    names = ", ".join(_first_of(list(unmatched), 5)).rstrip(".")
    hint = "Check the spelling, and that the account is a member of the domain."
    return [f"select: nothing that the account can reach is {names}. {hint}"]


def _entry_result(
    entry: FleetApp | Unobserved,
    done: Mapping[AppRef, Repair] | None,
    refusal: str | None,
    acting_as: str | None,
    diff: bool,
) -> ModuleResult:
    """One application's result: that of ``openshift_app_ha``, with ``failed`` and ``msg`` always there."""
    if isinstance(entry, Unobserved):
        return unobserved_result(entry.target.ref, entry.error)
    if entry.is_skipped or not entry.drifted:
        result = _as_it_is(entry)
        result["msg"] = f"{entry.app.ref} is {entry.app.ha_status}" + (", left alone." if entry.is_skipped else ".")
    elif entry.blocked or (done is None and not refusal):
        result = prediction(Observation(entry.app, entry.plan))
    else:
        result = _attempted(entry, done.get(entry.target.ref) if done else None, acting_as)
    if not (diff and result["changed"]):
        result.pop("diff", None)
    return {"failed": False, "msg": _sentence(result), **result, "gears_available": entry.plan.gears_available}


def _as_it_is(entry: FleetApp) -> ModuleResult:
    """Nothing to do: the same object twice, as a fleet has thousands of them."""
    seen = view(entry.app)
    return {
        "changed": False,
        "application": seen,
        "before": seen,
        "steps": [],
        "blockers": [],
        "gears_needed": 0 if entry.is_skipped else entry.plan.gears_needed,
    }


def _attempted(entry: FleetApp, repaired: Repair | None, acting_as: str | None) -> ModuleResult:
    if repaired is not None and repaired.outcome is not None:
        return result_of(repaired.outcome, acting_as)
    result = _as_it_is(entry)
    result["steps"] = [asdict(StepRecord(p.step.action, p.detail, PLANNED)) for p in entry.plan.path]
    result["msg"] = f"{entry.app.ref}: not attempted. Nothing was changed."
    # After a failure with on_error: stop. Where the run as a whole was refused, it is the run that failed.
    result["failed"] = repaired is not None
    return result


def _sentence(result: ModuleResult) -> str:
    """What happened in one line: ``acme/shop: degraded -> highly_available (+1 gear)``."""
    before, after = result["before"], result["application"]
    gears = after["gear_count"] - before["gear_count"]
    change = f" ({gears:+d} gear{'' if abs(gears) == 1 else 's'})" if gears else ""
    return f"{before['domain']}/{before['name']}: {before['ha_status']} -> {after['ha_status']}{change}"


def progress_line(done: int, total: int, repaired: Repair) -> str:
    """``[12/340] acme/shop: degraded -> highly_available (+1 gear, 14.2 s)``."""
    outcome = repaired.outcome
    if outcome is None:
        return f"[{done}/{total}] {repaired.entry.app.ref}: not attempted"
    if outcome.failed:
        return f"[{done}/{total}] {failure(outcome)}"
    text = _sentence({"before": view(outcome.before), "application": view(outcome.after)})
    took = f"{repaired.seconds:.1f} s)"
    return f"[{done}/{total}] " + (f"{text[:-1]}, {took}" if text.endswith(")") else f"{text} ({took}")


def unobserved_fleet_result(error: BrokerError) -> ModuleResult:
    """The result when the applications could not even be looked at."""
    return {
        "failed": True,
        "changed": False,
        "msg": observation_failure("The applications", error),
        "results": [],
        "blockers": [{"code": blocker.code, "message": blocker.message} for blocker in blockers_from(error)],
    }


def _summary(fleet: Fleet, results: list[ModuleResult]) -> ModuleResult:
    """Counts. Statuses are those that were found; ``after`` counts them as they are (in check mode: would be) now."""
    entries = [entry for entry in fleet.entries if isinstance(entry, FleetApp)]
    return {
        "total": len(results),
        **_by_status(entry.app.ha_status for entry in entries),
        "drifted": sum(entry.drifted for entry in entries),
        "blocked": sum(entry.blocked for entry in entries),
        "changed": sum(bool(result["changed"]) for result in results),
        "failed": sum(bool(result["failed"]) for result in results),
        "gears_needed": dict(fleet.needed),
        "gears_available": dict(fleet.available),
        "after": _by_status(r["application"].get("ha_status") for r in results),
        "unmatched": list(fleet.unmatched),
    }


def _by_status(statuses: Iterable[str | None]) -> dict[str, int]:
    counted = Counter(statuses)
    return {status: counted[status] for status in HA_STATUSES}


def _first_of(texts: list[str], most: int) -> list[str]:
    left = len(texts) - most
    return texts if left <= 0 else [*texts[:most], f"And {left} more."]

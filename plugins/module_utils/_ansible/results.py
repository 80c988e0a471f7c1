# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of the modules for one application. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.changes import build_diff, describe_scales
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import (
    UNCHANGED,
    Failure,
    blockers_from,
    explain,
    explain_unread,
    next_step_after,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policies import Decision, view_rule
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.proofs import proof_warnings
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.shapes import (
    ApplicationView,
    AppName,
    AppResult,
    CartridgeName,
    CartridgeResult,
    HaResult,
    ModuleResult,
    ScalesView,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.views import (
    view,
    view_blockers,
    view_instances,
    view_scales,
    view_steps,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_limits import DesiredLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.breaker import PlatformRefusal
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Outcome
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import record_plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import Observation


def predict(observation: Observation) -> Outcome:
    """The outcome of the real run, predicted from the plan."""
    plan = observation.plan
    steps = record_plan(plan.path)
    return Outcome(
        before=observation.app,
        after=plan.after,
        steps=steps,
        changed=not plan.blockers and any(not planned.step.is_barrier for planned in plan.path),
        blockers=plan.blockers,
        notes=(*plan.unknowns, *plan.remarks),
        gears_needed=plan.gears_needed,
        gears_available=plan.gears_available,
    )


def result_of(outcome: Outcome, acting_as: str | None = None, with_diff: bool = True) -> AppResult:
    """The result for an outcome. ``acting_as``: the login of the requests, if it is known."""
    before, after = view(outcome.before), view(outcome.after)
    as_owner = acting_as is not None and acting_as == outcome.before.owner
    blockers = outcome.blockers or (blockers_from(outcome.error, as_owner) if outcome.error else ())
    result: AppResult = {
        "changed": outcome.changed,
        "application": after,
        "before": before,
        "steps": view_steps(outcome.steps),
        "blockers": view_blockers(blockers),
        "gears_needed": outcome.gears_needed,
        "gears_available": outcome.gears_available,
    }
    if with_diff:
        result["diff"] = build_diff(before, after) if outcome.changed else {"prepared": ""}
    if warnings := [*outcome.notes, *proof_warnings([outcome.after])]:
        result["warnings"] = warnings
    if outcome.blockers or outcome.error:
        why = explain(outcome, acting_as)
        result.update({"failed": True, "msg": str(why), "failure": why.view})
    return result


def unobserved_result(ref: AppRef, error: BrokerError) -> AppResult:
    """The result for an application that could not be read: no write was sent."""
    names: AppName = {"domain": ref.domain, "name": ref.name}
    why = explain_unread(ref, error)
    return {
        "failed": True,
        "changed": False,
        "msg": str(why),
        "failure": why.view,
        "application": names,
        "before": {**names},
        "steps": [],
        "blockers": view_blockers(blockers_from(error)),
        "gears_needed": 0,
        "gears_available": None,
    }


def ha_result(outcome: Outcome, acting_as: str | None = None, with_diff: bool = True) -> HaResult:
    """The result of ``openshift_app_ha``, with the HAProxy instances as they were read last."""
    last = outcome.after if outcome.after.proof and not outcome.after.proof.predicted else outcome.before
    return cast("HaResult", {**result_of(outcome, acting_as, with_diff), "instances": view_instances(last)})


def unobserved_ha_result(ref: AppRef, error: BrokerError) -> HaResult:
    """``unobserved_result`` of ``openshift_app_ha``."""
    return cast("HaResult", {**unobserved_result(ref, error), "instances": []})


def annotate(result: ModuleResult, decision: Decision) -> HaResult:
    """The result of ``openshift_app_ha`` with the rule that applies."""
    return cast("HaResult", {**result, "policy_rule": view_rule(decision.rule), "ignored": decision.ignored})


def ignored_result(app: Application | AppRef, decision: Decision) -> HaResult:
    """The result for an application that the policy ignores: the same view twice, and no plan.

    ``app``: its names if it could not be read.
    """
    seen: ApplicationView | AppName = {"domain": app.domain, "name": app.name}
    if isinstance(app, Application):
        seen = view(app)
    result: HaResult = {
        "changed": False,
        "application": seen,
        "before": seen,
        "steps": [],
        "blockers": [],
        "gears_needed": 0,
        "gears_available": None,
        "instances": [],
    }
    return annotate(result, decision)


def not_attempted_result(
    ref: AppRef, refusal: PlatformRefusal, unobserved: Callable[[AppRef, BrokerError], ModuleResult]
) -> ModuleResult:
    """The result for an application that was not attempted after the platform's ``refusal`` of another request."""
    why = Failure(str(ref), "not attempted", refusal.reason, UNCHANGED, next_step_after(refusal.kind))
    return cast("ModuleResult", {**unobserved(ref, BrokerError(refusal.reason)), "msg": str(why), "failure": why.view})


def cartridge_result(outcome: Outcome, desired: DesiredLimits, acting_as: str | None = None) -> CartridgeResult:
    """The result of ``openshift_cartridge_scale``, whose diff shows the cartridge as well."""
    result = result_of(outcome, acting_as)
    after, before = (view_scales(desired, app) for app in (outcome.after, outcome.before))
    views = (result["before"], result["application"])
    is_web = all(_is_web(view, scales) for view, scales in zip(views, (before, after)))
    diff = build_diff(*views, *([] if is_web else describe_scales(before, after)))
    return {
        **result,
        "diff": diff if outcome.changed else {"prepared": ""},
        "cartridge": after,
        "cartridge_before": before,
    }


def _is_web(app: ApplicationView | AppName, scales: ScalesView | CartridgeName) -> bool:
    """Whether the application's own values are those of this cartridge."""
    web = [app.get(key) for key in ("web_gears", "min_gears", "max_gears")]
    return web == [scales.get(key) for key in ("gears", "min_gears", "max_gears")]


def unobserved_cartridge_result(ref: AppRef, desired: DesiredLimits, error: BrokerError) -> CartridgeResult:
    """``unobserved_result`` with the name of the cartridge, as the user wrote it."""
    name: CartridgeName = {"name": desired.cartridge}
    return {**unobserved_result(ref, error), "cartridge": name, "cartridge_before": name}

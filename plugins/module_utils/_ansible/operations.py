# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each module does: a function from its options to its result, for the modules and the action plugins."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.fleet_observer import fleet_observer
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.fleet_results import (
    FleetRun,
    fleet_result,
    refuse_unknown_domains,
    repeat_warnings,
    unobserved_fleet_result,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import (
    UNCHANGED,
    observation_failure,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import (
    OptionError,
    connection_from,
    count_from,
    desired_gears_from,
    desired_ha_from,
    desired_limits_from,
    info_scope_from,
    patience_from,
    ref_from,
    selection_from,
    verification_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policies import (
    Decision,
    PolicyOption,
    policy_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.proofs import endpoint_warnings, proof_warnings
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.results import (
    annotate,
    cartridge_result,
    ha_result,
    ignored_result,
    not_attempted_result,
    predict,
    result_of,
    unobserved_cartridge_result,
    unobserved_ha_result,
    unobserved_result,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.shapes import InfoResult, ModuleResult
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.views import view_info
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.exchange import Cutoff, never
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import view_account
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError, Halted, Interrupted
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Placement
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import DesiredState
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import Facts
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.repeats import repeated_names
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import (
    Selection,
    find_unknown_domains,
    select,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import clean_result, squeeze, to_lines
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.breaker import (
    PlatformRefusal,
    find_platform_refusal,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import (
    Outcome,
    RunInterrupted,
    converge,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet import FleetInterrupted, Repair, repair
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import (
    Fleet,
    RepeatedTarget,
    guard,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import observe
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.verify import (
    Claim,
    Pace,
    read_placements,
    verify_many,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock, Waiter
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiting import Waits
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiting_broker import connect_with_waits


@dataclass(frozen=True)
class Runtime:
    """What an operation needs from the process that runs it.

    ``may_write`` raises ``Interrupted`` if no more writes may be sent. ``progress`` is called after each application of
    a fleet, ``verified`` after each reading of a placement, with the number of readings and their total. ``diff``:
    whether Ansible shows diffs. ``waits`` reports long waits. ``refusal_of_others``: the platform refused a request for
    another application, so this one is not attempted. ``record_refusal`` is called at the end of one application's run,
    with the platform's refusal or ``None``.
    """

    may_write: Callable[[], None] = lambda: None
    clock: Clock = field(default_factory=Clock)
    progress: Callable[[int, int, Repair], None] = lambda _done, _total, _repair: None
    verified: Callable[[int, int], None] = lambda _done, _total: None
    diff: bool = False
    #: When an interruption ends a request (see _engine/interruption.py).
    cutoff: Cutoff = never
    waits: Waits = field(default_factory=Waits)
    refusal_of_others: Callable[[], PlatformRefusal | None] = lambda: None
    record_refusal: Callable[[PlatformRefusal | None], None] = lambda _refusal: None
    #: Whether a fleet reads the placement of applications for which HA is to be enabled (see _engine/verify.py).
    examines: bool = True


#: The modules whose results contain the address of the broker: reports may be about several.
NAMING_BROKER = ("openshift_app_ha", "openshift_apps_ha")


def run(module: str, params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> dict[str, Any]:
    """Run the module of that (short) name; ``params`` are validated options.

    Returns the result of the module, with ``failed`` and ``msg`` after a failure. Never raises for invalid options,
    errors of the broker, or an interruption.
    """
    return dict(clean_result(operate(module, params, check_mode, runtime)))


def operate(module: str, params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> dict[str, Any]:
    """``run`` for a caller that cleans what it shows of the result: its texts are those of the broker."""
    try:
        result = dict(OPERATIONS[module](params, check_mode, runtime))
        return {**result, "broker_url": params["broker_url"].strip()} if module in NAMING_BROKER else result
    except OptionError as error:
        return {"failed": True, "changed": False, "msg": _refuse_option(params, str(error))}
    except Interrupted as error:
        return {"failed": True, "changed": False, "msg": f"{error} {UNCHANGED} Run again."}
    finally:
        runtime.waits.close()


def _refuse_option(params: Mapping[str, Any], problem: str) -> str:
    """The message about an invalid option, with the application if the options name one."""
    names = [params.get("domain"), params.get("name")]
    subject = f"{squeeze('/'.join(map(str, names)))}: " if all(names) else ""
    if UNCHANGED not in problem:
        problem = f"{problem}{'' if problem.endswith(('.', '?')) else '.'} {UNCHANGED}"
    return to_lines(f"{subject}{problem}")


def app_ha(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_app_ha``: the high availability of one application."""
    renderers = Renderers(ha_result, unobserved_ha_result)
    desired, policy = desired_ha_from(params), policy_from(params)
    return _converge_one(params, desired, check_mode, runtime, renderers, policy)


def app_scale(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_app_scale``: the number of web gears of one application."""
    return _converge_one(params, desired_gears_from(params), check_mode, runtime)


def cartridge_scale(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_cartridge_scale``: the limits of one cartridge."""
    desired = desired_limits_from(params)
    renderers = Renderers(
        lambda outcome, acting_as: cartridge_result(outcome, desired, acting_as),
        lambda ref, error: unobserved_cartridge_result(ref, desired, error),
    )
    return _converge_one(params, desired, check_mode, runtime, renderers)


@dataclass(frozen=True)
class Renderers:
    """How a module returns an outcome, and the error of an application that could not be read."""

    outcome: Callable[[Outcome, str | None], ModuleResult] = result_of
    unobserved: Callable[[AppRef, BrokerError], ModuleResult] = unobserved_result

    def with_rule(self, decision: Decision) -> Renderers:
        """With the rule that applies in each result."""
        return Renderers(
            lambda outcome, acting_as: annotate(self.outcome(outcome, acting_as), decision),
            lambda ref, error: annotate(self.unobserved(ref, error), decision),
        )


def _converge_one(
    params: Mapping[str, Any],
    desired: DesiredState,
    check_mode: bool,
    runtime: Runtime,
    renderers: Renderers | None = None,
    policy: PolicyOption | None = None,
) -> ModuleResult:
    """Bring one application to its desired state, or predict this in check mode.

    ``policy``: gives the application another desired state, or states that it is skipped.
    """
    renderers = renderers or Renderers()
    ref, patience = ref_from(params), patience_from(params)
    if refusal := runtime.refusal_of_others():
        return not_attempted_result(ref, refusal, renderers.unobserved)
    broker, clock = _connect(params, runtime)
    started = clock.now()
    try:
        app = None
        if policy is not None:
            with runtime.waits.follow(str(ref), patience.wait_timeout, started):
                app = broker.application(ref)
            decision = policy.decide(Facts.of_app(app), {})
            if decision.ignored:
                runtime.record_refusal(None)
                return ignored_result(app, decision)
            desired, patience, renderers = decision.desired, decision.patience, renderers.with_rule(decision)
        with runtime.waits.follow(str(ref), patience.wait_timeout, started):
            waiter = Waiter(patience, clock, started)
            observation = observe(broker, ref, desired, thorough=check_mode, waiter=waiter, just_read=app)
            if check_mode:
                runtime.record_refusal(None)
                return renderers.outcome(predict(observation), None)
            outcome = converge(broker, observation, desired, patience, clock, started)
        runtime.record_refusal(find_platform_refusal(outcome.error))
        return renderers.outcome(outcome, broker.identity)
    except RunInterrupted as interrupted:
        return renderers.outcome(interrupted.outcome, broker.identity)
    except BrokerError as error:
        runtime.record_refusal(find_platform_refusal(error))
        return renderers.unobserved(ref, error)
    except Interrupted as interrupted:
        return renderers.unobserved(ref, Halted(str(interrupted)))
    finally:
        broker.close()


def apps_ha(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_apps_ha``: the high availability of many applications."""
    concurrency = count_from(params, "concurrency", 1) or 1
    max_changes = count_from(params, "max_changes", 0)
    stop_on_error = params["on_error"] == "stop"
    broker, clock = _connect(params, runtime)
    pace = _pace(concurrency, runtime)
    observe_fleet = fleet_observer(params, clock if check_mode else None, pace)
    try:
        with runtime.waits.follow("The applications"):
            fleet = observe_fleet(broker)
    except BrokerError as error:
        return unobserved_fleet_result(error)
    except RepeatedTarget as error:
        raise OptionError("applications", str(error)) from error
    except Interrupted as interrupted:
        return unobserved_fleet_result(Halted(str(interrupted)))
    finally:
        broker.close()
    refusal = _refuse_unknown_domains(params, fleet) or guard(fleet, max_changes, stop_on_error)
    if check_mode or refusal:
        return fleet_result(fleet, FleetRun(refusal=refusal, diff=runtime.diff))
    try:
        repairs = repair(broker, fleet, clock, concurrency, stop_on_error, runtime.progress, runtime.waits)
    except FleetInterrupted as cut:
        return fleet_result(fleet, FleetRun(cut.repairs, acting_as=broker.identity, diff=runtime.diff, cut=str(cut)))
    return fleet_result(fleet, FleetRun(repairs, acting_as=broker.identity, diff=runtime.diff))


def _pace(concurrency: int, runtime: Runtime) -> Pace:
    """How fast placements are read, with progress that no line about a long wait interrupts."""

    def progress(done: int, total: int) -> None:
        with runtime.waits.guard():
            runtime.verified(done, total)

    return Pace(concurrency, runtime.may_write, progress, runtime.examines)


def _refuse_unknown_domains(params: Mapping[str, Any], fleet: Fleet) -> str | None:
    """Why the run must not begin: the selection names domains in which the account has no application."""
    if params["unknown_domains"] != "fail" or params.get("select") is None:
        return None
    return refuse_unknown_domains(find_unknown_domains(selection_from(params).domains, fleet.unmatched))


def app_info(params: Mapping[str, Any], _check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_app_info``: one application, those of a domain, a selection, or all."""
    scope, asked = info_scope_from(params), verification_from(params)
    concurrency = count_from(params, "concurrency", 1) or 1
    broker, _clock = _connect(params, runtime)
    try:
        with runtime.waits.follow(str(scope) if isinstance(scope, AppRef) else "The applications"):
            found, warnings = _read_for_info(broker, params, scope)
            apps = verify_many(broker, [Claim(app, asked) for app in found], _pace(concurrency, runtime))
            placements: list[Placement | None] = [None] * len(apps)
            if "endpoints" in params["gather"]:
                placements = [*read_placements(broker, apps, _pace(concurrency, runtime))]
    except BrokerError as error:
        return unobserved_result(scope, error) if isinstance(scope, AppRef) else unobserved_fleet_result(error)
    finally:
        broker.close()
    result: InfoResult = {"changed": False, "applications": list(map(view_info, apps, placements))}
    if warnings := [*warnings, *proof_warnings(apps), *endpoint_warnings(zip(apps, placements))]:
        result["warnings"] = warnings
    return result


def _read_for_info(
    broker: Broker, params: Mapping[str, Any], scope: AppRef | str | None
) -> tuple[list[Application], list[str]]:
    """The applications and warnings.

    Raises ``BrokerError`` for an application that cannot be read: information must not be silently incomplete.
    """
    if isinstance(scope, AppRef):
        return [broker.application(scope)], []
    selection = selection_from(params) if params.get("select") is not None else Selection()
    selected = select(broker.applications(selection.owned_only, scope), selection)
    found = []
    for unique in selected:
        if isinstance(unique.app, Unreadable):
            raise unique.app.error
        found.append(unique.app)
    return found, repeat_warnings(tuple(repeated_names(selected)))


def user_info(params: Mapping[str, Any], _check_mode: bool, runtime: Runtime) -> Mapping[str, Any]:
    """``openshift_user_info`` without ``login``: the account of the credentials."""
    if params.get("login") is not None:
        raise OptionError("login", "is only supported by the action plugin of this module, which did not run")
    broker, _clock = _connect(params, runtime)
    try:
        return {"changed": False, "users": [view_account(broker.account())]}
    except BrokerError as error:
        return {"failed": True, "changed": False, "msg": observation_failure("The account", error)}
    finally:
        broker.close()


def _connect(params: Mapping[str, Any], runtime: Runtime) -> tuple[Broker, Clock]:
    """A client for the broker, and the clock for its runs. It sends no request yet. Raises ``OptionError``."""
    connection = connection_from(params, os.environ)
    if runtime.waits.is_active:
        return connect_with_waits(connection, runtime.may_write, runtime.clock, runtime.cutoff, runtime.waits)
    return Broker(connection, runtime.may_write, runtime.clock.sleep, runtime.cutoff), runtime.clock


OPERATIONS: dict[str, Callable[[Mapping[str, Any], bool, Runtime], Mapping[str, Any]]] = {
    "openshift_app_ha": app_ha,
    "openshift_apps_ha": apps_ha,
    "openshift_app_info": app_info,
    "openshift_app_scale": app_scale,
    "openshift_cartridge_scale": cartridge_scale,
    "openshift_user_info": user_info,
}

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each module does, as a function from its options to its result: shared by the modules and the action plugins."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import observation_failure
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import (
    OptionError,
    connection_from,
    count_from,
    desired_gears_from,
    desired_ha_from,
    desired_limits_from,
    info_ref,
    patience_from,
    ref_from,
    selection_from,
    targets_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.results import (
    ModuleResult,
    cartridge_result,
    describe_application,
    fleet_result,
    predict,
    result_of,
    unobserved_cartridge_result,
    unobserved_fleet_result,
    unobserved_result,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import view_account
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError, Interrupted
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import DesiredState
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import Selection, find_unmatched, select
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import (
    Clock,
    Outcome,
    Patience,
    converge,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet import (
    Fleet,
    Repair,
    Target,
    guard,
    look_up,
    plan_fleet,
    repair,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import observe


@dataclass(frozen=True)
class Runtime:
    """What a run needs of its surroundings.

    ``may_write`` raises ``Interrupted`` once nothing may be written; ``progress`` is told of each application of a
    fleet as it is done; ``diff``: whether diffs are to be shown.
    """

    may_write: Callable[[], None] = lambda: None
    clock: Clock = field(default_factory=Clock)
    progress: Callable[[int, int, Repair], None] = lambda _done, _total, _result: None
    diff: bool = False


def run(module: str, params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> ModuleResult:
    """Run the module of that (short) name; ``params`` are validated options.

    Returns what the module returns, with ``failed`` and ``msg`` where it failed; never raises for bad options,
    the broker or an interruption.
    """
    try:
        return OPERATIONS[module](params, check_mode, runtime)
    except OptionError as error:
        return {"failed": True, "changed": False, "msg": str(error)}
    except Interrupted as error:
        return {"failed": True, "msg": f"{error} What was sent may have taken effect; run again to go on."}


def app_ha(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_app_ha``: one application, highly available or not."""
    return _one(params, desired_ha_from(params), check_mode, runtime)


def app_scale(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_app_scale``: so many web gears, or so many more or fewer."""
    return _one(params, desired_gears_from(params), check_mode, runtime)


def cartridge_scale(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_cartridge_scale``: the limits of one cartridge."""
    desired = desired_limits_from(params)
    shapes = Shapes(
        lambda outcome, acting_as: cartridge_result(outcome, desired, acting_as),
        lambda ref, error: unobserved_cartridge_result(ref, desired, error),
    )
    return _one(params, desired, check_mode, runtime, shapes)


@dataclass(frozen=True)
class Shapes:
    """How a module returns an outcome, and that the application could not be looked at."""

    outcome: Callable[[Outcome, str | None], ModuleResult] = result_of
    unobserved: Callable[[AppRef, BrokerError], ModuleResult] = unobserved_result


def _one(
    params: Mapping[str, Any], desired: DesiredState, check_mode: bool, runtime: Runtime, shapes: Shapes | None = None
) -> ModuleResult:
    """One application and what is wished of it: predict, or brought about."""
    shapes = shapes or Shapes()
    ref, patience = ref_from(params), patience_from(params)
    broker = Broker(connection_from(params, os.environ), runtime.may_write, runtime.clock.sleep)
    started = runtime.clock.now()
    try:
        seen = observe(broker, ref, desired, thorough=check_mode)
        if check_mode:
            return shapes.outcome(predict(seen), None)
        outcome = converge(broker, seen, desired, patience, runtime.clock, started)
        return shapes.outcome(outcome, broker.identity)
    except BrokerError as error:
        return shapes.unobserved(ref, error)
    finally:
        broker.close()


def apps_ha(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_apps_ha``: many applications, each with its own outcome."""
    concurrency = count_from(params, "concurrency", 1) or 1
    most = count_from(params, "max_changes", 0)
    stop = params["on_error"] == "stop"
    look = _look_of(params)
    broker = Broker(connection_from(params, os.environ), runtime.may_write, runtime.clock.sleep)
    try:
        fleet = look(broker)
    except BrokerError as error:
        return unobserved_fleet_result(error)
    finally:
        broker.close()
    refusal = guard(fleet, most, stop)
    if check_mode or refusal:
        return fleet_result(fleet, None, refusal, diff=runtime.diff)
    done = repair(broker, fleet, runtime.clock, concurrency, stop, runtime.progress)
    return fleet_result(fleet, done, acting_as=broker.identity, diff=runtime.diff)


def _look_of(params: Mapping[str, Any]) -> Callable[[Broker], Fleet]:
    """The look that the list or the selection asks for. Raises ``OptionError``."""
    if params.get("applications") is not None:
        return partial(_plan_list, targets_from(params))
    return partial(_plan_selection, selection_from(params), desired_ha_from(params), patience_from(params))


def _plan_list(tasks: tuple[Target, ...], broker: Broker) -> Fleet:
    """One look at all applications, and the plan for those of the list; none for an empty list."""
    return plan_fleet(broker, look_up(broker.applications(), tasks)) if tasks else Fleet(())


def _plan_selection(selection: Selection, desired: DesiredHa, patience: Patience, broker: Broker) -> Fleet:
    """One look at all applications, and the plan for those that are meant."""
    apps = broker.applications(selection.owned_only)
    chosen = select(apps, selection)
    fleet = plan_fleet(broker, [(Target(app.ref, desired, patience, listed=False), app) for app in chosen])
    return replace(fleet, unmatched=find_unmatched(apps, selection))


def app_info(params: Mapping[str, Any], _check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_app_info``: one application, those of a domain, a selection, or all."""
    ref = info_ref(params)
    broker = Broker(connection_from(params, os.environ), runtime.may_write, runtime.clock.sleep)
    try:
        apps = _apps_for_info(broker, params, ref)
        gears = {app.ref: broker.gears(app.ref) for app in apps} if "endpoints" in params["gather"] else {}
    except BrokerError as error:
        return unobserved_result(ref, error) if isinstance(ref, AppRef) else unobserved_fleet_result(error)
    finally:
        broker.close()
    return {"changed": False, "applications": [describe_application(app, gears.get(app.ref)) for app in apps]}


def _apps_for_info(broker: Broker, params: Mapping[str, Any], ref: AppRef | str | None) -> tuple[Application, ...]:
    """Raises the ``BrokerError`` of an application that cannot be read: information must not be silently partial."""
    if isinstance(ref, AppRef):
        return (broker.application(ref),)
    selection = selection_from(params) if params.get("select") is not None else Selection()
    found = []
    for app in select(broker.applications(selection.owned_only, ref), selection):
        if isinstance(app, Unreadable):
            raise app.error
        found.append(app)
    return tuple(found)


def user_info(params: Mapping[str, Any], _check_mode: bool, runtime: Runtime) -> ModuleResult:
    """``openshift_user_info`` without ``login``: the account that the credentials stand for."""
    if params.get("login") is not None:
        raise OptionError("login", "the accounts are told by the action plugin of this name, which was not used")
    broker = Broker(connection_from(params, os.environ), runtime.may_write, runtime.clock.sleep)
    try:
        return {"changed": False, "users": [view_account(broker.account())]}
    except BrokerError as error:
        return {"failed": True, "changed": False, "msg": observation_failure("The account", error)}
    finally:
        broker.close()


OPERATIONS: dict[str, Callable[[Mapping[str, Any], bool, Runtime], ModuleResult]] = {
    "openshift_app_ha": app_ha,
    "openshift_apps_ha": apps_ha,
    "openshift_app_info": app_info,
    "openshift_app_scale": app_scale,
    "openshift_cartridge_scale": cartridge_scale,
    "openshift_user_info": user_info,
}

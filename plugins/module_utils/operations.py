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

from ansible_collections.openshift_v2.apps.plugins.module_utils.broker import Broker, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils.converge import Clock, Outcome, Patience, converge
from ansible_collections.openshift_v2.apps.plugins.module_utils.errors import BrokerError, Interrupted
from ansible_collections.openshift_v2.apps.plugins.module_utils.fleet import (
    Fleet,
    Selection,
    Task,
    guard,
    looked_up,
    repair,
    selected,
    survey_fleet,
    unmatched,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils.fleet import Result as FleetResult
from ansible_collections.openshift_v2.apps.plugins.module_utils.messages import failure_to_look
from ansible_collections.openshift_v2.apps.plugins.module_utils.model import Application, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils.options import (
    OptionError,
    connection_from,
    count_from,
    info_ref,
    limits_from,
    patience_from,
    ref_from,
    scale_from,
    selection_from,
    tasks_from,
    wanted_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils.plan import Wish
from ansible_collections.openshift_v2.apps.plugins.module_utils.results import (
    Result,
    cartridge_not_seen,
    cartridge_result,
    described,
    fleet_not_seen,
    fleet_result,
    foretold,
    not_seen,
    result_of,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils.survey import survey
from ansible_collections.openshift_v2.apps.plugins.module_utils.users import shown
from ansible_collections.openshift_v2.apps.plugins.module_utils.wish_ha import Wanted


@dataclass(frozen=True)
class Runtime:
    """What a run needs of its surroundings.

    ``may_write`` raises ``Interrupted`` once nothing may be written; ``progress`` is told of each application of a
    fleet as it is done; ``diff``: whether diffs are to be shown.
    """

    may_write: Callable[[], None] = lambda: None
    clock: Clock = field(default_factory=Clock)
    progress: Callable[[int, int, FleetResult], None] = lambda _done, _total, _result: None
    diff: bool = False


def run(module: str, params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Result:
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


def app_ha(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Result:
    """``openshift_app_ha``: one application, highly available or not."""
    return _one(params, wanted_from(params), check_mode, runtime)


def app_scale(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Result:
    """``openshift_app_scale``: so many web gears, or so many more or fewer."""
    return _one(params, scale_from(params), check_mode, runtime)


def cartridge_scale(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Result:
    """``openshift_cartridge_scale``: the limits of one cartridge."""
    wish = limits_from(params)
    shapes = Shapes(
        lambda outcome, acting_as: cartridge_result(outcome, wish, acting_as),
        lambda ref, error: cartridge_not_seen(ref, wish, error),
    )
    return _one(params, wish, check_mode, runtime, shapes)


@dataclass(frozen=True)
class Shapes:
    """How a module returns an outcome, and that the application could not be looked at."""

    outcome: Callable[[Outcome, str | None], Result] = result_of
    not_seen: Callable[[AppRef, BrokerError], Result] = not_seen


def _one(
    params: Mapping[str, Any], wish: Wish, check_mode: bool, runtime: Runtime, shapes: Shapes | None = None
) -> Result:
    """One application and what is wished of it: foretold, or brought about."""
    shapes = shapes or Shapes()
    ref, patience = ref_from(params), patience_from(params)
    broker = Broker(connection_from(params, os.environ), runtime.may_write, runtime.clock.sleep)
    started = runtime.clock.now()
    try:
        seen = survey(broker, ref, wish, thorough=check_mode)
        if check_mode:
            return shapes.outcome(foretold(seen), None)
        outcome = converge(broker, seen, wish, patience, runtime.clock, started)
        return shapes.outcome(outcome, broker.identity)
    except BrokerError as error:
        return shapes.not_seen(ref, error)
    finally:
        broker.close()


def apps_ha(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Result:
    """``openshift_apps_ha``: many applications, each with its own outcome."""
    concurrency = count_from(params, "concurrency", 1) or 1
    most = count_from(params, "max_changes", 0)
    stop = params["on_error"] == "stop"
    look = _look_of(params)
    broker = Broker(connection_from(params, os.environ), runtime.may_write, runtime.clock.sleep)
    try:
        fleet = look(broker)
    except BrokerError as error:
        return fleet_not_seen(error)
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
        return partial(_survey_list, tasks_from(params))
    return partial(_survey_selection, selection_from(params), wanted_from(params), patience_from(params))


def _survey_list(tasks: tuple[Task, ...], broker: Broker) -> Fleet:
    """One look at all applications, and the plan for those of the list; none for an empty list."""
    return survey_fleet(broker, looked_up(broker.applications(), tasks)) if tasks else Fleet(())


def _survey_selection(selection: Selection, wanted: Wanted, patience: Patience, broker: Broker) -> Fleet:
    """One look at all applications, and the plan for those that are meant."""
    apps = broker.applications(selection.owned_only)
    fleet = survey_fleet(broker, selected(apps, selection, wanted, patience))
    return replace(fleet, unmatched=unmatched(apps, selection))


def app_info(params: Mapping[str, Any], _check_mode: bool, runtime: Runtime) -> Result:
    """``openshift_app_info``: one application, those of a domain, a selection, or all."""
    ref = info_ref(params)
    broker = Broker(connection_from(params, os.environ), runtime.may_write, runtime.clock.sleep)
    try:
        apps = _apps_for_info(broker, params, ref)
        gears = {app.ref: broker.gears(app.ref) for app in apps} if "endpoints" in params["gather"] else {}
    except BrokerError as error:
        return not_seen(ref, error) if isinstance(ref, AppRef) else fleet_not_seen(error)
    finally:
        broker.close()
    return {"changed": False, "applications": [described(app, gears.get(app.ref)) for app in apps]}


def _apps_for_info(broker: Broker, params: Mapping[str, Any], ref: AppRef | str | None) -> tuple[Application, ...]:
    """Raises the ``BrokerError`` of an application that cannot be read: information must not be silently partial."""
    if isinstance(ref, AppRef):
        return (broker.application(ref),)
    selection = selection_from(params) if params.get("select") is not None else Selection()
    found = []
    for app in broker.applications(selection.owned_only, ref):
        if not selection.takes(app):
            continue
        if isinstance(app, Unreadable):
            raise app.error
        found.append(app)
    return tuple(sorted(found, key=lambda app: (app.domain.lower(), app.name.lower())))


def user_info(params: Mapping[str, Any], _check_mode: bool, runtime: Runtime) -> Result:
    """``openshift_user_info`` without ``login``: the account that the credentials stand for."""
    if params.get("login") is not None:
        raise OptionError("login", "the accounts are told by the action plugin of this name, which was not used")
    broker = Broker(connection_from(params, os.environ), runtime.may_write, runtime.clock.sleep)
    try:
        return {"changed": False, "users": [shown(broker.account())]}
    except BrokerError as error:
        return {"failed": True, "changed": False, "msg": failure_to_look("The account", error)}
    finally:
        broker.close()


OPERATIONS: dict[str, Callable[[Mapping[str, Any], bool, Runtime], Result]] = {
    "openshift_app_ha": app_ha,
    "openshift_apps_ha": apps_ha,
    "openshift_app_info": app_info,
    "openshift_app_scale": app_scale,
    "openshift_cartridge_scale": cartridge_scale,
    "openshift_user_info": user_info,
}

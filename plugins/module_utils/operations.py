# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each module does, as a function from its options to its result: shared by the modules and the action plugins."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils.broker import Broker, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils.converge import Clock, Patience, converge, survey
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
)
from ansible_collections.openshift_v2.apps.plugins.module_utils.fleet import Result as FleetResult
from ansible_collections.openshift_v2.apps.plugins.module_utils.model import Application, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils.options import (
    OptionError,
    connection_from,
    count_from,
    info_ref,
    patience_from,
    ref_from,
    selection_from,
    tasks_from,
    wanted_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils.plan import Wanted
from ansible_collections.openshift_v2.apps.plugins.module_utils.results import (
    Result,
    described,
    fleet_not_seen,
    fleet_result,
    not_seen,
    prediction,
    result_of,
)


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
    ref, wanted, patience = ref_from(params), wanted_from(params), patience_from(params)
    broker = Broker(connection_from(params, os.environ), runtime.may_write, runtime.clock.sleep)
    started = runtime.clock.now()
    try:
        seen = survey(broker, ref, wanted, thorough=check_mode)
        if check_mode:
            return prediction(seen)
        outcome = converge(broker, seen, wanted, patience, runtime.clock, started)
        return result_of(outcome, acting_as=broker.identity)
    except BrokerError as error:
        return not_seen(ref, error)
    finally:
        broker.close()


def apps_ha(params: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Result:
    """``openshift_apps_ha``: many applications, each with its own outcome."""
    concurrency = count_from(params, "concurrency", 1) or 1
    most = count_from(params, "max_changes", 0)
    stop = params["on_error"] == "stop"
    listed = params.get("applications")
    tasks = tasks_from(params) if listed is not None else ()
    wanted, patience = wanted_from(params), patience_from(params)
    broker = Broker(connection_from(params, os.environ), runtime.may_write, runtime.clock.sleep)
    if listed is not None and not tasks:
        return fleet_result(Fleet(()), {}, diff=runtime.diff)
    try:
        fleet = _survey(broker, params, tasks, wanted, patience)
    except BrokerError as error:
        return fleet_not_seen(error)
    finally:
        broker.close()
    refusal = guard(fleet, most, stop and not check_mode)
    if check_mode or refusal:
        return fleet_result(fleet, None, refusal, diff=runtime.diff)
    done = repair(broker, fleet, runtime.clock, concurrency, stop, runtime.progress)
    return fleet_result(fleet, done, acting_as=broker.identity, diff=runtime.diff)


def _survey(
    broker: Broker, params: Mapping[str, Any], tasks: tuple[Task, ...], wanted: Wanted, patience: Patience
) -> Fleet:
    """One look at all applications, and the plan for those of the list or the selection."""
    if tasks:
        return survey_fleet(broker, looked_up(broker.applications(), tasks))
    selection = selection_from(params)
    return survey_fleet(broker, selected(broker.applications(selection.owned_only), selection, wanted, patience))


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
        if isinstance(app, Unreadable):
            raise app.error
        if selection.takes(app):
            found.append(app)
    return tuple(sorted(found, key=lambda app: (app.domain.lower(), app.name.lower())))


OPERATIONS: dict[str, Callable[[Mapping[str, Any], bool, Runtime], Result]] = {
    "openshift_app_ha": app_ha,
    "openshift_apps_ha": apps_ha,
    "openshift_app_info": app_info,
}

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert objects of the core into the shapes that the modules return. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.proofs import describe_missing_endpoints
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.shapes import (
    ApplicationInfo,
    ApplicationView,
    BlockerView,
    CartridgeName,
    CartridgeView,
    EndpointView,
    GearView,
    InstanceView,
    MemberView,
    PlacedApplicationInfo,
    ProblemView,
    ScalesView,
    StepView,
    UnplacedApplicationInfo,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    Application,
    Cartridge,
    Member,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_limits import DesiredLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Endpoint, Gear, Placement
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import Instance, Problem
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proving import problems_of
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import StepRecord


def view(app: Application) -> ApplicationView:
    """An application, as all modules return it."""
    return {
        "name": app.name,
        "domain": app.domain,
        "id": app.id,
        "owner": app.owner,
        "ha": app.ha,
        "ha_status": app.ha_status,
        "verified": app.verified,
        "problems": [_view_problem(problem) for problem in problems_of(app)],
        "haproxy_count": app.haproxy_count,
        "gear_count": app.gear_count,
        "web_gears": app.web_gears,
        "min_gears": app.min_gears,
        "max_gears": app.max_gears,
        "url": app.url,
    }


def view_info(app: Application, placement: Placement | None = None) -> ApplicationInfo:
    """An application, as ``openshift_app_info`` returns it; ``placement`` if the endpoints were requested."""
    info: ApplicationInfo = {
        **view(app),
        "instances": view_instances(app),
        "aliases": list(app.aliases),
        "members": [_view_member(member) for member in app.members],
        "cartridges": [_view_cartridge(cartridge) for cartridge in app.cartridges],
    }
    if placement is None:
        return info
    gears = placement.gears
    if not placement.has_endpoints:
        # Without endpoints instead of with an empty list: a router would remove the application.
        unplaced: UnplacedApplicationInfo = {
            **info,
            "gears": [_view_gear(gear) for gear in gears],
            "endpoints_error": describe_missing_endpoints(placement),
        }
        return unplaced
    asked = {(i.address, i.port): _answered(i) for i in app.proof.instances} if app.proof else {}
    endpoints = [
        _view_endpoint(endpoint, gear, asked.get((endpoint.address, endpoint.port)))
        for gear in gears
        for endpoint in gear.endpoints
    ]
    placed: PlacedApplicationInfo = {**info, "gears": [_view_gear(gear) for gear in gears], "endpoints": endpoints}
    return placed


def view_instances(app: Application) -> list[InstanceView]:
    """The HAProxy instances, empty if their placement was not read."""
    return [_view_instance(instance) for instance in app.proof.instances] if app.proof else []


def view_scales(desired: DesiredLimits, app: Application) -> ScalesView | CartridgeName:
    """The gears and limits of a cartridge; only its name if the application does not have it."""
    found = desired.find_in(app)
    if found is None:
        return {"name": desired.cartridge}
    return {
        "name": found.name,
        "gears": found.current_scale,
        "min_gears": found.scales_from,
        "max_gears": found.scales_to,
    }


def view_steps(steps: Iterable[StepRecord]) -> list[StepView]:
    return [
        {"action": step.action, "detail": step.detail, "status": step.status, "seconds": step.seconds} for step in steps
    ]


def view_blockers(blockers: Iterable[Blocker]) -> list[BlockerView]:
    return [{"code": blocker.code, "message": blocker.message} for blocker in blockers]


def _view_member(member: Member) -> MemberView:
    return {"login": member.login, "role": member.role, "owner": member.owner}


def _view_cartridge(cartridge: Cartridge) -> CartridgeView:
    return {
        "name": cartridge.name,
        "tags": list(cartridge.tags),
        "current_scale": cartridge.current_scale,
        "scales_from": cartridge.scales_from,
        "scales_to": cartridge.scales_to,
    }


def _view_gear(gear: Gear) -> GearView:
    return {"id": gear.id, "state": gear.state, "zone": gear.location, "cartridges": list(gear.cartridges)}


def _view_endpoint(endpoint: Endpoint, gear: Gear, answered: bool | None) -> EndpointView:
    return {
        "address": endpoint.address,
        "port": endpoint.port,
        "gear": endpoint.gear,
        "state": endpoint.state,
        "zone": gear.location,
        "answered": answered,
    }


def _view_instance(instance: Instance) -> InstanceView:
    return {
        "address": instance.address,
        "port": instance.port,
        "gear": instance.gear,
        "state": instance.state,
        "zone": instance.location,
        "answered": _answered(instance),
        "counts": instance.counts,
    }


def _answered(instance: Instance) -> bool | None:
    return None if instance.failure is None else not instance.failure


def _view_problem(problem: Problem) -> ProblemView:
    return {"code": problem.code, "message": problem.message, "repairable": problem.repairable}

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which HAProxy instances count, and why an application is not highly available. Pure.

The platform's own count is not enough: it is ahead of the truth while an operation runs and after a failed rollback,
and it does not show on which nodes the instances are (docs/broker.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import HA_MINIMUM, Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import (
    BUILDING,
    DEPLOYING,
    NEW,
    STARTED,
    UNKNOWN,
    Placement,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import (
    COUNT,
    MISSING,
    NODE,
    NODE_UNKNOWN,
    NOT_STARTED,
    PENDING,
    PLACEMENT,
    SAME_NODE,
    SAME_ZONE,
    STATE_UNKNOWN,
    TRAFFIC,
    UNREACHABLE,
    ZONE,
    Instance,
    Problem,
    Proof,
    Verification,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_instances, join_first

#: States through which a new gear goes.
_ON_THE_WAY = (NEW, BUILDING, DEPLOYING)
#: What a run at the level count finds after its own writes, and what then still changes the status.
_ALWAYS_SERIOUS = (MISSING, PENDING)
#: A message names at most this many gears.
_MOST_NAMED = 5
#: An administrator fills in the node.
MOVE_COMMAND = "oo-admin-move --gear_uuid {gear} -i NODE"

#: Why the instance at an address and port did not answer a probe; empty if it answered.
Answers = Mapping[tuple[str, int], str]


def prove(
    app: Application,
    placement: Placement,
    asked: Verification,
    answers: Answers | None = None,
    barrier_passed: bool = False,
) -> Proof:
    """What ``placement`` proves about an application that claims HA.

    ``answers`` of the probe are needed for the level ``traffic``. ``barrier_passed``: no operation is in progress or
    queued any more. At the level ``count``, only a missing instance and a pending operation change the status.
    """
    instances = _mark(app, _instances(app, placement, answers), asked)
    reached = asked.level if asked.reads_placement else PLACEMENT
    if app.haproxy_count >= HA_MINIMUM and sum(instance.counts for instance in instances) >= HA_MINIMUM:
        return Proof(reached, (), _zone_warning(app, instances, asked), instances, placement)
    problems = tuple(_problems(app, placement, instances, asked, barrier_passed))
    if asked.reads_placement:
        return Proof(reached if placement.has_endpoints else COUNT, problems, (), instances, placement)
    serious = tuple(problem for problem in problems if problem.code in _ALWAYS_SERIOUS)
    warnings = tuple(problem for problem in problems if problem not in serious)
    return Proof(COUNT, serious, warnings, instances, placement)


def unreadable(app: Application, asked: Verification, reason: str, is_passing: bool = True) -> Proof:
    """The proof if the placement could not be read at all. ``reason`` is a clause."""
    problem = Problem(
        STATE_UNKNOWN,
        str(app.ref),
        f"the placement of the HAProxy instances could not be read: {reason.rstrip('.')}",
        "Run again later.",
        is_passing=is_passing,
    )
    if asked.reads_placement:
        return Proof(COUNT, (problem,))
    return Proof(COUNT, (), (problem,))


def foresee(app: Application, asked: Verification) -> Proof:
    """The proof that a run expects after its writes. Problems that no step solves would have blocked them."""
    level = asked.level if asked.reads_placement else PLACEMENT
    missing = tuple(_missing(app))
    return Proof(COUNT if missing and not asked.reads_placement else level, missing, predicted=True)


def problems_of(app: Application) -> tuple[Problem, ...]:
    """Why an application that claims HA is not highly available; without a proof, as far as its own count shows."""
    if not app.ha or not app.scalable:
        return ()
    return app.proof.problems if app.proof and not app.proof.holds else tuple(_missing(app))


def _instances(app: Application, placement: Placement, answers: Answers | None) -> tuple[Instance, ...]:
    """One for each gear with an HAProxy endpoint, the head gear's first: it is never removed."""
    found = []
    for gear in placement.gears:
        for endpoint in gear.endpoints[:1]:
            failure = None if answers is None else answers.get((endpoint.address, endpoint.port), "it was not asked")
            found.append(
                Instance(gear.id, endpoint.address, endpoint.port, gear.state, gear.location, failure),
            )
    return tuple(sorted(found, key=lambda instance: instance.gear != app.id))


def _mark(app: Application, instances: tuple[Instance, ...], asked: Verification) -> tuple[Instance, ...]:
    """The instances, each with whether it counts."""
    able = [i for i in instances if i.state == STARTED and (asked.level != TRAFFIC or i.failure == "") and app.ha]
    counted = _select_apart(able, by_zone=asked.spread == ZONE and asked.reads_placement)
    return tuple(replace(instance, counts=instance in counted) for instance in instances)


def _select_apart(instances: Iterable[Instance], by_zone: bool = False) -> list[Instance]:
    """Instances that share neither a node nor, if ``by_zone``, a zone."""
    used: set[str] = set()
    apart = []
    for instance in instances:
        # Addresses and zones differ in form, so one set is enough.
        places = {instance.address, instance.location} if by_zone else {instance.address}
        if "" not in places and not places & used:
            used |= places
            apart.append(instance)
    return apart


def _problems(
    app: Application,
    placement: Placement,
    instances: tuple[Instance, ...],
    asked: Verification,
    barrier_passed: bool,
) -> list[Problem]:
    found = _missing(app)
    if not placement.has_endpoints:
        return [*found, _hidden(app, placement)]
    # Those that are started now, or that the start event will start.
    live = tuple(i for i in instances if i.state == STARTED or (i.state != UNKNOWN and placement.runs))
    found += _without_endpoint(app, placement, instances, barrier_passed)
    found += _not_started(app, placement, instances)
    found += _silent(app, instances)
    found += _together(app, instances, live)
    if asked.spread == ZONE and asked.reads_placement:
        found += _in_one_zone(app, live)
    return [*found, *_unreachable(app, instances)]


def _missing(app: Application) -> list[Problem]:
    if app.haproxy_count >= HA_MINIMUM:
        return []
    reason = f"the application has {count_instances(app.haproxy_count)} instead of {HA_MINIMUM}"
    return [Problem(MISSING, str(app.ref), reason, "Use openshift_app_ha to add the missing one.", repairable=True)]


def _hidden(app: Application, placement: Placement) -> Problem:
    """A node does not answer, so that the broker shows no endpoint of the application."""
    gears = placement.silent_gears
    who = f"of {_name(gears)}" if gears else "of the application"
    reason = f"a node {who} does not answer, so the broker does not show where the HAProxy instances are"
    remedy = "Ask an administrator to check the node."
    return Problem(STATE_UNKNOWN, str(app.ref), reason, remedy, is_passing=True)


def _without_endpoint(
    app: Application, placement: Placement, instances: tuple[Instance, ...], barrier_passed: bool
) -> list[Problem]:
    """Instances that the application counts, but that have no endpoint."""
    if len(instances) >= app.haproxy_count:
        return []
    reason = f"{count_instances(app.haproxy_count)} are counted, but {_count(len(instances))} an endpoint"
    if barrier_passed and all(gear.state == STARTED for gear in placement.gears):
        reason = f"{reason} although no operation is in progress, so their nodes are unknown"
        remedy = "Ask an administrator: oo-admin-move may have lost the endpoints."
        return [Problem(NODE_UNKNOWN, str(app.ref), reason, remedy)]
    reason = f"{reason}: an operation is in progress, is queued, or has failed"
    remedy = "Use openshift_app_ha: it waits for the operation, and checks the application again."
    return [Problem(PENDING, str(app.ref), reason, remedy, repairable=True, is_passing=True)]


def _not_started(app: Application, placement: Placement, instances: tuple[Instance, ...]) -> list[Problem]:
    found = tuple(instance for instance in instances if instance.state not in (STARTED, UNKNOWN))
    if not found:
        return []
    states = ", ".join(sorted({instance.state for instance in found}))
    names = _name(tuple(instance.gear for instance in found))
    reason = f"the HAProxy instances on {names} are not started ({states})"
    remedy = "Use openshift_app_ha, which starts them."
    if not placement.runs:
        reason, remedy = (
            f"no gear of the application is started ({states})",
            "Start the application, unless it is stopped on purpose.",
        )
    on_the_way = any(instance.state in _ON_THE_WAY for instance in found)
    return [Problem(NOT_STARTED, str(app.ref), reason, remedy, repairable=placement.runs, is_passing=on_the_way)]


def _silent(app: Application, instances: tuple[Instance, ...]) -> list[Problem]:
    found = tuple(instance.gear for instance in instances if instance.state == UNKNOWN)
    if not found:
        return []
    reason = f"the state of the HAProxy instances on {_name(found)} is unknown: the node does not answer"
    remedy = "Ask an administrator to check the node."
    return [Problem(STATE_UNKNOWN, str(app.ref), reason, remedy, is_passing=True)]


def _together(app: Application, instances: tuple[Instance, ...], live: tuple[Instance, ...]) -> list[Problem]:
    """All live instances are on one node."""
    if len(live) < HA_MINIMUM or len(_select_apart(live)) >= HA_MINIMUM:
        return []
    gears = tuple(instance.gear for instance in live)
    command = MOVE_COMMAND.format(gear=gears[1])
    is_pair = can_replace(app, instances)
    own = "Set relocate: true, or ask" if is_pair else "Ask"
    reason = f"the HAProxy instances on {_name(gears)} are on the same node ({live[0].address})"
    remedy = f"{own} an administrator to move one to another node: {command}."
    return [Problem(SAME_NODE, str(app.ref), reason, remedy, repairable=is_pair)]


def can_replace(app: Application, instances: tuple[Instance, ...]) -> bool:
    """Whether the application's owner can separate two instances that are on one node.

    One of them must be on the head gear, and stays there. Both must be started, or are started first.
    """
    return app.haproxy_count == len(instances) == HA_MINIMUM and instances[0].gear == app.id


def _in_one_zone(app: Application, live: tuple[Instance, ...]) -> list[Problem]:
    """Instances on different nodes that are not in different zones."""
    if len(_select_apart(live)) < HA_MINIMUM or len(_select_apart(live, by_zone=True)) >= HA_MINIMUM:
        return []
    zones = {instance.location for instance in live}
    zone = ", ".join(sorted(zones - {""}))
    reason = f"all HAProxy instances are in the same zone ({zone})" if "" not in zones else _NO_ZONES
    remedy = "Ask an administrator to move one to another zone, or set spread: node."
    return [Problem(SAME_ZONE, str(app.ref), reason, remedy)]


_NO_ZONES = "the platform does not show the zones of all HAProxy instances"


def _zone_warning(app: Application, instances: tuple[Instance, ...], asked: Verification) -> tuple[Problem, ...]:
    """One zone for all is only a warning unless the user demands different zones."""
    zones = {instance.location for instance in instances if instance.counts}
    if asked.spread != NODE or not asked.reads_placement or len(zones) != 1 or "" in zones:
        return ()
    reason = f"all HAProxy instances are in the same zone ({next(iter(zones))})"
    return (Problem(SAME_ZONE, str(app.ref), reason),)


def _unreachable(app: Application, instances: tuple[Instance, ...]) -> list[Problem]:
    found = [instance for instance in instances if instance.failure and instance.state == STARTED]
    if not found:
        return []
    why = join_first([f"{i.address}:{i.port}: {i.failure}" for i in found], _MOST_NAMED)
    reason = f"HAProxy instances do not answer as expected ({why})"
    remedy = "Check the application, the network from this host to the node, and the option probe."
    return [Problem(UNREACHABLE, str(app.ref), reason, remedy, is_passing=True)]


def _count(number: int) -> str:
    return "none has" if number == 0 else "only 1 has" if number == 1 else f"only {number} have"


def _name(gears: tuple[str, ...]) -> str:
    return f"{'gear' if len(gears) == 1 else 'gears'} {join_first(gears, _MOST_NAMED)}"

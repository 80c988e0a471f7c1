"""The administrator's actions on nodes and gears: the number of nodes, their zones, outages, states and moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from . import errors
from .administration import BadControl
from .nodes import Node
from .operations import Operations
from .scaling import Gear
from .state import Application, State

GEAR_STATES = ("started", "stopped", "idle", "new", "building", "deploying", "unknown")


def control_node(state: State, value: Any) -> None:
    """Let a node answer or not: ``{"node": ADDRESS, "down": true}``.

    Raises:
        BadControl: The value is invalid.
    """
    _check_fields(value, "nodes", required=("node", "down"))
    if not isinstance(value["down"], bool):
        raise BadControl("nodes.down: must be true or false")
    with state.lock:
        node = _node(state, value["node"], "nodes.node")
        node.down = value["down"]
        node.was_down = node.was_down or node.down


def control_gear(state: State, operations: Operations, value: Any) -> dict[str, Any]:
    """Set the state of a gear on its node, or move the gear to another node.

    Returns:
        The answer of the program that moves gears, ``moved to ADDRESS`` or ``refused REASON``; ``ok`` for a state.

    Raises:
        BadControl: The value is invalid.
    """
    moves = isinstance(value, dict) and "move" in value
    optional = ("endpoints_lost",) if moves else ()
    _check_fields(value, "gears", required=("application", "gear", "move" if moves else "state"), optional=optional)
    application = _application(state, value["application"])
    gear = _gear(application, value["gear"])
    if not moves:
        if value["state"] not in GEAR_STATES:
            raise BadControl(f"gears.state: must be one of {', '.join(GEAR_STATES)}, not {value['state']!r}")
        _change(state, application, replace(gear, state=value["state"]))
        return {"ok": True}
    lost = value.get("endpoints_lost", False)
    if not isinstance(lost, bool):
        raise BadControl("gears.endpoints_lost: must be true or false")
    target = None if value["move"] is None else _node(state, value["move"], "gears.move")
    return {"answer": _move(state, operations, application, gear.id, target, lost)}


def _move(
    state: State, operations: Operations, application: Application, gear_id: str, target: Node | None, lost: bool
) -> str:
    """Move a gear under the application's lock. Nobody is asked: the target may have an HAProxy instance."""
    try:
        lock = operations.lock(application)
    except errors.Refusal as refused:
        return f"refused OpenShift::LockUnavailableException: {refused}"
    try:
        gear = _gear(application, gear_id)
        source = next(node for node in state.nodes if node.address == gear.node)
        target = target or _other_node(state.nodes, source)
        reason = _refusal(source, target)
        if reason is not None:
            return f"refused {reason}"
        with state.lock:
            application.addresses.pop(gear.id, None)
            _change(state, application, replace(gear, node=target.address, endpoints=not lost))
        return f"moved to {target.address}"
    finally:
        operations.unlock(application, lock)


def _other_node(present: Sequence[Node], source: Node) -> Node:
    """Return the next node that answers, in the same region. The source, if there is no other."""
    start = present.index(source)
    others = [node for node in [*present[start + 1 :], *present[:start]] if not node.down]
    return next((node for node in others if node.region == source.region), source)


def _refusal(source: Node, target: Node) -> str | None:
    if source.down or target.down:
        return "OpenShift::NodeException: Node execution failure (error getting facts)."
    if source is target:
        text = "Error moving gear. Old and new servers are the same"
        return f"OpenShift::UserException: {text}: {source.address}"
    if source.region and target.region and source.region != target.region:
        text = "Error moving gear. Old and new servers must belong to the same region"
        return f"OpenShift::UserException: {text}, source region: {source.region} destination region: {target.region}"
    return None


def _change(state: State, application: Application, changed: Gear) -> None:
    with state.lock:
        application.set_shape(application.shape.with_gear(changed))


def _check_fields(value: Any, where: str, required: Sequence[str], optional: Sequence[str] = ()) -> None:
    if not isinstance(value, dict):
        raise BadControl(f"{where}: must be a map")
    for name in required:
        if name not in value:
            raise BadControl(f"{where}.{name}: is required")
    for name in value:
        if name not in (*required, *optional):
            raise BadControl(f"{where}: unknown field {name!r}; valid fields: {', '.join((*required, *optional))}")


def _application(state: State, name: Any) -> Application:
    domain_name, _slash, application_name = str(name).lower().partition("/")
    domain = state.domains.get(domain_name)
    application = domain.applications.get(application_name) if domain else None
    if application is None:
        raise BadControl(f"gears.application: unknown application {name!r}; write DOMAIN/APPLICATION")
    return application


def _gear(application: Application, gear_id: Any) -> Gear:
    for gear in application.shape.gears:
        if gear.id == gear_id:
            return gear
    raise BadControl(f"gears.gear: the application {application.name} has no gear {gear_id!r}")


def _node(state: State, address: Any, where: str) -> Node:
    for node in state.nodes:
        if node.address == address:
            return node
    raise BadControl(f"{where}: unknown node {address!r}")

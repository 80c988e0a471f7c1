"""What is visible of an application while an operation runs, and what is visible afterwards: pure functions."""

from __future__ import annotations

from dataclasses import replace

from .scaling import Gear, Group, Shape


def in_progress(before: Shape, after: Shape) -> Shape:
    """Return what is visible while an operation runs: new gears are there, not ready; removed gears are still there."""
    targets = {group.id: group for group in after.groups}
    groups = [_group_in_progress(group, targets.pop(group.id, group)) for group in before.groups]
    fresh = [replace(group, gears=()) for group in targets.values()]
    groups.extend(_group_in_progress(empty, targets[empty.id]) for empty in fresh)
    return replace(after, groups=tuple(groups))


def _group_in_progress(before: Group, after: Group) -> Group:
    present = {gear.id for gear in before.gears}
    new = tuple(replace(gear, ready=False) for gear in after.gears if gear.id not in present)
    cartridges = after.cartridges if set(before.cartridges) <= set(after.cartridges) else before.cartridges
    return replace(before, cartridges=cartridges, gears=(*before.gears, *new))


def settle(target: Shape, present: Shape) -> Shape:
    """Return the target shape with the gears as they are now on their nodes, all ready."""
    now = {gear.id: gear for gear in present.gears}
    groups = tuple(
        replace(group, gears=tuple(_as_on_node(gear, now.get(gear.id, gear)) for gear in group.gears))
        for group in target.groups
    )
    return replace(target, groups=groups)


def _as_on_node(gear: Gear, now: Gear) -> Gear:
    return replace(gear, state=now.state, node=now.node, endpoints=now.endpoints, ready=True)


def without_removed(shape: Shape, target: Shape) -> Shape:
    """Return the visible shape without the gears, the groups and the cartridges that the target does not have."""
    kept = {gear.id for gear in target.gears}
    cartridges = {group.id: group.cartridges for group in target.groups}
    groups = tuple(
        replace(
            group,
            cartridges=cartridges[group.id],
            gears=tuple(gear for gear in group.gears if gear.id in kept),
        )
        for group in shape.groups
        if group.id in cartridges
    )
    return replace(shape, groups=groups)

"""The shape of an application, and the effect of each operation on it: pure functions from one shape to the next.

This module alone decides which gears an operation adds or removes, and which gears carry an HAProxy instance. It
refuses only what it cannot compute; the callers make all other checks.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from . import rules as placement
from .catalog import CARTRIDGES, Cartridge
from .rules import Instances, Rule

NewId = Callable[[], str]


class ScalingRefused(Exception):
    """The operation would remove gears whose HAProxy instances must stay."""


@dataclass(frozen=True)
class Gear:
    """A gear.

    ``head``: the gear has the application's address and carries every sparse cartridge of its group. ``state``: the
    state file on its node. ``node``: the address of the node. ``ready``: the operation that makes the gear has
    succeeded; until then, its state is unknown and it has no endpoints. ``endpoints``: its ports are known.
    """

    id: str
    head: bool = False
    sparse: frozenset[str] = frozenset()
    state: str = "started"
    node: str | None = None
    ready: bool = True
    endpoints: bool = True

    def carries(self, cartridge: Cartridge) -> bool:
        return not cartridge.sparse or self.head or cartridge.name in self.sparse


@dataclass(frozen=True)
class Group:
    """Gears that scale together, and their cartridges."""

    id: str
    cartridges: tuple[str, ...]
    gears: tuple[Gear, ...]

    def gears_of(self, name: str) -> list[Gear]:
        return [gear for gear in self.gears if gear.carries(CARTRIDGES[name])]


@dataclass(frozen=True)
class Shape:
    """All parts of an application that operations change: its groups of gears, ``ha`` and the stored rules."""

    scalable: bool
    ha: bool
    groups: tuple[Group, ...]
    stored: tuple[Rule, ...] = ()

    @property
    def cartridges(self) -> list[str]:
        """All cartridges, group by group, in list order."""
        return [name for group in self.groups for name in group.cartridges]

    @property
    def gears(self) -> list[Gear]:
        return [gear for group in self.groups for gear in group.gears]

    def group_of(self, name: str) -> Group:
        return next(group for group in self.groups if name in group.cartridges)

    def with_gear(self, changed: Gear) -> Shape:
        """Return the shape with one gear replaced by its new value."""
        groups = tuple(
            replace(group, gears=tuple(changed if gear.id == changed.id else gear for gear in group.gears))
            for group in self.groups
        )
        return replace(self, groups=groups)

    @property
    def web_cartridge(self) -> str | None:
        return next((name for name in self.cartridges if CARTRIDGES[name].web_framework), None)

    @property
    def proxy_cartridge(self) -> str | None:
        return next((name for name in self.cartridges if CARTRIDGES[name].web_proxy), None)


@dataclass(frozen=True)
class ShapeChange:
    """The effect of an operation: the new shape, and the number of added and removed gears."""

    shape: Shape
    added: int = 0
    removed: int = 0

    @property
    def touches_gears(self) -> bool:
        return bool(self.added or self.removed)

    def touches_nodes(self, before: Shape) -> bool:
        """Return whether gears are added or removed, or get or lose a cartridge."""
        return self.touches_gears or set(before.cartridges) != set(self.shape.cartridges)


Reshape = Callable[[Shape], ShapeChange]


def limits(shape: Shape, multiplier: int) -> tuple[Rule, ...]:
    """Return the effective limits of each group, in the order of the groups. Minimum and maximum are always set."""
    return _limits(
        tuple(group.cartridges for group in shape.groups), shape.scalable, shape.ha, shape.stored, multiplier
    )


@functools.lru_cache(maxsize=4096)
def _limits(
    groups: tuple[tuple[str, ...], ...], scalable: bool, ha: bool, stored: tuple[Rule, ...], multiplier: int
) -> tuple[Rule, ...]:
    names = [name for group in groups for name in group]
    rules = [*placement.implied_rules(names, scalable=scalable, ha=ha, multiplier=multiplier), *stored]
    return tuple(_effective_rule(group, rules) for group in groups)


def _effective_rule(members: tuple[str, ...], rules: Iterable[Rule]) -> Rule:
    effective = Rule(members, implied=True)
    for rule in rules:
        if any(name in members for name in rule.members):
            shared = tuple(name for name in rule.members if name in members)
            instances = tuple((name, each) for name, each in rule.instances if name in members)
            effective = placement.merge(effective, replace(rule, members=shared, instances=instances))
    return _with_defaults(effective)


def _with_defaults(rule: Rule) -> Rule:
    return replace(
        rule,
        minimum=1 if rule.minimum is None else rule.minimum,
        maximum=placement.UNLIMITED if rule.maximum is None else rule.maximum,
    )


def limits_of(shape: Shape, name: str, multiplier: int) -> Rule:
    """Return the effective limits of the group that carries a cartridge."""
    return next(rule for rule in limits(shape, multiplier) if name in rule.members)


def create(
    names: Sequence[str],
    *,
    scalable: bool,
    ha: bool,
    multiplier: int,
    head_id: str,
    new_id: NewId,
    requested: Sequence[Rule] = (),
) -> ShapeChange:
    """Create an application with the requested limits.

    Its smallest groups come first (transcript ``lists``: mysql before php).
    """
    empty = Shape(scalable, ha, (), tuple(requested))
    rules = _merged_rules(names, empty, empty.stored, multiplier)
    smallest_first = sorted(rules, key=lambda rule: len(rule.members))
    groups = tuple(_new_group(rule, scalable, head_id, new_id) for rule in smallest_first)
    shape = replace(empty, groups=groups, stored=placement.rules_to_store(rules))
    return ShapeChange(shape, added=len(shape.gears))


def _merged_rules(names: Sequence[str], shape: Shape, stored: Sequence[Rule], multiplier: int) -> tuple[Rule, ...]:
    """Return the merged rules of the named cartridges: one rule for each group of gears."""
    return _cached_merged_rules(tuple(names), shape.scalable, shape.ha, tuple(stored), multiplier)


@functools.lru_cache(maxsize=4096)
def _cached_merged_rules(
    names: tuple[str, ...], scalable: bool, ha: bool, stored: tuple[Rule, ...], multiplier: int
) -> tuple[Rule, ...]:
    implied = placement.implied_rules(names, scalable=scalable, ha=ha, multiplier=multiplier)
    return tuple(_with_defaults(rule) for rule in placement.merge_all([*implied, *stored], only=names))


def _new_group(rule: Rule, scalable: bool, head_id: str, new_id: NewId) -> Group:
    has_head = any(_leads(CARTRIDGES[name], scalable) for name in rule.members)
    count = _gear_count(0, rule)
    group_id = new_id()
    ids = [head_id if has_head and not index else new_id() for index in range(count)]
    empty = Group(group_id, rule.members, ())
    return replace(empty, gears=tuple(_new_gears(empty, rule, ids, has_head)))


def _leads(cartridge: Cartridge, scalable: bool) -> bool:
    return cartridge.web_proxy if scalable else cartridge.web_framework


def _new_gears(group: Group, rule: Rule, ids: Sequence[str], has_head: bool = False) -> list[Gear]:
    """Return new gears for a group. A new gear carries a sparse cartridge only while instances of it are missing."""
    carried: dict[str, set[str]] = {gear_id: set() for gear_id in ids}
    for name in group.cartridges:
        if not CARTRIDGES[name].sparse:
            continue
        present = len(group.gears_of(name))
        for index, gear_id in enumerate(ids):
            if _needs_instance(present, len(group.gears) + index + 1, rule.instances_of(name)):
                carried[gear_id].add(name)
                present += 1
    return [
        Gear(gear_id, head=has_head and not index, sparse=frozenset(carried[gear_id]))
        for index, gear_id in enumerate(ids)
    ]


def _needs_instance(present: int, gears: int, required: Instances | None) -> bool:
    required = required or Instances(1, 1, placement.UNLIMITED)
    if present < (required.minimum or 1):
        return True
    multiplier = required.multiplier or 0
    if multiplier <= 0:
        return False
    proportional = math.ceil(gears / multiplier)
    maximum = placement.UNLIMITED if required.maximum is None else required.maximum
    return present < (proportional if maximum == placement.UNLIMITED else min(proportional, maximum))


def _gear_count(present: int, rule: Rule) -> int:
    """Return how many gears a group with ``present`` gears has after a rule is applied."""
    assert rule.minimum is not None
    assert rule.maximum is not None
    capped = present if rule.maximum == placement.UNLIMITED else min(present, rule.maximum)
    return max(capped, rule.minimum)


def _resize(group: Group, rule: Rule, current: Rule, new_id: NewId) -> Group:
    """Return the group with the number of gears that ``rule`` requires. ``current`` decides which gears are removed."""
    change = _gear_count(len(group.gears), rule) - len(group.gears)
    if change > 0:
        fresh = _new_gears(group, rule, [new_id() for _gear in range(change)])
        return replace(group, gears=(*group.gears, *fresh))
    if change < 0:
        removed = _gears_to_remove(group, current, -change)
        return replace(group, gears=tuple(gear for gear in group.gears if gear not in removed))
    return group


def _gears_to_remove(group: Group, rule: Rule, count: int) -> list[Gear]:
    """Return the gears to remove: the newest with a surplus HAProxy instance, then the newest without HAProxy.

    The head gear is never removed.

    Raises:
        ScalingRefused: The HAProxy instances of all other gears must stay.
    """
    sparse = [name for name in group.cartridges if CARTRIDGES[name].sparse]
    candidates = [gear for gear in group.gears if not gear.head]
    if not sparse:
        return candidates[len(candidates) - count :]
    removed: list[Gear] = []
    for _gear in range(count):
        remaining = replace(group, gears=tuple(gear for gear in group.gears if gear not in removed))
        surplus = frozenset(name for name in sparse if _has_surplus(remaining, name, rule.instances_of(name)))
        gear = _next_to_remove(candidates, surplus)
        if gear is None:
            raise ScalingRefused(
                f"Cannot scale down by {count} as it violates the minimum gear restrictions for sparse cartridges."
            )
        removed.append(gear)
        candidates.remove(gear)
    return removed


def _next_to_remove(gears: Sequence[Gear], surplus: frozenset[str]) -> Gear | None:
    newest_first = list(reversed(gears))
    if surplus:
        for gear in newest_first:
            if gear.sparse == surplus:
                return gear
        for gear in newest_first:
            if gear.sparse and gear.sparse <= surplus:
                return gear
    return next((gear for gear in newest_first if not gear.sparse), None)


def _has_surplus(group: Group, name: str, required: Instances | None) -> bool:
    required = required or Instances(1, 1, placement.UNLIMITED)
    present = len(group.gears_of(name))
    if present <= (required.minimum or 1):
        return False
    multiplier = required.multiplier
    return multiplier is None or multiplier <= 1 or (len(group.gears) - 1) / (present - 1) <= multiplier


def _apply_rules(shape: Shape, stored: Sequence[Rule], multiplier: int, new_id: NewId) -> ShapeChange:
    """Apply the rules to all groups. ``shape`` already has the new value of ``ha``."""
    rules = _merged_rules(shape.cartridges, shape, stored, multiplier)
    groups = tuple(
        _resize(group, _rule_for(group, rules), current, new_id)
        for group, current in zip(shape.groups, limits(shape, multiplier), strict=True)
    )
    return _shape_change(shape, replace(shape, groups=groups, stored=placement.rules_to_store(rules)))


def _rule_for(group: Group, rules: Iterable[Rule]) -> Rule:
    return next(rule for rule in rules if set(rule.members) & set(group.cartridges))


def _shape_change(before: Shape, after: Shape) -> ShapeChange:
    old, new = {gear.id for gear in before.gears}, {gear.id for gear in after.gears}
    return ShapeChange(after, len(new - old), len(old - new))


def make_ha(shape: Shape, multiplier: int, new_id: NewId) -> ShapeChange:
    """Make the application HA: at least two web gears. Only new gears get an HAProxy instance (the trap of 2/1)."""
    return _apply_rules(replace(shape, ha=True), shape.stored, multiplier, new_id)


def disable_ha(shape: Shape, multiplier: int, new_id: NewId) -> ShapeChange:
    """Disable HA. All gears and HAProxy instances stay."""
    return _apply_rules(replace(shape, ha=False), placement.without_proxy_instances(shape.stored), multiplier, new_id)


def set_limits(
    shape: Shape, name: str, minimum: int | None, maximum: int | None, multiplier: int, new_id: NewId
) -> ShapeChange:
    """Set the limits of a cartridge, and add or remove gears to fit them. None keeps a limit."""
    stored = placement.set_limits(shape.stored, CARTRIDGES[name], minimum, maximum)
    return _apply_rules(shape, stored, multiplier, new_id)


def scale(shape: Shape, name: str, by: int, multiplier: int, new_id: NewId) -> ShapeChange:
    """Add ``by`` gears to a cartridge (remove gears if negative), within the limits of its group."""
    effective = limits_of(shape, name, multiplier)
    group = shape.group_of(name)
    target = len(group.gears) + by
    rule = replace(
        effective,
        minimum=placement.highest(0, target, effective.minimum),
        maximum=placement.lowest(target, effective.maximum),
    )
    return _shape_change(shape, _with_group(shape, _resize(group, rule, effective, new_id)))


def _with_group(shape: Shape, changed: Group) -> Shape:
    return replace(shape, groups=tuple(changed if group.id == changed.id else group for group in shape.groups))


def add_cartridges(
    shape: Shape, names: Sequence[str], multiplier: int, new_id: NewId, requested: Sequence[Rule] = ()
) -> ShapeChange:
    """Add cartridges with the requested limits, either to the gears of an existing group or with gears of their own."""
    rules = _merged_rules([*shape.cartridges, *names], shape, (*shape.stored, *requested), multiplier)
    groups: list[Group] = []
    for group in shape.groups:
        rule = _rule_for(group, rules)
        extra = [name for name in rule.members if name not in group.cartridges]
        groups.append(_resize(replace(group, cartridges=(*group.cartridges, *extra)), rule, rule, new_id))
    placed = {name for group in groups for name in group.cartridges}
    fresh = [rule for rule in rules if not set(rule.members) & placed]
    groups.extend(_new_group(rule, shape.scalable, "", new_id) for rule in fresh)
    return _shape_change(shape, replace(shape, groups=tuple(groups), stored=placement.rules_to_store(rules)))


def remove_cartridge(shape: Shape, name: str, multiplier: int, new_id: NewId) -> ShapeChange:
    """Remove a cartridge, and its gears if they carry no other cartridge."""
    groups = tuple(
        replace(group, cartridges=tuple(each for each in group.cartridges if each != name)) for group in shape.groups
    )
    smaller = replace(shape, groups=tuple(group for group in groups if group.cartridges))
    return _shape_change(shape, _apply_rules(smaller, shape.stored, multiplier, new_id).shape)

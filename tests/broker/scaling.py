"""The shape of an application, and what an operation makes of it: pure functions from one shape to the next.

Which gears come and go, and which of them get a HAProxy, is worked out here and nowhere else. Nothing is refused
here except what only shows while working it out; the other refusals are the callers'.
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
    """The gears that would have to go carry HAProxy instances that must stay."""


@dataclass(frozen=True)
class Gear:
    """A gear. ``head``: the application's own address leads to it; it carries every sparse cartridge of its group."""

    id: str
    head: bool = False
    sparse: frozenset[str] = frozenset()
    state: str = "started"

    def carries(self, cartridge: Cartridge) -> bool:
        return not cartridge.sparse or self.head or cartridge.name in self.sparse


@dataclass(frozen=True)
class Group:
    """Gears that scale together, and the cartridges on them."""

    id: str
    cartridges: tuple[str, ...]
    gears: tuple[Gear, ...]

    def gears_of(self, name: str) -> list[Gear]:
        return [gear for gear in self.gears if gear.carries(CARTRIDGES[name])]


@dataclass(frozen=True)
class Shape:
    """Everything about an application that operations change: its groups of gears, ``ha`` and the kept rules."""

    scalable: bool
    ha: bool
    groups: tuple[Group, ...]
    kept: tuple[Rule, ...] = ()

    @property
    def cartridges(self) -> list[str]:
        """All cartridges, group by group, as they are listed."""
        return [name for group in self.groups for name in group.cartridges]

    @property
    def gears(self) -> list[Gear]:
        return [gear for group in self.groups for gear in group.gears]

    def group_of(self, name: str) -> Group:
        return next(group for group in self.groups if name in group.cartridges)

    @property
    def web_cartridge(self) -> str | None:
        return next((name for name in self.cartridges if CARTRIDGES[name].web_framework), None)

    @property
    def proxy_cartridge(self) -> str | None:
        return next((name for name in self.cartridges if CARTRIDGES[name].web_proxy), None)


@dataclass(frozen=True)
class Plan:
    """What an operation does: the shape after it, and how many gears come and go."""

    shape: Shape
    added: int = 0
    removed: int = 0

    @property
    def touches_gears(self) -> bool:
        return bool(self.added or self.removed)


Planner = Callable[[Shape], Plan]


def limits(shape: Shape, multiplier: int) -> tuple[Rule, ...]:
    """The effective limits of each group, in the order of the groups: minimum and maximum are always set."""
    return _limits(tuple(group.cartridges for group in shape.groups), shape.scalable, shape.ha, shape.kept, multiplier)


@functools.lru_cache(maxsize=4096)
def _limits(
    groups: tuple[tuple[str, ...], ...], scalable: bool, ha: bool, kept: tuple[Rule, ...], multiplier: int
) -> tuple[Rule, ...]:
    names = [name for group in groups for name in group]
    said = [*placement.implied_rules(names, scalable=scalable, ha=ha, multiplier=multiplier), *kept]
    return tuple(_effective(group, said) for group in groups)


def _effective(members: tuple[str, ...], said: Iterable[Rule]) -> Rule:
    effective = Rule(members, implied=True)
    for rule in said:
        if any(name in members for name in rule.members):
            shared = tuple(name for name in rule.members if name in members)
            told = tuple((name, each) for name, each in rule.instances if name in members)
            effective = placement.merge(effective, replace(rule, members=shared, instances=told))
    return _with_defaults(effective)


def _with_defaults(rule: Rule) -> Rule:
    return replace(
        rule,
        minimum=1 if rule.minimum is None else rule.minimum,
        maximum=placement.UNLIMITED if rule.maximum is None else rule.maximum,
    )


def limits_of(shape: Shape, name: str, multiplier: int) -> Rule:
    """The effective limits of the group that carries a cartridge."""
    return next(rule for rule in limits(shape, multiplier) if name in rule.members)


def created(names: Sequence[str], *, scalable: bool, ha: bool, multiplier: int, head_id: str, new_id: NewId) -> Plan:
    """A new application. Small groups are made, and listed, first (transcript ``lists``: mysql before php)."""
    empty = Shape(scalable, ha, ())
    wanted = _wanted_groups(names, empty, empty.kept, multiplier)
    groups = tuple(_new_group(rule, scalable, head_id, new_id) for rule in sorted(wanted, key=lambda r: len(r.members)))
    return Plan(replace(empty, groups=groups, kept=placement.kept(wanted)), sum(len(each.gears) for each in groups))


def _wanted_groups(names: Sequence[str], shape: Shape, kept: Sequence[Rule], multiplier: int) -> tuple[Rule, ...]:
    return _merged(tuple(names), shape.scalable, shape.ha, tuple(kept), multiplier)


@functools.lru_cache(maxsize=4096)
def _merged(
    names: tuple[str, ...], scalable: bool, ha: bool, kept: tuple[Rule, ...], multiplier: int
) -> tuple[Rule, ...]:
    implied = placement.implied_rules(names, scalable=scalable, ha=ha, multiplier=multiplier)
    return tuple(_with_defaults(rule) for rule in placement.reduce([*implied, *kept], only=names))


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
    """New gears of a group; a sparse cartridge goes onto a new gear only while instances of it are missing."""
    carried: dict[str, set[str]] = {gear_id: set() for gear_id in ids}
    for name in group.cartridges:
        if not CARTRIDGES[name].sparse:
            continue
        present = len(group.gears_of(name))
        for index, gear_id in enumerate(ids):
            if _instance_missing(present, len(group.gears) + index + 1, rule.instances_of(name)):
                carried[gear_id].add(name)
                present += 1
    return [
        Gear(gear_id, head=has_head and not index, sparse=frozenset(carried[gear_id]))
        for index, gear_id in enumerate(ids)
    ]


def _instance_missing(present: int, gears: int, wanted: Instances | None) -> bool:
    wanted = wanted or Instances(1, 1, placement.UNLIMITED)
    if present < (wanted.minimum or 1):
        return True
    multiplier = wanted.multiplier or 0
    if multiplier <= 0:
        return False
    proportional = math.ceil(gears / multiplier)
    most = placement.UNLIMITED if wanted.maximum is None else wanted.maximum
    return present < (proportional if most == placement.UNLIMITED else min(proportional, most))


def _gear_count(present: int, rule: Rule) -> int:
    """How many gears a group has under a rule, when it has ``present`` gears now."""
    assert rule.minimum is not None
    assert rule.maximum is not None
    capped = present if rule.maximum == placement.UNLIMITED else min(present, rule.maximum)
    return max(capped, rule.minimum)


def _resized(group: Group, rule: Rule, present: Rule, new_id: NewId) -> Group:
    """A group with the gears that ``rule`` asks for; which ones go is decided by the rule that is ``present``."""
    change = _gear_count(len(group.gears), rule) - len(group.gears)
    if change > 0:
        fresh = _new_gears(group, rule, [new_id() for _gear in range(change)])
        return replace(group, gears=(*group.gears, *fresh))
    if change < 0:
        gone = _gears_to_remove(group, present, -change)
        return replace(group, gears=tuple(gear for gear in group.gears if gear not in gone))
    return group


def _gears_to_remove(group: Group, rule: Rule, count: int) -> list[Gear]:
    """The gears that go: the newest that carry a surplus HAProxy, else the newest without HAProxy, never the head.

    Raises:
        ScalingRefused: when only gears are left whose HAProxy must stay.
    """
    sparse = [name for name in group.cartridges if CARTRIDGES[name].sparse]
    left = [gear for gear in group.gears if not gear.head]
    if not sparse:
        return left[len(left) - count :]
    gone: list[Gear] = []
    for _gear in range(count):
        remaining = replace(group, gears=tuple(gear for gear in group.gears if gear not in gone))
        surplus = frozenset(name for name in sparse if _surplus(remaining, name, rule.instances_of(name)))
        gear = _next_to_go(left, surplus)
        if gear is None:
            raise ScalingRefused(
                f"Cannot scale down by {count} as it violates the minimum gear restrictions for sparse cartridges."
            )
        gone.append(gear)
        left.remove(gear)
    return gone


def _next_to_go(gears: Sequence[Gear], surplus: frozenset[str]) -> Gear | None:
    newest_first = list(reversed(gears))
    if surplus:
        for gear in newest_first:
            if gear.sparse == surplus:
                return gear
        for gear in newest_first:
            if gear.sparse and gear.sparse <= surplus:
                return gear
    return next((gear for gear in newest_first if not gear.sparse), None)


def _surplus(group: Group, name: str, wanted: Instances | None) -> bool:
    wanted = wanted or Instances(1, 1, placement.UNLIMITED)
    present = len(group.gears_of(name))
    if present <= (wanted.minimum or 1):
        return False
    multiplier = wanted.multiplier
    return multiplier is None or multiplier <= 1 or (len(group.gears) - 1) / (present - 1) <= multiplier


def _rearranged(shape: Shape, kept: Sequence[Rule], multiplier: int, new_id: NewId) -> Plan:
    """The same cartridges under other rules; ``shape`` already carries the new ``ha``."""
    wanted = _wanted_groups(shape.cartridges, shape, kept, multiplier)
    groups = tuple(
        _resized(group, _rule_for(group, wanted), present, new_id)
        for group, present in zip(shape.groups, limits(shape, multiplier), strict=True)
    )
    return _plan(shape, replace(shape, groups=groups, kept=placement.kept(wanted)))


def _rule_for(group: Group, wanted: Iterable[Rule]) -> Rule:
    return next(rule for rule in wanted if set(rule.members) & set(group.cartridges))


def _plan(before: Shape, after: Shape) -> Plan:
    old, new = {gear.id for gear in before.gears}, {gear.id for gear in after.gears}
    return Plan(after, len(new - old), len(old - new))


def made_ha(shape: Shape, multiplier: int, new_id: NewId) -> Plan:
    """make-ha: two web gears at least; HAProxy only on gears that are made for it (the trap of 2/1)."""
    return _rearranged(replace(shape, ha=True), shape.kept, multiplier, new_id)


def disabled_ha(shape: Shape, multiplier: int, new_id: NewId) -> Plan:
    """disable-ha: gears and HAProxy instances stay as they are."""
    return _rearranged(replace(shape, ha=False), placement.without_proxy_instances(shape.kept), multiplier, new_id)


def limited(shape: Shape, name: str, minimum: int | None, maximum: int | None, multiplier: int, new_id: NewId) -> Plan:
    """The limits of a cartridge set (None: as it is); gears come and go at once to fit them."""
    kept = placement.limits_set(shape.kept, CARTRIDGES[name], minimum, maximum)
    return _rearranged(shape, kept, multiplier, new_id)


def scaled(shape: Shape, name: str, by: int, multiplier: int, new_id: NewId, admitted_at: int | None = None) -> Plan:
    """``by`` gears more (less when negative) for a cartridge, as far as the limits of its group let it.

    ``admitted_at``: the count at which the request was let in, before it waited for the lock.
    """
    effective = limits_of(shape, name, multiplier)
    group = shape.group_of(name)
    exact = len(group.gears) + by
    wanted = replace(
        effective,
        minimum=placement.highest(0, exact, effective.minimum),
        maximum=placement.lowest(exact, effective.maximum),
    )
    resized = _resized(group, wanted, effective, new_id)
    if by < 0 and admitted_at is not None and len(group.gears) < admitted_at and resized == group:
        resized = _without_newest_proxy(group)
    return _plan(shape, _with_group(shape, resized))


def _without_newest_proxy(group: Group) -> Group:
    """What was seen of two scale-downs at once on 3/2: the second takes no gear, but one gear has lost its HAProxy."""
    carriers = [gear for gear in group.gears if gear.sparse and not gear.head]
    if not carriers:
        return group
    poorer = replace(carriers[-1], sparse=frozenset())
    return replace(group, gears=tuple(poorer if gear is carriers[-1] else gear for gear in group.gears))


def _with_group(shape: Shape, changed: Group) -> Shape:
    return replace(shape, groups=tuple(changed if group.id == changed.id else group for group in shape.groups))


def with_cartridges(shape: Shape, names: Sequence[str], multiplier: int, new_id: NewId) -> Plan:
    """Cartridges added: onto the gears of a present group, or with gears of their own."""
    wanted = _wanted_groups([*shape.cartridges, *names], shape, shape.kept, multiplier)
    groups: list[Group] = []
    for group in shape.groups:
        rule = _rule_for(group, wanted)
        extra = [name for name in rule.members if name not in group.cartridges]
        groups.append(_resized(replace(group, cartridges=(*group.cartridges, *extra)), rule, rule, new_id))
    placed = {name for group in groups for name in group.cartridges}
    fresh = [rule for rule in wanted if not set(rule.members) & placed]
    groups.extend(_new_group(rule, shape.scalable, "", new_id) for rule in fresh)
    return _plan(shape, replace(shape, groups=tuple(groups), kept=placement.kept(wanted)))


def without_cartridge(shape: Shape, name: str, multiplier: int, new_id: NewId) -> Plan:
    """A cartridge removed, with its gears when nothing else is on them."""
    groups = tuple(
        replace(group, cartridges=tuple(each for each in group.cartridges if each != name)) for group in shape.groups
    )
    smaller = replace(shape, groups=tuple(group for group in groups if group.cartridges))
    kept = [rule for rule in shape.kept if name not in rule.members]
    return _plan(shape, _rearranged(smaller, kept, multiplier, new_id).shape)


def with_states(shape: Shape, state: str, only: Callable[[Gear], bool] = lambda _gear: True) -> Shape:
    """The gears that ``only`` picks in another state."""
    groups = tuple(
        replace(group, gears=tuple(replace(gear, state=state) if only(gear) else gear for gear in group.gears))
        for group in shape.groups
    )
    return replace(shape, groups=groups)

"""Placement rules: which cartridges share their gears, and how many gears there are at least and at most.

Every cartridge brings rules of its own, being highly available brings some, and the user's limits are rules too.
Rules about the same cartridges are merged: the highest minimum and the lowest maximum win. What the application
*keeps* is only what the merging of a user's rule changed; a rule that said nothing new is forgotten. That is why a
minimum of 2 set while the application is highly available is gone after disable-ha, while one merged together with
a maximum stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .catalog import CARTRIDGES, Cartridge

UNLIMITED = -1


@dataclass(frozen=True)
class Instances:
    """How many instances of one sparse cartridge there are to be; ``multiplier``: also one per so many gears."""

    minimum: int | None = None
    maximum: int | None = None
    multiplier: int | None = None


@dataclass(frozen=True)
class Rule:
    """Limits of the gears that carry ``members`` (cartridge names in listing order).

    ``instances``: what is said about single members. ``implied``: follows from the kind of application, is not kept.
    """

    members: tuple[str, ...]
    minimum: int | None = None
    maximum: int | None = None
    instances: tuple[tuple[str, Instances], ...] = ()
    implied: bool = False

    def instances_of(self, name: str) -> Instances | None:
        return dict(self.instances).get(name)


def in_listing_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: CARTRIDGES[name].path))


def highest(floor: int, *values: int | None) -> int | None:
    """The highest of the values that are set, at least ``floor``; -1 is unlimited."""
    numbers = [_number(value) for value in values if value is not None]
    return _limit(max([float(floor), *numbers])) if numbers else None


def lowest(*values: int | None) -> int | None:
    """The lowest of the values that are set; -1 is unlimited."""
    numbers = [_number(value) for value in values if value is not None]
    return _limit(min(numbers)) if numbers else None


def _number(value: int) -> float:
    return float("inf") if value == UNLIMITED else float(value)


def _limit(number: float) -> int:
    return UNLIMITED if number == float("inf") else int(number)


def instances(minimum: int | None, maximum: int | None = None, multiplier: int | None = None) -> Instances:
    return Instances(highest(1, minimum), lowest(maximum), highest(0, multiplier))


def _merge_instances(one: Instances | None, other: Instances) -> Instances:
    if one is None:
        return other
    return Instances(
        highest(1, one.minimum, other.minimum),
        lowest(one.maximum, other.maximum),
        highest(0, one.multiplier, other.multiplier),
    )


def merge(into: Rule, other: Rule) -> Rule:
    """``into`` with what ``other`` says as well; it stays implied unless a kept rule changed something."""
    members = dict.fromkeys(into.members)
    single = dict(into.instances)
    changed = False
    told = dict(other.instances)
    for name in other.members:
        changed = changed or name not in members or name in told
        members[name] = None
        if name in told:
            single[name] = _merge_instances(single.get(name), told[name])
    minimum, maximum = highest(0, into.minimum, other.minimum), lowest(into.maximum, other.maximum)
    changed = changed or (minimum != into.minimum and minimum != 1)
    changed = changed or (maximum != into.maximum and maximum != UNLIMITED)
    return Rule(
        in_listing_order(members),
        minimum,
        maximum,
        tuple(sorted(single.items())),
        into.implied and (other.implied or not changed),
    )


def reduce(rules: Sequence[Rule], only: Sequence[str] | None = None) -> list[Rule]:
    """The fewest rules that say the same: those with a member in common become one.

    Args:
        rules: the rules, implied ones first.
        only: when given, the members to keep; the result is in the order of this list.
    """
    merged: dict[int, Rule] = {}
    owner: dict[str, int] = {}
    for number, rule in enumerate(rules):
        _add(number, rule, merged, owner)
    order = list(owner) if only is None else [name for name in only if name in owner]
    groups = list(dict.fromkeys(owner[name] for name in order))
    return [merged[group] if only is None else _restricted(merged[group], only) for group in groups]


def _add(number: int, rule: Rule, merged: dict[int, Rule], owner: dict[str, int]) -> None:
    into: int | None = None
    for name in rule.members:
        previous = owner.get(name)
        if previous is None or previous == number:
            owner[name] = number if into is None else into
            continue
        if into is None:
            into = previous
            merged[into] = merge(merged[into], rule)
            _move(number, into, owner)
        elif previous != into:
            merged[into] = merge(merged[into], merged.pop(previous))
            _move(previous, into, owner)
    if into is None and rule.members:
        merged[number] = rule


def _move(group: int, into: int, owner: dict[str, int]) -> None:
    for name, current in owner.items():
        if current == group:
            owner[name] = into


def _restricted(rule: Rule, only: Sequence[str]) -> Rule:
    return replace(
        rule,
        members=tuple(name for name in rule.members if name in only),
        instances=tuple((name, each) for name, each in rule.instances if name in only),
    )


def implied_rules(names: Sequence[str], *, scalable: bool, ha: bool, multiplier: int) -> list[Rule]:
    """The rules that follow from the cartridges and the kind of application."""
    rules: list[Rule] = []
    for name in names:
        cartridge = CARTRIDGES[name]
        companions = _companions(cartridge, names)
        if len(companions) > 1:
            rules.append(Rule(in_listing_order(companions), implied=True))
        if cartridge.sparse:
            rules.append(Rule((name,), implied=True))
        else:
            rules.append(Rule((name,), cartridge.minimum, cartridge.maximum, implied=True))
    if not scalable:
        rules.append(Rule(in_listing_order(names), None, 1, implied=True))
    elif ha:
        rules.extend(_available_rules(names, multiplier))
    return rules


def _companions(cartridge: Cartridge, names: Sequence[str]) -> list[str]:
    found = (
        next((name for name in names if CARTRIDGES[name].answers_to(each)), None) for each in cartridge.grouped_with
    )
    return list(dict.fromkeys(name for name in found if name is not None))


def _available_rules(names: Sequence[str], multiplier: int) -> list[Rule]:
    """A highly available application has two web gears and two HAProxy instances at least."""
    cartridges = [CARTRIDGES[name] for name in names]
    rules = []
    primary = next((each for each in cartridges if each.web_framework), None)
    primary = primary or next((each for each in cartridges if each.service), None)
    if primary is not None:
        rules.append(Rule((primary.name,), 2, implied=True))
    proxy = next((each for each in cartridges if each.web_proxy), None)
    if proxy is not None:
        wanted = instances(2, UNLIMITED, multiplier)
        rules.append(Rule((proxy.name,), instances=((proxy.name, wanted),), implied=True))
    return rules


def kept(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """What an application keeps of its merged rules: not the implied ones, and no defaults."""
    stored = []
    for rule in rules:
        if rule.implied or not rule.members:
            continue
        single = tuple((name, each) for name, each in rule.instances if each != Instances())
        slim = Rule(
            rule.members,
            None if rule.minimum == 1 else rule.minimum,
            None if rule.maximum == UNLIMITED else rule.maximum,
            single,
        )
        if len(slim.members) > 1 or slim.minimum is not None or slim.maximum is not None or slim.instances:
            stored.append(slim)
    return tuple(stored)


def limits_set(rules: Sequence[Rule], cartridge: Cartridge, minimum: int | None, maximum: int | None) -> list[Rule]:
    """The kept rules after a user set the limits of a cartridge (None: leave as it is)."""
    found = False
    result = []
    for rule in rules:
        if cartridge.name not in rule.members:
            result.append(rule)
            continue
        found = True
        single = rule.instances_of(cartridge.name) if cartridge.sparse else None
        if single is None:
            result.append(replace(rule, minimum=_either(minimum, rule.minimum), maximum=_either(maximum, rule.maximum)))
        else:
            changed = replace(
                single, minimum=_either(minimum, single.minimum), maximum=_either(maximum, single.maximum)
            )
            others = tuple((name, each) for name, each in rule.instances if name != cartridge.name)
            result.append(replace(rule, instances=tuple(sorted((*others, (cartridge.name, changed))))))
    if found:
        return result
    if not cartridge.sparse:
        return [*result, Rule((cartridge.name,), minimum, maximum)]
    added = Rule((cartridge.name,), instances=((cartridge.name, instances(minimum, maximum)),))
    return reduce([*result, added])


def _either(value: int | None, otherwise: int | None) -> int | None:
    return otherwise if value is None else value


def without_proxy_instances(rules: Iterable[Rule]) -> list[Rule]:
    """The kept rules without what they say about HAProxy instances: disable-ha forgets that, and only that."""
    result = []
    for rule in rules:
        gone = {name for name, _each in rule.instances if CARTRIDGES[name].web_proxy}
        result.append(
            replace(
                rule,
                members=tuple(name for name in rule.members if name not in gone),
                instances=tuple((name, each) for name, each in rule.instances if name not in gone),
            )
        )
    return result

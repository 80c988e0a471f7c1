"""Placement rules: which cartridges share gears, and the minimum and maximum number of these gears.

Rules come from three sources: the cartridges themselves, high availability, and the limits that a user sets. Rules
about the same cartridges are merged: the highest minimum and the lowest maximum apply. The application stores a
user's rule only if the merge changed something. For example, a minimum of 2 set under HA changes nothing, so it is
gone after disable-ha. A minimum of 2 merged with a maximum stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .catalog import CARTRIDGES, Cartridge

UNLIMITED = -1


@dataclass(frozen=True)
class Instances:
    """The allowed number of instances of a sparse cartridge.

    ``multiplier``: above 0, the group gets at least one instance per ``multiplier`` gears.
    """

    minimum: int | None = None
    maximum: int | None = None
    multiplier: int | None = None


@dataclass(frozen=True)
class Rule:
    """The limits of the gears that carry ``members`` (cartridge names in list order).

    ``instances``: the limits of single sparse members. ``implied``: the rule follows from the kind of application
    and is not stored.
    """

    members: tuple[str, ...]
    minimum: int | None = None
    maximum: int | None = None
    instances: tuple[tuple[str, Instances], ...] = ()
    implied: bool = False

    def instances_of(self, name: str) -> Instances | None:
        return dict(self.instances).get(name)


def sort_members(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: CARTRIDGES[name].path))


def highest(floor: int, *values: int | None) -> int | None:
    """Return the highest value that is set, but at least ``floor``. -1 means unlimited."""
    numbers = [_number(value) for value in values if value is not None]
    return _limit(max([float(floor), *numbers])) if numbers else None


def lowest(*values: int | None) -> int | None:
    """Return the lowest value that is set. -1 means unlimited."""
    numbers = [_number(value) for value in values if value is not None]
    return _limit(min(numbers)) if numbers else None


def _number(value: int) -> float:
    return float("inf") if value == UNLIMITED else float(value)


def _limit(number: float) -> int:
    return UNLIMITED if number == float("inf") else int(number)


def make_instances(minimum: int | None, maximum: int | None = None, multiplier: int | None = None) -> Instances:
    return Instances(highest(1, minimum), lowest(maximum), highest(0, multiplier))


def _merge_instances(into: Instances | None, other: Instances) -> Instances:
    if into is None:
        return other
    return Instances(
        highest(1, into.minimum, other.minimum),
        lowest(into.maximum, other.maximum),
        highest(0, into.multiplier, other.multiplier),
    )


def merge(into: Rule, other: Rule) -> Rule:
    """Return ``into`` with the limits of ``other`` added. It stays implied unless a stored rule changed something."""
    members = dict.fromkeys(into.members)
    merged_instances = dict(into.instances)
    other_instances = dict(other.instances)
    changed = False
    for name in other.members:
        changed = changed or name not in members or name in other_instances
        members[name] = None
        if name in other_instances:
            merged_instances[name] = _merge_instances(merged_instances.get(name), other_instances[name])
    minimum, maximum = highest(0, into.minimum, other.minimum), lowest(into.maximum, other.maximum)
    changed = changed or (minimum != into.minimum and minimum != 1)
    changed = changed or (maximum != into.maximum and maximum != UNLIMITED)
    return Rule(
        sort_members(members),
        minimum,
        maximum,
        tuple(sorted(merged_instances.items())),
        into.implied and (other.implied or not changed),
    )


def merge_all(rules: Sequence[Rule], only: Sequence[str] | None = None) -> list[Rule]:
    """Merge all rules that share a member, and return the remaining rules.

    Args:
        rules: The rules, implied rules first.
        only: The members that remain, in the order of the result. None: all members.
    """
    merged: dict[int, Rule] = {}
    owner: dict[str, int] = {}
    for number, rule in enumerate(rules):
        _add(number, rule, merged, owner)
    order = list(owner) if only is None else [name for name in only if name in owner]
    groups = list(dict.fromkeys(owner[name] for name in order))
    return [merged[group] if only is None else _restrict(merged[group], only) for group in groups]


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


def _restrict(rule: Rule, only: Sequence[str]) -> Rule:
    return replace(
        rule,
        members=tuple(name for name in rule.members if name in only),
        instances=tuple((name, each) for name, each in rule.instances if name in only),
    )


def implied_rules(names: Sequence[str], *, scalable: bool, ha: bool, multiplier: int) -> list[Rule]:
    """Return the rules that follow from the cartridges and the kind of application."""
    rules: list[Rule] = []
    for name in names:
        cartridge = CARTRIDGES[name]
        grouped = _grouped_names(cartridge, names)
        if len(grouped) > 1:
            rules.append(Rule(sort_members(grouped), implied=True))
        if cartridge.sparse:
            rules.append(Rule((name,), implied=True))
        else:
            rules.append(Rule((name,), cartridge.minimum, cartridge.maximum, implied=True))
    if not scalable:
        rules.append(Rule(sort_members(names), None, 1, implied=True))
    elif ha:
        rules.extend(_ha_rules(names, multiplier))
    return rules


def _grouped_names(cartridge: Cartridge, names: Sequence[str]) -> list[str]:
    """Return the names of the cartridges on the same gears."""
    matches = (next((name for name in names if CARTRIDGES[name].offers(each)), None) for each in cartridge.grouped_with)
    return list(dict.fromkeys(name for name in matches if name is not None))


def _ha_rules(names: Sequence[str], multiplier: int) -> list[Rule]:
    """Return the rules of HA: at least two web gears and at least two HAProxy instances."""
    cartridges = [CARTRIDGES[name] for name in names]
    rules = []
    primary = next((each for each in cartridges if each.web_framework), None)
    primary = primary or next((each for each in cartridges if each.service), None)
    if primary is not None:
        rules.append(Rule((primary.name,), 2, implied=True))
    proxy = next((each for each in cartridges if each.web_proxy), None)
    if proxy is not None:
        required = make_instances(2, UNLIMITED, multiplier)
        rules.append(Rule((proxy.name,), instances=((proxy.name, required),), implied=True))
    return rules


def rules_to_store(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the merged rules that an application stores: without implied rules and without default values."""
    stored = []
    for rule in rules:
        if rule.implied or not rule.members:
            continue
        instances = tuple((name, each) for name, each in rule.instances if each != Instances())
        slim = Rule(
            rule.members,
            None if rule.minimum == 1 else rule.minimum,
            None if rule.maximum == UNLIMITED else rule.maximum,
            instances,
        )
        if len(slim.members) > 1 or slim.minimum is not None or slim.maximum is not None or slim.instances:
            stored.append(slim)
    return tuple(stored)


def set_limits(rules: Sequence[Rule], cartridge: Cartridge, minimum: int | None, maximum: int | None) -> list[Rule]:
    """Return the stored rules after a user sets the limits of a cartridge. None keeps a limit."""
    is_stored = False
    result = []
    for rule in rules:
        if cartridge.name not in rule.members:
            result.append(rule)
            continue
        is_stored = True
        instances = rule.instances_of(cartridge.name) if cartridge.sparse else None
        if instances is None:
            result.append(
                replace(rule, minimum=_first_set(minimum, rule.minimum), maximum=_first_set(maximum, rule.maximum))
            )
        else:
            changed = replace(
                instances,
                minimum=_first_set(minimum, instances.minimum),
                maximum=_first_set(maximum, instances.maximum),
            )
            others = tuple((name, each) for name, each in rule.instances if name != cartridge.name)
            result.append(replace(rule, instances=tuple(sorted((*others, (cartridge.name, changed))))))
    if is_stored:
        return result
    if not cartridge.sparse:
        return [*result, Rule((cartridge.name,), minimum, maximum)]
    added = Rule((cartridge.name,), instances=((cartridge.name, make_instances(minimum, maximum)),))
    return merge_all([*result, added])


def _first_set(value: int | None, default: int | None) -> int | None:
    return default if value is None else value


def without_proxy_instances(rules: Iterable[Rule]) -> list[Rule]:
    """Return the stored rules without the limits of HAProxy instances, which disable-ha removes."""
    result = []
    for rule in rules:
        proxies = {name for name, _each in rule.instances if CARTRIDGES[name].web_proxy}
        result.append(
            replace(
                rule,
                members=tuple(name for name in rule.members if name not in proxies),
                instances=tuple((name, each) for name, each in rule.instances if name not in proxies),
            )
        )
    return result

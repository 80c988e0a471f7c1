"""Nodes, and on which node a new gear is placed: pure functions.

The placement rule of the real broker, in this order:

1. A node that does not answer is never chosen. A new HAProxy gear is not placed beside an HAProxy instance of the same
   application, unless the administrator allows it.
2. With zones: the zones with the fewest gears of the gear's group.
3. The nodes with the fewest gears of the group.

Among equal nodes, the real broker chooses by chance and load. This model takes the next one after the application's
first gear: nodes without an outage before others, then nodes without gears of the application. It spreads the first
gears of applications over all nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import errors
from .catalog import CARTRIDGES
from .scaling import Gear, Group, Shape


@dataclass
class Node:
    """A machine with gears. ``down``: it does not answer. ``was_down``: there was an outage."""

    address: str
    region: str | None = None
    zone: str | None = None
    down: bool = False
    was_down: bool = False

    @property
    def place(self) -> str | None:
        """The region and the zone, as in the setting ``zones``."""
        return f"{self.region}/{self.zone}" if self.region else None


@dataclass(frozen=True)
class Placement:
    """The administrator's settings for the placement of gears."""

    allow_multiple_haproxy_on_node: bool
    zones_min_per_gear_group: int


def make_nodes(count: int, zones: Sequence[str], present: Sequence[Node] = ()) -> list[Node]:
    """Return nodes 1 to ``count``. Nodes that exist keep their state."""
    nodes = list(present[:count])
    for number in range(len(nodes), count):
        nodes.append(Node(f"10.0.{(number + 2) // 250}.{(number + 2) % 250}"))
    for number, node in enumerate(nodes):
        region, _slash, zone = zones[number].partition("/") if number < len(zones) else ("", "", "")
        node.region, node.zone = region or None, zone or None
    return nodes


def place_gears(shape: Shape, nodes: Sequence[Node], placement: Placement, start: int = 0) -> Shape:
    """Return the shape with a node for each gear that has none.

    Args:
        start: The number of the node (from 0) for the first gear of a new application.

    Raises:
        Refusal: There is no suitable node.
    """
    for group in shape.groups:
        for gear in group.gears:
            if gear.node is None:
                shape = shape.with_gear(replace(gear, node=_choose(shape, gear, nodes, placement, start).address))
    return shape


def _choose(shape: Shape, gear: Gear, nodes: Sequence[Node], placement: Placement, start: int) -> Node:
    group = next(each for each in shape.groups if any(other.id == gear.id for other in each.gears))
    order = {node.address: number for number, node in enumerate(nodes)}
    home = next((nodes[order[each.node]] for each in shape.gears if each.node is not None), None)
    first = start % len(nodes) if home is None else order[home.address]
    candidates = [node for node in [*nodes[first:], *nodes[:first]] if not node.down]
    if not candidates:
        raise errors.node_unavailable("No nodes available for the specified gear size")
    restricted = _nodes_with_haproxy(shape, group, gear, placement)
    candidates = [node for node in candidates if node.address not in restricted]
    gears_by_node = Counter(each.node for each in group.gears if each.node is not None)
    if candidates and home is not None and home.region is not None:
        candidates = _in_best_zones(candidates, home.region, gears_by_node, nodes, placement)
    if not candidates:
        raise errors.node_unavailable("No nodes available")
    used = Counter(each.node for each in shape.gears)
    return min(candidates, key=lambda node: (gears_by_node[node.address], node.was_down, used[node.address]))


def _nodes_with_haproxy(shape: Shape, group: Group, gear: Gear, placement: Placement) -> set[str | None]:
    """Return the nodes that the gear must not use because they have an HAProxy instance of its group."""
    proxies = [CARTRIDGES[name] for name in group.cartridges if CARTRIDGES[name].web_proxy]
    if placement.allow_multiple_haproxy_on_node or not shape.scalable:
        return set()
    if not any(gear.carries(proxy) for proxy in proxies):
        return set()
    return {
        other.node for other in group.gears if other.id != gear.id and any(other.carries(proxy) for proxy in proxies)
    }


def _in_best_zones(
    candidates: Sequence[Node],
    region: str,
    gears_by_node: Counter[str],
    nodes: Sequence[Node],
    placement: Placement,
) -> list[Node]:
    """Return the candidates of the region that are in the zones with the fewest gears of the group."""
    in_region = [node for node in candidates if node.region == region]
    gears_by_zone = Counter({node.zone: 0 for node in nodes})
    for node in nodes:
        gears_by_zone[node.zone] += gears_by_node[node.address]
    available = {node.zone for node in in_region}
    used = {node.zone for node in nodes if gears_by_node[node.address]}
    needed = min(len({node.zone for node in nodes if node.region == region}), placement.zones_min_per_gear_group)
    if len(available) < placement.zones_min_per_gear_group and len(available | used) < needed:
        text = (
            "Unable to find minimum zones required for application gear group. "
            f"Available zones:{len(available)}, Needed min zones:{needed}"
        )
        raise errors.node_failed(text, 1)
    fewest = min((gears_by_zone[zone] for zone in available), default=0)
    return [node for node in in_region if gears_by_zone[node.zone] == fewest]

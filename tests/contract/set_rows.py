"""Apply the ``set`` rows of a transcript to the embedded broker: settings, states of gears, moves and node outages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.broker import EmbeddedBroker

from .replay import Bindings


def apply_row(row: dict[str, Any], broker: EmbeddedBroker, bindings: Bindings) -> Iterator[str]:
    """Apply a row, and yield the differences between the administrator's answer and the recorded one."""
    zone = row.get("zone")
    settings = {}
    for name, value in row.items():
        if name == "gear":
            _set_gear(value, broker, bindings)
        elif name == "move":
            yield from _move(value, broker, bindings)
        elif name in ("node_down", "node_up"):
            broker.set_node(_node(value, broker, bindings, zone), name == "node_down")
        elif name != "zone":
            settings[name] = value
    if settings:
        broker.settings(**settings)


def _set_gear(value: dict[str, Any], broker: EmbeddedBroker, bindings: Bindings) -> None:
    broker.set_gear(_application(value, broker), bindings.fill(value["gear"]), value["state"])


def _move(value: dict[str, Any], broker: EmbeddedBroker, bindings: Bindings) -> Iterator[str]:
    target = None if value["to"] is None else _node(value["to"], broker, bindings)
    lost = bool(value.get("endpoints_lost"))
    answer = broker.move_gear(_application(value, broker), bindings.fill(value["gear"]), target, lost)
    if not bindings.match(value["answer"], answer):
        yield f"move: {bindings.fill(value['answer'])!r} was recorded, but the answer is {answer!r}"


def _application(value: dict[str, Any], broker: EmbeddedBroker) -> str:
    """Return DOMAIN/APPLICATION. A transcript uses each name in one domain only."""
    found = next(each for each in broker.state()["applications"] if each["name"] == value["app"])
    return f"{found['domain']}/{found['name']}"


def _node(placeholder: str, broker: EmbeddedBroker, bindings: Bindings, zone: str | None = None) -> str:
    """Return the address of a node. A placeholder without a value gets a node without one: an unused one, if possible.

    Args:
        zone: The node must be in this zone: REGION/ZONE, or ZONE.
    """
    if placeholder in bindings.values or not placeholder.startswith("{"):
        return bindings.fill(placeholder)
    state = broker.state()
    used = {gear["node"] for each in state["applications"] for group in each["groups"] for gear in group["gears"]}
    free = [
        node["address"]
        for node in state["nodes"]
        if node["address"] not in bindings.values.values()
        and (zone is None or zone in (node["zone"], str(node["zone"]).partition("/")[2]))
    ]
    address: str = min(free, key=lambda each: each in used)
    bindings.values[placeholder] = address
    return address

"""What the nodes report about a cartridge: one message for each gear. Nodes that do not answer report nothing."""

from __future__ import annotations

from collections.abc import Collection

from .catalog import CARTRIDGES, Cartridge
from .rendering import Document
from .scaling import Gear, Shape


def status_messages(shape: Shape, name: str, down: Collection[str]) -> list[Document]:
    """Return the status of a cartridge on each of its gears.

    Args:
        down: The addresses of the nodes that do not answer.
    """
    cartridge = CARTRIDGES[name]
    return [
        {"gear_id": gear.id, "message": f"{_text(cartridge, gear)}\n"}
        for gear in shape.group_of(name).gears_of(name)
        if gear.ready and gear.node not in down
    ]


def _text(cartridge: Cartridge, gear: Gear) -> str:
    runs = gear.state == "started"
    if cartridge.web_framework:
        return "Application is running" if runs else "Application is either stopped or inaccessible"
    if cartridge.web_proxy:
        return f"HAProxy instance is {'running' if runs else 'stopped'}"
    if cartridge.service:
        return f"{cartridge.display_name.rpartition(' ')[0]} is {'running' if runs else 'stopped'}"
    return f"{cartridge.component} is {'enabled' if runs else 'disabled'} for gear {gear.id}"

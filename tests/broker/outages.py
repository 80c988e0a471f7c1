"""What goes wrong in an operation when nodes do not answer, and the answers to simulated failures of nodes."""

from __future__ import annotations

from collections.abc import Collection

from . import errors
from .catalog import CARTRIDGES
from .faults import Fault
from .scaling import Gear, Shape

_NODE_TEXTS = {
    143: "The server that your application is running on failed to respond in time.  This may be due to a system "
    "restart.",
    146: "Gear creation failed.  The server that was chosen to run your gear has already exceeded its capacity.  "
    "Try your request again.",
}
_CARTRIDGE_TEXT = "The cartridge could not be set up on the gear: simulated failure\n"


def fault_error(fault: Fault) -> errors.Refusal:
    """Return the broker's answer to a failed node: the cartridge's text (422), or a text with a reference (500)."""
    if fault.node_status == 422:
        return errors.unprocessable(_CARTRIDGE_TEXT, fault.exit_code)
    if fault.exit_code == 140:
        return errors.node_unavailable("No nodes available for the specified gear size")
    return errors.node_failed(
        _NODE_TEXTS.get(fault.exit_code, "An unexpected error occurred on the node"), fault.exit_code
    )


def check_maximum(shape: Shape) -> None:
    """Refuse a group with more gears than its cartridges allow: the broker has no cartridge for the next gear.

    Raises:
        Refusal: There is such a group, for example mysql with 2 gears.
    """
    for group in shape.groups:
        maxima = [CARTRIDGES[name].maximum for name in group.cartridges if not CARTRIDGES[name].sparse]
        if maxima and -1 not in maxima and len(group.gears) > max(maxima):
            raise errors.node_failed("undefined method `compact' for nil:NilClass", 1)


def gears_to_remove(before: Shape, after: Shape) -> list[Gear]:
    """Return the gears to remove, in the order in which the nodes remove them: the newest of a group first."""
    kept = {gear.id for gear in after.gears}
    groups = {group.id for group in after.groups}
    return [
        gear
        for group in before.groups
        for gear in (reversed(group.gears) if group.id in groups else group.gears)
        if gear.id not in kept
    ]


def of_removal(before: Shape, after: Shape, down: Collection[str]) -> tuple[errors.Refusal | None, list[Gear]]:
    """Return the error if a gear to remove is on a node that does not answer, and the gears removed before it."""
    removed: list[Gear] = []
    for gear in gears_to_remove(before, after):
        if gear.node is not None and gear.node in down:
            return errors.no_answer(gear.node), removed
        removed.append(gear)
    return _of_cartridges(after, before, down), removed


def _of_cartridges(less: Shape, more: Shape, down: Collection[str]) -> errors.Refusal | None:
    """Return the error if a gear that gets or loses a cartridge is on a node that does not answer."""
    cartridges = {gear.id: set(group.cartridges) for group in less.groups for gear in group.gears}
    for group in more.groups:
        for gear in group.gears:
            changes = gear.id in cartridges and not set(group.cartridges) <= cartridges[gear.id]
            if changes and gear.node is not None and gear.node in down:
                return errors.no_answer(gear.node)
    return None


def of_addition(before: Shape, after: Shape, down: Collection[str]) -> errors.Refusal | None:
    """Return the error if a new gear, or a gear that gets a cartridge, is on a node that does not answer.

    The head gear sends the environment variables to new gears, so its node must answer, too.
    """
    error = of_new_gears(before, after, down) or _of_cartridges(before, after, down)
    head = next((gear for gear in before.gears if gear.head), None)
    if error is None and head is not None and head.node is not None and head.node in down:
        present = {gear.id for gear in before.gears}
        error = errors.no_answer(head.node) if any(gear.id not in present for gear in after.gears) else None
    return error


def of_new_gears(before: Shape, after: Shape, down: Collection[str]) -> errors.Refusal | None:
    """Return the error if a new gear is on a node that does not answer: then it cannot be removed again."""
    present = {gear.id for gear in before.gears}
    for gear in after.gears:
        if gear.id not in present and gear.node is not None and gear.node in down:
            return errors.no_answer(gear.node)
    return None


def of_cluster(name: str, shape: Shape, down: Collection[str]) -> errors.Refusal | None:
    """Return the error of the last step, which sends the addresses of all web gears to all HAProxy instances.

    A web gear whose endpoints are lost, or whose node does not answer, has no address.
    """
    web = shape.web_cartridge
    if not shape.scalable or web is None:
        return None
    gears = shape.group_of(web).gears
    lost = ", ".join(f'"{gear.id}"' for gear in gears if not gear.endpoints)
    if lost:
        text = (
            f"No port interface exists for web_framework in gears [{lost}] for application {name}. Contact 'support'."
        )
        return errors.node_failed(text, 1)
    return errors.no_facts() if any(gear.node in down for gear in gears) else None

"""What goes wrong in an operation when nodes do not answer, and the answers to simulated failures of nodes."""

from __future__ import annotations

from collections.abc import Collection

from . import errors
from .catalog import CARTRIDGES
from .faults import Fault
from .scaling import Shape

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


def of_removal(before: Shape, after: Shape, down: Collection[str]) -> errors.Refusal | None:
    """Return the error if a gear to remove, or a gear that loses a cartridge, is on a node that does not answer."""
    kept = {gear.id: group for group in after.groups for gear in group.gears}
    for group in before.groups:
        for gear in group.gears:
            target = kept.get(gear.id)
            loses = target is None or not set(group.cartridges) <= set(target.cartridges)
            if loses and gear.node is not None and gear.node in down:
                return errors.no_answer(gear.node)
    return None


def of_addition(before: Shape, after: Shape, down: Collection[str]) -> errors.Refusal | None:
    """Return the error if a new gear, or a gear that gets a cartridge, is on a node that does not answer."""
    return of_removal(after, before, down)


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

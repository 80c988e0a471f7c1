"""Jobs that gears run: start, stop, restart, and others. Pure functions.

The broker sends one job for each cartridge of each gear. A node that does not answer loses its jobs; all others run.
The web cartridge of a scalable application is restarted by one job on the head gear, which restarts all web gears.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from . import errors
from .catalog import CARTRIDGES
from .scaling import Gear, Group, Shape

_STATES = {"start": "started", "stop": "stopped", "force-stop": "stopped", "restart": "started"}
_FAILURES = {
    "start": "A gear start did not complete",
    "stop": "A gear stop did not complete",
    "force-stop": "A gear stop did not complete",
    "restart": "A gear restart did not complete",
    "tidy": "TidyCompOp failed",
    "reload": "ReloadCompConfigOp failed",
}


@dataclass(frozen=True)
class Control:
    """An event for the gears. ``cartridge`` None: for all cartridges."""

    event: str
    cartridge: str | None = None


@dataclass(frozen=True)
class _Job:
    """``gears``: the gears that the job controls. ``sets_state``: it changes the state of these gears."""

    node: str | None
    gears: tuple[Gear, ...]
    sets_state: bool


def run_control(shape: Shape, control: Control, down: Collection[str]) -> tuple[Shape, errors.Refusal | None]:
    """Return the shape with the new states, and the error if a node did not answer.

    Args:
        down: The addresses of the nodes that do not answer.
    """
    state = _STATES.get(control.event)
    lost = 0
    for job in _jobs(shape, control):
        if job.node in down:
            lost += 1
        elif state is not None and job.sets_state:
            for gear in job.gears:
                if gear.node not in down:
                    shape = shape.with_gear(replace(gear, state=state))
    return shape, _error(control.event, lost) if lost else None


def _error(event: str, lost: int) -> errors.Refusal:
    gears = "1 gear" if lost == 1 else f"{lost} gears"
    text = f"{_FAILURES[event]} on {gears}. Please try again and contact support if the issue persists."
    return errors.refusal(500, text, "")


def _jobs(shape: Shape, control: Control) -> Iterator[_Job]:
    if control.event == "tidy":
        yield from (_Job(gear.node, (gear,), False) for gear in shape.gears)
        return
    for group in shape.groups:
        primary = _primary_cartridge(group)
        for name in group.cartridges:
            if control.cartridge is not None and control.cartridge != name:
                continue
            for gear in group.gears_of(name):
                rolling = control.event == "restart" and shape.scalable and CARTRIDGES[name].web_framework
                if not rolling:
                    yield _Job(gear.node, (gear,), name == primary)
                elif gear.head:
                    yield _Job(gear.node, group.gears, True)


def _primary_cartridge(group: Group) -> str | None:
    """Return the cartridge of a group that decides the state of its gears."""
    cartridges = [CARTRIDGES[name] for name in group.cartridges]
    web = next((each.name for each in cartridges if each.web_framework), None)
    return web or next((each.name for each in cartridges if each.service), None)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do next, decided from what was seen and nothing else.

A wish (``wish_ha``, ``wish_gears``, ``wish_limits``) knows its next step; ``plan`` follows it to the end in memory,
``converge`` follows it against the broker and asks again after every observation.
"""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import Protocol

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import (
    UP,
    MakeHa,
    ScaleDown,
    ScaleUp,
    SetLimits,
    Step,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears

#: What helps a caller whose own gears are used up: setting a minimum asks for the owner's gears only.
CALLER_HINT = (
    "free gears of that account, act as another one, or raise the minimum instead of scaling up (min_gears of "
    "openshift_cartridge_scale and openshift_app_ha, or scale_strategy: set_minimum)"
)


@dataclass(frozen=True)
class Blocker:
    """Why the broker would refuse, or why we will not ask. ``code`` is stable, ``message`` is for people."""

    code: str
    message: str


class DesiredState(Protocol):
    """What is wished of one application, and the way there. Pure, and immutable."""

    def next_step(self, app: Application, memory: Memory) -> Step | None:
        """The one write that comes next, or ``None`` when all that was wished is there."""

    def blockers_of(self, step: Step, app: Application, memory: Memory) -> tuple[Blocker, ...]:
        """Why ``step`` would be refused, or is not to be sent, as far as the application itself shows it."""

    def remarks(self, first: Application, now: Application, memory: Memory) -> tuple[str, ...]:
        """What the user should know of the end, ``now``, of what was ``first``: what was left as it is, and why."""


@dataclass(frozen=True)
class Memory:
    """What this run has to remember of itself; all else it sees.

    ``first_minimum``: the web cartridge's minimum when the run began. ``lent_gears``: gears that the run added for
    the HAProxy's sake alone. ``left_gears``: the count it left them at. ``raised_minimum``: whether it raised the
    minimum for that.
    """

    first_minimum: int | None = None
    lent_gears: int = 0
    left_gears: int | None = None
    raised_minimum: bool = False

    def after(self, step: Step, before: Application, now: Application) -> Memory:
        """The memory once ``step`` has turned ``before`` into ``now``."""
        first = before.min_gears if self.first_minimum is None else self.first_minimum
        # Only the step's own gears count: others seen at the same time are somebody else's.
        gained = step.apply_to(before).web_gears - before.web_gears
        lent = self.lent_gears
        if isinstance(step, ScaleUp) or (isinstance(step, SetLimits) and step.for_haproxy):
            lent += max(0, min(gained, now.web_gears - before.web_gears))
        elif isinstance(step, (ScaleDown, SetLimits)):
            lent = max(0, lent + min(gained, 0))
        raised = self.raised_minimum
        if isinstance(step, SetLimits):
            raised = step.for_haproxy or (raised and step.min_gears is None)
        return Memory(first, lent, before.web_gears + gained, raised)


@dataclass(frozen=True)
class PlannedStep:
    """A step of a plan and the application that it will meet."""

    step: Step
    app: Application

    @property
    def detail(self) -> str:
        return self.step.describe(self.app)

    @property
    def gears(self) -> int:
        """Gears made (or, below zero, taken) by the step."""
        return self.step.apply_to(self.app).gear_count - self.app.gear_count


@dataclass(frozen=True)
class Plan:
    """The way from an application as it is to what is wished of it.

    ``path``: the writes in order. ``blockers``: why it cannot be gone (empty: it can, as far as is known); then
    nothing is sent. ``after``: the application as it will be (with blockers: as it is). ``gears_needed``: the
    most gears that it needs beyond those there now, at any moment; ``gears_available``: what the owner may still use,
    where that was read. ``unknowns``: what could not be seen and may still stand in the way. ``remarks``: what the
    user should know of the end.
    """

    path: tuple[PlannedStep, ...]
    blockers: tuple[Blocker, ...]
    after: Application
    gears_needed: int
    gears_available: int | None = None
    unknowns: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(planned.step for planned in self.path)


def next_step(app: Application, wish: DesiredState, memory: Memory | None = None) -> Step | None:
    """The one write that comes next, or ``None`` when all that was wished is there."""
    return wish.next_step(app, memory or Memory())


def plan(app: Application, wish: DesiredState, room: GearQuota | None = None, memory: Memory | None = None) -> Plan:
    """Follow ``next_step`` to the end, in memory.

    ``room`` is what is known of the owner's and the caller's limits; without it only what the application itself
    shows can block. A step that is blocked is the last of the path.
    """
    memory = memory or Memory()
    now = app
    path: list[PlannedStep] = []
    blockers: tuple[Blocker, ...] = ()
    while not blockers and (step := next_step(now, wish, memory)) is not None:
        path.append(PlannedStep(step, now))
        blockers = blockers_of(step, now, wish, memory)
        after = step.apply_to(now)
        memory = memory.after(step, now, after)
        now = after
    needed = _peak(path)
    blockers += _room_blockers(path, needed, app, room) if room else ()
    after_all = app if blockers else now
    return Plan(
        path=tuple(path),
        blockers=blockers,
        after=after_all,
        gears_needed=needed,
        gears_available=room.available_gears if room else None,
        unknowns=unknowns(path, app, room) if room else (),
        remarks=() if blockers else wish.remarks(app, now, memory),
    )


def blockers_of(step: Step, app: Application, wish: DesiredState, memory: Memory) -> tuple[Blocker, ...]:
    """Why the broker would refuse ``step``, as far as the application itself shows it."""
    if not app.scalable or app.web_cartridge is None:
        why = "is not scalable" if not app.scalable else "has no web cartridge to scale"
        hint = "scaling is chosen when an application is created, so it has to be created anew"
        return (Blocker("not_scalable", f"{app.ref} {why}: it can be neither HA nor scaled ({hint})."),)
    return wish.blockers_of(step, app, memory)


def _peak(path: list[PlannedStep]) -> int:
    """The most gears that the path has added at any moment."""
    total = most = 0
    for planned in path:
        total += planned.gears
        most = max(most, total)
    return most


def _room_blockers(path: list[PlannedStep], needed: int, app: Application, room: GearQuota) -> tuple[Blocker, ...]:
    """Why the owner's or the caller's account stands in the way."""
    if not path or not app.scalable:
        return ()
    found = []
    if any(isinstance(planned.step, MakeHa) for planned in path):
        found += _capability_blockers(app, room)
    found += _permission_blockers(app, room)
    owner = room.owner or app.owner or "the owner"
    if needed and room.available_gears is not None and needed > room.available_gears:
        text = (
            f"{app.ref} needs {count_gears(needed)} more, but {owner} may use only "
            f"{max(0, room.available_gears)} more: raise the owner's gear limit or free gears."
        )
        found.append(Blocker("gear_limit", text))
    if (caller := room.caller) is not None and not room.caller_is_owner and _caller_runs_out(path, caller):
        text = (
            f"The broker refuses a scale-up of {app.ref} by {caller.login}, who uses {caller.consumed_gears} of "
            f"{count_gears(caller.max_gears)}: {CALLER_HINT}."
        )
        found.append(Blocker("caller_gear_limit", text))
    return tuple(found)


def _capability_blockers(app: Application, room: GearQuota) -> list[Blocker]:
    if room.ha_allowed is False:
        text = "High availability is disabled on this platform: ALLOW_HA_APPLICATIONS in the broker's configuration."
        return [Blocker("ha_disabled", text)]
    if room.caller is not None and room.caller_is_owner and not room.caller.ha:
        text = (
            f"{room.caller.login}, the owner of {app.ref}, lacks the HA capability: an administrator grants it on the "
            f"broker host with oo-admin-ctl-user -l {quote(room.caller.login)} --allowha true."
        )
        return [Blocker("capability", text)]
    return []


def _permission_blockers(app: Application, room: GearQuota) -> list[Blocker]:
    caller = room.caller
    if caller and any(m.login == caller.login and m.role == "view" and not m.owner for m in app.members):
        text = f"{caller.login} may only view {app.ref}: the role edit or admin in the domain {app.domain} is needed."
        return [Blocker("permission", text)]
    return []


def _caller_runs_out(path: list[PlannedStep], caller: Caller) -> bool:
    """Whether a scale-up event meets a caller whose own gears are used up (the broker looks at the caller there)."""
    return caller.consumed_gears >= caller.max_gears and any(p.step.action == UP for p in path)


def unknowns(path: list[PlannedStep], app: Application, room: GearQuota) -> tuple[str, ...]:
    """What may still stand in the way and cannot be seen beforehand with these credentials."""
    found = []
    if any(isinstance(planned.step, MakeHa) for planned in path) and app.scalable and not room.caller_is_owner:
        owner = room.owner or app.owner or "the owner"
        found.append(f"Whether {owner}, the owner of {app.ref}, has the HA capability cannot be seen beforehand.")
    if _peak(path) and room.available_gears is None:
        found.append(f"How many gears the owner of {app.ref} may still use cannot be seen beforehand.")
    return tuple(found)


def others_at_work(app: Application, memory: Memory) -> tuple[str, ...]:
    """The remark that there are other gears than this run left, where it left any."""
    if memory.left_gears is None or app.web_gears == memory.left_gears:
        return ()
    text = (
        f"{app.ref} has {count_gears(app.web_gears)} where this run left {memory.left_gears}: somebody else scales "
        "it at the same time (an autoscaler?)."
    )
    return (text,)

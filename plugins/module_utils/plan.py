# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do next, decided from what was seen and nothing else.

``next_step`` is the only decision; ``plan`` follows it to the end in memory, ``converge`` follows it against
the broker and asks again after every observation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Union

from ansible_collections.openshift_v2.apps.plugins.module_utils.model import (
    DEGRADED,
    HA_MINIMUM,
    HIGHLY_AVAILABLE,
    NO_LIMIT,
    Application,
    Caller,
    GearRoom,
)

SCALE_UP = "scale_up"
SET_MINIMUM = "set_minimum"
LEAVE = "none"
SCALE_STRATEGIES = (SCALE_UP, SET_MINIMUM, LEAVE)


@dataclass(frozen=True)
class Wanted:
    """What is wished of one application; ``None`` for a limit means: whatever it is.

    ``scale_strategy`` says how a missing HAProxy is brought, see the module's documentation.
    """

    ha: bool = True
    scale_strategy: str = SCALE_UP
    preserve_gear_count: bool = False
    min_gears: int | None = None
    max_gears: int | None = None
    allow_gear_removal: bool = False


@dataclass(frozen=True)
class Blocker:
    """Why the broker would refuse, or why we will not ask. ``code`` is stable, ``message`` is for people."""

    code: str
    message: str


# --- Steps: one write each, and what it does to an application -----------------------------------------------------


@dataclass(frozen=True)
class MakeHa:
    """The ``make-ha`` event: two gears at least, an HAProxy only on a gear that it makes."""

    action = "make_ha"
    resendable = True

    def apply_to(self, app: Application) -> Application:
        """As the broker does it (make-ha of 1, 2, 3 and 5 gears: 2/2, 2/1, 3/1, 5/1)."""
        minimum = max(app.min_gears, HA_MINIMUM)
        return _grown(replace(app, ha=True, min_gears=minimum), max(app.web_gears, minimum))

    def seen_in(self, _before: Application, after: Application) -> bool:
        return after.ha

    def describe(self, app: Application) -> str:
        return f"make {app.ref} HA ({_gears(app.web_gears)}, {app.haproxy_count} HAProxy)"


@dataclass(frozen=True)
class DisableHa:
    """The ``disable-ha`` event: gears and HAProxy stay, the flag goes."""

    action = "disable_ha"
    resendable = True

    def apply_to(self, app: Application) -> Application:
        """A minimum that shows as 2 under HA is 1 below it, unless somebody set it to 2: the API hides which.

        With a maximum the broker keeps the 2: it stores both limits together.
        """
        hidden = app.min_gears == HA_MINIMUM and app.max_gears == NO_LIMIT
        minimum = 1 if hidden else app.min_gears
        return replace(app, ha=False, min_gears=minimum)

    def seen_in(self, _before: Application, after: Application) -> bool:
        return not after.ha

    def describe(self, app: Application) -> str:
        return f"disable HA of {app.ref} (its {_gears(app.web_gears)} and {app.haproxy_count} HAProxy stay)"


@dataclass(frozen=True)
class ScaleUp:
    """The ``scale-up`` event: one more web gear, with an HAProxy while HA has fewer than two."""

    action = "scale_up"
    resendable = False

    def apply_to(self, app: Application) -> Application:
        return _grown(app, app.web_gears + 1)

    def seen_in(self, before: Application, after: Application) -> bool:
        return after.web_gears > before.web_gears

    def describe(self, app: Application) -> str:
        return f"scale up from {_gears(app.web_gears)} to {app.web_gears + 1}{_brings(app, self.apply_to(app))}"


@dataclass(frozen=True)
class ScaleDown:
    """The ``scale-down`` event: one web gear less, one without HAProxy first."""

    action = "scale_down"
    resendable = False

    def apply_to(self, app: Application) -> Application:
        return _shrunk(app, app.web_gears - 1)

    def seen_in(self, before: Application, after: Application) -> bool:
        return after.web_gears < before.web_gears

    def describe(self, app: Application) -> str:
        return f"scale down from {_gears(app.web_gears)} to {app.web_gears - 1}: give back the gear that this run added"


@dataclass(frozen=True)
class SetLimits:
    """A ``PUT`` of the web cartridge's limits. A minimum above the count makes gears, a maximum below removes them.

    ``for_haproxy``: the minimum is raised only to bring the second HAProxy, so its gear can be given back.
    """

    min_gears: int | None = None
    max_gears: int | None = None
    for_haproxy: bool = False
    action = "set_limits"
    resendable = True

    def apply_to(self, app: Application) -> Application:
        minimum = self._minimum(app)
        maximum = app.max_gears if self.max_gears is None else self.max_gears
        limited = replace(app, min_gears=minimum, max_gears=maximum)
        if maximum != NO_LIMIT and app.web_gears > maximum:
            return _shrunk(limited, maximum)
        return _grown(limited, max(app.web_gears, minimum))

    def seen_in(self, _before: Application, after: Application) -> bool:
        wanted_max = after.max_gears if self.max_gears is None else self.max_gears
        return after.min_gears == self._minimum(after) and after.max_gears == wanted_max

    def describe(self, app: Application) -> str:
        after = self.apply_to(app)
        parts = []
        if self.min_gears is not None:
            parts.append(f"minimum {app.min_gears} -> {after.min_gears}")
        if self.max_gears is not None:
            parts.append(f"maximum {_limit(app.max_gears)} -> {_limit(after.max_gears)}")
        gears = after.web_gears - app.web_gears
        change = f", {_gears(abs(gears))} {'added' if gears > 0 else 'removed'}" if gears else ""
        return f"set the limits of {app.web_cartridge}: {', '.join(parts)}{change}{_brings(app, after)}"

    def _minimum(self, app: Application) -> int:
        """Under HA the broker takes a minimum below 2 and shows 2."""
        asked = app.min_gears if self.min_gears is None else self.min_gears
        return max(asked, HA_MINIMUM) if app.ha else asked


Step = Union[MakeHa, DisableHa, ScaleUp, ScaleDown, SetLimits]


# --- What a run did so far, and what it wants next ------------------------------------------------------------------


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
class Planned:
    """A step of a plan and the application that it will meet."""

    step: Step
    app: Application

    @property
    def detail(self) -> str:
        return self.step.describe(self.app)

    @property
    def gears(self) -> int:
        """Gears made (or, below zero, taken) by the step."""
        return self.step.apply_to(self.app).web_gears - self.app.web_gears


@dataclass(frozen=True)
class Plan:
    """The way from an application as it is to what is wished of it.

    ``path``: the writes in order. ``blockers``: why it cannot be gone (empty: it can, as far as is known); then
    nothing is sent. ``after``: the application as it will be (with blockers: as it is). ``gears_needed``: the
    most gears that it needs beyond those there now, at any moment; ``gears_available``: what the owner may still use,
    where that was read. ``unknowns``: what could not be seen and may
    still stand in the way. ``remarks``: what the user should know of the end.
    """

    path: tuple[Planned, ...]
    blockers: tuple[Blocker, ...]
    after: Application
    gears_needed: int
    gears_available: int | None = None
    unknowns: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(planned.step for planned in self.path)


def next_step(app: Application, wanted: Wanted, memory: Memory | None = None) -> Step | None:
    """The one write that comes next, or ``None`` when all that was wished is there."""
    memory = memory or Memory()
    limits = _limits_step(app, wanted, memory)
    if not app.scalable or app.web_cartridge is None:
        return MakeHa() if wanted.ha else limits
    if wanted.ha and not app.ha:
        # Only a maximum of 1 is in make-ha's way; everything else waits until the second HAProxy is there.
        if app.max_gears == 1 and wanted.max_gears is not None and wanted.max_gears != 1:
            return SetLimits(max_gears=wanted.max_gears)
        return MakeHa()
    if app.ha and not wanted.ha:
        return DisableHa()
    if app.ha_status == DEGRADED and wanted.scale_strategy != LEAVE:
        return _haproxy_step(app, wanted, limits)
    return limits or _give_back_step(app, wanted, memory)


def _haproxy_step(app: Application, wanted: Wanted, limits: SetLimits | None) -> Step:
    """Bring the second HAProxy. Limits go first where they make room for it (or bring it), else they wait."""
    by_minimum = wanted.scale_strategy == SET_MINIMUM
    if limits is not None:
        after = limits.apply_to(app)
        if after.web_gears > app.web_gears:
            return limits
        if _has_room_above(after, app.web_gears) and not by_minimum:
            return limits
    if not by_minimum:
        return ScaleUp()
    maximum = wanted.max_gears if wanted.max_gears != app.max_gears else None
    if maximum is not None and maximum != NO_LIMIT and maximum <= app.web_gears:
        maximum = None
    return SetLimits(min_gears=app.web_gears + 1, max_gears=maximum, for_haproxy=True)


def _limits_step(app: Application, wanted: Wanted, memory: Memory) -> SetLimits | None:
    """The limits that still differ from those wished, in one ``PUT``."""
    minimum = maximum = None
    if wanted.min_gears is not None:
        floor = max(wanted.min_gears, HA_MINIMUM) if app.ha else wanted.min_gears
        minimum = None if app.min_gears == floor else wanted.min_gears
    if wanted.max_gears is not None and wanted.max_gears != app.max_gears:
        maximum = wanted.max_gears
    if minimum is None and maximum is None:
        return None
    if wanted.min_gears is None and wanted.preserve_gear_count and memory.raised_minimum:
        minimum = memory.first_minimum
    return SetLimits(min_gears=minimum, max_gears=maximum)


def _give_back_step(app: Application, wanted: Wanted, memory: Memory) -> Step | None:
    """Take away the gear that only the HAProxy needed, the minimum that was raised for it first."""
    if not wanted.preserve_gear_count or memory.lent_gears < 1 or app.web_gears != memory.left_gears:
        return None
    if app.ha_status != HIGHLY_AVAILABLE:
        return None
    if memory.raised_minimum and wanted.min_gears is None:
        return SetLimits(min_gears=memory.first_minimum)
    return ScaleDown() if app.web_gears - 1 >= app.min_gears else None


def _has_room_above(app: Application, gears: int) -> bool:
    return app.max_gears == NO_LIMIT or app.max_gears > gears


def plan(app: Application, wanted: Wanted, room: GearRoom | None = None, memory: Memory | None = None) -> Plan:
    """Follow ``next_step`` to the end, in memory.

    ``room`` is what is known of the owner's and the caller's limits; without it only what the application itself
    shows can block. A step that is blocked is the last of the path.
    """
    memory = memory or Memory()
    now = app
    path: list[Planned] = []
    blockers: tuple[Blocker, ...] = ()
    while not blockers and (step := next_step(now, wanted, memory)) is not None:
        path.append(Planned(step, now))
        blockers = blockers_of(step, now, wanted, memory)
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
        remarks=() if blockers else remarks(now, wanted, memory),
    )


def blockers_of(step: Step, app: Application, wanted: Wanted, memory: Memory) -> tuple[Blocker, ...]:
    """Why the broker would refuse ``step``, as far as the application itself shows it."""
    if not app.scalable or app.web_cartridge is None:
        why = "is not scalable" if not app.scalable else "has no web cartridge to scale"
        hint = "scaling is chosen when an application is created, so it has to be created anew"
        return (Blocker("not_scalable", f"{app.ref} {why}: it can be neither HA nor scaled ({hint})."),)
    if isinstance(step, SetLimits) and not step.for_haproxy:
        return _limits_blockers(step, app, wanted, memory)
    if isinstance(step, MakeHa) and app.max_gears == 1:
        return (_at_maximum(app, HA_MINIMUM, "HA needs two gears"),)
    if isinstance(step, ScaleUp) and not _has_room_above(app, app.web_gears):
        return (_at_maximum(app, app.web_gears + 1, "the second HAProxy comes only with a new gear"),)
    if isinstance(step, SetLimits) and not _has_room_above(step.apply_to(app), app.web_gears):
        return (_at_maximum(app, app.web_gears + 1, "the second HAProxy comes only with a new gear"),)
    return ()


def _at_maximum(app: Application, needed: int, why: str) -> Blocker:
    message = (
        f"{app.ref} has {_gears(app.web_gears)} and its maximum is {app.max_gears}, but {why}: "
        f"raise it with max_gears: {needed} (or more, or -1 for no limit)."
    )
    return Blocker("maximum", message)


def _limits_blockers(step: SetLimits, app: Application, wanted: Wanted, memory: Memory) -> tuple[Blocker, ...]:
    after = step.apply_to(app)
    if after.max_gears != NO_LIMIT and after.min_gears > after.max_gears:
        if step.max_gears is None:
            text = f"min_gears {after.min_gears} is above the maximum {app.max_gears} of {app.ref}: give max_gears too."
            return (Blocker("maximum", text),)
        text = f"max_gears {after.max_gears} is below the minimum {after.min_gears} of {app.ref}: give min_gears too."
        return (Blocker("minimum", text),)
    removed = app.web_gears - after.web_gears
    if removed > memory.lent_gears and not wanted.allow_gear_removal:
        text = (
            f"max_gears {after.max_gears} is below the {_gears(app.web_gears)} of {app.ref}: {removed} would be "
            "removed at once. Say allow_gear_removal: true if that is meant."
        )
        return (Blocker("gear_removal", text),)
    return ()


def _peak(path: list[Planned]) -> int:
    """The most gears that the path has added at any moment."""
    total = most = 0
    for planned in path:
        total += planned.gears
        most = max(most, total)
    return most


def _room_blockers(path: list[Planned], needed: int, app: Application, room: GearRoom) -> tuple[Blocker, ...]:
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
            f"{app.ref} needs {_gears(needed)} more, but {owner} may use only {max(0, room.available_gears)} more: "
            "raise the owner's gear limit or free gears."
        )
        found.append(Blocker("gear_limit", text))
    if (caller := room.caller) is not None and not room.caller_is_owner and _caller_runs_out(path, caller):
        text = (
            f"The broker refuses a scale-up of {app.ref} by {caller.login}, who uses {caller.consumed_gears} of "
            f"{_gears(caller.max_gears)}: free gears, act as another account, or use scale_strategy: set_minimum."
        )
        found.append(Blocker("caller_gear_limit", text))
    return tuple(found)


def _capability_blockers(app: Application, room: GearRoom) -> list[Blocker]:
    if room.ha_allowed is False:
        text = "High availability is disabled on this platform: ALLOW_HA_APPLICATIONS in the broker's configuration."
        return [Blocker("ha_disabled", text)]
    if room.caller is not None and room.caller_is_owner and not room.caller.ha:
        text = (
            f"{room.caller.login}, the owner of {app.ref}, lacks the HA capability: an administrator grants it on the "
            f"broker host with oo-admin-ctl-user -l {room.caller.login} --allowha true."
        )
        return [Blocker("capability", text)]
    return []


def _permission_blockers(app: Application, room: GearRoom) -> list[Blocker]:
    caller = room.caller
    if caller and any(m.login == caller.login and m.role == "view" and not m.owner for m in app.members):
        text = f"{caller.login} may only view {app.ref}: the role edit or admin in the domain {app.domain} is needed."
        return [Blocker("permission", text)]
    return []


def _caller_runs_out(path: list[Planned], caller: Caller) -> bool:
    """Whether a scale-up event meets a caller whose own gears are used up (the broker looks at the caller there)."""
    return caller.consumed_gears >= caller.max_gears and any(isinstance(p.step, ScaleUp) for p in path)


def unknowns(path: list[Planned], app: Application, room: GearRoom) -> tuple[str, ...]:
    """What may still stand in the way and cannot be seen beforehand with these credentials."""
    found = []
    if any(isinstance(planned.step, MakeHa) for planned in path) and app.scalable and not room.caller_is_owner:
        owner = room.owner or app.owner or "the owner"
        found.append(f"Whether {owner}, the owner of {app.ref}, has the HA capability cannot be seen beforehand.")
    if path and room.available_gears is None:
        found.append(f"How many gears the owner of {app.ref} may still use cannot be seen beforehand.")
    return tuple(found)


def remarks(app: Application, wanted: Wanted, memory: Memory) -> tuple[str, ...]:
    """What the user should know of the application at the end: what was left as it is, and why."""
    found = []
    if wanted.ha and app.ha_status == DEGRADED:
        found.append(f"{app.ref} says HA but has {app.haproxy_count} HAProxy: scale_strategy none leaves it so.")
    if memory.left_gears is not None and app.web_gears != memory.left_gears:
        found.append(
            f"{app.ref} has {_gears(app.web_gears)} where this run left {memory.left_gears}: somebody else scales it "
            "at the same time (an autoscaler?)."
        )
    if wanted.preserve_gear_count and memory.lent_gears and app.ha_status == HIGHLY_AVAILABLE:
        found.append(f"{app.ref} keeps the gear that this run added for the second HAProxy.")
    return tuple(found)


# --- Small words ---------------------------------------------------------------------------------------------------


def _grown(app: Application, web_gears: int) -> Application:
    """With gears made: under HA the new ones take an HAProxy while there are fewer than two.

    A lower bound: a broker with a multiplier puts more, which its API does not tell.
    """
    made = web_gears - app.web_gears
    missing = max(0, HA_MINIMUM - app.haproxy_count) if app.ha else 0
    return replace(
        app,
        web_gears=web_gears,
        gear_count=app.gear_count + made,
        haproxy_count=app.haproxy_count + min(made, missing),
    )


def _shrunk(app: Application, web_gears: int) -> Application:
    """With gears taken: the broker takes HAProxy beyond the minimum (HA: 2, else 1) first, then plain gears."""
    taken = app.web_gears - web_gears
    surplus = max(0, app.haproxy_count - (HA_MINIMUM if app.ha else 1))
    return replace(
        app,
        web_gears=web_gears,
        gear_count=app.gear_count - taken,
        haproxy_count=app.haproxy_count - min(taken, surplus),
    )


def _gears(count: int) -> str:
    return f"{count} gear" if count == 1 else f"{count} gears"


def _limit(maximum: int) -> str:
    return "none" if maximum == NO_LIMIT else str(maximum)


def _brings(before: Application, after: Application) -> str:
    if after.haproxy_count > before.haproxy_count:
        return f" (HAProxy {before.haproxy_count} -> {after.haproxy_count})"
    return ""

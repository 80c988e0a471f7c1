# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan the steps from the observed to the desired state. Pure.

A desired state (``desired_ha``, ``desired_gears``, ``desired_limits``) decides the next step. ``plan`` follows these
steps to the end in memory. ``converge`` sends them to the broker, and asks for the next step after every observation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Protocol

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.copying import copy_with
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.fields import is_sendable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import ZONE, Verification
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proving import foresee
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.relocation_rules import relocation_blockers
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import RELOCATION, UP, Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears, escape_unprintable

#: The next step if the caller has no gears left. A raised minimum needs only gears of the owner.
CALLER_REMEDY = (
    "Free gears of that account, use another account, or raise the minimum instead of scaling up (min_gears of "
    "openshift_cartridge_scale and openshift_app_ha, or scale_strategy: auto)."
)

#: How often a run sends a step that fails: a second time after an observation that it was rolled back.
FEW_TRIES = 2

UNPREDICTABLE = (
    "{ref}: an operation is in progress, queued or has failed. The run waits for its end first, so its result cannot "
    "be predicted."
)


class DesiredState(Protocol):
    """The desired state of one application, and the way there. Pure and immutable."""

    def next_step(self, app: Application, memory: Memory) -> Step | None:
        """The write that comes next, or ``None`` in the desired state."""

    def blockers_of(self, step: Step, app: Application, memory: Memory) -> tuple[Blocker, ...]:
        """Why the broker would refuse ``step``, or why it must not be sent, as far as the application shows."""

    def needs_rest(self, step: Step, app: Application) -> bool:
        """Whether ``step`` must wait, because another operation is adding gears and shows limits of its own."""

    def restorable(self, app: Application, memory: Memory) -> str | None:
        """The limits from before the run, as a sentence, if it raised them and did not put them back."""

    @property
    def verification(self) -> Verification | None:
        """How the high availability is verified, ``None`` if this is not about high availability."""

    @property
    def tries(self) -> int:
        """How often a run sends a step that fails and that it may send again."""

    def obstacles(self, app: Application, memory: Memory) -> tuple[Blocker, ...]:
        """Why the application is not in the desired state, although no step is left."""

    def remarks(self, first: Application, now: Application, memory: Memory) -> tuple[str, ...]:
        """What the user should know about the end of the run: what did not change, and why."""


@dataclass(frozen=True)
class Rest:
    """The web cartridge's gears and limits at rest, before this run changed them."""

    gears: int
    minimum: int
    maximum: int

    @classmethod
    def of(cls, app: Application) -> Rest:
        return cls(app.web_gears, app.min_gears, app.max_gears)

    def before_raise(self, app: Application) -> Rest:
        """What is put back after a raise of the minimum from ``app``. HA hides a minimum of 1, which stays known."""
        is_hidden = app.min_gears == max(self.minimum, app.least_gears_of(None))
        return Rest(app.web_gears, self.minimum if is_hidden else app.min_gears, app.max_gears)


@dataclass(frozen=True)
class Memory:
    """What a run has to remember. It observes everything else.

    ``rest``: the application at rest, ``None`` before the first write. ``has_raised``: the run has sent a raised
    minimum for the HAProxy instance, whatever the answer was. ``lent_gears``: gears that the run added for the HAProxy
    instance only. ``left_gears``: the number of web gears after the run's last step. ``marks``: those of the steps that
    were sent. ``relocation``: the application before the replacement of an HAProxy instance.
    """

    rest: Rest | None = None
    has_raised: bool = False
    lent_gears: int = 0
    left_gears: int | None = None
    marks: frozenset[str] = frozenset()
    relocation: Rest | None = None

    def sent(self, step: Step, before: Application) -> Memory:
        """The memory after ``step`` was sent to ``before``, whatever became of it."""
        if step.is_barrier:
            return copy_with(self, marks=self.marks | {step.mark})
        rest = self.rest or Rest.of(before)
        marks = self.marks | {step.mark} if step.mark and not step.is_repeatable else self.marks
        relocation = Rest.of(before) if step.mark == RELOCATION else self.relocation
        memory = copy_with(self, rest=rest, marks=marks, relocation=relocation)
        if not step.raises_minimum:
            return memory
        # The limits that a second raise finds may be those of the first.
        at_raise = copy_with(rest, gears=before.web_gears) if self.has_raised else rest.before_raise(before)
        return copy_with(memory, rest=at_raise, has_raised=True)

    def after(self, step: Step, before: Application, now: Application, expected: Application | None = None) -> Memory:
        """The memory after ``step`` has changed ``before`` to ``now``. ``expected``: what the step predicted."""
        # Only the step's own gears count: others that appear at the same time belong to somebody else.
        gained = (expected or step.apply_to(before)).web_gears - before.web_gears
        if step.is_lending:
            lent = self.lent_gears + max(0, min(gained, now.web_gears - before.web_gears))
        else:
            lent = max(0, self.lent_gears + min(gained, 0))
        marks = self.marks | {step.mark} if step.mark else self.marks
        return copy_with(self, lent_gears=lent, left_gears=before.web_gears + gained, marks=marks)


@dataclass(frozen=True)
class PlannedStep:
    """A step of a plan, the application before and after it, and the change in words."""

    step: Step
    app: Application
    after: Application
    detail: str

    @property
    def gears(self) -> int:
        """The number of gears that the step adds (negative: removes)."""
        return self.after.gear_count - self.app.gear_count


@dataclass(frozen=True)
class Plan:
    """The steps from the observed application to its desired state.

    ``path``: the writes in order. ``blockers``: why nothing is sent (empty: nothing known blocks the path). ``after``:
    the application at the end (with blockers: the application now). ``gears_needed``: the largest number of additional
    gears at any time. ``gears_available``: the owner's remaining gears, ``None`` if they were not read. ``unknowns``:
    what could not be read and may still block the path. ``remarks``: what the user should know about the end.
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


def plan(app: Application, desired: DesiredState, quota: GearQuota | None = None, memory: Memory | None = None) -> Plan:
    """Follow ``desired.next_step`` to the end, in memory.

    ``quota``: what is known about the limits of the owner and the caller; without it, only what the application itself
    shows can block. A blocked step is the last of the path, and one that must wait for another operation, too.
    """
    memory = memory or Memory()
    now = app
    path: list[PlannedStep] = []
    blockers: tuple[Blocker, ...] = ()
    while not blockers and (step := desired.next_step(now, memory)) is not None:
        after = step.apply_to(now)
        path.append(PlannedStep(step, now, after, step.describe(now)))
        if blockers := name_blockers(app):
            break
        if step.is_barrier:
            return Plan(tuple(path), (), app, 0, remarks=(UNPREDICTABLE.format(ref=app.ref),))
        if desired.needs_rest(step, now):
            # What follows depends on the end of the other operation.
            break
        blockers = blockers_of(step, now, desired, memory)
        memory = memory.sent(step, now).after(step, now, after, after)
        now = after
    blockers = blockers or desired.obstacles(now, memory)
    planned = Plan(
        path=tuple(path),
        blockers=blockers,
        after=app if blockers else _foresee(now, desired) if path else now,
        gears_needed=_peak(path),
        remarks=() if blockers else desired.remarks(app, now, memory),
    )
    return judge(planned, app, quota, desired.verification) if quota else planned


def judge(planned: Plan, app: Application, quota: GearQuota, asked: Verification | None) -> Plan:
    """The plan for ``app`` with what ``quota`` adds: the path does not depend on it. ``asked``: how to verify."""
    if planned.path and planned.path[-1].step.is_barrier:
        return planned
    blockers = planned.blockers + _quota_blockers(planned.path, planned.gears_needed, app, quota)
    return copy_with(
        planned,
        blockers=blockers,
        after=app if blockers else planned.after,
        gears_available=quota.available_gears,
        unknowns=(*unknowns(planned.path, app, quota), *_unknown_zone(planned.path, asked)),
        remarks=() if blockers else planned.remarks,
    )


def _foresee(app: Application, desired: DesiredState) -> Application:
    """The application at the end of a path, as the run will have verified it."""
    asked = desired.verification
    if asked is None or not app.ha or not app.scalable:
        return copy_with(app, proof=None)
    return copy_with(app, proof=foresee(app, asked))


def blockers_of(step: Step, app: Application, desired: DesiredState, memory: Memory) -> tuple[Blocker, ...]:
    """Why the broker would refuse ``step``, or why it must not be sent, as far as the application itself shows."""
    if not app.scalable or app.web_cartridge is None:
        why = "is not scalable" if not app.scalable else "has no web cartridge to scale"
        remedy = "Create a new application with scaling: an existing one cannot be made scalable."
        return (Blocker("not_scalable", f"the application {why}", remedy, str(app.ref)),)
    return desired.blockers_of(step, app, memory)


def name_blockers(app: Application) -> tuple[Blocker, ...]:
    """Why no request about the application can be sent: a list of the broker may contain any names."""
    names = (app.domain, app.name, app.web_cartridge)
    unusable = next((name for name in names if name is not None and not is_sendable(name)), None)
    if unusable is None:
        return ()
    reason = f"{escape_unprintable(repr(unusable))} is not a valid name, so no request can be sent"
    return (Blocker("refused", reason, "Report this name to the platform's administrators.", str(app.ref)),)


def _peak(path: Sequence[PlannedStep]) -> int:
    """The largest number of gears that the path has added at any time."""
    total = most = 0
    for planned in path:
        total += planned.gears
        most = max(most, total)
    return most


def _quota_blockers(
    path: Sequence[PlannedStep], needed: int, app: Application, quota: GearQuota
) -> tuple[Blocker, ...]:
    """Why the owner's or the caller's account does not allow the path."""
    if not path or not app.scalable:
        return ()
    found = []
    if any(planned.step.needs_capability for planned in path):
        found += _capability_blockers(app, quota)
    for planned in path:
        if planned.step.mark == RELOCATION:
            found += relocation_blockers(planned.app, quota)
    found += _permission_blockers(app, quota)
    owner = quota.owner or app.owner or "the owner"
    if needed and quota.available_gears is not None and needed > quota.available_gears:
        reason = f"not enough gears: needs {needed}, {owner} has {max(0, quota.available_gears)} left"
        found.append(Blocker("gear_limit", reason, "Raise the owner's gear limit, or free gears.", str(app.ref)))
    caller = quota.caller
    if caller is not None and not quota.caller_is_owner and _exceeds_caller(path, caller):
        reason = (
            f"the broker refuses a scale-up by {caller.login}, who uses {caller.consumed_gears} of "
            f"{count_gears(caller.max_gears)}"
        )
        found.append(Blocker("caller_gear_limit", reason, CALLER_REMEDY, str(app.ref)))
    return tuple(found)


def _capability_blockers(app: Application, quota: GearQuota) -> list[Blocker]:
    if quota.ha_allowed is False:
        reason = "high availability is disabled on this platform"
        remedy = "An administrator enables it with ALLOW_HA_APPLICATIONS in the broker's configuration."
        return [Blocker("ha_disabled", reason, remedy, str(app.ref))]
    if quota.caller is not None and quota.caller_is_owner and not quota.caller.ha:
        reason = f"the owner {quota.caller.login} does not have the HA capability"
        remedy = (
            "An administrator grants it on the broker host with oo-admin-ctl-user -l "
            f"{quote(quota.caller.login)} --allowha true."
        )
        return [Blocker("capability", reason, remedy, str(app.ref))]
    return []


def _permission_blockers(app: Application, quota: GearQuota) -> list[Blocker]:
    caller = quota.caller
    if caller and any(m.login == caller.login and m.role == "view" and not m.owner for m in app.members):
        reason = f"{caller.login} may only view the application"
        remedy = f"Give this account the role edit or admin in the domain {app.domain}."
        return [Blocker("permission", reason, remedy, str(app.ref))]
    return []


def _exceeds_caller(path: Sequence[PlannedStep], caller: Caller) -> bool:
    """Whether the path has a scale-up event, for which the broker also checks the caller's gears, and none are left."""
    return caller.consumed_gears >= caller.max_gears and any(p.step.action == UP for p in path)


def unknowns(path: Sequence[PlannedStep], app: Application, quota: GearQuota) -> tuple[str, ...]:
    """Facts that these credentials cannot read in advance and that may block the path.

    They do not name the application: Ansible shows equal warnings of many hosts once.
    """
    found = []
    owner = quota.owner or app.owner or "unknown"
    if any(planned.step.needs_capability for planned in path) and app.scalable and not quota.caller_is_owner:
        found.append(f"The HA capability of the owner ({owner}) cannot be read in advance.")
    if any(planned.step.mark == RELOCATION for planned in path):
        found.append("Whether another node has capacity for the new gear cannot be read in advance.")
    if _peak(path) and quota.available_gears is None:
        found.append(f"The remaining gears of the owner ({owner}) cannot be read in advance.")
    return tuple(found)


def _unknown_zone(path: Sequence[PlannedStep], asked: Verification | None) -> tuple[str, ...]:
    """The zone of a new HAProxy instance, if the user wants different zones."""
    if asked is None or not asked.reads_placement or asked.spread != ZONE:
        return ()
    if all(planned.after.haproxy_count <= planned.app.haproxy_count for planned in path):
        return ()
    return ("The zone of the new HAProxy instance cannot be read in advance.",)


def is_scaled_by_others(app: Application, memory: Memory) -> bool:
    """Whether the number of web gears differs from the one after this run's last step."""
    return memory.left_gears is not None and app.web_gears != memory.left_gears


def remark_on_others(app: Application, memory: Memory) -> tuple[str, ...]:
    """A remark if somebody else scales the application at the same time."""
    if not is_scaled_by_others(app, memory):
        return ()
    text = (
        f"{app.ref} has {count_gears(app.web_gears)}, but this run scaled it to {memory.left_gears}: somebody else, "
        "such as an autoscaler, scales it at the same time."
    )
    return (text,)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is there to what is wished: observe, take the first step of the plan, observe again.

The only caller of the broker's writing methods. A write is never blindly sent again: after any doubtful answer
the application is looked at, and the plan is made anew from what is seen.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.openshift_v2.apps.plugins.module_utils.broker import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils.errors import (
    BrokerError,
    Busy,
    Forbidden,
    NodeFailed,
    NotFound,
    Refused,
    Unanswered,
    Unreachable,
    Untrusted,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils.model import (
    Application,
    AppRef,
    Caller,
    Domain,
    GearRoom,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils.plan import (
    Blocker,
    DisableHa,
    MakeHa,
    Memory,
    Plan,
    ScaleDown,
    ScaleUp,
    SetLimits,
    Step,
    Wanted,
    blockers_of,
    next_step,
    plan,
    remarks,
)

DONE = "done"
PLANNED = "planned"
FAILED = "failed"
UNKNOWN = "unknown"

#: How long a request may still be waiting for the application's lock: 10 polls, 5 seconds apart.
LONGEST_LOCK_WAIT = 50.0
#: How often a barrier that meets the error of an operation still queued is tried.
BARRIER_TRIES = 3


@dataclass(frozen=True)
class Patience:
    """How long to go on trying (seconds), and how long to rest in between (seconds, jittered, doubled up to 30)."""

    wait_timeout: float = 600.0
    poll_interval: float = 5.0


@dataclass(frozen=True)
class Clock:
    """Time as the run sees it; tests bring their own. ``jitter`` gives a factor around 1."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = lambda: random.uniform(0.5, 1.5)


@dataclass(frozen=True)
class StepRecord:
    """What became of a step. ``seconds`` is ``None`` when nothing was sent."""

    action: str
    detail: str
    status: str
    seconds: float | None = None


@dataclass(frozen=True)
class Outcome:
    """How it ended. ``before`` and ``after`` are observations; ``changed``: a write of ours took effect, or nobody
    could look whether it did.

    ``error`` is why it failed (``None``: all that was wished is there, and was seen), ``asked`` the step that it
    failed at, ``steps`` what was done, failed and left.
    """

    before: Application
    after: Application
    steps: tuple[StepRecord, ...] = ()
    changed: bool = False
    blockers: tuple[Blocker, ...] = ()
    error: BrokerError | None = None
    asked: str | None = None
    notes: tuple[str, ...] = ()
    gears_needed: int = 0

    @property
    def failed(self) -> bool:
        return bool(self.blockers) or self.error is not None


@dataclass(frozen=True)
class Survey:
    """What was seen before anything is sent, and the plan made from it."""

    app: Application
    plan: Plan


def survey(broker: Broker, ref: AppRef, wanted: Wanted, thorough: bool = False) -> Survey:
    """Look at the application and plan; ``thorough`` (check mode): know beforehand all that the API can tell.

    One ``GET``; where more than one write is planned, or with ``thorough``, also the owner's and the caller's room:
    a refusal half-way would leave an application that is HA in name only. Raises ``BrokerError``.
    """
    app = broker.application(ref)
    first = plan(app, wanted)
    if first.path and not first.blockers and (thorough or len(first.path) > 1):
        first = plan(app, wanted, look_at_room(broker, app, first, thorough))
    return Survey(app, first)


def look_at_room(broker: Broker, app: Application, first: Plan, thorough: bool) -> GearRoom:
    """What the limits leave room for, as far as these credentials may see it: two ``GET``, or three.

    The third asks whether the platform offers HA at all; only where make-ha's own refusal would come too late.
    """
    domain = _domain(broker, app.domain)
    making_later = any(isinstance(step, MakeHa) for step in first.steps[0 if thorough else 1 :])
    return GearRoom(
        owner=(domain.owner if domain else None) or app.owner,
        available_gears=domain.available_gears if domain else None,
        caller=read_caller(broker),
        ha_allowed=broker.offers_ha(app.ref) if making_later else None,
    )


def _domain(broker: Broker, name: str) -> Domain | None:
    """The domain, or ``None`` where a token's scope shows the application only."""
    try:
        return broker.domain(name)
    except (Forbidden, NotFound):
        return None


def read_caller(broker: Broker) -> Caller | None:
    """The caller, or ``None`` where a token's scope does not show it."""
    try:
        return broker.caller()
    except (Forbidden, NotFound):
        return None


def converge(
    broker: Broker,
    seen: Survey,
    wanted: Wanted,
    patience: Patience,
    clock: Clock | None = None,
    started: float | None = None,
) -> Outcome:
    """Make it so, or say why not. Never raises for what the broker does; ``Interrupted`` passes through.

    ``started``: the clock's time of the application's first request, from which ``wait_timeout`` counts.
    """
    clock = clock or Clock()
    run = _Run(broker, seen, wanted, patience, clock, clock.now() if started is None else started)
    if seen.plan.blockers:
        return run.outcome(blockers=seen.plan.blockers)
    return run.to_the_end()


class _GiveUpError(Exception):
    """The run ends here; what there is to say was recorded."""


@dataclass
class _Run:
    """One application's way: what was seen, what was sent, what is remembered."""

    broker: Broker
    seen: Survey
    wanted: Wanted
    patience: Patience
    clock: Clock
    started: float
    app: Application = field(init=False)
    memory: Memory = field(default_factory=Memory)
    records: list[StepRecord] = field(default_factory=list)
    changed: bool = False
    error: BrokerError | None = None
    asked: str | None = None
    last_error: BrokerError | None = None
    assumed: Application | None = None
    blocked: tuple[Blocker, ...] = ()
    writes: int = 0
    rests: int = 0
    node_failures: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.app = self.seen.app
        self.ref = self.seen.app.ref
        self.most_writes = max(2, 2 * len(self.seen.plan.path))

    # --- The loop

    def to_the_end(self) -> Outcome:
        try:
            while (step := next_step(self.app, self.wanted, self.memory)) is not None:
                self._take(step)
        except _GiveUpError:
            pass
        return self.outcome(self.blocked)

    def outcome(self, blockers: tuple[Blocker, ...] = ()) -> Outcome:
        failed = bool(blockers) or self.error is not None
        return Outcome(
            before=self.seen.app,
            after=self.app,
            steps=(*self.records, *(self._left_over() if failed else ())),
            changed=self.changed,
            blockers=blockers,
            error=self.error,
            asked=self.asked,
            notes=() if failed else remarks(self.app, self.wanted, self.memory),
            gears_needed=self.seen.plan.gears_needed,
        )

    def _left_over(self) -> tuple[StepRecord, ...]:
        """The steps that were not taken, as the plan now stands (the one that failed is recorded already)."""
        left = plan(self.assumed or self.app, self.wanted, memory=self.memory).path
        last = self.records[-1] if self.records else None
        if left and last and last.status in (FAILED, UNKNOWN) and last.action == left[0].step.action:
            left = left[1:]
        return tuple(StepRecord(p.step.action, p.detail, PLANNED) for p in left)

    def _take(self, step: Step) -> None:
        """Send one write and learn what became of it."""
        blockers = blockers_of(step, self.app, self.wanted, self.memory)
        if blockers:
            self.blocked = blockers
            raise _GiveUpError
        detail = step.describe(self.app)
        if self.writes >= self.most_writes:
            self._give_up(step, detail, self._used_up())
        before, begun = self.app, self.clock.now()
        error = self._send(step)
        seconds = round(self.clock.now() - begun, 2)
        if error is None:
            self._done(step, detail, seconds)
            self._look_after(step, detail)
            self._remember(step, before)
            if not step.resendable and not step.seen_in(before, self.app):
                self._after_no_effect(step, before, detail, seconds)
        else:
            self._after_error(step, before, detail, seconds, error)

    def _used_up(self) -> BrokerError:
        """Why no more is tried, with the last words of the broker."""
        last = self.last_error
        told = f"{self.writes} writes have not brought it about, so no more are sent"
        return BrokerError(f"{told}. The last answer: {last.text}" if last else told)

    def _send(self, step: Step) -> BrokerError | None:
        try:
            send(self.broker, self.app, step)
        except (Busy, Unreachable) as error:
            return error
        except BrokerError as error:
            self.writes += 1
            return error
        self.writes += 1
        return None

    def _after_error(self, step: Step, before: Application, detail: str, seconds: float, error: BrokerError) -> None:
        self.asked, self.last_error = detail, error
        if isinstance(error, (Busy, Unreachable)):
            # Not done: the step is planned anew, from a new look.
            if isinstance(error, Untrusted) or not self._rest():
                self._give_up(step, detail, error, seconds)
            self._look(step, detail)
            if self.app != before:
                # What the other operation shows may yet be rolled back.
                self._settle(step, detail, seconds)
        elif isinstance(error, Unanswered):
            self._after_silence(step, before, detail, seconds, error)
        elif isinstance(error, NodeFailed):
            self._after_node_failure(step, before, detail, seconds, error)
        elif isinstance(error, Refused):
            self._after_refusal(step, before, detail, seconds, error)
        else:
            self._give_up(step, detail, error, seconds)

    # --- After an answer that was not a plain success

    def _after_refusal(self, step: Step, before: Application, detail: str, seconds: float, error: Refused) -> None:
        """Refused, perhaps because somebody else was faster: then what they do is waited for, and we go on."""
        self._look(step, detail)
        if next_step(self.app, self.wanted, self.memory) == step and self.app == before:
            self._give_up(step, detail, error, seconds)
        self._settle(step, detail, seconds)
        if step.seen_in(before, self.app) and step.action in self.doubted:
            self._done(step, f"{detail}; the first request, whose answer was lost, took effect after all", seconds)
        elif step.seen_in(before, self.app):
            self._record(step, f"{detail}; somebody else was faster", DONE, seconds)
        else:
            self._record(step, f"{detail}; refused: {error.text}", FAILED, seconds)

    def _after_no_effect(self, step: Step, before: Application, detail: str, seconds: float) -> None:
        """The broker answered success and nothing of it is seen: sent again, it could be done twice."""
        self.records.pop()
        unseen = BrokerError("The broker answered that it was done, but the application does not show it")
        self._settle(step, detail, seconds, unseen)
        if not step.seen_in(before, self.app):
            self._give_up(step, detail, unseen, seconds, UNKNOWN)
        self._done(step, detail, seconds)

    def _after_silence(self, step: Step, before: Application, detail: str, seconds: float, error: Unanswered) -> None:
        """No usable answer: wait until nothing of it is under way, and look."""
        self._settle(step, detail, seconds, error)
        if not step.resendable:
            self._watch_for(step, before, detail, seconds, error)
        if step.seen_in(before, self.app):
            self._done(step, f"{detail}; its answer was lost, its effect was seen", seconds)
            self._remember(step, before)
            return
        self.changed = self.changed or self.app != before
        if not step.resendable:
            # It may still be on its way: sent again, it could be done twice.
            self._give_up(step, detail, error, seconds, UNKNOWN)
        self.doubted.add(step.action)
        self._record(step, f"{detail}; no answer, and no effect was seen: {error.text}", FAILED, seconds)

    def _after_node_failure(
        self, step: Step, before: Application, detail: str, seconds: float, error: NodeFailed
    ) -> None:
        """Failed below the broker: once it is settled and seen to be rolled back, one more try."""
        self._settle(step, detail, seconds, error)
        if step.seen_in(before, self.app):
            self._done(step, f"{detail}; its effect was seen, though the broker said: {error.text}", seconds)
            self._remember(step, before)
            return
        if step.action in self.node_failures or self.app != before:
            self.changed = self.changed or self.app != before
            self._give_up(step, detail, error, seconds)
        self.node_failures.add(step.action)
        self._record(step, f"{detail}; rolled back: {error.text}", FAILED, seconds)

    def _settle(self, step: Step, detail: str, seconds: float, error: BrokerError | None = None) -> None:
        """Wait for what may be under way, by the barrier, and look.

        The barrier sets the maximum to what it is: it changes nothing, but waits for the application's lock. A good
        look alone would prove nothing, as the broker shows an operation's end while it runs.
        """
        tries = 0
        while True:
            self._look(step, detail, seconds, error)
            try:
                self.broker.set_limits(self.ref, str(self.app.web_cartridge), max_gears=self.app.max_gears)
                break
            except NodeFailed as queued:
                tries += 1
                if tries >= BARRIER_TRIES or not self._rest():
                    self._unsettled(step, detail, seconds, error, queued)
            except (Busy, Unreachable, Unanswered) as doubtful:
                if not self._rest():
                    self._unsettled(step, detail, seconds, error, doubtful)
            except BrokerError as refused:
                self._unsettled(step, detail, seconds, error, refused)
        self._look(step, detail, seconds, error)

    def _unsettled(
        self, step: Step, detail: str, seconds: float, doubt: BrokerError | None, barrier: BrokerError
    ) -> None:
        """The run ends without knowing what became of the write (a refused one was not done: no ``doubt``)."""
        self.changed = self.changed or doubt is not None
        self._give_up(step, detail, doubt or barrier, seconds, UNKNOWN if doubt else FAILED)

    def _watch_for(self, step: Step, before: Application, detail: str, seconds: float, error: Unanswered) -> None:
        """A request may have been waiting for the lock behind the barrier: look until it can wait no longer."""
        if step.seen_in(before, self.app):
            return
        until = min(self.clock.now() + LONGEST_LOCK_WAIT, self._deadline)
        while self.clock.now() < until:
            self.clock.sleep(min(max(self.patience.poll_interval, 0.1), LONGEST_LOCK_WAIT))
            self._look(step, detail, seconds, error)
            if step.seen_in(before, self.app):
                # It runs only now, perhaps: it is shown as done while it does.
                self._settle(step, detail, seconds, error)
                return

    # --- Small things

    @property
    def _deadline(self) -> float:
        return self.started + self.patience.wait_timeout

    def _rest(self) -> bool:
        """Rest before another look; ``False`` when the patience is at its end."""
        wait = min(self.patience.poll_interval * 2 ** min(self.rests, 10), max(30.0, self.patience.poll_interval))
        self.rests += 1
        left = self._deadline - self.clock.now()
        if left <= 0:
            return False
        self.clock.sleep(min(wait * self.clock.jitter(), left))
        return True

    def _observe(self) -> None:
        """Look, and be patient: a run that has sent something has a reason to find out what became of it."""
        while True:
            try:
                self.app = self.broker.application(self.ref)
                return
            except Untrusted:
                raise
            except (Unreachable, Unanswered):
                if not self._rest():
                    raise

    def _look(self, step: Step, detail: str, seconds: float | None = None, doubt: BrokerError | None = None) -> None:
        """Observe before anything more is decided; when that cannot be done, the run ends here.

        ``doubt``: the answer to ``step`` that left open whether it took effect.
        """
        try:
            self._observe()
        except BrokerError as blind:
            self.changed = self.changed or doubt is not None
            self._give_up(step, detail, doubt or blind, seconds, UNKNOWN if doubt else FAILED)

    def _look_after(self, step: Step, detail: str) -> None:
        """Observe after a success. That it was done stays true when looking fails."""
        self.rests = 0
        try:
            self._observe()
        except BrokerError as blind:
            self.assumed = step.apply_to(self.app)
            self.error, self.asked = blind, f"look at it after: {detail}"
            raise _GiveUpError from blind

    def _done(self, step: Step, detail: str, seconds: float) -> None:
        self.changed = True
        self._record(step, detail, DONE, seconds)

    def _remember(self, step: Step, before: Application) -> None:
        self.memory = self.memory.after(step, before, self.app)

    def _record(self, step: Step, detail: str, status: str, seconds: float | None) -> None:
        self.records.append(StepRecord(step.action, detail, status, seconds))

    def _give_up(
        self, step: Step, detail: str, error: BrokerError, seconds: float | None = None, status: str = FAILED
    ) -> None:
        self._record(step, f"{detail}; {error.text}", status, seconds)
        self.error, self.asked = error, detail
        raise _GiveUpError from error


def send(broker: Broker, app: Application, step: Step) -> None:
    """Send the one write that ``step`` stands for. Raises ``BrokerError``."""
    if isinstance(step, MakeHa):
        broker.make_ha(app.ref)
    elif isinstance(step, DisableHa):
        broker.disable_ha(app.ref)
    elif isinstance(step, ScaleUp):
        broker.scale_up(app.ref)
    elif isinstance(step, ScaleDown):
        broker.scale_down(app.ref)
    elif isinstance(step, SetLimits):
        broker.set_limits(app.ref, str(app.web_cartridge), step.min_gears, step.max_gears)

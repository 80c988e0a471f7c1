# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is there to what is wished: observe, take the first step of the plan, observe again.

The only caller of the broker's writing methods. A write is never blindly sent again: after any doubtful answer
the application is looked at, and the plan is made anew from what is seen. The barrier alone (``_Run._settle``) is sent
again until it is answered: it carries no value, so it changes nothing however often and however late it runs.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    Halted,
    Interrupted,
    NodeFailed,
    Refused,
    Unanswered,
    Unreachable,
    Unseen,
    Untrusted,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import (
    Blocker,
    DesiredState,
    Memory,
    blockers_of,
    next_step,
    plan,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import (
    DisableHa,
    MakeHa,
    ScaleBy,
    ScaleDown,
    ScaleTo,
    ScaleUp,
    SetLimits,
    Step,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import Observation

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
    gears_available: int | None = None

    @property
    def failed(self) -> bool:
        return bool(self.blockers) or self.error is not None


class BrokenOff(Interrupted):
    """The run was ``told`` to stop. ``outcome`` is how far it came: failed, with an error of the kind ``Halted``."""

    def __init__(self, told: Interrupted, outcome: Outcome) -> None:
        done = "; ".join(step.detail for step in outcome.steps if step.status == DONE)
        super().__init__(f"{told} Done: {done}." if done else str(told))
        self.told = told
        self.outcome = outcome


def converge(
    broker: Broker,
    seen: Observation,
    wish: DesiredState,
    patience: Patience,
    clock: Clock | None = None,
    started: float | None = None,
) -> Outcome:
    """Make it so, or say why not. Never raises for what the broker does, but ``BrokenOff`` when told to stop.

    ``started``: the clock's time of the application's first request, from which ``wait_timeout`` counts.
    """
    clock = clock or Clock()
    run = _Run(broker, seen, wish, patience, clock, clock.now() if started is None else started)
    if seen.plan.blockers:
        return run.outcome(blockers=seen.plan.blockers)
    return run.to_the_end()


class _GiveUpError(Exception):
    """The run ends here; what there is to say was recorded."""


@dataclass(frozen=True)
class _Attempt:
    """A write: the step, the application that it met, how long the answer took (``None``: nothing was sent), and the
    answer if it was not a plain success.
    """

    step: Step
    before: Application
    seconds: float | None = None
    error: BrokerError | None = None

    @property
    def detail(self) -> str:
        return self.step.describe(self.before)

    @property
    def doubt(self) -> BrokerError | None:
        """The answer, where it left open whether the write took effect."""
        return self.error if self.error and self.error.may_have_taken_effect else None

    def seen_in(self, app: Application) -> bool:
        """Whether the application shows what the write was to bring."""
        return self.step.seen_in(self.before, app)


@dataclass
class _Run:
    """One application's way: what was seen, what was sent, what is remembered."""

    broker: Broker
    seen: Observation
    wish: DesiredState
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
    #: A write of which it is not known yet whether it took effect.
    open: _Attempt | None = None
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
            while (step := next_step(self.app, self.wish, self.memory)) is not None:
                self._take(step)
        except _GiveUpError:
            pass
        except Interrupted as told:
            raise BrokenOff(told, self._broken_off(told)) from told
        return self.outcome(self.blocked)

    def _broken_off(self, told: Interrupted) -> Outcome:
        self.error, self.asked = Halted(str(told)), None
        if self.open is not None:
            self.changed, self.asked = True, self.open.detail
            self._record(self.open, UNKNOWN, "interrupted before that was known")
        return self.outcome()

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
            notes=() if failed else self.wish.remarks(self.seen.app, self.app, self.memory),
            gears_needed=self.seen.plan.gears_needed,
            gears_available=self.seen.plan.gears_available,
        )

    def _left_over(self) -> tuple[StepRecord, ...]:
        """The steps that were not taken, as the plan now stands (the one that failed is recorded already)."""
        left = plan(self.assumed or self.app, self.wish, memory=self.memory).path
        last = self.records[-1] if self.records else None
        if left and last and last.status in (FAILED, UNKNOWN) and last.action == left[0].step.action:
            left = left[1:]
        return tuple(StepRecord(p.step.action, p.detail, PLANNED) for p in left)

    def _take(self, step: Step) -> None:
        """Send one write and learn what became of it."""
        blockers = blockers_of(step, self.app, self.wish, self.memory)
        if blockers:
            self.blocked = blockers
            raise _GiveUpError
        planned = _Attempt(step, self.app)
        if self.writes >= self.most_writes:
            self._give_up(planned, self._used_up())
        begun = self.clock.now()
        error = self._send(step)
        sent = replace(planned, seconds=round(self.clock.now() - begun, 2), error=error)
        if error is None:
            self._after_success(sent)
        else:
            self._after_error(sent, error)

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

    def _after_success(self, sent: _Attempt) -> None:
        self._done(sent)
        self._look_after(sent)
        self._remember(sent)
        if not sent.step.resendable and not sent.seen_in(self.app):
            self._after_no_effect(sent)

    def _after_error(self, sent: _Attempt, error: BrokerError) -> None:
        self.asked, self.last_error = sent.detail, error
        if isinstance(error, (Busy, Unreachable)):
            # Not done: the step is planned anew, from a new look.
            if isinstance(error, Untrusted) or not self._rest():
                self._give_up(sent, error)
            self._look(sent)
            if self.app != sent.before:
                # What the other operation shows may yet be rolled back.
                self._settle(sent)
        elif isinstance(error, Unanswered):
            self._after_silence(sent, error)
        elif isinstance(error, NodeFailed):
            self._after_node_failure(sent, error)
        elif isinstance(error, Refused):
            self._after_refusal(sent, error)
        else:
            self._give_up(sent, error)

    # --- After an answer that was not a plain success

    def _after_refusal(self, sent: _Attempt, error: Refused) -> None:
        """Refused, perhaps because somebody else was faster: then what they do is waited for, and we go on."""
        self._look(sent)
        same = next_step(self.app, self.wish, self.memory) == sent.step and self.app == sent.before
        if same or sent.step.once:
            self._give_up(sent, error)
        self._settle(sent)
        if sent.seen_in(self.app) and sent.step.action in self.doubted:
            self._done(sent, "the first request, whose answer was lost, took effect after all")
        elif sent.seen_in(self.app):
            self._record(sent, DONE, "somebody else was faster")
        else:
            self._record(sent, FAILED, f"refused: {error.text}")

    def _after_no_effect(self, sent: _Attempt) -> None:
        """The broker answered success and nothing of it is seen: sent again, it could be done twice."""
        self.records.pop()
        unseen = Unseen("The broker answered that it was done, but the application does not show it")
        doubted = replace(sent, error=unseen)
        self._settle(doubted)
        if not sent.seen_in(self.app):
            self._give_up(doubted, unseen, UNKNOWN)
        self._done(sent)

    def _after_silence(self, sent: _Attempt, error: Unanswered) -> None:
        """No usable answer: wait until nothing of it is under way, and look."""
        self._settle(sent)
        if not sent.step.resendable:
            self._watch_for(sent)
        if sent.seen_in(self.app):
            self._done(sent, "its answer was lost, its effect was seen")
            self._remember(sent)
            return
        self.changed = self.changed or self.app != sent.before
        if not sent.step.resendable:
            # It may still be on its way: sent again, it could be done twice.
            self._give_up(sent, error, UNKNOWN)
        self.doubted.add(sent.step.action)
        self._record(sent, FAILED, f"no answer, and no effect was seen: {error.text}")

    def _after_node_failure(self, sent: _Attempt, error: NodeFailed) -> None:
        """Failed below the broker: once it is settled and seen to be rolled back, one more try."""
        self._settle(sent)
        if sent.seen_in(self.app):
            self._done(sent, f"its effect was seen, though the broker said: {error.text}")
            self._remember(sent)
            return
        if sent.step.once or sent.step.action in self.node_failures or self.app != sent.before:
            self.changed = self.changed or self.app != sent.before
            self._give_up(sent, error)
        self.node_failures.add(sent.step.action)
        self._record(sent, FAILED, f"rolled back: {error.text}")

    def _settle(self, sent: _Attempt) -> None:
        """Wait for what may be under way, by the barrier, and look.

        The barrier changes nothing, but waits for the application's lock. A good look alone would prove nothing, as the
        broker shows an operation's end while it runs.
        """
        self.open = sent if sent.doubt else None
        tries = 0
        while True:
            self._look(sent)
            try:
                self.broker.wait_for_lock(self.ref)
                break
            except NodeFailed as queued:
                tries += 1
                if tries >= BARRIER_TRIES or not self._rest():
                    self._lose_sight(sent, queued)
            except (Busy, Unreachable, Unanswered) as doubtful:
                if not self._rest():
                    self._lose_sight(sent, doubtful)
            except BrokerError as refused:
                self._lose_sight(sent, refused)
        self._look(sent)

    def _watch_for(self, sent: _Attempt) -> None:
        """A request may have been waiting for the lock behind the barrier: look until it can wait no longer."""
        if sent.seen_in(self.app):
            return
        until = min(self.clock.now() + LONGEST_LOCK_WAIT, self._deadline)
        while self.clock.now() < until:
            self.clock.sleep(min(max(self.patience.poll_interval, 0.1), LONGEST_LOCK_WAIT))
            self._look(sent)
            if sent.seen_in(self.app):
                # It runs only now, perhaps: it is shown as done while it does.
                self._settle(sent)
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

    def _look(self, sent: _Attempt) -> None:
        """Observe before anything more is decided; when that cannot be done, the run ends here."""
        try:
            self._observe()
        except BrokerError as blind:
            self._lose_sight(sent, blind)

    def _look_after(self, sent: _Attempt) -> None:
        """Observe after a success. That it was done stays true when looking fails."""
        self.rests = 0
        try:
            self._observe()
        except BrokerError as blind:
            self.assumed = sent.step.apply_to(self.app)
            self.memory = self.memory.after(sent.step, sent.before, self.assumed)
            self.error, self.asked = blind, f"look at it after: {sent.detail}"
            raise _GiveUpError from blind

    def _lose_sight(self, sent: _Attempt, why: BrokerError) -> None:
        """The run ends without knowing what became of the write, where its answer left that open."""
        doubt = sent.doubt
        self.changed = self.changed or doubt is not None
        self._give_up(sent, doubt or why, UNKNOWN if doubt else FAILED)

    def _remember(self, sent: _Attempt) -> None:
        self.memory = self.memory.after(sent.step, sent.before, self.app)

    def _done(self, sent: _Attempt, words: str = "") -> None:
        self.changed = True
        self._record(sent, DONE, words)

    def _record(self, sent: _Attempt, status: str, words: str = "") -> None:
        self.open = None
        detail = f"{sent.detail}; {words}" if words else sent.detail
        self.records.append(StepRecord(sent.step.action, detail, status, sent.seconds))

    def _give_up(self, sent: _Attempt, error: BrokerError, status: str = FAILED) -> None:
        self._record(sent, status, error.text)
        self.error, self.asked = error, sent.detail
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
    elif isinstance(step, ScaleTo):
        scale = broker.scale_up if step.up else broker.scale_down
        scale(app.ref, to=step.gears)
    elif isinstance(step, ScaleBy):
        scale = broker.scale_up if step.by > 0 else broker.scale_down
        scale(app.ref, by=abs(step.by))
    elif isinstance(step, SetLimits):
        broker.set_limits(app.ref, step.cartridge or str(app.web_cartridge), step.min_gears, step.max_gears)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring an observed application to its desired state: plan, send the first step, observe, and repeat.

Only this module sends writes. It never simply repeats a write: if an answer does not show the effect, the run observes
the application and plans again. Only the barrier (``Observer.settle``) is repeated until it is answered. It contains no
value, so it never changes anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    Halted,
    Interrupted,
    NodeFailed,
    NoEffect,
    Refused,
    Unanswered,
    Unreachable,
    Untrusted,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import (
    DesiredState,
    Memory,
    blockers_of,
    plan,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import (
    DONE,
    FAILED,
    UNKNOWN,
    Attempt,
    Journal,
    StepRecord,
    record_plan,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import Observation, Observer
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.policy import RetryPolicy
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock, Patience, Waiter


@dataclass(frozen=True)
class Outcome:
    """How a run ended. ``before`` and ``after`` are observations.

    ``changed``: whether a write took effect, or may have. ``error``: why the run failed (``None``: the desired state
    was observed). ``asked``: what failed, as a verb phrase. ``steps``: what was done, what failed, and what was not
    sent.
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


class RunInterrupted(Interrupted):
    """The run was interrupted. ``outcome`` has an error of the class ``Halted``."""

    def __init__(self, cause: Interrupted, outcome: Outcome) -> None:
        done = "; ".join(step.detail for step in outcome.steps if step.status == DONE)
        super().__init__(f"{cause} Done: {done}." if done else str(cause))
        self.cause = cause
        self.outcome = outcome


@dataclass(frozen=True)
class End:
    """The decision to end a run. The fields are those of its ``Outcome``.

    ``expected``: the application after a successful write, if it could not be read afterwards.
    """

    error: BrokerError | None = None
    asked: str | None = None
    blockers: tuple[Blocker, ...] = ()
    expected: Application | None = None


def converge(
    broker: Broker,
    observation: Observation,
    desired: DesiredState,
    patience: Patience,
    clock: Clock | None = None,
    started: float | None = None,
) -> Outcome:
    """Bring the application to its desired state, or return why this failed.

    Raises ``RunInterrupted`` when interrupted, but nothing for errors of the broker. ``started``: the clock's time of
    the application's first request, at which ``wait_timeout`` starts.
    """
    clock = clock or Clock()
    waiter = Waiter(patience, clock, clock.now() if started is None else started)
    run = _Run(broker, observation, desired, clock, waiter)
    if observation.plan.blockers:
        return run.outcome(End(blockers=observation.plan.blockers))
    return run.run_to_the_end()


class _Run:
    """The run for one application.

    The methods that handle a write return ``End``, or ``None`` if the run continues with a new plan.
    """

    def __init__(
        self, broker: Broker, observation: Observation, desired: DesiredState, clock: Clock, waiter: Waiter
    ) -> None:
        self._broker = broker
        self._first = observation
        self._desired = desired
        self._clock = clock
        self._waiter = waiter
        self._observer = Observer(broker, observation.app, waiter)
        self._journal = Journal()
        self._policy = RetryPolicy(len(observation.plan.path))
        self._memory = Memory()

    @property
    def _app(self) -> Application:
        return self._observer.app

    def run_to_the_end(self) -> Outcome:
        end: End | None = None
        try:
            while end is None and (step := self._desired.next_step(self._app, self._memory)) is not None:
                end = self._take(step)
        except Interrupted as cause:
            raise RunInterrupted(cause, self.outcome(self._end_by_interruption(cause))) from cause
        return self.outcome(end or End())

    def _end_by_interruption(self, cause: Interrupted) -> End:
        halted, attempt = Halted(str(cause)), self._journal.open
        if attempt is None:
            return End(halted)
        if attempt.error is None:
            self._journal.add(attempt, DONE)
            return End(halted, expected=self._remember(attempt, attempt.expected))
        self._journal.changed = True
        self._journal.add(attempt, UNKNOWN, "interrupted before the outcome was known")
        return End(halted, attempt.detail)

    def outcome(self, end: End) -> Outcome:
        failed = bool(end.blockers) or end.error is not None
        first = self._first
        return Outcome(
            before=first.app,
            after=self._app,
            steps=(*self._journal.records, *(self._steps_left(end) if failed else ())),
            changed=self._journal.changed,
            blockers=end.blockers,
            error=end.error,
            asked=end.asked,
            notes=() if failed else self._desired.remarks(first.app, self._app, self._memory),
            gears_needed=first.plan.gears_needed,
            gears_available=first.plan.gears_available,
        )

    def _steps_left(self, end: End) -> tuple[StepRecord, ...]:
        """The remaining steps of the present plan. A failed step is recorded already."""
        left = plan(end.expected or self._app, self._desired, memory=self._memory).path
        is_recorded = bool(left) and left[0].step.action == self._journal.last_failed_action
        return record_plan(left[1:] if is_recorded else left)

    def _take(self, step: Step) -> End | None:
        """Send one write and find out what it did."""
        if blockers := blockers_of(step, self._app, self._desired, self._memory):
            return End(blockers=blockers)
        attempt = Attempt(step, self._app)
        if exhaustion := self._policy.exhaustion():
            return self._give_up(attempt, exhaustion)
        begun = self._clock.now()
        error = self._send(attempt)
        attempt = replace(attempt, seconds=round(self._clock.now() - begun, 2), error=error)
        return self._after_success(attempt) if error is None else self._after_error(attempt, error)

    def _send(self, attempt: Attempt) -> BrokerError | None:
        error: BrokerError | None = None
        try:
            self._broker.send(attempt.before.ref, attempt.step.request(attempt.before))
        except BrokerError as answer:
            error = answer
        self._policy.count(error, is_sent=not isinstance(error, (Busy, Unreachable)))
        return error

    def _after_success(self, attempt: Attempt) -> End | None:
        self._journal.changed = True
        self._journal.open = attempt
        self._waiter.reset()
        if error := self._observer.refresh():
            self._journal.add(attempt, DONE)
            expected = self._remember(attempt, attempt.expected)
            return End(error, f"observe the application after: {attempt.detail}", expected=expected)
        self._remember(attempt, self._app)
        if not attempt.step.resendable and not attempt.took_effect(self._app):
            return self._after_no_effect(attempt)
        self._journal.add(attempt, DONE)
        return None

    def _after_error(self, attempt: Attempt, error: BrokerError) -> End | None:
        if isinstance(error, (Busy, Unreachable)):
            return self._after_nothing_was_sent(attempt, error)
        if isinstance(error, Unanswered):
            return self._after_silence(attempt, error)
        if isinstance(error, NodeFailed):
            return self._after_node_failure(attempt, error)
        if isinstance(error, Refused):
            return self._after_refusal(attempt, error)
        return self._give_up(attempt, error)

    def _after_nothing_was_sent(self, attempt: Attempt, error: BrokerError) -> End | None:
        """The write was not done: observe, and plan the step again."""
        if isinstance(error, Untrusted) or not self._waiter.rest():
            return self._give_up(attempt, error)
        failure = self._observer.refresh()
        if failure is None and self._app != attempt.before:
            # The effect of the other operation is visible already, but may still be rolled back.
            failure = self._settle(attempt)
        return self._end_unobserved(attempt, failure) if failure else None

    def _after_refusal(self, attempt: Attempt, error: Refused) -> End | None:
        """The write was refused, perhaps because somebody else did the same first: wait for the end, and continue."""
        if failure := self._observer.refresh():
            return self._end_unobserved(attempt, failure)
        same_step = self._desired.next_step(self._app, self._memory) == attempt.step
        if attempt.step.once or (same_step and self._app == attempt.before):
            return self._give_up(attempt, error)
        if failure := self._settle(attempt):
            return self._end_unobserved(attempt, failure)
        if not attempt.took_effect(self._app):
            self._journal.add(attempt, FAILED, f"refused: {error.text}")
        elif self._policy.was_unanswered(attempt):
            self._journal.add(attempt, DONE, "the first request, which was not answered, took effect")
        else:
            self._journal.add(attempt, DONE, "somebody else did it first", is_ours=False)
        return None

    def _after_no_effect(self, attempt: Attempt) -> End | None:
        """The broker reported success, but no effect was observed. A second request could do the step twice."""
        no_effect = NoEffect("the broker reported success, but the application does not show it")
        doubtful = replace(attempt, error=no_effect)
        if failure := self._settle(doubtful):
            return self._end_unobserved(doubtful, failure)
        if not attempt.took_effect(self._app):
            return self._give_up(doubtful, no_effect, UNKNOWN)
        self._journal.add(attempt, DONE)
        return None

    def _after_silence(self, attempt: Attempt, error: Unanswered) -> End | None:
        """There was no usable answer: wait until the write cannot be in progress any more, and observe."""
        failure = self._settle(attempt)
        if failure is None and not attempt.step.resendable:
            failure = self._observer.watch(attempt.took_effect)
        if failure:
            return self._end_unobserved(attempt, failure)
        if attempt.took_effect(self._app):
            self._journal.add(attempt, DONE, "no answer, but the effect was observed")
            self._remember(attempt, self._app)
            return None
        self._journal.changed = self._journal.changed or self._app != attempt.before
        if not attempt.step.resendable:
            # It may still take effect, so a second request could do it twice.
            return self._give_up(attempt, error, UNKNOWN)
        self._policy.note_unanswered(attempt)
        self._journal.add(attempt, FAILED, f"no answer, and no effect was observed: {error.text}")
        return None

    def _after_node_failure(self, attempt: Attempt, error: NodeFailed) -> End | None:
        """The operation failed on a node: try once more after an observation that it was rolled back."""
        if failure := self._settle(attempt):
            return self._end_unobserved(attempt, failure)
        if attempt.took_effect(self._app):
            self._journal.add(attempt, DONE, f"the effect was observed, although the broker reported: {error.text}")
            self._remember(attempt, self._app)
            return None
        if not self._policy.allows_another_try(attempt, self._app):
            self._journal.changed = self._journal.changed or self._app != attempt.before
            return self._give_up(attempt, error)
        self._journal.add(attempt, FAILED, f"rolled back: {error.text}")
        return None

    def _settle(self, attempt: Attempt) -> BrokerError | None:
        self._journal.open = attempt if attempt.doubt else None
        return self._observer.settle()

    def _end_unobserved(self, attempt: Attempt, failure: BrokerError) -> End:
        """The application cannot be observed. If the answer did not show the effect, the outcome is unknown."""
        doubt = attempt.doubt
        self._journal.changed = self._journal.changed or doubt is not None
        return self._give_up(attempt, doubt or failure, UNKNOWN if doubt else FAILED)

    def _give_up(self, attempt: Attempt, error: BrokerError, status: str = FAILED) -> End:
        self._journal.add(attempt, status, error.text)
        return End(error, attempt.detail)

    def _remember(self, attempt: Attempt, now: Application) -> Application:
        """Remember a write that took effect, and return the application ``now``, observed or expected."""
        self._memory = self._memory.after(attempt.step, attempt.before, now)
        return now

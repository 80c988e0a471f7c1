# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring an observed application to its desired state: plan, send the first step, observe, and repeat.

``writer.py`` sends the step and handles the answer.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import HIGHLY_AVAILABLE, Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Forbidden,
    Halted,
    Interrupted,
    Maintenance,
    NotFound,
    Replaced,
    Unanswered,
    Unauthorized,
    Untrusted,
    Unverified,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.loan import keep_gear
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import (
    DesiredState,
    Memory,
    plan,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import PENDING, Verification
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof_steps import BARRIER
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proving import unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.relocation import abandon, is_half_relocated
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import (
    DONE,
    FAILED,
    UNKNOWN,
    Attempt,
    StepRecord,
    record_plan,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import (
    Observation,
    Observer,
    complete_plan,
    growing,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.policy import RetryPolicy
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.verify import (
    unverified,
    verify,
    verify_until_proven,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock, Patience, Waiter
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.writer import End, Writer

#: What failed, if the end of a run cannot be verified.
VERIFY = "verify the high availability"
#: Errors that the next write would have, too, and those after which none must be sent.
_FINAL = (Forbidden, Maintenance, NotFound, Replaced, Unauthorized, Untrusted)


@dataclass(frozen=True)
class Outcome:
    """How a run ended. ``before`` and ``after`` are observations.

    ``changed``: whether a write took effect, or may have. ``error``: why the run failed (``None``: the desired state
    was observed). ``asked``: what failed, as a verb phrase. ``steps``: what was done, what failed, and what was not
    sent. ``restorable``: the limits from before the run, as a sentence, if it raised them and did not put them back.
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
    restorable: str | None = None

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
    """The run for one application."""

    def __init__(
        self, broker: Broker, observation: Observation, desired: DesiredState, clock: Clock, waiter: Waiter
    ) -> None:
        self._first = observation
        self._broker = broker
        self._desired = desired
        self._clock = clock
        self._waiter = waiter
        self._observer = Observer(broker, observation.app, waiter)
        policy = RetryPolicy(len(observation.plan.path), desired.tries)
        self._writer = Writer(broker, self._observer, desired, policy, clock, waiter)
        #: Why the run fails, although it first puts back what it has changed.
        self._failure: End | None = None

    @property
    def _app(self) -> Application:
        return self._observer.app

    @property
    def _needs_proof(self) -> bool:
        """Whether the run has written, or somebody else's repair is in progress and may still fail.

        The broker shows the result of an operation before its end.
        """
        first = self._first
        had_drift = first.had_drift or bool(first.plan.path)
        return self._writer.memory.rest is not None or (had_drift and not self._observer.is_settled)

    def run_to_the_end(self) -> Outcome:
        end: End | None = None
        try:
            while end is None:
                step = self._desired.next_step(self._app, self._writer.memory)
                end = self._end_or_verify() if step is None else self._take(step)
            self._verify_failure(end)
        except Interrupted as cause:
            end = self._end_by_interruption(cause)
            self._withdraw_claim("the run was interrupted")
            raise RunInterrupted(cause, self.outcome(end)) from cause
        if end.error is not None:
            self._withdraw_claim(end.error.text)
        elif end.blockers:
            self._withdraw_claim(end.blockers[0].reason)
        return self.outcome(end)

    def _withdraw_claim(self, reason: str) -> None:
        """A run that failed or was interrupted must not claim high availability that it could not verify."""
        asked, app = self._desired.verification, self._app
        if asked is None or app.counted_status != HIGHLY_AVAILABLE:
            return
        if app.proof is None and (asked.reads_placement or self._writer.journal.changed):
            self._observer.app = replace(app, proof=unreadable(app, asked, reason).strict())
        elif app.proof is not None and not app.proof.is_readable:
            self._observer.app = replace(app, proof=app.proof.strict())

    def _verify_failure(self, end: End) -> None:
        """A run that failed must not claim more than it verified: the count can be ahead of the truth."""
        asked, app, first = self._desired.verification, self._app, self._first.app
        if asked is None or not end.is_failure or app.proof:
            return
        if app.counted_status != HIGHLY_AVAILABLE:
            # Nothing is claimed. What was read at the beginning is still true if nothing has changed.
            self._observer.app = first if replace(first, proof=None) == app else app
            return
        if not asked.reads_placement and not self._writer.journal.changed:
            return
        if isinstance(end.error, (Unauthorized, Maintenance, Untrusted)):
            # The platform refuses every request, and repeated ones with invalid credentials would lock the account.
            return
        # Otherwise the claim is withdrawn for the reason of the failure.
        with suppress(BrokerError):
            self._observer.app = verify(self._broker, app, asked)

    def _take(self, step: Step) -> End | None:
        if step.is_barrier:
            return self._pass_barrier(step)
        if self._desired.needs_rest(step, self._app):
            return self._wait_for_rest()
        end = self._writer.take(step)
        if end is None:
            return None
        # The first failure is the one to report.
        if self._failure is not None:
            return self._failure
        memory = self._memory_to_restore(step, end)
        if memory is None:
            return end
        self._writer.memory, self._failure = memory, end
        return None

    def _memory_to_restore(self, step: Step, end: End) -> Memory | None:
        """The memory with which the run puts back what it can before it fails, ``None`` if nothing can be done.

        A gear that must not be removed is kept, and the limits are put back. HA, which is disabled for a relocation, is
        enabled again.
        """
        memory = self._writer.memory
        if end.blockers:
            return keep_gear(memory) if step.gives_back else None
        # A removal that still waits for the lock must not meet HA. Other steps do no harm.
        is_pending = isinstance(end.error, Unanswered) and not self._observer.is_settled and not step.resendable
        if is_pending or step.needs_capability or isinstance(end.error, _FINAL):
            return None
        return abandon(memory) if is_half_relocated(self._app, memory) else None

    def _end_or_verify(self) -> End | None:
        """No write leads further: verify what was observed, and end if that was done already."""
        if self._failure is not None:
            return self._failure
        asked, app, memory = self._desired.verification, self._app, self._writer.memory
        claims = asked is not None and app.ha and app.scalable
        if asked is None or not claims or not (self._needs_proof or asked.reads_placement):
            return End()
        if app.proof is None:
            return self._verify(asked)
        if self._needs_proof and not app.proof.is_readable:
            return End(unverified(app.proof), VERIFY)
        if not asked.reads_placement and (pending := app.proof.problem(PENDING)):
            return End(Unverified(pending.reason), VERIFY)
        return End(blockers=self._desired.obstacles(app, memory))

    def _verify(self, asked: Verification) -> End | None:
        """Read the proof, and plan what it makes necessary: the first plan did not contain it."""
        memory = self._writer.memory
        barrier_passed = BARRIER in memory.marks
        try:
            self._observer.app = verify_until_proven(self._broker, self._app, asked, self._waiter, barrier_passed)
            first = plan(self._app, self._desired, memory=memory)
            planned = complete_plan(self._broker, self._app, self._desired, first, memory=memory)
        except BrokerError as error:
            return End(error, VERIFY)
        if not planned.path:
            return None
        self._writer.policy.allow(len(planned.path))
        return End(blockers=planned.blockers) if planned.blockers else None

    def _pass_barrier(self, step: Step) -> End | None:
        """Wait for the end of all operations, observe, and plan anew."""
        attempt = Attempt(step, self._app, sent=self._clock.now())
        failure = self._observer.settle()
        attempt = replace(attempt, seconds=round(self._clock.now() - attempt.sent, 2), error=failure)
        if failure:
            self._writer.journal.add(attempt, FAILED, failure.text)
            # A queued operation may have been rolled back before the barrier failed.
            self._writer.journal.changed = self._writer.journal.changed or self._app != attempt.before
            return End(failure, attempt.detail)
        self._writer.journal.add(attempt, DONE, is_ours=self._app != attempt.before)
        self._writer.memory = self._writer.memory.sent(step, attempt.before)
        asked = self._desired.verification
        return self._verify(asked) if asked is not None else None

    def _end_by_interruption(self, cause: Interrupted) -> End:
        halted, attempt = Halted(str(cause)), self._writer.journal.open
        if attempt is None:
            return End(halted)
        if attempt.error is None:
            self._writer.journal.add(attempt, DONE)
            return End(halted, expected=self._writer.remember(attempt, attempt.expected))
        self._writer.journal.changed = True
        self._writer.journal.add(attempt, UNKNOWN, "interrupted before the outcome was known")
        return End(halted, attempt.detail)

    def outcome(self, end: End) -> Outcome:
        failed, first = end.is_failure, self._first
        return Outcome(
            before=first.app,
            after=self._app,
            steps=(*self._writer.journal.records, *(self._steps_left(end) if failed else ())),
            changed=self._writer.journal.changed,
            blockers=end.blockers,
            error=end.error,
            asked=end.asked,
            notes=() if failed else self._desired.remarks(first.app, self._app, self._writer.memory),
            gears_needed=first.plan.gears_needed,
            gears_available=first.plan.gears_available,
            restorable=self._desired.restorable(end.expected or self._app, self._writer.memory) if failed else None,
        )

    def _steps_left(self, end: End) -> tuple[StepRecord, ...]:
        """The remaining steps of the present plan. A failed step is recorded already."""
        if isinstance(end.error, Replaced):
            return ()
        left = plan(end.expected or self._app, self._desired, memory=self._writer.memory).path
        is_recorded = bool(left) and left[0].step.action == self._writer.journal.last_failed_action
        return record_plan(left[1:] if is_recorded else left)

    def _wait_for_rest(self) -> End | None:
        """Another operation shows limits that are not the owner's: observe again later."""
        asked = "wait for the end of another operation"
        if not self._waiter.rest():
            return End(growing(self._app), asked)
        failure = self._observer.refresh()
        return End(failure, asked) if failure else None

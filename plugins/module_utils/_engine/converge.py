# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring an observed application to its desired state: plan, send the first step, observe, and repeat.

``writer.py`` sends the step and handles the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Halted,
    Interrupted,
    Replaced,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import (
    DesiredState,
    plan,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import (
    DONE,
    UNKNOWN,
    StepRecord,
    record_plan,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import Observation, Observer, growing
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.policy import RetryPolicy
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock, Patience, Waiter
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.writer import End, Writer


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
        self._desired = desired
        self._waiter = waiter
        self._observer = Observer(broker, observation.app, waiter)
        policy = RetryPolicy(len(observation.plan.path))
        self._writer = Writer(broker, self._observer, desired, policy, clock, waiter)

    @property
    def _app(self) -> Application:
        return self._observer.app

    def run_to_the_end(self) -> Outcome:
        end: End | None = None
        try:
            while end is None and (step := self._desired.next_step(self._app, self._writer.memory)) is not None:
                end = self._wait_for_rest() if self._desired.needs_rest(step, self._app) else self._writer.take(step)
        except Interrupted as cause:
            raise RunInterrupted(cause, self.outcome(self._end_by_interruption(cause))) from cause
        return self.outcome(end or End())

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
        failed = bool(end.blockers) or end.error is not None
        first = self._first
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

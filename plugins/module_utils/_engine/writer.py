# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send one write and find out what it did: only this module sends writes.

It never simply repeats a write: if an answer does not show the effect, the run observes the application and plans
again. Only the barrier (``Observer.settle``) is repeated until it is answered. It contains no value, so it never
changes anything.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    NodeFailed,
    NoEffect,
    Refused,
    Replaced,
    Unanswered,
    Unreachable,
    Untrusted,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import (
    DesiredState,
    Memory,
    blockers_of,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.relocation import abandon
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import (
    DONE,
    FAILED,
    UNKNOWN,
    Attempt,
    Journal,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import Observer
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.policy import RetryPolicy
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.safety import removal_refusal, removes_gears
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.verify import verify
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock, Waiter


@dataclass(frozen=True)
class End:
    """The decision to end a run. The fields are those of its ``Outcome``.

    ``expected``: the application after a successful write, if it could not be read afterwards.
    """

    error: BrokerError | None = None
    asked: str | None = None
    blockers: tuple[Blocker, ...] = ()
    expected: Application | None = None

    @property
    def is_failure(self) -> bool:
        return bool(self.blockers) or self.error is not None


@dataclass(frozen=True)
class _NotSent:
    """A write that was not sent. ``end``: the decision to end the run, ``None`` if it continues."""

    end: End | None


class Writer:
    """Sends the writes of a run, and records what became of them.

    The methods that handle a write return ``End``, or ``None`` if the run continues with a new plan.
    """

    def __init__(
        self,
        broker: Broker,
        observer: Observer,
        desired: DesiredState,
        policy: RetryPolicy,
        clock: Clock,
        waiter: Waiter,
    ) -> None:
        self._broker = broker
        self._observer = observer
        self._desired = desired
        self.policy = policy
        self._clock = clock
        self._waiter = waiter
        self.journal, self.memory = Journal(), Memory()

    @property
    def _app(self) -> Application:
        return self._observer.app

    def take(self, step: Step) -> End | None:
        """Send one write and find out what it did."""
        if blockers := blockers_of(step, self._app, self._desired, self.memory):
            return End(blockers=blockers)
        attempt = Attempt(step, self._app)
        if removes_gears(step, attempt.before) and (refusal := self._check_removal(attempt)):
            return refusal.end
        if exhaustion := self.policy.exhaustion(step):
            return self._give_up(attempt, exhaustion)
        sent = self._clock.now()
        error = self._send(attempt)
        attempt = replace(attempt, sent=sent, seconds=round(self._clock.now() - sent, 2), error=error)
        return self._after_success(attempt) if error is None else self._after_error(attempt, error)

    def _check_removal(self, attempt: Attempt) -> _NotSent | None:
        """Remove no gear while a node does not answer."""
        step = attempt.step
        try:
            found = removal_refusal(self._broker, step, attempt.before)
        except BrokerError as error:
            end = End(error, f"read the states of the gears before this step: {attempt.detail}")
            if isinstance(error, Replaced):
                return _NotSent(end)
        else:
            if not found:
                return None
            end = End(blockers=found)
        if step.relocates and not attempt.before.ha:
            # HA is disabled already: enable it again. The problem remains, and is reported at the end.
            self.memory = abandon(self.memory)
            return _NotSent(None)
        if step.gives_back and self._waiter.rest():
            # A gear that another operator is adding is not known to its node yet.
            failure = self._observer.refresh()
            return _NotSent(self._end_unobserved(attempt, failure) if failure else None)
        return _NotSent(end)

    def _send(self, attempt: Attempt) -> BrokerError | None:
        error: BrokerError | None = None
        try:
            self._broker.send(attempt.before.ref, attempt.step.request(attempt.before))
        except BrokerError as answer:
            error = answer
        is_sent = not isinstance(error, (Busy, Unreachable))
        self.policy.count(error, is_sent)
        if is_sent:
            self.memory = self.memory.sent(attempt.step, attempt.before)
        return error

    def _after_success(self, attempt: Attempt) -> End | None:
        self.journal.changed = True
        self.journal.open = attempt
        self._waiter.reset()
        if error := self._observer.refresh():
            self.journal.add(attempt, DONE)
            expected = self.remember(attempt, attempt.expected)
            return End(error, f"observe the application after: {attempt.detail}", expected=expected)
        self.remember(attempt, self._app)
        if not attempt.step.resendable and not attempt.took_effect(self._app):
            return self._after_no_effect(attempt)
        self.journal.add(attempt, DONE)
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
        same_step = self._desired.next_step(self._app, self.memory) == attempt.step
        if attempt.step.once or (same_step and self._app == attempt.before):
            return self._give_up(attempt, error)
        if failure := self._settle(attempt):
            return self._end_unobserved(attempt, failure)
        if not attempt.took_effect(self._app):
            self.journal.add(attempt, FAILED, f"refused: {error.text}")
        elif self.policy.was_unanswered(attempt):
            self.journal.add(attempt, DONE, "the first request, which was not answered, took effect")
        else:
            self.journal.add(attempt, DONE, "somebody else did it first", is_ours=False)
        return None

    def _after_no_effect(self, attempt: Attempt) -> End | None:
        """The broker reported success, but no effect was observed. A second request could do the step twice."""
        no_effect = NoEffect("the broker reported success, but the application does not show it")
        doubtful = replace(attempt, error=no_effect)
        if failure := self._settle(doubtful):
            return self._end_unobserved(doubtful, failure)
        if not attempt.took_effect(self._app):
            return self._give_up(doubtful, no_effect, UNKNOWN)
        self.journal.add(attempt, DONE)
        return None

    def _after_silence(self, attempt: Attempt, error: Unanswered) -> End | None:
        """There was no usable answer: wait until the write cannot be in progress any more, and observe."""
        if failure := self._settle(attempt, unanswered_since=attempt.sent):
            return self._end_unobserved(attempt, failure)
        if self._shows_effect(attempt):
            self.journal.add(attempt, DONE, "no answer, but the effect was observed")
            self.remember(attempt, self._app)
            return None
        self.journal.changed = self.journal.changed or self._app != attempt.before
        if not attempt.step.resendable:
            # It may still take effect, so a second request could do it twice.
            return self._give_up(attempt, error, UNKNOWN)
        self.policy.note_unanswered(attempt)
        self.journal.add(attempt, FAILED, f"no answer, and no effect was observed: {error.text}")
        return None

    def _after_node_failure(self, attempt: Attempt, error: NodeFailed) -> End | None:
        """The operation failed on a node: try again after an observation that it was rolled back."""
        if failure := self._settle(attempt):
            return self._end_unobserved(attempt, failure)
        if self._shows_effect(attempt):
            self.journal.add(attempt, DONE, f"the effect was observed, although the broker reported: {error.text}")
            self.remember(attempt, self._app)
            return None
        is_allowed = self.policy.allows_another_try(attempt, self._app)
        if not is_allowed or (self.policy.is_persistent(attempt) and not self._waiter.rest()):
            self.journal.changed = self.journal.changed or self._app != attempt.before
            return self._give_up(attempt, error)
        self.journal.add(attempt, FAILED, f"rolled back: {error.text}")
        return None

    def _shows_effect(self, attempt: Attempt) -> bool:
        """Whether the application, or its placement, shows the effect of a write."""
        asked = self._desired.verification
        if attempt.step.shows_in_proof and asked is not None:
            with suppress(BrokerError):
                self._observer.app = verify(self._broker, self._app, asked)
        return attempt.took_effect(self._app)

    def _settle(self, attempt: Attempt, unanswered_since: float | None = None) -> BrokerError | None:
        self.journal.open = attempt if attempt.doubt else None
        return self._observer.settle(unanswered_since, in_doubt=attempt.doubt is not None)

    def _end_unobserved(self, attempt: Attempt, failure: BrokerError) -> End:
        """The application cannot be observed. If the answer did not show the effect, the outcome is unknown."""
        doubt = attempt.doubt
        self.journal.changed = self.journal.changed or doubt is not None
        if isinstance(failure, Replaced):
            self.journal.add(attempt, UNKNOWN if doubt else FAILED, doubt.text if doubt else failure.text)
            return End(failure, attempt.detail)
        return self._give_up(attempt, doubt or failure, UNKNOWN if doubt else FAILED)

    def _give_up(self, attempt: Attempt, error: BrokerError, status: str = FAILED) -> End:
        self.journal.add(attempt, status, error.text)
        return End(error, attempt.detail)

    def remember(self, attempt: Attempt, now: Application) -> Application:
        """Remember a write that took effect, and return the application ``now``, observed or expected."""
        self.memory = self.memory.after(attempt.step, attempt.before, now)
        return now

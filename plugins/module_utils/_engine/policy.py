# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a run retries a step."""

from __future__ import annotations

from collections import Counter

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import FEW_TRIES
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import Attempt


class RetryPolicy:
    """Counts the writes, and decides whether a retry is allowed.

    ``tries``: how often a step may be sent, if the application is observed to be unchanged after a failure on a node. A
    run sends at most this many times the writes of its first plan. These limits do not apply to a step that restores
    what the run itself changed: it is retried until the time is up. A step that could be done twice is sent at most
    twice.
    """

    def __init__(self, planned_writes: int, tries: int = FEW_TRIES) -> None:
        self._tries = tries
        self._most_writes = tries * max(1, planned_writes)
        self._writes = 0
        self._failures_on_node: Counter[str] = Counter()
        self._unanswered: set[str] = set()
        self._last_error: BrokerError | None = None

    def allow(self, planned_writes: int) -> None:
        """Allow as many writes as a new plan needs, because the first one was for another application."""
        self._most_writes = self._writes + self._tries * max(1, planned_writes)

    def count(self, error: BrokerError | None, is_sent: bool) -> None:
        """Count a write and keep its error."""
        self._writes += is_sent
        self._last_error = error or self._last_error

    def exhaustion(self, step: Step) -> BrokerError | None:
        """The error if no further write is allowed, with the last answer of the broker."""
        if self._writes < self._most_writes or step.restores:
            return None
        reason = f"{self._writes} writes did not lead to the desired state, so no more are sent"
        last = self._last_error
        return BrokerError(f"{reason}. The last answer: {last.text}" if last else reason)

    def allows_another_try(self, attempt: Attempt, now: Application) -> bool:
        """Whether to retry a step that failed on a node: only if it was rolled back, and not too often.

        Raising the minimum twice has the same effect as once, so a change by somebody else does not matter.
        """
        step = attempt.step
        if step.restores:
            return True
        is_changed = now != attempt.before and not step.raises_minimum
        tries = self._tries if step.resendable else FEW_TRIES
        self._failures_on_node[step.action] += 1
        return not (step.once or is_changed) and self._failures_on_node[step.action] < tries

    def is_persistent(self, attempt: Attempt) -> bool:
        """Whether the step has failed on a node more than once: an immediate retry would probably fail again."""
        return attempt.step.restores or self._failures_on_node[attempt.step.action] > 1

    def note_unanswered(self, attempt: Attempt) -> None:
        self._unanswered.add(attempt.step.action)

    def was_unanswered(self, attempt: Attempt) -> bool:
        """Whether an earlier request for the same step was not answered. It may have taken effect meanwhile."""
        return attempt.step.action in self._unanswered

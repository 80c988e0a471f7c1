# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of a run: its writes with their answers, and the steps to return."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import PlannedStep
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Step

DONE = "done"
PLANNED = "planned"
FAILED = "failed"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class StepRecord:
    """A step and its status. ``seconds`` is ``None`` when nothing was sent; ``once`` is that of the step."""

    action: str
    detail: str
    status: str
    seconds: float | None = None
    once: bool = False


def record_plan(path: Iterable[PlannedStep]) -> tuple[StepRecord, ...]:
    """The records of steps that were not taken."""
    return tuple(StepRecord(planned.step.action, planned.detail, PLANNED) for planned in path)


@dataclass(frozen=True)
class Attempt:
    """A write: its step, the application before it, the clock's time when it was sent, the seconds until the answer
    (``None``: nothing was sent), and the answer if it was not a plain success.
    """

    step: Step
    before: Application
    sent: float = 0.0
    seconds: float | None = None
    error: BrokerError | None = None

    @property
    def detail(self) -> str:
        return self.step.describe(self.before)

    @property
    def doubt(self) -> BrokerError | None:
        """The error, if it does not show whether the write took effect."""
        return self.error if self.error and self.error.may_have_taken_effect else None

    @property
    def expected(self) -> Application:
        """The application after the write, as its step predicts it."""
        return self.step.apply_to(self.before)

    def took_effect(self, app: Application) -> bool:
        """Whether the application shows the effect of the write."""
        return self.step.took_effect(self.before, app)


class Journal:
    """The records of a run, in order.

    ``changed``: whether a write took effect, or may have. ``open``: a write whose record is not complete yet.
    """

    def __init__(self) -> None:
        self.records: list[StepRecord] = []
        self.changed = False
        self.open: Attempt | None = None

    def add(self, attempt: Attempt, status: str, note: str = "", is_ours: bool = True) -> None:
        """Record the status of a write, with a ``note``. ``is_ours``: whether this run caused the effect."""
        self.open = None
        self.changed = self.changed or (status == DONE and is_ours)
        detail = f"{attempt.detail}; {note}" if note else attempt.detail
        step = attempt.step
        self.records.append(StepRecord(step.action, detail, status, attempt.seconds, step.once))

    @property
    def last_failed_action(self) -> str | None:
        """The action of the last record, if that step failed or its outcome is unknown."""
        last = self.records[-1] if self.records else None
        return last.action if last and last.status in (FAILED, UNKNOWN) else None

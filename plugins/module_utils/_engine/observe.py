# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe an application: once before the first write, and with retries afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, Domain, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    Forbidden,
    NodeFailed,
    NotFound,
    TooLarge,
    Unanswered,
    Unreachable,
    Untrusted,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import DesiredState, Plan, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.token_scopes import forbid
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Waiter

#: Seconds that a request may wait for the application's lock: 10 polls, 5 seconds apart (docs/broker.md).
LONGEST_LOCK_WAIT = 50.0
#: How often the barrier is tried if it fails because of a queued operation.
BARRIER_TRIES = 3


@dataclass(frozen=True)
class Observation:
    """An application as it was observed before the first write, and the plan for it."""

    app: Application
    plan: Plan


def observe(broker: Broker, ref: AppRef, desired: DesiredState, thorough: bool = False) -> Observation:
    """Read the application (one ``GET``) and plan.

    If more than one write is planned, also read the quota, because a refusal after the first write would leave a
    degraded application. ``thorough`` (in check mode): read it before a single write, too. Raises ``BrokerError``.
    """
    app = broker.application(ref)
    first = plan(app, desired)
    if first.path and not first.blockers and (thorough or len(first.path) > 1):
        first = plan(app, desired, read_quota(broker, app, first, thorough))
    return Observation(app, forbid(first, app, broker.scopes))


def read_quota(broker: Broker, app: Application, first: Plan, thorough: bool) -> GearQuota:
    """The limits of owner and caller, as far as the credentials may read them: two ``GET``, or three.

    The third reads whether the platform allows HA. It is only sent if a refusal of make-ha would come too late.
    """
    domain = _read_domain(broker, app.domain)
    later_steps = first.steps[0 if thorough else 1 :]
    return GearQuota(
        owner=(domain.owner if domain else None) or app.owner,
        available_gears=domain.available_gears if domain else None,
        caller=read_caller(broker),
        ha_allowed=broker.offers_ha(app.ref) if any(step.needs_capability for step in later_steps) else None,
    )


def _read_domain(broker: Broker, name: str) -> Domain | None:
    """The domain, or ``None`` if the scope of the token does not include it."""
    try:
        return broker.domain(name)
    except (Forbidden, NotFound):
        return None


def read_caller(broker: Broker) -> Caller | None:
    """The caller, or ``None`` if the scope of the token does not include it."""
    try:
        return broker.caller()
    except (Forbidden, NotFound):
        return None


class Observer:
    """Observes one application during a run. ``app`` is the last observation.

    The methods return the error after which they gave up, or ``None``.
    """

    def __init__(self, broker: Broker, app: Application, waiter: Waiter) -> None:
        self._broker = broker
        self._waiter = waiter
        self._ref = app.ref
        self.app = app

    def refresh(self) -> BrokerError | None:
        """Read the application, with retries until the time is up, because the effect of a write must be known."""
        while True:
            try:
                self.app = self._broker.application(self._ref)
            except (Unreachable, Unanswered) as error:
                if isinstance(error, (Untrusted, TooLarge)) or not self._waiter.rest():
                    return error
            except BrokerError as error:
                return error
            else:
                return None

    def settle(self) -> BrokerError | None:
        """Send the barrier, which waits until no earlier operation is in progress, and read the application.

        The barrier changes nothing, but waits for the application's lock. An observation alone is not enough, because
        the broker shows the result of an operation before it has ended.
        """
        failures = 0
        while True:
            if error := self.refresh():
                return error
            error = self._pass_barrier()
            if error is None:
                return self.refresh()
            failures += isinstance(error, NodeFailed)
            is_passing = isinstance(error, (NodeFailed, Busy, Unreachable, Unanswered))
            if not is_passing or failures >= BARRIER_TRIES or not self._waiter.rest():
                return error

    def _pass_barrier(self) -> BrokerError | None:
        try:
            self._broker.wait_for_lock(self._ref)
        except BrokerError as error:
            return error
        return None

    def watch(self, is_effective: Callable[[Application], bool]) -> BrokerError | None:
        """Wait for an effect, until no request can still be waiting for the lock behind the barrier."""
        if is_effective(self.app):
            return None
        for _pause in self._waiter.pauses(LONGEST_LOCK_WAIT):
            if error := self.refresh():
                return error
            if is_effective(self.app):
                # It may still be in progress: the broker shows the result before the end.
                return self.settle()
        return None

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe an application: before anything is sent, and patiently afterwards."""

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
    Unanswered,
    Unreachable,
    Untrusted,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import DesiredState, Plan, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Waiter

#: Seconds that a request may wait for the application's lock: 10 polls, 5 seconds apart (docs/broker.md).
LONGEST_LOCK_WAIT = 50.0
#: How often the barrier is tried again when it meets the error of an operation that is still queued.
BARRIER_TRIES = 3


@dataclass(frozen=True)
class Observation:
    """An application as it was observed before anything is sent, and the plan made from that."""

    app: Application
    plan: Plan


def observe(broker: Broker, ref: AppRef, desired: DesiredState, thorough: bool = False) -> Observation:
    """Read the application and plan; ``thorough`` (check mode): with all that the API can show in advance.

    One ``GET``; where more than one write is planned, or with ``thorough``, also the owner's and the caller's quota: a
    refusal after the first write would leave a degraded application. Raises ``BrokerError``.
    """
    app = broker.application(ref)
    first = plan(app, desired)
    if first.path and not first.blockers and (thorough or len(first.path) > 1):
        first = plan(app, desired, read_quota(broker, app, first, thorough))
    return Observation(app, first)


def read_quota(broker: Broker, app: Application, first: Plan, thorough: bool) -> GearQuota:
    """The limits of owner and caller, as far as these credentials may read them: two ``GET``, or three.

    The third asks whether the platform allows HA; it is sent where make-ha's own refusal would come too late.
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


class Observer:
    """Observes one application during a run. ``app`` is the last observation.

    The methods return the error that ended the patience, or ``None``.
    """

    def __init__(self, broker: Broker, app: Application, waiter: Waiter) -> None:
        self._broker = broker
        self._waiter = waiter
        self._ref = app.ref
        self.app = app

    def refresh(self) -> BrokerError | None:
        """Read the application, patiently: after a write there is a reason to find out what it did."""
        while True:
            try:
                self.app = self._broker.application(self._ref)
            except (Unreachable, Unanswered) as error:
                if isinstance(error, Untrusted) or not self._waiter.rest():
                    return error
            except BrokerError as error:
                return error
            else:
                return None

    def settle(self) -> BrokerError | None:
        """Wait until no earlier operation is in progress, by the barrier, and read the application.

        The barrier changes nothing, but waits for the application's lock. An observation alone would prove nothing,
        because the broker shows the end of an operation while it runs.
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

    def watch(self, is_seen: Callable[[Application], bool]) -> BrokerError | None:
        """Watch for an effect until no request can still be waiting for the lock behind the barrier."""
        if is_seen(self.app):
            return None
        for _pause in self._waiter.pauses(LONGEST_LOCK_WAIT):
            if error := self.refresh():
                return error
            if is_seen(self.app):
                # Perhaps it is still running: the broker shows it as done meanwhile.
                return self.settle()
        return None

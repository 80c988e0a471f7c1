# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe an application: once before the first write, and with retries afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, Domain, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    Forbidden,
    Maintenance,
    NodeFailed,
    NotFound,
    TooLarge,
    Unanswered,
    Unauthorized,
    Unreachable,
    Untrusted,
    replaced,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import DesiredState, Memory, Plan, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.token_scopes import forbid
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.safety import predicted_refusal
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.verify import examine, verify
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Waiter

#: How often the barrier is tried if it fails because of a queued operation.
BARRIER_TRIES = 3
#: Errors of the barrier that may pass, and those after which it is not sent again.
_PASSING = (NodeFailed, Busy, Unreachable, Unanswered)
_FOR_GOOD = (Unauthorized, Forbidden, NotFound)


@dataclass(frozen=True)
class Observation:
    """An application as it was observed before the first write, and the plan for it.

    ``had_drift``: an earlier observation of the same run showed drift. If this one does not, somebody else has repaired
    the application, or is about to, and may still fail.
    """

    app: Application
    plan: Plan
    had_drift: bool = False


def observe(
    broker: Broker,
    ref: AppRef,
    desired: DesiredState,
    thorough: bool = False,
    waiter: Waiter | None = None,
    former: str | None = None,
    just_read: Application | None = None,
) -> Observation:
    """Read the application (one ``GET``), unless it was ``just_read``, and plan.

    If the account may block a write that comes too late, also read the quota, because a refusal after the first write
    would leave a degraded application. ``thorough`` (in check mode): read it before a single write, too. ``waiter``:
    wait while another operation shows limits that are not the owner's. ``former``: the application's id in an earlier
    observation, which showed drift. Raises ``BrokerError``.
    """
    app = first_app = just_read or _read(broker, ref, former)
    if waiter is not None:
        app = wait_for_rest(broker, app, desired, waiter)
    asked, first = desired.verification, plan(app, desired)
    if asked is not None and asked.reads_placement:
        app = verify(broker, app, asked)
        if first.path and first.after.ha and not app.ha and app.scalable:
            app = examine(broker, app, asked)
        first = plan(app, desired)
    had_drift = former is not None or app is not first_app
    return Observation(app, complete_plan(broker, app, desired, first, thorough), had_drift)


def complete_plan(
    broker: Broker,
    app: Application,
    desired: DesiredState,
    first: Plan,
    thorough: bool = False,
    memory: Memory | None = None,
) -> Plan:
    """The plan with what the application itself does not show: the quota, and in check mode silent nodes."""
    if first.path and not first.blockers and (thorough or _may_fail_later(first)):
        first = plan(app, desired, read_quota(broker, app, first, thorough), memory)
    first = forbid(first, app, broker.scopes)
    if thorough and not first.blockers and (refusal := predicted_refusal(broker, first)):
        return replace(first, blockers=refusal, after=app)
    return first


def wait_for_rest(broker: Broker, app: Application, desired: DesiredState, waiter: Waiter) -> Application:
    """Read the application until no other operation shows limits that the plan would keep. Raises ``BrokerError``."""
    while (step := desired.next_step(app, Memory())) is not None and desired.needs_rest(step, app):
        if not waiter.rest():
            raise broker.sign(growing(app))
        app = _read(broker, app.ref, app.id)
    return app


def _read(broker: Broker, ref: AppRef, former: str | None) -> Application:
    app = broker.application(ref)
    if former is not None and app.id != former:
        raise broker.sign(replaced(f"the id was {former} and is {app.id}"))
    return app


def _may_fail_later(first: Plan) -> bool:
    """Whether the account's limits concern a later write than the first. The broker itself refuses the first one."""
    return any(planned.gears > 0 or planned.step.needs_capability for planned in first.path[1:])


def growing(app: Application) -> Busy:
    """The error for an application whose minimum is above its gears: another operation is adding gears."""
    gears = count_gears(app.web_gears)
    return Busy(f"another operation is adding gears: the minimum is {app.min_gears} and the application has {gears}")


def read_quota(broker: Broker, app: Application, first: Plan, thorough: bool) -> GearQuota:
    """The limits of owner and caller, as far as the credentials may read them: two ``GET``, or three.

    The third reads whether the platform allows HA. It is only sent if it would be too late for the broker to refuse
    make-ha.
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

    ``is_settled``: it was made after the end of all earlier operations. The methods return the error after which they
    gave up, or ``None``.
    """

    def __init__(self, broker: Broker, app: Application, waiter: Waiter) -> None:
        self._broker = broker
        self._waiter = waiter
        self._ref = app.ref
        self.app = app
        self.is_settled = False

    def refresh(self) -> BrokerError | None:
        """Read the application, with retries until the time is up, because the effect of a write must be known."""
        self.is_settled = False
        while True:
            try:
                self.app = _read(self._broker, self._ref, self.app.id)
            except (Unreachable, Unanswered) as error:
                if isinstance(error, (Untrusted, TooLarge)) or not self._waiter.rest():
                    return error
            except BrokerError as error:
                return error
            else:
                return None

    def settle(self, unanswered_since: float | None = None, in_doubt: bool = False) -> BrokerError | None:
        """Send the barrier, which waits until no earlier operation is in progress, and read the application.

        The barrier changes nothing, but waits for the application's lock. An observation alone is not enough, because
        the broker shows the result of an operation before it has ended. ``unanswered_since``: when a write was sent
        that was not answered. It may not have the lock yet, and the barrier may overtake it. ``in_doubt``: if the
        barrier is refused, observe until the time is up, because the last observation is all that can be reported.
        """
        is_certain = unanswered_since is None or self._waiter.outlast_lock(unanswered_since)
        failures, refusal = 0, None
        while True:
            if error := self.refresh():
                may_pass = in_doubt and isinstance(error, Maintenance)
            elif isinstance(refusal, _FOR_GOOD):
                error, may_pass = refusal, True
            else:
                error = refusal = self._pass_barrier()
                if error is None:
                    error = self.refresh() or (None if is_certain else _time_is_up())
                    self.is_settled = error is None
                    return error
                failures += isinstance(error, NodeFailed)
                may_pass = failures < BARRIER_TRIES and (in_doubt or isinstance(error, _PASSING))
            if not may_pass or not self._waiter.rest():
                return error

    def _pass_barrier(self) -> BrokerError | None:
        try:
            self._broker.wait_for_lock(self._ref)
        except BrokerError as error:
            return error
        return None


def _time_is_up() -> BrokerError:
    return BrokerError("the time was up before the outcome was certain")

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look before anything is sent: the application, and where it matters what its owner and the caller have room for."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, Domain, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Forbidden, NotFound
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import DesiredState, Plan, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import MakeHa


@dataclass(frozen=True)
class Observation:
    """What was seen before anything is sent, and the plan made from it."""

    app: Application
    plan: Plan


def observe(broker: Broker, ref: AppRef, wish: DesiredState, thorough: bool = False) -> Observation:
    """Look at the application and plan; ``thorough`` (check mode): know beforehand all that the API can tell.

    One ``GET``; where more than one write is planned, or with ``thorough``, also the owner's and the caller's room:
    a refusal half-way would leave an application that is HA in name only. Raises ``BrokerError``.
    """
    app = broker.application(ref)
    first = plan(app, wish)
    if first.path and not first.blockers and (thorough or len(first.path) > 1):
        first = plan(app, wish, read_quota(broker, app, first, thorough))
    return Observation(app, first)


def read_quota(broker: Broker, app: Application, first: Plan, thorough: bool) -> GearQuota:
    """What the limits leave room for, as far as these credentials may see it: two ``GET``, or three.

    The third asks whether the platform offers HA at all; only where make-ha's own refusal would come too late.
    """
    domain = _domain(broker, app.domain)
    making_later = any(isinstance(step, MakeHa) for step in first.steps[0 if thorough else 1 :])
    return GearQuota(
        owner=(domain.owner if domain else None) or app.owner,
        available_gears=domain.available_gears if domain else None,
        caller=read_caller(broker),
        ha_allowed=broker.offers_ha(app.ref) if making_later else None,
    )


def _domain(broker: Broker, name: str) -> Domain | None:
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

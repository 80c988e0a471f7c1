# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognize a refusal by the platform itself: more requests of a fleet would end in the same way. Pure.

Repeated requests with invalid credentials lock accounts. Other failures, such as "no nodes available", are often a
matter of one application, so they stop nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import classify_refusal
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Maintenance,
    Refused,
    Unauthorized,
    Untrusted,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Outcome
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import FleetApp

#: The code of the refusal, and of the blocker, on a platform without high availability.
HA_DISABLED = "ha_disabled"
#: The reasons by the class of the error.
REASONS: tuple[tuple[type[BrokerError], str], ...] = (
    (Unauthorized, "the broker did not accept the credentials of an earlier request"),
    (Maintenance, "the broker is in maintenance"),
    (Untrusted, "the broker's certificate is not trusted any more"),
)


@dataclass(frozen=True)
class PlatformRefusal:
    """Why no further repair starts. ``kind`` is that of the error, or the code of the refusal."""

    kind: str
    reason: str

    def concerns(self, entry: FleetApp) -> bool:
        """Whether the repair of the application would end in the same way."""
        if self.kind == HA_DISABLED:
            return any(step.needs_capability for step in entry.plan.steps)
        return True


WITHOUT_HA = PlatformRefusal(HA_DISABLED, "the platform does not allow high availability")


def find_refusal(outcome: Outcome | None) -> PlatformRefusal | None:
    """The refusal by the platform itself in an outcome, also a predicted one."""
    if outcome is None:
        return None
    if any(blocker.code == HA_DISABLED for blocker in outcome.blockers):
        return WITHOUT_HA
    if isinstance(outcome.error, Refused) and classify_refusal(outcome.error) == HA_DISABLED:
        return WITHOUT_HA
    return find_platform_refusal(outcome.error)


def find_platform_refusal(error: BrokerError | None) -> PlatformRefusal | None:
    """The refusal by the platform itself that concerns every request."""
    if error is None:
        return None
    found = (PlatformRefusal(error.kind, reason) for kind, reason in REASONS if isinstance(error, kind))
    return next(found, None)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observe and plan the applications that the options of ``openshift_apps_ha`` list or select."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import (
    desired_ha_from,
    patience_from,
    selection_from,
    targets_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policies import PolicyOption, policy_from
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import Selection, find_unmatched, select
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import (
    Fleet,
    FoundTarget,
    Target,
    look_up,
    plan_fleet,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.verify import Pace
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock, Patience


def fleet_observer(params: Mapping[str, Any], clock: Clock | None, pace: Pace) -> Callable[[Broker], Fleet]:
    """The function that observes the list or the selection in the options. Raises ``OptionError``.

    ``clock`` (in check mode): to wait for other operations that are adding gears.
    """
    policy = policy_from(params)
    plan = partial(_plan_by_policy, policy, clock, pace)
    if params.get("applications") is not None:
        targets, repeated = targets_from(params)
        return partial(_observe_list, targets, repeated, plan)
    desired, patience = desired_ha_from(params), patience_from(params)
    return partial(_observe_selection, selection_from(params), desired, patience, plan)


#: Plans the found applications of a fleet.
PlanFound = Callable[[Broker, Sequence[FoundTarget]], Fleet]


def _plan_by_policy(
    policy: PolicyOption | None, clock: Clock | None, pace: Pace, broker: Broker, found: Sequence[FoundTarget]
) -> Fleet:
    """The plans for the desired states that the policy gives. Raises ``OptionError`` for a contradiction."""
    if policy is None:
        return plan_fleet(broker, found, clock, pace)
    fleet = plan_fleet(broker, [policy.settle(each) for each in found], clock, pace)
    return replace(fleet, by_policy=True, unused_rules=policy.find_unused(fleet))


def _observe_list(targets: tuple[Target, ...], repeated: tuple[str, ...], plan: PlanFound, broker: Broker) -> Fleet:
    """The applications of a list with their plans. An empty list needs no request. Raises ``RepeatedTarget``."""
    fleet = plan(broker, look_up(broker.applications(), targets)) if targets else Fleet(())
    return replace(fleet, repeated_in_list=repeated)


def _observe_selection(
    selection: Selection, desired: DesiredHa, patience: Patience, plan: PlanFound, broker: Broker
) -> Fleet:
    """The applications of a selection with their plans."""
    apps = broker.applications(selection.owned_only)
    selected = select(apps, selection)
    targets = (Target(unique.app.ref, desired, patience, listed=False) for unique in selected)
    fleet = plan(broker, list(map(FoundTarget, targets, selected)))
    return replace(fleet, unmatched=find_unmatched(apps, selection))

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan many applications. Those that differ only in their names share one plan. Pure.

A fleet of thousands has a few dozen different states.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.copying import copy_with
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import (
    DesiredState,
    Plan,
    PlannedStep,
    name_blockers,
    plan,
)

#: The fields that affect only the texts of a plan.
_NAMES = ("id", "name", "domain", "owner", "url", "members", "aliases")
_names_of = attrgetter(*_NAMES)
#: The fields that a plan depends on, besides the proof.
_state_of = attrgetter(
    "ha",
    "scalable",
    "gear_count",
    "web_cartridge",
    "web_gears",
    "min_gears",
    "max_gears",
    "haproxy_count",
    "cartridges",
)


class SharedPlans:
    """The plans of the applications of one fleet."""

    def __init__(self) -> None:
        #: With the desired state, so that its id is not used again.
        self._known: dict[tuple[Any, ...], tuple[DesiredState, Application, Plan]] = {}

    def plan(self, app: Application, desired: DesiredState) -> Plan:
        """The same as ``plan`` of the planner."""
        # A name that cannot be sent blocks the plan.
        if app.proof is not None or name_blockers(app):
            return plan(app, desired)
        key = (id(desired), *_state_of(app))
        known = self._known.get(key)
        if known is not None:
            _desired, first, found = known
            return _rename(found, first, app)
        found = plan(app, desired)
        if _has_no_names(found):
            self._known[key] = (desired, app, found)
        return found


def _has_no_names(found: Plan) -> bool:
    """Whether no text of the plan names the application."""
    proof = found.after.proof
    is_plain = proof is None or not (proof.problems or proof.warnings or proof.instances)
    return is_plain and not (found.blockers or found.unknowns or found.remarks)


def _rename(found: Plan, first: Application, app: Application) -> Plan:
    """The plan for ``first`` as the plan for ``app``."""
    if not found.path:
        return copy_with(found, after=app)
    names = dict(zip(_NAMES, _names_of(app)))
    renamed = {id(first): app}

    def rename(other: Application) -> Application:
        if id(other) not in renamed:
            renamed[id(other)] = copy_with(other, **names)
        return renamed[id(other)]

    path = tuple(PlannedStep(each.step, rename(each.app), rename(each.after), each.detail) for each in found.path)
    return copy_with(found, path=path, after=rename(found.after))

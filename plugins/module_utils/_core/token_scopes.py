# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Predict the refusal of a step that no scope of the token allows. Pure. docs/broker.md describes the scopes."""

from __future__ import annotations

import re
from dataclasses import replace

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import TokenScopes
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import DisableHa, MakeHa, Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first

#: Scopes that allow no writes to an application. A scope on a domain or application has its id and a level.
_READING = re.compile(r"(?:read|userinfo|(?:domain|application)/[0-9a-f]+/(?:view|report_deployments))\Z")
#: The scopes on one application that allow some writes to it.
_ON_APPLICATION = re.compile(r"application/([0-9a-f]+)/(edit|admin|scale)\Z")
#: A message names at most this many scopes.
MOST_SCOPES = 3


def forbid(plan: Plan, app: Application, scopes: TokenScopes | None) -> Plan:
    """``plan`` with a blocker for its first step that no scope of the token allows, if nothing else blocks it."""
    if scopes is None or plan.blockers:
        return plan
    forbidden = next((step for step in plan.path if not _allows(scopes, step.step, app)), None)
    if forbidden is None:
        return plan
    shown = join_first(list(scopes.names), MOST_SCOPES)
    plural = "" if len(scopes.names) == 1 else "s"
    reason = f"the token does not allow this change ({forbidden.detail}), because of its scope{plural} {shown}"
    remedy = f"Use a token with the scope session, or application/{app.id}/edit, or edit on the domain."
    return replace(plan, blockers=(Blocker("permission", reason, remedy, str(app.ref)),), after=app, remarks=())


def _allows(scopes: TokenScopes, step: Step, app: Application) -> bool:
    """Whether one of the scopes may allow the step. A scope that is not known may allow everything."""
    return any(_may_allow(name, step, app) for name in scopes.names)


def _may_allow(name: str, step: Step, app: Application) -> bool:
    if _READING.match(name):
        return False
    found = _ON_APPLICATION.match(name)
    if found is None:
        # The data of an application does not show the id of its domain, so a scope on a domain may fit.
        return True
    if found[1] != app.id.lower():
        return False
    return found[2] != "scale" or not isinstance(step, (MakeHa, DisableHa))

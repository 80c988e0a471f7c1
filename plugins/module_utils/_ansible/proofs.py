# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings of proofs: what was found and does not change the status of an application. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Placement
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import Problem
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first

#: A warning names at most this many applications.
MOST_NAMES = 5
#: Fewer readings need no progress.
FEWEST_FOR_PROGRESS = 20


def verification_line(done: int, total: int) -> str:
    """``[50/500] placements were read``, about ten times for many applications; otherwise empty."""
    step = -(-total // 10)
    is_due = done == total or done % step == 0
    return f"[{done}/{total}] placements were read" if total >= FEWEST_FOR_PROGRESS and is_due else ""


def proof_warnings(apps: Iterable[Application]) -> list[str]:
    """One warning for each kind of problem, however many applications have it."""
    kinds: dict[str, list[Problem]] = {}
    for app in apps:
        for problem in app.proof.warnings if app.proof else ():
            kinds.setdefault(problem.code, []).append(problem)
    return [_warn(code, found) for code, found in kinds.items()]


def describe_missing_endpoints(placement: Placement) -> str:
    """Why a placement has no endpoints."""
    gears = join_first(placement.silent_gears, MOST_NAMES)
    who = f"the nodes of these gears did not answer: {gears}" if gears else "a node did not answer"
    return f"The endpoints could not be read, because {who}."


def endpoint_warnings(found: Iterable[tuple[Application, Placement | None]]) -> list[str]:
    """A warning about the applications whose endpoints could not be read."""
    names = [str(app.ref) for app, placement in found if placement is not None and not placement.has_endpoints]
    if not names:
        return []
    reason = "The endpoints could not be read, because the nodes of some gears did not answer"
    return [f"{reason}: {join_first(names, MOST_NAMES)}. These results have endpoints_error instead of endpoints."]


def _warn(code: str, found: list[Problem]) -> str:
    if len(found) == 1:
        return f"{found[0].message} ({code})"
    names = join_first([problem.ref for problem in found], MOST_NAMES)
    return f"{code}: {len(found)} applications: {names}. The first: {found[0].message}"

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof of high availability in a result: problems, HAProxy instances, how far apart they are. Pure.

Results of former releases have none of this.
"""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import HA_MINIMUM
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import LEVELS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import (
    ApplicationView,
    InstanceView,
    ProblemView,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import RowInstance, RowProblem
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.values import line, number

#: How far apart instances are.
APART_BY_ZONE, APART_BY_NODE, TOGETHER = "zone", "node", "none"


def read_problems(problems: Iterable[ProblemView] | None) -> tuple[RowProblem, ...]:
    if not problems:
        return ()
    return tuple(
        RowProblem(line(each.get("code")), line(each.get("message")), each.get("repairable") is True)
        for each in problems
    )


def read_instances(instances: Iterable[InstanceView] | None) -> tuple[RowInstance, ...]:
    if not instances:
        return ()
    return tuple(
        RowInstance(
            address=line(each.get("address")),
            port=number(each.get("port")),
            zone=line(each.get("zone")),
            gear=line(each.get("gear")),
            state=line(each.get("state")),
            counts=each.get("counts") is not False,
        )
        for each in instances
    )


def read_level(application: ApplicationView) -> str:
    """The level at which the application was verified; empty if the result does not have it."""
    level = application.get("verified")
    return level if level in LEVELS else ""


def measure_spread(instances: tuple[RowInstance, ...]) -> str:
    """Whether the instances that count are in different zones or on different nodes; empty if they were not read."""
    if not instances:
        return ""
    counted = [instance for instance in instances if instance.counts]
    if len({instance.zone for instance in counted} - {""}) >= HA_MINIMUM:
        return APART_BY_ZONE
    return APART_BY_NODE if len({instance.address for instance in counted}) >= HA_MINIMUM else TOGETHER

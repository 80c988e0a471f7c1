# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes of everything that the modules return. Types only.

``tests/unit/test_documentation.py`` compares them with the RETURN documentation of the modules.
"""

from __future__ import annotations

from typing import TypedDict

# Python 3.9 has no NotRequired: optional keys are in a class of their own with total=False.


class AppName(TypedDict):
    """An application that could not be read: its names, as the user wrote them."""

    name: str
    domain: str


class ProblemView(TypedDict):
    """Why an application is not highly available. ``repairable``: whether openshift_app_ha can solve it."""

    code: str
    message: str
    repairable: bool


class EndpointView(TypedDict):
    """The address of one HAProxy instance. ``answered`` is ``None`` if it was not asked."""

    address: str
    port: int
    gear: str
    state: str
    zone: str
    answered: bool | None


class InstanceView(EndpointView):
    """An HAProxy instance. ``counts``: whether it counts at the level that was asked for."""

    counts: bool


class ApplicationView(AppName):
    """An application, as all modules return it."""

    id: str
    owner: str | None
    ha: bool
    ha_status: str
    verified: str
    problems: list[ProblemView]
    haproxy_count: int
    gear_count: int
    web_gears: int
    min_gears: int
    max_gears: int
    url: str


class MemberView(TypedDict):
    login: str
    role: str
    owner: bool


class CartridgeView(TypedDict):
    """A cartridge, as ``openshift_app_info`` returns it."""

    name: str
    tags: list[str]
    current_scale: int
    scales_from: int
    scales_to: int


class GearView(TypedDict):
    id: str
    state: str
    zone: str
    cartridges: list[str]


class ApplicationInfo(ApplicationView):
    """An application, as ``openshift_app_info`` returns it."""

    instances: list[InstanceView]
    aliases: list[str]
    members: list[MemberView]
    cartridges: list[CartridgeView]


class PlacedApplicationInfo(ApplicationInfo):
    """An application, as ``openshift_app_info`` returns it with ``gather: [endpoints]``."""

    gears: list[GearView]
    endpoints: list[EndpointView]


class UnplacedApplicationInfo(ApplicationInfo):
    """The same if the broker does not show the endpoints, because the node of a gear does not answer."""

    gears: list[GearView]
    endpoints_error: str


class StepView(TypedDict):
    action: str
    detail: str
    status: str
    seconds: float | None


class BlockerView(TypedDict):
    code: str
    message: str


class Diff(TypedDict):
    """``prepared``: the lines that Ansible shows."""

    prepared: str


class FailureView(TypedDict):
    """The parts of a message, each at most one sentence. ``reason`` does not name the application."""

    problem: str
    reason: str
    effect: str
    next_step: str


class CartridgeName(TypedDict):
    """A cartridge that the application does not have: its name, as the user wrote it."""

    name: str


class ScalesView(CartridgeName):
    """The gears and limits of one cartridge, as ``openshift_cartridge_scale`` returns them."""

    gears: int
    min_gears: int
    max_gears: int


class ModuleResult(TypedDict, total=False):
    """What every result has: Ansible's own keys."""

    changed: bool
    failed: bool
    msg: str
    warnings: list[str]


class _PartsOfOne(TypedDict, total=False):
    diff: Diff
    failure: FailureView


class AppResult(ModuleResult, _PartsOfOne):
    """The result for one application. There is no ``diff`` if the application could not be read.

    ``failure``: the parts of the message of a failed one.
    """

    application: ApplicationView | AppName
    before: ApplicationView | AppName
    steps: list[StepView]
    blockers: list[BlockerView]
    gears_needed: int
    gears_available: int | None


class PolicyRuleView(TypedDict):
    """A rule of a policy. ``number``: its place, from 1. ``name``: empty if it has none."""

    number: int
    name: str


class _PolicyParts(TypedDict, total=False):
    """With a policy. ``policy_rule``: ``None`` if no rule applies."""

    policy_rule: PolicyRuleView | None
    ignored: bool


class HaResult(AppResult, _PolicyParts):
    """The result for one application. ``instances``: as they were read last, empty if they were not read."""

    instances: list[InstanceView]


class _BrokerName(TypedDict, total=False):
    broker_url: str


class SingleHaResult(HaResult, _BrokerName):
    """The result of ``openshift_app_ha``."""


class CartridgeResult(AppResult):
    """The result of ``openshift_cartridge_scale``."""

    cartridge: ScalesView | CartridgeName
    cartridge_before: ScalesView | CartridgeName


class InfoResult(ModuleResult):
    """The result of ``openshift_app_info``."""

    applications: list[ApplicationInfo | PlacedApplicationInfo | UnplacedApplicationInfo]


class _PolicyCounts(TypedDict, total=False):
    """With a policy."""

    ignored: int
    unused_rules: list[str]


class FleetSummary(_PolicyCounts):
    """Counts over all applications of ``openshift_apps_ha``."""

    total: int
    highly_available: int
    degraded: int
    standalone: int
    not_scalable: int
    drifted: int
    blocked: int
    changed: int
    failed: int
    gears_needed: dict[str, int]
    gears_available: dict[str, int]
    after: dict[str, int]
    unmatched: list[str]


class _FleetParts(TypedDict, total=False):
    summary: FleetSummary
    blockers: list[BlockerView]
    diff: list[Diff]


class FleetResult(ModuleResult, _FleetParts, _BrokerName):
    """The result of ``openshift_apps_ha``.

    If the applications could not be read, there are ``blockers`` instead of ``summary``.
    """

    results: list[HaResult]

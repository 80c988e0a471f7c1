# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan a fleet: observe all applications once, plan each, and share out the remaining gears of each owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Union

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, Domain, GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.copying import copy_with
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError, Forbidden, NotFound
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Plan, judge, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import Rule
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.repeats import (
    UniqueApp,
    repeated_names,
    unify,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.shared_plans import SharedPlans
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import RELOCATION
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_things
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.token_scopes import forbid
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.observe import read_caller, wait_for_rest
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.safety import predicted_refusal
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.verify import Claim, Pace, verify_many
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock, Patience, Waiter

#: The options whose names differ from those of the fields of a desired state.
OPTION_NAMES = {"ha": "state", "verification": "verify, spread or probe"}
#: What to do if more applications would change than the user allows.
BEFORE_RAISING = "Find out why before you raise the limit."


@dataclass(frozen=True)
class Target:
    """One application of the fleet and its desired state. ``listed``: named by the user, not selected.

    ``own``: the options that the user set for this application, if there is a policy. ``rule``: the rule that applies.
    ``ignored``: the policy skips it.
    """

    ref: AppRef
    desired: DesiredHa
    patience: Patience
    listed: bool = True
    own: Mapping[str, Any] = field(default_factory=dict)
    rule: Rule | None = None
    ignored: bool = False


@dataclass(frozen=True)
class FoundTarget:
    """A target and its application in the broker's list; ``None`` for one that is not accessible."""

    target: Target
    unique: UniqueApp | None


@dataclass(frozen=True)
class Unobserved:
    """An application that the user named and that is not accessible, or whose data is unusable."""

    target: Target
    error: BrokerError


@dataclass(frozen=True)
class IgnoredApp:
    """An application that the policy ignores: it has no plan. ``app``: ``None`` if it could not be read."""

    target: Target
    app: Application | None


@dataclass(frozen=True)
class FleetApp:
    """An application of the fleet as it was observed, with its plan, which respects the quotas.

    ``other_names``: its other names in the broker's list, if its domain was renamed meanwhile.
    """

    target: Target
    app: Application
    plan: Plan
    other_names: tuple[AppRef, ...] = ()

    @property
    def is_skipped(self) -> bool:
        """A selection includes applications that are not scalable, but has no desired state for them."""
        return not self.target.listed and not self.app.scalable

    @property
    def drifted(self) -> bool:
        return bool(self.plan.path or self.plan.blockers) and not self.is_skipped

    @property
    def blocked(self) -> bool:
        return self.drifted and bool(self.plan.blockers)

    @property
    def changes(self) -> bool:
        return self.drifted and not self.plan.blockers


FleetEntry = Union[FleetApp, IgnoredApp, Unobserved]


@dataclass(frozen=True)
class Fleet:
    """The observed and planned applications, in the order of the list, or of a selection by domain and name.

    ``available``: the remaining gears of each owner, as far as they were read. ``needed``: the gears that all repairs
    of each owner's applications need, even beyond the quota. ``caller``: the login of the caller, if it was read.
    ``unmatched``: names in the selection that match nothing. ``repeated``: the applications that the broker listed more
    than once. ``repeated_in_list``: those that the user listed more than once. ``by_policy``: whether there
    is a policy. ``unused_rules``: its rules that apply to none of the applications.
    """

    entries: tuple[FleetEntry, ...]
    available: Mapping[str, int] = field(default_factory=dict)
    needed: Mapping[str, int] = field(default_factory=dict)
    caller: str | None = None
    unmatched: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    repeated_in_list: tuple[str, ...] = ()
    by_policy: bool = False
    unused_rules: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[FleetApp, ...]:
        return tuple(entry for entry in self.entries if isinstance(entry, FleetApp) and entry.changes)


class RepeatedTarget(Exception):
    """Two targets with different settings turned out to be one application. The text is the reason."""


def look_up(apps: Iterable[Application | Unreadable], targets: Iterable[Target]) -> tuple[FoundTarget, ...]:
    """The applications of a list, each once, in its order. Raises ``RepeatedTarget``."""
    by_name = {ref.key: unique for unique in unify(apps) for ref in unique.refs}
    found: dict[object, FoundTarget] = {}
    for target in targets:
        unique = by_name.get(target.ref.key)
        first = found.setdefault(target.ref.key if unique is None else unique.copies, FoundTarget(target, unique))
        if differences := differing_options(first.target, target):
            raise RepeatedTarget(
                f"{first.target.ref} and {target.ref} are the same application, whose domain was renamed, but with "
                f"different settings ({', '.join(differences)}). Nothing was changed. List the application once."
            )
    return tuple(found.values())


def differing_options(first: Target, second: Target) -> list[str]:
    """The options in which two targets differ."""
    pairs = ((first.desired, second.desired), (first.patience, second.patience))
    names = [each.name for one, other in pairs for each in fields(one) if _differs(one, other, each.name)]
    # An option that equals the one for all applications still takes precedence over the policy.
    own = sorted({*first.own, *second.own} - {*names, "state"})
    names += [name for name in own if first.own.get(name) != second.own.get(name)]
    if "ha" not in names and first.own.get("state") != second.own.get("state"):
        names.append("state")
    return [OPTION_NAMES.get(name, name) for name in names]


def _differs(one: object, other: object, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def plan_fleet(
    broker: Broker, found: Sequence[FoundTarget], clock: Clock | None = None, pace: Pace | None = None
) -> Fleet:
    """Plan every application. If any drifted, read the quotas (two ``GET``) and share them out in order.

    A third ``GET`` reads whether the platform allows HA, if HA is to be disabled and enabled again.

    If the user wants more than the count, first read the placement of every application that claims HA, at this
    ``pace``. ``clock`` (in check mode): wait for other operations that are adding gears, as the repair does.
    """
    entries = _first_entries(broker, found, clock, pace or Pace())
    repeated = tuple(repeated_names(each.unique for each in found if each.unique))
    if not any(isinstance(entry, FleetApp) and entry.changes for entry in entries):
        return Fleet(entries, needed=_needed_by_owner(entries), repeated=repeated)
    domains, caller = broker.domains(), read_caller(broker)
    return Fleet(
        entries=_admit_all(entries, _QuotaShare(domains, caller, _read_ha_allowed(broker, entries))),
        available=_available_by_owner(domains),
        needed=_needed_by_owner(entries),
        caller=caller.login if caller else None,
        repeated=repeated,
    )


def _read_ha_allowed(broker: Broker, entries: Iterable[FleetEntry]) -> bool | None:
    """Whether the platform allows HA; ``None`` if no instance is to be replaced, or if it cannot be read."""
    found = [entry for entry in entries if isinstance(entry, FleetApp) and entry.changes]
    relocated = next((each for each in found if any(step.mark == RELOCATION for step in each.plan.steps)), None)
    if relocated is None:
        return None
    try:
        return broker.offers_ha(relocated.app.ref)
    except (Forbidden, NotFound):
        return None


def _admit_all(entries: tuple[FleetEntry, ...], share: _QuotaShare) -> tuple[FleetEntry, ...]:
    """The entries with plans that respect the quotas.

    Applications of other owners come first, as in the repair. The broker checks the caller's own limit for them too,
    and the caller's own applications may use all of it.
    """
    found = list(entries)
    turns = [(number, entry) for number, entry in enumerate(entries) if isinstance(entry, FleetApp) and entry.changes]
    for number, entry in sorted(turns, key=lambda turn: share.is_owned_by_caller(turn[1])):
        found[number] = share.admit(entry)
    return tuple(found)


def _first_entries(
    broker: Broker, found: Sequence[FoundTarget], clock: Clock | None, pace: Pace
) -> tuple[FleetEntry, ...]:
    observed = [_observe(broker, each, clock) for each in found]
    pairs = list(zip(found, observed))
    claims = [_claim(app, each.target.desired, pace) for each, app in pairs if isinstance(app, Application)]
    proven = iter(verify_many(broker, claims, pace))
    plans = SharedPlans()
    return tuple(
        _first_entry(broker, each, next(proven), plans, clock is not None) if isinstance(app, Application) else app
        for each, app in pairs
    )


def _claim(app: Application, desired: DesiredHa, pace: Pace) -> Claim:
    """What to verify of the application. Like ``observe``, examine its placement before HA is enabled."""
    asked = desired.verification
    if not pace.examines or not asked.reads_placement or app.ha or not app.scalable:
        return Claim(app, asked)
    first = plan(app, desired)
    return Claim(app, asked, enables_ha=bool(first.path) and first.after.ha)


def _first_entry(
    broker: Broker, found: FoundTarget, app: Application, plans: SharedPlans, thorough: bool
) -> FleetApp | Unobserved:
    """The entry with a plan. ``thorough`` (in check mode): predict whether a node prevents the removal of gears."""
    first = forbid(plans.plan(app, found.target.desired), app, broker.scopes)
    others = found.unique.refs[1:] if found.unique else ()
    try:
        if thorough and not first.blockers and (refusal := predicted_refusal(broker, first)):
            first = copy_with(first, blockers=refusal, after=app)
    except BrokerError as error:
        return Unobserved(found.target, error)
    return FleetApp(found.target, app, first, others)


def _observe(broker: Broker, found: FoundTarget, clock: Clock | None) -> Application | IgnoredApp | Unobserved:
    target, unique = found.target, found.unique
    if target.ignored:
        return IgnoredApp(target, unique.app if unique and isinstance(unique.app, Application) else None)
    if unique is None:
        error = NotFound(f"application '{target.ref.name}' in domain '{target.ref.domain}' is not accessible")
        return Unobserved(target, broker.sign(error))
    app = unique.app
    if isinstance(app, Unreadable):
        return Unobserved(target, app.error)
    if clock is not None:
        try:
            app = wait_for_rest(broker, app, target.desired, Waiter(target.patience, clock, clock.now()))
        except BrokerError as error:
            return Unobserved(target, error)
    return app


class _QuotaShare:
    """Assigns the owners' remaining gears to the applications in order, as if the earlier ones were repaired."""

    def __init__(self, domains: Iterable[Domain], caller: Caller | None, ha_allowed: bool | None) -> None:
        self._domains = {domain.name.lower(): domain for domain in domains}
        self._caller = caller
        self._ha_allowed = ha_allowed
        self._taken: dict[str, int] = defaultdict(int)

    def is_owned_by_caller(self, entry: FleetApp) -> bool:
        return self._caller is not None and self._owner(entry) == self._caller.login

    def admit(self, entry: FleetApp) -> FleetApp:
        """The entry with a plan that respects the quotas; a blocked one uses no gears."""
        first, entry = entry, self._with_current_name(entry)
        domain, owner = self._domain(entry), self._owner(entry)
        available = domain.available_gears if domain else None
        taken = self._taken[owner or ""]
        caller = self._caller
        quota = GearQuota(
            owner=owner,
            available_gears=None if available is None else available - taken,
            caller=caller and copy_with(caller, consumed_gears=caller.consumed_gears + self._taken[caller.login]),
            ha_allowed=self._ha_allowed,
        )
        is_renamed = entry.app is not first.app
        desired = entry.target.desired
        planned = (
            plan(entry.app, desired, quota) if is_renamed else judge(entry.plan, entry.app, quota, desired.verification)
        )
        if not planned.blockers:
            self._taken[owner or ""] += max(0, planned.after.web_gears - entry.app.web_gears)
        return copy_with(entry, plan=planned)

    def _with_current_name(self, entry: FleetApp) -> FleetApp:
        """The entry with the name that it has after its domain was renamed, as far as the domains show it."""
        refs = (entry.app.ref, *entry.other_names)
        current = next((ref for ref in refs if ref.key[0] in self._domains), entry.app.ref)
        others = tuple(ref for ref in refs if ref != current)
        if not others:
            return entry
        return copy_with(entry, app=copy_with(entry.app, domain=current.domain), other_names=others)

    def _domain(self, entry: FleetApp) -> Domain | None:
        return self._domains.get(entry.app.domain.lower())

    def _owner(self, entry: FleetApp) -> str | None:
        domain = self._domain(entry)
        return (domain.owner if domain else None) or entry.app.owner


def _available_by_owner(domains: Iterable[Domain]) -> dict[str, int]:
    return {d.owner: d.available_gears for d in domains if d.owner is not None and d.available_gears is not None}


def _needed_by_owner(entries: Iterable[FleetEntry]) -> dict[str, int]:
    """The gears that all repairs of each owner's applications need, even beyond the quota."""
    needed: dict[str, int] = defaultdict(int)
    for entry in entries:
        if isinstance(entry, FleetApp) and entry.drifted and entry.app.owner:
            needed[entry.app.owner] += entry.plan.gears_needed
    return dict(needed)


def guard(fleet: Fleet, max_changes: int | None, stop_on_error: bool) -> str | None:
    """Why the run must not change anything: more changes than ``max_changes``, or a predicted failure."""
    changes = len(fleet.changes)
    if max_changes is not None and changes > max_changes:
        too_many = f"{count_things(changes, 'application')} would change, more than max_changes: {max_changes}."
        return f"{too_many} Nothing was changed. {BEFORE_RAISING}"
    failing = [e for e in fleet.entries if isinstance(e, Unobserved) or (isinstance(e, FleetApp) and e.blocked)]
    if stop_on_error and failing and changes:
        stops = f"{failing[0].target.ref} would fail, and on_error is stop. Nothing was changed."
        return f"{stops} Solve this failure, or set on_error: continue."
    return None

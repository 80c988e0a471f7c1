# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application, parsed and validated from the broker's JSON.

The JSON is that of ``GET /domain/D/application/A?include=cartridges&nolinks=true`` (API 1.6 and 1.7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.copying import copy_with
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError, UnsupportedApi
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.fields import (
    is_mapping,
    malformed_error,
    to_flag,
    to_list,
    to_mapping,
    to_name,
    to_number,
    to_number_or,
    to_text,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import COUNT, Proof
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable

HIGHLY_AVAILABLE = "highly_available"
DEGRADED = "degraded"
STANDALONE = "standalone"
NOT_SCALABLE = "not_scalable"
HA_STATUSES = (HIGHLY_AVAILABLE, DEGRADED, STANDALONE, NOT_SCALABLE)

#: High availability needs at least this number of HAProxy instances, and of web gears.
HA_MINIMUM = 2
#: How the broker writes "no maximum".
NO_LIMIT = -1


@dataclass(frozen=True)
class AppRef:
    """The names of an application as the user or the broker wrote them.

    ``key`` identifies it, because the broker ignores case. The text is for messages: a broker may return any names.
    """

    domain: str
    name: str

    @cached_property
    def key(self) -> tuple[str, str]:
        return self.domain.lower(), self.name.lower()

    def __str__(self) -> str:
        return escape_unprintable(f"{self.domain}/{self.name}")


@dataclass(frozen=True)
class Cartridge:
    """A cartridge of an application; ``current_scale`` counts gears, for HAProxy its instances.

    ``supported_from`` and ``supported_to`` (-1: any number): the gears that the cartridge itself supports.
    ``collocated_with``: the cartridges on the same gears, which share the limits.
    """

    name: str
    tags: tuple[str, ...]
    current_scale: int
    scales_from: int
    scales_to: int
    supported_from: int = 1
    supported_to: int = NO_LIMIT
    collocated_with: tuple[str, ...] = ()

    @property
    def may_be_limited(self) -> bool:
        """Whether the broker accepts limits for it: for web and service cartridges, but not for HAProxy or plug-ins."""
        return "web_framework" in self.tags or "service" in self.tags

    @classmethod
    def from_json(cls, data: object) -> Cartridge:
        """Parse one entry of ``cartridges``. Raises ``Unanswered`` if it is malformed."""
        fields = to_mapping(data, "cartridge")
        return _share_cartridge(
            to_name(fields, "name", "cartridge"),
            tuple(map(str, to_list(fields, "tags", "cartridge"))),
            to_number(fields, "current_scale", "cartridge"),
            to_number(fields, "scales_from", "cartridge"),
            to_number(fields, "scales_to", "cartridge", least=NO_LIMIT),
            to_number_or(fields, "supported_scales_from", 1),
            to_number_or(fields, "supported_scales_to", NO_LIMIT),
            tuple(map(str, to_list(fields, "collocated_with", "cartridge"))),
        )


@lru_cache(maxsize=1024)
def _share_cartridge(
    name: str,
    tags: tuple[str, ...],
    current_scale: int,
    scales_from: int,
    scales_to: int,
    supported_from: int,
    supported_to: int,
    collocated_with: tuple[str, ...],
) -> Cartridge:
    """The same object for equal cartridges: a fleet has few different ones, and they take most of its memory."""
    numbers = (current_scale, scales_from, scales_to, supported_from, supported_to)
    return Cartridge(name, tags, *numbers, collocated_with)


@dataclass(frozen=True)
class Scales:
    """How many gears a cartridge has, and its limits (``maximum`` -1: no limit)."""

    count: int
    minimum: int
    maximum: int

    @property
    def at_rest(self) -> bool:
        """``False`` while an operation that raises the minimum is adding gears: these limits are not the owner's.

        A cartridge that the application does not have has no gears.
        """
        return self.minimum <= max(self.count, 1)


@dataclass(frozen=True)
class Member:
    """A user with access to an application or domain: ``role`` is ``view``, ``edit`` or ``admin``."""

    login: str
    role: str
    owner: bool


@dataclass(frozen=True)
class Application:
    """One application as it was observed.

    ``min_gears`` and ``max_gears`` are the web cartridge's limits as the broker shows them (``max_gears`` -1: none).
    An application that is not scalable has one web gear and no HAProxy instance. ``web_cartridge`` is ``None`` for the
    rare application without one, which cannot be scaled. ``proof``: what a reading of the placement proved, ``None`` if
    it was not read. It does not take part in comparisons.
    """

    id: str
    name: str
    domain: str
    owner: str | None
    ha: bool
    scalable: bool
    gear_count: int
    url: str
    web_cartridge: str | None
    web_gears: int
    min_gears: int
    max_gears: int
    haproxy_count: int
    members: tuple[Member, ...] = ()
    cartridges: tuple[Cartridge, ...] = ()
    aliases: tuple[str, ...] = ()
    proof: Proof | None = field(default=None, compare=False)

    @cached_property
    def ref(self) -> AppRef:
        return AppRef(self.domain, self.name)

    @property
    def ha_status(self) -> str:
        """The status that was verified: the ``ha`` flag alone does not prove high availability."""
        status = self.counted_status
        is_refuted = self.proof is not None and not self.proof.holds
        return DEGRADED if status == HIGHLY_AVAILABLE and is_refuted else status

    @property
    def verified(self) -> str:
        """The level at which the status was verified."""
        return self.proof.level if self.proof else COUNT

    @property
    def counted_status(self) -> str:
        """The status as far as the platform counts HAProxy instances, which can be ahead of the truth."""
        if not self.scalable:
            return NOT_SCALABLE
        if not self.ha:
            return STANDALONE
        return HIGHLY_AVAILABLE if self.haproxy_count >= HA_MINIMUM else DEGRADED

    def without_problems(self, *codes: str) -> Application:
        """A copy without these problems: a plan expects that its steps solve them."""
        if self.proof is None:
            return self
        left = tuple(problem for problem in self.proof.problems if problem.code not in codes)
        return copy_with(self, proof=copy_with(self.proof, problems=left, predicted=True))

    def cartridge(self, name: str | None) -> Cartridge | None:
        """The cartridge of exactly that name; without a name the web cartridge."""
        full_name = self.web_cartridge if name is None else name
        for cartridge in self.cartridges:
            if cartridge.name == full_name:
                return cartridge
        return None

    def scales(self, name: str | None) -> Scales:
        """Count and limits of a cartridge (``None``: the web cartridge). A missing one has 0 gears and limits of 1."""
        if self.is_on_web_gears(name):
            return Scales(self.web_gears, self.min_gears, self.max_gears)
        found = self.cartridge(name)
        return Scales(found.current_scale, found.scales_from, found.scales_to) if found else Scales(0, 1, 1)

    def is_on_web_gears(self, name: str | None) -> bool:
        """Whether that is the web cartridge, or shares its gears and limits."""
        if name is None or name == self.web_cartridge:
            return True
        found = self.cartridge(name)
        return found is not None and self.web_cartridge in found.collocated_with

    def least_gears_of(self, name: str | None) -> int:
        """The lowest possible minimum of that cartridge: under HA 2 for all cartridges on the web gears."""
        found = self.cartridge(name)
        supported = found.supported_from if found else 1
        return max(supported, HA_MINIMUM) if self.ha and self.is_on_web_gears(name) else supported

    def with_web_gears(self, gears: int, haproxy_count: int) -> Application:
        """A copy with these numbers of web gears and HAProxy instances, for all cartridges on the web gears."""
        if (gears, haproxy_count) == (self.web_gears, self.haproxy_count):
            return self
        return copy_with(
            self,
            web_gears=gears,
            gear_count=self.gear_count + gears - self.web_gears,
            haproxy_count=haproxy_count,
            cartridges=tuple(self._on_web_gears(c, gears, haproxy_count) for c in self.cartridges),
        )

    def _on_web_gears(self, cartridge: Cartridge, gears: int, haproxy_count: int) -> Cartridge:
        if "web_proxy" in cartridge.tags:
            return copy_with(cartridge, current_scale=haproxy_count)
        return copy_with(cartridge, current_scale=gears) if self.is_on_web_gears(cartridge.name) else cartridge

    def with_web_limits(self, minimum: int, maximum: int) -> Application:
        """A copy with these limits for all cartridges on the web gears, except HAProxy."""
        if (minimum, maximum) == (self.min_gears, self.max_gears):
            return self
        shown = tuple(
            copy_with(c, scales_from=minimum, scales_to=maximum)
            if self.is_on_web_gears(c.name) and "web_proxy" not in c.tags
            else c
            for c in self.cartridges
        )
        return copy_with(self, min_gears=minimum, max_gears=maximum, cartridges=shown)

    def with_own_gears(self, name: str, gears: int, minimum: int, maximum: int) -> Application:
        """A copy with these gears and limits for a cartridge on its own gears, and for those that share them."""
        shown = tuple(
            copy_with(c, current_scale=gears, scales_from=minimum, scales_to=maximum)
            if c.name == name or name in c.collocated_with
            else c
            for c in self.cartridges
        )
        before = self.cartridge(name)
        more = gears - before.current_scale if before else 0
        return copy_with(self, gear_count=self.gear_count + more, cartridges=shown)

    @classmethod
    def from_json(cls, data: object) -> Application:
        """Parse an application fetched with ``include=cartridges``.

        Raises ``UnsupportedApi`` if it has no ``ha``, and ``Unanswered`` if it is malformed.
        """
        fields = to_mapping(data, "application")
        if "ha" not in fields:
            raise _build_error_without_ha()
        cartridges = _cartridges(fields)
        members = members_from_json(fields.get("members"))
        web = _web_cartridge(cartridges, fields.get("framework"))
        return cls(
            id=to_text(fields, "id", "application"),
            name=to_name(fields, "name", "application"),
            domain=to_name(fields, "domain_id", "application"),
            owner=owner_of(members),
            ha=to_flag(fields, "ha"),
            scalable=to_flag(fields, "scalable"),
            gear_count=to_number(fields, "gear_count", "application"),
            url=str(fields.get("app_url") or ""),
            web_cartridge=web.name if web else None,
            web_gears=web.current_scale if web else 0,
            min_gears=web.scales_from if web else 1,
            max_gears=web.scales_to if web else NO_LIMIT,
            haproxy_count=sum(c.current_scale for c in cartridges if "web_proxy" in c.tags),
            members=members,
            cartridges=cartridges,
            aliases=_aliases(fields.get("aliases")),
        )


def _build_error_without_ha() -> UnsupportedApi:
    """A broker that is so old also ignores ``by`` of the barrier, so nothing may be written to it."""
    error = UnsupportedApi("the broker's applications have no attribute 'ha', so their status is unknown")
    error.remedy = "Use a broker of OpenShift Enterprise 2.2 or later, or of OpenShift Origin since the end of 2014."
    return error


@dataclass(frozen=True)
class Unreadable:
    """An application in a list whose data is unusable."""

    ref: AppRef
    error: BrokerError


def _aliases(data: object) -> tuple[str, ...]:
    """Further host names of the application; malformed entries are ignored, because nothing depends on them."""
    if not isinstance(data, list):
        return ()
    return tuple(str(alias["id"]) for alias in data if is_mapping(alias) and alias.get("id"))


def members_from_json(data: object) -> tuple[Member, ...]:
    """Parse ``members``; teams and malformed entries are ignored, because nothing depends on them."""
    if not isinstance(data, list):
        return ()
    users = [m for m in data if is_mapping(m) and m.get("type", "user") == "user" and m.get("login")]
    return tuple(_share_member(str(m["login"]), str(m.get("role")), bool(m.get("owner"))) for m in users)


@lru_cache(maxsize=1024)
def _share_member(login: str, role: str, owner: bool) -> Member:
    """The same object for equal members of different applications."""
    return Member(login, role, owner)


def owner_of(members: tuple[Member, ...]) -> str | None:
    """The login of the owner among ``members``, if there is one."""
    return next((member.login for member in members if member.owner), None)


def _cartridges(fields: Mapping[str, Any]) -> tuple[Cartridge, ...]:
    entries = fields.get("cartridges")
    if not isinstance(entries, list) or not entries:
        raise malformed_error("application", "cartridges")
    return tuple(Cartridge.from_json(entry) for entry in entries)


def _web_cartridge(cartridges: tuple[Cartridge, ...], framework: object) -> Cartridge | None:
    tagged = [c for c in cartridges if "web_framework" in c.tags]
    named = [c for c in cartridges if c.name == framework and "web_proxy" not in c.tags]
    return next(iter(tagged + named), None)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application as the broker shows it, checked on the way in.

Shapes are those of ``GET /domain/D/application/A?include=cartridges&nolinks=true`` (API 1.6 and 1.7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils.errors import Unanswered, UnsupportedApi

HIGHLY_AVAILABLE = "highly_available"
DEGRADED = "degraded"
STANDALONE = "standalone"
NOT_SCALABLE = "not_scalable"
HA_STATUSES = (HIGHLY_AVAILABLE, DEGRADED, STANDALONE, NOT_SCALABLE)

#: The fewest HAProxy instances, and the fewest web gears, that high availability means.
HA_MINIMUM = 2
#: How the broker writes "no maximum".
NO_LIMIT = -1


@dataclass(frozen=True)
class AppRef:
    """Which application: the names as the user wrote them (the broker ignores case)."""

    domain: str
    name: str

    def __str__(self) -> str:
        return f"{self.domain}/{self.name}"


@dataclass(frozen=True)
class Cartridge:
    """A cartridge of an application; ``current_scale`` counts gears, for HAProxy its instances.

    ``supported_from`` and ``supported_to`` (-1: any number) are what the cartridge itself is made for,
    ``collocated_with`` the cartridges on the same gears: they share the limits.
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
        """Whether the broker takes limits for it: web and service cartridges, not HAProxy, plug-ins and such."""
        return "web_framework" in self.tags or "service" in self.tags

    @classmethod
    def from_json(cls, data: object) -> Cartridge:
        """Parse one entry of ``cartridges``. Raises ``Unanswered`` when it has not the broker's shape."""
        fields = _mapping(data, "cartridge")
        return cls(
            name=_text(fields, "name", "cartridge"),
            tags=tuple(str(tag) for tag in _list(fields, "tags", "cartridge")),
            current_scale=_number(fields, "current_scale", "cartridge"),
            scales_from=_number(fields, "scales_from", "cartridge"),
            scales_to=_number(fields, "scales_to", "cartridge", least=NO_LIMIT),
            supported_from=_number_or(fields, "supported_scales_from", 1),
            supported_to=_number_or(fields, "supported_scales_to", NO_LIMIT),
            collocated_with=tuple(str(name) for name in _list(fields, "collocated_with", "cartridge")),
        )


@dataclass(frozen=True)
class Member:
    """Who may do what with an application or domain: ``role`` is ``view``, ``edit`` or ``admin``."""

    login: str
    role: str
    owner: bool


@dataclass(frozen=True)
class Application:
    """One application as it was seen.

    ``min_gears`` and ``max_gears`` are the web cartridge's limits as shown (``max_gears`` -1: none); an
    application that is not scalable has one web gear and no HAProxy. ``web_cartridge`` is ``None`` for the rare
    application that has none: nothing of it can be scaled.
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

    @property
    def ref(self) -> AppRef:
        return AppRef(self.domain, self.name)

    @property
    def ha_status(self) -> str:
        """What the application really is, whatever its ``ha`` flag says."""
        if not self.scalable:
            return NOT_SCALABLE
        if not self.ha:
            return STANDALONE
        return HIGHLY_AVAILABLE if self.haproxy_count >= HA_MINIMUM else DEGRADED

    def cartridge(self, name: str | None) -> Cartridge | None:
        """The cartridge of exactly that name; without a name the web cartridge."""
        wanted = self.web_cartridge if name is None else name
        return next((c for c in self.cartridges if c.name == wanted), None)

    def is_on_web_gears(self, name: str | None) -> bool:
        """Whether that cartridge shares its gears and limits with the web cartridge, or is it."""
        found = self.cartridge(name)
        return name in (None, self.web_cartridge) or (found is not None and self.web_cartridge in found.collocated_with)

    def least_gears_of(self, name: str | None) -> int:
        """The lowest minimum that can be shown for that cartridge: under HA 2 for all on the web gears."""
        found = self.cartridge(name)
        supported = found.supported_from if found else 1
        return max(supported, HA_MINIMUM) if self.ha and self.is_on_web_gears(name) else supported

    def with_web_gears(self, gears: int, haproxy_count: int) -> Application:
        """With so many web gears and HAProxy, the cartridges on them included."""
        return replace(
            self,
            web_gears=gears,
            gear_count=self.gear_count + gears - self.web_gears,
            haproxy_count=haproxy_count,
            cartridges=tuple(self._on_web_gears(c, gears, haproxy_count) for c in self.cartridges),
        )

    def _on_web_gears(self, cartridge: Cartridge, gears: int, haproxy_count: int) -> Cartridge:
        if "web_proxy" in cartridge.tags:
            return replace(cartridge, current_scale=haproxy_count)
        return replace(cartridge, current_scale=gears) if self.is_on_web_gears(cartridge.name) else cartridge

    def with_web_limits(self, minimum: int, maximum: int) -> Application:
        """With these limits of the web gears, as all cartridges on them but HAProxy show them."""
        shown = tuple(
            replace(c, scales_from=minimum, scales_to=maximum)
            if self.is_on_web_gears(c.name) and "web_proxy" not in c.tags
            else c
            for c in self.cartridges
        )
        return replace(self, min_gears=minimum, max_gears=maximum, cartridges=shown)

    def with_own_gears(self, name: str, gears: int, minimum: int, maximum: int) -> Application:
        """With so many gears, and such limits, of a cartridge that is not on the web gears, and of those beside it."""
        shown = tuple(
            replace(c, current_scale=gears, scales_from=minimum, scales_to=maximum)
            if c.name == name or name in c.collocated_with
            else c
            for c in self.cartridges
        )
        before = self.cartridge(name)
        more = gears - before.current_scale if before else 0
        return replace(self, gear_count=self.gear_count + more, cartridges=shown)

    @classmethod
    def from_json(cls, data: object) -> Application:
        """Parse an application fetched with ``include=cartridges``.

        Raises ``UnsupportedApi`` when it has no ``ha`` (API below 1.6), ``Unanswered`` when it has not the
        broker's shape.
        """
        fields = _mapping(data, "application")
        if "ha" not in fields:
            raise UnsupportedApi("The broker does not tell whether an application is HA: it needs API 1.6 or later.")
        cartridges = _cartridges(fields)
        members = members_from_json(fields.get("members"))
        web = _web_cartridge(cartridges, fields.get("framework"))
        return cls(
            id=_text(fields, "id", "application"),
            name=_text(fields, "name", "application"),
            domain=_text(fields, "domain_id", "application"),
            owner=owner_of(members),
            ha=_flag(fields, "ha"),
            scalable=_flag(fields, "scalable"),
            gear_count=_number(fields, "gear_count", "application"),
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


@dataclass(frozen=True)
class Caller:
    """The account that we act as (``GET /user``): ``ha`` is its own capability, the rest gears."""

    login: str
    ha: bool
    consumed_gears: int
    max_gears: int

    @classmethod
    def from_json(cls, data: object) -> Caller:
        """Parse ``GET /user``. Raises ``Unanswered`` when it has not the broker's shape."""
        fields = _mapping(data, "user")
        capabilities = fields.get("capabilities") or {}
        return cls(
            login=_text(fields, "login", "user"),
            ha=bool(_mapping(capabilities, "user").get("ha")),
            consumed_gears=_number(fields, "consumed_gears", "user"),
            max_gears=_number(fields, "max_gears", "user"),
        )


@dataclass(frozen=True)
class Domain:
    """A domain: ``available_gears`` is what its *owner* may still use, over all of the owner's domains."""

    name: str
    owner: str | None
    available_gears: int | None

    @classmethod
    def from_json(cls, data: object) -> Domain:
        """Parse an entry of ``GET /domains`` or ``GET /domain/D``. Raises ``Unanswered`` on any other shape."""
        fields = _mapping(data, "domain")
        available = fields.get("available_gears")
        return cls(
            name=str(fields.get("name") or _text(fields, "id", "domain")),
            owner=owner_of(members_from_json(fields.get("members"))),
            available_gears=available if _is_number(available) else None,
        )


@dataclass(frozen=True)
class GearRoom:
    """What is known of the limits before anything is sent; ``None`` is *unknown*, never a guess.

    ``available_gears``: what the application's owner may still use. ``caller``: who we are, as far as our
    credentials may see it. ``ha_allowed``: whether the platform offers HA at all (its links show it).
    """

    owner: str | None = None
    available_gears: int | None = None
    caller: Caller | None = None
    ha_allowed: bool | None = None

    @property
    def caller_is_owner(self) -> bool | None:
        if self.caller is None or self.owner is None:
            return None
        return self.caller.login == self.owner


@dataclass(frozen=True)
class Endpoint:
    """Where an external router sends traffic: an HAProxy's address and port, on which gear, and that gear's state."""

    address: str
    port: int
    gear: str
    state: str


@dataclass(frozen=True)
class Gear:
    """A gear: its cartridges are told per group of gears only; ``endpoints`` are those of its own HAProxy."""

    id: str
    state: str
    cartridges: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]


def gears_from_json(data: object) -> tuple[Gear, ...]:
    """Parse ``GET .../gear_groups?include=endpoints``. Raises ``Unanswered`` when it has not the broker's shape."""
    if not isinstance(data, list):
        raise _malformed("application", "gear groups")
    gears = []
    for group in data:
        fields = _mapping(group, "gear group")
        names = tuple(str(_mapping(c, "cartridge").get("name")) for c in _list(fields, "cartridges", "gear group"))
        gears += [_gear(_mapping(gear, "gear"), names) for gear in _list(fields, "gears", "gear group")]
    return tuple(gears)


def _gear(fields: Mapping[str, Any], cartridges: tuple[str, ...]) -> Gear:
    gear, state = _text(fields, "id", "gear"), str(fields.get("state"))
    all_endpoints = [_mapping(e, "endpoint") for e in _list(fields, "endpoints", "gear")]
    balancers = [e for e in all_endpoints if "load_balancer" in _list(e, "types", "endpoint")]
    endpoints = tuple(Endpoint(_text(e, "external_address", "endpoint"), _port(e), gear, state) for e in balancers)
    return Gear(gear, state, cartridges, endpoints)


def _port(fields: Mapping[str, Any]) -> int:
    """The broker writes ports as text."""
    text = str(fields.get("external_port"))
    if not (text.isascii() and text.isdigit()):
        raise _malformed("endpoint", "external_port")
    return int(text)


def _aliases(data: object) -> tuple[str, ...]:
    """Further host names of the application; malformed entries are left out, they decide nothing here."""
    if not isinstance(data, list):
        return ()
    return tuple(str(alias["id"]) for alias in data if isinstance(alias, Mapping) and alias.get("id"))


def members_from_json(data: object) -> tuple[Member, ...]:
    """Parse ``members``; teams and malformed entries are left out, they decide nothing here."""
    if not isinstance(data, list):
        return ()
    users = [m for m in data if isinstance(m, Mapping) and m.get("type", "user") == "user" and m.get("login")]
    return tuple(Member(str(m["login"]), str(m.get("role")), bool(m.get("owner"))) for m in users)


def owner_of(members: tuple[Member, ...]) -> str | None:
    """The login of the owner among ``members``, if it is told."""
    return next((member.login for member in members if member.owner), None)


def _cartridges(fields: Mapping[str, Any]) -> tuple[Cartridge, ...]:
    entries = fields.get("cartridges")
    if not isinstance(entries, list) or not entries:
        raise _malformed("application", "cartridges")
    return tuple(Cartridge.from_json(entry) for entry in entries)


def _web_cartridge(cartridges: tuple[Cartridge, ...], framework: object) -> Cartridge | None:
    tagged = [c for c in cartridges if "web_framework" in c.tags]
    named = [c for c in cartridges if c.name == framework and "web_proxy" not in c.tags]
    return next(iter(tagged + named), None)


def _mapping(data: object, what: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise Unanswered(f"The broker's answer holds no {what}: {type(data).__name__} instead of an object.")
    return data


def _text(fields: Mapping[str, Any], key: str, what: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value:
        raise _malformed(what, key)
    return value


def _list(fields: Mapping[str, Any], key: str, what: str) -> list[Any]:
    value = fields.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _malformed(what, key)
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(fields: Mapping[str, Any], key: str, what: str, least: int = 0) -> int:
    value = fields.get(key)
    if not _is_number(value) or int(str(value)) < least:
        raise _malformed(what, key)
    return int(str(value))


def _number_or(fields: Mapping[str, Any], key: str, otherwise: int) -> int:
    """What only helps to know a refusal beforehand may be missing."""
    value = fields.get(key)
    return int(str(value)) if _is_number(value) else otherwise


def _flag(fields: Mapping[str, Any], key: str) -> bool:
    value = fields.get(key)
    if not isinstance(value, bool):
        raise _malformed("application", key)
    return value


def _malformed(what: str, key: str) -> Unanswered:
    return Unanswered(f"The broker's answer is not usable: the {what} has no proper '{key}'.")

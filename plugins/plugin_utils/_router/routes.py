# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From applications, as openshift_app_info returns them, to what an external router sends where. Pure.

What gets out of here stands in a configuration later, so nothing gets in that is no plain name, host name, address or
port: it is left out and named in a warning.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    HA_STATUSES,
    HIGHLY_AVAILABLE,
    NOT_SCALABLE,
)

#: Names of backends begin so, by what is spoken to the gears; the broker allows no underscore in names.
HTTP_PREFIX = "openshift_"
TLS_PREFIX = "openshift-tls_"
STARTED = "started"
#: So many names stand in a warning.
NAMED = 10

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
#: As the last part of a name: what looks so is read as an address, odd ones such as 0x7f.1 too.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_OF_ENDPOINT = ("gear", "address", "port")
_BACKEND = re.compile(rf"^backend ((?:{HTTP_PREFIX}|{TLS_PREFIX})([A-Za-z0-9-]+)_([A-Za-z0-9-]+))\s*$")
#: Others than these are the operator's own, such as one that says sorry.
_SERVER = re.compile(r"\s+server gear-")


@dataclass(frozen=True)
class Policy:
    """What is wished.

    ``degraded``: also route what is not highly available; ``not_started``: also to gears that are in another state;
    ``tls``: globs of ``domain/name`` of those whose gears speak TLS themselves; ``needed``: ``domain/name`` of those
    that must be there; the affixes are those of the broker's own names for highly available applications.
    """

    degraded: bool = True
    not_started: bool = True
    ha_prefix: str = ""
    ha_suffix: str = ""
    tls: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Server:
    """One HAProxy of an application; ``address`` as it is written before a port, IPv6 in brackets."""

    name: str
    address: str
    port: int


@dataclass(frozen=True)
class Route:
    """One application: the host names that lead to it (its own first), and its HAProxy."""

    domain: str
    name: str
    ha_status: str
    host: str
    hosts: tuple[str, ...]
    servers: tuple[Server, ...]
    tls: bool = False

    @property
    def ref(self) -> str:
        return f"{self.domain}/{self.name}"

    @property
    def backend(self) -> str:
        return f"{TLS_PREFIX if self.tls else HTTP_PREFIX}{self.domain}_{self.name}"


@dataclass(frozen=True)
class Routes:
    """All there is to route, by domain and name. ``left_out``: how many are not routed, by the reason."""

    routes: tuple[Route, ...]
    warnings: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def summary(self) -> dict[str, Any]:
        """Counts of what is routed, and of what is left out."""
        found = Counter(route.ha_status for route in self.routes)
        return {
            "applications": len(self.routes),
            **{status: found[status] for status in HA_STATUSES},
            "without_endpoint": sum(not route.servers for route in self.routes),
            "servers": sum(len(route.servers) for route in self.routes),
            "hosts": sum(len(route.hosts) for route in self.routes),
            "left_out": dict(sorted(self.left_out.items())),
        }

    @property
    def headline(self) -> str:
        """The summary in a sentence."""
        s = self.summary
        text = (
            f"{_count(s['applications'], 'application')} routed by {_count(s['hosts'], 'host name')} to "
            f"{_count(s['servers'], 'HAProxy', 'HAProxy')}: {s[HIGHLY_AVAILABLE]} highly available, "
            f"{s['applications'] - s[HIGHLY_AVAILABLE]} not"
        )
        out = ", ".join(f"{number} {reason.replace('_', ' ')}" for reason, number in s["left_out"].items())
        return f"{text}; left out: {out}." if out else f"{text}."

    @property
    def map_text(self) -> str:
        """The map from host names to backends: a line each, in order of the names."""
        pairs = sorted((host, route.backend) for route in self.routes for host in route.hosts)
        return "".join(f"{host} {backend}\n" for host, backend in pairs)


# --- From applications to routes -----------------------------------------------------------------------------------


def routes_of(applications: Iterable[Mapping[str, Any]], policy: Policy) -> Routes:
    """What to route. Never raises for odd data: what cannot be routed is left out, with the reason."""
    builder = _Builder(policy)
    for app in sorted(applications, key=_order):
        builder.add(app)
    return builder.done()


def _order(app: Mapping[str, Any]) -> tuple[str, str]:
    return _text(app.get("domain")).lower(), _text(app.get("name")).lower()


class _Builder:
    """Takes one application after the other, then hands out the host names."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._found: list[tuple[Route, Mapping[str, Any]]] = []
        self._seen: set[tuple[str, str]] = set()
        self._left_out: Counter[str] = Counter()
        self._not_ha: list[str] = []
        self._without: list[str] = []
        self._one_left: list[str] = []
        self._warnings: list[str] = []

    def add(self, app: Mapping[str, Any]) -> None:
        domain, name, status = (_text(app.get(key)) for key in ("domain", "name", "ha_status"))
        host = _host_of(app.get("url"))
        odd = not (_NAME.fullmatch(domain) and _NAME.fullmatch(name) and status in HA_STATUSES and host)
        if odd or _order(app) in self._seen:
            self._left_out["not_usable"] += 1
            self._warnings.append(f"{_quoted(domain + '/' + name)} is left out: its name or address is not usable.")
        elif status == NOT_SCALABLE:
            # Its gear exposes no port: the front end of its node is the only way to it.
            self._left_out["not_scalable"] += 1
        elif status != HIGHLY_AVAILABLE and not self._policy.degraded:
            self._left_out["not_highly_available"] += 1
        else:
            self._seen.add(_order(app))
            ref = f"{domain}/{name}"
            servers = self._servers(ref, _list(app.get("endpoints")))
            tls = any(fnmatchcase(ref.lower(), glob.lower()) for glob in self._policy.tls)
            self._found.append((Route(domain, name, status, host, (), servers, tls), app))
            if status != HIGHLY_AVAILABLE:
                self._not_ha.append(ref)
            elif len(servers) == 1:
                self._one_left.append(ref)
            if not servers:
                self._without.append(ref)

    def _servers(self, ref: str, endpoints: list[object]) -> tuple[Server, ...]:
        """By gear, so that a server keeps its name and place whatever order the broker answers in."""
        servers: dict[str, Server] = {}
        seen: set[tuple[str, int]] = set()
        for endpoint in sorted(map(_endpoint, endpoints), key=lambda e: [str(e.get(key)) for key in _OF_ENDPOINT]):
            gear, state = _text(endpoint.get("gear")), _text(endpoint.get("state"))
            address, port = _address_of(endpoint.get("address")), _port_of(endpoint.get("port"))
            if not (_NAME.fullmatch(gear) and address and port):
                what = _quoted(f"{endpoint.get('address')}:{endpoint.get('port')}")
                self._warnings.append(f"{ref}: the endpoint {what} of gear {_quoted(gear)} is left out: not usable.")
            elif (state == STARTED or self._policy.not_started) and (address, port) not in seen:
                seen.add((address, port))
                name = f"gear-{gear}" if f"gear-{gear}" not in servers else f"gear-{gear}-{port}"
                servers[name] = Server(name, address, port)
        return tuple(servers.values())

    def done(self) -> Routes:
        routes = self._with_hosts()
        there = {route.ref.lower() for route in routes}
        return Routes(
            routes,
            tuple(self._told()),
            dict(self._left_out),
            tuple(ref for ref in self._policy.needed if ref.lower() not in there),
        )

    def _with_hosts(self) -> tuple[Route, ...]:
        """Own names first, then the broker's for the router, then aliases; of two that claim one the first has it."""
        owners: dict[str, str] = {}
        hosts: dict[str, list[str]] = {}
        for route, _app in self._found:
            hosts[route.ref] = self._claim(route.ref, [route.host], owners)
        for route, _app in self._found:
            hosts[route.ref] += self._claim(route.ref, [self._routed_name(route.host)], owners)
        for route, app in self._found:
            hosts[route.ref] += self._claim(route.ref, sorted(map(_text, _list(app.get("aliases")))), owners)
        return tuple(
            Route(r.domain, r.name, r.ha_status, r.host, tuple(hosts[r.ref]), r.servers, r.tls)
            for r, _app in self._found
        )

    def _routed_name(self, host: str) -> str:
        label, dot, rest = host.partition(".")
        return f"{self._policy.ha_prefix}{label}{self._policy.ha_suffix}{dot}{rest}"

    def _claim(self, ref: str, names: Iterable[str], owners: dict[str, str]) -> list[str]:
        claimed = []
        for given in names:
            host = given.lower().rstrip(".")
            if not _HOST.fullmatch(host):
                self._warnings.append(f"{ref}: the host name {_quoted(given)} is left out: it is none.")
            elif host not in owners:
                owners[host] = ref
                claimed.append(host)
            elif owners[host] != ref:
                first = owners[host]
                self._warnings.append(f"{host} is claimed by {first} and by {ref}: it is routed to {first}.")
        return claimed

    def _told(self) -> list[str]:
        told = []
        if self._not_ha:
            told.append(f"Not highly available, so that one gear less is an outage: {_names(self._not_ha)}.")
        if self._one_left:
            told.append(
                "Highly available, but with one HAProxy only to send requests to, so that its loss is an outage: "
                f"{_names(self._one_left)}."
            )
        if self._without:
            told.append(f"Without any endpoint to send requests to, so that 503 is answered: {_names(self._without)}.")
        left = len(self._warnings) - NAMED
        more = [f"And {left} more that are left out or claimed twice."] if left > 0 else []
        return told + self._warnings[:NAMED] + more


def _text(value: object) -> str:
    """A text, or nothing: what is none must not become one."""
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[object]:
    """A list; what is none is one thing in it, to be told of as such."""
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]


def _endpoint(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {"address": value}


def _host_of(url: object) -> str:
    """The host name of an application's address, or nothing if it has no proper one."""
    try:
        host = (urlsplit(_text(url)).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""


def _address_of(text: object) -> str:
    """An address as HAProxy wants it before a port, or nothing."""
    given = _text(text)
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        name = given.lower()
        return name if _HOST.fullmatch(name) and not _NUMBER.fullmatch(name.rpartition(".")[2]) else ""
    # A scope, after %, may be any text.
    if address.is_unspecified or address.is_multicast or "%" in given:
        return ""
    return f"[{address}]" if address.version == 6 else given


def _port_of(number: object) -> int:
    """A port, or 0."""
    text = str(number)
    return int(text) if re.fullmatch("[0-9]{1,5}", text) and int(text) < 65536 else 0


def _quoted(text: str) -> str:
    """For a message: one line, printable, not endless, and no template."""
    return repr(text[:80]).replace("{", "(").replace("}", ")")


def _names(refs: list[str]) -> str:
    left = len(refs) - NAMED
    return ", ".join(refs[:NAMED]) + (f" and {left} more" if left > 0 else "")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


# --- Against what a router has now ---------------------------------------------------------------------------------


def served_by(configuration: str) -> tuple[str, ...]:
    """``domain/name`` of the applications that a configuration made from such routes has servers for, in order."""
    served: dict[str, None] = {}
    current = ""
    for line in configuration.splitlines():
        if line[:1].strip():
            section = _BACKEND.match(line)
            current = f"{section[2]}/{section[3]}" if section else ""
        elif current and _SERVER.match(line):
            served[current] = None
    return tuple(served)


def absence(routes: Routes) -> str:
    """Which of the applications that must be there are not; empty if all are."""
    return f"Named, but not to be routed or not within reach: {_names(list(routes.missing))}." if routes.missing else ""


def refusal(before: tuple[str, ...], routes: Routes, most: str, allow_empty: bool) -> str:
    """Why these routes must not replace what a router serves (``before``); empty if they may.

    ``most``: how many applications may lose all their servers at once, a number or a percentage of ``before``
    (rounded up). Raises ``ValueError`` if it is neither.
    """
    limit = limit_of(most, len(before))
    kept = {route.ref.lower() for route in routes.routes if route.servers}
    lost = [ref for ref in before if ref.lower() not in kept]
    if not kept and not allow_empty:
        now = f"; {_count(len(before), 'application')} would lose all servers: {_names(list(before))}" if before else ""
        return (
            f"No application with a server to route to was found{now}. Check the selection and what the broker "
            "answers; if it is meant, set app_router_allow_empty: true (the option allow_empty)."
        )
    if len(lost) > limit:
        return (
            f"{_count(len(lost), 'application')} of {len(before)} would no longer be routed: {_names(lost)}. Check "
            "what the broker answers; if it is meant, raise app_router_max_removed (the option max_removed)."
        )
    return ""


def limit_of(most: str, of: int) -> int:
    """How many of so many a number or percentage means. Raises ``ValueError`` if it is neither."""
    found = re.fullmatch(r"(\d+)(%?)", most.strip())
    if not found:
        raise ValueError(f"{most!r} is neither a number nor a percentage like 20%")
    number = int(found[1])
    return math.ceil(of * number / 100) if found[2] else number

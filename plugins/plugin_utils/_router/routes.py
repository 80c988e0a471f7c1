# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn applications, as openshift_app_info returns them, into the routes of an external router. Pure.

Routes end up in a configuration. Data that is not a valid name, host name, address or port is therefore left out and
named in a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    DEGRADED,
    HA_STATUSES,
    HIGHLY_AVAILABLE,
    NOT_SCALABLE,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import STARTED, UNKNOWN
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import MISSING
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import first_of, join_first
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.addresses import (
    is_name,
    parse_address,
    parse_list,
    parse_port,
    parse_text,
    parse_url_host,
    quote,
    to_host,
)

#: Prefixes of backend names, by the protocol of the gears. Names on the broker contain no underscore.
HTTP_PREFIX = "openshift_"
TLS_PREFIX = "openshift-tls_"
#: A warning names at most this many applications.
MAX_NAMED = 10

_ENDPOINT_KEYS = ("gear", "address", "port")


@dataclass(frozen=True)
class RoutingOptions:
    """What the user wants to be routed.

    ``degraded``: also applications that are not highly available. ``not_started``: also gears that are not started.
    ``ha_prefix`` and ``ha_suffix``: the broker's affixes for names of highly available applications.
    ``passthrough``: globs of ``domain/name`` for applications whose gears accept TLS. ``required``: ``domain/name`` of
    applications that must be routed.
    """

    degraded: bool = True
    not_started: bool = True
    ha_prefix: str = ""
    ha_suffix: str = ""
    passthrough: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Server:
    """One HAProxy instance of an application; ``address`` in the form for a configuration (IPv6 in brackets).

    ``answered``: whether it did not fail the HTTP request of a verification.
    """

    name: str
    address: str
    port: int
    state: str = STARTED
    answered: bool = True


@dataclass(frozen=True)
class Route:
    """One application: its host names (its own name first) and its HAProxy instances."""

    domain: str
    name: str
    ha_status: str
    host: str
    hosts: tuple[str, ...]
    servers: tuple[Server, ...]
    passthrough: bool = False

    @property
    def ref(self) -> str:
        return f"{self.domain}/{self.name}"

    @property
    def backend(self) -> str:
        return f"{TLS_PREFIX if self.passthrough else HTTP_PREFIX}{self.domain}_{self.name}"


@dataclass(frozen=True)
class Routes:
    """All routes, by domain and name. ``left_out``: number of applications that are not routed, by reason."""

    routes: tuple[Route, ...]
    warnings: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def summary(self) -> dict[str, Any]:
        """Counts of the applications that are routed and of those that are not."""
        statuses = Counter(route.ha_status for route in self.routes)
        return {
            "applications": len(self.routes),
            **{status: statuses[status] for status in HA_STATUSES},
            "without_endpoint": sum(not route.servers for route in self.routes),
            "servers": sum(len(route.servers) for route in self.routes),
            "hosts": sum(len(route.hosts) for route in self.routes),
            "left_out": dict(sorted(self.left_out.items())),
        }

    @property
    def headline(self) -> str:
        """The summary in one sentence."""
        s = self.summary
        text = (
            f"{count(s['applications'], 'application')} with {count(s['hosts'], 'host name')} routed to "
            f"{count(s['servers'], 'HAProxy instance')}: {s[HIGHLY_AVAILABLE]} highly available, "
            f"{s['applications'] - s[HIGHLY_AVAILABLE]} not"
        )
        excluded = ", ".join(f"{number} {reason.replace('_', ' ')}" for reason, number in s["left_out"].items())
        return f"{text}; not routed: {excluded}." if excluded else f"{text}."

    @property
    def map_text(self) -> str:
        """The map from host names to backends, one line each, sorted by host name."""
        pairs = sorted((host, route.backend) for route in self.routes for host in route.hosts)
        return "".join(f"{host} {backend}\n" for host, backend in pairs)


def build_routes(applications: Iterable[Mapping[str, Any]], options: RoutingOptions) -> Routes:
    """The routes of these applications. Invalid data raises nothing: it is left out and reported."""
    builder = _Builder(options)
    for app in sorted(applications, key=_key):
        builder.add(app)
    return builder.build()


def _key(app: Mapping[str, Any]) -> tuple[str, str]:
    return parse_text(app.get("domain")).lower(), parse_text(app.get("name")).lower()


class _Builder:
    """Adds applications one by one, then assigns the host names."""

    def __init__(self, options: RoutingOptions) -> None:
        self._options = options
        self._routes: list[tuple[Route, Mapping[str, Any]]] = []
        self._marks: set[tuple[str, str]] = set()
        self._repeated: dict[str, None] = {}
        self._left_out: Counter[str] = Counter()
        self._warnings: list[str] = []
        self._unanswered: list[str] = []
        self._kept: list[str] = []

    def add(self, app: Mapping[str, Any]) -> None:
        domain, name, status = (parse_text(app.get(key)) for key in ("domain", "name", "ha_status"))
        host = parse_url_host(app.get("url"))
        valid = is_name(domain) and is_name(name) and status in HA_STATUSES and host
        if valid and self._is_repeated(app):
            self._repeated[f"{domain}/{name}"] = None
        elif not valid:
            self._left_out["not_usable"] += 1
            self._warnings.append(f"{quote(domain + '/' + name)} is not routed: its name or its address is invalid.")
        elif status == NOT_SCALABLE:
            # Its gear exposes no port: only the web server of its node leads to it.
            self._left_out["not_scalable"] += 1
        elif not self._options.degraded and _lacks_instances(app, status):
            self._left_out["not_highly_available"] += 1
        else:
            ref = f"{domain}/{name}"
            servers = self._answering(ref, self._servers(ref, parse_list(app.get("endpoints"))))
            passthrough = any(fnmatchcase(ref.lower(), glob.lower()) for glob in self._options.passthrough)
            self._routes.append((Route(domain, name, status, host, (), servers, passthrough), app))

    def _is_repeated(self, app: Mapping[str, Any]) -> bool:
        """Whether the application was already added: under the same name, or before its domain was renamed."""
        marks = {_key(app)}
        if app.get("id"):
            marks.add((parse_text(app["id"]), f"{_key(app)[1]} (id)"))
        known = bool(marks & self._marks)
        self._marks |= marks
        return known

    def _servers(self, ref: str, endpoints: list[object]) -> tuple[Server, ...]:
        """Sorted by gear: a server keeps its name and position in whatever order the broker answers."""
        servers: dict[str, Server] = {}
        sockets: set[tuple[str, int]] = set()
        for endpoint in sorted(map(_endpoint, endpoints), key=lambda e: [str(e.get(key)) for key in _ENDPOINT_KEYS]):
            gear, state = parse_text(endpoint.get("gear")), parse_text(endpoint.get("state"))
            address, port = parse_address(endpoint.get("address")), parse_port(endpoint.get("port"))
            if not (is_name(gear) and address and port):
                where = quote(f"{endpoint.get('address')}:{endpoint.get('port')}")
                self._warnings.append(f"{ref}: the endpoint {where} of gear {quote(gear)} is not used: it is invalid.")
            elif (state == STARTED or self._options.not_started) and (address, port) not in sockets:
                sockets.add((address, port))
                name = f"gear-{gear}" if f"gear-{gear}" not in servers else f"gear-{gear}-{port}"
                servers[name] = Server(name, address, port, state, endpoint.get("answered") is not False)
        return tuple(servers.values())

    def _answering(self, ref: str, servers: tuple[Server, ...]) -> tuple[Server, ...]:
        """Without the instances that failed the HTTP request, unless none would be left."""
        good = tuple(server for server in servers if server.answered)
        if good and len(good) < len(servers):
            self._unanswered.append(ref)
        elif servers and not good:
            self._kept.append(ref)
        return good or servers

    def build(self) -> Routes:
        routes = self._with_hosts()
        refs = {route.ref.lower() for route in routes}
        shown = first_of(self._warnings, MAX_NAMED)
        warnings = [*_warnings_about_availability(routes), *_warnings_about_instances(routes)]
        warnings += [*self._warnings_about_answers(), *_warnings_about_repeats(self._repeated), *shown]
        if left := len(self._warnings) - len(shown):
            warnings.append(f"{left} more applications, endpoints or host names are not routed or claimed twice.")
        missing = tuple(ref for ref in self._options.required if ref.lower() not in refs)
        return Routes(routes, tuple(warnings), dict(self._left_out), missing)

    def _warnings_about_answers(self) -> list[str]:
        warnings = []
        if self._unanswered:
            refs = enumerate_refs(self._unanswered)
            warnings.append(f"HAProxy instances that failed the HTTP request receive no requests: {refs}.")
        if self._kept:
            refs = enumerate_refs(self._kept)
            warnings.append(f"All HAProxy instances failed the HTTP request, and are routed nevertheless: {refs}.")
        return warnings

    def _with_hosts(self) -> tuple[Route, ...]:
        """Assign own names first, then the broker's names for the router, then aliases. The first claim wins."""
        owners: dict[str, str] = {}
        hosts: dict[str, list[str]] = {}
        for route, _app in self._routes:
            hosts[route.ref] = self._claim(route.ref, [route.host], owners)
        for route, _app in self._routes:
            hosts[route.ref] += self._claim(route.ref, [self._ha_name(route.host)], owners)
        for route, app in self._routes:
            aliases = sorted(map(parse_text, parse_list(app.get("aliases"))))
            hosts[route.ref] += self._claim(route.ref, aliases, owners)
        return tuple(replace(route, hosts=tuple(hosts[route.ref])) for route, _app in self._routes)

    def _ha_name(self, host: str) -> str:
        label, dot, rest = host.partition(".")
        return f"{self._options.ha_prefix}{label}{self._options.ha_suffix}{dot}{rest}"

    def _claim(self, ref: str, names: Iterable[str], owners: dict[str, str]) -> list[str]:
        claimed = []
        for given in names:
            host = to_host(given)
            if not host:
                self._warnings.append(f"{ref}: the host name {quote(given)} is not routed: it is invalid.")
            elif host not in owners:
                owners[host] = ref
                claimed.append(host)
            elif owners[host] != ref:
                first = owners[host]
                self._warnings.append(f"{first} and {ref} both claim the host name {host}: it is routed to {first}.")
        return claimed


def _endpoint(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {"address": value}


def _warnings_about_availability(routes: Iterable[Route]) -> list[str]:
    """Warnings about the routes for which one loss is an outage."""
    not_ha = [route.ref for route in routes if route.ha_status != HIGHLY_AVAILABLE]
    single = [route.ref for route in routes if route.ha_status == HIGHLY_AVAILABLE and len(route.servers) == 1]
    without = [route.ref for route in routes if not route.servers]
    warnings = []
    if not_ha:
        warnings.append(f"Not highly available, so the loss of one gear causes an outage: {enumerate_refs(not_ha)}.")
    if single:
        warnings.append(
            "Highly available, but only one HAProxy instance receives requests, so its loss causes an outage: "
            f"{enumerate_refs(single)}."
        )
    if without:
        warnings.append(f"No HAProxy instance receives requests, so the router answers 503: {enumerate_refs(without)}.")
    return warnings


def _warnings_about_instances(routes: Iterable[Route]) -> list[str]:
    """Warnings about instances that are routed although they may not work."""
    together = [r.ref for r in routes if len(r.servers) > 1 and len({s.address for s in r.servers}) == 1]
    unknown = [route.ref for route in routes if any(server.state == UNKNOWN for server in route.servers)]
    warnings = []
    if together:
        refs = enumerate_refs(together)
        warnings.append(f"All HAProxy instances are on one node, so its loss causes an outage: {refs}.")
    if unknown:
        refs = enumerate_refs(unknown)
        warnings.append(f"The node of a routed HAProxy instance does not answer the broker: {refs}.")
    return warnings


def _lacks_instances(app: Mapping[str, Any], status: str) -> bool:
    """Whether the application is not highly available because it has too few HAProxy instances.

    One that was found to be degraded for another reason, for example because a node does not answer, stays routed.
    """
    problems = [each for each in parse_list(app.get("problems")) if isinstance(each, Mapping)]
    is_complete = bool(problems) and all(each.get("code") != MISSING for each in problems)
    return status != HIGHLY_AVAILABLE and not (status == DEGRADED and is_complete)


def _warnings_about_repeats(repeated: Iterable[str]) -> list[str]:
    refs = list(repeated)
    return [f"Listed more than once, and routed once: {enumerate_refs(refs)}."] if refs else []


def enumerate_refs(refs: list[str]) -> str:
    """The first of these, and how many more."""
    return join_first(refs, MAX_NAMED)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

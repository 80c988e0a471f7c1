# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write HAProxy's configuration from settings and routes. Pure.

The text has placeholders for what depends on the folder of the files: the map, the certificates, the state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.certificates import link_path
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import (
    PASSTHROUGH,
    TERMINATION,
    Settings,
)

#: The path of the map, which depends on the whole configuration.
MAP_MARK = "@OPENSHIFT_APP_ROUTER_MAP@"
#: How paths of the role's other files begin.
START_MARK = "@OPENSHIFT_APP_ROUTER_START@"
FIRST_LINE = "# Made by the role openshift_v2.apps.app_router: changes made here by hand are lost."
#: A line has 64 words at most.
_WORDS = 40
_ESCAPES = {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n"}


def render_haproxy(settings: Settings, routes: Sequence[Mapping[str, Any]], version: tuple[int, ...]) -> str:
    """The whole configuration, or the fragment."""
    return _Haproxy(settings, routes, version).render()


def indent(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


@dataclass(frozen=True)
class _Haproxy:
    settings: Settings
    routes: Sequence[Mapping[str, Any]]
    version: tuple[int, ...]

    def render(self) -> str:
        parts: list[list[str]] = [[FIRST_LINE], self._global()]
        parts += [["defaults openshift_http", *indent(self._http_defaults())]]
        parts += [part for part in (self._stats(), self._running()) if part]
        parts += [["frontend openshift_http from openshift_http", *indent(self._frontend())], self._unknown()]
        parts += [self._backend(route) for route in self.routes if not route["passthrough"]]
        if self.settings.tls == PASSTHROUGH:
            parts += self._tls()
        parts += [list(self.settings.extra)] if self.settings.extra else []
        first, *others = [part for part in parts if part]
        return "\n".join([*first, *("\n".join([*part, ""]) for part in others)])

    def _global(self) -> list[str]:
        """In a fragment, the section only adds the socket: the other files define everything else."""
        s = self.settings
        socket = []
        if s.admin_socket:
            socket = [f"stats socket {s.admin_socket} {s.admin_socket_options} expose-fd listeners"]
        if s.is_fragment:
            lines = [*socket, *s.extra_global]
            return ["global", *indent(lines)] if lines else []
        values = {"maxconn": s.maxconn, "chroot": s.chroot, "user": s.user, "group": s.group}
        lines = [f"log {target}" for target in s.log]
        lines += [f"{name} {value}" for name, value in values.items() if value]
        lines += [*socket, "# Distribute the checks of many applications over time.", "spread-checks 10"]
        lines += [f"hard-stop-after {s.hard_stop_after}"] if s.hard_stop_after else []
        return ["global", *indent([*lines, *s.extra_global])]

    def _defaults(self, mode: str) -> list[str]:
        s = self.settings
        maximum = f" maxconn {s.server_maxconn}" if s.server_maxconn else ""
        lines = [f"mode {mode}"]
        lines += ["log global", f"option {mode}log", "option dontlognull"] if s.log else []
        return [
            *lines,
            f"balance {s.balance}",
            "# A failed connection is retried at once, with the next server.",
            "option redispatch 1",
            f"retries {s.retries}",
            f"timeout connect {s.timeout_connect}",
            f"timeout client {s.timeout_client}",
            f"timeout server {s.timeout_server}",
            f"timeout queue {s.timeout_queue}",
            f"timeout tunnel {s.timeout_tunnel}",
            f"timeout check {s.timeout_check}",
            "# A server name that cannot be resolved must not affect the other servers.",
            f"default-server init-addr last,libc,none check inter {s.check_interval} fastinter "
            f"{s.check_interval_failing} fall {s.check_fall} rise {s.check_rise}{maximum}",
        ]

    def _http_defaults(self) -> list[str]:
        s = self.settings
        lines = self._defaults("http")
        lines += [
            f"timeout http-request {s.timeout_http_request}",
            f"timeout http-keep-alive {s.timeout_http_keep_alive}",
        ]
        if s.reuse_connections:
            lines += ["option http-keep-alive"]
        else:
            lines += [
                "# A new connection for each request, so that none is sent into one that the gear has just closed.",
                "option http-server-close",
            ]
        if self.version >= (2, 6):
            lines += [
                "# After a reload, idle connections are closed with their next answer instead of at once.",
                "option idle-close-on-response",
            ]
        lines += [f"retry-on {' '.join(s.retry_on)}"]
        lines += ["option httpchk"] if s.check == "http" else []
        return [*lines, *s.extra_defaults]

    def _stats(self) -> list[str]:
        s = self.settings
        lines = [f"bind {s.stats_bind}", "stats enable", f"stats uri {s.stats_uri}", "stats refresh 10s"]
        return ["frontend openshift_stats from openshift_http", *indent(lines)] if s.stats_bind else []

    def _running(self) -> list[str]:
        socket = self.settings.running_socket
        if not socket:
            return []
        lines = [
            f"bind unix@{socket} mode 600" if socket.startswith("/") else f"bind {socket}",
            "http-request set-log-level silent",
            f'http-request return status 200 content-type text/plain string "{MAP_MARK}"',
        ]
        comment = "# Returns the path of the map: it shows which configuration runs."
        return [comment, "frontend openshift_running from openshift_http", *indent(lines)]

    def _frontend(self) -> Iterator[str]:
        s = self.settings
        for address in s.http_bind:
            yield " ".join(filter(None, ("bind", address, s.http_bind_options)))
        if s.tls == TERMINATION:
            crt = " ".join(f"crt {link_path(START_MARK, each)}" for each in s.certificates)
            for address in s.https_bind:
                yield " ".join(filter(None, (f"bind {address} ssl {crt}", s.https_bind_options)))
        yield "http-request set-var(txn.host) req.hdr(host),field(1,:),lower,rtrim(.)"
        yield f"http-request set-var(txn.backend) var(txn.host),map({MAP_MARK},openshift_unknown)"
        if s.tls == PASSTHROUGH:
            yield "http-request redirect scheme https code 301 if { var(txn.backend) -m beg openshift-tls_ }"
        elif s.tls == TERMINATION and s.https_redirect:
            yield "http-request redirect scheme https code 301 unless { ssl_fc }"
        yield f"http-request disable-l7-retry unless {{ method {' '.join(s.retry_methods)} }}"
        yield from self._headers()
        yield from s.extra_frontend
        yield "use_backend %[var(txn.backend)]"
        yield "default_backend openshift_unknown"

    def _headers(self) -> Iterator[str]:
        proxies = self.settings.trusted_proxies
        for start in range(0, len(proxies), _WORDS):
            yield f"acl openshift_trusted src {' '.join(proxies[start : start + _WORDS])}"
        unless_trusted = " unless openshift_trusted" if proxies else ""
        yield f"http-request del-header X-Forwarded-For{unless_trusted}"
        yield "http-request del-header X-Forwarded-SSL-Client-Cert"
        yield f"http-request set-header X-Client-IP %[src]{unless_trusted}"
        yield f"http-request set-header X-Forwarded-Host %[req.hdr(host)]{unless_trusted}"
        yield f"http-request set-header X-Forwarded-Port %[dst_port]{unless_trusted}"
        yield f"http-request set-header X-Forwarded-Proto http{unless_trusted}"
        if self.settings.tls == TERMINATION:
            not_trusted = " !openshift_trusted" if proxies else ""
            yield f"http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}{not_trusted}"
        yield "option forwardfor"

    def _unknown(self) -> list[str]:
        text = "".join(_ESCAPES.get(letter, letter) for letter in self.settings.unknown_text)
        answer = f'http-request return status {self.settings.unknown_status} content-type text/plain string "{text}\\n"'
        return ["backend openshift_unknown from openshift_http", *indent([answer])]

    def _backend(self, route: Mapping[str, Any]) -> list[str]:
        s = self.settings
        lines = [f"# {' '.join(route['hosts'])}", *self._state()]
        if s.check == "http":
            lines += [
                f"http-check send meth {s.check_method} uri {s.check_path} ver HTTP/1.1 hdr Host {route['host']} "
                "hdr User-Agent openshift-app-router",
                f"http-check expect ! rstatus ^({'|'.join(s.check_down_status)})$",
            ]
        lines += [*s.extra_backend, *map(_server, route["servers"])]
        return [f"backend {route['backend']} from openshift_http", *indent(lines)]

    def _state(self) -> list[str]:
        """Servers that were drained or disabled stay so across a reload."""
        if not self.settings.admin_socket:
            return []
        return ["load-server-state-from-file local", f"server-state-file-name {START_MARK}servers.state"]

    def _tls(self) -> Iterator[list[str]]:
        name = f"req.ssl_sni,lower,rtrim(.),map({MAP_MARK})"
        yield ["defaults openshift_tls", *indent(self._defaults("tcp"))]
        lines = [
            *(f"bind {address}" for address in self.settings.https_bind),
            "tcp-request inspect-delay 5s",
            "tcp-request content accept if { req.ssl_hello_type 1 }",
            "tcp-request content reject",
            f"use_backend %[{name}] if {{ {name} -m beg openshift-tls_ }}",
            "default_backend openshift-tls-unknown",
        ]
        yield ["frontend openshift_tls from openshift_tls", *indent(lines)]
        yield ["backend openshift-tls-unknown from openshift_tls", *indent(["tcp-request content reject"])]
        for route in self.routes:
            if route["passthrough"]:
                options = f" check-ssl verify none check-sni {route['host']}"
                servers = [f"{_server(server)}{options}" for server in route["servers"]]
                lines = [f"# {' '.join(route['hosts'])}", *self._state(), *servers]
                yield [f"backend {route['backend']} from openshift_tls", *indent(lines)]


def _server(server: Mapping[str, Any]) -> str:
    return f"server {server['name']} {server['address']}:{server['port']}"

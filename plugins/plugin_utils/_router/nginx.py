# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write nginx's configuration from settings and routes. Pure.

nginx has no active checks: a server that fails requests gets none for a while, and each request is tried with the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.haproxy import FIRST_LINE, MAP_MARK, indent
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import (
    PASSTHROUGH,
    TERMINATION,
    Settings,
)

#: Seconds for which a server that failed requests gets none.
FAIL_TIMEOUT = "10s"
#: Memory of a zone: what nginx needs for itself, and what a server may need with its name and its counters.
_ZONE_BYTES = 65536
_ZONE_BYTES_PER_SERVER = 2048
#: From this version on, HTTP/2 is a directive of its own.
_HTTP2_DIRECTIVE = (1, 25, 1)
#: From this version on, a reload leaves idle connections open for some time.
_KEEPALIVE_MIN = (1, 27, 4)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "$": "${openshift_dollar}"}
#: Directives that may be repeated.
_REPEATABLE = {"access_log", "allow", "deny", "if", "include", "proxy_set_header", "return", "set", "}"}
_MAP_WORDS = ("default", "hostnames", "include", "volatile")
_MODULES = ("/etc/nginx/modules-enabled/*.conf", "/usr/share/nginx/modules/*.conf")


def render_nginx(settings: Settings, routes: Sequence[Mapping[str, Any]], version: tuple[int, ...]) -> str:
    """The whole configuration, or the fragment for the section ``http``."""
    return _Nginx(settings, routes, version).render()


def render_map(map_text: str) -> str:
    """The map from host names to backends in nginx's syntax."""
    return "".join(f"{_key(line)};\n" for line in map_text.splitlines())


def _key(line: str) -> str:
    """A line of a map: a host name that is also a word of nginx's syntax is marked."""
    return f"\\{line}" if line.split()[0] in _MAP_WORDS else line


def override(lines: Iterable[str], extra: Sequence[str]) -> list[str]:
    """The lines with those of the user, which take precedence: nginx allows most directives only once."""
    given = {line.split()[0] for line in extra if line.split()} - _REPEATABLE
    return [*(line for line in lines if line.split()[0] not in given), *extra]


@dataclass(frozen=True)
class _Nginx:
    settings: Settings
    routes: Sequence[Mapping[str, Any]]
    version: tuple[int, ...]

    def render(self) -> str:
        if self.settings.is_fragment:
            return "\n".join([FIRST_LINE, *self.settings.extra_defaults, *self._http(), ""])
        s = self.settings
        lines = [FIRST_LINE, *override(self._main(), s.extra_global)]
        lines += ["http {", *indent([*override(self._http_defaults(), s.extra_defaults), *self._http()]), "}"]
        if self.settings.tls == PASSTHROUGH:
            lines += ["stream {", *indent(self._stream()), "}"]
        return "\n".join([*lines, *self.settings.extra, ""])

    def _main(self) -> Iterator[str]:
        s = self.settings
        if s.user:
            yield f"user {' '.join(filter(None, (s.user, s.group)))};"
        yield "worker_processes auto;"
        yield f"error_log {'/var/log/nginx/error.log' if s.log else 'stderr'};"
        yield from (f"include {pattern};" for pattern in _MODULES)
        if s.hard_stop_after:
            yield f"worker_shutdown_timeout {s.hard_stop_after};"
        yield f"events {{ worker_connections {s.maxconn or 4096}; }}"

    def _http_defaults(self) -> Iterator[str]:
        yield from (f"access_log {target};" for target in self.settings.log or ("off",))
        yield from ("server_tokens off;", "map_hash_bucket_size 512;", "map_hash_max_size 65536;")
        yield from ("server_names_hash_bucket_size 512;", "server_names_hash_max_size 65536;")

    def _http(self) -> Iterator[str]:
        s = self.settings
        # A host without a backend, and a backend without a server, get an answer of the router itself.
        empty = [route["backend"] for route in self.routes if not route["servers"]]
        yield "map $host $openshift_host { default openshift_unknown;"
        yield f"    include {MAP_MARK};"
        yield "}"
        if empty:
            yield "map $openshift_host $openshift_backend { default $openshift_host;"
            yield from (f"    {backend} openshift_empty;" for backend in empty)
            yield "}"
        else:
            yield "map $openshift_host $openshift_backend { default $openshift_host; }"
        yield "map $http_upgrade $openshift_connection { default upgrade; '' close; }"
        # nginx has no other way to write this letter.
        yield "geo $openshift_dollar { default $; }"
        yield from self._trust()
        yield from self._upstreams("openshift_apps", passthrough=False)
        for listens, tls, names in self._server_blocks():
            yield from self._server(listens, tls, names)
        if s.running_socket:
            yield from self._running()

    def _trust(self) -> Iterator[str]:
        """Headers of trusted proxies are kept, those of other clients are replaced."""
        yield "geo $openshift_trusted { default 0;"
        yield from (f"    {proxy} 1;" for proxy in self.settings.trusted_proxies)
        yield "}"
        own = {
            "for": ("$remote_addr", "$proxy_add_x_forwarded_for"),
            "client": ("$remote_addr", "$http_x_client_ip"),
            "host": ("$http_host", "$http_x_forwarded_host"),
            "port": ("$server_port", "$http_x_forwarded_port"),
            "proto": ("$scheme", "$http_x_forwarded_proto"),
        }
        for name, (replaced, kept) in own.items():
            yield f"map $openshift_trusted $openshift_x_{name} {{ 0 {replaced}; 1 {kept}; }}"

    def _upstreams(self, zone: str, *, passthrough: bool) -> Iterator[str]:
        """The upstreams that have servers. They share one zone.

        Without a zone each worker process counts failures and connections for itself: a worker could still avoid a
        server that has recovered when the only other server fails.
        """
        routes = [route for route in self.routes if route["servers"] and route["passthrough"] is passthrough]
        servers = sum(len(route["servers"]) for route in routes)
        # nginx needs a multiple of its page size, and the size only once.
        size = -(-(_ZONE_BYTES + _ZONE_BYTES_PER_SERVER * (servers + len(routes))) // _ZONE_BYTES) * _ZONE_BYTES
        for index, route in enumerate(routes):
            yield from self._upstream(route, zone if index else f"{zone} {size // 1024}k")

    def _upstream(self, route: Mapping[str, Any], zone: str) -> Iterator[str]:
        s = self.settings
        maximum = f" max_conns={s.server_maxconn}" if s.server_maxconn else ""
        yield f"upstream {route['backend']} {{"
        yield f"    # {' '.join(route['hosts'])}"
        yield f"    zone {zone};"
        for server in route["servers"]:
            passive = f"max_fails={s.check_fall} fail_timeout={FAIL_TIMEOUT}{maximum}"
            yield f"    server {server['address']}:{server['port']} {passive}; # {server['name']}"
        yield "}"

    def _server_blocks(self) -> Iterator[tuple[list[str], Mapping[str, Any] | None, list[str]]]:
        """What each server block listens on, its certificate, and the names that it answers to."""
        s = self.settings
        options = f" {s.http_bind_options}" if s.http_bind_options else ""
        default = "" if s.is_fragment else " default_server"
        every = [host for route in self.routes for host in route["hosts"]]
        # A server without names would answer to the names of others.
        if s.is_fragment and not every:
            return
        yield [f"{address}{options}{default}" for address in s.http_bind], None, every if s.is_fragment else ["_"]
        if s.tls != TERMINATION:
            return
        first, *others = s.certificates
        taken: set[str] = set()
        for each in others:
            names = [host for host in every if any(fnmatchcase(host, glob) for glob in each["names"])]
            names = [host for host in names if host not in taken]
            taken |= set(names)
            if names:
                yield self._tls_listens(""), each, names
        rest = [host for host in every if host not in taken]
        yield self._tls_listens(default), first, (rest or ["_"]) if s.is_fragment else [*rest, "_"]

    def _tls_listens(self, default: str) -> list[str]:
        s = self.settings
        http2 = " http2" if self.version < _HTTP2_DIRECTIVE else ""
        options = f" {s.https_bind_options}" if s.https_bind_options else ""
        return [f"{address} ssl{http2}{options}{default}" for address in s.https_bind]

    def _server(self, listens: list[str], tls: Mapping[str, Any] | None, names: list[str]) -> Iterator[str]:
        yield "server {"
        yield from indent(f"listen {listen};" for listen in listens)
        yield from indent(f"server_name {name};" for name in names)
        if tls:
            yield from indent(self._certificate(tls))
        yield from indent(override(self._common(tls is not None), self.settings.extra_frontend))
        yield "    location / {"
        yield from (f"        {line}" for line in override(_location(self.settings), self.settings.extra_backend))
        yield "    }"
        yield "}"

    def _certificate(self, tls: Mapping[str, Any]) -> Iterator[str]:
        yield f"ssl_certificate {tls['certificate']};"
        yield f"ssl_certificate_key {tls['key'] or tls['certificate']};"
        yield "ssl_protocols TLSv1.2 TLSv1.3;"
        if self.version >= _HTTP2_DIRECTIVE:
            yield "http2 on;"

    def _common(self, is_tls: bool) -> Iterator[str]:
        s = self.settings
        text = "".join(_ESCAPES.get(letter, letter) for letter in s.unknown_text)
        yield "default_type text/plain;"
        yield "client_max_body_size 0;"
        yield f"client_header_timeout {s.timeout_http_request};"
        yield f"client_body_timeout {s.timeout_client};"
        yield f"send_timeout {s.timeout_client};"
        if self.version >= _KEEPALIVE_MIN:
            yield f"keepalive_timeout {s.timeout_http_keep_alive};"
            yield f"keepalive_min_timeout {s.timeout_http_keep_alive};"
        else:
            # A reload would close idle connections, into which clients may be sending a request.
            yield "keepalive_timeout 0;"
        yield f'if ($openshift_backend = openshift_unknown) {{ return {s.unknown_status} "{text}\\n"; }}'
        yield "if ($openshift_backend = openshift_empty) { return 503; }"
        if s.tls == PASSTHROUGH:
            yield "if ($openshift_backend ~ ^openshift-tls_) { return 301 https://$host$request_uri; }"
        elif s.tls == TERMINATION and s.https_redirect and not is_tls:
            yield "return 301 https://$host$request_uri;"

    def _running(self) -> Iterator[str]:
        yield "# Returns the path of the map: it shows which configuration runs."
        yield f"server {{ listen {self.settings.running_socket}; access_log off; default_type text/plain;"
        yield f'    location / {{ return 200 "{MAP_MARK}"; }}'
        yield "}"

    def _stream(self) -> Iterator[str]:
        """TLS goes to the gears by the name in the handshake. Servers are only tried in turn when they connect."""
        s = self.settings
        pairs = [(host, route["backend"]) for route in self.routes if route["passthrough"] for host in route["hosts"]]
        backends = {route["backend"] for route in self.routes if route["servers"]}
        yield "map_hash_bucket_size 512;"
        yield "map_hash_max_size 65536;"
        yield "map $ssl_preread_server_name $openshift_tls { default '';"
        yield from indent(f"{_key(host)} {backend};" for host, backend in pairs if backend in backends)
        yield "}"
        yield from self._upstreams("openshift_apps_tls", passthrough=True)
        yield "server {"
        yield from indent(f"listen {address};" for address in s.https_bind)
        yield from indent(_stream_server(s))
        yield "}"


def _location(s: Settings) -> Iterator[str]:
    failures = " ".join(("error", "timeout", *(f"http_{code}" for code in s.check_down_status)))
    yield "proxy_pass http://$openshift_backend;"
    yield "proxy_http_version 1.1;"
    yield "proxy_redirect off;"
    # Only what was not sent is tried again with any method; the rest only with methods that may be repeated.
    yield f"proxy_next_upstream {failures if s.check == 'http' else 'error timeout'};"
    yield f"proxy_next_upstream_tries {s.retries + 1};"
    yield f"proxy_connect_timeout {s.timeout_connect};"
    yield f"proxy_read_timeout {s.timeout_server};"
    yield f"proxy_send_timeout {s.timeout_server};"
    yield "proxy_set_header Host $http_host;"
    yield "proxy_set_header Upgrade $http_upgrade;"
    yield "proxy_set_header Connection $openshift_connection;"
    yield "proxy_set_header X-Forwarded-For $openshift_x_for;"
    yield "proxy_set_header X-Client-IP $openshift_x_client;"
    yield "proxy_set_header X-Forwarded-Host $openshift_x_host;"
    yield "proxy_set_header X-Forwarded-Port $openshift_x_port;"
    yield "proxy_set_header X-Forwarded-Proto $openshift_x_proto;"
    yield "proxy_set_header X-Forwarded-SSL-Client-Cert '';"


def _stream_server(s: Settings) -> Iterable[str]:
    return (
        "ssl_preread on;",
        "proxy_pass $openshift_tls;",
        f"proxy_connect_timeout {s.timeout_connect};",
        f"proxy_timeout {s.timeout_tunnel};",
    )

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read from a configuration what it serves: applications in our own, other backends in a foreign one. Pure.

Understands the syntax of HAProxy and of nginx as far as backends and their servers need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.routes import HTTP_PREFIX, TLS_PREFIX

#: The name of a backend that was made from a route.
_OWN = re.compile(rf"(?:{HTTP_PREFIX}|{TLS_PREFIX})([A-Za-z0-9-]+)_([A-Za-z0-9-]+)")
#: The name of a server that was made from a route. Others were added by the operator, for example an error page.
_OWN_SERVER = "gear-"
_HAPROXY_SECTION = re.compile(r"(?:backend|listen)\s+(\S+)")
_HAPROXY_SERVER = re.compile(r"\s*server\s+(\S+)\s+(\S+)")
_NGINX_UPSTREAM = re.compile(r"\s*upstream\s+([^\s{]+)\s*\{")
_NGINX_SERVER = re.compile(r"\s*server\s+([^\s;{]+)([^;{]*);(?:\s*#\s*(\S+))?")
_DUMPED = re.compile(r"^# configuration file (\S.*):$", re.MULTILINE)
_NGINX_BLOCK = re.compile(r"^\s*(?:server|upstream\s+\S+)\s*\{", re.MULTILINE)
_NGINX_PASS = re.compile(r"\s*proxy_pass\s+https?://([^\s;/$]+)[^\s;$]*;")


@dataclass(frozen=True)
class ServedServer:
    """A server of a backend. ``name`` is empty if the configuration names none; ``address`` includes the port."""

    name: str
    address: str
    down: bool = False


@dataclass(frozen=True)
class Backend:
    """A backend of a configuration."""

    name: str
    servers: tuple[ServedServer, ...]

    @property
    def ref(self) -> str:
        """``domain/name`` of the application that the backend was made for, otherwise empty."""
        match = _OWN.fullmatch(self.name)
        return f"{match[1]}/{match[2]}" if match else ""

    @property
    def own_servers(self) -> tuple[ServedServer, ...]:
        return tuple(server for server in self.servers if server.name.startswith(_OWN_SERVER))


def parse_backends(configuration: str) -> tuple[Backend, ...]:
    """All backends, in order, with the servers of each."""
    backends: dict[str, list[ServedServer]] = {}
    passed: dict[str, ServedServer] = {}
    for name, server in _read(configuration):
        if server and server.address == name:
            passed[name] = server
        else:
            backends.setdefault(name, []).extend([server] if server else [])
    # A request that is passed to a named upstream is counted there.
    for name, server in passed.items():
        backends.setdefault(name, [server])
    return tuple(Backend(name, tuple(servers)) for name, servers in backends.items())


def _read(configuration: str) -> Iterator[tuple[str, ServedServer | None]]:
    """The name of each backend, without a server, and each of its servers."""
    lines = [line for line in configuration.splitlines() if not line.lstrip().startswith("#")]
    is_nginx = any(_NGINX_UPSTREAM.match(line) or _NGINX_PASS.match(line) for line in lines)
    return _read_nginx(lines) if is_nginx else _read_haproxy(lines)


def _read_nginx(lines: Sequence[str]) -> Iterator[tuple[str, ServedServer | None]]:
    current = ""
    for line in lines:
        if upstream := _NGINX_UPSTREAM.match(line):
            current = upstream[1]
            yield current, None
            yield from ((current, server) for server in _servers_after(line[upstream.end() :]))
        elif passed := _NGINX_PASS.match(line):
            yield passed[1], ServedServer("", passed[1])
        elif current and (server := _NGINX_SERVER.match(line)):
            yield current, ServedServer(server[3] or "", server[1], " down" in server[2])
        # A comment may hold a brace.
        if "}" in line.partition("#")[0]:
            current = ""


def _read_haproxy(lines: Sequence[str]) -> Iterator[tuple[str, ServedServer | None]]:
    current = ""
    for line in lines:
        if line[:1].strip():
            section = _HAPROXY_SECTION.match(line)
            current = section[1] if section else ""
            if current:
                yield current, None
        elif current and (listed := _HAPROXY_SERVER.match(line)):
            yield current, ServedServer(listed[1], listed[2])


def _servers_after(rest: str) -> Iterator[ServedServer]:
    """The servers of an upstream that is written in one line."""
    for match in re.finditer(r"server\s+([^\s;]+)([^;]*);", rest):
        yield ServedServer("", match[1], " down" in match[2])


def parse_served(configuration: str) -> tuple[str, ...]:
    """``domain/name`` of the applications for which a configuration made from routes has servers, in order."""
    served = (backend.ref for backend in parse_backends(configuration) if backend.ref and backend.own_servers)
    return tuple(dict.fromkeys(served))


def parse_foreign(configuration: str) -> dict[str, tuple[str, ...]]:
    """What a configuration of somebody else serves: the name of each backend with servers, and their addresses."""
    return {
        backend.name: tuple(server.address for server in backend.servers)
        for backend in parse_backends(configuration)
        if backend.servers
    }


def parse_dump(dump: str) -> dict[str, str]:
    """The files in the output of ``nginx -T``, by path, that define servers."""
    parts = _DUMPED.split(dump)
    files = zip(parts[1::2], parts[2::2])
    # Each file follows the line with its path, and one more line break.
    contents = {path: content.removeprefix("\n").removesuffix("\n") for path, content in files}
    return {path: content for path, content in contents.items() if _NGINX_BLOCK.search(content)}

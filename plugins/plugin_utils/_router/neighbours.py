# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse a fragment that would take requests from the files beside it. Pure.

The programs accept such a configuration. The script ``validate.sh`` of the role prints what these decisions need.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import Refusal
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import NO_TLS, Settings

#: A line of the script: what was found, the file, and the rest of the directive.
_FOUND = re.compile(r"^openshift-apps-(bind|listen|include)\t([^\t]*)\t(.*)$", re.MULTILINE)
_ADDRESS = re.compile(r"(?:(?:ipv4|ipv6)@)?(?:(.*):)?([0-9]+)(?:-([0-9]+))?")
_CONFLICT = re.compile(r'conflicting server name "([^"]*)" on ([^,\s]+), ignored')
_EVERY = ("", "*", "0.0.0.0")
_DEFAULT = frozenset({"default_server", "default"})
_MAX_RANGE = 1000

Found = tuple[str, str, str]
Socket = tuple[str, int]


def check_neighbours(settings: Settings, result: Mapping[str, object], folder: str, config: str) -> list[Refusal]:
    """``result``: of the script, which has validated the fragment ``config`` in the temporary folder ``folder``."""
    if not settings.is_fragment:
        return []
    found = [(match[1], match[2], match[3]) for match in _FOUND.finditer(str(result.get("stdout") or ""))]
    if not settings.is_nginx:
        return _check_binds(settings, found)
    conflicts = _CONFLICT.findall(str(result.get("stderr") or ""))
    return [*_check_names(settings, conflicts, config), *_check_default(settings, found, folder)]


def _own_sockets(settings: Settings) -> dict[Socket, str]:
    """The addresses on which the fragment listens, and how the user has written them."""
    tls = settings.https_bind if settings.tls != NO_TLS else ()
    single = (settings.running_socket, settings.stats_bind)
    return {socket: address for address in (*settings.http_bind, *tls, *single) for socket in parse_sockets(address)}


def parse_sockets(directive: str) -> Iterator[Socket]:
    """Hosts and ports on which ``bind`` of HAProxy or ``listen`` of nginx listens; every IPv4 address is ``*``."""
    address, *options = directive.split() or [""]
    for each in address.split(","):
        match = _ADDRESS.fullmatch(each) or _ADDRESS.fullmatch(f"{each}:80")
        if match and not each.startswith(("unix", "/", "abns", "fd@", "sockpair")):
            host = (match[1] or "").strip("[]")
            first, last = int(match[2]), int(match[3] or match[2])
            for port in range(first, min(last, first + _MAX_RANGE) + 1):
                yield "*" if host in _EVERY else host.lower(), port
                if host == "::" and "v4v6" in options:
                    yield "*", port


def _check_binds(settings: Settings, found: Iterable[Found]) -> list[Refusal]:
    """HAProxy accepts two frontends with the same address, and each of them gets a part of the connections."""
    own = _own_sockets(settings)
    shared: dict[str, None] = {}
    for _kind, where, directive in found:
        for socket in parse_sockets(directive):
            if socket in own:
                shared[f"{own[socket].split()[0]} ({where})"] = None
    if not shared:
        return []
    return [
        Refusal(
            "Another frontend of HAProxy listens on the same address, so each would get a part of the connections: "
            f"{', '.join(shared)}.",
            "Set app_router_http_bind, app_router_https_bind or app_router_stats_bind to other addresses.",
        )
    ]


def _check_names(settings: Settings, conflicts: Iterable[tuple[str, str]], config: str) -> list[Refusal]:
    """nginx uses the first server with a name, and only warns about the others."""
    lines = {line.strip() for line in config.splitlines()}
    names = [
        f"{name} on {address}"
        for name, address in dict.fromkeys(conflicts)
        if f"server_name {name};" in lines or (not name and address == settings.running_socket)
    ]
    if not names:
        return []
    return [
        Refusal(
            f"Another file of nginx already has a server with the same name and address: {', '.join(names)}.",
            "Remove the name there, or remove the alias from the application, or exclude the application.",
        )
    ]


def _check_default(settings: Settings, found: Iterable[Found], folder: str) -> list[Refusal]:
    """The first server of an address answers to unknown names, unless one has ``default_server``."""
    own = _own_sockets(settings)
    first: dict[Socket, str] = {}
    others: dict[Socket, str] = {}
    marked = set()
    for where, directive in _in_order(list(found)):
        path = _real_path(settings, where, folder)
        for socket in parse_sockets(directive):
            first.setdefault(socket, path)
            if path != settings.config_path:
                others.setdefault(socket, path)
            if not _DEFAULT.isdisjoint(directive.split()):
                marked.add(socket)
    taken = [s for s in own if s in others and s not in marked and first[s] == settings.config_path]
    if not taken:
        return []
    listed = ", ".join(f"{own[socket].split()[0]} ({others[socket]})" for socket in taken)
    return [
        Refusal(
            "nginx would answer requests for unknown host names with the fragment instead of with your server: "
            f"{listed}.",
            "Add default_server to the directive listen of your server, or set app_router_config_path to a name that "
            "nginx reads later.",
        )
    ]


def _real_path(settings: Settings, path: str, folder: str) -> str:
    """The script validates copies and links."""
    for copy, real in (("root", settings.main_config), ("fragments", settings.config_path)):
        if path.startswith(f"{folder}/{copy}/"):
            return posixpath.join(posixpath.dirname(real), path.removeprefix(f"{folder}/{copy}/"))
    return path


def _in_order(found: list[Found]) -> Iterator[tuple[str, str]]:
    """File and directive of each ``listen``, in the order in which nginx reads them.

    ``nginx -T`` prints each file as a whole. Files follow in the order in which they are included.
    """
    files: dict[str, list[Found]] = {}
    for each in found:
        files.setdefault(each[1], []).append(each)
    waiting = list(files)

    def read(path: str) -> Iterator[tuple[str, str]]:
        waiting.remove(path)
        for kind, _path, directive in files[path]:
            if kind == "listen":
                yield path, directive
                continue
            pattern = posixpath.join(posixpath.dirname(main), directive.strip("\"'"))
            for included in [other for other in waiting if _matches(other, pattern)]:
                yield from read(included) if included in waiting else ()

    main = next(iter(files), "")
    return read(main) if main else iter(())


def _matches(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)

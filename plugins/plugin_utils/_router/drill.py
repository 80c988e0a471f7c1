# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan a drill of a router, and interpret its outcomes. Pure.

A drill takes each server of an application out of the router in turn, and sends requests through the router meanwhile.
The script ``drill.py`` of the role does it on the router, for one application at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import HIGHLY_AVAILABLE
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.addresses import parse_text, parse_url_host
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.drill_record import (
    FAILED,
    NOT_DRILLED,
    PASSED,
    SKIPPED,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import NOTHING_CHANGED
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.routes import TLS_PREFIX, enumerate_refs
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.served import Backend, parse_backends
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import (
    TERMINATION,
    SettingError,
    Settings,
)

_ADDRESS = re.compile(r"(?:(?P<host>\*|\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*):)?(?P<port>[0-9]{1,5})")
_ANY = {"": "127.0.0.1", "*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "::1"}
#: Options of an address whose clients must announce themselves with the PROXY protocol.
_PROXIED = frozenset({"accept-proxy", "proxy_protocol"})
_RESTORED = "Every HAProxy instance gets requests again, and the drill has stopped."
_NOT_SEEN = (
    "The drill has stopped. It did not see that every HAProxy instance gets requests again: a process on the router "
    "tries it within two minutes."
)
_MARKER = re.compile(r'return 200 "([^"]+\.map)"')


@dataclass(frozen=True)
class Drill:
    """The steps, one for each application, as ``drill.py`` reads them. ``skipped``: the others, and why."""

    steps: tuple[dict[str, Any], ...]
    skipped: tuple[dict[str, Any], ...]

    @property
    def headline(self) -> str:
        servers = sum(len(step["servers"]) for step in self.steps)
        return (
            f"To drill: {len(self.steps)} applications with {servers} HAProxy instances; skipped: {len(self.skipped)}. "
            "Each instance in turn gets no requests for some seconds."
        )


def plan_drill(
    applications: Iterable[Mapping[str, Any]], configuration: str, settings: Settings, seconds: int
) -> Drill:
    """``configuration``: what the router has now. Only highly available applications with two servers are drilled."""
    if not settings.is_nginx and not settings.admin_socket:
        raise SettingError("app_router_admin_socket must be set: a drill of HAProxy needs it.")
    backends = {backend.ref.lower(): backend for backend in parse_backends(configuration) if backend.ref}
    marker = _MARKER.search(configuration)
    steps, skipped = [], []
    for app in sorted(applications, key=_ref):
        backend = backends.get(_ref(app).lower())
        if reason := _why_not(app, backend):
            named = {"application": _ref(app), "id": parse_text(app.get("id"))}
            skipped.append({**named, "status": SKIPPED, "reason": reason})
        elif backend:
            steps.append(_step(app, backend, settings, seconds, marker[1] if marker else ""))
    return Drill(tuple(steps), tuple(skipped))


def _ref(app: Mapping[str, Any]) -> str:
    return f"{parse_text(app.get('domain'))}/{parse_text(app.get('name'))}"


def _why_not(app: Mapping[str, Any], backend: Backend | None) -> str:
    if app.get("ha_status") != HIGHLY_AVAILABLE:
        return f"it is not highly available ({app.get('ha_status')})"
    if backend is None or not backend.own_servers:
        return "this router does not route it"
    if len(backend.own_servers) < 2:
        return "this router has only one of its HAProxy instances"
    return "" if parse_url_host(app.get("url")) else "its address is invalid"


def _step(app: Mapping[str, Any], backend: Backend, settings: Settings, seconds: int, marker: str) -> dict[str, Any]:
    passed_on = backend.name.startswith(TLS_PREFIX)
    tls = passed_on or (settings.tls == TERMINATION and settings.https_redirect)
    bind = (settings.https_bind if tls else settings.http_bind)[0]
    options = f"{bind} {settings.https_bind_options if tls else settings.http_bind_options}".split()[1:]
    return {
        "application": _ref(app),
        "id": parse_text(app.get("id")),
        "software": settings.software,
        "seconds": seconds,
        "address": parse_bind(bind),
        "proxied": not _PROXIED.isdisjoint(options),
        "tls": tls,
        "host": parse_url_host(app.get("url")),
        "path": settings.check_path,
        "backend": backend.name,
        "servers": [server.name for server in backend.own_servers],
        "socket": settings.admin_socket,
        "config": settings.config_path,
        "marker": marker,
        "running": settings.running_socket,
        "reload": settings.reload_command,
        "service": settings.service,
    }


def parse_bind(bind: str) -> list[Any]:
    """Host and port of an address to listen on, for a client on the router. Raises ``SettingError``."""
    words = bind.split()
    match = _ADDRESS.fullmatch(words[0].removeprefix("ipv4@").removeprefix("ipv6@")) if words else None
    if not match:
        raise SettingError(f"app_router_http_bind: a drill cannot send requests to {bind!r}.")
    host = match["host"] or ""
    return [_ANY.get(host, host.strip("[]")), int(match["port"])]


def parse_outcome(step: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome of one application. ``result``: of the task that ran ``drill.py``; without it, it was not drilled."""
    entry = {"application": step["application"], "id": step["id"], "servers": list(step["servers"])}
    if not result or result.get("skipped"):
        return {
            **entry,
            "status": NOT_DRILLED,
            "requests": 0,
            "failed_requests": 0,
            "reason": "the drill had stopped",
            "restored": True,
        }
    try:
        outcome = json.loads(str(result.get("stdout") or ""))
        counts = {"requests": int(outcome["requests"]), "failed_requests": int(outcome["failed_requests"])}
        reason = str(outcome["failure"])
        restored = outcome["restored"] is True
    except (ValueError, KeyError, TypeError):
        shown = " ".join(str(result.get("stderr") or result.get("msg") or "no output").split())[-300:]
        counts, reason = {"requests": 0, "failed_requests": 0}, f"the drill did not end as expected: {shown}"
        restored = False
    return {**entry, "status": FAILED if reason else PASSED, **counts, "reason": reason, "restored": restored}


def describe_failure(router: str, outcomes: Iterable[Mapping[str, Any]]) -> str:
    """The refusal for a drill that failed, empty if it did not."""
    for each in outcomes:
        if each["status"] == FAILED:
            return (
                f"{each['application']}: the drill on {router} failed: {each['reason']}. "
                f"{_RESTORED if each['restored'] else _NOT_SEEN} Check the instances of this application, for example "
                "with openshift_app_info and verify: traffic."
            )
    return ""


def describe_headline(summary: Mapping[str, Any]) -> str:
    """The result in one sentence."""
    names = summary["failed_names"]
    failed = f" ({enumerate_refs(names)})" if names else ""
    return (
        f"{summary[PASSED]} of {summary['total']} applications passed, {summary[FAILED]} failed{failed}, "
        f"{summary[SKIPPED]} skipped: {summary['requests']} requests, {summary['failed_requests']} of them failed."
    )


def refuse_empty(configuration: str) -> str:
    """The refusal for a router that routes nothing yet."""
    if any(backend.ref for backend in parse_backends(configuration)):
        return ""
    return f"This router routes no application yet. {NOTHING_CHANGED} Run the role without tasks_from first."

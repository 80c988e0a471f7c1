# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The broker's resources and events. ``transport.py`` sends the requests; docs/broker.md describes the answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import Any
from urllib.parse import quote

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.exchange import Cutoff, never
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.redaction import WITHHELD, Redactor
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.transport import Transport
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import (
    Account,
    Caller,
    Domain,
    TokenScopes,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    NodeFailed,
    Refused,
    Unanswered,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.fields import LONGEST_NAME, is_sendable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import (
    Gear,
    Placement,
    gears_from_json,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Request, event
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable

#: The exit code of a scaling that the limits do not allow.
LIMITS_EXIT_CODE = 168
#: The most entries in a list. More are not plausible, and each takes some memory.
LONGEST_LIST = 200_000
#: The types that an application's data is converted to.
_PARSED = (Application, Unreadable)


class Broker:
    """The API of one broker for one account. Threads must not share it: each needs its own ``clone``.

    Every method raises a ``BrokerError`` of the matching class, whose text is the broker's own. ``may_write`` is called
    before every write; it raises an exception to prevent the write. ``cutoff`` returns when an interruption ends a
    request.
    """

    def __init__(
        self,
        connection: Connection,
        may_write: Callable[[], None] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
        cutoff: Cutoff = never,
    ) -> None:
        self._transport = Transport(connection, may_write, sleep, cutoff)

    def clone(self) -> Broker:
        """The same broker and account over separate connections, for another thread."""
        twin = copy(self)
        twin._transport = self._transport.clone()
        return twin

    def close(self) -> None:
        self._transport.close()

    @property
    def identity(self) -> str | None:
        """The login that the broker reported, after the first answer."""
        return self._transport.identity

    @property
    def scopes(self) -> TokenScopes | None:
        """What the token may do, after the first answer. ``None``: the credentials are not a token."""
        return self._transport.scopes

    def sign(self, error: BrokerError) -> BrokerError:
        """``error`` with the broker's address and the account."""
        return self._transport.sign(error)

    # --- Reads

    def application(self, ref: AppRef) -> Application:
        """The application with its cartridges, without links: one ``GET``."""
        app = _parse_application(self._transport.read(f"{_path(ref)}?include=cartridges&nolinks=true"), self._redactor)
        if app.ref.key != ref.key:
            # For example from a broken cache. A plan for one application must never be applied to another.
            raise Unanswered(f"the answer is about another application: {self._redactor.clean(str(app.ref))}")
        return app

    def applications(self, owned_only: bool = False, domain: str | None = None) -> tuple[Application | Unreadable, ...]:
        """All accessible applications with their cartridges: one ``GET``.

        ``owned_only`` limits them to the account's own, ``domain`` to one domain. An application that cannot be parsed
        does not hide the others.
        """
        path = "/applications" if domain is None else f"/domain/{_segment(domain)}/applications"
        owner = "&owner=%40self" if owned_only else ""
        data = self._transport.read(f"{path}?include=cartridges&nolinks=true{owner}", self._convert)
        entries = _require_list(data, "applications")
        return tuple(e if isinstance(e, _PARSED) else _parse_or_report(e, self._redactor) for e in entries)

    def _convert(self, fields: dict[str, Any]) -> Any:
        """An application instead of its data, as soon as that is read: the data of a fleet takes ten times as much."""
        is_application = "domain_id" in fields and "cartridges" in fields
        return _parse_or_report(fields, self._redactor) if is_application else fields

    def domains(self) -> tuple[Domain, ...]:
        """All accessible domains with the gear quotas of their owners: one ``GET``."""
        return tuple(
            self._parse_domain(entry)
            for entry in _require_list(self._transport.read("/domains?nolinks=true"), "domains")
        )

    def gears(self, ref: AppRef) -> tuple[Gear, ...]:
        """The application's gears with the endpoints of their HAProxy instances: one ``GET``."""
        return self._gears(ref, "include=endpoints&nolinks=true")

    def states(self, ref: AppRef, timeout: int | None = None) -> Placement:
        """The application's gears with their states, without endpoints: one ``GET``.

        It works while nodes do not answer: the states of their gears are ``unknown``. ``timeout``: how many seconds the
        broker waits for the nodes (by default 10).
        """
        patience = f"timeout={timeout}&" if timeout else ""
        return Placement(self._gears(ref, f"{patience}nolinks=true"), has_endpoints=False)

    def placement(self, ref: AppRef, timeout: int | None = None) -> Placement:
        """The application's gears with endpoints: one ``GET``, two if a node does not answer.

        The broker refuses to show endpoints then. The placement has only the states of the gears in that case.
        ``timeout`` is that of ``states``, which the second request uses.
        """
        try:
            return Placement(self.gears(ref))
        except NodeFailed:
            return self.states(ref, timeout)

    def _gears(self, ref: AppRef, query: str) -> tuple[Gear, ...]:
        gears = gears_from_json(self._transport.read(f"{_path(ref)}/gear_groups?{query}"))
        for gear in gears:
            names = (gear.id, gear.state, gear.location, *gear.cartridges, *(e.address for e in gear.endpoints))
            _refuse_echoes(self._redactor, "a gear", names)
        return gears

    def offers_ha(self, ref: AppRef) -> bool:
        """Whether the platform allows HA. If so, every application's links contain ``MAKE_HA``: one ``GET``."""
        data = self._transport.read(_path(ref))
        links = data.get("links") if isinstance(data, Mapping) else None
        return isinstance(links, Mapping) and "MAKE_HA" in links

    def domain(self, name: str) -> Domain:
        """The domain with its owner's remaining gears: one ``GET``."""
        return self._parse_domain(self._transport.read(f"/domain/{_segment(name)}?nolinks=true"))

    def caller(self) -> Caller:
        """The account of the credentials (or of ``impersonate_user``): one ``GET``."""
        caller = Caller.from_json(self._transport.read("/user?nolinks=true"))
        _refuse_echoes(self._redactor, "an account", (caller.login,))
        return caller

    def account(self) -> Account:
        """The same account with all its capabilities: one ``GET``."""
        account = Account.from_json(self._transport.read("/user?nolinks=true"))
        _refuse_echoes(self._redactor, "an account", (account.login,))
        return account

    def _parse_domain(self, entry: Any) -> Domain:
        domain = Domain.from_json(entry)
        _refuse_echoes(self._redactor, "a domain", (domain.name, domain.owner))
        return domain

    @property
    def _redactor(self) -> Redactor:
        return self._transport.redactor

    # --- Writes

    def send(self, ref: AppRef, request: Request) -> None:
        """Send the write of a step, once. Raises ``Refused`` for a path that would lead elsewhere."""
        if {".", ".."} & set(request.path.split("/")):
            raise Refused("a name in the request is not valid, so nothing was sent")
        self._transport.write(request.method, f"{_path(ref)}{request.path}?nolinks=true", request.body)

    def wait_for_lock(self, ref: AppRef) -> None:
        """Send ``scale-down`` by 0. The broker answers when all earlier operations have ended; nothing changes.

        The event contains no value that could overwrite another user's change (docs/broker.md, faults and concurrency).
        So it is the only write that may be sent again after any answer. Raises ``Busy`` also while another operation
        raises the minimum.
        """
        try:
            self.send(ref, event("scale-down", by=0))
        except Refused as refused:
            if refused.exit_code != LIMITS_EXIT_CODE:
                raise
            text = f"another operation is raising the minimum: {refused.text}"
            raise self.sign(Busy(text, refused.http_status, refused.exit_code)) from refused


def _path(ref: AppRef) -> str:
    return f"/domain/{_segment(ref.domain)}/application/{_segment(ref.name)}"


def _segment(name: str) -> str:
    """A name as a part of a path. Raises ``Refused``, because clients and proxies resolve ``..``."""
    if not is_sendable(name):
        raise Refused(
            f"{escape_unprintable(repr(name))} is not a valid name of a domain or an application, so nothing was sent"
        )
    return quote(name, safe="")


def _require_list(data: Any, what: str) -> list[Any]:
    if not isinstance(data, list):
        raise Unanswered(f"the broker's answer contains no list of {what}")
    if len(data) > LONGEST_LIST:
        raise Unanswered(f"the broker's answer lists more than {LONGEST_LIST:,} {what}")
    return data


def _parse_or_report(entry: Any, redactor: Redactor) -> Application | Unreadable:
    try:
        return _parse_application(entry, redactor)
    except BrokerError as error:
        fields = entry if isinstance(entry, Mapping) else {}
        names = (str(fields.get(key) or "?") for key in ("domain_id", "name"))
        domain, name = (WITHHELD if redactor.finds_secret_in_name(each) else _shorten(each) for each in names)
        # Without its traceback, which keeps the data of the answer in memory.
        return Unreadable(AppRef(domain, name), error.with_traceback(None))


def _shorten(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def _parse_application(entry: Any, redactor: Redactor) -> Application:
    app = Application.from_json(entry)
    names = (app.domain, app.name, app.owner, app.id, *(cartridge.name for cartridge in app.cartridges))
    _refuse_echoes(redactor, "an application", names)
    return app


def _refuse_echoes(redactor: Redactor, what: str, names: Iterable[str | None]) -> None:
    """Raise ``Unanswered`` for names that repeat credentials, because messages contain names."""
    for name in names:
        if redactor.finds_secret_in_name(name):
            problem = f"a name in the data of {what} repeats the credentials"
            raise Unanswered(f"the broker's answer is unusable: {problem}")

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets that obey the current exchange, and connections of urllib3 that use them.

Every wait is cut into short slices: to connect, for the TLS handshake, to send and to receive. Without a current
exchange, the sockets behave like any others.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.exchange import Exchange, current
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.handshake import BROKER, mark
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.interim import FinalResponse

try:
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import NewConnectionError
    from urllib3.util.connection import allowed_gai_family
except ImportError:
    # session.py reports a missing library.
    if not TYPE_CHECKING:
        HTTPAdapter = object

#: Python 3.9 has a class of its own for the time-outs of sockets.
TIMEOUTS = (TimeoutError, socket.timeout)
IN_PROGRESS = (errno.EINPROGRESS, errno.EALREADY, errno.EWOULDBLOCK)


class _Guarded:
    """The methods of a socket that wait, in slices."""

    def _repeat(self, call: Callable[..., Any], *args: Any) -> Any:
        exchange = current()
        if exchange is None:
            return call(*args)
        while True:
            self.settimeout(exchange.wait_time())  # type: ignore[attr-defined]
            try:
                return call(*args)
            except TIMEOUTS:
                continue

    def recv(self, *args: Any) -> Any:
        data = self._repeat(super().recv, *args)  # type: ignore[misc]
        _count(len(data))
        return data

    def recv_into(self, *args: Any) -> Any:
        received = self._repeat(super().recv_into, *args)  # type: ignore[misc]
        _count(received)
        return received

    def send(self, *args: Any) -> Any:
        return self._repeat(super().send, *args)  # type: ignore[misc]

    def sendall(self, data: Any, flags: int = 0) -> None:
        with memoryview(data) as view, view.cast("B") as left:
            done = 0
            while done < len(left):
                done += self.send(left[done:], flags)


class GuardedSocket(_Guarded, socket.socket):
    """A plain socket."""


class GuardedTls(_Guarded, ssl.SSLSocket):
    """A socket with TLS. The contexts in tls.py create it. ``peer``: see handshake.py."""

    peer = BROKER

    def do_handshake(self, block: bool = False) -> None:
        try:
            self._repeat(super().do_handshake, block)
        except BaseException as error:
            mark(error, self.peer, self.cipher())
            self.close()
            raise


def _count(received: int) -> None:
    exchange = current()
    if exchange is not None:
        exchange.count(received)


def _guard_socket(sock: socket.socket) -> GuardedSocket:
    """The same connection as a guarded socket; ``sock`` must not be used any more."""
    timeout = sock.gettimeout()
    guarded = GuardedSocket(sock.family, sock.type, sock.proto, fileno=sock.detach())
    guarded.settimeout(timeout)
    return guarded


# --- Connecting


def open_socket(host: str, port: int, exchange: Exchange, options: Any, source: Any) -> GuardedSocket:
    """Connect to the first address of the host that accepts. Raises ``OSError`` or ``UnicodeError``."""
    failure: OSError | None = None
    for family, kind, protocol, _name, address in _resolve(host.strip("[]"), port, exchange):
        sock = None
        try:
            sock = GuardedSocket(family, kind, protocol)
            for option in options or ():
                sock.setsockopt(*option)
            if source:
                sock.bind(source)
            _connect(sock, address, exchange)
            return sock
        except OSError as error:
            failure = error
            if sock is not None:
                sock.close()
        except BaseException:
            if sock is not None:
                sock.close()
            raise
    raise failure or OSError(errno.EADDRNOTAVAIL, "the host has no address")


def _connect(sock: socket.socket, address: Any, exchange: Exchange) -> None:
    sock.setblocking(False)
    number = sock.connect_ex(address)
    poller = select.poll()
    poller.register(sock, select.POLLOUT)
    while number in IN_PROGRESS:
        if poller.poll(1000 * exchange.wait_time()):
            number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise OSError(number, os.strerror(number))
    sock.settimeout(exchange.wait_time())


def _resolve(host: str, port: int, exchange: Exchange) -> list[Any]:
    """The addresses of the host. A resolver that does not answer cannot be interrupted, so a thread asks it."""
    ask = partial(socket.getaddrinfo, host, port, allowed_gai_family(), socket.SOCK_STREAM)
    if _is_address(host):
        return ask()
    answers: list[Any] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def work() -> None:
        try:
            answers.extend(ask())
        except BaseException as error:
            errors.append(error)
        done.set()

    threading.Thread(target=work, name="resolver", daemon=True).start()
    while not done.wait(exchange.wait_time()):
        pass
    if errors:
        raise errors[0]
    return answers


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            socket.inet_pton(family, host)
            return True
    return False


# --- urllib3


class _GuardedConnection:
    """Put before a connection class of urllib3: its sockets are guarded, and the exchange learns of the sending."""

    response_class = FinalResponse
    _is_connecting = False

    def _new_conn(self) -> socket.socket:
        exchange = current()
        own: Any = self
        if exchange is None or hasattr(self, "_socks_options"):
            return _guard_socket(super()._new_conn())  # type: ignore[misc]
        try:
            return open_socket(own._dns_host, own.port, exchange, own.socket_options, own.source_address)
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(own, f"cannot connect: {type(error).__name__}") from error

    def connect(self) -> None:
        self._is_connecting = True
        try:
            super().connect()  # type: ignore[misc]
        finally:
            self._is_connecting = False

    def send(self, data: Any) -> None:
        own: Any = self
        if not self._is_connecting:
            if own.sock is None and own.auto_open:
                own.connect()
            exchange = current()
            if exchange is not None:
                exchange.sent = True
        super().send(data)  # type: ignore[misc]


class GuardedAdapter(HTTPAdapter):
    """An adapter of ``requests`` whose connections are guarded, also those through proxies."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _guard_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        _guard_pools(manager)
        return manager


def _guard_pools(manager: Any) -> None:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _guard_pool(pool) for scheme, pool in pools.items()}


@cache
def _guard_pool(pool: Any) -> Any:
    if issubclass(pool.ConnectionCls, _GuardedConnection):
        return pool
    connection = type(pool.ConnectionCls.__name__, (_GuardedConnection, pool.ConnectionCls), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})

"""A relay that cuts TLS at many places: the class of an error never denies a request that was received.

The relay is a plain TCP relay or an HTTP proxy. It is not the embedded broker. Every wait has a deadline.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Unanswered,
    Unreachable,
)
from tests.faults.raw.deadlines import within
from tests.unit.clients import FOUND, SCALE_UP, broker_at, forget_surroundings
from tests.unit.memory_broker import REF
from tests.unit.wire import Wire

AUTHORITY = trustme.CA()
#: Seconds that a case may take.
DEADLINE = 60.0


@dataclass(frozen=True)
class Cut:
    """After how many bytes to the broker, or from it, the relay cuts the connection, and whether by a reset."""

    to_broker: int | None = None
    from_broker: int | None = None
    reset: bool = False


@contextmanager
def relay(port: int, cut: Cut, is_proxy: bool) -> Iterator[int]:
    """Relay connections to ``port``; ``is_proxy``: a ``CONNECT`` comes first. Yields the relay's own port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                near = listener.accept()[0]
                threading.Thread(target=connect, args=(near, port, cut, is_proxy), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def connect(near: socket.socket, port: int, cut: Cut, is_proxy: bool) -> None:
    near.settimeout(DEADLINE)
    with suppress(OSError), near, socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as far:
        if is_proxy:
            near.recv(65536)
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        end = threading.Event()
        back = threading.Thread(target=pump, args=(far, near, cut.from_broker, end), daemon=True)
        back.start()
        pump(near, far, cut.to_broker, end)
        back.join(DEADLINE)
        if cut.reset:
            for each in (near, far):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def pump(source: socket.socket, target: socket.socket, left: int | None, end: threading.Event) -> None:
    """Pass on at most ``left`` bytes, until one of the two directions ends."""
    with suppress(OSError):
        while (left is None or left > 0) and not end.is_set():
            if not select.select([source], [], [], 0.01)[0]:
                continue
            data = source.recv(65536 if left is None else left)
            if not data:
                break
            target.sendall(data)
            left = None if left is None else left - len(data)
    end.set()


CUTS = [
    *(Cut(to_broker=count, reset=reset) for count in (0, 1, 50, 300, 500, 700, 900, 1100) for reset in (False, True)),
    *(Cut(from_broker=count, reset=reset) for count in (0, 1, 100, 700, 1500, 2000, 2300) for reset in (False, True)),
]


@pytest.fixture
def ca_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    forget_surroundings(monkeypatch, tmp_path)
    path = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.mark.parametrize("is_proxy", [False, True], ids=["direct", "proxy"])
@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_an_error_never_denies_a_write_that_was_received(
    cut: Cut, is_proxy: bool, ca_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    with Wire(FOUND, tls=context) as wire, relay(wire.port, cut, is_proxy) as port:
        if is_proxy:
            monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        broker = broker_at(wire.url if is_proxy else f"https://127.0.0.1:{port}", verify=ca_path)
        error = within(DEADLINE, lambda: send(broker))
        received = len(wire.requests)
    assert received <= 1
    assert isinstance(error, (Unanswered, Unreachable)) or received == 1
    assert not received or error is None or error.may_have_taken_effect
    if cut.to_broker in (0, 1, 50) or cut.from_broker in (0, 1, 100):
        # Cut in the handshake.
        assert error.__class__ is Unreachable


def send(broker: Broker) -> BrokerError | None:
    try:
        broker.send(REF, SCALE_UP)
    except BrokerError as error:
        return error
    return None

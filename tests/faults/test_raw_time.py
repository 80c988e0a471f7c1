"""Peers that drip, are silent or never end: each request ends at its deadline, and a write is sent once."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Unanswered,
    Unreachable,
)
from tests.faults.raw.deadlines import within
from tests.faults.raw.server import Behaviour, HostileServer, Peer
from tests.unit.clients import FOUND, SCALE_UP, broker_at, closed_port, failure, forget_surroundings
from tests.unit.memory_broker import REF
from tests.waiting import wait_until

LIMIT = 0.4
#: Three tries of a read on a busy machine.
DEADLINE = 45.0
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
HAS_LENGTH = HEAD + b"Content-Length: 100000\r\n\r\n"
REQUESTS: dict[str, Callable[[Broker], Any]] = {
    "read": lambda broker: broker.application(REF),
    "write": lambda broker: broker.send(REF, SCALE_UP),
}


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_surroundings(monkeypatch, tmp_path)


def drips(start: bytes, *parts: bytes) -> Behaviour:
    """Send the start, and then one part after the other, without end."""

    def behave(peer: Peer, _request: bytes) -> None:
        peer.send(start)
        peer.drip_forever(parts)

    return behave


def floods(start: bytes, part: bytes) -> Behaviour:
    def behave(peer: Peer, _request: bytes) -> None:
        peer.send(start)
        peer.flood(part)

    return behave


#: Behaviours that never end an answer, by what drips.
DRIPPING: dict[str, Behaviour] = {
    "nothing": lambda peer, _request: peer.silence(),
    "status line": drips(b"HTTP/1.1 200 ", b"O"),
    "header line": drips(HEAD + b"X-A: ", b"a"),
    "headers": drips(HEAD, b"X-A: a\r\n"),
    "1xx answers": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": drips(HAS_LENGTH, b" "),
    "body without length": drips(HEAD + b"\r\n", b" "),
    "chunk size": drips(CHUNKED, b"0"),
    "chunk": drips(CHUNKED + b"fffff\r\n", b" "),
    "chunks": drips(CHUNKED, b"1\r\n \r\n"),
    "trailers": drips(CHUNKED + b"0\r\n", b"X-A: a\r\n"),
    "packed body": drips(HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\0", b"\0"),
    "redirect": drips(b"HTTP/1.1 302 Found\r\nLocation: /", b"a"),
    "body of a redirect": drips(b"HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 9999\r\n\r\n", b"a"),
    "error page": drips(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9999\r\n\r\n", b"a"),
}


def outcome(url: str, kind: str, **connection: Any) -> tuple[BrokerError, float]:
    """The error of a request, and the seconds until it was raised."""
    broker = broker_at(url, **{"http_timeout": LIMIT, "operation_timeout": LIMIT, **connection})
    started = time.monotonic()
    raised = within(DEADLINE, lambda: failure(lambda: REQUESTS[kind](broker)))
    return raised, time.monotonic() - started


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        pytest.param(what, kind, marks=[pytest.mark.thorough] if kind == "read" and what != "chunks" else [])
        for what in DRIPPING
        for kind in REQUESTS
    ],
)
def test_a_dripping_answer_ends_at_the_deadline(what: str, kind: str) -> None:
    with HostileServer(DRIPPING[what]) as server:
        raised, seconds = outcome(server.url, kind)
        requests = {"read": 3, "write": 1}[kind]
        # The server may be slower than its client, which has ended already.
        wait_until(lambda: len(server.requests) >= requests)
    assert isinstance(raised, Unanswered)
    assert f"within {LIMIT} s" in raised.text
    assert len(server.requests) == requests
    assert seconds > LIMIT * requests * 0.9


def test_a_slow_write_may_take_longer_than_a_read() -> None:
    def behave(peer: Peer, _request: bytes) -> None:
        peer.end.wait(1)
        peer.send(FOUND)

    with HostileServer(behave) as server:
        broker = broker_at(server.url, http_timeout=0.3, operation_timeout=10)
        within(DEADLINE, lambda: broker.send(REF, SCALE_UP))
    assert len(server.writes) == 1


def test_a_slow_answer_in_time_is_complete() -> None:
    with HostileServer(lambda peer, _request: peer.drip(FOUND, 0.0005)) as server:
        app = within(DEADLINE, lambda: broker_at(server.url, http_timeout=10).application(REF))
    assert app.name == "shop"


def test_the_next_request_has_its_own_time() -> None:
    """Over the same connection, whose socket has the time-out of the first request."""

    def behave(peer: Peer, _request: bytes) -> None:
        peer.end.wait(1.2)
        peer.send(FOUND)

    with HostileServer(behave) as server:
        broker = broker_at(server.url, http_timeout=3)
        for _number in range(3):
            within(DEADLINE, lambda: broker.application(REF))
    assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize(
    ("what", "behave"),
    [
        ("status line", floods(b"HTTP/1.1 200 ", b"a" * 65536)),
        ("header line", floods(HEAD + b"X-A: ", b"a" * 65536)),
        ("headers", floods(HEAD, b"X-A: " + b"a" * 60000 + b"\r\n")),
        ("1xx answers", floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100)),
        ("chunk size", floods(CHUNKED, b"0" * 65536)),
        ("chunk extension", floods(CHUNKED + b"1;", b"a" * 65536)),
        ("trailers", floods(CHUNKED + b"0\r\n", b"X-A: a\r\n" * 1000)),
    ],
)
def test_a_flood_without_a_body_ends_before_it_fills_the_memory(what: str, behave: Behaviour) -> None:
    with HostileServer(behave) as server:
        raised, seconds = outcome(server.url, "write", http_timeout=60, operation_timeout=60)
    assert isinstance(raised, Unanswered), what
    assert seconds < DEADLINE


# --- Before the request


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize("start", [b"", b"\x16\x03\x03\x40\0"], ids=["silent", "a record that drips"])
def test_a_tls_handshake_has_a_deadline_and_sends_nothing(start: bytes, kind: str) -> None:
    def behave(peer: Peer) -> None:
        peer.send(start)
        peer.drip_forever([b"\0"] if start else [b""])

    with HostileServer(lambda _peer, _request: None, at_connect=behave) as server:
        raised, _seconds = outcome(server.url.replace("http:", "https:"), kind, operation_timeout=60)
        connections = {"read": 3, "write": 1}[kind]
        wait_until(lambda: server.connections >= connections)
    assert raised.__class__ is Unreachable
    assert f"after {LIMIT} s" in raised.text
    assert server.connections == connections


@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize(
    "drip", [[b""], [b"H"], [b"HTTP/1.1 200 OK\r\n", b"X-A: a\r\n"]], ids=["", "status", "headers"]
)
def test_the_answer_of_a_proxy_has_a_deadline(kind: str, drip: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    def behave(peer: Peer, request: bytes) -> None:
        assert request.startswith(b"CONNECT ")
        peer.send(drip[0])
        peer.drip_forever(drip[1:] or drip)

    with HostileServer(behave) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        raised, _seconds = outcome("https://broker.example.com", kind, operation_timeout=60)
    assert isinstance(raised, Unreachable)


def test_a_dripping_answer_over_tls_ends_at_the_deadline(authority: trustme.CA, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with HostileServer(DRIPPING["body"], tls=context) as server:
        connection = {"http_timeout": DEADLINE, "operation_timeout": 2, "verify": str(tmp_path / "ca.pem")}
        raised, _seconds = outcome(server.url, "write", **connection)
        wait_until(lambda: server.writes)
    assert raised.__class__ is Unanswered
    assert len(server.writes) == 1


def test_a_connection_that_nobody_accepts_has_a_deadline() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _number in range(4)]
        try:
            for each in waiting:
                each.setblocking(False)
                each.connect_ex(("127.0.0.1", port))
            raised, _seconds = outcome(f"http://127.0.0.1:{port}", "write", operation_timeout=60)
        finally:
            for each in waiting:
                each.close()
    assert raised.__class__ is Unreachable


@pytest.mark.parametrize("kind", REQUESTS)
def test_a_resolver_that_does_not_answer_has_a_deadline(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: time.sleep(5))
    raised, _seconds = outcome("http://broker.example.com", kind, operation_timeout=60)
    assert raised.__class__ is Unreachable


def test_the_second_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_args: Any, **_options: Any) -> Any:
        ports = (closed_port(), server.port)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]

    with HostileServer(lambda peer, _request: peer.send(FOUND)) as server:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        app = within(DEADLINE, lambda: broker_at("http://broker.example.com").application(REF))
    assert app.name == "shop"

"""The probe: one bounded request to each HAProxy instance."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Endpoint, Gear, Placement
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import Probe
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.probe import ask, probe_all
from tests.unit.clients import closed_port
from tests.unit.memory_broker import gears
from tests.unit.wire import DROP, HANG, RESET, Cut, Wire, reply

APP = replace(gears(2, ha=True).shown(), url="http://shop-acme.example.com/")
#: A guard against hanging, not a measurement.
LIMIT = 60.0


def answer(*sent: object, probe: Probe | None = None, host: str = "shop-acme.example.com") -> str:
    with Wire(*sent) as wire:  # type: ignore[arg-type]
        return ask(("127.0.0.1", port_of(wire)), host, probe or Probe(timeout=LIMIT))


def port_of(wire: Wire) -> int:
    return int(wire.url.rpartition(":")[2])


@pytest.mark.parametrize("status", [200, 204, 302, 401, 404])
def test_an_instance_that_answers_counts(status: int) -> None:
    assert answer(reply(status, "", Location="http://127.0.0.1:1/")) == ""


@pytest.mark.parametrize("status", [500, 502, 503])
def test_errors_of_the_server_do_not(status: int) -> None:
    assert answer(reply(status, "<html>")) == f"HTTP status {status}"


INTERIM = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"


def test_interim_responses_are_not_the_answer() -> None:
    assert answer(INTERIM + reply(200, "")) == ""
    assert answer(INTERIM + reply(503, "")) == "HTTP status 503"
    assert answer(Cut(INTERIM)) == "the connection was closed without an answer"
    assert answer(Cut(INTERIM * 50)) == "HTTP status 102"
    assert answer(Cut(b"HTTP/1.1 103 Early Hints\r\n" + b"X: y\r\n" * 10_000)) != ""


def test_the_accepted_statuses_are_an_option() -> None:
    probe = Probe(timeout=LIMIT, statuses=((200, 200), (503, 503)))
    assert answer(reply(503, ""), probe=probe) == ""
    assert answer(reply(204, ""), probe=probe) == "HTTP status 204"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (DROP, "the connection was closed without an answer"),
        (RESET, "Connection reset by peer"),
        (HANG, "no answer within 0.3 s"),
        (Cut(b"SSH-2.0-OpenSSH_9.2\r\n"), "the answer is not HTTP"),
        (Cut(b"HTTP/1.1 2000 so\r\n"), "the answer is not HTTP"),
        (Cut(b"\x1b[31m" + b"x" * 100_000), "the answer is not HTTP"),
    ],
)
def test_anything_else_is_a_failure_with_a_reason(sent: object, reason: str) -> None:
    assert answer(sent, probe=Probe(timeout=0.3 if sent is HANG else LIMIT)) == reason


def test_a_closed_port_and_an_invalid_address() -> None:
    assert ask(("127.0.0.1", closed_port()), "h", Probe(timeout=LIMIT)) == "Connection refused"
    assert ask(("a..b" * 30, 80), "h", Probe(timeout=1)) != ""


def test_the_request_has_the_host_name_of_the_application_and_no_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login alice password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with Wire(reply(200, "")) as wire:
        placement = Placement((Gear("g1", "started", (), (Endpoint("127.0.0.1", port_of(wire), "g1", "started"),)),))
        assert probe_all(APP, placement, Probe("/health?x=1", LIMIT)) == {("127.0.0.1", port_of(wire)): ""}
    (request,) = wire.requests
    assert (request.method, request.path) == ("GET", "/health?x=1")
    assert request.headers["host"] == "shop-acme.example.com"
    assert set(request.headers) == {"host", "user-agent", "accept", "connection"}


@pytest.mark.parametrize("url", ["", "http://a\r\nX-Evil: 1/", "http://[", "http:///path", "http://a b/"])
def test_an_unusable_address_of_the_application_never_reaches_the_request(url: str) -> None:
    with Wire(reply(200, "")) as wire:
        placement = Placement((Gear("g1", "started", (), (Endpoint("127.0.0.1", port_of(wire), "g1", "started"),)),))
        probe_all(replace(APP, url=url), placement, Probe(timeout=LIMIT))
    (request,) = wire.requests
    assert request.headers["host"] in ("127.0.0.1", "ax-evil")
    assert set(request.headers) == {"host", "user-agent", "accept", "connection"}


def test_a_server_that_sends_byte_after_byte_is_cut_off() -> None:
    stop = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _address = listener.accept()
        with connection:
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        begun = time.monotonic()
        try:
            assert ask(listener.getsockname(), "h", Probe(timeout=0.4)) == "no answer within 0.4 s"
        finally:
            stop.set()
            thread.join(LIMIT)
        assert time.monotonic() - begun < LIMIT


def test_all_instances_are_asked_at_the_same_time() -> None:
    """One answers, one refuses, and twenty hang: together they take the time of one."""
    with Wire(reply(200, "")) as good, socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        ports = [port_of(good), closed_port()]
        endpoints = [Endpoint("127.0.0.1", port, f"g{port}", "started") for port in ports]
        silent_port = silent.getsockname()[1]
        endpoints += [Endpoint(f"127.0.0.{n}", silent_port, f"h{n}", "started") for n in range(1, 21)]
        placement = Placement(tuple(Gear(e.gear, e.state, (), (e,)) for e in endpoints))
        begun = time.monotonic()
        found = probe_all(APP, placement, Probe(timeout=3))
        assert time.monotonic() - begun < LIMIT
    assert found["127.0.0.1", ports[0]] == ""
    assert found["127.0.0.1", ports[1]] == "Connection refused"
    assert found["127.0.0.1", silent_port] == "no answer within 3 s"
    assert len(found) == 22


def test_a_name_that_does_not_resolve_in_time_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def resolve(*_arguments: object, **_options: object) -> list[object]:
        released.wait(LIMIT)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    endpoint = Endpoint("node1.example.com", 80, "g1", "started")
    placement = Placement((Gear("g1", "started", (), (endpoint,)),))
    try:
        found = probe_all(APP, placement, Probe(timeout=0.2))
    finally:
        released.set()
    assert found == {("node1.example.com", 80): "no answer within 0.2 s"}

"""TLS of the transport: authorities, client certificates, ciphers, and connections that break."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.transport import READ_TRIES
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    Unanswered,
    Unreachable,
    Untrusted,
    WrongProtocol,
)
from tests.unit.clients import (
    FOUND,
    SCALE_UP,
    broker_at,
    failure,
    forget_surroundings,
)
from tests.unit.memory_broker import REF
from tests.unit.wire import DROP, HANG, RESET, Answer, Plain, Wire


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_surroundings(monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_path(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def server_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def secure(server_side: ssl.SSLContext) -> Iterator[Wire]:
    with Wire(FOUND, tls=server_side) as wire:
        yield wire


def test_a_certificate_of_the_configured_authority_is_trusted(secure: Wire, ca_path: str) -> None:
    broker = broker_at(secure.url, verify=ca_path)
    assert broker.application(REF).name == "shop"
    broker.send(REF, SCALE_UP)


@pytest.mark.parametrize("kind", ["read", "write"])
def test_with_an_untrusted_certificate_nothing_is_sent(secure: Wire, kind: str) -> None:
    broker = broker_at(secure.url)
    raised = failure(lambda: broker.send(REF, SCALE_UP) if kind == "write" else broker.application(REF))
    assert (type(raised), "not trusted" in raised.text, secure.requests) == (Untrusted, True, [])


def test_an_untrusted_certificate_causes_no_retry(secure: Wire) -> None:
    rests: list[float] = []
    broker = Broker(Connection(url=secure.url, token="abc"), sleep=rests.append)
    failure(lambda: broker.application(REF))
    assert rests == []


def test_a_certificate_for_another_host_is_not_trusted(authority: trustme.CA, ca_path: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example.com").configure_cert(context)
    with Wire(FOUND, tls=context) as wire:
        assert failure(lambda: broker_at(wire.url, verify=ca_path).application(REF)).__class__ is Untrusted


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("ciphers", [None, "ECDHE+AESGCM:ECDHE+CHACHA20"])
def test_verification_can_be_switched_off(secure: Wire, ciphers: str | None) -> None:
    assert broker_at(secure.url, verify=False, ciphers=ciphers).application(REF).name == "shop"


def test_without_verification_there_are_no_warnings(secure: Wire) -> None:
    """In a separate process, because pytest resets the filters of warnings."""
    program = f"""
from ansible_collections.openshift_v2.apps.plugins.module_utils._client import api, connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
to_broker = connection.Connection(url={secure.url!r}, token="abc", verify=False)
api.Broker(to_broker).application(AppRef("acme", "shop"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, len(secure.requests)) == (0, "", 1)


def test_the_configured_ciphers_are_used(server_side: ssl.SSLContext, ca_path: str) -> None:
    server_side.maximum_version = ssl.TLSVersion.TLSv1_2
    server_side.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384")
    with Wire(FOUND, tls=server_side) as wire:
        assert broker_at(wire.url, verify=ca_path, ciphers="AES256+ECDHE").application(REF).name == "shop"
        raised = failure(lambda: broker_at(wire.url, verify=ca_path, ciphers="AES128+ECDHE").application(REF))
    assert "ciphers" in raised.text


@pytest.mark.parametrize("separate", [True, False], ids=["cert and key", "one file"])
def test_the_client_certificate_is_sent(
    separate: bool, authority: trustme.CA, server_side: ssl.SSLContext, ca_path: str, tmp_path: Path
) -> None:
    authority.configure_trust(server_side)
    server_side.verify_mode = ssl.CERT_REQUIRED
    leaf = authority.issue_cert("alice@example.com")
    both, cert, key = (str(tmp_path / name) for name in ("both.pem", "cert.pem", "key.pem"))
    leaf.private_key_and_cert_chain_pem.write_to_path(both)
    leaf.cert_chain_pems[0].write_to_path(cert)
    leaf.private_key_pem.write_to_path(key)
    shown = {"client_cert": cert, "client_key": key} if separate else {"client_cert": both}
    with Wire(FOUND, tls=server_side) as wire:
        broker = broker_at(wire.url, verify=ca_path, **shown)
        assert broker.application(REF).name == "shop"
        broker.send(REF, SCALE_UP)
        failure(lambda: broker_at(wire.url, verify=ca_path).application(REF))


def test_a_write_whose_tls_breaks_may_have_taken_effect(server_side: ssl.SSLContext, ca_path: str) -> None:
    with Wire(Plain(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"), tls=server_side) as wire:
        raised = failure(lambda: broker_at(wire.url, verify=ca_path).send(REF, SCALE_UP))
    assert (type(raised), len(wire.requests)) == (Unanswered, 1)


@pytest.mark.parametrize("answer", [DROP, RESET], ids=["drop", "reset"])
def test_a_write_whose_tls_connection_is_cut_may_have_taken_effect(
    answer: Answer, server_side: ssl.SSLContext, ca_path: str
) -> None:
    with Wire(answer, tls=server_side) as wire:
        raised = failure(lambda: broker_at(wire.url, verify=ca_path).send(REF, SCALE_UP))
    assert (type(raised), len(wire.requests)) == (Unanswered, 1)


def test_a_server_without_tls_is_reported() -> None:
    def serve() -> None:
        """Like Apache and nginx: they receive invalid HTTP and answer before its end."""
        for _try in range(READ_TRIES):
            with listener.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, daemon=True)
        server.start()
        raised = failure(lambda: broker_at(f"https://127.0.0.1:{listener.getsockname()[1]}").application(REF))
        server.join(60)
    assert (type(raised), "does not speak TLS" in raised.text, "ciphers" in raised.text) == (WrongProtocol, True, False)


@pytest.mark.parametrize("option", ["verify", "client_cert"])
def test_with_a_file_that_is_no_certificate_nothing_is_sent(option: str, secure: Wire, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("not a certificate", encoding="utf-8")
    failure(lambda: broker_at(secure.url, **{option: str(wrong)}).send(REF, SCALE_UP))
    assert secure.requests == []


def test_a_silent_server_may_have_no_tls() -> None:
    with Wire(HANG) as wire:
        url = wire.url.replace("http:", "https:")
        raised = failure(lambda: broker_at(url, http_timeout=0.2).send(REF, SCALE_UP))
    assert (type(raised), "whether its port uses TLS" in str(raised.remedy)) == (Unreachable, True)

"""Proxies between this host and the broker: which one is used, and which culprit a failure names."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st
from trustme import KeyType

from ansible_collections.openshift_v2.apps.plugins.module_utils._client import proxies
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import SettingError
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Misconfigured,
    Refused,
    Unanswered,
    Unreachable,
    Untrusted,
)
from tests.unit.clients import FOUND, NO_DEFAULT, SCALE_UP, broker_at, closed_port, failure, forget_surroundings
from tests.unit.memory_broker import REF
from tests.unit.wire import DROP, HANG, Wire, reply

#: Without its library, requests has no SOCKS.
needs_socks = pytest.mark.skipif(find_spec("socks") is None, reason="PySocks is not installed")

SECRET = "pr0xy-s3cr3t"
BROKERS = ("http://broker.example.com", "https://broker.example.com")
AUTHORITY = trustme.CA(key_type=KeyType.RSA)


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_surroundings(monkeypatch, tmp_path)


@pytest.fixture
def ca_path(tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return str(path)


def server(ciphers: str | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1", key_type=KeyType.RSA).configure_cert(context)
    if ciphers:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
    return context


def use(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, address)


def variable_of(url: str) -> str:
    return f"{url.partition(':')[0]}_proxy"


@contextmanager
def tunnel(tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that connects to the broker with ``CONNECT``: its address, and the requests that it received."""
    requests: list[bytes] = []

    def serve(client: socket.socket) -> None:
        try:
            with tls.wrap_socket(client, server_side=True) if tls else client as near:
                requests.append(near.recv(65536))
                host, _colon, port = requests[-1].split(b" ")[1].decode().rpartition(":")
                with socket.create_connection((host, int(port)), timeout=60) as far:
                    near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    back = threading.Thread(target=pump, args=(far, near), daemon=True)
                    back.start()
                    pump(near, far)
                    back.join(60)
        except OSError:
            client.close()

    with listen(serve) as port:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}", requests


@contextmanager
def socks() -> Iterator[str]:
    """A SOCKS 5 proxy without credentials: its address."""

    def serve(near: socket.socket) -> None:
        with near:
            near.recv(65536)
            near.sendall(b"\x05\x00")
            request = near.recv(65536)
            port = int.from_bytes(request[8:10], "big")
            with socket.create_connection((socket.inet_ntoa(request[4:8]), port), timeout=60) as far:
                near.sendall(b"\x05\x00\x00\x01" + request[4:10])
                back = threading.Thread(target=pump, args=(far, near), daemon=True)
                back.start()
                pump(near, far)
                back.join(60)

    with listen(serve) as port:
        yield f"socks5://127.0.0.1:{port}"


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        target.close()


@contextmanager
def listen(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            client.settimeout(60)
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


# --- Through a proxy


@pytest.mark.parametrize("is_https", [False, True], ids=["http proxy", "https proxy"])
def test_the_settings_of_tls_apply_to_the_broker_behind_a_proxy(
    is_https: bool, ca_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        Wire(FOUND, tls=server(NO_DEFAULT)) as wire,
        tunnel(server() if is_https else None) as (url, sent),
    ):
        use(monkeypatch, url)
        broker = broker_at(wire.url, verify=ca_path, ciphers=NO_DEFAULT)
        assert broker.application(REF).name == "shop"
        broker.send(REF, SCALE_UP)
        raised = failure(lambda: broker_at(wire.url, verify=ca_path).send(REF, SCALE_UP))
    assert (type(raised), "none of the ciphers" in raised.text) == (Misconfigured, True)
    assert len(wire.requests) == 2
    assert all(request.startswith(b"CONNECT ") for request in sent)


@needs_socks
@pytest.mark.parametrize("ciphers", [None, "AES128-SHA"])
def test_the_settings_of_tls_apply_behind_a_socks_proxy(
    ciphers: str | None, ca_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire(FOUND, tls=server("AES128-SHA:@SECLEVEL=0" if ciphers else None)) as wire, socks() as url:
        use(monkeypatch, url)
        broker = broker_at(wire.url, verify=ca_path, ciphers=ciphers)
        assert broker.application(REF).name == "shop"
        broker.send(REF, SCALE_UP)


def test_tls_min_version_applies_to_the_broker_behind_a_proxy(ca_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    context = server("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    with Wire(FOUND, tls=context) as wire, tunnel() as (url, _sent):
        use(monkeypatch, url)
        assert broker_at(wire.url, verify=ca_path, tls_min_version="TLSv1").application(REF).name == "shop"
        raised = failure(lambda: broker_at(wire.url, verify=ca_path).application(REF))
    assert "tls_min_version" in str(raised.remedy)


def test_the_client_certificate_is_for_the_broker_only(
    ca_path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert = tmp_path / "cert.pem"
    AUTHORITY.issue_cert("alice@example.com").private_key_and_cert_chain_pem.write_to_path(str(cert))
    of_broker, of_proxy = server(), server()
    for context, mode in ((of_broker, ssl.CERT_REQUIRED), (of_proxy, ssl.CERT_OPTIONAL)):
        AUTHORITY.configure_trust(context)
        context.verify_mode = mode
    shown: list[Any] = []
    of_proxy.sslsocket_class = type(
        "Recorder", (ssl.SSLSocket,), {"recv": lambda self, *size: _record(self, shown, *size)}
    )
    with Wire(FOUND, tls=of_broker) as wire, tunnel(of_proxy) as (url, _sent):
        use(monkeypatch, url)
        broker = broker_at(wire.url, verify=ca_path, client_cert=str(cert))
        assert broker.application(REF).name == "shop"
    assert shown
    assert not any(shown)


def _record(self: ssl.SSLSocket, shown: list[Any], *size: int) -> bytes:
    shown.append(self.getpeercert(binary_form=True))
    return ssl.SSLSocket.recv(self, *size)


def test_an_http_broker_behind_an_https_proxy(ca_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(FOUND, tls=server()) as proxy:
        use(monkeypatch, proxy.url)
        assert broker_at(BROKERS[0], verify=ca_path).application(REF).name == "shop"
        raised = failure(lambda: broker_at(BROKERS[0]).application(REF))
    assert (type(raised), f"the proxy {proxy.url} (http_proxy)" in raised.text) == (Untrusted, True)


@pytest.mark.parametrize(
    "bypass", ["127.0.0.1", "127.0.0.0/8", "*", "[::1], fe80::/10, 10.0.0.0/99, 127.0.0.1", ".x,,, 127.0.0.1"]
)
def test_no_proxy_is_honoured(bypass: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("no_proxy", bypass)
    with Wire(FOUND) as wire:
        assert broker_at(wire.url).application(REF).name == "shop"


@settings(max_examples=50, deadline=None)
@given(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
    | st.from_regex(r"[\[\]:/.,*0-9a-f]{1,20}")
)
def test_any_no_proxy_is_accepted(bypass: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        use(patch, "http://127.0.0.1:1")
        patch.setenv("no_proxy", bypass.replace("\0", ""))
        for url in ("http://10.0.0.1:80/x", "https://[::1]:8443/x", "https://broker.example.com/x"):
            proxies.find_proxy(url)


# --- Addresses that cannot work


@pytest.mark.parametrize(
    "address",
    [
        "foo:bar:baz",
        f"socks://u:{SECRET}@proxy:1",
        "http://",
        "http://:3128",
        " ",
        "::1",
        "http://[::1",
        "http://proxy:99999",
        "http://proxy:0",
        "http://pro xy:1",
        f"http://u:{SECRET}/x@proxy:1",
        f"http://u:{SECRET}#x@proxy:1",
        f"ftp://u:{SECRET}@proxy:1",
        f"file:///etc/{SECRET}",
    ],
)
@pytest.mark.parametrize("url", BROKERS)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_an_unusable_address_is_named_by_its_variable(
    address: str, url: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, address)
    broker = broker_at(url)
    raised = failure(lambda: broker.send(REF, SCALE_UP) if kind == "write" else broker.application(REF))
    assert (type(raised), raised.text.split(":")[0]) == (Misconfigured, variable_of(url))
    assert SECRET not in f"{raised.text} {raised.remedy}"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.sampled_from(["", "http://", "https://", "socks5://", "http://u:p@"]))
def test_any_address_is_accepted_or_refused(text: str, start: str) -> None:
    with suppress(SettingError):
        assert str(proxies.check_proxy(start + text, BROKERS[0], {})).startswith("the proxy ")


def test_socks_without_its_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "socks5h://127.0.0.1:1080")
    monkeypatch.setattr(proxies, "find_spec", lambda _name: None)
    raised = failure(lambda: broker_at(BROKERS[1]).application(REF))
    assert (type(raised), "PySocks" in raised.text, "https_proxy" in raised.text) == (Misconfigured, True, True)


def test_the_variable_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port()}")
    assert "(ALL_PROXY)" in failure(lambda: broker_at(BROKERS[0]).application(REF)).text


# --- Proxies that fail


@pytest.mark.parametrize("scheme", ["http", "https", pytest.param("socks5", marks=needs_socks)])
@pytest.mark.parametrize("url", BROKERS)
def test_a_dead_proxy_is_named_without_its_credentials(scheme: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    use(monkeypatch, f"{scheme}://u:{SECRET}@127.0.0.1:{port}")
    raised = failure(lambda: broker_at(url).send(REF, SCALE_UP))
    shown = f"the proxy {scheme}://127.0.0.1:{port} ({variable_of(url)})"
    assert (type(raised), shown in raised.text, "refused" in raised.text) == (Unreachable, True, True)
    assert variable_of(url) in str(raised.remedy)
    assert SECRET not in f"{raised.text} {raised.remedy}"


def test_a_silent_proxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(HANG) as proxy:
        use(monkeypatch, proxy.url)
        raised = failure(lambda: broker_at(BROKERS[1], http_timeout=0.2).send(REF, SCALE_UP))
    assert (type(raised), f"through the proxy {proxy.url} (https_proxy)" in raised.text) == (Unreachable, True)
    assert "https_proxy" in str(raised.remedy)


@pytest.mark.parametrize(
    ("status", "of_tunnel", "text"),
    [(407, Misconfigured, "requires credentials"), (403, Unreachable, "refuses"), (502, Unreachable, "refuses")],
)
def test_a_refusal_to_connect_names_the_proxy(
    status: int, of_tunnel: type[BrokerError], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire(reply(status, "<html>no</html>")) as proxy:
        use(monkeypatch, proxy.url)
        raised = failure(lambda: broker_at(BROKERS[1]).send(REF, SCALE_UP))
    assert (type(raised), text in raised.text, f"{proxy.url} (https_proxy)" in raised.text) == (of_tunnel, True, True)


def test_a_proxy_of_an_http_broker_that_demands_credentials_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(reply(407, "<html>no</html>")) as proxy:
        use(monkeypatch, proxy.url)
        raised = failure(lambda: broker_at(BROKERS[0]).send(REF, SCALE_UP))
    assert (type(raised), "the proxy requires credentials" in raised.text) == (Refused, True)
    assert "http_proxy" in str(raised.remedy)


def test_a_proxy_without_tls_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(client: socket.socket) -> None:
        with client:
            client.recv(65536)
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with listen(serve) as port:
        use(monkeypatch, f"https://127.0.0.1:{port}")
        raised = failure(lambda: broker_at(BROKERS[1]).send(REF, SCALE_UP))
    assert (type(raised), "does not speak TLS" in raised.text) == (Misconfigured, True)
    assert "http://" in str(raised.remedy)


@pytest.mark.parametrize(("url", "kind"), [(BROKERS[0], Unanswered), (BROKERS[1], Unreachable)], ids=["http", "https"])
def test_a_write_that_a_proxy_drops(url: str, kind: type[BrokerError], monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the proxy has connected to a broker with TLS, the write itself cannot have been sent."""
    with Wire(DROP) as proxy:
        use(monkeypatch, proxy.url)
        raised = failure(lambda: broker_at(url).send(REF, SCALE_UP))
    assert (type(raised), proxy.url in raised.text) == (kind, True)

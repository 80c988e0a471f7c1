"""TLS with brokers that do not fit: old versions, weak keys, certificates, and what each message names."""

from __future__ import annotations

import datetime
import ssl
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from requests import utils
from trustme import KeyType

from ansible_collections.openshift_v2.apps.plugins.module_utils._client import tls
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Misconfigured,
    Unanswered,
    Untrusted,
)
from tests.unit.clients import FOUND, NO_DEFAULT, SCALE_UP, broker_at, failure, forget_surroundings
from tests.unit.memory_broker import REF
from tests.unit.wire import Wire

DAY = datetime.timedelta(days=1)
AUTHORITY = trustme.CA(key_type=KeyType.RSA)


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_surroundings(monkeypatch, tmp_path)


@pytest.fixture
def ca_path(tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return str(path)


def server(
    versions: tuple[str, str] | None = None,
    ciphers: str | None = None,
    host: str = "127.0.0.1",
    asks_for_certificate: bool = False,
    **issued: Any,
) -> ssl.SSLContext:
    """The server's side. ``versions``: the oldest and the newest."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(host, key_type=KeyType.RSA, **issued).configure_cert(context)
    if ciphers:
        context.set_ciphers(ciphers)
    if versions:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = (tls.TLS_VERSIONS[version] for version in versions)
    if asks_for_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        AUTHORITY.configure_trust(context)
    return context


def old_server(version: str) -> ssl.SSLContext:
    """A broker of RHEL 6: one old version, and ciphers of that time."""
    return server((version, version), "ALL:@SECLEVEL=0")


def weak_server(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """A broker with a key of 1024 bits, and the file to trust."""
    cert, key = str(tmp_path / "weak.pem"), str(tmp_path / "weak.key")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", key, "-out", cert]
    command += ["-days", "3", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(cert, key)
    return context, cert


# --- Versions of TLS


@pytest.mark.filterwarnings("error::DeprecationWarning")
@pytest.mark.parametrize(("of_server", "option"), [("TLSv1", "TLSv1"), ("TLSv1.1", "TLSv1"), ("TLSv1.1", "TLSv1.1")])
@pytest.mark.parametrize("ciphers", [None, "AES128-SHA:AES256-SHA", "DEFAULT:@SECLEVEL=0"])
def test_a_broker_with_an_old_version_is_reached(
    of_server: str, option: str, ciphers: str | None, ca_path: str
) -> None:
    with Wire(FOUND, tls=old_server(of_server)) as wire:
        broker = broker_at(wire.url, verify=ca_path, tls_min_version=option, ciphers=ciphers)
        assert broker.application(REF).name == "shop"
        broker.send(REF, SCALE_UP)


@pytest.mark.parametrize(
    ("versions", "option", "remedy"),
    [
        (("TLSv1", "TLSv1"), None, "Set tls_min_version to TLSv1 "),
        (("TLSv1", "TLSv1"), "TLSv1.1", "Set tls_min_version to a lower version, for example TLSv1."),
        (("TLSv1.2", "TLSv1.2"), "TLSv1.3", "Set tls_min_version to a lower version, for example TLSv1."),
    ],
)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_an_old_version_is_named_with_the_option(
    versions: tuple[str, str], option: str | None, remedy: str, kind: str, ca_path: str
) -> None:
    with Wire(FOUND, tls=server(versions, "ALL:@SECLEVEL=0")) as wire:
        broker = broker_at(wire.url, verify=ca_path, tls_min_version=option)
        raised = failure(lambda: broker.send(REF, SCALE_UP) if kind == "write" else broker.application(REF))
    assert (type(raised), wire.requests) == (Misconfigured, [])
    assert "no version of TLS is allowed by both" in raised.text
    assert str(raised.remedy).startswith(remedy)


def test_without_the_option_the_context_is_that_of_urllib3(ca_path: str) -> None:
    from urllib3.util.ssl_ import create_urllib3_context

    default, ours = create_urllib3_context(), tls.Contexts(connection(verify=ca_path)).broker
    for name in ("minimum_version", "maximum_version", "options", "verify_flags", "verify_mode", "check_hostname"):
        assert getattr(ours, name) == getattr(default, name), name
    assert ours.get_ciphers() == default.get_ciphers()


def connection(**options: Any) -> tls.Connection:
    return tls.Connection(url="https://broker.example.com/broker/rest", token="abc", **options)


# --- What does not fit


@pytest.mark.parametrize(
    ("make", "text", "remedy", "kind"),
    [
        (
            lambda: server(("TLSv1.2", "TLSv1.2"), NO_DEFAULT),
            "none of the ciphers",
            "Set ciphers",
            Misconfigured,
        ),
        (
            lambda: server(("TLSv1.2", "TLSv1.2"), asks_for_certificate=True),
            "requires a client certificate",
            "Set client_cert",
            Misconfigured,
        ),
        (
            # In TLS 1.3, the server answers after the client has sent its request.
            lambda: server(("TLSv1.3", "TLSv1.3"), asks_for_certificate=True),
            "requires a client certificate",
            "Set client_cert",
            Unanswered,
        ),
        (lambda: server(host="other.example.com"), "not valid for '127.0.0.1'", "Set broker_url", Untrusted),
        (lambda: server(not_after=datetime.datetime.now() - DAY), "has expired", "Renew", Untrusted),
        (
            lambda: server(not_before=datetime.datetime.now() + DAY, not_after=datetime.datetime.now() + 9 * DAY),
            "is not yet valid",
            "correct the clock",
            Untrusted,
        ),
    ],
    ids=["ciphers", "client certificate 1.2", "client certificate 1.3", "host", "expired", "not yet valid"],
)
def test_the_culprit_is_named(
    make: Callable[[], ssl.SSLContext], text: str, remedy: str, kind: type[BrokerError], ca_path: str
) -> None:
    # With TLS 1.3, the server's reason can be lost when it closes the connection.
    for _try in range(5):
        with Wire(FOUND, tls=make()) as wire:
            raised = failure(lambda wire=wire: broker_at(wire.url, verify=ca_path).send(REF, SCALE_UP))
        assert (type(raised), wire.requests) == (kind, [])
        if text in raised.text:
            break
    assert text in raised.text
    assert remedy in str(raised.remedy)


@pytest.mark.parametrize("verify", [True, False])
def test_a_small_key_is_named_and_can_be_allowed(verify: bool, tmp_path: Path) -> None:
    context, cert = weak_server(tmp_path)
    with Wire(FOUND, tls=context) as wire:
        if verify:
            raised = failure(lambda: broker_at(wire.url, verify=cert).application(REF))
            assert "key too weak" in raised.text
            assert "ciphers to DEFAULT:@SECLEVEL=0" in str(raised.remedy)
        broker = broker_at(wire.url, verify=cert if verify else False, ciphers="DEFAULT:@SECLEVEL=0")
        assert broker.application(REF).name == "shop"


def test_an_unknown_authority_is_named_with_what_is_trusted(ca_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(FOUND, tls=server()) as wire:
        by_default = failure(lambda: broker_at(wire.url).application(REF))
        other = Path(ca_path).with_name("other.pem")
        trustme.CA().cert_pem.write_to_path(str(other))
        by_option = failure(lambda: broker_at(wire.url, verify=str(other)).application(REF))
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        by_store = failure(lambda: broker_at(wire.url).application(REF))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
        by_variable = failure(lambda: broker_at(wire.url).application(REF))
    assert "of the system and of certifi" in by_default.text
    assert f"ca_path ({other})" in by_option.text
    assert f"SSL_CERT_FILE ({other}) and of certifi" in by_store.text
    assert f"REQUESTS_CA_BUNDLE ({other})" in by_variable.text
    assert all("Set ca_path" in str(each.remedy) for each in (by_default, by_option, by_variable))


# --- Trusted authorities


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("ciphers", [None, "DEFAULT"])
def test_a_bundle_of_the_environment_is_trusted(
    variable: str, ciphers: str | None, ca_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, ca_path)
    with Wire(FOUND, tls=server()) as wire:
        assert broker_at(wire.url, ciphers=ciphers).application(REF).name == "shop"


def test_certifi_is_trusted_besides_the_system(ca_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's store has none of these authorities, as on a host without the package ca-certificates."""
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    monkeypatch.setattr(tls, "DEFAULT_CA_BUNDLE_PATH", ca_path)
    with Wire(FOUND, tls=server()) as wire:
        assert broker_at(wire.url).application(REF).name == "shop"


def test_the_store_of_requests_is_the_one_of_certifi() -> None:
    assert utils.DEFAULT_CA_BUNDLE_PATH == tls.DEFAULT_CA_BUNDLE_PATH


def test_ca_path_comes_first(ca_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
    monkeypatch.setenv("CURL_CA_BUNDLE", "/no/such/file")
    with Wire(FOUND, tls=server()) as wire:
        assert broker_at(wire.url, verify=ca_path).application(REF).name == "shop"


def test_a_directory_with_hashed_names_is_trusted(ca_path: str, tmp_path: Path) -> None:
    folder = tmp_path / "authorities"
    folder.mkdir()
    command = ["openssl", "x509", "-noout", "-hash", "-in", ca_path]
    name = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()
    with Wire(FOUND, tls=server()) as wire:
        assert "contains no certificates" in failure(lambda: broker_at(wire.url, verify=str(folder)).caller()).text
        (folder / f"{name}.0").symlink_to(ca_path)
        assert broker_at(wire.url, verify=str(folder)).application(REF).name == "shop"


@pytest.mark.parametrize("path", ["/no/such/file", "/etc/passwd", "/usr", "a" * 5000, "/dev/zero"])
def test_an_unusable_bundle_is_named_by_its_variable(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", path)
    raised = failure(lambda: broker_at("https://127.0.0.1:1").application(REF))
    assert (type(raised), raised.text.split(":")[0]) == (Misconfigured, "REQUESTS_CA_BUNDLE")


def test_a_bundle_without_its_end_is_incomplete(ca_path: str, tmp_path: Path) -> None:
    cut = cut_file(tmp_path, Path(ca_path).read_bytes())
    with Wire(FOUND, tls=server()) as wire:
        raised = failure(lambda: broker_at(wire.url, verify=cut).caller())
    assert raised.text == f"ca_path: {cut} is incomplete: it has a BEGIN line without an END line"


# --- Client certificates


def cut_file(tmp_path: Path, content: bytes) -> str:
    """A file in PEM format without its end."""
    path = tmp_path / "cut"
    path.write_bytes(content[: len(content) // 2])
    return str(path)


def key_files(tmp_path: Path) -> dict[str, str]:
    """A certificate, its key, another key, and its key encrypted."""
    leaf, other = (AUTHORITY.issue_cert(name, key_type=KeyType.RSA) for name in ("a@example.com", "b@example.com"))
    paths = {name: str(tmp_path / name) for name in ("cert", "key", "other", "encrypted", "nothing")}
    leaf.cert_chain_pems[0].write_to_path(paths["cert"])
    leaf.private_key_pem.write_to_path(paths["key"])
    other.private_key_pem.write_to_path(paths["other"])
    Path(paths["nothing"]).touch()
    content = Path(paths["cert"]).read_bytes()
    paths["cut cert"] = cut_file(tmp_path, content)
    paths["elliptic"] = str(tmp_path / "elliptic")
    AUTHORITY.issue_cert("c@example.com", key_type=KeyType.ECDSA).private_key_pem.write_to_path(paths["elliptic"])
    command = ["openssl", "pkey", "-in", paths["key"], "-out", paths["encrypted"], "-aes256", "-passout", "pass:xyz"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return paths


@pytest.mark.parametrize(
    ("cert", "key", "option", "text"),
    [
        ("cert", "other", "client_key", "is not that of"),
        ("cert", "elliptic", "client_key", "is not that of"),
        ("cut cert", "key", "client_cert", "is incomplete"),
        ("cert", "encrypted", "client_key", "is encrypted"),
        ("cert", "nothing", "client_key", "contains no private key"),
        ("cert", "cert", "client_key", "contains no private key"),
        ("cert", None, "client_cert", "set client_key"),
        ("key", "key", "client_cert", "contains no certificate"),
        ("nothing", "key", "client_cert", "contains no certificate"),
    ],
)
def test_an_unusable_client_certificate_is_named(
    cert: str, key: str | None, option: str, text: str, ca_path: str, tmp_path: Path
) -> None:
    files = key_files(tmp_path)
    options = {"client_cert": files[cert], "client_key": files[key] if key else None}
    with Wire(FOUND, tls=server()) as wire:
        raised = failure(lambda: broker_at(wire.url, verify=ca_path, **options).application(REF))
    assert (type(raised), raised.text.split(":")[0]) == (Misconfigured, option)
    assert text in raised.text

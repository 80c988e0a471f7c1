"""TLS with a real router, Debian's haproxy, configured by the role app_router: terminated, or passed to the gears."""

from __future__ import annotations

import http.client
import socket
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme

from tests.e2e.router_parts import Gear, Nginx, Router, free_port
from tests.harness import Ansible, Platform
from tests.programs import required

pytestmark = pytest.mark.thorough

SHOP, SECURE = "shop-acme.example.com", "secure-acme.example.com"


@dataclass(frozen=True)
class Site:
    """``acme/shop`` accepts HTTP, ``acme/secure`` TLS. Both have certificates of the same authority."""

    ansible: Ansible
    router: Router
    authority: trustme.CA
    directory: Path
    tls_port: int

    def start(self, **variables: object) -> None:
        play = {"hosts": "localhost", "gather_facts": False, "roles": ["openshift_v2.apps.app_router"]}
        given = {**self.router.variables, "app_router_https_bind": [f"127.0.0.1:{self.tls_port}"], **variables}
        run = self.ansible.playbook([play], extra_vars=given)
        assert run.rc == 0, run.output
        self.router.start()

    def https(self, host: str, protocols: tuple[str, ...] = ()) -> tuple[str | None, str | None, str]:
        """Send a request over TLS. Returns the negotiated protocol, the gear, and the request as it arrived there."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        plain = socket.create_connection(("127.0.0.1", self.tls_port), 60)
        with plain, context.wrap_socket(plain, server_hostname=host) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            text = answer.read().decode()
            return connection.selected_alpn_protocol(), answer.headers.get("X-Gear"), text

    def http(self, host: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.router.port, timeout=60)
        connection.request("GET", "/path?x=1", headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer


@pytest.fixture
def site(ansible: Ansible, platform: Platform) -> Iterator[Site]:
    authority = trustme.CA()
    with tempfile.TemporaryDirectory(prefix="router") as name:
        directory = Path(name)
        (directory / "certificates").mkdir()
        for host in (SHOP, SECURE):
            path = directory / "certificates" / f"{host}.pem"
            authority.issue_cert(host).private_key_and_cert_chain_pem.write_to_path(path)
        shop = Gear("shop1")
        secure = Gear("secure1", certificate=directory / "certificates" / f"{SECURE}.pem")
        applications = [
            {"domain": "acme", "name": gear.name[:-1], "cartridges": ["php-5.4"], "endpoints": [gear.endpoint]}
            for gear in (shop, secure)
        ]
        platform.broker.seed({"applications": applications})
        router = Router(required("haproxy", package="haproxy"), directory)
        try:
            shop.start()
            secure.start()
            yield Site(ansible, router, authority, directory, free_port())
        finally:
            router.stop()
            shop.kill()
            secure.kill()


def test_tls_is_terminated_at_the_router(site: Site) -> None:
    site.start(
        app_router_tls="termination",
        app_router_certificates=[str(site.directory / "certificates")],
        app_router_https_redirect=True,
    )
    agreed, gear, text = site.https(SHOP, ("http/1.1",))
    assert (agreed, gear) == ("http/1.1", "shop1")
    assert f"host: {SHOP}" in text
    assert "x-forwarded-proto: https" in text
    assert f"x-forwarded-port: {site.tls_port}" in text
    redirect = site.http(SHOP)
    assert (redirect.status, redirect.headers["Location"]) == (301, f"https://{SHOP}/path?x=1")


@pytest.mark.thorough
@pytest.mark.parametrize("software", ["haproxy", "nginx"])
def test_keys_may_be_in_separate_files(site: Site, software: str) -> None:
    pairs = []
    for host in ("other.example.com", SHOP):
        issued = site.authority.issue_cert(host)
        certificate, key = site.directory / f"{host}.crt", site.directory / f"{host}.private"
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(key)
        pairs.append({"certificate": str(certificate), "key": str(key), "names": [host]})
    if software == "nginx":
        site = replace(site, router=Nginx(required("nginx", package="nginx"), site.directory))
    try:
        site.start(app_router_tls="termination", app_router_certificates=pairs, app_router_https_redirect=True)
        _protocol, gear, text = site.https(SHOP, ("http/1.1",))
        assert gear == "shop1"
        assert "x-forwarded-proto: https" in text
        assert f"x-forwarded-port: {site.tls_port}" in text
        assert site.http(SHOP).headers["Location"] == f"https://{SHOP}/path?x=1"
    finally:
        site.router.stop()


def test_tls_is_passed_to_gears_that_accept_it(site: Site) -> None:
    site.start(app_router_tls="passthrough", app_router_passthrough=["acme/sec*"])
    _agreed, gear, text = site.https(SECURE)
    assert gear == "secure1"
    assert "x-forwarded" not in text
    with pytest.raises((ConnectionError, ssl.SSLError)):
        site.https(SHOP)
    assert site.http(SHOP).headers["X-Gear"] == "shop1"
    redirect = site.http(SECURE)
    assert (redirect.status, redirect.headers["Location"]) == (301, f"https://{SECURE}/path?x=1")

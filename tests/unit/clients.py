"""What the tests of the client share: a broker that asks a server on loopback, and typical answers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Request, event
from tests.unit.memory_broker import REF
from tests.unit.wire import envelope, reply

APPLICATION = {
    "id": "6b02f61a686c820dac000076",
    "name": "shop",
    "domain_id": "acme",
    "ha": True,
    "scalable": True,
    "gear_count": 3,
    "app_url": "http://shop-acme.example.com/",
    "framework": "php-5.4",
    "members": [{"login": "alice", "role": "admin", "type": "user", "owner": True}],
    "cartridges": [
        {"name": "haproxy-1.4", "tags": ["web_proxy"], "current_scale": 1, "scales_from": 1, "scales_to": 1},
        {"name": "php-5.4", "tags": ["web_framework"], "current_scale": 3, "scales_from": 2, "scales_to": -1},
    ],
}
FOUND = envelope(APPLICATION)
DONE = envelope(APPLICATION, text="Application shop has scaled to 4")
HTML = reply(502, "<html><body><h1>502 Bad Gateway</h1>\nThe upstream is gone.</body></html>", Content_Type="text/html")
#: A cipher that no Python allows by default. Debian's Python has OpenSSL's default, others have a shorter list.
NO_DEFAULT = "NULL-SHA256:@SECLEVEL=0"
SCALE_UP = event("scale-up")
LIMITS = Request("PUT", "/cartridge/php-5.4", {"scales_from": 3, "scales_to": -1})
READS: list[Callable[[Broker], Any]] = [lambda b: b.application(REF), lambda b: b.domain("acme"), lambda b: b.caller()]
WRITES: dict[str, Callable[[Broker], None]] = {
    "make_ha": lambda b: b.send(REF, event("make-ha")),
    "disable_ha": lambda b: b.send(REF, event("disable-ha")),
    "scale_up": lambda b: b.send(REF, SCALE_UP),
    "scale_down": lambda b: b.send(REF, event("scale-down")),
    "set_limits": lambda b: b.send(REF, LIMITS),
    "wait_for_lock": lambda b: b.wait_for_lock(REF),
}


def forget_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ignore the proxies, certificates and ~/.netrc of this machine."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))


def broker_at(url: str, **connection: Any) -> Broker:
    options = {"username": "alice", "password": "secret", "http_timeout": 5, "operation_timeout": 5, **connection}
    if "token" in connection:
        options.update(username=None, password=None)
    return Broker(Connection(url=f"{url}/broker/rest", **options), sleep=lambda _seconds: None)


def failure(call: Callable[[], object]) -> BrokerError:
    with pytest.raises(BrokerError) as raised:
        call()
    return raised.value


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port

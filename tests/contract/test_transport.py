"""The embedded broker's connections: kept open, broken on demand, with TLS, and with foreign answers."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.broker import EmbeddedBroker

from .client import BASE, Client


def _send(broker: EmbeddedBroker, text: str) -> socket.socket:
    place = urlsplit(broker.url)
    connection = socket.create_connection((place.hostname, place.port or 0), timeout=60)
    connection.sendall(text.encode())
    return connection


def _gears(broker: EmbeddedBroker) -> int:
    return int(broker.state()["applications"][0]["gear_count"])


def test_connection_serves_many_requests(broker: EmbeddedBroker) -> None:
    place = urlsplit(broker.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    ports = set()
    for _time in range(3):
        connection.request("POST", f"{BASE}/nothing/here", body="{}", headers={"Content-Type": "application/json"})
        response = connection.getresponse()
        assert response.status == 404
        assert response.version == 11
        response.read()
        ports.add(connection.sock.getsockname()[1])
    connection.close()
    assert len(ports) == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_dropped_connection_closes_without_an_answer(broker: EmbeddedBroker, client: Client, kind: str) -> None:
    client.create("a1")
    broker.clear_requests()
    broker.faults({"do": kind, "method": "POST", "event": "scale-up", "times": 1})
    with pytest.raises(requests.ConnectionError):
        client.event("a1", "scale-up")
    assert _gears(broker) == (1 if kind == "drop_before" else 2)
    logged = broker.requests()
    assert [(each["method"], each["status"], each["body"]) for each in logged] == [
        ("POST", None, {"event": "scale-up"})
    ]
    assert client.event("a1", "scale-up").status == 200


@pytest.mark.parametrize("effect", [False, True])
def test_reset_is_a_tcp_reset(broker: EmbeddedBroker, client: Client, effect: bool) -> None:
    client.create("a1")
    broker.faults({"do": "reset", "path": "/a1/events$", "effect": effect})
    body = json.dumps({"event": "scale-up"})
    head = f"POST {BASE}/domain/acme/application/a1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Basic b3duZXI6eA==\r\n"
    connection = _send(broker, f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    with pytest.raises(ConnectionResetError):
        connection.recv(100)
    connection.close()
    assert _gears(broker) == (2 if effect else 1)


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("effect", [False, True])
def test_proxy_answers_in_front_of_the_broker(
    broker: EmbeddedBroker, client: Client, status: int, effect: bool
) -> None:
    client.create("a1")
    broker.faults({"do": f"status:{status}", "event": "scale-up", "effect": effect, "times": 1})
    response = client.raw("POST", "/domain/acme/application/a1/events", {"event": "scale-up"})
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")
    assert _gears(broker) == (2 if effect else 1)


def test_truncated_answer_is_shorter_than_its_length(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    broker.faults({"do": "truncate", "method": "GET", "times": 1})
    with pytest.raises(requests.RequestException) as caught:
        client.get("/domain/acme/application/a1")
    assert "IncompleteRead" in str(caught.value)
    assert client.get("/domain/acme/application/a1").status == 200


@pytest.mark.parametrize(("kind", "content_type"), [("html", "text/html"), ("not_json", "application/json")])
def test_foreign_answer(broker: EmbeddedBroker, client: Client, kind: str, content_type: str) -> None:
    client.create("a1")
    broker.faults({"do": kind, "times": 1})
    response = client.raw("GET", "/domain/acme/application/a1")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith(content_type)
    with pytest.raises(ValueError, match="Expecting value"):
        response.json()


def test_slow_answer_is_delayed(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    broker.clear_requests()
    broker.faults({"do": "slow:0.2", "times": 1})
    assert client.event("a1", "scale-up").status == 200
    assert broker.requests()[0]["seconds"] >= 0.2


def test_first_matching_rule_applies(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    broker.faults(
        {"do": "status:502", "path": "/a2$"},
        {"do": "status:503", "times": 1},
        {"do": "status:504", "times": 1},
    )
    statuses = [client.raw("GET", "/domain/acme/application/a1").status_code for _time in range(3)]
    assert statuses == [503, 504, 200]


def test_tls_with_its_own_certificate() -> None:
    with EmbeddedBroker(tls=True) as broker, requests.Session() as session:
        session.trust_env = False
        assert broker.ca_path is not None
        answer = session.get(f"{broker.url}{BASE}/api", verify=str(broker.ca_path), timeout=60)
        assert answer.json()["data"]["API"]["href"] == f"{broker.url}{BASE}/api"
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{broker.url}{BASE}/api", timeout=60)
        ca_path = broker.ca_path
    assert not ca_path.exists()


def test_tls_connection_can_be_reset() -> None:
    with EmbeddedBroker(tls=True) as broker:
        broker.faults({"do": "reset"})
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{broker.url}{BASE}/api", verify=str(broker.ca_path), timeout=60)
        assert broker.requests()[0]["status"] is None


def test_client_without_a_handshake_blocks_no_other() -> None:
    with EmbeddedBroker(tls=True) as broker:
        with _send(broker, ""):
            answer = requests.get(f"{broker.url}{BASE}/api", verify=str(broker.ca_path), timeout=60)
        assert answer.status_code == 200


def test_two_brokers_in_one_process_are_independent() -> None:
    with EmbeddedBroker() as one, EmbeddedBroker() as other:
        one.set_users({"login": "joe"})
        assert one.url != other.url
        assert [each["login"] for each in one.state()["users"]] == ["joe"]
        assert other.state()["users"] == []


@pytest.mark.parametrize("tls", [False, True])
def test_stopped_broker_answers_on_no_open_connection(tls: bool) -> None:
    with requests.Session() as session:
        session.trust_env = False
        with EmbeddedBroker(tls=tls) as broker:
            session.verify = str(broker.ca_path) if tls else True
            assert session.get(f"{broker.url}{BASE}/api", timeout=60).status_code == 200
            session.verify = False
        with pytest.raises(requests.ConnectionError):
            session.get(f"{broker.url}{BASE}/api", timeout=60)


@pytest.mark.parametrize(
    ("headers", "body"),
    [({"Content-Type": "application/json"}, b"{no"), ({"Content-Type": "application/json"}, b"\xff")],
)
def test_unreadable_body_is_a_bad_request(broker: EmbeddedBroker, headers: Any, body: bytes) -> None:
    answer = requests.post(f"{broker.url}{BASE}/domains", data=body, headers=headers, auth=("owner", "x"), timeout=60)
    assert answer.status_code == 400

"""Operations that run, that stay in the queue, and what is visible of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.broker import EmbeddedBroker
from tests.waiting import wait_until

from .client import Client

GROUPS = "/domain/acme/application/a1/gear_groups"


def _pending(broker: EmbeddedBroker) -> list[str]:
    pending: list[str] = broker.state()["applications"][0]["pending"]
    return pending


def _proxies(client: Client) -> list[str]:
    """Return the addresses of the HAProxy endpoints."""
    return [
        endpoint["external_address"]
        for group in client.get(f"{GROUPS}?include=endpoints").data
        for gear in group["gears"]
        for endpoint in gear["endpoints"]
        if endpoint["types"] == ["load_balancer"]
    ]


def _states(client: Client) -> list[str]:
    return [gear["state"] for group in client.get(GROUPS).data for gear in group["gears"]]


def test_gear_gets_endpoints_when_its_operation_has_succeeded(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    with ThreadPoolExecutor(1) as pool, broker.held():
        running = pool.submit(Client(broker.url).event, "a1", "make-ha")
        wait_until(lambda: client.counts("a1") == (True, 2, 2))
        assert (len(_proxies(client)), _states(client)) == (1, ["started", "unknown"])
        broker.settings(hold=None)
        assert running.result().status == 200
    assert (len(_proxies(client)), _states(client)) == (2, ["started", "started"])


@pytest.mark.parametrize("event", ["scale-down", "make-ha"])
def test_failed_rollback_is_completed_by_the_next_event(broker: EmbeddedBroker, client: Client, event: str) -> None:
    client.create("a1")
    broker.faults({"do": "failed_rollback:1", "times": 1})
    assert client.event("a1", "make-ha").status == 422
    assert client.counts("a1") == (False, 2, 2)
    assert (len(_proxies(client)), _states(client)) == (1, ["started", "unknown"])
    web = client.get("/domain/acme/application/a1/cartridge/php-5.4").data
    assert (web["scales_from"], web["current_scale"]) == (1, 2)
    more = {"by": 0} if event == "scale-down" else {}
    assert client.event("a1", event, **more).status == 200
    assert client.counts("a1") == ((True, 2, 2) if event == "make-ha" else (False, 1, 1))
    assert len(set(_proxies(client))) == (2 if event == "make-ha" else 1)


def test_killed_broker_leaves_the_lock_and_an_instance_without_endpoint(broker: EmbeddedBroker, client: Client) -> None:
    broker.settings(lock_tries=2)
    client.create("a1")
    broker.faults({"do": "broker_killed", "times": 1})
    with pytest.raises(requests.ConnectionError):
        client.event("a1", "make-ha")
    assert client.counts("a1") == (True, 2, 2)
    assert (len(_proxies(client)), _states(client)) == (1, ["started", "unknown"])
    assert client.event("a1", "scale-down", by=0).exit_code == 171
    assert _pending(broker) == ["make-ha"]
    broker.settings(lock_expiry=0)
    assert client.event("a1", "scale-down", by=0).status == 200
    assert (client.counts("a1"), len(_proxies(client)), _pending(broker)) == ((True, 2, 2), 2, [])


def test_refusal_of_a_queued_operation_answers_the_next_one(broker: EmbeddedBroker, client: Client) -> None:
    """The next operation runs the queue first, and gets the error of the operation that fails there."""
    client.create("a1")
    broker.set_users({"login": "owner", "max_gears": 2})
    broker.faults({"do": "failed_rollback", "times": 1})
    assert client.event("a1", "make-ha").status == 422
    assert Client(broker.url, "editor").event("a1", "scale-up", by=2).status == 422
    broker.faults()
    refused = client.limits("a1", scales_to=5)
    assert (refused.status, str(refused.text).partition(" limit and ")[2]) == (
        422,
        "this application requires 2 additional gears.",
    )
    assert _pending(broker) == ["limits"]
    assert client.limits("a1", scales_to=6).status == 200
    assert client.get("/domain/acme/application/a1/cartridge/php-5.4").data["scales_to"] == 6

"""Cartridges with limits, their status, and deployments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.broker import EmbeddedBroker

from .client import Client

HOME = "/domain/acme/application/a1"


def _cartridge(client: Client, name: str = "php-5.4") -> tuple[int, int, int]:
    """Return the gears and the limits of a cartridge."""
    data = client.get(f"{HOME}/cartridge/{name}").data
    return data["current_scale"], data["scales_from"], data["scales_to"]


def _create(client: Client, *specs: dict[str, Any], **more: Any) -> Any:
    body = {"name": "a1", "cartridges": list(specs), "scale": True, **more}
    return client.call("POST", "/domain/acme/applications", body)


@pytest.mark.parametrize(
    ("limits", "ha", "shown", "proxies"),
    [
        ({"scales_from": 3}, False, (3, 3, -1), 1),
        ({"scales_from": 2, "scales_to": 4}, False, (2, 2, 4), 1),
        ({"scales_to": 5}, False, (1, 1, 5), 1),
        ({"scales_from": "2"}, False, (2, 2, -1), 1),
        ({"scales_from": 1, "scales_to": 5}, True, (2, 2, 5), 2),
        ({"scales_from": 4}, True, (4, 4, -1), 2),
    ],
)
def test_application_is_created_with_limits(
    client: Client, limits: dict[str, Any], ha: bool, shown: tuple[int, int, int], proxies: int
) -> None:
    assert _create(client, {"name": "php-5.4", **limits}, ha=ha).status == 201
    assert _cartridge(client) == shown
    assert client.counts("a1") == (ha, shown[0], proxies)


@pytest.mark.parametrize(
    ("limits", "texts"),
    [
        ({"scales_from": 3, "scales_to": 2}, ["scales_to must be -1 or greater than or equal to scales_from"]),
        ({"scales_from": 0}, ["Scales from must be greater than 0"]),
        ({"scales_from": "x", "scales_to": 1.5}, ["Scales from is not a number", "Scales to must be an integer"]),
    ],
)
def test_invalid_limits_of_a_new_cartridge(client: Client, limits: dict[str, Any], texts: list[str]) -> None:
    for answer in (
        _create(client, {"name": "php-5.4", **limits}),
        client.create("a1") and client.call("POST", f"{HOME}/cartridges", {"name": "cron-1.4", **limits}),
    ):
        assert answer.status == 422
        assert [message["text"] for message in answer.document["messages"]] == texts
        assert {message["field"] for message in answer.document["messages"]} == {"cartridge"}


def test_plugin_with_limits_sets_those_of_the_web_gears(client: Client) -> None:
    client.create("a1")
    added = client.call("POST", f"{HOME}/cartridges", {"name": "cron-1.4", "scales_from": 2, "scales_to": 3})
    assert added.status == 201
    assert _cartridge(client) == (2, 2, 3)
    assert client.event("a1", "scale-down").exit_code == 168


def test_removed_plugin_keeps_the_web_limits(client: Client) -> None:
    client.create("a1", "php-5.4", "cron-1.4")
    client.limits("a1", scales_from=2, scales_to=4)
    assert client.call("DELETE", f"{HOME}/cartridge/cron-1.4").status == 200
    assert _cartridge(client) == (2, 2, 4)
    assert client.get(HOME).data["embedded"].keys() == {"haproxy-1.4"}


def test_removed_database_gives_its_gear_back(client: Client) -> None:
    client.create("a1", "php-5.4", "mysql-5.5")
    assert client.call("DELETE", f"{HOME}/cartridge/mysql-5.5").status == 200
    assert client.get("/user").data["consumed_gears"] == 1


def test_database_has_one_gear(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1", "php-5.4", "mysql-5.5")
    before = broker.state()
    refused = client.limits("a1", "mysql-5.5", scales_from=2, scales_to=2)
    assert (refused.status, refused.exit_code) == (500, 1)
    assert broker.state() == before
    assert client.limits("a1", "mysql-5.5", scales_from=2).exit_code == 168
    body = {"name": "a2", "cartridges": ["php-5.4", {"name": "mysql-5.5", "scales_from": 2}], "scale": True}
    assert client.call("POST", "/domain/acme/applications", body).status == 500
    assert broker.state() == before


def test_storage_beyond_the_quota_is_refused(client: Client) -> None:
    refused = _create(client, {"name": "php-5.4", "additional_gear_storage": 1})
    assert (refused.status, refused.exit_code) == (422, 166)


def test_status_of_a_cartridge(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1", "php-5.4", "mysql-5.5", "cron-1.4")
    client.event("a1", "make-ha")
    groups = broker.state()["applications"][0]["groups"]
    head, second = next(group["gears"] for group in groups if "php-5.4" in group["cartridges"])

    def status(name: str) -> list[str]:
        messages = client.get(f"{HOME}/cartridge/{name}").data["status_messages"]
        assert {message["gear_id"] for message in messages} <= {gear["id"] for each in groups for gear in each["gears"]}
        return [message["message"] for message in messages]

    broker.set_gear("acme/a1", second["id"], "stopped")
    assert status("php-5.4") == ["Application is running\n", "Application is either stopped or inaccessible\n"]
    assert status("haproxy-1.4") == ["HAProxy instance is running\n", "HAProxy instance is stopped\n"]
    assert status("mysql-5.5") == ["MySQL is running\n"]
    assert status("cron-1.4")[0] == f"cron is enabled for gear {head['id']}\n"
    broker.set_node(head["node"], True)
    assert status("php-5.4") == ["Application is either stopped or inaccessible\n"]
    assert {each["status_messages"] for each in client.get(f"{HOME}/cartridges").data} == {None}


def test_deployments(client: Client) -> None:
    client.create("a1")
    (first,) = client.get(f"{HOME}/deployments").data
    assert (first["ref"], len(first["activations"])) == ("master", 1)
    assert client.event("a1", "activate", deployment_id=first["id"]).text == (
        f"Deployment ID {first['id']} on application a1 has been activated"
    )
    assert len(client.get(f"{HOME}/deployment/{first['id']}").data["activations"]) == 2
    created = client.call("POST", f"{HOME}/deployments", {"ref": "v2", "hot_deploy": True})
    assert (created.status, created.text) == (201, f"Added {created.data['id']} to application a1")
    assert [each["ref"] for each in client.get(f"{HOME}/deployments").data] == ["v2"]
    for unknown in (
        client.get(f"{HOME}/deployments/{first['id']}"),
        client.event("a1", "activate", deployment_id=first["id"]),
    ):
        assert (unknown.status, unknown.text) == (404, "The requested deployment was not found.")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Must specify"),
        ({"ref": "a b"}, "not well-formed"),
        ({"ref": "x" * 257}, "not well-formed"),
        ({"artifact_url": "file:///x.tgz"}, "Invalid Binary Artifact URL"),
        ({"artifact_url": "http://x/y.tgz", "ref": "master"}, "Cannot specify"),
        ({"artifact_url": "http://x/y.tar.gz"}, "not compatible"),
    ],
)
def test_invalid_deployment_is_refused(client: Client, body: dict[str, Any], words: str) -> None:
    client.create("a1")
    refused = client.call("POST", f"{HOME}/deployments", body)
    assert (refused.status, refused.exit_code) == (422, -1)
    assert words in str(refused.text)

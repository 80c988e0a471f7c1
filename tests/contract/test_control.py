"""The control interface: changes, answers and refusals."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.broker import EmbeddedBroker
from tests.broker.api import BrokerModel
from tests.broker.server import make_app

from .client import Client


def _post(broker: EmbeddedBroker, what: str, value: Any) -> requests.Response:
    return requests.post(f"{broker.url}/__control/{what}", json=value, timeout=60)


def test_users_are_created_and_changed(broker: EmbeddedBroker) -> None:
    assert _post(broker, "users", [{"login": "joe", "ha": True, "max_gears": 7}]).json() == {"ok": True}
    assert _post(broker, "users", [{"login": "joe", "max_gears": 8}]).status_code == 200
    data = Client(broker.url, "joe").get("/user").data
    assert (data["max_gears"], data["capabilities"]["ha"]) == (8, True)


def test_password_is_checked_if_one_is_set(broker: EmbeddedBroker) -> None:
    _post(broker, "users", [{"login": "joe", "password": "right"}])
    wrong = requests.get(f"{broker.url}/broker/rest/user", auth=("joe", "wrong"), timeout=60)
    assert (wrong.status_code, wrong.text) == (401, "HTTP Basic: Access denied.\n")
    right = requests.get(f"{broker.url}/broker/rest/user", auth=("joe", "right"), timeout=60)
    assert right.status_code == 200


def test_settings_change_some_and_return_all(broker: EmbeddedBroker) -> None:
    answer = _post(broker, "settings", {"allow_ha": False, "write_latency": 0.5}).json()
    assert (answer["allow_ha"], answer["write_latency"], answer["default_ha_multiplier"]) == (False, 0.5, 0)
    assert _post(broker, "settings", {"maintenance": "closed"}).json()["maintenance"] == "closed"
    assert _post(broker, "settings", {"maintenance": False}).json()["maintenance"] is None


def test_request_log_masks_secrets(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    broker.clear_requests()
    client.get("/domain/acme/application/a1?nolinks=true")
    client.event("a1", "frobnicate", password="hidden", deep=[{"private_key": "hidden"}])
    token = client.call("POST", "/user/authorizations", {"scope": "read"}).data["token"]
    headers = {"Authorization": f"Bearer {token}"}
    requests.get(f"{broker.url}/broker/rest/user", headers=headers, timeout=60)
    logged = requests.get(f"{broker.url}/__control/requests", timeout=60).json()
    assert [(each["method"], each["path"], each["login"], each["status"]) for each in logged] == [
        ("GET", "/broker/rest/domain/acme/application/a1?nolinks=true", "owner", 200),
        ("POST", "/broker/rest/domain/acme/application/a1/events", "owner", 422),
        ("POST", "/broker/rest/user/authorizations", "owner", 201),
        ("GET", "/broker/rest/user", "owner", 200),
    ]
    assert logged[1]["body"] == {"event": "frobnicate", "password": "********", "deep": [{"private_key": "********"}]}
    assert all(each["seconds"] >= 0 for each in logged)
    assert requests.delete(f"{broker.url}/__control/requests", timeout=60).json() == {"ok": True}
    assert requests.get(f"{broker.url}/__control/requests", timeout=60).json() == []


def test_state_is_the_actual_state(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1", "php-5.4", "mysql-5.5")
    client.event("a1", "scale-up")
    client.event("a1", "make-ha")
    state = requests.get(f"{broker.url}/__control/state", timeout=60).json()
    application = state["applications"][0]
    assert (application["ha"], application["gear_count"], application["haproxy_count"]) == (True, 3, 1)
    by_cartridge = {group["cartridges"][-1]: group for group in application["groups"]}
    assert [gear["haproxy"] for gear in by_cartridge["php-5.4"]["gears"]] == [True, False]
    assert [gear["haproxy"] for gear in by_cartridge["mysql-5.5"]["gears"]] == [False]
    assert (by_cartridge["php-5.4"]["min_gears"], by_cartridge["php-5.4"]["max_gears"]) == (2, -1)
    assert state["domains"][0]["members"] == [{"login": "editor", "role": "edit"}]
    assert {user["login"]: user["consumed_gears"] for user in state["users"]} == {"owner": 3, "editor": 0}


def test_reset_empties_the_broker(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    _post(broker, "faults", [{"do": "status:502"}])
    assert requests.post(f"{broker.url}/__control/reset", timeout=60).json() == {"ok": True}
    state = broker.state()
    assert (state["users"], state["domains"], state["applications"]) == ([], [], [])
    assert state["settings"]["lock_poll"] == 5.0
    assert broker.requests() == []
    assert client.raw("GET", "/api").status_code == 200


@pytest.mark.parametrize(
    ("what", "value", "words"),
    [
        ("users", {"login": "joe"}, "users: must be a list"),
        ("users", [{"ha": True}], "users[0].login"),
        ("users", [{"login": "joe", "ha": "yes"}], "users[0].ha"),
        ("users", [{"login": "joe", "gears": 1}], "unknown field 'gears'"),
        ("users", [{"login": "joe", "max_gears": True}], "users[0].max_gears"),
        ("settings", [], "settings: must be a map"),
        ("settings", {"colour": 1}, "unknown setting 'colour'"),
        ("settings", {"write_latency": -1}, "write_latency"),
        ("settings", {"lock_tries": 0}, "lock_tries"),
        ("settings", {"hold": "nodes"}, "hold: must be null or one of: owner, limits, gears"),
        ("settings", {"default_ha_multiplier": 1.5}, "default_ha_multiplier"),
        ("settings", {"maintenance": 5}, "maintenance"),
        ("settings", {"allow_ha": "no"}, "allow_ha"),
        ("faults", {"do": "drop_before"}, "faults: must be a list of rules"),
        ("faults", ["drop_before"], "faults[0]: must be a map"),
        ("faults", [{}], "faults[0]: do"),
        ("faults", [{"do": "explode"}], "unknown kind 'explode'"),
        ("faults", [{"do": "status:500"}], "unknown kind 'status:500'"),
        ("faults", [{"do": "slow:soon"}], "must be a number of seconds"),
        ("faults", [{"do": "node_failure:x"}], "must be an exit code"),
        ("faults", [{"do": "drop_before", "times": 0}], "times"),
        ("faults", [{"do": "drop_before", "chance": 0}], "chance"),
        ("faults", [{"do": "drop_before", "chance": "often"}], "chance"),
        ("faults", [{"do": "drop_before", "path": "("}], "path"),
        ("faults", [{"do": "drop_before", "effect": True}], "not allowed with drop_before"),
        ("faults", [{"do": "status:502", "effect": "yes"}], "effect"),
        ("faults", [{"do": "lock", "when": "now"}], "unknown field 'when'"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(broker: EmbeddedBroker, what: str, value: Any, words: str) -> None:
    before = broker.state()
    answer = _post(broker, what, value)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert broker.state() == before


def test_input_must_be_json(broker: EmbeddedBroker) -> None:
    answer = requests.post(f"{broker.url}/__control/users", data="{", timeout=60)
    assert (answer.status_code, answer.json()) == (400, {"error": "users: must be a list"})


def test_control_accepts_this_machine_only() -> None:
    app = make_app(BrokerModel())
    remote = app.test_client().get("/__control/state", environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    local = app.test_client().get("/__control/state", environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
    assert (remote.status_code, local.status_code) == (403, 200)

"""Refusals, shapes and permissions that no transcript contains, by the broker's rules (docs/broker.md)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.broker import EmbeddedBroker

from .client import BASE, Client

EVENTS = "/domain/acme/application/a1/events"
LIMITS = "/domain/acme/application/a1/cartridge/php-5.4"
APPLICATIONS = "/domain/acme/applications"


@pytest.fixture
def acme(client: Client) -> Client:
    """An owner: ``a1`` has 2 gears, ``db`` a database, ``tick`` a plugin, and ``plain`` is not scalable."""
    client.create("a1")
    client.event("a1", "scale-up")
    client.create("db", "php-5.4", "mysql-5.5")
    client.create("tick", "php-5.4", "cron-1.4")
    client.create("plain", scale=False)
    return client


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "exit_code", "text"),
    [
        ("POST", EVENTS, {"event": "scale-up", "to": 2.9}, 200, 0, "Application a1 has scaled to 2"),
        ("POST", EVENTS, {"event": "scale-up", "to": " 0x3 "}, 200, 0, "Application a1 has scaled to 3"),
        ("POST", EVENTS, {"event": "scale-up", "by": "1_0"}, 200, 0, "Application a1 has scaled to 12"),
        ("POST", EVENTS, {"event": "scale-up", "by": "2.0"}, 200, 0, "Application a1 has scaled to 3"),
        ("POST", EVENTS, {"event": "scale-up", "by": True}, 200, 0, "Application a1 has scaled to 3"),
        ("POST", EVENTS, {"event": "scale-up", "to": None, "by": ""}, 200, 0, "Application a1 has scaled to 3"),
        ("POST", EVENTS, {"event": ["make-ha"]}, 422, 126, None),
        ("POST", EVENTS, {"event": 5}, 422, 126, None),
        ("POST", EVENTS, {"event": "thread-dump"}, 422, 180, None),
        ("POST", EVENTS, {"event": "activate"}, 422, 126, "Deployment ID must be provided for activate."),
        ("POST", EVENTS, {"event": "restart"}, 200, 0, "Application a1 has restarted"),
        ("POST", EVENTS, {"event": "remove-alias", "alias": "W.org"}, 404, 173, "Alias 'w.org' not found."),
        ("POST", "/domain/ACME/application/A1/events", {"event": "make-ha"}, 200, 0, "Application a1 is now ha"),
        ("GET", "/domain/ACME/application/NoSuch", None, 404, 101, "Application 'nosuch' not found."),
        ("GET", "/domain/No-Such/application/a1", None, 404, 127, "Domain 'no-such' not found."),
        ("GET", "/application/A1", None, 404, 101, "Application 'A1' not found."),
        ("GET", "/domain/acme/application/a1/cartridge/PHP-5.4", None, 404, 129, "Cartridge 'PHP-5.4' not found."),
        ("GET", "/domain/acme/application/a1/cartridge/php", None, 404, 129, "The requested cartridge was not found."),
        ("PUT", LIMITS, {"scales_from": ""}, 422, 168, None),
        ("PUT", LIMITS, {"scales_from": "x", "scales_to": "y"}, 422, 168, None),
        ("PUT", LIMITS, {"scales_to": -2}, 422, 168, "Invalid scales_to factor -2 provided"),
        ("PUT", LIMITS, {"additional_gear_storage": "x"}, 422, 165, "Invalid storage value provided."),
        ("PUT", LIMITS, {"additional_gear_storage": 1}, 422, 164, None),
        ("PUT", LIMITS, {"additional_gear_storage": 0}, 200, 0, None),
        ("PUT", "/domain/acme/application/tick/cartridge/cron-1.4", {"scales_from": 2}, 422, None, None),
        ("PUT", "/domain/acme/application/db/cartridge/mysql-5.5", {"scales_from": 2}, 422, 168, None),
        ("PUT", "/domain/acme/application/plain/cartridge/php-5.4", {"scales_to": -1}, 200, 0, None),
        ("GET", "/applications?owner=", None, 400, None, "Only @self is supported for the 'owner' argument."),
        ("GET", "/domains?owner=x", None, 400, None, "Only @self is supported for the 'owner' argument."),
        ("GET", "/user?nolinks=x", None, 422, 167, "Invalid value 'x'. Valid options: [true, false]"),
        ("POST", APPLICATIONS, {"name": "n", "cartridges": ["php-5.4"], "scale": "so"}, 422, 167, None),
        ("POST", APPLICATIONS, {"name": "a1", "cartridges": ["php-5.4"]}, 422, 100, None),
        ("POST", APPLICATIONS, {"name": "", "cartridges": ["php-5.4"]}, 422, 105, None),
        ("POST", APPLICATIONS, {"name": "a-b", "cartridges": ["php-5.4"]}, 422, 105, None),
        ("POST", APPLICATIONS, {"name": "x" * 33, "cartridges": ["php-5.4"]}, 422, 105, None),
        ("POST", APPLICATIONS, {"name": "n", "cartridges": ["no-1"]}, 422, 109, "Invalid cartridge 'no-1' specified."),
        ("POST", APPLICATIONS, {"name": "n", "cartridges": ["mysql-5.5"]}, 422, 109, None),
        ("POST", APPLICATIONS, {"name": "n", "cartridges": []}, 422, 109, None),
        ("POST", APPLICATIONS, {"name": "n", "cartridges": [{"name": "php-5.4", "url": "u"}]}, 422, 109, None),
        ("POST", APPLICATIONS, {"name": "n", "cartridges": ["php-5.4", "php-5.3"]}, 422, 136, None),
        ("POST", APPLICATIONS, {"name": "n", "cartridges": ["php-5.4", "ruby-1.9"]}, 422, 109, None),
        ("POST", APPLICATIONS, {"name": "n", "cartridges": ["php-5.4"], "gear_size": "huge"}, 422, 134, None),
        ("POST", "/domains", {"name": "acme"}, 422, 103, "Namespace 'acme' is already in use. Please choose another."),
        ("POST", "/domains", {"name": "a-b"}, 422, 106, None),
        ("POST", "/domains", {}, 422, 106, None),
        ("DELETE", "/domain/acme", None, 422, 128, None),
        ("DELETE", "/domain/acme/application/a1/cartridge/php-5.4", None, 422, 137, "'php-5.4' cannot be removed"),
        ("POST", "/domain/acme/members", {"login": "ghost", "role": "view"}, 404, 132, None),
        ("POST", "/domain/acme/members", {"login": "editor"}, 422, 1, None),
        ("POST", "/domain/acme/members", {"login": "editor", "role": "none"}, 200, 0, "Removed 1 member."),
        ("POST", "/domain/acme/members", {"login": "editor", "role": "view"}, 200, 0, "Updated 1 member."),
        ("POST", "/user/authorizations", {"scope": "everything"}, 422, 1, None),
    ],
)
def test_answers_that_no_transcript_contains(
    acme: Client, method: str, path: str, body: Any, status: int, exit_code: int | None, text: str | None
) -> None:
    answer = acme.call(method, path, body)
    assert (answer.status, answer.exit_code) == (status, exit_code)
    assert text is None or answer.text == text
    assert (answer.data is None) == (status >= 400 or answer.document["type"] is None)


def test_upgrading_application_refuses_scaling_but_not_make_ha(broker: EmbeddedBroker, client: Client) -> None:
    application = {"domain": "acme", "name": "old", "cartridges": ["php-5.4"], "gears": 2, "upgrading": True}
    broker.seed({"applications": [application]})
    text = (
        "Your application is being upgraded and configuration changes can not be made at this time.  "
        "Please try again later."
    )
    for answer in (client.event("old", "scale-up"), client.limits("old", scales_from=2)):
        assert (answer.status, answer.exit_code, answer.text) == (422, 1, text)
    assert client.event("old", "make-ha").status == 200


def test_gear_limit_of_the_caller_comes_before_permission(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    broker.set_users({"login": "editor", "max_gears": 0})
    client.call("POST", "/domain/acme/members", {"login": "editor", "role": "view"})
    assert Client(broker.url, "editor").event("a1", "scale-up").exit_code == 104
    assert Client(broker.url, "editor").event("a1", "scale-down").status == 403


def test_the_domain_of_another_user_is_not_listed(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    broker.set_users({"login": "other_user"})
    other_user = Client(broker.url, "other_user")
    answer = other_user.get("/domain/acme/applications")
    assert (answer.status, answer.data, answer.text) == (200, [], "Found 0 applications.")
    assert other_user.get("/domain/acme").text == "Domain 'acme' not found."


def test_application_in_an_unknown_domain_creates_the_domain(client: Client) -> None:
    body = {"name": "n", "cartridges": ["php-5.4"]}
    assert client.call("POST", "/domain/fresh/applications", body).status == 201
    assert client.get("/domain/fresh").status == 200


def test_deletion_frees_gears(broker: EmbeddedBroker, acme: Client) -> None:
    assert acme.get("/user").data["consumed_gears"] == 6
    answer = acme.call("DELETE", "/domain/acme/application/db")
    assert (answer.status, answer.text, answer.data) == (200, "Application db is deleted.", None)
    assert acme.get("/user").data["consumed_gears"] == 4
    assert acme.call("DELETE", "/domain/acme?force=true").text == "Domain acme deleted."
    assert acme.get("/user").data["consumed_gears"] == 0
    assert broker.state()["applications"] == []


def test_deletion_has_no_body_up_to_api_1_4(acme: Client) -> None:
    acme.headers["Accept"] = "application/json; version=1.4"
    response = acme.raw("DELETE", "/domain/acme/application/db")
    assert (response.status_code, response.content) == (204, b"")


def test_cartridges_added_and_removed(acme: Client) -> None:
    cartridges = "/domain/acme/application/a1/cartridges"
    added = acme.call("POST", cartridges, {"name": "cron-1.4"})
    assert (added.status, added.data["name"], added.data["current_scale"]) == (201, "cron-1.4", 2)
    assert acme.call("POST", cartridges, {"cartridge": "mysql-5.5"}).status == 201
    assert [each["name"] for each in acme.get(cartridges).data] == ["haproxy-1.4", "php-5.4", "cron-1.4", "mysql-5.5"]
    assert acme.get("/domain/acme/application/a1").data["gear_count"] == 3
    again = acme.call("POST", cartridges, {"name": "mysql-5.1"})
    assert again.text == "mysql-5.1 cannot co-exist with cartridge mysql-5.5 in your application"
    removed = acme.call("DELETE", f"{cartridges}/mysql-5.5")
    assert (removed.status, removed.text) == (200, "Removed mysql-5.5 from application a1")
    assert acme.get("/domain/acme/application/a1").data["gear_count"] == 2


@pytest.mark.parametrize("path", ["/nothing", "/domain/acme/application", "/domain/acme/application/a1/nothing"])
def test_unknown_path_is_a_page(acme: Client, path: str) -> None:
    response = acme.raw("GET", path)
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("agent", "accept", "version"),
    [
        ("rhc/1.38.7", "application/json", 1.3),
        ("curl", "application/json", 1.7),
        ("curl", "application/json;version=1", 1.0),
        ("rhc/1.38.7", "application/json;version=1.7", 1.7),
        ("curl", "text/html, application/json; VERSION=1.5", 1.5),
    ],
)
def test_version_in_the_accept_header(broker: EmbeddedBroker, agent: str, accept: str, version: float) -> None:
    headers = {"User-Agent": agent, "Accept": accept}
    answer = requests.get(f"{broker.url}{BASE}/api", headers=headers, timeout=60).json()
    assert (answer["api_version"], answer["version"]) == (version, str(version))


def test_result_messages_name_their_field_up_to_api_1_5(acme: Client) -> None:
    acme.headers["Accept"] = "application/json; version=1.5"
    answer = acme.get("/domain/acme/application/a1/gear_groups")
    assert answer.document["messages"][-1]["field"] == "result"
    assert "port_interfaces" in answer.data[0]["gears"][0]


def _with_token(broker: EmbeddedBroker, client: Client, scope: str) -> Client:
    token = client.call("POST", "/user/authorizations", {"scope": scope}).data["token"]
    bearer = Client(broker.url)
    bearer.session.auth = None
    bearer.headers["Authorization"] = f"Bearer {token}"
    return bearer


def test_token_for_one_application_allows_no_other(broker: EmbeddedBroker, acme: Client) -> None:
    application_id = acme.get("/domain/acme/application/a1").data["id"]
    token = _with_token(broker, acme, f"application/{application_id}/edit")
    assert [each["name"] for each in token.get("/applications").data] == ["a1"]
    assert token.get("/domain/acme/application/db").text == "Application 'db' not found."
    assert token.event("a1", "make-ha").status == 200
    refused = token.call("DELETE", "/domain/acme/application/a1")
    scopes = f"application/{application_id}/edit"
    assert refused.text == (
        f"You are not permitted to perform this action with the scopes {scopes} (destroy on application)"
    )


def test_scale_scope_permits_scaling_only(broker: EmbeddedBroker, acme: Client) -> None:
    application_id = acme.get("/domain/acme/application/a1").data["id"]
    token = _with_token(broker, acme, f"application/{application_id}/scale")
    assert token.event("a1", "scale-up").status == 200
    assert token.event("a1", "make-ha").status == 403


def test_domain_scopes(broker: EmbeddedBroker, acme: Client) -> None:
    domain_id = acme.get("/domain/acme").data["id"]
    viewer = _with_token(broker, acme, f"domain/{domain_id}/view")
    assert viewer.get("/domain/acme/application/a1").status == 200
    assert viewer.event("a1", "make-ha").text == "This action is not allowed with your current authorization."
    editor = _with_token(broker, acme, f"domain/{domain_id}/edit")
    assert editor.create("new").status == 201
    assert editor.call("DELETE", "/domain/acme/application/new").status == 200
    assert editor.call("DELETE", "/domain/acme").status == 403


def test_impersonation_of_a_sub_account(broker: EmbeddedBroker, client: Client) -> None:
    client.headers["X-Impersonate-User"] = "child"
    refused = client.get("/user")
    assert (refused.status, refused.exit_code) == (401, 1)
    assert refused.text == "Insufficient privileges to access user child"
    broker.set_users({"login": "owner", "subaccounts": True}, {"login": "other_user"})
    assert client.get("/user").data["login"] == "child"
    assert client.get("/applications").data == []
    client.headers["X-Impersonate-User"] = "other_user"
    assert client.get("/user").text == "Account is not associated with impersonate account other_user"


def test_forms_with_lists_and_maps(broker: EmbeddedBroker) -> None:
    form = "name=f1&cartridges[][name]=php-5.4&cartridges[][name]=mysql-5.5&scale=true"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"{broker.url}{BASE}/domain/acme/applications"
    answer = requests.post(url, data=form, headers=headers, auth=("owner", "x"), timeout=60).json()
    assert (answer["data"]["gear_count"], answer["data"]["scalable"]) == (2, True)


def test_links_contain_the_right_addresses(broker: EmbeddedBroker, acme: Client) -> None:
    data = acme.get("/domain/acme/application/a1?include=cartridges").data
    gets = [data["links"], *(each["links"] for each in data["cartridges"]), acme.get("/user").data["links"]]
    for shown in gets:
        for link in shown.values():
            if link["method"] == "GET":
                path = link["href"].removeprefix(broker.url + BASE)
                assert acme.raw("GET", path).status_code == 200, link["href"]
    update = data["cartridges"][1]["links"]["UPDATE"]
    assert acme.call(update["method"], update["href"].removeprefix(broker.url + BASE), {"scales_from": 2}).status == 200

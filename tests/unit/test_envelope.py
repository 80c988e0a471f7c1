"""What an answer means: the table of docs/broker.md, by status and exit code."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import (
    Answer,
    data_of,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    Forbidden,
    Maintenance,
    Misdirected,
    NoBroker,
    NodeFailed,
    NotFound,
    Refused,
    Unanswered,
    Unauthorized,
    UnsupportedApi,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import QUOTED_CHARACTERS


def answer(status: int, text: str | None = None, exit_code: int | None = None, severity: str = "error") -> Answer:
    message = {"severity": severity, "exit_code": exit_code, "field": None, "index": None, "text": text}
    document = {"data": None, "messages": [message] if text is not None else [], "supported_api_versions": [1.6, 1.7]}
    return Answer(status, None, json.dumps(document).encode())


def failure(given_answer: Answer) -> BrokerError:
    with pytest.raises(BrokerError) as raised:
        data_of(given_answer)
    return raised.value


def test_success_gives_the_data() -> None:
    assert data_of(Answer(200, None, b'{"messages": [], "data": {"name": "shop"}}')) == {"name": "shop"}


def test_success_may_hold_no_data() -> None:
    assert data_of(answer(200)) is None


@pytest.mark.parametrize(
    ("status", "exit_code", "text", "kind"),
    [
        (422, None, "Application is already HA", Refused),
        (422, None, "'High Availability' is not an allowed feature for the account ('alice')", Refused),
        (422, 168, "Cannot scale up above maximum gear limit of 3.", Refused),
        (422, 104, "Reached gear limit of 3", Refused),
        (422, 100, "Application 'shop' is not scalable", Refused),
        (422, 126, "Invalid application event 'frobnicate' specified", Refused),
        (410, None, "gone", Refused),
        (422, 1, "The cartridge could not be configured", NodeFailed),
        (500, 1, "Node execution failure", NodeFailed),
        (500, 140, "No nodes available", NodeFailed),
        (500, 143, "No response from node", NodeFailed),
        (500, 146, "Node is full", NodeFailed),
        (500, 171, "Unable to perform action on app object. Another operation is already running.", Busy),
        (403, 1, "You are not permitted to perform this action (make_ha on application)", Forbidden),
        (403, 1, "This action is not allowed with your current authorization.", Forbidden),
        (404, 101, "Application 'shop' not found.", NotFound),
        (404, 127, "Domain 'acme' not found.", NotFound),
        (503, 0, "OpenShift is down for maintenance.", Maintenance),
        (406, None, "Requested API version 1.7 is not supported.", UnsupportedApi),
    ],
)
def test_errors_by_status_and_exit_code(status: int, exit_code: int | None, text: str, kind: type[BrokerError]) -> None:
    told = failure(answer(status, text, exit_code))
    assert (type(told), told.text, told.http_status) == (kind, text, status)
    assert told.exit_code == (None if kind is UnsupportedApi else exit_code)


def test_an_application_being_upgraded_is_a_refusal() -> None:
    """Nothing was begun on a node, although the exit code is that of a node's failure."""
    text = "Your application is being upgraded and configuration changes can not be made at this time."
    assert (failure(answer(422, text, 1))).__class__ is Refused


def test_maintenance_is_told_by_a_message_of_severity_info() -> None:
    told = failure(answer(503, "Down until 14:00 UTC.\n", 0, severity="info"))
    assert (type(told), told.text) == (Maintenance, "Down until 14:00 UTC.")


def test_only_errors_are_quoted_where_there_are_any() -> None:
    messages = [
        {"severity": "info", "exit_code": 0, "text": "Welcome"},
        {"severity": "error", "exit_code": 168, "text": "Cannot scale up"},
    ]
    told = failure(Answer(422, None, json.dumps({"data": None, "messages": messages}).encode()))
    assert (told.text, told.exit_code) == ("Cannot scale up", 168)


@pytest.mark.parametrize("messages", [[], [None], ["text"], [{"severity": "error"}], [{"text": ""}]])
def test_a_broker_that_gives_no_reason_is_quoted_as_such(messages: list[object]) -> None:
    told = failure(Answer(422, None, json.dumps({"data": None, "messages": messages}).encode()))
    assert (type(told), told.text) == (Refused, "The broker gave no reason.")


def test_the_versions_that_are_offered_are_told() -> None:
    told = failure(answer(406, "Requested API version 9.9 is not supported."))
    assert isinstance(told, UnsupportedApi)
    assert told.offered == ("1.6", "1.7")


@pytest.mark.parametrize("body", [b"HTTP Basic: Access denied.\n", b"HTTP Bearer: Access denied.\n"])
def test_bad_credentials_are_answered_in_plain_text(body: bytes) -> None:
    told = failure(Answer(401, None, body))
    assert (type(told), told.text) == (Unauthorized, body.decode().strip())


def test_an_account_that_may_not_be_impersonated_is_told_in_the_words_of_the_broker() -> None:
    told = failure(answer(401, "Insufficient privileges to access user bob"))
    assert (type(told), told.text) == (Unauthorized, "Insufficient privileges to access user bob")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Unanswered),
        (403, Forbidden),
        (404, NoBroker),
        (405, Refused),
        (422, Unanswered),
        (429, Refused),
        (500, Unanswered),
        (502, Unanswered),
        (503, Unanswered),
        (504, Unanswered),
    ],
)
def test_html_is_of_something_in_front_of_the_broker(status: int, kind: type[BrokerError]) -> None:
    told = failure(Answer(status, None, b"<html><title>Error</title><p>Try\n again</p></html>"))
    assert (type(told), "Error Try again" in told.text, told.http_status) == (kind, True, status)


@pytest.mark.parametrize("status", [200, 403, 404, 422, 500])
def test_an_envelope_broken_off_says_nothing(status: int) -> None:
    whole = answer(status, "Node execution failure", 1).body
    assert (failure(Answer(status, None, whole[:-10]))).__class__ is Unanswered


def test_a_long_page_is_quoted_in_part() -> None:
    told = failure(Answer(502, None, b"<p>" + b"word " * 10_000))
    assert len(told.text) < 2 * QUOTED_CHARACTERS


def test_where_a_redirect_leads_is_told() -> None:
    told = failure(Answer(301, "https://broker.example.com/", b""))
    assert "https://broker.example.com/" in told.text


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (
            "https://broker.example.com/broker/rest/domain/acme/application/shop?include=cartridges&nolinks=true",
            "The server redirects: give https://broker.example.com as broker_url",
        ),
        (
            "https://[::1]:8443/osv2/broker/rest/applications",
            "The server redirects: give https://[::1]:8443/osv2 as broker_url",
        ),
        (
            "https://alice:s3cr3t@broker.example.com/broker/rest/applications",
            "The server redirects: give https://broker.example.com as broker_url",
        ),
        (
            "https://bob:s3cr3t@sso.example.com/login?ticket=s3cr3t",
            "The server redirects to https://sso.example.com/login: is broker_url right?",
        ),
        ("/login", "The server redirects to /login: is broker_url right?"),
        ("/broker/rest/", "The server redirects to /broker/rest/: is broker_url right?"),
        ("https://[", "The server redirects: is broker_url right?"),
        (None, "The server redirects: is broker_url right?"),
    ],
)
def test_a_redirect_tells_what_broker_url_takes_and_no_secrets(location: str | None, text: str) -> None:
    told = failure(Answer(301, location, b""))
    assert (type(told), told.text) == (Misdirected, text)


@pytest.mark.parametrize(
    "page",
    [
        b"<h1>Bad Request</h1><p>You're speaking plain HTTP to an SSL-enabled server port.<br />Instead use the HTTPS",
        b"<center><h1>400 Bad Request</h1></center><center>The plain HTTP request was sent to HTTPS port</center>",
    ],
    ids=["Apache", "nginx"],
)
def test_a_port_for_https_is_told_as_such(page: bytes) -> None:
    told = failure(Answer(400, None, page))
    assert (type(told), "speaks https there" in told.text) == (Misdirected, True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MESSAGE = st.fixed_dictionaries({}, optional={"severity": JSON, "exit_code": JSON, "text": JSON})
ENVELOPE = st.fixed_dictionaries(
    {"data": JSON, "messages": st.lists(MESSAGE | JSON, max_size=3) | JSON},
    optional={"supported_api_versions": JSON},
)


@given(st.integers(300, 599), ENVELOPE.map(lambda e: json.dumps(e).encode()) | st.binary(max_size=50))
def test_whatever_an_answer_holds_it_is_told_as_an_error(status: int, body: bytes) -> None:
    told = failure(Answer(status, None, body))
    assert isinstance(told.text, str)
    assert told.text

"""The meaning of answers by status and exit code, as in docs/broker.md."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import (
    Answer,
    extract_data,
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
        extract_data(given_answer)
    return raised.value


def test_success_returns_the_data() -> None:
    assert extract_data(Answer(200, None, b'{"messages": [], "data": {"name": "shop"}}')) == {"name": "shop"}


def test_success_may_have_no_data() -> None:
    assert extract_data(answer(200)) is None


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
    raised = failure(answer(status, text, exit_code))
    assert (type(raised), raised.text, raised.http_status) == (kind, text, status)
    assert raised.exit_code == (None if kind is UnsupportedApi else exit_code)


def test_an_upgrade_of_the_application_is_a_refusal() -> None:
    """No operation was started, although the exit code is that of a failed node."""
    text = "Your application is being upgraded and configuration changes can not be made at this time."
    assert failure(answer(422, text, 1)).__class__ is Refused


def test_maintenance_is_reported_as_information() -> None:
    raised = failure(answer(503, "Down until 14:00 UTC.\n", 0, severity="info"))
    assert (type(raised), raised.text) == (Maintenance, "Down until 14:00 UTC.")


def test_errors_are_quoted_before_information() -> None:
    messages = [
        {"severity": "info", "exit_code": 0, "text": "Welcome"},
        {"severity": "error", "exit_code": 168, "text": "Cannot scale up"},
    ]
    raised = failure(Answer(422, None, json.dumps({"data": None, "messages": messages}).encode()))
    assert (raised.text, raised.exit_code) == ("Cannot scale up", 168)


@pytest.mark.parametrize("messages", [[], [None], ["text"], [{"severity": "error"}], [{"text": ""}]])
def test_a_missing_reason_is_reported(messages: list[object]) -> None:
    raised = failure(Answer(422, None, json.dumps({"data": None, "messages": messages}).encode()))
    assert (type(raised), raised.text) == (Refused, "the broker gave no reason")


def test_the_offered_versions_are_reported() -> None:
    raised = failure(answer(406, "Requested API version 9.9 is not supported."))
    assert isinstance(raised, UnsupportedApi)
    assert raised.offered == ("1.6", "1.7")


@pytest.mark.parametrize("body", [b"HTTP Basic: Access denied.\n", b"HTTP Bearer: Access denied.\n"])
def test_bad_credentials_are_answered_in_plain_text(body: bytes) -> None:
    raised = failure(Answer(401, None, body))
    assert (type(raised), raised.text) == (Unauthorized, body.decode().strip())


def test_a_forbidden_impersonation_is_reported_in_the_words_of_the_broker() -> None:
    raised = failure(answer(401, "Insufficient privileges to access user bob"))
    assert (type(raised), raised.text) == (Unauthorized, "Insufficient privileges to access user bob")


def test_a_403_of_a_proxy_does_not_advise_another_account() -> None:
    raised = failure(Answer(403, None, b"<html><title>Squid</title></html>"))
    assert "proxy or firewall" in str(raised.remedy)


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
def test_html_comes_from_a_server_in_front_of_the_broker(status: int, kind: type[BrokerError]) -> None:
    raised = failure(Answer(status, None, b"<html><title>Error</title><p>Try\n again</p></html>"))
    assert (type(raised), "Error Try again" in raised.text, raised.http_status) == (kind, True, status)


@pytest.mark.parametrize("status", [200, 403, 404, 422, 500])
def test_a_truncated_envelope_is_no_answer(status: int) -> None:
    whole = answer(status, "Node execution failure", 1).body
    assert failure(Answer(status, None, whole[:-10])).__class__ is Unanswered


def test_only_the_beginning_of_a_page_is_quoted() -> None:
    raised = failure(Answer(502, None, b"<p>" + b"word " * 10_000))
    assert len(raised.text) < 2 * QUOTED_CHARACTERS


def test_the_target_of_a_redirect_is_reported() -> None:
    raised = failure(Answer(301, "https://broker.example.com/", b""))
    assert "https://broker.example.com/" in raised.text


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (
            "https://broker.example.com/broker/rest/domain/acme/application/shop?include=cartridges&nolinks=true",
            "the server redirects (set broker_url to https://broker.example.com)",
        ),
        (
            "https://[::1]:8443/osv2/broker/rest/applications",
            "the server redirects (set broker_url to https://[::1]:8443/osv2)",
        ),
        (
            "https://alice:s3cr3t@broker.example.com/broker/rest/applications",
            "the server redirects (set broker_url to https://broker.example.com)",
        ),
        (
            "https://bob:s3cr3t@sso.example.com/login?ticket=s3cr3t",
            "the server redirects to https://sso.example.com/login",
        ),
        ("/login", "the server redirects to /login"),
        ("/broker/rest/", "the server redirects to /broker/rest/"),
        ("https://[", "the server redirects to an invalid address"),
        (None, "the server redirects"),
    ],
)
def test_a_redirect_shows_the_right_broker_url_and_no_secrets(location: str | None, text: str) -> None:
    raised = failure(Answer(301, location, b""))
    assert (type(raised), raised.text) == (Misdirected, text)


@pytest.mark.parametrize(
    "page",
    [
        b"<h1>Bad Request</h1><p>You're speaking plain HTTP to an SSL-enabled server port.<br />Instead use the HTTPS",
        b"<center><h1>400 Bad Request</h1></center><center>The plain HTTP request was sent to HTTPS port</center>",
    ],
    ids=["Apache", "nginx"],
)
def test_a_port_for_https_is_reported(page: bytes) -> None:
    raised = failure(Answer(400, None, page))
    assert (type(raised), "expects https on this port" in raised.text) == (Misdirected, True)


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
def test_any_answer_is_reported_as_an_error(status: int, body: bytes) -> None:
    raised = failure(Answer(status, None, body))
    assert isinstance(raised.text, str)
    assert raised.text


# --- Answers that are not the broker's


@pytest.mark.parametrize(
    ("given_answer", "text", "remedy"),
    [
        (
            Answer(502, None, b"<html><h1>502 Bad Gateway</h1></html>"),
            "a proxy in front of the broker answered 502 (Bad Gateway)",
            "the proxy in front of it",
        ),
        (Answer(503, None, b"<html>x</html>"), "a proxy in front of the broker answered 503 (Service Unav", "proxy"),
        (Answer(504, None, b""), "a proxy in front of the broker answered 504 (Gateway Timeout)", "proxy"),
        (Answer(502, None, b"upstream connect error"), "a proxy in front of the broker answered 502", "proxy"),
        (
            Answer(200, None, b'<!DOCTYPE html><form><input name=p type="password"></form>'),
            "not the broker's JSON, but a web page, probably a login page",
            "Check broker_url",
        ),
        (Answer(200, None, b"\n<HTML><h1>Welcome</h1>"), "not the broker's JSON, but a web page", "Check broker_url"),
        (Answer(511, None, b"<html>Pay</html>"), "the network requires a login first (a captive portal)", "broker_url"),
        (
            Answer(200, None, b'{"kind": "Status", "apiVersion": "v1"}'),
            "but that of another service",
            "broker_url",
        ),
        (Answer(200, None, b"[]"), "but that of another service", "broker_url"),
        (
            Answer(404, None, b'{"message": "no Route matched"}'),
            "but that of another service",
            "broker_url",
        ),
    ],
)
def test_a_foreign_answer_is_named(given_answer: Answer, text: str, remedy: str) -> None:
    raised = failure(given_answer)
    assert (type(raised), text in raised.text, remedy in str(raised.remedy)) == (Unanswered, True, True)


@pytest.mark.parametrize("body", [b'{"data": {"name"', b'{"data": null, "messages": [', b"", b"what is this?"])
def test_an_incomplete_answer_of_the_broker_is_not_called_foreign(body: bytes) -> None:
    raised = failure(Answer(200, None, body))
    assert (type(raised), "is incomplete" in raised.text, raised.remedy) == (Unanswered, True, None)


@pytest.mark.parametrize(
    ("location", "is_login"),
    [
        ("https://sso.example.com/login?next=/broker/", True),
        ("https://portal.example.net/", True),
        ("/oauth2/start", True),
        ("https://other.example.com/broker/rest/login", False),
        ("https://other.example.com/", False),
    ],
)
def test_a_redirect_to_a_login_page_is_named(location: str, is_login: bool) -> None:
    raised = failure(Answer(302, location, b""))
    assert (type(raised), "login page" in str(raised.remedy)) == (Misdirected, is_login)


def test_a_proxy_that_demands_credentials_is_named() -> None:
    raised = failure(Answer(407, None, b"<html>no</html>"))
    assert (type(raised), raised.text.startswith("the proxy requires credentials")) == (Refused, True)

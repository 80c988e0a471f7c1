"""The transport: what it sends, how often, and which error stands for which failure."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.transport import READ_TRIES
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    Interrupted,
    Maintenance,
    Misdirected,
    NodeFailed,
    NotFound,
    Refused,
    Unanswered,
    Unauthorized,
    Unreachable,
    UnsupportedApi,
    WrongProtocol,
)
from tests.unit.clients import (
    DONE,
    FOUND,
    HTML,
    READS,
    SCALE_UP,
    WRITES,
    broker_at,
    closed_port,
    failure,
    forget_surroundings,
)
from tests.unit.memory_broker import REF
from tests.unit.wire import DROP, HANG, RESET, Answer, Cut, Wire, envelope, error, reply


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_surroundings(monkeypatch, tmp_path)


def test_a_password_in_any_script_is_sent_as_utf_8() -> None:
    with Wire(FOUND) as wire:
        broker_at(wire.url, username="ålice", password="pässwört€").application(REF)
    scheme, _space, sent = wire.requests[0].headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(sent).decode("utf-8")) == ("Basic", "ålice:pässwört€")


def test_token_is_sent_as_bearer() -> None:
    with Wire(FOUND) as wire:
        broker_at(wire.url, token="abc123").application(REF)
    assert wire.requests[0].headers["authorization"] == "Bearer abc123"


@pytest.mark.parametrize("credentials", [{}, {"token": "abc123"}, {"username": None}], ids=["basic", "bearer", "none"])
def test_netrc_is_ignored(credentials: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password other\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Wire(FOUND) as wire:
        broker_at(wire.url, **credentials).application(REF)
    mallory = base64.b64encode(b"mallory:other").decode()
    assert mallory not in wire.requests[0].headers.get("authorization", "")


def test_reads_and_writes_impersonate_the_sub_account() -> None:
    with Wire(FOUND) as wire:
        broker = broker_at(wire.url, impersonate_user="bob")
        broker.application(REF)
        broker.send(REF, SCALE_UP)
    assert [r.headers["x-impersonate-user"] for r in wire.requests] == ["bob", "bob"]


@pytest.mark.parametrize("answer", [DROP, RESET, HTML, Cut(FOUND[:-20])], ids=["drop", "reset", "html", "cut"])
def test_a_read_is_retried_until_it_is_answered(answer: Answer) -> None:
    with Wire(answer, answer, FOUND) as wire:
        assert broker_at(wire.url).application(REF).name == "shop"


INTERIM = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"


@pytest.mark.parametrize("count", [1, 10])
def test_interim_responses_are_skipped(count: int) -> None:
    with Wire(INTERIM * count + FOUND, INTERIM * count + DONE) as wire:
        broker = broker_at(wire.url)
        assert broker.application(REF).name == "shop"
        broker.send(REF, SCALE_UP)
    assert [request.method for request in wire.requests] == ["GET", "POST"]


def test_interim_responses_without_end_are_no_answer() -> None:
    with Wire(Cut(INTERIM * 11 + FOUND)) as wire:
        raised = failure(lambda: broker_at(wire.url).send(REF, SCALE_UP))
    assert isinstance(raised, Unanswered)
    assert raised.text == "the server sent more than 20 interim responses (HTTP 1xx) and no answer"
    assert len(wire.requests) == 1


@pytest.mark.parametrize("read", READS)
def test_a_read_is_tried_at_most_three_times(read: Callable[[Broker], Any]) -> None:
    with Wire(HTML) as wire:
        failure(lambda: read(broker_at(wire.url)))
    assert len(wire.requests) == READ_TRIES == 3


@pytest.mark.parametrize(
    "answer",
    [error(404, "Application 'shop' not found.", 101), error(403, "no", 1), error(503, "down", 0)],
    ids=["404", "403", "maintenance"],
)
def test_a_read_that_was_answered_is_not_retried(answer: Answer) -> None:
    with Wire(answer) as wire:
        failure(lambda: broker_at(wire.url).application(REF))
    assert len(wire.requests) == 1


@pytest.mark.parametrize("action", WRITES)
@pytest.mark.parametrize("answer", [DROP, RESET, HTML], ids=["drop", "reset", "html"])
def test_a_write_is_sent_once_after_any_answer(action: str, answer: Answer) -> None:
    with Wire(answer) as wire:
        raised = failure(lambda: WRITES[action](broker_at(wire.url)))
    assert (type(raised), len(wire.requests)) == (Unanswered, 1)


def test_a_write_uses_a_new_connection() -> None:
    """The server may have closed a connection that was kept open. Then it is unknown whether it read the write."""
    with Wire(FOUND) as wire:
        broker = broker_at(wire.url)
        broker.application(REF)
        broker.application(REF)
        broker.send(REF, SCALE_UP)
    first, second, write = [request.port for request in wire.requests]
    assert first == second
    assert write != first


def test_an_interrupted_run_sends_no_write() -> None:
    def stop() -> None:
        raise Interrupted

    with Wire(FOUND) as wire:
        broker = Broker(Connection(url=wire.url, token="abc"), may_write=stop)
        with pytest.raises(Interrupted):
            broker.send(REF, SCALE_UP)
    assert wire.requests == []


@pytest.mark.parametrize("answer", [DROP, RESET], ids=["drop", "reset"])
def test_a_write_lost_behind_a_proxy_may_have_taken_effect(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    """urllib3 raises a ProxyError, as if nothing had been sent. A second write would take effect twice."""
    with Wire(answer) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        raised = failure(lambda: broker_at("http://broker.example.com").send(REF, SCALE_UP))
    assert (type(raised), len(proxy.requests)) == (Unanswered, 1)


def test_without_the_proxy_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    assert failure(lambda: broker_at("http://broker.example.com").send(REF, SCALE_UP)).__class__ is Unreachable


def test_after_a_refused_connection_nothing_was_sent() -> None:
    raised = failure(lambda: broker_at(f"http://127.0.0.1:{closed_port()}").send(REF, SCALE_UP))
    assert (type(raised), "refused" in raised.text) == (Unreachable, True)


def test_after_an_unknown_host_nothing_was_sent() -> None:
    assert failure(lambda: broker_at("http://broker.invalid").send(REF, SCALE_UP)).__class__ is Unreachable


@pytest.mark.parametrize("kind", ["read", "write"])
def test_a_timeout_is_reported_with_its_seconds(kind: str) -> None:
    with Wire(HANG) as wire:
        broker = broker_at(wire.url, http_timeout=0.2, operation_timeout=0.2)
        raised = failure(lambda: broker.send(REF, SCALE_UP) if kind == "write" else broker.application(REF))
    assert (type(raised), "0.2 s" in raised.text) == (Unanswered, True)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Cut(FOUND[:-20]), id="shorter than its length"),
        pytest.param(reply(200, FOUND.partition(b"\r\n\r\n")[2][:-20]), id="truncated JSON"),
        pytest.param(reply(200, ""), id="nothing"),
        pytest.param(reply(200, "<html>Log in, please</html>"), id="HTML"),
        pytest.param(reply(200, "[1, 2]"), id="other JSON"),
        pytest.param(reply(200, '{"data": {}}'), id="no messages"),
        pytest.param(reply(200, "[" * 100_000), id="deeply nested"),
        pytest.param(reply(200, '{"messages": [], "data": ' + "9" * 5000 + "}"), id="long number"),
        pytest.param(Cut(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), id="bad chunks"),
        pytest.param(reply(200, b"\xff\xfe\x00", Content_Encoding="gzip"), id="bad compression"),
        pytest.param(Cut(b"what is this?\r\n\r\n"), id="not HTTP"),
        pytest.param(reply(422, '{"data": null, "mess'), id="a truncated refusal may be a failed node"),
        pytest.param(HTML, id="proxy's 502"),
        pytest.param(reply(503, "<html>Service Unavailable</html>"), id="proxy's 503"),
        pytest.param(reply(504, "<html>Gateway Time-out</html>"), id="proxy's 504"),
    ],
)
def test_an_unusable_answer_to_a_write_may_have_taken_effect(answer: Answer) -> None:
    with Wire(answer) as wire:
        raised = failure(lambda: broker_at(wire.url).send(REF, SCALE_UP))
    assert (type(raised), raised.may_have_taken_effect) == (Unanswered, True)


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (reply(401, "HTTP Basic: Access denied.\n"), Unauthorized, "HTTP Basic: Access denied."),
        (error(404, "Domain 'acme' not found.", 127), NotFound, "Domain 'acme' not found."),
        (envelope(None, 503, "Down until 14:00 UTC.\n", 0), Maintenance, "Down until 14:00 UTC."),
        (error(422, "Reached gear limit of 3", 104), Refused, "Reached gear limit of 3"),
        (error(422, "Node execution failure", 1), NodeFailed, "Node execution failure"),
        (error(500, "Another operation is already running.", 171), Busy, "Another operation is already running."),
        (HTML, Unanswered, "The upstream is gone."),
    ],
    ids=["401", "404", "503", "422", "422/1", "500/171", "html"],
)
def test_the_text_of_the_answer_is_reported(answer: Answer, kind: type[BrokerError], text: str) -> None:
    with Wire(answer) as wire:
        raised = failure(lambda: broker_at(wire.url).send(REF, SCALE_UP))
    assert (type(raised), text in raised.text, "<" in raised.text) == (kind, True, False)


@pytest.mark.parametrize("location", ["https://elsewhere.example.com/", "http://[", "//", "\xff\xfe", ""])
@pytest.mark.parametrize("kind", ["read", "write"])
def test_redirects_are_reported_and_not_followed(kind: str, location: str) -> None:
    with Wire(reply(302, "", Location=location)) as wire:
        broker = broker_at(wire.url)
        raised = failure(lambda: broker.send(REF, SCALE_UP) if kind == "write" else broker.application(REF))
    assert (type(raised), len(wire.requests)) == (Misdirected, 1)
    assert raised.text.startswith("the server redirects")


@pytest.mark.parametrize(
    ("connection", "account"),
    [
        ({}, "alice"),
        ({"impersonate_user": "bob"}, "alice for bob"),
        ({"token": "t0k3n"}, "the account of the token"),
        ({"username": None, "password": None}, "the account of the client certificate"),
    ],
    ids=["login", "sub-account", "token", "certificate"],
)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_an_error_has_the_address_and_the_account(kind: str, connection: dict[str, Any], account: str) -> None:
    with Wire(reply(401, "HTTP Basic: Access denied.\n")) as wire:
        broker = broker_at(wire.url, **connection)
        raised = failure(lambda: broker.send(REF, SCALE_UP) if kind == "write" else broker.application(REF))
    assert (raised.address, raised.account) == (wire.url, account)


def test_an_error_without_an_answer_has_them_too() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    raised = failure(lambda: broker_at(url).application(REF))
    assert (raised.address, raised.account) == (url, "alice")


@pytest.mark.parametrize("answer", [DROP, RESET, Cut(b"\x15\x03\x01\x00\x02\x02\x46")], ids=["drop", "reset", "alert"])
def test_a_server_that_never_answers_http_may_expect_https(answer: Answer) -> None:
    with Wire(answer) as wire:
        raised = failure(lambda: broker_at(wire.url).application(REF))
    assert (type(raised), len(wire.requests)) == (WrongProtocol, READ_TRIES)


@pytest.mark.parametrize("answer", [DROP, RESET], ids=["drop", "reset"])
def test_the_protocol_is_not_in_doubt_after_an_answer(answer: Answer) -> None:
    with Wire(FOUND, answer) as wire:
        broker = broker_at(wire.url)
        broker.application(REF)
        for again in (broker, broker.clone()):
            raised = [
                failure(lambda again=again: again.application(REF)),
                failure(lambda again=again: again.send(REF, SCALE_UP)),
            ]
            assert [type(error) for error in raised] == [Unanswered, Unanswered]


@pytest.mark.parametrize("connection", [{"password": "s3cr3t-pass"}, {"token": "s3cr3t-token"}])
def test_the_credentials_are_not_quoted(connection: dict[str, Any]) -> None:
    """A page that shows the request, as the pages of debugging servers do."""
    encoded = base64.b64encode(b"alice:s3cr3t-pass").decode()
    page = f"<pre>Authorization: Basic {encoded}\nAuthorization: Bearer s3cr3t-token</pre>"
    with Wire(reply(502, page)) as wire:
        raised = failure(lambda: broker_at(wire.url, **connection).send(REF, SCALE_UP))
    assert (encoded if "password" in connection else "s3cr3t-token") not in raised.text


def test_the_repr_of_a_connection_has_no_secrets() -> None:
    shown = repr(Connection(url="https://broker.example.com", username="alice", password="s3cr3t", token="t0k3n"))
    assert "s3cr3t" not in shown
    assert "t0k3n" not in shown


@settings(max_examples=60)
@given(
    st.sampled_from([b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 Found\r\nLocation: "]),
    st.binary(max_size=60),
    st.sampled_from([b"", b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n{}}"]),
)
def test_any_bytes_are_reported_as_an_error_of_the_broker(start: bytes, middle: bytes, end: bytes) -> None:
    with Wire(Cut(start + middle + end)) as wire:
        failure(lambda: broker_at(wire.url).send(REF, SCALE_UP))


NOT_1_7 = reply(
    406,
    json.dumps({"data": None, "messages": [{"severity": "error", "text": "no"}], "supported_api_versions": [1.5, 1.6]}),
)


def test_after_one_request_a_broker_of_1_6_gets_only_1_6() -> None:
    with Wire(NOT_1_7, FOUND) as wire:
        broker = broker_at(wire.url)
        broker.application(REF)
        broker.send(REF, SCALE_UP)
        broker.clone().application(REF)
    versions = [request.headers["accept"].rpartition("=")[2] for request in wire.requests]
    assert versions == ["1.7", "1.6", "1.6", "1.6"]


def test_a_broker_below_1_6_is_not_supported() -> None:
    answer = NOT_1_7.replace(b"[1.5, 1.6]", b"[1.4, 1.5]")
    with Wire(answer) as wire:
        assert failure(lambda: broker_at(wire.url).application(REF)).__class__ is UnsupportedApi
    assert len(wire.requests) == 1


def test_a_broker_that_refuses_an_offered_version_gets_two_requests_at_most() -> None:
    with Wire(NOT_1_7) as wire:
        assert failure(lambda: broker_at(wire.url).application(REF)).__class__ is UnsupportedApi
    assert len(wire.requests) == 2

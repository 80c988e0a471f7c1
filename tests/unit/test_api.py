"""The transport, against servers on loopback: what is sent, how often, and what each kind of failure is told as."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import READ_TRIES, Broker, Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
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
    Untrusted,
    WrongProtocol,
)
from tests.unit.memory_broker import REF
from tests.unit.wire import DROP, HANG, RESET, Answer, Cut, Plain, Wire, envelope, error, reply

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
READS: list[Callable[[Broker], Any]] = [lambda b: b.application(REF), lambda b: b.domain("acme"), lambda b: b.caller()]
WRITES: dict[str, Callable[[Broker], None]] = {
    "make_ha": lambda b: b.make_ha(REF),
    "disable_ha": lambda b: b.disable_ha(REF),
    "scale_up": lambda b: b.scale_up(REF),
    "scale_down": lambda b: b.scale_down(REF),
    "set_limits": lambda b: b.set_limits(REF, "php-5.4", 3, -1),
    "wait_for_lock": lambda b: b.wait_for_lock(REF),
}


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
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


# --- What is sent


def test_reading_an_application_is_one_request_without_links() -> None:
    with Wire(FOUND) as wire:
        app = broker_at(wire.url).application(REF)
    assert (app.web_gears, app.haproxy_count, app.owner) == (3, 1, "alice")
    assert [(r.method, r.path) for r in wire.requests] == [
        ("GET", "/broker/rest/domain/acme/application/shop?include=cartridges&nolinks=true")
    ]
    assert wire.requests[0].headers["accept"] == "application/json; version=1.7"


@pytest.mark.parametrize(
    ("action", "method", "path", "body"),
    [
        ("make_ha", "POST", "/events", {"event": "make-ha"}),
        ("disable_ha", "POST", "/events", {"event": "disable-ha"}),
        ("scale_up", "POST", "/events", {"event": "scale-up"}),
        ("scale_down", "POST", "/events", {"event": "scale-down"}),
        ("set_limits", "PUT", "/cartridge/php-5.4", {"scales_from": 3, "scales_to": -1}),
        ("wait_for_lock", "POST", "/events", {"event": "scale-down", "by": 0}),
    ],
)
def test_writing_is_one_request(action: str, method: str, path: str, body: dict[str, object]) -> None:
    with Wire(DONE) as wire:
        WRITES[action](broker_at(wire.url))
    (request,) = wire.requests
    assert (request.method, request.path) == (
        method,
        f"/broker/rest/domain/acme/application/shop{path}?nolinks=true",
    )
    assert json.loads(request.body) == body


def test_a_limit_that_stays_is_not_sent() -> None:
    with Wire(DONE) as wire:
        broker_at(wire.url).set_limits(REF, "php-5.4", max_gears=4)
    assert json.loads(wire.requests[0].body) == {"scales_to": 4}


def test_names_cannot_leave_their_place_in_the_path() -> None:
    with Wire(DONE) as wire:
        broker_at(wire.url).scale_up(AppRef("a/../b", "x?y#z"))
    assert wire.requests[0].path.startswith("/broker/rest/domain/a%2F..%2Fb/application/x%3Fy%23z/events")


def test_basic_takes_a_password_in_any_script() -> None:
    with Wire(FOUND) as wire:
        broker_at(wire.url, username="ålice", password="pässwört€").application(REF)
    scheme, _space, sent = wire.requests[0].headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(sent).decode("utf-8")) == ("Basic", "ålice:pässwört€")


def test_token_is_sent_as_bearer() -> None:
    with Wire(FOUND) as wire:
        broker_at(wire.url, token="abc123").application(REF)
    assert wire.requests[0].headers["authorization"] == "Bearer abc123"


@pytest.mark.parametrize("credentials", [{}, {"token": "abc123"}, {"username": None}], ids=["basic", "bearer", "none"])
def test_netrc_is_left_out_of_it(credentials: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password other\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Wire(FOUND) as wire:
        broker_at(wire.url, **credentials).application(REF)
    mallory = base64.b64encode(b"mallory:other").decode()
    assert mallory not in wire.requests[0].headers.get("authorization", "")


def test_reads_and_writes_act_for_the_sub_account() -> None:
    with Wire(FOUND) as wire:
        broker = broker_at(wire.url, impersonate_user="bob")
        broker.application(REF)
        broker.scale_up(REF)
    assert [r.headers["x-impersonate-user"] for r in wire.requests] == ["bob", "bob"]


def test_links_tell_whether_the_platform_offers_ha() -> None:
    with Wire(envelope({"links": {"MAKE_HA": {}}}), envelope({"links": {"SCALE_UP": {}}})) as wire:
        broker = broker_at(wire.url)
        assert [broker.offers_ha(REF), broker.offers_ha(REF)] == [True, False]


# --- How often


@pytest.mark.parametrize("answer", [DROP, RESET, HTML, Cut(FOUND[:-20])], ids=["drop", "reset", "html", "cut"])
def test_a_read_is_tried_again_until_it_is_answered(answer: Answer) -> None:
    with Wire(answer, answer, FOUND) as wire:
        assert broker_at(wire.url).application(REF).name == "shop"


@pytest.mark.parametrize("read", READS)
def test_a_read_is_tried_three_times_and_no_more(read: Callable[[Broker], Any]) -> None:
    with Wire(HTML) as wire:
        failure(lambda: read(broker_at(wire.url)))
    assert len(wire.requests) == READ_TRIES == 3


@pytest.mark.parametrize(
    "answer",
    [error(404, "Application 'shop' not found.", 101), error(403, "no", 1), error(503, "down", 0)],
    ids=["404", "403", "maintenance"],
)
def test_a_read_that_was_answered_is_not_tried_again(answer: Answer) -> None:
    with Wire(answer) as wire:
        failure(lambda: broker_at(wire.url).application(REF))
    assert len(wire.requests) == 1


@pytest.mark.parametrize("action", WRITES)
@pytest.mark.parametrize("answer", [DROP, RESET, HTML], ids=["drop", "reset", "html"])
def test_a_write_is_sent_once_whatever_becomes_of_it(action: str, answer: Answer) -> None:
    with Wire(answer) as wire:
        told = failure(lambda: WRITES[action](broker_at(wire.url)))
    assert (type(told), len(wire.requests)) == (Unanswered, 1)


def test_a_write_goes_over_a_connection_of_its_own() -> None:
    """One that was kept open may be dead already, and then nobody knows whether the write was read."""
    with Wire(FOUND) as wire:
        broker = broker_at(wire.url)
        broker.application(REF)
        broker.application(REF)
        broker.scale_up(REF)
    first, second, write = [request.port for request in wire.requests]
    assert first == second
    assert write != first


def test_the_interruption_is_asked_for_before_a_write_and_nothing_is_sent_then() -> None:
    def stop() -> None:
        raise Interrupted

    with Wire(FOUND) as wire:
        broker = Broker(Connection(url=wire.url, token="abc"), may_write=stop)
        with pytest.raises(Interrupted):
            broker.scale_up(REF)
    assert wire.requests == []


@pytest.mark.parametrize("answer", [DROP, RESET], ids=["drop", "reset"])
def test_a_write_lost_behind_a_proxy_may_have_taken_effect(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    """urllib3 calls it a ProxyError, as if no connection had been made: sent again, it would be done twice."""
    with Wire(answer) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        told = failure(lambda: broker_at("http://broker.example.com").scale_up(REF))
    assert (type(told), len(proxy.requests)) == (Unanswered, 1)


def test_a_proxy_that_is_not_there_means_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    assert (failure(lambda: broker_at("http://broker.example.com").scale_up(REF))).__class__ is Unreachable


# --- What went wrong


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_refused_connection_means_nothing_was_sent() -> None:
    told = failure(lambda: broker_at(f"http://127.0.0.1:{closed_port()}").scale_up(REF))
    assert (type(told), "refused" in told.text) == (Unreachable, True)


def test_unknown_host_means_nothing_was_sent() -> None:
    assert (failure(lambda: broker_at("http://broker.invalid").scale_up(REF))).__class__ is Unreachable


@pytest.mark.parametrize("kind", ["read", "write"])
def test_no_answer_in_time(kind: str) -> None:
    with Wire(HANG) as wire:
        broker = broker_at(wire.url, http_timeout=0.2, operation_timeout=0.2)
        told = failure(lambda: broker.scale_up(REF) if kind == "write" else broker.application(REF))
    assert (type(told), "0.2 seconds" in told.text) == (Unanswered, True)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Cut(FOUND[:-20]), id="shorter than it said"),
        pytest.param(reply(200, FOUND.partition(b"\r\n\r\n")[2][:-20]), id="JSON broken off"),
        pytest.param(reply(200, ""), id="nothing"),
        pytest.param(reply(200, "<html>Log in, please</html>"), id="HTML"),
        pytest.param(reply(200, "[1, 2]"), id="other JSON"),
        pytest.param(reply(200, '{"data": {}}'), id="no messages"),
        pytest.param(reply(200, "[" * 100_000), id="nested without end"),
        pytest.param(reply(200, '{"messages": [], "data": ' + "9" * 5000 + "}"), id="number without end"),
        pytest.param(Cut(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), id="bad chunks"),
        pytest.param(reply(200, b"\xff\xfe\x00", Content_Encoding="gzip"), id="bad compression"),
        pytest.param(Cut(b"what is this?\r\n\r\n"), id="not HTTP"),
        pytest.param(reply(422, '{"data": null, "mess'), id="a refusal broken off may be a failed node"),
        pytest.param(HTML, id="proxy's 502"),
        pytest.param(reply(503, "<html>Service Unavailable</html>"), id="proxy's 503"),
        pytest.param(reply(504, "<html>Gateway Time-out</html>"), id="proxy's 504"),
    ],
)
def test_an_unusable_answer_to_a_write_may_have_taken_effect(answer: Answer) -> None:
    with Wire(answer) as wire:
        told = failure(lambda: broker_at(wire.url).scale_up(REF))
    assert (type(told), told.may_have_taken_effect) == (Unanswered, True)


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
def test_the_words_of_the_answer_are_told(answer: Answer, kind: type[BrokerError], text: str) -> None:
    with Wire(answer) as wire:
        told = failure(lambda: broker_at(wire.url).scale_up(REF))
    assert (type(told), text in told.text, "<" in told.text) == (kind, True, False)


def test_the_lock_is_busy_while_a_minimum_is_being_raised() -> None:
    """A scaling by 0 is refused below the minimum only."""
    with Wire(error(422, "Cannot scale down below gear limit of 2.", 168)) as wire:
        told = failure(lambda: broker_at(wire.url).wait_for_lock(REF))
    assert (type(told), told.exit_code, told.account, len(wire.requests)) == (Busy, 168, "alice", 1)
    assert "Cannot scale down below gear limit of 2." in told.text


@pytest.mark.parametrize("text", ["Application shop is not scalable", "Your application is being upgraded"])
def test_what_else_is_refused_while_waiting_for_the_lock_is_refused(text: str) -> None:
    with Wire(error(422, text, None)) as wire:
        told = failure(lambda: broker_at(wire.url).wait_for_lock(REF))
    assert (type(told), told.http_status) == (Refused, 422)


@pytest.mark.parametrize("location", ["https://elsewhere.example.com/", "http://[", "//", "\xff\xfe", ""])
@pytest.mark.parametrize("kind", ["read", "write"])
def test_redirects_are_told_and_not_followed(kind: str, location: str) -> None:
    with Wire(reply(302, "", Location=location)) as wire:
        broker = broker_at(wire.url)
        told = failure(lambda: broker.scale_up(REF) if kind == "write" else broker.application(REF))
    assert (type(told), len(wire.requests)) == (Misdirected, 1)
    assert "broker_url" in told.text


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
def test_an_error_tells_which_broker_and_as_whom(kind: str, connection: dict[str, Any], account: str) -> None:
    with Wire(reply(401, "HTTP Basic: Access denied.\n")) as wire:
        broker = broker_at(wire.url, **connection)
        told = failure(lambda: broker.scale_up(REF) if kind == "write" else broker.application(REF))
    assert (told.address, told.account) == (wire.url, account)


def test_so_does_one_without_an_answer() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    told = failure(lambda: broker_at(url).application(REF))
    assert (told.address, told.account) == (url, "alice")


@pytest.mark.parametrize("answer", [DROP, RESET, Cut(b"\x15\x03\x01\x00\x02\x02\x46")], ids=["drop", "reset", "alert"])
def test_a_server_that_never_answers_http_may_want_https(answer: Answer) -> None:
    with Wire(answer) as wire:
        told = failure(lambda: broker_at(wire.url).application(REF))
    assert (type(told), len(wire.requests)) == (WrongProtocol, READ_TRIES)


@pytest.mark.parametrize("answer", [DROP, RESET], ids=["drop", "reset"])
def test_a_server_that_has_answered_speaks_what_we_speak(answer: Answer) -> None:
    with Wire(FOUND, answer) as wire:
        broker = broker_at(wire.url)
        broker.application(REF)
        for again in (broker, broker.clone()):
            told = [
                failure(lambda again=again: again.application(REF)),
                failure(lambda again=again: again.scale_up(REF)),
            ]
            assert [type(error) for error in told] == [Unanswered, Unanswered]


def test_an_answer_about_another_application_is_not_taken() -> None:
    with Wire(envelope({**APPLICATION, "name": "payroll"})) as wire:
        assert (failure(lambda: broker_at(wire.url).application(REF))).__class__ is Unanswered


def test_names_may_differ_in_case() -> None:
    with Wire(FOUND) as wire:
        assert broker_at(wire.url).application(AppRef("ACME", "Shop")).ref == REF


@pytest.mark.parametrize("connection", [{"password": "s3cr3t-pass"}, {"token": "s3cr3t-token"}])
def test_what_we_logged_in_with_is_not_quoted(connection: dict[str, Any]) -> None:
    """A page that shows the request it got, as those of debugging servers do."""
    encoded = base64.b64encode(b"alice:s3cr3t-pass").decode()
    page = f"<pre>Authorization: Basic {encoded}\nAuthorization: Bearer s3cr3t-token</pre>"
    with Wire(reply(502, page)) as wire:
        told = failure(lambda: broker_at(wire.url, **connection).scale_up(REF))
    assert (encoded if "password" in connection else "s3cr3t-token") not in told.text


def test_secrets_are_not_in_the_words_for_a_connection() -> None:
    shown = repr(Connection(url="https://broker.example.com", username="alice", password="s3cr3t", token="t0k3n"))
    assert "s3cr3t" not in shown
    assert "t0k3n" not in shown


@settings(max_examples=60)
@given(
    st.sampled_from([b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 Found\r\nLocation: "]),
    st.binary(max_size=60),
    st.sampled_from([b"", b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n{}}"]),
)
def test_whatever_comes_back_is_told_as_an_error_of_the_broker(start: bytes, middle: bytes, end: bytes) -> None:
    with Wire(Cut(start + middle + end)) as wire:
        failure(lambda: broker_at(wire.url).scale_up(REF))


# --- Versions


NOT_1_7 = reply(
    406,
    json.dumps({"data": None, "messages": [{"severity": "error", "text": "no"}], "supported_api_versions": [1.5, 1.6]}),
)


def test_a_broker_of_1_6_is_spoken_to_in_1_6_from_then_on() -> None:
    with Wire(NOT_1_7, FOUND) as wire:
        broker = broker_at(wire.url)
        broker.application(REF)
        broker.scale_up(REF)
        broker.clone().application(REF)
    versions = [request.headers["accept"].rpartition("=")[2] for request in wire.requests]
    assert versions == ["1.7", "1.6", "1.6", "1.6"]


def test_a_broker_below_1_6_is_not_for_us() -> None:
    answer = NOT_1_7.replace(b"[1.5, 1.6]", b"[1.4, 1.5]")
    with Wire(answer) as wire:
        assert (failure(lambda: broker_at(wire.url).application(REF))).__class__ is UnsupportedApi
    assert len(wire.requests) == 1


def test_a_broker_that_offers_and_refuses_the_same_version_is_asked_twice_only() -> None:
    with Wire(NOT_1_7) as wire:
        assert (failure(lambda: broker_at(wire.url).application(REF))).__class__ is UnsupportedApi
    assert len(wire.requests) == 2


# --- TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_path(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def server_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def secure(server_side: ssl.SSLContext) -> Iterator[Wire]:
    with Wire(FOUND, tls=server_side) as wire:
        yield wire


def test_a_certificate_of_an_authority_of_ours_is_trusted(secure: Wire, ca_path: str) -> None:
    broker = broker_at(secure.url, verify=ca_path)
    assert broker.application(REF).name == "shop"
    broker.scale_up(REF)


@pytest.mark.parametrize("kind", ["read", "write"])
def test_an_untrusted_certificate_means_that_nothing_was_sent(secure: Wire, kind: str) -> None:
    broker = broker_at(secure.url)
    told = failure(lambda: broker.scale_up(REF) if kind == "write" else broker.application(REF))
    assert (type(told), "not trusted" in told.text, secure.requests) == (Untrusted, True, [])


def test_an_untrusted_certificate_is_not_waited_for(secure: Wire) -> None:
    rests: list[float] = []
    broker = Broker(Connection(url=secure.url, token="abc"), sleep=rests.append)
    failure(lambda: broker.application(REF))
    assert rests == []


def test_a_certificate_for_another_host_is_not_trusted(authority: trustme.CA, ca_path: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example.com").configure_cert(context)
    with Wire(FOUND, tls=context) as wire:
        assert (failure(lambda: broker_at(wire.url, verify=ca_path).application(REF))).__class__ is Untrusted


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("ciphers", [None, "ECDHE+AESGCM:ECDHE+CHACHA20"])
def test_verification_can_be_turned_off(secure: Wire, ciphers: str | None) -> None:
    assert broker_at(secure.url, verify=False, ciphers=ciphers).application(REF).name == "shop"


def test_verification_turned_off_says_nothing_on_every_request(secure: Wire) -> None:
    """In a process of its own: pytest sets aside what was said of warnings at import."""
    program = f"""
from ansible_collections.openshift_v2.apps.plugins.module_utils._client import api as broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
connection = broker.Connection(url={secure.url!r}, token="abc", verify=False)
broker.Broker(connection).application(AppRef("acme", "shop"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, len(secure.requests)) == (0, "", 1)


def test_the_ciphers_are_those_asked_for(server_side: ssl.SSLContext, ca_path: str) -> None:
    server_side.maximum_version = ssl.TLSVersion.TLSv1_2
    server_side.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384")
    with Wire(FOUND, tls=server_side) as wire:
        assert broker_at(wire.url, verify=ca_path, ciphers="AES256+ECDHE").application(REF).name == "shop"
        told = failure(lambda: broker_at(wire.url, verify=ca_path, ciphers="AES128+ECDHE").application(REF))
    assert "ciphers" in told.text


@pytest.mark.parametrize("separate", [True, False], ids=["cert and key", "one file"])
def test_the_client_certificate_is_shown(
    separate: bool, authority: trustme.CA, server_side: ssl.SSLContext, ca_path: str, tmp_path: Path
) -> None:
    authority.configure_trust(server_side)
    server_side.verify_mode = ssl.CERT_REQUIRED
    leaf = authority.issue_cert("alice@example.com")
    both, cert, key = (str(tmp_path / name) for name in ("both.pem", "cert.pem", "key.pem"))
    leaf.private_key_and_cert_chain_pem.write_to_path(both)
    leaf.cert_chain_pems[0].write_to_path(cert)
    leaf.private_key_pem.write_to_path(key)
    shown = {"client_cert": cert, "client_key": key} if separate else {"client_cert": both}
    with Wire(FOUND, tls=server_side) as wire:
        broker = broker_at(wire.url, verify=ca_path, **shown)
        assert broker.application(REF).name == "shop"
        broker.scale_up(REF)
        failure(lambda: broker_at(wire.url, verify=ca_path).application(REF))


def test_tls_that_breaks_after_a_write_was_read_may_have_taken_effect(
    server_side: ssl.SSLContext, ca_path: str
) -> None:
    with Wire(Plain(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"), tls=server_side) as wire:
        told = failure(lambda: broker_at(wire.url, verify=ca_path).scale_up(REF))
    assert (type(told), len(wire.requests)) == (Unanswered, 1)


@pytest.mark.parametrize("answer", [DROP, RESET], ids=["drop", "reset"])
def test_tls_that_is_cut_off_after_a_write_was_read_may_have_taken_effect(
    answer: Answer, server_side: ssl.SSLContext, ca_path: str
) -> None:
    with Wire(answer, tls=server_side) as wire:
        told = failure(lambda: broker_at(wire.url, verify=ca_path).scale_up(REF))
    assert (type(told), len(wire.requests)) == (Unanswered, 1)


def test_a_server_without_tls_is_told() -> None:
    def serve() -> None:
        """As Apache and nginx do: what they get is no HTTP, and they do not wait for its end."""
        for _try in range(READ_TRIES):
            with listener.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, daemon=True)
        server.start()
        told = failure(lambda: broker_at(f"https://127.0.0.1:{listener.getsockname()[1]}").application(REF))
        server.join(10)
    assert (type(told), "does not speak TLS" in told.text, "ciphers" in told.text) == (WrongProtocol, True, False)


@pytest.mark.parametrize("option", ["verify", "client_cert"])
def test_a_file_that_holds_no_certificate_is_told(option: str, secure: Wire, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("not a certificate", encoding="utf-8")
    failure(lambda: broker_at(secure.url, **{option: str(wrong)}).scale_up(REF))
    assert secure.requests == []

"""Answers that are too large, packed or nested: a clear error, and never much memory."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError, TooLarge, Unanswered
from tests.faults.raw.deadlines import within
from tests.faults.raw.server import Behaviour, HostileServer
from tests.harness import Ansible
from tests.unit.clients import APPLICATION, FOUND, SCALE_UP, broker_at, failure, forget_surroundings
from tests.unit.memory_broker import REF
from tests.unit.wire import envelope, reply

MEBIBYTE = 1024 * 1024
DEADLINE = 60.0
BODY = FOUND.partition(b"\r\n\r\n")[2]


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_surroundings(monkeypatch, tmp_path)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
    "identity": lambda data: data,
    "identity, gzip": gzip.compress,
}


def packed(names: str, body: bytes, status: int = 200) -> bytes:
    return reply(status, PACKED[names](body), Content_Encoding=names)


def sends(answer: bytes) -> Behaviour:
    return lambda peer, _request: peer.send(answer)


def endless(start: bytes, part: bytes) -> Behaviour:
    def behave(peer: Any, _request: bytes) -> None:
        peer.send(start)
        peer.flood(part)

    return behave


@pytest.mark.parametrize("names", PACKED)
def test_a_packed_answer_is_unpacked(names: str) -> None:
    with HostileServer(sends(packed(names, BODY))) as server:
        assert within(DEADLINE, lambda: broker_at(server.url).application(REF)).name == "shop"
    assert b"Accept-Encoding: gzip, deflate\r\n" in server.requests[0]


def test_a_gzip_answer_of_several_members_is_unpacked() -> None:
    halves = gzip.compress(BODY[:100]) + gzip.compress(BODY[100:]) + b"\0\0"
    with HostileServer(sends(reply(200, halves, Content_Encoding="gzip"))) as server:
        assert within(DEADLINE, lambda: broker_at(server.url).application(REF)).name == "shop"


def test_the_limit_counts_unpacked_bytes_to_the_byte() -> None:
    for names in ("identity", "gzip"):
        with HostileServer(sends(packed(names, BODY))) as server:
            broker = broker_at(server.url, max_response_size=len(BODY))
            assert within(DEADLINE, lambda broker=broker: broker.application(REF)).name == "shop"
            small = broker_at(server.url, max_response_size=len(BODY) - 1)
            raised = within(DEADLINE, lambda small=small: failure(lambda: small.application(REF)))
        assert raised.__class__ is TooLarge
        assert "max_response_size" in raised.text


ZEROS = b" " * (64 * MEBIBYTE)
#: Much larger than the limit of one mebibyte.
LARGE: dict[str, Behaviour] = {
    "gzip": sends(packed("gzip", ZEROS)),
    "deflate": sends(packed("deflate", ZEROS)),
    "raw deflate": sends(packed("Deflate", ZEROS)),
    "gzip in gzip": sends(packed("gzip, gzip", ZEROS)),
    "an error page": sends(packed("gzip", ZEROS, 502)),
    "a plain error": sends(packed("gzip", ZEROS, 422)),
    "empty members": sends(packed("gzip, gzip", gzip.compress(b"") * 200_000)),
    "plain": sends(reply(200, ZEROS[: 4 * MEBIBYTE])),
    "announced": sends(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{"),
    "without length": endless(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536),
    "chunks": endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "one chunk": endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n", b" " * 65536),
}


def measure(call: Callable[[], BrokerError]) -> tuple[BrokerError, int]:
    """What ``call`` returns, and the largest memory that Python used meanwhile."""
    tracemalloc.start()
    try:
        return within(DEADLINE, call), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["read", "write"])
@pytest.mark.parametrize("what", LARGE)
def test_a_large_answer_is_an_error_and_uses_little_memory(what: str, kind: str) -> None:
    with HostileServer(LARGE[what]) as server:
        broker = broker_at(server.url, max_response_size=MEBIBYTE, http_timeout=50, operation_timeout=50)
        call = (lambda: broker.application(REF)) if kind == "read" else (lambda: broker.send(REF, SCALE_UP))
        raised, most = measure(lambda: failure(call))
    assert (type(raised), raised.may_have_taken_effect) == (TooLarge, True)
    assert raised.text == f"the answer is larger than max_response_size ({MEBIBYTE} bytes)"
    # Not tried again: the next answer is as large.
    assert len(server.requests) == 1
    assert most < 12 * MEBIBYTE


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"what", Content_Encoding="br"),
        reply(200, b"what", Content_Encoding="zstd, gzip"),
        reply(200, gzip.compress(BODY), Content_Encoding=", ".join(["gzip"] * 6)),
        reply(200, gzip.compress(BODY)[:-9], Content_Encoding="gzip"),
        reply(200, gzip.compress(BODY)[:-9], Content_Encoding="gzip, gzip"),
        reply(200, b"", Content_Encoding="gzip"),
        reply(200, BODY, Content_Encoding="gzip"),
        reply(200, b"[" * 100_000 + b"]" * 100_000),
        reply(200, b'{"messages": [], "data": ' + b"[" * 900 + b"]" * 900 + b"}"),
        reply(200, b'{"messages": [], "data": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}"),
        reply(422, b'{"data": null, "messages": [{"severity": "error", "text": ' + b"[" * 900 + b"]" * 900 + b"}]}"),
        reply(200, b'{"messages": [], "data": ' + b"9" * 5000 + b"}"),
        reply(200, b'{"messages": [], "data": 1e99999}'),
        envelope({**APPLICATION, "gear_count": 10**4200}),
        envelope({**APPLICATION, "gear_count": float("inf")}),
        envelope({**APPLICATION, "cartridges": 10**4200}),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error_of_the_broker(answer: bytes) -> None:
    with HostileServer(sends(answer)) as server:
        broker = broker_at(server.url)
        raised = within(DEADLINE, lambda: failure(lambda: broker.application(REF)))
        assert isinstance(raised, BrokerError)


@pytest.mark.parametrize("at", ["json.loads", "bytes"])
def test_an_answer_that_does_not_fit_into_the_memory_is_an_error(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_options: Any) -> Any:
        raise MemoryError

    base = "ansible_collections.openshift_v2.apps.plugins.module_utils._client"
    monkeypatch.setattr(f"{base}.envelope.json.loads" if at == "json.loads" else f"{base}.body.unpack", fail)
    with HostileServer(sends(FOUND)) as server:
        broker = broker_at(server.url)
        raised = [
            within(DEADLINE, lambda: failure(lambda: broker.send(REF, SCALE_UP))),
            within(DEADLINE, lambda: failure(lambda: broker.application(REF))),
        ]
    assert [type(error) for error in raised] == [TooLarge, TooLarge]
    assert "memory" in raised[0].text
    assert isinstance(raised[0], Unanswered)


def test_the_message_names_the_option_and_the_application(ansible: Ansible) -> None:
    with HostileServer(sends(packed("gzip", ZEROS[:MEBIBYTE]))) as server:
        options = {"broker_url": server.url, "max_response_size": "100K"}
        task = {"openshift_v2.apps.openshift_app_ha": {"domain": "acme", "name": "shop", **options}}
        (run,) = ansible.tasks(task).of("openshift_app_ha")
    assert run.failed
    assert run.result["changed"] is False
    message = f"the answer is larger than max_response_size ({100 * 1024} bytes), at {server.url}."
    assert run.result["msg"].startswith(f"acme/shop: could not be read: {message} Nothing was changed.")
    assert "set max_response_size to a larger value" in run.result["msg"]


def test_a_write_with_a_large_answer_is_observed_and_not_sent_again(ansible: Ansible) -> None:
    """The first answer to the write is too large. Then the application shows the effect."""
    done = json.loads(BODY)
    # Of an application that does not claim HA, no placement is read.
    done["data"]["ha"] = False

    def behave(peer: Any, request: bytes) -> None:
        scaled = len(server.writes) > 0
        gears = 4 if scaled else 3
        done["data"]["gear_count"] = gears
        done["data"]["cartridges"][1]["current_scale"] = gears
        is_event = request.startswith(b"POST") and b'"by"' not in request
        peer.send(packed("gzip", ZEROS) if is_event else reply(200, json.dumps(done)))

    with HostileServer(behave) as server:
        options = {"broker_url": server.url, "max_response_size": 1048576, "gears": 4, "poll_interval": 0.1}
        task = {"openshift_v2.apps.openshift_app_scale": {"domain": "acme", "name": "shop", **options}}
        (run,) = ansible.tasks(task).of("openshift_app_scale")
    assert not run.failed, run.result
    assert [step["status"] for step in run.result["steps"]] == ["done"]


@pytest.mark.parametrize("item", ["[]", "{}", '{"a": 1}'])
def test_an_answer_of_countless_tiny_items_is_refused_before_it_fills_the_memory(item: str) -> None:
    items = ",".join([item] * (2 * MEBIBYTE // (len(item) + 1)))
    body = f'{{"messages": [], "data": [{items}]}}'.encode()
    with HostileServer(sends(packed("gzip", body))) as server:
        broker = broker_at(server.url, max_response_size=3 * MEBIBYTE, http_timeout=50)
        raised, most = measure(lambda: failure(broker.applications))
    assert raised.__class__ is TooLarge
    assert "more memory than 6 times max_response_size" in raised.text
    assert most < 12 * MEBIBYTE


def test_a_list_of_countless_entries_is_refused() -> None:
    body = b'{"messages": [], "data": [' + b"0," * 200_000 + b"0]}"
    with HostileServer(sends(packed("gzip", body))) as server:
        broker = broker_at(server.url, http_timeout=50)
        raised, most = measure(lambda: failure(broker.applications))
    assert raised.text == "the broker's answer lists more than 200,000 applications"
    assert most < 12 * MEBIBYTE


def test_an_unusable_entry_of_a_list_keeps_nothing_of_the_answer_in_memory() -> None:
    with HostileServer(sends(envelope([[]]))) as server:
        (entry,) = within(DEADLINE, broker_at(server.url).applications)
    assert isinstance(entry, Unreadable)
    assert (entry.error.__traceback__, entry.error.__context__) == (None, None)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * MEBIBYTE, "the answer begins with a line that is too long for HTTP"),
        (b"HTTP/1.1 200 " + b"x" * MEBIBYTE, "the answer begins with a line that is too long for HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 101 + b"\r\n", "the answer has too many headers"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "the answer is not HTTP"),
        (b"HTTP/9.9 200 OK\r\n\r\n", "the answer is not HTTP"),
        (b"HTTP/1.1 ABC OK\r\n\r\n", "the answer is not HTTP"),
    ],
)
def test_an_unreadable_beginning_of_an_answer_is_described(answer: bytes, reason: str) -> None:
    with HostileServer(sends(answer)) as server:
        broker = broker_at(server.url)
        texts = [
            within(DEADLINE, lambda: failure(lambda: broker.application(REF))).text,
            within(DEADLINE, lambda: failure(lambda: broker.send(REF, SCALE_UP))).text,
        ]
    assert texts == [reason, reason]

"""A proxy that cuts, resets, delays and garbles at every class of byte: no write is sent twice, no result is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError, Unanswered
from tests.faults.raw.deadlines import within
from tests.faults.raw.relay import Damage, Relay
from tests.faults.raw.server import HostileServer
from tests.harness import Ansible, Platform, TaskRun
from tests.unit.clients import FOUND, SCALE_UP, broker_at, failure, forget_surroundings
from tests.unit.memory_broker import REF

MODULE = "openshift_v2.apps.openshift_app_scale"
DEADLINE = 40.0
Offset = Callable[[int], int]
#: Where a request or an answer is cut, as a function of its length.
OFFSETS: dict[str, Offset] = {
    "nothing": lambda _length: 0,
    "one byte": lambda _length: 1,
    "in the first line": lambda _length: 12,
    "in the headers": lambda _length: 60,
    "a half": lambda length: length // 2,
    "without the last byte": lambda length: length - 1,
}
ALL: Offset = lambda length: length  # noqa: E731


@pytest.fixture
def three(platform: Platform) -> Platform:
    """acme/shop, three gears."""
    platform.app("acme", "shop", gears=3)
    return platform


def once(damage: Damage, is_hit: Callable[[bytes], bool]) -> Callable[[bytes], Damage | None]:
    """Damage the first request that is hit."""
    left = [damage]
    return lambda request: left.pop() if left and is_hit(request) else None


def is_scale_up(request: bytes) -> bool:
    return b'"scale-up"' in request and b'"by"' not in request


def scale(ansible: Ansible, three: Platform, damage: Damage, is_hit: Callable[[bytes], bool]) -> tuple[TaskRun, Relay]:
    """Scale acme/shop from 3 to 4 gears through a relay."""
    three.broker.clear_requests()
    relay = Relay(three.url, once(damage, is_hit))
    with relay.server:
        options = {"broker_url": relay.server.url, "poll_interval": 0.1, "wait_timeout": 1, "gears": 4}
        task = {"name": "shop", MODULE: {"domain": "acme", "name": "shop", "http_timeout": 5, **options}}
        run = within(DEADLINE, lambda: ansible.tasks(task).of("openshift_app_scale")[0])
    assert relay.damaged
    return run, relay


def sent_writes(relay: Relay) -> list[bytes]:
    return [request for request in relay.server.writes if is_scale_up(request)]


@pytest.mark.parametrize("reset", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["cut", "reset"])
@pytest.mark.parametrize("where", OFFSETS)
def test_a_write_whose_request_is_cut_is_unknown_and_not_sent_again(
    ansible: Ansible, three: Platform, where: str, reset: bool
) -> None:
    run, relay = scale(ansible, three, Damage(request=OFFSETS[where], answer=ALL, reset=reset), is_scale_up)
    assert run.failed
    assert [step["status"] for step in run.result["steps"]] == ["unknown"]
    assert "The outcome is unknown." in run.result["msg"]
    assert len(sent_writes(relay)) == 1
    assert three.shown("acme", "shop")[1] == 3


@pytest.mark.parametrize("reset", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["cut", "reset"])
@pytest.mark.parametrize("where", [*OFFSETS, "all"])
def test_a_write_whose_answer_is_cut_took_effect_once(
    ansible: Ansible, three: Platform, where: str, reset: bool
) -> None:
    run, relay = scale(ansible, three, Damage(answer={**OFFSETS, "all": ALL}[where], reset=reset), is_scale_up)
    assert not run.failed, run.result
    assert run.result["changed"] is True
    assert [step["status"] for step in run.result["steps"]] == ["done"]
    assert len(sent_writes(relay)) == 1
    assert three.shown("acme", "shop")[1] == 4


@pytest.mark.parametrize("side", ["request", "answer"])
@pytest.mark.parametrize("where", OFFSETS)
def test_a_read_that_is_cut_is_read_again(ansible: Ansible, three: Platform, where: str, side: str) -> None:
    cut = {"request": OFFSETS[where], "answer": ALL} if side == "request" else {"answer": OFFSETS[where]}
    run, relay = scale(ansible, three, Damage(**cut), lambda request: request.startswith(b"GET"))
    assert not run.failed, run.result
    assert len(sent_writes(relay)) == 1
    assert three.shown("acme", "shop")[1] == 4


@pytest.mark.parametrize("where", ["nothing", "in the headers", "a half", "without the last byte"])
def test_a_garbled_answer_to_a_write_is_never_a_reason_to_send_it_again(
    ansible: Ansible, three: Platform, where: str
) -> None:
    _run, relay = scale(ansible, three, Damage(garble=OFFSETS[where]), is_scale_up)
    assert len(sent_writes(relay)) == 1
    assert three.shown("acme", "shop")[1] == 4


@pytest.mark.parametrize("damage", [Damage(delay=0.5), Damage(drip=0.0005)], ids=["late", "slow"])
def test_a_slow_answer_in_time_is_a_success(ansible: Ansible, three: Platform, damage: Damage) -> None:
    run, relay = scale(ansible, three, damage, is_scale_up)
    assert not run.failed
    assert len(sent_writes(relay)) == 1


# --- Every single byte


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["read", "write"])
def test_an_answer_that_is_cut_at_any_byte_is_unanswered(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    forget_surroundings(monkeypatch, tmp_path)
    sent = [0]

    def behave(peer: Any, _request: bytes) -> None:
        peer.send(FOUND[: sent[0]])
        peer.sock.close()

    def ask() -> BrokerError:
        broker = broker_at(server.url)
        return failure(lambda: broker.application(REF) if kind == "read" else broker.send(REF, SCALE_UP))

    with HostileServer(behave) as server:
        for length in range(len(FOUND)):
            sent[0] = length
            before = len(server.requests)
            assert isinstance(within(DEADLINE, ask), Unanswered), length
            assert len(server.requests) - before == {"read": 3, "write": 1}[kind]

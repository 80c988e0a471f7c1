"""Interruptions against silent and dripping brokers: waits end within seconds, and a write that is cut is unknown."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.interruption import Stop
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock
from tests.faults.raw.deadlines import within
from tests.faults.raw.server import HostileServer, Peer
from tests.unit.clients import APPLICATION, FOUND, forget_surroundings
from tests.unit.wire import envelope, error
from tests.waiting import wait_until

DEADLINE = 60.0
#: Within this time, an interrupted run ends, on a busy machine.
SOON = 60.0
CONNECTION = {"username": "alice", "password": "secret", "http_timeout": 300, "operation_timeout": 300}
SCALE = {"domain": "acme", "name": "shop", "gears": 4}


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_surroundings(monkeypatch, tmp_path)


def body_of(name: str) -> dict[str, Any]:
    return {**APPLICATION, "id": name * 6, "name": name}


class Run:
    """An operation in a thread, which a test interrupts."""

    def __init__(self, module: str, url: str, **options: Any) -> None:
        self.stop = Stop()
        validation = ArgumentSpecValidator(**SPECS[module]()).validate({"broker_url": url, **CONNECTION, **options})
        assert not validation.error_messages, validation.error_messages
        self._results: list[dict[str, Any]] = []

        def work() -> None:
            runtime = Runtime(self.stop.check, Clock(sleep=self.stop.sleep), cutoff=self.stop.cutoff)
            self._results.append(run(module, validation.validated_parameters, False, runtime))

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()

    def result(self) -> dict[str, Any]:
        """The result; the test fails if it takes long."""
        within(SOON, self._thread.join)
        return self._results[0]

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()


def hang_at_reads(peer: Peer, _request: bytes) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    peer.drip_forever([b"1\r\n \r\n"])


def hang_at_writes(peer: Peer, request: bytes) -> None:
    if request.startswith(b"GET"):
        peer.send(FOUND)
    else:
        peer.silence()


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, *(pytest.param(each, marks=pytest.mark.thorough) for each in (signal.SIGTERM, signal.SIGALRM))],
)
def test_a_read_ends_soon_after_the_first_signal(number: int) -> None:
    with HostileServer(hang_at_reads) as server:
        cut = Run("openshift_app_scale", server.url, **SCALE)
        wait_until(lambda: server.requests)
        cut.stop.receive(number)
        result = cut.result()
    assert result["failed"]
    assert result["changed"] is False
    assert result["msg"].startswith("acme/shop: could not be read: ")
    assert "Nothing was changed." in result["msg"]


def test_a_silent_tls_handshake_ends_soon_after_the_first_signal() -> None:
    with HostileServer(lambda _peer, _request: None, at_connect=lambda peer: peer.silence()) as server:
        cut = Run("openshift_app_info", server.url.replace("http:", "https:"))
        wait_until(lambda: server.connections)
        cut.stop.receive(signal.SIGINT)
        assert "Interrupted by signal 2" in cut.result()["msg"]


def assert_unknown(result: dict[str, Any]) -> None:
    assert (result["failed"], result["changed"]) == (True, True)
    assert [step["status"] for step in result["steps"]] == ["unknown"]
    assert result["application"]["name"] == "shop"
    assert result["msg"].startswith("acme/shop: failed to ")
    assert "The outcome is unknown." in result["msg"]


@pytest.mark.parametrize("first", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.thorough)])
def test_a_write_is_followed_after_the_first_signal_and_ends_after_the_second(first: int) -> None:
    with HostileServer(hang_at_writes) as server:
        cut = Run("openshift_app_scale", server.url, **SCALE)
        wait_until(lambda: server.writes)
        cut.stop.receive(first)
        time.sleep(1.5)
        assert cut.is_running
        cut.stop.receive(signal.SIGINT)
        assert_unknown(cut.result())
    assert len(server.writes) == 1


def test_a_write_that_ends_after_the_first_signal_is_done() -> None:
    answer = threading.Event()

    def behave(peer: Peer, request: bytes) -> None:
        if not request.startswith(b"GET"):
            answer.wait(DEADLINE)
        peer.send(FOUND)

    with HostileServer(behave) as server:
        cut = Run("openshift_app_ha", server.url, domain="acme", name="shop")
        wait_until(lambda: server.writes)
        cut.stop.receive(signal.SIGINT)
        answer.set()
        result = cut.result()
    assert result["changed"] is True
    assert len(server.writes) == 1


def test_the_end_of_the_time_of_a_task_ends_a_write_at_once() -> None:
    with HostileServer(hang_at_writes) as server:
        cut = Run("openshift_app_scale", server.url, **SCALE)
        wait_until(lambda: server.writes)
        cut.stop.receive(signal.SIGALRM)
        result = cut.result()
    assert_unknown(result)
    assert "The time of the task has ended" in result["msg"]


def test_the_end_of_ansible_ends_a_write_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with HostileServer(hang_at_writes) as server:
        cut = Run("openshift_app_scale", server.url, **SCALE)
        wait_until(lambda: server.writes)
        monkeypatch.setattr(os, "getppid", lambda: 1_000_000)
        assert_unknown(cut.result())


def test_workers_of_a_fleet_end_their_writes_too() -> None:
    def behave(peer: Peer, request: bytes) -> None:
        if b" /broker/rest/applications?" in request:
            apps = [body_of(name) for name in ("shop", "cart", "news")]
            peer.send(envelope(apps))
        elif request.startswith(b"GET") and b"/application/" in request:
            name = request.partition(b"/application/")[2].partition(b"?")[0].decode()
            peer.send(envelope(body_of(name)))
        elif b"/domains?" in request:
            peer.send(envelope([]))
        elif request.startswith(b"GET"):
            peer.send(error(403, "Not in the scope of the token.", 1))
        else:
            peer.silence()

    with HostileServer(behave) as server:
        cut = Run("openshift_apps_ha", server.url, select={}, concurrency=2, scale_strategy="scale_up")
        wait_until(lambda: len(server.writes) == 2)
        cut.stop.receive(signal.SIGINT)
        time.sleep(1)
        assert cut.is_running
        cut.stop.receive(signal.SIGINT)
        result = cut.result()
    assert (result["failed"], result["changed"]) == (True, True)
    statuses = [[step["status"] for step in each["steps"]] for each in result["results"]]
    assert statuses == [["unknown"], ["unknown"], ["planned"]]
    assert "Of 3 applications, 0 ended, 2 stopped half-way, and 1 did not start." in result["msg"]
    assert "The outcome is unknown." in result["msg"]
    assert len(server.writes) == 2

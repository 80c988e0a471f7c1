"""A run stops after a signal, or when the process of Ansible has ended."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Interrupted
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine import interruption
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.interruption import SIGNALS, Stop, stoppable


@pytest.fixture
def caught() -> Iterator[list[int]]:
    """The signals that reach the previous handlers."""
    numbers: list[int] = []
    before = {number: signal.signal(number, lambda got, _: numbers.append(got)) for number in SIGNALS}
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


def test_without_an_interruption_a_run_continues() -> None:
    with stoppable() as stop:
        stop.check()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_stops_the_next_write(number: int, caught: list[int]) -> None:
    with stoppable() as stop:
        os.kill(os.getpid(), number)
        assert caught == []
        with pytest.raises(Interrupted, match=str(int(number))):
            stop.check()


@pytest.mark.parametrize("number", SIGNALS)
def test_the_previous_handler_gets_the_signal_afterwards(number: int, caught: list[int]) -> None:
    with stoppable():
        os.kill(os.getpid(), number)
    assert caught == [number]


def test_the_previous_handler_is_restored(caught: list[int]) -> None:
    with stoppable():
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    assert caught == [signal.SIGTERM]


def test_a_run_stops_when_ansible_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Stop()
    stop.check()
    monkeypatch.setattr(os, "getppid", lambda: 1_000_000)
    with pytest.raises(Interrupted):
        stop.check()


def test_a_sleep_has_the_right_length(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(interruption.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(interruption.time, "sleep", lambda seconds: clock.append(clock.pop() + seconds))
    Stop().sleep(7.3)
    assert clock[0] == pytest.approx(107.3)


def test_an_interruption_ends_a_sleep_early(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, stop = [100.0], Stop()

    def sleep(seconds: float) -> None:
        clock[0] += seconds
        stop.signal = signal.SIGTERM

    monkeypatch.setattr(interruption.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(interruption.time, "sleep", sleep)
    with pytest.raises(Interrupted):
        stop.sleep(600)
    assert clock[0] < 102


def test_only_the_main_thread_handles_signals() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    inside: list[object] = []

    def work() -> None:
        with stoppable() as stop:
            stop.check()
            inside.append([signal.getsignal(number) for number in SIGNALS])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert inside == [before]

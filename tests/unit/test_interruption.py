"""A run stops after a signal, or when the process of Ansible has ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
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


def test_a_module_stops_when_nobody_reads_its_output() -> None:
    """A module on another host, after the end of Ansible: its parent there is a shell that goes on."""
    reader, writer = os.pipe()
    stop = Stop(output=writer)
    stop.check()
    os.close(reader)
    with pytest.raises(Interrupted):
        stop.check()
    assert stop.cutoff(True, 0.0) is not None
    os.close(writer)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_module_ends_with_its_result_instead_of_the_signal(number: int, caught: list[int]) -> None:
    with stoppable(resends=False) as stop:
        os.kill(os.getpid(), number)
    assert (stop.fatal, caught) == (number, [])


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


# --- The second signal


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(interruption.time, "monotonic", lambda: now[0])
    return now


def ends_writes(clock: list[float], *signals: tuple[float, int]) -> bool:
    """Whether a write ends at once after these signals: seconds after the first, and number."""
    stop, start = Stop(), clock[0]
    for seconds, number in signals:
        clock[0] = start + seconds
        stop.receive(number)
    cutoff = stop.cutoff(True, start)
    assert cutoff is None or cutoff <= clock[0]
    return cutoff is not None


INT, TERM, ALARM = signal.SIGINT, signal.SIGTERM, signal.SIGALRM


@pytest.mark.parametrize(
    ("signals", "ends"),
    [
        ([(0, INT)], False),
        ([(0, TERM)], False),
        ([(0, ALARM)], True),
        # Ansible sends a SIGTERM of its own after Ctrl-C.
        ([(0, INT), (0.1, TERM)], False),
        ([(0, INT), (0.1, TERM), (0.2, TERM)], True),
        ([(0, INT), (0.1, TERM), (1, INT)], True),
        ([(0, INT), (3, TERM)], True),
        ([(0, INT), (1, INT)], True),
        # A process manager sends it to the group, and Ansible forwards it.
        ([(0, TERM), (0.1, TERM)], False),
        ([(0, TERM), (1, TERM)], True),
        ([(0, TERM), (1, INT)], True),
        ([(0, INT), (5, ALARM)], True),
    ],
)
def test_a_second_signal_ends_a_write(clock: list[float], signals: list[tuple[float, int]], ends: bool) -> None:
    assert ends_writes(clock, *signals) is ends


def test_a_read_has_little_time_after_the_first_signal(clock: list[float]) -> None:
    stop = Stop()
    assert stop.cutoff(False, 0.0) is None
    stop.receive(INT)
    assert stop.cutoff(False, 900.0) == clock[0] + interruption.LAST_READ
    assert stop.cutoff(False, clock[0] + 50) == clock[0] + 50 + interruption.LAST_READ


def test_a_module_ends_when_a_process_of_ansible_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    stop = Stop((os.getpid(), child.pid))
    try:
        assert not stop.is_requested
    finally:
        child.kill()
    # Nobody has collected it yet.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert stop.is_requested
    assert stop.ends_process
    assert stop.cutoff(True, 0.0) == 0.0
    child.communicate()
    assert stop.is_requested


# --- The time of a task


def test_the_end_of_the_time_stops_the_run_without_a_signal_afterwards(caught: list[int]) -> None:
    with stoppable(0.05) as stop, pytest.raises(Interrupted, match="The time of the task has ended"):
        stop.sleep(30)
    assert not stop.ends_process
    assert caught == []


def test_an_alarm_of_ansible_is_taken_over_and_does_not_go_off_afterwards() -> None:
    fired: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _frame: fired.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with stoppable() as stop, pytest.raises(Interrupted):
            stop.sleep(30)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with stoppable():
            pass
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
        assert fired == []
        assert signal.getsignal(signal.SIGALRM) != before
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_signal_after_the_end_of_the_time_reaches_the_previous_handler(caught: list[int]) -> None:
    with stoppable(60) as stop:
        stop.receive(ALARM)
        os.kill(os.getpid(), signal.SIGTERM)
    assert caught == [signal.SIGTERM]

"""Lines about long waits: one line for each application and interval."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiting import Waits

#: Seconds in which a thread of a test must come forward.
SOON = 60.0


class Time:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def waits(time: Time, lines: list[str]) -> Iterator[Waits]:
    made = Waits(lines.append, time)
    yield made
    made.close()


def test_a_line_has_the_application_the_reason_the_time_so_far_and_the_limit() -> None:
    time = Time()
    with waits(time, []) as made, made.follow("acme/shop", patience=600.0):
        assert made.own is not None
        time.now += 42
        assert (
            made.own.describe(time.now)
            == "acme/shop: waiting for 42 s of at most 600 s: the broker has not yet answered."
        )
        made.own.cause, made.own.until = "a reason", time.now + 900
        assert made.own.describe(time.now) == "acme/shop: waiting for 42 s of at most 942 s: a reason."


def test_an_unknown_limit_is_not_shown() -> None:
    time = Time()
    with waits(time, []) as made, made.follow("The applications"):
        assert made.own is not None
        assert made.own.describe(1031.0).startswith("The applications: waiting for 31 s: ")


def test_each_application_has_one_line_in_an_interval() -> None:
    time = Time()
    with waits(time, []) as made, made.follow("acme/shop"):
        counts = []
        for seconds in (29, 1, 1, 28, 1, 29, 1, 95):
            time.now += seconds
            counts.append(len(made._due()))
        assert counts == [0, 1, 0, 0, 1, 0, 1, 1]


def test_a_run_that_has_ended_has_no_line() -> None:
    time = Time()
    with waits(time, []) as made:
        with made.follow("acme/shop"):
            time.now += 60
        assert made._due() == []
        assert made.own is None


def test_without_a_listener_nothing_is_noted_and_there_is_no_thread() -> None:
    made = Waits()
    with made.follow("acme/shop"):
        made.expect_long()
        assert (made.own, made.has_thread, made.is_active) == (None, False, False)


def test_one_thread_prints_for_all_and_never_while_another_prints() -> None:
    printed, threads = threading.Event(), set()

    def notice(_line: str) -> None:
        threads.add(threading.current_thread().name)
        printed.set()

    made = Waits(notice, interval=0.01)
    with made.guard(), made.follow("acme/a"), made.follow("acme/b"):
        made.expect_long()
        made.expect_long()
        assert not printed.wait(0.1)
    with made.follow("acme/a"):
        assert printed.wait(SOON)
    made.close()
    assert threads == {"waits"}


def test_a_listener_that_fails_ends_nothing() -> None:
    """The display may be closed already."""
    called = threading.Event()

    def notice(_line: str) -> None:
        called.set()
        raise BrokenPipeError

    made = Waits(notice, interval=0.01)
    with made.follow("acme/a"):
        made.expect_long()
        assert called.wait(SOON)
    made.close()

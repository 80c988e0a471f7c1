"""What a module learns about its task: the time limit, and the processes of Ansible."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible import supervision
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.supervision import (
    CONTROLLERS,
    MARGIN,
    SECONDS,
    limit_for_module,
    receive_controllers,
    receive_limit,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.supervision import (
    TimeIsUp,
    explain_lost_result,
    name_controllers,
    time_limit,
)


@pytest.mark.parametrize("is_local", [True, False])
@pytest.mark.parametrize("seconds", [0.5, 1, 10, 60, 3600])
def test_a_module_ends_before_its_task(seconds: float, is_local: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [5000.0]
    monkeypatch.setattr(supervision.time, "monotonic", lambda: now[0])
    value = limit_for_module(seconds, is_local)
    limit = receive_limit({SECONDS: value})
    assert limit is not None
    assert 0 < limit < seconds
    assert seconds - limit <= MARGIN
    now[0] += 2
    later = receive_limit({SECONDS: value})
    assert later == (pytest.approx(max(0.01, limit - 2)) if is_local else limit)


@pytest.mark.parametrize("value", ["", "soon", "nan", "inf", "-inf", "until ", "until nan", "until -1e99"])
def test_an_unusable_limit_is_ignored(value: str) -> None:
    environ = {SECONDS: value}
    assert receive_limit(environ) is None
    assert environ == {}


@pytest.mark.parametrize(("value", "numbers"), [("12,34", (12, 34)), ("", ()), ("a,-1,0,1,5", (5,))])
def test_the_processes_of_ansible_are_received(value: str, numbers: tuple[int, ...]) -> None:
    environ = {CONTROLLERS: value}
    assert receive_controllers(environ) == numbers
    assert environ == {}


def test_the_processes_of_ansible_are_this_one_and_its_parent() -> None:
    # Process 1 never ends, so a module does not wait for its end.
    expected = tuple(number for number in (os.getpid(), os.getppid()) if number > 1)
    assert receive_controllers(name_controllers()) == expected


def test_without_a_timeout_there_is_no_limit() -> None:
    with time_limit(0, is_local=True) as variables:
        assert variables == {}


def test_async_limits_the_module() -> None:
    with time_limit(60, is_local=False) as variables:
        assert receive_limit(variables) == 55


def test_the_end_of_the_time_is_raised_here_and_the_handler_is_restored() -> None:
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with time_limit(0, is_local=True) as variables, pytest.raises(TimeIsUp):
            time.sleep(30)
        assert variables.keys() == {SECONDS}
        assert signal.getsignal(signal.SIGALRM) == signal.SIG_IGN
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_thread_has_no_alarm() -> None:
    seen: list[dict[str, str]] = []

    def work() -> None:
        with time_limit(0, is_local=True) as variables:
            seen.append(variables)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert seen == [{}]


@pytest.mark.parametrize(
    ("module", "check_mode", "changed"),
    [("openshift_app_ha", False, True), ("openshift_app_ha", True, False), ("openshift_app_info", False, False)],
)
def test_a_lost_result_states_what_is_unknown(module: str, check_mode: bool, changed: bool) -> None:
    names = {"domain": "acme", "name": "shop"}
    result = explain_lost_result(module, names, check_mode, "the module did not return", "Run again.")
    assert (result["failed"], result["changed"]) == (True, changed)
    assert result["msg"].startswith("acme/shop: the module did not return. ")
    assert result["msg"].endswith(" Run again.")
    assert ("The outcome is unknown." in result["msg"]) is changed
    assert [step["status"] for step in result.get("steps", [])] == ["unknown"] * changed

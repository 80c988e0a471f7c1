"""Operations that run at the same time, wait for each other, or fail."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.broker import EmbeddedBroker
from tests.waiting import PATIENCE, wait_until

from .client import BrokerAnswer, Client


def _at_once(*calls: Callable[[], BrokerAnswer]) -> list[BrokerAnswer]:
    """Send all calls at the same time, and return their answers in the order of the calls."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [running.result() for running in [pool.submit(call) for call in calls]]


def _admitted_together(broker: EmbeddedBroker, *calls: Callable[[], BrokerAnswer]) -> list[BrokerAnswer]:
    """Send calls for ``a1`` that all pass the checks and wait for the lock before the first of them runs."""
    with ThreadPoolExecutor(len(calls) + 1) as pool, broker.held():
        restart = pool.submit(Client(broker.url).event, "a1", "restart")
        wait_until(lambda: _application_state(broker, "a1")["busy"])
        waiting = [pool.submit(call) for call in calls]
        wait_until(lambda: _application_state(broker, "a1")["waiting"] == len(calls))
        broker.settings(hold=None)
        assert restart.result().status == 200
        return [running.result() for running in waiting]


def _application_state(broker: EmbeddedBroker, name: str) -> dict[str, Any]:
    state: dict[str, Any] = next(each for each in broker.state()["applications"] if each["name"] == name)
    return state


def _consumed(broker: EmbeddedBroker) -> int:
    return int(next(each["consumed_gears"] for each in broker.state()["users"] if each["login"] == "owner"))


def test_running_operation_is_visible_as_if_complete(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    with ThreadPoolExecutor(1) as pool, broker.held():
        running = pool.submit(client.event, "a1", "make-ha")
        other = Client(broker.url)
        wait_until(lambda: _application_state(broker, "a1")["ha"])
        assert other.counts("a1") == (True, 2, 2)
        groups = other.get("/domain/acme/application/a1/gear_groups")
        assert [gear["state"] for gear in groups.data[0]["gears"]] == ["started", "unknown"]
        assert groups.text == "started\n"
        broker.settings(hold=None)
        assert running.result().status == 200
    groups = client.get("/domain/acme/application/a1/gear_groups")
    assert groups.text == "started\nstarted\n"


def test_two_scale_ups_at_once_add_two_gears(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    other = Client(broker.url)
    answers = _admitted_together(broker, lambda: client.event("a1", "scale-up"), lambda: other.event("a1", "scale-up"))
    assert [answer.status for answer in answers] == [200, 200]
    assert client.counts("a1") == (False, 3, 1)


def test_two_scale_ups_to_three_at_once_overshoot(broker: EmbeddedBroker, client: Client) -> None:
    """The broker counts before it has the lock: 2 gears become 4, and both answers report 3."""
    client.create("a1")
    client.event("a1", "scale-up")
    other = Client(broker.url)
    answers = _admitted_together(
        broker, lambda: client.event("a1", "scale-up", to=3), lambda: other.event("a1", "scale-up", to=3)
    )
    assert [answer.text for answer in answers] == ["Application a1 has scaled to 3"] * 2
    assert client.counts("a1") == (False, 4, 1)


def test_two_minimums_at_once_are_computed_under_the_lock(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    other = Client(broker.url)
    answers = _admitted_together(
        broker, lambda: client.limits("a1", scales_from=3), lambda: other.limits("a1", scales_from=3)
    )
    assert [answer.status for answer in answers] == [200, 200]
    assert client.counts("a1") == (False, 3, 1)


def test_two_make_ha_at_once_add_no_extra_gears(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    other = Client(broker.url)
    answers = _admitted_together(broker, lambda: client.event("a1", "make-ha"), lambda: other.event("a1", "make-ha"))
    assert [answer.status for answer in answers] == [200, 200]
    assert client.counts("a1") == (True, 2, 2)


def test_minimum_holds_for_scale_downs_at_once(broker: EmbeddedBroker, client: Client) -> None:
    """Each scale-down passes the check, and the minimum applies again under the lock."""
    client.create("a1")
    client.event("a1", "make-ha")
    client.limits("a1", scales_from=5)
    client.limits("a1", scales_from=4)
    others = [Client(broker.url) for _number in range(3)]
    answers = _admitted_together(broker, *(functools.partial(each.event, "a1", "scale-down") for each in others))
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert client.counts("a1") == (True, 4, 2)


def test_two_scale_downs_at_once_keep_the_haproxy_instances(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    client.event("a1", "make-ha")
    client.event("a1", "scale-up")
    others = [Client(broker.url) for _number in range(2)]
    answers = _admitted_together(broker, *(functools.partial(each.event, "a1", "scale-down") for each in others))
    assert [answer.status for answer in answers] == [200, 200]
    assert client.counts("a1") == (True, 2, 2)


@pytest.mark.parametrize(("gears", "limits", "after"), [(2, (3, 3), 3), (5, (2, 3), 3)])
def test_both_limits_at_once_bring_the_count_into_them_once(
    broker: EmbeddedBroker, client: Client, gears: int, limits: tuple[int, int], after: int
) -> None:
    client.create("a1")
    client.event("a1", "scale-up", to=gears)
    client.event("a1", "make-ha")
    minimum, maximum = limits
    others = [Client(broker.url) for _number in range(3)]
    answers = _admitted_together(
        broker, *(functools.partial(each.limits, "a1", scales_from=minimum, scales_to=maximum) for each in others)
    )
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert client.counts("a1") == (True, after, 2 if after > gears else 1)
    assert _web_limits(client) == limits


def test_racing_single_limits_cross(broker: EmbeddedBroker, client: Client) -> None:
    """A single limit is compared with the other one before the lock, so both requests pass."""
    client.create("a1")
    client.event("a1", "scale-up", to=3)
    other = Client(broker.url)
    answers = _admitted_together(
        broker, lambda: client.limits("a1", scales_from=4), lambda: other.limits("a1", scales_to=3)
    )
    assert [answer.status for answer in answers] == [200, 200]
    assert client.counts("a1")[1] == 4
    assert _web_limits(client) == (4, 3)
    refused = client.limits("a1", scales_from=5)
    assert (refused.status, refused.exit_code) == (422, 168)
    assert client.limits("a1", scales_from=1, scales_to=4).status == 200
    assert _web_limits(client) == (1, 4)


def _web_limits(client: Client) -> tuple[int, int]:
    web = client.get("/domain/acme/application/a1/cartridge/php-5.4").data
    return web["scales_from"], web["scales_to"]


def test_lock_has_no_order(broker: EmbeddedBroker, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is polled: a request that comes while it is free gets it before one that has waited for long."""
    poll, sleep, is_over = 77.0, time.sleep, threading.Event()
    monkeypatch.setattr(time, "sleep", lambda seconds: is_over.wait(PATIENCE) if seconds == poll else sleep(seconds))
    client.create("a1")
    broker.settings(lock_poll=poll)
    with ThreadPoolExecutor(2) as pool, broker.held():
        running = pool.submit(Client(broker.url).event, "a1", "restart")
        wait_until(lambda: _application_state(broker, "a1")["busy"])
        waiting = pool.submit(Client(broker.url).event, "a1", "make-ha")
        wait_until(lambda: _application_state(broker, "a1")["waiting"])
        broker.settings(hold=None)
        assert running.result().status == 200
        assert client.event("a1", "scale-up").status == 200
        assert _application_state(broker, "a1")["ha"] is False
        is_over.set()
        assert waiting.result().status == 200
    assert client.counts("a1") == (True, 2, 1)


def test_limits_are_visible_before_the_gears(broker: EmbeddedBroker, client: Client) -> None:
    """For a moment, the minimum is above the count. The new gear and its HAProxy instance then appear together."""
    client.create("a1")
    client.event("a1", "scale-up")
    client.event("a1", "make-ha")
    seen = []

    def read() -> tuple[int, int, int]:
        data = client.get("/domain/acme/application/a1?include=cartridges&nolinks=true").data
        proxy, web = sorted(data["cartridges"], key=lambda each: str(each["name"]))
        seen.append((web["scales_from"], web["current_scale"], proxy["current_scale"]))
        return seen[-1]

    with ThreadPoolExecutor(1) as pool, broker.held("limits"):
        running = pool.submit(Client(broker.url).limits, "a1", scales_from=3)
        wait_until(lambda: read() == (3, 2, 1))
        broker.settings(hold="gears")
        wait_until(lambda: read() == (3, 3, 2))
        broker.settings(hold=None)
        wait_until(lambda: read() and running.done())
        assert running.result().status == 200
    assert {counts[1:] for counts in seen} == {(2, 1), (3, 2)}


def test_barrier_waits_for_the_running_operation(broker: EmbeddedBroker, client: Client) -> None:
    """Scaling by 0 changes nothing, and the broker answers when the operation is complete."""
    client.create("a1")
    broker.faults({"do": "node_failure:143", "times": 1})
    with ThreadPoolExecutor(2) as pool, broker.held():
        running = pool.submit(client.event, "a1", "make-ha")
        other = Client(broker.url)
        wait_until(lambda: _application_state(broker, "a1")["ha"])
        barrier = pool.submit(other.event, "a1", "scale-down", by=0)
        wait_until(lambda: _application_state(broker, "a1")["waiting"])
        assert not barrier.done()
        broker.settings(hold=None)
        assert barrier.result().status == 200
        assert other.counts("a1") == (False, 1, 1)
        assert running.result().status == 500


@pytest.mark.parametrize("event", ["scale-down", "scale-up"])
def test_barrier_keeps_changes_that_others_made_while_it_waited(
    broker: EmbeddedBroker, client: Client, event: str
) -> None:
    """The barrier is checked at one gear, and runs before or after the other request."""
    client.create("a1")
    other = Client(broker.url)
    answers = _admitted_together(
        broker, lambda: client.limits("a1", scales_from=3, scales_to=5), lambda: other.event("a1", event, by=0)
    )
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[1].text == "Application a1 has scaled to 1"
    web = client.get("/domain/acme/application/a1/cartridge/php-5.4").data
    assert (web["current_scale"], web["scales_from"], web["scales_to"]) == (3, 3, 5)


def test_lock_held_too_long_is_refused(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    broker.settings(lock_poll=0.01, lock_tries=3)
    with ThreadPoolExecutor(1) as pool, broker.held():
        running = pool.submit(client.event, "a1", "make-ha")
        other = Client(broker.url)
        wait_until(lambda: _application_state(broker, "a1")["busy"])
        refused = other.event("a1", "scale-down", by=0)
        assert (refused.status, refused.exit_code) == (500, 171)
        assert refused.text == "Unable to perform action on app object. Another operation is already running."
        broker.settings(hold=None)
        assert running.result().status == 200


def test_reserving_locks_the_owner_of_several_applications(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    client.create("a2")
    broker.settings(owner_lock_poll=0.01, owner_lock_tries=3)
    with ThreadPoolExecutor(1) as pool, broker.held("owner"):
        running = pool.submit(client.event, "a1", "scale-up")
        wait_until(lambda: broker.state()["users"][0]["reserving"])
        refused = Client(broker.url).event("a2", "scale-up")
        assert (refused.status, refused.exit_code) == (500, 171)
        assert refused.text == "Unable to perform action on user object. Another operation is already running."
        broker.settings(hold=None)
        assert running.result().status == 200


def test_gear_quota_applies_to_simultaneous_operations(broker: EmbeddedBroker, client: Client) -> None:
    broker.set_users({"login": "owner", "max_gears": 3})
    client.create("a1")
    client.create("a2")
    broker.settings(write_latency=0.1)
    other = Client(broker.url)
    answers = _at_once(lambda: client.event("a1", "make-ha"), lambda: other.event("a2", "make-ha"))
    assert sorted(answer.status for answer in answers) == [200, 422]
    assert _consumed(broker) == 3


@pytest.mark.parametrize(
    ("code", "status", "exit_code"),
    [("1", 422, 1), ("500/1", 500, 1), ("140", 500, 140), ("143", 500, 143), ("146", 500, 146)],
)
def test_node_failure_is_rolled_back_completely(
    broker: EmbeddedBroker, client: Client, code: str, status: int, exit_code: int
) -> None:
    client.create("a1")
    before = broker.state()
    broker.faults({"do": f"node_failure:{code}", "times": 1})
    failed = client.event("a1", "make-ha")
    assert (failed.status, failed.exit_code, failed.data) == (status, exit_code, None)
    assert broker.state() == before
    assert client.event("a1", "make-ha").status == 200
    assert client.counts("a1") == (True, 2, 2)


def test_node_failure_needs_an_operation_that_changes_gears(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    client.event("a1", "scale-up")
    broker.faults({"do": "node_failure:143", "times": 1})
    assert client.event("a1", "make-ha").status == 200
    assert client.limits("a1", scales_to=-1).status == 200
    assert client.event("a1", "scale-up").status == 500
    assert client.counts("a1") == (True, 2, 1)


def test_failed_creation_leaves_no_application(broker: EmbeddedBroker, client: Client) -> None:
    broker.faults({"do": "node_failure:140", "times": 1})
    assert client.create("a1").status == 500
    assert _consumed(broker) == 0
    assert client.get("/domain/acme/application/a1").status == 404
    assert client.create("a1").status == 201


def test_failed_rollback_leaves_gears_and_a_queue(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    broker.faults({"do": "failed_rollback", "times": 1})
    failed = client.event("a1", "make-ha")
    assert (failed.status, failed.exit_code) == (422, 1)
    assert client.counts("a1") == (False, 2, 2)
    assert _application_state(broker, "a1")["pending"] == ["make-ha"]

    refused = client.event("a1", "scale-up")
    assert refused.document["messages"] == failed.document["messages"]
    assert _application_state(broker, "a1")["pending"] == ["make-ha", "scale-up"]
    assert client.counts("a1") == (False, 2, 2)

    broker.faults()
    assert client.limits("a1", scales_to=-1).status == 200
    assert client.counts("a1") == (False, 2, 1)
    assert _application_state(broker, "a1")["pending"] == []
    assert _consumed(broker) == 2


def test_lock_fault_answers_immediately(broker: EmbeddedBroker, client: Client) -> None:
    client.create("a1")
    broker.faults({"do": "lock", "times": 1, "event": "make-ha"})
    assert client.get("/domain/acme/application/a1").status == 200
    assert client.event("a1", "scale-up").status == 200
    refused = client.event("a1", "make-ha")
    assert (refused.status, refused.exit_code) == (500, 171)
    assert client.counts("a1") == (False, 2, 1)
    assert client.event("a1", "make-ha").status == 200


def test_broker_of_before_ha(broker: EmbeddedBroker, client: Client) -> None:
    """Applications do not show ``ha``, and a scale-down by 0 removes a gear."""
    client.create("a1")
    client.event("a1", "scale-up")
    broker.settings(shows_ha=False)
    shown = client.get("/domain/acme/application/a1").data
    assert "ha" not in shown
    assert not {"MAKE_HA", "DISABLE_HA"} & set(shown["links"])
    unknown = client.event("a1", "make-ha")
    assert (unknown.status, unknown.exit_code) == (422, 126)
    assert client.event("a1", "scale-down", by=0).status == 200
    assert client.get("/domain/acme/application/a1").data["gear_count"] == 1


def test_refused_operation_changes_nothing(broker: EmbeddedBroker, client: Client) -> None:
    broker.set_users({"login": "owner", "max_gears": 2})
    client.create("a1", "php-5.4", "mysql-5.5")
    before = broker.state()
    assert client.event("a1", "make-ha").status == 422
    assert client.event("a1", "scale-up").exit_code == 104
    assert client.limits("a1", scales_from=2).status == 422
    assert broker.state() == before

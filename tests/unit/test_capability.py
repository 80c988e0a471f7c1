"""Accounts held as wished: what is set, what is never set again, and what is told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Account
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.capability import (
    AccountChange,
    hold_all,
    result_of,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.ctl_user import Problem

REFUSED = Problem("Refused.", "Do this.")
DOUBTFUL = Problem("It broke.", "Run again.", certain=False)
INTERRUPTED = Problem("It was interrupted.", "Run again.", certain=False, unfinished=True)
LOST = Problem("The connection was lost.", "Run again.", certain=False, unfinished=True, lost=True)
MISSING = Problem("No such program.", "Install it.", everywhere=True)


@dataclass
class Host:
    """A broker host in memory. ``problems`` are met one by one, ``None`` for none; ``takes_effect``: all the same."""

    accounts: dict[str, bool]
    looking: list[Problem | None] = field(default_factory=list)
    granting: list[Problem | None] = field(default_factory=list)
    takes_effect: bool = False
    granted: list[str] = field(default_factory=list)

    def look(self, login: str) -> Account | Problem:
        problem = self.looking.pop(0) if self.looking else None
        return problem or Account(login, self.accounts[login], 3, 25, "broker_host")

    def grant(self, login: str, ha: bool) -> Account | Problem:
        self.granted.append(login)
        problem = self.granting.pop(0) if self.granting else None
        if problem is None or self.takes_effect:
            self.accounts[login] = ha
        return problem or Account(login, self.accounts[login], 3, 25, "broker_host")

    def hold(self, check_mode: bool = False) -> tuple[AccountChange, ...]:
        return hold_all(self.accounts, True, check_mode, self.look, self.grant)


@pytest.mark.parametrize(
    ("looking", "granting", "takes_effect", "status", "words"),
    [
        ([], [], False, "changed", "false -> true"),
        ([], [REFUSED], False, "failed", "Refused. The account was not changed. Do this."),
        ([], [DOUBTFUL], False, "failed", "It broke. The account was not changed."),
        ([], [DOUBTFUL], True, "changed", "false -> true"),
        ([], [INTERRUPTED], False, "unknown", "but may yet"),
        ([], [INTERRUPTED], True, "changed", "false -> true"),
        ([None, REFUSED], [DOUBTFUL], True, "unknown", "not known whether that took effect"),
        ([REFUSED], [], False, "failed", "could not be looked at. Refused. The account was not changed."),
    ],
)
def test_what_became_of_an_account(
    looking: list[Problem | None], granting: list[Problem | None], takes_effect: bool, status: str, words: str
) -> None:
    host = Host({"alice": False}, list(looking), list(granting), takes_effect)
    (entry,) = host.hold()
    assert entry.status == status
    assert words in entry.msg
    assert len(host.granted) <= 1


def test_check_mode_sets_nothing() -> None:
    host = Host({"alice": False, "bob": True})
    assert [entry.status for entry in host.hold(check_mode=True)] == ["planned", "unchanged"]
    assert host.granted == []


@pytest.mark.parametrize("problem", [MISSING, LOST])
def test_what_is_the_same_for_all_ends_it(problem: Problem) -> None:
    host = Host({"alice": False, "bob": False, "carol": False}, looking=[None, problem])
    entries = host.hold()
    assert [entry.status for entry in entries] == ["changed", "failed", "not_attempted"]
    result = result_of(entries)
    assert result.get("unreachable", False) is problem.lost
    assert result.get("failed", False) is not problem.lost
    assert result["changed"] is True
    assert result["msg"].endswith(
        "carol: not attempted. The account was not changed. Of the others: alice: HA allowed false -> true."
    )


def test_of_many_that_failed_the_first_are_named() -> None:
    refused = replace(REFUSED, text="No such account.")
    host = Host({f"user{number}": False for number in range(30)}, looking=[refused] * 30)
    result = result_of(host.hold())
    assert result["msg"].startswith("30 of 30 accounts are not as wished: user0: ")
    assert result["msg"].endswith("And 20 more.")
    assert len(result["results"]) == 30


def test_of_many_that_changed_the_number_is_told() -> None:
    host = Host({f"user{number}": False for number in range(3)})
    result = result_of(host.hold())
    assert result["msg"] == "HA allowed false -> true for 3 accounts."
    assert [diff["before_header"] for diff in result["diff"]] == ["user0", "user1", "user2"]

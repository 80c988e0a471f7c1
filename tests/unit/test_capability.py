"""Setting the HA capability of accounts: what is set, what is never repeated, and what is reported."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Account
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.capability import (
    AccountChange,
    build_result,
    set_capabilities,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.failures import ProgramFailure

REFUSED = ProgramFailure("Refused.", "Do this.")
DOUBTFUL = ProgramFailure("It broke.", "Run again.", certain=False)
INTERRUPTED = ProgramFailure("It was interrupted.", "Run again.", certain=False, unfinished=True)
LOST = ProgramFailure("The connection was lost.", "Run again.", certain=False, unfinished=True, lost=True)
MISSING = ProgramFailure("No such program.", "Install it.", everywhere=True)


@dataclass
class Host:
    """A broker host in memory. Each call consumes a failure (``None``: success). ``takes_effect``: despite failures."""

    accounts: dict[str, bool]
    observing: list[ProgramFailure | None] = field(default_factory=list)
    granting: list[ProgramFailure | None] = field(default_factory=list)
    takes_effect: bool = False
    granted: list[str] = field(default_factory=list)

    def observe(self, login: str) -> Account | ProgramFailure:
        failure = self.observing.pop(0) if self.observing else None
        return failure or Account(login, self.accounts[login], 3, 25, "broker_host")

    def grant(self, login: str, ha: bool) -> Account | ProgramFailure:
        self.granted.append(login)
        failure = self.granting.pop(0) if self.granting else None
        if failure is None or self.takes_effect:
            self.accounts[login] = ha
        return failure or Account(login, self.accounts[login], 3, 25, "broker_host")

    def set_all(self, check_mode: bool = False) -> tuple[AccountChange, ...]:
        return set_capabilities(self.accounts, True, check_mode, self.observe, self.grant)


@pytest.mark.parametrize(
    ("observing", "granting", "takes_effect", "status", "words"),
    [
        ([], [], False, "changed", "false -> true"),
        ([], [REFUSED], False, "failed", "Refused. The account was not changed. Do this."),
        ([], [DOUBTFUL], False, "failed", "It broke. The account was not changed."),
        ([], [DOUBTFUL], True, "changed", "false -> true"),
        ([], [INTERRUPTED], False, "unknown", "but still may"),
        ([], [INTERRUPTED], True, "changed", "false -> true"),
        ([None, REFUSED], [DOUBTFUL], True, "unknown", "The outcome is unknown"),
        ([REFUSED], [], False, "failed", "cannot read the account: Refused. The account was not changed."),
    ],
)
def test_the_outcome_for_an_account(
    observing: list[ProgramFailure | None],
    granting: list[ProgramFailure | None],
    takes_effect: bool,
    status: str,
    words: str,
) -> None:
    host = Host({"alice": False}, list(observing), list(granting), takes_effect)
    (change,) = host.set_all()
    assert change.status == status
    assert words in change.msg
    assert len(host.granted) <= 1


def test_check_mode_sets_nothing() -> None:
    host = Host({"alice": False, "bob": True})
    assert [change.status for change in host.set_all(check_mode=True)] == ["planned", "unchanged"]
    assert host.granted == []


@pytest.mark.parametrize("failure", [MISSING, LOST])
def test_a_failure_that_affects_all_accounts_stops(failure: ProgramFailure) -> None:
    host = Host({"alice": False, "bob": False, "carol": False}, observing=[None, failure])
    changes = host.set_all()
    assert [change.status for change in changes] == ["changed", "failed", "not_attempted"]
    result = build_result(changes)
    assert result.get("unreachable", False) is failure.lost
    assert result.get("failed", False) is not failure.lost
    assert result["changed"] is True
    assert result["msg"].endswith(
        "carol: not attempted. The account was not changed. "
        "Changes of the other accounts: alice: HA allowed false -> true."
    )


def test_a_message_names_the_first_of_many_failures() -> None:
    refused = replace(REFUSED, text="No such account.")
    host = Host({f"user{number}": False for number in range(30)}, observing=[refused] * 30)
    result = build_result(host.set_all())
    assert result["msg"].startswith("30 of 30 accounts are not in the desired state: user0: ")
    assert result["msg"].endswith("And 20 more.")
    assert len(result["results"]) == 30


def test_a_message_counts_many_changes() -> None:
    host = Host({f"user{number}": False for number in range(3)})
    result = build_result(host.set_all())
    assert result["msg"] == "HA allowed false -> true for 3 accounts."
    assert [diff["before_header"] for diff in result["diff"]] == ["user0", "user1", "user2"]

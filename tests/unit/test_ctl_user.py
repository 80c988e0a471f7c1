"""What oo-admin-ctl-user prints, and what its exit statuses mean."""

from __future__ import annotations

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Account, shown
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Unanswered
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.ctl_user import (
    NotUnderstood,
    Problem,
    account_in,
    outcome,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import Ran

LOGIN = "bob@example.com"
PRINTED = """

Setting HA capability to true for user bob@example.com... Done.

User bob@example.com:
                            plan: silver
                usage account id:\x20
                   plan quantity: 1
            plan expiration date:\x20
                consumed domains: 2
                     max domains: 10
                  consumed gears: 7
                       max gears: 25
    max tracked storage per gear: 5
  max untracked storage per gear:\x20
                       max teams: 3
viewing all global teams allowed: false
            plan upgrade enabled: true
                      gear sizes: small, medium
            sub accounts allowed: true
private SSL certificates allowed:\x20
              inherit gear sizes: true
                      HA allowed: true

Sub Accounts: 1
     HA allowed: false
"""


def test_an_account_is_read() -> None:
    account = account_in(PRINTED, LOGIN)
    assert account == Account(
        login="bob@example.com",
        ha=True,
        consumed_gears=7,
        max_gears=25,
        source="broker_host",
        capabilities={
            "ha": True,
            "view_global_teams": False,
            "plan_upgrade_enabled": True,
            "subaccounts": True,
            "private_ssl_certificates": False,
            "max_tracked_addtl_storage_per_gear": 5,
            "gear_sizes": ["small", "medium"],
            "inherit_on_subaccounts": ["gear_sizes"],
        },
        consumed_domains=2,
        max_domains=10,
        max_teams=3,
        plan_id="silver",
    )


def test_an_account_without_a_head_is_the_one_asked_for() -> None:
    account = account_in(PRINTED.replace("User bob@example.com:\n", ""), LOGIN)
    assert account.login == LOGIN
    assert (account.ha, account.consumed_gears, account.max_gears) == (True, 7, 25)


def test_an_account_without_a_maximum_has_none() -> None:
    account = account_in(PRINTED.replace("max gears: 25", "max gears: "), LOGIN)
    assert (shown(account)["max_gears"], shown(account)["available_gears"]) == (None, None)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (PRINTED, "Rien", "no account"),
        ("Sub Accounts: 1", "User eve:", "several accounts"),
        ("HA allowed: true\n\n", "\n\n", "does not say whether HA is allowed"),
        ("HA allowed: true\n\n", "HA allowed: oui\n\n", "neither true nor false but 'oui'"),
        ("consumed gears: 7", "consumed gears: seven", "no number but 'seven'"),
    ],
)
def test_what_is_not_understood_is_said(old: str, new: str, words: str) -> None:
    with pytest.raises(NotUnderstood, match=words):
        account_in(PRINTED.replace(old, new), LOGIN)


def said(status: int | None, output: str, **facts: str) -> Problem:
    answer = outcome(Ran(True, status, output, **facts), "oo-admin-ctl-user", LOGIN)
    assert isinstance(answer, Problem)
    return answer


@pytest.mark.parametrize(
    ("status", "output", "certain", "everywhere", "advice"),
    [
        (5, "Error: Platform does not allow HA applications", True, False, "ALLOW_HA_APPLICATIONS"),
        (5, "Error: User 'x' not found", True, False, "Check the login"),
        (5, "Error: something new", True, False, "when the reason is gone"),
        (6, "... error: Another operation is already running.", True, False, "busy"),
        (6, "... error: not saved", False, False, "it looks first"),
        (10, "Could not connect", False, False, "/var/log/openshift/broker"),
        (1, "Permission denied - /etc/openshift/broker.conf", True, True, "become"),
        (1, "cannot load such file", False, False, "become"),
        (126, "Permission denied", True, True, "command"),
        (127, "/usr/bin/env: oo-ruby: No such file or directory", True, True, "Ruby"),
        (127, "not found", True, True, "openshift-origin-broker-util"),
        (255, "unrecognized option `--allowha'", True, True, "too old"),
        (255, "== Synopsis", True, True, "how it was called"),
        (137, "", False, False, "it looks first"),
        (42, "strange", False, False, "it looks first"),
        (0, "nothing of use", False, False, "by hand"),
    ],
)
def test_every_exit_status_has_its_advice(
    status: int, output: str, certain: bool, everywhere: bool, advice: str
) -> None:
    problem = said(status, output)
    assert (problem.certain, problem.everywhere) == (certain, everywhere)
    assert advice in problem.advice
    assert output in problem.text


def test_an_end_that_was_not_seen_may_still_come() -> None:
    assert said(None, "Setting HA capability to true for user x... ").unfinished
    lost = said(None, "", lost="Connection timed out")
    assert lost.unfinished
    assert lost.lost


def test_the_apis_account_is_checked_on_the_way_in() -> None:
    good = {"login": "a", "consumed_gears": 1, "max_gears": 2, "capabilities": {}}
    assert Account.from_json(good).ha is False
    for key in good:
        with pytest.raises(Unanswered, match=key):
            Account.from_json({**good, key: None})
    with pytest.raises(Unanswered, match="no user"):
        Account.from_json([])

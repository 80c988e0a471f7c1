"""How the output and the exit statuses of oo-admin-ctl-user are interpreted."""

from __future__ import annotations

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Account, view_account
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Unanswered
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.ctl_user import (
    ProgramFailure,
    UnknownOutput,
    parse_account,
    parse_outcome,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import ScriptResult

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


def test_an_account_is_parsed() -> None:
    account = parse_account(PRINTED, LOGIN)
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


def test_an_account_without_a_head_line_has_the_given_login() -> None:
    account = parse_account(PRINTED.replace("User bob@example.com:\n", ""), LOGIN)
    assert account.login == LOGIN
    assert (account.ha, account.consumed_gears, account.max_gears) == (True, 7, 25)


def test_an_account_without_a_maximum() -> None:
    account = parse_account(PRINTED.replace("max gears: 25", "max gears: "), LOGIN)
    assert (view_account(account)["max_gears"], view_account(account)["available_gears"]) == (None, None)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (PRINTED, "Rien", "no account"),
        ("Sub Accounts: 1", "User eve:", "several accounts"),
        ("HA allowed: true\n\n", "\n\n", "no field 'HA allowed'"),
        ("HA allowed: true\n\n", "HA allowed: oui\n\n", "must be true or false, not 'oui'"),
        ("consumed gears: 7", "consumed gears: seven", "must be a number, not 'seven'"),
    ],
)
def test_unknown_output_is_an_error(old: str, new: str, words: str) -> None:
    with pytest.raises(UnknownOutput, match=words):
        parse_account(PRINTED.replace(old, new), LOGIN)


def fail(status: int | None, output: str, **facts: str) -> ProgramFailure:
    answer = parse_outcome(ScriptResult(True, status, output, **facts), "oo-admin-ctl-user", LOGIN)
    assert isinstance(answer, ProgramFailure)
    return answer


@pytest.mark.parametrize(
    ("status", "output", "certain", "everywhere", "advice"),
    [
        (5, "Error: Platform does not allow HA applications", True, False, "ALLOW_HA_APPLICATIONS"),
        (5, "Error: User 'x' not found", True, False, "Check the login"),
        (5, "Error: something new", True, False, "Remove the cause"),
        (6, "... error: Another operation is already running.", True, False, "locked"),
        (6, "... error: not saved", False, False, "is read first"),
        (10, "Could not connect", False, False, "/var/log/openshift/broker"),
        (1, "Permission denied - /etc/openshift/broker.conf", True, True, "become"),
        (1, "cannot load such file", False, False, "become"),
        (126, "Permission denied", True, True, "command"),
        (127, "/usr/bin/env: oo-ruby: No such file or directory", True, True, "Ruby"),
        (127, "not found", True, True, "openshift-origin-broker-util"),
        (255, "unrecognized option `--allowha'", True, True, "too old"),
        (255, "== Synopsis", True, True, "Check the option command"),
        (137, "", False, False, "is read first"),
        (42, "strange", False, False, "is read first"),
        (0, "nothing of use", False, False, "by hand"),
    ],
)
def test_advice_for_exit_statuses(status: int, output: str, certain: bool, everywhere: bool, advice: str) -> None:
    problem = fail(status, output)
    assert (problem.certain, problem.everywhere) == (certain, everywhere)
    assert advice in problem.advice
    assert output in problem.text


def test_a_program_whose_end_was_not_received_may_still_run() -> None:
    assert fail(None, "Setting HA capability to true for user x... ").unfinished
    lost = fail(None, "", lost="Connection timed out")
    assert lost.unfinished
    assert lost.lost


def test_the_account_of_the_api_is_validated() -> None:
    good = {"login": "a", "consumed_gears": 1, "max_gears": 2, "capabilities": {}}
    assert Account.from_json(good).ha is False
    for key in good:
        with pytest.raises(Unanswered, match=key):
            Account.from_json({**good, key: None})
    with pytest.raises(Unanswered, match="no user"):
        Account.from_json([])

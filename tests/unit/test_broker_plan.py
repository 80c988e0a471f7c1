"""The decisions of the role broker_ha, without a broker host: plugin_utils/_broker_host/role.py."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.role import (
    RoleVariables,
    build_report,
    describe_late_revocation,
    describe_problems,
    find_failure,
    parse_logins,
)

CONF = "/etc/openshift/broker.conf"


@pytest.mark.parametrize(
    ("given", "logins"),
    [
        (["alice", "b,ob"], ["alice", "b,ob"]),
        ("alice, bob@example.com,", ["alice", "bob@example.com"]),
        ("", []),
        ([], []),
        (None, []),
        (12345, ["12345"]),
    ],
)
def test_logins_may_be_text(given: object, logins: list[str]) -> None:
    assert parse_logins(given) == logins


def test_settings_without_a_value_are_not_changed() -> None:
    given = {"allow": False, "default_allow": None, "multiplier": 0, "dns_prefix": "", "manage_dns": True}
    assert RoleVariables(given).settings == {
        "ALLOW_HA_APPLICATIONS": False,
        "DEFAULT_HA_MULTIPLIER": 0,
        "HA_DNS_PREFIX": "",
        "MANAGE_HA_DNS": True,
    }


def variables(accounts: str = "", without: str = "", accounts_host: str = "broker1", **given: Any) -> RoleVariables:
    hosts = ["broker1", "broker2"]
    return RoleVariables({"allow": True, **given}, parse_logins(accounts), parse_logins(without), accounts_host, hosts)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            variables("bob,alice", "alice"),
            "broker_ha_accounts and broker_ha_accounts_without both contain alice.",
        ),
        (variables("alice", allow=False), "broker_ha_accounts is set, but broker_ha_allow is false"),
        (
            variables(without="alice", accounts_host="broker9"),
            "broker_ha_accounts_host must be a host of this run (broker1, broker2), not broker9.",
        ),
        (variables(multiplier=-3), "broker_ha_multiplier must be 0 or more, not -3."),
        (variables(router_hostname="not a host;"), "broker_ha_router_hostname must be a host name, not 'not a host;'."),
        (variables(router_hostname=""), "broker_ha_router_hostname must be a host name, not ''."),
        (variables(dns_prefix="a b"), "broker_ha_dns_prefix must be a valid part of a host name, not 'a b'."),
        (variables(dns_suffix="a\n"), "broker_ha_dns_suffix must be a valid part of a host name"),
    ],
)
def test_invalid_variables(given: RoleVariables, problem: str) -> None:
    (found,) = given.problems
    assert found.startswith(problem)
    assert describe_problems(given.problems) == f"{found} Nothing was changed."


def test_valid_variables() -> None:
    given = variables("alice", "bob", multiplier=2, router_hostname="r.example.com", dns_prefix="ha-", dns_suffix="")
    assert given.problems == []
    assert variables(accounts_host="broker9").problems == []
    assert describe_problems([]) == ""


def test_all_problems_are_reported_together() -> None:
    given = variables("alice", allow=False, multiplier=-1, dns_prefix="a b", accounts_host="broker9")
    assert len(given.problems) == 4
    assert describe_problems(given.problems).count("Nothing was changed.") == 1


def test_a_late_revocation() -> None:
    results = [
        {"login": "alice", "before": False},
        {"login": "bob", "before": True},
        {"login": "carol", "before": None},
    ]
    message = describe_late_revocation(results, "oo-admin-ctl-user")
    assert "These accounts still have it: bob, carol. Nothing was changed." in message
    assert "run with broker_ha_allow: true and the same broker_ha_accounts_without first" in message
    assert describe_late_revocation(results[:1], "oo-admin-ctl-user") == ""


CHANGED = {"msg": f"{CONF}: A 'b' -> 'c'", "changed": True, "restarted": True, "backup_file": f"{CONF}.bak"}


@pytest.mark.parametrize(
    ("config", "check_mode", "lines"),
    [
        ({}, False, [f"{CONF}: not changed"]),
        (CHANGED, False, [CHANGED["msg"], "The broker was restarted.", f"Old configuration: {CONF}.bak"]),
        (
            {**CHANGED, "backup_file": None},
            True,
            [CHANGED["msg"], "The broker would be restarted."],
        ),
        (
            {"msg": "done", "changed": True, "restarted": False},
            False,
            ["done", "The broker was not restarted and still uses the old settings."],
        ),
        ({"msg": "wrong", "changed": True, "restarted": False, "failed": True}, False, ["wrong"]),
        ({"msg": "same", "changed": False, "restarted": False}, False, ["same"]),
    ],
)
def test_the_report_of_the_settings(config: dict[str, Any], check_mode: bool, lines: list[str]) -> None:
    assert build_report(CONF, config, [], [], check_mode) == lines


def test_the_report_of_the_accounts() -> None:
    observed = [{"msg": "alice: unchanged", "status": "unchanged"}, {"msg": "bob: planned", "status": "planned"}]
    changed = [{"msg": "carol: planned", "status": "planned"}]
    lines = build_report(CONF, {}, changed, observed, True)
    assert lines[1:] == ["alice: unchanged", "carol: planned"]


@pytest.mark.parametrize(
    ("result", "failure"),
    [
        ({"skipped": True, "changed": False}, ""),
        ({"results": [{"failed": False}], "msg": "Nothing to change: 1 account."}, ""),
        ({"results": [{"failed": False}, {"failed": True}], "msg": "bob: no."}, "bob: no."),
        ({"msg": "login: must not be empty."}, "login: must not be empty."),
    ],
    ids=["skipped", "success", "failure", "invalid"],
)
def test_a_failure_is_its_message_only(result: dict[str, Any], failure: str) -> None:
    assert find_failure(result) == failure

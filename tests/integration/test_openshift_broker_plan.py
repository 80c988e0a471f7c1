"""openshift_broker_plan: its questions, by calls of the action plugin. The role's tests launch it.

tests/unit/test_broker_plan.py tests the decisions.
"""

from __future__ import annotations

from typing import Any

from tests.actions import run_action

VARIABLES: dict[str, Any] = {
    "allow": True,
    "accounts_host": "broker1",
    "host": "broker1",
    "hosts": ["broker1", "broker2"],
}


def ask(**question: Any) -> dict[str, Any]:
    return run_action("openshift_broker_plan", question)


def test_variables() -> None:
    given = {**VARIABLES, "accounts": "alice, bob", "accounts_without": ["carol"], "manage_dns": "yes"}
    assert ask(variables=given) == {
        "changed": False,
        "allow": True,
        "settings": {"ALLOW_HA_APPLICATIONS": True, "MANAGE_HA_DNS": True},
        "accounts": ["alice", "bob"],
        "accounts_without": ["carol"],
        "handles_accounts": True,
        "gears": [],
    }
    assert ask(variables={**given, "host": "broker2"})["handles_accounts"] is False


def test_invalid_variables() -> None:
    answer = ask(variables={**VARIABLES, "multiplier": -1, "router_hostname": "not a host;"})
    assert answer["failed"]
    assert answer["msg"] == (
        "broker_ha_multiplier must be 0 or more, not -1. broker_ha_router_hostname must be a host name, not "
        "'not a host;'. Nothing was changed."
    )


def test_revocation() -> None:
    given = {"command": "oo-admin-ctl-user", "results": [{"login": "bob", "before": True}]}
    assert "These accounts still have it: bob." in ask(revocation=given)["msg"]
    assert ask(revocation={**given, "results": []}) == {"changed": False}


def test_report() -> None:
    answer = ask(report={"path": "/b.conf", "accounts": [{"msg": "a"}], "accounts_without": [{"msg": "b"}]})
    assert answer["lines"] == ["/b.conf: not changed", "a", "b"]
    config = {"msg": "changed", "changed": True, "restarted": True}
    check = run_action("openshift_broker_plan", {"report": {"path": "/b.conf", "config": config}}, check_mode=True)
    assert check["lines"] == ["changed", "The broker would be restarted."]

"""Which hosts the playbook audit_ha audits, and whether one task observes them all."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import Facts
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import parse_policy
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.answers import Answers
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.audit_hosts import (
    AuditHosts,
    AuditMode,
    choose_mode,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.batches import Inventory
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.listed_hosts import ListedHosts, list_hosts

CRM, API, PAY = "crm-acme.example.com", "api-acme.example.com", "till-pay.example.com"
GROUPS = {
    "openshift_ha_degraded": [CRM],
    "openshift_ha_standalone": [API, CRM],
    "openshift_ha_highly_available": [PAY],
    "openshift_domain_acme": [CRM, API],
    "openshift_domain_pay": [PAY],
    "all": [API, CRM, PAY, "x"],
}
ALL = [CRM, PAY, API]


def audit_hosts(groups: Any = None, files: Any = (), inventory: Any = None, **answers: Any) -> AuditHosts:
    given = Inventory(GROUPS if groups is None else groups, **(inventory or {}))
    return AuditHosts(Answers(prefix="audit_ha", **answers), given, files)


def test_the_audit_takes_the_hosts_of_the_plugin() -> None:
    chosen = audit_hosts()
    assert (chosen.hosts, chosen.why_nothing, chosen.refusals) == (ALL, "", [])


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"domains": ("acme",)}, [CRM, API]),
        ({"names": ("c*", "till")}, [CRM, PAY]),
        ({"domains": ("pay",), "names": ("crm",)}, []),
        ({"names": ("acme/api",)}, [API]),
    ],
    ids=["domain", "names", "both", "full name"],
)
def test_domains_and_names_choose_among_them_as_for_enable_ha(answers: Any, expected: list[str]) -> None:
    chosen = audit_hosts(**answers)
    assert (chosen.hosts, chosen.refusals) == (expected, [])


@pytest.mark.parametrize(
    ("hosts", "why"),
    [
        (audit_hosts({}), ""),
        (audit_hosts(inventory={"list_for_run": True}), ""),
        (audit_hosts({"openshift_ha_degraded": []}), "the inventory has no application"),
        (audit_hosts({}, hosts="nobody"), "audit_ha_hosts (nobody) matches no host of the inventory"),
        (audit_hosts(names=("z*",)), "the inventory has no application with the name z*"),
        (audit_hosts(inventory={"allowed": ["x"]}), "--limit excludes all chosen hosts"),
    ],
    ids=["no inventory", "a list", "no applications", "no host", "no name", "limit"],
)
def test_nothing_to_audit_has_a_reason(hosts: AuditHosts, why: str) -> None:
    assert (hosts.hosts, hosts.why_nothing, hosts.refusals) == ([], why, [])
    mode = choose_mode(hosts, ListedHosts(), None)
    assert mode.line == (f"Nothing to audit: {why}." if why else "")
    assert mode.audited == (() if why else None)


def test_an_unreadable_inventory_is_not_audited() -> None:
    files = ["a.openshift_apps.yml"]
    assert audit_hosts({}, files).refusals == [
        "The inventory a.openshift_apps.yml could not be read. The warnings above show the reason. Then run again."
    ]
    (refusal,) = audit_hosts({}, files, {"unread": "It is gone."}).refusals
    assert refusal == "It is gone. Then run again."
    assert audit_hosts({}, files, {"list_for_run": True}).refusals == []
    assert audit_hosts(None, files, {"unread": "It is gone."}).refusals == []


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        ({"domains": ("acne",)}, "audit_ha_domains: the inventory has no application in the domain acne. It has"),
        ({"names": ("aip",)}, "audit_ha_names: the inventory does not have the application aip (did you mean api?)."),
        ({"names": ("acme/till",)}, "audit_ha_names: the inventory does not have the application acme/till"),
        ({"names": ("crm",), "hosts": "x"}, "audit_ha_hosts cannot be combined with audit_ha_domains"),
    ],
    ids=["domain", "name", "domain and name", "two ways"],
)
def test_mistakes_are_named(answers: Any, refusal: str) -> None:
    (message,) = audit_hosts(**answers).refusals
    assert message.startswith(refusal)


def test_names_need_the_groups_of_the_plugin() -> None:
    (message,) = audit_hosts({"all": ["x"]}, names=("crm",)).refusals
    assert message.startswith("audit_ha_domains and audit_ha_names choose from the groups of the inventory plugin")
    assert "enable_ha" not in message


def test_a_slice_does_not_have_every_name() -> None:
    assert audit_hosts(names=("aip",), sliced="yes").refusals == []


@pytest.mark.parametrize("inventory", [{"list_for_run": True, "allowed": [CRM]}, {"allowed": [CRM]}], ids=str)
def test_a_list_with_a_limit_that_excludes_localhost_is_refused(inventory: Any) -> None:
    (message,) = audit_hosts({}, (), inventory).refusals
    assert message.startswith("--limit excludes localhost")


# --- One task, or host by host ---------------------------------------------------------------------------------------


def listed(hosts: dict[str, dict[str, Any]], of_run: Any = None, of_play: Any = None) -> ListedHosts:
    known = frozenset({"app_ha_min_gears", "app_ha_delegate_to", "app_ha_fail_on_drift", "app_ha_policy"})
    return list_hosts(hosts, hosts.__getitem__, of_run or {}, of_play or {}, known, lambda name, values: values[name])


def host(domain: str, name: str, **variables: Any) -> dict[str, Any]:
    return {"openshift_domain": domain, "openshift_app": name, **variables}


SEVERAL = {CRM: host("acme", "crm"), API: host("acme", "api")}


def test_one_task_audits_the_hosts_by_default() -> None:
    assert choose_mode(audit_hosts(), listed(SEVERAL), None) == AuditMode(("localhost",), tuple(ALL))
    assert choose_mode(audit_hosts(), listed(SEVERAL), False) == AuditMode(("localhost",), tuple(ALL))
    assert choose_mode(audit_hosts(), listed(SEVERAL), True) == AuditMode(("localhost",), tuple(ALL), by_host=True)


def test_with_a_limit_the_hosts_that_drifted_fail() -> None:
    """localhost cannot run, and the host that runs the task may be in the desired state."""
    limited = audit_hosts(inventory={"allowed": [CRM, API, "x"]})
    assert choose_mode(limited, listed(SEVERAL), None) == AuditMode((CRM,), (CRM, API), by_host=True)
    with_localhost = audit_hosts(inventory={"allowed": ["localhost", CRM]})
    assert choose_mode(with_localhost, listed(SEVERAL), None) == AuditMode(("localhost",), (CRM,))


def test_variables_of_hosts_that_a_task_cannot_have_are_named() -> None:
    differing = {**SEVERAL, API: host("acme", "api", app_ha_delegate_to="bastion")}
    mode = choose_mode(audit_hosts(), listed(differing), None)
    assert (mode.hosts, mode.audited, mode.by_host) == (tuple(ALL), None, True)
    assert mode.line == (
        f"The hosts are audited one by one, which takes longer than in one task: app_ha_delegate_to is set for {API}."
    )
    refused = choose_mode(audit_hosts(), listed(differing), False)
    assert refused.refusal == (
        f"audit_ha_by_host is false, but one task cannot audit all hosts: app_ha_delegate_to is set for {API}. No "
        "application was audited."
    )
    assert listed(differing, of_play={"app_ha_delegate_to": "bastion"}).conflicts == ()
    assert listed(differing, of_run={"app_ha_delegate_to": "localhost"}).conflicts == ()


@pytest.mark.parametrize(
    ("variables", "conflict"),
    [
        ({"app_ha_fail_on_drift": True}, f"app_ha_fail_on_drift is set for {API}"),
        ({"app_ha_policy": "a.yml"}, f"app_ha_policy has different values for {CRM}, {API}"),
    ],
)
def test_other_variables_of_single_hosts(variables: Any, conflict: str) -> None:
    assert listed({**SEVERAL, API: host("acme", "api", **variables)}).conflicts == (conflict,)


def test_hosts_that_are_no_applications_are_audited_by_the_role() -> None:
    assert listed({"x": {}}).conflicts == ("openshift_domain and openshift_app are not set for x",)


def test_hosts_of_several_brokers_are_refused() -> None:
    brokers = {
        name: host("acme", name, openshift_broker_url=f"https://{address}")
        for name, address in (("a", "east"), ("b", "west"), ("c", "EAST/"))
    }
    mode = choose_mode(audit_hosts(), listed(brokers), None)
    assert mode.refusal.startswith("The hosts belong to several brokers (https://east, https://west)")
    assert listed({name: brokers[name] for name in "ac"}).refusal == ""


# --- The list --------------------------------------------------------------------------------------------------------


def test_settings_of_hosts_are_those_of_their_entries() -> None:
    hosts = {
        CRM: host("acme", "crm", app_ha_min_gears=3, app_ha_probe=""),
        API: host("acme", "api", app_ha_state="absent", app_ha_min_gears=None),
    }
    assert listed(hosts).applications == [
        {"domain": "acme", "name": "crm", "min_gears": 3},
        {"domain": "acme", "name": "api", "state": "absent"},
    ]
    assert listed(hosts, of_run={"app_ha_min_gears": 2}).applications[0] == {"domain": "acme", "name": "crm"}
    assert listed(hosts).host_of == {("acme", "crm"): CRM, ("acme", "api"): API}


def desired(number: int, **settings: Any) -> dict[str, Any]:
    return {"openshift_ha_desired": {"rule": {"number": number, "name": f"rule {number}"}, **settings}}


def test_the_policy_of_the_inventory_becomes_one_policy() -> None:
    hosts = {
        CRM: host("acme", "crm", **desired(2, state="ignore")),
        API: host("acme", "api", **desired(3, min_gears=4)),
        "b": host("acme", "b", **desired(2, state="ignore")),
        "c": host("acme", "c", openshift_ha_desired=None),
    }
    policy = parse_policy(listed(hosts).rules)
    found = {name: policy.find_rule(Facts.of_names(AppRef("acme", name))) for name in ("crm", "api", "b", "c")}
    assert found["crm"] is found["b"]
    assert [str(found[name]) for name in ("crm", "api", "c")] == ["2 (rule 2)", "3 (rule 3)", "None"]
    assert found["api"].settings == {"min_gears": 4}  # type: ignore[union-attr]


def test_rules_of_several_inventories_may_have_the_same_place() -> None:
    hosts = {CRM: host("acme", "crm", **desired(1, min_gears=2)), API: host("acme", "api", **desired(1, min_gears=4))}
    rules = parse_policy(listed(hosts).rules).rules
    assert [(rule.number, rule.settings["min_gears"]) for rule in rules] == [(1, 2), (2, 4)]


def test_a_policy_of_all_hosts_takes_precedence_over_that_of_the_inventory() -> None:
    hosts = {name: host("acme", name, app_ha_policy="p.yml", **desired(1, state="ignore")) for name in (CRM, API)}
    assert listed(hosts).conflicts == ()
    assert listed(hosts).rules == "p.yml"
    assert listed(SEVERAL).rules is None

"""The policy of the inventory plugin: the desired state of each host, and how role and playbooks use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import Ansible, Platform
from tests.inventory_source import Source, seeded_source, take_requests

POLICY: list[dict[str, Any]] = [
    {"name": "bob's", "match": {"owner": "bob@*", "claims_ha": True}, "state": "absent", "min_gears": 1},
    {"match": {"domain": "acme", "cartridge": "php-*", "name": "shop"}, "verify": "placement"},
    {"name": "idle", "match": {"name": "wi*"}, "state": "ignore"},
]
PLUGIN = "openshift_v2.apps.openshift_apps"


@pytest.fixture
def source(tmp_path: Path, platform: Platform) -> Source:
    return seeded_source(tmp_path, platform)


def desired(listed: Any) -> dict[str, Any]:
    return {name.partition(".")[0]: variables["openshift_ha_desired"] for name, variables in listed.hosts.items()}


def test_each_host_has_its_desired_state(source: Source, platform: Platform) -> None:
    listed = source.list(policy=POLICY)
    assert desired(listed) == {
        "shop-bobs": {"state": "absent", "min_gears": 1, "rule": {"number": 1, "name": "bob's"}},
        "shop-acme": {"verify": "placement", "rule": {"number": 2, "name": ""}},
        "wiki-acme": {"state": "ignore", "rule": {"number": 3, "name": "idle"}},
        "api-bobs": None,
    }
    assert listed.members("openshift_ha_ignored") == ["wiki-acme.example.com"]
    assert take_requests(platform) == ["/broker/rest/applications"]


def test_without_a_policy_nothing_is_added(source: Source) -> None:
    listed = source.list()
    assert not any("openshift_ha_desired" in variables for variables in listed.hosts.values())
    assert "openshift_ha_ignored" not in listed.document


def test_a_file_beside_the_inventory_and_its_cache(source: Source, platform: Platform) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(source.directory / "c")}
    path = source.directory / "policy.json"
    path.write_text(json.dumps(POLICY), encoding="utf-8")
    first, again = (desired(source.list(policy="policy.json", **cache)) for _turn in range(2))
    assert first == again
    assert len(take_requests(platform)) == 1
    path.write_text(json.dumps(POLICY[2:]), encoding="utf-8")
    changed = desired(source.list(policy="policy.json", **cache))
    assert (changed["shop-acme"], changed["wiki-acme"]["rule"]["number"]) == (None, 1)


def test_unused_rules_are_a_warning(source: Source) -> None:
    listed = source.list(policy=[*POLICY, {"name": "gone", "match": "gone", "state": "absent"}])
    assert listed.warns("policy: one rule applies to no application: 4 (gone).")


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (
            [{"sate": "absent"}, {"verify": 1}],
            "policy: rule 1: sate: unknown key. Did you mean state? rule 2: verify: ",
        ),
        ([{"min_gears": 3, "max_gears": 2}], "policy: rule 1: min_gears: 3 is more than max_gears (2)."),
        ("nowhere.yml", "policy: the file does not exist: "),
    ],
)
def test_a_policy_that_is_not_valid_is_refused(source: Source, platform: Platform, policy: Any, text: str) -> None:
    listed = source.list(policy=policy)
    assert listed.rc != 0
    assert listed.warns(text)
    assert take_requests(platform) == []


def write_inventory(ansible: Ansible, policy: Any) -> str:
    path = ansible.directory / "fleet.openshift_apps.yml"
    path.write_text(yaml.safe_dump({"plugin": PLUGIN, "policy": policy}), encoding="utf-8")
    return str(path)


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    platform.app("acme", "shop", gears=3, ha=True)
    platform.app("acme", "two")
    platform.app("acme", "ready", ha=True)
    return platform


@pytest.mark.thorough
def test_the_playbooks_use_the_desired_state_of_the_inventory(ansible: Ansible, fleet: Platform) -> None:
    policy = [
        {"name": "no", "match": "two", "state": "ignore"},
        {"match": "unused"},
        {"name": "keep", "match": "*", "preserve_gear_count": True},
    ]
    inventory = write_inventory(ansible, policy)
    env = {"RECORDER_BROKER": None}
    audit = ansible.playbook(
        "openshift_v2.apps.audit_ha",
        *("-i", inventory),
        extra_vars={"app_ha_report_directory": str(ansible.directory / "report")},
        env=env,
    )
    assert audit.rc == 0, audit.output
    report = json.loads((ansible.directory / "report" / "report.json").read_text(encoding="utf-8"))
    assert {app["name"]: (app["finding"], app["rule"]) for app in report["applications"]} == {
        "shop": ("drifted", "3 (keep)"),
        "two": ("ignored", "1 (no)"),
        "ready": ("in_order", "3 (keep)"),
    }
    enable = ansible.playbook(
        "openshift_v2.apps.enable_ha", *("-i", inventory), extra_vars={"enable_ha_max_changes": 1}, env=env
    )
    assert enable.rc == 0, enable.output
    assert [task.host for task in enable.of("openshift_app_ha")] == ["shop-acme.example.com"]
    assert fleet.shown("acme", "shop") == (True, 3, 2)
    assert fleet.shown("acme", "two") == (False, 1, 1)


@pytest.mark.parametrize("by_inventory", [False, True], ids=["app_ha_policy", "inventory"])
def test_disabled_by_the_policy_counts_in_the_limit_of_hosts(
    ansible: Ansible, fleet: Platform, by_inventory: bool
) -> None:
    policy = [{"match": "ready", "state": "absent"}, {"match": "two", "state": "ignore"}]
    variables: dict[str, Any] = {"enable_ha_hosts": "openshift_domain_acme", "enable_ha_max_changes": 1}
    inventory = write_inventory(ansible, policy if by_inventory else None)
    variables.update({} if by_inventory else {"app_ha_policy": policy})
    env = {"RECORDER_BROKER": None}
    run = ansible.playbook("openshift_v2.apps.enable_ha", "-i", inventory, extra_vars=variables, env=env)
    assert run.rc == 2
    (message,) = [task.result["msg"] for task in run.tasks if task.failed]
    too_many = "2 applications would change, more than enable_ha_max_changes: 1."
    assert message == f"{too_many} Find out why before you raise the limit. Nothing was changed."
    assert fleet.shown("acme", "ready") == (True, 2, 2)


@pytest.mark.usefixtures("fleet")
def test_a_policy_may_depend_on_variables_of_the_hosts(ansible: Ansible) -> None:
    """The limit then counts every host, because the policy is not known before."""
    inventory = write_inventory(ansible, None)
    policies = {"acme": [{"match": "*", "state": "ignore"}]}
    variables: dict[str, Any] = {
        "policies": policies,
        "app_ha_policy": "{{ policies[openshift_domain] }}",
        "enable_ha_hosts": "openshift_domain_acme",
        "enable_ha_max_changes": 3,
    }
    env = {"RECORDER_BROKER": None}
    run = ansible.playbook("openshift_v2.apps.enable_ha", "-i", inventory, "--check", extra_vars=variables, env=env)
    assert run.rc == 0, run.output
    assert all(task.result["ignored"] for task in run.of("openshift_app_ha"))
    variables["enable_ha_max_changes"] = 2
    run = ansible.playbook("openshift_v2.apps.enable_ha", "-i", inventory, extra_vars=variables, env=env)
    (message,) = [task.result["msg"] for task in run.tasks if task.failed]
    assert message.startswith("3 applications would change, more than enable_ha_max_changes: 2.")


@pytest.mark.usefixtures("fleet")
def test_mistakes_in_the_policy_are_refused_before_the_first_host(ansible: Ansible) -> None:
    inventory = write_inventory(ansible, None)
    variables = {"app_ha_policy": [{"stat": "absent"}], "enable_ha_canary": "many"}
    env = {"RECORDER_BROKER": None}
    run = ansible.playbook("openshift_v2.apps.enable_ha", "-i", inventory, extra_vars=variables, env=env)
    (message,) = [task.result["msg"] for task in run.tasks if task.failed]
    assert message == (
        "app_ha_policy: rule 1: stat: unknown key. Did you mean state? enable_ha_canary: many is neither a number of "
        "hosts (1 or more) nor a percentage. Nothing was changed."
    )

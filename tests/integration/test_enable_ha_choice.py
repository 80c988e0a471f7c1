"""enable_ha.yml on some of an inventory: by domain, by name, as a dry run, and with empty answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Ansible, Platform, PlayRun

APPS = (("acme", "crm"), ("acme", "shop"), ("acme", "shopping"), ("pay", "shop"))
NOTHING = "Nothing to do: none of the applications of this inventory that are not highly available"


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Four applications that are not highly available, in two domains, and one that is."""
    platform.domain("pay")
    for domain, name in APPS:
        platform.app(domain, name)
    platform.app("acme", "wiki", ha=True)
    return platform


def enable(ansible: Ansible, **variables: Any) -> PlayRun:
    source = ansible.directory / "fleet.openshift_apps.yml"
    source.write_text("plugin: openshift_v2.apps.openshift_apps\n", encoding="utf-8")
    arguments = ("-i", str(source))
    run: PlayRun = ansible.playbook(
        "openshift_v2.apps.enable_ha", *arguments, extra_vars=variables, env={"RECORDER_BROKER": None}
    )
    return run


def repaired(platform: Platform) -> list[str]:
    return [f"{domain}/{name}" for domain, name in APPS if platform.shown(domain, name)[2] == 2]


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"enable_ha_domains": "pay"}, ["pay/shop"]),
        ({"enable_ha_domains": ["pay", "ACME"]}, ["acme/crm", "acme/shop", "acme/shopping", "pay/shop"]),
        ({"enable_ha_domains": "\n acme,\npay \n", "enable_ha_names": "shop"}, ["acme/shop", "pay/shop"]),
        ({"enable_ha_names": "shop"}, ["acme/shop", "pay/shop"]),
        ({"enable_ha_names": "Shop*\nc?m"}, ["acme/crm", "acme/shop", "acme/shopping", "pay/shop"]),
        ({"enable_ha_names": ["acme/shop", "*/crm"]}, ["acme/crm", "acme/shop"]),
        ({"enable_ha_names": "shop", "enable_ha_domains": "acme", "enable_ha_max_changes": 1}, ["acme/shop"]),
    ],
    ids=str,
)
def test_those_that_are_meant_are_repaired_and_no_others(
    ansible: Ansible, fleet: Platform, variables: dict[str, Any], wanted: list[str]
) -> None:
    run = enable(ansible, **variables)
    assert run.rc == 0, run.output
    assert repaired(fleet) == wanted


@pytest.mark.parametrize("variables", [{"enable_ha_names": "wiki"}, {"enable_ha_names": "sho"}], ids=str)
def test_nothing_left_to_do_is_said_and_is_no_failure(
    ansible: Ansible, fleet: Platform, variables: dict[str, Any]
) -> None:
    run = enable(ansible, **variables)
    assert run.rc == 0, run.output
    assert NOTHING in run.output
    assert repaired(fleet) == []


def test_a_domain_without_any_host_is_a_mistake(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_domains="acme, acne")
    assert run.rc == 2
    assert "The inventory has no application of acne, which enable_ha_domains names." in run.output
    assert repaired(fleet) == []


def test_empty_answers_are_as_none(ansible: Ansible, fleet: Platform) -> None:
    names = ("domains", "names", "batch_size", "canary", "max_fail_percentage", "max_changes", "dry_run")
    run = enable(ansible, **{f"enable_ha_{name}": "" for name in names})
    assert run.rc == 0, run.output
    assert repaired(fleet) == ["acme/crm", "acme/shop", "acme/shopping", "pay/shop"]


def test_a_dry_run_is_as_check_and_diff(ansible: Ansible, fleet: Platform) -> None:
    fleet.broker.clear_requests()
    run = enable(ansible, enable_ha_dry_run="yes", enable_ha_canary=1)
    assert run.rc == 0, run.output
    assert {request["method"] for request in fleet.broker.requests()} == {"GET"}
    assert [task.result["changed"] for task in run.of("openshift_app_ha")] == [True] * 4
    assert '+    "haproxy_count": 2,' in run.output
    assert repaired(fleet) == []


def test_names_are_no_regular_expressions(ansible: Ansible, fleet: Platform) -> None:
    run = enable(ansible, enable_ha_names="acme/(shop)|.*", enable_ha_domains="acme")
    assert run.rc == 0, run.output
    assert NOTHING in run.output
    assert repaired(fleet) == []

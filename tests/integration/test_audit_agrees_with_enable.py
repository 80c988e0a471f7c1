"""The audit and the runs that change applications take the same variables, and agree about what drifted."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import parse_registered
from tests.harness import ROOT, Ansible, Platform
from tests.unit.reports import MADE_AT

FLEET = "openshift_v2.apps.openshift_apps_ha"
TASKS = ROOT / "roles" / "app_ha" / "tasks"
#: Variables without an effect on an audit, which the audit accepts: how applications are changed, and in which batches.
ONLY_FOR_CHANGES = {
    "app_ha_wait_timeout",
    "app_ha_poll_interval",
    "app_ha_max_changes",
    "app_ha_on_error",
    "enable_ha_canary",
    "enable_ha_batch_size",
    "enable_ha_max_fail_percentage",
    "enable_ha_max_changes",
    "enable_ha_dry_run",
}
#: Variables with the same meaning and another default: an audit reads more than a run that repairs.
OTHER_DEFAULT = {"app_ha_verify"}


def options(entry_point: str) -> dict[str, Any]:
    specs = yaml.safe_load((ROOT / "roles" / "app_ha" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    found: dict[str, Any] = specs["argument_specs"][entry_point]["options"]
    return found


def listed(prefix: str) -> set[str]:
    names = yaml.safe_load((ROOT / "plugins" / "plugin_utils" / "_variables" / "names.yml").read_text(encoding="utf-8"))
    return set(names[prefix]["variables"])


def test_the_audit_takes_every_variable_of_the_role() -> None:
    main, audit = options("main"), options("audit")
    assert main.keys() - audit.keys() == {name for name in ONLY_FOR_CHANGES if name.startswith("app_ha_")}
    for name in main.keys() & audit.keys():
        own, other = ({**spec[name]} for spec in (main, audit))
        if name in OTHER_DEFAULT:
            assert own.pop("default") != other.pop("default")
        assert own == other, name


def test_the_audit_takes_every_variable_that_chooses_applications() -> None:
    """So one set of variables is right for both playbooks."""
    text = (ROOT / "playbooks" / "audit_ha.yml").read_text(encoding="utf-8")
    for name in listed("enable_ha") - ONLY_FOR_CHANGES:
        assert f"{name.replace('enable_', 'audit_', 1)} | default({name})" in text
    assert not [name for name in ONLY_FOR_CHANGES if f"default({name})" in text]


def arguments(file: str, module: str) -> dict[str, str]:
    """The desired state in the task of this module: its options that come from variables of the role."""
    pattern = rf"openshift_v2\.apps\.{module}:\n((?: +\w+: .*\n)+)"
    (block,) = re.findall(pattern, (TASKS / file).read_text(encoding="utf-8"))
    found = dict(re.findall(r"^ +(\w+): (.*)$", block, re.MULTILINE))
    return {
        name: value
        for name, value in found.items()
        if "app_ha_" in value and name not in ("when", "register", "delegate_to")
    }


def test_the_tasks_of_both_have_the_same_desired_state() -> None:
    of_changes = {"wait_timeout", "poll_interval", "max_changes", "on_error"}
    host, host_audit = arguments("application.yml", "openshift_app_ha"), arguments("audit.yml", "openshift_app_ha")
    fleet, fleet_audit = arguments("list.yml", "openshift_apps_ha"), arguments("audit_list.yml", "openshift_apps_ha")
    report = arguments("audit.yml", "openshift_ha_report")
    assert host.keys() - of_changes == host_audit.keys()
    assert fleet.keys() - of_changes == fleet_audit.keys()
    settings = host_audit.keys() - {"policy"}
    assert {name: report[name] for name in settings} == {name: host_audit[name] for name in settings}
    for name in settings - {"verify"}:
        assert host[name] == host_audit[name] == fleet[name] == fleet_audit[name]


# --- What drifted ----------------------------------------------------------------------------------------------------

APP: dict[str, Any] = {"domain": "acme", "cartridges": ["php-5.4"], "ha": True, "haproxy": 2, "gears": 2}
APPS: list[dict[str, Any]] = [
    {**APP, "name": "wiki"},
    {**APP, "name": "crm", "haproxy": 1},
    {**APP, "name": "together", "nodes": [1, 1]},
    {"domain": "acme", "cartridges": ["php-5.4"], "name": "api"},
    {"domain": "acme", "cartridges": ["php-5.4"], "name": "full", "gears": 2, "max_gears": 2},
    {"domain": "acme", "cartridges": ["php-5.4"], "name": "plain", "scalable": False},
    {**APP, "name": "large", "gears": 4},
]
SETTINGS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "absent": {"state": "absent"},
    "minimum": {"min_gears": 3},
    "maximum": {"max_gears": 3},
    "removal": {"max_gears": 3, "allow_gear_removal": True},
    "preserve": {"preserve_gear_count": True},
    "scale up": {"scale_strategy": "scale_up"},
    "none": {"scale_strategy": "none"},
    "relocate": {"relocate": True},
    "zone": {"spread": "zone"},
    "traffic": {"verify": "traffic", "probe": {"timeout": 1}},
    "policy": {"policy": [{"match": {"name": "c*"}, "state": "ignore"}, {"match": {"name": "api"}, "min_gears": 2}]},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=list(SETTINGS))
@pytest.mark.parametrize("level", ["count", "placement"])
def test_the_audit_finds_drift_exactly_where_a_run_would_change_something_or_fail(
    ansible: Ansible, platform: Platform, settings: dict[str, Any], level: str
) -> None:
    platform.broker.seed({"applications": APPS})
    desired = {"select": {}, "verify": level, "wait_timeout": 1, "poll_interval": 0.1, **settings}
    (audit,) = ansible.tasks({FLEET: desired, "check_mode": True}).tasks
    report = build_report([parse_registered(audit.result)], "Audit", "", MADE_AT)
    (run,) = ansible.tasks({FLEET: desired}).tasks
    touched = {
        f"acme/{each['application']['name']}" for each in run.result["results"] if each["changed"] or each["failed"]
    }
    assert {row.ref for row in report.rows if row.drifted} == touched

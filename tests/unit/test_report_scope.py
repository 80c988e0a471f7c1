"""The commands of the report carry what decided the desired state in the audit."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.commands import AuditScope
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.scope import (
    scope_of_options,
    scope_of_variables,
)

from .reports import MADE_AT, drifted

SPEC = SPECS["openshift_apps_ha"]()["argument_spec"]
POLICY = [{"match": {"domain": "acme"}, "min_gears": 3}]


def command(scope: AuditScope, host: str = "") -> str:
    part = ReportInput((drifted("shop"),), host=host)
    return build_report([part], "", "", MADE_AT, scope).rows[0].repair_command


def variables(scope: AuditScope, host: str = "") -> dict[str, Any]:
    words = shlex.split(command(scope, host))
    found: dict[str, Any] = json.loads(words[words.index("-e") + 1])
    return found


def of_options(**options: Any) -> AuditScope:
    return scope_of_options(options, SPEC, (), ())


def test_defaults_are_not_repeated() -> None:
    defaults = {"state": "present", "scale_strategy": "auto", "preserve_gear_count": False, "relocate": "False"}
    assert variables(of_options(**defaults)) == {"app_ha_applications": [{"domain": "acme", "name": "shop"}]}


def test_options_of_all_applications() -> None:
    found = variables(of_options(scale_strategy="scale_up", min_gears=3, preserve_gear_count=True, policy=POLICY))
    del found["app_ha_applications"]
    assert found == {
        "app_ha_scale_strategy": "scale_up",
        "app_ha_min_gears": 3,
        "app_ha_preserve_gear_count": True,
        "app_ha_policy": POLICY,
    }


def test_options_of_one_application_in_the_list() -> None:
    entries = [{"domain": "ACME", "name": "shop", "max_gears": 4}, {"domain": "acme", "name": "wiki", "max_gears": 9}]
    found = variables(of_options(applications=entries))
    assert found == {"app_ha_applications": [{"domain": "acme", "name": "shop", "max_gears": 4}]}


def test_the_path_of_a_policy_is_absolute(tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text("[]", encoding="utf-8")
    scope = scope_of_options({"policy": "policy.yml"}, SPEC, (), ("/nowhere", str(tmp_path)))
    assert variables(scope)["app_ha_policy"] == str(tmp_path / "policy.yml")


@pytest.mark.parametrize("applications", [True, 3, 1.5, "acme/shop", {"domain": "acme"}])
def test_invalid_applications_do_not_end_the_report(applications: Any) -> None:
    """The observation refuses them, with a message that names the option."""
    assert of_options(applications=applications).own == {}


def test_hosts_have_all_but_the_variables_of_the_command_line() -> None:
    scope = scope_of_variables({"app_ha_policy": POLICY, "app_ha_report_name": "x", "other": 1}, ("hosts.yml",), ())
    assert variables(scope, "shop.example.com") == {"enable_ha_hosts": "all", "app_ha_policy": POLICY}


@pytest.mark.parametrize("policy", [POLICY * 100, [{"match": {"name": ["{{ lookup('pipe', 'id') }}"]}}]])
def test_no_command_rather_than_one_without_the_policy(policy: Any) -> None:
    assert command(of_options(policy=policy)) == ""
    assert command(scope_of_variables({"app_ha_policy": policy}, (), ()), "shop.example.com") == ""

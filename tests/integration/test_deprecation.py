"""The machinery for deprecations, tried: modules and options under former names, and what was removed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.harness import Ansible, Platform
from tests.tools import checkout

FORMER = "openshift_v2.apps.openshift_app_status"
MODULE = "openshift_v2.apps.openshift_app_info"
REMOVED = "openshift_v2.apps.openshift_app_watch"
DEPRECATION = {"removal_version": "2.0.0", "warning_text": "Use openshift_v2.apps.openshift_app_info."}
TOMBSTONE = {"removal_version": "1.0.0", "warning_text": "Use openshift_v2.apps.openshift_ha_report."}
#: As docs/development.md describes it.
ROUTING = {
    "modules": {
        "openshift_app_status": {"redirect": MODULE, "deprecation": DEPRECATION},
        "openshift_app_watch": {"tombstone": TOMBSTONE},
    },
    "action": {"openshift_app_status": {"redirect": MODULE}},
}


#: Options of all modules that use the API: one that is deprecated, and one with a deprecated alias.
OPTIONS = """
_FORMER_SPECS = dict(SPECS)


def _with_deprecations(name):
    found = _FORMER_SPECS[name]()
    release = {"version": "2.0.0", "collection_name": "openshift_v2.apps"}
    found["argument_spec"]["validate_certs"]["deprecated_aliases"] = [{"name": "verify_certs", **release}]
    found["argument_spec"]["validate_certs"]["aliases"] = ["verify_certs"]
    found["argument_spec"]["old_option"] = {
        "type": "str",
        "removed_in_version": "2.0.0",
        "removed_from_collection": "openshift_v2.apps",
    }
    return found


SPECS = {name: (lambda name=name: _with_deprecations(name)) for name in _FORMER_SPECS}
"""
SHOP = {"domain": "acme", "name": "shop"}


@pytest.fixture
def changed(tmp_path: Path) -> dict[str, str]:
    """Settings of Ansible with a copy of the collection that has a former and a removed module, and former options."""
    copy = tmp_path / "collections" / "ansible_collections" / "openshift_v2" / "apps"
    checkout.copy_to(copy)
    runtime = copy / "meta" / "runtime.yml"
    content = yaml.safe_load(runtime.read_text(encoding="utf-8")) | {"plugin_routing": ROUTING}
    runtime.write_text(yaml.safe_dump(content), encoding="utf-8")
    with (copy / "plugins/module_utils/_ansible/specs.py").open("a", encoding="utf-8") as file:
        file.write(OPTIONS)
    return {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections")}


@pytest.mark.thorough
def test_a_former_name_of_a_module_works_with_a_warning(
    ansible: Ansible, platform: Platform, changed: dict[str, str], subtests: pytest.Subtests
) -> None:
    platform.app("acme", "shop")
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/openshift_v2.apps.all": {"broker_url": platform.url}},
        "tasks": [
            {FORMER: SHOP, "register": "found"},
            {"ansible.builtin.assert": {"that": "found.applications[0].name == 'shop'"}},
        ],
    }
    run = ansible.playbook([play], env={**changed, "OPENSHIFT_BROKER_URL": None})
    output = " ".join(run.output.split())
    assert run.rc == 0, run.output
    with subtests.test("the warning names the successor and the release"):
        assert output.count("Use openshift_v2.apps.openshift_app_info.") == 1
        assert "DEPRECATION WARNING" in output
        assert "2.0.0" in output
    with subtests.test("it runs inside the Ansible process"):
        assert not (ansible.directory / "remote").exists()

    play["tasks"] = [{REMOVED: {}}]
    refused = ansible.playbook([play], env=changed)
    with subtests.test("a removed module names its successor"):
        assert refused.rc != 0
        assert "Use openshift_v2.apps.openshift_ha_report." in " ".join(refused.output.split())


@pytest.mark.thorough
def test_former_options_work_with_a_warning(
    ansible: Ansible, platform: Platform, changed: dict[str, str], subtests: pytest.Subtests
) -> None:
    platform.app("acme", "shop")
    task = {MODULE: {**SHOP, "old_option": "x", "verify_certs": True, "app": "shop"}}
    tasks = [{"name": "in-process", **task}, {"name": "as-module", "environment": {"AS_MODULE": "1"}, **task}]
    run = ansible.playbook([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}], env=changed)
    assert run.rc == 0, run.output
    for found in run.tasks:
        with subtests.test(found.task):
            messages = [each["msg"] for each in found.result["deprecations"]]
            assert sorted(message.partition("'")[2].partition("'")[0] for message in messages) == [
                "old_option",
                "verify_certs",
            ]
            assert {each["version"] for each in found.result["deprecations"]} == {"2.0.0"}
            assert found.result["warnings"] == ["Both option name and its alias app are set."]
    with subtests.test("they are shown"):
        assert run.output.count("DEPRECATION WARNING") >= 2

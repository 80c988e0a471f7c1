"""Misspelt variables: which names are known, which are refused, and which are suggested."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.run_stats import count_nothing
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.returns import returned_values
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.known import read_families
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.names import Dropped, Family, Review, suggest
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.search import (
    Search,
    hosts_to_check,
    parse_names,
)
from tests.unit.reports import report
from tests.unit.test_runtime_yml import ROOT

FAMILIES = read_families()
ROLES = ("app_ha", "app_router", "broker_ha")
FACTS = r"set_fact:\n((?: +\w+:.*\n)+)"


def check(*names: str, prefix: str = "app_ha", **variables: Any) -> Review:
    search = Search([FAMILIES[prefix]], lambda name, values: values[name])
    search.add({**dict.fromkeys(names, "x"), **variables})
    return search.review(FAMILIES)


def test_a_misspelt_variable_is_refused_with_the_name_that_was_meant() -> None:
    assert check("app_ha_preserve_gears", "app_ha_state", "inventory_hostname").refusal == (
        "Unknown variable: app_ha_preserve_gears (did you mean app_ha_preserve_gear_count?). Correct the names, or "
        "list names of your own in app_ha_ignore_variables. "
        "Documentation: ansible-doc -t role openshift_v2.apps.app_ha."
    )


def test_all_mistakes_are_in_one_message() -> None:
    refusal = check("app_ha_zzz", "app_ha_min_gaers", "app_ha_state").refusal
    assert "app_ha_min_gaers (did you mean app_ha_min_gears?), app_ha_zzz. " in refusal


@pytest.mark.parametrize("prefix", ROLES)
def test_all_variables_of_all_entry_points_are_known(prefix: str) -> None:
    role = ROOT / "roles" / prefix
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    names = {name for spec in specs.values() for name in spec["options"]}
    names |= yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8")).keys()
    assert names
    assert check(*names, prefix=prefix) == Review()


def test_other_names_are_not_its_business() -> None:
    assert check("app_haproxy", "app_has", "__app_ha_plan", "my_app_ha_x", "broker_ha_x") == Review()


@pytest.mark.parametrize("ignored", [["app_ha_team"], "app_ha_team", ["app_ha_te*", "x"]])
def test_names_of_the_users_own_are_allowed(ignored: Any) -> None:
    assert check("app_ha_team", app_ha_ignore_variables=ignored) == Review()
    assert "app_ha_taem" in check("app_ha_taem", app_ha_ignore_variables=["app_ha_team"]).refusal


def test_a_host_allows_only_its_own_names() -> None:
    search = Search([FAMILIES["app_ha"]], lambda name, values: values[name])
    search.add({"app_ha_team": 1, "app_ha_ignore_variables": ["app_ha_team"]})
    assert not search.review(FAMILIES).refusal
    search.add({"app_ha_team": 1})
    assert search.review(FAMILIES).refusal


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("app_ha_strategy", "app_ha_scale_strategy"),
        ("enable_ha_max_change", "enable_ha_max_changes"),
        ("enable_ha_preserve_gear_count", "app_ha_preserve_gear_count"),
        ("audit_ha_fail_on_drift", "app_ha_fail_on_drift"),
        ("app_router_aplications", "app_router_applications"),
        ("broker_ha_zzzzzz", None),
    ],
)
def test_the_most_similar_name_is_suggested(name: str, meant: str | None) -> None:
    assert suggest(name, FAMILIES.values()) == meant


def test_a_former_name_is_accepted_with_a_warning() -> None:
    dropped = {"app_ha_old": Dropped("app_ha_new", "2.0.0")}
    family = Family("app_ha", frozenset({"app_ha_new"}), dropped=dropped)
    search = Search([family], lambda name, values: values[name])
    search.add({"app_ha_old": 1})
    review = search.review({"app_ha": family})
    assert review.refusal == ""
    assert review.warnings == ("app_ha_old is deprecated and has no effect from version 2.0.0 on. Use app_ha_new.",)


def test_what_roles_set_is_known() -> None:
    """Statistics too: in a workflow, AWX passes them to the next job as extra variables."""
    assert check("app_ha_results", *returned_values(report())["stats"]) == Review()
    assert check(*count_nothing("")) == Review()
    assert check("app_router_summary", prefix="app_router") == Review()


@pytest.mark.parametrize("role", ROLES)
def test_internal_names_begin_with_underscores(role: str) -> None:
    """Registered results and facts that are not documented."""
    for path in sorted((ROOT / "roles" / role / "tasks").glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        registered = re.findall(r"register: (\S+)", text)
        facts = [name for block in re.findall(FACTS, text) for name in re.findall(r"^ +(\w+):", block, re.MULTILINE)]
        public = {name for name in registered + facts if not name.startswith("__")} - {"run_once", "when"}
        assert public <= FAMILIES[role].outputs, path


@pytest.mark.parametrize("playbook", ["enable_ha", "audit_ha", "broker_ha"])
def test_the_variables_of_a_playbook_are_those_that_it_reads(playbook: str) -> None:
    text = Path(ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    code = "\n".join(line.partition("# ")[0] for line in text.splitlines())
    read = set(re.findall(rf"(?<![\w.]){playbook}_\w+", code))
    listed = yaml.safe_load(
        (ROOT / "plugins" / "plugin_utils" / "_variables" / "names.yml").read_text(encoding="utf-8")
    )[playbook]["variables"]
    assert read == set(listed)


def test_names_may_be_written_as_one_text() -> None:
    assert parse_names(None) == []
    assert parse_names("a, b c") == ["a", "b", "c"]
    assert parse_names(["a", ["b,c"]]) == ["a", "b", "c"]


def test_the_first_batch_checks_all_hosts() -> None:
    hosts = ["a", "b", "c"]
    assert hosts_to_check(hosts, ["a", "b"], one_by_one=False, own="a") == hosts
    assert hosts_to_check(hosts, ["c"], one_by_one=False, own="c") == ["c"]
    assert hosts_to_check(hosts, hosts, one_by_one=True, own="b") == ["b"]

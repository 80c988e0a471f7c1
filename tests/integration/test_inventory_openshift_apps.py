"""The inventory plugin: hosts, variables, groups, cache, and plays with its hosts.

ansible-inventory runs in forks (tests/launch.py). A few tests launch programs: the output as a user gets it, the cache
across processes, and plays.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.fleet_results import unmatched_warnings
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import ENVIRONMENT, connection_spec
from tests.broker import EmbeddedBroker
from tests.harness import LOGIN, PASSWORD, Ansible, Platform
from tests.inventory_source import (
    ALL_APPLICATIONS,
    PLUGIN,
    FakeBroker,
    Source,
    application,
    credentials,
    seeded_source,
    take_requests,
)
from tests.parts import thorough


@pytest.fixture
def source(tmp_path: Path, platform: Platform) -> Source:
    return seeded_source(tmp_path, platform)


# --- Hosts, variables, groups ----------------------------------------------------------------------------------------


def test_applications_are_hosts(source: Source, platform: Platform) -> None:
    listed = source.run("ansible-inventory", "-i", source.file(), "--list", "--export", as_program=True)
    assert take_requests(platform) == [ALL_APPLICATIONS]
    assert sorted(listed.hosts) == [
        "api-bobs.example.com",
        "shop-acme.example.com",
        "shop-bobs.example.com",
        "wiki-acme.example.com",
    ]
    shop = listed.hosts["shop-acme.example.com"]
    assert isinstance(shop["openshift_application"].pop("id"), str)
    # The inventory reads no placement.
    (problem,) = shop["openshift_application"].pop("problems")
    assert (problem["code"], problem["repairable"]) == ("haproxy_missing", True)
    assert shop["openshift_application"].pop("verified") == "count"
    assert shop == {
        "ansible_connection": "local",
        "openshift_domain": "acme",
        "openshift_app": "shop",
        "openshift_ha_status": "degraded",
        "openshift_broker_url": platform.url,
        "openshift_application": {
            "name": "shop",
            "domain": "acme",
            "owner": LOGIN,
            "ha": True,
            "ha_status": "degraded",
            "haproxy_count": 1,
            "gear_count": 2,
            "web_gears": 2,
            "min_gears": 2,
            "max_gears": -1,
            "url": "http://shop-acme.example.com/",
        },
    }
    assert listed.members("openshift_ha_highly_available") == ["shop-bobs.example.com"]
    assert listed.members("openshift_ha_degraded") == ["shop-acme.example.com"]
    assert listed.members("openshift_ha_standalone") == ["api-bobs.example.com"]
    assert listed.members("openshift_ha_not_scalable") == ["wiki-acme.example.com"]
    assert listed.members("openshift_domain_bobs") == ["api-bobs.example.com", "shop-bobs.example.com"]
    assert listed.members("openshift_owner_bob_example_com") == ["api-bobs.example.com", "shop-bobs.example.com"]
    assert listed.members(f"openshift_owner_{LOGIN}") == ["shop-acme.example.com", "wiki-acme.example.com"]
    assert not listed.stderr


def test_fork_lists_the_same_as_a_launch(source: Source) -> None:
    """The other tests rely on this."""
    arguments = ("ansible-inventory", "-i", source.file(owner_gears=True), "--list", "--export")
    assert source.run(*arguments) == source.run(*arguments, as_program=True)


def test_thousand_applications_are_one_request(source: Source, platform: Platform) -> None:
    platform.broker.set_users({"login": LOGIN, "max_gears": 5000})
    apps = [{"domain": "acme", "name": f"app{number}", "cartridges": ["php-5.4"]} for number in range(1000)]
    platform.broker.seed({"applications": apps})
    platform.broker.clear_requests()
    assert len(source.list().hosts) == 1004
    assert take_requests(platform) == [ALL_APPLICATIONS]


def test_gears_of_the_owners_are_one_more_request(source: Source, platform: Platform) -> None:
    listed = source.list(owner_gears=True)
    assert take_requests(platform) == [ALL_APPLICATIONS, "/broker/rest/domains"]
    assert {name: host["openshift_owner_gears_available"] for name, host in listed.hosts.items()} == {
        "api-bobs.example.com": 2,
        "shop-acme.example.com": 97,
        "shop-bobs.example.com": 2,
        "wiki-acme.example.com": 97,
    }


@pytest.mark.parametrize(
    ("select", "names"),
    [
        thorough({"domains": ["ACME"]}, ["shop-acme", "wiki-acme"]),
        thorough({"names": ["s*"]}, ["shop-acme", "shop-bobs"]),
        ({"names": ["bobs/*"], "exclude": ["*/shop"]}, ["api-bobs"]),
        thorough({"owned_only": True, "scalable_only": True}, ["shop-acme"]),
        thorough({"domains": ["nowhere"]}, []),
        ({}, ["api-bobs", "shop-acme", "shop-bobs", "wiki-acme"]),
    ],
    ids=str,
)
def test_selection(source: Source, select: dict[str, Any], names: list[str]) -> None:
    assert sorted(source.list(select=select).hosts) == [f"{name}.example.com" for name in names]


def test_warning_on_names_in_the_selection_that_match_nothing(source: Source) -> None:
    some = source.list(select={"domains": ["acme", "nowhere"], "names": ["*", "shpo"]})
    (warning,) = unmatched_warnings(("nowhere", "shpo"))
    assert some.warns(warning)
    assert not some.warns("No application")
    none = source.list(select={"names": ["x*"]})
    assert none.warns("select matches no application that is accessible to this account.")
    assert not source.list(select={"domains": ["acme"]}).warns("select")


def test_warning_on_an_account_without_applications(tmp_path: Path, platform: Platform) -> None:
    platform.broker.seed({"users": [{"login": "nobody", "password": PASSWORD}]})
    listed = Source(tmp_path, platform.url, credentials("nobody")).list()
    assert listed.warns("No application is accessible to this account.")


def test_invalid_applications_alone_cause_no_warning_on_select(tmp_path: Path) -> None:
    invalid = [{**application(name=name), "gear_count": "many"} for name in ("odd", "wrong")]
    with FakeBroker({"/applications": invalid}) as broker:
        listed = Source(tmp_path, broker.url, credentials()).list()
    assert listed.warns("Skipped 2 applications with invalid data from the broker. The first is 'acme/odd'")
    assert not listed.warns("select")


def test_invalid_application_is_skipped_with_a_warning(tmp_path: Path) -> None:
    with FakeBroker({"/applications": [application(), {**application(name="odd"), "gear_count": "many"}]}) as broker:
        listed = Source(tmp_path, broker.url, credentials()).list()
    assert list(listed.hosts) == ["shop-acme.example.com"]
    assert listed.warns("Skipped 1 application with invalid data from the broker. The first is 'acme/odd'")
    assert listed.warns("gear_count")


def test_similar_logins_have_separate_groups(source: Source, platform: Platform) -> None:
    platform.broker.seed(
        {
            "users": [{"login": "bob.example.com"}],
            "domains": [{"name": "other", "owner": "bob.example.com", "members": [{"login": LOGIN, "role": "view"}]}],
            "applications": [{"domain": "other", "name": "x", "cartridges": ["php-5.4"]}],
        }
    )
    listed = source.list()
    assert listed.members("openshift_owner_bob_example_com") == []
    owners = {name: hosts["hosts"] for name, hosts in listed.document.items() if name.startswith("openshift_owner_bob")}
    assert sorted(owners.values()) == [["api-bobs.example.com", "shop-bobs.example.com"], ["x-other.example.com"]]
    assert listed.warns("'bob@example.com' has openshift_owner_bob_example_com_")


def test_several_brokers_through_several_files(source: Source) -> None:
    fleet = {
        "users": [{"login": "bob.example.com", "password": "other"}],
        "domains": [{"name": "acme", "owner": "bob.example.com"}],
        "applications": [{"domain": "acme", "name": "mail", "cartridges": ["php-5.4"]}],
    }
    source.file()
    with EmbeddedBroker(fleet=fleet) as broker:
        other = {"broker_url": broker.url, "username": "bob.example.com", "password": "other"}
        file = source.directory / "other.openshift_apps.yaml"
        file.write_text(yaml.safe_dump({"plugin": PLUGIN, **other}), encoding="utf-8")
        both = ("-i", source.directory / "openshift_apps.yml", "-i", file)
        listed = source.run("ansible-inventory", *both, "--list", "--export")
        url = broker.url
    urls = {name: host["openshift_broker_url"] for name, host in listed.hosts.items()}
    assert len(urls) == 5
    assert urls["mail-acme.example.com"] == url
    assert urls["shop-acme.example.com"] == source.url
    assert listed.members("openshift_domain_acme") == [
        "mail-acme.example.com",
        "shop-acme.example.com",
        "wiki-acme.example.com",
    ]
    assert listed.members("openshift_owner_bob_example_com") == ["api-bobs.example.com", "shop-bobs.example.com"]
    assert listed.warns("'bob.example.com' has openshift_owner_bob_example_com_")


def test_only_files_with_the_right_name_are_read(source: Source) -> None:
    text = source.file().read_text(encoding="utf-8")
    for name, accepted in (("my.openshift_apps.yaml", True), ("openshift.yml", False)):
        file = source.directory / name
        file.write_text(text, encoding="utf-8")
        assert (source.run("ansible-inventory", "-i", file, "--list").rc == 0) == accepted


# --- Constructed -----------------------------------------------------------------------------------------------------


def test_constructed(source: Source) -> None:
    listed = source.list(
        compose={
            "gears": "openshift_application.gear_count",
            "label": "openshift_domain ~ '/' ~ openshift_app",
            "nested": "{'of': [openshift_application.owner]}",
            "broken": "nothing_of_the_kind.at_all",
        },
        groups={"small": "gears | int < 3", "shops": "openshift_app == 'shop'"},
        keyed_groups=[{"key": "openshift_application.gear_count | string", "prefix": "gears", "parent_group": "sized"}],
    )
    api = listed.hosts["api-bobs.example.com"]
    assert (int(api["gears"]), api["label"], api["nested"]) == (3, "bobs/api", {"of": ["bob@example.com"]})
    assert "broken" not in api
    assert listed.members("shops") == ["shop-acme.example.com", "shop-bobs.example.com"]
    assert listed.members("small") == ["shop-acme.example.com", "shop-bobs.example.com", "wiki-acme.example.com"]
    assert listed.members("gears_3") == ["api-bobs.example.com"]
    assert sorted(listed.document["sized"]["children"]) == ["gears_1", "gears_2", "gears_3"]
    assert "__ansible_unsafe" not in listed.stdout


def test_constructed_strictly(source: Source) -> None:
    listed = source.list(strict=True, compose={"broken": "nothing_of_the_kind.at_all"})
    assert listed.rc != 0
    assert listed.warns("Could not set broken for host shop-acme.example.com")


# --- Cache -----------------------------------------------------------------------------------------------------------


def test_cache(source: Source, platform: Platform, tmp_path: Path) -> None:
    store = tmp_path / "cache"
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(store)}
    options = {**cache, "owner_gears": True, "compose": {"label": "openshift_app ~ '!'"}}
    arguments = ("ansible-inventory", "-i", source.file(**options), "--list", "--export")
    first = source.run(*arguments, as_program=True)
    assert len(take_requests(platform)) == 2

    second = source.run(*arguments, as_program=True)
    assert take_requests(platform) == []
    assert second.document == first.document
    assert second.hosts["api-bobs.example.com"]["label"] == "api!"

    playbook = tmp_path / "playbook.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False}]), encoding="utf-8")
    flushed = source.run("ansible-playbook", "-i", source.file(**options), playbook, "--flush-cache", as_program=True)
    assert flushed.rc == 0, flushed.stderr
    assert len(take_requests(platform)) == 2

    narrower = source.list(**options, select={"domains": ["bobs"]})
    assert len(take_requests(platform)) == 2
    assert sorted(narrower.hosts) == ["api-bobs.example.com", "shop-bobs.example.com"]

    platform.broker.set_users({"login": "carol", "password": "hers"})
    hers = source.list(**options, env=credentials("carol", "hers"))
    assert len(take_requests(platform)) == 2
    assert hers.hosts == {}

    files = sorted(store.iterdir())
    assert len(files) == 3
    secrets = {PASSWORD, "hers", base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()}
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not [secret for secret in secrets if secret in text]


def test_without_a_cache_every_run_reads_the_broker(source: Source, platform: Platform) -> None:
    for _run in range(2):
        source.list()
        assert take_requests(platform) == [ALL_APPLICATIONS]


# --- Plays -----------------------------------------------------------------------------------------------------------


def test_play_repairs_the_hosts_of_the_inventory(source: Source, platform: Platform, ansible: Ansible) -> None:
    task = {
        "openshift_v2.apps.openshift_app_ha": {
            "broker_url": "{{ openshift_broker_url }}",
            "domain": "{{ openshift_domain }}",
            "name": "{{ openshift_app }}",
        }
    }
    play = {"hosts": "openshift_ha_standalone:openshift_ha_degraded", "gather_facts": False, "tasks": [task]}
    refresh = {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.meta": "refresh_inventory"}]}
    file = source.file()
    run = ansible.playbook([play, refresh, play], "-i", str(file), env={"OPENSHIFT_BROKER_URL": source.url})
    assert run.rc == 0, run.output
    tasks = run.of("openshift_app_ha")
    assert sorted(task.host for task in tasks) == ["api-bobs.example.com", "shop-acme.example.com"]
    assert all(task.result["application"]["ha_status"] == "highly_available" for task in tasks)
    assert platform.shown("acme", "shop")[2] == platform.shown("bobs", "api")[2] == 2
    # For the last play nothing is left, and its groups exist without hosts.
    assert "no hosts matched" in run.output
    assert "Could not match supplied host pattern" not in run.output
    assert "WARNING" not in run.output


# --- Documentation ---------------------------------------------------------------------------------------------------


def test_connection_options_are_documented_as_in_the_modules(source: Source) -> None:
    options = json.loads(source.run("ansible-doc", "-t", "inventory", "-j", PLUGIN).stdout)[PLUGIN]["doc"]["options"]
    for name, spec in connection_spec().items():
        documented = options[name]
        for fact, default in (("type", None), ("default", None), ("elements", None), ("required", False)):
            assert documented.get(fact, default) == spec.get(fact, default), (name, fact)
        assert [entry["name"] for entry in documented.get("env", [])] == list(filter(None, [ENVIRONMENT.get(name)]))


def test_selection_is_documented_as_in_the_modules(source: Source) -> None:
    inventory = source.run("ansible-doc", "-t", "inventory", "-j", PLUGIN)
    module = source.run("ansible-doc", "-j", "openshift_v2.apps.openshift_app_info")
    options = [next(iter(json.loads(a.stdout).values()))["doc"]["options"]["select"] for a in (inventory, module)]
    assert options[0]["suboptions"] == options[1]["suboptions"]

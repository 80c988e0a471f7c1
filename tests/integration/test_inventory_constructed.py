"""Variables and groups from expressions: all hosts or none, names of groups of any type, the documented examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import LOGIN, PASSWORD, ROOT, Ansible, Platform
from tests.inventory_source import FakeBroker, Source, application, credentials

#: Nine applications, of which the fifth has other gears than the others.
GEARS = (1, 1, 2, 2, 3, 2, 2, 1, 1)
APPLICATIONS = [
    application(name=f"app{number}", domain_id=domain, gear_count=gears)
    for number, (gears, domain) in enumerate(zip(GEARS, ["shop", "pay", "acme"] * 3, strict=True), 1)
]
DOMAINS = [
    {"name": name, "available_gears": gears, "members": APPLICATIONS[0]["members"]}
    for name, gears in (("shop", 0), ("pay", 5), ("acme", 1))
]


@pytest.fixture
def nine(tmp_path: Path) -> Iterator[Source]:
    """A broker with the nine applications, and the passwords that the examples take from the environment."""
    with FakeBroker({"/applications": APPLICATIONS, "/domains": DOMAINS}) as broker:
        passwords = {f"{name}_PASSWORD": PASSWORD for name in ("BROKER", "DEPLOY", "EAST")}
        yield Source(tmp_path, broker.url, {**credentials(), **passwords})


def thorough(*values: Any) -> list[Any]:
    return [
        pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.thorough) for value in values
    ]


# --- All hosts or none -----------------------------------------------------------------------------------------------

FAILING: dict[str, dict[str, Any]] = {
    "compose": {"compose": {"share": "100 // (openshift_application.gear_count - 3)"}},
    "groups": {"groups": {"share": "100 // (openshift_application.gear_count - 3) > 0"}},
    "keyed_groups": {"keyed_groups": [{"key": "100 // (openshift_application.gear_count - 3)"}]},
    "parent_group": {"keyed_groups": [{"key": "openshift_app", "parent_group": "{{ nothing.at_all }}"}]},
    "empty key": {"keyed_groups": [{"key": "'' if openshift_application.gear_count == 3 else 'some'"}]},
}


@pytest.mark.parametrize("kind", ["compose", *thorough(*list(FAILING)[1:])])
def test_an_expression_that_fails_for_one_host_leaves_no_hosts(nine: Source, kind: str) -> None:
    lenient = {"ANSIBLE_INVENTORY_UNPARSED_FAILED": "false"}
    listed = nine.list(strict=True, env=lenient, **FAILING[kind])
    assert listed.rc == 0
    assert listed.hosts == {}
    assert set(listed.document) <= {"_meta", "all"}
    assert listed.document.get("all", {}).get("children", ["ungrouped"]) == ["ungrouped"]
    assert listed.warns("No host was added.")


def test_an_entry_that_is_no_dictionary_leaves_no_hosts(nine: Source) -> None:
    listed = nine.list(keyed_groups=["openshift_app"], env={"ANSIBLE_INVENTORY_UNPARSED_FAILED": "false"})
    assert listed.hosts == {}
    assert listed.warns("Invalid keyed group entry, it must be a dictionary: openshift_app. No host was added.")


def test_a_group_may_be_named_by_a_number(nine: Source) -> None:
    listed = nine.list(groups={5: "true"}, keyed_groups=[{"key": "openshift_app", "prefix": 1, "parent_group": 7}])
    assert len(listed.document["5"]["hosts"]) == len(GEARS)
    assert "1_app1" in listed.document["7"]["children"]


def test_without_strict_the_other_hosts_have_the_variable(nine: Source) -> None:
    listed = nine.list(compose={"share": "100 // (openshift_application.gear_count - 3)"})
    assert len(listed.hosts) == len(GEARS)
    assert [name for name, host in listed.hosts.items() if "share" not in host] == ["app5-pay.example.com"]


def test_a_source_that_fails_changes_nothing_of_the_others(nine: Source) -> None:
    directory = nine.files({"select": {"names": ["app1"]}}, {"strict": True, **FAILING["compose"]})
    both = nine.run(
        "ansible-inventory", "-i", directory, "--list", "--export", env={"ANSIBLE_INVENTORY_UNPARSED_FAILED": "false"}
    )
    assert list(both.hosts) == ["app1-shop.example.com"]


def test_expressions_see_what_earlier_sources_know_of_a_host(nine: Source) -> None:
    directory = nine.files(
        {"compose": {"mine": "openshift_app ~ '!'"}, "groups": {"early": "openshift_app == 'app1'"}},
        {"compose": {"copied": "mine", "seen": "'early' in group_names"}, "strict": True},
    )
    listed = nine.run("ansible-inventory", "-i", directory, "--list", "--export")
    assert listed.hosts["app1-shop.example.com"]["copied"] == "app1!"
    seen = {name for name, host in listed.hosts.items() if str(host["seen"]) == "True"}
    assert seen == {"app1-shop.example.com"}
    assert listed.members("early") == ["app1-shop.example.com"]


# --- Names of groups -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "groups"),
    [
        ("openshift_application.gear_count", {"x_1": 4, "x_2": 4, "x_3": 1}),
        *thorough(
            ("openshift_application.gear_count - 1", {"x_0": 4, "x_1": 4, "x_2": 1}),
            ("openshift_application.gear_count > 1", {"x_True": 5, "x_False": 4}),
            ("openshift_application.gear_count / 2", {"x_0.5": 4, "x_1.0": 4, "x_1.5": 1}),
            ("[openshift_application.gear_count, openshift_domain]", {"x_3": 1, "x_shop": 3}),
            ("{'gears': openshift_application.gear_count, 1: true}", {"x_gears_3": 1, "x_1_True": 9}),
            ("openshift_application.owner", {f"x_{LOGIN}": 9}),
            ("[]", {}),
        ),
    ],
)
def test_keys_of_any_type_make_groups(nine: Source, expression: str, groups: dict[str, int]) -> None:
    listed = nine.list(strict=True, keyed_groups=[{"key": expression, "prefix": "x"}])
    assert {name: len(listed.members(name)) for name in groups} == groups, listed.stderr


@pytest.mark.parametrize("native", ["true", *thorough("false")])
def test_numbers_make_groups_with_native_types_too(nine: Source, native: str) -> None:
    keyed = [{"key": "openshift_owner_gears_available", "prefix": "left", "default_value": "unknown"}]
    listed = nine.list(strict=True, owner_gears=True, keyed_groups=keyed, env={"ANSIBLE_JINJA2_NATIVE": native})
    assert {name: len(listed.members(name)) for name in ("left_0", "left_1", "left_5")} == dict.fromkeys(
        ("left_0", "left_1", "left_5"), 3
    )


# --- Documentation ---------------------------------------------------------------------------------------------------

GUIDE = ROOT / "docs" / "inventory.md"
PLUGIN_FILE = ROOT / "plugins" / "inventory" / "openshift_apps.py"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def examples() -> list[str]:
    """The inventory files in the guide and in the plugin's EXAMPLES."""
    text = PLUGIN_FILE.read_text(encoding="utf-8").split('EXAMPLES = r"""')[1].split('"""')[0]
    return [part for part in [*text.split("---\n"), *blocks("yaml")] if "\nplugin:" in f"\n{part}"]


def test_there_are_examples() -> None:
    assert len(examples()) == 9
    assert sum("keyed_groups" in example for example in examples()) == 2


@pytest.mark.thorough
@pytest.mark.parametrize("example", examples(), ids=range(len(examples())))
def test_the_documented_examples_work(nine: Source, tmp_path: Path, example: str) -> None:
    text = re.sub(r"https://broker[a-z.]*\.example\.com", nine.url, example)
    text = text.replace("~/.cache/openshift_apps", str(tmp_path / "cache"))
    options = {**yaml.safe_load(text), "strict": True}
    file = tmp_path / "documented.openshift_apps.yml"
    file.write_text(f"{text}\nstrict: true\n", encoding="utf-8")
    listed = nine.run("ansible-inventory", "-i", file, "--list", "--export")
    # Not every rule of an example applies to one of these applications.
    warned = " ".join(listed.stderr.split())
    assert not warned or ("policy" in options and "to no application" in warned), warned
    assert warned.count("[WARNING]") <= 1
    assert listed.hosts
    for name in options.get("compose", {}):
        assert all(name in host for host in listed.hosts.values())
    for name in options.get("groups", {}):
        assert listed.members(name)
    for keyed in options.get("keyed_groups", []):
        numbers = {gears for gears in (1, 2, 3) if listed.members(f"{keyed['prefix']}_{gears}")}
        assert numbers == {host["openshift_application"]["gear_count"] for host in listed.hosts.values()}


@pytest.mark.thorough
def test_the_documented_plays_work(platform: Platform, ansible: Ansible, tmp_path: Path) -> None:
    """The play for one domain, and the play for both brokers, of which one has no hosts here."""
    platform.broker.seed(
        {
            "users": [{"login": "deploy", "password": PASSWORD, "ha": True, "max_gears": 9}],
            "domains": [{"name": "shop", "owner": "deploy"}],
            "applications": [
                {"domain": "shop", "name": "good", "cartridges": ["php-5.4"], "gears": 2, "ha": True},
                {"domain": "shop", "name": "bad", "cartridges": ["php-5.4"], "gears": 2, "haproxy": 1, "ha": True},
            ],
        }
    )
    plays = [play for block in blocks("yaml") if "plugin:" not in block for play in yaml.safe_load(block)]
    assert [play["hosts"] for play in plays] == [
        "openshift_domain_acme:&openshift_ha_highly_available",
        "openshift_ha_degraded",
    ]
    plays[0]["hosts"] = plays[0]["hosts"].replace("acme", "shop")
    east = next(block for block in blocks("yaml") if block.startswith("# east"))
    file = tmp_path / "east.openshift_apps.yml"
    file.write_text(re.sub(r"https://\S+", platform.url, east), encoding="utf-8")
    env = {"EAST_PASSWORD": PASSWORD, "OPENSHIFT_BROKER_URL": platform.url, **credentials("deploy")}
    run = ansible.playbook(plays, "-i", str(file), env=env)
    assert run.rc == 0, run.output
    assert platform.shown("shop", "bad", "deploy")[2] == 2
    changed = {task.host for task in run.of("openshift_app_ha") if task.result["changed"]}
    assert changed == {"good-shop.example.com", "bad-shop.example.com"}


@pytest.mark.thorough
def test_the_documented_settings_stop_at_a_broker_that_fails(nine: Source, tmp_path: Path) -> None:
    (settings,) = blocks("ini")
    config = tmp_path / "ansible.cfg"
    config.write_text(settings, encoding="utf-8")
    directory = nine.files({}, {"broker_url": "http://127.0.0.1:1"})
    env = {"ANSIBLE_CONFIG": str(config), "ANSIBLE_INVENTORY_UNPARSED_FAILED": None}
    listed = nine.run("ansible-inventory", "-i", directory, "--list", env=env, as_program=True)
    assert listed.rc != 0
    assert not listed.stdout

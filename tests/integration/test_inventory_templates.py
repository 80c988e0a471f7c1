"""Text from the broker is never evaluated as a template: in the inventory, in the cache, in plays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.templates import TEMPLATE_MARKS
from tests.harness import LOGIN
from tests.inventory_source import PLUGIN, FakeBroker, Source, application, credentials

#: A template with this text creates the file that the environment variable MARK names.
COMMAND = "lookup('ansible.builtin.pipe', 'touch \"$MARK\"')"
HOSTILE = {
    "expression": f"{{{{ {COMMAND} }}}}",
    "statement": f"{{% set x = {COMMAND} %}}",
    "comment": f"{{# #}}{{{{{COMMAND}}}}}",
    "header": f"#jinja2:variable_start_string:'[[',variable_end_string:']]'\n[[ {COMMAND} ]]",
}
#: Tasks that use the variables of a host in every usual way.
USES = [
    {"ansible.builtin.debug": {"var": "hostvars[inventory_hostname]"}},
    {"ansible.builtin.debug": {"msg": "{{ hostvars[inventory_hostname] }} {{ group_names }} {{ groups }}"}},
    {"ansible.builtin.debug": {"msg": "{{ inventory_hostname }} {{ openshift_domain }} {{ openshift_app | upper }}"}},
    {"ansible.builtin.debug": {"msg": "{{ openshift_application.url ~ openshift_application['owner'] }} {{ copied }}"}},
    {"ansible.builtin.debug": {"msg": "{{ openshift_application | to_json }} {{ joined }} {{ inside }}"}},
    {"ansible.builtin.debug": {"msg": "{{ openshift_application.values() | list }}"}},
    {
        "ansible.builtin.debug": {"msg": "{{ item.key }} {{ item.value }}"},
        "loop": "{{ openshift_application | dict2items }}",
    },
    {"ansible.builtin.set_fact": {"kept": "{{ openshift_application }}"}},
    {"ansible.builtin.debug": {"msg": "{{ kept }} {{ kept.owner }}"}},
    {"ansible.builtin.debug": {"msg": "x"}, "when": "openshift_application.owner != 'x' and openshift_app != 'x'"},
    {
        f"{PLUGIN.rpartition('.')[0]}.openshift_app_ha": {
            "domain": "{{ openshift_domain }}",
            "name": "{{ openshift_app }}",
        }
    },
]


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """This file exists if a hostile text was evaluated."""
    return tmp_path / "evaluated"


@pytest.fixture
def hostile(tmp_path: Path, mark: Path) -> Iterator[Source]:
    """A broker with a template in every text."""
    apps = []
    for number, text in enumerate(HOSTILE.values()):
        apps += [
            application(owner=text, name=f"shop{number or ''}", app_url=f"http://{text}/", id=text),
            application(owner=LOGIN, name=text, app_url=""),
            application(owner=f"x{text}", domain_id=text, app_url=text),
        ]
    domains = [{"name": app["domain_id"], "available_gears": 1, "members": app["members"]} for app in apps]
    with FakeBroker({"/applications": apps, "/domains": domains}) as broker:
        yield Source(tmp_path, broker.url, {**credentials(), "MARK": str(mark)})


def constructed(tmp_path: Path) -> dict[str, Any]:
    """Every option that makes variables, groups or files from the broker's text."""
    return {
        "compose": {
            "copied": "openshift_application.url",
            "joined": "'x' ~ openshift_application.owner ~ (openshift_app | upper)",
            "inside": "{'a': [openshift_application.owner, openshift_application], 'b': openshift_domain}",
        },
        "groups": {"owned": "openshift_application.owner != 'x'"},
        "keyed_groups": [
            {"key": "openshift_application.owner", "prefix": "by"},
            {"key": "copied", "separator": ""},
            {"key": "[openshift_app, openshift_domain]", "parent_group": "parents"},
        ],
        "owner_gears": True,
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }


@pytest.mark.thorough
def test_text_from_the_broker_is_never_evaluated(hostile: Source, mark: Path, tmp_path: Path) -> None:
    file = hostile.file(**constructed(tmp_path))
    fresh = hostile.run("ansible-inventory", "-i", file, "--list", "--export", as_program=True)
    cached = hostile.run("ansible-inventory", "-i", file, "--list", "--export")
    assert cached.document == fresh.document
    # Applications and domains with a name that no path can hold are unreadable.
    usable = [text for text in HOSTILE.values() if not any(sign in text for sign in r"/\?#%;")]
    assert usable
    assert len(fresh.hosts) == len(HOSTILE) + 2 * len(usable)
    for arguments in (("--list",), ("--list", "--yaml", "--export"), ("--graph", "--vars"), ("--host", "shop-acme")):
        assert hostile.run("ansible-inventory", "-i", file, *arguments).rc == 0
    play = [{"hosts": "all", "gather_facts": False, "ignore_errors": True, "tasks": USES}]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(yaml.safe_dump(play, sort_keys=False), encoding="utf-8")
    run = hostile.run("ansible-playbook", "-i", file, playbook, "-vv", as_program=True)
    assert run.stdout.count("TASK [") == len(USES), run.stdout + run.stderr
    assert not mark.exists()
    names = [name for name in fresh.document if name != "_meta"] + list(fresh.hosts)
    assert not [name for name in names if any(sign in name for sign in TEMPLATE_MARKS)]
    for host in fresh.hosts.values():
        assert has_right_marks(host)


def has_right_marks(value: Any) -> bool:
    """Whether an export marks exactly those strings as unsafe that may be templates."""
    if isinstance(value, dict) and "__ansible_unsafe" in value:
        return any(sign in value["__ansible_unsafe"] for sign in TEMPLATE_MARKS)
    if isinstance(value, dict):
        return all(has_right_marks(item) for item in value.values())
    if isinstance(value, list):
        return all(has_right_marks(item) for item in value)
    return not (isinstance(value, str) and any(sign in value for sign in TEMPLATE_MARKS))


@pytest.mark.parametrize("kind", ["expression", "statement", "header"])
def test_same_text_in_a_variable_of_a_play_is_evaluated(tmp_path: Path, mark: Path, kind: str) -> None:
    """This proves that the test above can fail: these texts create the file if Ansible evaluates them."""
    task = {"ansible.builtin.debug": {"msg": "{{ mine }}"}}
    play = [{"hosts": "localhost", "gather_facts": False, "vars": {"mine": HOSTILE[kind]}, "tasks": [task]}]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(yaml.safe_dump(play), encoding="utf-8")
    source = Source(tmp_path, "")
    assert source.run("ansible-playbook", "-i", "localhost,", playbook, env={"MARK": str(mark)}).rc == 0
    assert mark.exists()

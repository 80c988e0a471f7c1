"""No secret is printed, logged, kept in a file or given to a callback, wherever it came from, however a task ends."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from tests.harness import INVENTORY_ELSEWHERE, LOGIN, Ansible, Platform

CANARY = "CANARY/?>~7f+pÄss word"
APP = {"domain": "acme", "name": "shop"}
APP_HA, APPS_HA, INFO, USER = (
    f"openshift_v2.apps.openshift_{name}" for name in ("app_ha", "apps_ha", "app_info", "user_info")
)

#: Tasks that end well, that are wrong in many ways, and that fail at the broker.
TASKS: tuple[dict[str, Any], ...] = (
    {APP_HA: APP},
    {APP_HA: APP, "check_mode": True, "diff": True},
    {APP_HA: {**APP, "name": "gone"}},
    {APP_HA: {**APP, "preserve_gears": True}},
    {APP_HA: {"domain": "acme"}},
    {APP_HA: {**APP, "min_gears": "many"}},
    {APP_HA: {**APP, "scale_strategy": "no_such"}},
    {APP_HA: {**APP, "name": "../x"}},
    {APP_HA: {**APP, "client_key": "/no/such/file", "client_cert": "/no/such/file"}},
    {APP_HA: {**APP, "broker_url": "http://127.0.0.1:1"}},
    {APP_HA: {**APP, "impersonate_user": "nobody"}},
    {APPS_HA: {"select": {"domain": ["acme"]}}},
    {APPS_HA: {"applications": [{"domain": "acme", "nam": "x"}]}},
    {APPS_HA: {"select": {}}},
    {INFO: {}, "loop": [1, 2]},
    {INFO: APP, "until": False, "retries": 1, "delay": 0},
    {INFO: {"gather": ["nothing"]}},
    {USER: {}},
    {USER: {"login": ["alice"], "command": "no-such-program"}},
    {USER: {"logn": "alice"}},
)
#: How each of them is run.
KEYWORDS: dict[str, dict[str, Any]] = {
    "in_process": {},
    "module": {"environment": {"X": "1"}},
    "elsewhere": {"delegate_to": "bastion"},
    "become": {"become": True, "become_method": "su", "become_user": "root"},
    "async": {"async": 60, "poll": 1},
    "no_log": {"no_log": True},
}
FROM_DEFAULTS = {
    "module_defaults": {
        "group/openshift_v2.apps.all": {"username": LOGIN, "password": "{{ lookup('ansible.builtin.env', 'SECRET') }}"}
    }
}
FROM_TASKS_ENVIRONMENT = {
    "environment": {
        "OPENSHIFT_BROKER_USERNAME": LOGIN,
        "OPENSHIFT_BROKER_PASSWORD": "{{ lookup('ansible.builtin.env', 'SECRET') }}",
    }
}


def shapes(secret: str) -> set[str]:
    """The forms of a secret that give it away."""
    both = f"{LOGIN}:{secret}"
    encoded = {base64.b64encode(text.encode()).decode().rstrip("=") for text in (secret, both)}
    urlsafe = {base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in (secret, both)}
    return {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe=""), quote_plus(secret), "CANARY"} | (
        encoded | urlsafe | {quote(text, safe="") for text in encoded}
    )


def recording(directory: Path) -> dict[str, str]:
    """Settings under which all that Ansible logs and shows to callbacks is kept in files."""
    return {
        "ANSIBLE_LOG_PATH": str(directory / "ansible.log"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder,everything",
        "EVERYTHING_FILE": str(directory / "everything.txt"),
    }


def leaks(directory: Path, output: str) -> list[str]:
    """Where a form of the secret is found: in the output, or in a file."""
    places = {"output": output} | {
        str(path.relative_to(directory)): path.read_bytes().decode("utf-8", "replace")
        for path in directory.rglob("*")
        if path.is_file()
    }
    return [f"{place}: {shape}" for place, text in places.items() for shape in shapes(CANARY) if shape in text]


def play(keywords: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    environment = {**keywords.get("environment", {}), **source.get("environment", {})}
    others = {
        key: value for key, value in {**keywords, **source}.items() if key not in ("environment", "module_defaults")
    }
    tasks = [
        {"name": f"task {number}", **others, **task, **({"environment": environment} if environment else {})}
        for number, task in enumerate(TASKS)
        if not ("async" in keywords and ("check_mode" in task or USER in task))
    ]
    return {
        "hosts": "localhost",
        "gather_facts": False,
        "ignore_errors": True,
        "module_defaults": source.get("module_defaults", {}),
        "tasks": tasks,
    }


SOURCES: dict[str, dict[str, Any]] = {
    "environment": {},
    "module_defaults": FROM_DEFAULTS,
    "tasks_environment": FROM_TASKS_ENVIRONMENT,
}


@pytest.mark.parametrize("source", SOURCES)
def test_no_secret_gets_out(ansible: Ansible, platform: Platform, tmp_path: Path, source: str) -> None:
    platform.app("acme", "shop", gears=2)
    platform.user(password=CANARY)
    own: dict[str, str | None] = {"OPENSHIFT_BROKER_PASSWORD": CANARY}
    if source != "environment":
        own = {"SECRET": CANARY, "OPENSHIFT_BROKER_USERNAME": None, "OPENSHIFT_BROKER_PASSWORD": None}
    keywords = KEYWORDS if source == "environment" else {name: KEYWORDS[name] for name in ("in_process", "module")}
    run = ansible.playbook(
        [play(keyword, SOURCES[source]) for keyword in keywords.values()],
        "-vvvv",
        env={
            **own,
            "ANSIBLE_KEEP_REMOTE_FILES": "1",
            **recording(tmp_path),
            "ANSIBLE_INJECT_INVOCATION": "1",
        },
        inventory=INVENTORY_ELSEWHERE,
    )
    seen = [task for task in run.of("openshift_app_ha") if task.result.get("application", {}).get("ha_status")]
    assert len(seen) >= len(keywords), run.output
    assert (tmp_path / "everything.txt").stat().st_size > 10_000
    assert leaks(tmp_path, run.output) == []


@pytest.mark.parametrize("password", ["wiki", "a", "high", LOGIN, "started"])
def test_data_of_the_broker_is_returned_as_it_is(ansible: Ansible, platform: Platform, way: str, password: str) -> None:
    platform.app("acme", "wiki", gears=2, ha=True)
    platform.app("acme", "shop")
    platform.user(password=password)
    task = {"name": "all", INFO: {"gather": ["endpoints"]}}
    (run,) = ansible.tasks(task, way=way, env={"OPENSHIFT_BROKER_PASSWORD": password}).of("openshift_app_info")
    shop, wiki = run.result["applications"]
    assert [(app["domain"], app["name"], app["owner"]) for app in (shop, wiki)] == [
        ("acme", "shop", LOGIN),
        ("acme", "wiki", LOGIN),
    ]
    assert wiki["ha_status"] == "degraded"
    assert {endpoint["state"] for endpoint in wiki["endpoints"]} == {"started"}


def test_credentials_in_the_address_do_not_get_out(ansible: Ansible, tmp_path: Path) -> None:
    address = f"http://{LOGIN}:{quote(CANARY, safe='')}@127.0.0.1:1"
    tasks: list[dict[str, Any]] = [
        {"name": f"{number} {way}", module: options, **KEYWORDS[way]}
        for number, (module, options) in enumerate([(APP_HA, APP), (APPS_HA, {"select": {}}), (INFO, {}), (USER, {})])
        for way in ("in_process", "module", "no_log")
    ]
    tasks.append(
        {
            "openshift_v2.apps.openshift_ha_report": {"results": [], "directory": str(tmp_path / "report")},
            "name": "report",
        }
    )
    run = ansible.playbook(
        [{"hosts": "localhost", "gather_facts": False, "ignore_errors": True, "tasks": tasks}],
        "-vvvv",
        env={
            "OPENSHIFT_BROKER_URL": address,
            "ANSIBLE_KEEP_REMOTE_FILES": "1",
            **recording(tmp_path),
            "ANSIBLE_INJECT_INVOCATION": "1",
        },
    )
    messages = [
        str(task.result.get("msg")) for task in run.tasks if "no_log" not in task.task and task.task != "report"
    ]
    assert all("must not hold credentials" in message for message in messages), messages
    assert leaks(tmp_path, run.output) == []


#: Inventory files; the credentials are in the environment, unless the file takes them from another variable.
INVENTORIES = (
    "",
    "strict: maybe\n",
    "no_such_option: 1\n",
    "http_timeout: many\n",
    "select: {domain: [acme]}\n",
    "broker_url: http://127.0.0.1:1\n",
    "ca_path: /no/such/file\n",
    "compose: {x: no_such_variable}\nstrict: true\n",
    "cache: true\ncache_plugin: ansible.builtin.jsonfile\ncache_connection: cache\n",
    "password: \"{{ lookup('ansible.builtin.env', 'OPENSHIFT_BROKER_PASSWORD') }}\"\nvalidate_certs: perhaps\n",
    "password: \"{{ [lookup('ansible.builtin.env', 'OPENSHIFT_BROKER_PASSWORD')] }}\"\nno_such_option: 1\n",
    "token: \"{{ lookup('ansible.builtin.env', 'OPENSHIFT_BROKER_PASSWORD') }}\"\n",
    "broker_url: \"http://alice:{{ lookup('ansible.builtin.env', 'OPENSHIFT_BROKER_PASSWORD') }}@127.0.0.1:1\"\n",
)


def test_the_inventory_lets_no_secret_out(ansible: Ansible, platform: Platform, tmp_path: Path) -> None:
    platform.app("acme", "shop")
    platform.user(password=CANARY)
    directory = tmp_path / "inventories"
    directory.mkdir()
    for number, options in enumerate(INVENTORIES):
        file = directory / f"{number}.openshift_apps.yml"
        file.write_text(f"plugin: openshift_v2.apps.openshift_apps\n{options}", encoding="utf-8")
    run = ansible.playbook(
        [{"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"var": "openshift_app"}}]}],
        "-vvvv",
        "-i",
        str(directory),
        env={
            "OPENSHIFT_BROKER_PASSWORD": CANARY,
            **recording(tmp_path),
        },
    )
    assert '"openshift_app": "shop"' in run.output
    assert (tmp_path / "everything.txt").stat().st_size > 10_000
    assert leaks(tmp_path, run.output) == []

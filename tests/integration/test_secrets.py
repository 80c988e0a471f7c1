"""No secret is printed, logged, kept in a file or passed to a callback, from any source and after any result."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
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

#: Tasks that succeed, that have invalid options, and that fail at the broker.
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
#: Four of them, for the ways that cost the most: a success, an invalid option, a refusal, and no connection.
FEW_TASKS = (TASKS[0], TASKS[3], TASKS[2], TASKS[9])
#: The keywords of the tasks, for each way to run them.
KEYWORDS: dict[str, dict[str, Any]] = {
    "in_process": {},
    "module": {"environment": {"X": "1"}},
    "elsewhere": {"delegate_to": "bastion"},
    # su asks everybody but root for a password.
    **({"become": {"become": True, "become_method": "su", "become_user": "root"}} if os.geteuid() == 0 else {}),
    "async": {"async": 60, "poll": 1},
    "no_log": {"no_log": True},
}
SECRET = "{{ lookup('ansible.builtin.env', 'SECRET') }}"
DEFAULTS = {"group/openshift_v2.apps.all": {"username": LOGIN, "password": SECRET}}
#: Makes every task a module.
TASK_ENVIRONMENT = {"OPENSHIFT_BROKER_USERNAME": LOGIN, "OPENSHIFT_BROKER_PASSWORD": SECRET}


def shapes(secret: str) -> set[str]:
    """The forms in which a secret can be recognised."""
    both = f"{LOGIN}:{secret}"
    encoded = {base64.b64encode(text.encode()).decode().rstrip("=") for text in (secret, both)}
    urlsafe = {base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in (secret, both)}
    return {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe=""), quote_plus(secret), "CANARY"} | (
        encoded | urlsafe | {quote(text, safe="") for text in encoded}
    )


def recording(directory: Path) -> dict[str, str]:
    """Settings that write everything that Ansible logs and shows to callbacks to files."""
    return {
        "ANSIBLE_LOG_PATH": str(directory / "ansible.log"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder,everything",
        "EVERYTHING_FILE": str(directory / "everything.txt"),
    }


def leaks(directory: Path, output: str) -> list[str]:
    """The places that contain a form of the secret: the output, or a file."""
    places = {"output": output} | {
        str(path.relative_to(directory)): path.read_bytes().decode("utf-8", "replace")
        for path in directory.rglob("*")
        if path.is_file()
    }
    return [f"{place}: {shape}" for place, text in places.items() for shape in shapes(CANARY) if shape in text]


def play(tasks: Sequence[dict[str, Any]], keywords: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A play that runs the tasks with the keywords; ``others`` are keywords of the play."""
    named = [{"name": f"task {number}", **keywords, **task} for number, task in enumerate(tasks)]
    return {"hosts": "localhost", "gather_facts": False, "ignore_errors": True, "tasks": named, **others}


def check_no_leaks(ansible: Ansible, directory: Path, plays: list[dict[str, Any]], env: dict[str, str | None]) -> None:
    run = ansible.playbook(
        plays,
        "-vvvv",
        env={
            **env,
            "ANSIBLE_KEEP_REMOTE_FILES": "1",
            **recording(directory),
            "ANSIBLE_INJECT_INVOCATION": "1",
        },
        inventory=INVENTORY_ELSEWHERE,
    )
    successes = [task for task in run.of("openshift_app_ha") if task.result.get("application", {}).get("ha_status")]
    assert len(successes) >= len(plays), run.output
    assert (directory / "everything.txt").stat().st_size > 10_000
    assert leaks(directory, run.output) == []


def test_no_secret_is_visible_in_a_few_tasks(ansible: Ansible, platform: Platform, tmp_path: Path) -> None:
    platform.app("acme", "shop", gears=2)
    platform.user(password=CANARY)
    plays = [play(TASKS, KEYWORDS["in_process"]), play(FEW_TASKS, KEYWORDS["module"])]
    check_no_leaks(ansible, tmp_path, plays, {"OPENSHIFT_BROKER_PASSWORD": CANARY})


@pytest.mark.thorough
def test_no_secret_from_the_environment_is_visible(ansible: Ansible, platform: Platform, tmp_path: Path) -> None:
    platform.app("acme", "shop", gears=2)
    platform.user(password=CANARY)
    plays = [play(TASKS if way == "module" else FEW_TASKS, keywords) for way, keywords in KEYWORDS.items()]
    check_no_leaks(ansible, tmp_path, plays, {"OPENSHIFT_BROKER_PASSWORD": CANARY})


@pytest.mark.thorough
def test_no_secret_from_the_play_is_visible(ansible: Ansible, platform: Platform, tmp_path: Path) -> None:
    platform.app("acme", "shop", gears=2)
    platform.user(password=CANARY)
    plays = [
        play(TASKS, KEYWORDS["in_process"], module_defaults=DEFAULTS),
        play(FEW_TASKS, KEYWORDS["module"], module_defaults=DEFAULTS),
        play(TASKS, {"environment": TASK_ENVIRONMENT}),
    ]
    env = {"SECRET": CANARY, "OPENSHIFT_BROKER_USERNAME": None, "OPENSHIFT_BROKER_PASSWORD": None}
    check_no_leaks(ansible, tmp_path, plays, env)


#: Passwords that are also a name, a part of names, a part of a status, the login, and a state, by their owner.
WORDS = {"owner0": "wiki", "owner1": "a", "owner2": "high", LOGIN: LOGIN, "owner4": "started"}


def _ways(login: str) -> list[dict[str, Any]]:
    """Real modules, which take longer, only where the password is a name or the login."""
    return [KEYWORDS["in_process"], *([KEYWORDS["module"]] if login in ("owner0", LOGIN) else [])]


def test_data_of_the_broker_is_returned_unchanged(ansible: Ansible, platform: Platform) -> None:
    plays = []
    for number, (login, password) in enumerate(WORDS.items()):
        domain = f"acme{number}"
        platform.user(login)
        platform.domain(domain, login)
        platform.app(domain, "wiki", gears=2, login=login, ha=True)
        platform.app(domain, "shop", login=login)
        platform.user(login, password=password)
        defaults = {"group/openshift_v2.apps.all": {"username": login, "password": password}}
        task = {"name": login, INFO: {"gather": ["endpoints"]}}
        for keywords in _ways(login):
            plays.append({"hosts": "localhost", "gather_facts": False, "tasks": [{**task, **keywords}]})
            plays[-1]["module_defaults"] = defaults
    runs = ansible.playbook(plays).of("openshift_app_info")
    assert [run.task for run in runs] == [login for login in WORDS for _way in _ways(login)]
    for number, login in enumerate(WORDS):
        for run in [run for run in runs if run.task == login]:
            shop, wiki = run.result["applications"]
            names = [(app["domain"], app["name"], app["owner"]) for app in (shop, wiki)]
            assert names == [(f"acme{number}", "shop", login), (f"acme{number}", "wiki", login)]
            assert wiki["ha_status"] == "degraded"
            assert {endpoint["state"] for endpoint in wiki["endpoints"]} == {"started"}


def test_credentials_in_the_address_are_not_visible(ansible: Ansible, tmp_path: Path) -> None:
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


#: Inventory files. The credentials come from the environment.
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


def test_no_secret_of_the_inventory_is_visible(ansible: Ansible, platform: Platform, tmp_path: Path) -> None:
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

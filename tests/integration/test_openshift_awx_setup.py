"""awx_setup.yml refuses mistakes before it sends a request to AWX, on every ansible-core."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.harness import ROOT, Ansible, PlayRun

PLAYBOOKS = ROOT / "playbooks"
SECRET = "broker-secret-east"
EAST = {"name": "east", "url": "https://broker.east.example.com", "username": "auditor", "password": SECRET}
#: Nothing listens at this address.
AWX = {"CONTROLLER_HOST": "http://127.0.0.1:9", "CONTROLLER_OAUTH_TOKEN": "none"}


def set_up(ansible: Ansible, variables: dict[str, Any], **env: str | None) -> PlayRun:
    run: PlayRun = ansible.playbook(
        "openshift_v2.apps.awx_setup", "-vvv", extra_vars=variables, env={"RECORDER_BROKER": None, **AWX, **env}
    )
    return run


def broker(**changes: Any) -> dict[str, Any]:
    """East with changes; None removes a key."""
    return {key: value for key, value in {**EAST, **changes}.items() if value is not None}


NO_LIST = "awx_setup_brokers must be a list with a dictionary for each broker"
MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "empty list": ({"awx_setup_brokers": []}, NO_LIST),
    "no dictionaries": ({"awx_setup_brokers": ["east"]}, NO_LIST),
    "no name": ({"awx_setup_brokers": [broker(name=None)]}, "missing required arguments: name"),
    "no url": ({"awx_setup_brokers": [broker(url=None)]}, "one of the following is required: credential, url"),
    "no password": (
        {"awx_setup_brokers": [broker(password="")]},
        "The password is missing for east, only a username is set. An unset environment variable is an empty value. "
        "Nothing was changed.",
    ),
    "no username": (
        {"awx_setup_brokers": [broker(username="")]},
        "The username is missing for east, only a password is set.",
    ),
    "no account": (
        {"awx_setup_brokers": [broker(username=None, password=None)]},
        "The account is missing for east: set username and password, token, client_cert",
    ),
    "two accounts": ({"awx_setup_brokers": [broker(token="x")]}, "mutually exclusive: token|password"),
    "the same name twice": ({"awx_setup_brokers": [EAST, broker(name="East")]}, "awx_setup_brokers has a name twice"),
    "no scheme": (
        {"awx_setup_brokers": [broker(url="broker.example.com")]},
        "The url of east must be http:// or https:// and a host.",
    ),
    "an unknown key": ({"awx_setup_brokers": [broker(passwd="x")]}, "passwd"),
    "an unknown variable": (
        {"awx_setup_brokrs": []},
        "Unknown variables: awx_setup_brokrs. awx_setup_brokrs is similar to awx_setup_brokers.",
    ),
    "a wrong type": ({"awx_setup_slices": "many"}, "awx_setup_slices"),
    "no slice": ({"awx_setup_slices": 0}, "awx_setup_slices and awx_setup_forks must be 1 or more."),
    "a wrong choice": (
        {"awx_setup_enable_strategy": "up"},
        "must be one of: auto, scale_up, set_minimum, none, got: up",
    ),
    "a template of the jobs": (
        {"awx_setup_enable_variables": {"a": "{{ of_the_job }}"}},
        "Mark a template that the jobs must evaluate with !unsafe. Nothing was changed.",
    ),
    "a wrong key of the teams": ({"awx_setup_teams": {"walk": ["x"]}}, "walk"),
    "a name with a line break": (
        {"awx_setup_brokers": [broker(name="a\nb")]},
        "The names in awx_setup_brokers must have 1 to 400 characters, without line breaks and tabs.",
    ),
    "an invalid time": ({"awx_setup_audit_time": "2:15"}, "awx_setup_audit_time must be a time of day"),
    "a text for a number": (
        {"awx_setup_enable_max_changes": "20"},
        "awx_setup_enable_max_changes must be a number.",
    ),
    "an image without a name": (
        {"awx_setup_execution_environment_image": "x"},
        "awx_setup_execution_environment_image needs a name",
    ),
}


def test_mistakes_are_refused_before_any_request(ansible: Ansible) -> None:
    """Each mistake is a host with its own variables, for which the task of the playbook runs."""
    (play,) = yaml.safe_load((PLAYBOOKS / "awx_setup.yml").read_text(encoding="utf-8"))
    defaults = {**play["vars"], "awx_setup_brokers": [EAST]}
    hosts = {case: {**defaults, **variables} for case, (variables, _message) in MISTAKES.items()}
    checks = {
        "hosts": "all",
        "connection": "local",
        "gather_facts": False,
        "vars_files": [str(PLAYBOOKS / "vars" / "awx_setup.yml")],
        "tasks": play["tasks"][:1],
    }
    inventory = yaml.safe_dump({"all": {"hosts": hosts}})
    run = ansible.playbook([checks], "-vvv", inventory=inventory, env={"RECORDER_BROKER": None, **AWX})
    assert run.rc == 2
    messages = {task.host: str(task.result["msg"]) for task in run.tasks if task.failed}
    assert messages.keys() == MISTAKES.keys()
    assert {case: messages[case] for case, (_vars, message) in MISTAKES.items() if message not in messages[case]} == {}
    assert SECRET not in run.output.partition("PLAY [")[2]


def test_a_mistake_ends_the_playbook(ansible: Ansible) -> None:
    run = set_up(ansible, {})
    assert run.rc == 2
    assert NO_LIST in run.tasks[-1].result["msg"]


def test_valid_variables_pass_and_only_awx_is_missing(ansible: Ansible) -> None:
    lab = {"name": "lab", "credential": "by hand", "password": "", "validate_certs": False}
    numbers = {"awx_setup_enable_max_changes": 20, "awx_setup_slices": "3", "awx_setup_audit_time": "23:59"}
    run = set_up(ansible, {"awx_setup_brokers": [EAST, lab], **numbers}, CONTROLLER_HOST=None)
    assert run.rc == 2
    assert "Set CONTROLLER_HOST, and CONTROLLER_OAUTH_TOKEN or both" in run.tasks[-1].result["msg"]


def test_every_variable_is_described() -> None:
    options = (PLAYBOOKS / "vars" / "awx_setup.yml").read_text(encoding="utf-8").partition("  options:\n")[2]
    known = set(re.findall(r"^    (awx_setup_\w+):", options, re.MULTILINE))
    header = (PLAYBOOKS / "awx_setup.yml").read_text(encoding="utf-8").partition("- name:")[0]
    assert set(re.findall(r"^#   (awx_setup_\w+) ", header, re.MULTILINE)) == known
    documented = set(re.findall(r"awx_setup_\w+[a-z]", (ROOT / "docs" / "awx.md").read_text(encoding="utf-8")))
    assert documented - known <= {"awx_setup_audit", "awx_setup_notifications"}

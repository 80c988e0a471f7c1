"""awx_setup.yml refuses mistakes before it asks AWX for anything; without awx.awx, on every ansible-core."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.harness import ROOT, Ansible, PlayRun

SECRET = "broker-secret-east"
EAST = {"name": "east", "url": "https://broker.east.example.com", "username": "auditor", "password": SECRET}
#: Nothing listens there: whoever asks gets no answer.
AWX = {"CONTROLLER_HOST": "http://127.0.0.1:9", "CONTROLLER_OAUTH_TOKEN": "none"}


def set_up(ansible: Ansible, variables: dict[str, Any], **env: str | None) -> PlayRun:
    run: PlayRun = ansible.playbook(
        "openshift_v2.apps.awx_setup", "-vvv", extra_vars=variables, env={"RECORDER_BROKER": None, **AWX, **env}
    )
    return run


def broker(**changes: Any) -> dict[str, Any]:
    """East, changed; None takes a key away."""
    return {key: value for key, value in {**EAST, **changes}.items() if value is not None}


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no brokers": ({}, "awx_setup_brokers must be a list with a dictionary for each broker"),
    "brokers that are none": ({"awx_setup_brokers": ["east"]}, "awx_setup_brokers must be a list with a dictionary"),
    "no name": ({"awx_setup_brokers": [broker(name=None)]}, "missing required arguments: name"),
    "no url": ({"awx_setup_brokers": [broker(url=None)]}, "one of the following is required: credential, url"),
    "no password": (
        {"awx_setup_brokers": [broker(password="")]},
        "No password is given for east, but a username. A variable of the environment that is not set counts as none. "
        "Nothing was changed.",
    ),
    "no username": ({"awx_setup_brokers": [broker(username="")]}, "No username is given for east, but a password."),
    "no account": (
        {"awx_setup_brokers": [broker(username=None, password=None)]},
        "No account is given for east: username and password, token, client_cert",
    ),
    "two accounts": ({"awx_setup_brokers": [broker(token="x")]}, "mutually exclusive: token|password"),
    "a name twice": (
        {"awx_setup_brokers": [EAST, broker(name="East")]},
        "Two brokers of awx_setup_brokers have the same",
    ),
    "no address": ({"awx_setup_brokers": [broker(url="broker.example.com")]}, "The url of east is not http:// or"),
    "an unknown key": ({"awx_setup_brokers": [broker(passwd="x")]}, "passwd"),
    "an unknown variable": ({"awx_setup_brokrs": []}, "There is no variable awx_setup_brokrs."),
    "a wrong kind": ({"awx_setup_slices": "many"}, "awx_setup_slices"),
    "no slice": ({"awx_setup_slices": 0}, "awx_setup_slices and awx_setup_forks are 1 at least."),
    "a wrong choice": ({"awx_setup_enable_strategy": "up"}, "must be one of: scale_up, set_minimum, none, got: up"),
    "no time": ({"awx_setup_audit_time": "2:15"}, "awx_setup_audit_time is no time of the day"),
    "a text for a number": ({"awx_setup_enable_max_changes": "20"}, "awx_setup_enable_max_changes is no number."),
    "an image without a name": (
        {"awx_setup_execution_environment_image": "x"},
        "awx_setup_execution_environment_image needs a name",
    ),
}


@pytest.mark.parametrize(("given", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_before_anything_is_asked(ansible: Ansible, given: dict[str, Any], told: str) -> None:
    run = set_up(ansible, given if "awx_setup_brokers must be" in told else {"awx_setup_brokers": [EAST], **given})
    assert run.rc == 2
    assert told in run.tasks[-1].result["msg"]
    assert SECRET not in run.output.partition("PLAY [")[2]


def test_what_is_right_passes_and_only_awx_is_missing(ansible: Ansible) -> None:
    lab = {"name": "lab", "credential": "by hand", "password": "", "validate_certs": False}
    numbers = {"awx_setup_enable_max_changes": 20, "awx_setup_slices": "3", "awx_setup_audit_time": "23:59"}
    run = set_up(ansible, {"awx_setup_brokers": [EAST, lab], **numbers}, CONTROLLER_HOST=None)
    assert run.rc == 2
    assert run.tasks[-1].task == "Check that it is said where AWX is, and who asks"
    assert "Set CONTROLLER_HOST, and CONTROLLER_OAUTH_TOKEN or both" in run.tasks[-1].result["msg"]


def test_every_variable_is_described_where_it_is_looked_for() -> None:
    accepted = (ROOT / "playbooks" / "vars" / "awx_setup.yml").read_text(encoding="utf-8").partition("  options:\n")[2]
    known = set(re.findall(r"^    (awx_setup_\w+):", accepted, re.MULTILINE))
    head = (ROOT / "playbooks" / "awx_setup.yml").read_text(encoding="utf-8").partition("- name:")[0]
    assert set(re.findall(r"^#   (awx_setup_\w+) ", head, re.MULTILINE)) == known
    told = set(re.findall(r"awx_setup_\w+[a-z]", (ROOT / "docs" / "awx.md").read_text(encoding="utf-8")))
    assert told - known <= {"awx_setup_audit", "awx_setup_notifications"}

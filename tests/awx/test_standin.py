"""The stand-in refuses and hides the same as AWX. The other tests rely on that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.awx import StandIn
from tests.awx.injectors import inject
from tests.awx.rules import find_playbooks
from tests.awx.setup_run import REPOSITORY

KIND: dict[str, Any] = {
    "name": "Broker",
    "kind": "cloud",
    "inputs": {
        "fields": [
            {"id": "url", "label": "URL", "type": "string", "format": "url"},
            {"id": "token", "label": "Token", "type": "string", "secret": True},
            {"id": "verify", "label": "Verify", "type": "boolean", "default": True},
        ],
        "required": ["url"],
    },
    "injectors": {
        "env": {"BROKER_TOKEN": "{{ token }}", "BROKER_CA": "{{ tower.filename.ca }}", "VERIFY": "{{ verify }}"},
        "file": {"template.ca": "{{ url }}"},
    },
}


@pytest.fixture
def send(awx: StandIn) -> Callable[..., requests.Response]:
    def send(method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        url = f"{awx.url}/api/v2/{path}/"
        return requests.request(method, url, json=body, params=query, auth=(awx.username, awx.password), timeout=30)

    return send


Send = Callable[..., requests.Response]


def create(send: Send, path: str, **values: Any) -> int:
    answer = send("POST", path, values)
    assert answer.status_code == 201, answer.text
    identifier: int = answer.json()["id"]
    return identifier


@pytest.fixture
def world(send: Send) -> dict[str, int]:
    """The identifiers of a project, an inventory, a credential, job templates and a workflow."""
    kind = create(send, "credential_types", **KIND)
    inputs = {"url": "https://b", "token": "secret"}
    found = {
        "kind": kind,
        "project": create(send, "projects", name="P", organization=1, scm_type="git", scm_url=REPOSITORY),
    }
    found["credential"] = create(send, "credentials", name="C", organization=1, credential_type=kind, inputs=inputs)
    found["inventory"] = create(send, "inventories", name="I", organization=1)
    common = {"project": found["project"], "inventory": found["inventory"], "playbook": "audit.yml"}
    found["audit"] = create(send, "job_templates", name="audit", **common)
    found["enable"] = create(send, "job_templates", name="enable", **common)
    found["workflow"] = create(send, "workflow_job_templates", name="W", organization=1)
    return found


def test_requests_need_an_account(awx: StandIn) -> None:
    assert requests.get(f"{awx.url}/api/v2/organizations/", timeout=30).status_code == 401
    assert requests.get(f"{awx.url}/api/v2/organizations/", auth=("admin", "x"), timeout=30).status_code == 401
    assert requests.get(f"{awx.url}/api/v2/ping/", timeout=30).status_code == 200


def test_secrets_are_stored_and_not_shown(send: Send, awx: StandIn, world: dict[str, int]) -> None:
    path = f"credentials/{world['credential']}"
    assert send("GET", path).json()["inputs"] == {"url": "https://b", "token": "$encrypted$"}
    changed = send("PATCH", path, {"inputs": {"url": "https://c", "token": "$encrypted$"}})
    assert changed.json()["inputs"] == {"url": "https://c", "token": "$encrypted$"}
    assert awx.all("credentials")["C"]["inputs"] == {"url": "https://c", "token": "secret"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "ssh"}, 400),
        ({"inputs": {"fields": [{"id": "tower", "label": "x"}]}, "injectors": {}}, 400),
        (
            {"inputs": {"fields": [{"id": "a", "label": "A", "type": "boolean", "default": "yes"}]}, "injectors": {}},
            400,
        ),
        ({"injectors": {"env": {"ANSIBLE_FORKS": "{{ token }}"}}}, 400),
        ({"injectors": {"env": {"TOKEN": "{{ tokn }}"}}}, 400),
        ({"injectors": {"env": {"CA": "{{ tower.filename.ca }}"}}}, 400),
        ({"injectors": {"file": {"ca": "x"}}}, 400),
        ({"name": "other"}, 201),
    ],
)
def test_credential_types(send: Send, change: dict[str, Any], status: int) -> None:
    assert send("POST", "credential_types", {**KIND, **change}).status_code == status


def test_the_inputs_of_a_type_in_use_cannot_be_changed(send: Send, world: dict[str, int]) -> None:
    changed = {"fields": [*KIND["inputs"]["fields"], {"id": "more", "label": "More"}]}
    assert send("PATCH", f"credential_types/{world['kind']}", {"inputs": changed}).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"organization": None},
        {"inputs": {"unknown": "x"}},
        {"inputs": {"url": "no address"}},
        {"inputs": {"token": 5}},
        {"inputs": {"token": "$encrypted$"}},
        {"name": "C"},
        {"name": ""},
    ],
)
def test_credentials(send: Send, world: dict[str, int], change: dict[str, Any]) -> None:
    sent = {"name": "D", "organization": 1, "credential_type": world["kind"], "inputs": {}}
    assert send("POST", "credentials", {**sent, **change}).status_code == 400


def test_a_credential_sets_the_environment_of_a_job(tmp_path: Path) -> None:
    assert inject(KIND, {"url": "https://b"}, tmp_path)["BROKER_TOKEN"] == ""
    got = inject(KIND, {"url": "https://b", "token": "secret", "verify": True}, tmp_path)
    assert (got["BROKER_TOKEN"], got["VERIFY"]) == ("secret", "True")
    assert Path(got["BROKER_CA"]).read_text(encoding="utf-8") == "https://b"
    # AWX uses false for an unset boolean, even if its default is true.
    assert inject(KIND, {"url": "https://b"}, tmp_path)["VERIFY"] == "False"


def test_a_job_template_needs_a_playbook_of_the_project(send: Send, world: dict[str, int], tmp_path: Path) -> None:
    sent = {"name": "other", "project": world["project"], "inventory": world["inventory"], "playbook": "none.yml"}
    assert send("POST", "job_templates", sent).status_code == 400
    (tmp_path / "tasks").mkdir()
    for name, text in (("a.yml", "- hosts: all\n"), ("b.yml", "plugin: x\n"), ("tasks/c.yml", "- hosts: all\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert find_playbooks(tmp_path) == ["a.yml"]


def test_a_manual_project_cannot_be_the_source_of_an_inventory(send: Send, world: dict[str, int]) -> None:
    manual = create(send, "projects", name="manual", organization=1, local_path="x")
    sent = {"name": "s", "inventory": world["inventory"], "source": "scm", "source_path": "x.yml"}
    assert send("POST", "inventory_sources", sent).status_code == 400
    assert send("POST", "inventory_sources", {**sent, "source_project": manual}).status_code == 400
    assert send("POST", "inventory_sources", {**sent, "source_project": world["project"]}).status_code == 201


def test_a_job_template_has_one_credential_of_each_type(send: Send, world: dict[str, int]) -> None:
    second = create(send, "credentials", name="D", organization=1, credential_type=world["kind"], inputs={})
    path = f"job_templates/{world['audit']}/credentials"
    assert send("POST", path, {"id": world["credential"]}).status_code == 204
    assert send("POST", path, {"id": second}).status_code == 400
    assert send("POST", path, {"id": world["credential"], "disassociate": True}).status_code == 204
    assert send("POST", path, {"id": second}).status_code == 204


@pytest.mark.parametrize(
    "question",
    [
        {"variable": "a", "type": "text", "question_name": "A"},
        {"variable": "a", "type": "date", "question_name": "A", "required": False},
        {"variable": "a", "type": "integer", "question_name": "A", "required": False, "default": "5"},
        {"variable": "a", "type": "multiplechoice", "question_name": "A", "required": False},
        {
            "variable": "a",
            "type": "multiplechoice",
            "question_name": "A",
            "required": False,
            "choices": ["x"],
            "default": "y",
        },
    ],
)
def test_surveys(send: Send, world: dict[str, int], question: dict[str, Any]) -> None:
    path = f"job_templates/{world['audit']}/survey_spec"
    good = {"variable": "b", "type": "integer", "question_name": "B", "required": False, "default": ""}
    survey = {"name": "s", "description": "", "spec": [good]}
    assert send("POST", path, survey).status_code == 200
    assert send("POST", path, {**survey, "spec": [good, question]}).status_code == 400
    assert send("POST", path, {**survey, "spec": [good, good]}).status_code == 400


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART;TZID=Nowhere/Town:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260101T000000Z RRULE:FREQ=DAILY",
        "DTSTART:20260101T000000Z RRULE:FREQ=SECONDLY;INTERVAL=1",
    ],
)
def test_schedules(send: Send, world: dict[str, int], rule: str) -> None:
    sent = {"name": "s", "unified_job_template": world["audit"], "rrule": rule}
    assert send("POST", "schedules", sent).status_code == 400


def test_connections_of_a_workflow_do_not_form_a_cycle(send: Send, world: dict[str, int]) -> None:
    first, second, third = (
        create(send, "workflow_job_template_nodes", workflow_job_template=world["workflow"], identifier=name)
        for name in ("first", "second", "third")
    )
    twice = {"workflow_job_template": world["workflow"], "identifier": "first"}
    assert send("POST", "workflow_job_template_nodes", twice).status_code == 400

    def connect(one: int, kind: str, other: int) -> int:
        return send("POST", f"workflow_job_template_nodes/{one}/{kind}", {"id": other}).status_code

    assert [connect(first, "success_nodes", second), connect(second, "always_nodes", third)] == [204, 204]
    assert connect(first, "failure_nodes", second) == 400
    assert connect(third, "success_nodes", first) == 400
    assert connect(first, "success_nodes", first) == 400


def test_lists_have_filters_and_pages(send: Send, world: dict[str, int]) -> None:
    for number in range(30):
        create(send, "organizations", name=f"O{number}")
    first = send("GET", "organizations").json()
    assert (first["count"], len(first["results"]), first["next"] is None) == (31, 25, False)
    assert len(send("GET", "organizations", page=2).json()["results"]) == 6
    assert [o["name"] for o in send("GET", "organizations", name="O7").json()["results"]] == ["O7"]
    either = {"or__id": world["audit"], "or__name": "enable"}
    assert [t["name"] for t in send("GET", "job_templates", **either).json()["results"]] == ["audit", "enable"]
    assert send("GET", "job_templates", nonsense="x").status_code == 400
    unified = send("GET", "unified_job_templates", name="enable", organization=1).json()["results"]
    assert [(t["id"], t["type"]) for t in unified] == [(world["enable"], "job_template")]


def test_prompts_that_a_template_does_not_ask_for_are_refused(send: Send, world: dict[str, int]) -> None:
    rule = "DTSTART:20260101T000000Z RRULE:FREQ=DAILY;INTERVAL=1"
    schedule = create(send, "schedules", name="s", unified_job_template=world["audit"], rrule=rule)
    for change in ({"limit": "shop"}, {"inventory": world["inventory"]}, {"verbosity": 3}):
        assert send("PATCH", f"schedules/{schedule}", change).status_code == 400
    assert send("PATCH", f"schedules/{schedule}", {"limit": None, "verbosity": None}).status_code == 200
    assert send("PATCH", f"job_templates/{world['audit']}", {"ask_limit_on_launch": True}).status_code == 200
    assert send("PATCH", f"schedules/{schedule}", {"limit": "shop"}).status_code == 200


def test_the_texts_of_a_workflow_are_stored_together(send: Send, world: dict[str, int]) -> None:
    path = f"workflow_job_templates/{world['workflow']}"
    send("PATCH", path, {"limit": "shop", "job_tags": "x"})
    # Only empty values: AWX keeps what it has.
    assert send("PATCH", path, {"limit": None}).json()["limit"] == "shop"
    changed = send("PATCH", path, {"limit": ""}).json()
    assert (changed["limit"], changed["job_tags"]) == ("", None)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("{{ job.name }}: {{ job.artifacts.x | default('none') }}", 201),
        ("{{ job.artifacts.x }}", 400),
        ("{{ job.name", 400),
        ("two\nlines", 400),
    ],
)
def test_messages_are_rendered_with_a_job_without_artifacts(send: Send, text: str, status: int) -> None:
    sent = {"name": "n", "organization": 1, "notification_type": "slack", "messages": {"error": {"message": text}}}
    configuration = {"token": "secret", "channels": ["#x"]}
    answer = send("POST", "notification_templates", {**sent, "notification_configuration": configuration})
    assert answer.status_code == status
    if status == 201:
        assert answer.json()["notification_configuration"]["token"] == "$encrypted$"
    missing = {**sent, "messages": {}, "notification_configuration": {"token": "x"}}
    assert send("POST", "notification_templates", missing).status_code == 400


def test_removed_objects_take_their_parts_with_them(send: Send, awx: StandIn, world: dict[str, int]) -> None:
    create(send, "workflow_job_template_nodes", workflow_job_template=world["workflow"], identifier="n")
    assert send("DELETE", f"credential_types/{world['kind']}").status_code == 403
    awx.add("jobs", name="audit", unified_job_template=world["audit"], status="running")
    assert send("DELETE", f"job_templates/{world['audit']}").status_code == 409
    assert send("DELETE", f"workflow_job_templates/{world['workflow']}").status_code == 204
    assert send("GET", "workflow_job_template_nodes").json()["count"] == 0
    assert send("DELETE", f"inventories/{world['inventory']}").status_code == 202
    assert send("GET", f"job_templates/{world['enable']}").json()["inventory"] is None


def test_lists_can_be_searched_for_several_values(send: Send, world: dict[str, int]) -> None:
    query = {"or__name": ["audit", "enable", "none"], "organization": 1, "order_by": "id", "page_size": 200}
    assert [t["name"] for t in send("GET", "job_templates", **query).json()["results"]] == ["audit", "enable"]
    used = send("GET", "credentials", or__credential_type=world["kind"]).json()["results"]
    assert [each["name"] for each in used] == ["C"]

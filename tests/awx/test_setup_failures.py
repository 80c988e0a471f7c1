"""AWX refuses, is not there, or lost its way: what a run reports, and what the next run does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.client import Access, AwxError, Client
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.run import Refused
from tests.awx import StandIn
from tests.awx.fields import Refused as RefusedByAwx
from tests.awx.setup_run import EAST, REPOSITORY, SECRETS, set_up
from tests.awx.site import VARIABLES, add_what_must_exist


def refusal(awx: StandIn, **variables: Any) -> str:
    """The message of a run that changes nothing."""
    awx.clear_requests()
    with pytest.raises(Refused) as raised:
        set_up(awx, **variables)
    assert awx.writes() == []
    message = str(raised.value)
    assert message.endswith("Nothing was changed.")
    assert not [secret for secret in SECRETS if secret in message]
    return message


# --- Before anything is changed


def test_missing_objects_are_named_with_the_way_to_create_them(awx: StandIn) -> None:
    message = refusal(
        awx,
        awx_setup_project_url=None,
        awx_setup_execution_environment="HA",
        awx_setup_brokers=[{"name": "east", "credential": "by hand"}],
        awx_setup_notifications_error=["on call"],
        awx_setup_teams={"run": ["operators"]},
        awx_setup_instance_groups=["east"],
    )
    assert message.startswith(
        "AWX has no project 'OpenShift HA', no execution environment 'HA', no credential 'by hand', "
        "no notification template 'on call', no instance group 'east', no team 'operators' in the organization "
        "'Default'"
    )
    assert "list it in awx_setup_notification_templates" in message


@pytest.mark.parametrize(
    ("path", "values", "message"),
    [
        ("inventories", {"kind": "smart", "host_filter": "name=x"}, "exists with the kind 'smart' instead of ''"),
        ("inventories", {"pending_deletion": True}, "AWX is still removing the inventory 'OpenShift HA east'."),
        ("projects", {"scm_type": ""}, "exists with the scm_type '' instead of 'git'"),
    ],
)
def test_objects_of_another_kind_are_not_changed(awx: StandIn, path: str, values: dict[str, Any], message: str) -> None:
    name = {"inventories": "OpenShift HA east", "projects": "OpenShift HA"}[path]
    awx.add(path, name=name, organization=1)
    awx.set_by_hand(path, name, **values)
    assert message in refusal(awx)


def test_two_objects_with_the_name_are_not_guessed(awx: StandIn) -> None:
    for kind in ("Machine", "Source Control"):
        number = awx.all("credential_types")[kind]["id"]
        awx.add("credentials", name="vault", organization=1, credential_type=number, inputs={})
    message = refusal(awx, awx_setup_credentials=["vault"])
    assert "AWX has several objects with the name of the credential 'vault'." in message


def test_a_wrong_account_is_refused(awx: StandIn) -> None:
    message = refusal(awx, token="wrong")
    assert "AWX does not accept the account (HTTP 401). Check CONTROLLER_OAUTH_TOKEN" in message


def test_a_token_is_enough(awx: StandIn) -> None:
    assert set_up(awx, token=awx.token).failure == ""


def test_an_address_where_nothing_listens_is_reported() -> None:
    client = Client(Access("http://user:secret@127.0.0.1:9"), pause=0)
    with pytest.raises(AwxError, match=r"AWX at http://127.0.0.1:9 cannot be reached") as raised:
        client.connect()
    assert "secret" not in str(raised.value)


def test_an_address_of_something_else_is_reported(awx: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.awx.api.INDEX", {"hello": "world"})
    assert "is not AWX: /api/ names no version of the API. Check CONTROLLER_HOST." in refusal(awx)


def test_the_api_of_a_gateway_is_found(awx: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.awx.api.INDEX", {"apis": {"controller": "/api/controller/"}})
    client = Client(Access(awx.url))
    client.connect()
    assert client.root == "/api/controller/v2/"
    with pytest.MonkeyPatch.context() as patched:
        original = awx._api.answer
        behind = "/api/controller/v2/"
        patched.setattr(awx._api, "answer", lambda sent, path: original(sent, path.replace(behind, "/api/v2/")))
        for path in (None, behind, behind.strip("/")):
            awx.clear_requests()
            assert set_up(awx, awx_setup_api_path=path).failure == ""
            others = {request.path for request in awx.requests() if not request.path.startswith(behind)}
            assert others == (set() if path else {"/api/"})
    assert set_up(awx, awx_setup_api_path="/api/v2/").changes == ()


# --- In the middle


def refuse(awx: StandIn, monkeypatch: pytest.MonkeyPatch, method: str, path: str, answer: RefusedByAwx) -> None:
    """Refuse requests of the method below the path."""
    api = awx._api
    original = api.answer

    def answered(sent: str, where: str) -> tuple[int, Any]:
        if sent == method and where.startswith(f"/api/v2/{path}/"):
            raise answer
        return original(sent, where)

    monkeypatch.setattr(api, "answer", answered)


@pytest.mark.parametrize(
    ("method", "path", "answer", "message"),
    [
        (
            "POST",
            "credential_types",
            RefusedByAwx(403, {"detail": "You do not have permission to perform this action."}),
            "AWX: cannot create the credential type 'OpenShift v2 broker': HTTP 403: You do not have permission to "
            "perform this action. The account lacks the permission: use a system administrator, or an administrator of "
            "the organization. Nothing was changed.",
        ),
        (
            "POST",
            "inventories",
            RefusedByAwx(400, {"__all__": ["Inventory with this Name and Organization already exists."]}),
            "already exists. The account may not see it: use an account that may, or another awx_setup_prefix.",
        ),
        ("POST", "schedules", RefusedByAwx(500, {}), "cannot create the schedule 'every night' of the job template"),
        (
            "POST",
            "workflow_job_template_nodes",
            RefusedByAwx(503, {}),
            "cannot create the node 'audit' of the workflow",
        ),
    ],
)
def test_a_refusal_in_the_middle_is_reported_and_the_next_run_continues(
    awx: StandIn, method: str, path: str, answer: RefusedByAwx, message: str
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        refuse(awx, patched, method, path, answer)
        outcome = set_up(awx)
    assert message in outcome.failure
    assert outcome.failure.endswith(("Nothing was changed.", "Run the playbook again: it continues there."))
    assert not [secret for secret in SECRETS if secret in f"{outcome.failure}{outcome.diff()}"]
    assert set_up(awx).failure == ""
    assert set_up(awx).changes == ()


def test_awx_may_quote_a_secret_and_the_message_does_not(awx: StandIn) -> None:
    with pytest.MonkeyPatch.context() as patched:
        quoted = RefusedByAwx(400, {"inputs": {"password": [f"{EAST['password']} is too short"]}})
        refuse(awx, patched, "POST", "credentials", quoted)
        outcome = set_up(awx)
    assert "inputs: password: (not shown) is too short" in outcome.failure


def test_a_missing_playbook_is_explained(tmp_path: Path) -> None:
    with StandIn({REPOSITORY: tmp_path}) as awx:
        outcome = set_up(awx)
    assert "Playbook not found for project. The branch of the project has no such file" in outcome.failure
    assert "awx_setup_audit_playbook" in outcome.failure


@pytest.mark.parametrize("status", ["failed", "canceled", "error", "never updated"])
def test_a_project_that_was_not_fetched_is_updated_again(awx: StandIn, status: str) -> None:
    with StandIn({}) as empty:
        outcome = set_up(empty)
        assert "AWX could not fetch the files: the update of the project ended as 'failed'." in outcome.failure
    assert set_up(awx).failure == ""
    awx.set_by_hand("projects", "OpenShift HA", status=status)
    assert set_up(awx, check=True).lines() == [f"project 'OpenShift HA': synchronization: {status} -> started"]
    assert set_up(awx).failure == ""
    assert awx.started_updates == [awx.all("projects")["OpenShift HA"]["id"]]
    assert set_up(awx).changes == ()


def test_an_older_awx_is_set_up_and_what_it_does_not_show_is_named(
    awx: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(awx)
    original = awx._api.render

    def render(*arguments: Any) -> dict[str, Any]:
        return {name: value for name, value in original(*arguments).items() if name != "ask_labels_on_launch"}

    monkeypatch.setattr(awx._api, "render", render)
    outcome = set_up(awx)
    assert outcome.changes == ()
    assert outcome.warnings[0].startswith("AWX shows no ask_labels_on_launch of a job template, so it was not checked.")


@pytest.mark.parametrize("name", ["a,b", "ö & ü?x=1", "a/b#c", "100%", "++", 'it\'s "x"'])
def test_names_with_special_characters(awx: StandIn, name: str) -> None:
    brokers = [{**EAST, "name": name}]
    assert set_up(awx, awx_setup_brokers=brokers, awx_setup_prefix="P&L").failure == ""
    assert f"P&L {name} - audit" in awx.all("job_templates")
    assert set_up(awx, awx_setup_brokers=brokers, awx_setup_prefix="P&L").changes == ()


# --- Removal


def names(awx: StandIn) -> dict[str, list[str]]:
    paths = ("projects", "credentials", "inventories", "inventory_sources", "job_templates", "schedules", "hosts")
    more = ("workflow_job_templates", "workflow_job_template_nodes", "execution_environments", "credential_types")
    return {path: sorted(awx.all(path)) for path in (*paths, *more, "notification_templates", "teams")}


def test_absent_removes_everything_that_the_playbook_created(awx: StandIn) -> None:
    add_what_must_exist(awx)
    before = names(awx)
    set_up(awx, **VARIABLES)
    awx.clear_requests()
    predicted = set_up(awx, check=True, awx_setup_state="absent", **VARIABLES)
    assert awx.writes() == []
    outcome = set_up(awx, awx_setup_state="absent", **VARIABLES)
    assert (outcome.failure, outcome.warnings, outcome.lines()) == ("", (), predicted.lines())
    assert names(awx) == before
    assert set_up(awx, awx_setup_state="absent", **VARIABLES).changes == ()
    assert set_up(awx, **VARIABLES).failure == ""


def test_absent_refuses_while_jobs_are_active(awx: StandIn) -> None:
    set_up(awx)
    template = awx.all("job_templates")["OpenShift HA east - audit"]["id"]
    number = awx.add("jobs", name="OpenShift HA east - audit", unified_job_template=template, status="running")
    awx.clear_requests()
    with pytest.raises(Refused, match=rf"Jobs are active: {number} 'OpenShift HA east - audit' \(running\)"):
        set_up(awx, awx_setup_state="absent")
    assert awx.writes() == []
    awx.set_by_hand("jobs", "OpenShift HA east - audit", status="canceled")
    assert set_up(awx, awx_setup_state="absent").failure == ""


def test_absent_keeps_what_others_created_or_use(awx: StandIn) -> None:
    set_up(awx)
    project, inventory = awx.all("projects")["OpenShift HA"]["id"], awx.all("inventories")["OpenShift HA east"]["id"]
    awx.add("job_templates", name="theirs", project=project, inventory=inventory, playbook="audit.yml")
    awx.set_by_hand("workflow_job_templates", "OpenShift HA east - audit and repair", description="Ours now.")
    outcome = set_up(awx, awx_setup_state="absent")
    assert outcome.warnings[0] == (
        "The workflow 'OpenShift HA east - audit and repair' has no mark of this playbook in its description: it was "
        "kept."
    )
    (about_project,) = (text for text in outcome.warnings if text.startswith("The project 'OpenShift HA' is used by"))
    assert "the job template 'theirs'" in about_project
    assert sorted(awx.all("job_templates")) == [
        "OpenShift HA east - audit in the workflow",
        "OpenShift HA east - drift in the workflow",
        "OpenShift HA east - enable",
        "theirs",
    ]
    assert "OpenShift HA east" in awx.all("inventories")


def test_absent_keeps_what_workflows_of_others_use(awx: StandIn) -> None:
    add_what_must_exist(awx)
    set_up(awx, **VARIABLES)
    workflow = awx.add("workflow_job_templates", name="theirs", organization=1)
    project = awx.all("projects")["OpenShift HA"]["id"]
    awx.add("workflow_job_template_nodes", workflow_job_template=workflow, unified_job_template=project)
    on_call = awx.all("notification_templates")["on call"]["id"]
    awx.link_by_hand("workflow_job_templates", "theirs", "notification_templates_approvals", on_call)
    outcome = set_up(awx, awx_setup_state="absent", **VARIABLES)
    kept = [text for text in outcome.warnings if "the workflow 'theirs'" in text]
    assert [text.partition(" is used")[0] for text in kept] == [
        "The project 'OpenShift HA'",
        "The notification template 'on call'",
    ]
    assert "on call" in awx.all("notification_templates")


def test_a_notification_that_is_being_sent_delays_the_removal(awx: StandIn) -> None:
    add_what_must_exist(awx)
    set_up(awx, **VARIABLES)
    with pytest.MonkeyPatch.context() as patched:
        pending = RefusedByAwx(405, {"error": "Delete not allowed while there are pending notifications"})
        refuse(awx, patched, "DELETE", "notification_templates", pending)
        outcome = set_up(awx, awx_setup_state="absent", **VARIABLES)
    assert "cannot remove the notification template 'on call': HTTP 405" in outcome.failure
    assert "pending notifications. Run the playbook again in a minute. Changed before: " in outcome.failure
    assert set_up(awx, awx_setup_state="absent", **VARIABLES).failure == ""


def test_absent_for_one_broker_keeps_what_the_others_use(awx: StandIn) -> None:
    both = [EAST, {**EAST, "name": "west"}]
    set_up(awx, awx_setup_brokers=both)
    set_up(awx, awx_setup_brokers=both[:1], awx_setup_state="absent")
    assert sorted(awx.all("inventories")) == ["OpenShift HA west"]
    assert set_up(awx, awx_setup_brokers=both[1:]).changes == ()

"""What is not a property of an object: associations, surveys, workflows, roles, secrets, and what belongs to others."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.objects import MARK
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.run import Outcome
from tests.awx import StandIn
from tests.awx.setup_run import EAST, REPOSITORY, SECRETS, set_up
from tests.awx.site import SLACK_TOKEN, VARIABLES

AUDIT = "OpenShift HA east - audit"
ENABLE = "OpenShift HA east - enable"
WORKFLOW = "OpenShift HA east - audit and repair"
NODES = "workflow_job_template_nodes"


@pytest.fixture
def awx(awx_after_run: StandIn) -> StandIn:
    return awx_after_run


def repair(awx: StandIn, **changed: Any) -> list[str]:
    """The lines of a run that repairs, after a check that predicts them and changes nothing."""
    variables = {**VARIABLES, **changed}
    awx.clear_requests()
    predicted = set_up(awx, check=True, **variables)
    assert awx.writes() == []
    outcome = set_up(awx, **variables)
    assert (outcome.failure, outcome.lines()) == ("", predicted.lines())
    assert set_up(awx, **variables).changes == ()
    assert_no_secret(outcome)
    return outcome.lines()


def assert_no_secret(outcome: Outcome) -> None:
    shown = f"{outcome.lines()}{outcome.diff()}{outcome.warnings}{outcome.failure}"
    assert not [secret for secret in (*SECRETS, SLACK_TOKEN) if secret in shown]


def number(awx: StandIn, path: str, name: str) -> int:
    found: int = awx.all(path)[name]["id"]
    return found


# --- Associations


def test_associated_objects_are_exactly_those_of_the_variables(awx: StandIn) -> None:
    theirs = number(awx, "notification_templates", "theirs")
    awx.link_by_hand("job_templates", AUDIT, "notification_templates_error")
    awx.link_by_hand("job_templates", ENABLE, "notification_templates_success", theirs)
    awx.link_by_hand("job_templates", ENABLE, "credentials")
    awx.link_by_hand("inventory_sources", "openshift_apps", "notification_templates_error")
    source = "inventory source 'openshift_apps' of the inventory 'OpenShift HA east'"
    assert repair(awx) == [
        f"{source}: notification_templates_error: (none) -> on call",
        f"job template '{AUDIT}': notification_templates_error: (none) -> on call",
        f"job template '{ENABLE}': credentials: (none) -> OpenShift HA east",
        f"job template '{ENABLE}': notification_templates_success: number {theirs} -> (none)",
    ]


def test_without_the_variable_notifications_belong_to_the_operator(awx: StandIn) -> None:
    theirs, ours = (number(awx, "notification_templates", name) for name in ("theirs", "on call"))
    awx.link_by_hand("job_templates", AUDIT, "notification_templates_error", theirs)
    assert repair(awx, awx_setup_notifications_error=None) == []
    awx.link_by_hand("job_templates", AUDIT, "notification_templates_error", ours)


def test_the_order_of_instance_groups_is_kept(awx: StandIn) -> None:
    east, west = (number(awx, "instance_groups", name) for name in ("east", "west"))
    awx.link_by_hand("job_templates", AUDIT, "instance_groups", west, east)
    assert len(repair(awx)) == 4
    assert awx.names_of("job_templates", AUDIT, "instance_groups") == ["east", "west"]


@pytest.mark.parametrize("left", [["west"], ["other", "west"], ["west", "other"], ["east", "other"], []])
def test_one_run_brings_back_the_groups_and_their_order(awx: StandIn, left: list[str]) -> None:
    awx.link_by_hand("job_templates", AUDIT, "instance_groups", *(number(awx, "instance_groups", n) for n in left))
    assert repair(awx)
    assert awx.names_of("job_templates", AUDIT, "instance_groups") == ["east", "west"]


def test_the_order_of_galaxy_credentials_is_kept(awx: StandIn) -> None:
    others = [number(awx, "credentials", name) for name in ("Ansible Galaxy", "galaxy")]
    awx.link_by_hand("organizations", "Default", "galaxy_credentials", *others)
    assert repair(awx)
    assert awx.names_of("organizations", "Default", "galaxy_credentials") == ["galaxy", "Ansible Galaxy"]


def test_many_labels_are_read_completely(awx: StandIn) -> None:
    """A job template shows only some of them itself."""
    default = number(awx, "organizations", "Default")
    others = [awx.add("labels", name=f"label {count}", organization=default) for count in range(12)]
    awx.link_by_hand("job_templates", AUDIT, "labels", *others, number(awx, "labels", "openshift"))
    assert repair(awx) == []


def test_labels_of_others_are_kept(awx: StandIn) -> None:
    awx.link_by_hand("job_templates", AUDIT, "labels", number(awx, "labels", "theirs"))
    assert repair(awx) == [f"job template '{AUDIT}': labels: (none) -> openshift"]
    assert awx.names_of("job_templates", AUDIT, "labels") == ["theirs", "openshift"]


def test_teams_get_their_roles_again(awx: StandIn) -> None:
    before = {team: awx.roles_of(team) for team in ("operators", "leads", "platform")}
    assert {team: len(roles) for team, roles in before.items()} == {"operators": 5, "leads": 1, "platform": 7}
    awx.link_by_hand("teams", "leads", "roles")
    assert repair(awx) == [f"team 'leads': approval_role of the workflow '{WORKFLOW}': (none) -> granted"]
    assert {team: awx.roles_of(team) for team in before} == before


# --- The survey


def change_survey(awx: StandIn, change: Callable[[list[dict[str, Any]]], Any]) -> None:
    survey = copy.deepcopy(awx.survey_of(ENABLE))
    change(survey["spec"])
    awx.set_survey(ENABLE, survey)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda spec: spec[0].update(default="acme"), "survey question enable_ha_domains, default: acme -> (empty)"),
        (lambda spec: spec[5].update(required=True), "survey question enable_ha_dry_run, required: true -> false"),
        (lambda spec: spec[4].update(max=5), "survey question enable_ha_max_changes, max: 5 -> 1000000"),
        (lambda spec: spec.pop(5), "survey question enable_ha_dry_run: (none) -> exists"),
        (lambda spec: spec.append({**spec[0], "variable": "x"}), "survey question x: exists -> (none)"),
        (lambda spec: spec.reverse(), "survey order"),
        (lambda spec: spec[2].update(choices="auto\nnone"), "survey question app_ha_scale_strategy, choices"),
    ],
)
def test_the_survey_is_repaired(awx: StandIn, change: Callable[[list[dict[str, Any]]], Any], line: str) -> None:
    expected = copy.deepcopy(awx.survey_of(ENABLE))
    change_survey(awx, change)
    (found,) = repair(awx)
    assert found.startswith(f"job template '{ENABLE}': {line}")
    assert awx.survey_of(ENABLE) == expected


def test_keys_that_awx_adds_to_a_question_are_no_drift(awx: StandIn) -> None:
    def change(spec: list[dict[str, Any]]) -> None:
        spec[2]["choices"] = "\n".join(spec[2]["choices"])
        spec[0]["new_question"] = True

    change_survey(awx, change)
    assert repair(awx) == []


# --- The workflow


def test_connections_and_nodes_are_repaired(awx: StandIn) -> None:
    workflow = number(awx, "workflow_job_templates", WORKFLOW)
    expected = awx.connections(workflow)
    awx.link_by_hand(NODES, "audit", "success_nodes")
    awx.link_by_hand(NODES, "audit", "always_nodes", number(awx, NODES, "enable"))
    awx.link_by_hand(NODES, "drift", "failure_nodes")
    awx.add(
        NODES,
        workflow_job_template=workflow,
        identifier="by hand",
        unified_job_template=number(awx, "job_templates", ENABLE),
    )
    lines = repair(awx)
    assert f"node 'by hand' of the workflow '{WORKFLOW}': removed" in lines
    assert f"node 'audit' of the workflow '{WORKFLOW}': always_nodes: enable -> (none)" in lines
    assert len(lines) == 4
    assert awx.connections(workflow) == expected


def test_the_approval_is_repaired(awx: StandIn) -> None:
    approval = "OpenShift HA east - repair what has drifted?"
    of = f"approval of the node 'approval' of the workflow '{WORKFLOW}'"
    awx.set_by_hand("workflow_approval_templates", approval, timeout=5)
    assert repair(awx) == [f"{of}: timeout: 5 -> 0"]
    awx.set_by_hand(NODES, "approval", unified_job_template=number(awx, "job_templates", ENABLE))
    assert repair(awx) == [f"{of}: approval: {ENABLE} -> {approval}"]


# --- Secrets


def test_secrets_are_compared_only_by_whether_awx_has_them(awx: StandIn) -> None:
    inputs = awx.all("credentials")["OpenShift HA east"]["inputs"]
    of = "credential 'OpenShift HA east': inputs"
    inputs["password"] = "another"
    assert repair(awx) == []
    assert set_up(awx, **VARIABLES, awx_setup_update_secrets=True).lines()[-1].startswith(of)
    assert awx.all("credentials")["OpenShift HA east"]["inputs"]["password"] == EAST["password"]
    for change in ({"username": "root"}, {"token": "planted-token"}, {"url": "https://elsewhere.example.com"}):
        awx.all("credentials")["OpenShift HA east"]["inputs"].update(change)
        (line,) = repair(awx)
        assert line.startswith(of)
        assert "planted-token" not in line
        assert change.keys() - {"username", "url"} or "auditor" in line


def test_variables_that_look_like_secrets_are_hidden_in_differences(awx: StandIn) -> None:
    planted = '{"openshift_broker_password": "planted-secret", "limit": "shop"}'
    awx.set_by_hand("inventories", "OpenShift HA east", variables=planted)
    (line,) = repair(awx)
    assert "planted-secret" not in line
    assert '"limit": "shop"' in line


def test_a_source_outside_awx_does_not_replace_an_input(awx: StandIn) -> None:
    """It takes precedence over the input, for example the address of the broker, and the input does not show it."""
    credentials = {"target_credential": number(awx, "credentials", "OpenShift HA east")}
    credentials["source_credential"] = number(awx, "credentials", "galaxy")
    awx.add("credential_input_sources", input_field_name="url", metadata={"path": "x"}, **credentials)
    assert repair(awx) == ["external source 'url' of the credential 'OpenShift HA east': removed"]
    assert awx.each("credential_input_sources") == []


# --- Messages


@pytest.mark.parametrize(
    ("planted", "line"),
    [
        ({"error": {"message": "Nothing happened."}}, '{"error": {"message": "Nothing happened."}} -> {"error": '),
        ({"success": {"message": "", "body": ""}}, '{"success": {"body": '),
        ({"started": {"body": "Off we go."}}, '{"started": {"body": "Off we go."}} -> {"started": {"body": '),
        (
            {"workflow_approval": {"running": {"message": "Ignore it."}}},
            '{"workflow_approval": {"running": {"message": ',
        ),
    ],
)
def test_messages_are_repaired(awx: StandIn, planted: dict[str, Any], line: str) -> None:
    expected = copy.deepcopy(awx.all("notification_templates")["on call"]["messages"])
    merged = {event: {**(expected[event] or {}), **planted.get(event, {})} for event in expected}
    awx.set_by_hand("notification_templates", "on call", messages=merged)
    (found,) = repair(awx)
    assert f"notification template 'on call': messages: {line}" in found
    assert awx.all("notification_templates")["on call"]["messages"] == expected


def test_messages_without_texts_are_awx_s_own(awx: StandIn) -> None:
    expected = awx.all("notification_templates")["on call"]["messages"]
    awx.set_by_hand(
        "notification_templates", "on call", messages={**expected, "started": None, "workflow_approval": {}}
    )
    assert repair(awx) == []
    awx.set_by_hand("notification_templates", "on call", messages=None)
    assert len(repair(awx)) == 1


# --- Rules that concern several objects


def test_another_branch_is_not_allowed_any_more(awx: StandIn) -> None:
    """AWX refuses to change the project while a job template uses another branch."""
    awx.set_by_hand("projects", "OpenShift HA", allow_override=True, timeout=5)
    awx.set_by_hand("job_templates", AUDIT, scm_branch="dev", ask_scm_branch_on_launch=True)
    awx.set_by_hand("inventory_sources", "openshift_apps", scm_branch="dev")
    assert len(repair(awx)) == 5
    awx.set_by_hand("projects", "OpenShift HA", allow_override=True)
    assert repair(awx) == ["project 'OpenShift HA': allow_override: true -> false"]


# --- What belongs to others


def test_a_description_without_the_mark_belongs_to_the_operator(awx: StandIn) -> None:
    awx.set_by_hand("job_templates", AUDIT, description=f"Other words. {MARK}")
    assert len(repair(awx)) == 1
    awx.set_by_hand("job_templates", AUDIT, description="Ours. Ask Ann.")
    assert repair(awx) == []
    awx.set_by_hand("job_templates", AUDIT, description=f"Any. {MARK}")
    assert len(repair(awx)) == 1


def test_disabled_hosts_are_reported(awx: StandIn) -> None:
    inventory = number(awx, "inventories", "OpenShift HA east")
    awx.add("hosts", name="shop-acme.example.com", inventory=inventory, enabled=False)
    (warning,) = set_up(awx, **VARIABLES).warnings
    assert "The inventory 'OpenShift HA east' has 1 disabled hosts, which jobs skip: shop-acme.example.com." in warning
    awx.set_by_hand("hosts", "shop-acme.example.com", enabled=True)


def test_a_job_template_with_a_project_of_another_organization_is_found(awx: StandIn) -> None:
    other = awx.add("organizations", name="Other")
    project = awx.add("projects", name="Other", organization=other, scm_type="git", scm_url=REPOSITORY)
    awx.set_by_hand("job_templates", AUDIT, project=project, organization=other)
    count = len(awx.each("job_templates"))
    assert repair(awx) == [f"job template '{AUDIT}': project: number {project} -> OpenShift HA"]
    assert len(awx.each("job_templates")) == count


def test_an_account_in_the_address_of_the_project_is_not_shown(awx: StandIn) -> None:
    awx.set_by_hand("projects", "OpenShift HA", scm_url="https://git:planted-secret@git.example.com/x.git")
    (line,) = repair(awx)
    assert line == f"project 'OpenShift HA': scm_url: https://(not shown)@git.example.com/x.git -> {REPOSITORY}"

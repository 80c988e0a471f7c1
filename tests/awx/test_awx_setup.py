"""awx_setup.yml with Ansible against the stand-in for AWX: what it creates, and what it prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import jinja2.sandbox
import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.messages import render
from tests.awx import StandIn
from tests.awx.injectors import ENCRYPTED, inject
from tests.awx.setup_run import EAST, PROJECT, REPOSITORY, SECRETS, WEST, Setup, SetupRun, set_up
from tests.awx.surveys import variables

NAMES = {
    "credentials": ["Ansible Galaxy", "OpenShift HA east", "OpenShift HA west"],
    "inventories": ["OpenShift HA east", "OpenShift HA west"],
    "projects": ["OpenShift HA"],
    "workflow_job_templates": ["OpenShift HA east - audit and repair", "OpenShift HA west - audit and repair"],
    "job_templates": [
        f"OpenShift HA {broker} - {what}"
        for broker in ("east", "west")
        for what in ("audit", "audit in the workflow", "drift in the workflow", "enable")
    ],
}


@dataclass(frozen=True)
class Runs:
    """Several runs against one AWX: the runs, how many writes each sent, and AWX after the last run."""

    awx: StandIn
    runs: dict[str, SetupRun]
    writes: dict[str, int]


@pytest.fixture(scope="module")
def story(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """A check, a first and a second run against a new AWX."""
    with StandIn({REPOSITORY: PROJECT}) as awx:
        setup = Setup(awx, programs, tmp_path_factory.mktemp("story"))
        runs, writes = {}, {}
        for name, brokers, arguments in (
            ("check", [EAST, WEST], ["--check", "--diff"]),
            ("first", [EAST, WEST], ["-vvvv", "--diff"]),
            ("second", [EAST, WEST], ["-vvvv", "--diff"]),
        ):
            awx.clear_requests()
            runs[name] = setup(*arguments, awx_setup_brokers=brokers)
            writes[name] = len(awx.writes())
        yield Runs(awx, runs, writes)


def test_every_run_succeeds(story: Runs) -> None:
    assert {name: run.rc for name, run in story.runs.items()} == dict.fromkeys(story.runs, 0), [
        run.output for run in story.runs.values() if run.rc
    ]


def test_the_second_run_changes_nothing_and_sends_nothing(story: Runs) -> None:
    assert (story.runs["second"].changed, story.writes["second"]) == (0, 0)


def test_check_mode_predicts_the_run_and_sends_nothing(story: Runs) -> None:
    assert story.writes["check"] == 0
    check, first = story.runs["check"], story.runs["first"]
    assert "AWX would change for east, west: 34 objects created" in check.text
    assert "Changed: 34 objects created" in first.text
    assert (check.changed, first.changed) == (1, 1)


def test_each_broker_has_all_objects(story: Runs) -> None:
    assert {path: sorted(story.awx.all(path)) for path in NAMES} == NAMES
    assert "launch 'OpenShift HA east - audit'." in story.runs["first"].text
    assert "The audit runs every day at 02:15 UTC." in story.runs["first"].text


def test_no_secret_is_printed_or_shown(story: Runs) -> None:
    printed = "".join(run.output for run in story.runs.values())
    assert not [secret for secret in (*SECRETS, story.awx.password) if secret in printed]
    kept = story.awx.all("credentials")["OpenShift HA west"]["inputs"]
    assert kept["token"] == "broker-secret-west"
    assert story.awx.render("credentials", "OpenShift HA west")["inputs"]["token"] == ENCRYPTED


def test_a_credential_sets_the_environment_that_the_collection_reads(story: Runs, tmp_path: Path) -> None:
    kind = story.awx.all("credential_types")["OpenShift v2 broker"]
    east = inject(kind, story.awx.all("credentials")["OpenShift HA east"]["inputs"], tmp_path)
    west = inject(kind, story.awx.all("credentials")["OpenShift HA west"]["inputs"], tmp_path)
    assert east == {
        "OPENSHIFT_BROKER_URL": EAST["url"],
        "OPENSHIFT_BROKER_USERNAME": "auditor",
        "OPENSHIFT_BROKER_PASSWORD": "broker-secret-east",
        "OPENSHIFT_BROKER_TOKEN": "",
        "OPENSHIFT_BROKER_VALIDATE_CERTS": "true",
        "OPENSHIFT_BROKER_CA_PATH": "",
        "OPENSHIFT_BROKER_CLIENT_CERT": "",
        "OPENSHIFT_BROKER_CLIENT_KEY": "",
    }
    assert (west["OPENSHIFT_BROKER_TOKEN"], west["OPENSHIFT_BROKER_PASSWORD"]) == ("broker-secret-west", "")
    assert west["OPENSHIFT_BROKER_VALIDATE_CERTS"] == "false"
    files = {"CA_PATH": "ca_bundle", "CLIENT_CERT": "client_cert", "CLIENT_KEY": "client_key"}
    for variable, key in files.items():
        written = Path(west[f"OPENSHIFT_BROKER_{variable}"]).read_text(encoding="utf-8")
        assert written.strip() == str(WEST[key]).strip()


def test_the_audit_changes_nothing_fails_on_drift_and_runs_every_night(story: Runs) -> None:
    audit = story.awx.all("job_templates")["OpenShift HA west - audit"]
    assert (audit["job_type"], audit["diff_mode"], audit["job_slice_count"]) == ("check", True, 1)
    assert audit["playbook"] == "audit.yml"
    assert '"app_ha_fail_on_drift": true' in audit["extra_vars"]
    assert story.awx.names_of("job_templates", "OpenShift HA west - audit", "credentials") == ["OpenShift HA west"]
    (schedule,) = [s for s in story.awx.each("schedules") if s["unified_job_template"] == audit["id"]]
    assert schedule["rrule"] == "DTSTART:20260101T021500Z RRULE:FREQ=DAILY;INTERVAL=1"
    assert schedule["enabled"] is True


def test_enable_has_a_survey_and_no_simultaneous_jobs(story: Runs) -> None:
    enable = story.awx.all("job_templates")["OpenShift HA east - enable"]
    assert (enable["job_type"], enable["allow_simultaneous"], enable["survey_enabled"]) == ("run", False, True)
    survey = story.awx.survey_of("OpenShift HA east - enable")
    assert variables({}, survey, {}) == {
        "enable_ha_domains": "",
        "enable_ha_names": "",
        "app_ha_scale_strategy": "auto",
        "enable_ha_batch_size": "25%",
        "enable_ha_dry_run": "no",
    }
    assert variables({}, survey, {"enable_ha_max_changes": 5})["enable_ha_max_changes"] == 5


def test_each_job_updates_its_inventory_from_the_project(story: Runs) -> None:
    sources = story.awx.each("inventory_sources")
    assert len(sources) == 2
    for source in sources:
        assert (source["source"], source["source_path"]) == ("scm", "inventories/openshift_apps.yml")
        assert (source["update_on_launch"], source["update_cache_timeout"]) == (True, 300)
        assert (source["overwrite"], source["overwrite_vars"]) == (True, True)
        assert (PROJECT / source["source_path"]).exists()
    credentials = {values["id"]: name for name, values in story.awx.all("credentials").items()}
    assert sorted(credentials[source["credential"]] for source in sources) == NAMES["credentials"][1:]


def test_the_workflow_audits_asks_for_approval_repairs_and_audits(story: Runs) -> None:
    workflow = story.awx.all("workflow_job_templates")["OpenShift HA west - audit and repair"]["id"]
    nodes = [n for n in story.awx.each("workflow_job_template_nodes") if n["workflow_job_template"] == workflow]
    templates = {values["id"]: name for name, values in story.awx.all("job_templates").items()}
    templates |= {values["id"]: name for name, values in story.awx.all("workflow_approval_templates").items()}
    assert {node["identifier"]: templates[node["unified_job_template"]] for node in nodes} == {
        "audit": "OpenShift HA west - audit in the workflow",
        "drift": "OpenShift HA west - drift in the workflow",
        "approval": "OpenShift HA west - repair what has drifted?",
        "enable": "OpenShift HA west - enable",
        "audit again": "OpenShift HA west - audit in the workflow",
        "drift again": "OpenShift HA west - drift in the workflow",
    }
    assert story.awx.connections(workflow) == {
        ("audit", "success_nodes", "drift"),
        ("drift", "failure_nodes", "approval"),
        ("approval", "success_nodes", "enable"),
        ("enable", "always_nodes", "audit again"),
        ("audit again", "success_nodes", "drift again"),
    }
    audit = story.awx.all("job_templates")["OpenShift HA west - audit in the workflow"]
    assert json.loads(audit["extra_vars"])["app_ha_fail_on_drift"] is False
    assert story.awx.names_of("job_templates", "OpenShift HA west - drift in the workflow", "credentials") == []


# --- Changed variables


def test_changed_variables_are_applied(awx: StandIn) -> None:
    organization: dict[str, Any] = {"awx_setup_organization": "Platform"}
    assert set_up(awx, **organization).failure == ""
    number = awx.all("organizations")["Platform"]["id"]
    slack = {"notification_type": "slack", "notification_configuration": {"token": "x", "channels": ["#on-call"]}}
    awx.add("notification_templates", name="on call", organization=number, **slack)
    given: dict[str, Any] = {
        "awx_setup_brokers": [{"name": "east", "credential": "OpenShift HA east"}],
        "awx_setup_project_url": None,
        "awx_setup_execution_environment": "HA",
        "awx_setup_execution_environment_image": "registry.example.com/ha:1",
        "awx_setup_slices": 3,
        "awx_setup_enable_max_changes": 20,
        "awx_setup_enable_variables": {"app_ha_preserve_gear_count": True},
        "awx_setup_audit_time": "23:05",
        "awx_setup_audit_timezone": "Europe/Berlin",
        "awx_setup_audit_scheduled": False,
        "awx_setup_notifications_error": ["on call"],
        "awx_setup_notifications_approval": ["on call"],
        "awx_setup_approval_timeout": 3600,
    }
    assert set_up(awx, **organization, **given).failure == ""
    assert set_up(awx, **organization, **given).changes == ()
    enable = awx.all("job_templates")["OpenShift HA east - enable"]
    assert (enable["job_slice_count"], enable["organization"]) == (3, number)
    assert json.loads(enable["extra_vars"]) == {"enable_ha_sliced": True, "app_ha_preserve_gear_count": True}
    assert enable["execution_environment"] == awx.all("execution_environments")["HA"]["id"]
    assert variables({}, awx.survey_of("OpenShift HA east - enable"), {})["enable_ha_max_changes"] == 20
    schedule = next(each for each in awx.each("schedules") if not each["enabled"])
    assert schedule["rrule"] == "DTSTART;TZID=Europe/Berlin:20260101T230500 RRULE:FREQ=DAILY;INTERVAL=1"
    for path, name in (
        ("job_templates", "OpenShift HA east - audit"),
        ("inventory_sources", "openshift_apps"),
        ("workflow_job_templates", "OpenShift HA east - audit and repair"),
    ):
        assert awx.names_of(path, name, "notification_templates_error") == ["on call"]
    silent = "OpenShift HA east - audit in the workflow"
    assert awx.names_of("job_templates", silent, "notification_templates_error") == []
    workflow = "OpenShift HA east - audit and repair"
    assert awx.names_of("workflow_job_templates", workflow, "notification_templates_approvals") == ["on call"]
    (approval,) = awx.each("workflow_approval_templates")
    assert approval["timeout"] == 3600
    assert awx.all("credentials")["OpenShift HA east"]["inputs"]["password"] == "broker-secret-east"


def test_slices_accept_names_that_other_slices_have_unless_the_operator_decides(awx: StandIn) -> None:
    def extra_vars() -> Any:
        return json.loads(awx.all("job_templates")["OpenShift HA east - enable"]["extra_vars"] or "{}")

    assert set_up(awx, awx_setup_slices=2).failure == ""
    assert extra_vars() == {"enable_ha_sliced": True}
    assert set_up(awx, awx_setup_slices=1).failure == ""
    assert extra_vars() == {}
    assert set_up(awx, awx_setup_slices=3, awx_setup_enable_variables={"enable_ha_sliced": False}).failure == ""
    assert extra_vars() == {"enable_ha_sliced": False}


def test_audit_and_enable_take_one_set_of_variables(awx: StandIn) -> None:
    common = {"app_ha_policy": "policy.yml", "app_ha_preserve_gear_count": True}
    own: dict[str, Any] = {"awx_setup_audit_variables": {"app_ha_verify": "count", "app_ha_preserve_gear_count": False}}
    assert set_up(awx, awx_setup_variables=common, **own).failure == ""
    templates = awx.all("job_templates")
    given = {
        what: json.loads(templates[f"OpenShift HA east - {what}"]["extra_vars"])
        for what in ("audit", "audit in the workflow", "enable")
    }
    assert given["enable"] == common
    audited = {**common, "app_ha_verify": "count", "app_ha_preserve_gear_count": False, "app_ha_report_formats": []}
    assert given["audit"] == {**audited, "app_ha_fail_on_drift": True}
    assert given["audit in the workflow"] == {**audited, "app_ha_fail_on_drift": False}
    assert set_up(awx, awx_setup_variables=common, **own).changes == ()


def test_four_brokers_without_a_change_take_a_few_requests(awx: StandIn) -> None:
    brokers = [{**EAST, "name": name} for name in ("east", "west", "north", "south")]
    assert set_up(awx, awx_setup_brokers=brokers).failure == ""
    awx.clear_requests()
    assert set_up(awx, awx_setup_brokers=brokers).changes == ()
    assert len(awx.requests()) == 20


# --- With Ansible, in one run each


def test_drift_is_shown_with_its_values_and_a_failure_keeps_what_was_done(setup: Setup, awx: StandIn) -> None:
    set_up(awx)
    awx.set_by_hand("job_templates", "OpenShift HA east - audit", limit="shop-acme.example.com")
    awx.set_by_hand("job_templates", "OpenShift HA east - enable", playbook="gone.yml")
    awx.set_by_hand("projects", "OpenShift HA", scm_url="https://git.example.com/moved")
    run = setup("--diff", awx_setup_brokers=[EAST], awx_setup_enable_playbook="missing.yml")
    assert run.rc == 2
    assert (
        "cannot change the job template 'OpenShift HA east - enable': HTTP 400: playbook: Playbook not found"
        in run.text
    )
    drift = "job template 'OpenShift HA east - audit': limit: shop-acme.example.com -> (empty)"
    assert f"{drift}. Run the playbook again: it continues there." in run.text
    awx.set_by_hand("job_templates", "OpenShift HA east - audit", limit="shop-acme.example.com")
    again = setup("--diff", awx_setup_brokers=[EAST])
    assert (again.rc, again.changed) == (0, 1), again.output
    assert "--- before: job template 'OpenShift HA east - audit'" in again.output
    assert "-limit: shop-acme.example.com" in again.output
    assert "+limit: (empty)" in again.output
    assert drift in again.text
    assert "job template 'OpenShift HA east - enable': playbook: gone.yml -> enable.yml" in again.text


def test_messages_for_notifications_contain_what_the_job_reports() -> None:
    """Rendered as AWX does, for a job with artifacts and for one that ended before it had any."""
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.ChainableUndefined)
    artifacts = {
        "app_ha_audit_notification_subject": "32 of 340 applications drifted",
        "app_ha_audit_notification_text": "32 of 340 applications drifted:\nacme/shop",
    }
    job = {"name": "east - audit", "status": "failed"}
    for artifacts_of_job, subject in ((artifacts, "32 of 340 applications drifted"), (None, "Job failed")):
        own = {} if artifacts_of_job is None else {"artifacts": artifacts_of_job}
        context = {"job": {**job, **own}, "job_friendly_name": "Job", "url": "https://awx/1"}
        message = render("slack")["error"]["message"]
        assert environment.from_string(message).render(context) == f"east - audit: {subject} https://awx/1"
        document = json.loads(environment.from_string(render("webhook")["error"]["body"]).render(context))
        assert (document["summary"], document["artifacts"]) == (subject, artifacts_of_job or {})

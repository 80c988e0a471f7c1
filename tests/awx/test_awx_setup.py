"""awx_setup.yml with the real modules of awx.awx, against the stand-in for AWX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.awx import StandIn
from tests.awx.injectors import ENCRYPTED, inject
from tests.awx.setup_run import EAST, PROJECT, REPOSITORY, SECRETS, WEST, Setup, SetupRun
from tests.awx.surveys import variables

NAMES = {
    "credentials": ["OpenShift HA east", "OpenShift HA west"],
    "inventories": ["OpenShift HA east", "OpenShift HA west"],
    "projects": ["OpenShift HA"],
    "workflow_job_templates": ["OpenShift HA east - audit and repair", "OpenShift HA west - audit and repair"],
    "job_templates": [
        "OpenShift HA east - audit",
        "OpenShift HA east - enable",
        "OpenShift HA west - audit",
        "OpenShift HA west - enable",
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
            ("first", [EAST, WEST], ["-vvv"]),
            ("second", [EAST, WEST], ["-vvv", "--diff"]),
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


def test_check_mode_reports_changes_and_sends_none(story: Runs) -> None:
    assert story.writes["check"] == 0
    assert 0 < story.runs["check"].changed < story.runs["first"].changed
    assert "Some objects do not exist yet for east, west." in story.runs["check"].text


def test_each_broker_has_all_objects(story: Runs) -> None:
    assert {path: sorted(story.awx.all(path)) for path in NAMES} == NAMES
    assert "launch 'OpenShift HA east - audit'." in story.runs["first"].text
    assert "It runs every day at 02:15 UTC." in story.runs["first"].text


def test_no_secret_is_printed_or_shown(story: Runs) -> None:
    printed = "".join(run.output for run in story.runs.values())
    assert not [secret for secret in SECRETS if secret in printed]
    kept = story.awx.all("credentials")["OpenShift HA west"]["inputs"]
    assert kept["token"] == "broker-secret-west"
    assert story.awx.render("credentials", "OpenShift HA west")["inputs"]["token"] == ENCRYPTED


def test_the_modules_delete_their_tokens(story: Runs) -> None:
    assert story.awx.open_tokens() == 0


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
    assert sorted(credentials[source["credential"]] for source in sources) == NAMES["credentials"]


def test_the_workflow_audits_asks_for_approval_repairs_and_audits(story: Runs) -> None:
    workflow = story.awx.all("workflow_job_templates")["OpenShift HA west - audit and repair"]["id"]
    nodes = [n for n in story.awx.each("workflow_job_template_nodes") if n["workflow_job_template"] == workflow]
    templates = {values["id"]: name for name, values in story.awx.all("job_templates").items()}
    templates |= {values["id"]: name for name, values in story.awx.all("workflow_approval_templates").items()}
    assert {node["identifier"]: templates[node["unified_job_template"]] for node in nodes} == {
        "audit": "OpenShift HA west - audit",
        "approval": "OpenShift HA west - repair what has drifted?",
        "enable": "OpenShift HA west - enable",
        "audit again": "OpenShift HA west - audit",
    }
    assert story.awx.connections(workflow) == {
        ("audit", "failure_nodes", "approval"),
        ("approval", "success_nodes", "enable"),
        ("enable", "always_nodes", "audit again"),
    }


# --- Changed variables


def test_existing_objects_are_used_and_changed_variables_applied(setup: Setup, awx: StandIn) -> None:
    first = setup(awx_setup_brokers=[EAST], awx_setup_organization="Platform", awx_setup_workflow=False)
    assert first.rc == 0, first.output
    awx.clear_requests()
    check = setup(
        "--check", awx_setup_brokers=[EAST, WEST], awx_setup_organization="Platform", awx_setup_workflow=False
    )
    assert (check.rc, awx.writes()) == (0, []), check.output
    assert "Some objects do not exist yet for west." in check.text
    organization = awx.all("organizations")["Platform"]["id"]
    awx.add("notification_templates", name="on call", organization=organization, notification_type="slack")
    broker = {"name": "east", "credential": "OpenShift HA east"}
    variables_of_setup: dict[str, Any] = {
        "awx_setup_brokers": [broker],
        "awx_setup_organization": "Platform",
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
    changed = setup(**variables_of_setup)
    assert changed.rc == 0, changed.output
    awx.clear_requests()
    again = setup(**variables_of_setup)
    assert (again.rc, again.changed, awx.writes()) == (0, 0, []), again.output
    enable = awx.all("job_templates")["OpenShift HA east - enable"]
    assert (enable["job_slice_count"], enable["organization"]) == (3, organization)
    assert enable["extra_vars"] == '{"app_ha_preserve_gear_count": true}'
    assert enable["execution_environment"] == awx.all("execution_environments")["HA"]["id"]
    assert variables({}, awx.survey_of("OpenShift HA east - enable"), {})["enable_ha_max_changes"] == 20
    (schedule,) = awx.each("schedules")
    assert schedule["rrule"] == "DTSTART;TZID=Europe/Berlin:20260101T230500 RRULE:FREQ=DAILY;INTERVAL=1"
    assert schedule["enabled"] is False
    notified = "notification_templates_error"
    assert awx.names_of("job_templates", "OpenShift HA east - audit", notified) == ["on call"]
    workflow = "OpenShift HA east - audit and repair"
    assert awx.names_of("workflow_job_templates", workflow, "notification_templates_approvals") == ["on call"]
    (approval,) = awx.each("workflow_approval_templates")
    assert approval["timeout"] == 3600
    assert awx.all("credentials")["OpenShift HA east"]["inputs"]["password"] == "broker-secret-east"


def test_a_project_without_the_playbooks_is_reported(programs: Path, tmp_path: Path) -> None:
    with StandIn({REPOSITORY: tmp_path}) as awx:
        run = Setup(awx, programs, tmp_path)(awx_setup_brokers=[EAST])
    assert run.rc == 2
    assert "The project has no playbook 'audit.yml'." in run.text
    assert not [secret for secret in SECRETS if secret in run.output]


def test_missing_objects_are_reported_before_anything_is_created(setup: Setup, awx: StandIn) -> None:
    run = setup(
        awx_setup_project_url=None,
        awx_setup_execution_environment="HA",
        awx_setup_brokers=[{"name": "east", "credential": "by hand"}],
        awx_setup_notifications_error=["on call"],
    )
    assert run.rc == 2
    for missing in ("project OpenShift HA", "execution environment HA", "credential by hand"):
        assert f"no {missing}" in run.text
    assert "no notification template on call in the organization Default. Nothing was changed." in run.text
    assert awx.writes() == []

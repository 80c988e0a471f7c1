"""The example project for AWX, with ansible-runner as in AWX: synchronize, audit, enable in slices, audit again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.awx.jobs import Controller, Job
from tests.broker import EmbeddedBroker
from tests.harness import LOGIN, PASSWORD, Platform

AUDIT = {"app_ha_fail_on_drift": True, "app_ha_report_formats": []}


DRIFTED = (("acme", "crm"), ("acme", "shop"), ("pay", "ledger"))


def haproxy_count(platform: Platform, app: tuple[str, str]) -> int:
    """The number of HAProxy instances of an application."""
    return platform.shown(*app)[2]


def assert_no_secret(*jobs: Job) -> None:
    for job in jobs:
        assert job.read_files()
        assert not [file for file, content in job.read_files().items() if PASSWORD in content]


@pytest.fixture
def controller(platform: Platform, programs: Path, tmp_path: Path) -> Controller:
    """AWX, and a broker with a highly available application and three others, in two domains."""
    platform.domain("pay")
    platform.app("acme", "crm", gears=2, ha=True)
    platform.app("acme", "shop", gears=3)
    platform.app("acme", "wiki", ha=True)
    platform.app("pay", "ledger")
    return Controller(programs, tmp_path, {"url": platform.url, "username": LOGIN, "password": PASSWORD})


def test_awx_gets_the_inventory_as_plain_values(controller: Controller, platform: Platform) -> None:
    exported = controller.sync()
    host = exported["_meta"]["hostvars"]["crm-acme.example.com"]
    assert host["ansible_connection"] == "local"
    assert (host["openshift_app"], host["openshift_ha_status"]) == ("crm", "degraded")
    assert host["openshift_broker_url"] == platform.url
    assert "__ansible_unsafe" not in str(exported)
    assert PASSWORD not in str(exported)


def test_audit_enable_in_three_slices_and_audit_again(controller: Controller, platform: Platform) -> None:
    controller.sync()
    before = controller.launch("audit.yml", AUDIT, check=True)
    # In a workflow, the artifacts of earlier jobs are variables of a job.
    artifacts = before.artifacts
    slices = [controller.launch("enable.yml", artifacts, answers={}, slice_of=(number, 3)) for number in (1, 2, 3)]
    controller.sync()
    after = controller.launch("audit.yml", {**artifacts, **AUDIT}, check=True)

    assert before.status == "failed"
    assert before.artifacts["app_ha_audit_drifted_names"] == ["acme/crm", "acme/shop", "pay/ledger"]
    assert before.artifacts["app_ha_audit_total"] == 4
    assert "3 of 4 applications drifted" in before.text
    assert [job.status for job in slices] == ["successful"] * 3, slices[0].stdout
    assert [haproxy_count(platform, app) for app in DRIFTED] == [2, 2, 2]
    assert after.status == "successful", after.stdout
    assert after.artifacts["app_ha_audit_drifted"] == 0
    assert_no_secret(before, *slices, after)


def test_answers_choose_applications_and_slices_without_them_succeed(
    controller: Controller, platform: Platform
) -> None:
    controller.sync()
    answers = {"enable_ha_domains": "acme\n", "enable_ha_names": "cr*\npay/led*\n", "enable_ha_max_changes": 1}
    jobs = [controller.launch("enable.yml", answers=answers, slice_of=(number, 3)) for number in (1, 2, 3)]
    assert [job.status for job in jobs] == ["successful"] * 3, jobs[1].stdout
    assert [haproxy_count(platform, app) for app in DRIFTED] == [2, 1, 1]
    idle = ["Nothing to do: the inventory has no standalone or degraded application" in job.text for job in jobs]
    assert sorted(idle) == [False, True, True]


def test_a_dry_run_predicts_and_writes_nothing(controller: Controller, platform: Platform) -> None:
    controller.sync()
    platform.broker.clear_requests()
    job = controller.launch("enable.yml", answers={"enable_ha_dry_run": "yes"})
    assert job.status == "successful", job.stdout
    assert {request["method"] for request in platform.broker.requests()} == {"GET"}
    assert "Would change (3)" in job.text
    assert "standalone -> highly_available: acme/shop" in job.text
    assert [haproxy_count(platform, app) for app in DRIFTED] == [1, 1, 1]


@pytest.mark.parametrize("most", [0, 2])
def test_too_many_changes_are_refused(controller: Controller, platform: Platform, most: int) -> None:
    controller.sync()
    job = controller.launch("enable.yml", answers={"enable_ha_max_changes": most})
    assert job.status == "failed"
    assert f"3 applications would change, more than enable_ha_max_changes: {most}." in job.text
    assert [haproxy_count(platform, app) for app in DRIFTED] == [1, 1, 1]


def test_an_unknown_domain_is_a_mistake_in_every_slice(controller: Controller) -> None:
    controller.sync()
    jobs = [controller.launch("enable.yml", answers={"enable_ha_domains": "acne"}, slice_of=(n, 2)) for n in (1, 2)]
    assert [job.status for job in jobs] == ["failed", "failed"]
    for job in jobs:
        message = "the inventory has no application in the domain acne. It has applications in the domains acme, pay."
        assert message in job.text


def test_answers_are_never_evaluated(controller: Controller, platform: Platform) -> None:
    controller.sync()
    trap = controller.directory / "trap"
    answers = {"enable_ha_names": "{{ lookup('pipe', 'touch " + str(trap) + "') }}"}
    job = controller.launch("enable.yml", answers=answers)
    assert job.status == "failed", job.stdout
    assert "the inventory does not have the applications {{, lookup('pipe'" in job.text
    assert not trap.exists()
    assert [haproxy_count(platform, app) for app in DRIFTED] == [1, 1, 1]


@pytest.mark.parametrize("playbook", ["audit.yml", "enable.yml"])
def test_a_wrong_credential_is_reported_without_its_secret(
    controller: Controller, platform: Platform, playbook: str
) -> None:
    controller.sync()
    platform.broker.set_users({"login": LOGIN, "password": "another one", "ha": True, "max_gears": 100})
    job = controller.launch(playbook, AUDIT if playbook == "audit.yml" else None, check=playbook == "audit.yml")
    assert job.status == "failed"
    assert "HTTP Basic: Access denied (HTTP 401)" in job.text
    assert_no_secret(job)


def test_only_a_credential_with_an_authority_trusts_it(programs: Path, tmp_path: Path) -> None:
    fleet = {
        "users": [{"login": LOGIN, "password": PASSWORD, "ha": True, "max_gears": 9}],
        "domains": [{"name": "acme", "owner": LOGIN}],
        "applications": [{"domain": "acme", "name": "shop", "cartridges": ["php-5.4"], "gears": 1}],
    }
    with EmbeddedBroker(tls=True, fleet=fleet) as broker:
        assert broker.ca_path is not None
        account = {"url": broker.url, "username": LOGIN, "password": PASSWORD}
        trusted = {**account, "validate_certs": "true", "ca_bundle": broker.ca_path.read_text(encoding="utf-8")}
        (tmp_path / "trusted").mkdir()
        (tmp_path / "plain").mkdir()
        controller = Controller(programs, tmp_path / "trusted", trusted)
        assert "shop-acme.example.com" in controller.sync()["_meta"]["hostvars"]
        job = controller.launch("enable.yml", answers={})
        assert job.status == "successful", job.stdout
        assert controller.hosts["_meta"]["hostvars"]["shop-acme.example.com"]["openshift_ha_status"] == "standalone"
        plain = Controller(programs, tmp_path / "plain", account, controller.hosts).launch("audit.yml", AUDIT)
        assert plain.status == "failed"
        assert "not trusted" in plain.text

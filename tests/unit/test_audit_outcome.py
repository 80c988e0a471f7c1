"""The outcome of an audit: one word for workflows, whether it fails, and which hosts fail."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.audit_outcome import (
    AuditOutcome,
    Expectations,
    judge_outcome,
    summarize_audit,
)


def report(drifted: int = 0, unknown: int = 0, total: int = 9, **values: Any) -> dict[str, Any]:
    names = [f"acme/app{number}" for number in range(drifted)]
    failed = [f"acme/gone{number}" for number in range(unknown)]
    return {
        "headline": "The headline.",
        "summary": "The headline.\nFound: 9.",
        "paths": {"html": "/www/report.html"},
        "counts": {"total": total, "drifted": drifted, "unknown": unknown},
        "names": {"drifted": names, "failed": [*names[:1], *failed], "blocked": []},
        "hosts": {name.partition("/")[2]: f"{name}: why" for name in [*names, *failed]},
        "error": "",
        "unmatched": [],
        **values,
    }


def audit(audited: dict[str, Any], fail_on_drift: bool = True, **expected: Any) -> AuditOutcome:
    return summarize_audit(audited, Expectations(fail_on_drift=fail_on_drift, **expected), "localhost")


def failure_of(audited: dict[str, Any], fail_on_drift: bool = True, **expected: Any) -> str:
    return audit(audited, fail_on_drift, **expected).failure


def test_an_unknown_domain_always_fails_the_audit() -> None:
    audited = report(unmatched=["pya", "shpo"])
    failure = failure_of(audited, fail_on_drift=False, select={"domains": ["acme", "pya"]})
    assert failure.startswith("The headline. Check app_ha_select and the inventory")
    assert failure_of(audited, fail_on_drift=False, select={"domains": ["pya"]}, allow_empty=True) == ""
    assert failure_of(audited, fail_on_drift=False, select={"names": ["shpo"]}) == ""


def test_an_audit_shows_its_summary_and_its_files() -> None:
    outcome = audit(report(drifted=3))
    assert outcome.lines == ("The headline.", "Found: 9.", "/www/report.html")
    assert outcome.headline == "The headline."


@pytest.mark.parametrize("fail_on_drift", [True, False])
def test_an_incomplete_audit_fails(fail_on_drift: bool) -> None:
    assert failure_of(report(error="no broker"), fail_on_drift) == "The headline."


def test_drift_fails_only_on_request() -> None:
    assert failure_of(report(drifted=2, unknown=1), fail_on_drift=False) == ""
    names = "The headline. The applications are acme/app0, acme/app1, acme/gone0."
    assert failure_of(report(drifted=2, unknown=1)) == names
    many = "The headline. The applications are acme/app0, acme/app1, acme/app2, acme/app3, acme/app4 and 2 more."
    assert failure_of(report(drifted=7)) == many
    assert failure_of(report()) == ""


@pytest.mark.parametrize("fail_on_drift", [True, False])
def test_an_audit_of_nothing_fails_unless_it_is_allowed(fail_on_drift: bool) -> None:
    nothing = report(total=0)
    assert failure_of(nothing, fail_on_drift).startswith("The headline. Check app_ha_select and the inventory")
    assert "app_ha_audit_allow_empty" in failure_of(nothing, fail_on_drift)
    assert failure_of(nothing, fail_on_drift, allow_empty=True) == ""


def test_a_name_that_matches_nothing_fails_only_on_request() -> None:
    unmatched = report(unmatched=["pay"])
    assert failure_of(unmatched, fail_on_drift=False) == ""
    assert failure_of(unmatched, allow_empty=True) == ""
    assert failure_of(unmatched).startswith("The headline. Check app_ha_select and the inventory")


@pytest.mark.parametrize(
    ("audited", "expected", "word"),
    [
        (report(), {}, "no_drift"),
        (report(drifted=1), {}, "drift"),
        (report(drifted=1, unknown=1, error="in part"), {}, "drift"),
        (report(unknown=1), {}, "could_not_observe"),
        (report(total=0, error="no broker"), {}, "could_not_observe"),
        (report(total=0), {}, "could_not_observe"),
        (report(total=0), {"allow_empty": True}, "no_drift"),
        (report(unmatched=["pya"]), {"select": {"domains": ["pya"]}}, "could_not_observe"),
    ],
)
@pytest.mark.parametrize("fail_on_drift", [True, False])
def test_one_word_separates_drift_from_what_could_not_be_observed(
    audited: dict[str, Any], expected: dict[str, Any], word: str, fail_on_drift: bool
) -> None:
    """It does not depend on whether drift is a failure: a workflow decides that by itself."""
    assert audit(audited, fail_on_drift, **expected).outcome == word


# --- Which hosts fail ------------------------------------------------------------------------------------------------


def test_by_default_only_the_host_of_the_task_fails() -> None:
    outcome = audit(report(drifted=2, unknown=1))
    assert dict(outcome.failures) == {"localhost": outcome.failure}
    assert dict(audit(report()).failures) == {}


def test_by_host_the_hosts_that_drifted_fail_and_only_they() -> None:
    outcome = audit(report(drifted=2, unknown=1), by_host=True)
    assert dict(outcome.failures) == {
        "app0": "acme/app0: why",
        "app1": "acme/app1: why",
        "gone0": "acme/gone0: why",
    }
    assert dict(audit(report(drifted=2), fail_on_drift=False, by_host=True).failures) == {}


@pytest.mark.parametrize(
    "audited",
    [report(total=0), report(unknown=9, error="no broker"), report(unmatched=["pay"])],
    ids=["nothing", "no broker", "unmatched"],
)
def test_what_is_not_about_single_hosts_fails_the_host_of_the_task(audited: dict[str, Any]) -> None:
    outcome = audit(audited, by_host=True)
    assert dict(outcome.failures) == {"localhost": outcome.failure}


def test_drift_of_hosts_that_cannot_fail_any_more_is_not_lost() -> None:
    """Those of earlier batches, and applications without a host."""
    expected = Expectations(fail_on_drift=True, by_host=True)
    outcome = summarize_audit(report(drifted=2), expected, "last", can_fail=["app1", "last"])
    assert dict(outcome.failures) == {"app1": "acme/app1: why", "last": outcome.failure}
    outcome = audit(report(drifted=2, hosts={"app0": "acme/app0: why"}), by_host=True)
    assert dict(outcome.failures) == {"app0": "acme/app0: why", "localhost": outcome.failure}


# --- A workflow ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ("no_drift", ""),
        ("drift", "The audit found drift. HA: 3 drifted. Approve the repair, or deny it."),
        (
            "could_not_observe",
            "The audit could not check the applications. HA: 3 drifted. Its job states the reason. Then run it again.",
        ),
        ("", "openshift_ha_outcome is not set: no audit has ended before. Run this playbook in a workflow, after a"),
    ],
)
def test_only_no_drift_lets_a_workflow_end(outcome: str, message: str) -> None:
    judged = judge_outcome(outcome, "HA: 3 drifted")
    assert judged.startswith(message)
    assert bool(judged) == bool(message)

"""The outcome of the role app_ha: what it shows, and when it fails."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.outcome import (
    BatchOutcome,
    group_failures,
    summarize_batch,
    summarize_host,
    summarize_list,
)


def result(name: str = "shop", changed: bool = True, **values: Any) -> dict[str, Any]:
    """A degraded application that becomes highly available, or one that is."""
    named = {"domain": "acme", "name": name}
    after = {**named, "ha_status": "highly_available", "haproxy_count": 2, "web_gears": 4}
    before = {**named, "ha_status": "degraded", "haproxy_count": 1, "web_gears": 3} if changed else after
    return {"changed": changed, "before": before, "application": after, "blockers": [], **values}


def unobserved(name: str) -> dict[str, Any]:
    named = {"domain": "acme", "name": name}
    return {"changed": False, "failed": True, "msg": f"acme/{name}: gone", "before": named, "application": named}


def fleet(*results: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {"changed": True, "results": [{"failed": False, "msg": "as it is", **each} for each in results], **values}


CHANGE = "acme/shop: degraded -> highly_available, HAProxy 1 -> 2, web gears 3 -> 4"

# --- A host ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "line"),
    [(True, CHANGE), (False, "acme/shop: highly_available, HAProxy 2, web gears 4")],
    ids=["changed", "unchanged"],
)
def test_a_host_shows_its_application(changed: bool, line: str) -> None:
    outcome = summarize_host(result(changed=changed, failed=False))
    assert (outcome.lines, outcome.failure) == ((line,), "")
    assert outcome.results == (result(changed=changed, failed=False),)


def test_a_host_fails_with_the_message_of_the_module() -> None:
    blockers = [{"code": "maximum", "message": "acme/shop: its maximum is 2."}]
    outcome = summarize_host(result(changed=False, failed=False, msg="acme/shop: no.", blockers=blockers))
    assert (outcome.lines, outcome.failure) == ((), "acme/shop: no.")
    assert outcome.results[0]["failed"] is True


def test_a_host_with_invalid_options_fails_too() -> None:
    outcome = summarize_host({"changed": False, "failed": False, "msg": "min_gears: 0 is less than 1"})
    assert outcome.failure == "min_gears: 0 is less than 1"
    assert outcome.results[0]["failed"] is True


def test_a_host_that_is_not_scalable_is_skipped() -> None:
    app = {"domain": "acme", "name": "plain", "ha_status": "not_scalable", "haproxy_count": 0, "web_gears": 1}
    blockers = [{"code": "not_scalable", "message": "acme/plain is not scalable."}]
    outcome = summarize_host({"msg": "no", "before": app, "application": app, "blockers": blockers})
    assert (outcome.lines, outcome.failure) == (("acme/plain: not_scalable, skipped",), "")
    assert outcome.results[0]["failed"] is False


# --- A list ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "lines"),
    [
        ([], ["no applications"]),
        ([result(changed=False)], ["nothing to change: 1 application"]),
        ([result(changed=False)] * 2, ["nothing to change: 2 applications"]),
        ([result()], [CHANGE]),
        ([result(), result("wiki", changed=False)], [CHANGE, "nothing to change: 1 other application"]),
        ([result()] * 21, [CHANGE] * 21),
        ([result()] * 22, [CHANGE] * 20 + ["and 2 more"]),
    ],
    ids=["none", "unchanged", "two unchanged", "changed", "both", "one more", "many"],
)
def test_a_list_shows_what_changed(results: list[dict[str, Any]], lines: list[str]) -> None:
    outcome = summarize_list(fleet(*results))
    assert (list(outcome.lines), outcome.failure) == (lines, "")
    assert len(outcome.results) == len(results)


def test_a_list_fails_with_the_message_of_the_module() -> None:
    message = "2 of 3 applications failed. Gone. Applications: acme/crm, acme/shop.\nSuccessful: 1 without changes."
    outcome = summarize_list(fleet(unobserved("crm"), result("wiki"), unobserved("shop"), msg=message))
    assert outcome.failure == message
    assert [each["failed"] for each in outcome.results] == [True, False, True]


def test_a_single_application_needs_no_header() -> None:
    outcome = summarize_list(fleet(unobserved("crm"), msg="1 of 1 applications failed. acme/crm: gone"))
    assert outcome.failure == "acme/crm: gone"


def test_a_refused_run_is_explained_first() -> None:
    message = "acme/crm fails in advance, and on_error is stop. Nothing was changed."
    outcome = summarize_list(fleet(unobserved("crm"), result(), msg=message))
    assert outcome.failure.splitlines() == [message, "acme/crm: gone"]


# --- Many failures ---------------------------------------------------------------------------------------------------


def failure(name: str, reason: str = "the application has 2 gears. Nothing was changed. Set max_gears.") -> str:
    return f"acme/{name}: cannot be repaired: {reason}"


def test_few_failures_of_hosts_are_not_grouped() -> None:
    assert summarize_batch([failure(f"app{number}") for number in range(5)], 9) == BatchOutcome()


def test_many_failures_of_hosts_are_grouped_by_reason() -> None:
    gone = [failure(f"gone{number}", f"no application 'gone{number}' in domain 'acme'.") for number in range(3)]
    outcome = summarize_batch(
        [*(failure(f"app{number:04}") for number in range(1996)), failure("x", "odd."), *gone], 2500
    )
    assert outcome.brief
    headline, first, second, third = outcome.lines
    assert headline == "2000 of 2500 applications are not in the desired state:"
    assert first.startswith(
        "1,996 applications: cannot be repaired: each application has 2 gears. Nothing was changed. Set max_gears. "
        "They are acme/app0000, acme/app0001, "
    )
    assert first.endswith(", acme/app0009 and 1,986 more.")
    assert second == "acme/x: cannot be repaired: odd."
    assert third == ("3 applications: cannot be repaired: no application. They are acme/gone0, acme/gone1, acme/gone2.")


def test_at_most_ten_reasons_are_named() -> None:
    lines = group_failures(failure(f"app{number}", f"reason {number}.") for number in range(12))
    assert len(lines) == 11
    assert lines[-1] == "2 more applications failed for other reasons: see app_ha_results."
    assert len(group_failures(failure(f"app{number}", f"reason {number}.") for number in range(11))) == 11


def test_a_list_with_invalid_options_has_no_results() -> None:
    outcome = summarize_list({"msg": "applications[1]: min_gears: 0 is less than 1"})
    assert (outcome.results, outcome.failure) == ((), "applications[1]: min_gears: 0 is less than 1")


def test_ignored_applications_are_counted() -> None:
    app = {"domain": "acme", "name": "two", "ha_status": "standalone"}
    ignored = {"changed": False, "failed": False, "ignored": True, "application": app, "before": app}
    other = {**ignored, "ignored": False}
    lines = summarize_list({"results": [ignored, ignored, other], "summary": {}}).lines
    assert lines == ("nothing to change: 1 application", "ignored by the policy: 2 applications")
    rule = {"number": 2, "name": "tests"}
    (line,) = summarize_host({**ignored, "policy_rule": rule}).lines
    assert line == "acme/two: standalone, ignored by rule 2 (tests) of the policy"

"""The outcome of the role app_ha: what it shows, and when it fails."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.outcome import (
    RoleOutcome,
    summarize_host,
    summarize_list,
    summarize_run,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.summary import CANNOT

STATUS = st.sampled_from(["standalone", "degraded", "highly_available", "not_scalable"])
NAMES = st.integers(0, 9999).map("app{}".format)


def result(name: str = "shop", changed: bool = True, **values: Any) -> dict[str, Any]:
    """A degraded application that becomes highly available, or one that is."""
    named = {"domain": "acme", "name": name}
    after = {**named, "ha_status": "highly_available", "haproxy_count": 2, "web_gears": 4}
    before = {**named, "ha_status": "degraded", "haproxy_count": 1, "web_gears": 3} if changed else after
    return {"changed": changed, "before": before, "application": after, "blockers": [], **values}


def fleet(*results: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {"changed": True, "results": [{"failed": False, "msg": "as it is", **each} for each in results], **values}


def summary(*results: dict[str, Any], **more: Any) -> list[str]:
    """The summary of a run with these results, as the role keeps them."""
    return summarize_run({"host": {"results": results, **more}}, (), 0).lines


def named(name: str, status: str = "standalone", gears: int = 1, **values: Any) -> dict[str, Any]:
    app = {"domain": "acme", "name": name, "ha_status": status, "haproxy_count": 1, "web_gears": gears}
    return {**app, "gear_count": gears, "min_gears": 1, "max_gears": -1, "problems": [], **values}


def changed(name: str, status: str = "done", before: str = "standalone", **values: Any) -> dict[str, Any]:
    after = named(name, "highly_available", 2, haproxy_count=2)
    steps = [{"action": "make_ha", "status": status}]
    return {"changed": True, "before": named(name, before, **values), "application": after, "steps": steps}


def failed(name: str, reason: str = "no", remedy: str = "Help.", **parts: Any) -> dict[str, Any]:
    why = {"problem": CANNOT, "reason": reason, "effect": "Nothing was changed.", "next_step": remedy, **parts}
    app = named(name)
    return {"changed": False, "failed": True, "msg": f"acme/{name}: {reason}", "before": app, "application": app} | {
        "failure": why
    }


def blocked(name: str, reason: str = "no gears", remedy: str = "Free gears.") -> dict[str, Any]:
    return {**failed(name, reason, remedy), "blockers": [{"code": "gear_limit", "message": reason}]}


def unchanged(name: str, status: str = "highly_available", **values: Any) -> dict[str, Any]:
    app = named(name, status)
    return {"changed": False, "failed": False, "before": app, "application": app, "steps": [], **values}


# --- A host ----------------------------------------------------------------------------------------------------------


def test_a_host_keeps_its_result() -> None:
    outcome = summarize_host(result(failed=False))
    assert outcome == RoleOutcome((result(failed=False),))


def test_a_host_fails_with_the_message_of_the_module() -> None:
    blockers = [{"code": "maximum", "message": "acme/shop: its maximum is 2."}]
    outcome = summarize_host(result(changed=False, failed=False, msg="acme/shop: no.", blockers=blockers))
    assert outcome.failure == "acme/shop: no."
    assert outcome.results[0]["failed"] is True


def test_a_host_with_invalid_options_fails_too() -> None:
    outcome = summarize_host({"changed": False, "failed": False, "msg": "min_gears: 0 is less than 1"})
    assert outcome.failure == "min_gears: 0 is less than 1"
    assert outcome.results[0]["failed"] is True
    lines = summarize_run({"shop-acme": {"results": outcome.results}}, (), 0).lines
    assert lines == ["1 application: failed.", "Failed (1):", "  shop-acme: min_gears: 0 is less than 1"]


def test_a_host_that_is_not_scalable_is_skipped() -> None:
    app = {"domain": "acme", "name": "plain", "ha_status": "not_scalable", "haproxy_count": 0, "web_gears": 1}
    blockers = [{"code": "not_scalable", "message": "acme/plain is not scalable."}]
    outcome = summarize_host({"msg": "no", "before": app, "application": app, "blockers": blockers})
    assert outcome.failure == ""
    assert outcome.results[0]["failed"] is False
    assert summary(*outcome.results) == [
        "1 application: unchanged.",
        "Unchanged (1): acme/plain (not scalable, skipped)",
    ]


# --- A list ----------------------------------------------------------------------------------------------------------


def test_a_list_fails_if_an_application_failed() -> None:
    two = "2 of 3 applications failed. Gone. Applications: acme/crm, acme/shop.\nSuccessful: 1 without changes."
    outcome = summarize_list(fleet(failed("crm"), unchanged("wiki"), failed("shop"), msg=two))
    assert outcome.failure == "2 of 3 applications are not in the desired state. The summary above states the reason."
    assert [each["failed"] for each in outcome.results] == [True, False, True]
    one = summarize_list(fleet(failed("crm"), msg="1 of 1 applications failed. acme/crm: no"))
    assert one.failure == "acme/crm: no"


def test_a_refused_run_is_explained_first() -> None:
    message = "acme/crm would fail, and on_error is stop. Nothing was changed."
    waiting = unchanged("api", "standalone", steps=[{"action": "make_ha", "status": "planned"}])
    outcome = summarize_list(fleet(failed("crm"), waiting, msg=message))
    assert (outcome.note, outcome.failure) == (message, message)
    assert summary(*outcome.results, note=message)[:4] == [
        "2 applications: 1 not started, 1 failed.",
        message,
        "Not started (1):",
        "  acme/api: standalone",
    ]


def test_a_list_with_invalid_options_has_no_results() -> None:
    message = "applications[1]: min_gears: 0 is less than 1"
    outcome = summarize_list({"msg": message})
    assert outcome == RoleOutcome((), message, message)
    lines = summarize_run({"localhost": {"results": (), "note": message, "failure": message}}, (), 0).lines
    assert lines == ["No application was handled."]
    both = {"a": {"results": (unchanged("shop"),)}, "b": {"results": (), "note": message, "failure": message}}
    assert summarize_run(both, (), 0).lines[1] == f"b: {message}"


# --- The summary -----------------------------------------------------------------------------------------------------


def test_nothing_to_do() -> None:
    assert summary() == ["No applications: nothing to do."]
    assert summary(unchanged("shop")) == ["1 application: unchanged.", "Unchanged (1): acme/shop (highly_available)"]


def test_a_single_change_shows_what_changes() -> None:
    line = "  acme/api: standalone -> highly_available, HAProxy 1 -> 2, web gears 1 -> 2"
    assert summary(changed("api")) == ["1 application: changed.", "Changed (1), +1 gear:", line]
    assert summary(changed("api", "planned"))[:2] == ["1 application: would change.", "Would change (1), +1 gear:"]


def test_equal_changes_are_one_line() -> None:
    run = [changed(f"app{number:03}", "planned") for number in range(90)]
    lines = summary(*run, changed("crm", "planned", "degraded", problems=[{"code": "haproxy_same_node"}]))
    assert lines == [
        "91 applications: 91 would change.",
        "Would change (91), +91 gears:",
        "  90 standalone -> highly_available: acme/app000, acme/app001, acme/app002 and 87 more",
        "  acme/crm: degraded (haproxy_same_node) -> highly_available, HAProxy 1 -> 2, web gears 1 -> 2",
    ]


def test_disabled_ha_is_named_first_however_many_other_changes_there_are() -> None:
    kinds = [
        changed(f"{'abcdef'[kind]}{number}", gears=kind + 2, min_gears=kind) for kind in range(6) for number in range(9)
    ]
    off = [{**changed("off", before="highly_available"), "application": named("off", "standalone", 3)}]
    lines = summary(*kinds, *off)
    assert lines[2].startswith("  acme/off: highly_available -> standalone")


def test_a_change_of_limits_is_a_kind_of_its_own() -> None:
    after = named("api", "highly_available", max_gears=4)
    change = {"changed": True, "before": named("api", "highly_available"), "application": after, "steps": []}
    assert summary(change)[1:] == ["Changed (1):", "  acme/api: highly_available, maximum none -> 4"]


def test_failures_are_grouped_by_reason_with_their_remedy_once() -> None:
    hosts = [failed(f"app{number}", "the application has 2 gears") for number in range(3)]
    done = failed("x", "HTTP 500", "Run again.", problem="failed to add a gear", effect="Done: HA was enabled.")
    assert summary(*hosts, done, blocked("pay")) == [
        "5 applications: 1 blocked, 4 failed.",
        "Blocked (1):",
        "  acme/pay: no gears.",
        "    Free gears.",
        "Failed (4):",
        "  Each application has 2 gears.",
        "    3 applications: acme/app0, acme/app1, acme/app2",
        "    Help.",
        "  acme/x: failed to add a gear: HTTP 500.",
        "    Done: HA was enabled. Run again.",
    ]


def test_ignored_applications_are_unchanged() -> None:
    ignored = unchanged("two", "standalone", ignored=True, policy_rule={"number": 2, "name": "tests"})
    assert summary(ignored)[1] == "Unchanged (1): acme/two (ignored by the policy, rule 2 (tests))"
    assert summary(ignored, ignored, unchanged("shop"))[1] == (
        "Unchanged (3): 2 ignored by the policy, acme/shop (highly_available)"
    )


def test_hosts_without_a_result_and_later_batches_are_named() -> None:
    lines = summarize_run({"a": {"results": (unchanged("shop"),)}}, ["b", "c"], 7).lines
    assert lines[1:3] == ["Without a result: b, c. See the messages above.", "In later batches: 7 hosts."]


RESULTS = st.one_of(
    st.builds(changed, NAMES, st.sampled_from(["done", "planned"]), STATUS),
    st.builds(blocked, NAMES, st.integers(0, 20).map("reason {}".format), st.sampled_from(["", "Help."])),
    st.builds(failed, NAMES, st.integers(0, 20).map("reason {}".format), st.sampled_from(["", "Help."])),
    st.builds(unchanged, NAMES, STATUS),
)


@given(st.lists(RESULTS, max_size=200))
def test_the_summary_is_complete_fits_on_a_screen_and_agrees_with_the_exit_status(
    results: list[dict[str, Any]],
) -> None:
    run = summarize_run({"host": {"results": results}}, (), 0)
    lines = run.lines
    assert len(lines) <= 30
    assert "and 1 more" not in "\n".join(lines)
    counts = [int(number) for line in lines for number in re.findall(r"^[A-Z][a-z ]+ \((\d+)\)", line)]
    assert sum(counts) == len(results)
    assert bool(run.failure) == any(each.get("failed") for each in results)
    assert all(each["application"]["name"] in "\n".join(lines) for each in results) or len(results) > 1

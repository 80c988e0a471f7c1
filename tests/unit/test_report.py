"""The report: its rows, its owners, its texts, and the inputs that it is built from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import LEVELS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import (
    build_report,
    parse_made_at,
    strip_credentials,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import render_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import (
    NOT_REACHED,
    InputError,
    ReportInput,
    parse_registered,
    read_hosts,
    read_variables,
    refuse_masked,
    unobserved,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    FINDINGS,
    PROBLEMS,
    STATUSES,
    Report,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.returns import returned_values
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.summary import render_summary
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import LABELS, MEANINGS
from tests.unit.reports import (
    BLOCKED,
    DONE,
    GONE,
    MADE_AT,
    PLANNED,
    SKIPPED,
    WARNING,
    app,
    drifted,
    report,
    result,
)

# --- Rows ------------------------------------------------------------------------------------------------------------

NOT_SCALABLE_IN_LIST = result(
    app(status="not_scalable"), blockers=[{"code": "not_scalable", "message": "no"}], failed=True
)
ONE_INSTANCE = "1 of 2 HAProxy instances"
CASES: dict[str, tuple[Any, str, str]] = {
    "no drift": (result(app()), "in_order", ""),
    "degraded": (drifted("shop"), "drifted", ONE_INSTANCE),
    "standalone": (drifted("shop", "standalone"), "drifted", f"not HA, {ONE_INSTANCE}"),
    "blocked": (BLOCKED, "blocked", ONE_INSTANCE),
    "not scalable, in a selection": (SKIPPED, "left_alone", ""),
    "not scalable, in a list": (NOT_SCALABLE_IN_LIST, "blocked", "not scalable"),
    "not checked": (GONE, "failed", "could not be checked"),
    "repaired": (drifted("shop", steps=[DONE]), "repaired", ONE_INSTANCE),
    "repair failed": (drifted("shop", steps=[DONE], failed=True), "failed", ONE_INSTANCE),
    "failed with failed_when: false": (
        drifted("shop", steps=[{**DONE, "status": "unknown"}], failed_when_result=False, msg="lost"),
        "failed",
        ONE_INSTANCE,
    ),
    "limits": (
        drifted("shop", "highly_available", application=app(min_gears=3, max_gears=10)),
        "drifted",
        "minimum 2 (desired: 3), maximum none (desired: 10)",
    ),
    "limits, blocked": (
        drifted("shop", "highly_available", blockers=[{"code": "maximum", "message": "no"}], application=app()),
        "blocked",
        "limits are not in the desired state",
    ),
    "HA is not desired": (
        drifted("shop", "highly_available", steps=[{**PLANNED, "action": "disable_ha"}]),
        "drifted",
        "HA is not desired",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_finding_and_difference(case: str) -> None:
    given_result, finding, missing = CASES[case]
    (row,) = report(given_result).rows
    assert (row.finding, row.missing) == (finding, missing)


def test_host_that_is_not_scalable_is_skipped() -> None:
    (row,) = report(NOT_SCALABLE_IN_LIST, lenient=True).rows
    assert (row.finding, row.blockers, row.failed) == ("left_alone", (), False)


def test_step_shows_its_status_unless_it_is_planned() -> None:
    steps = [PLANNED, DONE, {**PLANNED, "status": "failed"}, {**PLANNED, "status": "unknown"}]
    assert report(drifted("shop", steps=steps)).rows[0].steps == (
        "scale up from 3 gears to 4",
        "scale up from 3 gears to 4: done",
        "scale up from 3 gears to 4: failed",
        "scale up from 3 gears to 4: unknown outcome",
    )


def test_counts_and_names() -> None:
    made = report(result(app("wiki")), drifted("api"), BLOCKED, GONE)
    assert made.counts == {
        "total": 4,
        "highly_available": 1,
        "degraded": 2,
        "standalone": 0,
        "not_scalable": 0,
        "unknown": 1,
        "drifted": 2,
        "blocked": 1,
        "failed": 2,
    }
    assert made.names == {
        "drifted": ("acme/api", "acme/shop"),
        "blocked": ("acme/shop",),
        "failed": ("acme/shop", "acme/gone"),
    }


def test_returned_values() -> None:
    made = report(drifted("api"), BLOCKED)
    values = returned_values(made)
    assert values["headline"] == values["summary"].splitlines()[0]
    assert values["names"] == {"drifted": ["acme/api", "acme/shop"], "blocked": ["acme/shop"], "failed": ["acme/shop"]}
    assert values["stats"]["app_ha_audit_total"] == 2
    assert values["stats"]["app_ha_audit_drifted"] == 2
    assert values["stats"]["app_ha_audit_drifted_names"] == ["acme/api", "acme/shop"]
    assert set(values["stats"]) == {
        *(f"app_ha_audit_{key}" for key in made.counts),
        *(f"app_ha_audit_{code}" for code in PROBLEMS),
        *(f"app_ha_audit_verified_{level}" for level in LEVELS),
        *(f"app_ha_audit_{group}_names" for group in (*made.names, "new", "repaired")),
        *(f"app_ha_audit_{group}" for group in ("new", "repaired")),
        *(f"app_ha_audit_notification_{part}" for part in ("subject", "text", "markdown")),
    }


def test_hosts_of_two_brokers() -> None:
    """Hosts of two inventories: their results name the broker; without a result, the variable of the inventory does."""
    east = {**SHOP, "seen": {**result(app()), "broker_url": "https://east"}, "openshift_broker_url": "https://other"}
    hosts = Hosts(east=east, west={**SHOP, "openshift_broker_url": "https://west"})
    read = read_hosts(["east", "west"], ["seen"], hosts)
    assert [part.broker_url for part in read] == ["https://east", "https://west"]


# --- Owners ----------------------------------------------------------------------------------------------------------


def owned(name: str, owner: str, needed: int, available: int | None) -> Any:
    before = app(name, "degraded", owner=owner)
    return drifted(name, before=before, gears_needed=needed, gears_available=available)


def test_owners_that_lack_gears_come_first() -> None:
    made = report(
        owned("a", "alice", 5, 9), owned("b", "bob", 2, 1), owned("c", "carol", 1, None), owned("d", "bob", 1, 0)
    )
    owners = [(o.login, o.applications, o.gears_needed, o.gears_available, o.shortage) for o in made.owners]
    assert owners == [("bob", 2, 3, 1, 2), ("alice", 1, 5, 9, 0), ("carol", 1, 1, None, 0)]


def test_gears_in_the_summary_take_precedence() -> None:
    made = report(owned("a", "alice", 5, 9), gears_available={"alice": 3, "zoe": 7})
    assert [(o.login, o.gears_available, o.shortage) for o in made.owners] == [("alice", 3, 2)]


# --- Inputs ----------------------------------------------------------------------------------------------------------


def test_registered_variables() -> None:
    fleet = {"results": [result(app())], "summary": {"gears_available": {"alice": 4}}}
    assert parse_registered(result(app())) == ReportInput((result(app()),))
    assert parse_registered(fleet) == ReportInput((result(app()),), {"alice": 4})
    assert parse_registered({"results": [result(app())]}) == ReportInput((result(app()),))
    assert parse_registered({"results": [], "summary": {}}) == ReportInput(())
    assert parse_registered({"skipped": True}) == ReportInput(())
    assert parse_registered({"results": [], "msg": "no broker"}) == ReportInput((), error="no broker")
    assert parse_registered({"msg": "broker_url: is missing"}) == ReportInput((), error="broker_url: is missing")
    assert parse_registered({}).error


def test_variables_of_the_task() -> None:
    variables = {"one": result(app()), "other": {"skipped": True}, "text": "x"}
    assert read_variables(["one", "other"], variables) == [ReportInput((result(app()),)), ReportInput(())]
    for missing in ("text", "none"):
        with pytest.raises(InputError, match=f"registered: no task registered a variable '{missing}'"):
            read_variables(["one", missing], variables)


class Hosts(dict[str, Mapping[str, Any]]):
    """Variables of hosts, as Ansible's ``hostvars`` holds them: ``[host]`` evaluates templates."""

    def __getitem__(self, host: str) -> Mapping[str, Any]:
        return {name: "evaluated" if value == "{{ x }}" else value for name, value in self.raw_get(host).items()}

    def raw_get(self, host: str) -> Mapping[str, Any]:
        return super().__getitem__(host)


SHOP = {"openshift_domain": "acme", "openshift_app": "{{ x }}"}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({**SHOP, "seen": result(app())}, ReportInput((result(app()),), lenient=True, host="h")),
        ({**SHOP, "seen": {"msg": "no"}}, ReportInput((unobserved("acme", "evaluated", "h: no"),))),
        ({**SHOP, "seen": {"skipped": True}}, ReportInput((unobserved("acme", "evaluated", f"h: {NOT_REACHED}"),))),
        (SHOP, ReportInput((unobserved("acme", "evaluated", f"h: {NOT_REACHED}"),))),
        ({"seen": {"results": [], "summary": {}}}, ReportInput(())),
        ({}, ReportInput((), error=f"h: {NOT_REACHED}")),
    ],
    ids=["result", "failed", "skipped", "not reached", "fleet", "fleet, not reached"],
)
def test_variables_of_a_host(variables: dict[str, Any], expected: ReportInput) -> None:
    assert read_hosts(["h"], ["seen"], Hosts(h=variables)) == [expected]


MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PART = "al********"
PLAIN = {"domain": "acme", "name": "shop", "ha_status": "degraded"}


@pytest.mark.parametrize(
    ("results", "more", "where"),
    [
        ([{"application": {**PLAIN, "name": MASK}}], {}, "results[0].application.name"),
        ([{"application": PLAIN}, {"application": PLAIN, "before": {**PLAIN, "domain": PART}}], {}, "before.domain"),
        ([{"application": PLAIN, "steps": [{"action": MASK, "detail": "x"}]}], {}, "steps[0].action"),
        ([{"application": PLAIN, "blockers": [{"code": MASK, "message": "x"}]}], {}, "blockers[0].code"),
        ([{"application": PLAIN}], {"gears_available": {PART: 1}}, "gears_available"),
        ([{"application": PLAIN}], {"unmatched": (PART,)}, "unmatched"),
    ],
)
def test_masked_facts_are_refused(results: list[Any], more: dict[str, Any], where: str) -> None:
    with pytest.raises(InputError) as error:
        refuse_masked([ReportInput(tuple(results), **more)])
    assert where in str(error.value)
    assert "No report was written." in str(error.value)


def test_masked_messages_are_reported() -> None:
    failed: Any = {"application": PLAIN, "failed": True, "msg": "Refused: ********.", "changed": False}
    refuse_masked([ReportInput((failed,))])
    assert report(failed).names["failed"] == ("acme/shop",)


def test_time_of_the_report() -> None:
    assert parse_made_at("2026-11-22T03:15:00Z", MADE_AT) == datetime(2026, 11, 22, 3, 15, tzinfo=timezone.utc)
    assert parse_made_at("2026-11-22T03:15:00+00:00", MADE_AT) == MADE_AT
    assert parse_made_at(None, MADE_AT) is MADE_AT
    assert parse_made_at(None, MADE_AT.replace(tzinfo=None)).tzinfo
    with pytest.raises(InputError, match="made_at: 'at night' is not a date and time"):
        parse_made_at("at night", MADE_AT)


# --- Errors ----------------------------------------------------------------------------------------------------------


def test_hosts_of_which_no_application_could_be_checked() -> None:
    others = [unobserved("acme", f"a{number}", "the same") for number in range(2)]
    assert report(GONE).error == GONE["msg"]
    assert report(GONE, others[0]).error == f"{GONE['msg']} The other application could not be checked either."
    made = report(GONE, *others)
    assert made.error == f"{GONE['msg']} The other 2 applications could not be checked either."
    assert made.counts["unknown"] == 3


def test_one_broker_of_two() -> None:
    down = parse_registered({"msg": "The broker is down."})
    made = build_report([down, down, ReportInput((result(app()),))], "", "", MADE_AT)
    assert render_summary(made).splitlines()[0] == "Not everything could be checked. The broker is down."


def test_unmatched_names_of_the_selection() -> None:
    made = report(result(app()), unmatched=("nosuch", "shpo"))
    first = render_summary(made).splitlines()[0]
    assert first.startswith("No drift: ")
    assert first.endswith(" Selected, but not accessible to this account: nosuch, shpo.")


# --- Text ------------------------------------------------------------------------------------------------------------


def test_summary() -> None:
    blocked = {**BLOCKED, "gears_available": 0}
    made = report(result(app("wiki")), drifted("api"), blocked, GONE)
    assert render_summary(made).splitlines() == [
        "2 of 4 applications drifted: 1 can be repaired (1 gear needed), 1 blocked. 1 could not be checked.",
        "Found: 1 highly available, 2 degraded, 1 unknown.",
        "Failed:",
        "  acme/gone: could not be checked: it does not exist",
        "Blocked:",
        "  acme/shop has 2 gears and its maximum is 2",
        "Drifted:",
        "  acme/api: 1 of 2 HAProxy instances (+1 gear)",
        "Not enough gears:",
        "  alice: needs 2, 0 left",
    ]


def test_warnings_in_the_summary() -> None:
    made = report(drifted("api", "standalone", warnings=[WARNING]))
    assert render_summary(made).splitlines()[-2:] == ["Warnings:", f"  {WARNING}"]


def test_applications_with_the_same_reason_share_a_line() -> None:
    lines = render_summary(report(*(drifted(f"app{number}") for number in range(1500)))).splitlines()
    assert lines == [
        "1,500 of 1,500 applications drifted: 1,500 can be repaired (1,500 gears needed).",
        "Found: 1,500 degraded.",
        "Drifted:",
        "  1,500 applications: 1 of 2 HAProxy instances (+1 gear each). "
        "They are acme/app0, acme/app1, acme/app2, acme/app3, acme/app4 and 1,495 more.",
    ]


def test_a_summary_of_many_reasons_is_short() -> None:
    """Every application has a reason, a message and a warning of its own, and its owner lacks gears."""
    many = [
        drifted(
            f"app{n}",
            before=app(f"app{n}", "degraded", owner=f"owner{n}"),
            gears_available=0,
            steps=[PLANNED, DONE, PLANNED][n % 3 : n % 3 + 1],
            blockers=[{"code": "maximum", "message": f"reason number {n}"}] if n % 3 == 0 else [],
            warnings=[f"warning number {n}"],
            **({"failed": True, "msg": f"failure {n}"} if n % 5 == 1 else {"msg": f"change {n}"}),
        )
        for n in range(2000)
    ]
    lines = render_summary(report(*many)).splitlines()
    assert len(lines) <= 36
    assert "  and 663 more" in lines


def placed(name: str, problem: str, **more: Any) -> Any:
    """An application that claims HA, of which a placement was read, with that problem."""
    message = (
        f"acme/{name}: the HAProxy instances on gear {'0123456789ab' * 2} are on the same node (10.0.0.7). Move it."
    )
    problems = [{"code": problem, "message": message, "repairable": False}]
    before = app(name, ha_status="degraded", verified="placement", problems=problems)
    blockers = [{"code": "relocation", "message": message}]
    return result(before, blockers=blockers, failed=True, msg=message, **more)


def test_problems_are_grouped_with_their_remedy() -> None:
    compliant_app = result(app("wiki", verified="placement", problems=[]))
    made = report(compliant_app, placed("pay", "haproxy_same_node"), placed("shop", "haproxy_same_node"))
    assert render_summary(made).splitlines() == [
        "2 of 3 applications drifted: 2 blocked.",
        "Found: 1 highly available, 2 degraded.",
        "Problems: HAProxy instances on the same node: 2.",
        "Verified, of those that claim HA, at the level placement: 3.",
        "Blocked:",
        "  2 applications: the HAProxy instances on gear … are on the same node (…). Move it. "
        "They are acme/pay, acme/shop.",
    ]
    one = render_summary(report(placed("pay", "haproxy_same_node"))).splitlines()
    assert one[-1].startswith("  acme/pay: the HAProxy instances on gear 0123456789ab")
    assert "(10.0.0.7)" in one[-1]


def compliant(count: int) -> tuple[Any, ...]:
    return tuple(result(app(f"app{number}")) for number in range(count))


@pytest.mark.parametrize(
    ("results", "line"),
    [
        ((), "No application was checked."),
        (
            (drifted("a", warnings=[WARNING]), drifted("b")),
            "2 of 2 applications drifted: 2 can be repaired (2 gears needed), 1 of them with a warning.",
        ),
        ((result(app()),), "No drift: 1 application is in the desired state."),
        (compliant(340), "No drift: all 340 applications are in the desired state."),
        (
            (result(app()), SKIPPED),
            "No drift: 1 application is in the desired state, 1 is skipped (not scalable).",
        ),
        (
            (*compliant(3), SKIPPED, result(app("flat", "not_scalable"))),
            "No drift: 3 applications are in the desired state, 2 are skipped (not scalable).",
        ),
        ((SKIPPED, result(app("flat", "not_scalable"))), "No drift: 2 applications are skipped (not scalable)."),
        ((result(app()), GONE), "No drift found, but 1 of 2 applications could not be checked."),
        ((drifted("a", steps=[DONE]), drifted("b", failed=True)), "2 of 2 applications drifted: 1 repaired, 1 failed."),
    ],
)
def test_headline(results: tuple[Any, ...], line: str) -> None:
    assert render_summary(report(*results)).splitlines()[0] == line


def test_every_status_and_finding_has_a_label_and_a_meaning() -> None:
    assert set(LABELS) == set(MEANINGS) == {*STATUSES, *FINDINGS}


# --- Credentials -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://alice:geheim@broker.example.com/broker/rest", "https://broker.example.com/broker/rest"),
        ("https://broker.example.com/rest?token=geheim", "https://broker.example.com/rest"),
        ("https://alice:ge/geheim?x@broker.example.com/rest", "https://broker.example.com/rest"),
        ("https://alice:x://geheim@broker.example.com", "https://broker.example.com"),
        ("alice:geheim@broker.example.com/rest", "broker.example.com/rest"),
        ("alice:x://geheim@broker.example.com/rest", "broker.example.com/rest"),
        ("https://[::1]:8443/rest", "https://[::1]:8443/rest"),
        ("", ""),
    ],
)
def test_address_without_credentials(url: str, shown: str) -> None:
    assert strip_credentials(url) == shown


def test_report_has_no_credentials() -> None:
    made: Report = build_report([], "", "https://alice:geheim@broker.example.com?token=geheim", MADE_AT)
    assert made.broker_url == "https://broker.example.com"


# --- Applications that the data contain more than once

SAME: dict[str, tuple[Any, ...]] = {
    "the same result": (drifted("shop"), drifted("shop")),
    "in other capitals": (drifted("shop"), drifted("SHOP")),
    "could not be checked once": (unobserved("acme", "shop", "host: no route"), drifted("shop")),
    "in a renamed domain": (drifted("shop"), result(app("shop", domain="former"))),
    "in the desired state once": (result(app("shop")), drifted("shop")),
}


@pytest.mark.parametrize("results", SAME.values(), ids=SAME)
def test_an_application_is_counted_once(results: tuple[Any, ...]) -> None:
    made = report(results[0], drifted("blog"), *results[1:])
    assert [row.name for row in made.rows] == ["shop", "blog"]
    assert (made.counts["total"], made.counts["drifted"], made.counts["unknown"]) == (2, 2, 0)
    assert sum(owner.gears_needed for owner in made.owners) == 2
    assert made.rows[0].warnings == ("acme/shop is in the data 2 times, and is counted once.",)


def test_applications_of_different_brokers_are_counted_each() -> None:
    """Their names are the same, but not their ids."""
    made = report(result(app("shop")), result(app("shop", id="2")), result(app("shop")))
    assert made.counts["total"] == 2
    assert [bool(row.warnings) for row in made.rows] == [True, False]


def test_applications_without_names_are_counted_each() -> None:
    assert report(unobserved(None, None, "a: no"), unobserved(None, None, "b: no")).counts["total"] == 2


def test_the_rule_that_applied_and_ignored_applications() -> None:
    rule = {"number": 2, "name": "tests <b>"}
    problem = {"code": "haproxy_missing", "message": "acme/two: one is missing", "repairable": True}
    ignored = result(app("two", "degraded", problems=[problem]), ignored=True, policy_rule=rule)
    other = result(app("api"), ignored=False, policy_rule=None)
    made = report(ignored, other)
    first, second = made.rows
    assert (first.rule, first.finding, first.drifted, first.failed) == ("2 (tests <b>)", "ignored", False, False)
    assert (second.rule, second.finding) == ("", "in_order")
    assert made.counts["ignored"] == 1
    assert returned_values(made)["headline"] == (
        "No drift: 1 application is in the desired state, 1 is ignored by the policy."
    )
    assert (first.problems, first.repair_command, first.admin_commands) == ((), "", ())
    assert "<td>2 (tests &lt;b&gt;)</td>" in render_html(made)
    without = report(result(app()))
    assert "ignored" not in without.counts
    assert ">Rule<" not in render_html(without)

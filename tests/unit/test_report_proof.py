"""The proof of high availability in the report: problems, nodes and zones, grouped reasons, and commands."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.commands import AuditScope
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import (
    InputError,
    ReportInput,
    refuse_malformed,
    refuse_masked,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import PROBLEMS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.reasons import group_reasons, reasons_of
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.returns import returned_values
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.several import build_reports
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.summary import render_summary
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import label
from tests.unit.reports import (
    BLOCKED,
    DONE,
    GONE,
    MADE_AT,
    ON_ONE_NODE,
    SAME_NODE_PROBLEM,
    app,
    drifted,
    instance,
    placed,
    report,
    result,
)

# --- Problems and places ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instances", "spread"),
    [
        ((instance(1, "10.0.0.11"), instance(2, "10.0.0.12", "east/z2")), "zone"),
        ((instance(1, "10.0.0.11"), instance(2, "10.0.0.12")), "node"),
        ((instance(1, "10.0.0.11", ""), instance(2, "10.0.0.12", "")), "node"),
        ((instance(1, "10.0.0.11"), instance(2, "10.0.0.11", counts=False)), "none"),
        ((instance(1, "10.0.0.11"), instance(2, "10.0.0.12", "east/z2", counts=False)), "none"),
        ((instance(1, "10.0.0.11"),), "none"),
        ((), ""),
    ],
    ids=["zones", "nodes", "no zones", "one node", "one does not count", "one", "not read"],
)
def test_how_far_apart_the_instances_are(instances: tuple[Any, ...], spread: str) -> None:
    assert report(placed(*instances)).rows[0].spread == spread


def test_problems_are_counted_and_named() -> None:
    made = report(ON_ONE_NODE, drifted("api"), result(app("wiki")))
    assert made.by_problem == {**dict.fromkeys(PROBLEMS, 0), "haproxy_same_node": 1}
    assert made.rows[0].missing == "HAProxy instances on the same node"
    assert render_summary(made).splitlines()[2] == "Problems: HAProxy instances on the same node: 1."
    values = returned_values(made)
    assert values["problems"] == made.by_problem
    assert values["stats"]["app_ha_audit_haproxy_same_node"] == 1
    assert values["stats"]["app_ha_audit_operation_pending"] == 0


def test_problem_of_another_release_is_counted() -> None:
    made = report(placed(problems=({"code": "haproxy_asleep", "message": "acme/shop: asleep."},)))
    assert made.by_problem["haproxy_asleep"] == 1
    assert label("haproxy_asleep") == "haproxy asleep"
    assert "app_ha_audit_haproxy_asleep" not in returned_values(made)["stats"]


def test_missing_instances_alone_are_not_repeated_in_the_summary() -> None:
    missing = {"code": "haproxy_missing", "message": "acme/shop: missing.", "repairable": True}
    made = report(drifted("shop", before=app("shop", "degraded", problems=[missing], verified="count")))
    assert (made.rows[0].missing, made.rows[0].verified) == ("1 of 2 HAProxy instances", "count")
    assert "Problems" not in render_summary(made)


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("before", {"problems": "x"}, "results[0].before.problems"),
        ("instances", ["x"], "results[0].instances"),
    ],
)
def test_malformed_proof_is_refused(field: str, value: Any, path: str) -> None:
    with pytest.raises(InputError) as error:
        refuse_malformed([ReportInput(({field: value},))])  # type: ignore[typeddict-item]
    assert str(error.value).startswith(f"{path}: must be a list of dictionaries")


def test_masked_messages_of_problems_are_reported() -> None:
    masked = {**SAME_NODE_PROBLEM, "message": "acme/shop: ********."}
    refuse_masked([ReportInput((placed(problems=(masked,)),))])
    with pytest.raises(InputError):
        refuse_masked([ReportInput((placed(instance(1, "********")),))])


# --- Reasons ---------------------------------------------------------------------------------------------------------


def without_capability(name: str, owner: str) -> Any:
    command = f"oo-admin-ctl-user -l {owner} --allowha true"
    text = f"acme/{name}: the owner {owner} does not have the HA capability. An administrator grants it with {command}."
    before = app(name, "standalone", owner=owner)
    return drifted(
        name, before=before, application=before, blockers=[{"code": "capability", "message": text}], failed=True
    )


def test_equal_reasons_are_grouped() -> None:
    rows = [
        without_capability("shop", "alice"),
        without_capability("api", "bob@x.com"),
        without_capability("b", "alice"),
    ]
    other = {"code": "maximum", "message": "acme/wiki: the maximum is 2"}
    groups = group_reasons(report(*rows, drifted("wiki", blockers=[other], failed=True), GONE).rows)
    assert [(group.kind, group.title, len(group.rows)) for group in groups] == [
        ("failed", "failed", 1),
        ("blocked", "no HA capability", 3),
        ("blocked", "maximum of gears", 1),
    ]
    assert groups[1].text == (
        "the owner does not have the HA capability. An administrator grants it with "
        "oo-admin-ctl-user -l OWNER --allowha true."
    )
    assert groups[1].owners == (("alice", 2), ("bob@x.com", 1))
    assert groups[1].commands == (
        "oo-admin-ctl-user -l alice --allowha true",
        "oo-admin-ctl-user -l bob@x.com --allowha true",
    )


def test_gears_and_addresses_do_not_separate_reasons() -> None:
    def problem(name: str, gear: str, address: str) -> Any:
        text = f"acme/{name}: the HAProxy instances on gears {gear}, {gear[::-1]} are on the same node ({address})."
        problems = ({**SAME_NODE_PROBLEM, "message": text},)
        return {**placed(problems=problems), "before": app(name, "degraded", problems=list(problems))}

    first, second = problem("shop", "0f" * 12, "10.0.0.11"), problem("api", "1e" * 12, "10.0.0.12")
    (group,) = group_reasons(report(first, second).rows)
    assert (group.kind, len(group.rows)) == ("problem", 2)
    assert group.text == "the HAProxy instances on gears … are on the same node (…)."
    (alone,) = group_reasons(report(first).rows)
    assert "10.0.0.11" in alone.text


def test_a_problem_that_blocks_is_one_reason() -> None:
    assert [reason.kind for reason in reasons_of(report(ON_ONE_NODE).rows[0])] == ["blocked"]


def test_reasons_keep_their_addresses() -> None:
    """A link to a reason works in the next report, too."""
    first = reasons_of(report(without_capability("shop", "alice")).rows[0])[0]
    other = reasons_of(report(without_capability("api", "zoe")).rows[0])[0]
    assert first.id == other.id


# --- Commands --------------------------------------------------------------------------------------------------------


def variables_in(command: str) -> dict[str, Any]:
    """The extra variables of a command."""
    words = shlex.split(command)
    found: dict[str, Any] = json.loads(words[words.index("-e") + 1])
    return found


def test_repair_of_an_application_in_a_list() -> None:
    command = report(drifted("api")).rows[0].repair_command
    assert command.startswith("ansible-playbook openshift_v2.apps.enable_ha -e ")
    assert variables_in(command) == {"app_ha_applications": [{"domain": "acme", "name": "api"}]}


def test_repair_at_the_level_at_which_the_problem_was_found() -> None:
    variables = variables_in(report(ON_ONE_NODE).rows[0].repair_command)
    assert (variables["app_ha_verify"], variables["app_ha_relocate"]) == ("placement", True)


def test_repair_of_a_host() -> None:
    parts = [ReportInput((drifted(name),), host=f"{name}-acme.example.com") for name in ("api", "shop")]
    made = build_report(parts, "", "", MADE_AT, AuditScope(["acme's hosts.yml"]))
    words = shlex.split(made.rows[0].repair_command)
    assert words[:6] == [
        "ansible-playbook",
        "openshift_v2.apps.enable_ha",
        "-i",
        "acme's hosts.yml",
        "--limit",
        "api-acme.example.com",
    ]
    assert "api-acme.example.com:shop-acme.example.com" in shlex.split(made.repair_command)


def test_one_command_for_all_that_can_be_repaired() -> None:
    made = report(drifted("api"), drifted("wiki"), BLOCKED, GONE, result(app("blog")))
    names = [entry["name"] for entry in variables_in(made.repair_command)["app_ha_applications"]]
    assert names == ["api", "wiki"]
    assert report(BLOCKED).repair_command == ""
    assert report(*(drifted(f"app{number}") for number in range(101))).repair_command == ""


@pytest.mark.parametrize(
    "given_result",
    [
        result(app()),
        drifted("shop", steps=[DONE]),
        GONE,
        drifted("x", before=app("{{ lookup('pipe', 'id') }}", "degraded")),
        drifted("x", before=app("x; reboot", "degraded")),
        drifted("x", before=app("-x", "degraded")),
        drifted("shop", "highly_available", steps=[{"action": "disable_ha", "status": "planned"}]),
    ],
    ids=["no drift", "repaired", "not checked", "template", "shell", "option", "HA is not desired"],
)
def test_no_repair_command(given_result: Any) -> None:
    assert report(given_result).rows[0].repair_command == ""


@pytest.mark.parametrize("owner", ["{{ 7 }}", "-x", "a;b", "$(reboot)"])
def test_no_command_for_a_login_that_no_user_has(owner: str) -> None:
    assert report(without_capability("shop", owner)).rows[0].admin_commands == ()


def test_commands_of_an_administrator() -> None:
    assert report(ON_ONE_NODE).rows[0].admin_commands == ("oo-admin-move --gear_uuid b2 -i NODE",)
    gears = drifted("shop", blockers=[{"code": "gear_limit", "message": "no"}], failed=True)
    assert report(gears).rows[0].admin_commands == ("oo-admin-ctl-user -l alice --setmaxgears N",)
    zone = {"code": "haproxy_same_zone", "message": "acme/shop: one zone.", "repairable": False}
    apart = (instance(1, "10.0.0.11"), instance(2, "10.0.0.12", counts=False))
    blocked = placed(*apart, problems=(zone,), blockers=[{"code": "haproxy_same_zone", "message": "no"}], failed=True)
    assert report(blocked).rows[0].admin_commands == ("oo-admin-move --gear_uuid b2 -i NODE",)


def test_hosts_of_two_kinds_have_no_common_command() -> None:
    parts = [ReportInput((drifted("api"),), host="api"), ReportInput((drifted("shop"),))]
    made = build_report(parts, "", "", MADE_AT)
    assert made.repair_command == ""
    assert all(row.repair_command for row in made.rows)


def test_commands_for_several_brokers_name_their_broker() -> None:
    parts = [
        ReportInput((drifted("api"),), broker_url="https://one.example.com"),
        ReportInput((drifted("api"),), broker_url="https://other.example.com"),
        ReportInput((drifted("shop"),), broker_url="https://other.example.com", host="shop"),
    ]
    made = build_reports(parts, "", "", MADE_AT)
    commands = [row.repair_command for row in made.rows]
    assert [command.split(" -e ")[0] for command in commands] == [
        "OPENSHIFT_BROKER_URL=https://one.example.com ansible-playbook openshift_v2.apps.enable_ha",
        "OPENSHIFT_BROKER_URL=https://other.example.com ansible-playbook openshift_v2.apps.enable_ha",
        "ansible-playbook openshift_v2.apps.enable_ha --limit shop",
    ]
    assert made.repair_command == ""

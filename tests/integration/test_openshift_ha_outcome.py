"""openshift_ha_outcome reads registered results. Unit tests of its summaries: test_ha_outcome.py."""

from __future__ import annotations

from typing import Any

from tests.harness import IN_PROCESS, Ansible, Platform

OUTCOME = "openshift_v2.apps.openshift_ha_outcome"
APP_HA, APPS_HA = "openshift_v2.apps.openshift_app_ha", "openshift_v2.apps.openshift_apps_ha"


def test_it_summarizes_the_first_registered_result_that_was_not_skipped(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3, ha=True)
    shop = {"domain": "acme", "name": "shop"}
    tasks: list[dict[str, Any]] = [
        {APPS_HA: {"select": {}}, "check_mode": True, "register": "fleet"},
        {APP_HA: shop, "check_mode": True, "register": "app"},
        {APP_HA: shop, "when": False, "register": "skipped"},
        {OUTCOME: {"application": "app", "applications": "fleet"}, "name": "application", "register": "one"},
        {OUTCOME: {"application": "skipped", "applications": "fleet"}, "name": "applications", "register": "many"},
        {OUTCOME: {"summary": "one"}, "name": "summary of application"},
        {OUTCOME: {"summary": "many"}, "name": "summary of applications"},
        {OUTCOME: {"verdict": "many"}, "name": "verdict"},
        {OUTCOME: {"application": "skipped", "applications": "nosuch"}, "name": "nothing"},
        {OUTCOME: {"application": "app", "report": "app"}, "name": "both"},
        {OUTCOME: {}, "name": "none"},
    ]
    run = ansible.tasks(*tasks, way=IN_PROCESS)
    results = {task.task: task.result for task in run.of("openshift_ha_outcome")}
    line = "  acme/shop: degraded -> highly_available, HAProxy 1 -> 2, web gears 3 -> 4"
    for case in ("application", "applications"):
        assert (results[case]["failure"], results[case]["changed"]) == ("", False)
        assert [entry["application"]["name"] for entry in results[case]["results"]] == ["shop"]
        assert results[f"summary of {case}"]["msg"] == [
            "1 application: would change.",
            "Would change (1), +1 gear:",
            line,
        ]
    assert not results["verdict"].get("failed")
    assert "No task has registered a result in skipped or nosuch." in results["nothing"]["msg"]
    assert "application|report" in results["both"]["msg"]
    required = "one of the following is required: application, applications, report, summary, stats, verdict"
    assert required in results["none"]["msg"]

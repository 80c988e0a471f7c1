"""The statistics of a run that changes applications."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.run_stats import count_nothing, count_run
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.summary import Summary, parse_result


def result(name: str, status: str = "highly_available", **values: Any) -> dict[str, Any]:
    app = {"domain": "acme", "name": name, "ha_status": status}
    return {"changed": False, "failed": False, "before": app, "application": app, "steps": [], **values}


def changed(name: str, status: str = "done") -> dict[str, Any]:
    step = {"action": "make_ha", "detail": "enable HA", "status": status}
    return result(name, changed=True, before=result(name, "standalone")["before"], steps=[step])


def failed(name: str, **values: Any) -> dict[str, Any]:
    why = {"problem": "cannot be repaired", "reason": "no gears", "effect": "Nothing was changed.", "next_step": ""}
    return result(name, "degraded", failed=True, msg=f"acme/{name}: no gears.", failure=why, **values)


def blocked(name: str) -> dict[str, Any]:
    return failed(name, blockers=[{"code": "gear_limit", "message": "no gears"}])


def unread(name: str) -> dict[str, Any]:
    app = {"domain": "acme", "name": name}
    return {"changed": False, "failed": True, "msg": f"acme/{name}: gone.", "before": app, "application": app}


def stats(*results: dict[str, Any], unreached: int = 0, was_refused: bool = False) -> dict[str, Any]:
    summary = Summary(tuple(map(parse_result, results)), failed=was_refused)
    return count_run(summary, results, unreached)


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (stats(result("a"), changed("b")), "no_drift"),
        (stats(result("a"), result("b", "standalone", ignored=True)), "no_drift"),
        (stats(result("a"), failed("b"), unread("c")), "drift"),
        (stats(changed("a", "planned")), "drift"),
        (stats(result("a"), unread("c")), "could_not_observe"),
        (stats(result("a"), unreached=1), "could_not_observe"),
        (stats(was_refused=True), "could_not_observe"),
        (stats(), "no_drift"),
    ],
    ids=["repaired", "ignored", "failed", "predicted", "unread", "unreached", "refused", "nothing"],
)
def test_one_word_for_the_state_after_the_run(found: dict[str, Any], word: str) -> None:
    assert found["openshift_ha_outcome"] == word


def test_counts_and_names() -> None:
    found = stats(changed("a"), result("b"), failed("c"), blocked("d"), unread("e"), unreached=1)
    numbers = {key: found[f"app_ha_enable_{key}"] for key in ("total", "changed", "drifted", "blocked", "failed")}
    assert numbers == {"total": 6, "changed": 1, "drifted": 2, "blocked": 1, "failed": 4}
    assert found["app_ha_enable_unknown"] == 2
    assert found["app_ha_enable_changed_names"] == ["acme/a"]
    assert found["app_ha_enable_drifted_names"] == ["acme/c", "acme/d"]
    assert found["app_ha_enable_blocked_names"] == ["acme/d"]
    assert found["app_ha_enable_failed_names"] == ["acme/c", "acme/d", "acme/e"]


def test_statistics_are_small() -> None:
    found = stats(*(failed(f"app{number}") for number in range(3000)))
    assert found["app_ha_enable_failed"] == 3000
    assert {len(value) for key, value in found.items() if key.endswith("_names")} == {0, 100}
    assert len(str(found)) < 20_000


def test_the_message_has_the_summary() -> None:
    found = stats(changed("a"), failed("b"), unread("c"))
    subject = "High availability of applications, repair: 1 changed, 1 not in the desired state, 1 not checked"
    assert found["app_ha_enable_notification_subject"] == subject
    text = found["app_ha_enable_notification_text"]
    assert text.startswith("High availability of applications, repair\n3 applications")
    assert found["app_ha_enable_notification_markdown"].count("```") == 2


def test_a_run_without_anything_to_do_has_all_keys() -> None:
    nothing = count_nothing("Nothing to do: no application.")
    assert nothing.keys() == stats(failed("a")).keys()
    assert nothing["app_ha_enable_notification_text"].endswith("\nNothing to do: no application.\n")
    assert nothing["openshift_ha_outcome"] == "no_drift"

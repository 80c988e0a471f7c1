"""An application is deleted and created again while a run changes it: the new one is not touched."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from tests.harness import Ansible, Platform, TaskRun

SHOP = {"domain": "acme", "name": "shop"}
#: The shape of the new application, which has a gear that a run might mistake for its own.
ANEW = {**SHOP, "cartridges": ["php-5.4"], "gears": 4, "ha": True, "haproxy": 2}


@pytest.fixture
def shop(platform: Platform) -> Platform:
    """acme/shop, HA in name only."""
    platform.app("acme", "shop", gears=3, ha=True)
    return platform


def recreate(platform: Platform) -> None:
    platform.call("DELETE", "/domain/acme/application/shop", None)
    platform.broker.seed({"applications": [ANEW]})


def after_call(monkeypatch: pytest.MonkeyPatch, platform: Platform, method: str, number: int = 1) -> None:
    """Create the application anew when that method of the client has been called so many times."""
    original, calls = getattr(Broker, method), []

    def replaced(self: Broker, *given: Any) -> Any:
        answer = original(self, *given)
        calls.append(given)
        if len(calls) == number:
            recreate(platform)
        return answer

    monkeypatch.setattr(Broker, method, replaced)


def one(ansible: Ansible, module: str, **options: Any) -> TaskRun:
    name = f"openshift_v2.apps.{module}"
    return ansible.tasks({"name": "shop", name: {"poll_interval": 0.1, "wait_timeout": 5, **options}}).of(module)[0]


RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "auto": ("openshift_app_ha", {**SHOP}),
    "preserve": ("openshift_app_ha", {**SHOP, "preserve_gear_count": True}),
    "scale_up": ("openshift_app_ha", {**SHOP, "scale_strategy": "scale_up", "preserve_gear_count": True}),
    "scale": ("openshift_app_scale", {**SHOP, "gears": 5}),
    "limits": ("openshift_cartridge_scale", {**SHOP, "cartridge": "php-5.4", "min_gears": 5}),
    "fleet": ("openshift_apps_ha", {"select": {}, "preserve_gear_count": True}),
}


@pytest.mark.parametrize("name", RUNS)
def test_nothing_is_sent_to_the_new_application(
    ansible: Ansible, shop: Platform, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    module, options = RUNS[name]
    after_call(monkeypatch, shop, "send")
    run = one(ansible, module, **options)
    assert run.failed
    assert shop.shown("acme", "shop") == (True, 4, 2)
    assert len([method for method in run.writes if method != "DELETE"]) == 1
    entry = run.result["results"][0] if name == "fleet" else run.result
    assert "another application has its name now" in run.result["msg"]
    assert "Done: " in run.result["msg"]
    assert entry["changed"] is True
    assert [step["status"] for step in entry["steps"]] == ["done"]
    assert entry["application"]["id"] == entry["before"]["id"]


REMOVALS = {
    "preserve": ("openshift_app_ha", {**SHOP, "preserve_gear_count": True}, 2),
    "fleet": ("openshift_apps_ha", {"select": {}, "preserve_gear_count": True}, 2),
    "scale": ("openshift_app_scale", {**SHOP, "gears": 2}, 1),
}


@pytest.mark.parametrize("name", REMOVALS)
def test_no_gear_of_the_new_application_is_removed(
    ansible: Ansible, shop: Platform, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It is there when the states of the gears are read, right before the removal."""
    module, options, reads = REMOVALS[name]
    after_call(monkeypatch, shop, "application", reads)
    run = one(ansible, module, **options)
    assert run.failed
    assert shop.shown("acme", "shop") == (True, 4, 2)
    assert len([method for method in run.writes if method != "DELETE"]) == reads - 1
    assert "another application has its name now" in run.result["msg"]
    assert run.result["changed"] == (reads > 1)


CLAIMS: dict[str, tuple[str, dict[str, Any], str, int]] = {
    "info": ("openshift_app_info", {**SHOP, "verify": "placement"}, "application", 1),
    "all": ("openshift_app_info", {"verify": "placement"}, "applications", 1),
    "after a write": ("openshift_app_ha", {**SHOP, "scale_strategy": "scale_up"}, "application", 2),
    "fleet": (
        "openshift_apps_ha",
        {"select": {}, "verify": "placement", "scale_strategy": "scale_up"},
        "application",
        2,
    ),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_the_placement_of_the_new_application_is_no_proof_for_the_former_one(
    ansible: Ansible, shop: Platform, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It is there when the placement is read, right after the application itself."""
    module, options, method, reads = CLAIMS[name]
    if module == "openshift_app_info":
        shop.event("acme", "shop", {"event": "scale-up"})
        patience = {}
    else:
        patience = {"poll_interval": 0.1, "wait_timeout": 5}
    after_call(monkeypatch, shop, method, reads)
    task = {"name": "shop", f"openshift_v2.apps.{module}": {**patience, **options}}
    (run,) = ansible.tasks(task).of(module)
    results = run.result.get("results") or run.result.get("applications") or [run.result]
    shown = [entry.get("application", entry) for entry in results]
    assert [(app["ha_status"], app["verified"]) for app in shown] == [("degraded", "count")], run.result
    assert "another application has its name now" in str(shown[0]["problems"])
    assert run.failed == (module != "openshift_app_info")


def test_an_application_that_was_replaced_after_the_plan_of_the_fleet_is_not_changed(
    ansible: Ansible, shop: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_call(monkeypatch, shop, "domains")
    run = one(ansible, "openshift_apps_ha", select={})
    assert run.failed
    assert run.writes == ["DELETE"]
    assert "another application has its name now" in run.result["msg"]
    assert "Nothing was changed" in run.result["msg"]
    assert shop.shown("acme", "shop") == (True, 4, 2)


def test_a_domain_of_another_user_may_get_the_name(
    ansible: Ansible, shop: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A domain without applications can be renamed, and its name is free then."""
    original = Broker.send

    def renamed(self: Broker, *given: Any) -> None:
        original(self, *given)
        monkeypatch.setattr(Broker, "send", original)
        shop.call("DELETE", "/domain/acme/application/shop", None)
        shop.call("PUT", "/domain/acme", {"name": "other"})
        shop.user("bob")
        shop.domain("acme", "bob")
        shop.broker.seed({"applications": [ANEW]})
        shop.call("POST", "/domain/acme/members", {"login": "alice", "role": "edit"}, "bob")

    monkeypatch.setattr(Broker, "send", renamed)
    run = one(ansible, "openshift_app_ha", **SHOP, preserve_gear_count=True)
    assert run.failed
    assert "another application has its name now" in run.result["msg"]
    assert shop.shown("acme", "shop", "bob") == (True, 4, 2)

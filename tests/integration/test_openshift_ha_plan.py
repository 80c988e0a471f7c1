"""The module openshift_ha_plan in this process. test_audit.py and test_role_app_ha.py run it in plays."""

from __future__ import annotations

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.failures import UNREAD
from tests.actions import run_action

SELECT = {"domains": ["acme"]}
BOTH = {"applications": [], "select": {}}


def plan(**variables: object) -> dict[str, object]:
    return run_action("openshift_ha_plan", {"applications": {"host": "localhost", **variables}})


def test_variables_name_the_applications() -> None:
    assert plan(applications=[])["options"] == {"applications": []}
    assert plan(select=SELECT)["options"] == {"select": SELECT}
    assert plan(all=True)["options"] == {"select": {}}
    assert plan(all=True, applications=[])["options"] == {"applications": []}


@pytest.mark.parametrize(
    "variables",
    [{}, BOTH, {**BOTH, "all": True}, {"select": SELECT, "domain": "acme"}],
    ids=["none", "both", "both with all", "a domain too"],
)
def test_variables_that_do_not_name_them_are_refused(variables: dict[str, object]) -> None:
    result = plan(**variables)
    assert result["failed"]
    assert str(result["msg"]).startswith("localhost: the variables do not name the applications. Nothing was changed.")


def test_an_unreadable_inventory_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UNREAD, "/etc/acme.openshift_apps.yml", "HTTP 401. Nothing was changed. Check password")
    assert plan()["msg"] == (
        "The inventory /etc/acme.openshift_apps.yml could not be read: HTTP 401. Check password. Then run again. "
        "Nothing was changed."
    )

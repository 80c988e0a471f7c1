"""Tokens with few scopes, against the embedded broker: check mode predicts the refusal, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Ansible, Platform

APP = {"domain": "acme", "name": "shop"}
TASKS: dict[str, dict[str, Any]] = {
    "openshift_app_ha": APP,
    "openshift_apps_ha": {"applications": [APP]},
    "openshift_app_scale": {**APP, "gears": 4},
    "openshift_cartridge_scale": {**APP, "cartridge": "php-5.4", "min_gears": 4},
}
#: The modules that only scale.
SCALING = ("openshift_app_scale", "openshift_cartridge_scale")


def run(ansible: Ansible, platform: Platform, module: str, scope: str, check_mode: bool) -> tuple[dict[str, Any], int]:
    """The result for the application, and the number of writes."""
    identifier = platform.call("GET", "/domain/acme/application/shop", None)["id"]
    request_for_token = {"scope": scope.replace("ID", identifier), "note": "test", "expires_in": 600}
    token = platform.call("POST", "/user/authorizations", request_for_token)["token"]
    platform.broker.clear_requests()
    options = {**TASKS[module], "token": token}
    env = {"OPENSHIFT_BROKER_USERNAME": None, "OPENSHIFT_BROKER_PASSWORD": None}
    task = {"name": "shop", f"openshift_v2.apps.{module}": options, "check_mode": check_mode}
    (done,) = ansible.tasks(task, env=env).of(module)
    writes = [request for request in platform.broker.requests() if request["method"] != "GET"]
    result = done.result["results"][0] if module == "openshift_apps_ha" else done.result
    return result, len(writes)


@pytest.mark.parametrize("module", TASKS)
@pytest.mark.parametrize("scope", ["read", "application/ID/view", "application/ID/scale", "application/ID/edit"])
@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "run"])
def test_a_token_is_refused_before_the_first_write(
    ansible: Ansible, platform: Platform, module: str, scope: str, check_mode: bool
) -> None:
    platform.app("acme", "shop", gears=2)
    result, writes = run(ansible, platform, module, scope, check_mode)
    is_allowed = scope.endswith("edit") or (scope.endswith("scale") and module in SCALING)
    codes = [blocker["code"] for blocker in result["blockers"]]
    assert (result.get("failed", False), codes) == ((False, []) if is_allowed else (True, ["permission"]))
    assert (writes > 0) == (is_allowed and not check_mode)

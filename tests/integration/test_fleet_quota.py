"""A fleet's plan and outcome with small gear quotas, one of which shrinks during the run."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock
from tests.harness import LOGIN, PASSWORD, Platform

Result = dict[str, Any]


def fleet(platform: Platform, check_mode: bool = False, runtime: Runtime | None = None, **options: Any) -> Result:
    """Run the operation of ``openshift_apps_ha``, without Ansible."""
    given = {"broker_url": platform.url, "username": LOGIN, "password": PASSWORD, "poll_interval": 0.05}
    scope = {} if "applications" in options or "select" in options else {"select": {}}
    validated = ArgumentSpecValidator(**SPECS["openshift_apps_ha"]()).validate({**given, **scope, **options})
    assert not validated.error_messages
    return run("openshift_apps_ha", validated.validated_parameters, check_mode, runtime or Runtime())


def outcomes(result: Result) -> dict[str, tuple[bool, str]]:
    """For each application, whether it failed, and its status."""
    return {
        f"{entry['application']['domain']}/{entry['application']['name']}": (
            entry["failed"],
            entry["application"]["ha_status"],
        )
        for entry in result["results"]
    }


def application(domain: str, name: str, gears: int, **more: Any) -> dict[str, Any]:
    return {"domain": domain, "name": name, "cartridges": ["php-5.4"], "scalable": True, "gears": gears, **more}


def trap(domain: str, name: str, gears: int = 3) -> dict[str, Any]:
    """An application that is HA in name only."""
    return application(domain, name, gears, ha=True, haproxy=1)


# --- The account's own limit, which the broker also checks for applications of other owners


@pytest.fixture
def editor(platform: Platform) -> Platform:
    """Alice may use one more gear, and may edit the applications of bob, whose quota is enough for all."""
    platform.user(max_gears=2)
    platform.broker.seed(
        {
            "users": [{"login": "bob", "ha": True, "max_gears": 100}],
            "domains": [
                {"name": "adom", "owner": "bob", "members": [{"login": LOGIN, "role": "edit"}]},
                {"name": "zdom", "owner": LOGIN},
            ],
            "applications": [application("adom", "one", 3), application("adom", "two", 3)],
        }
    )
    return platform


@pytest.mark.parametrize("concurrency", [1, 4])
def test_own_applications_use_up_the_limit_after_those_of_other_owners(editor: Platform, concurrency: int) -> None:
    editor.broker.seed({"applications": [application("zdom", "mine", 1)]})
    check = fleet(editor, True, concurrency=concurrency)
    real = fleet(editor, concurrency=concurrency)
    assert outcomes(check) == outcomes(real)
    assert set(outcomes(real).values()) == {(False, "highly_available")}


def test_a_gear_that_is_removed_again_counts_towards_the_limit_meanwhile(editor: Platform) -> None:
    editor.user(max_gears=3)
    editor.broker.settings(write_latency=0.2)
    editor.broker.seed({"applications": [trap("zdom", "mine", 2)]})
    check = fleet(editor, True, concurrency=2, preserve_gear_count=True)
    real = fleet(editor, concurrency=2, preserve_gear_count=True)
    assert outcomes(check) == outcomes(real)
    assert set(outcomes(real).values()) == {(False, "highly_available")}


def test_the_order_of_a_list_does_not_matter_for_the_limit(editor: Platform) -> None:
    editor.broker.seed({"applications": [application("zdom", "mine", 1)]})
    listed = [{"domain": "zdom", "name": "mine"}, {"domain": "adom", "name": "one"}, {"domain": "adom", "name": "two"}]
    real = fleet(editor, applications=listed, concurrency=1)
    assert list(outcomes(real).items()) == [
        ("zdom/mine", (False, "highly_available")),
        ("adom/one", (False, "highly_available")),
        ("adom/two", (False, "highly_available")),
    ]


# --- A quota that shrinks after the plan


def test_the_quota_is_read_again_before_the_first_of_two_writes(platform: Platform) -> None:
    """Otherwise make-ha would succeed and the scale-up would fail: the module would create a degraded application."""
    platform.user(max_gears=8)
    platform.broker.seed({"applications": [application("acme", "first", 3), application("acme", "second", 3)]})

    def take_the_last_gear(done: int, _total: int, _repair: object) -> None:
        if done == 1:
            platform.app("acme", "other")

    result = fleet(platform, runtime=Runtime(progress=take_the_last_gear), concurrency=1)
    assert outcomes(result) == {"acme/first": (False, "highly_available"), "acme/second": (True, "standalone")}
    assert [blocker["code"] for blocker in result["results"][1]["blockers"]] == ["gear_limit"]
    assert platform.shown("acme", "second") == (False, 3, 1)


# --- on_error: stop


def test_check_mode_predicts_that_stop_refuses_the_run(platform: Platform) -> None:
    platform.app("acme", "narrow", 2, maximum=2, ha=True)
    platform.app("acme", "shop", 3, ha=True)
    check, real = fleet(platform, True, on_error="stop"), fleet(platform, on_error="stop")
    assert check["changed"] is real["changed"] is False
    assert check["msg"] == real["msg"]
    assert outcomes(check) == outcomes(real)


def test_applications_that_were_not_attempted_have_failed(platform: Platform) -> None:
    platform.broker.seed({"applications": [trap("acme", f"a{number}") for number in range(4)]})
    platform.broker.faults({"path": "/application/a1/(events|cartridge)", "do": "node_failure:143"})
    clock = Clock(jitter=lambda: 0.1)
    result = fleet(platform, runtime=Runtime(clock=clock), on_error="stop", concurrency=1, wait_timeout=5)
    assert outcomes(result)["acme/a0"] == (False, "highly_available")
    assert [outcomes(result)[f"acme/a{number}"] for number in (1, 2, 3)] == [(True, "degraded")] * 3
    assert result["summary"]["failed"] == 3
    assert result["msg"].startswith("3 of 4 applications failed, 2 of them not attempted. acme/a1")


def test_an_application_that_could_not_be_read_does_not_count_as_not_attempted(platform: Platform) -> None:
    platform.app("acme", "shop", ha=True)
    gone = {"domain": "acme", "name": "gone"}
    result = fleet(platform, applications=[{"domain": "acme", "name": "shop"}, gone])
    assert result["msg"].startswith("1 of 2 applications failed. acme/gone: could not be read")


# --- Unreadable applications and empty options


def test_an_application_outside_of_a_selection_may_be_unreadable(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ansible_collections.openshift_v2.apps.plugins.module_utils._client import api as broker

    genuine = broker.Application.from_json

    def broken(data: Any) -> Any:
        return genuine({**data, "gear_count": None} if data["name"] == "broken" else data)

    monkeypatch.setattr(broker.Application, "from_json", broken)
    platform.domain("other")
    platform.app("other", "broken")
    platform.app("acme", "shop", 3, ha=True)
    for select in ({"domains": ["acme"]}, {"names": ["sh*"]}, {"exclude": ["other/*"]}):
        assert list(outcomes(fleet(platform, True, select=select))) == ["acme/shop"]
    assert fleet(platform, True, select={"names": ["br*"]})["results"][0]["failed"]


@pytest.mark.parametrize("empty", ["applications", "select"])
def test_an_option_without_a_value_is_named(platform: Platform, empty: str) -> None:
    platform.broker.clear_requests()
    result = fleet(platform, **{empty: None})
    assert result["failed"]
    assert result["msg"].startswith("applications: ")
    assert platform.broker.requests() == []


def test_limits_for_all_are_validated_per_application(platform: Platform) -> None:
    platform.app("acme", "shop", 1)
    absent = [{"domain": "acme", "name": "shop", "state": "absent"}]
    assert "failed" not in fleet(platform, True, applications=absent, max_gears=1)

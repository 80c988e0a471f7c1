"""A fleet's plan and its outcome where room is scarce: the owner's, the caller's, and room that goes meanwhile."""

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
    """The operation of ``openshift_apps_ha`` as both ways to run it do it."""
    given = {"broker_url": platform.url, "username": LOGIN, "password": PASSWORD, "poll_interval": 0.05}
    which = {} if "applications" in options or "select" in options else {"select": {}}
    validated = ArgumentSpecValidator(**SPECS["openshift_apps_ha"]()).validate({**given, **which, **options})
    assert not validated.error_messages
    return run("openshift_apps_ha", validated.validated_parameters, check_mode, runtime or Runtime())


def became(result: Result) -> dict[str, tuple[bool, str]]:
    """Of each application whether it failed, and its status."""
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


# --- The caller's own limit, which the broker looks at for applications of others too


@pytest.fixture
def editor(platform: Platform) -> Platform:
    """Alice may use one gear more herself, and edits what is bob's, who has room for all."""
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
def test_applications_of_others_do_not_meet_the_limit_that_our_own_fill(editor: Platform, concurrency: int) -> None:
    editor.broker.seed({"applications": [application("zdom", "mine", 1)]})
    check = fleet(editor, True, concurrency=concurrency)
    real = fleet(editor, concurrency=concurrency)
    assert became(check) == became(real)
    assert set(became(real).values()) == {(False, "highly_available")}


def test_a_gear_that_is_given_back_fills_our_limit_for_a_while(editor: Platform) -> None:
    editor.user(max_gears=3)
    editor.broker.settings(write_latency=0.2)
    editor.broker.seed({"applications": [trap("zdom", "mine", 2)]})
    check = fleet(editor, True, concurrency=2, preserve_gear_count=True)
    real = fleet(editor, concurrency=2, preserve_gear_count=True)
    assert became(check) == became(real)
    assert set(became(real).values()) == {(False, "highly_available")}


def test_the_order_of_a_list_does_not_matter_for_that(editor: Platform) -> None:
    editor.broker.seed({"applications": [application("zdom", "mine", 1)]})
    listed = [{"domain": "zdom", "name": "mine"}, {"domain": "adom", "name": "one"}, {"domain": "adom", "name": "two"}]
    real = fleet(editor, applications=listed, concurrency=1)
    assert list(became(real).items()) == [
        ("zdom/mine", (False, "highly_available")),
        ("adom/one", (False, "highly_available")),
        ("adom/two", (False, "highly_available")),
    ]


# --- Room that was there when the plan was made


def test_room_that_has_gone_is_seen_before_the_first_of_two_writes(platform: Platform) -> None:
    """make-ha would pass and the scale-up be refused: we would have made the trap ourselves."""
    platform.user(max_gears=8)
    platform.broker.seed({"applications": [application("acme", "first", 3), application("acme", "second", 3)]})

    def somebody_else_takes_the_last_gear(_done: int, _total: int, _result: object) -> None:
        if _done == 1:
            platform.app("acme", "other")

    result = fleet(platform, runtime=Runtime(progress=somebody_else_takes_the_last_gear), concurrency=1)
    assert became(result) == {"acme/first": (False, "highly_available"), "acme/second": (True, "standalone")}
    assert "1 gear more" in result["results"][1]["msg"]
    assert platform.shown("acme", "second") == (False, 3, 1)


# --- on_error: stop


def test_check_mode_foretells_that_stop_refuses_to_begin(platform: Platform) -> None:
    platform.app("acme", "narrow", 2, maximum=2, ha=True)
    platform.app("acme", "shop", 3, ha=True)
    check, real = fleet(platform, True, on_error="stop"), fleet(platform, on_error="stop")
    assert check["changed"] is real["changed"] is False
    assert check["msg"] == real["msg"]
    assert became(check) == became(real)


def test_what_was_not_attempted_is_counted_and_has_failed(platform: Platform) -> None:
    platform.broker.seed({"applications": [trap("acme", f"a{number}") for number in range(4)]})
    platform.broker.faults({"path": "/application/a1/events", "do": "node_failure:143"})
    clock = Clock(jitter=lambda: 0.1)
    result = fleet(platform, runtime=Runtime(clock=clock), on_error="stop", concurrency=1, wait_timeout=5)
    assert became(result)["acme/a0"] == (False, "highly_available")
    assert [became(result)[f"acme/a{number}"] for number in (1, 2, 3)] == [(True, "degraded")] * 3
    assert result["summary"]["failed"] == 3
    assert result["msg"].startswith("3 of 4 applications failed, 2 of them not attempted. acme/a1")


def test_what_could_not_be_looked_at_is_not_said_to_be_not_attempted(platform: Platform) -> None:
    platform.app("acme", "shop", ha=True)
    gone = {"domain": "acme", "name": "gone"}
    result = fleet(platform, applications=[{"domain": "acme", "name": "shop"}, gone])
    assert result["msg"].startswith("1 of 2 applications failed. acme/gone: could not be looked at")


# --- What cannot be read, and what was not given


def test_what_is_outside_of_a_selection_need_not_be_readable(
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
        assert list(became(fleet(platform, True, select=select))) == ["acme/shop"]
    assert fleet(platform, True, select={"names": ["br*"]})["results"][0]["failed"]


@pytest.mark.parametrize("empty", ["applications", "select"])
def test_an_option_that_was_left_empty_is_refused_by_name(platform: Platform, empty: str) -> None:
    platform.broker.clear_requests()
    result = fleet(platform, **{empty: None})
    assert result["failed"]
    assert result["msg"].startswith("applications: ")
    assert platform.broker.requests() == []


def test_limits_for_all_are_judged_where_they_are_meant(platform: Platform) -> None:
    platform.app("acme", "shop", 1)
    absent = [{"domain": "acme", "name": "shop", "state": "absent"}]
    assert "failed" not in fleet(platform, True, applications=absent, max_gears=1)

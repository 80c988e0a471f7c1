"""What a module returns, in check mode and in a real run, and that check mode predicts the real run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible import operations
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import app_ha_spec
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Forbidden,
    Interrupted,
    Maintenance,
    NotFound,
    Unanswered,
    Unauthorized,
    Unreachable,
    UnsupportedApi,
)
from tests.unit.memory_broker import Account, Gears, MemoryBroker, Trouble, gears, node_failed, unanswered
from tests.unit.strategies import applications, desired_states

Result = dict[str, Any]
GIVEN = {"domain": "acme", "name": "shop", "broker_url": "https://b.example.com"}
LOGGED_IN = {**GIVEN, "username": "alice", "password": "s3cr3t"}


def app_ha(
    broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch, check_mode: bool = False, **options: object
) -> Result:
    monkeypatch.setattr(operations, "Broker", lambda *_arguments: broker)
    runtime = Runtime(broker.may_write, broker.time.clock())
    params = ArgumentSpecValidator(app_ha_spec()).validate({**LOGGED_IN, **options}).validated_parameters
    return run("openshift_app_ha", params, check_mode, runtime)


def options_of(desired: DesiredHa) -> dict[str, object]:
    options = {key: value for key, value in vars(desired).items() if key != "ha"}
    return {**options, "state": "present" if desired.ha else "absent"}


# --- Check mode predicts the real run


@dataclass(frozen=True)
class World:
    """The owner of the application, the account that sends the requests, and what the platform allows."""

    owner: Account = field(default_factory=lambda: Account("alice"))
    caller: Account | None = None
    allow_ha: bool = True

    def broker(self, app: Gears) -> MemoryBroker:
        return MemoryBroker(app, owner=self.owner, caller_account=self.caller, allow_ha=self.allow_ha)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    owner = Account("alice", draw(st.booleans()), draw(st.integers(0, 15)))
    others = [None, Account("eve", False, draw(st.integers(0, 2))), Account("vic")]
    return World(owner, draw(st.sampled_from(others)), draw(st.booleans()))


def both_ways(
    app: Gears, desired: DesiredHa, world: World, monkeypatch: pytest.MonkeyPatch
) -> tuple[Result, Result, MemoryBroker]:
    """The result in check mode, the result of the real run, and the broker of the real run."""
    unchanged, changed = world.broker(app), world.broker(app)
    predicted = app_ha(unchanged, monkeypatch, check_mode=True, **options_of(desired))
    assert unchanged.writes == []
    return predicted, app_ha(changed, monkeypatch, **options_of(desired)), changed


def comparable(result: Result) -> Result:
    """The parts that must be equal: all but the status and the time of each step."""
    kept = {key: result.get(key) for key in ("changed", "failed", "application", "before", "diff")}
    return {**kept, "steps": [(step["action"], step["detail"]) for step in result["steps"]]}


@given(applications(), desired_states())
def test_check_mode_predicts_the_result_of_the_real_run(app: Gears, desired: DesiredHa) -> None:
    with pytest.MonkeyPatch.context() as patched:
        predicted, real, _broker = both_ways(app, desired, World(), patched)
    assert comparable(predicted) == comparable(real)
    assert predicted["blockers"] == real["blockers"]


@given(applications(), desired_states(), worlds())
def test_check_mode_predicts_refusals_by_accounts_and_platform(app: Gears, desired: DesiredHa, world: World) -> None:
    assume(world.caller is None or world.owner.ha)  # the API does not expose another user's capabilities
    assume(
        world.allow_ha or world.owner.ha
    )  # If there are two reasons, both runs report one of them, but not always the same.
    with pytest.MonkeyPatch.context() as patched:
        predicted, real, _broker = both_ways(app, desired, world, patched)
    assert predicted.get("failed") == real.get("failed")
    assert (predicted["changed"], predicted["application"]) == (real["changed"], real["application"])
    assert {b["code"] for b in real["blockers"]} <= {b["code"] for b in predicted["blockers"]}


@given(applications(), desired_states())
def test_a_second_run_reads_once_and_changes_nothing(app: Gears, desired: DesiredHa) -> None:
    with pytest.MonkeyPatch.context() as patched:
        _predicted, real, broker = both_ways(app, desired, World(), patched)
        assume(not real.get("failed"))
        broker.requests.clear()
        again = app_ha(broker, patched, **options_of(desired))
    assert (again["changed"], again["steps"], broker.requests) == (False, [], ["get"])


def test_an_application_that_is_not_scalable_is_blocked_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    app = replace(gears(1), scalable=False)
    predicted, real, broker = both_ways(app, DesiredHa(), World(), monkeypatch)
    assert [b["code"] for b in predicted["blockers"]] == [b["code"] for b in real["blockers"]] == ["not_scalable"]
    assert (comparable(predicted), broker.writes) == (comparable(real), [])


@pytest.mark.parametrize("login", ["username", "token"])
def test_the_owners_limit_has_the_same_code_both_ways(login: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a single scale-up the quota is not read: the broker refuses it, with the code of the caller's limit."""
    credentials = {} if login == "username" else {"username": None, "password": None, "token": "t0k3n"}
    app, world = gears(3, ha=True), World(Account("alice", max_gears=3))
    predicted = app_ha(world.broker(app), monkeypatch, check_mode=True, **credentials)
    real = app_ha(world.broker(app), monkeypatch, **credentials)
    assert [b["code"] for b in predicted["blockers"]] == [b["code"] for b in real["blockers"]]


def test_check_mode_warns_about_what_it_cannot_know(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = MemoryBroker(gears(1), caller_account=Account("eve"))
    assert "capability" in " ".join(app_ha(broker, monkeypatch, check_mode=True)["warnings"])


def test_check_mode_in_the_desired_state_costs_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = MemoryBroker(gears(3, 2, ha=True))
    assert (app_ha(broker, monkeypatch, check_mode=True)["changed"], broker.requests) == (False, ["get"])


# --- Results


def test_the_result_describes_the_whole_change(monkeypatch: pytest.MonkeyPatch) -> None:
    result = app_ha(MemoryBroker(gears(3, ha=True)), monkeypatch)
    assert (result["before"]["ha_status"], result["application"]["ha_status"]) == ("degraded", "highly_available")
    assert result["diff"] == {
        "prepared": "acme/shop: degraded -> highly_available\n  HAProxy 1 -> 2, web gears 3 -> 4\n"
    }
    assert [(step["action"], step["status"]) for step in result["steps"]] == [("set_limits", "done")] * 2
    assert (result["changed"], result["blockers"], "failed" in result) == (True, [], False)


def test_warnings_are_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    result = app_ha(MemoryBroker(gears(2)), monkeypatch, scale_strategy="none")
    (warning,) = result["warnings"]
    assert {"1", "HAProxy"} <= set(re.findall(r"\w+", warning))


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("set_limits", unanswered(), times=99),
        Trouble("set_limits", node_failed(), times=99),
        Trouble("set_limits", Forbidden("no")),
    ],
    ids=lambda trouble: type(trouble.error).__name__,
)
def test_every_failure_reports_completed_and_open_steps(trouble: Trouble, monkeypatch: pytest.MonkeyPatch) -> None:
    result = app_ha(MemoryBroker(gears(3), troubles=[trouble]), monkeypatch)
    assert (result["failed"], result["changed"]) == (True, True)
    assert [step["status"] for step in result["steps"]][:1] == ["done"]
    assert (result["before"]["ha_status"], result["application"]["ha_status"]) == ("standalone", "degraded")
    assert trouble.error is not None
    assert trouble.error.text.rstrip(".") in result["msg"]


@pytest.mark.parametrize(
    "error",
    [
        Unauthorized("HTTP Basic: Access denied.", 401),
        Forbidden("no", 403, 1),
        NotFound("Domain 'acme' not found.", 404, 127),
        Maintenance("Down until 14:00 UTC.", 503, 0),
        Unanswered("The answer is not the broker's JSON (502)", 502),
        Unreachable("No connection to the broker: refused"),
        UnsupportedApi("Requested API version 1.7 is not supported.", 406),
    ],
    ids=lambda error: error.kind,
)
@pytest.mark.parametrize("check_mode", [False, True], ids=["", "check"])
def test_an_application_that_cannot_be_read(
    error: BrokerError, check_mode: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = app_ha(MemoryBroker(gears(1), blind=[error]), monkeypatch, check_mode)
    assert (result["failed"], result["changed"], result["steps"]) == (True, False, [])
    assert result["application"] == {"domain": "acme", "name": "shop"}
    assert "acme/shop" in result["msg"]
    assert error.text.rstrip(".") in result["msg"]


@pytest.mark.parametrize("check_mode", [False, True], ids=["", "check"])
def test_maintenance_is_a_blocker(check_mode: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    result = app_ha(MemoryBroker(gears(1), blind=[Maintenance("Down.", 503, 0)]), monkeypatch, check_mode)
    assert [blocker["code"] for blocker in result["blockers"]] == ["maintenance"]


def test_an_invalid_option_is_reported_without_any_request(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = MemoryBroker(gears(1))
    result = app_ha(broker, monkeypatch, min_gears=5, max_gears=3)
    assert (result["failed"], result["changed"], broker.requests) == (True, False, [])
    assert result["msg"].startswith("acme/shop: min_gears: ")
    assert result["msg"].endswith(". Nothing was changed.")


def test_an_interrupted_run_fails_with_an_unknown_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop() -> None:
        raise Interrupted("Interrupted by signal 15: nothing more was sent.")

    result = app_ha(MemoryBroker(gears(1), may_write=stop), monkeypatch)
    assert result["failed"]
    assert "Interrupted by signal 15" in result["msg"]


@pytest.mark.parametrize("trouble", [None, Trouble("make_ha", unanswered()), Trouble("make_ha", Forbidden("no"))])
def test_no_secret_is_in_the_result(trouble: Trouble | None, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = MemoryBroker(gears(1), troubles=[trouble] if trouble else [])
    assert "s3cr3t" not in str(app_ha(broker, monkeypatch))

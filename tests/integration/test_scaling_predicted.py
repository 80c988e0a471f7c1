"""Check mode predicts the real run, for random applications, platforms and options.

The tests run the operations of openshift_app_scale and openshift_cartridge_scale against the embedded broker.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import rest_url
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Refused
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import event
from tests.broker import EmbeddedBroker
from tests.broker.catalog import CARTRIDGES
from tests.integration.test_openshift_cartridge_scale import CACHE

Result = dict[str, Any]
REF = AppRef("acme", "shop")
CARTRIDGE_SETS = (["php-5.4"], ["php-5.4", "mysql-5.5"], ["php-5.4", "cron-1.4"], ["php-5.4", CACHE.name])
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    """A broker that also has a service cartridge with own gears."""
    with pytest.MonkeyPatch.context() as patched, EmbeddedBroker() as running:
        patched.setitem(CARTRIDGES, CACHE.name, CACHE)
        yield running


@st.composite
def fleets(draw: st.DrawFn) -> dict[str, Any]:
    """One application, sometimes HA in name only, on a platform with or without an HA multiplier."""
    ha = draw(st.booleans())
    gears = draw(st.integers(2 if ha else 1, 6))
    maximum = draw(st.sampled_from([-1, gears, gears + 1, gears + 3]))
    application = {
        "domain": "acme",
        "name": "shop",
        "cartridges": draw(st.sampled_from(CARTRIDGE_SETS)),
        "ha": ha,
        "gears": gears,
        "haproxy": draw(st.integers(1, min(2, gears))),
        "min_gears": draw(st.integers(1, gears)),
        "max_gears": maximum if maximum != 1 or not ha else -1,
    }
    members = [{"login": "bob", "role": "edit"}]
    return {
        "settings": {"default_ha_multiplier": draw(st.sampled_from([0, 2]))},
        "users": [{"login": "alice", "max_gears": 100}, {"login": "bob", "max_gears": 100}],
        "domains": [{"name": "acme", "owner": "alice", "members": members}],
        "applications": [application],
    }


def are_valid(minimum: int | None, maximum: int | None) -> bool:
    """Whether the module accepts these limits."""
    if minimum is None or maximum is None:
        return minimum is not maximum
    return maximum == -1 or minimum <= maximum


counts = st.one_of(
    st.fixed_dictionaries({"gears": st.integers(1, 9)}), st.sampled_from([{"by": n} for n in (-2, 1, 3)])
)
limits = st.fixed_dictionaries(
    {
        "cartridge": st.sampled_from(["php-5.4", "php", "mysql-5.5", "cron-1.4", "haproxy-1.4", "cache", "nosuch-1"]),
        "allow_gear_removal": st.booleans(),
    },
    optional={"min_gears": st.integers(1, 7), "max_gears": st.sampled_from([-1, *range(1, 8)])},
).filter(lambda options: are_valid(options.get("min_gears"), options.get("max_gears")))
calls = st.one_of(
    counts.map(lambda options: ("openshift_app_scale", options)),
    limits.map(lambda options: ("openshift_cartridge_scale", options)),
)


def seed(broker: EmbeddedBroker, fleet: dict[str, Any]) -> None:
    broker.reset()
    broker.seed(fleet)
    broker.clear_requests()


def operate(broker: EmbeddedBroker, module: str, options: dict[str, Any], check_mode: bool, login: str) -> Result:
    given_options = {"domain": "acme", "name": "shop", "broker_url": broker.url, "username": login, "password": "x"}
    validated = ArgumentSpecValidator(SPECS[module]()["argument_spec"]).validate({**given_options, **options})
    return run(module, validated.validated_parameters, check_mode, Runtime())


def predict_and_run(
    broker: EmbeddedBroker, module: str, options: dict[str, Any], login: str = "alice"
) -> tuple[Result, Result]:
    """The results in check mode, which must not change the broker, and of the real run."""
    state = broker.state()
    predicted = operate(broker, module, options, True, login)
    assert broker.state() == state
    assert {request["method"] for request in broker.requests()} == {"GET"}
    return predicted, operate(broker, module, options, False, login)


def comparable(result: Result, exact: bool) -> Result:
    """The parts that must be equal. ``exact``: whether the number of HAProxy instances can be predicted exactly.

    Before a single write request, only check mode reads the owner's quota.
    """
    kept = {key: value for key, value in result.items() if key not in ("diff", "gears_available")}
    kept["steps"] = [(step["action"], step["detail"]) for step in result["steps"]]
    if not exact:
        kept["application"] = {**result["application"], "haproxy_count": None}
    return kept


@FEW
@given(fleets(), calls)
def test_check_mode_predicts_the_real_run(
    broker: EmbeddedBroker, fleet: dict[str, Any], call: tuple[str, dict[str, Any]]
) -> None:
    module, options = call
    seed(broker, fleet)
    predicted, real = predict_and_run(broker, module, options)
    assume("application" in real)
    exact = fleet["settings"]["default_ha_multiplier"] == 0
    assert comparable(predicted, exact) == comparable(real, exact)
    assert predicted["application"]["haproxy_count"] <= real["application"]["haproxy_count"]
    shown = Broker(Connection(rest_url(broker.url), "alice", "x")).application(REF)
    assert (shown.web_gears, shown.gear_count) == (
        real["application"]["web_gears"],
        real["application"]["gear_count"],
    )
    if not real.get("failed") and "by" not in options:
        broker.clear_requests()
        again = operate(broker, module, options, False, "alice")
        assert (again["changed"], again["steps"]) == (False, [])
        assert [request["method"] for request in broker.requests()] == ["GET"]


@FEW
@given(fleets(), counts)
def test_the_broker_refuses_what_the_prediction_blocks(
    broker: EmbeddedBroker, fleet: dict[str, Any], options: dict[str, Any]
) -> None:
    seed(broker, fleet)
    result = operate(broker, "openshift_app_scale", options, True, "alice")
    assume(result.get("failed"))
    api = Broker(Connection(rest_url(broker.url), "alice", "x"))
    with pytest.raises(Refused):
        api.send(REF, event("scale-up", **({"to": options["gears"]} if "gears" in options else options)))


@FEW
@given(fleets(), calls, st.sampled_from(["alice", "bob"]), st.integers(0, 12), st.integers(0, 3))
def test_refusals_by_accounts_are_predicted(
    broker: EmbeddedBroker,
    fleet: dict[str, Any],
    call: tuple[str, dict[str, Any]],
    login: str,
    owners: int,
    callers: int,
) -> None:
    seed(broker, fleet)
    broker.set_users({"login": "alice", "max_gears": owners}, {"login": "bob", "max_gears": callers})
    predicted, real = predict_and_run(broker, *call, login)
    assume("application" in real)
    assert (predicted.get("failed"), predicted["changed"]) == (real.get("failed"), real["changed"])
    codes = {blocker["code"] for blocker in predicted["blockers"]}
    assert {blocker["code"] for blocker in real["blockers"]} <= codes

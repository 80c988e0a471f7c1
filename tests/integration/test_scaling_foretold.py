"""Whatever the application, the platform and the wish: check mode tells what the real run then does to the broker.

No Ansible between: the operations of openshift_app_scale and openshift_cartridge_scale, against the embedded broker.
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
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.transport import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Refused
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import event
from tests.broker import EmbeddedBroker
from tests.broker.catalog import CARTRIDGES
from tests.integration.test_openshift_cartridge_scale import CACHE

Result = dict[str, Any]
REF = AppRef("acme", "shop")
MAKERS = (["php-5.4"], ["php-5.4", "mysql-5.5"], ["php-5.4", "cron-1.4"], ["php-5.4", CACHE.name])
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    """A broker that also has a service cartridge with gears of its own."""
    with pytest.MonkeyPatch.context() as patched, EmbeddedBroker() as running:
        patched.setitem(CARTRIDGES, CACHE.name, CACHE)
        yield running


@st.composite
def fleets(draw: st.DrawFn) -> dict[str, Any]:
    """One application as it can be, the trap among them, on a platform with or without a multiplier."""
    ha = draw(st.booleans())
    gears = draw(st.integers(2 if ha else 1, 6))
    maximum = draw(st.sampled_from([-1, gears, gears + 1, gears + 3]))
    application = {
        "domain": "acme",
        "name": "shop",
        "cartridges": draw(st.sampled_from(MAKERS)),
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


def can_be_meant(minimum: int | None, maximum: int | None) -> bool:
    """Whether the options let these limits through."""
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
).filter(lambda wish: can_be_meant(wish.get("min_gears"), wish.get("max_gears")))
wishes = st.one_of(
    counts.map(lambda wish: ("openshift_app_scale", wish)),
    limits.map(lambda wish: ("openshift_cartridge_scale", wish)),
)


def started(broker: EmbeddedBroker, fleet: dict[str, Any]) -> None:
    broker.reset()
    broker.seed(fleet)
    broker.clear_requests()


def operate(broker: EmbeddedBroker, module: str, wish: dict[str, Any], check_mode: bool, login: str) -> Result:
    given_options = {"domain": "acme", "name": "shop", "broker_url": broker.url, "username": login, "password": "x"}
    validated = ArgumentSpecValidator(SPECS[module]()["argument_spec"]).validate({**given_options, **wish})
    return run(module, validated.validated_parameters, check_mode, Runtime())


def foretold_and_done(
    broker: EmbeddedBroker, module: str, wish: dict[str, Any], login: str = "alice"
) -> tuple[Result, Result]:
    held = broker.state()
    foretold = operate(broker, module, wish, True, login)
    assert broker.state() == held
    assert {request["method"] for request in broker.requests()} == {"GET"}
    return foretold, operate(broker, module, wish, False, login)


def comparable(result: Result, exact: bool) -> Result:
    """What must be the same; the number of HAProxy is a lower bound where the broker has a multiplier.

    The owner's room is looked at in check mode only, where one request is planned.
    """
    kept = {key: value for key, value in result.items() if key not in ("diff", "gears_available")}
    kept["steps"] = [(step["action"], step["detail"]) for step in result["steps"]]
    if not exact:
        kept["application"] = {**result["application"], "haproxy_count": None}
    return kept


@FEW
@given(fleets(), wishes)
def test_check_mode_tells_what_the_real_run_does(
    broker: EmbeddedBroker, fleet: dict[str, Any], wished: tuple[str, dict[str, Any]]
) -> None:
    module, wish = wished
    started(broker, fleet)
    foretold, real = foretold_and_done(broker, module, wish)
    assume("application" in real)
    exact = fleet["settings"]["default_ha_multiplier"] == 0
    assert comparable(foretold, exact) == comparable(real, exact)
    assert foretold["application"]["haproxy_count"] <= real["application"]["haproxy_count"]
    shown = Broker(Connection(rest_url(broker.url), "alice", "x")).application(REF)
    assert (shown.web_gears, shown.gear_count) == (
        real["application"]["web_gears"],
        real["application"]["gear_count"],
    )
    if not real.get("failed") and "by" not in wish:
        broker.clear_requests()
        again = operate(broker, module, wish, False, "alice")
        assert (again["changed"], again["steps"]) == (False, [])
        assert [request["method"] for request in broker.requests()] == ["GET"]


@FEW
@given(fleets(), counts)
def test_what_is_blocked_beforehand_the_broker_would_refuse(
    broker: EmbeddedBroker, fleet: dict[str, Any], wish: dict[str, Any]
) -> None:
    started(broker, fleet)
    result = operate(broker, "openshift_app_scale", wish, True, "alice")
    assume(result.get("failed"))
    api = Broker(Connection(rest_url(broker.url), "alice", "x"))
    with pytest.raises(Refused):
        api.send(REF, event("scale-up", **({"to": wish["gears"]} if "gears" in wish else wish)))


@FEW
@given(fleets(), wishes, st.sampled_from(["alice", "bob"]), st.integers(0, 12), st.integers(0, 3))
def test_refusals_by_accounts_are_foretold(
    broker: EmbeddedBroker,
    fleet: dict[str, Any],
    wished: tuple[str, dict[str, Any]],
    login: str,
    owners: int,
    callers: int,
) -> None:
    started(broker, fleet)
    broker.set_users({"login": "alice", "max_gears": owners}, {"login": "bob", "max_gears": callers})
    foretold, real = foretold_and_done(broker, *wished, login)
    assume("application" in real)
    assert (foretold.get("failed"), foretold["changed"]) == (real.get("failed"), real["changed"])
    told = {blocker["code"] for blocker in foretold["blockers"]}
    assert {blocker["code"] for blocker in real["blockers"]} <= told

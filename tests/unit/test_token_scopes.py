"""Tokens with few scopes: which steps are predicted to be refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import TokenScopes
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_gears import DesiredGears
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_limits import DesiredLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import DesiredState, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.token_scopes import forbid
from tests.unit.memory_broker import gears

APP = replace(gears(3).shown(), id="5f00000000000000000000a1")
ANOTHER = "0" * 24
HA: DesiredState = DesiredHa()
SCALING: tuple[DesiredState, ...] = (DesiredGears(5), DesiredLimits(APP.web_cartridge or "", 4, None, False))


def codes(header: str | None, desired: DesiredState, app: Application = APP) -> list[str]:
    first = plan(app, desired)
    assert first.path
    assert not first.blockers
    found = forbid(first, app, TokenScopes.from_header(header))
    assert found.after == (app if found.blockers else first.after)
    return [blocker.code for blocker in found.blockers]


@pytest.mark.parametrize(
    "header",
    ["read", "userinfo", "READ", "read userinfo", "read, userinfo", f"domain/{ANOTHER}/view", "application/ID/view"],
)
@pytest.mark.parametrize("desired", [HA, *SCALING])
def test_scopes_for_reading_allow_no_write(header: str, desired: DesiredState) -> None:
    assert codes(header.replace("ID", APP.id), desired) == ["permission"]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        " , ",
        "session",
        "read session",
        "read,application/ID/edit",
        "application/ID/edit",
        "application/ID/admin",
        "application/ID/build",
        f"domain/{ANOTHER}/edit",
        f"domain/{ANOTHER}/admin",
        "readwrite",
        "what/is/this",
        "read something_new",
    ],
)
@pytest.mark.parametrize("desired", [HA, *SCALING])
def test_other_scopes_and_passwords_are_not_predicted_to_be_refused(header: str | None, desired: DesiredState) -> None:
    assert codes(header.replace("ID", APP.id.upper()) if header else header, desired) == []


def test_a_scope_on_another_application_does_not_count() -> None:
    assert codes(f"read application/{ANOTHER}/edit", HA) == ["permission"]


@pytest.mark.parametrize("desired", SCALING)
def test_the_scope_scale_allows_scaling(desired: DesiredState) -> None:
    assert codes(f"application/{APP.id}/scale", desired) == []


def test_the_scope_scale_does_not_allow_ha() -> None:
    assert codes(f"application/{APP.id}/scale", HA) == ["permission"]


def test_the_message_names_the_scopes_and_the_remedy() -> None:
    found = forbid(plan(APP, HA), APP, TokenScopes.from_header("read userinfo"))
    (blocker,) = found.blockers
    assert "because of its scopes read" in blocker.message
    assert f"application/{APP.id}/edit" in blocker.message

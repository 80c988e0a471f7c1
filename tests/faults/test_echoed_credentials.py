"""When a server repeats the credentials of a request, no message contains them in any encoding."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from tests.echoes import APPLICATION, PASSWORDS, USER, base, echoes, leaked, page
from tests.unit.wire import Wire, envelope, error

APP_HA = {"domain": "acme", "name": "shop", "wait_timeout": 0}
RUNS: tuple[tuple[str, bool, dict[str, Any]], ...] = (
    ("openshift_app_ha", True, APP_HA),
    ("openshift_app_ha", False, APP_HA),
    ("openshift_app_info", False, {}),
    ("openshift_apps_ha", False, {"select": {}}),
    ("openshift_user_info", False, {}),
)
#: Answers that are valid for some of the modules.
GOOD_ANSWERS = ("identity", "address", "owner")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry without waiting."""
    monkeypatch.setattr("random.uniform", lambda *_bounds: 0)


def result_of(module: str, url: str, check_mode: bool, **options: Any) -> dict[str, Any]:
    given = {"broker_url": url, "username": USER, "http_timeout": 2, "operation_timeout": 2, **options}
    validation = ArgumentSpecValidator(**SPECS[module]()).validate(given)
    assert not validation.error_messages
    return run(module, validation.validated_parameters, check_mode, Runtime())


@pytest.mark.parametrize("shape", list(echoes("x")))
def test_no_message_contains_credentials(
    shape: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    for password in PASSWORDS:
        with Wire(echoes(password)[shape]) as wire:
            for module, check_mode, options in RUNS:
                result = result_of(module, wire.url, check_mode, password=password, **options)
                assert result["failed"] or shape in GOOD_ANSWERS
                assert leaked(password, json.dumps(result, ensure_ascii=False)) == [], result
    assert [leaked(password, caplog.text + "".join(capfd.readouterr())) for password in PASSWORDS] == [[]] * 5


@pytest.mark.parametrize("shape", ["page", "page, plain", "401, Base64", "envelope, cut", "Location", "header"])
def test_no_message_after_a_write_contains_credentials(shape: str) -> None:
    password = PASSWORDS[0]
    with Wire(envelope(APPLICATION), echoes(password)[shape]) as wire:
        result = result_of("openshift_app_ha", wire.url, False, password=password, **APP_HA)
    assert result["failed"]
    assert result["application"]["name"] == "shop"
    assert leaked(password, json.dumps(result, ensure_ascii=False)) == []


def test_a_token_is_a_secret() -> None:
    token = "CANARY-token/+"
    for answer in (page(f"Bearer {token}"), error(422, f"Bearer {base(token)}", 1)):
        with Wire(answer) as wire:
            result = result_of("openshift_app_ha", wire.url, False, token=token, username=None, **APP_HA)
        assert leaked(token, json.dumps(result)) == []


def test_the_password_of_a_proxy_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for answer in (page("proxy said puser:CANARY-proxy"), page(f"Proxy-Authorization: Basic {base('pu:CANARY-p')}")):
        with Wire(answer) as proxy:
            monkeypatch.setenv("no_proxy", "")
            monkeypatch.setenv("NO_PROXY", "")
            monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//puser:CANARY-p@"))
            result = result_of("openshift_app_ha", "http://broker.example.com", False, password="other-one", **APP_HA)
            assert proxy.requests[0].headers["proxy-authorization"] == f"Basic {base('puser:CANARY-p')}"
        assert result["failed"]
        assert leaked("CANARY-p", json.dumps(result)) == []


@pytest.mark.parametrize("secret", ["scalable", "Only scalable applications", "wiki", "high", "HA", "x", "'"])
@pytest.mark.parametrize(
    ("text", "exit_code", "code"),
    [
        ("Only scalable applications can be made 'HA'", None, "not_scalable"),
        ("'High Availability' is not an allowed feature for the account ('wiki')", None, "capability"),
        ("Cannot scale up above maximum gear limit of 2.", 168, "maximum"),
        ("Your application wiki is being upgraded and configuration changes can not be made", 1, "upgrading"),
    ],
)
def test_the_code_of_a_refusal_does_not_depend_on_the_password(
    secret: str, text: str, exit_code: int | None, code: str
) -> None:
    standalone = {**APPLICATION, "name": "wiki", "ha": False}
    with Wire(envelope(standalone), error(422, text, exit_code)) as wire:
        options = {**APP_HA, "name": "wiki"}
        result = result_of("openshift_app_ha", wire.url, False, password=secret, **options)
    assert [blocker["code"] for blocker in result["blockers"]] == [code]
    assert "acme/wiki" in result["msg"]
    assert "HTTP 422" in result["msg"]
    assert result["application"]["name"] == "wiki"
    assert len(wire.requests) == 2


def test_names_that_equal_the_password_are_kept() -> None:
    web, haproxy = APPLICATION["cartridges"]
    wiki = {**APPLICATION, "name": "wiki", "domain_id": "wiki", "cartridges": [web, {**haproxy, "current_scale": 2}]}
    broken = {**wiki, "name": "broken", "cartridges": None}
    with Wire(envelope([wiki, broken])) as wire:
        options = {"applications": [{"domain": "wiki", "name": "wiki"}, {"domain": "wiki", "name": "broken"}]}
        result = result_of("openshift_apps_ha", wire.url, True, password="wiki", **options)
    assert [entry["application"]["domain"] for entry in result["results"]] == ["wiki", "wiki"]
    assert "wiki/broken" in result["msg"]

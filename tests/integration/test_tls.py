"""The broker over TLS: trusted with its authority's certificate, not trusted without it, and without verification."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from tests.broker import EmbeddedBroker
from tests.harness import AS_MODULE, IN_PROCESS, LOGIN, PASSWORD, Ansible
from tests.parts import thorough
from tests.unit.clients import APPLICATION
from tests.unit.wire import Wire, envelope

MODULE = "openshift_v2.apps.openshift_app_ha"
FLEET = {
    "users": [{"login": LOGIN, "password": PASSWORD, "ha": True, "max_gears": 9}],
    "domains": [{"name": "acme", "owner": LOGIN}],
    "applications": [
        {"domain": "acme", "name": "shop", "cartridges": ["php-5.4"], "gears": 2, "haproxy": 2, "ha": True}
    ],
}


@pytest.fixture(scope="module")
def secure() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(tls=True, fleet=FLEET) as broker:
        yield broker


def read(ansible: Ansible, secure: EmbeddedBroker, way: str | None = None, **options: Any) -> dict[str, Any]:
    """The module's result. The requests are not recorded, because the recorder does not support TLS."""
    task = {"name": "shop", MODULE: {"domain": "acme", "name": "shop", **options}}
    env = {"OPENSHIFT_BROKER_URL": secure.url, "RECORDER_BROKER": None}
    (run,) = ansible.tasks(task, way=way, env=env).of("openshift_app_ha")
    return run.result


@pytest.mark.parametrize("way", [IN_PROCESS, thorough(AS_MODULE)])
def test_a_broker_whose_authority_is_known_is_trusted(ansible: Ansible, secure: EmbeddedBroker, way: str) -> None:
    result = read(ansible, secure, way, ca_path=str(secure.ca_path))
    assert result["application"]["ha_status"] == "highly_available"


def test_a_broker_whose_authority_is_unknown_is_refused(ansible: Ansible, secure: EmbeddedBroker) -> None:
    result = read(ansible, secure)
    assert "not trusted" in result["msg"]
    assert "ca_path" in result["msg"]
    assert result["changed"] is False


def test_verification_can_be_disabled_and_old_ciphers_enabled(ansible: Ansible, secure: EmbeddedBroker) -> None:
    result = read(ansible, secure, validate_certs=False, ciphers=["DEFAULT", "@SECLEVEL=0"])
    assert result["application"]["ha_status"] == "highly_available"


@pytest.mark.parametrize("way", [IN_PROCESS, thorough(AS_MODULE)])
def test_a_broker_with_an_old_version_of_tls_is_reached(ansible: Ansible, way: str) -> None:
    """The variable of the controller also applies to a module on another host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    task = {"name": "shop", MODULE: {"domain": "acme", "name": "shop", "state": "present", "validate_certs": False}}
    shown = {**APPLICATION, "cartridges": [{**c, "current_scale": 3} for c in APPLICATION["cartridges"]]}
    with Wire(envelope(shown), tls=context) as wire:
        env = {"OPENSHIFT_BROKER_URL": wire.url, "RECORDER_BROKER": None, "OPENSHIFT_BROKER_TLS_MIN_VERSION": "TLSv1"}
        (run,) = ansible.tasks(task, way=way, env=env).of("openshift_app_ha")
    assert run.result["application"]["ha_status"] == "highly_available", run.result

"""The rehearsal: a look from the options to the result, without a network."""

from __future__ import annotations

import socket

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils.rehearsal import rehearse


@pytest.mark.parametrize("variable", ["http_proxy", "REQUESTS_CA_BUNDLE", "NETRC"])
def test_it_looks_at_an_application_without_a_network(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """What the parent goes through must be the whole of it, or the workers would still do it for their first time."""

    def no_network(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the rehearsal asked for an address")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setenv(variable, "http://127.0.0.1:1")

    result = rehearse()

    assert "failed" not in result
    assert not result["changed"]
    assert result["application"]["ha_status"] == "highly_available"

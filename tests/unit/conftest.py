"""What all unit tests share: neither the speed of the machine nor the environment of its user matters."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import ENVIRONMENT

settings.register_profile("unit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unit")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ENVIRONMENT.values():
        monkeypatch.delenv(variable, raising=False)

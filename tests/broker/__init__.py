"""The embedded broker: a model of the REST API of OpenShift v2 for demos and tests. See README.md in this folder."""

from __future__ import annotations

from .embedded import EmbeddedBroker

__all__ = ["EmbeddedBroker"]

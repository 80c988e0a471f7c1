"""The embedded broker: a model of OpenShift v2's REST API for demos and tests. See README.md beside this file."""

from __future__ import annotations

from .embedded import EmbeddedBroker

__all__ = ["EmbeddedBroker"]

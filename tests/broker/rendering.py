"""The form of all documents: JSON, times, and the view that a request asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class View:
    """The view that a request asks for: the API version, the base of all links (``…/broker/rest``), and no links."""

    version: float
    base: str
    nolinks: bool

    @property
    def by_id(self) -> bool:
        """From API 1.6 on, the identifier is called ``id`` instead of ``uuid``."""
        return self.version >= 1.6


def to_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def format_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

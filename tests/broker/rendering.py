"""How documents are to look, whatever they show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class View:
    """How documents are to look: API version, base of the links (``…/broker/rest``), without links or with."""

    version: float
    base: str
    nolinks: bool

    @property
    def by_id(self) -> bool:
        """From 1.6 on things are named by ``id`` instead of ``uuid``."""
        return self.version >= 1.6


def dumps(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

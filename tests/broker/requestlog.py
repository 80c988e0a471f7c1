"""Which requests came, in order: what tests count."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Entry:
    """One request to the API. ``status`` is None while it runs, and for good when its connection was dropped."""

    method: str
    path: str
    login: str | None
    body: Any
    status: int | None = None
    seconds: float | None = None

    def document(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "path": self.path,
            "login": self.login,
            "body": self.body,
            "status": self.status,
            "seconds": self.seconds,
        }


@dataclass
class RequestLog:
    """All requests since the last clearing. Entries are there from the arrival of the request on."""

    _entries: list[Entry] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, entry: Entry) -> Entry:
        with self._lock:
            self._entries.append(entry)
        return entry

    def clear(self) -> None:
        with self._lock:
            self._entries = []

    def documents(self) -> list[dict[str, Any]]:
        with self._lock:
            return [entry.document() for entry in self._entries]

"""The log of all API requests, in order of arrival."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class LoggedRequest:
    """One API request. ``status`` is None while the request runs, and stays None if the connection was dropped."""

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
    """All requests since the log was last cleared. A request is logged when it arrives."""

    _entries: list[LoggedRequest] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, entry: LoggedRequest) -> LoggedRequest:
        with self._lock:
            self._entries.append(entry)
        return entry

    def clear(self) -> None:
        with self._lock:
            self._entries = []

    def documents(self) -> list[dict[str, Any]]:
        with self._lock:
            return [entry.document() for entry in self._entries]

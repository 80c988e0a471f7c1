# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the API of AWX, or of the automation controller. Errors quote AWX, and never a secret."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.display import HIDDEN

if TYPE_CHECKING:
    import requests

_READ_TRIES = 3
_BUSY = (502, 503, 504)
_PAGE = 200
#: Names in one request, so that its address does not become too long.
_NAMES = 40
_LONGEST = 500
_TIMEOUT = 60.0
_ACCOUNT = "CONTROLLER_OAUTH_TOKEN, or CONTROLLER_USERNAME and CONTROLLER_PASSWORD"


class AwxError(Exception):
    """AWX refused a request, or did not answer. ``status`` is 0 without an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Access:
    """Address and account of AWX. ``hidden``: texts that no message may contain."""

    host: str
    token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    verify: bool = True
    timeout: float = _TIMEOUT
    hidden: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], hidden: Iterable[str]) -> Access:
        def read(name: str) -> str:
            return environ.get(f"CONTROLLER_{name}") or environ.get(f"TOWER_{name}") or ""

        host = read("HOST").rstrip("/")
        token, password = read("OAUTH_TOKEN"), read("PASSWORD")
        verify = read("VERIFY_SSL").lower() not in ("false", "no", "0", "off")
        return cls(
            host if "://" in host else f"https://{host}",
            token,
            read("USERNAME"),
            password,
            verify,
            _seconds(read("REQUEST_TIMEOUT")),
            frozenset(text for text in (*hidden, token, password) if text),
        )

    @property
    def address(self) -> str:
        """The address without an account in it."""
        parts = urlsplit(self.host)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    def redact(self, text: str) -> str:
        for secret in sorted(self.hidden, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text


def _seconds(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdecimal() and float(text) > 0 else _TIMEOUT


class Client:
    """Reads are tried again, writes are sent once."""

    def __init__(self, access: Access, pause: float = 1.0) -> None:
        import requests

        self.access = access
        self.root = ""
        self._pause = pause
        self._session: requests.Session = requests.Session()
        self._errors = requests.RequestException
        self._session.headers["Accept"] = "application/json"
        if access.token:
            self._session.headers["Authorization"] = f"Bearer {access.token}"
            # An entry in ~/.netrc would replace the token.
            self._session.auth = lambda request: request
        else:
            self._session.auth = (access.username, access.password)

    def close(self) -> None:
        self._session.close()

    def connect(self, path: str = "") -> None:
        """Find the root of the API. ``path``: its path, instead of the one that AWX names. Raises AwxError."""
        if not path:
            found = self._send("GET", "/api/", None)
            gateway = (found.get("apis") or {}).get("controller") if isinstance(found.get("apis"), dict) else None
            path = found.get("current_version") or (f"{gateway}v2/" if gateway else "")
            if not path:
                raise AwxError(
                    f"{self.access.address} is not AWX: /api/ names no version of the API. Check CONTROLLER_HOST."
                )
        self.root = f"/{path.strip('/')}/"

    # --- Reads

    def get(self, path: str, query: Iterable[tuple[str, Any]] = ()) -> dict[str, Any]:
        return self._send("GET", f"{self.root}{path}", list(query))

    def every(self, path: str, query: Iterable[tuple[str, Any]] = ()) -> list[dict[str, Any]]:
        """The objects of all pages."""
        found: list[dict[str, Any]] = []
        page, more = 1, True
        while more:
            answer = self.get(path, [*query, ("page_size", _PAGE), ("page", page), ("order_by", "id")])
            found += answer.get("results") or []
            page, more = page + 1, bool(answer.get("next"))
        return found

    def named(
        self, path: str, name_field: str, values: Iterable[Any], query: Iterable[tuple[str, Any]] = ()
    ) -> list[dict[str, Any]]:
        """The objects with one of these values."""
        distinct = list(dict.fromkeys(values))
        parts = (distinct[start : start + _NAMES] for start in range(0, len(distinct), _NAMES))
        return [
            one
            for part in parts
            for one in self.every(path, [*query, *((f"or__{name_field}", value) for value in part)])
        ]

    # --- Writes

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._send(method, f"{self.root}{path}", None, body)

    def _send(
        self, method: str, path: str, query: list[tuple[str, Any]] | None, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        tries = _READ_TRIES if method == "GET" else 1
        for attempt in range(1, tries + 1):
            try:
                answer = self._session.request(
                    method,
                    f"{self.access.host}{path}",
                    params=query,
                    json=body,
                    timeout=self.access.timeout,
                    allow_redirects=False,
                    # None: the authorities that requests and its environment variables trust.
                    verify=None if self.access.verify else False,
                )
            except self._errors as error:
                if attempt == tries:
                    raise AwxError(self._explain_no_answer(method, error)) from None
            else:
                if answer.status_code not in _BUSY or attempt == tries:
                    return self._receive(answer)
            time.sleep(self._pause * attempt)
        raise AssertionError("unreachable")

    def _explain_no_answer(self, method: str, error: Exception) -> str:
        known = {"SSLError": "its certificate is not trusted", "ConnectTimeout": "it does not answer"}
        known |= {"ReadTimeout": f"it did not answer within {self.access.timeout:g} s"}
        reason = known.get(type(error).__name__, "no connection is possible")
        outcome = "" if method == "GET" else " It is unknown whether AWX carried out the last request."
        return f"AWX at {self.access.address} cannot be reached: {reason}. Check CONTROLLER_HOST.{outcome}"

    def _receive(self, answer: requests.Response) -> dict[str, Any]:
        if 200 <= answer.status_code < 300:
            if not answer.content:
                return {}
            try:
                found = answer.json()
            except ValueError:
                raise AwxError(f"{self.access.address} answered without JSON. Check CONTROLLER_HOST.") from None
            return found if isinstance(found, dict) else {"results": found}
        raise AwxError(self.access.redact(_explain(answer)), answer.status_code)


def _explain(answer: requests.Response) -> str:
    """The reason that AWX gives for a refusal."""
    if answer.status_code == 401:
        return f"AWX does not accept the account (HTTP 401). Check {_ACCOUNT}."
    if 300 <= answer.status_code < 400:
        return f"AWX redirects the request (HTTP {answer.status_code}). Set CONTROLLER_HOST to its final address."
    try:
        text = _flatten(answer.json())
    except ValueError:
        text = ""
    return f"HTTP {answer.status_code}{f': {text}' if text else ''}"[:_LONGEST]


def _flatten(document: Any) -> str:
    """The messages of an error of AWX, in one text."""
    if isinstance(document, Mapping):
        general = ("detail", "error", "Error", "msg", "__all__", "non_field_errors")
        parts = (f"{'' if key in general else f'{key}: '}{_flatten(value)}" for key, value in document.items())
        return " ".join(parts)
    if isinstance(document, list):
        return " ".join(_flatten(each) for each in document)
    return document if isinstance(document, str) else json.dumps(document)

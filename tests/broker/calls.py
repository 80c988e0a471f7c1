"""The input and the result of a request handler."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from . import errors, ruby
from .auth import Identity
from .errors import Message
from .faults import Fault
from .operations import Operation, Operations
from .params import Params
from .rendering import View
from .state import Application, Domain, State

DOMAIN_NAME = re.compile(r"\A[A-Za-z0-9]+\Z")
APPLICATION_NAME = re.compile(r"\A[A-Za-z0-9]*\Z")


@dataclass(frozen=True)
class Raw:
    """Data that is already JSON."""

    json: bytes


@dataclass(frozen=True)
class Reply:
    """An answer in the envelope. ``type`` and ``data`` are None if the answer has no data."""

    status: int
    type: str | None
    data: Any
    messages: list[Message] = field(default_factory=list)


def ok_reply(kind: str, data: Any, text: str | None = None, *more: Message) -> Reply:
    return make_reply(200, kind, data, text, *more)


def make_reply(status: int, kind: str | None, data: Any, text: str | None = None, *more: Message) -> Reply:
    messages = [] if text is None else [Message("info", text)]
    return Reply(status, kind, data, [*messages, *more])


def deletion_reply(version: float, text: str) -> Reply:
    """Return the answer to a deletion. Up to API 1.4 it has no body."""
    return make_reply(204 if version <= 1.4 else 200, None, None, text)


@dataclass
class Call:
    """One request: its parameters (from query, body and path), its caller, and the requested view."""

    state: State
    operations: Operations
    params: Params
    version: float
    base: str
    nolinks: bool
    fault: Fault | None = None
    caller: Identity | None = None

    @property
    def identity(self) -> Identity:
        assert self.caller is not None
        return self.caller

    @property
    def view(self) -> View:
        return View(self.version, self.base, self.nolinks)

    def includes(self, name: str) -> bool:
        """Return whether ``include`` is exactly this name. Applications and gear groups do not accept a list."""
        return self.params.get("include") == name

    def text(self, name: str) -> str | None:
        """Return a parameter as text, or None if it is blank."""
        value = ruby.present(self.params.get(name))
        return None if value is None else ruby.text(value)

    def boolean(self, name: str) -> bool:
        """Return a boolean parameter.

        Raises:
            Refusal: It is not a boolean.
        """
        return parse_boolean(self.params.get(name))

    def run(self, application: Application, operation: Operation) -> None:
        self.operations.run(application, operation, self.fault)

    def authorize(self, permission: str, resource: Any) -> None:
        self.identity.authorize(permission, resource)

    def domain(self, name: str | None = None) -> Domain:
        """Return the domain in the path.

        Raises:
            Refusal (404): No such domain is accessible to the caller.
        """
        name = self.text("domain_id") if name is None else name
        return self._domain(
            name or "", shown_name=(name or "").lower() if name and DOMAIN_NAME.match(name) else name or ""
        )

    def _domain(self, name: str, shown_name: str) -> Domain:
        domain = self.state.domains.get(name.lower()) if DOMAIN_NAME.match(name) else None
        if domain is None or not self.identity.can_view(domain):
            raise errors.domain_not_found(shown_name)
        return domain

    def application(self) -> Application:
        """Return the application in the path, which contains the domain and the name, or the identifier.

        Raises:
            Refusal (404): No such application is accessible to the caller. If the domain is not accessible, the
                refusal is about the domain.
        """
        name = ruby.text(self.params.get("application_id") or self.params.get("id"))
        if "domain_id" not in self.params:
            application = self.state.applications.get(name)
            if application is None or not self.identity.can_view(application):
                raise errors.application_not_found(name)
            return application
        domain_name = ruby.text(self.params["domain_id"]).lower()
        if not DOMAIN_NAME.match(domain_name):
            raise errors.domain_not_found(domain_name)
        if not name or not APPLICATION_NAME.match(name):
            raise errors.application_not_found(name)
        domain = self.state.domains.get(domain_name)
        application = domain.applications.get(name.lower()) if domain else None
        if application is None or not self.identity.can_view(application):
            self._domain(domain_name, domain_name)
            raise errors.application_not_found(name.lower())
        return application


def parse_boolean(value: Any) -> bool:
    """Return a boolean, or the boolean that a text represents.

    Raises:
        Refusal: It is not a boolean.
    """
    if value is None or value is False:
        return False
    if value is True:
        return True
    if isinstance(value, str) and value.upper() in ("TRUE", "FALSE"):
        return value.upper() == "TRUE"
    raise errors.unprocessable(f"Invalid value '{ruby.text(value)}'. Valid options: [true, false]", 167)

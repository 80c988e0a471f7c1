"""A request under way: what its handler needs to know, and what it gives back."""

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
    """Data that is JSON already."""

    json: bytes


@dataclass(frozen=True)
class Reply:
    """An answer in the envelope; ``type`` None and ``data`` None when there is nothing to show."""

    status: int
    type: str | None
    data: Any
    messages: list[Message] = field(default_factory=list)


def ok(kind: str, data: Any, text: str | None = None, *more: Message) -> Reply:
    return reply(200, kind, data, text, *more)


def reply(status: int, kind: str | None, data: Any, text: str | None = None, *more: Message) -> Reply:
    said = [] if text is None else [Message("info", text)]
    return Reply(status, kind, data, [*said, *more])


def deleted(version: float, text: str) -> Reply:
    """The answer to a deletion: up to API 1.4 it has no body at all."""
    return reply(204 if version <= 1.4 else 200, None, None, text)


@dataclass
class Call:
    """One request: its parameters (query, body and path together), the caller, and how the answer is to look."""

    state: State
    operations: Operations
    method: str
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
        """Whether ``include`` is exactly this: lists are not understood for applications and gear groups."""
        return self.params.get("include") == name

    def text(self, name: str) -> str | None:
        """A parameter as text, None when it is blank."""
        value = ruby.present(self.params.get(name))
        return None if value is None else ruby.text(value)

    def boolean(self, name: str) -> bool:
        """A parameter that is true or false.

        Raises:
            Refusal: it is something else.
        """
        return boolean(self.params.get(name))

    def run(self, application: Application, operation: Operation) -> None:
        self.operations.run(application, operation, self.fault)

    def authorize(self, permission: str, resource: Any) -> None:
        self.identity.authorize(permission, resource)

    def domain(self, name: str | None = None) -> Domain:
        """The domain named in the path.

        Raises:
            Refusal (404): there is none that the caller may look at.
        """
        name = self.text("domain_id") if name is None else name
        return self._domain(name or "", shown=(name or "").lower() if name and DOMAIN_NAME.match(name) else name or "")

    def _domain(self, name: str, shown: str) -> Domain:
        domain = self.state.domains.get(name.lower()) if DOMAIN_NAME.match(name) else None
        if domain is None or not self.identity.sees(domain):
            raise errors.domain_not_found(shown)
        return domain

    def application(self) -> Application:
        """The application named in the path, by domain and name or by identifier.

        Raises:
            Refusal (404): there is none that the caller may look at; without the domain, it is the domain's refusal.
        """
        name = ruby.text(self.params.get("application_id") or self.params.get("id"))
        if "domain_id" not in self.params:
            application = self.state.applications.get(name)
            if application is None or not self.identity.sees(application):
                raise errors.application_not_found(name)
            return application
        domain_name = ruby.text(self.params["domain_id"]).lower()
        if not DOMAIN_NAME.match(domain_name):
            raise errors.domain_not_found(domain_name)
        if not name or not APPLICATION_NAME.match(name):
            raise errors.application_not_found(name)
        domain = self.state.domains.get(domain_name)
        application = domain.applications.get(name.lower()) if domain else None
        if application is None or not self.identity.sees(application):
            self._domain(domain_name, domain_name)
            raise errors.application_not_found(name.lower())
        return application


def boolean(value: Any) -> bool:
    """A truth value, or the text of one.

    Raises:
        Refusal: it is something else.
    """
    if value is None or value is False:
        return False
    if value is True:
        return True
    if isinstance(value, str) and value.upper() in ("TRUE", "FALSE"):
        return value.upper() == "TRUE"
    raise errors.unprocessable(f"Invalid value '{ruby.text(value)}'. Valid options: [true, false]", 167)

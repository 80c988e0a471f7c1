"""Refusals: the error answers of the broker, with the texts of the real broker."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Message:
    """One message of an answer. Severity: info, result, debug, warning or error."""

    severity: str
    text: str | None
    exit_code: int | str | None = 0
    field: str | None = None
    index: int | None = None

    def document(self) -> dict[str, Any]:
        return {
            "exit_code": self.exit_code,
            "field": self.field,
            "index": self.index,
            "severity": self.severity,
            "text": self.text,
        }


class Refusal(Exception):
    """An error answer: an HTTP status and messages."""

    def __init__(self, status: int, messages: Sequence[Message]) -> None:
        super().__init__(messages[0].text if messages else None)
        self.status = status
        self.messages = list(messages)


class PlainRefusal(Exception):
    """An error answer without the envelope: plain text or an HTML page."""

    def __init__(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def refusal(
    status: int, text: str | None, exit_code: int | str | None = None, field: str | None = None, severity: str = "error"
) -> Refusal:
    return Refusal(status, [Message(severity, text, exit_code, field)])


def unprocessable(text: str, exit_code: int | None = None, field: str | None = None) -> Refusal:
    return refusal(422, text, exit_code, field)


def application_not_found(name: str) -> Refusal:
    return refusal(404, f"Application '{name}' not found.", 101)


def domain_not_found(name: str) -> Refusal:
    return refusal(404, f"Domain '{name}' not found.", 127)


def cartridge_not_found(name: str | None) -> Refusal:
    text = f"Cartridge '{name}' not found." if name else "The requested cartridge was not found."
    return refusal(404, text, 129)


def forbidden(permission: str, resource: str) -> Refusal:
    return refusal(403, f"You are not permitted to perform this action ({permission} on {resource})", 1)


def forbidden_by_scopes(scopes: str, permission: str, resource: str) -> Refusal:
    text = f"You are not permitted to perform this action with the scopes {scopes} ({permission} on {resource})"
    return refusal(403, text, 1)


def action_not_allowed() -> Refusal:
    return refusal(403, "This action is not allowed with your current authorization.", 1)


def upgrading() -> Refusal:
    text = (
        "Your application is being upgraded and configuration changes can not be made at this time.  "
        "Please try again later."
    )
    return unprocessable(text, 1)


def lock_unavailable(what: str = "app") -> Refusal:
    text = f"Unable to perform action on {what} object. Another operation is already running."
    return refusal(500, text, 171)


def node_failed(reason: str, exit_code: int) -> Refusal:
    """A node failed, or the broker itself."""
    text = f"Unable to complete the requested operation due to: {reason}\nReference ID: {secrets.token_hex(16)}"
    return refusal(500, text, exit_code)


def node_unavailable(reason: str) -> Refusal:
    """There is no node for a new gear."""
    return node_failed(f"{reason}. Please try again and contact support if the issue persists. ", 140)


def no_answer(address: str) -> Refusal:
    """The node of a gear does not answer."""
    text = (
        f"The server {address} that your application is running on failed to respond in time.  "
        "This may be due to a system restart."
    )
    return node_failed(text, 143)


def no_facts() -> Refusal:
    """A node does not answer the question for its addresses."""
    return node_failed("Node execution failure (error getting facts).", 143)


def ha_disabled() -> Refusal:
    text = "This feature ('High Availability') is currently disabled. Enable it in OpenShift's config options."
    return unprocessable(text)


def ha_not_allowed(login: str) -> Refusal:
    return unprocessable(f"'High Availability' is not an allowed feature for the account ('{login}')")


def gear_limit(login: str, consumed: int, most: int, added: int) -> Refusal:
    return unprocessable(
        f"{login} is currently using {consumed} out of {most} limit and this application requires {added} "
        "additional gears."
    )


def maintenance(text: str) -> Refusal:
    return refusal(503, text, 0, severity="info")

"""Sending a transcript's exchanges to a broker and comparing the answers; see transcripts/README.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

TRANSCRIPTS = Path(__file__).parent / "transcripts"
PASSWORD = "x"
_NOT_KEPT = "(not kept)"
_PLACEHOLDER = re.compile(r"\{[a-z]+(?::[^}]*)?\}")
_MADE_UP = ("external_address", "external_port", "internal_address", "internal_port")
_REFERENCE = "{reference}"
_KEYS_ONLY = ("links", "embedded")


@dataclass
class Bindings:
    """What the placeholders stand for, in both directions; bound where they appear first."""

    values: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """The text with bound placeholders replaced by what they stand for."""
        return _PLACEHOLDER.sub(lambda match: self.values.get(match[0], match[0]), text)

    def fits(self, wanted: str, found: str) -> bool:
        """Whether a text fits one with placeholders; unbound ones are bound by this, each to another value."""
        names = _PLACEHOLDER.findall(wanted)
        if not names:
            return wanted == found
        pattern = re.escape(self.fill(wanted))
        new = [name for name in dict.fromkeys(names) if name not in self.values or name == _REFERENCE]
        for number, name in enumerate(new):
            head, *rest = pattern.split(re.escape(name))
            pattern = head + "".join(
                (f"(?P<p{number}>[0-9a-f-]+)" if not index else f"(?P=p{number})") + part
                for index, part in enumerate(rest)
            )
        match = re.fullmatch(pattern, found, re.DOTALL)
        if match is None:
            return False
        bound = {name: match[f"p{number}"] for number, name in enumerate(new) if name != _REFERENCE}
        if set(bound.values()) & set(self.values.values()):
            return False
        self.values.update(bound)
        return True


def differences(wanted: Any, found: Any, bindings: Bindings, where: str = "") -> Iterator[str]:
    """What an answer lacks or has otherwise; it may hold more than what was recorded."""
    if wanted == _NOT_KEPT:
        if found is None:
            yield f"{where}: there is no data"
    elif isinstance(wanted, dict):
        yield from _map_differences(wanted, found, bindings, where)
    elif isinstance(wanted, list):
        yield from _list_differences(wanted, found, bindings, where)
    elif isinstance(wanted, str) and isinstance(found, str):
        if not bindings.fits(wanted, found):
            yield f"{where}: {bindings.fill(wanted)!r} was recorded, {found!r} came"
    elif wanted != found or isinstance(wanted, bool) is not isinstance(found, bool):
        yield f"{where}: {wanted!r} was recorded, {found!r} came"


def _map_differences(wanted: dict[str, Any], found: Any, bindings: Bindings, where: str) -> Iterator[str]:
    if not isinstance(found, dict):
        yield f"{where}: a map was recorded, {found!r} came"
        return
    for name, value in wanted.items():
        inner = f"{where}.{name}" if where else name
        if name not in found:
            yield f"{inner}: is missing"
        elif name in _MADE_UP:
            if not isinstance(found[name], str):
                yield f"{inner}: a text was recorded, {found[name]!r} came"
        else:
            shown = sorted(found[name]) if name in _KEYS_ONLY and isinstance(found[name], dict) else found[name]
            yield from differences(value, shown, bindings, inner)


def _list_differences(wanted: list[Any], found: Any, bindings: Bindings, where: str) -> Iterator[str]:
    if not isinstance(found, list) or len(found) != len(wanted):
        yield f"{where}: {len(wanted)} entries were recorded, {found!r} came"
        return
    for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
        yield from differences(one, other, bindings, f"{where}[{number}]")


def read(path: Path) -> dict[str, Any]:
    transcript: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return transcript


def start_conditions(transcript: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The users and the settings that a transcript starts from."""
    return list(transcript["users"]), dict(transcript["broker"])


def send(exchange: dict[str, Any], url: str, session: requests.Session, bindings: Bindings) -> requests.Response:
    """Send an exchange's request as it was sent when it was recorded."""
    headers = {"Accept": exchange["accept"], "Authorization": None}
    caller = exchange["as"]
    auth = None
    if caller is not None and caller.startswith("token:"):
        headers["Authorization"] = f"Bearer {bindings.fill(caller.removeprefix('token:'))}"
    elif caller is not None:
        auth = (caller, PASSWORD)
    body = exchange.get("body")
    form = bool(exchange.get("form"))
    return session.request(
        exchange["method"],
        url + bindings.fill(exchange["path"]),
        headers=headers,
        auth=auth,
        data=body if form else None,
        json=None if form else body,
        allow_redirects=False,
        timeout=30,
    )


def exchange_differences(exchange: dict[str, Any], answer: requests.Response, bindings: Bindings) -> list[str]:
    """How an answer differs from the recorded one; no lines when it does not."""
    found = [] if answer.status_code == exchange["status"] else [
        f"status: {exchange['status']} was recorded, {answer.status_code} came"
    ]  # fmt: skip
    wanted = exchange["response"]
    if list(wanted) == ["text"]:
        return found + list(differences(wanted["text"], answer.text, bindings, "text"))
    try:
        document = answer.json()
    except ValueError:
        return [*found, f"body: JSON was recorded, {answer.text[:200]!r} came"]
    return found + list(differences(wanted, document, bindings))

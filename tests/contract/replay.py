"""Send the exchanges of a transcript to a broker, and compare the answers. See transcripts/README.md."""

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
_NOT_COMPARED = ("external_address", "external_port", "internal_address", "internal_port")
_REFERENCE = "{reference}"
_KEYS_ONLY = ("links", "embedded")


@dataclass
class Bindings:
    """The values of the placeholders. A placeholder gets its value at its first appearance."""

    values: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """Return the text with all known placeholders replaced by their values."""
        return _PLACEHOLDER.sub(lambda match: self.values.get(match[0], match[0]), text)

    def match(self, recorded: str, actual: str) -> bool:
        """Return whether a text matches a recorded text, and bind new placeholders, each to a different value."""
        names = _PLACEHOLDER.findall(recorded)
        if not names:
            return recorded == actual
        pattern = re.escape(self.fill(recorded))
        new = [name for name in dict.fromkeys(names) if name not in self.values or name == _REFERENCE]
        for number, name in enumerate(new):
            head, *rest = pattern.split(re.escape(name))
            pattern = head + "".join(
                (f"(?P<p{number}>[0-9a-f.-]+)" if not index else f"(?P=p{number})") + part
                for index, part in enumerate(rest)
            )
        match = re.fullmatch(pattern, actual, re.DOTALL)
        if match is None:
            return False
        bound = {name: match[f"p{number}"] for number, name in enumerate(new) if name != _REFERENCE}
        if set(bound.values()) & set(self.values.values()):
            return False
        self.values.update(bound)
        return True


def differences(recorded: Any, actual: Any, bindings: Bindings, where: str = "") -> Iterator[str]:
    """Yield the differences between a recorded and an actual answer. The answer may contain more than the recording."""
    if recorded == _NOT_KEPT:
        if actual is None:
            yield f"{where}: has no data"
    elif isinstance(recorded, dict):
        yield from _map_differences(recorded, actual, bindings, where)
    elif isinstance(recorded, list):
        yield from _list_differences(recorded, actual, bindings, where)
    elif isinstance(recorded, str) and isinstance(actual, str):
        if not bindings.match(recorded, actual):
            yield f"{where}: {bindings.fill(recorded)!r} was recorded, but the answer has {actual!r}"
    elif recorded != actual or isinstance(recorded, bool) is not isinstance(actual, bool):
        yield f"{where}: {recorded!r} was recorded, but the answer has {actual!r}"


def _map_differences(recorded: dict[str, Any], actual: Any, bindings: Bindings, where: str) -> Iterator[str]:
    if not isinstance(actual, dict):
        yield f"{where}: a map was recorded, but the answer has {actual!r}"
        return
    for name, value in recorded.items():
        inner = f"{where}.{name}" if where else name
        if name not in actual:
            yield f"{inner}: is missing"
        elif name in _NOT_COMPARED and not _is_node(value):
            if not isinstance(actual[name], str):
                yield f"{inner}: a string was recorded, but the answer has {actual[name]!r}"
        else:
            shown = sorted(actual[name]) if name in _KEYS_ONLY and isinstance(actual[name], dict) else actual[name]
            yield from differences(value, shown, bindings, inner)


def _is_node(recorded: Any) -> bool:
    """Return whether an address is a node's. Other recorded addresses are not real."""
    return isinstance(recorded, str) and recorded.startswith("{node:")


def without_chance(response: Any) -> Any:
    """Return a recorded answer without what the real broker chose by chance: nodes and zones."""
    if isinstance(response, dict):
        return {
            name: without_chance(value)
            for name, value in response.items()
            if name not in ("region", "zone") and not _is_node(value)
        }
    return [without_chance(each) for each in response] if isinstance(response, list) else response


def _list_differences(recorded: list[Any], actual: Any, bindings: Bindings, where: str) -> Iterator[str]:
    if not isinstance(actual, list) or len(actual) != len(recorded):
        yield f"{where}: {len(recorded)} entries were recorded, but the answer has {actual!r}"
        return
    for number, (expected, given) in enumerate(zip(recorded, actual, strict=True)):
        yield from differences(expected, given, bindings, f"{where}[{number}]")


def read(path: Path) -> dict[str, Any]:
    transcript: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return transcript


def start_conditions(transcript: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the users and the settings at the start of a transcript."""
    return list(transcript["users"]), dict(transcript["broker"])


def send(exchange: dict[str, Any], url: str, session: requests.Session, bindings: Bindings) -> requests.Response:
    """Send the request of an exchange exactly as it was recorded."""
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
    """Return the differences between an answer and the recorded one, one a line."""
    lines = [] if answer.status_code == exchange["status"] else [
        f"status: {exchange['status']} was recorded, but the answer has {answer.status_code}"
    ]  # fmt: skip
    recorded = without_chance(exchange["response"]) if exchange.get("chance") else exchange["response"]
    if list(recorded) == ["text"]:
        return lines + list(differences(recorded["text"], answer.text, bindings, "text"))
    try:
        document = answer.json()
    except ValueError:
        return [*lines, f"body: JSON was recorded, but the answer has {answer.text[:200]!r}"]
    return lines + list(differences(recorded, document, bindings))

"""Every transcript replayed against the embedded broker: same status, messages and data.

Files put beside the present ones are replayed as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.broker import EmbeddedBroker

from .replay import TRANSCRIPTS, Bindings, differences, exchange_differences, read, send, start_conditions


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.json")), ids=lambda path: path.stem)
def test_transcript_is_replayed_without_difference(path: Path, running_broker: EmbeddedBroker) -> None:
    transcript = read(path)
    users, settings = start_conditions(transcript)
    running_broker.reset()
    running_broker.settings(**settings)
    running_broker.set_users(*users)
    bindings = Bindings()
    with requests.Session() as session:
        session.trust_env = False
        for number, exchange in enumerate(transcript["exchanges"]):
            if "set" in exchange:
                running_broker.settings(**exchange["set"])
                continue
            answer = send(exchange, running_broker.url, session, bindings)
            found = exchange_differences(exchange, answer, bindings)
            assert not found, _report(path, number, exchange, found)


def _report(path: Path, number: int, exchange: dict[str, Any], found: list[str]) -> str:
    body = f" {json.dumps(exchange['body'])}" if "body" in exchange else ""
    request = f"{exchange['method']} {exchange['path']}{body} as {exchange['as']} ({exchange['accept']})"
    return "\n  ".join([f"{path.name}, exchange {number}: {request}", *found])


@pytest.mark.parametrize(
    ("wanted", "found", "lines"),
    [
        ({"a": 1}, {"a": 1, "more": 2}, []),
        ({"a": 1}, {}, ["a: is missing"]),
        ({"a": 1}, {"a": True}, ["a: 1 was recorded, True came"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a: 2 entries were recorded, [1] came"]),
        ({"links": ["A", "B"]}, {"links": {"B": {}, "A": {}}}, []),
        ({"links": ["A"]}, {"links": {"A": {}, "B": {}}}, ["links: 1 entries were recorded, ['A', 'B'] came"]),
        ({"external_port": "1"}, {"external_port": "2"}, []),
        ({"external_port": "1"}, {"external_port": 2}, ["external_port: a text was recorded, 2 came"]),
        ("(not kept)", {"any": 1}, []),
        ("(not kept)", None, [": there is no data"]),
        ({"id": "{app:a}", "url": "ssh://{app:a}@h"}, {"id": "f00", "url": "ssh://f00@h"}, []),
        ({"id": "{app:a}", "more": "{app:a}"}, {"id": "f00", "more": "ba5"}, ["more: 'f00' was recorded, 'ba5' came"]),
        (["{gear:1}", "{gear:2}"], ["f00", "f00"], ["[1]: '{gear:2}' was recorded, 'f00' came"]),
        ("{gear:1}@{gear:1}-d", "f00@f01-d", [": '{gear:1}@{gear:1}-d' was recorded, 'f00@f01-d' came"]),
        (["x {reference}", "x {reference}"], ["x f00", "x ba5"], []),
    ],
)
def test_comparison_finds_what_differs(wanted: Any, found: Any, lines: list[str]) -> None:
    assert list(differences(wanted, found, Bindings())) == lines

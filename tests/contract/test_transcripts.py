"""Replay each transcript against the embedded broker: status, messages and data must be the same.

New files in the folder are replayed, too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.broker import EmbeddedBroker

from .replay import TRANSCRIPTS, Bindings, differences, exchange_differences, read, send, start_conditions
from .set_rows import apply_row


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.json")), ids=lambda path: path.stem)
def test_replay_shows_no_differences(path: Path, running_broker: EmbeddedBroker) -> None:
    transcript = read(path)
    users, settings = start_conditions(transcript)
    running_broker.reset()
    running_broker.settings(**settings, node_timeout=0)
    running_broker.set_users(*users)
    bindings = Bindings()
    with requests.Session() as session:
        session.trust_env = False
        for number, exchange in enumerate(transcript["exchanges"]):
            if "set" in exchange:
                changed = list(apply_row(exchange["set"], running_broker, bindings))
                assert not changed, f"{path.name}, exchange {number}: {changed[0]}"
                continue
            answer = send(exchange, running_broker.url, session, bindings)
            lines = exchange_differences(exchange, answer, bindings)
            assert not lines, _report(path, number, exchange, lines)


def _report(path: Path, number: int, exchange: dict[str, Any], lines: list[str]) -> str:
    body = f" {json.dumps(exchange['body'])}" if "body" in exchange else ""
    request = f"{exchange['method']} {exchange['path']}{body} as {exchange['as']} ({exchange['accept']})"
    return "\n  ".join([f"{path.name}, exchange {number}: {request}", *lines])


@pytest.mark.parametrize(
    ("recorded", "actual", "lines"),
    [
        ({"a": 1}, {"a": 1, "more": 2}, []),
        ({"a": 1}, {}, ["a: is missing"]),
        ({"a": 1}, {"a": True}, ["a: 1 was recorded, but the answer has True"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a: 2 entries were recorded, but the answer has [1]"]),
        ({"links": ["A", "B"]}, {"links": {"B": {}, "A": {}}}, []),
        (
            {"links": ["A"]},
            {"links": {"A": {}, "B": {}}},
            ["links: 1 entries were recorded, but the answer has ['A', 'B']"],
        ),
        ({"external_port": "1"}, {"external_port": "2"}, []),
        ({"external_port": "1"}, {"external_port": 2}, ["external_port: a string was recorded, but the answer has 2"]),
        ("(not kept)", {"any": 1}, []),
        ("(not kept)", None, [": has no data"]),
        ({"id": "{app:a}", "url": "ssh://{app:a}@h"}, {"id": "f00", "url": "ssh://f00@h"}, []),
        (
            {"id": "{app:a}", "more": "{app:a}"},
            {"id": "f00", "more": "ba5"},
            ["more: 'f00' was recorded, but the answer has 'ba5'"],
        ),
        (["{gear:1}", "{gear:2}"], ["f00", "f00"], ["[1]: '{gear:2}' was recorded, but the answer has 'f00'"]),
        ("{gear:1}@{gear:1}-d", "f00@f01-d", [": '{gear:1}@{gear:1}-d' was recorded, but the answer has 'f00@f01-d'"]),
        (["x {reference}", "x {reference}"], ["x f00", "x ba5"], []),
    ],
)
def test_comparison_reports_differences(recorded: Any, actual: Any, lines: list[str]) -> None:
    assert list(differences(recorded, actual, Bindings())) == lines

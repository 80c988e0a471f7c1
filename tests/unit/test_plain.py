"""Types of Ansible become built-in types where results come back from Ansible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.plain import (
    PlainHosts,
    PlainVariables,
    to_plain,
)


class Tagged(str):
    __slots__ = ()


class Number(int):
    pass


class Warned:
    def __str__(self) -> str:
        return "careful"


class Hosts:
    def __getitem__(self, host: str) -> dict[str, Any]:
        return {"name": Tagged(host)}

    def raw_get(self, host: str) -> dict[str, Any]:
        return {"name": Tagged(host), "other": 1}


def types_in(value: Any) -> Iterator[type]:
    yield type(value)
    if isinstance(value, dict):
        for key, each in value.items():
            yield type(key)
            yield from types_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from types_in(each)


BUILT_IN = {dict, list, str, int, float, bool, type(None)}


def test_subclasses_and_other_objects_become_plain() -> None:
    result = {
        Tagged("failed"): False,
        "results": ({"msg": Tagged("x"), "warnings": [Warned()], "seconds": 1.5, "n": Number(3)},),
        "none": None,
    }
    plain = to_plain(result)
    assert plain == {
        "failed": False,
        "results": [{"msg": "x", "warnings": ["careful"], "seconds": 1.5, "n": 3}],
        "none": None,
    }
    assert set(types_in(plain)) <= BUILT_IN


def test_variables_are_converted_when_they_are_read() -> None:
    variables = PlainVariables({"a": Tagged("x"), "b": object()})
    assert "b" in variables
    assert len(variables) == 2
    assert variables["a"].__class__ is str
    hosts = PlainHosts(Hosts())
    assert {hosts["web"]["name"].__class__, hosts.raw_get("web")["name"].__class__} == {str}


def test_real_types_of_this_ansible_become_plain() -> None:
    """ansible-core 2.19 and newer: tags of texts and containers, summaries of warnings with their causes."""
    tags = pytest.importorskip("ansible._internal._datatag._tags")
    messages = pytest.importorskip("ansible.module_utils._internal._messages")
    cause = messages.Event(msg="no route")
    chain = messages.EventChain(msg_reason="because", traceback_reason="because", event=cause)
    warning = messages.WarningSummary(event=messages.Event(msg="careful", chain=chain))
    tagged = tags.TrustedAsTemplate().tag("text")
    assert tagged.__class__ is not str
    result = {
        "msg": tagged,
        "warnings": [warning],
        "exception": messages.ErrorSummary(event=messages.Event(msg="gone")),
    }
    plain = to_plain(result)
    assert plain == {"msg": "text", "warnings": ["careful: no route"], "exception": "gone"}
    assert set(types_in(plain)) <= BUILT_IN
    container = tags.Origin(path="/some/file").tag({"texts": [tagged]})
    assert container.__class__ is not dict
    plain = to_plain(container)
    assert plain == {"texts": ["text"]}
    assert set(types_in(plain)) <= BUILT_IN

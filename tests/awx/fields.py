"""Fields of resources, and how AWX validates and converts their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Values = dict[str, Any]
Errors = dict[str, list[str]]


class Refused(Exception):
    """A request that AWX refuses: the status and the body of its answer."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = dict(body)


def invalid(field: str, message: str) -> Refused:
    """The refusal of a field's value."""
    return Refused(400, {field: [message]})


@dataclass(frozen=True)
class Field:
    """A field of a resource.

    ``kind``: ``text``, ``int``, ``bool``, ``dict``, ``variables`` (a text of JSON or YAML), or a path of resources; the
    value is an identifier then. ``fixed``: a change of an existing object ignores it. Requests cannot set read-only
    fields.
    """

    name: str
    kind: str = "text"
    default: Any = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    fixed: bool = False
    read_only: bool = False


_SIMPLE = {"text": str, "int": int, "bool": bool, "dict": dict, "variables": str}


def is_relation(field: Field) -> bool:
    return field.kind not in _SIMPLE


def clean(field: Field, value: Any) -> Any:
    """The value as AWX stores it. Raises Refused."""
    if value is None:
        if field.required:
            raise invalid(field.name, "It is required, null is not allowed.")
        return field.default if not is_relation(field) else None
    expected = _SIMPLE.get(field.kind, int)
    if expected is bool and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if expected is int and isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) != (expected is bool) or not isinstance(value, expected):
        raise invalid(field.name, f"{value!r} is not of the kind {field.kind}.")
    return _check(field, value)


def _check(field: Field, value: Any) -> Any:
    if field.required and value in ("", {}):
        raise invalid(field.name, "It is required, and must not be empty.")
    if field.choices and value not in field.choices:
        raise invalid(field.name, f"{value!r} is not one of {field.choices}.")
    if field.kind == "int" and value < 0:
        raise invalid(field.name, "It must not be less than 0.")
    if field.kind == "variables":
        _parse(field, value)
    return value


def _parse(field: Field, text: str) -> None:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = text
    if found is not None and not isinstance(found, dict):
        raise invalid(field.name, "It must be a dictionary in JSON or YAML.")

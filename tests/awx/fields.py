"""Fields of resources, and what AWX makes of what is sent for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Values = dict[str, Any]
Errors = dict[str, list[str]]


class Refused(Exception):
    """A request that is answered with an error: the status, and the body that AWX gives."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = dict(body)


def invalid(field: str, message: str) -> Refused:
    """What AWX says of a value that will not do."""
    return Refused(400, {field: [message]})


@dataclass(frozen=True)
class Field:
    """A field of a resource.

    ``kind``: ``text``, ``int``, ``bool``, ``dict``, ``variables`` (a text of JSON or YAML) or the path of the resource
    that it is the identifier of. ``fixed``: it cannot be changed any more. Read-only fields have a value of their own,
    whatever is sent.
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


def cleaned(field: Field, value: Any) -> Any:
    """The value as AWX keeps it. Raises Refused."""
    if value is None:
        if field.required:
            raise invalid(field.name, "It is required, null is no value.")
        return field.default if not is_relation(field) else None
    wanted = _SIMPLE.get(field.kind, int)
    if wanted is bool and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if wanted is int and isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) != (wanted is bool) or not isinstance(value, wanted):
        raise invalid(field.name, f"{value!r} is no {field.kind}.")
    return _checked(field, value)


def _checked(field: Field, value: Any) -> Any:
    if field.required and value in ("", {}):
        raise invalid(field.name, "It is required, and must not be empty.")
    if field.choices and value not in field.choices:
        raise invalid(field.name, f"{value!r} is none of {field.choices}.")
    if field.kind == "int" and value < 0:
        raise invalid(field.name, "It must not be less than 0.")
    if field.kind == "variables":
        _parsed(field, value)
    return value


def _parsed(field: Field, text: str) -> None:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = text
    if found is not None and not isinstance(found, dict):
        raise invalid(field.name, "Neither JSON nor YAML of a dictionary.")

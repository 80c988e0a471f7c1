"""Request parameters: query string, JSON or form body, and the path, merged as the broker merges them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

Params = dict[str, Any]
_KEY = re.compile(r"\A([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
_SECRET = re.compile(r"pass|secret|token|private_key", re.IGNORECASE)


class BadBody(ValueError):
    """A JSON body that is none."""


def of_query(query: str) -> Params:
    return nested(parse_qsl(query, keep_blank_values=True))


def of_body(content_type: str, body: bytes) -> Params:
    """The parameters in a body; a body that is neither JSON nor a form has none.

    Raises:
        BadBody: it says that it is JSON, and is not.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        return {}
    if kind.endswith("json"):
        try:
            value = json.loads(body)
        except ValueError:
            raise BadBody from None
        return value if isinstance(value, dict) else {"_json": value}
    if kind in ("application/x-www-form-urlencoded", ""):
        return nested(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return {}


def nested(pairs: Iterable[tuple[str, str]]) -> Params:
    """Form fields as a tree: ``a[]=1``, ``a[b]=1`` and ``a[][b]=1`` are lists and maps."""
    params: Params = {}
    for key, value in pairs:
        match = _KEY.match(key)
        if match is None:
            params[key] = value
            continue
        _put(params, [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])], value)
    return params


def _put(into: Params, path: list[str], value: str) -> None:
    name, *rest = path
    if not rest:
        into[name] = value
    elif rest[0] != "":
        branch = into.setdefault(name, {})
        if isinstance(branch, dict):
            _put(branch, rest, value)
    else:
        _append(into, name, rest[1:], value)


def _append(into: Params, name: str, rest: list[str], value: str) -> None:
    items = into.setdefault(name, [])
    if not isinstance(items, list):
        return
    if not rest:
        items.append(value)
        return
    if not items or not isinstance(items[-1], dict) or rest[0] in items[-1]:
        items.append({})
    _put(items[-1], rest, value)


def without_secrets(value: Any) -> Any:
    """The value with everything whose name speaks of a secret covered up, for the request log."""
    if isinstance(value, dict):
        return {
            key: "********" if _SECRET.search(str(key)) and each is not None else without_secrets(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(each) for each in value]
    return value

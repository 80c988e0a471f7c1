"""Request parameters: those of the query string, of a JSON body or of a form."""

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
    """The body is not the JSON that its content type declares."""


def parse_query(query: str) -> Params:
    return nest(parse_qsl(query, keep_blank_values=True))


def parse_body(content_type: str, body: bytes) -> Params:
    """Return the parameters in a body. A body that is neither JSON nor a form has no parameters.

    Raises:
        BadBody: The content type is JSON, but the body is not.
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
        return nest(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return {}


def nest(pairs: Iterable[tuple[str, str]]) -> Params:
    """Return form fields as a tree: ``a[]=1``, ``a[b]=1`` and ``a[][b]=1`` become lists and maps."""
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


def mask_secrets(value: Any) -> Any:
    """Return the value for the request log, with all values masked whose name indicates a secret."""
    if isinstance(value, dict):
        return {
            key: "********" if _SECRET.search(str(key)) and each is not None else mask_secrets(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [mask_secrets(each) for each in value]
    return value

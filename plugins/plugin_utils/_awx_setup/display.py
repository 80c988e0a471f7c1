# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How values of AWX's objects appear in messages and differences: on one line, and never with secrets. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.managed import VARIABLES

HIDDEN = "(not shown)"
#: What AWX returns for a secret.
ENCRYPTED = "$encrypted$"
_SECRET = re.compile(
    "pass(word|wd|phrase)|secret|token|private|credential|client_key|api_?key|authorization", re.IGNORECASE
)
#: An account in an address.
_ACCOUNT = re.compile(r"://[^/@\s]+@")
_LONGEST = 300


def parse_variables(value: Any) -> Any:
    """The dictionary in a text of AWX; the text itself if it has none."""
    if not isinstance(value, str):
        return value or {}
    try:
        found = yaml.safe_load(value)
    except yaml.YAMLError:
        return value
    return {} if found is None else found


def show(name: str, value: Any, secrets: Collection[str] = ()) -> str:
    """The value of the property ``name``, as text."""
    if name in secrets:
        return HIDDEN
    plain = hide(parse_variables(value) if name in VARIABLES else value, secrets)
    if plain in (None, "", {}, []):
        return "(empty)"
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, sort_keys=True)
    text = _ACCOUNT.sub(f"://{HIDDEN}@", text.replace("\n", "\\n"))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def hide(value: Any, secrets: Collection[str] = ()) -> Any:
    """The value without secrets: those of known keys, and of keys that look like one."""
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if _is_secret(str(key), each, secrets) else hide(each, secrets) for key, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [hide(each, secrets) for each in value]
    return HIDDEN if value == ENCRYPTED else value


def _is_secret(key: str, value: Any, secrets: Collection[str]) -> bool:
    return key in secrets or (
        isinstance(value, str) and bool(value) and bool(_SECRET.search(key)) and "{{" not in value
    )

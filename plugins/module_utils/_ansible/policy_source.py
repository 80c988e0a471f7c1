# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the option ``policy``: a list of rules, the same as a text, or the path of a file in YAML or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import PolicyError

try:
    import yaml
except ImportError:
    # On a host that only runs modules. JSON is then the only format.
    HAS_YAML = False
else:
    HAS_YAML = True

#: A larger file is a mistake.
LARGEST = 4 * 1024 * 1024


def read_policy(value: Any, folders: Iterable[str] = ("",)) -> Any:
    """The rules of the option, not yet parsed. ``folders``: where a relative path may begin, the first one first.

    Raises ``PolicyError`` if a file or a text cannot be read.
    """
    if not isinstance(value, str):
        return value
    text = str(value).strip()
    if not text:
        raise PolicyError("is empty. Set a list of rules, or the path of a file.")
    if text.startswith(("[", "-")) or "\n" in text:
        return _parse(text, "the text")
    return _read_file(text, list(dict.fromkeys(folders)))


def _read_file(path: str, folders: list[str]) -> Any:
    candidates = [Path(folder, path).expanduser() if folder else Path(path).expanduser() for folder in folders]
    try:
        found = next((each for each in candidates if each.exists()), None)
        if found is None:
            places = ", ".join(dict.fromkeys(str(each.absolute()) for each in candidates))
            raise PolicyError(f"the file does not exist: {places}.")
        if not found.is_file():
            raise PolicyError(f"{found} is not a file.")
        if found.stat().st_size > LARGEST:
            raise PolicyError(f"{found} is larger than {LARGEST:,} bytes.")
        text = found.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path} is not a text in UTF-8.") from error
    except ValueError as error:
        raise PolicyError("is not a valid path.") from error
    if text.startswith("$ANSIBLE_VAULT"):
        raise PolicyError(f"{path} is encrypted. Load it as a variable, with vars_files or -e @FILE.")
    return _parse(text, path)


def _parse(text: str, source: str) -> Any:
    try:
        data = _load(text)
    except (ValueError, RecursionError) as error:
        line = " ".join(str(error).split())
        raise PolicyError(f"{source} is neither YAML nor JSON: {line[:200]}.") from error
    if isinstance(data, Mapping) or data is None:
        kind = "is empty" if data is None else "contains a dictionary"
        raise PolicyError(f"{source} {kind}. It must contain a list of rules.")
    return data


def _load(text: str) -> Any:
    """Raises ``ValueError``."""
    if not HAS_YAML:
        return json.loads(text)
    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error

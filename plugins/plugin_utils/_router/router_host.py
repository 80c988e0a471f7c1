# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpret what was read from the host of a router: the program's version, its files and their folders. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import Refusal
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import (
    HAPROXY,
    MINIMUM,
    NGINX,
    TITLES,
    Settings,
)

_VERSION = re.compile(r"version (?:nginx/)?([0-9]+(?:[.][0-9]+)+)|nginx version: \S+/([0-9]+(?:[.][0-9]+)+)")
_NAMES = {HAPROXY: re.compile("HA-?Proxy", re.IGNORECASE), NGINX: re.compile("nginx version")}
#: The mode of a new configuration and of its map.
NEW_MODE = "0644"


def parse_version(answer: Mapping[str, Any]) -> str:
    """The version in the result of ``haproxy -v`` or ``nginx -v``, ``0`` if it has none."""
    match = _VERSION.search(_output(answer))
    return (match[1] or match[2]) if match else "0"


def _output(answer: Mapping[str, Any]) -> str:
    """nginx prints its version on standard error."""
    return "\n".join(str(answer.get(key) or "") for key in ("stdout", "stderr"))


def check_version(software: str, program: str, answer: Mapping[str, Any]) -> list[Refusal]:
    """Refuse a program that is missing, too old, or another one."""
    minimum = f"{TITLES[software]} {MINIMUM[software]}"
    is_it = _NAMES[software].search(_output(answer)) is not None
    if is_it and parse_numbers(parse_version(answer)) >= parse_numbers(MINIMUM[software]):
        return []
    return [
        Refusal(
            f"{program} is not {minimum} or newer. Its version command returned: {_first_line(answer)}.",
            f"Install {minimum} or newer, or set app_router_program to its path.",
        )
    ]


def parse_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def check_order(settings: Settings, names: Iterable[str]) -> list[Refusal]:
    """Refuse files that HAProxy reads after the fragment: the defaults of the fragment would apply to them.

    ``names``: the paths of the files in the folder of the fragment.
    """
    own = posixpath.basename(settings.config_path)
    after = sorted(name for name in map(posixpath.basename, names) if name > own)
    if settings.is_nginx or not settings.is_fragment or not after:
        return []
    return [
        Refusal(
            f"HAProxy reads these files after {settings.config_path}, so its defaults would apply to them: "
            f"{', '.join(after)}.",
            "Rename them, or set app_router_config_path to a name that sorts after them.",
        )
    ]


def _first_line(answer: Mapping[str, Any]) -> str:
    texts = (str(answer.get(key) or "") for key in ("stdout", "stderr", "msg"))
    lines = (line.strip() for text in texts for line in text.splitlines())
    return next(filter(None, lines), "nothing").rstrip(".")


def choose_target(config_path: str, file: Mapping[str, Any]) -> tuple[str, str]:
    """The file to read and write, and its folder. ``file``: the result of stat; a symbolic link is followed."""
    target = str(file.get("lnk_source") or config_path)
    return target, posixpath.dirname(target)


def check_path(config_path: str, file: Mapping[str, Any]) -> list[Refusal]:
    """Refuse a path that is not a file. ``file``: the result of stat, for a symbolic link of its target."""
    if not file.get("exists") or file.get("isreg"):
        return []
    return [
        Refusal(
            f"{config_path} is not a file, or is a symbolic link that leads in a circle.",
            "Set app_router_config_path to the path of a file.",
        )
    ]


def check_folders(folders: Iterable[Mapping[str, Any]]) -> list[Refusal]:
    """Refuse missing folders. ``folders``: the results of stat in a loop over their paths."""
    missing = [str(each["item"]) for each in folders if not each["stat"].get("isdir")]
    if not missing:
        return []
    return [
        Refusal(
            f"Not an existing folder: {', '.join(dict.fromkeys(missing))}.",
            "Create the folder, or set app_router_config_path.",
        )
    ]


def choose_rights(given: Mapping[str, Any], file: Mapping[str, Any]) -> dict[str, str]:
    """Owner, group and mode of the files: those that the user set, otherwise those of the present file.

    An empty owner or group of a new file means that the system decides.
    """
    return {
        "owner": _text(given.get("owner")) or _text(file.get("uid")),
        "group": _text(given.get("group")) or _text(file.get("gid")),
        "mode": _mode(given.get("mode")) or _text(file.get("mode")) or NEW_MODE,
    }


def _mode(value: object) -> str:
    """In octal digits. YAML reads 0644 without quotes as the number 420."""
    return f"{value:04o}" if isinstance(value, int) else _text(value)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def collect_packaged(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """The lines that the package managers printed. A package manager that is not installed has no lines."""
    return [line for result in results for line in str(result.get("stdout") or "").splitlines()]

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that come back from Ansible, in built-in types: registered results, options of tasks, variables of hosts.

ansible-core 2.19 and newer returns types of its own: texts with tags, containers that evaluate templates when they are
read, and summaries of warnings. Their representations must never be part of a text for users.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class HostVariables(Protocol):
    """The variables of all hosts, as Ansible's ``hostvars`` holds them."""

    def __getitem__(self, host: str) -> Mapping[str, Any]: ...

    def raw_get(self, host: str) -> Mapping[str, Any]:
        """The variables of a host without evaluating any template."""


def to_plain(value: Any) -> Any:
    """The value in built-in types."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {str.__str__(str(key)): to_plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(each) for each in value]
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else _to_text(value)


class PlainVariables(Mapping[str, Any]):
    """Variables of a host. A value is converted when it is read, because most are never read."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = variables

    def __getitem__(self, name: str) -> Any:
        return to_plain(self._variables[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __contains__(self, name: object) -> bool:
        return name in self._variables


class PlainHosts:
    """The variables of all hosts, converted in the same way."""

    def __init__(self, hostvars: HostVariables) -> None:
        self._hostvars = hostvars

    def __getitem__(self, host: str) -> PlainVariables:
        return PlainVariables(self._hostvars[host])

    def raw_get(self, host: str) -> PlainVariables:
        return PlainVariables(self._hostvars.raw_get(host))


def _to_text(value: Any) -> str:
    """The text of any other object. A summary of a warning or an error has an event, and that may have a cause."""
    messages: list[str] = []
    event = getattr(value, "event", None)
    while event is not None and isinstance(getattr(event, "msg", None), str):
        messages.append(str.__str__(event.msg))
        chain = getattr(event, "chain", None)
        event = chain.event if chain is not None and chain.follow else None
    return ": ".join(messages) if messages else str(value)

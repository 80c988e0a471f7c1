# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account of the platform: what it may do, and how many gears it uses. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import members_from_json, owner_of
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Unanswered
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.fields import (
    is_number,
    to_mapping,
    to_number,
    to_text,
)

#: The program on broker hosts that shows accounts and grants capabilities.
PROGRAM = "oo-admin-ctl-user"
#: Sources of accounts.
FROM_API = "api"
FROM_BROKER_HOST = "broker_host"


@dataclass(frozen=True)
class Caller:
    """The account that the requests run as (``GET /user``): its HA capability and its gears."""

    login: str
    ha: bool
    consumed_gears: int
    max_gears: int

    @classmethod
    def from_json(cls, data: object) -> Caller:
        """Parse ``GET /user``. Raises ``Unanswered`` if the answer does not have the expected structure."""
        fields = to_mapping(data, "user")
        capabilities = fields.get("capabilities") or {}
        return cls(
            login=to_text(fields, "login", "user"),
            ha=bool(to_mapping(capabilities, "user").get("ha")),
            consumed_gears=to_number(fields, "consumed_gears", "user"),
            max_gears=to_number(fields, "max_gears", "user"),
        )


@dataclass(frozen=True)
class Domain:
    """A domain. ``available_gears``: the remaining gears of its *owner*, in all domains of the owner."""

    name: str
    owner: str | None
    available_gears: int | None

    @classmethod
    def from_json(cls, data: object) -> Domain:
        """Parse an entry of ``GET /domains`` or ``GET /domain/D``. Raises ``Unanswered`` for any other structure."""
        fields = to_mapping(data, "domain")
        available = fields.get("available_gears")
        return cls(
            name=str(fields.get("name") or to_text(fields, "id", "domain")),
            owner=owner_of(members_from_json(fields.get("members"))),
            available_gears=available if is_number(available) else None,
        )


@dataclass(frozen=True)
class TokenScopes:
    """What an authorization token may do, as the broker's answers show it, for example ``read``."""

    names: tuple[str, ...]

    @classmethod
    def from_header(cls, header: str | None) -> TokenScopes | None:
        """Parse the header ``X-OAuth-Scopes``. ``None``: there is none, as for a username with a password."""
        names = tuple(name for name in re.split(r"[,\s]+", (header or "").lower()) if name)
        return cls(names) if names else None


@dataclass(frozen=True)
class GearQuota:
    """The limits that are known before a change is sent. ``None`` means unknown.

    ``available_gears``: remaining gears of the application's owner. ``caller``: the account that the requests run as,
    if it may read its own data. ``ha_allowed``: whether the platform offers HA at all, as its links show.
    """

    owner: str | None = None
    available_gears: int | None = None
    caller: Caller | None = None
    ha_allowed: bool | None = None

    @property
    def caller_is_owner(self) -> bool | None:
        if self.caller is None or self.owner is None:
            return None
        return self.caller.login == self.owner


@dataclass(frozen=True)
class Account:
    """An account as the broker's API, or a program on a broker host, returns it.

    ``capabilities``: by the names of the API, at least ``ha``. ``None``: the source does not return this value.
    """

    login: str
    ha: bool
    consumed_gears: int
    max_gears: int | None
    source: str
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    consumed_domains: int | None = None
    max_domains: int | None = None
    max_teams: int | None = None
    plan_id: str | None = None

    @classmethod
    def from_json(cls, data: object) -> Account:
        """Parse ``GET /user``. Raises ``Unanswered`` if the answer does not have the expected structure."""
        caller = Caller.from_json(data)
        fields: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        capabilities = fields.get("capabilities")
        if not isinstance(capabilities, Mapping):
            raise Unanswered("the broker's answer is not usable: the user has no valid 'capabilities'")
        return cls(
            login=caller.login,
            ha=caller.ha,
            consumed_gears=caller.consumed_gears,
            max_gears=caller.max_gears,
            source=FROM_API,
            capabilities=dict(capabilities),
            max_domains=_number_or_none(fields.get("max_domains")),
            max_teams=_number_or_none(fields.get("max_teams")),
            plan_id=fields.get("plan_id") or None,
        )


def view_account(account: Account) -> dict[str, Any]:
    """An account as the modules return it."""
    maximum = account.max_gears
    return {
        "login": account.login,
        "ha": account.ha,
        "consumed_gears": account.consumed_gears,
        "max_gears": maximum,
        "available_gears": None if maximum is None else max(0, maximum - account.consumed_gears),
        "consumed_domains": account.consumed_domains,
        "max_domains": account.max_domains,
        "max_teams": account.max_teams,
        "plan_id": account.plan_id,
        "capabilities": {**account.capabilities, "ha": account.ha},
        "source": account.source,
    }


def _number_or_none(value: object) -> int | None:
    return int(str(value)) if is_number(value) else None

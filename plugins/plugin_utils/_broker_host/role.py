# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide for the role broker_ha: validate its variables, choose settings and accounts, and report. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.moves import Move

ALLOW = "ALLOW_HA_APPLICATIONS"
#: The setting of each variable. The names of the variables are without their prefix ``broker_ha_``.
SETTINGS = {
    "allow": ALLOW,
    "default_allow": "DEFAULT_ALLOW_HA",
    "multiplier": "DEFAULT_HA_MULTIPLIER",
    "manage_dns": "MANAGE_HA_DNS",
    "router_hostname": "ROUTER_HOSTNAME",
    "dns_prefix": "HA_DNS_PREFIX",
    "dns_suffix": "HA_DNS_SUFFIX",
    "allow_multiple_haproxy_on_node": "ALLOW_MULTIPLE_HAPROXY_ON_NODE",
}
_HOST_CHARACTERS = re.compile(r"[A-Za-z0-9_.-]*\Z")


def parse_logins(value: object) -> list[str]:
    """Logins, given as a list, as one text with commas (``-e``, surveys), or as a single number."""
    if isinstance(value, str):
        return [login.strip() for login in value.split(",") if login.strip()]
    if isinstance(value, (list, tuple)):
        return [str(login) for login in value]
    return [] if value is None else [str(value)]


def parse_gears(value: object) -> list[Any]:
    """Gears to move: a list, or one text with commas (``-e``)."""
    return list(value) if isinstance(value, (list, tuple)) else list(parse_logins(value))


@dataclass(frozen=True)
class SpreadVariables:
    """The variables of the entry point ``spread``. ``hosts``: all hosts of the play; ``host``: the one that acts."""

    moves: Sequence[Move] = ()
    invalid: Sequence[str] = ()
    host: str = ""
    hosts: Sequence[str] = ()

    @property
    def problems(self) -> list[str]:
        problems = [f"broker_ha_spread: {problem}" for problem in self.invalid]
        if self.moves and self.host not in self.hosts:
            problems.append(_other_host(self.host, self.hosts))
        return problems


def _other_host(host: str, hosts: Sequence[str]) -> str:
    return f"broker_ha_accounts_host must be a host of this run ({', '.join(hosts)}), not {host}."


@dataclass(frozen=True)
class RoleVariables:
    """The variables of the role. ``given``: those that are settings; a setting without a value is not changed.

    ``spread``: the gears to move. ``hosts``: all hosts of the play; ``accounts_host``: the one on which accounts are
    changed.
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    accounts: Sequence[str] = ()
    accounts_without: Sequence[str] = ()
    accounts_host: str = ""
    hosts: Sequence[str] = ()
    spread: SpreadVariables = field(default_factory=SpreadVariables)

    @property
    def allow(self) -> bool:
        return bool(self.given.get("allow"))

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the broker's configuration that have a value."""
        return {SETTINGS[name]: value for name, value in self.given.items() if name in SETTINGS and value is not None}

    @property
    def problems(self) -> list[str]:
        """What is wrong with the variables, one sentence each, with the next step."""
        return [
            *self._problems_with_accounts(),
            *self._problems_with_settings(),
            *self.spread.problems,
        ]

    def _problems_with_accounts(self) -> list[str]:
        problems = []
        if twice := [login for login in dict.fromkeys(self.accounts) if login in self.accounts_without]:
            problems.append(f"broker_ha_accounts and broker_ha_accounts_without both contain {', '.join(twice)}.")
        if self.accounts and not self.allow:
            problems.append(
                "broker_ha_accounts is set, but broker_ha_allow is false, so the capability cannot be granted."
            )
        if (self.accounts or self.accounts_without) and self.accounts_host not in self.hosts:
            problems.append(_other_host(self.accounts_host, self.hosts))
        return problems

    def _problems_with_settings(self) -> list[str]:
        problems = []
        if (self.given.get("multiplier") or 0) < 0:
            problems.append(f"broker_ha_multiplier must be 0 or more, not {self.given['multiplier']}.")
        hostname = self.given.get("router_hostname")
        if hostname is not None and (not hostname or not _HOST_CHARACTERS.match(hostname)):
            problems.append(f"broker_ha_router_hostname must be a host name, not {hostname!r}.")
        for name in ("dns_prefix", "dns_suffix"):
            if not _HOST_CHARACTERS.match(self.given.get(name) or ""):
                problems.append(f"broker_ha_{name} must be a valid part of a host name, not {self.given[name]!r}.")
        return problems


def describe_problems(problems: Sequence[str]) -> str:
    """All problems in one message, empty if there are none."""
    return " ".join([*problems, "Nothing was changed."]) if problems else ""


def describe_late_revocation(results: Sequence[Mapping[str, Any]], command: str) -> str:
    """Why it is too late to revoke the capability, empty if nobody has it.

    ``results``: of openshift_user_capability in check mode, on a platform that no longer allows HA.
    """
    holders = [str(result.get("login")) for result in results if result.get("before") is not False]
    if not holders:
        return ""
    return (
        f"Cannot revoke the capability: the platform no longer allows HA, so {command} refuses to change it. "
        f"These accounts still have it: {', '.join(holders)}. Nothing was changed. The capability has no effect "
        "while the platform does not allow HA. To revoke it, run with broker_ha_allow: true and the same "
        "broker_ha_accounts_without first, then with broker_ha_allow: false again."
    )


def find_failure(result: Mapping[str, Any]) -> str:
    """The message of a result whose task never fails; empty if it was skipped or was a success.

    A result without entries has failed before it did anything, for example because of an invalid option.
    """
    entries = result.get("results")
    if result.get("skipped") or (entries is not None and not any(entry.get("failed") for entry in entries)):
        return ""
    return str(result.get("msg") or "The task failed without a message.")


def build_report(
    path: str,
    config: Mapping[str, Any],
    accounts: Sequence[Mapping[str, Any]],
    observed: Sequence[Mapping[str, Any]],
    check_mode: bool,
    moves: Sequence[Mapping[str, Any]] = (),
) -> list[str]:
    """What the role did, or would do, one line each. After a failure some results are missing.

    ``config``: the result of openshift_broker_config. ``accounts`` and ``observed``: results for accounts that were
    changed, and that were only read. ``moves``: results for gears.
    """
    if not config:
        lines = [f"{path}: not changed"]
    else:
        lines = [str(config.get("msg", "")), *_describe_restart(config, check_mode)]
        if config.get("backup_file"):
            lines.append(f"Old configuration: {config['backup_file']}")
    # What check mode plans for accounts that were only read does not happen.
    lines += [str(result["msg"]) for result in observed if result.get("status") != "planned"]
    return lines + [str(result["msg"]) for result in (*accounts, *moves)]


def _describe_restart(config: Mapping[str, Any], check_mode: bool) -> list[str]:
    if config.get("restarted"):
        return [f"The broker {'would be' if check_mode else 'was'} restarted."]
    if config.get("changed") and not config.get("failed"):
        return ["The broker was not restarted and still uses the old settings."]
    return []

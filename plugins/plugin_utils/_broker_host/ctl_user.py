# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpret ``oo-admin-ctl-user``, the program on a broker host that shows accounts and grants capabilities. Pure.

The program prints an account in lines with right-aligned labels, also after it has set something, and ends with 0.
Other exit statuses: 5 if it refuses (no such account, or the platform does not allow HA), 6 if setting failed, 10 if
the database failed, 1 if the broker's environment could not be loaded, 255 for an unknown option. Where one status has
several causes, words of the output distinguish them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import FROM_BROKER_HOST, Account
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host import failures
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.failures import (
    KnownFailure,
    ProgramFailure,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import (
    WITH_SYSTEM_FOLDERS,
    ScriptResult,
    quote_command,
)

NOT_ALLOWED = "Platform does not allow HA applications"
_HEAD = re.compile(r"^User (?P<login>.*):[ \t]*$", re.MULTILINE)
_FIELD = re.compile(r"^[ \t]*(?P<label>[A-Za-z][A-Za-z ]*?):[ \t]*(?P<value>.*?)[ \t]*$")
_BOOL = {"true": True, "false": False}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
#: Labels of capabilities, and their names in the API: first booleans, then numbers.
_CAPABILITIES: dict[str, str] = {
    "viewing all global teams allowed": "view_global_teams",
    "plan upgrade enabled": "plan_upgrade_enabled",
    "sub accounts allowed": "subaccounts",
    "private SSL certificates allowed": "private_ssl_certificates",
}
_STORAGE: dict[str, str] = {
    "max tracked storage per gear": "max_tracked_addtl_storage_per_gear",
    "max untracked storage per gear": "max_untracked_addtl_storage_per_gear",
}


class UnknownOutput(Exception):
    """The output does not contain exactly one account with all required fields."""


def build_show_script(program: str, login: str) -> str:
    """The script that prints the account."""
    return f"{WITH_SYSTEM_FOLDERS}\n{quote_command(program, '-l', login)}"


def build_set_script(program: str, login: str, ha: bool) -> str:
    """The script that sets the capability and prints the account. A second run changes nothing."""
    return f"{WITH_SYSTEM_FOLDERS}\n{quote_command(program, '-l', login, '--allowha', 'true' if ha else 'false')}"


def check_login(login: str) -> str | None:
    """Why this login is invalid, ``None`` if it is valid."""
    if not login.strip():
        return "must not be empty"
    if _CONTROL.search(login):
        return f"{login!r} contains control characters"
    return None


def parse_account(output: str, login: str) -> Account:
    """The account that the program printed for ``login``. Raises ``UnknownOutput``."""
    heads = list(_HEAD.finditer(output))
    if len(heads) > 1:
        raise UnknownOutput("it contains several accounts")
    # All versions print labels, but not all print a head line.
    labels = re.search(r"^[ \t]*consumed [a-z]+:", output, re.MULTILINE)
    if not heads and not labels:
        raise UnknownOutput("it contains no account")
    fields = _fields(output[heads[0].end() if heads else labels.start() if labels else 0 :])
    if "HA allowed" not in fields:
        raise UnknownOutput("it has no field 'HA allowed', as in versions without HA")
    return Account(
        login=heads[0].group("login") if heads else login,
        ha=_bool(fields, "HA allowed"),
        consumed_gears=_number(fields, "consumed gears"),
        # The value is empty for an account that is older than the setting.
        max_gears=_optional(fields, "max gears", _number),
        source=FROM_BROKER_HOST,
        capabilities=_capabilities(fields),
        consumed_domains=_optional(fields, "consumed domains", _number),
        max_domains=_optional(fields, "max domains", _number),
        max_teams=_optional(fields, "max teams", _number),
        plan_id=fields.get("plan") or None,
    )


def _fields(text: str) -> dict[str, str]:
    """Labels and values up to the blank line after them."""
    fields: dict[str, str] = {}
    for line in text.strip("\n").split("\n"):
        found = _FIELD.match(line)
        if not line.strip() or not found:
            break
        fields[found.group("label")] = found.group("value")
    return fields


def _capabilities(fields: Mapping[str, str]) -> dict[str, Any]:
    capabilities: dict[str, Any] = {"ha": _bool(fields, "HA allowed")}
    capabilities.update({name: _bool(fields, label) for label, name in _CAPABILITIES.items() if label in fields})
    capabilities.update({name: _number(fields, label) for label, name in _STORAGE.items() if fields.get(label)})
    if "gear sizes" in fields:
        capabilities["gear_sizes"] = [size.strip() for size in fields["gear sizes"].split(",") if size.strip()]
    if "inherit gear sizes" in fields:
        capabilities["inherit_on_subaccounts"] = ["gear_sizes"] if _bool(fields, "inherit gear sizes") else []
    return capabilities


def _optional(fields: Mapping[str, str], label: str, parse: Callable[[Mapping[str, str], str], int]) -> int | None:
    return parse(fields, label) if fields.get(label) else None


def _bool(fields: Mapping[str, str], label: str) -> bool:
    value = fields[label]
    # A capability that was never set is printed as an empty value, and means false.
    if value and value not in _BOOL:
        raise UnknownOutput(f"'{label}' must be true or false, not {squeeze(value, 40)!r}")
    return _BOOL.get(value, False)


def _number(fields: Mapping[str, str], label: str) -> int:
    value = fields.get(label, "")
    if not re.fullmatch(r"-?[0-9]+", value):
        raise UnknownOutput(f"'{label}' must be a number, not {squeeze(value, 40)!r}")
    return int(value)


def parse_outcome(result: ScriptResult, program: str, login: str) -> Account | ProgramFailure:
    """The outcome of the program: the account as it is now, or why it failed."""
    if result.status != 0:
        return explain_failure(result, program)
    try:
        return parse_account(result.output, login)
    except UnknownOutput as error:
        text = f"the output of {program} is not as expected, {error}: {failures.excerpt(result)}"
        return ProgramFailure(text, "Run the program by hand on the broker host and check its output.", certain=False)


def explain_failure(result: ScriptResult, program: str) -> ProgramFailure:
    """Why the program failed, from its exit status and its output."""
    return failures.explain_failure(result, program, _KNOWN, _AGAIN)


_AGAIN = "Run again: the account is read first."
_KNOWN: tuple[KnownFailure, ...] = (
    (
        5,
        NOT_ALLOWED,
        'Set ALLOW_HA_APPLICATIONS="true" in /etc/openshift/broker.conf on every broker host, for example with the '
        "role openshift_v2.apps.broker_ha. Without it the capability can be neither granted nor revoked.",
        True,
        False,
    ),
    (
        5,
        "not found",
        "Check the login. The broker creates an account with the first request of its user; an administrator can "
        "create it with oo-admin-ctl-user --create.",
        True,
        False,
    ),
    (5, "", "Remove the cause, and run again.", True, False),
    (6, "Another operation is already running", "The account is locked: run again in a minute.", True, False),
    (6, "", _AGAIN, False, False),
    (10, "", f"{failures.LOGS} {_AGAIN}", False, False),
    (1, "ermission denied", failures.BECOME, True, True),
    (1, "", f"{failures.LOGS} The program may need root: use become.", False, False),
    (
        255,
        "nrecognized option",
        "Update the broker on that host: it is too old for this capability.",
        True,
        True,
    ),
    (255, "", "Check the option command: the program does not support the given options.", True, True),
    *failures.COMMON,
)

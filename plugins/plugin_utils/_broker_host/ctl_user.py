# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``oo-admin-ctl-user``, the program on a broker host that tells of accounts and grants capabilities. Pure.

It prints an account in lines of right-aligned labels, after setting something too, and ends with 0; with 5 if it
refuses (no such account, or the platform does not allow HA), 6 if setting failed, 10 if the database did, 1 if the
broker's environment could not be loaded, 255 if it does not know an option. A few of these are told apart by words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import FROM_BROKER_HOST, Account
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import (
    QUOTED,
    WITH_SYSTEM_FOLDERS,
    Ran,
    command,
)

NOT_ALLOWED = "Platform does not allow HA applications"
_HEAD = re.compile(r"^User (?P<login>.*):[ \t]*$", re.MULTILINE)
_FIELD = re.compile(r"^[ \t]*(?P<label>[A-Za-z][A-Za-z ]*?):[ \t]*(?P<value>.*?)[ \t]*$")
_BOOL = {"true": True, "false": False}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
#: What kind of value a label has, and the API's name of the capability that it tells of.
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


class NotUnderstood(Exception):
    """Output that does not hold exactly one account with what is needed of it."""


@dataclass(frozen=True)
class Problem:
    """Why the program did not do what it was asked.

    ``advice``: what to do. ``certain``: whether nothing was changed for certain. ``everywhere``: whether it would be
    the same for every account. ``unfinished``: whether its end was not seen, so that it may still run. ``lost``:
    whether that was for a lost connection.
    """

    text: str
    advice: str
    certain: bool = True
    everywhere: bool = False
    unfinished: bool = False
    lost: bool = False

    def __str__(self) -> str:
        return f"{self.text} {self.advice}"


def looking(program: str, login: str) -> str:
    """The script that has the program print the account."""
    return f"{WITH_SYSTEM_FOLDERS}\n{command(program, '-l', login)}"


def setting(program: str, login: str, ha: bool) -> str:
    """The script that has the program set the capability. Done twice it is the same as once."""
    return f"{WITH_SYSTEM_FOLDERS}\n{command(program, '-l', login, '--allowha', 'true' if ha else 'false')}"


def problem_with_login(login: str) -> str | None:
    """Why no account can have this login, or ``None``."""
    if not login.strip():
        return "must not be empty"
    if _CONTROL.search(login):
        return f"{login!r} holds control characters"
    return None


def account_in(output: str, login: str) -> Account:
    """The account that the program printed, asked for ``login``. Raises ``NotUnderstood``."""
    heads = list(_HEAD.finditer(output))
    if len(heads) > 1:
        raise NotUnderstood("it shows several accounts")
    # Not every version prints a head, but all print labels.
    labels = re.search(r"^[ \t]*consumed [a-z]+:", output, re.MULTILINE)
    if not heads and not labels:
        raise NotUnderstood("it shows no account")
    fields = _fields(output[heads[0].end() if heads else labels.start() if labels else 0 :])
    if "HA allowed" not in fields:
        raise NotUnderstood("it does not say whether HA is allowed, as versions do that know no HA")
    return Account(
        login=heads[0].group("login") if heads else login,
        ha=_bool(fields, "HA allowed"),
        consumed_gears=_number(fields, "consumed gears"),
        # Nothing stands there for an account that is older than the setting.
        max_gears=_known(fields, "max gears", _number),
        source=FROM_BROKER_HOST,
        capabilities=_capabilities(fields),
        consumed_domains=_known(fields, "consumed domains", _number),
        max_domains=_known(fields, "max domains", _number),
        max_teams=_known(fields, "max teams", _number),
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
    found: dict[str, Any] = {"ha": _bool(fields, "HA allowed")}
    found.update({name: _bool(fields, label) for label, name in _CAPABILITIES.items() if label in fields})
    found.update({name: _number(fields, label) for label, name in _STORAGE.items() if fields.get(label)})
    if "gear sizes" in fields:
        found["gear_sizes"] = [size.strip() for size in fields["gear sizes"].split(",") if size.strip()]
    if "inherit gear sizes" in fields:
        found["inherit_on_subaccounts"] = ["gear_sizes"] if _bool(fields, "inherit gear sizes") else []
    return found


def _known(fields: Mapping[str, str], label: str, parse: Callable[[Mapping[str, str], str], int]) -> int | None:
    return parse(fields, label) if fields.get(label) else None


def _bool(fields: Mapping[str, str], label: str) -> bool:
    value = fields[label]
    # A setting that was never made is printed as nothing, and means no.
    if value and value not in _BOOL:
        raise NotUnderstood(f"'{label}' is neither true nor false but {squeeze(value, 40)!r}")
    return _BOOL.get(value, False)


def _number(fields: Mapping[str, str], label: str) -> int:
    value = fields.get(label, "")
    if not re.fullmatch(r"-?[0-9]+", value):
        raise NotUnderstood(f"'{label}' is no number but {squeeze(value, 40)!r}")
    return int(value)


def outcome(ran: Ran, program: str, login: str) -> Account | Problem:
    """What came of having the program print or set something: the account as it is now, or why not."""
    if ran.status != 0:
        return problem(ran, program)
    try:
        return account_in(ran.output, login)
    except NotUnderstood as error:
        text = f"What {program} printed cannot be understood, {error}: {_said(ran)}"
        return Problem(text, "Run it by hand on the broker host to see what it says.", certain=False)


def problem(ran: Ran, program: str) -> Problem:
    """Why it failed, from its exit status and its words."""
    if ran.lost:
        text = f"The connection to the broker host was lost: {squeeze(ran.lost, QUOTED)}"
        return Problem(
            _ended(text), "Run again when the host can be reached.", certain=False, unfinished=True, lost=True
        )
    if not ran.began:
        text = f"No command could be run on the broker host: {_said(ran)}"
        return Problem(text, "Check become, its password and what sudo allows there.", everywhere=True)
    if ran.status is None:
        text = f"{program} was interrupted, its end was not seen: {_said(ran)}"
        return Problem(text, _AGAIN, certain=False, unfinished=True)
    return _failed(ran, ran.status, program)


def _failed(ran: Ran, status: int, program: str) -> Problem:
    text = f"{program} ended with exit status {status}: {_said(ran)}"
    for known, words, advice, certain, everywhere in _KNOWN:
        if status == known and words in ran.words:
            return Problem(text, advice, certain, everywhere)
    if status > 128:
        return Problem(f"{program} was ended by signal {status - 128}: {_said(ran)}", _AGAIN, certain=False)
    return Problem(text, "Look at what it says, and run again: it looks first.", certain=False)


_AGAIN = "Run again: it looks first, and goes on from what it finds."
_BECOME = "Reading the broker's configuration takes root: use become."
_LOGS = "See the broker's logs in /var/log/openshift/broker on that host."
#: Exit status, words, advice, whether nothing was changed for certain, whether it is the same for every account.
_KNOWN: tuple[tuple[int, str, str, bool, bool], ...] = (
    (
        5,
        NOT_ALLOWED,
        'The capability can be given, and taken away, only with ALLOW_HA_APPLICATIONS="true" in '
        "/etc/openshift/broker.conf on every broker host. The role openshift_v2.apps.broker_ha sets it.",
        True,
        False,
    ),
    (
        5,
        "not found",
        "Check the login. An account comes into being when its user first asks the broker for anything, "
        "or with oo-admin-ctl-user --create.",
        True,
        False,
    ),
    (5, "", "Run again when the reason is gone.", True, False),
    (6, "Another operation is already running", "The account is busy: run again in a minute.", True, False),
    (6, "", _AGAIN, False, False),
    (10, "", f"{_LOGS} {_AGAIN}", False, False),
    (1, "ermission denied", _BECOME, True, True),
    (1, "", f"{_LOGS} The program may need root: use become.", False, False),
    (126, "", "Check the option command, the file's mode, and whether it takes become.", True, True),
    (127, "oo-ruby", "The broker's Ruby is not installed there (oo-ruby). Is it a broker host?", True, True),
    (
        127,
        "",
        "Is it a broker host? There the package openshift-origin-broker-util brings the program; if it is somewhere "
        "else, say where with the option command.",
        True,
        True,
    ),
    (
        255,
        "nrecognized option",
        "The broker on that host is too old to know the capability.",
        True,
        True,
    ),
    (255, "", "It did not understand how it was called: check the option command.", True, True),
)


def _said(ran: Ran) -> str:
    """The program's own words in one line. Of a failure of Ruby's the first lines say most."""
    return _ended(ran.said)


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "…")) else f"{text}."

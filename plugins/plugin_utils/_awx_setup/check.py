# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate the variables of the playbook awx_setup. Pure.

All of them are validated first, so that a mistake is not found after half of the objects are created.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

PREFIX = "awx_setup_"
BROKERS = "awx_setup_brokers"
#: Stands for a secret. Ansible prints the values of failed tasks and of loops.
GIVEN = "(given)"
NO_BROKERS = (
    f"{BROKERS} must be a list with a dictionary for each broker, such as "
    '[{name: east, url: "https://broker.example.com", username: auditor, password: …}].'
)
NO_AWX = (
    "Set CONTROLLER_HOST, and CONTROLLER_OAUTH_TOKEN or both CONTROLLER_USERNAME and CONTROLLER_PASSWORD, in the "
    "environment."
)
SHORTEST_SECRET = 6
#: The number of characters in a name of AWX, without the words that the playbook adds.
LONGEST_NAME = 400
_UNSET = "An unset environment variable is an empty value."
_ACCOUNTS = ("credential", "token", "username", "password", "client_cert")
_HOSTS = ("CONTROLLER_HOST", "TOWER_HOST")
_CREDENTIALS = ("CONTROLLER_OAUTH_TOKEN", "TOWER_OAUTH_TOKEN", "CONTROLLER_PASSWORD", "TOWER_PASSWORD")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

Broker = Mapping[str, Any]


def are_brokers(value: object) -> bool:
    """Whether the value is a list of dictionaries with at least one of them."""
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(each, Mapping) for each in value)


def hide_secrets(broker: Broker, secret_inputs: Iterable[str]) -> dict[str, Any]:
    """The broker without empty values and secrets."""
    secrets = set(secret_inputs)
    given = {str(key): value for key, value in broker.items() if value is not None and value != ""}
    return {key: GIVEN if key in secrets else value for key, value in given.items()}


def refuse_unknown(names: Iterable[str], known: Iterable[str]) -> str:
    """The refusal of variables without a meaning; empty if there are none."""
    options = sorted(known)
    unknown = sorted({name for name in names if name.startswith(PREFIX)} - set(options))
    if not unknown:
        return ""
    similar = {name: get_close_matches(name, options, 1, 0.8) for name in unknown}
    hints = [f"{name} is similar to {close[0]}." for name, close in similar.items() if close]
    return " ".join(
        [f"Unknown variables: {', '.join(unknown)}.", *hints, f"The known variables are {', '.join(options)}."]
    )


def secrets_of(values: Mapping[str, Any], secret_inputs: Iterable[str]) -> frozenset[str]:
    """The secrets among the variables. No message may contain them."""
    names = set(secret_inputs)
    found = {str(value) for broker in values[BROKERS] for name, value in broker.items() if name in names and value}
    for template in values.get("awx_setup_notification_templates") or ():
        configuration = template.get("configuration") if isinstance(template, Mapping) else None
        found |= set(_texts(configuration or {}))
    found |= {password} if (password := urlsplit(str(values.get("awx_setup_project_url") or "")).password) else set()
    # Short texts, such as "POST", would make messages unreadable.
    return frozenset(text for text in found if len(text) >= SHORTEST_SECRET)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def find_problems(values: Mapping[str, Any], brokers: Sequence[Broker]) -> Iterator[str]:
    """A sentence for each mistake that the types of the variables do not show. ``brokers`` are without secrets."""
    yield from _name_problems(values, brokers)
    if values["awx_setup_state"] != "absent":
        yield from _account_problems(brokers)
    if without := _names(each for each in brokers if "url" in each and not re.match("https?://[^/]", str(each["url"]))):
        yield f"The url of {without} must be http:// or https:// and a host."
    if not _TIME.fullmatch(str(values["awx_setup_audit_time"])):
        yield 'awx_setup_audit_time must be a time of day such as "02:15" (in quotes).'
    if values["awx_setup_slices"] < 1 or values["awx_setup_forks"] < 1:
        yield "awx_setup_slices and awx_setup_forks must be 1 or more."
    maximum = values["awx_setup_enable_max_changes"]
    if maximum != "" and (not isinstance(maximum, int) or isinstance(maximum, bool)):
        yield "awx_setup_enable_max_changes must be a number. (-e NAME=VALUE sets a text: set it in a file.)"
    environment = "awx_setup_execution_environment"
    if values.get(f"{environment}_image") is not None and values.get(environment) is None:
        yield f"{environment}_image needs a name in {environment}."


def _name_problems(values: Mapping[str, Any], brokers: Sequence[Broker]) -> Iterator[str]:
    names = [str(broker["name"]).strip() for broker in brokers]
    if len({name.lower() for name in names}) < len(names):
        yield f"{BROKERS} has a name twice, and one broker would overwrite the other: {', '.join(sorted(names))}."
    named = {BROKERS: names, "awx_setup_prefix": [str(values["awx_setup_prefix"])]}
    for variable, texts in named.items():
        if any(not text.strip() or not text.isprintable() or len(text) > LONGEST_NAME for text in texts):
            yield f"The names in {variable} must have 1 to {LONGEST_NAME} characters, without line breaks and tabs."


def _account_problems(brokers: Sequence[Broker]) -> Iterator[str]:
    if without := _names(each for each in brokers if not any(key in each for key in _ACCOUNTS)):
        yield (
            f"The account is missing for {without}: set username and password, token, client_cert or an existing "
            f"credential. {_UNSET}"
        )
    if without := _names(each for each in brokers if "username" in each and "password" not in each):
        yield f"The password is missing for {without}, only a username is set. {_UNSET}"
    if without := _names(each for each in brokers if "password" in each and "username" not in each):
        yield f"The username is missing for {without}, only a password is set. {_UNSET}"


def _names(brokers: Iterable[Broker]) -> str:
    return ", ".join(str(broker["name"]) for broker in brokers)


def has_awx(environ: Mapping[str, str]) -> bool:
    """Whether the environment has the address and an account of AWX."""
    return all(any(environ.get(name) for name in names) for names in (_HOSTS, _CREDENTIALS))

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the playbook enable_ha as users set them, and their validation. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

DEFAULT_CANARY, DEFAULT_BATCH_SIZE, DEFAULT_MAX_FAIL_PERCENTAGE = "3", "25%", "0"
#: Two variables hold a limit of changes; messages name the one that the user set.
OWN_LIMIT, ROLE_LIMIT = "enable_ha_max_changes", "app_ha_max_changes"

_BATCH = re.compile(r"[1-9][0-9]*%?")
_PERCENTAGE = re.compile(r"[0-9]+([.][0-9]+)?%?")
_LIMIT = re.compile(r"[0-9]+")
_YES = re.compile(r"yes|on|true|1", re.IGNORECASE)
_NO = re.compile(r"no|off|false|0", re.IGNORECASE)


@dataclass(frozen=True)
class Answers:
    """The variables as texts. An empty text means the default. ``domains`` and ``names`` are in lower case.

    ``sliced``: whether the inventory is a part of the whole. ``prefix``: that of the variables, for messages.
    """

    hosts: Any = ""
    domains: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    canary: str = ""
    batch_size: str = ""
    max_fail_percentage: str = ""
    max_changes: str = ""
    role_max_changes: str = ""
    dry_run: str = ""
    sliced: str = ""
    prefix: str = "enable_ha"

    @property
    def is_slice(self) -> bool:
        return bool(_YES.fullmatch(self.sliced))

    @property
    def first_batch(self) -> str:
        return self.canary or DEFAULT_CANARY

    @property
    def other_batches(self) -> str:
        return self.batch_size or DEFAULT_BATCH_SIZE

    @property
    def failure_percentage(self) -> str:
        """How much of a batch may fail, a number without the percent sign."""
        return (self.max_fail_percentage or DEFAULT_MAX_FAIL_PERCENTAGE).rstrip("%")

    @property
    def predicts(self) -> bool:
        return bool(_YES.fullmatch(self.dry_run))

    @property
    def limit(self) -> str:
        """The limit of changes from either variable; empty: no limit."""
        return self.max_changes or self.role_max_changes

    @property
    def limit_name(self) -> str:
        return OWN_LIMIT if self.max_changes else ROLE_LIMIT

    @property
    def chooses(self) -> bool:
        """Whether the user chose applications by domain or name."""
        return bool(self.domains or self.names)


def parse_text(value: Any) -> str:
    """A variable as a text. Only an empty text and null count as unset: the number 0 is a value."""
    return "" if value is None else str(value).strip()


def parse_flag(value: Any) -> bool | None:
    """A variable that is true or false; ``None`` if it is not set."""
    text = parse_text(value)
    return bool(_YES.fullmatch(text)) if text else None


def find_flag_mistakes(given: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each variable of the audit that must be true or false, and is neither."""
    for name in ("by_host", "sliced"):
        text = parse_text(given[name])
        if text and not (_YES.fullmatch(text) or _NO.fullmatch(text)):
            yield f"audit_ha_{name}: {text} is neither yes nor no."


def parse_list(value: Any) -> tuple[str, ...]:
    """A list, or a text with spaces, commas or line breaks, as words in lower case. The text may be a list in JSON."""
    if isinstance(value, (list, tuple)):
        return tuple(word for each in value for word in parse_list(each))
    text = parse_text(value)
    if text.startswith("["):
        # Up to ansible-core 2.18, Ansible itself makes a list of such a text.
        with suppress(ValueError, RecursionError):
            return tuple(word for each in json.loads(text) for word in parse_list(each))
    return tuple(text.lower().replace(",", " ").split())


def find_mistakes(answers: Answers) -> Iterator[str]:
    """A sentence for each invalid variable."""
    for name, value in (("canary", answers.first_batch), ("batch_size", answers.other_batches)):
        if not _BATCH.fullmatch(value):
            yield f"enable_ha_{name}: {value} is neither a number of hosts (1 or more) nor a percentage."
    if answers.max_fail_percentage and not _PERCENTAGE.fullmatch(answers.max_fail_percentage):
        yield f"enable_ha_max_fail_percentage: {answers.max_fail_percentage} is not a percentage."
    for name, value in (("dry_run", answers.dry_run), ("sliced", answers.sliced)):
        if value and not (_YES.fullmatch(value) or _NO.fullmatch(value)):
            yield f"enable_ha_{name}: {value} is neither yes nor no."
    yield from _limit_mistakes(answers)
    yield from find_contradictions(answers)


def find_contradictions(answers: Answers) -> Iterator[str]:
    """A sentence if there are two ways to choose hosts."""
    if answers.hosts and answers.chooses:
        yield (
            f"{answers.prefix}_hosts cannot be combined with {answers.prefix}_domains or {answers.prefix}_names: these "
            "choose hosts of an inventory of the plugin. Use --limit instead."
        )


def _limit_mistakes(answers: Answers) -> Iterator[str]:
    limits = ((OWN_LIMIT, answers.max_changes), (ROLE_LIMIT, answers.role_max_changes))
    for name, value in limits:
        if value and not _LIMIT.fullmatch(value):
            yield f"{name}: {value} is not a number (0 or more)."
    if all(value for _name, value in limits) and answers.max_changes != answers.role_max_changes:
        given = " and ".join(f"{name} is {value}" for name, value in limits)
        yield f"{given}: set only one of them."

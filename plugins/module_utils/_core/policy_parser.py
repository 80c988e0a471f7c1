# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse a policy from lists and dictionaries, with all mistakes at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import SCALE_STRATEGIES
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.globs import Globs
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import IGNORE, STATES, Match, Policy, Rule
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import LEVELS, SPREADS
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable

#: The keys of ``match``; each but the last takes one pattern or a list.
GLOBS = ("domain", "name", "owner", "cartridge")
CLAIMS_HA = "claims_ha"
MATCHES = (*GLOBS, CLAIMS_HA)
NAME, MATCH = "name", "match"
#: The place of a rule that was taken out of its policy. Not for users.
NUMBER = "number"
#: A longer list of rules, or a longer pattern, is a mistake.
MOST_RULES, LONGEST = 1_000, 1_000
#: A larger number is no plausible number.
LARGEST = 1e15

_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


class PolicyError(Exception):
    """A policy is not valid. The text has a sentence for each mistake, with the number of the rule and the key."""


class _Invalid(Exception):
    """A value is not valid. The text is the reason."""


def parse_policy(data: Any) -> Policy:
    """The policy as a list of dictionaries. Raises ``PolicyError``."""
    if not isinstance(data, Sequence) or isinstance(data, (str, bytes)):
        raise PolicyError(f"must be a list of rules, not {_describe(data)}.")
    if len(data) > MOST_RULES:
        raise PolicyError(f"has {len(data):,} rules, but at most {MOST_RULES:,} are allowed.")
    mistakes: list[str] = []
    rules = [_parse_rule(number, each, mistakes) for number, each in enumerate(data, 1)]
    if mistakes:
        raise PolicyError(" ".join(mistakes))
    return Policy(tuple(rules))


def _parse_rule(number: int, data: Any, mistakes: list[str]) -> Rule:
    """The rule. Its mistakes are added to those of the others."""
    if not isinstance(data, Mapping):
        mistakes.append(f"rule {number}: must be a dictionary, not {_describe(data)}.")
        return Rule(number)
    fields = {str(key): value for key, value in data.items() if value is not None}
    number = _place(fields.pop(NUMBER, None)) or number
    label = fields.get(NAME)
    name = escape_unprintable(str(label))[:LONGEST] if isinstance(label, (str, int)) else ""
    subject = f"rule {Rule(number, name=name)}"
    if label is not None and not isinstance(label, (str, int)):
        mistakes.append(f"{subject}: {NAME}: must be a text, not {_describe(label)}.")
    settings: dict[str, Any] = {}
    for key, value in fields.items():
        if key in SETTINGS:
            try:
                settings[key] = SETTINGS[key](value)
            except _Invalid as error:
                mistakes.append(f"{subject}: {key}: {_sentence(error)}")
        elif key not in (NAME, MATCH):
            mistakes.append(f"{subject}: {_unknown(key, (NAME, MATCH, *SETTINGS), MATCHES)}")
    mistakes += [f"{subject}: {text}" for text in _find_useless(fields, settings)]
    return Rule(number, _parse_match(fields.get(MATCH, {}), subject, mistakes), settings, name)


def _place(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_RULES else 0


def _find_useless(fields: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[str]:
    """What has no effect: further settings of an ignored application, or a rule that sets nothing."""
    others = [key for key in settings if key != "state"]
    if settings.get("state") == IGNORE and others:
        yield f"{', '.join(others)}: has no effect with state {IGNORE}."
    if not fields.keys() - {NAME}:
        yield f"is empty. Set {MATCH}, or one of {', '.join(SETTINGS)}."


def _parse_match(data: Any, subject: str, mistakes: list[str]) -> Match:
    """The conditions; a text or a list of texts stands for names."""
    if isinstance(data, (str, list, tuple)):
        data = {NAME: data}
    if not isinstance(data, Mapping):
        mistakes.append(f"{subject}: {MATCH}: must be a dictionary, not {_describe(data)}.")
        return Match()
    found: dict[str, Any] = {}
    for key, value in data.items():
        if value is None:
            continue
        if key not in MATCHES:
            mistakes.append(f"{subject}: {MATCH}: {_unknown(str(key), MATCHES)}")
            continue
        try:
            found[key] = _flag(value) if key == CLAIMS_HA else _globs(value)
        except _Invalid as error:
            mistakes.append(f"{subject}: {MATCH}.{key}: {_sentence(error)}")
    return Match(**found)


def _unknown(key: str, known: Sequence[str], of_match: Sequence[str] = ()) -> str:
    """A sentence about a key, with the key that was probably meant."""
    shown = escape_unprintable(key)[:40]
    if key in of_match:
        return f"{shown}: is not a setting. Write it below {MATCH}."
    similar = get_close_matches(key, known, 1)
    return f"{shown}: unknown key. " + (
        f"Did you mean {similar[0]}?" if similar else f"Known keys: {', '.join(known)}."
    )


def _sentence(error: _Invalid) -> str:
    text = str(error)
    return text if text.endswith("?") else f"{text}."


# --- Values ----------------------------------------------------------------------------------------------------------


def _globs(value: Any) -> Globs:
    patterns = value if isinstance(value, (list, tuple)) else [value]
    if not patterns:
        raise _Invalid("is empty, so that the rule matches nothing")
    return Globs(tuple(_pattern(each) for each in patterns))


def _pattern(value: Any) -> str:
    if not isinstance(value, str):
        raise _Invalid(f"must be a text, not {_describe(value)}. Put it in quotes")
    if not value.strip():
        raise _Invalid("has an empty pattern")
    if len(value) > LONGEST:
        raise _Invalid(f"has a pattern of more than {LONGEST:,} characters")
    return str(value)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    if word not in _YES + _NO:
        raise _Invalid(f"must be true or false, not {_describe(value)}")
    return word in _YES


def _whole_number(value: Any) -> int:
    if isinstance(value, str) and value.strip().lstrip("+-").isdecimal() and len(value) < 20:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Invalid(f"must be a whole number, not {_describe(value)}")
    return int(value)


def _number(value: Any) -> float:
    """A number of seconds. Whether it is allowed is checked with the options of the same name."""
    if isinstance(value, str) and len(value) < 20:
        with suppress(ValueError):
            value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < LARGEST:
        raise _Invalid(f"must be a number of seconds, not {_describe(value)}")
    return float(value)


def _choice(choices: Sequence[str]) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise _Invalid(f"must be one of {', '.join(choices)}, not {_describe(value)}")
        return str(value)

    return parse


def _probe(value: Any) -> dict[str, Any]:
    """The keys only; the values are validated with those of the option ``probe``."""
    known = ("path", "timeout", "statuses")
    if not isinstance(value, Mapping):
        raise _Invalid(f"must be a dictionary, not {_describe(value)}")
    if unknown := [str(key) for key in value if key not in known]:
        raise _Invalid(_unknown(unknown[0], known).rstrip("."))
    timeout, statuses = value.get("timeout"), value.get("statuses")
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, (int, float))):
        raise _Invalid(f"timeout must be a number, not {_describe(timeout)}")
    if statuses is not None and not isinstance(statuses, (list, tuple)):
        raise _Invalid(f"statuses must be a list, not {_describe(statuses)}")
    return dict(value)


def _describe(value: Any) -> str:
    """A value in the words of YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"a boolean ({str(value).lower()})"
    if isinstance(value, (int, float)):
        return f"a number ({value})" if abs(value) < 1e20 else "a number"
    if isinstance(value, str):
        text = escape_unprintable(value)
        return f"'{text}'" if len(text) <= 40 else f"'{text[:40]}…'"
    if isinstance(value, Mapping):
        return "a dictionary"
    return "a list" if isinstance(value, Sequence) else "a date or another value"


#: What a rule may set: all options of openshift_app_ha, except for names and those of the connection.
SETTINGS: dict[str, Callable[[Any], Any]] = {
    "state": _choice(STATES),
    "scale_strategy": _choice(SCALE_STRATEGIES),
    "preserve_gear_count": _flag,
    "min_gears": _whole_number,
    "max_gears": _whole_number,
    "allow_gear_removal": _flag,
    "verify": _choice(LEVELS),
    "spread": _choice(SPREADS),
    "probe": _probe,
    "relocate": _flag,
    "wait_timeout": _number,
    "poll_interval": _number,
}

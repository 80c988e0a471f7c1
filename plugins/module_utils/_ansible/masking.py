# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find values that Ansible has masked in data: such data must not be used. Pure.

Ansible masks every value and every part of a text that equals a secret in what a module returns. With the password
``wiki``, the application of that name would have another name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

#: What Ansible writes instead of a whole value, and instead of a part of a text.
MASKED_VALUE, MASKED_PART = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "********"
MASKS = (MASKED_VALUE, MASKED_PART)
#: The number of damaged values that a message names at most.
MOST_NAMED = 5


def mask_refusal(what: str, data: Any, effect: str) -> str:
    """The message that refuses damaged ``data``; empty if the data is intact.

    ``what`` is the name of the data in the message, ``effect`` the sentence that states what was not done.
    """
    damaged = list(islice(damaged_values(data), MOST_NAMED + 1))
    if not damaged:
        return ""
    more = " and more" if len(damaged) > MOST_NAMED else ""
    return (
        f"Ansible has masked a part of the {what}: {', '.join(damaged[:MOST_NAMED])}{more}. {effect} The original "
        "value equals a secret, for example a password that is also the name of an application. Gather the "
        f"{what} with this version of the modules and without no_log, or change that secret."
    )


def damaged_values(data: Any, path: str = "") -> Iterator[str]:
    """The paths of the texts and keys in ``data`` that contain a mask, such as ``applications[3].name``."""
    if isinstance(data, str):
        if any(mask in data for mask in MASKS):
            yield path
    elif isinstance(data, Mapping):
        for key, value in data.items():
            if any(mask in str(key) for mask in MASKS):
                yield f"{path} (the name of a field)"
            else:
                yield from damaged_values(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, (list, tuple)):
        for number, value in enumerate(data):
            yield from damaged_values(value, f"{path}[{number}]")

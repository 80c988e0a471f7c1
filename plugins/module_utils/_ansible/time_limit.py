# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time limit of a task: a module ends before Ansible kills it or drops its result.

A module does not know the keywords ``timeout`` and ``async``. The action plugin passes the remaining seconds in a
variable. The module stops a little earlier, and its result states what is unknown.
"""

from __future__ import annotations

from collections.abc import MutableMapping

#: The environment variable with the seconds that a module may run.
VARIABLE = "OPENSHIFT_V2_APPS_SECONDS"
#: How many seconds before the limit a module ends, at most: Python starts before, and the result travels afterwards.
MARGIN = 5.0
#: The same as a part of a short limit.
LARGEST_PART = 0.4


def limit_for_module(seconds: float) -> str:
    """The value of the variable for a task that ends in ``seconds``."""
    return f"{seconds - min(MARGIN, seconds * LARGEST_PART):.2f}"


def receive_limit(environ: MutableMapping[str, str]) -> float | None:
    """Read and remove the variable. Returns ``None`` without a usable value."""
    try:
        seconds = float(environ.pop(VARIABLE, ""))
    except ValueError:
        return None
    return seconds if 0 < seconds < 1e8 else None

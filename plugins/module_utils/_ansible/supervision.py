# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module in a process of its own learns about its task: the time limit and the processes of Ansible.

A module does not know the keywords ``timeout`` and ``async``, and its parent is a shell. The action plugin passes what
it needs in variables. The module stops a little before its limit, and its result states what is unknown.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping

#: The environment variables with the seconds that a module may run, and with the numbers of Ansible's processes.
SECONDS = "OPENSHIFT_V2_APPS_SECONDS"
CONTROLLERS = "OPENSHIFT_V2_APPS_CONTROLLERS"
#: How many seconds before the limit a module ends, at most: Python starts before, and the result travels afterwards.
MARGIN = 5.0
#: The same as a part of a short limit.
LARGEST_PART = 0.4
#: The longest limit, in seconds.
LONGEST = 1e8
#: The beginning of a value that is a time of ``time.monotonic``.
UNTIL = "until "


def limit_for_module(seconds: float, is_local: bool) -> str:
    """The value of ``SECONDS`` for a task that ends in ``seconds``.

    ``is_local``: the module runs on this host. Then the value is a time of the clock that both processes read, so that
    a slow start does not delay the end of the module.
    """
    allowed = seconds - min(MARGIN, seconds * LARGEST_PART)
    return f"{UNTIL}{time.monotonic() + allowed:.2f}" if is_local else f"{allowed:.2f}"


def receive_limit(environ: MutableMapping[str, str]) -> float | None:
    """Read and remove ``SECONDS``. Returns ``None`` without a usable value."""
    value = environ.pop(SECONDS, "")
    try:
        seconds = float(value[len(UNTIL) :]) - time.monotonic() if value.startswith(UNTIL) else float(value)
    except ValueError:
        return None
    # A time in the past ends the module at once.
    return max(seconds, 0.01) if -LONGEST < seconds < LONGEST else None


def receive_controllers(environ: MutableMapping[str, str]) -> tuple[int, ...]:
    """Read and remove ``CONTROLLERS``."""
    numbers = environ.pop(CONTROLLERS, "").split(",")
    return tuple(int(number) for number in numbers if number.isdigit() and int(number) > 1)

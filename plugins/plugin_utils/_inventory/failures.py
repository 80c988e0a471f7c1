# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember why inventory files of the plugin could not be read, so that a later refusal can state the reason.

Ansible only warns, and continues with the hosts that it has. The plugin and the action plugins share this module:
Ansible forks its workers from the process that reads the inventory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

#: The reason of each file that could not be read, by its path.
UNREAD: dict[str, str] = {}


@contextmanager
def remember_failure(path: str) -> Iterator[None]:
    """Record why the block fails to read the file, and that it could be read otherwise."""
    UNREAD.pop(path, None)
    try:
        yield
    except Exception as error:
        UNREAD[path] = str(error)
        raise


def describe_unread(unread: Mapping[str, str]) -> str:
    """Which files could not be read, and why; empty if all could be read."""
    return " ".join(f"The inventory {path} could not be read: {_end(reason)}" for path, reason in unread.items())


def _end(reason: str) -> str:
    text = " ".join(reason.split()).replace(" Nothing was changed.", "")
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."

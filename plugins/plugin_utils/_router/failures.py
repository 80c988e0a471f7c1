# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Describe why a router does not have the new configuration. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import NOTHING_CHANGED

#: A message quotes at most this many lines of the configuration.
MAX_QUOTED = 10


def describe_rejection(title: str, result: Mapping[str, Any], folder: str, name: str, config: str) -> str:
    """Why the software ``title`` rejects a configuration, empty if it accepts it.

    ``result``: of the command that validates the file in the temporary folder ``folder``, where it is called
    ``candidate`` or ``name``. Because that file is removed again, the message quotes the lines that are named.
    """
    if result.get("rc") == 0:
        return ""
    output = "".join(str(result.get(key) or "") for key in ("stderr", "stdout")) or str(result.get("msg") or "")
    lines = config.splitlines()
    path = rf"{re.escape(folder)}/(?:candidate\b|(?:[^\s:]*/)?{re.escape(name)})"
    numbers = dict.fromkeys(int(number) for number in re.findall(f"{path}:([0-9]+)", output))
    quoted = [
        f'Line {number}: "{lines[number - 1].strip() if 0 < number <= len(lines) else ""}"'
        for number in list(numbers)[:MAX_QUOTED]
    ]
    answer = re.sub(path, "the new configuration", output).strip() or "no output"
    return " ".join(
        [
            f"{title} rejects the new configuration: {_end(answer)}",
            *([_end("; ".join(quoted))] if quoted else []),
            f"{NOTHING_CHANGED} Correct the variables that these lines come from.",
        ]
    )


@dataclass(frozen=True)
class FailedReload:
    """A failure after the first write.

    ``title``: the software. ``task``, ``message`` and ``output``: what failed. ``unconfirmed``: it does not run with
    the new configuration ``seconds`` after the reload. ``replaced``: an existing configuration was replaced.
    ``restore_error``: why it could not be put back, from ``backup`` to ``target``. ``removed``: there was no
    configuration before, and the new one was removed again. ``folder``: the one that HAProxy must read for a fragment.
    """

    title: str
    task: str
    message: str
    output: str
    seconds: int
    unconfirmed: bool
    replaced: bool
    restore_error: str
    backup: str
    target: str
    removed: bool = False
    folder: str = ""

    @property
    def reason(self) -> str:
        if self.unconfirmed:
            return f"{self.title} does not run with the new configuration {self.seconds} seconds after the reload."
        return _end(" ".join(filter(None, (f"{self.task}: {self.message}".strip(), self.output.strip()))))

    @property
    def effect(self) -> str:
        if self.restore_error:
            return f"The former configuration could not be put back: {_end(self.restore_error)}"
        if self.removed:
            return f"{self.target} was removed again, so that it does not affect other files."
        return "The former configuration is in place again." if self.replaced else "The next run tries again."

    @property
    def advice(self) -> str:
        if self.restore_error:
            return f"Copy {self.backup} to {self.target}, and reload {self.title}."
        if self.unconfirmed:
            option = f"Check that it runs with -f {self.folder}. " if self.folder else ""
            return f"{option}See the log of {self.title}; another program may use an address that it has to listen on."
        return ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.reason, self.effect, self.advice)))


def _end(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."

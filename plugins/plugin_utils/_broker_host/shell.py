# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run shell scripts on the task's host, over its connection. The host needs a POSIX shell, but no Python.

Marks in the output show whether a script began and how it ended. The exit status of the connection is not enough: SSH
returns 255 for a broken connection as well as for a program that ended with 255.
"""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze

#: Folders of administrators' programs. A shell that is not a login shell may not search them.
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
WITH_SYSTEM_FOLDERS = f'PATH="$PATH:{SYSTEM_FOLDERS}"; export PATH'

#: Messages quote at most this many characters of an output.
MAX_QUOTED = 300

Execute = Callable[[str], Mapping[str, Any]]
_RETRIES = "reconnection_retries"
_LINE_ENDS = re.compile(r"\r*\n")


@dataclass(frozen=True)
class ScriptResult:
    """The outcome of a script.

    ``began``: whether its first mark was received, which proves that the script ran. Without the mark it did not run,
    unless the connection was lost. ``status``: its exit status, ``None`` if its last mark was not received.
    ``output``: its output, including standard error, because a terminal does not separate them. ``errors``: what was
    received if the script did not begin. ``lost``: the message of the connection if it was lost.
    """

    began: bool
    status: int | None
    output: str = ""
    errors: str = ""
    lost: str = ""

    @property
    def message(self) -> str:
        """The most useful text about the outcome."""
        return self.lost or (self.output if self.began else self.errors)

    @property
    def excerpt(self) -> str:
        """The message in one line, cut to a length that can be quoted."""
        return squeeze(self.message, MAX_QUOTED) if self.message.strip() else "no output"

    @property
    def may_have_run(self) -> bool:
        """Whether the script may have taken effect, at least in part."""
        return self.began or bool(self.lost)


def run_script(execute: Execute, script: str) -> ScriptResult:
    """Run a script with one of the two functions of a ``Remote``. Failures are part of the result, not raised."""
    mark = secrets.token_hex(8)
    try:
        result = execute(add_marks(script, mark))
    except AnsibleConnectionFailure as error:
        return ScriptResult(began=False, status=None, lost=str(error))
    except AnsibleError as error:
        # For example a missing or wrong password for become.
        return ScriptResult(began=False, status=None, errors=str(error))
    return parse_output(str(result.get("stdout", "")), str(result.get("stderr", "")), mark)


@dataclass(frozen=True)
class Remote:
    """The task's host: ``read`` is for scripts that may be sent again, ``act`` for scripts that are sent only once."""

    read: Execute
    act: Execute


def get_remote(action: ActionBase) -> Remote:
    """The host of an action plugin's task.

    When a connection breaks, the SSH plugin can send the command again (``retries``), although it may have taken
    effect. Retries are disabled for commands that must be sent only once.
    """
    execute: Execute = action._low_level_execute_command
    connection = action._connection

    def execute_once(script: str) -> Mapping[str, Any]:
        if not connection.has_option(_RETRIES):
            return execute(script)
        retries = connection.get_option(_RETRIES)
        connection.set_option(_RETRIES, 0)
        try:
            return execute(script)
        finally:
            connection.set_option(_RETRIES, retries)

    return Remote(execute, execute_once)


def add_marks(script: str, mark: str) -> str:
    """The script as one command, with marks around its output. The last mark contains the exit status."""
    return f"( echo begin-{mark}; (\n{script}\n) </dev/null 2>&1; printf '\\nend-{mark} %s\\n' \"$?\" )"


def parse_output(stdout: str, stderr: str, mark: str) -> ScriptResult:
    """Parse the output of a script with marks. Carriage returns, which a terminal adds to lines, are removed."""
    out, errors = (_LINE_ENDS.sub("\n", text) for text in (stdout, stderr))
    before, begun, rest = out.partition(f"begin-{mark}\n")
    if not begun:
        return ScriptResult(began=False, status=None, errors="\n".join(filter(None, (before, errors))))
    output, ended, status = rest.partition(f"\nend-{mark} ")
    number = status.split("\n")[0].strip()
    return ScriptResult(began=True, status=int(number) if ended and number.isdigit() else None, output=output)


def quote_command(*words: str) -> str:
    """A command line of these words, each of them quoted."""
    return " ".join(shlex.quote(word) for word in words)

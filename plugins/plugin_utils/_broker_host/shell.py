# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shell scripts on the task's host, over its connection: nothing but a POSIX shell is needed there, no Python.

Whether a script began and how it ended is told by marks in its output. The exit status that a connection hands over
would not do: SSH gives 255 for a broken connection as well as for a program that ended with 255.
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

#: Where administrators' programs are, which a shell that is not a login shell may not search.
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
WITH_SYSTEM_FOLDERS = f'PATH="$PATH:{SYSTEM_FOLDERS}"; export PATH'

#: So many characters of what was said are told.
QUOTED = 300

Execute = Callable[[str], Mapping[str, Any]]
_RETRIES = "reconnection_retries"
_ENDS_OF_LINES = re.compile(r"\r*\n")


@dataclass(frozen=True)
class Ran:
    """What became of a script.

    ``status``: its exit status, ``None`` where its end was not seen. ``began``: whether its beginning was, which is
    proof that it ran; where it is false although the connection held, it did not. ``output``: what it wrote, on
    standard error too, as over SSH with a terminal the two cannot be told apart. ``errors``: if it did not begin, what
    was said instead. ``lost``: the connection's own words if it was lost.
    """

    began: bool
    status: int | None
    output: str = ""
    errors: str = ""
    lost: str = ""

    @property
    def words(self) -> str:
        """What was said, by whoever has most to say about it."""
        return self.lost or (self.output if self.began else self.errors)

    @property
    def said(self) -> str:
        """``words`` in one line, cut to what can be told."""
        return squeeze(self.words, QUOTED) if self.words.strip() else "it said nothing"

    @property
    def may_have_run(self) -> bool:
        """Whether it may have taken effect, wholly or in part."""
        return self.began or bool(self.lost)


def run_script(execute: Execute, script: str) -> Ran:
    """Run a script; ``execute`` is one of a ``Remote``'s two. Never raises for what goes wrong."""
    mark = secrets.token_hex(8)
    try:
        result = execute(marked(script, mark))
    except AnsibleConnectionFailure as error:
        return Ran(began=False, status=None, lost=str(error))
    except AnsibleError as error:
        # A password for become that is missing or wrong, for example.
        return Ran(began=False, status=None, errors=str(error))
    return understood(str(result.get("stdout", "")), str(result.get("stderr", "")), mark)


@dataclass(frozen=True)
class Remote:
    """The task's host. ``look`` is for scripts that may be sent again, ``act`` for those that may be sent only once."""

    look: Execute
    act: Execute


def remote_of(action: ActionBase) -> Remote:
    """The host of an action plugin's task.

    When a connection breaks, SSH's plugin sends the command again if it is told to (``retries``), although it may have
    taken effect. That is switched off for what is to be sent once.
    """
    execute: Execute = action._low_level_execute_command
    connection = action._connection

    def once(script: str) -> Mapping[str, Any]:
        if not connection.has_option(_RETRIES):
            return execute(script)
        retries = connection.get_option(_RETRIES)
        connection.set_option(_RETRIES, 0)
        try:
            return execute(script)
        finally:
            connection.set_option(_RETRIES, retries)

    return Remote(execute, once)


def marked(script: str, mark: str) -> str:
    """The script with marks around its output, as one command; its exit status goes into the mark at the end."""
    return f"( echo begin-{mark}; (\n{script}\n) </dev/null 2>&1; printf '\\nend-{mark} %s\\n' \"$?\" )"


def understood(stdout: str, stderr: str, mark: str) -> Ran:
    """What the output of a marked script says. A terminal in between ends lines with a carriage return: taken off."""
    out, errors = (_ENDS_OF_LINES.sub("\n", text) for text in (stdout, stderr))
    before, begun, rest = out.partition(f"begin-{mark}\n")
    if not begun:
        return Ran(began=False, status=None, errors="\n".join(filter(None, (before, errors))))
    output, ended, status = rest.partition(f"\nend-{mark} ")
    number = status.split("\n")[0].strip()
    return Ran(began=True, status=int(number) if ended and number.isdigit() else None, output=output)


def command(*words: str) -> str:
    """A command line of these words, each of them quoted."""
    return " ".join(shlex.quote(word) for word in words)

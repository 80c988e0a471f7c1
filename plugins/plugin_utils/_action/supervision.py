# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task whose module runs as a process of its own: its time limit, and the end of Ansible.

At the end of the keyword ``timeout``, Ansible drops the result of the task, and the module goes on without it. So the
module receives the seconds that it has, and ends before (module_utils/_ansible/supervision.py). If it does not, for
example on a slow host, the task fails with a result that states what is unknown.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.supervision import (
    CONTROLLERS,
    SECONDS,
    limit_for_module,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.interruption import Stop

#: The modules that send no writes.
READERS = ("openshift_app_info", "openshift_user_info")


def name_controllers() -> dict[str, str]:
    """The variable with the processes of Ansible, for a module on this host: it ends when one of them has ended."""
    return {CONTROLLERS: f"{os.getpid()},{os.getppid()}"}


class TimeIsUp(BaseException):
    """The time of the task has ended before the module has returned. Like Ansible's own error, it is no Exception."""


@contextmanager
def time_limit(async_seconds: int, is_local: bool) -> Iterator[dict[str, str]]:
    """Yield the variables that give a module its time limit. Raises ``TimeIsUp`` in this context at the end of it.

    ``async_seconds``: the value of the keyword ``async``, after which Ansible kills the module.
    ``is_local``: the module runs on this host.
    """
    left = signal.getitimer(signal.ITIMER_REAL)[0]
    is_main = threading.current_thread() is threading.main_thread()
    if async_seconds or not left or not is_main:
        # With async, the keyword timeout is about the start of the module only.
        yield {SECONDS: limit_for_module(async_seconds, is_local)} if async_seconds else {}
        return
    before = signal.signal(signal.SIGALRM, _end)
    try:
        yield {SECONDS: limit_for_module(left, is_local)}
    finally:
        # The module has returned, or its time is up.
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _end(_number: int, _frame: object) -> NoReturn:
    raise TimeIsUp


class Following(Stop):
    """The request to stop, in the process that waits for a module. It is passed on to the module.

    A signal from the terminal reaches the module, too, if both are in the same process group. Since ansible-core 2.19,
    each worker has a group of its own, and Ansible sends the signal to the worker only.
    """

    def receive(self, number: int, frame: FrameType | None = None) -> None:
        is_first = self.signal is None
        super().receive(number, frame)
        if os.getpgrp() == os.getpid() or (is_first and number == signal.SIGTERM):
            for descendant in _descendants(os.getpid()):
                with suppress(OSError):
                    os.kill(descendant, number)


def _descendants(number: int) -> list[int]:
    """The processes that a process has started, and those that they have started. Only Linux shows them."""
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        # A process that has ended meanwhile has no such file.
        with suppress(OSError, ValueError):
            parent = int((folder / "stat").read_text(encoding="latin-1").rpartition(")")[2].split()[1])
            children[parent].append(int(folder.name))
    found = list(children[number])
    for each in found:
        found += children[each]
    return found


def explain_lost_result(
    module: str, args: Mapping[str, Any], check_mode: bool, problem: str, next_step: str
) -> dict[str, Any]:
    """The result of a task whose module did not return: ``problem`` states why."""
    names = "/".join(str(args[option]) for option in ("domain", "name") if args.get(option))
    may_write = module not in READERS and not check_mode
    effect = "The outcome is unknown." if may_write else "Nothing was changed."
    result = {
        "failed": True,
        "changed": may_write,
        "msg": f"{names or module}: {problem}. {effect} {next_step}",
    }
    if args.get("name") and may_write:
        application = {"domain": args.get("domain"), "name": args["name"]}
        detail = "a change whose description was lost with the result of the module"
        step = {"action": "unknown", "detail": detail, "status": "unknown", "seconds": None}
        result.update({"application": application, "before": application, "steps": [step], "blockers": []})
    return result

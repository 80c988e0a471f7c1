"""Writes everything that a callback can access to a file. Tests search it for secrets."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: everything
type: aggregate
short_description: writes everything that a callback can access
description:
  - Writes every text that is accessible from a result, its task and its host to the file in E(EVERYTHING_FILE).
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "everything"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._write("start", task, is_conditional)

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._write("runner", host, task)

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._write("failed", result, ignore_errors)

    def v2_runner_retry(self, result: Any) -> None:
        self._write("retry", result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._write("item", result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._write("item failed", result)

    def v2_runner_on_async_ok(self, result: Any) -> None:
        self._write("async", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._write("stats", stats)

    def _write(self, *values: Any) -> None:
        with Path(os.environ["EVERYTHING_FILE"]).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(f"{text}\n" for text in _texts(values, set()))


def _texts(value: Any, known: set[int]) -> Iterator[str]:
    """Every text in ``value`` and in the objects that it refers to."""
    if isinstance(value, (str, bytes)):
        yield str(value)
        return
    if id(value) in known:
        return
    known.add(id(value))
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key, known)
            yield from _texts(item, known)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _texts(item, known)
    elif type(value).__module__.startswith("ansible."):
        yield repr(value)
        for attributes in (getattr(value, "__dict__", {}), _slots(value)):
            yield from _texts(attributes, known)


def _slots(value: Any) -> dict[str, Any]:
    names = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ())]
    return {name: getattr(value, name, None) for name in names}

"""Prints one JSON document to standard output at the end of a run, as the callback ansible.posix.json does."""

from __future__ import annotations

import json
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: one_document
type: stdout
short_description: prints the results as one JSON document
description:
  - Prints the results of all tasks as one JSON document.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "one_document"

    def __init__(self) -> None:
        super().__init__()
        self._results: list[Any] = []

    def v2_runner_on_ok(self, result: Any) -> None:
        self._results.append(getattr(result, "result", None) or getattr(result, "_result", None))

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002
        self.v2_runner_on_ok(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002
        self._display.display(json.dumps(self._results, default=str))

"""Writes each task's result, and the requests to the embedded broker during the task, as one line of JSON."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorder
type: aggregate
short_description: records results and requests for the integration tests
description:
  - Writes a line of JSON for each result of a task.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "recorder"

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record(result, "unreachable")

    def _record(self, result: Any, status: str) -> None:
        # From ansible-core 2.19 on, the names have no underscore.
        task, host, content = (
            getattr(result, name, None) or getattr(result, f"_{name}") for name in ("task", "host", "result")
        )
        line = {
            "task": task.get_name(),
            "action": task.action,
            "host": host.get_name(),
            "status": status,
            "result": content,
            "requests": _requests_since_the_last_task(),
        }
        with Path(os.environ["RECORDER_FILE"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")


def _requests_since_the_last_task() -> Any:
    control = os.environ.get("RECORDER_BROKER")
    if not control:
        return []
    address = f"{control}/__control/requests"
    with urllib.request.urlopen(address) as answer:
        requests = json.load(answer)
    with urllib.request.urlopen(urllib.request.Request(address, method="DELETE")):
        return requests

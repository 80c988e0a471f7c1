"""The least that a GET for each host can cost: an action plugin that calls requests, and at most parses the answer."""

from __future__ import annotations

from typing import Any

import requests
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        args = self._task.args
        answer = requests.get(args["url"], auth=(args["username"], args["password"]), timeout=30)
        if args.get("parse"):
            answer.json()
        return {**result, "changed": False, "status": answer.status_code}

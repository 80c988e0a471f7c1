# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send the planned requests to AWX, and wait until it has fetched the files of the project."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.client import AwxError, Client
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.objects import Found, Key
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.plan import ACTIVE, SYNCHRONIZED, Step

_POLL = 2.0
_VERBS = {
    "create": "create",
    "remove": "remove",
    "grant": "grant a role of",
    "sync": "synchronize",
}


class Stopped(Exception):
    """A request failed; the message names the object."""


@dataclass
class Applier:
    """Sends steps in order. ``done``: those that AWX carried out."""

    client: Client
    found: Found
    sync_timeout: float
    wait: Callable[[float], None] = time.sleep
    done: list[Step] = field(default_factory=list)
    _ids: dict[Key, int] = field(default_factory=dict)

    def apply(self, steps: Iterable[Step]) -> None:
        """Raises Stopped."""
        for step in steps:
            try:
                self._apply(step)
            except AwxError as error:
                raise Stopped(explain(step, error)) from None
            self.done.append(step)

    def _apply(self, step: Step) -> None:
        body = {name: self._resolve(value) for name, value in step.body.items()}
        if step.kind == "create":
            created = self.client.send("POST", f"{step.key.path}/", body)
            self._ids[step.key] = int(created["id"])
        elif step.kind == "change":
            self.client.send("PATCH", self._url(step.key), body)
        elif step.kind == "change_approval":
            self.client.send("PATCH", f"workflow_approval_templates/{step.other}/", body)
        elif step.kind == "remove":
            self._remove(step)
        elif step.kind == "grant":
            self._grant(step)
        elif step.kind != "sync":
            self._send_below(step, body)
        if step.key.path == "projects" and step.kind in ("create", "change", "sync"):
            self._synchronize(self._id(step.key), step.kind == "create")

    def _send_below(self, step: Step, body: Mapping[str, Any]) -> None:
        """Send what has a path below that of its object."""
        below = {"survey": "survey_spec", "approval": "create_approval_template"}.get(step.kind, step.below)
        if step.kind in ("associate", "disassociate"):
            body = {"id": self._resolve(step.other), **({"disassociate": True} if step.kind == "disassociate" else {})}
        self.client.send("POST", f"{self._url(step.key)}{below}/", body)

    def _remove(self, step: Step) -> None:
        number = step.other if isinstance(step.other, int) else self._removed_id(step.key)
        try:
            self.client.send("DELETE", f"{step.key.path}/{number}/")
        except AwxError as error:
            # Something else removed it, for example with the object that it was a part of.
            if error.status != 404:
                raise

    def _removed_id(self, key: Key) -> int:
        foreign = self.found.foreign.get(key)
        return int(foreign["id"]) if foreign else self._id(key)

    def _grant(self, step: Step) -> None:
        document = self.client.get(self._url(step.key))
        roles = (document.get("summary_fields") or {}).get("object_roles") or {}
        if step.below not in roles:
            raise AwxError(f"AWX shows no {step.below}")
        team = self._resolve(step.other)
        self.client.send("POST", f"teams/{team}/roles/", {"id": roles[step.below]["id"]})

    def _synchronize(self, project: int, is_new: bool) -> None:
        """Wait until AWX has the files: it accepts only playbooks that it has. Raises AwxError."""
        status = self._status(project)
        # AWX starts the first update itself.
        if status == "never updated" or (not is_new and status not in (*ACTIVE, *SYNCHRONIZED)):
            self.client.send("POST", f"projects/{project}/update/", {})
            status = self._status(project)
        waited = 0.0
        while status in ACTIVE:
            if waited >= self.sync_timeout:
                raise AwxError(
                    f"AWX did not fetch the files within {self.sync_timeout:g} s. The update is still active"
                )
            self.wait(_POLL)
            waited += _POLL
            status = self._status(project)
        if status not in SYNCHRONIZED:
            reason = f"the update of the project ended as '{status}'. Its output in AWX has the reason"
            raise AwxError(f"AWX could not fetch the files: {reason}")

    def _status(self, project: int) -> str:
        return str(self.client.get(f"projects/{project}/").get("status"))

    # --- Numbers

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, Key):
            return self._id(value)
        if isinstance(value, Mapping):
            return {name: self._resolve(each) for name, each in value.items()}
        return value

    def _id(self, key: Key) -> int:
        number = self._ids.get(key) or self.found.id_of(key)
        if number is None:
            raise AwxError(f"the {key} does not exist")
        return number

    def _url(self, key: Key) -> str:
        return f"{key.path}/{self._id(key)}/"


_HINTS = {
    "Playbook not found": (
        "The branch of the project has no such file, or its name is set differently: see awx_setup_audit_playbook,"
        " awx_setup_enable_playbook and awx_setup_outcome_playbook."
    ),
    "processing events": "Run the playbook again in a minute.",
    "pending notifications": "Run the playbook again in a minute.",
    "running jobs": "Wait for them or cancel them, then run the playbook again.",
    "already exists": "The account may not see it: use an account that may, or another awx_setup_prefix.",
}
_FORBIDDEN = "The account lacks the permission: use a system administrator, or an administrator of the organization."


def explain(step: Step, error: AwxError) -> str:
    """What failed, the reason, and the next step."""
    verb = _VERBS.get(step.kind, "change")
    reason = str(error).rstrip(".")
    hint = next((hint for text, hint in _HINTS.items() if text in reason), "")
    if error.status == 403 and verb != "remove":
        hint = _FORBIDDEN
    return f"AWX: cannot {verb} the {step.key}: {reason}. {hint}".rstrip()

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A refusal by the platform itself, shared by the hosts (or the loop) of one task.

Each host runs in a process of its own. Without this, every host would repeat a request with invalid credentials, which
locks accounts. The first refused process leaves a file in the temporary directory of the run, which Ansible removes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.breaker import PlatformRefusal

#: The options that decide which broker answers, and which account it sees.
IDENTITY = (
    "broker_url",
    "username",
    "password",
    "token",
    "client_cert",
    "ca_path",
    "validate_certs",
    "impersonate_user",
)
#: Only in memory: the file's name shows nothing about the credentials. Workers inherit it from the parent.
_KEY = os.urandom(32)


class SharedRefusal:
    """The refusal that the hosts of one task share, if they use the same broker and the same credentials.

    ``application``: the names of the application that this process handles.
    """

    def __init__(self, directory: str, task: str, params: Mapping[str, Any]) -> None:
        facts = json.dumps([task, *(str(params.get(option)) for option in IDENTITY)])
        digest = hmac.new(_KEY, facts.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        self._path = Path(directory) / f"openshift-refused-{digest}"
        self._application = f"{params.get('domain')}/{params.get('name')}".lower()

    def of_others(self) -> PlatformRefusal | None:
        """The refusal of a request for another application. For the same one, this is a retry that the user wants."""
        found = self._read()
        if found is None or found["application"] == self._application:
            return None
        return PlatformRefusal(found["kind"], found["reason"])

    def record(self, refusal: PlatformRefusal | None) -> None:
        """Leave the refusal for others; ``None``: withdraw an earlier one of this application."""
        with suppress(OSError):
            if refusal is not None:
                content = {"application": self._application, "kind": refusal.kind, "reason": refusal.reason}
                own = self._path.with_suffix(f".{os.getpid()}")
                own.write_text(json.dumps(content), encoding="utf-8")
                own.replace(self._path)
            elif (found := self._read()) and found["application"] == self._application:
                self._path.unlink()

    def _read(self) -> dict[str, str] | None:
        try:
            found: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

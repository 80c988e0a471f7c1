"""A connection to "another host": this machine without the environment variables that name the broker."""

from __future__ import annotations

import shlex
from typing import Any

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: elsewhere
short_description: represents a connection to another host in the tests
description:
  - Runs commands on this machine, without the environment variables that name the broker.
"""

REMOVED = (
    "URL",
    "USERNAME",
    "PASSWORD",
    "TOKEN",
    "VALIDATE_CERTS",
    "CA_PATH",
    "CLIENT_CERT",
    "CLIENT_KEY",
    "TLS_MIN_VERSION",
    "MAX_RESPONSE_SIZE",
)


class Connection(LocalConnection):  # type: ignore[misc]
    transport = "elsewhere"

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> Any:
        unset = " ".join(f"-u OPENSHIFT_BROKER_{name}" for name in REMOVED)
        return super().exec_command(f"env {unset} /bin/sh -c {shlex.quote(cmd)}", in_data, sudoable)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the file of last drills, on the controller. A problem with it is a warning: the drill matters more."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.drill_record import merge_results

_NOT_ADDED = "The result of this drill was not added to it"


def record_drill(path: Path, record: Mapping[str, Any]) -> tuple[str, ...]:
    """Add the record to the file, as a whole, so that readers never find a part. Returns warnings."""
    # A symbolic link is kept: its target is replaced.
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            # Another router may be drilled at the same time.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            old = path.read_text(encoding="utf-8") if path.exists() else ""
            _replace(path, merge_results(old, [record]))
        finally:
            os.close(descriptor)
    except OSError as error:
        return (f"{path}: the results of drills cannot be written: {error.strerror}. {_NOT_ADDED}.",)
    except ValueError as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        return (f"{path}: the results of drills cannot be read: {reason}. {_NOT_ADDED}. Move the file away.",)
    return ()


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_text(text, encoding="utf-8")
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

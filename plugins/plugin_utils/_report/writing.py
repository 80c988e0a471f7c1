# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How files are written: always as a whole, so that readers and the next run never find a part of one."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: Seconds after which a temporary file belongs to no run any more.
_ABANDONED = 24 * 3600
_LOCK_INTERVAL = 0.05
#: How many characters are encoded at a time.
_PIECE = 1 << 20


def write_file(path: Path, content: str, check_mode: bool) -> bool:
    """Replace the file as a whole, unless its content is the same; in check mode only compare. Whether it differed."""
    # A symbolic link is kept: its target is replaced.
    path = path.resolve()
    if path.is_file() and _has_content(path, content):
        return False
    if not check_mode:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, _encode(content))
    return True


def _encode(content: str) -> Iterator[bytes]:
    """The text in UTF-8, in pieces: a copy of a large report takes much memory."""
    return (content[start : start + _PIECE].encode("utf-8") for start in range(0, len(content), _PIECE))


def _has_content(path: Path, content: str) -> bool:
    with path.open("rb") as file:
        return all(file.read(len(piece)) == piece for piece in _encode(content)) and not file.read(1)


def refuse_special_file(path: Path) -> None:
    """Raise ``OSError`` for what exists and is no file, such as ``/dev/null``, which root could replace."""
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a file", str(path))


def replace_file(path: Path, data: Iterable[bytes]) -> None:
    """Write to a file beside it and rename that one, so that readers see the old content or the new one.

    Raises ``OSError``, also for a device. The name of the file beside is random: a killed run in a container leaves
    one, and the next run has the same number.
    """
    refuse_special_file(path)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with beside.open("xb") as file:
            file.writelines(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _remove_abandoned(path)


def _remove_abandoned(path: Path) -> None:
    """Remove the temporary files of runs that were killed."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{12}}")
    oldest = time.time() - _ABANDONED
    for each in path.parent.iterdir():
        with suppress(OSError):
            if name.fullmatch(each.name) and each.stat().st_mtime < oldest:
                each.unlink()


@contextmanager
def locked_directory(directory: Path, seconds: float) -> Iterator[bool]:
    """Lock the directory against other runs; yields whether it could be locked within ``seconds``.

    The lock ends with the process, so a killed run leaves nothing behind. A file system without locks counts as locked.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _lock(descriptor, time.monotonic() + seconds)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOCK_INTERVAL)
        except OSError:
            return True
        else:
            return True

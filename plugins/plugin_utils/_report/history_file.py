# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and write history.jsonl. A problem with it is a warning, because the report matters more."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.history import (
    Entry,
    parse_entry,
    render_entry,
    shorten,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.writing import (
    locked_directory,
    refuse_special_file,
    replace_file,
)

FILE_NAME = "history.jsonl"
#: How long an audit waits for another one that writes the history.
LOCK_SECONDS = 20.0
_MOST_NAMED = 5
NOT_ADDED = "The report was written, but this audit was not added to the history."


@dataclass(frozen=True)
class Line:
    """A line of the file, without its end. ``entry`` is ``None`` if it is damaged."""

    text: bytes
    entry: Entry | None


@dataclass(frozen=True)
class History:
    """The history as it was read. ``usable``: whether the file can be read."""

    lines: tuple[Line, ...] = ()
    warnings: tuple[str, ...] = ()
    usable: bool = True

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(line.entry for line in self.lines if line.entry)


def read_history(path: Path) -> History:
    """Read the file. A file that is missing is an empty history; damaged lines are skipped with a warning."""
    try:
        refuse_special_file(path)
        data = path.read_bytes()
    except FileNotFoundError:
        return History()
    except OSError as error:
        warning = f"{path}: the history cannot be read: {error.strerror}. {NOT_ADDED}"
        return History(warnings=(warning,), usable=False)
    return parse_history(data, path)


def parse_history(data: bytes, path: Path) -> History:
    """Read the content of the file. A last line without its end, of a writer that was killed, is dropped if damaged."""
    texts = data.split(b"\n")
    lines, problems = [], []
    warnings = []
    for number, text in enumerate(texts, 1):
        if not text.strip():
            continue
        try:
            # Some editors put a byte order mark before the first line.
            lines.append(Line(text, parse_entry(text.decode("utf-8-sig"))))
        except ValueError as error:
            # Without its last line feed, the text is the last one.
            if number == len(texts):
                warnings.append(f"{path}: the last line is incomplete, probably after a crash. It is ignored.")
                continue
            reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            problems.append(f"{number} ({reason})")
            lines.append(Line(text, None))
    if problems:
        which = f"line {problems[0]} is" if len(problems) == 1 else f"lines {join_first(problems, _MOST_NAMED)} are"
        warnings.append(f"{path}: {which} not used. Correct or delete what is damaged.")
    return History(tuple(lines), tuple(warnings))


def update_history(data: bytes, path: Path, entries: Sequence[Entry], limit: int) -> bytes:
    """The content of the file with these entries, which replace those of the same audits. Damaged lines stay."""
    old = [
        line
        for line in parse_history(data, path).lines
        if line.entry is None or not any(line.entry.is_same_audit(entry) for entry in entries)
    ]
    lines = [*old, *(Line(b"", entry) for entry in entries)]
    valid = [line for line in lines if line.entry]
    kept = iter(shorten([line.entry for line in valid if line.entry], limit))
    texts: list[bytes] = []
    for line in lines:
        entry = next(kept) if line.entry else None
        if entry is line.entry and line.text:
            texts.append(line.text)
        elif entry:
            texts.append(render_entry(entry).encode("utf-8"))
    return b"".join(text + b"\n" for text in texts)


def record(path: Path, entries: Sequence[Entry], limit: int, check_mode: bool) -> tuple[bool, tuple[str, ...]]:
    """Add the entries to the file. Returns whether it changed, or in check mode would, and warnings."""
    # A symbolic link is kept: its target is replaced.
    path = path.resolve()
    try:
        if check_mode:
            return _rewrite(path, entries, limit, check_mode), ()
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked_directory(path.parent, LOCK_SECONDS) as locked:
            if locked:
                return _rewrite(path, entries, limit, check_mode), ()
        return False, (f"{path}: another audit has locked the history for {LOCK_SECONDS:.0f} s. {NOT_ADDED}",)
    except OSError as error:
        return False, (f"{path}: the history cannot be written: {error.strerror}. {NOT_ADDED}",)


def _rewrite(path: Path, entries: Sequence[Entry], limit: int, check_mode: bool) -> bool:
    old = path.read_bytes() if path.exists() else b""
    new = update_history(old, path, entries, limit)
    if new == old:
        return False
    # To root, every file is writable. A file without any permission to write is not meant to be replaced.
    if path.exists() and not (os.access(path, os.W_OK) and path.stat().st_mode & 0o222):
        raise PermissionError(0, "it is read-only")
    if not check_mode:
        replace_file(path, [new])
    return True

"""The processes of this machine, as Linux shows them in /proc."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    command: str


def processes() -> Iterator[Process]:
    """All processes. Those that end meanwhile, and zombies, are skipped."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text(encoding="latin-1").rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if state != "Z":
            yield Process(int(folder.name), int(parent), command)


def find_processes(text: str) -> list[Process]:
    """Those with this text in their command line."""
    return [process for process in processes() if text in process.command]


def find_descendants(pid: int) -> list[Process]:
    """The children of a process, their children, and so on."""
    everything = list(processes())
    found = [process for process in everything if process.parent == pid]
    for process in found:
        found += [child for child in everything if child.parent == process.pid]
    return found

"""Runs of ansible-playbook against a hostile server: interrupt them, and find the processes that they leave."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from tests.waiting import wait_until

PROGRAM = Path(sys.executable).parent / "ansible-playbook"
#: In the environment of each process of a run.
MARK = "RAW_RUN"


class PlaybookRun:
    """A run of one task in a session of its own, as in a terminal. Its processes are killed at the end."""

    def __init__(self, directory: Path, environment: Mapping[str, str], task: Mapping[str, Any]) -> None:
        self._mark = uuid.uuid4().hex
        playbook = directory / "raw.yml"
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [dict(task)]}
        playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
        self._output = directory / "output.txt"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [str(PROGRAM), str(playbook)],
                env={**environment, MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> PlaybookRun:
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        for number in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8")

    def ctrl_c(self) -> None:
        """What a terminal does: SIGINT to the foreground group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGINT)

    def processes(self) -> list[int]:
        """All processes of the run, also those that have left its group and its session."""
        found = []
        needle = f"{MARK}={self._mark}".encode()
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                if needle in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
        return found

    def wait_for_end(self, seconds: float) -> float:
        """Wait until no process is left, and return the seconds. Fails the test if that takes longer."""
        started = time.monotonic()
        wait_until(lambda: self.process.poll() is not None and not self.processes(), seconds, lambda: self.output)
        return time.monotonic() - started

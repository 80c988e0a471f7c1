"""Launches Ansible: as a program, or in a fork of a server that has imported Ansible already.

A launch costs 0.6 CPU seconds before Ansible does anything: Python starts and imports. A fork costs none of it, and is
the same to the test: arguments, environment, folder, output, exit status, signals. See tests/ansible_server.py.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests import costs

PROGRAM = Path(sys.executable).parent / "ansible-playbook"
SERVER = Path(__file__).parent / "ansible_server.py"
TIMEOUT = 600
#: Variables that Python, OpenSSL or Ansible read when they start.
READ_AT_START = ("ANSIBLE_", "LANG", "LC_", "OPENSSL_", "PYTHON", "SSL_", "TZ", "HOME")
#: Ansible's variables that each run reads again.
READ_BY_RUN = frozenset({"ANSIBLE_ASYNC_DIR", "ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TEMP"})
#: Servers that are kept. Each takes some 60 MB.
KEPT = 4

Completed = subprocess.CompletedProcess[str]
Settings = frozenset[tuple[str, str]]


def as_program(
    command: Sequence[str], environment: Mapping[str, str], directory: Path, separate_errors: bool = False
) -> Completed:
    """Launch a program, and wait for its end.

    ``separate_errors``: errors are not part of the output.
    """
    return subprocess.run(
        command,
        env=environment,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if separate_errors else subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def forked(
    command: Sequence[str], environment: Mapping[str, str], directory: Path, separate_errors: bool = False
) -> Completed:
    """The same in a fork, for the programs of Ansible."""
    server = _servers.pop(settings := _settings(environment), None) or Server.start(environment)
    _servers[settings] = server
    while len(_servers) > KEPT:
        _servers.pop(next(iter(_servers))).stop()
    return server.run(command, environment, directory, separate_errors)


@cache
def shared_folder() -> Path:
    """An empty ansible.cfg and Ansible's home, for runs that share a server."""
    folder = Path(tempfile.mkdtemp(prefix="ansible-server-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "ansible.cfg").touch()
    return folder


def _settings(environment: Mapping[str, str]) -> Settings:
    return frozenset(
        (name, value)
        for name, value in environment.items()
        if name.startswith(READ_AT_START) and name not in READ_BY_RUN
    )


@dataclass(frozen=True)
class Server:
    """A process that has imported Ansible with certain settings."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    cpu_seconds: float

    @classmethod
    def start(cls, environment: Mapping[str, str]) -> Server:
        control, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, SERVER, str(theirs.fileno())],
                env={**environment, "ANSIBLE_LOCAL_TEMP": str(shared_folder() / "tmp")},
                cwd=shared_folder(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        started = _receive(control.makefile("rb"))["cpu_seconds"]
        costs.add(started)
        return cls(process, control, started)

    def stop(self) -> None:
        self.control.close()
        self.process.wait()
        costs.add(-self.cpu_seconds)  # counted twice now: as an ended child as well

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], directory: Path, separate_errors: bool
    ) -> Completed:
        arguments = list(command)
        request = {"command": arguments, "environment": dict(environment), "directory": str(directory)}
        connection, theirs = socket.socketpair()
        with connection, connection.makefile("rb") as answers, _Pipe() as output, _Pipe() as errors:
            with theirs:
                ends = [theirs.fileno(), output.writing, errors.writing if separate_errors else output.writing]
                socket.send_fds(self.control, [b"r"], ends)
            output.close_writing()
            errors.close_writing()
            connection.sendall(json.dumps(request).encode() + b"\n")
            run = _receive(answers)["pid"]
            try:
                texts = _read_all([output.reading, errors.reading], time.monotonic() + TIMEOUT)
            except BaseException as error:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(run, signal.SIGKILL)
                if isinstance(error, TimeoutError):
                    raise subprocess.TimeoutExpired(arguments, TIMEOUT) from None
                raise
            ended = _receive(answers)
        costs.add(ended["cpu_seconds"], Path(command[0]).name)
        return subprocess.CompletedProcess(arguments, ended["returncode"], *texts)


_servers: dict[Settings, Server] = {}


def _receive(answers: Any) -> dict[str, Any]:
    line = answers.readline()
    assert line, "the server of Ansible ended: see its errors above"
    document: dict[str, Any] = json.loads(line)
    return document


class _Pipe:
    """A pipe: a run writes, a test reads."""

    def __enter__(self) -> _Pipe:
        self.reading, self.writing = os.pipe()
        self.open = {self.reading, self.writing}
        return self

    def __exit__(self, *_error: object) -> None:
        for end in self.open:
            os.close(end)

    def close_writing(self) -> None:
        self.open.remove(self.writing)
        os.close(self.writing)


def _read_all(pipes: Sequence[int], until: float) -> list[str]:
    """Everything up to the end of each pipe. Raises TimeoutError."""
    read: dict[int, list[bytes]] = {pipe: [] for pipe in pipes}
    waiting = set(pipes)
    while waiting:
        ready, _write, _error = select.select(waiting, [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        for pipe in ready:
            chunk = os.read(pipe, 65536)
            read[pipe].append(chunk)
            if not chunk:
                waiting.remove(pipe)
    return [b"".join(chunks).decode().replace("\r\n", "\n") for chunks in read.values()]

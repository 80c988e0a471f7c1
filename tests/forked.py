"""Ansible's programs in forks of one process that has imported Ansible already.

A launch of ansible-inventory costs a second of CPU, mostly for imports. A fork costs a quarter of that and runs the
same code: the program's own ``main``, with its own environment, working directory and configuration. Paths of plugins
outside of collections are an exception: Ansible reads them while it is imported, so they are those of the server. Tests
that need such paths launch the program.

The server is a process without threads, because the tests' own process has some: the embedded broker.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: The programs, and the modules with their ``main``.
PROGRAMS = {
    "ansible-inventory": "ansible.cli.inventory",
    "ansible-playbook": "ansible.cli.playbook",
    "ansible-doc": "ansible.cli.doc",
    "ansible-vault": "ansible.cli.vault",
}


@dataclass(frozen=True)
class Finished:
    """The exit status of a program, and what it printed."""

    rc: int
    stdout: str
    stderr: str


class Forks:
    """Runs programs, one at a time. Starts the server with the first of them."""

    def __init__(self) -> None:
        #: CPU seconds of all programs so far.
        self.cpu_seconds = 0.0
        self._server: subprocess.Popen[str] | None = None

    def run(self, program: str, arguments: Sequence[str], env: Mapping[str, str], cwd: Path) -> Finished:
        server = self._server or self._start()
        assert server.stdin
        assert server.stdout
        with tempfile.TemporaryDirectory() as name:
            out, err = Path(name, "out"), Path(name, "err")
            job = {"program": program, "arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}
            server.stdin.write(json.dumps({**job, "out": str(out), "err": str(err)}) + "\n")
            server.stdin.flush()
            answer = json.loads(server.stdout.readline())
            self.cpu_seconds += answer["cpu_seconds"]
            return Finished(answer["rc"], out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def _start(self) -> subprocess.Popen[str]:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "OPENSHIFT_"))}
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._stop, self._server)
        return self._server

    @staticmethod
    def _stop(server: subprocess.Popen[str]) -> None:
        if server.stdin:
            server.stdin.close()
        server.wait()


forks = Forks()


# --- The server ------------------------------------------------------------------------------------------------------


def serve() -> None:
    """Run each job from standard input in a fork, and write its exit status to standard output."""
    for module in PROGRAMS.values():
        importlib.import_module(module)
    # What the inventory and the modules import besides Ansible.
    importlib.import_module("requests")
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if not pid:
            _run(job)
        _pid, status, used = os.wait4(pid, 0)
        answer = {"rc": os.waitstatus_to_exitcode(status), "cpu_seconds": used.ru_utime + used.ru_stime}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _run(job: Mapping[str, Any]) -> None:
    """Run the program in this process, which ends with it."""
    status: Any = 1
    try:
        os.chdir(job["cwd"])
        os.environ.clear()
        os.environ.update(job["env"])
        for number, (path, flags) in enumerate(
            [(os.devnull, os.O_RDONLY), (job["out"], os.O_WRONLY | os.O_CREAT), (job["err"], os.O_WRONLY | os.O_CREAT)]
        ):
            os.dup2(os.open(path, flags, 0o600), number)
        # Ansible has read the server's configuration; read that of the job.
        importlib.reload(importlib.import_module("ansible.constants"))
        sys.argv = [job["program"], *job["arguments"]]
        importlib.import_module(PROGRAMS[job["program"]]).main(sys.argv)
        status = 0
    except SystemExit as error:
        status = error.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 0 if status is None else 1)


if __name__ == "__main__":
    serve()

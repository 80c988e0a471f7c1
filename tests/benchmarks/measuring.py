"""Time and memory of ansible-playbook and of the broker, which runs in a process of its own. Linux only."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.harness import ROOT

from .fleets import LOGIN, PASSWORD

#: Seconds between two samples of the memory of a run.
SAMPLE_EVERY = 0.02
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


class RunFailed(Exception):
    """A run failed, or did not send the expected requests. The text has its output."""


@dataclass(frozen=True)
class Sample:
    """One run of ansible-playbook.

    ``seconds``: from start to end. ``cpu``: CPU seconds of the run and its children. ``broker_cpu``: CPU seconds of the
    broker during the run. ``memory``: the peak of all processes together, in bytes; pages that processes share count
    for each of them. ``largest``: the peak of a single process.
    """

    seconds: float
    cpu: float
    broker_cpu: float
    memory: int
    largest: int
    reads: int
    writes: int


@dataclass(frozen=True)
class BrokerProcess:
    """The embedded broker in a process of its own."""

    pid: int
    url: str

    def cpu(self) -> float:
        """CPU seconds since its start."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def warm_up(self) -> None:
        """Send a first request, which takes longer than the next ones, so that no play includes it."""
        path = "/broker/rest/applications?include=cartridges&nolinks=true"
        requests.get(self.url + path, auth=(LOGIN, PASSWORD), timeout=60).raise_for_status()

    def clear_log(self) -> None:
        requests.delete(f"{self.url}/__control/requests", timeout=60).raise_for_status()

    def methods(self) -> list[str]:
        """The methods of the requests to the API since the log was cleared."""
        answer = requests.get(f"{self.url}/__control/requests", timeout=60)
        return [entry["method"] for entry in answer.json()]


@contextlib.contextmanager
def broker_with(fleet: Mapping[str, Any], directory: Path) -> Iterator[BrokerProcess]:
    """A broker that starts with this fleet. It ends with the block."""
    file = directory / "fleet.json"
    file.write_text(json.dumps(fleet), encoding="utf-8")
    command = [sys.executable, "-m", "tests.broker", "--fleet", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.startswith("listening on "):
                raise RunFailed("The embedded broker did not start.")
            broker = BrokerProcess(process.pid, line.split()[-1])
            broker.warm_up()
            yield broker
        finally:
            process.terminate()


def run_playbook(arguments: Sequence[str], broker: BrokerProcess, directory: Path) -> Sample:
    """Run ansible-playbook with these arguments, in ``directory``. Raises ``RunFailed`` if it fails."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), *arguments]
    output = directory / "output.txt"
    broker.clear_log()
    broker_cpu = broker.cpu()
    started = time.monotonic()
    with output.open("wb") as out, _watch_memory() as memory:
        process = subprocess.Popen(
            command,
            env=_environment(broker.url, directory),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        memory.root = process.pid
        try:
            _pid, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
    if process.returncode != 0:
        raise RunFailed(f"{' '.join(command)}\nfailed with exit status {process.returncode}:\n{_end_of(output)}")
    broker_cpu = broker.cpu() - broker_cpu
    methods = broker.methods()
    reads = methods.count("GET")
    return Sample(
        seconds=seconds,
        cpu=usage.ru_utime + usage.ru_stime,
        broker_cpu=broker_cpu,
        memory=memory.together,
        largest=memory.largest,
        reads=reads,
        writes=len(methods) - reads,
    )


def _environment(broker_url: str, directory: Path) -> dict[str, str]:
    """The environment of every run: without other variables for Ansible or the broker."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "OPENSHIFT_"))}
    settings = directory / "ansible.cfg"
    settings.touch()
    return {
        **kept,
        # A proxy must not come between this machine and itself.
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_HOME": str(directory / "home"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_ACTION_PLUGINS": str(Path(__file__).parent / "action_plugins"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        # Modules need no discovery of the interpreter. This favours the plays that the collection is compared with.
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "OPENSHIFT_BROKER_URL": broker_url,
        "OPENSHIFT_BROKER_USERNAME": LOGIN,
        "OPENSHIFT_BROKER_PASSWORD": PASSWORD,
    }


def _end_of(output: Path) -> str:
    return output.read_text(encoding="utf-8", errors="replace")[-4000:]


# --- Memory


class _Memory:
    """Samples the memory of a process and its descendants, and keeps the peak.

    ``ru_maxrss`` of ``wait4`` is of no use, because it includes the memory of this process at the time of the fork.
    """

    def __init__(self) -> None:
        self.root: int | None = None
        self.together = 0
        self.largest = 0
        self.ended = threading.Event()

    def watch(self) -> None:
        while not self.ended.wait(SAMPLE_EVERY):
            if self.root is not None:
                sizes = [_resident(pid) for pid in _family(self.root)]
                self.together = max(self.together, sum(sizes))
                self.largest = max(self.largest, *sizes)


@contextlib.contextmanager
def _watch_memory() -> Iterator[_Memory]:
    memory = _Memory()
    thread = threading.Thread(target=memory.watch)
    thread.start()
    try:
        yield memory
    finally:
        memory.ended.set()
        thread.join()


def _family(root: int) -> Iterator[int]:
    """A process and all its descendants, without those that end in the meantime."""
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        with contextlib.suppress(OSError):
            for children in list(Path(f"/proc/{pid}/task").glob("*/children")):
                waiting.extend(int(child) for child in children.read_text(encoding="ascii").split())


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0

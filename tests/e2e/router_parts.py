"""Parts of the router's end-to-end tests: gears that can be killed, HAProxy, and clients that count failures."""

from __future__ import annotations

import contextlib
import csv
import getpass
import http.client
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Of a configuration of HAProxy that is not the role's.
HAPROXY_DEFAULTS = """defaults
    mode http
    timeout connect 1s
    timeout client 9s
    timeout server 9s
"""
#: Seconds after which a test stops waiting. The machine may be slow.
PATIENCE = 240.0
#: The same for a reload that the role waits for. Each try takes a second and more.
RELOAD = 120
#: Seconds between an answer and the next request of a client: a steady load, not a benchmark.
PAUSE = 0.005


def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "timeout"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Span:
    """A period of time."""

    begun: float
    ended: float

    def meets(self, other: Span) -> bool:
        return self.begun <= other.ended and other.begun <= self.ended


@dataclass
class Gear:
    """The HAProxy instance of a gear: a process on its own port."""

    name: str
    port: int = field(default_factory=free_port)
    #: A file with certificate and key. If set, the gear accepts TLS.
    certificate: Path | None = None
    #: Another address stands for another node.
    address: str = "127.0.0.1"
    _process: subprocess.Popen[str] | None = None

    @property
    def endpoint(self) -> str:
        return f"{self.address}:{self.port}"

    def start(self) -> None:
        tls = [str(self.certificate)] if self.certificate else []
        command = [sys.executable, "-m", "tests.e2e.gear", self.endpoint, self.name, *tls]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def kill(self) -> Span:
        """Kill it like a crash: its port is closed and its connections break. Returns how long that took."""
        begun = time.monotonic()
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        return Span(begun, time.monotonic())


@dataclass
class Router:
    """HAProxy in master-worker mode, like a service, with the configuration that the role has written."""

    program: str
    directory: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.directory / "haproxy.cfg"

    @property
    def variables(self) -> dict[str, object]:
        """The variables of the role for a router that does not run as root."""
        return {
            "app_router_config_path": str(self.config),
            "app_router_program": self.program,
            "app_router_user": "",
            "app_router_log": [],
            "app_router_extra_global": "maxconn 400",
            "app_router_http_bind": [f"127.0.0.1:{self.port}"],
            "app_router_admin_socket": str(self.directory / "admin.sock"),
            "app_router_running_socket": str(self.directory / "running.sock"),
            # Before the first start no process can confirm the reload.
            "app_router_reload_wait": RELOAD if self._process else 0,
            "app_router_reload_command": f"kill -USR2 {self._process.pid}" if self._process else "true",
        }

    def start(self) -> None:
        command = [self.program, "-W", "-f", str(self.config), "-p", str(self.directory / "haproxy.pid")]
        with (self.directory / "haproxy.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        until(lambda: self.worker != 0)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(PATIENCE)

    @property
    def title(self) -> str:
        return "HAProxy"

    @property
    def worker(self) -> int:
        """The process that answers now, another one after each reload. 0: none."""
        with contextlib.suppress(OSError):
            return int(next(line for line in self._ask("show info").splitlines() if line.startswith("Pid:"))[4:])
        return 0

    def up(self, application: str) -> int:
        """The number of the application's servers that get requests."""
        rows = self._rows(application)
        return sum(row["status"].startswith("UP") for row in rows if row["svname"] != "BACKEND")

    def checked(self, application: str) -> set[tuple[str, str, str]]:
        """The last checks of the application's servers: the state, the result of the check, the HTTP status."""
        rows = self._rows(application)
        return {
            (row["status"], row["check_status"].removeprefix("* "), row["check_code"])
            for row in rows
            if row["svname"] != "BACKEND"
        }

    def until_answers(self, host: str, status: int, text: str) -> None:
        """Wait for an answer. For a moment after a reload, the former process may still accept connections."""
        until(lambda: self.answer(host) == (status, text))

    def answer(self, host: str) -> tuple[int, str]:
        """The answer to a client that sends this host name: the status and the text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/", headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.read().decode("latin-1")

    def retried(self, application: str) -> int:
        """How many requests were retried with another server since the last reload."""
        (row,) = (row for row in self._rows(application) if row["svname"] == "BACKEND")
        return int(row["wredis"])

    def set_state(self, application: str, number: int, state: str) -> None:
        """Drain or disable a server, as an administrator does."""
        row = [row for row in self._rows(application) if row["svname"] != "BACKEND"][number]
        assert self._ask(f"set server {row['pxname']}/{row['svname']} state {state}").strip() == ""

    def _rows(self, application: str) -> list[dict[str, str]]:
        table = csv.DictReader(io.StringIO(self._ask("show stat").removeprefix("# ")))
        return [row for row in table if row["pxname"] == f"openshift_acme_{application}"]

    def _ask(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.directory / "admin.sock"))
            connection.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


@dataclass
class Nginx(Router):
    """nginx, like a service, with the configuration that the role has written."""

    running: int = field(default_factory=free_port)

    @property
    def title(self) -> str:
        return "nginx"

    @property
    def config(self) -> Path:
        return self.directory / "nginx.conf"

    @property
    def variables(self) -> dict[str, object]:
        temporary = [f"{kind}_temp_path {self.directory}/{kind};" for kind in ("client_body", "proxy")]
        return {
            "app_router_software": "nginx",
            "app_router_config_path": str(self.config),
            "app_router_program": self.program,
            "app_router_user": getpass.getuser() if os.geteuid() == 0 else "",
            "app_router_log": [],
            "app_router_extra_global": [f"pid {self.directory}/nginx.pid;", "daemon off;"],
            "app_router_extra_defaults": temporary,
            "app_router_http_bind": [f"127.0.0.1:{self.port}"],
            "app_router_running_socket": f"127.0.0.1:{self.running}",
            "app_router_reload_wait": RELOAD if self._process else 0,
            "app_router_reload_command": f"kill -HUP {self._process.pid}" if self._process else "true",
        }

    def start(self) -> None:
        command = [self.program, "-c", str(self.config)]
        with (self.directory / "nginx.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        until(self._answers)

    @property
    def loaded(self) -> str:
        """Which configuration runs, as it reports itself."""
        connection = http.client.HTTPConnection("127.0.0.1", self.running, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/", headers={"Connection": "close"})
            return connection.getresponse().read().decode().strip()

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            return self.answer("nowhere")[0] == 404
        return False

    @property
    def worker(self) -> int:
        """nginx reports no process. The role itself waits until the new configuration runs."""
        return 0


@dataclass(frozen=True)
class Failure:
    """A request without the expected answer: what happened, and when."""

    what: str
    span: Span


@dataclass(frozen=True)
class Kind:
    """The requests of a client: the method, whether it keeps its connection, and the path."""

    method: str = "GET"
    keep: bool = True
    path: str = "/"


@dataclass
class Load:
    """Clients that send requests to one application steadily, each in a thread, and count."""

    port: int
    host: str
    kinds: tuple[Kind, ...]
    sent: int = 0
    failures: list[Failure] = field(default_factory=list)
    gears: set[str] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        clients = [threading.Thread(target=self._client, args=(kind,)) for kind in self.kinds]
        for client in clients:
            client.start()
        try:
            yield
        finally:
            self._stop.set()
            for client in clients:
                client.join(PATIENCE)
            assert not any(client.is_alive() for client in clients)

    def more(self, requests: int) -> None:
        """Wait until this number of further requests was answered or failed."""
        target = self.sent + requests
        until(lambda: self.sent >= target)

    def until_answered_by(self, gear: str) -> None:
        """Wait until an answer comes from this gear."""
        with self._lock:
            self.gears.discard(gear)
        until(lambda: gear in self.gears)

    def failures_outside(self, kills: list[Span]) -> list[Failure]:
        """The failures that do not overlap with a kill."""
        return [failure for failure in self.failures if not any(failure.span.meets(kill) for kill in kills)]

    def _client(self, kind: Kind) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                what, gear = self._ask(connection, kind)
            except (OSError, http.client.HTTPException) as error:
                what, gear = repr(error), ""
                connection.close()
            with self._lock:
                self.sent += 1
                self.gears |= {gear} if gear else set()
                if what:
                    self.failures.append(Failure(f"{kind.method}: {what}", Span(begun, time.monotonic())))
            if not kind.keep:
                connection.close()
            time.sleep(PAUSE)
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, kind: Kind) -> tuple[str, str]:
        """Send one request. Returns what went wrong, and which gear answered."""
        body = "item=1" if kind.method == "POST" else None
        connection.request(kind.method, kind.path, body, {"Host": self.host})
        answer = connection.getresponse()
        text = answer.read().decode("latin-1")
        expected = answer.status == 200 and text.startswith(f"{kind.method} {kind.path}\n")
        return "" if expected else f"status {answer.status}", answer.headers.get("X-Gear") or ""

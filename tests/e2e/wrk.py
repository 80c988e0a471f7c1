"""Load by wrk, a generator of another make than the clients in router_parts."""

from __future__ import annotations

import re
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.router_parts import PATIENCE

#: Connections of each wrk process.
CONNECTIONS = 5
_POST = 'wrk.method = "POST"\nwrk.body = "item=1"\n'


@dataclass(frozen=True)
class Report:
    """What wrk has counted: ``failed`` are broken connections, time-outs, and answers other than 2xx and 3xx."""

    requests: int
    per_second: float
    slowest_percent: str
    failed: int

    @classmethod
    def parse(cls, text: str) -> Report:
        def number(pattern: str) -> float:
            found = re.search(pattern, text)
            return float(found[1]) if found else 0.0

        errors = [number(rf"Socket errors:.*\b{kind} (\d+)") for kind in ("connect", "read", "write", "timeout")]
        latency = re.search(r"99%\s+(\S+)", text)
        return cls(
            int(number(r"(\d+) requests in")),
            number(r"Requests/sec:\s+([\d.]+)"),
            latency[1] if latency else "",
            int(sum(errors) + number(r"Non-2xx or 3xx responses: (\d+)")),
        )


@dataclass
class Wrk:
    """One kind of requests, until they are stopped. An answer takes a moment, so that the load is steady."""

    program: str
    port: int
    host: str
    method: str = "GET"
    keep: bool = True
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        return f"{self.method}, {'kept' if self.keep else 'new'} connections"

    def start(self, folder: Path) -> None:
        command = [self.program, "-t", "1", "-c", str(CONNECTIONS), "-d", "3600", "--timeout", str(int(PATIENCE))]
        command += ["--latency", "-H", f"Host: {self.host}"]
        command += [] if self.keep else ["-H", "Connection: close"]
        if self.method == "POST":
            script = folder / "post.lua"
            script.write_text(_POST, encoding="utf-8")
            command += ["-s", str(script)]
        command.append(f"http://127.0.0.1:{self.port}/slow/0.02")
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> Report:
        """End it as Ctrl-C does: it then reports what it has counted."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        text, _none = self._process.communicate(timeout=PATIENCE)
        assert "requests in" in text, text
        return Report.parse(text)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask HAProxy instances for a page, as the external router would: plain HTTP with the application's host name.

A probe sends no credentials, uses no proxy and follows no redirect. Only the status line of the answer is read, and the
whole probe, name resolution included, ends at its time limit whatever the other side does.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.interim import MOST_INTERIM
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Placement
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import Probe
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze

#: A status line, and an interim response, is shorter than this.
LONGEST_HEAD = 4096
_LINE = re.compile(rb"\n")
_HEAD = re.compile(rb"\r?\n\r?\n")
#: All but 101, which ends HTTP.
_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9][0-9](?:[ \r\n]|\Z)")
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?:[ \r\n]|\Z)")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}\Z")

Socket = tuple[str, int]


def probe_all(app: Application, placement: Placement, probe: Probe) -> dict[Socket, str]:
    """Ask all HAProxy instances at the same time. For each address and port: why it failed, empty if it answered."""
    found = dict.fromkeys((e.address, e.port) for gear in placement.gears for e in gear.endpoints)
    host = _host_of(app)
    answers: SimpleQueue[tuple[Socket, str]] = SimpleQueue()

    def ask_one(target: Socket) -> None:
        answers.put((target, ask(target, host, probe)))

    end = time.monotonic() + probe.timeout
    for target in found:
        # A daemon: the resolution of a name cannot be interrupted, and must not delay the end of the process.
        threading.Thread(target=ask_one, args=(target,), name="probe", daemon=True).start()
    late = f"no answer within {probe.timeout:g} s"
    results = dict.fromkeys(found, late)
    results.update(_collect(answers, len(found), end))
    return results


def _collect(answers: SimpleQueue[tuple[Socket, str]], count: int, end: float) -> Iterable[tuple[Socket, str]]:
    """The answers that arrive in time, with a moment for those that end at the limit themselves."""
    for _answer in range(count):
        try:
            yield answers.get(timeout=max(0.0, end - time.monotonic()) + 0.5)
        except Empty:
            return


def ask(target: Socket, host: str, probe: Probe) -> str:
    """Send one request. Returns why it failed, empty if the answer has an accepted status."""
    end = time.monotonic() + probe.timeout
    lines = (f"GET {probe.path} HTTP/1.1", f"Host: {host or target[0]}", "User-Agent: openshift_v2.apps")
    request = "\r\n".join((*lines, "Accept: */*", "Connection: close", "", ""))
    try:
        with socket.create_connection(target, probe.timeout) as connection:
            connection.settimeout(_left(end))
            connection.sendall(request.encode("ascii"))
            line = _read_status_line(connection, end)
    except socket.timeout:
        return f"no answer within {probe.timeout:g} s"
    except OSError as error:
        return squeeze(str(error.strerror or type(error).__name__)).rstrip(".")
    except ValueError:
        # The address is no host name.
        return "the address is invalid"
    return _judge(line, probe)


def _read_status_line(connection: socket.socket, end: float) -> bytes:
    """The first line of the answer, after its interim responses. The limit holds for all parts of it together."""
    received = b""
    for _number in range(MOST_INTERIM + 1):
        received = _receive_until(_LINE, received, connection, end)
        line = received.partition(b"\n")[0]
        if not _INTERIM.match(line):
            break
        received = _receive_until(_HEAD, received, connection, end)
        head = _HEAD.search(received)
        received = received[head.end() :] if head else b""
    return line


def _receive_until(pattern: re.Pattern[bytes], received: bytes, connection: socket.socket, end: float) -> bytes:
    """``received``, and more until it contains the pattern, is too long, or the connection ends."""
    while not pattern.search(received) and len(received) < LONGEST_HEAD:
        connection.settimeout(_left(end))
        part = connection.recv(LONGEST_HEAD)
        if not part:
            break
        received += part
    return received


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise socket.timeout
    return left


def _judge(line: bytes, probe: Probe) -> str:
    match = _STATUS_LINE.match(line)
    if match is None:
        return "the connection was closed without an answer" if not line else "the answer is not HTTP"
    status = int(match[1])
    return "" if probe.accepts(status) else f"HTTP status {status}"


def _host_of(app: Application) -> str:
    """The application's host name, empty if its address has none that is valid in a request."""
    try:
        host = urlsplit(app.url).hostname or ""
    except ValueError:
        return ""
    return host if _HOST.match(host) else ""

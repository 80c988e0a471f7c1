"""A server on loopback that sends prepared answers, good and bad, in order."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Union


@dataclass(frozen=True)
class Cut:
    """Send these bytes and close the connection."""

    sent: bytes = b""


@dataclass(frozen=True)
class Plain:
    """Send these bytes without TLS over a TLS connection, and close it."""

    sent: bytes


@dataclass(frozen=True)
class Do:
    """``reset``: reset the connection; ``hang``: never answer."""

    what: str


DROP = Cut()
RESET = Do("reset")
HANG = Do("hang")
Answer = Union[bytes, Cut, Plain, Do]


@dataclass(frozen=True)
class Request:
    """A request: ``headers`` by lower-case name, ``port`` of the client (one per connection)."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    port: int


def reply(status: int, body: bytes | str, **headers: str) -> bytes:
    """A complete HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def envelope(data: Any, status: int = 200, text: str = "", exit_code: int | None = 0, severity: str = "info") -> bytes:
    """An answer of the broker with ``data``."""
    message = {"severity": severity, "exit_code": exit_code, "field": None, "index": None, "text": text}
    document = {
        "api_version": 1.7,
        "data": data,
        "messages": [message] if text else [],
        "status": "ok",
        "supported_api_versions": [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7],
        "type": None,
        "version": "1.7",
    }
    return reply(status, json.dumps(document), Content_Type="application/json; charset=utf-8")


def error(status: int, text: str, exit_code: int | None) -> bytes:
    return envelope(None, status, text, exit_code, "error")


class Wire:
    """Sends the answers in order and repeats the last one. With ``tls`` it uses TLS."""

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answers = list(answers)
        self._tls = tls
        self._end = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.requests: list[Request] = []
        scheme = "https" if tls else "http"
        self.port = self._listener.getsockname()[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Wire:
        self._threads[0].start()
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._end.set()
        # Ends accept(); close() alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self._end.is_set():
            try:
                connection, address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection, address[1]), daemon=True).start()

    def _serve(self, raw: socket.socket, port: int) -> None:
        try:
            connection = self._tls.wrap_socket(raw, server_side=True) if self._tls else raw
            with connection:
                while (request := _read(connection, port)) and self._answer(connection, request):
                    pass
        except OSError:
            raw.close()

    def _answer(self, connection: socket.socket, request: Request) -> bool:
        """Answer a request; return whether the connection stays open."""
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, bytes):
            connection.sendall(answer)
            return True
        if isinstance(answer, Cut):
            connection.sendall(answer.sent)
        elif isinstance(answer, Plain):
            with socket.socket(fileno=connection.detach()) as beneath:
                beneath.sendall(answer.sent)
        elif answer.what == "hang":
            self._end.wait()
        else:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False


def _read(connection: socket.socket, port: int) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None
        data += part
    head, _blank, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (re.split(r":\s*", line, maxsplit=1) for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    method, path, _version = first.split(" ")
    return Request(method, path, headers, body, port)

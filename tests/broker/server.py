"""The HTTP server: one thread per connection, persistent connections, connection faults, TLS."""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .api import DROP, BrokerModel, add_routes
from .control import add_control

_NO_LINGER = struct.pack("ii", 1, 0)
_HANDSHAKE_SECONDS = 30


def make_app(broker: BrokerModel) -> Flask:
    """Return the Flask application of a broker: the API and the control interface."""
    app = Flask("tests.broker")
    add_routes(app, broker)
    add_control(app, broker)
    return app


class _Handler(WSGIRequestHandler):
    """One connection. Each answer is sent in one piece, and the connection stays open for more requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: BrokerServer

    def setup(self) -> None:
        context = self.server.tls
        if context is not None:
            self.request.settimeout(_HANDSHAKE_SECONDS)
            self.request = context.wrap_socket(self.request, server_side=True)
            self.request.settimeout(None)
        super().setup()
        self.server.connections.add(self.connection)

    def make_environ(self) -> dict[str, Any]:
        environ = super().make_environ()
        environ["wsgi.url_scheme"] = "http" if self.server.tls is None else "https"
        if not environ.get("wsgi.input_terminated"):
            length = int(environ.get("CONTENT_LENGTH") or 0)
            environ["wsgi.input"] = io.BytesIO(self.rfile.read(length) if length else b"")
        return environ

    def run_wsgi(self) -> None:
        self.environ = environ = self.make_environ()
        started: list[Any] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _info: Any = None, /
        ) -> Callable[[bytes], object]:
            started[:] = [status, headers]
            return _no_write

        answer = self.server.app(environ, start_response)
        try:
            body = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        self._send(started[0], started[1], body, environ.get(DROP))

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes, drop: str | None) -> None:
        if drop is not None:
            self.close_connection = True
        if drop == "reset":
            if self.server.tls is None:
                self.server.abort_on_close.add(self.request)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        if drop in ("drop", "reset"):
            return
        code, _blank, phrase = status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        if code != "204":
            self.send_header("Content-Length", str(len(body)))
        self._send_body(body[: len(body) // 2] if drop == "truncate" else body)

    def _send_body(self, body: bytes) -> None:
        self._headers_buffer.append(b"\r\n")
        if self.command != "HEAD":
            self._headers_buffer.append(body)
        self.flush_headers()

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()
        if self.server.tls is not None:
            self.request.close()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Do nothing: the API writes the request log."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Do nothing: keep the output of tests clean."""


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("Flask returns its answers and does not write them")


class BrokerServer(ThreadedWSGIServer):
    """The server of one broker, on its own port."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(
        self, broker: BrokerModel, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.broker = broker
        self.tls = tls
        self.abort_on_close: set[Any] = set()
        self.connections: set[socket.socket] = set()
        super().__init__(host, port, make_app(broker), _Handler)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self.tls is None else 'https'}://{host}:{self.port}"

    def server_close(self) -> None:
        """Stop listening, and close all open connections."""
        super().server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError, ValueError):
                connection.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection. If it must be reset, skip the TCP shutdown."""
        if request in self.abort_on_close:
            self.abort_on_close.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Do nothing: clients may close their connections and may fail the TLS handshake."""

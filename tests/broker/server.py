"""The HTTP server: many threads, connections kept open, connections broken on demand, TLS."""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .api import DROP, Broker, add_routes
from .control import add_control

_NO_LINGER = struct.pack("ii", 1, 0)
_HANDSHAKE_SECONDS = 30


class _JsonSuffix:
    """The broker takes ``.json`` at the end of a path as the wish for JSON, which it answers anyway."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["PATH_INFO"] = environ["PATH_INFO"].removesuffix(".json")
        return self._app(environ, start_response)  # type: ignore[no-any-return]


def make_app(broker: Broker) -> Flask:
    """The Flask application of a broker: the API and the control interface."""
    app = Flask("tests.broker")
    add_routes(app, broker)
    add_control(app, broker)
    app.wsgi_app = _JsonSuffix(app.wsgi_app)  # type: ignore[method-assign]
    return app


class _Handler(WSGIRequestHandler):
    """One connection. Answers go out in one piece, the connection stays open for more requests."""

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
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
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
                self.server.no_farewell.add(self.request)
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
        self._end(body[: len(body) // 2] if drop == "truncate" else body)

    def _end(self, body: bytes) -> None:
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
        """Nothing: the request log is kept by the API."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Nothing: a test's output is not the place for it."""


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("Flask gives its answers back and writes nothing itself")


class BrokerServer(ThreadedWSGIServer):
    """A broker on a port of its own."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(
        self, broker: Broker, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.broker = broker
        self.tls = tls
        self.no_farewell: set[Any] = set()
        self.connections: set[socket.socket] = set()
        super().__init__(host, port, make_app(broker), _Handler)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self.tls is None else 'https'}://{host}:{self.port}"

    def server_close(self) -> None:
        """Stop listening, and answer nobody any more on connections that are still open."""
        super().server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError, ValueError):
                connection.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection; one that is to be reset without the polite end that TCP knows."""
        if request in self.no_farewell:
            self.no_farewell.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients may go away and may fail to shake hands as they like."""

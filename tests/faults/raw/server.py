"""A hostile server: for each connection, a behaviour does what it likes with the socket."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from types import TracebackType

LENGTH = re.compile(rb"(?i)content-length:\s*(\d+)")


class Peer:
    """A connection as a behaviour sees it. ``end`` is set when the test ends."""

    def __init__(self, sock: socket.socket, end: threading.Event) -> None:
        self.sock = sock
        self.end = end

    def read_request(self) -> bytes:
        """A whole request, or ``b""`` at the end of the connection."""
        data = b""
        while not is_complete(data):
            part = self.sock.recv(65536)
            if not part:
                return b""
            data += part
        return data

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.sock.sendall(part)

    def drip(self, data: bytes, every: float = 0.02) -> None:
        """Send byte for byte."""
        for byte in data:
            if self.end.wait(every):
                return
            self.sock.sendall(bytes((byte,)))

    def drip_forever(self, data: Iterable[bytes], every: float = 0.02) -> None:
        """Send the parts again and again, a part at a time."""
        parts = list(data)
        while not self.end.is_set():
            for part in parts:
                if self.end.wait(every):
                    return
                self.sock.sendall(part)

    def flood(self, part: bytes) -> None:
        """Send the part again and again, as fast as the client reads."""
        while not self.end.is_set():
            self.sock.sendall(part)

    def silence(self) -> None:
        self.end.wait()

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


Behaviour = Callable[[Peer, bytes], None]


def is_complete(data: bytes) -> bool:
    """Whether the bytes are a whole request."""
    head, blank, body = data.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    return bool(blank) and len(body) >= (int(length[1]) if length else 0)


class HostileServer:
    """Calls ``behave`` with each request, until the client closes the connection or ``behave`` has closed it.

    ``at_connect`` takes over a connection before its first request. ``requests`` are all requests, as received.
    """

    def __init__(
        self, behave: Behaviour, tls: ssl.SSLContext | None = None, at_connect: Callable[[Peer], None] | None = None
    ) -> None:
        self._behave = behave
        self._at_connect = at_connect
        self._tls = tls
        self._end = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.requests: list[bytes] = []
        self.connections = 0

    def __enter__(self) -> HostileServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._end.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def writes(self) -> list[bytes]:
        return [request for request in self.requests if not request.startswith((b"GET ", b"CONNECT "))]

    def _accept(self) -> None:
        while not self._end.is_set():
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        try:
            with raw:
                if self._at_connect is not None:
                    self._at_connect(Peer(raw, self._end))
                with self._tls.wrap_socket(raw, server_side=True) if self._tls else raw as sock:
                    peer = Peer(sock, self._end)
                    while request := peer.read_request():
                        self.requests.append(request)
                        self._behave(peer, request)
        except (OSError, ValueError):
            # The client has closed the connection.
            return

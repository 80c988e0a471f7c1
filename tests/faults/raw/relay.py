"""A TCP proxy that damages one exchange: it cuts, resets, delays, drips or garbles the request or the answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.faults.raw.server import HostileServer, Peer


@dataclass(frozen=True)
class Damage:
    """What happens to an exchange. ``None``: nothing.

    ``request``, ``answer``: how many bytes pass, as a function of their number. ``reset``: with RST instead of FIN.
    ``delay``: seconds before the answer. ``drip``: seconds between two pieces of the answer. ``garble``: the number of
    the byte of the answer that changes, as a function of the length.
    """

    request: Callable[[int], int] | None = None
    answer: Callable[[int], int] | None = None
    reset: bool = False
    delay: float = 0.0
    drip: float = 0.0
    garble: Callable[[int], int] | None = None


class Relay:
    """Forwards requests to ``url``. The ``choose`` function returns the damage to a request."""

    def __init__(self, url: str, choose: Callable[[bytes], Damage | None]) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 80)
        self._choose = choose
        self._lock = threading.Lock()
        #: The requests that were damaged.
        self.damaged: list[bytes] = []
        self.server = HostileServer(self._forward)

    def _forward(self, peer: Peer, request: bytes) -> None:
        with self._lock:
            damage = self._choose(request)
            if damage is not None:
                self.damaged.append(request)
        damage = damage or Damage()
        passed = request if damage.request is None else request[: damage.request(len(request))]
        answer = self._ask(passed, is_whole=len(passed) == len(request))
        if damage.delay and peer.end.wait(damage.delay):
            return
        if damage.garble is not None and answer:
            at = damage.garble(len(answer))
            answer = answer[:at] + bytes((answer[at] ^ 0xFF,)) + answer[at + 1 :]
        if damage.answer is not None:
            answer = answer[: damage.answer(len(answer))]
        if damage.drip:
            peer.drip(answer, damage.drip)
        else:
            peer.send(answer)
        if damage.request is not None or damage.answer is not None:
            if damage.reset:
                peer.reset()
            peer.sock.close()

    def _ask(self, request: bytes, is_whole: bool) -> bytes:
        """The broker's answer; nothing for a part of a request."""
        request = request.replace(b"Connection: keep-alive", b"Connection: close")
        with socket.create_connection(self._target, timeout=60) as upstream:
            upstream.sendall(request)
            if not is_whole:
                return b""
            answer = b""
            while part := upstream.recv(65536):
                answer += part
                if _is_answered(answer):
                    break
            return answer


def _is_answered(data: bytes) -> bool:
    head, blank, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(blank and lengths) and len(body) >= int(lengths[0].partition(b":")[2])

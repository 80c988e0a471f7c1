"""``python -m tests.broker``: the embedded broker as a program of its own."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from .api import Broker
from .fleet import BadFleet, load, seed
from .server import BrokerServer
from .tls import make_tls


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Exit codes: 0 ended, 1 the address is not to be had, 2 bad arguments or fleet."""
    options = _parse(arguments)
    broker = Broker()
    if options.fleet is not None:
        try:
            seed(broker.state, load(options.fleet))
        except BadFleet as error:
            print(f"broker: bad fleet file: {error}", file=sys.stderr)
            return 2
    context, ca_path = make_tls() if options.tls else (None, None)
    try:
        server = BrokerServer(broker, options.host, options.port, context)
    except SystemExit:
        return 1
    ended = _end_signalled()
    with contextlib.closing(_Served(server)):
        print(f"listening on {server.url}", flush=True)
        if ca_path is not None:
            print(f"ca: {ca_path}", flush=True)
        ended.wait()
    if ca_path is not None:
        ca_path.unlink(missing_ok=True)
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.broker", description="An embedded OpenShift v2 broker.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0: a free one")
    parser.add_argument("--tls", action="store_true", help="serve https; the second line printed names the CA's file")
    parser.add_argument("--fleet", type=Path, metavar="FILE", help="what to start with: YAML, or JSON (*.json)")
    return parser.parse_args(arguments)


class _Served:
    """A server in a thread, until it is closed."""

    def __init__(self, server: BrokerServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _end_signalled() -> threading.Event:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    return ended


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.broker``: the embedded broker as a program."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from .api import BrokerModel
from .fleet import BadFleet, load, seed
from .server import BrokerServer
from .tls import make_tls


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Exit status: 0 stopped, 1 address not available, 2 invalid arguments or fleet."""
    options = _parse(arguments)
    broker = BrokerModel()
    if options.fleet is not None:
        try:
            seed(broker.state, load(options.fleet))
        except BadFleet as error:
            print(f"broker: invalid fleet file: {error}", file=sys.stderr)
            return 2
    context, ca_path = make_tls() if options.tls else (None, None)
    try:
        server = BrokerServer(broker, options.host, options.port, context)
    except SystemExit:
        return 1
    stopped = _stop_event()
    with contextlib.closing(_ServerThread(server)):
        print(f"listening on {server.url}", flush=True)
        if ca_path is not None:
            print(f"ca: {ca_path}", flush=True)
        stopped.wait()
    if ca_path is not None:
        ca_path.unlink(missing_ok=True)
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.broker", description="An embedded OpenShift v2 broker.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0: any free port")
    parser.add_argument(
        "--tls", action="store_true", help="serve HTTPS; the second line of output is the path of the CA certificate"
    )
    parser.add_argument("--fleet", type=Path, metavar="FILE", help="file with the initial data: YAML, or JSON (*.json)")
    return parser.parse_args(arguments)


class _ServerThread:
    """A server that runs in a thread until it is closed."""

    def __init__(self, server: BrokerServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _stop_event() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    return stopped


if __name__ == "__main__":
    sys.exit(main())

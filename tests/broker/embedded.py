"""A broker inside of a test's own process, on a real socket."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from . import administration, faults, inspection
from .api import Broker
from .fleet import seed
from .server import BrokerServer
from .tls import make_tls


class EmbeddedBroker:
    """A broker in threads of this process: ``with EmbeddedBroker() as broker: use(broker.url)``.

    Any number of them can run side by side. The control methods do what the control interface does, without HTTP.

    Args:
        tls: serve https; :attr:`ca_path` is then the certificate to trust.
        fleet: what to start with, as in a fleet file (see the README).
    """

    def __init__(self, tls: bool = False, fleet: dict[str, Any] | None = None) -> None:
        self._tls = tls
        self._fleet = fleet
        self.ca_path: Path | None = None

    def __enter__(self) -> EmbeddedBroker:
        self._broker = Broker()
        if self._fleet is not None:
            seed(self._broker.state, self._fleet)
        context = None
        if self._tls:
            context, self.ca_path = make_tls()
        self._server = BrokerServer(self._broker, tls=context)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self.ca_path is not None:
            self.ca_path.unlink(missing_ok=True)

    @property
    def url(self) -> str:
        return self._server.url

    def set_users(self, *users: dict[str, Any]) -> None:
        """Make accounts, or change their rights: ``{"login": "joe", "ha": True, "max_gears": 9}``."""
        administration.set_users(self._broker.state, list(users))

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change settings; all of them as they are now."""
        return administration.change_settings(self._broker.state, changes)

    def faults(self, *rules: dict[str, Any]) -> None:
        """Replace all fault rules; without any: clear them."""
        self._broker.faults.replace(faults.parse(list(rules)))

    def seed(self, fleet: dict[str, Any]) -> None:
        """Add users, domains and applications, as in a fleet file."""
        seed(self._broker.state, fleet)

    def requests(self) -> list[dict[str, Any]]:
        """The requests to the API since the last clearing, in the order of their arrival."""
        return self._broker.log.documents()

    def clear_requests(self) -> None:
        self._broker.log.clear()

    def reset(self) -> None:
        """An empty broker with default settings."""
        administration.reset_all(self._broker)

    def state(self) -> dict[str, Any]:
        """What the broker really holds."""
        return inspection.state_document(self._broker.state)

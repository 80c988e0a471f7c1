"""A broker that runs in the process of a test, on a real socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from . import administration, faults, inspection, node_administration
from .api import BrokerModel
from .fleet import seed
from .server import BrokerServer
from .tls import make_tls


class EmbeddedBroker:
    """A broker in threads of this process: ``with EmbeddedBroker() as broker: use(broker.url)``.

    Several brokers can run at the same time. The methods have the same effect as the control interface, without HTTP.

    Args:
        tls: Serve HTTPS. :attr:`ca_path` is then the certificate to trust.
        fleet: The initial data, in the format of a fleet file (see the README).
    """

    def __init__(self, tls: bool = False, fleet: dict[str, Any] | None = None) -> None:
        self._tls = tls
        self._fleet = fleet
        self.ca_path: Path | None = None

    def __enter__(self) -> EmbeddedBroker:
        self._broker = BrokerModel()
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
        """Create accounts, or change their rights: ``{"login": "joe", "ha": True, "max_gears": 9}``."""
        administration.set_users(self._broker.state, list(users))

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change settings, and return all settings."""
        return administration.change_settings(self._broker.state, changes)

    @contextmanager
    def held(self, point: str = "gears") -> Iterator[None]:
        """Hold operations there (see the README): until the setting has another value, at the latest until the end."""
        self.settings(hold=point)
        try:
            yield
        finally:
            self.settings(hold=None)

    def faults(self, *rules: dict[str, Any]) -> None:
        """Replace all fault rules. Without arguments: remove them."""
        self._broker.faults.replace(faults.parse(list(rules)))

    def set_node(self, address: str, down: bool) -> None:
        """Let a node answer or not."""
        node_administration.control_node(self._broker.state, {"node": address, "down": down})

    def set_gear(self, application: str, gear: str, state: str) -> None:
        """Set the state of a gear of ``DOMAIN/APPLICATION`` on its node."""
        value = {"application": application, "gear": gear, "state": state}
        node_administration.control_gear(self._broker.state, self._broker.operations, value)

    def move_gear(self, application: str, gear: str, to: str | None, endpoints_lost: bool = False) -> str:
        """Move a gear to a node, or to any node, as an administrator does. Return the answer."""
        value = {"application": application, "gear": gear, "move": to, "endpoints_lost": endpoints_lost}
        answer = node_administration.control_gear(self._broker.state, self._broker.operations, value)
        return str(answer["answer"])

    def seed(self, fleet: dict[str, Any]) -> None:
        """Add users, domains and applications, in the format of a fleet file."""
        seed(self._broker.state, fleet)

    def requests(self) -> list[dict[str, Any]]:
        """Return all API requests since the log was last cleared, in order of arrival."""
        return self._broker.log.documents()

    def clear_requests(self) -> None:
        self._broker.log.clear()

    def reset(self) -> None:
        """Remove all data and restore the default settings."""
        administration.reset_all(self._broker)

    def state(self) -> dict[str, Any]:
        """Return the actual state of the broker."""
        return inspection.state_document(self._broker.state)

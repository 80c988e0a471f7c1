"""The stand-in in the process of the tests, on a real socket, with the objects of a new AWX."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from .api import Api, LoggedRequest, make_app
from .fields import Values
from .resources import CREDENTIAL_TYPES, CREDENTIALS, ENVIRONMENTS, NODES, ORGANIZATIONS, RESOURCES
from .store import Store


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Keep the output of the tests free of it."""


class StandIn:
    """``with StandIn(contents) as awx: use(awx.url)``. ``contents``: the folders of git repositories, by address."""

    username = "admin"
    password = "not-the-broker-s"

    def __init__(self, contents: Mapping[str, Path]) -> None:
        self._store = Store(contents)
        self._api = Api(self._store, self.username, self.password)
        self._store.add(ORGANIZATIONS, {"name": "Default"})
        self._store.add(ENVIRONMENTS, {"name": "AWX EE (latest)", "image": "awx-ee", "managed": True})
        for name, kind in (("Machine", "ssh"), ("Source Control", "scm"), ("Galaxy token", "galaxy")):
            kept = self._store.add(CREDENTIAL_TYPES, {"name": name, "kind": kind, "managed": True})
        galaxy = {"name": "Ansible Galaxy", "credential_type": kept["id"], "managed": True}
        self._store.add(CREDENTIALS, galaxy)

    def __enter__(self) -> StandIn:
        self._server = make_server("127.0.0.1", 0, make_app(self._api), threaded=True, request_handler=_Silent)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def add(self, path: str, **values: Any) -> int:
        """Create an object without the client under test, and return its identifier."""
        identifier: int = self._api.create(RESOURCES[path], values)["id"]
        return identifier

    def each(self, path: str) -> list[Values]:
        """All objects of a path, as AWX stores them."""
        return list(self._store.objects[path].values())

    def render(self, path: str, name: str) -> Values:
        """An object as AWX shows it."""
        return self._api.render(RESOURCES[path], self.all(path)[name])

    def connections(self, workflow: int) -> set[tuple[str, str, str]]:
        """The connections of a workflow: the identifier of a node, the kind of connection, and the next node."""
        nodes = {n["id"]: n["identifier"] for n in self.each(NODES.path) if n["workflow_job_template"] == workflow}
        kinds = ("success_nodes", "failure_nodes", "always_nodes")
        return {
            (name, kind, nodes[other])
            for node, name in nodes.items()
            for kind in kinds
            for other in self._store.linked(node, kind)
        }

    def all(self, path: str) -> dict[str, Values]:
        """All objects of a path, as AWX stores them (with secrets), by name or identifier of the node."""
        return {values.get("name") or values["identifier"]: values for values in self._store.objects[path].values()}

    def names_of(self, path: str, name: str, association: str) -> list[str]:
        """The names of the objects that are associated with an object."""
        resource = RESOURCES[path]
        others = self._store.objects[resource.associations[association]]
        linked = [others[one] for one in self._store.linked(self.all(path)[name]["id"], association)]
        return [values.get("name") or values["identifier"] for values in linked]

    def survey_of(self, name: str) -> Values:
        return self._store.surveys[self.all("job_templates")[name]["id"]]

    @property
    def token(self) -> str:
        """An access token of the account."""
        return self._api.token

    def snapshot(self, path: str) -> dict[int, Values]:
        """A copy of all objects of a path, by their numbers."""
        return copy.deepcopy(self._store.objects[path])

    def set_by_hand(self, path: str, name: str, **values: Any) -> None:
        """Change an object as an administrator may do in AWX, without its rules."""
        self.all(path)[name].update(values)

    def link_by_hand(self, path: str, name: str, association: str, *others: int) -> None:
        """Replace the associated objects."""
        self._store.linked(self.all(path)[name]["id"], association)[:] = others

    def set_survey(self, name: str, survey: Values) -> None:
        self._store.surveys[self.all("job_templates")[name]["id"]] = survey

    def roles_of(self, team: str) -> set[int]:
        return set(self._store.linked(self.all("teams")[team]["id"], "roles"))

    @property
    def started_updates(self) -> list[int]:
        """The projects that a request updated."""
        return self._api.started_updates

    def requests(self) -> list[LoggedRequest]:
        """The requests since ``clear_requests``."""
        return list(self._api.log)

    def writes(self) -> list[LoggedRequest]:
        return [sent for sent in self.requests() if sent.method != "GET"]

    def clear_requests(self) -> None:
        self._api.log.clear()

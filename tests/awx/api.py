"""The API: applies requests to the store, and renders objects as AWX does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from .fields import Refused, Values, is_relation
from .injectors import ENCRYPTED, secret_inputs
from .resources import APPROVALS, NODES, RESOURCES, SCHEDULES, UNIONS, Resource
from .rules import apply_rules, check_association
from .store import Store
from .surveys import check_survey

ROOT = "/api/v2/"
#: The answer at /api/.
INDEX = {"description": "AWX REST API", "current_version": ROOT, "available_versions": {"v2": ROOT}}
_PAGE, _LONGEST_PAGE = 25, 200
#: An object shows at most this many of its labels.
_LABELS = 10
_CONTROL = ("page", "page_size", "order_by")


@dataclass(frozen=True)
class LoggedRequest:
    """A request and the status of its answer."""

    method: str
    path: str
    body: Any
    status: int


class Api:
    """Answers the requests of a single account."""

    def __init__(self, store: Store, username: str, password: str) -> None:
        self.store = store
        self.log: list[LoggedRequest] = []
        self.token = uuid.uuid4().hex
        self._account = (username, password)
        #: The projects that a request updated.
        self.started_updates: list[int] = []

    # --- Requests

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        """The status and the body. Raises Refused."""
        parts = path.removeprefix(ROOT).strip("/").split("/")
        self._authorize(parts)
        if parts[0] == "ping":
            return 200, {"version": "24.6.1", "active_node": "standin"}
        if parts[0] in UNIONS and method == "GET":
            return 200, self._page(path, self.store.find(parts[0], _conditions()))
        if parts[0] not in RESOURCES:
            raise Refused(404, {"detail": "Not found."})
        return self._of_resource(method, path, RESOURCES[parts[0]], parts[1:])

    def _of_resource(self, method: str, path: str, resource: Resource, rest: list[str]) -> tuple[int, Any]:
        if not rest:
            if method == "GET":
                return 200, self._page(path, self.store.find(resource.path, _conditions()))
            if method == "POST" and resource is not APPROVALS:
                return 201, self.create(resource, _body())
        elif len(rest) == 1 and rest[0].isdecimal():
            values = self.store.get(resource.path, int(rest[0]))
            if method == "GET":
                return 200, self.render(resource, values)
            if method == "PATCH":
                return 200, self._change(resource, values, _body())
            if method == "DELETE":
                return self._remove(resource, values)
        elif len(rest) == 2 and rest[0].isdecimal():
            return self._below(method, path, resource, self.store.get(resource.path, int(rest[0])), rest[1])
        raise Refused(404 if rest else 405, {"detail": f"{method} is not supported for {path}."})

    def _below(self, method: str, path: str, resource: Resource, values: Values, name: str) -> tuple[int, Any]:
        if name == "survey_spec" and resource.has_survey:
            return self._survey(method, values)
        if name == "create_approval_template" and method == "POST" and resource.path == "workflow_job_template_nodes":
            approval = self.create(APPROVALS, _body())
            values["unified_job_template"] = approval["id"]
            return 201, approval
        if name == "update" and method == "POST" and resource.path == "projects":
            self.started_updates.append(values["id"])
            values["status"] = self.store.fetch(values)
            return 202, {"project_update": len(self.started_updates)}
        if resource.path == "teams" and name == "roles":
            return self._roles(method, values["id"])
        if name not in resource.associations:
            raise Refused(404, {"detail": "Not found."})
        other = resource.associations[name]
        if method == "GET":
            return 200, self._page(path, [self.store.get(other, one) for one in self.store.linked(values["id"], name)])
        self._associate(resource, values["id"], name, other, _body())
        return 204, None

    # --- Changes

    def create(self, resource: Resource, sent: Mapping[str, Any]) -> Values:
        """Create an object, and return it as AWX shows it. Raises Refused."""
        values = self.store.merge(resource, sent, None)
        if resource.path == "workflow_job_template_nodes" and not values["identifier"]:
            values["identifier"] = str(uuid.uuid4())
        apply_rules(self.store, resource.path, values, None, dict(sent))
        self.store.check_unique(resource, values)
        return self.render(resource, self.store.add(resource, values))

    def _change(self, resource: Resource, existing: Values, sent: Mapping[str, Any]) -> Values:
        values = self.store.merge(resource, sent, existing)
        apply_rules(self.store, resource.path, values, existing, dict(sent))
        self.store.check_unique(resource, values)
        existing.update(values)
        return self.render(resource, existing)

    def _associate(self, resource: Resource, parent: int, name: str, other: str, sent: Mapping[str, Any]) -> None:
        child = sent.get("id")
        if not isinstance(child, int) or child not in self.store.objects[other]:
            raise Refused(400, {"msg": f"{other} {child!r} does not exist."})
        linked = self.store.linked(parent, name)
        if "disassociate" in sent:
            linked[:] = [one for one in linked if one != child]
        elif child not in linked:
            check_association(self.store, resource.path, parent, name, child)
            linked.append(child)

    def _remove(self, resource: Resource, values: Values) -> tuple[int, Any]:
        """AWX refuses while jobs are active. It removes inventories later."""
        parts = [s["id"] for s in self.store.objects["inventory_sources"].values() if s["inventory"] == values["id"]]
        active = ("new", "pending", "waiting", "running")
        for job in self.store.objects["jobs"].values():
            if job["unified_job_template"] in (values["id"], *parts) and job["status"] in active:
                raise Refused(409, {"error": "Resource is being used by running jobs.", "active_jobs": [job["id"]]})
        if resource.path == "credential_types":
            used = [c for c in self.store.objects["credentials"].values() if c["credential_type"] == values["id"]]
            if used or values["managed"]:
                raise Refused(403, {"detail": "Credential types that are in use cannot be deleted"})
        self.store.remove(resource.path, values["id"])
        return 202 if resource.path == "inventories" else 204, None

    def _roles(self, method: str, team: int) -> tuple[int, Any]:
        """The roles of a team. The number of a role contains that of its object."""
        if method == "GET":
            return 200, {"count": 0, "next": None, "results": [{"id": one} for one in self.store.linked(team, "roles")]}
        self.store.linked(team, "roles").append(_body()["id"])
        return 204, None

    def _survey(self, method: str, values: Values) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.store.surveys.get(values["id"], {})
        self.store.surveys.pop(values["id"], None)
        if method == "POST":
            check_survey(_body())
            self.store.surveys[values["id"]] = _body()
        return 200, {}

    # --- Representation

    def render(self, resource: Resource, values: Values) -> Values:
        """An object as AWX shows it: with links and the names of related objects, and without secrets."""
        url = f"{ROOT}{resource.path}/{values['id']}/"
        related = {name: f"{url}{name}/" for name in resource.associations}
        related |= {"survey_spec": f"{url}survey_spec/"} if resource.has_survey else {}
        summaries: Values = {}
        for field in resource.fields:
            if is_relation(field) and values[field.name] is not None:
                path, target = self._target(field.kind, values[field.name])
                related[field.name] = f"{ROOT}{path}/{target['id']}/"
                summaries[field.name] = {key: target.get(key) for key in ("id", "name", "description")}
                if path == APPROVALS.path:
                    summaries[field.name] |= {"unified_job_type": "workflow_approval", "timeout": target["timeout"]}
        roles = {name: {"id": 1000 * values["id"] + number} for number, name in enumerate(resource.roles)}
        summaries |= {"object_roles": roles} if roles else {}
        if "credentials" in resource.associations and resource.template:
            summaries["credentials"] = [{"id": one} for one in self.store.linked(values["id"], "credentials")]
        if "labels" in resource.associations and resource not in (SCHEDULES, NODES):
            labels = self.store.linked(values["id"], "labels")
            shown = [{"id": one, "name": self.store.get("labels", one)["name"]} for one in labels[:_LABELS]]
            summaries["labels"] = {"count": len(labels), "results": shown}
        document = {**values, "type": resource.type, "url": url, "related": related, "summary_fields": summaries}
        if resource.path == "workflow_job_template_nodes":
            kinds = [f"{when}_nodes" for when in ("success", "failure", "always")]
            document |= {kind: list(self.store.linked(values["id"], kind)) for kind in kinds}
        if resource.path == "notification_templates":
            shown = values["notification_configuration"].items()
            document["notification_configuration"] = {
                k: ENCRYPTED if k in ("token", "password") else v for k, v in shown
            }
        if resource.path == "credentials":
            hidden = secret_inputs(self.store.get("credential_types", values["credential_type"])["inputs"])
            document["inputs"] = {k: ENCRYPTED if k in hidden else v for k, v in values["inputs"].items()}
        if resource.path == "projects":
            related["update"] = f"{url}update/"
        return document

    def _target(self, path: str, identifier: int) -> tuple[str, Values]:
        if path != "unified_job_templates":
            return path, self.store.get(path, identifier)
        for resource, values in self.store.templates():
            if values["id"] == identifier:
                return resource.path, values
        return APPROVALS.path, self.store.get(APPROVALS.path, identifier)

    def _page(self, path: str, found: list[Values]) -> Values:
        page = int(request.args.get("page", 1))
        size = min(int(request.args.get("page_size", _PAGE)), _LONGEST_PAGE)
        part = found[(page - 1) * size : page * size]
        more = f"{path}?page={page + 1}&page_size={size}" if page * size < len(found) else None
        results = [self._render_by_id(values["id"]) for values in part]
        return {"count": len(found), "next": more, "previous": None, "results": results}

    def _render_by_id(self, identifier: int) -> Values:
        for resource in RESOURCES.values():
            if identifier in self.store.objects[resource.path]:
                return self.render(resource, self.store.objects[resource.path][identifier])
        raise Refused(404, {"detail": "Not found."})

    # --- Accounts

    def _authorize(self, parts: list[str]) -> None:
        given = request.authorization
        if given is not None and given.type == "basic" and (given.username, given.password) == self._account:
            return
        if given is not None and given.type == "bearer" and given.token == self.token:
            return
        if parts[0] != "ping":
            raise Refused(401, {"detail": "Authentication credentials were not provided, or are invalid."})


def _conditions() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.args.items(multi=True) if name not in _CONTROL]


def _body() -> Any:
    sent = request.get_json(force=True, silent=True)
    if not isinstance(sent, dict):
        raise Refused(400, {"detail": "The body must be a JSON object."})
    return sent


def make_app(api: Api) -> Flask:
    """The Flask application that serves the API, and logs its requests."""
    app = Flask("tests.awx")

    def serve(rest: str) -> Response:
        path = f"/api/{rest}"
        try:
            status, document = (200, INDEX) if not rest else api.answer(request.method, path)
        except Refused as refused:
            status, document = refused.status, refused.body
        api.log.append(LoggedRequest(request.method, path, request.get_json(force=True, silent=True), status))
        text = "" if document is None else json.dumps(document)
        answer = Response(text, status, content_type="application/json")
        answer.headers["X-API-Product-Name"] = "AWX"
        answer.headers["X-API-Product-Version"] = "24.6.1"
        return answer

    app.add_url_rule("/api/", view_func=serve, defaults={"rest": ""})
    app.add_url_rule("/api/<path:rest>", view_func=serve, methods=["GET", "POST", "PATCH", "PUT", "DELETE"])
    return app

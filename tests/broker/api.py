"""The REST API: from a request to an answer in the broker's envelope.

Every request passes the same steps: fault rules, parameters, API version, maintenance, credentials, scopes, handler.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
import traceback
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, Request, Response, request

from . import auth, errors, params
from .calls import Call, Raw, Reply, parse_boolean
from .errors import Message
from .faults import Fault, Faults
from .operations import BrokerKilled, Operations
from .rendering import to_json
from .requestlog import LoggedRequest, RequestLog
from .routes import ROUTES, ApiRoute
from .ruby import leading_float
from .state import State

PREFIX = "/broker/rest"
VERSIONS = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7]
NEWEST = VERSIONS[-1]
_OLD_CLIENT_VERSION = 1.3
_STATUS_NAMES = {
    200: "ok",
    201: "created",
    301: "moved_permanently",
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    406: "not_acceptable",
    409: "conflict",
    410: "gone",
    422: "unprocessable_entity",
    500: "internal_server_error",
    503: "service_unavailable",
}
_JSON = "application/json; charset=utf-8"
_HTML = "text/html; charset=utf-8"

DROP = "broker.connection"
"""Key of the WSGI environment with the connection fault that the server must produce: drop, reset or truncate."""


@dataclass
class BrokerModel:
    """All parts of one embedded broker."""

    state: State = field(default_factory=State)
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)

    def __post_init__(self) -> None:
        self.operations = Operations(self.state, self.faults)


def add_routes(app: Flask, broker: BrokerModel) -> None:
    """Add the routes of the API to a Flask application."""
    for number, route in enumerate(ROUTES):
        for variant, path in enumerate(route.paths()):
            app.add_url_rule(
                PREFIX + path,
                f"{number}/{variant}",
                _view(broker, route),
                methods=[route.method],
                provide_automatic_options=False,
                strict_slashes=False,
            )
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
    app.add_url_rule(f"{PREFIX}/<path:_rest>", "unknown", _view(broker, None), methods=methods)


def _view(broker: BrokerModel, route: ApiRoute | None) -> Any:
    def view(**path_params: str) -> Response:
        return _Exchange(broker, route, request, path_params).run()

    return view


class _Exchange:
    """One request and its answer."""

    def __init__(
        self, broker: BrokerModel, route: ApiRoute | None, incoming: Request, path_params: dict[str, str]
    ) -> None:
        self._broker = broker
        self._route = route
        self._request = incoming
        self._path_params = path_params
        self._headers: dict[str, str] = {}
        self._version: float | None = None
        self._nolinks = False

    def run(self) -> Response:
        started = time.monotonic()
        body = self._body()
        logged = self._broker.log.add(self._logged_request(body))
        event = body.get("event")
        method, path = logged.method, logged.path
        fault = self._broker.faults.find(method, path, event if isinstance(event, str) else None)
        try:
            response = self._answer_with_fault(body, fault)
        finally:
            logged.seconds = round(time.monotonic() - started, 6)
        if DROP not in self._request.environ or self._request.environ[DROP] == "truncate":
            logged.status = response.status_code
        return response

    def _body(self) -> params.Params:
        try:
            return params.parse_body(self._request.content_type or "", self._request.get_data(cache=True))
        except params.BadBody:
            return {"_unreadable": True}

    def _logged_request(self, body: params.Params) -> LoggedRequest:
        authorization = self._request.headers.get("Authorization")
        login = auth.claimed_login(authorization, self._broker.state.tokens.get)
        path = self._request.full_path.rstrip("?") if self._request.query_string else self._request.path
        return LoggedRequest(self._request.method, path, login, params.mask_secrets(body) or None)

    # --- faults of the transport

    def _answer_with_fault(self, body: params.Params, fault: Fault | None) -> Response:
        if fault is None or fault.of_operation:
            return self._answer(body, fault)
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        response = self._answer(body, None) if fault.effect else Response()
        if fault.kind in ("drop_before", "drop_after", "reset", "truncate"):
            self._request.environ[DROP] = {"reset": "reset", "truncate": "truncate"}.get(fault.kind, "drop")
            return response
        if fault.kind == "status":
            return _error_page(fault.status)
        if fault.kind == "html":
            return Response("<!DOCTYPE html>\n<title>Sign in</title>\n<h1>Sign in</h1>\n", 200, content_type=_HTML)
        if fault.kind == "not_json":
            return Response("this is not JSON", 200, content_type=_JSON)
        return response

    # --- the steps of a request

    def _answer(self, body: params.Params, fault: Fault | None) -> Response:
        try:
            reply = self._reply(body, fault)
            return self._enveloped(reply.status, reply.messages, reply.type, reply.data)
        except errors.Refusal as refused:
            return self._enveloped(refused.status, refused.messages)
        except BrokerKilled:
            self._request.environ[DROP] = "drop"
            return Response()
        except errors.PlainRefusal as refused:
            return Response(refused.body, refused.status, {**self._headers, **refused.headers}, content_type=_HTML)
        except Exception:
            traceback.print_exc()
            reference = f"Reference ID: {secrets.token_hex(16)}"
            text = f"Unable to complete the requested operation due to: internal error\n{reference}"
            return self._enveloped(500, [Message("error", text, 1)])

    def _reply(self, body: params.Params, fault: Fault | None) -> Reply:
        route = self._route
        if route is None:
            raise errors.PlainRefusal(404, _error_html(404))
        if "_unreadable" in body:
            raise errors.PlainRefusal(400, _error_html(400))
        merged = {**params.parse_query(self._request.query_string.decode()), **body, **self._path_params}
        nolinks = _nolinks(merged)
        version, in_header = _requested_version(self._request)
        self._nolinks = nolinks or in_header
        self._version = version if version in VERSIONS else NEWEST
        if version not in VERSIONS:
            supported = ",".join(map(str, VERSIONS))
            text = f"Requested API version {version} is not supported. Supported versions are {supported}"
            raise errors.refusal(406, text)
        state = self._broker.state
        if state.settings.maintenance is not None and not route.always:
            raise errors.maintenance(state.settings.maintenance)
        if self._request.method == "GET" and state.settings.read_latency:
            time.sleep(state.settings.read_latency)
        return route.handler(self._call(route, merged, fault))

    def _call(self, route: ApiRoute, merged: params.Params, fault: Fault | None) -> Call:
        assert self._version is not None
        call = Call(
            self._broker.state,
            self._broker.operations,
            merged,
            self._version,
            self._request.host_url.rstrip("/") + PREFIX,
            self._nolinks,
            fault,
        )
        if not route.anyone:
            call.caller = self._identify(route)
        return call

    def _identify(self, route: ApiRoute) -> auth.Identity:
        headers = self._request.headers
        state = self._broker.state
        identity = auth.identify(state, headers.get("Authorization"), headers.get("X-Impersonate-User"))
        self._headers["X-OpenShift-Identity"] = identity.user.login
        self._headers["X-OpenShift-Identity-Id"] = identity.user.id
        self._headers["X-OAuth-Scopes"] = identity.scope_text
        method = self._request.method
        if not any(scope.allows_action(method, route.controller, route.action) for scope in identity.scopes):
            raise errors.action_not_allowed()
        return identity

    # --- the envelope

    def _enveloped(self, status: int, messages: list[Message], kind: str | None = None, data: Any = None) -> Response:
        if status == 204:
            return Response(status=204, headers=self._headers)
        body = _envelope(status, messages, kind, data, self._version)
        headers = dict(self._headers)
        if status in (200, 201):
            headers["ETag"] = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
            headers["Cache-Control"] = "must-revalidate, private, max-age=0"
        else:
            headers["Cache-Control"] = "no-cache"
        return Response(body, status, headers, content_type=_JSON)


def _envelope(status: int, messages: list[Message], kind: str | None, data: Any, version: float | None) -> bytes:
    documents = [message.document() for message in messages]
    if version is not None and version <= 1.5:
        for document in documents:
            if document["severity"] == "result":
                document["field"] = "result"
    rest = {
        "messages": documents,
        "status": _STATUS_NAMES[status],
        "supported_api_versions": VERSIONS,
        "type": kind,
        "version": "" if version is None else str(version),
    }
    content = data.json if isinstance(data, Raw) else to_json(data)
    head = b'{"api_version":' + json.dumps(version).encode() + b',"data":'
    return head + content + b"," + to_json(rest)[1:]


def _nolinks(merged: params.Params) -> bool:
    return parse_boolean(merged.get("nolinks"))


def _requested_version(incoming: Request) -> tuple[float, bool]:
    """Return the requested API version, and whether the Accept header asks for answers without links.

    Without a version, the newest version applies, except for clients whose user agent is rhc.
    """
    nolinks = False
    kinds = f"{incoming.headers.get('Accept', '')},{incoming.content_type or ''}"
    for kind in kinds.split(","):
        values = [value.strip() for value in kind.split(";")]
        nolinks = nolinks or "nolinks" in values
        for value in values:
            if value.lower().startswith("version"):
                _name, _equals, number = value.lower().partition("=")
                return leading_float(number), nolinks
    old = (incoming.headers.get("User-Agent") or "").startswith("rhc")
    return (_OLD_CLIENT_VERSION if old else NEWEST), nolinks


def _error_html(status: int) -> str:
    phrase = HTTPStatus(status).phrase
    return (
        f"<!DOCTYPE html>\n<html><head><title>{status} {phrase}</title></head><body><h1>{phrase}</h1></body></html>\n"
    )


def _error_page(status: int) -> Response:
    return Response(_error_html(status), status, content_type=_HTML)

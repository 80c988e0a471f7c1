"""The control interface beside the API: users, settings, faults, the request log and what is really held."""

from __future__ import annotations

import ipaddress
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from . import administration, faults, inspection
from .administration import BadControl
from .api import Broker


def add_control(app: Flask, broker: Broker) -> None:
    """The control routes on a Flask application; they answer to this machine only."""
    control = Blueprint("control", __name__, url_prefix="/__control")
    actions = _Actions(broker)
    control.before_request(_only_here)
    control.add_url_rule("/users", view_func=actions.users, methods=["POST"])
    control.add_url_rule("/settings", view_func=actions.settings, methods=["POST"])
    control.add_url_rule("/faults", view_func=actions.faults, methods=["POST"])
    control.add_url_rule("/requests", view_func=actions.requests, methods=["GET"])
    control.add_url_rule("/requests", view_func=actions.clear_requests, methods=["DELETE"])
    control.add_url_rule("/reset", view_func=actions.reset, methods=["POST"])
    control.add_url_rule("/state", view_func=actions.state, methods=["GET"])
    control.register_error_handler(BadControl, _bad)
    control.register_error_handler(faults.BadFault, _bad)
    app.register_blueprint(control)


class _Actions:
    """What each route does."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def users(self) -> Response:
        administration.set_users(self._broker.state, _body())
        return _done()

    def settings(self) -> Response:
        return jsonify(administration.change_settings(self._broker.state, _body()))

    def faults(self) -> Response:
        self._broker.faults.replace(faults.parse(_body()))
        return _done()

    def requests(self) -> Response:
        return jsonify(self._broker.log.documents())

    def clear_requests(self) -> Response:
        self._broker.log.clear()
        return _done()

    def reset(self) -> Response:
        administration.reset_all(self._broker)
        return _done()

    def state(self) -> Response:
        return jsonify(inspection.state_document(self._broker.state))


def _body() -> Any:
    return request.get_json(force=True, silent=True)


def _done() -> Response:
    return jsonify({"ok": True})


def _only_here() -> tuple[Response, int] | None:
    if ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback:
        return None
    return jsonify({"error": "control requests are taken from this machine only"}), 403


def _bad(error: Exception) -> tuple[Response, int]:
    return jsonify({"error": str(error)}), 400

"""The control interface beside the API: users, settings, faults, the request log and the state of the broker."""

from __future__ import annotations

import ipaddress
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from . import administration, faults, inspection, node_administration
from .administration import BadControl
from .api import BrokerModel


def add_control(app: Flask, broker: BrokerModel) -> None:
    """Add the control routes to a Flask application. They accept requests from this machine only."""
    control = Blueprint("control", __name__, url_prefix="/__control")
    actions = _Actions(broker)
    control.before_request(_refuse_remote)
    control.add_url_rule("/users", view_func=actions.users, methods=["POST"])
    control.add_url_rule("/settings", view_func=actions.settings, methods=["POST"])
    control.add_url_rule("/faults", view_func=actions.faults, methods=["POST"])
    control.add_url_rule("/gears", view_func=actions.gears, methods=["POST"])
    control.add_url_rule("/nodes", view_func=actions.nodes, methods=["POST"])
    control.add_url_rule("/requests", view_func=actions.requests, methods=["GET"])
    control.add_url_rule("/requests", view_func=actions.clear_requests, methods=["DELETE"])
    control.add_url_rule("/reset", view_func=actions.reset, methods=["POST"])
    control.add_url_rule("/state", view_func=actions.state, methods=["GET"])
    control.register_error_handler(BadControl, _bad_request)
    control.register_error_handler(faults.BadFault, _bad_request)
    app.register_blueprint(control)


class _Actions:
    """The handlers of the routes."""

    def __init__(self, broker: BrokerModel) -> None:
        self._broker = broker

    def users(self) -> Response:
        administration.set_users(self._broker.state, _body())
        return _success()

    def settings(self) -> Response:
        return jsonify(administration.change_settings(self._broker.state, _body()))

    def faults(self) -> Response:
        self._broker.faults.replace(faults.parse(_body()))
        return _success()

    def gears(self) -> Response:
        return jsonify(node_administration.control_gear(self._broker.state, self._broker.operations, _body()))

    def nodes(self) -> Response:
        node_administration.control_node(self._broker.state, _body())
        return _success()

    def requests(self) -> Response:
        return jsonify(self._broker.log.documents())

    def clear_requests(self) -> Response:
        self._broker.log.clear()
        return _success()

    def reset(self) -> Response:
        administration.reset_all(self._broker)
        return _success()

    def state(self) -> Response:
        return jsonify(inspection.state_document(self._broker.state))


def _body() -> Any:
    return request.get_json(force=True, silent=True)


def _success() -> Response:
    return jsonify({"ok": True})


def _refuse_remote() -> tuple[Response, int] | None:
    if ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback:
        return None
    return jsonify({"error": "control requests are accepted from this machine only"}), 403


def _bad_request(error: Exception) -> tuple[Response, int]:
    return jsonify({"error": str(error)}), 400

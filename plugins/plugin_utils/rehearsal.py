# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at an application that there is not, at a broker that there is not: what is slow at a first time is then done.

Ansible forks a process for every host, and each would go through ``requests`` and all that is below it for its first
time: caches to fill, bytecode to specialize, and the memory that this touches to copy. What the parent has been
through once, all inherit. No network takes part.
"""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils.broker import Broker, Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils.model import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils.options import SPECS, wanted_from
from ansible_collections.openshift_v2.apps.plugins.module_utils.results import Result, foretold, result_of
from ansible_collections.openshift_v2.apps.plugins.module_utils.survey import survey

try:
    from requests import Session
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection
    from urllib3.connectionpool import HTTPConnectionPool
except ImportError:
    if not TYPE_CHECKING:
        # Only so that this file can be read without requests: who has not got it does not rehearse.
        HTTPAdapter = HTTPConnection = HTTPConnectionPool = Session = object

REF = AppRef("rehearsal", "rehearsal")


def _cartridge(name: str, tag: str) -> dict[str, Any]:
    return {"name": name, "tags": [tag], "current_scale": 2, "scales_from": 2, "scales_to": -1, "collocated_with": []}


_APPLICATION = {
    "id": "0" * 24,
    "name": REF.name,
    "domain_id": REF.domain,
    "ha": True,
    "scalable": True,
    "gear_count": 2,
    "framework": "php-5.4",
    "members": [{"login": "owner", "owner": True, "role": "admin", "type": "user"}],
    "cartridges": [_cartridge("php-5.4", "web_framework"), _cartridge("haproxy-1.4", "web_proxy")],
}
_BODY = json.dumps({"status": "ok", "messages": [], "data": _APPLICATION}).encode("ascii")
_HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(_BODY)}\r\n\r\n".encode("ascii")


def rehearse() -> Result:
    """Look once at an application that is highly available, from the options to the result, which is returned."""
    options = {"domain": REF.domain, "name": REF.name}
    params = ArgumentSpecValidator(**SPECS["openshift_app_ha"]()).validate(options).validated_parameters
    broker = _NoBroker(Connection("http://rehearsal.invalid/broker/rest", username="nobody", password="none"))
    try:
        return result_of(foretold(survey(broker, REF, wanted_from(params))))
    finally:
        broker.close()


class _NoBroker(Broker):
    def _new_session(self) -> Session:
        session = super()._new_session()
        # No proxy of the environment either.
        session.trust_env = False
        session.mount("http://", _Adapter())
        return session


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool}


class _Connection(HTTPConnection):
    """To nobody: the answer is there before the request."""

    def connect(self) -> None:
        self.sock, self._other_end = socket.socketpair()
        self._other_end.sendall(_HEAD + _BODY)

    def close(self) -> None:
        super().close()
        self._other_end.close()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection

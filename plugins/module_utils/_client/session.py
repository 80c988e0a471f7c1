# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the sessions of ``requests``: credentials, certificates, ciphers and proxies."""

from __future__ import annotations

import base64
import ssl
import traceback
from typing import TYPE_CHECKING, Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection

try:
    import requests
    import urllib3
    from requests import Session
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase
    from urllib3.util.ssl_ import create_urllib3_context
except ImportError:
    HAS_REQUESTS = False
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
    if not TYPE_CHECKING:
        # These names only make the module importable without requests. Nothing uses them then.
        AuthBase = HTTPAdapter = Session = object
else:
    HAS_REQUESTS = True
    REQUESTS_IMPORT_ERROR = None


def new_session(connection: Connection) -> requests.Session:
    """A session with the credentials, the certificates and the ciphers of the connection."""
    session = _Session()
    if connection.verify is False:
        # The user set validate_certs: false. Not at import: Ansible resets the filters after it loads a plugin.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    session.mount("https://", _Adapter(connection.ciphers, verify=connection.verify is not False))
    session.auth = _Login(connection)
    session.headers["User-Agent"] = "openshift_v2.apps"
    if connection.impersonate_user:
        session.headers["X-Impersonate-User"] = connection.impersonate_user
    if connection.client_cert and connection.client_key:
        session.cert = (connection.client_cert, connection.client_key)
    elif connection.client_cert:
        session.cert = connection.client_cert
    return session


class _Session(Session):
    """A session that ignores redirects. ``requests`` would parse their addresses even without following them."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None


class _Login(AuthBase):
    """Basic or Bearer authentication. Without it, ``requests`` would prefer ~/.netrc to our header."""

    def __init__(self, connection: Connection) -> None:
        self._scheme = ""
        self._secret = b""
        if connection.token:
            self._scheme, self._secret = "Bearer", connection.token.encode("utf-8")
        elif connection.username is not None:
            pair = f"{connection.username}:{connection.password or ''}"
            self._scheme, self._secret = "Basic", base64.b64encode(pair.encode("utf-8"))

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._scheme:
            request.headers["Authorization"] = f"{self._scheme} {self._secret.decode('ascii')}"
        return request


class _Adapter(HTTPAdapter):
    """HTTPS with the configured ciphers: old brokers need some that a new OpenSSL does not offer by default."""

    def __init__(self, ciphers: str | None, verify: bool) -> None:
        self._ciphers = ciphers
        self._cert_reqs = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
        if self._ciphers:
            kwargs["ssl_context"] = create_urllib3_context(ciphers=self._ciphers, cert_reqs=self._cert_reqs)
        return super().init_poolmanager(*args, **kwargs)

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the sessions of ``requests``: credentials, TLS contexts and proxies."""

from __future__ import annotations

import base64
import os
import traceback
from typing import TYPE_CHECKING, Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.proxies import check_proxy
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.sockets import GuardedAdapter
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.tls import Contexts

try:
    import requests
    import urllib3
    from requests import Session
    from requests.auth import AuthBase
    from requests.utils import select_proxy
except ImportError:
    HAS_REQUESTS = False
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
    if not TYPE_CHECKING:
        # These names only make the module importable without requests. Nothing uses them then.
        AuthBase = Session = object
else:
    HAS_REQUESTS = True
    REQUESTS_IMPORT_ERROR = None


def new_session(connection: Connection, contexts: Contexts) -> requests.Session:
    """A session with the credentials of the connection. It has no certificates: the TLS contexts contain them."""
    session = _Session()
    if connection.verify is False:
        # The user set validate_certs: false. Not at import: Ansible resets the filters after it loads a plugin.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    for scheme in ("https", "http"):
        session.mount(f"{scheme}://", _Adapter(contexts, scheme))
    session.auth = _Login(connection)
    session.headers["User-Agent"] = "openshift_v2.apps"
    if connection.impersonate_user:
        session.headers["X-Impersonate-User"] = connection.impersonate_user
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


class _Adapter(GuardedAdapter):
    """HTTP and HTTPS with our own TLS contexts, for direct connections and through proxies.

    ``requests`` has no settings for ciphers and versions, and trusts only one source of authorities.
    """

    def __init__(self, contexts: Contexts, scheme: str) -> None:
        self._contexts = contexts
        self._scheme = scheme
        self._has_context = False
        super().__init__()

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Raises ``SettingError`` for unusable settings of TLS or the proxy, before anything is sent."""
        if proxy := select_proxy(request.url, kwargs.get("proxies")):
            check_proxy(proxy, request.url, os.environ)
        elif self._scheme == "https" and not self._has_context:
            self.poolmanager.connection_pool_kw["ssl_context"] = self._contexts.broker
            self._has_context = True
        return super().send(request, *args, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if proxy not in self.proxy_manager:
            is_https_proxy = proxy.lower().startswith("https:")
            if is_https_proxy:
                kwargs["proxy_ssl_context"] = self._contexts.proxy
            if self._scheme == "https":
                kwargs["ssl_context"] = self._contexts.broker
            elif is_https_proxy:
                # For a broker without TLS, urllib3 uses this context for the proxy.
                kwargs["ssl_context"] = self._contexts.proxy
        return super().proxy_manager_for(proxy, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the contexts verify. The method of ``requests`` would add its own authorities to them."""

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """The address only. The settings of TLS are in the contexts."""
        address, _settings = super().build_connection_pool_key_attributes(request, verify, cert)
        return address, {}

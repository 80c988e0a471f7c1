# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP with the broker: the only module that uses ``requests``.

``Transport`` retries reads a few times. It sends each write exactly once, over a connection of its own. The class of an
error states whether the request may have taken effect (see _core/errors.py).
"""

from __future__ import annotations

import base64
import logging
import random
import socket
import ssl
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import REST_PATH, Answer, extract_data
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.redaction import Redactor, build_redactor
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Unanswered,
    Unreachable,
    UnsupportedApi,
    Untrusted,
    WrongProtocol,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze

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

NEWEST_API = "1.7"
#: The API versions that support ``ha``, newest first.
USABLE_APIS = (NEWEST_API, "1.6")
READ_TRIES = 3
#: Seconds before the second try of a read; doubled before the third, with jitter.
READ_BACKOFF = 0.5
#: OpenSSL's names for an answer that is not TLS; they depend on its version.
NOT_TLS_REASONS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
#: True while this thread exchanges data with the broker.
_IN_EXCHANGE: ContextVar[bool] = ContextVar("in_exchange", default=False)


def _may_log(_record: logging.LogRecord) -> bool:
    """Whether urllib3 may log. During an exchange it must not: it quotes headers that it cannot parse."""
    return not _IN_EXCHANGE.get()


for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.response"):
    logging.getLogger(_name).addFilter(_may_log)


@dataclass(frozen=True)
class Connection:
    """The broker's address, credentials and settings. Times are in seconds; ``verify`` is as in ``requests``."""

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    verify: bool | str = True
    client_cert: str | None = None
    client_key: str | None = None
    ciphers: str | None = None
    impersonate_user: str | None = None
    http_timeout: float = 30.0
    operation_timeout: float = 300.0

    @property
    def address(self) -> str:
        """The broker's address as ``broker_url`` accepts it."""
        return self.url[: -len(REST_PATH)] if self.url.endswith(REST_PATH) else self.url

    @property
    def account(self) -> str:
        """The account that requests act as, for messages. Contains no secrets."""
        login = self.username or ("the account of the token" if self.token else "the account of the client certificate")
        return f"{login} for {self.impersonate_user}" if self.impersonate_user else login


class Transport:
    """Reads from and writes to one broker as one account. Threads must not share it: each needs its own ``clone``.

    Every failure is a ``BrokerError`` with the broker's address and the account. ``may_write`` is called before every
    write; it raises an exception to prevent the write.
    """

    def __init__(
        self, connection: Connection, may_write: Callable[[], None], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._connection = connection
        self._may_write = may_write
        self._sleep = sleep
        self._api = NEWEST_API
        #: The login that the broker reported, after the first answer.
        self.identity: str | None = None
        #: Whether any HTTP answer has arrived.
        self._answered = False
        self._login = _Login(connection)
        self.redactor = build_redactor(connection.username, connection.password, connection.token, getproxies())
        self._session = self._new_session()

    def clone(self) -> Transport:
        """The same broker and account over separate connections, for another thread."""
        twin = Transport(self._connection, self._may_write, self._sleep)
        twin._api = self._api
        twin._answered = self._answered
        # Shared, because the redactor caches what it computes from the secrets.
        twin.redactor = self.redactor
        return twin

    def close(self) -> None:
        self._session.close()

    def sign(self, error: BrokerError) -> BrokerError:
        """Add the broker's address and the account to ``error``, and return it."""
        error.address, error.account = self._connection.address, self._connection.account
        return error

    def read(self, path: str) -> Any:
        """Send a ``GET`` and return ``data`` of the answer. Retry if there was no usable answer."""
        for attempt in range(READ_TRIES - 1):
            try:
                return self._get(path)
            except Untrusted:
                raise
            except (Unreachable, Unanswered):
                self._sleep(READ_BACKOFF * 2**attempt * random.uniform(0.5, 1.5))
        return self._get(path)

    def write(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """Send a write once, over a new connection.

        The server may already have closed a connection that was kept open. Then it would be unknown whether the server
        has read the write.
        """
        self._may_write()
        session = self._new_session()
        try:
            self._request(session, method, path, body, self._connection.operation_timeout)
        finally:
            session.close()

    def _get(self, path: str) -> Any:
        try:
            return self._request(self._session, "GET", path, None, self._connection.http_timeout)
        except UnsupportedApi as error:
            # An older broker lists its versions. Version 1.6 supports HA, too.
            usable = [version for version in USABLE_APIS if version in error.offered and version != self._api]
            if not usable:
                raise
            self._api = usable[0]
        return self._request(self._session, "GET", path, None, self._connection.http_timeout)

    def _request(
        self, session: requests.Session, method: str, path: str, body: Mapping[str, object] | None, timeout: float
    ) -> Any:
        try:
            return extract_data(self._exchange(session, method, path, body, timeout), self.redactor)
        except BrokerError as error:
            self.sign(error)
            raise

    def _exchange(
        self, session: requests.Session, method: str, path: str, body: Mapping[str, object] | None, timeout: float
    ) -> Answer:
        # A read precedes every write, so a failed write is never caused by a wrong protocol.
        first = method == "GET" and not self._answered
        with _transport_errors(timeout, first, self.redactor):
            response = session.request(
                method,
                self._connection.url + path,
                json=body,
                headers={"Accept": f"application/json; version={self._api}"},
                timeout=(self._connection.http_timeout, timeout),
                allow_redirects=False,
                verify=self._connection.verify,
            )
        self._answered = True
        self.identity = response.headers.get("X-OpenShift-Identity") or self.identity
        return Answer(response.status_code, response.headers.get("Location"), response.content)

    def _new_session(self) -> requests.Session:
        connection = self._connection
        session = _Session()
        if connection.verify is False:
            # The user set validate_certs: false. Not at import: Ansible resets the filters after it loads a plugin.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        session.mount("https://", _Adapter(connection.ciphers, verify=connection.verify is not False))
        session.auth = self._login
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


# --- Errors ----------------------------------------------------------------------------------------------------------


@contextmanager
def _transport_errors(timeout: float, first: bool, redactor: Redactor) -> Iterator[None]:
    """Translate the exceptions of the libraries to the ``BrokerError`` that states whether the request was sent.

    ``first``: the server has never answered. The original exceptions are not kept as causes, because they quote what
    was received, and Ansible shows causes.
    """
    in_exchange = _IN_EXCHANGE.set(True)
    try:
        yield
    except requests.exceptions.ConnectTimeout:
        raise Unreachable("the connection to the broker timed out") from None
    except requests.exceptions.Timeout:
        raise Unanswered(f"the broker did not answer within {timeout:g} s") from None
    except requests.exceptions.ConnectionError as error:
        raise _translate(error, first, redactor) from None
    except requests.exceptions.RequestException:
        raise Unanswered("the broker's answer is incomplete or unreadable") from None
    except ValueError:
        # Not quoted: it may contain what was sent.
        raise Unanswered("the broker's answer is unreadable") from None
    except (OSError, urllib3.exceptions.HTTPError) as error:
        # requests does not wrap all of them, for example when a certificate file does not exist.
        raise Unreachable(f"cannot connect to the broker: {_describe(error, redactor)}") from None
    finally:
        _IN_EXCHANGE.reset(in_exchange)


def _translate(error: requests.exceptions.ConnectionError, first: bool, redactor: Redactor) -> BrokerError:
    causes = list(_unwrap(error))
    distrust = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if distrust:
        reason = squeeze(redactor.clean(distrust.verify_message))
        return Untrusted(f"the broker's certificate is not trusted: {reason} (see ca_path and validate_certs)")
    reason = _describe(causes[-1], redactor)
    # ProxyError is not one of these: it also stands for a connection that broke after the request was sent.
    nothing_sent = (urllib3.exceptions.NewConnectionError, socket.gaierror)
    if any(isinstance(cause, nothing_sent) for cause in causes):
        return Unreachable(f"cannot connect to the broker: {reason}")
    if isinstance(error, requests.exceptions.SSLError):
        if first and any(getattr(cause, "reason", None) in NOT_TLS_REASONS for cause in causes):
            return WrongProtocol(f"the server does not speak TLS on this port: {reason}")
        # The error does not show whether TLS failed before or after the request was sent.
        return Unanswered(f"TLS with the broker failed: {reason} (see ciphers and client_cert)")
    text = f"the connection broke before the broker answered: {reason}"
    behind_proxy = isinstance(error, requests.exceptions.ProxyError)
    return WrongProtocol(text) if first and not behind_proxy else Unanswered(text)


def _unwrap(error: BaseException) -> Iterator[BaseException]:
    """The error and all the errors that it wraps, outermost first."""
    visited: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in visited:
        visited.add(id(current))
        yield current
        inner = [getattr(current, "reason", None), *current.args, current.__cause__, current.__context__]
        current = next((item for item in inner if isinstance(item, BaseException)), None)


def _describe(error: BaseException, redactor: Redactor) -> str:
    """The text of the operating system or of OpenSSL; for any other error only its class.

    Other errors quote what the server sent, or the address of a proxy with its password.
    """
    if isinstance(error, OSError):
        text = error.strerror or str(error)
        return squeeze(redactor.clean(str(text))).rstrip(".") or type(error).__name__
    return type(error).__name__

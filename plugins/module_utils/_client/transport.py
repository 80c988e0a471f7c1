# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP with the broker: what is sent, how often, and what the answer is.

``Transport`` retries reads a few times. It sends each write exactly once, over a connection of its own. The class of an
error states whether the request may have taken effect (see _core/errors.py).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.body import ACCEPTED, receive
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import Answer, Convert, extract_data
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.exchange import (
    Cutoff,
    Exchange,
    Limits,
    in_progress,
    never,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.failures import transport_errors
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.redaction import build_redactor
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.session import new_session
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.tls import Contexts
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import TokenScopes
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    TooLarge,
    Unanswered,
    Unreachable,
    UnsupportedApi,
    Untrusted,
)

if TYPE_CHECKING:
    import requests

NEWEST_API = "1.7"
#: The API versions that support ``ha``, newest first.
USABLE_APIS = (NEWEST_API, "1.6")
READ_TRIES = 3
#: Seconds before the second try of a read; doubled before the third, with jitter.
READ_BACKOFF = 0.5


class Transport:
    """Reads from and writes to one broker as one account. Threads must not share it: each needs its own ``clone``.

    Every failure is a ``BrokerError`` with the broker's address and the account. ``may_write`` is called before every
    write; it raises an exception to prevent the write. ``cutoff`` returns when an interruption ends a request.
    """

    def __init__(
        self,
        connection: Connection,
        may_write: Callable[[], None],
        sleep: Callable[[float], None] = time.sleep,
        cutoff: Cutoff = never,
        contexts: Contexts | None = None,
    ) -> None:
        self._connection = connection
        self._may_write = may_write
        self._sleep = sleep
        self._cutoff = cutoff
        self._api = NEWEST_API
        #: The login that the broker reported, after the first answer.
        self.identity: str | None = None
        #: What the token may do, as the last answer showed.
        self.scopes: TokenScopes | None = None
        #: Whether any HTTP answer has arrived.
        self._answered = False
        self.redactor = build_redactor(connection.username, connection.password, connection.token, getproxies())
        self._contexts = contexts or Contexts(connection)
        self._session = new_session(connection, self._contexts)

    def clone(self) -> Transport:
        """The same broker and account over separate connections, for another thread."""
        twin = Transport(self._connection, self._may_write, self._sleep, self._cutoff, self._contexts)
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

    def read(self, path: str, convert: Convert | None = None) -> Any:
        """Send a ``GET`` and return ``data`` of the answer. Retry if there was no usable answer.

        ``convert``: see ``extract_data``.
        """
        for attempt in range(READ_TRIES - 1):
            try:
                return self._get(path, convert)
            except (Untrusted, TooLarge):
                raise
            except (Unreachable, Unanswered):
                self._sleep(READ_BACKOFF * 2**attempt * random.uniform(0.5, 1.5))
        return self._get(path, convert)

    def write(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """Send a write once, over a new connection.

        The server may already have closed a connection that was kept open. Then it would be unknown whether the server
        has read the write.
        """
        self._may_write()
        session = new_session(self._connection, self._contexts)
        try:
            self._request(session, method, path, body, self._connection.operation_timeout)
        finally:
            session.close()

    def _get(self, path: str, convert: Convert | None) -> Any:
        try:
            return self._request(self._session, "GET", path, None, self._connection.http_timeout, convert)
        except UnsupportedApi as error:
            # An older broker lists its versions. Version 1.6 supports HA, too.
            usable = [version for version in USABLE_APIS if version in error.offered and version != self._api]
            if not usable:
                raise
            self._api = usable[0]
        return self._request(self._session, "GET", path, None, self._connection.http_timeout, convert)

    def _request(
        self,
        session: requests.Session,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        timeout: float,
        convert: Convert | None = None,
    ) -> Any:
        try:
            return extract_data(self._exchange(session, method, path, body, timeout), self.redactor, convert)
        except BrokerError as error:
            self.sign(error)
            raise
        except RecursionError:
            raise self.sign(Unanswered("the broker's answer is nested too deeply")) from None
        except MemoryError:
            raise self.sign(TooLarge("the answer does not fit into the memory of the process")) from None

    def _exchange(
        self, session: requests.Session, method: str, path: str, body: Mapping[str, object] | None, timeout: float
    ) -> Answer:
        is_write = method != "GET"
        # A read precedes every write, so a failed write is never caused by a wrong protocol.
        first = not is_write and not self._answered
        limits = Limits(timeout, self._connection.http_timeout)
        exchange = Exchange(limits, is_write, self._cutoff, self._may_write)
        with in_progress(exchange), transport_errors(self._connection, timeout, first, self.redactor):
            response = session.request(
                method,
                self._connection.url + path,
                json=body,
                headers={"Accept": f"application/json; version={self._api}", "Accept-Encoding": ACCEPTED},
                timeout=(self._connection.http_timeout, timeout),
                allow_redirects=False,
                stream=True,
            )
            self._answered = True
            try:
                content = receive(response, self._connection.max_response_size, exchange)
            finally:
                response.close()
        self.identity = response.headers.get("X-OpenShift-Identity") or self.identity
        self.scopes = TokenScopes.from_header(response.headers.get("X-OAuth-Scopes")) or self.scopes
        return Answer(response.status_code, response.headers.get("Location"), content)

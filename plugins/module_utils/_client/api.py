# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The broker's REST API: the only place that knows HTTP.

Reads are tried again a few times; each call of a writing method sends exactly once, over a connection of its own, and
whatever is doubtful about the answer is told by the kind of error (see errors.py). What the broker answers to what is
described in the collection's docs/broker.md.
"""

from __future__ import annotations

import base64
import logging
import random
import socket
import ssl
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from urllib.request import getproxies

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import REST_PATH, Answer, data_of
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.redaction import WITHHELD, Redactor, redactor_of
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Account, Caller, Domain
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    Refused,
    Unanswered,
    Unreachable,
    UnsupportedApi,
    Untrusted,
    WrongProtocol,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Gear, gears_from_json
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Request
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
        # Only so that this file can be read without requests; nothing of it is used then.
        AuthBase = HTTPAdapter = Session = object
else:
    HAS_REQUESTS = True
    REQUESTS_IMPORT_ERROR = None

NEWEST_API = "1.7"
#: Versions that know ``ha``, best first.
USABLE_APIS = (NEWEST_API, "1.6")
READ_TRIES = 3
#: The exit code of a scaling that the limits do not allow.
LIMITS_EXIT_CODE = 168
#: OpenSSL's reasons for an answer that is no TLS, by its versions.
NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
#: Seconds before the second try of a read; doubled for the next, with jitter.
READ_BACKOFF = 0.5
#: Whether this thread is in an exchange with the broker.
_QUIET: ContextVar[bool] = ContextVar("quiet", default=False)


def _may_log(_record: logging.LogRecord) -> bool:
    """Whether urllib3 may log, which ends up in Ansible's log: it quotes headers that it cannot parse."""
    return not _QUIET.get()


for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.response"):
    logging.getLogger(_name).addFilter(_may_log)


@dataclass(frozen=True)
class Connection:
    """Where the broker is and how to speak to it. Times in seconds; ``verify`` as ``requests`` takes it."""

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
        """Where the broker is, in a form that ``broker_url`` takes."""
        return self.url[: -len(REST_PATH)] if self.url.endswith(REST_PATH) else self.url

    @property
    def account(self) -> str:
        """As whom the broker is asked, for people: no secrets."""
        who = self.username or ("the account of the token" if self.token else "the account of the client certificate")
        return f"{who} for {self.impersonate_user}" if self.impersonate_user else who


class Broker:
    """One broker, seen as one account. Not shared between threads: ``clone`` gives each its own.

    Every method raises a ``BrokerError`` of the kind that fits; the texts are the broker's own words.
    ``may_write`` is asked right before every write and raises to prevent it.
    """

    def __init__(
        self,
        connection: Connection,
        may_write: Callable[[], None] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = connection
        self._may_write = may_write
        self._sleep = sleep
        self._api = NEWEST_API
        #: The login that the broker took us for, once it has answered.
        self.identity: str | None = None
        #: Whether HTTP has ever come back, whatever it said.
        self._answered = False
        self._login = _Login(connection)
        self._redactor = redactor_of(connection.username, connection.password, connection.token, getproxies())
        self._session = self._new_session()

    def clone(self) -> Broker:
        """The same broker over connections of its own, for another thread."""
        twin = Broker(self._connection, self._may_write, self._sleep)
        twin._api = self._api
        twin._answered = self._answered
        # What it has worked out about the secrets holds for all.
        twin._redactor = self._redactor
        return twin

    def close(self) -> None:
        self._session.close()

    def signed(self, error: BrokerError) -> BrokerError:
        """``error``, telling which broker was asked, and as whom."""
        error.address, error.account = self._connection.address, self._connection.account
        return error

    # --- Reads

    def application(self, ref: AppRef) -> Application:
        """The application with its cartridges, without links: one ``GET``."""
        app = _application(self._read(f"{_path(ref)}?include=cartridges&nolinks=true"), self._redactor)
        if app.ref.key != ref.key:
            # A cache gone wrong, say: what is planned for one must never be sent to another.
            raise Unanswered(f"The answer is about another application: {self._redactor.clean(str(app.ref))}.")
        return app

    def applications(self, owned_only: bool = False, domain: str | None = None) -> tuple[Application | Unreadable, ...]:
        """Every application that the account can reach, with its cartridges: one ``GET``, sorted by name.

        ``owned_only`` limits it to the account's own, ``domain`` to one domain. One that cannot be read does not hide
        the others.
        """
        where = "/applications" if domain is None else f"/domain/{quote(domain, safe='')}/applications"
        owner = "&owner=%40self" if owned_only else ""
        data = self._read(f"{where}?include=cartridges&nolinks=true{owner}")
        return tuple(_application_or_not(entry, self._redactor) for entry in _entries(data, "applications"))

    def domains(self) -> tuple[Domain, ...]:
        """Every domain that the account can reach: one ``GET`` tells the room of all their owners."""
        return tuple(self._domain(entry) for entry in _entries(self._read("/domains?nolinks=true"), "domains"))

    def gears(self, ref: AppRef) -> tuple[Gear, ...]:
        """The application's gears with the endpoints of their HAProxy: one ``GET``."""
        gears = gears_from_json(self._read(f"{_path(ref)}/gear_groups?include=endpoints&nolinks=true"))
        for gear in gears:
            names = (gear.id, gear.state, *gear.cartridges, *(endpoint.address for endpoint in gear.endpoints))
            _refuse_echoes(self._redactor, "a gear", names)
        return gears

    def offers_ha(self, ref: AppRef) -> bool:
        """Whether the platform allows HA at all: an application's links then hold ``MAKE_HA``, whatever its state."""
        data = self._read(_path(ref))
        links = data.get("links") if isinstance(data, Mapping) else None
        return isinstance(links, Mapping) and "MAKE_HA" in links

    def domain(self, name: str) -> Domain:
        """The domain, with the gears that its owner may still use: one ``GET``."""
        return self._domain(self._read(f"/domain/{quote(name, safe='')}?nolinks=true"))

    def caller(self) -> Caller:
        """The account that the credentials (or ``impersonate_user``) stand for: one ``GET``."""
        caller = Caller.from_json(self._read("/user?nolinks=true"))
        _refuse_echoes(self._redactor, "the account", (caller.login,))
        return caller

    def account(self) -> Account:
        """The account that the credentials (or ``impersonate_user``) stand for, with all it may do: one ``GET``."""
        account = Account.from_json(self._read("/user?nolinks=true"))
        _refuse_echoes(self._redactor, "the account", (account.login,))
        return account

    def _domain(self, entry: Any) -> Domain:
        domain = Domain.from_json(entry)
        _refuse_echoes(self._redactor, "a domain", (domain.name, domain.owner))
        return domain

    # --- Writes

    def send(self, ref: AppRef, request: Request) -> None:
        """Send the write of a step, once."""
        self._write(request.method, f"{_path(ref)}{request.path}?nolinks=true", request.body)

    def make_ha(self, ref: AppRef) -> None:
        """Send the ``make-ha`` event. It answers success whether or not a second HAProxy came of it."""
        self._event(ref, {"event": "make-ha"})

    def disable_ha(self, ref: AppRef) -> None:
        """Send the ``disable-ha`` event."""
        self._event(ref, {"event": "disable-ha"})

    def scale_up(self, ref: AppRef, to: int | None = None, by: int | None = None) -> None:
        """Send the ``scale-up`` event: one web gear more, or ``by`` so many, or the difference ``to`` so many.

        The broker works the difference out when the event arrives, so it can be the wrong way round. Sent twice, each
        can be done twice.
        """
        self._event(ref, _given({"event": "scale-up", "to": to, "by": by}))

    def scale_down(self, ref: AppRef, to: int | None = None, by: int | None = None) -> None:
        """Send the ``scale-down`` event: one web gear less, ``by`` so many, or ``to`` so many. As ``scale_up``."""
        self._event(ref, _given({"event": "scale-down", "to": to, "by": by}))

    def set_limits(
        self, ref: AppRef, cartridge: str, min_gears: int | None = None, max_gears: int | None = None
    ) -> None:
        """Set a cartridge's minimum and maximum (-1: none); what is ``None`` stays. Sent twice, it does no more."""
        body = _given({"scales_from": min_gears, "scales_to": max_gears})
        self._write("PUT", f"{_path(ref)}/cartridge/{quote(cartridge, safe='')}?nolinks=true", body)

    def wait_for_lock(self, ref: AppRef) -> None:
        """Send ``scale-down`` by 0: it is answered once the operations before it have ended, and changes nothing.

        It holds no value that could overwrite another's (docs/broker.md, faults and concurrency), whenever it runs: the
        one write that may be sent again whatever became of it. Raises ``Busy`` also for a minimum that is being raised.
        """
        try:
            self._event(ref, {"event": "scale-down", "by": 0})
        except Refused as refused:
            if refused.exit_code != LIMITS_EXIT_CODE:
                raise
            busy = Busy(f"Its minimum is being raised: {refused.text}", refused.http_status, refused.exit_code)
            raise self.signed(busy) from refused

    def _event(self, ref: AppRef, body: Mapping[str, object]) -> None:
        self._write("POST", f"{_path(ref)}/events?nolinks=true", body)

    # --- Transport

    def _read(self, path: str) -> Any:
        """``data`` of the answer. Tries again where the answer may be better next time."""
        for again in range(READ_TRIES - 1):
            try:
                return self._get(path)
            except Untrusted:
                raise
            except (Unreachable, Unanswered):
                self._sleep(READ_BACKOFF * 2**again * random.uniform(0.5, 1.5))
        return self._get(path)

    def _get(self, path: str) -> Any:
        try:
            return self._ask(self._session, "GET", path, None, self._connection.http_timeout)
        except UnsupportedApi as error:
            # An older broker says which versions it has: 1.6 knows HA as well.
            usable = [version for version in USABLE_APIS if version in error.offered and version != self._api]
            if not usable:
                raise
            self._api = usable[0]
        return self._ask(self._session, "GET", path, None, self._connection.http_timeout)

    def _write(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """Send once. A fresh connection: one kept open may have been closed by the other side unnoticed,

        and then nobody can tell whether the write was read.
        """
        self._may_write()
        session = self._new_session()
        try:
            self._ask(session, method, path, body, self._connection.operation_timeout)
        finally:
            session.close()

    def _ask(
        self, session: requests.Session, method: str, path: str, body: Mapping[str, object] | None, timeout: float
    ) -> Any:
        try:
            return self._exchange(session, method, path, body, timeout)
        except BrokerError as error:
            self.signed(error)
            raise

    def _exchange(
        self, session: requests.Session, method: str, path: str, body: Mapping[str, object] | None, timeout: float
    ) -> Any:
        # Before a write there was a read, and that was answered: a write that breaks off is always plain doubt.
        first = method == "GET" and not self._answered
        with _transport_errors(timeout, first, self._redactor):
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
        answer = Answer(response.status_code, response.headers.get("Location"), response.content)
        # The broker, or something in front of it, may repeat our request.
        return data_of(answer, self._redactor)

    def _new_session(self) -> requests.Session:
        connection = self._connection
        session = _Session()
        if connection.verify is False:
            # Who sets validate_certs: false knows. Not at import: Ansible puts the filters back after loading a plugin.
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


def _given(body: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in body.items() if value is not None}


def _entries(data: Any, what: str) -> list[Any]:
    if not isinstance(data, list):
        raise Unanswered(f"The broker's answer holds no list of {what}.")
    return data


def _application_or_not(entry: Any, redactor: Redactor) -> Application | Unreadable:
    try:
        return _application(entry, redactor)
    except BrokerError as error:
        fields = entry if isinstance(entry, Mapping) else {}
        names = (str(fields.get(key) or "?") for key in ("domain_id", "name"))
        domain, name = (WITHHELD if redactor.is_held_by_name(each) else each for each in names)
        return Unreadable(AppRef(domain, name), error)


def _application(entry: Any, redactor: Redactor) -> Application:
    app = Application.from_json(entry)
    names = (app.domain, app.name, app.owner, app.id, *(cartridge.name for cartridge in app.cartridges))
    _refuse_echoes(redactor, "the application", names)
    return app


def _refuse_echoes(redactor: Redactor, what: str, names: Iterable[str | None]) -> None:
    """Raise ``Unanswered`` for names that repeat credentials: names end up in messages."""
    if any(redactor.is_held_by_name(name) for name in names):
        raise Unanswered(f"The broker's answer is not usable: a name of {what} repeats the credentials.")


class _Session(Session):
    """A session that takes no redirect for one: ``requests`` would parse the address even if it does not follow."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None


class _Login(AuthBase):
    """Basic or Bearer, whatever ~/.netrc says (``requests`` would let it win over a header of ours)."""

    def __init__(self, connection: Connection) -> None:
        self._scheme = ""
        self._secret = b""
        if connection.token:
            self._scheme, self._secret = "Bearer", connection.token.encode("utf-8")
        elif connection.username is not None:
            both = f"{connection.username}:{connection.password or ''}"
            self._scheme, self._secret = "Basic", base64.b64encode(both.encode("utf-8"))

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._scheme:
            request.headers["Authorization"] = f"{self._scheme} {self._secret.decode('ascii')}"
        return request


class _Adapter(HTTPAdapter):
    """HTTPS with the ciphers asked for: old brokers need ones that a new OpenSSL no longer offers by itself."""

    def __init__(self, ciphers: str | None, verify: bool) -> None:
        self._ciphers = ciphers
        self._cert_reqs = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
        if self._ciphers:
            kwargs["ssl_context"] = create_urllib3_context(ciphers=self._ciphers, cert_reqs=self._cert_reqs)
        return super().init_poolmanager(*args, **kwargs)


@contextmanager
def _transport_errors(timeout: float, first: bool, redactor: Redactor) -> Iterator[None]:
    """Tell what a failed exchange means: was anything sent, or not? ``first``: nothing has ever been answered.

    The errors of the libraries, which quote what was received, are not kept as causes: Ansible shows those.
    """
    quiet = _QUIET.set(True)
    try:
        yield
    except requests.exceptions.ConnectTimeout:
        raise Unreachable("No connection to the broker in time.") from None
    except requests.exceptions.Timeout:
        raise Unanswered(f"No answer from the broker within {timeout:g} seconds.") from None
    except requests.exceptions.ConnectionError as error:
        raise _connection_error(error, first, redactor) from None
    except requests.exceptions.RequestException:
        raise Unanswered("The broker's answer broke off, or could not be read.") from None
    except ValueError:
        # Not quoted: it may hold what was sent.
        raise Unanswered("The broker's answer could not be read.") from None
    except (OSError, urllib3.exceptions.HTTPError) as error:
        # requests lets some through as they are, among them a certificate file that does not exist.
        raise Unreachable(f"No connection to the broker could be made: {_reason(error, redactor)}.") from None
    finally:
        _QUIET.reset(quiet)


def _connection_error(error: requests.exceptions.ConnectionError, first: bool, redactor: Redactor) -> BrokerError:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        reason = next(c for c in causes if isinstance(c, ssl.SSLCertVerificationError)).verify_message
        return Untrusted(f"The broker's certificate is not trusted: {reason}. See ca_path and validate_certs.")
    # A ProxyError is none of these: a connection lost after the request was sent through a proxy is one as well.
    nothing_sent = (urllib3.exceptions.NewConnectionError, socket.gaierror)
    if any(isinstance(cause, nothing_sent) for cause in causes):
        return Unreachable(f"No connection to the broker: {_reason(causes[-1], redactor)}.")
    if isinstance(error, requests.exceptions.SSLError):
        if first and any(getattr(cause, "reason", None) in NO_TLS for cause in causes):
            return WrongProtocol(f"The server does not speak TLS there: {_reason(causes[-1], redactor)}.")
        # Perhaps only while the answer was read: nobody can tell from the error.
        return Unanswered(f"TLS with the broker failed: {_reason(causes[-1], redactor)}. See ciphers and client_cert.")
    text = f"The connection broke before the broker's answer was there: {_reason(causes[-1], redactor)}."
    behind_proxy = isinstance(error, requests.exceptions.ProxyError)
    return WrongProtocol(text) if first and not behind_proxy else Unanswered(text)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it wraps, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        inner = [getattr(current, "reason", None), *current.args, current.__cause__, current.__context__]
        current = next((item for item in inner if isinstance(item, BaseException)), None)


def _reason(error: BaseException, redactor: Redactor) -> str:
    """The plainest words for an error: the operating system's or OpenSSL's.

    Others quote what the server sent, or the address of a proxy with its password, so only their kind is named.
    """
    if isinstance(error, OSError):
        text = error.strerror or str(error)
        return squeeze(redactor.clean(str(text))).rstrip(".") or type(error).__name__
    return type(error).__name__


def _path(ref: AppRef) -> str:
    return f"/domain/{quote(ref.domain, safe='')}/application/{quote(ref.name, safe='')}"

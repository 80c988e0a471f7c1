# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Translate the exceptions of the libraries to the ``BrokerError`` that states whether the request was sent."""

from __future__ import annotations

import logging
import os
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http.client import BadStatusLine, HTTPException, LineTooLong, UnknownProtocol

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection, SettingError
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.handshake import (
    PROXY,
    Handshake,
    failed_handshake,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.interim import MOST_INTERIM, TooManyInterim
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.proxies import Proxy, find_proxy
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.redaction import Redactor
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.tls import (
    describe_tls,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.tls_failures import (
    NOT_TLS,
    OTHER_NAME,
    explain_distrust,
    explain_tls,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Misconfigured,
    Unanswered,
    Unreachable,
    Untrusted,
    WrongProtocol,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze

with suppress(ImportError):
    # session.py reports a missing library.
    import requests
    import urllib3

#: The error of http.client if a proxy refuses to connect to the broker: nothing was sent to the broker.
_TUNNEL = re.compile(r"Tunnel connection failed: (\d+)")
_PROXY_CREDENTIALS = 407
HANDSHAKE_REMEDY = "Check the port in broker_url; an old broker may also need tls_min_version and ciphers."
SILENCE_REMEDY = "Check the network and broker_url, also whether its port uses TLS, then run again."
#: True while this thread exchanges data with the broker.
_IN_EXCHANGE: ContextVar[bool] = ContextVar("in_exchange", default=False)


def _may_log(_record: logging.LogRecord) -> bool:
    """Whether urllib3 may log. During an exchange it must not: it quotes headers that it cannot parse."""
    return not _IN_EXCHANGE.get()


for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.response"):
    logging.getLogger(_name).addFilter(_may_log)


@contextmanager
def transport_errors(connection: Connection, timeout: float, first: bool, redactor: Redactor) -> Iterator[None]:
    """Translate the exceptions of the libraries to the ``BrokerError`` that states whether the request was sent.

    ``first``: the server has never answered. The original exceptions are not kept as causes, because they quote what
    was received, and Ansible shows causes.
    """
    in_exchange = _IN_EXCHANGE.set(True)
    try:
        yield
    except SettingError as error:
        raise _advise(Misconfigured(str(error)), error.remedy or f"Correct {error.name}, then run again.") from None
    except Unreachable as error:
        # The deadline of the request ended the connection (exchange.py).
        raise _expired(error, connection) from None
    except requests.exceptions.ConnectionError as error:
        raise _translate(error, connection, first, redactor) from None
    except requests.exceptions.Timeout:
        raise Unanswered(f"the broker did not answer within {timeout:g} s") from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
        # Raised before a connection is opened. The proxy was checked before.
        raise _advise(Misconfigured("the address of the broker is invalid"), "Check broker_url.") from None
    except requests.exceptions.RequestException:
        raise Unanswered("the broker's answer is incomplete or unreadable") from None
    except ValueError:
        # Not quoted: it may contain what was sent.
        raise Unanswered("the broker's answer is unreadable") from None
    except (OSError, urllib3.exceptions.HTTPError) as error:
        # requests does not wrap all of them.
        raise Unreachable(f"cannot connect to the broker: {_describe(error, redactor)}") from None
    finally:
        _IN_EXCHANGE.reset(in_exchange)


def _translate(
    error: requests.exceptions.ConnectionError, connection: Connection, first: bool, redactor: Redactor
) -> BrokerError:
    causes = list(_unwrap(error))
    reason = _describe(causes[-1], redactor)
    proxy = _find_proxy(connection)
    if refusal := next((found for cause in causes if (found := _TUNNEL.match(str(cause)))), None):
        return _refused_by_proxy(int(refusal[1]), proxy)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        reason = "the connection timed out"
    # ProxyError is not one of these: it also stands for a connection that broke after the request was sent.
    nothing_sent = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError, socket.gaierror)
    if any(isinstance(cause, nothing_sent) for cause in causes):
        return _unreached(proxy, reason)
    mismatch = next((cause for cause in causes if type(cause).__name__ == "CertificateError"), None)
    if mismatch is not None:
        # urllib3 1.26 compares the host name itself, before it sends anything.
        why = squeeze(redactor.clean(str(mismatch)))
        return _advise(Untrusted(f"the broker's certificate is not trusted: {why}"), OTHER_NAME)
    handshake = next((each for cause in causes if (each := failed_handshake(cause))), None)
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if handshake is not None and handshake.peer == PROXY and proxy is not None:
        return _fail_with_proxy(tls, proxy, reason)
    if tls is not None:
        return _translate_tls(tls, handshake, connection, first, redactor)
    if handshake is not None:
        return _advise(Unreachable(f"the connection broke during the TLS handshake: {reason}"), HANDSHAKE_REMEDY)
    if unusable := next(filter(None, map(_describe_headers, causes)), None):
        return WrongProtocol(unusable) if first else Unanswered(unusable)
    if proxy is not None:
        # ProxyError does not show how far the request came. After a write, the application is checked first.
        text = f"the connection through {proxy} broke before the broker answered: {reason}"
        return _advise(Unanswered(text), proxy.remedy if first else None)
    text = f"the connection broke before the broker answered: {reason}"
    return WrongProtocol(text) if first else Unanswered(text)


def _translate_tls(
    error: ssl.SSLError, handshake: Handshake | None, connection: Connection, first: bool, redactor: Redactor
) -> BrokerError:
    """The error for a failure of TLS with the broker. Before the end of the handshake, nothing was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why, remedy = explain_distrust(error, connection, os.environ)
        text = f"the broker's certificate is not trusted: {squeeze(redactor.clean(why), 1000)}"
        return _advise(Untrusted(text), remedy)
    reason = squeeze(redactor.clean(describe_tls(error)))
    if first and error.reason in NOT_TLS:
        return WrongProtocol(f"the server does not speak TLS on this port: {reason}")
    explained = explain_tls(error, handshake, connection)
    if explained is None:
        text = f"TLS with the broker failed: {reason}"
        return _advise(Unreachable(text) if handshake else Unanswered(text), HANDSHAKE_REMEDY if handshake else None)
    text = f"TLS with the broker failed: {explained[0]} ({reason})"
    # After the handshake, the error does not show whether the request was read.
    return _advise(Misconfigured(text) if handshake else Unanswered(text), explained[1])


def _describe_headers(error: BaseException) -> str | None:
    """What is wrong with the beginning of an answer, if Python refuses to read it."""
    if isinstance(error, (BadStatusLine, UnknownProtocol)) and not isinstance(error, OSError):
        return "the answer is not HTTP"
    if isinstance(error, LineTooLong):
        return "the answer begins with a line that is too long for HTTP"
    if isinstance(error, TooManyInterim):
        return f"the server sent more than {MOST_INTERIM} interim responses (HTTP 1xx) and no answer"
    # http.client has no class for this error.
    return "the answer has too many headers" if error.__class__ is HTTPException else None


def _find_proxy(connection: Connection) -> Proxy | None:
    try:
        return find_proxy(connection.url)
    except (SettingError, ValueError):
        return None


def _unreached(proxy: Proxy | None, reason: str) -> BrokerError:
    if proxy is None:
        return Unreachable(f"cannot connect to the broker: {reason}")
    # A SOCKS proxy reports the failure of its own connection to the broker in the same way.
    goal = "to the broker through" if proxy.is_socks else "to"
    return _advise(Unreachable(f"cannot connect {goal} {proxy}: {reason}"), proxy.remedy)


def _expired(error: Unreachable, connection: Connection) -> BrokerError:
    """The error of a connection that took too long, with the likely cause."""
    proxy = _find_proxy(connection)
    if proxy is not None:
        return _advise(Unreachable(f"{error.text} (through {proxy})"), proxy.remedy)
    return _advise(error, SILENCE_REMEDY if connection.url.startswith("https:") else None)


def _refused_by_proxy(status: int, proxy: Proxy | None) -> BrokerError:
    who = proxy or "the proxy"
    if status == _PROXY_CREDENTIALS:
        text, remedy = f"{who} requires credentials, or does not accept them (HTTP {status})", None
        if proxy:
            remedy = f"Set {proxy.variable} to http://USER:PASSWORD@HOST:PORT, with percent-encoded credentials."
        return _advise(Misconfigured(text), remedy)
    text = f"{who} refuses to connect to the broker (HTTP {status})"
    return _advise(Unreachable(text), proxy.remedy if proxy else None)


def _fail_with_proxy(error: ssl.SSLError | None, proxy: Proxy, reason: str) -> BrokerError:
    if isinstance(error, ssl.SSLCertVerificationError):
        text = f"the certificate of {proxy} is not trusted: {error.verify_message}"
        return _advise(Untrusted(text), "Add the authority of the proxy to the file in ca_path.")
    if error is not None and error.reason in NOT_TLS:
        text = f"{proxy} does not speak TLS: {describe_tls(error)}"
        return _advise(Misconfigured(text), f"Set {proxy.variable} to an address with http://.")
    why = reason if error is None else describe_tls(error)
    return _advise(Unreachable(f"TLS with {proxy} failed: {why}"), proxy.remedy)


def _advise(error: BrokerError, remedy: str | None) -> BrokerError:
    error.remedy = remedy
    return error


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

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Translate the exceptions of the libraries to the ``BrokerError`` that states whether the request was sent."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.redaction import Redactor
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
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

#: OpenSSL's names for an answer that is not TLS; they depend on its version.
NOT_TLS_REASONS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
#: True while this thread exchanges data with the broker.
_IN_EXCHANGE: ContextVar[bool] = ContextVar("in_exchange", default=False)


def _may_log(_record: logging.LogRecord) -> bool:
    """Whether urllib3 may log. During an exchange it must not: it quotes headers that it cannot parse."""
    return not _IN_EXCHANGE.get()


for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.response"):
    logging.getLogger(_name).addFilter(_may_log)


@contextmanager
def transport_errors(timeout: float, first: bool, redactor: Redactor) -> Iterator[None]:
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

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of requests to the broker.

The class of an error states whether the request may have taken effect. If so, the application is observed before the
write is sent again.
"""

from __future__ import annotations

from typing import ClassVar


class BrokerError(Exception):
    """A request failed.

    ``text`` is the reason for users: the broker's own words, or ours if it gave none. It contains no credentials.
    ``words`` is the unredacted original: code may compare it, but nothing may show it. ``http_status`` and
    ``exit_code`` are those of the answer, if there was one. ``address`` is the broker's address and ``account`` the
    account of the request, without secrets; both are ``None`` until ``Transport.sign`` sets them. ``remedy`` is the
    next step if it is more precise than that of the class: a whole sentence.
    """

    may_have_taken_effect: ClassVar[bool] = False
    kind: ClassVar[str] = "error"

    def __init__(self, text: str, http_status: int | None = None, exit_code: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.words = text
        self.http_status = http_status
        self.exit_code = exit_code
        self.address: str | None = None
        self.account: str | None = None
        self.remedy: str | None = None


class Unreachable(BrokerError):
    """The connection failed: nothing was sent."""

    kind = "unreachable"


class Untrusted(Unreachable):
    """The broker's certificate is not trusted: nothing was sent, and a retry does not help."""

    kind = "untrusted"


class Misconfigured(Untrusted):
    """TLS, a certificate or the proxy cannot work with these settings: nothing was sent, and a retry does not help."""

    kind = "misconfigured"


class Unanswered(BrokerError):
    """The request was sent, but no usable answer arrived: it may have taken effect, or may still take effect."""

    may_have_taken_effect = True
    kind = "unanswered"


class TooLarge(Unanswered):
    """The answer is larger than allowed, or does not fit into the memory. A retry does not help."""

    kind = "too_large"


class WrongProtocol(Unanswered):
    """The first request got no HTTP answer. For example, one side uses http and the other https."""

    kind = "wrong_protocol"


class Busy(BrokerError):
    """Another operation holds the application's lock (500, exit code 171): nothing was done; retry later."""

    kind = "busy"


class Refused(BrokerError):
    """The broker refused the request and changed nothing."""

    kind = "refused"


class Misdirected(Refused):
    """The address leads to another server or protocol: a redirect, or http on a port for https."""

    kind = "misdirected"


class Unauthorized(BrokerError):
    """The broker did not accept the credentials (401)."""

    kind = "unauthorized"


class Forbidden(BrokerError):
    """The credentials are valid, but do not allow the request (403)."""

    kind = "forbidden"


class NotFound(BrokerError):
    """The application or domain does not exist, or the account is not a member (404)."""

    kind = "not_found"


class NoBroker(NotFound):
    """The server is not a broker (404 without the broker's envelope)."""

    kind = "no_broker"


class Maintenance(BrokerError):
    """The broker is in maintenance (503 with the broker's envelope)."""

    kind = "maintenance"


class NodeFailed(BrokerError):
    """The operation failed on a node. The rollback may have failed, too: observe the application next."""

    may_have_taken_effect = True
    kind = "node_failed"


class NoEffect(BrokerError):
    """The broker reported success, but the application does not show the effect. It may still appear."""

    may_have_taken_effect = True


class Replaced(BrokerError):
    """The application was deleted, and another one has its name now. Nothing more is sent to that one."""

    kind = "replaced"


def replaced(how: str) -> Replaced:
    """The error for an application whose name belongs to another one now. ``how``: what shows it, as a clause."""
    return Replaced(f"another application has its name now ({how}), and this run sends nothing more to it")


class Unverified(BrokerError):
    """The writes were done, but it could not be read whether the application is highly available."""

    kind = "unverified"


class Halted(BrokerError):
    """The run was interrupted; the broker did not fail."""

    kind = "halted"


class UnsupportedApi(BrokerError):
    """The broker has no version of the API that supports HA (1.6 or later). ``offered``: the versions that it has."""

    kind = "unsupported_api"

    def __init__(self, text: str, http_status: int | None = None, offered: tuple[str, ...] = ()) -> None:
        super().__init__(text, http_status)
        self.offered = offered


class Interrupted(Exception):
    """The run was interrupted: nothing more may be written."""

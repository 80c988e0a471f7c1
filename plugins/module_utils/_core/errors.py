# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between us and the broker.

Each kind tells whether the request may have taken effect, because that decides what may be done next:
a write that may have taken effect is never sent again before the application was looked at.
"""

from __future__ import annotations

from typing import ClassVar


class BrokerError(Exception):
    """An answer, or the lack of one, that is not what was asked for.

    ``text`` holds the broker's own words (or ours where it said nothing), without credentials that it may have
    repeated; ``words`` are its words as they came, to be recognised and never shown. ``http_status`` and ``exit_code``
    are what came with them; both are ``None`` where there was none. ``address`` is the broker's, ``account`` says as
    whom it was asked (never with secrets); both are ``None`` where no broker was asked.
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


class Unreachable(BrokerError):
    """No connection: nothing was sent."""

    kind = "unreachable"


class Untrusted(Unreachable):
    """TLS did not come about (certificate, ciphers): nothing was sent, and trying again changes nothing."""

    kind = "untrusted"


class Unanswered(BrokerError):
    """Sent, but no usable answer came back: it may have taken effect, now or later."""

    may_have_taken_effect = True
    kind = "unanswered"


class WrongProtocol(Unanswered):
    """Nothing was ever answered there, as where one side speaks TLS and the other does not: http for https, perhaps."""

    kind = "wrong_protocol"


class Busy(BrokerError):
    """Another operation is under way, as the application's lock shows (500, exit code 171): not done, try later."""

    kind = "busy"


class Refused(BrokerError):
    """The broker said no and changed nothing."""

    kind = "refused"


class Misdirected(Refused):
    """What is there answers that the broker is elsewhere: a redirect, or a port for https."""

    kind = "misdirected"


class Unauthorized(BrokerError):
    """The credentials were not accepted (401)."""

    kind = "unauthorized"


class Forbidden(BrokerError):
    """The credentials are good, but do not allow this (403)."""

    kind = "forbidden"


class NotFound(BrokerError):
    """No such application or domain, or it is a stranger's (404)."""

    kind = "not_found"


class NoBroker(NotFound):
    """What is there knows nothing of a broker (404 without the broker's envelope)."""

    kind = "no_broker"


class Maintenance(BrokerError):
    """The operator has put the broker into maintenance (503 with the broker's envelope)."""

    kind = "maintenance"


class NodeFailed(BrokerError):
    """The operation began and failed below the broker: rolled back, or not. Look before deciding anything."""

    may_have_taken_effect = True
    kind = "node_failed"


class Unseen(BrokerError):
    """The broker answered success, and the application does not show it: it may yet."""

    may_have_taken_effect = True


class Halted(BrokerError):
    """Not the broker's doing: the run was told to stop."""

    kind = "halted"


class UnsupportedApi(BrokerError):
    """The broker does not speak a version of the API that knows about HA (1.6 or later).

    ``offered``: the versions that it says it has, as text.
    """

    kind = "unsupported_api"

    def __init__(self, text: str, http_status: int | None = None, offered: tuple[str, ...] = ()) -> None:
        super().__init__(text, http_status)
        self.offered = offered


class Interrupted(Exception):
    """The run was told to stop: nothing more may be written."""

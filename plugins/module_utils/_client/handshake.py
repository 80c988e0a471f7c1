# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mark the errors of a TLS handshake, because nothing of a request was sent before its end."""

from __future__ import annotations

from dataclasses import dataclass

BROKER, PROXY = "broker", "proxy"


@dataclass(frozen=True)
class Handshake:
    """A TLS handshake that failed. ``peer``: with whom. ``agreed``: the peer had chosen a version and a cipher."""

    peer: str
    agreed: bool


def mark(error: BaseException, peer: str, cipher: object) -> None:
    """Mark an error that was raised in the handshake with ``peer``. ``cipher``: the one that the peer chose, if any."""
    if isinstance(error, OSError):
        error.handshake = Handshake(peer, cipher is not None)  # type: ignore[attr-defined]


def failed_handshake(error: BaseException) -> Handshake | None:
    """The handshake in which ``error`` was raised. ``None``: the error came later, or was no error of TLS."""
    found = getattr(error, "handshake", None)
    return found if isinstance(found, Handshake) else None

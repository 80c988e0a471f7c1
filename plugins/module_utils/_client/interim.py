# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interim responses before the answer. Python skips 100 only, and takes 102 and 103 (early hints) for the answer."""

from __future__ import annotations

from http.client import HTTPException, HTTPResponse

#: The most interim responses before an answer.
MOST_INTERIM = 20
#: Not an interim response: the server changes the protocol.
SWITCHING_PROTOCOLS = 101


class TooManyInterim(HTTPException):
    """The server sent interim responses without end."""


class FinalResponse(HTTPResponse):
    """The answer to a request, after its interim responses."""

    def begin(self) -> None:
        for _number in range(MOST_INTERIM + 1):
            super().begin()
            if self.status >= 200 or self.status == SWITCHING_PROTOCOLS:
                return
            # ``begin`` reads nothing if there are headers.
            self.headers = self.msg = None  # type: ignore[assignment]
        raise TooManyInterim

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer of the broker means: its data, or which error. Pure; the rules are in docs/broker.md."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.redaction import WITHHELD, Redactor
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    Forbidden,
    Maintenance,
    Misdirected,
    NoBroker,
    NodeFailed,
    NotFound,
    Refused,
    Unanswered,
    Unauthorized,
    UnsupportedApi,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze

#: The broker's exit code for "another operation is running on the application".
LOCK_EXIT_CODE = 171
#: The exit code of an operation that failed on a node: it comes with a 422 as if it were a refusal.
NODE_EXIT_CODE = 1
#: The one refusal with that exit code: nothing was begun.
UPGRADING = "is being upgraded"
#: What the path of the REST API begins with, whatever goes before it.
REST_PATH = "/broker/rest"
#: Words of Apache and nginx to those who speak http on a port for https.
PLAIN_HTTP = ("speaking plain HTTP", "plain HTTP request was sent")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: ``location`` is its header of that name, ``body`` the raw bytes."""

    status: int
    location: str | None
    body: bytes


def data_of(answer: Answer, redactor: Redactor | None = None) -> Any:
    """``data`` of the broker's envelope. Raises the ``BrokerError`` that the answer stands for.

    ``redactor`` keeps credentials that the server repeats out of the data and of the error's text. What kind of error
    it is depends on the words of the server alone.
    """
    redactor = redactor or Redactor()
    envelope = _envelope(answer)
    if answer.status == 401:
        # Plain text for bad credentials, Basic and Bearer alike; an envelope where others are impersonated.
        text = _shown(_message(envelope)[0], redactor) if envelope else _quoted(answer, redactor)
        raise Unauthorized(text or "Access denied.", 401)
    if envelope is None:
        raise _foreign(answer, redactor)
    if answer.status >= 300 or answer.status < 200:
        raise _error(answer.status, envelope, redactor)
    return redactor.withhold(envelope.get("data"), answer.body)


def _envelope(answer: Answer) -> Mapping[str, Any] | None:
    """The broker's envelope, or ``None`` when the answer is not the broker's (or not all of it)."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("messages"), list) or "data" not in document:
        return None
    return document


def _error(status: int, envelope: Mapping[str, Any], redactor: Redactor) -> BrokerError:
    words, code = _message(envelope)
    error = _error_of(status, envelope, words, code, _shown(words, redactor))
    error.words = words
    return error


def _error_of(status: int, envelope: Mapping[str, Any], words: str, code: int | None, text: str) -> BrokerError:
    """The kind of error by its status, exit code and words; ``text`` is what may be shown."""
    if status == 503:
        return Maintenance(text, status, code)
    if status == 406:
        versions = envelope.get("supported_api_versions")
        offered = tuple(str(v) for v in versions) if isinstance(versions, list) else ()
        return UnsupportedApi(text, status, offered)
    if code == LOCK_EXIT_CODE:
        return Busy(text, status, code)
    if status == 403:
        return Forbidden(text, status, code)
    if status == 404:
        return NotFound(text, status, code)
    if status >= 500 or (status == 422 and code == NODE_EXIT_CODE and UPGRADING not in words):
        return NodeFailed(text, status, code)
    return Refused(text, status, code)


def _message(envelope: Mapping[str, Any]) -> tuple[str, int | None]:
    """The words and exit code of the first error, or of all messages where none is marked as one: not to be shown."""
    messages = [m for m in envelope["messages"] if isinstance(m, Mapping) and m.get("text")]
    errors = [m for m in messages if m.get("severity") == "error"] or messages
    code = errors[0].get("exit_code") if errors else None
    return " ".join(str(m["text"]) for m in errors), code if isinstance(code, int) else None


def _shown(words: str, redactor: Redactor) -> str:
    """The broker's words as one line, cleaned before they are squeeze and cut."""
    return squeeze(redactor.clean(words), 1000) or "The broker gave no reason."


def _foreign(answer: Answer, redactor: Redactor) -> BrokerError:
    """An answer that is not the broker's: of something in front of it, or of another server altogether."""
    status = answer.status
    # 422 is the broker's own: what is left of its envelope does not say whether the operation had begun.
    broken_off = status == 422 or answer.body.lstrip().startswith(b"{")
    quoted = _quoted(answer, redactor)
    said = f" {WITHHELD}" if quoted == WITHHELD else f": {quoted!r}" if quoted else ""
    if status in (301, 302, 303, 307, 308):
        return Misdirected(f"The server redirects{_where_to(answer.location, redactor)}", status)
    if status == 403 and not broken_off:
        return Forbidden(f"Something in front of the broker forbids it{said}", status)
    if status == 404 and not broken_off:
        return NoBroker(f"The server has no broker there{said}", status)
    if status == 400 and any(words in _text(answer) for words in PLAIN_HTTP):
        return Misdirected(f"The server speaks https there, not http{said}", status)
    if 400 <= status < 500 and not broken_off:
        return Refused(f"Something in front of the broker refuses it{said}", status)
    return Unanswered(f"The answer is not the broker's JSON, or only a part of it{said}", status)


def _where_to(location: str | None, redactor: Redactor) -> str:
    """Where a redirect leads: what to give as ``broker_url`` if it shows that. Neither user nor query are quoted."""
    shown = redactor.clean(location or "")
    if shown == WITHHELD:
        return f" {WITHHELD}: is broker_url right?"
    try:
        parts = urlsplit(shown)
    except ValueError:
        return ": is broker_url right?"
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""
    before, found, _after = parts.path.partition(REST_PATH)
    if origin and found:
        return f": give {squeeze(origin + before)} as broker_url"
    where = squeeze(origin + parts.path)
    return f" to {where}: is broker_url right?" if where else ": is broker_url right?"


def _quoted(answer: Answer, redactor: Redactor) -> str:
    """The beginning of the body as one line of text, without markup; ``WITHHELD`` where it repeats credentials."""
    return WITHHELD if redactor.is_held_by(answer.body) else squeeze(redactor.clean(_text(answer)))


def _text(answer: Answer) -> str:
    """The beginning of the body without markup: not to be shown."""
    return re.sub(r"<[^>]*>", " ", answer.body[:4096].decode("utf-8", errors="replace"))

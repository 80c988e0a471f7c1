# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpret an answer: return its data, or raise the matching error. Pure. docs/broker.md describes the rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.foreign_answers import (
    FOR_403,
    FOR_407,
    FOR_LOGIN,
    LOGIN_ADDRESSES,
    describe_foreign,
    strip_markup,
)
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

#: The broker's exit code when another operation holds the application's lock.
LOCK_EXIT_CODE = 171
#: The exit code of an operation that failed on a node. Its status may be 422, as for a refusal.
NODE_EXIT_CODE = 1
#: Part of the only refusal with that exit code: no operation was started.
UPGRADING = "is being upgraded"
#: The path of the REST API. Other parts may precede it.
REST_PATH = "/broker/rest"
#: What Apache and nginx answer to http on a port for https.
PLAIN_HTTP_ANSWERS = ("speaking plain HTTP", "plain HTTP request was sent")

#: The table of refusals: the code of each refusal in docs/broker.md, by its exit code or by a part of its text.
REFUSALS_BY_EXIT_CODE = {100: "not_scalable", 104: "caller_gear_limit"}
REFUSALS_BY_WORDS = (
    ("above maximum gear limit", "maximum"),
    ("max gear limit is '1'", "maximum"),
    ("cannot be higher than the scales_to factor", "maximum"),
    ("below gear limit", "minimum"),
    ("cannot be lower than the scales_from factor", "minimum"),
    ("max gear limit to '1'", "minimum"),
    ("is not an allowed feature for the account", "capability"),
    ("is currently disabled", "ha_disabled"),
    ("Only scalable applications", "not_scalable"),
    ("is not scalable", "not_scalable"),
    ("cannot be scaled", "not_scalable"),
    ("can not set scaling policies", "not_scalable"),
    ("additional gears", "gear_limit"),
    (UPGRADING, "upgrading"),
)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. ``location`` is the header of that name; ``body`` is the raw bytes."""

    status: int
    location: str | None
    body: bytes


#: Replaces an object of JSON as soon as it is parsed.
Convert = Callable[[dict[str, Any]], Any]


def extract_data(answer: Answer, redactor: Redactor | None = None, convert: Convert | None = None) -> Any:
    """``data`` of the broker's envelope. Raises a ``BrokerError`` when the answer is not a success.

    ``redactor`` removes repeated credentials from the data and from the error's text. The class of the error depends on
    the original text only. ``convert``: what to make of each object, unless credentials must be removed first.
    """
    redactor = redactor or Redactor()
    may_withhold = redactor.may_withhold(answer.body)
    envelope = _parse_envelope(answer, None if may_withhold else convert)
    if answer.status == 401:
        # The broker answers bad credentials in plain text, and a forbidden impersonation in an envelope.
        text = _clean_line(_join_messages(envelope)[0], redactor) if envelope else _quote(answer, redactor)
        raise Unauthorized(text or "access denied", 401)
    if envelope is None:
        raise _build_foreign_error(answer, redactor)
    if answer.status >= 300 or answer.status < 200:
        raise _build_error(answer.status, envelope, redactor)
    data = envelope.get("data")
    return redactor.withhold(data, answer.body) if may_withhold else data


def _parse_envelope(answer: Answer, convert: Convert | None) -> Mapping[str, Any] | None:
    """The broker's envelope, or ``None`` if the answer is not from the broker or is incomplete."""
    try:
        document = json.loads(answer.body, object_hook=convert)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("messages"), list) or "data" not in document:
        return None
    return document


def _build_error(status: int, envelope: Mapping[str, Any], redactor: Redactor) -> BrokerError:
    words, code = _join_messages(envelope)
    error = _choose_error(status, envelope, words, code, _clean_line(words, redactor))
    error.words = words
    return error


def _choose_error(status: int, envelope: Mapping[str, Any], words: str, code: int | None, text: str) -> BrokerError:
    """The error for a status, an exit code and the broker's words. ``text`` is the part that may be shown."""
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


def classify_refusal(error: Refused) -> str:
    """The code of a refusal, the same as that of the predicted blocker; ``refused`` if the table has none."""
    code = REFUSALS_BY_EXIT_CODE.get(error.exit_code or 0)
    return code or next((code for words, code in REFUSALS_BY_WORDS if words in error.words), "refused")


def _join_messages(envelope: Mapping[str, Any]) -> tuple[str, int | None]:
    """The text of all errors and the exit code of the first one. Not redacted.

    Without an error, all messages count. For example, maintenance is reported as information.
    """
    messages = [m for m in envelope["messages"] if isinstance(m, Mapping) and m.get("text")]
    errors = [m for m in messages if m.get("severity") == "error"] or messages
    code = errors[0].get("exit_code") if errors else None
    return " ".join(str(m["text"]) for m in errors), code if isinstance(code, int) else None


def _clean_line(words: str, redactor: Redactor) -> str:
    """The broker's words as one line. They are redacted before they are squeezed and cut."""
    return squeeze(redactor.clean(words), 1000) or "the broker gave no reason"


def _build_foreign_error(answer: Answer, redactor: Redactor) -> BrokerError:
    """The error for an answer of a server in front of the broker, or of another server."""
    status = answer.status
    # Only the broker answers 422. A broken envelope does not show whether the operation was started.
    is_broken = status == 422 or answer.body.lstrip().startswith(b"{")
    suffix = _quote_as_suffix(answer, redactor)
    if status in (301, 302, 303, 307, 308):
        return _build_redirect(answer, redactor)
    if status == 403 and not is_broken:
        return _advise(Forbidden(f"a server in front of the broker forbids the request{suffix}", status), FOR_403)
    if status == 404 and not is_broken:
        return NoBroker(f"the server has no broker at this address{suffix}", status)
    if status == 407 and not is_broken:
        return _advise(Refused(f"the proxy requires credentials, or does not accept them{suffix}", status), FOR_407)
    if status == 400 and any(words in strip_markup(answer.body) for words in PLAIN_HTTP_ANSWERS):
        return Misdirected(f"the server expects https on this port, not http{suffix}", status)
    if 400 <= status < 500 and not is_broken:
        return Refused(f"a server in front of the broker refuses the request{suffix}", status)
    what, remedy = describe_foreign(answer.status, answer.body)
    return _advise(Unanswered(f"{what}{suffix}", status), remedy)


def _build_redirect(answer: Answer, redactor: Redactor) -> BrokerError:
    target = _describe_target(answer.location, redactor)
    is_login = any(word in (answer.location or "").lower() for word in LOGIN_ADDRESSES)
    error = Misdirected(f"the server redirects{target}", answer.status)
    return _advise(error, FOR_LOGIN if is_login and REST_PATH not in (answer.location or "") else None)


def _advise(error: BrokerError, remedy: str | None) -> BrokerError:
    error.remedy = remedy
    return error


def _describe_target(location: str | None, redactor: Redactor) -> str:
    """The target of a redirect, without user and query; the value for ``broker_url`` if the target contains it."""
    target = redactor.clean(location or "")
    if target == WITHHELD:
        return f" {WITHHELD}"
    try:
        parts = urlsplit(target)
    except ValueError:
        return " to an invalid address"
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""
    before, found, _after = parts.path.partition(REST_PATH)
    if origin and found:
        return f" (set broker_url to {squeeze(origin + before)})"
    address = squeeze(origin + parts.path)
    return f" to {address}" if address else ""


def _quote_as_suffix(answer: Answer, redactor: Redactor) -> str:
    quote = _quote(answer, redactor)
    return f" {WITHHELD}" if quote == WITHHELD else f": {quote!r}" if quote else ""


def _quote(answer: Answer, redactor: Redactor) -> str:
    """The beginning of the body as one line without markup, or ``WITHHELD`` if the body repeats credentials."""
    return WITHHELD if redactor.finds_secret_in(answer.body) else squeeze(redactor.clean(strip_markup(answer.body)))

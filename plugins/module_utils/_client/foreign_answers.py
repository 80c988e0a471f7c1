# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name an answer that is not the broker's: a proxy's page, a login page, or JSON of another service. Pure."""

from __future__ import annotations

import json
import re
from http import HTTPStatus

#: What a proxy answers if the server behind it does not.
GATEWAY_STATUSES = (502, 503, 504)
#: Parts of the addresses of login pages and captive portals.
LOGIN_ADDRESSES = ("login", "logon", "signin", "sign-in", "sso", "saml", "oauth", "/auth", "adfs", "/cas/", "portal")
#: Parts of a page with a form for credentials.
LOGIN_FORM = re.compile(rb"""type\s*=\s*["']?password|log ?in\b|sign ?in\b|single sign-on|captive""", re.IGNORECASE)
CHECK_ADDRESS = "Check broker_url, and whether this host reaches the broker without a login page in between."
CHECK_PROXY = "Check the broker and the proxy in front of it, then run again: the application is checked first."
FOR_LOGIN = "This is probably a login page or a captive portal: check broker_url, and the way to the broker."
FOR_403 = "Check broker_url and http_proxy, or ask the operator of the proxy or firewall in front of the broker."
FOR_407 = "Set the credentials of the proxy in http_proxy: http://USER:PASSWORD@HOST:PORT, percent-encoded."


def describe_foreign(status: int, body: bytes) -> tuple[str, str | None]:
    """What an answer is that is not the broker's envelope, as a clause; the next step, if it is a special one."""
    start = body[:65536].lstrip().lower()
    if status == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED:
        return "the network requires a login first (a captive portal)", CHECK_ADDRESS
    is_page = start.startswith((b"<!doctype html", b"<html")) or b"<html" in start[:1024]
    if status in GATEWAY_STATUSES and not start.startswith(b"{"):
        return f"a proxy in front of the broker answered {status} ({HTTPStatus(status).phrase})", CHECK_PROXY
    if status < 300 and is_page:
        kind = "a login page" if LOGIN_FORM.search(start) else "a login page or the page of a proxy"
        return f"the answer is not the broker's JSON, but a web page, probably {kind}", CHECK_ADDRESS
    if is_page:
        return "the answer is not the broker's JSON, but the web page of a server in front of the broker", None
    if _is_complete_json(body):
        return "the answer is not the broker's JSON, but that of another service", CHECK_ADDRESS
    return "the answer is not the broker's JSON, or is incomplete", None


def strip_markup(body: bytes) -> str:
    """The beginning of the body without markup. Not redacted."""
    return re.sub(r"<[^>]*>", " ", body[:4096].decode("utf-8", errors="replace"))


def _is_complete_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True

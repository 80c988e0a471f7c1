# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse the names, host names, addresses and ports that a configuration may contain. Pure.

The broker's data is not trusted. Everything that these functions return is safe inside a line of a configuration.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import escape_unprintable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
#: A name whose last part looks like this is read as an address, also unusual forms such as 0x7f.1.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def is_name(text: str) -> bool:
    """Whether the text is a valid name of a domain, an application or a gear."""
    return _NAME.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """Whether the text is a valid host name in lower case."""
    return _HOST.fullmatch(text) is not None


def to_host(text: str) -> str:
    """The text as a host name in lower case, empty if it is invalid.

    Some letters that are not ASCII become ASCII in lower case: the name would be that of another host.
    """
    host = text.lower().rstrip(".") if text.isascii() else ""
    return host if is_host(host) else ""


def parse_text(value: object) -> str:
    """The value if it is text, otherwise empty: other types are not converted."""
    return value if isinstance(value, str) else ""


def parse_list(value: object) -> list[object]:
    """The value as a list. A single value becomes a list of one, so that it is checked and reported like the others."""
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]


def parse_url_host(url: object) -> str:
    """The host name of a URL, empty if it has no valid one."""
    try:
        text = parse_text(url)
        # urlsplit removes line breaks and tabs: the rest would be the name of another host.
        return to_host(urlsplit(text).hostname or "") if text.isascii() and text.isprintable() else ""
    except ValueError:
        return ""


def parse_address(value: object) -> str:
    """An address in the form that HAProxy expects before a port (IPv6 in brackets), empty if it is invalid."""
    given = parse_text(value)
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        name = given.lower() if given.isascii() else ""
        return name if is_host(name) and not _NUMBER.fullmatch(name.rpartition(".")[2]) else ""
    # The scope after a % can be any text.
    if address.is_unspecified or address.is_multicast or "%" in given:
        return ""
    return f"[{address}]" if address.version == 6 else given


def parse_port(value: object) -> int:
    """A port, 0 if it is invalid."""
    text = str(value)
    return int(text) if re.fullmatch("[0-9]{1,5}", text) and int(text) < 65536 else 0


def quote(text: str) -> str:
    """Untrusted text for a message: one line, printable, short, and never a template."""
    return escape_unprintable(repr(text[:80])).replace("{", "(").replace("}", ")")

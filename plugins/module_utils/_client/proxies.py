# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy between this host and the broker, which environment variables such as ``https_proxy`` set."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import SplitResult, urlsplit

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import SettingError

with suppress(ImportError):
    # session.py reports a missing library.
    from requests.utils import get_environ_proxies, select_proxy

SOCKS = ("socks4", "socks4a", "socks5", "socks5h")
SCHEMES = ("http", "https", *SOCKS)
_HOST = re.compile(r"[\w.:%-]+\Z")


@dataclass(frozen=True)
class Proxy:
    """A proxy without its credentials. ``variable``: the environment variable that sets it."""

    address: str
    variable: str

    def __str__(self) -> str:
        return f"the proxy {self.address} ({self.variable})"

    @property
    def is_socks(self) -> bool:
        return self.address.startswith("socks")

    @property
    def remedy(self) -> str:
        return f"Check the proxy in {self.variable}, or add the broker's host to no_proxy."


def find_proxy(url: str) -> Proxy | None:
    """The proxy that ``requests`` uses for ``url``, if any. Raises ``SettingError`` if its address is unusable."""
    address = select_proxy(url, get_environ_proxies(url, no_proxy=None))
    return check_proxy(address, url, os.environ) if address else None


def check_proxy(address: str, url: str, environ: Mapping[str, str]) -> Proxy:
    """The proxy with that address. Raises ``SettingError``, which never quotes it: it may contain a password."""
    variable = _variable(address, url, environ)
    parts = _split(address, variable)
    if parts.scheme in SOCKS and find_spec("socks") is None:
        remedy = "Install PySocks for the Python that runs the module, or use an HTTP proxy."
        raise SettingError(variable, "a SOCKS proxy needs the Python library PySocks, which is missing", remedy)
    port = f":{parts.port}" if parts.port else ""
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    return Proxy(f"{parts.scheme}://{host}{port}", variable)


def _split(address: str, variable: str) -> SplitResult:
    """The parts of the address, which is an HTTP proxy's if it has no scheme."""
    form = "the form is http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with percent-encoded credentials"
    full = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(full)
        usable = bool(_HOST.match(parts.hostname or "")) and parts.port != 0
    except ValueError:
        usable = False
    remedy = f"Correct {variable}: {form}."
    # A character of a password that is not percent-encoded ends the part that urlsplit takes for the host.
    if not usable or "@" in "".join(parts[2:]) or re.search(r"[\s\x00-\x1f]", full):
        raise SettingError(variable, "the address of the proxy is invalid", remedy)
    if parts.scheme not in SCHEMES:
        problem = f"a proxy with the scheme {parts.scheme} is not supported"
        raise SettingError(variable, problem, f"Use one of {', '.join(SCHEMES)}.")
    return parts


def _variable(address: str, url: str, environ: Mapping[str, str]) -> str:
    """The environment variable that contains the address."""
    scheme = urlsplit(url).scheme
    names = (f"{scheme}_proxy", "all_proxy")
    candidates = [each for name in names for each in (name, name.upper())]
    return next((name for name in candidates if environ.get(name) == address), names[0])

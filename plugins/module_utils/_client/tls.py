# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the TLS contexts of a connection: trusted authorities, client certificate, ciphers and versions.

The broker and an HTTPS proxy in front of it have separate contexts: the ciphers, the versions and the client
certificate are for the broker only.
"""

from __future__ import annotations

import errno
import os
import re
import ssl
import stat
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection, SettingError
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.handshake import BROKER, PROXY, mark
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.sockets import GuardedTls

with suppress(ImportError):
    # session.py reports a missing library.
    from requests.utils import DEFAULT_CA_BUNDLE_PATH
    from urllib3.util.ssl_ import create_urllib3_context

#: The choices of the option ``tls_min_version``.
TLS_VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
#: Versions that OpenSSL 3 only uses at its lowest security level, because they sign with SHA-1 and MD5.
OLD_VERSIONS = ("TLSv1", "TLSv1.1")
#: OpenSSL's flag for servers without secure renegotiation. Python has a name for it since 3.12.
LEGACY_SERVER_CONNECT = 0x4
#: The environment variables that replace the trusted authorities, in this order, as in ``requests``.
BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
#: The names of certificates in a directory that ``openssl rehash`` has prepared.
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+\Z")


class Contexts:
    """The TLS contexts of a connection, built when they are first needed. Raises ``SettingError``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def broker(self) -> ssl.SSLContext:
        connection = self._connection
        context = self._build(BROKER, connection.ciphers, connection.tls_min_version)
        if connection.client_cert:
            _load_client_certificate(context, connection.client_cert, connection.client_key)
        return context

    @cached_property
    def proxy(self) -> ssl.SSLContext:
        return self._build(PROXY, None, None)

    def _build(self, peer: str, ciphers: str | None, version: str | None) -> ssl.SSLContext:
        verify = self._connection.verify
        context: ssl.SSLContext = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if verify else ssl.CERT_NONE)
        if peer == PROXY:
            # urllib3 1.26 itself compares only the host name of the broker.
            context.check_hostname = bool(verify)
        if version is not None:
            _set_version(context, version)
        if all_ciphers := _ciphers(ciphers, version):
            context.set_ciphers(all_ciphers)
        # Loaded last: the security level applies to these certificates, too.
        if verify:
            load_trust(context, verify, os.environ)
        context.sslsocket_class = _guarded(peer)
        context.sslobject_class = _Inner
        return context


def _guarded(peer: str) -> Any:
    """The class of sockets for handshakes with ``peer``."""
    return type("GuardedTls", (GuardedTls,), {"peer": peer})


class _Inner(ssl.SSLObject):
    """TLS with the broker inside of TLS with a proxy."""

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except OSError as error:
            mark(error, BROKER, self.cipher())
            raise


def _set_version(context: ssl.SSLContext, version: str) -> None:
    with warnings.catch_warnings():
        # Python warns about old versions. The user has asked for one.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = TLS_VERSIONS[version]
    if version in OLD_VERSIONS:
        context.options |= LEGACY_SERVER_CONNECT
        # Certificates of that age often lack extensions that Python 3.13 demands.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT


def _ciphers(ciphers: str | None, version: str | None) -> str | None:
    """The ciphers with the security level that the version needs, unless the user set a level."""
    if version not in OLD_VERSIONS or (ciphers and "@SECLEVEL" in ciphers):
        return ciphers
    return f"{ciphers or 'DEFAULT'}:@SECLEVEL=0"


# --- Trusted authorities ---------------------------------------------------------------------------------------------


def trust_source(verify: bool | str, environ: Mapping[str, str]) -> tuple[str, str | None]:
    """Where the trusted authorities come from: a name for messages, and the path (``None``: the system)."""
    if isinstance(verify, str):
        return "ca_path", verify
    variable = next((name for name in BUNDLE_VARIABLES if environ.get(name)), None)
    if variable:
        return variable, environ[variable]
    system = environ.get("SSL_CERT_FILE")
    return (f"SSL_CERT_FILE ({system}) and of certifi" if system else "the system and of certifi"), None


def load_trust(context: ssl.SSLContext, verify: bool | str, environ: Mapping[str, str]) -> None:
    """Load the trusted authorities. Raises ``SettingError``.

    Without a setting, these are the authorities of the system, which ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` replace,
    and those of certifi.
    """
    name, path = trust_source(verify, environ)
    if path is not None:
        with _setting(name):
            _load_bundle(context, name, path)
        return
    context.load_default_certs()
    with suppress(OSError, ValueError):
        # Distributions replace it by the store of the system.
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)


def _load_bundle(context: ssl.SSLContext, name: str, path: str) -> None:
    if Path(path).is_dir():
        if not any(_HASHED.match(entry.name) for entry in Path(path).iterdir()):
            raise SettingError(name, f"the directory {path} contains no certificates that openssl rehash has named")
        context.load_verify_locations(capath=path)
        return
    content = _read(path)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError as error:
        if b"-----BEGIN " not in content:
            raise SettingError(name, f"{path} contains no certificate in PEM format") from error
        if _is_cut(content):
            raise SettingError(name, f"{path} is incomplete: it has a BEGIN line without an END line") from error
        raise SettingError(name, f"{path} cannot be loaded: {describe_tls(error)}") from error


# --- Client certificates ---------------------------------------------------------------------------------------------


def _load_client_certificate(context: ssl.SSLContext, cert: str, key: str | None) -> None:
    """Load the client certificate. Never asks for a passphrase. Raises ``SettingError``."""
    with _setting("client_cert"):
        if b"CERTIFICATE-----" not in _read(cert):
            raise SettingError("client_cert", f"{cert} contains no certificate in PEM format")
    holder = "client_key" if key else "client_cert"
    with _setting(holder):
        if b"PRIVATE KEY-----" not in _read(key or cert):
            remedy = "" if key else "; set client_key"
            raise SettingError(holder, f"{key or cert} contains no private key in PEM format{remedy}")

    def refuse() -> str:
        command = "openssl pkey -in FILE -out NEW_FILE"
        raise SettingError(holder, f"the key in {key or cert} is encrypted; decrypt it with {command}")

    try:
        context.load_cert_chain(cert, key, password=refuse)
    except ssl.SSLError as error:
        raise _unusable_certificate(error, cert, key) from error


def _unusable_certificate(error: ssl.SSLError, cert: str, key: str | None) -> SettingError:
    # The last one: a key of another type.
    if error.reason in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"):
        return SettingError("client_key" if key else "client_cert", f"the key in {key or cert} is not that of {cert}")
    if error.reason in ("EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"):
        problem = f"{cert} is too weak for OpenSSL on this host ({describe_tls(error)})"
        return SettingError("client_cert", f"{problem}; renew it, or set ciphers to DEFAULT:@SECLEVEL=0")
    if cut := next((path for path in (cert, key) if path and _is_cut(_read(path))), None):
        option = "client_cert" if cut == cert else "client_key"
        return SettingError(option, f"{cut} is incomplete: it has a BEGIN line without an END line")
    return SettingError("client_cert", f"{cert} and its key cannot be loaded: {describe_tls(error)}")


def _is_cut(content: bytes) -> bool:
    """Whether a file in PEM format is cut off: it has a BEGIN line without an END line."""
    return content.count(b"-----BEGIN ") > content.count(b"-----END ")


def check_tls(connection: Connection) -> None:
    """Read the files that the options name, if the connection uses them. Raises ``SettingError``."""
    names_files = isinstance(connection.verify, str) or connection.client_cert
    if names_files and connection.url.startswith("https:"):
        _loaded = Contexts(connection).broker


def describe_tls(error: ssl.SSLError) -> str:
    """OpenSSL's reason in words."""
    if isinstance(error, ssl.SSLZeroReturnError):
        return "the server closed the connection"
    return (error.reason or "").lower().replace("_", " ") or "no reason is known"


def _read(path: str) -> bytes:
    if not stat.S_ISREG(Path(path).stat().st_mode):
        # A named pipe would wait for a writer, and a device may have no end.
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    return Path(path).read_bytes()


@contextmanager
def _setting(name: str) -> Iterator[None]:
    """Report an unusable path as an error of that setting."""
    try:
        yield
    except ssl.SSLError as error:
        raise SettingError(name, describe_tls(error)) from error
    except OSError as error:
        shown = f"{error.filename} cannot be read: " if error.filename else ""
        raise SettingError(name, f"{shown}{error.strerror or type(error).__name__}") from error
    except ValueError as error:
        raise SettingError(name, "is not a valid path") from error

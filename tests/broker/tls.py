"""A certificate for the loopback addresses, issued by a temporary certificate authority."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

import trustme

NAMES = ("127.0.0.1", "::1", "localhost")


def make_tls() -> tuple[ssl.SSLContext, Path]:
    """Return a server context, and the file with the CA certificate for clients. The caller removes the file."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(context)
    with tempfile.NamedTemporaryFile(prefix="broker-ca-", suffix=".pem", delete=False) as file:
        path = Path(file.name)
    authority.cert_pem.write_to_path(str(path))
    return context, path

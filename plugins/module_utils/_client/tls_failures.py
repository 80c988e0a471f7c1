# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Explain a failure of TLS: what does not fit, and which option to set. Pure.

OpenSSL's names for reasons depend on its version. An unknown name is quoted.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.handshake import Handshake
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.tls import (
    trust_source,
)

#: The peer's answer is not TLS.
NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
VERSION = (
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "UNSUPPORTED_PROTOCOL",
    "NO_PROTOCOLS_AVAILABLE",
    "VERSION_TOO_LOW",
    "VERSION_TOO_HIGH",
    "WRONG_SSL_VERSION",
    "UNSUPPORTED_SSL_VERSION",
)
HANDSHAKE_FAILURE = ("SSLV3_ALERT_HANDSHAKE_FAILURE", "SSL/TLS_ALERT_HANDSHAKE_FAILURE")
CIPHERS = (
    *HANDSHAKE_FAILURE,
    "NO_CIPHERS_AVAILABLE",
    "NO_SHARED_CIPHER",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY",
)
WEAK = (
    "DH_KEY_TOO_SMALL",
    "EE_KEY_TOO_SMALL",
    "CA_KEY_TOO_SMALL",
    "CA_MD_TOO_WEAK",
    "BAD_DH_VALUE",
    "MODULUS_TOO_SMALL",
    "WRONG_SIGNATURE_TYPE",
    "NO_SUITABLE_SIGNATURE_ALGORITHM",
    "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED",
)
RENEGOTIATION = ("UNSAFE_LEGACY_RENEGOTIATION_DISABLED",)
CLIENT_CERTIFICATE = (
    "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "SSLV3_ALERT_NO_CERTIFICATE",
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_REVOKED",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "TLSV1_ALERT_UNKNOWN_CA",
    "TLSV1_ALERT_ACCESS_DENIED",
)
HOST_NAME = ("TLSV1_UNRECOGNIZED_NAME", "TLSV1_ALERT_UNRECOGNIZED_NAME")

#: The lowest value of ``tls_min_version``.
OLDEST = "TLSv1"
#: OpenSSL's numbers for the results of a verification.
NOT_YET_VALID, EXPIRED, REVOKED = 9, 10, 23
UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)
OTHER_HOST = (62, 64)
TOO_WEAK = (66, 67, 68)

#: The remedy for a certificate of another host.
OTHER_NAME = "Set broker_url to a host name in the broker's certificate, or renew the certificate."
#: The remedy for keys and signatures that OpenSSL refuses.
LOWER_LEVEL = "Set ciphers to DEFAULT:@SECLEVEL=0, or renew the broker's key and certificate."


def explain_distrust(
    error: ssl.SSLCertVerificationError, connection: Connection, environ: Mapping[str, str]
) -> tuple[str, str]:
    """What is wrong with a certificate, and the next step."""
    reason, code = error.verify_message.rstrip("."), error.verify_code
    if code in OTHER_HOST:
        return reason, OTHER_NAME
    if code in (EXPIRED, NOT_YET_VALID):
        return reason, "Renew the certificate, or correct the clock of this host."
    if code in TOO_WEAK:
        return reason, LOWER_LEVEL
    if code in UNKNOWN_AUTHORITY:
        name, path = trust_source(connection.verify, environ)
        shown = f"{name} ({path})" if path else name
        reason = f"{reason}; the trusted authorities are those of {shown}"
        return reason, "Set ca_path to a file with the certificate of the authority that signed the broker's."
    return reason, "Renew the broker's certificate, or check ca_path."


def explain_tls(error: ssl.SSLError, handshake: Handshake | None, connection: Connection) -> tuple[str, str] | None:
    """What does not fit, and the next step; ``None`` for an unknown reason."""
    reason = error.reason or ""
    if (
        reason in CIPHERS
        and handshake is not None
        and handshake.agreed
        and reason != "TLSV1_ALERT_INSUFFICIENT_SECURITY"
    ):
        # The peer had chosen a cipher. What it then missed was a certificate.
        return _explain_client_certificate(connection)
    if reason in VERSION:
        return "no version of TLS is allowed by both the broker and this host", _version_remedy(connection)
    if reason in CIPHERS:
        remedy = "Set ciphers to what the broker supports, for example DEFAULT:@SECLEVEL=0 for an old broker."
        return "the broker supports none of the ciphers that this host offers", remedy
    if reason in WEAK:
        return "OpenSSL on this host refuses the broker's key or signature as too weak", LOWER_LEVEL
    if reason in RENEGOTIATION:
        remedy = "Update OpenSSL on the broker, or set tls_min_version to TLSv1, which allows such a broker."
        return "the broker does not support secure renegotiation", remedy
    if reason in CLIENT_CERTIFICATE:
        return _explain_client_certificate(connection)
    if reason in HOST_NAME:
        return "the server does not know the host name", "Check the host name in broker_url."
    return None


def _version_remedy(connection: Connection) -> str:
    if connection.tls_min_version is None:
        return f"Set tls_min_version to {OLDEST} for an old broker (RHEL 6), or enable TLS 1.2 on the broker."
    if connection.tls_min_version == OLDEST:
        return "The broker may allow only SSL 3.0, or OpenSSL on this host no TLS 1.0: update one of them."
    return f"Set tls_min_version to a lower version, for example {OLDEST}."


def _explain_client_certificate(connection: Connection) -> tuple[str, str]:
    if connection.client_cert:
        remedy = "Check client_cert: the broker must know its authority, and it must be valid."
        return "the broker does not accept the client certificate", remedy
    return "the broker requires a client certificate", "Set client_cert and client_key."

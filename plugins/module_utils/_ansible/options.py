# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert validated options into the objects of the core.

Every invalid option is found here, before the first request, and the error begins with the option's name.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.common.text.formatters import human_to_bytes

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import BASIC_OPTIONS, ENVIRONMENT
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection, SettingError
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import REST_PATH
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.session import HAS_REQUESTS
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.tls import check_tls
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import HA_MINIMUM, NO_LIMIT, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_gears import DesiredGears, GearChange
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_limits import DesiredLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.fields import LONGEST_NAME
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import SETTINGS
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import COUNT, NODE, Probe, Verification
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import Selection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import Target, differing_options
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Patience

_NAME = re.compile(r"[A-Za-z0-9]+\Z")
_CARTRIDGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_PATH = re.compile(r"/[!-~]{0,2000}\Z")
_STATUSES = re.compile(r"\s*([0-9]{3})(?:\s*-\s*([0-9]{3}))?\s*\Z")
_HOST = re.compile(r"[A-Za-z0-9._-]+\Z")
#: The broker accepts no more gears than this; a larger number is a typing error.
MOST_GEARS = 1_000_000
#: The longest wait in seconds (a year); a longer one is a typing error.
LONGEST_WAIT = 31_536_000.0

#: The longest time for a probe in seconds.
LONGEST_PROBE = 300.0


class OptionError(Exception):
    """An invalid option. The text begins with its name."""

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"{option}: {problem}")


def connection_from(params: Mapping[str, Any], environ: Mapping[str, str]) -> Connection:
    """The connection that the options describe. Raises ``OptionError``."""
    if not params.get("broker_url"):
        raise OptionError("broker_url", f"is missing: {_remedy('broker_url')}")
    url, credentials = rest_url(str(params["broker_url"])), _credentials(params, environ)
    for option in ("ca_path", "client_cert", "client_key"):
        if params.get(option):
            _require_file(option, str(params[option]))
    if params.get("client_key") and not params.get("client_cert"):
        raise OptionError("client_key", "requires client_cert")
    verify: bool | str = bool(params["validate_certs"])
    if verify and params.get("ca_path"):
        verify = str(params["ca_path"])
    connection = Connection(
        url=url,
        username=credentials.get("username"),
        password=credentials.get("password"),
        token=_header("token", credentials.get("token")),
        verify=verify,
        client_cert=params.get("client_cert") or None,
        client_key=params.get("client_key") or None,
        ciphers=_ciphers(params),
        tls_min_version=params.get("tls_min_version") or None,
        impersonate_user=_header("impersonate_user", params.get("impersonate_user")),
        http_timeout=_seconds(params, "http_timeout"),
        operation_timeout=_seconds(params, "operation_timeout"),
        max_response_size=_bytes(params, "max_response_size"),
    )
    if HAS_REQUESTS:
        try:
            check_tls(connection)
        except SettingError as error:
            raise OptionError(error.name, error.problem) from error
    return connection


def _require_file(option: str, path: str) -> None:
    """Raises ``OptionError`` if there is no such file or directory."""
    try:
        exists = Path(path).exists()
    except OSError as error:
        raise OptionError(option, f"is not a valid path: {error.strerror}") from error
    except ValueError as error:
        raise OptionError(option, "is not a valid path") from error
    if not exists:
        raise OptionError(option, f"{path} does not exist")


def rest_url(broker_url: str) -> str:
    """``broker_url``, with or without ``/broker/rest``, as the address of the REST API. Raises ``OptionError``."""
    url = broker_url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        usable = (
            parts.scheme in ("http", "https") and _is_host(parts.hostname) and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        usable = False
    if not usable:
        raise OptionError("broker_url", "must be an address like https://broker.example.com")
    if "@" in url:
        # In any part of the address: a slash in a password would end the part that urlsplit takes for the host.
        raise OptionError("broker_url", "must not hold credentials: set username and password, or token")
    if any(character in "?#" or character.isspace() for character in url):
        raise OptionError("broker_url", "must be an address without query, fragment and spaces")
    return url if parts.path.endswith(REST_PATH) else url + REST_PATH


def _is_host(host: str | None) -> bool:
    """Whether it is a valid host name or address. Raises ``ValueError`` for labels that are empty or too long."""
    if not host:
        return False
    return ":" in host or bool(_HOST.match(host.encode("idna").decode("ascii")))


def ref_from(params: Mapping[str, Any]) -> AppRef:
    """The application named by ``domain`` and ``name``. Raises ``OptionError``."""
    for option in ("domain", "name"):
        name = params[option]
        if not isinstance(name, str) or not _NAME.match(name):
            shown = squeeze(repr(name))
            raise OptionError(option, f"{shown} is not a valid name: only letters and digits are allowed")
        if len(name) > LONGEST_NAME:
            raise OptionError(option, f"'{squeeze(name, 20)}' is not a valid name: it has {len(name):,} characters")
    return AppRef(domain=params["domain"], name=params["name"])


def info_scope_from(params: Mapping[str, Any]) -> AppRef | str | None:
    """One application, the name of a domain, or ``None`` for all. Raises ``OptionError``."""
    if params.get("name") is not None:
        return ref_from(params)
    if params.get("domain") is not None:
        return ref_from({**params, "name": params["domain"]}).domain
    return None


def desired_ha_from(params: Mapping[str, Any]) -> DesiredHa:
    """The desired state of an application. Raises ``OptionError``."""
    minimum, maximum = _limits(params)
    ha = params["state"] == "present"
    if ha and maximum is not None and NO_LIMIT < maximum < HA_MINIMUM:
        raise OptionError("max_gears", f"{maximum} is not enough: high availability needs {HA_MINIMUM} gears")
    return DesiredHa(
        ha=ha,
        scale_strategy=params["scale_strategy"],
        preserve_gear_count=params["preserve_gear_count"],
        min_gears=minimum,
        max_gears=maximum,
        allow_gear_removal=params["allow_gear_removal"],
        verification=verification_from(params),
        relocate=bool(params.get("relocate")),
    )


def verification_from(params: Mapping[str, Any]) -> Verification:
    """How the high availability is verified. Raises ``OptionError``."""
    probe = params.get("probe") or {}
    path = str(probe.get("path") or "/")
    if not _PATH.match(path):
        raise OptionError("probe.path", "must begin with a slash, and contain only printable ASCII without spaces")
    timeout = float(Probe.timeout if probe.get("timeout") is None else probe["timeout"])
    if not 0 < timeout <= LONGEST_PROBE:
        raise OptionError("probe.timeout", f"must be a number of seconds, more than 0 and at most {LONGEST_PROBE:g}")
    given = probe.get("statuses")
    statuses = Probe.statuses if given is None else tuple(_status_range(str(text)) for text in given)
    if not statuses:
        raise OptionError("probe.statuses", "is empty: no answer would be accepted")
    return Verification(params.get("verify") or COUNT, params.get("spread") or NODE, Probe(path, timeout, statuses))


def _status_range(text: str) -> tuple[int, int]:
    """``200`` or ``200-399``. Raises ``OptionError``."""
    match = _STATUSES.match(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 100 <= first <= last <= 599:
        raise OptionError("probe.statuses", f"{text!r} is neither an HTTP status like 200 nor a range like 200-399")
    return first, last


def desired_gears_from(params: Mapping[str, Any]) -> DesiredGears | GearChange:
    """The desired number of web gears, or the change of their number. Raises ``OptionError``."""
    gears, by = params.get("gears"), params.get("by")
    for option, value in (("gears", gears), ("by", by)):
        if value is not None and abs(value) > MOST_GEARS:
            raise OptionError(option, f"{value} is not a plausible number of gears")
    if gears is None:
        if by is None:
            raise OptionError("gears", "one of gears or by is required")
        if not by:
            raise OptionError("by", "0 changes nothing: a positive number adds gears, a negative number removes gears")
        return GearChange(int(by))
    if gears < 1:
        raise OptionError("gears", f"{gears} is less than 1")
    return DesiredGears(int(gears))


def desired_limits_from(params: Mapping[str, Any]) -> DesiredLimits:
    """The desired limits of a cartridge. Raises ``OptionError``."""
    minimum, maximum = _limits(params)
    if minimum is None and maximum is None:
        raise OptionError("min_gears", "one of min_gears or max_gears is required")
    name = str(params["cartridge"])
    if not _CARTRIDGE.match(name):
        raise OptionError("cartridge", f"{name!r} is not a valid name of a cartridge, such as php-5.4")
    return DesiredLimits(name, minimum, maximum, params["allow_gear_removal"])


def _limits(params: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """``min_gears`` and ``max_gears``. Raises ``OptionError``."""
    minimum, maximum = params.get("min_gears"), params.get("max_gears")
    if minimum is not None and minimum < 1:
        raise OptionError("min_gears", f"{minimum} is less than 1")
    if maximum is not None and maximum != NO_LIMIT and maximum < 1:
        raise OptionError("max_gears", f"{maximum} is neither a number of gears nor -1 (no limit)")
    for option, value in (("min_gears", minimum), ("max_gears", maximum)):
        if value is not None and value > MOST_GEARS:
            raise OptionError(option, f"{value} is not a plausible number of gears")
    if maximum is not None and maximum != NO_LIMIT and minimum is not None and minimum > maximum:
        raise OptionError("min_gears", f"{minimum} is more than max_gears ({maximum})")
    return minimum, maximum


def targets_from(params: Mapping[str, Any]) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """The applications in the option ``applications``, each once, and those that it names more than once.

    Raises ``OptionError``, which names the entry, also if an application is named twice with different settings.
    """
    targets: dict[tuple[str, str], Target] = {}
    repeated: dict[tuple[str, str], str] = {}
    for number, entry in enumerate(params["applications"]):
        own = {option: value for option, value in entry.items() if value is not None}
        try:
            target = target_from({**params, **own}, own if params.get("policy") is not None else {})
        except OptionError as error:
            raise OptionError(f"applications[{number}]", str(error)) from error
        first = targets.setdefault(target.ref.key, target)
        if differences := differing_options(first, target):
            problem = f"{first.ref} is in the list twice, with different settings ({', '.join(differences)})"
            raise OptionError(f"applications[{number}]", f"{problem}. Nothing was changed. List the application once.")
        if first is not target:
            repeated[target.ref.key] = str(first.ref)
    return tuple(targets.values()), tuple(repeated.values())


def target_from(params: Mapping[str, Any], own: Mapping[str, Any]) -> Target:
    """One application and its desired state. ``own``: its own options, for the policy. Raises ``OptionError``."""
    of_state = {option: value for option, value in own.items() if option in SETTINGS}
    return Target(ref_from(params), desired_ha_from(params), patience_from(params), own=of_state)


def selection_from(params: Mapping[str, Any]) -> Selection:
    """The option ``select`` (``{}``: all accessible applications). Raises ``OptionError`` if it has no value."""
    select = params.get("select")
    if select is None:
        raise OptionError("applications", "one of applications or select is required")
    return Selection(
        domains=tuple(select.get("domains") or ()),
        names=tuple(select.get("names") or ()),
        exclude=tuple(select.get("exclude") or ()),
        owned_only=bool(select.get("owned_only")),
        scalable_only=bool(select.get("scalable_only")),
        owners=tuple(select.get("owners") or ()),
        claims_ha=select.get("claims_ha"),
    )


def count_from(params: Mapping[str, Any], option: str, least: int) -> int | None:
    """A number of applications, or ``None``. Raises ``OptionError`` if it is less than ``least``."""
    value = params.get(option)
    if value is not None and value < least:
        raise OptionError(option, f"{value} is less than {least}")
    return value


def patience_from(params: Mapping[str, Any]) -> Patience:
    """How long to wait for other operations, in seconds. Raises ``OptionError``."""
    if not 0 <= params["wait_timeout"] <= LONGEST_WAIT:
        raise OptionError("wait_timeout", "must be a number of seconds, at least 0 and at most a year")
    return Patience(wait_timeout=params["wait_timeout"], poll_interval=_seconds(params, "poll_interval"))


def _credentials(params: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Either a token, or a username with its password. Options of the task take precedence over the environment."""
    given = {option: str(params[option]) for option in ("token", *BASIC_OPTIONS) if params.get(option)}
    if "token" in given and len(given) > 1:
        own = {option for option, value in given.items() if environ.get(ENVIRONMENT[option]) != value}
        if own == {"token"}:
            return {"token": given["token"]}
        if not own or "token" in own:
            raise OptionError("token", "cannot be combined with username and password: set one or the other")
        del given["token"]
    if "token" in given:
        return given
    if "username" in given and "password" not in given:
        raise OptionError("password", f"is needed with username: {_remedy('password')}")
    if "password" in given and "username" not in given:
        raise OptionError("username", f"is needed with password: {_remedy('username')}")
    if not given and not params.get("client_cert"):
        user, password, token = (ENVIRONMENT[option] for option in (*BASIC_OPTIONS, "token"))
        remedy = f"set username and password, or token, or {user} and {password}, or {token}, in the environment"
        raise OptionError("username", f"credentials are missing: {remedy}")
    return given


def _remedy(option: str) -> str:
    return f"set the option, or {ENVIRONMENT[option]} in the environment"


def _seconds(params: Mapping[str, Any], option: str) -> float:
    value = float(params[option])
    if not 0 < value <= LONGEST_WAIT:
        raise OptionError(option, "must be a number of seconds, more than 0 and at most a year")
    return value


def _bytes(params: Mapping[str, Any], option: str) -> int:
    try:
        size = int(human_to_bytes(params[option]))
    except (ValueError, OverflowError):
        size = 0
    if size < 1:
        raise OptionError(option, "must be a number of bytes, at least 1, or a size like 512M or 1G")
    return size


def _ciphers(params: Mapping[str, Any]) -> str | None:
    """The ciphers in OpenSSL's notation. Raises ``OptionError`` if OpenSSL supports none of them."""
    if not params.get("ciphers"):
        return None
    ciphers = ":".join(params["ciphers"])
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers(ciphers)
    except (ssl.SSLError, ValueError) as error:
        raise OptionError("ciphers", f"OpenSSL on this host supports none of {ciphers!r}") from error
    return ciphers


def _header(option: str, value: str | None) -> str | None:
    """The value of an HTTP header. Raises ``OptionError``, which never quotes the value: it may be a secret."""
    if not value:
        return None
    if not all("!" <= character <= "~" for character in value):
        raise OptionError(option, "must contain printable ASCII characters only, without spaces and line breaks")
    return value

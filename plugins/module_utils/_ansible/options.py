# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options: their specifications, and how they become what the core works with.

Whatever is wrong with an option is found here, before any request, and told with the option's name.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import REST_PATH
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.transport import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import PROGRAM
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import HA_MINIMUM, NO_LIMIT, AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_gears import DesiredGears, GearChange
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import (
    SCALE_STRATEGIES,
    SCALE_UP,
    DesiredHa,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_limits import DesiredLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import Selection
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Patience
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet import Target

#: The environment variables that stand in for connection options that are not set.
ENVIRONMENT = {
    "broker_url": "OPENSHIFT_BROKER_URL",
    "username": "OPENSHIFT_BROKER_USERNAME",
    "password": "OPENSHIFT_BROKER_PASSWORD",
    "token": "OPENSHIFT_BROKER_TOKEN",
    "validate_certs": "OPENSHIFT_BROKER_VALIDATE_CERTS",
    "ca_path": "OPENSHIFT_BROKER_CA_PATH",
    "client_cert": "OPENSHIFT_BROKER_CLIENT_CERT",
    "client_key": "OPENSHIFT_BROKER_CLIENT_KEY",
}
_BASIC = ("username", "password")
_NAME = re.compile(r"[A-Za-z0-9]+\Z")
_CARTRIDGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_HOST = re.compile(r"[A-Za-z0-9._-]+\Z")
#: The most gears that the broker reckons with; more is taken to be a slip.
MOST_GEARS = 1_000_000
#: Seconds beyond which a wait is taken to be a slip (a year).
LONGEST_WAIT = 31_536_000.0


class OptionError(Exception):
    """An option that cannot be meant; the text begins with its name."""

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"{option}: {problem}")


def from_environment(variable: str) -> str:
    """The fallback of an option. An empty variable counts as none: that is how AWX hands over an empty field."""
    value = os.environ.get(variable)
    if not value:
        raise AnsibleFallbackNotFound
    return value


def connection_spec() -> dict[str, dict[str, Any]]:
    """The options of the doc fragment ``broker``."""
    return {
        "broker_url": _env("broker_url", type="str"),
        "username": _env("username", type="str"),
        "password": _env("password", type="str", no_log=True),
        "token": _env("token", type="str", no_log=True),
        "validate_certs": _env("validate_certs", type="bool", default=True),
        "ca_path": _env("ca_path", type="path"),
        "client_cert": _env("client_cert", type="path"),
        "client_key": _env("client_key", type="path", no_log=False),
        "ciphers": {"type": "list", "elements": "str"},
        "impersonate_user": {"type": "str"},
        "http_timeout": {"type": "float", "default": 30},
        "operation_timeout": {"type": "float", "default": 300},
    }


def converge_spec() -> dict[str, dict[str, Any]]:
    """The options of the doc fragment ``converge``."""
    return {
        "scale_strategy": {"type": "str", "choices": list(SCALE_STRATEGIES), "default": SCALE_UP},
        "preserve_gear_count": {"type": "bool", "default": False},
        "min_gears": {"type": "int"},
        "max_gears": {"type": "int"},
        "allow_gear_removal": {"type": "bool", "default": False},
    }


def waiting_spec() -> dict[str, dict[str, Any]]:
    """The options of the doc fragment ``converge.waiting``."""
    return {
        "wait_timeout": {"type": "float", "default": 600},
        "poll_interval": {"type": "float", "default": 5},
    }


def application_spec() -> dict[str, dict[str, Any]]:
    """The options of the doc fragment ``application``."""
    return {
        "domain": {"type": "str", "required": True},
        "name": {"type": "str", "required": True, "aliases": ["app"]},
    }


def app_ha_spec() -> dict[str, dict[str, Any]]:
    """All options of ``openshift_app_ha``."""
    own: dict[str, dict[str, Any]] = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
    return {**application_spec(), **own, **converge_spec(), **waiting_spec(), **connection_spec()}


def app_scale_spec() -> dict[str, dict[str, Any]]:
    """All options of ``openshift_app_scale``."""
    own: dict[str, dict[str, Any]] = {"gears": {"type": "int"}, "by": {"type": "int"}}
    return {**application_spec(), **own, **waiting_spec(), **connection_spec()}


def cartridge_scale_spec() -> dict[str, dict[str, Any]]:
    """All options of ``openshift_cartridge_scale``."""
    own: dict[str, dict[str, Any]] = {
        "cartridge": {"type": "str", "required": True},
        "min_gears": {"type": "int"},
        "max_gears": {"type": "int"},
        "allow_gear_removal": {"type": "bool", "default": False},
    }
    return {**application_spec(), **own, **waiting_spec(), **connection_spec()}


def selection_spec() -> dict[str, Any]:
    """The option ``select``, of the doc fragment ``application.select``."""
    return {
        "type": "dict",
        "options": {
            "domains": {"type": "list", "elements": "str"},
            "names": {"type": "list", "elements": "str"},
            "exclude": {"type": "list", "elements": "str"},
            "owned_only": {"type": "bool", "default": False},
            "scalable_only": {"type": "bool", "default": False},
        },
    }


def apps_ha_spec() -> dict[str, dict[str, Any]]:
    """All options of ``openshift_apps_ha``; an application in the list may have those of ``openshift_app_ha``."""
    app = app_ha_spec()
    overrides = {name: _without_default(spec) for name, spec in app.items() if name not in connection_spec()}
    common = {name: spec for name, spec in app.items() if name not in ("domain", "name")}
    own: dict[str, dict[str, Any]] = {
        "applications": {"type": "list", "elements": "dict", "options": overrides},
        "select": selection_spec(),
        "concurrency": {"type": "int", "default": 4},
        "max_changes": {"type": "int"},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
    }
    return {**own, **common}


def app_info_spec() -> dict[str, dict[str, Any]]:
    """All options of ``openshift_app_info``."""
    own: dict[str, dict[str, Any]] = {
        "domain": {"type": "str"},
        "name": {"type": "str", "aliases": ["app"]},
        "select": selection_spec(),
        "gather": {"type": "list", "elements": "str", "choices": ["endpoints"], "default": []},
    }
    return {**own, **connection_spec()}


def user_info_spec() -> dict[str, dict[str, Any]]:
    """All options of ``openshift_user_info``. With ``login`` a program on the target's host is asked, not the API."""
    own: dict[str, dict[str, Any]] = {
        "login": {"type": "list", "elements": "str", "aliases": ["logins"]},
        "command": {"type": "str", "default": PROGRAM},
    }
    return {**own, **connection_spec()}


#: What ``AnsibleModule`` and ``validate_argument_spec`` take, for each module that talks to the broker.
SPECS: dict[str, Callable[[], dict[str, Any]]] = {
    "openshift_app_ha": lambda: {"argument_spec": app_ha_spec()},
    "openshift_apps_ha": lambda: {
        "argument_spec": apps_ha_spec(),
        "required_one_of": [("applications", "select")],
        "mutually_exclusive": [("applications", "select")],
    },
    "openshift_app_info": lambda: {
        "argument_spec": app_info_spec(),
        "required_by": {"name": ("domain",)},
        "mutually_exclusive": [("select", "domain")],
    },
    "openshift_app_scale": lambda: {
        "argument_spec": app_scale_spec(),
        "required_one_of": [("gears", "by")],
        "mutually_exclusive": [("gears", "by")],
    },
    "openshift_cartridge_scale": lambda: {
        "argument_spec": cartridge_scale_spec(),
        "required_one_of": [("min_gears", "max_gears")],
    },
    "openshift_user_info": lambda: {
        "argument_spec": user_info_spec(),
        "required_one_of": [("broker_url", "login")],
    },
}


def connection_from(params: Mapping[str, Any], environ: Mapping[str, str]) -> Connection:
    """The connection that the options describe. Raises ``OptionError``."""
    if not params.get("broker_url"):
        raise OptionError("broker_url", f"is missing: {_or_environment('broker_url')}")
    url, login = rest_url(str(params["broker_url"])), _login(params, environ)
    for option in ("ca_path", "client_cert", "client_key"):
        if params.get(option) and not Path(params[option]).exists():
            raise OptionError(option, f"{params[option]} does not exist")
    if params.get("client_key") and not params.get("client_cert"):
        raise OptionError("client_key", "needs client_cert as well")
    verify: bool | str = bool(params["validate_certs"])
    if verify and params.get("ca_path"):
        verify = str(params["ca_path"])
    return Connection(
        url=url,
        username=login.get("username"),
        password=login.get("password"),
        token=_header("token", login.get("token")),
        verify=verify,
        client_cert=params.get("client_cert") or None,
        client_key=params.get("client_key") or None,
        ciphers=_ciphers(params),
        impersonate_user=_header("impersonate_user", params.get("impersonate_user")),
        http_timeout=_positive(params, "http_timeout"),
        operation_timeout=_positive(params, "operation_timeout"),
    )


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
        raise OptionError("broker_url", "needs to be an address like https://broker.example.com")
    if "@" in url:
        # Wherever it stands: a slash in a password would end what is taken for the host.
        raise OptionError("broker_url", "must not hold credentials: use username and password, or token")
    if any(character in "?#" or character.isspace() for character in url):
        raise OptionError("broker_url", "must be an address without query, fragment or spaces")
    return url if parts.path.endswith(REST_PATH) else url + REST_PATH


def _is_host(host: str | None) -> bool:
    """A name or address that can be looked up at all. Raises ``ValueError`` for labels that are too long or empty."""
    if not host:
        return False
    return ":" in host or bool(_HOST.match(host.encode("idna").decode("ascii")))


def ref_from(params: Mapping[str, Any]) -> AppRef:
    """The application that ``domain`` and ``name`` mean. Raises ``OptionError``."""
    for option in ("domain", "name"):
        if not _NAME.match(str(params[option])):
            raise OptionError(option, f"{params[option]!r} is no name on OpenShift: letters and digits only")
    return AppRef(domain=params["domain"], name=params["name"])


def info_ref(params: Mapping[str, Any]) -> AppRef | str | None:
    """One application, a domain's name, or ``None`` for all. Raises ``OptionError``."""
    if params.get("name"):
        return ref_from(params)
    if params.get("domain"):
        return ref_from({**params, "name": params["domain"]}).domain
    return None


def desired_ha_from(params: Mapping[str, Any]) -> DesiredHa:
    """What is wished of the application. Raises ``OptionError``."""
    minimum, maximum = _limits(params)
    ha = params["state"] == "present"
    if ha and maximum is not None and NO_LIMIT < maximum < HA_MINIMUM:
        raise OptionError("max_gears", f"{maximum} leaves no room for HA, which needs {HA_MINIMUM} gears")
    return DesiredHa(
        ha=ha,
        scale_strategy=params["scale_strategy"],
        preserve_gear_count=params["preserve_gear_count"],
        min_gears=minimum,
        max_gears=maximum,
        allow_gear_removal=params["allow_gear_removal"],
    )


def desired_gears_from(params: Mapping[str, Any]) -> DesiredGears | GearChange:
    """So many web gears, or so many more or fewer. Raises ``OptionError``."""
    gears, by = params.get("gears"), params.get("by")
    for option, value in (("gears", gears), ("by", by)):
        if value is not None and abs(value) > MOST_GEARS:
            raise OptionError(option, f"{value} is no number of gears that can be meant")
    if gears is None:
        if by is None:
            raise OptionError("gears", "this or by is needed, and neither has a value")
        if not by:
            raise OptionError("by", "0 is no change: give a number of gears, below zero for fewer")
        return GearChange(int(by))
    if gears < 1:
        raise OptionError("gears", f"{gears} is less than 1")
    return DesiredGears(int(gears))


def desired_limits_from(params: Mapping[str, Any]) -> DesiredLimits:
    """The limits that a cartridge is to have. Raises ``OptionError``."""
    minimum, maximum = _limits(params)
    if minimum is None and maximum is None:
        raise OptionError("min_gears", "this or max_gears is needed, and neither has a value")
    name = str(params["cartridge"])
    if not _CARTRIDGE.match(name):
        raise OptionError("cartridge", f"{name!r} is no name of a cartridge, like php-5.4")
    return DesiredLimits(name, minimum, maximum, params["allow_gear_removal"])


def _limits(params: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """``min_gears`` and ``max_gears``. Raises ``OptionError``."""
    minimum, maximum = params.get("min_gears"), params.get("max_gears")
    if minimum is not None and minimum < 1:
        raise OptionError("min_gears", f"{minimum} is less than 1")
    if maximum is not None and maximum != NO_LIMIT and maximum < 1:
        raise OptionError("max_gears", f"{maximum} is neither a number of gears nor -1 (no limit)")
    if maximum is not None and maximum != NO_LIMIT and minimum is not None and minimum > maximum:
        raise OptionError("min_gears", f"{minimum} is more than max_gears {maximum}")
    return minimum, maximum


def targets_from(params: Mapping[str, Any]) -> tuple[Target, ...]:
    """The applications of the option ``applications``. Raises ``OptionError``, naming the entry."""
    targets: dict[tuple[str, str], Target] = {}
    for number, entry in enumerate(params["applications"]):
        own = {option: value for option, value in entry.items() if value is not None}
        try:
            target = target_from({**params, **own})
        except OptionError as error:
            raise OptionError(f"applications[{number}]", str(error)) from error
        key = target.ref.key
        if key in targets:
            raise OptionError(f"applications[{number}]", f"{target.ref} is in the list twice")
        targets[key] = target
    return tuple(targets.values())


def target_from(params: Mapping[str, Any]) -> Target:
    """One application and what is wished of it. Raises ``OptionError``."""
    return Target(ref_from(params), desired_ha_from(params), patience_from(params))


def selection_from(params: Mapping[str, Any]) -> Selection:
    """The option ``select`` (``{}``: all within reach). Raises ``OptionError`` where it was left empty."""
    select = params.get("select")
    if select is None:
        raise OptionError("applications", "this or select is needed, and neither has a value")
    return Selection(
        domains=tuple(select.get("domains") or ()),
        names=tuple(select.get("names") or ()),
        exclude=tuple(select.get("exclude") or ()),
        owned_only=bool(select.get("owned_only")),
        scalable_only=bool(select.get("scalable_only")),
    )


def count_from(params: Mapping[str, Any], option: str, least: int) -> int | None:
    """A number of applications, or ``None``. Raises ``OptionError`` when it is less than ``least``."""
    value = params.get(option)
    if value is not None and value < least:
        raise OptionError(option, f"{value} is less than {least}")
    return value


def patience_from(params: Mapping[str, Any]) -> Patience:
    """How long to wait, in seconds. Raises ``OptionError``."""
    if not 0 <= params["wait_timeout"] <= LONGEST_WAIT:
        raise OptionError("wait_timeout", "must be a number of seconds from 0 to a year")
    return Patience(wait_timeout=params["wait_timeout"], poll_interval=_positive(params, "poll_interval"))


def fill_from_environment(args: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """A target's own options with the connection's environment fallbacks of the controller filled in.

    For a module that runs elsewhere, where that environment is not. Credentials that the task gives itself keep
    those of the other kind out.
    """
    mine = {option for option in ENVIRONMENT if args.get(option) is not None}
    found = {o: environ[v] for o, v in ENVIRONMENT.items() if o not in mine and environ.get(v)}
    if "token" in mine:
        found = {option: value for option, value in found.items() if option not in _BASIC}
    if mine.intersection(_BASIC):
        found.pop("token", None)
    return {**args, **found}


def _login(params: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Either a token or a username with its password; what a task says itself goes before the environment."""
    given = {option: str(params[option]) for option in ("token", *_BASIC) if params.get(option)}
    if "token" in given and len(given) > 1:
        own = {option for option, value in given.items() if environ.get(ENVIRONMENT[option]) != value}
        if own == {"token"}:
            return {"token": given["token"]}
        if not own or "token" in own:
            raise OptionError("token", "cannot be combined with username and password: give one or the other")
        del given["token"]
    if "token" in given:
        return given
    if "username" in given and "password" not in given:
        raise OptionError("password", f"is needed with username: {_or_environment('password')}")
    if "password" in given and "username" not in given:
        raise OptionError("username", f"is needed with password: {_or_environment('username')}")
    if not given and not params.get("client_cert"):
        user, password, token = (ENVIRONMENT[option] for option in (*_BASIC, "token"))
        ways = f"give username and password, or token, or set {user} and {password}, or {token}, in the environment"
        raise OptionError("username", f"credentials are missing: {ways}")
    return given


def _or_environment(option: str) -> str:
    return f"give it, or set {ENVIRONMENT[option]} in the environment"


def _without_default(spec: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key != "default"}


def _env(option: str, **spec: Any) -> dict[str, Any]:
    return {**spec, "fallback": (from_environment, [ENVIRONMENT[option]])}


def _positive(params: Mapping[str, Any], option: str) -> float:
    value = float(params[option])
    if not 0 < value <= LONGEST_WAIT:
        raise OptionError(option, "must be a number of seconds, more than 0 and at most a year")
    return value


def _ciphers(params: Mapping[str, Any]) -> str | None:
    """The ciphers in OpenSSL's notation. Raises ``OptionError`` when OpenSSL knows none of them."""
    if not params.get("ciphers"):
        return None
    ciphers = ":".join(params["ciphers"])
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers(ciphers)
    except ssl.SSLError as error:
        raise OptionError("ciphers", f"{ciphers!r} names no cipher that OpenSSL has here") from error
    return ciphers


def _header(option: str, value: str | None) -> str | None:
    """A value that goes into a header as it is. Never quoted: it may be a secret. Raises ``OptionError``."""
    if not value:
        return None
    if not all("!" <= character <= "~" for character in value):
        raise OptionError(option, "must hold printable ASCII characters only, no spaces or line ends")
    return value

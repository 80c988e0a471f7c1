# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs of the modules that use the broker's API, and the environment variables behind connection options."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.tls import TLS_VERSIONS
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import PROGRAM
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import AUTO, SCALE_STRATEGIES
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.proof import COUNT, LEVELS, NODE, SPREADS

#: For each connection option that has one, the environment variable that applies if the option is not set.
ENVIRONMENT = {
    "broker_url": "OPENSHIFT_BROKER_URL",
    "username": "OPENSHIFT_BROKER_USERNAME",
    "password": "OPENSHIFT_BROKER_PASSWORD",
    "token": "OPENSHIFT_BROKER_TOKEN",
    "validate_certs": "OPENSHIFT_BROKER_VALIDATE_CERTS",
    "ca_path": "OPENSHIFT_BROKER_CA_PATH",
    "client_cert": "OPENSHIFT_BROKER_CLIENT_CERT",
    "client_key": "OPENSHIFT_BROKER_CLIENT_KEY",
    "tls_min_version": "OPENSHIFT_BROKER_TLS_MIN_VERSION",
    "max_response_size": "OPENSHIFT_BROKER_MAX_RESPONSE_SIZE",
}
#: The options of the one kind of credentials; ``token`` is the other kind.
BASIC_OPTIONS = ("username", "password")


def read_variable(variable: str) -> str:
    """The fallback of an option. An empty variable counts as not set: AWX sets one for each empty field."""
    value = os.environ.get(variable)
    if not value:
        raise AnsibleFallbackNotFound
    return value


def fill_from_environment(args: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The options of a task, with ``environ`` for the connection options that it does not set.

    A module on another host does not see the controller's environment. Credentials of the task exclude the other kind
    of credentials from the environment.
    """
    own = {option for option in ENVIRONMENT if args.get(option) is not None}
    found = {o: environ[v] for o, v in ENVIRONMENT.items() if o not in own and environ.get(v)}
    if "token" in own:
        found = {option: value for option, value in found.items() if option not in BASIC_OPTIONS}
    if own.intersection(BASIC_OPTIONS):
        found.pop("token", None)
    return {**args, **found}


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
        "tls_min_version": _env("tls_min_version", type="str", choices=list(TLS_VERSIONS)),
        "impersonate_user": {"type": "str"},
        "http_timeout": {"type": "float", "default": 30},
        "operation_timeout": {"type": "float", "default": 300},
        "max_response_size": _env("max_response_size", type="str", default="512M"),
    }


def converge_spec() -> dict[str, dict[str, Any]]:
    """The options of the doc fragment ``converge``."""
    return {
        "scale_strategy": {"type": "str", "choices": list(SCALE_STRATEGIES), "default": AUTO},
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


def verification_spec() -> dict[str, dict[str, Any]]:
    """The options of the doc fragment ``verification``."""
    probe: dict[str, dict[str, Any]] = {
        "path": {"type": "str", "default": "/"},
        "timeout": {"type": "float", "default": 5},
        "statuses": {"type": "list", "elements": "str", "default": ["200-499"]},
    }
    return {
        "verify": {"type": "str", "choices": list(LEVELS), "default": COUNT},
        "spread": {"type": "str", "choices": list(SPREADS), "default": NODE},
        "probe": {"type": "dict", "options": probe},
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
        "relocate": {"type": "bool", "default": False},
        "policy": {"type": "raw"},
    }
    return {
        **application_spec(),
        **own,
        **converge_spec(),
        **verification_spec(),
        **waiting_spec(),
        **connection_spec(),
    }


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
            "owners": {"type": "list", "elements": "str"},
            "claims_ha": {"type": "bool"},
        },
    }


def apps_ha_spec() -> dict[str, dict[str, Any]]:
    """All options of ``openshift_apps_ha``; an entry of ``applications`` takes those of ``openshift_app_ha``."""
    app = app_ha_spec()
    shared = {*connection_spec(), "policy"}
    overrides = {name: _without_default(spec) for name, spec in app.items() if name not in shared}
    common = {name: spec for name, spec in app.items() if name not in ("domain", "name")}
    own: dict[str, dict[str, Any]] = {
        "applications": {"type": "list", "elements": "dict", "options": overrides},
        "select": selection_spec(),
        "unknown_domains": {"type": "str", "choices": ["warn", "fail"], "default": "warn"},
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
        "concurrency": {"type": "int", "default": 4},
    }
    return {**own, **verification_spec(), **connection_spec()}


def user_info_spec() -> dict[str, dict[str, Any]]:
    """All options of ``openshift_user_info``. With ``login`` a program on the broker host answers, not the API."""
    own: dict[str, dict[str, Any]] = {
        "login": {"type": "list", "elements": "str", "aliases": ["logins"]},
        "command": {"type": "str", "default": PROGRAM},
    }
    return {**own, **connection_spec()}


#: For each module that uses the broker's API: the arguments of ``AnsibleModule`` and ``ArgumentSpecValidator``.
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


def _without_default(spec: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key != "default"}


def _env(option: str, **spec: Any) -> dict[str, Any]:
    return {**spec, "fallback": (read_variable, [ENVIRONMENT[option]])}

# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of the role's variables: as users write them, with the defaults of the router's software. Pure.

Variables that the role no longer documents (``dropped`` in ``_variables/names.yml``) keep their effect until they go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.variables import (
    parse_lines,
    parse_log_targets,
    parse_words,
)

HAPROXY, NGINX = "haproxy", "nginx"
FILE, FRAGMENT = "file", "fragment"
NO_TLS, TERMINATION, PASSTHROUGH = "none", "termination", "passthrough"
PREFIX = "app_router_"

#: What depends on the software, in the mode ``file``.
SOFTWARE: dict[str, dict[str, Any]] = {
    HAPROXY: {
        "program": "/usr/sbin/haproxy",
        "config_path": "/etc/haproxy/haproxy.cfg",
        "main_config": "/etc/haproxy/haproxy.cfg",
        "service": "haproxy",
        "running_socket": "/var/lib/haproxy/openshift-apps.sock",
        "admin_socket": "/var/lib/haproxy/stats",
        "user": "haproxy",
        "log": ["/dev/log local0"],
        "https_bind_options": "ssl-min-ver TLSv1.2 alpn h2,http/1.1",
    },
    NGINX: {
        "program": "/usr/sbin/nginx",
        "config_path": "/etc/nginx/nginx.conf",
        "main_config": "/etc/nginx/nginx.conf",
        "service": "nginx",
        "running_socket": "127.0.0.1:8406",
        "log": ["/var/log/nginx/access.log"],
    },
}
#: What the mode ``fragment`` changes. HAProxy reads the file last, because its defaults apply to what follows.
FRAGMENTS: dict[str, dict[str, Any]] = {
    HAPROXY: {
        "config_path": "/etc/haproxy/conf.d/zz-openshift-apps.cfg",
        "admin_socket": "/var/lib/haproxy/openshift-apps-admin.sock",
    },
    NGINX: {"config_path": "/etc/nginx/conf.d/openshift-apps.conf"},
}
#: The oldest versions that are supported.
MINIMUM = {HAPROXY: "2.4", NGINX: "1.14"}
TITLES = {HAPROXY: "HAProxy", NGINX: "nginx"}


class SettingError(ValueError):
    """A variable has a value that is not allowed. The text names the variable."""


@dataclass(frozen=True)
class Settings:
    """The values of all variables, by name without the prefix. Durations are texts such as ``2m``."""

    software: str = HAPROXY
    mode: str = FILE
    # Files and commands.
    program: str = ""
    config_path: str = ""
    main_config: str = ""
    map_directory: str = ""
    file_owner: str = ""
    file_group: str = ""
    file_mode: Any = ""
    backup: bool = False
    takeover: bool = False
    validate_command: str = ""
    service: str = ""
    reload_command: str = ""
    running_socket: str = ""
    reload_wait: int = 30
    # Which applications.
    not_started: str = "include"
    # Connections from clients.
    http_bind: tuple[str, ...] = ("*:80",)
    http_bind_options: str = ""
    tls: str = NO_TLS
    https_bind: tuple[str, ...] = ("*:443",)
    https_bind_options: str = ""
    certificates: Any = ()
    https_redirect: bool = False
    passthrough: tuple[str, ...] = ("*",)
    trusted_proxies: tuple[str, ...] = ()
    unknown_status: int = 404
    unknown_text: str = "No application is known here by this name."
    # Connections to gears.
    balance: str = "roundrobin"
    retries: int = 3
    retry_on: tuple[str, ...] = ("conn-failure", "empty-response")
    retry_methods: tuple[str, ...] = ("GET", "HEAD", "OPTIONS")
    reuse_connections: bool = False
    check: str = "http"
    check_method: str = "HEAD"
    check_path: str = "/"
    check_down_status: tuple[str, ...] = ("502", "503", "504")
    check_interval: str = "2s"
    check_interval_failing: str = "500ms"
    check_fall: int = 2
    check_rise: int = 2
    timeout: str = "2m"
    timeout_connect: str = "3s"
    timeout_client: str = ""
    timeout_server: str = ""
    timeout_queue: str = "1m"
    timeout_http_request: str = "10s"
    timeout_http_keep_alive: str = "10s"
    timeout_tunnel: str = "1h"
    timeout_check: str = "10s"
    server_maxconn: str = ""
    # The program itself.
    maxconn: str = ""
    user: str = ""
    group: str = ""
    chroot: str = ""
    hard_stop_after: str = ""
    log: tuple[str, ...] = ()
    admin_socket: str = ""
    admin_socket_options: str = "mode 600 level admin"
    stats_bind: str = ""
    stats_uri: str = "/"
    # Additional lines.
    extra_global: tuple[str, ...] = ()
    extra_defaults: tuple[str, ...] = ()
    extra_frontend: tuple[str, ...] = ()
    extra_backend: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def is_nginx(self) -> bool:
        return self.software == NGINX

    @property
    def is_fragment(self) -> bool:
        return self.mode == FRAGMENT

    @property
    def title(self) -> str:
        return TITLES[self.software]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


NAMES = tuple(each.name for each in fields(Settings))
_CHOICES = {
    "software": (HAPROXY, NGINX),
    "mode": (FILE, FRAGMENT),
    "tls": (NO_TLS, TERMINATION, PASSTHROUGH),
    "check": ("http", "tcp"),
    "not_started": ("include", "exclude"),
}
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def build_settings(given: Mapping[str, Any]) -> Settings:
    """``given``: the variables that are set, by name without the prefix. Raises ``SettingError``."""
    known = {name: value for name, value in given.items() if name in NAMES and value is not None}
    parsed = {name: parse_value(name, value) for name, value in known.items()}
    defaults = Settings(**{name: parsed[name] for name in ("software", "mode") if name in parsed})
    derived = dict(SOFTWARE[defaults.software])
    if defaults.is_fragment:
        derived |= FRAGMENTS[defaults.software]
    values = {**{name: parse_value(name, value) for name, value in derived.items()}, **parsed}
    # Without a user of its own, HAProxy cannot change its root.
    user = values.get("user", "")
    if defaults.software == HAPROXY:
        values = {"group": user, "chroot": "/var/lib/haproxy" if user else "", **values}
    values["timeout_client"] = values.get("timeout_client") or values.get("timeout", Settings.timeout)
    values["timeout_server"] = values.get("timeout_server") or values.get("timeout", Settings.timeout)
    settings = Settings(**values)
    _check_combinations(settings)
    return settings


def parse_value(name: str, value: Any) -> Any:
    """The value of one variable in the type of its default. Raises ``SettingError``."""
    default = getattr(Settings, name)
    if name in _CHOICES and value not in _CHOICES[name]:
        raise SettingError(f"{PREFIX}{name} must be one of {', '.join(_CHOICES[name])}, not {value!r}.")
    if name == "log":
        return tuple(parse_log_targets(value))
    if name == "certificates":
        return parse_certificates(value)
    if name.startswith("extra"):
        return tuple(parse_lines(value))
    if isinstance(default, tuple):
        return tuple(parse_words(value))
    if isinstance(default, bool):
        return _parse_bool(name, value)
    if isinstance(default, int):
        return _parse_int(name, value)
    return value if name == "file_mode" else str(value)


def _parse_bool(name: str, value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in (*_TRUE, *_FALSE):
        raise SettingError(f"{PREFIX}{name} must be true or false, not {value!r}.")
    return text in _TRUE


def _parse_int(name: str, value: Any) -> int:
    if not str(value).strip().isdecimal():
        raise SettingError(f"{PREFIX}{name} must be a whole number, not {value!r}.")
    return int(str(value))


def parse_certificates(value: Any) -> tuple[dict[str, Any], ...]:
    """Each certificate as ``certificate``, ``key`` (empty: in the same file or folder) and ``names`` of its hosts."""
    items = value if isinstance(value, (list, tuple)) else [value]
    found: list[dict[str, Any]] = []
    for item in items:
        if isinstance(item, Mapping):
            unknown = set(item) - {"certificate", "key", "names"}
            if unknown or not item.get("certificate"):
                raise SettingError(f"{PREFIX}certificates: an entry must have certificate, and may have key and names.")
            names = [name.lower() for name in parse_words(item.get("names"))]
            found.append({"certificate": str(item["certificate"]), "key": str(item.get("key") or ""), "names": names})
        else:
            found += [{"certificate": path, "key": "", "names": []} for path in parse_words(item)]
    return tuple(found)


def _check_combinations(settings: Settings) -> None:
    """Raises ``SettingError`` for what the software cannot do."""
    if settings.tls == TERMINATION and not settings.certificates:
        raise SettingError(f"{PREFIX}certificates must name a certificate, because {PREFIX}tls is termination.")
    if settings.is_nginx and settings.is_fragment and settings.tls == PASSTHROUGH:
        raise SettingError(
            f"{PREFIX}tls: passthrough is not possible with nginx and {PREFIX}mode: fragment, because it needs a "
            f"section outside of http. Use {PREFIX}mode: file, or HAProxy."
        )
    if not settings.http_bind:
        raise SettingError(f"{PREFIX}http_bind must name an address.")
    if settings.is_fragment and settings.config_path == settings.main_config:
        raise SettingError(f"{PREFIX}config_path must be a file of its own, because {PREFIX}mode is fragment.")

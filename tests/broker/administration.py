"""The administrator's actions: accounts and their rights, settings, reset. Invalid input is refused with the reason."""

from __future__ import annotations

import re
from dataclasses import asdict, fields, replace
from typing import Any

from .api import BrokerModel
from .nodes import make_nodes
from .state import HOLDS, Settings, State

_USER_FIELDS: dict[str, type] = {
    "ha": bool,
    "max_gears": int,
    "max_domains": int,
    "password": str,
    "subaccounts": bool,
}
_WHOLE_NUMBERS = ("default_ha_multiplier", "lock_tries", "owner_lock_tries", "nodes", "zones_min_per_gear_group")
_NODES_MAX = 10000
_ZONE = re.compile(r"\A[^/\s]+/[^/\s]+\Z")
_MAINTENANCE_TEXT = "OpenShift is down for maintenance until 14:00 UTC.\n"


class BadControl(ValueError):
    """An invalid control request. The text is the reason."""


def reset_all(broker: BrokerModel) -> None:
    """Reset the broker: no data, default settings, no faults and an empty request log."""
    broker.faults.replace([])
    broker.state.reset()
    broker.log.clear()


def set_users(state: State, value: Any) -> None:
    """Create accounts, or change their rights.

    Raises:
        BadControl: The value is invalid.
    """
    if not isinstance(value, list):
        raise BadControl("users: must be a list")
    checked = [check_user(each, f"users[{number}]") for number, each in enumerate(value)]
    with state.lock:
        for login, rights in checked:
            state.add_user(login, **rights)


def check_user(value: Any, where: str) -> tuple[str, dict[str, Any]]:
    """Return the login and the rights of one user in a list.

    Raises:
        BadControl: The value is invalid.
    """
    if not isinstance(value, dict):
        raise BadControl(f"{where}: must be a map")
    rights = dict(value)
    login = rights.pop("login", None)
    if not isinstance(login, str) or not login:
        raise BadControl(f"{where}.login: must be a string")
    for name, each in rights.items():
        kind = _USER_FIELDS.get(name)
        if kind is None:
            raise BadControl(f"{where}: unknown field {name!r}; valid fields: login, {', '.join(_USER_FIELDS)}")
        if name == "password" and each is None:
            continue
        if not isinstance(each, kind) or (kind is int and isinstance(each, bool)):
            raise BadControl(f"{where}.{name}: must be of type {kind.__name__}, not {each!r}")
    return login, rights


def change_settings(state: State, value: Any) -> dict[str, Any]:
    """Change some settings, and return all settings.

    Raises:
        BadControl: A setting is unknown or its value is invalid.
    """
    if not isinstance(value, dict):
        raise BadControl("settings: must be a map")
    checked = {name: check_setting(name, each) for name, each in value.items()}
    with state.lock:
        changed = replace(state.settings, **checked)
        if {"nodes", "zones"} & checked.keys():
            _change_nodes(state, changed)
        state.settings = changed
        return asdict(changed)


def _change_nodes(state: State, settings: Settings) -> None:
    used = {gear.node for application in state.applications.values() for gear in application.shape.gears}
    removed = [node.address for node in state.nodes[settings.nodes :] if node.address in used]
    if removed:
        raise BadControl(f"settings.nodes: the node {removed[0]} has gears")
    state.nodes = make_nodes(settings.nodes, settings.zones, state.nodes)


def check_setting(name: str, value: Any) -> Any:
    """Return the new value of a setting.

    Raises:
        BadControl: The setting is unknown or its value is invalid.
    """
    known = {field.name for field in fields(Settings)}
    if name not in known:
        raise BadControl(f"settings: unknown setting {name!r}; valid settings: {', '.join(sorted(known))}")
    if name == "maintenance":
        return _maintenance(value)
    if name == "zones":
        return _zones(value)
    if name == "hold":
        if value is not None and value not in HOLDS:
            raise BadControl(f"settings.hold: must be null or one of: {', '.join(HOLDS)}")
        return value
    if name in ("allow_ha", "shows_ha", "allow_multiple_haproxy_on_node"):
        if not isinstance(value, bool):
            raise BadControl(f"settings.{name}: must be true or false")
        return value
    whole = name in _WHOLE_NUMBERS
    minimum = 1 if name.endswith("tries") or name == "nodes" else 0
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not number or not minimum <= value < float("inf") or (name == "nodes" and value > _NODES_MAX):
        kind = "an integer" if whole else "a number"
        raise BadControl(f"settings.{name}: must be {kind}, {minimum} or more, not {value!r}")
    return value


def _zones(value: Any) -> tuple[str, ...]:
    zones = value if isinstance(value, list | tuple) else [None]
    if not all(isinstance(each, str) and _ZONE.match(each) for each in zones):
        raise BadControl(f"settings.zones: must be a list of REGION/ZONE, not {value!r}")
    return tuple(zones)


def _maintenance(value: Any) -> str | None:
    if value is None or value is False:
        return None
    if value is True:
        return _MAINTENANCE_TEXT
    if not isinstance(value, str):
        raise BadControl("settings.maintenance: must be a string or a boolean, or null")
    return value

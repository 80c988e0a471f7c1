"""What the operator does: accounts and their rights, settings, a fresh start. Bad input is refused with the reason."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from .api import Broker
from .state import Settings, State

_USER_FIELDS: dict[str, type] = {
    "ha": bool,
    "max_gears": int,
    "max_domains": int,
    "password": str,
    "subaccounts": bool,
}
_MAINTENANCE_TEXT = "OpenShift is down for maintenance until 14:00 UTC.\n"


class BadControl(ValueError):
    """A control request that can't be understood; the text says why."""


def reset_all(broker: Broker) -> None:
    """An empty broker with default settings, no faults and an empty request log."""
    broker.faults.replace([])
    broker.state.reset()
    broker.log.clear()


def set_users(state: State, value: Any) -> None:
    """Accounts made, or their rights changed.

    Raises:
        BadControl: what is wrong.
    """
    if not isinstance(value, list):
        raise BadControl("users: a list is expected")
    checked = [check_user(each, f"users[{number}]") for number, each in enumerate(value)]
    with state.lock:
        for login, rights in checked:
            state.add_user(login, **rights)


def check_user(value: Any, where: str) -> tuple[str, dict[str, Any]]:
    """The login and the rights of one entry of a list of users.

    Raises:
        BadControl: what is wrong.
    """
    if not isinstance(value, dict):
        raise BadControl(f"{where}: a map is expected")
    rights = dict(value)
    login = rights.pop("login", None)
    if not isinstance(login, str) or not login:
        raise BadControl(f"{where}.login: a text is expected")
    for name, each in rights.items():
        kind = _USER_FIELDS.get(name)
        if kind is None:
            raise BadControl(f"{where}: unknown field {name!r}; known are login, {', '.join(_USER_FIELDS)}")
        if name == "password" and each is None:
            continue
        if not isinstance(each, kind) or (kind is int and isinstance(each, bool)):
            raise BadControl(f"{where}.{name}: {each!r} is not of the kind {kind.__name__}")
    return login, rights


def change_settings(state: State, value: Any) -> dict[str, Any]:
    """Some settings changed; all of them as they are now.

    Raises:
        BadControl: what is wrong.
    """
    if not isinstance(value, dict):
        raise BadControl("settings: a map is expected")
    checked = {name: check_setting(name, each) for name, each in value.items()}
    with state.lock:
        for name, each in checked.items():
            setattr(state.settings, name, each)
        return asdict(state.settings)


def check_setting(name: str, value: Any) -> Any:
    """The value that a setting gets.

    Raises:
        BadControl: unknown setting or unfit value.
    """
    known = {field.name for field in fields(Settings)}
    if name not in known:
        raise BadControl(f"settings: unknown setting {name!r}; known are {', '.join(sorted(known))}")
    if name == "maintenance":
        return _maintenance(value)
    if name == "allow_ha":
        if not isinstance(value, bool):
            raise BadControl("settings.allow_ha: true or false is expected")
        return value
    whole = name in ("default_ha_multiplier", "lock_tries", "owner_lock_tries")
    least = 1 if name.endswith("tries") else 0
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not number or not least <= value < float("inf"):
        raise BadControl(f"settings.{name}: {value!r} is no {'whole number' if whole else 'number'} from {least} on")
    return value


def _maintenance(value: Any) -> str | None:
    if value is None or value is False:
        return None
    if value is True:
        return _MAINTENANCE_TEXT
    if not isinstance(value, str):
        raise BadControl("settings.maintenance: the operator's text is expected, or null or false")
    return value

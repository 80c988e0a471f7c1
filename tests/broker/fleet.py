"""Fleets: the initial data of a broker, read from a file and added without running operations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from . import administration, catalog, scaling
from .calls import APPLICATION_NAME, DOMAIN_NAME
from .catalog import CARTRIDGES
from .node_administration import GEAR_STATES
from .nodes import Placement, place_gears
from .rules import UNLIMITED
from .scaling import Gear, Group, Shape
from .state import ROLES, Application, Domain, Member, State, User

_SECTIONS = ("settings", "users", "domains", "applications")
_DOMAIN_FIELDS = ("name", "owner", "members")
_APPLICATION_FIELDS = (
    "domain",
    "name",
    "cartridges",
    "scalable",
    "gears",
    "haproxy",
    "ha",
    "min_gears",
    "max_gears",
    "upgrading",
    "endpoints",
    "nodes",
    "states",
)


_ANYWHERE = Placement(allow_multiple_haproxy_on_node=True, zones_min_per_gear_group=1)


class BadFleet(ValueError):
    """An invalid fleet. The text is one line: the place and the reason."""


def load(path: Path) -> Any:
    """Return the content of a fleet file: JSON if its name ends in ``.json``, otherwise YAML.

    Raises:
        BadFleet: The file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_yaml_loader())
    except OSError as error:
        raise BadFleet(f"{path}: {error.strerror}") from None
    except (ValueError, yaml.YAMLError) as error:
        raise BadFleet(f"{path}: {' '.join(str(error).split())}") from None


def _yaml_loader() -> Any:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def seed(state: State, fleet: Any) -> None:
    """Add a fleet: settings, users, domains and applications, in this order.

    Raises:
        BadFleet: The fleet is invalid.
    """
    if not isinstance(fleet, dict):
        raise BadFleet("fleet: must be a map")
    _check_fields(fleet, _SECTIONS, "fleet")
    try:
        with state.lock:
            if fleet.get("settings"):
                administration.change_settings(state, fleet["settings"])
            administration.set_users(state, _list(fleet, "users"))
            for number, value in enumerate(_list(fleet, "domains")):
                _add_domain(state, value, f"domains[{number}]")
            for number, value in enumerate(_list(fleet, "applications")):
                _add_application(state, value, f"applications[{number}]")
    except administration.BadControl as error:
        raise BadFleet(str(error)) from None


def _list(fleet: dict[str, Any], name: str) -> list[Any]:
    value = fleet.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadFleet(f"{name}: must be a list")
    return value


def _check_fields(value: Any, known: tuple[str, ...], where: str) -> None:
    if not isinstance(value, dict):
        raise BadFleet(f"{where}: must be a map")
    for name in value:
        if name not in known:
            raise BadFleet(f"{where}: unknown field {name!r}; valid fields: {', '.join(known)}")


def _user(state: State, login: Any, where: str) -> User:
    user = state.users.get(login) if isinstance(login, str) else None
    if user is None:
        raise BadFleet(f"{where}: unknown user {login!r}")
    return user


def _add_domain(state: State, value: Any, where: str) -> None:
    _check_fields(value, _DOMAIN_FIELDS, where)
    name = value.get("name")
    if not isinstance(name, str) or not DOMAIN_NAME.match(name) or len(name) > 16:
        raise BadFleet(f"{where}.name: {name!r} is not a valid domain name (1 to 16 letters and digits)")
    if name.lower() in state.domains:
        raise BadFleet(f"{where}.name: the domain {name!r} already exists")
    domain = state.add_domain(name.lower(), _user(state, value.get("owner"), f"{where}.owner"))
    for number, each in enumerate(_list(value, "members")):
        _add_member(state, domain, each, f"{where}.members[{number}]")


def _add_member(state: State, domain: Domain, value: Any, where: str) -> None:
    _check_fields(value, ("login", "role"), where)
    user = _user(state, value.get("login"), f"{where}.login")
    if value.get("role") not in ROLES:
        raise BadFleet(f"{where}.role: must be one of {', '.join(ROLES)}, not {value.get('role')!r}")
    domain.members[user.id] = Member(user, value["role"])


def _add_application(state: State, value: Any, where: str) -> None:
    _check_fields(value, _APPLICATION_FIELDS, where)
    domain = state.domains.get(str(value.get("domain")).lower())
    if domain is None:
        raise BadFleet(f"{where}.domain: unknown domain {value.get('domain')!r}")
    name = value.get("name")
    if not isinstance(name, str) or not name or not APPLICATION_NAME.match(name) or len(name) > 32:
        raise BadFleet(f"{where}.name: {name!r} is not a valid application name (1 to 32 letters and digits)")
    if name.lower() in domain.applications:
        raise BadFleet(f"{where}.name: the application {name!r} already exists")
    application_id = state.new_id()
    shape = _shape(state, value, where, application_id)
    application = Application(application_id, name.lower(), domain, shape)
    application.upgrading = _flag(value, "upgrading", False, where)
    application.spare_addresses = _addresses(value, where)
    application.set_shape(_with_nodes(state, shape, value, where))
    shape = _on_given_addresses(state, application)
    application.set_shape(place_gears(shape, state.nodes, _ANYWHERE, state.next_node()))
    state.add_application(application)
    domain.owner.consumed_gears += len(shape.gears)


def _with_nodes(state: State, shape: Shape, value: dict[str, Any], where: str) -> Shape:
    """Return the shape with the given nodes and states of the web gears, in the order of the gears."""
    web = shape.web_cartridge
    assert web is not None
    numbers, states = _list(value, "nodes"), _list(value, "states")
    gears = shape.group_of(web).gears
    if len(numbers) > len(gears) or len(states) > len(gears):
        raise BadFleet(f"{where}: more nodes or states than web gears ({len(gears)})")
    for gear, number in zip(gears, numbers, strict=False):
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(state.nodes):
            raise BadFleet(f"{where}.nodes: must be numbers from 1 to {len(state.nodes)}, not {number!r}")
        shape = shape.with_gear(replace(gear, node=state.nodes[number - 1].address))
    for gear, name in zip(shape.group_of(web).gears, states, strict=False):
        if name not in GEAR_STATES:
            raise BadFleet(f"{where}.states: must be one of {', '.join(GEAR_STATES)}, not {name!r}")
        shape = shape.with_gear(replace(gear, state=name))
    return shape


def _on_given_addresses(state: State, application: Application) -> Shape:
    """Return the shape with the gears on the nodes whose addresses the fleet gives to their endpoints."""
    shape = application.shape
    nodes = {node.address for node in state.nodes}
    for gear in shape.gears:
        host = application.addresses.get(gear.id, "").rpartition(":")[0]
        if gear.node is None and host in nodes:
            shape = shape.with_gear(replace(gear, node=host))
    return shape


def _addresses(value: dict[str, Any], where: str) -> list[str]:
    addresses = _list(value, "endpoints")
    for each in addresses:
        if not isinstance(each, str) or not each.rpartition(":")[2].isdigit() or not each.rpartition(":")[0]:
            raise BadFleet(f"{where}.endpoints: must be ADDRESS:PORT, not {each!r}")
    return list(addresses)


def _flag(value: dict[str, Any], name: str, default: bool, where: str) -> bool:
    flag = value.get(name, default)
    if not isinstance(flag, bool):
        raise BadFleet(f"{where}.{name}: must be true or false")
    return flag


def _number(value: dict[str, Any], name: str, default: int, minimum: int, where: str) -> int:
    number = value.get(name, default)
    if isinstance(number, bool) or not isinstance(number, int) or number < minimum:
        raise BadFleet(f"{where}.{name}: must be an integer, {minimum} or more")
    return number


def _shape(state: State, value: dict[str, Any], where: str, application_id: str) -> Shape:
    """Return the requested shape. It is the same shape that operations would have produced."""
    scalable, ha = _flag(value, "scalable", True, where), _flag(value, "ha", False, where)
    names = _cartridge_names(value, scalable, where)
    gears, proxies = _counts(value, scalable, ha, where)
    minimum, maximum = _limits(value, gears, ha, where)
    plain = scaling.create(
        names, scalable=scalable, ha=False, multiplier=0, head_id=application_id, new_id=state.new_id
    ).shape
    web = plain.web_cartridge
    assert web is not None
    groups = tuple(_grow(state, group, gears, proxies) if web in group.cartridges else group for group in plain.groups)
    shape = replace(plain, groups=groups)
    multiplier = state.settings.default_ha_multiplier
    if scalable and (minimum is not None or maximum is not None):
        shape = scaling.set_limits(shape, web, minimum, maximum, multiplier, state.new_id).shape
    return scaling.make_ha(shape, multiplier, state.new_id).shape if ha else shape


def _cartridge_names(value: dict[str, Any], scalable: bool, where: str) -> list[str]:
    given = _list(value, "cartridges")
    names = [str(each.get("name") if isinstance(each, dict) else each) for each in given]
    for name in names:
        if name not in CARTRIDGES:
            raise BadFleet(
                f"{where}.cartridges: unknown cartridge {name!r}; known cartridges: {', '.join(sorted(CARTRIDGES))}"
            )
    if sum(CARTRIDGES[name].web_framework for name in names) != 1:
        raise BadFleet(f"{where}.cartridges: must contain exactly one web cartridge")
    if scalable and catalog.WEB_PROXY.name not in names:
        names.append(catalog.WEB_PROXY.name)
    return names


def _counts(value: dict[str, Any], scalable: bool, ha: bool, where: str) -> tuple[int, int]:
    gears = _number(value, "gears", 2 if ha else 1, 1, where)
    proxies = _number(value, "haproxy", min(2, gears) if ha else 1, 1, where)
    if not scalable and (ha or gears > 1 or "haproxy" in value):
        raise BadFleet(f"{where}: an application that is not scalable has one gear, no HAProxy instances and no HA")
    if proxies > gears:
        raise BadFleet(f"{where}.haproxy: more HAProxy instances than web gears ({gears})")
    if ha and gears < 2:
        raise BadFleet(f"{where}.gears: an HA application has at least 2 web gears")
    return gears, proxies


def _limits(value: dict[str, Any], gears: int, ha: bool, where: str) -> tuple[int | None, int | None]:
    minimum = _number(value, "min_gears", 1, 1, where)
    maximum = _number(value, "max_gears", UNLIMITED, UNLIMITED, where)
    if maximum == 0 or (maximum == 1 and ha):
        raise BadFleet(f"{where}.max_gears: must be -1 (no limit) or at least {2 if ha else 1}, not {maximum}")
    if minimum > gears:
        raise BadFleet(f"{where}.min_gears: must not be above the number of web gears ({gears})")
    if maximum != UNLIMITED and maximum < gears:
        raise BadFleet(f"{where}.max_gears: must not be below the number of web gears ({gears})")
    return (minimum if "min_gears" in value else None), (maximum if "max_gears" in value else None)


def _grow(state: State, group: Group, gears: int, proxies: int) -> Group:
    """Return the web group with ``gears`` gears, of which the first ``proxies`` have an HAProxy instance."""
    head = group.gears[0]
    sparse = frozenset(name for name in group.cartridges if CARTRIDGES[name].sparse)
    others = (Gear(state.new_id(), sparse=sparse if number < proxies else frozenset()) for number in range(1, gears))
    return replace(group, gears=(head, *others))

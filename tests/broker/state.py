"""The data of the broker: users, domains, applications, tokens and settings, all in memory.

One lock (:attr:`State.lock`) guards every change. No thread holds it while an operation waits.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .nodes import make_nodes
from .scaling import Shape

DOMAIN_SUFFIX = "example.com"
GEAR_SIZE = "small"
GEAR_SIZES = ("small", "medium")
ROLES = ("view", "edit", "admin")
#: Where operations can be held: while they lock the owner, when their new limits are visible, or their new gears.
HOLDS = ("owner", "limits", "gears")


def now() -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0)


@dataclass
class Settings:
    """The administrator's settings; the README describes each.

    Latencies and poll intervals are in seconds. ``maintenance``: the text to answer while the broker is in
    maintenance. ``hold``: where operations wait until it is None.
    """

    allow_ha: bool = True
    shows_ha: bool = True
    default_ha_multiplier: int = 0
    maintenance: str | None = None
    read_latency: float = 0.0
    write_latency: float = 0.0
    limits_lead: float = 0.0
    hold: str | None = None
    lock_expiry: float = 1800.0
    lock_poll: float = 5.0
    lock_tries: int = 10
    owner_lock_poll: float = 2.0
    owner_lock_tries: int = 5
    nodes: int = 12
    zones: tuple[str, ...] = ()
    zones_min_per_gear_group: int = 1
    allow_multiple_haproxy_on_node: bool = False
    node_timeout: float = 10.0


@dataclass
class User:
    """An account. ``password`` None: the broker accepts any password."""

    id: str
    login: str
    ha: bool = False
    max_gears: int = 100
    max_domains: int = 10
    password: str | None = None
    subaccounts: bool = False
    parent_id: str | None = None
    consumed_gears: int = 0
    created: datetime = field(default_factory=now)
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    reserving: bool = False


@dataclass(frozen=True)
class Member:
    """A user other than the owner who has a role in a domain: view, edit or admin."""

    user: User
    role: str


@dataclass
class Domain:
    """A namespace. ``members``: all members except the owner, by the user's identifier."""

    id: str
    name: str
    owner: User
    members: dict[str, Member] = field(default_factory=dict)
    created: datetime = field(default_factory=now)
    applications: dict[str, Application] = field(default_factory=dict)

    def role_of(self, user: User) -> str | None:
        if user is self.owner:
            return "admin"
        member = self.members.get(user.id)
        return member.role if member else None


@dataclass
class Deployment:
    """A version of an application's code, and the times at which it was activated."""

    id: str
    created: datetime = field(default_factory=now)
    ref: str = "master"
    sha1: str = ""
    hot_deploy: bool = False
    force_clean_build: bool = False
    activations: list[datetime] = field(default_factory=list)


def _first_deployment() -> list[Deployment]:
    created = now()
    return [Deployment(secrets.token_hex(4), created, sha1=secrets.token_hex(4)[:7], activations=[created])]


@dataclass
class Application:
    """An application. Operations replace its :class:`Shape` as a whole.

    ``lock``: the lock that an operation holds, since ``locked_at``. ``waiting``: the requests that wait for it.
    ``queue``: the running operation or one that could not be ended, and the operations behind it. ``addresses``: given
    addresses of HAProxy endpoints, by the gear's identifier; ``spare_addresses``: those for later HAProxy gears.
    ``rendered``: a cache of JSON documents, which every change clears.
    """

    id: str
    name: str
    domain: Domain
    shape: Shape
    created: datetime = field(default_factory=now)
    upgrading: bool = False
    lock: object | None = None
    locked_at: float = 0.0
    waiting: int = 0
    aliases: list[str] = field(default_factory=list)
    initial_git_url: str | None = None
    addresses: dict[str, str] = field(default_factory=dict)
    spare_addresses: list[str] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=_first_deployment)
    queue: list[Any] = field(default_factory=list)
    rendered: dict[Any, bytes] = field(default_factory=dict)

    @property
    def owner(self) -> User:
        return self.domain.owner

    def set_shape(self, shape: Shape) -> None:
        self.shape = shape
        if self.spare_addresses:
            self._use_spare_addresses()
        self.clear_cache()

    def _use_spare_addresses(self) -> None:
        proxy = self.shape.proxy_cartridge
        for gear in self.shape.group_of(proxy).gears_of(proxy) if proxy else ():
            if gear.id not in self.addresses and self.spare_addresses:
                self.addresses[gear.id] = self.spare_addresses.pop(0)

    def clear_cache(self) -> None:
        self.rendered = {}


@dataclass
class Token:
    """A bearer token with its scopes. It expires ``expires_in`` seconds after ``created``."""

    id: str
    token: str
    user: User
    scopes: tuple[str, ...]
    note: str | None
    expires_in: int
    created: datetime = field(default_factory=now)

    @property
    def seconds_left(self) -> int:
        return max(0, self.expires_in - round((datetime.now(timezone.utc) - self.created).total_seconds()))


class State:
    """All data of the broker. Callers hold :attr:`lock` while they change anything."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._counter = itertools.count(1)
        self.reset()

    def reset(self) -> None:
        with self.lock:
            self.settings = Settings()
            self.nodes = make_nodes(self.settings.nodes, self.settings.zones)
            self._homes = itertools.count()
            self.users: dict[str, User] = {}
            self.domains: dict[str, Domain] = {}
            self.applications: dict[str, Application] = {}
            self.tokens: dict[str, Token] = {}

    def new_id(self) -> str:
        """Return an identifier in the format of the broker's database: 24 hexadecimal digits."""
        return f"{int(time.time()):08x}{secrets.token_hex(5)}{next(self._counter) & 0xFFFFFF:06x}"

    def next_node(self) -> int:
        """Return the number of the node, from 0, for the first gear of the next application."""
        return next(self._homes)

    def down_nodes(self) -> frozenset[str]:
        """Return the addresses of the nodes that do not answer."""
        return frozenset(node.address for node in self.nodes if node.down)

    def add_user(self, login: str, **rights: Any) -> User:
        """Add an account, or change the rights of an existing one."""
        user = self.users.get(login)
        if user is None:
            user = self.users[login] = User(self.new_id(), login)
        for name, value in rights.items():
            setattr(user, name, value)
        return user

    def add_domain(self, name: str, owner: User) -> Domain:
        domain = self.domains[name] = Domain(self.new_id(), name, owner)
        return domain

    def add_application(self, application: Application) -> None:
        self.applications[application.id] = application
        application.domain.applications[application.name] = application

    def remove_application(self, application: Application) -> None:
        self.applications.pop(application.id, None)
        application.domain.applications.pop(application.name, None)

    def domains_of(self, user: User) -> Iterator[Domain]:
        """Return the domains that are accessible to a user."""
        return (domain for domain in self.domains.values() if domain.role_of(user) is not None)

    def add_token(self, user: User, scopes: tuple[str, ...], note: str | None, expires_in: int) -> Token:
        token = Token(self.new_id(), secrets.token_hex(32), user, scopes, note, expires_in)
        self.tokens[token.token] = token
        return token

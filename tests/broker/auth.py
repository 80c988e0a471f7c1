"""Authentication and authorization: credentials, tokens with scopes, roles, and sub-accounts."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from . import errors
from .state import ROLES, Application, Domain, State, Token, User

DAY = 24 * 60 * 60
_PARAMETERIZED = re.compile(r"\A(domain|application)/([0-9a-f]{24})/(\w+)\Z")
_DOMAIN_LEVELS = ("view", "edit", "admin")
_APPLICATION_LEVELS = ("view", "scale", "edit", "admin", "report_deployments")
EDIT_PERMISSIONS = frozenset(
    {
        "change_state",
        "change_cartridge_state",
        "make_ha",
        "disable_ha",
        "scale_cartridge",
        "view_code_details",
        "change_gear_quota",
        "create_cartridge",
        "destroy_cartridge",
        "create_alias",
        "destroy_alias",
        "create_deployment",
    }
)
_ROLE_NEEDED = {
    **dict.fromkeys([*EDIT_PERMISSIONS, "destroy"], "edit"),
    "create_application": "edit",
    "change_members": "admin",
    "leave": "view",
}
Resource = Application | Domain | User


@dataclass(frozen=True)
class Scope:
    """One scope of a token: session, read, userinfo, or a level on a single domain or application."""

    kind: str
    id: str = ""
    level: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}/{self.level}" if self.id else self.kind

    def allows_action(self, method: str, controller: str, action: str) -> bool:
        if self.kind == "session":
            return True
        if self.kind == "read":
            return method == "GET" and controller != "authorizations"
        if self.kind == "userinfo":
            return controller == "user" and action == "show"
        return method == "GET" or self.level != "view"

    def grants(self, permission: str, resource: Resource) -> bool:
        if self.kind == "session":
            return True
        if self.kind == "domain":
            return self._domain_grants(permission, resource)
        if self.kind == "application" and isinstance(resource, Application):
            return resource.id == self.id and _level_grants(self.level, permission)
        return False

    def _domain_grants(self, permission: str, resource: Resource) -> bool:
        if isinstance(resource, Domain) and resource.id == self.id:
            return self.level == "admin" or (self.level == "edit" and permission == "create_application")
        if isinstance(resource, Application) and resource.domain.id == self.id:
            may_edit = self.level == "edit" and permission == "destroy"
            return may_edit or _level_grants(self.level, permission)
        return False


def _level_grants(level: str, permission: str) -> bool:
    if level == "admin":
        return True
    if level == "edit":
        return permission in EDIT_PERMISSIONS
    return level == "scale" and permission in ("scale_cartridge", "change_state")


SESSION = (Scope("session"),)


def parse_scopes(text: str) -> tuple[Scope, ...] | None:
    """Return the scopes in a text, separated by commas or blanks. None: a scope is unknown."""
    scopes: dict[Scope, None] = {}
    for word in re.split(r"[,\s]", text.lower()):
        if not word:
            continue
        scope = _parse_scope(word)
        if scope is None:
            return None
        scopes[scope] = None
    return tuple(scopes)


def _parse_scope(word: str) -> Scope | None:
    if word in ("session", "read", "userinfo"):
        return Scope(word)
    match = _PARAMETERIZED.match(word)
    if match is None:
        return None
    levels = _DOMAIN_LEVELS if match[1] == "domain" else _APPLICATION_LEVELS
    return Scope(match[1], match[2], match[3]) if match[3] in levels else None


@dataclass(frozen=True)
class Identity:
    """The caller: an account, and the scopes of the request."""

    user: User
    scopes: tuple[Scope, ...] = field(default=SESSION)

    @property
    def scope_text(self) -> str:
        return " ".join(map(str, self.scopes))

    def can_view(self, resource: Application | Domain) -> bool:
        """Return whether the resource is accessible to the caller: a role in the domain, and a fitting scope."""
        domain = resource if isinstance(resource, Domain) else resource.domain
        return domain.role_of(self.user) is not None and self.in_scope(resource)

    def in_scope(self, resource: Application | Domain) -> bool:
        unlimited = any(scope.kind in ("session", "read") for scope in self.scopes)
        limited = [scope for scope in self.scopes if scope.id]
        if not limited:
            return unlimited
        if any(scope.kind == "userinfo" for scope in self.scopes) and not unlimited:
            return False
        return any(_covers(scope, resource) for scope in limited)

    def authorize(self, permission: str, resource: Resource) -> None:
        """Check a permission.

        Raises:
            Refusal (403): The scopes or the role of the caller do not permit it.
        """
        kind = {Application: "application", Domain: "domain", User: "cloud user"}[type(resource)]
        if not any(scope.grants(permission, resource) for scope in self.scopes):
            raise errors.forbidden_by_scopes(self.scope_text, permission, kind)
        if not self._has_role(permission, resource):
            raise errors.forbidden(permission, kind)

    def _has_role(self, permission: str, resource: Resource) -> bool:
        if isinstance(resource, User):
            return resource is self.user
        if isinstance(resource, Application):
            return _at_least(resource.domain.role_of(self.user), permission)
        if permission in ("change_namespace", "destroy"):
            return resource.owner is self.user
        return _at_least(resource.role_of(self.user), permission)


def _covers(scope: Scope, resource: Application | Domain) -> bool:
    if isinstance(resource, Domain):
        if scope.kind == "application":
            return any(each.id == scope.id for each in resource.applications.values())
        return scope.id == resource.id
    return scope.id == (resource.domain.id if scope.kind == "domain" else resource.id)


def _at_least(role: str | None, permission: str) -> bool:
    needed = _ROLE_NEEDED.get(permission)
    return role is not None and needed is not None and ROLES.index(role) >= ROLES.index(needed)


def claimed_login(authorization: str | None, tokens: Callable[[str], Token | None]) -> str | None:
    """Return the login in the credentials of a request, for the request log. The credentials are not checked."""
    if not authorization:
        return None
    if authorization.startswith("Bearer "):
        token = tokens(authorization.removeprefix("Bearer ").strip())
        return token.user.login if token else None
    return _basic(authorization)[0]


def _basic(authorization: str) -> tuple[str | None, str]:
    kind, _blank, value = authorization.partition(" ")
    if kind.lower() != "basic":
        return None, ""
    try:
        login, _colon, password = base64.b64decode(value).decode("utf-8", "replace").partition(":")
    except (binascii.Error, ValueError):
        return None, ""
    return login or None, password


def identify(state: State, authorization: str | None, impersonated: str | None) -> Identity:
    """Return the caller of a request.

    Raises:
        PlainRefusal (401): The credentials are missing or wrong.
        Refusal (401): The caller may not act for the requested sub-account.
    """
    bearer = authorization.removeprefix("Bearer ").strip() if (authorization or "").startswith("Bearer ") else ""  # type: ignore[union-attr]
    if bearer:
        return _by_token(state, bearer)
    login, password = _basic(authorization or "")
    user = state.users.get(login) if login else None
    if user is None or not password or (user.password is not None and user.password != password):
        raise errors.PlainRefusal(
            401, "HTTP Basic: Access denied.\n", {"WWW-Authenticate": 'Basic realm="Application"'}
        )
    return Identity(_impersonate(state, user, impersonated) if impersonated else user)


def _by_token(state: State, bearer: str) -> Identity:
    token = state.tokens.get(bearer)
    if token is not None and token.seconds_left > 0:
        return Identity(token.user, parse_scopes(" ".join(token.scopes)) or ())
    reason = "The access token is not recognized" if token is None else "The access token expired"
    challenge = f'Bearer error="invalid_token" "{reason}"'
    raise errors.PlainRefusal(401, "HTTP Bearer: Access denied.\n", {"WWW-Authenticate": challenge})


def _impersonate(state: State, user: User, login: str) -> User:
    """Return the sub-account. It is created if it does not exist."""
    if not user.subaccounts:
        raise errors.refusal(401, f"Insufficient privileges to access user {login}", 1)
    with state.lock:
        other = state.users.get(login) or state.add_user(login, parent_id=user.id)
    if other.parent_id != user.id:
        raise errors.refusal(401, f"Account is not associated with impersonate account {login}", 1)
    return other

"""Which path leads to which handler. Members of a collection answer under its singular and its plural name."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import views_applications as applications
from . import views_cartridges as cartridges
from . import views_domains as domains
from . import views_events as events
from . import views_parts as parts
from . import views_user as user
from .calls import Call, Reply

Handler = Callable[[Call], Reply]
_SINGULAR = {
    "applications": "application",
    "domains": "domain",
    "cartridges": "cartridge",
    "gear_groups": "gear_group",
    "gear-groups": "gear-group",
    "aliases": "alias",
    "members": "member",
    "environment-variables": "environment-variable",
    "environment_variables": "environment_variable",
    "keys": "key",
    "authorizations": "authorization",
    "quickstarts": "quickstart",
}


@dataclass(frozen=True)
class Route:
    """A handler's place. ``anyone``: no credentials needed; ``always``: answers in maintenance too."""

    method: str
    path: str
    handler: Handler
    anyone: bool = False
    always: bool = False

    @property
    def controller(self) -> str:
        """What scopes tell apart: the account, the tokens, and the rest."""
        if "/authorizations" in self.path:
            return "authorizations"
        return "user" if self.path == "/user" else "other"

    @property
    def action(self) -> str:
        return "show" if self.method == "GET" else "change"

    def paths(self) -> Iterator[str]:
        """The path with every combination of singular and plural names in front of identifiers."""
        segments = self.path.strip("/").split("/")
        choices = [
            [name, _SINGULAR[name]] if name in _SINGULAR and following.startswith("<") else [name]
            for name, following in zip(segments, [*segments[1:], ""], strict=True)
        ]
        return ("/" + "/".join(chosen) for chosen in itertools.product(*choices))


def _within_application(home: str) -> list[Route]:
    found = [
        Route("GET", f"{home}/descriptor", parts.descriptor),
        Route("GET", f"{home}/gears", parts.gears),
        Route("POST", f"{home}/events", events.create),
        Route("GET", f"{home}/dns_resolvable", parts.dns_resolvable),
        Route("GET", f"{home}/deployments", parts.deployments),
        Route("GET", f"{home}/members", parts.members),
        Route("GET", f"{home}/cartridges", cartridges.index),
        Route("POST", f"{home}/cartridges", cartridges.create),
        Route("GET", f"{home}/cartridges/<id>", cartridges.show),
        Route("PUT", f"{home}/cartridges/<id>", cartridges.update),
        Route("DELETE", f"{home}/cartridges/<id>", cartridges.destroy),
        Route("POST", f"{home}/cartridges/<cartridge_id>/events", events.create_for_cartridge),
        Route("GET", f"{home}/aliases", parts.aliases),
        Route("POST", f"{home}/aliases", parts.create_alias),
        Route("GET", f"{home}/aliases/<id>", parts.alias),
        Route("DELETE", f"{home}/aliases/<id>", parts.destroy_alias),
    ]
    for name in ("gear_groups", "gear-groups"):
        found.append(Route("GET", f"{home}/{name}", parts.gear_groups))
        found.append(Route("GET", f"{home}/{name}/<id>", parts.gear_group))
    for name in ("environment-variables", "environment_variables"):
        found.append(Route("GET", f"{home}/{name}", parts.variables))
        found.append(Route("POST", f"{home}/{name}", parts.set_variables))
        found.append(Route("PATCH", f"{home}/{name}", parts.set_variables))
        found.append(Route("GET", f"{home}/{name}/<id>", parts.variable))
        found.append(Route("PUT", f"{home}/{name}/<id>", parts.update_variable))
        found.append(Route("DELETE", f"{home}/{name}/<id>", parts.destroy_variable))
    return found


def _applications(prefix: str) -> list[Route]:
    return [
        Route("GET", f"{prefix}/applications", applications.index),
        Route("POST", f"{prefix}/applications", applications.create),
        Route("GET", f"{prefix}/applications/<id>", applications.show),
        Route("PUT", f"{prefix}/applications/<id>", applications.update),
        Route("DELETE", f"{prefix}/applications/<id>", applications.destroy),
        *_within_application(f"{prefix}/applications/<application_id>"),
    ]


_DOMAINS = [
    Route("GET", "/domains", domains.index),
    Route("GET", "/user/domains", domains.index),
    Route("POST", "/domains", domains.create),
    Route("GET", "/domains/<id>", domains.show),
    Route("PUT", "/domains/<existing_id>", domains.update),
    Route("DELETE", "/domains/<id>", domains.destroy),
    Route("GET", "/domains/<domain_id>/members", domains.members),
    Route("POST", "/domains/<domain_id>/members", domains.change_members),
    Route("PATCH", "/domains/<domain_id>/members", domains.change_members),
    Route("DELETE", "/domains/<domain_id>/members", domains.remove_all_members),
    Route("DELETE", "/domains/<domain_id>/members/self", domains.leave),
    Route("GET", "/domains/<domain_id>/members/<id>", domains.member),
    Route("PUT", "/domains/<domain_id>/members/<id>", domains.update_member),
    Route("DELETE", "/domains/<domain_id>/members/<id>", domains.remove_member),
]

_USER = [
    Route("GET", "/api", user.api, anyone=True, always=True),
    Route("GET", "/environment", user.environment, anyone=True),
    Route("GET", "/regions", user.regions, anyone=True),
    Route("GET", "/quickstarts", user.quickstarts, anyone=True),
    Route("GET", "/cartridges", cartridges.offered, anyone=True),
    Route("GET", "/cartridges/<id>", cartridges.offered_one, anyone=True),
    Route("GET", "/teams", user.teams),
    Route("POST", "/teams", user.create_team),
    Route("GET", "/user", user.show),
    Route("DELETE", "/user", user.destroy),
    Route("GET", "/user/keys", user.keys),
    Route("POST", "/user/keys", user.create_key),
    Route("GET", "/user/keys/<id>", user.key),
    Route("DELETE", "/user/keys/<id>", user.destroy_key),
    Route("GET", "/user/authorizations", user.tokens),
    Route("POST", "/user/authorizations", user.create_token),
    Route("DELETE", "/user/authorizations", user.destroy_tokens),
    Route("GET", "/user/authorizations/<id>", user.token),
    Route("PUT", "/user/authorizations/<id>", user.update_token),
    Route("DELETE", "/user/authorizations/<id>", user.destroy_token),
]

ROUTES = [*_USER, *_DOMAINS, *_applications(""), *_applications("/domains/<domain_id>")]
